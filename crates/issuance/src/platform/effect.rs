//! What becomes of a write: its proof, its effect, its end, and the wait for them.

use polysim_base::{Eid, Imsi, Instant};
use polysim_ota::Counter;

use super::bind::sender;
use super::order::Phase;
use super::record::{Change, End, Way};
use super::uplink::Path;
use super::{Alarm, Platform, PlatformOutput};
use crate::wire::{BusinessAnswer, Method, OrderId, WriteFailure};

/// An applet names a write by remote file management so.
const UNNUMBERED: OrderId = OrderId(0);

impl Platform {
    /// An operator tells that a subscription has registered.
    pub(super) fn attached(&mut self, now: Instant, imsi: Imsi) {
        let Some(eid) = self.state.by_imsi.get(&imsi).copied() else { return };
        let Some((id, order)) = self.state.order_of(eid) else { return };
        if order.write.imsi == imsi && order.was_said() {
            return self.end(now, id, End::Done);
        }
        // The device lives with the old one. It may be about to restart; ask, but not at once.
        let asks = order.old == Some(imsi)
            && order.way == Way::Air
            && order.phase == Phase::Sending
            && order.is_exhausted(&self.config.retry);
        let soon = order.said_at.plus(self.config.retry.first).max(now);
        if asks && order.due.is_some_and(|due| due > soon) {
            self.put_off(id, Some(soon));
        }
    }

    /// A card tells that an order has taken effect.
    pub(super) fn effective(
        &mut self,
        now: Instant,
        eid: Eid,
        (order, imsi): (OrderId, Imsi),
        path: Path,
    ) {
        if let Some((id, open)) = self.state.order_of(eid) {
            let is_it = id == order || order == UNNUMBERED && open.write.method == Method::Files;
            if is_it && open.write.imsi == imsi && open.was_said() {
                self.end(now, id, End::Done);
            }
            return;
        }
        let Some(card) = self.state.card(eid).copied() else { return };
        // It had come to nothing, as far as was known.
        if card.last == Some(order) && !card.last_was_done && card.imsi != Some(imsi) {
            self.correct(now, eid, Some(imsi), path);
        }
    }

    /// A card tells that it has gone back to what it had before an order.
    pub(super) fn reverted(
        &mut self,
        now: Instant,
        eid: Eid,
        (order, imsi, heard): (OrderId, Option<Imsi>, Counter),
        path: Path,
    ) {
        if let Some((id, open)) = self.state.order_of(eid) {
            let counter = match open.write.method {
                // A card never carries out an order twice.
                Method::Applet if id == order => Counter::MAX,
                // What was said before the order was heard is about another.
                Method::Files
                    if order == UNNUMBERED
                        && open.tries.first().is_some_and(|it| it.counter <= heard) =>
                {
                    heard
                }
                Method::Applet | Method::Files => return,
            };
            if open.was_said() && imsi == open.old {
                self.refused(now, id, counter, WriteFailure::Reverted);
            }
            return;
        }
        let Some(card) = self.state.card(eid).copied() else { return };
        if card.last == Some(order) && card.last_was_done && card.imsi != imsi {
            self.correct(now, eid, imsi, path);
        }
    }

    /// The record was wrong, by the card's own word.
    fn correct(&mut self, now: Instant, eid: Eid, imsi: Option<Imsi>, path: Path) {
        self.alarm(Alarm::Contradiction { eid, imsi });
        if imsi.is_none_or(|imsi| !self.state.imsi_is_taken(imsi, eid)) {
            let number = sender(path).filter(|from| !self.state.number_is_taken(*from, eid));
            self.record(now, Change::Corrected { eid, imsi, number });
        }
    }

    /// The card has said that it is written.
    pub(super) fn proved(&mut self, now: Instant, id: OrderId) {
        let Some(order) = self.state.orders.get(&id) else { return };
        if order.phase == Phase::Sending {
            let request = order.request;
            self.flight.queued.remove(&id);
            self.record(now, Change::Proved { order: id });
            self.say(PlatformOutput::Business { request, answer: BusinessAnswer::Pending });
        }
    }

    /// The card has refused an order, and carried out no try up to this counter.
    pub(super) fn refused(
        &mut self,
        now: Instant,
        id: OrderId,
        counter: Counter,
        failure: WriteFailure,
    ) {
        let Some(order) = self.state.orders.get(&id) else { return };
        if order.phase == Phase::Proved && failure != WriteFailure::Reverted {
            return;
        }
        self.flight.queued.remove(&id);
        self.record(now, Change::Refused { order: id, counter, failure });
        self.end_if_certain(now, id);
    }

    /// Ends an order that no more is done for and that the card cannot have carried out.
    pub(super) fn end_if_certain(&mut self, now: Instant, id: OrderId) {
        let Some(order) = self.state.orders.get(&id) else { return };
        let is_over = order.phase == Phase::Sending
            && order.is_exhausted(&self.config.retry)
            && !order.may_be_carried_out()
            && !self.flight.queued.contains(&id);
        if is_over {
            let failure = order.refused.unwrap_or(WriteFailure::Expired);
            self.end(now, id, End::Failed(failure));
        }
    }

    pub(super) fn end(&mut self, now: Instant, id: OrderId, end: End) {
        let Some(order) = self.state.orders.get(&id) else { return };
        let (request, eid) = (order.request, order.eid);
        self.record(now, Change::Ended { order: id, end });
        let answer = match end {
            End::Done => BusinessAnswer::Done { eid },
            End::Failed(failure) => BusinessAnswer::Failed(failure),
        };
        self.say(PlatformOutput::Business { request, answer });
    }

    /// An order over the air is due: the next try, or a question after a long silence.
    pub(super) fn send_or_wonder(&mut self, now: Instant, id: OrderId) {
        let Some(order) = self.state.orders.get(&id) else { return };
        if order.is_exhausted(&self.config.retry) && order.was_said() {
            match order.refused {
                // To ask would be to write again.
                Some(failure @ WriteFailure::Reverted) => {
                    return self.end(now, id, End::Failed(failure));
                }
                Some(_) | None => self.overdue(now, id),
            }
        }
        self.put_off(id, None);
        self.queue_try(id);
    }

    /// Nothing was heard of an order for long.
    pub(super) fn overdue(&mut self, now: Instant, id: OrderId) {
        let Some(order) = self.state.orders.get(&id) else { return };
        let (eid, is_known) = (order.eid, order.is_overdue);
        if !is_known {
            self.record(now, Change::Overdue { order: id });
            self.alarm(Alarm::Overdue { order: id, eid });
        }
    }
}
