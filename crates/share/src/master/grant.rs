//! Who is served next, and what a lease begins and ends with.

use polysim_base::{Duration, Instant};
use polysim_lease::{Epoch, Grantor, LeaseState, Revoke, Term};

use super::member::NextTime;
use super::{
    CardOrder, Consent, Ended, Holder, How, Master, MasterEvent, MasterOutput, MasterRecord, Mode,
    OwnOrder, SlaveId, Stage, Way,
};
use crate::wire::{HeldBy, ToSlave};

/// There is one grantor of a subscription, for ever.
const TERM: Term = Term(0);

impl Master {
    /// Serves whoever is next, if the subscription is free.
    pub(super) fn serve(&mut self) {
        if !self.is_free() {
            return;
        }
        match self.next_holder() {
            None => self.stage = Stage::Quiet,
            Some(Holder::Own) => self.grant_own(),
            Some(Holder::Slave(id)) => self.begin(id),
        }
    }

    /// The one that was picked, if it is there still; else the first in the queue. While a picked one has
    /// not said how things stand, nobody is served.
    fn next_holder(&mut self) -> Option<Holder> {
        match self.picked {
            Some(Holder::Own) => return Some(Holder::Own),
            Some(Holder::Slave(id)) => {
                if self.slave(id).is_some_and(|slave| slave.paired && slave.link.is_some()) {
                    return self.is_ready(id).then_some(Holder::Slave(id));
                }
                self.picked = None;
            }
            None => {}
        }
        self.queue.first().map(|id| Holder::Slave(*id))
    }

    fn is_ready(&self, id: SlaveId) -> bool {
        let link = self.slave(id).and_then(|slave| slave.heard());
        link.is_some_and(|link| link.stray.is_none())
    }

    fn begin(&mut self, id: SlaveId) {
        let picked = self.picked == Some(Holder::Slave(id));
        match self.stage {
            Stage::Reading(reading) if reading == id => return,
            Stage::Asking(asked) if asked == id && !picked => return,
            Stage::Quiet | Stage::Asking(_) | Stage::Reading(_) | Stage::Offering(_) => {}
        }
        let link = self.slave(id).and_then(|slave| slave.link.as_ref());
        let way = link.map_or(NextTime::Usual, |link| link.way);
        let asks = self.config.consent == Consent::EachTime && way == NextTime::Usual && !picked;
        if asks {
            self.stage = Stage::Asking(id);
            self.say(id, ToSlave::Busy { holder: HeldBy::Consent, for_at_most: None });
            self.tell(MasterEvent::Asks(id));
            return;
        }
        match (self.config.mode, self.config.way) {
            (Mode::Remote, _) => self.grant(id, How::Lent),
            (Mode::Provisioned, Way::Push) => self.grant(id, How::Pushed),
            (Mode::Provisioned, Way::Compare) if way == NextTime::Whole => {
                self.grant(id, How::Pushed);
            }
            (Mode::Provisioned, Way::Compare) => self.stage = Stage::Reading(id),
        }
    }

    /// Leases the subscription to a slave; the word that activates it is said after that.
    pub(super) fn grant(&mut self, id: SlaveId, how: How) {
        let Some(epoch) = self.lease_to(Holder::Slave(id)) else { return };
        let takes = matches!(how, How::Pushed | How::Different | How::None);
        if takes {
            self.record(MasterRecord::Locked { slave: id, epoch });
        }
        if let Some(slave) = self.slave_mut(id) {
            if takes {
                slave.locked = epoch;
            }
            if let Some(link) = &mut slave.link {
                (link.offered, link.way) = (epoch, NextTime::Usual);
            }
        }
        self.unqueue(id);
        self.stage = Stage::Offering(how);
        self.tell(MasterEvent::Granted { holder: Holder::Slave(id), epoch, how });
        if self.config.mode == Mode::Remote {
            self.card_open = true;
            self.give(MasterOutput::Card(CardOrder::Open(id)));
        }
    }

    fn grant_own(&mut self) {
        let holder = Holder::Own;
        let Some(epoch) = self.lease_to(holder) else { return };
        self.stage = Stage::Quiet;
        self.tell(MasterEvent::Granted { holder, epoch, how: How::Own });
        self.give(MasterOutput::Own(OwnOrder::Attach(self.sequence.clone())));
        self.tell(MasterEvent::Active(holder));
    }

    /// Grants a lease that stands while its holder is heard, and writes it down. When the numbers of
    /// leases are used up, nobody is served any more.
    fn lease_to(&mut self, holder: Holder) -> Option<Epoch> {
        let margin = self.config.timing.margin;
        let unending = Grantor::<Holder>::UNENDING;
        let epoch = self.lease.grant(Instant::ZERO, holder, TERM, unending, margin).ok()?;
        if self.picked == Some(holder) {
            self.picked = None;
        }
        self.record(MasterRecord::Granted { holder, epoch });
        Some(epoch)
    }

    /// Takes the lease back from whoever holds it; returns whether that is new.
    pub(super) fn revoke(&mut self) -> bool {
        let Some(holder) = self.holder() else { return false };
        if !self.lease.revoke(Revoke::AtOnce) {
            return false;
        }
        self.tell(MasterEvent::Revoked(holder));
        if holder == Holder::Own {
            self.give(MasterOutput::Own(OwnOrder::Leave));
        }
        true
    }

    /// Returns whether the lease is granted, not taken back, and not run out.
    pub(super) const fn is_held(&self) -> bool {
        matches!(self.lease.state(), LeaseState::Held { .. })
    }

    /// Returns whether the holder may not go on: it is not paired any more, or has a set that was
    /// replaced.
    pub(super) fn must_leave(&self) -> bool {
        let unpaired = matches!(self.holder(), Some(Holder::Slave(id)) if !self.is_paired(id));
        unpaired || self.outdated
    }

    /// Returns for how long somebody may hold it at most, if an end is known.
    pub(super) const fn held_for(&self, now: Instant) -> Option<Duration> {
        match self.lease.state() {
            LeaseState::Held { guard, .. }
            | LeaseState::Revoking { guard, .. }
            | LeaseState::InDoubt { guard, .. }
                if guard.as_micros() < Instant::MAX.as_micros() =>
            {
                Some(guard.since(now))
            }
            LeaseState::Free
            | LeaseState::Held { .. }
            | LeaseState::Revoking { .. }
            | LeaseState::InDoubt { .. } => None,
        }
    }

    /// The holder has left the network.
    pub(super) fn released(&mut self, ended: Ended) {
        let Some(holder) = self.holder() else { return };
        if self.lease.released(self.epoch()).is_ok() {
            self.freed(holder, ended);
        }
    }

    /// The lease has ended.
    pub(super) fn freed(&mut self, holder: Holder, ended: Ended) {
        (self.outdated, self.resting, self.stage) = (false, false, Stage::Quiet);
        self.record(MasterRecord::Free { epoch: self.epoch(), ended });
        self.close_card();
        self.tell(MasterEvent::Free { holder, ended });
    }

    pub(super) fn own_left(&mut self) {
        if self.holder() == Some(Holder::Own) {
            self.released(Ended::Confirmed);
        }
    }

    pub(super) fn close_card(&mut self) {
        if core::mem::take(&mut self.card_open) {
            self.give(MasterOutput::Card(CardOrder::Close));
        }
    }
}
