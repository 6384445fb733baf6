//! What the user of the master wants.

use alloc::boxed::Box;
use alloc::vec::Vec;

use polysim_aka::SqnArray;

use super::member::NextTime;
use super::{
    Holder, Master, MasterCommand, MasterEvent, MasterRecord, PickRefusal, SlaveId, Stage,
};
use crate::VirtualSim;

impl Master {
    pub(super) fn command(&mut self, command: MasterCommand) {
        match command {
            MasterCommand::Pair { key, name } => self.pair(key, name),
            MasterCommand::Unpair(id) => self.unpair(id),
            MasterCommand::Pick(holder) => self.pick(holder),
            MasterCommand::Release => self.rest(),
            MasterCommand::Consent { slave, allow } => self.consent(slave, allow),
            MasterCommand::Replace(set) => self.replace(set),
        }
    }

    fn pick(&mut self, holder: Holder) {
        if let Some(why) = self.refuses(holder) {
            self.tell(MasterEvent::PickRefused { holder, why });
            return;
        }
        self.resting = false;
        self.picked = Some(holder);
        self.revoke();
    }

    fn refuses(&self, holder: Holder) -> Option<PickRefusal> {
        if self.holder() == Some(holder) && self.is_held() {
            return Some(PickRefusal::Already);
        }
        let Holder::Slave(id) = holder else { return None };
        match self.slave(id) {
            Some(slave) if slave.paired => {
                slave.link.is_none().then_some(PickRefusal::NotConnected)
            }
            Some(_) | None => Some(PickRefusal::NotPaired),
        }
    }

    /// Nobody shall have it, and nobody waits any more.
    fn rest(&mut self) {
        self.picked = None;
        self.queue = Vec::new();
        self.resting = !self.is_free();
        self.revoke();
    }

    fn consent(&mut self, id: SlaveId, allow: bool) {
        if self.stage != Stage::Asking(id) {
            return;
        }
        self.stage = Stage::Quiet;
        self.record(MasterRecord::Consented { slave: id, allow });
        if !allow {
            self.unqueue(id);
        } else if let Some(link) = self.slave_mut(id).and_then(|slave| slave.link.as_mut()) {
            link.way = NextTime::Allowed;
        }
    }

    /// Another set is shared from now on. Numbers that were accepted are of no use to other keys. The own
    /// modem goes back to the network with the new set; a slave does when it wants to.
    fn replace(&mut self, set: Box<VirtualSim>) {
        if set == self.config.set {
            return;
        }
        let other_keys =
            set.imsi != self.config.set.imsi || set.algorithm != self.config.set.algorithm;
        let since = if other_keys { self.epoch() } else { self.since };
        self.record(MasterRecord::Replaced { set: set.clone(), since });
        self.replaced_by(set, since);
        if self.holder() == Some(Holder::Own) && self.is_held() && self.picked.is_none() {
            self.picked = Some(Holder::Own);
        }
        self.revoke();
    }

    pub(super) fn replaced_by(&mut self, set: Box<VirtualSim>, since: polysim_lease::Epoch) {
        self.config.set = set;
        self.replaced = true;
        self.outdated = !self.is_free();
        if since > self.since {
            self.since = since;
            self.sequence = SqnArray::default();
        }
    }
}
