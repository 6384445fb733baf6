//! What a platform knows: the fold over its records.
//!
//! It changes only in `apply`. A card that does nothing costs its entry and three index entries;
//! a write that is over is its answer alone.

mod apply;
mod card;
mod request;

pub(super) use card::Card;
pub(super) use request::{Requested, Standing};

use alloc::collections::{BTreeMap, VecDeque};

use polysim_base::{Eid, Imei, Imsi, Msisdn};

use super::order::Order;
use crate::wire::{MessageId, OrderId, RequestId};

/// The most requests that are over and can be asked again; of more, the oldest is forgotten.
pub(super) const REQUESTS_KEPT: usize = 1 << 20;

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct State {
    pub(super) cards: BTreeMap<Eid, Card>,
    pub(super) by_imei: BTreeMap<Imei, Eid>,
    /// Of current subscriptions, and of those that are being written.
    pub(super) by_imsi: BTreeMap<Imsi, Eid>,
    /// As for the IMSI.
    pub(super) by_number: BTreeMap<Msisdn, Eid>,
    pub(super) orders: BTreeMap<OrderId, Order>,
    pub(super) requests: BTreeMap<RequestId, Requested>,
    /// Requests that are over, the oldest first.
    over: VecDeque<RequestId>,
    /// Tries of orders.
    pub(super) messages: BTreeMap<MessageId, OrderId>,
    pub(super) last_order: OrderId,
    pub(super) last_message: MessageId,
}

impl State {
    pub(super) fn card(&self, eid: Eid) -> Option<&Card> {
        self.cards.get(&eid)
    }

    /// Returns the order that is under way for a card.
    pub(super) fn order_of(&self, eid: Eid) -> Option<(OrderId, &Order)> {
        let id = self.cards.get(&eid)?.order?;
        Some((id, self.orders.get(&id)?))
    }

    /// Tells whether another card than this has the IMSI, or is getting it.
    pub(super) fn imsi_is_taken(&self, imsi: Imsi, eid: Eid) -> bool {
        self.by_imsi.get(&imsi).is_some_and(|has| *has != eid)
    }

    /// Tells whether another card than this has the number, or is getting it.
    pub(super) fn number_is_taken(&self, number: Msisdn, eid: Eid) -> bool {
        self.by_number.get(&number).is_some_and(|has| *has != eid)
    }

    /// Gives a card a subscription in place of the one that it had.
    fn subscribe(&mut self, eid: Eid, imsi: Option<Imsi>, number: Option<Msisdn>) {
        let card = self.cards.entry(eid).or_default();
        let had = (card.imsi, card.number);
        (card.imsi, card.number) = (imsi, number);
        if let Some(old) = had.0 {
            self.by_imsi.remove(&old);
        }
        if let Some(old) = had.1 {
            self.by_number.remove(&old);
        }
        self.reserve(eid, imsi, number);
    }

    fn reserve(&mut self, eid: Eid, imsi: Option<Imsi>, number: Option<Msisdn>) {
        if let Some(imsi) = imsi {
            self.by_imsi.insert(imsi, eid);
        }
        if let Some(number) = number {
            self.by_number.insert(number, eid);
        }
    }

    /// What must hold after each change.
    #[cfg(any(test, debug_assertions))]
    pub(super) fn check(&self, eid: Eid) {
        let Some(card) = self.cards.get(&eid) else { return };
        let order = card.order.and_then(|id| self.orders.get(&id));
        for imsi in card.imsi.into_iter().chain(order.map(|order| order.write.imsi)) {
            assert_eq!(self.by_imsi.get(&imsi), Some(&eid), "an IMSI is of one card");
        }
        for number in card.number.into_iter().chain(order.map(|order| order.write.msisdn)) {
            assert_eq!(self.by_number.get(&number), Some(&eid), "a number is of one card");
        }
        if let Some(imei) = card.imei {
            assert_eq!(self.by_imei.get(&imei), Some(&eid), "a device is of one card");
        }
        if let Some(order) = order {
            assert_eq!(order.eid, eid, "an order is of its card");
            assert!(order.tries.is_sorted_by(|a, b| a.counter < b.counter), "counters grow");
            assert!(order.tries.iter().all(|it| it.counter <= card.downlink), "none is used twice");
        }
    }
}
