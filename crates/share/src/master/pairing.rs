//! Who is of the group.

use polysim_lease::Epoch;

use super::member::Member;
use super::{
    Holder, Master, MasterEvent, MasterOutput, MasterRecord, PairRefusal, SLAVES_MAX, SlaveId,
};
use crate::{DeviceName, PeerKey};

impl Master {
    pub(super) fn pair(&mut self, key: PeerKey, name: DeviceName) {
        if let Some(id) = self.slave_with(&key) {
            self.tell(if self.is_paired(id) {
                MasterEvent::Paired(id)
            } else {
                MasterEvent::PairRefused { key, why: PairRefusal::NotWiped }
            });
            return;
        }
        if self.slaves.len() >= SLAVES_MAX || self.next == u16::MAX {
            self.tell(MasterEvent::PairRefused { key, why: PairRefusal::Full });
            return;
        }
        let slave = SlaveId(self.next);
        self.record(MasterRecord::Paired { slave, key, name: name.clone() });
        self.add(slave, key, name);
        self.tell(MasterEvent::Paired(slave));
    }

    pub(super) fn add(&mut self, id: SlaveId, key: PeerKey, name: DeviceName) {
        self.number_used(id);
        let member = Member { id, key, name, paired: true, locked: Epoch::NONE, link: None };
        self.slaves.retain(|slave| slave.id != id);
        let place = self.slaves.partition_point(|slave| slave.id < id);
        self.slaves.insert(place, member);
    }

    /// Numbers are not used again.
    pub(super) fn number_used(&mut self, id: SlaveId) {
        self.next = self.next.max(id.0.saturating_add(1));
    }

    /// The slave leaves the network if it is on it, then erases what it has: both as soon as it can be
    /// reached.
    pub(super) fn unpair(&mut self, id: SlaveId) {
        let Some(slave) = self.slave_mut(id).filter(|slave| slave.paired) else { return };
        slave.paired = false;
        self.record(MasterRecord::Unpaired(id));
        self.unqueue(id);
        if self.picked == Some(Holder::Slave(id)) {
            self.picked = None;
        }
        self.tell(MasterEvent::Unpaired(id));
        if self.holds(id) {
            self.revoke();
        }
    }

    /// It has erased what it had, and is forgotten. One that may be on the network is not: it has to say
    /// first that it has left, lest words that activate it are on their way still.
    pub(super) fn wiped(&mut self, id: SlaveId) {
        if self.holds(id) || self.slave(id).is_none_or(|slave| slave.paired) {
            return;
        }
        self.record(MasterRecord::Wiped(id));
        self.slaves.retain(|slave| slave.id != id);
        self.give(MasterOutput::Disconnect(id));
    }
}
