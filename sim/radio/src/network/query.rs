//! What a core answers to those who look from outside: scenarios, invariants, tests.

use super::Core;
use crate::{
    air::{CellId, RadioId, RejectCause},
    ids::{OperatorId, RegionId},
    tariff::Money,
};
use polysim_base::{Imsi, Msisdn};

/// A registered device as its serving core sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VisitorView {
    /// Whose subscription.
    pub imsi: Imsi,
    /// Its number.
    pub msisdn: Option<Msisdn>,
    /// Whose subscriber.
    pub home: OperatorId,
    /// The region it registered in.
    pub region: RegionId,
    /// The cell.
    pub cell: CellId,
    /// Its radio link is lost.
    pub lost: bool,
}

/// A subscriber as its home core sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SubscriberView {
    /// Its number.
    pub msisdn: Option<Msisdn>,
    /// What is left, or what is owed.
    pub balance: Money,
    /// Which core serves which device with it.
    pub location: Option<(OperatorId, RadioId)>,
    /// Refused with this cause.
    pub barred: Option<RejectCause>,
}

/// What a core has counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct CoreCounters {
    /// Registrations accepted, updates included.
    pub registered: u64,
    /// Registrations refused, failed authentications included.
    pub rejected: u64,
    /// Registrations ended because the subscription registered elsewhere (home side).
    pub cancelled: u64,
    /// Sequence numbers taken over from cards (home side).
    pub resynchronised: u64,
    /// Texts and commands accepted.
    pub sms_accepted: u64,
    /// Texts refused.
    pub sms_refused: u64,
    /// Texts delivered, reports not counted.
    pub sms_delivered: u64,
    /// Texts whose validity ended.
    pub sms_expired: u64,
    /// Texts given up for another reason.
    pub sms_failed: u64,
    /// Calls begun (originating side).
    pub calls: u64,
    /// Frames of speech given to a device served here, or to somebody outside.
    pub speech_carried: u64,
    /// Frames of speech that came where nobody was in conversation.
    pub speech_dropped: u64,
    /// The sum of all prices (home side).
    pub charged: Money,
}

impl Core {
    /// Returns the registered device of this name.
    #[must_use]
    pub fn visitor(&self, radio: RadioId) -> Option<VisitorView> {
        let visitor = self.visitors.get(radio)?;
        Some(VisitorView {
            imsi: visitor.imsi,
            msisdn: visitor.msisdn,
            home: visitor.home,
            region: visitor.region,
            cell: visitor.cell,
            lost: visitor.lost,
        })
    }

    /// Returns every registered device with its subscription, in order.
    pub fn visitors(&self) -> impl Iterator<Item = (RadioId, VisitorView)> + '_ {
        let radios = self.visitors.radios();
        radios.filter_map(|radio| Some((radio, self.visitor(radio)?)))
    }

    /// Returns how many devices are registered.
    #[must_use]
    pub const fn visitor_count(&self) -> usize {
        self.visitors.len()
    }

    /// Returns how often it has changed which devices are registered, and with which subscriptions.
    #[must_use]
    pub const fn visitor_changes(&self) -> u64 {
        self.visitors.changes()
    }

    /// Returns a subscriber of this home network.
    #[must_use]
    pub fn subscriber(&self, imsi: &Imsi) -> Option<SubscriberView> {
        let subscriber = self.subscribers.get(imsi)?;
        Some(SubscriberView {
            msisdn: subscriber.msisdn,
            balance: subscriber.balance,
            location: subscriber.location.map(|at| (at.serving, at.radio)),
            barred: subscriber.barred,
        })
    }

    /// Returns how many subscribers there are.
    #[must_use]
    pub const fn subscriber_count(&self) -> usize {
        self.subscribers.len()
    }

    /// Returns how many messages the service centre stores, status reports included.
    #[must_use]
    pub fn stored_texts(&self) -> usize {
        self.smsc.stored()
    }

    /// Returns how many calls are going on that began here.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.calls.len()
    }

    /// Returns what it has counted.
    #[must_use]
    pub const fn counters(&self) -> &CoreCounters {
        &self.counters
    }
}

#[cfg(test)]
impl Core {
    /// Returns whether nothing is going on: no deadline, call, leg, delivery, context or session.
    pub(crate) fn is_at_rest(&self) -> bool {
        let nothing_due = self.port.next_deadline().is_none();
        nothing_due
            && self.attaching.is_empty()
            && self.relocating.is_empty()
            && self.calls.is_at_rest()
            && self.contexts.is_at_rest()
            && self.streams.is_at_rest()
            && self.deliveries.is_at_rest()
            && self.sessions.is_at_rest()
            && self.requests.ussd.is_empty()
            && self.requests.services.is_empty()
    }
}
