//! What the master says to slaves: what they owe an answer to, again and again, and answers.

use polysim_base::Instant;
use polysim_lease::{Epoch, LeaseState};

use super::member::{Member, Owed};
use super::{Holder, How, Master, MasterEvent, MasterOutput, SlaveId, Stage};
use crate::wire::{HeldBy, ToSlave};

impl Master {
    /// Serves whoever is next, and tells each slave what it owes an answer to now.
    pub(super) fn settle(&mut self, now: Instant) {
        self.serve();
        for index in 0..self.slaves.len() {
            let Some(slave) = self.slaves.get(index) else { return };
            let (id, owed) = (slave.id, self.owed(slave));
            let said = slave.link.as_ref().and_then(|link| link.owes).map(|(said, _)| said);
            if owed != said {
                self.owe(now, id, owed);
            }
        }
    }

    /// Says again what was not answered.
    pub(super) fn repeat(&mut self, now: Instant) {
        for index in 0..self.slaves.len() {
            let Some(slave) = self.slaves.get(index) else { return };
            if slave.retry_at().is_some_and(|at| at <= now) {
                let (id, owed) = (slave.id, self.owed(slave));
                self.owe(now, id, owed);
            }
        }
    }

    fn owe(&mut self, now: Instant, id: SlaveId, owed: Option<Owed>) {
        let again = now.plus(self.config.timing.retry);
        if let Some(link) = self.slave_mut(id).and_then(|slave| slave.link.as_mut()) {
            link.owes = owed.map(|owed| (owed, again));
        }
        if let Some(word) = owed.and_then(|owed| self.word(id, owed)) {
            self.say(id, word);
        }
    }

    /// Returns what a slave has to answer, as things stand: nothing before it has said how they stand
    /// there.
    fn owed(&self, slave: &Member) -> Option<Owed> {
        let link = slave.heard()?;
        if let Some(epoch) = link.stray {
            return Some(Owed::Revoke(epoch));
        }
        if !self.holds(slave.id) {
            let reads = self.stage == Stage::Reading(slave.id);
            return if slave.paired { reads.then_some(Owed::Read) } else { Some(Owed::Wipe) };
        }
        match self.lease.state() {
            LeaseState::Free => None,
            LeaseState::Held { .. } => {
                matches!(self.stage, Stage::Offering(_)).then_some(Owed::Offer(self.epoch()))
            }
            LeaseState::Revoking { .. } | LeaseState::InDoubt { .. } => {
                Some(Owed::Revoke(self.epoch()))
            }
        }
    }

    fn word(&self, id: SlaveId, owed: Owed) -> Option<ToSlave> {
        match owed {
            Owed::Read => Some(ToSlave::Read),
            Owed::Revoke(epoch) => Some(ToSlave::Revoke { epoch }),
            Owed::Wipe => Some(ToSlave::Wipe),
            Owed::Offer(epoch) => self.offer(id, epoch),
        }
    }

    fn offer(&self, id: SlaveId, epoch: Epoch) -> Option<ToSlave> {
        let Stage::Offering(how) = self.stage else { return None };
        let slave = self.slave(id)?;
        let lock = || self.config.lock.derive(&slave.key, slave.locked);
        let sequence = || self.sequence.clone();
        match how {
            How::Pushed | How::Different | How::None => Some(ToSlave::Take {
                epoch,
                set: self.config.set.clone(),
                lock: lock(),
                sequence: sequence(),
            }),
            How::Equal => Some(ToSlave::Activate { epoch, lock: lock(), sequence: sequence() }),
            How::Lent => Some(ToSlave::Lend { epoch }),
            How::Own => None,
        }
    }

    pub(super) fn owes_nothing(&self, id: SlaveId) -> bool {
        self.slave(id).is_some_and(|slave| slave.retry_at().is_none())
    }

    /// Says something to a slave, if its link is up.
    pub(super) fn say(&mut self, id: SlaveId, word: ToSlave) {
        if self.slave(id).is_some_and(|slave| slave.link.is_some()) {
            self.give(MasterOutput::Send(id, word));
        }
    }

    /// Tells a slave why it is not served.
    pub(super) fn say_busy(&mut self, now: Instant, id: SlaveId, comes: bool) {
        let served = match self.stage {
            Stage::Asking(asked) | Stage::Reading(asked) => Some(Holder::Slave(asked)),
            Stage::Quiet | Stage::Offering(_) => None,
        };
        let Some(holder) = self.holder().or(served).or(self.picked) else { return };
        let for_at_most = self.held_for(now);
        let asked = self.stage == Stage::Asking(id);
        let held_by = if asked { HeldBy::Consent } else { self.held_by(holder) };
        if comes && asked {
            return; // said when the user was asked
        }
        self.say(id, ToSlave::Busy { holder: held_by, for_at_most });
        if comes {
            self.tell(MasterEvent::Busy { slave: id, holder });
        }
    }

    fn held_by(&self, holder: Holder) -> HeldBy {
        match holder {
            Holder::Own => HeldBy::Master,
            Holder::Slave(id) => {
                self.slave(id).map_or(HeldBy::Master, |slave| HeldBy::Slave(slave.name.clone()))
            }
        }
    }
}
