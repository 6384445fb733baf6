//! The changes, one by one.

use polysim_base::{Eid, Instant};
use polysim_ota::Counter;

use super::{REQUESTS_KEPT, Requested, Standing, State};
use crate::platform::order::{Order, Phase};
use crate::platform::record::{Change, End, Way, Write};
use crate::platform::{BindingRow, CardState, PlatformConfig};
use crate::wire::{MessageId, OrderId, RequestId};

impl State {
    /// Makes a change. Returns the order whose next moment may have changed.
    pub(in crate::platform) fn apply(
        &mut self,
        config: &PlatformConfig,
        at: Instant,
        change: &Change,
    ) -> Option<OrderId> {
        match *change {
            Change::Heard { eid, counter, heard } => self.heard(eid, counter, heard),
            Change::Bound { eid, imei, iccid, imsi, number } => {
                self.bind(eid, imei);
                self.cards.entry(eid).or_default().iccid = Some(iccid);
                self.subscribe_unless_ordered(eid, imsi, number);
            }
            Change::Asked { request, eid, counter } => {
                self.requests.insert(request, Requested::Bind { eid, counter });
                self.close(request);
            }
            Change::NotTaken { request, write, refusal } => {
                let has = self.by_imei.get(&write.imei).copied();
                let standing = match (refusal, has) {
                    (Some(refusal), _) => Standing::Refused(refusal),
                    (None, Some(eid)) => Standing::Done(eid),
                    (None, None) => return None,
                };
                self.requests.insert(request, Requested::Write { write, standing });
                self.close(request);
            }
            Change::Ordered { order, request, eid, write, way } => {
                self.order(order, request, eid, write, way, at);
                return Some(order);
            }
            Change::Said { eid, counter, message, order } => {
                self.said(config, at, eid, counter, message, order);
                return order;
            }
            Change::Imported(row) => self.import(row),
            Change::Corrected { eid, imsi, number } => {
                self.subscribe_unless_ordered(eid, imsi, number);
            }
            Change::Ended { order, end } => {
                self.end(order, end);
                return Some(order);
            }
            Change::Ready { order }
            | Change::Tried { order, .. }
            | Change::Refused { order, .. }
            | Change::Jumped { order, .. }
            | Change::Proved { order }
            | Change::Overdue { order } => {
                self.advance(config, at, order, change);
                return Some(order);
            }
        }
        None
    }

    fn heard(&mut self, eid: Eid, counter: Counter, heard: Counter) {
        let card = self.cards.entry(eid).or_default();
        card.uplink = card.uplink.max(counter);
        card.downlink = card.downlink.max(heard);
    }

    fn bind(&mut self, eid: Eid, imei: polysim_base::Imei) {
        if let Some(other) = self.by_imei.insert(imei, eid)
            && other != eid
            && let Some(other) = self.cards.get_mut(&other)
        {
            other.imei = None;
        }
        let card = self.cards.entry(eid).or_default();
        if let Some(old) = card.imei.replace(imei)
            && old != imei
        {
            self.by_imei.remove(&old);
        }
    }

    /// While an order is under way the card has the old subscription or the new one; which of them
    /// is known when it is over.
    fn subscribe_unless_ordered(
        &mut self,
        eid: Eid,
        imsi: Option<polysim_base::Imsi>,
        number: Option<polysim_base::Msisdn>,
    ) {
        if self.order_of(eid).is_none() {
            self.subscribe(eid, imsi, number);
        }
    }

    fn order(
        &mut self,
        id: OrderId,
        request: RequestId,
        eid: Eid,
        write: Write,
        way: Way,
        at: Instant,
    ) {
        let card = self.cards.entry(eid).or_default();
        card.order = Some(id);
        let order = Order {
            request,
            eid,
            write,
            way,
            old: card.imsi,
            old_number: card.number,
            phase: Phase::Provisioning,
            tries: alloc::vec::Vec::new(),
            forgot_live: false,
            made: 0,
            jumps: 0,
            refused: None,
            is_overdue: false,
            said_at: at,
            due: Some(at),
        };
        self.last_order = self.last_order.max(id);
        self.orders.insert(id, order);
        self.reserve(eid, Some(write.imsi), Some(write.msisdn));
        let standing = Standing::Open(id);
        self.requests.insert(request, Requested::Write { write, standing });
    }

    fn said(
        &mut self,
        config: &PlatformConfig,
        at: Instant,
        eid: Eid,
        counter: Counter,
        message: MessageId,
        order: Option<OrderId>,
    ) {
        self.last_message = self.last_message.max(message);
        let card = self.cards.entry(eid).or_default();
        card.downlink = card.downlink.max(counter);
        let Some(id) = order else { return };
        let Some(order) = self.orders.get_mut(&id) else { return };
        let forgotten = order.push_try(counter, message);
        order.made = order.made.saturating_add(1);
        order.said_at = at;
        let wait = if order.is_exhausted(&config.retry) || order.way == Way::Site {
            config.retry.wait(order.made).max(config.pending_alarm)
        } else {
            config.retry.wait(order.made)
        };
        order.due = Some(at.plus(wait));
        self.messages.insert(message, id);
        if let Some(forgotten) = forgotten {
            self.messages.remove(&forgotten.message);
        }
    }

    fn advance(&mut self, config: &PlatformConfig, at: Instant, id: OrderId, change: &Change) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        match *change {
            Change::Ready { .. } => {
                order.phase = Phase::Sending;
                order.due = Some(at);
            }
            Change::Tried { counter, fate, .. } => order.set_fate(counter, fate),
            Change::Refused { counter, failure, .. } => {
                order.phase = Phase::Sending;
                order.bury(counter);
                order.refused = Some(failure);
                // Until then what is on its way has come, or comes no more.
                order.due = Some(at.plus(config.validity.plus(config.pending_alarm)));
            }
            Change::Jumped { to, .. } => {
                order.jumps = order.jumps.saturating_add(1);
                order.made = order.made.saturating_sub(1);
                if order.way == Way::Air {
                    order.due = Some(at);
                }
                if let Some(card) = self.cards.get_mut(&order.eid) {
                    card.downlink = card.downlink.max(to);
                }
            }
            Change::Proved { .. } => {
                order.phase = Phase::Proved;
                order.is_overdue = false;
                order.due = Some(at.plus(config.pending_alarm));
            }
            Change::Overdue { .. } => {
                order.is_overdue = true;
                let asks_again = order.phase == Phase::Sending && order.way == Way::Air;
                order.due = asks_again.then_some(at);
            }
            Change::Heard { .. }
            | Change::Bound { .. }
            | Change::Asked { .. }
            | Change::NotTaken { .. }
            | Change::Ordered { .. }
            | Change::Said { .. }
            | Change::Ended { .. }
            | Change::Corrected { .. }
            | Change::Imported(_) => {}
        }
    }

    fn end(&mut self, id: OrderId, end: End) {
        let Some(order) = self.orders.remove(&id) else { return };
        for it in &order.tries {
            self.messages.remove(&it.message);
        }
        let Order { eid, write, request, .. } = order;
        let card = self.cards.entry(eid).or_default();
        (card.order, card.last) = (None, Some(id));
        card.last_was_done = end == End::Done;
        card.is_written |= card.last_was_done;
        let (imsi, number) = (card.imsi, card.number);
        let standing = match end {
            End::Done => {
                self.subscribe(eid, Some(write.imsi), Some(write.msisdn));
                Standing::Done(eid)
            }
            End::Failed(failure) => {
                self.by_imsi.remove(&write.imsi);
                self.by_number.remove(&write.msisdn);
                // It may have kept its number.
                self.subscribe(eid, imsi, number);
                Standing::Failed(failure)
            }
        };
        self.requests.insert(request, Requested::Write { write, standing });
        self.close(request);
    }

    fn import(&mut self, row: BindingRow) {
        let CardState::Settled { imsi } = row.state else { return };
        let card = self.cards.entry(row.eid).or_default();
        card.iccid = row.iccid.or(card.iccid);
        let imsi = imsi.or(card.imsi);
        let number = row.msisdn.or(card.number);
        if let Some(imei) = row.imei {
            self.bind(row.eid, imei);
        }
        self.subscribe_unless_ordered(row.eid, imsi, number);
    }

    /// Keeps the answer to a request that is over, and forgets the oldest for it.
    fn close(&mut self, request: RequestId) {
        self.over.push_back(request);
        if self.over.len() > REQUESTS_KEPT
            && let Some(oldest) = self.over.pop_front()
        {
            self.requests.remove(&oldest);
        }
    }
}
