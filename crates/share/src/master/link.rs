//! Links come and go, and slaves say how things stand.

use polysim_aka::SqnArray;
use polysim_base::Instant;
use polysim_lease::{Epoch, Grantor, LeaseState};

use super::member::Link;
use super::{Ended, Holder, Master, MasterEvent, Mode, SlaveId, Stage};
use crate::wire::ToSlave;

/// What a slave says of itself.
pub(super) struct Standing {
    pub(super) holds: Option<Epoch>,
    pub(super) newest: Epoch,
    pub(super) wants: bool,
    pub(super) sequence: Option<SqnArray>,
}

impl Master {
    pub(super) fn up(&mut self, now: Instant, id: SlaveId) {
        self.down(now, id);
        let Some(slave) = self.slave_mut(id) else { return };
        slave.link = Some(Link::default().into());
        self.tell(MasterEvent::Connected(id));
    }

    pub(super) fn down(&mut self, now: Instant, id: SlaveId) {
        if self.slave_mut(id).and_then(|slave| slave.link.take()).is_none() {
            return;
        }
        self.tell(MasterEvent::Lost(id));
        self.unqueue(id);
        if self.holds(id) {
            self.stage = Stage::Quiet;
            self.close_card();
            self.lose(now);
        }
    }

    /// The holder is heard no more: its lease runs out. In remote mode it has lost the card with the link,
    /// and does not get that back under this lease.
    pub(super) fn lose(&mut self, now: Instant) {
        let timing = self.config.timing;
        self.lease.run_out(now, timing.lease(), timing.margin);
        if self.config.mode == Mode::Remote {
            self.lease.revoke(polysim_lease::Revoke::AtOnce);
        }
    }

    /// A slave waits no more. If it was next, somebody else is then.
    pub(super) fn unqueue(&mut self, id: SlaveId) {
        self.queue.retain(|waiting| *waiting != id);
        if self.queue.is_empty() {
            self.queue = alloc::vec::Vec::new();
        }
    }

    pub(super) fn hello(&mut self, now: Instant, id: SlaveId, standing: &Standing) {
        let Some(slave) = self.slave_mut(id) else { return };
        let paired = slave.paired;
        let Some(link) = &mut slave.link else { return };
        let late = standing.newest < link.let_go
            || standing.holds.is_some_and(|epoch| epoch <= link.let_go);
        if late {
            return;
        }
        link.heard = true;
        link.stray = None;
        if let Some(sequence) = &standing.sequence
            && self.numbers_are_of(id, standing.newest)
        {
            self.accepted(sequence);
        }
        match standing.holds {
            Some(epoch) if self.holds(id) && epoch == self.epoch() => self.goes_on(now, id),
            Some(epoch) => self.strays(id, epoch),
            None => {
                self.holds_nothing(id, standing.newest);
                if paired {
                    self.wants(now, id, standing.wants);
                }
            }
        }
    }

    /// The holder is back. Its lease does not run out again, if it has not run out yet, and nobody wants
    /// it back.
    fn goes_on(&mut self, now: Instant, id: SlaveId) {
        let epoch = self.epoch();
        let timing = self.config.timing;
        let runs_out = matches!(
            self.lease.state(), LeaseState::Held { until, .. } if until < Instant::MAX
        );
        let unending = Grantor::<Holder>::UNENDING;
        if self.lease.renew(now, epoch, unending, timing.margin).is_err() {
            return;
        }
        self.say(id, ToSlave::Resume { epoch });
        if runs_out {
            self.tell(MasterEvent::Resumed(id));
        }
    }

    /// A slave says that it is on the network with a lease that is not the current one: it has to leave.
    fn strays(&mut self, id: SlaveId, epoch: Epoch) {
        self.unqueue(id);
        if let Some(link) = self.slave_mut(id).and_then(|slave| slave.link.as_mut()) {
            link.stray = Some(epoch);
        }
    }

    /// A slave says that it holds nothing, and that it knows no newer lease than `newest`. That ends its
    /// lease, unless the words that offered the lease may still be on their way to it.
    pub(super) fn holds_nothing(&mut self, id: SlaveId, newest: Epoch) -> bool {
        let current = self.epoch();
        let Some(link) = self.slave_mut(id).and_then(|slave| slave.link.as_mut()) else {
            return false;
        };
        let may_come = link.offered == current && newest != current;
        link.let_go = link.let_go.max(newest.min(current));
        if !self.holds(id) || may_come {
            return false;
        }
        self.released(Ended::Confirmed);
        true
    }

    /// Whether it wants the subscription: it is served, or told why not.
    fn wants(&mut self, now: Instant, id: SlaveId, wants: bool) {
        if self.holds(id) {
            return;
        }
        if wants {
            self.enqueue(now, id);
            return;
        }
        self.unqueue(id);
        self.settle(now);
        if self.owes_nothing(id) {
            self.say(id, ToSlave::Noted { epoch: self.epoch() });
        }
    }

    /// It waits for its turn, if that has not come.
    pub(super) fn enqueue(&mut self, now: Instant, id: SlaveId) {
        let comes = !self.queue.contains(&id);
        if comes {
            self.queue.push(id);
        }
        self.settle(now);
        if self.owes_nothing(id) {
            self.say_busy(now, id, comes);
        }
    }
}
