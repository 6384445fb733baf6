//! What slaves say beside how things stand.

use alloc::vec::Vec;

use polysim_aka::SqnArray;
use polysim_base::Instant;
use polysim_lease::Epoch;

use super::link::Standing;
use super::member::NextTime;
use super::{CardOrder, Holder};
use super::{How, Master, MasterEvent, MasterOutput, MasterRecord, SlaveId, Stage};
use crate::SetDigest;
use crate::wire::{ToMaster, ToSlave};

impl Master {
    /// A slave says something; nothing is heard of one whose link is down.
    pub(super) fn hear(&mut self, now: Instant, id: SlaveId, message: ToMaster) {
        if self.slave(id).is_none_or(|slave| slave.link.is_none()) {
            return;
        }
        match message {
            ToMaster::Hello { holds, newest, wants, sequence } => {
                self.hello(now, id, &Standing { holds, newest, wants, sequence });
            }
            ToMaster::Have { digest } => self.has(id, digest),
            ToMaster::Active { epoch } => self.active(id, epoch),
            ToMaster::Unable { epoch } => self.unable(id, epoch),
            ToMaster::Released { epoch, sequence, wants } => {
                self.says_released(now, id, epoch, sequence.as_ref(), wants);
            }
            ToMaster::Sequence { epoch, sequence } => {
                if self.holds(id) && epoch == self.epoch() && epoch > self.since {
                    self.accepted(&sequence);
                }
            }
            ToMaster::Wiped => self.wiped(id),
            ToMaster::Card { epoch, message } => {
                if self.card_open && self.holds(id) && epoch == self.epoch() {
                    self.give(MasterOutput::Card(CardOrder::Message(message)));
                }
            }
        }
    }

    fn has(&mut self, id: SlaveId, digest: Option<SetDigest>) {
        if self.stage != Stage::Reading(id) {
            return;
        }
        let locked = self.slave(id).map_or(Epoch::NONE, |slave| slave.locked);
        let how = match digest {
            None => How::None,
            Some(own) if own == self.config.set.digest() && locked != Epoch::NONE => How::Equal,
            Some(_) => How::Different,
        };
        self.grant(id, how);
    }

    fn active(&mut self, id: SlaveId, epoch: Epoch) {
        let offered = matches!(self.stage, Stage::Offering(_));
        if offered && self.holds(id) && epoch == self.epoch() {
            self.stage = Stage::Quiet;
            self.tell(MasterEvent::Active(Holder::Slave(id)));
        }
    }

    /// It cannot use what it has: it is sent the parameters. If that was what it could not use, it has to
    /// ask anew.
    fn unable(&mut self, id: SlaveId, epoch: Epoch) {
        let Stage::Offering(how) = self.stage else { return };
        if !self.holds(id) || epoch != self.epoch() {
            return;
        }
        let revoked = !self.is_held();
        self.holds_nothing(id, epoch);
        if how != How::Equal || revoked || !self.is_paired(id) {
            return;
        }
        self.queue.insert(0, id);
        if let Some(link) = self.slave_mut(id).and_then(|slave| slave.link.as_mut()) {
            link.way = NextTime::Whole;
        }
    }

    /// It has left the network, and so has said how things stand. Another slave's lease is none of its
    /// business.
    fn says_released(
        &mut self,
        now: Instant,
        id: SlaveId,
        epoch: Epoch,
        sequence: Option<&SqnArray>,
        wants: bool,
    ) {
        let of_another = epoch == self.epoch() && !self.holds(id) && !self.is_free();
        if of_another {
            return;
        }
        if let Some(sequence) = sequence
            && self.numbers_are_of(id, epoch)
        {
            self.accepted(sequence);
        }
        if let Some(link) = self.slave_mut(id).and_then(|slave| slave.link.as_mut()) {
            link.heard = true;
        }
        let (resting, strayed) = (self.resting, self.strayed(id, epoch));
        let ended = self.holds_nothing(id, epoch);
        self.say(id, ToSlave::Noted { epoch });
        let asks = wants && (strayed || ended && !resting);
        if asks && self.is_paired(id) && !self.holds(id) {
            self.enqueue(now, id);
        }
    }

    /// Returns whether a slave was on the network with this lease, which was not its own any more, and
    /// takes note that it is not.
    fn strayed(&mut self, id: SlaveId, epoch: Epoch) -> bool {
        let link = self.slave_mut(id).and_then(|slave| slave.link.as_mut());
        link.is_some_and(|link| link.stray.take_if(|stray| *stray == epoch).is_some())
    }

    /// Returns whether sequence numbers that a slave has accepted in a lease are of the present keys.
    pub(super) fn numbers_are_of(&self, id: SlaveId, epoch: Epoch) -> bool {
        let current = self.epoch();
        let of_another = epoch == current && !self.is_free() && !self.holds(id);
        self.since < epoch && epoch <= current && !of_another
    }

    /// The card here has accepted numbers: in the own modem, or while it is lent.
    pub(super) fn own_accepted(&mut self, sequence: &SqnArray) {
        let is_used = self.holder() == Some(Holder::Own) || self.card_open;
        if is_used && self.epoch() > self.since {
            self.accepted(sequence);
        }
    }

    /// Numbers were accepted: none of them is ever good again.
    pub(super) fn accepted(&mut self, sequence: &SqnArray) {
        let mut merged = self.sequence.clone();
        merged.merge(sequence);
        if merged != self.sequence {
            self.sequence = merged.clone();
            self.record(MasterRecord::Sequence(merged));
        }
    }

    /// The server says something to the slave that has the card.
    pub(super) fn card_says(&mut self, message: Vec<u8>) {
        if let Some(Holder::Slave(id)) = self.holder()
            && self.card_open
        {
            self.say(id, ToSlave::Card { epoch: self.epoch(), message });
        }
    }
}
