//! What a platform writes down before it says anything.

use polysim_base::{Eid, Iccid, Imei, Imsi, Instant, Msisdn};
use polysim_ota::Counter;
use serde::{Deserialize, Serialize};

use super::BindingRow;
use crate::wire::{MessageId, Method, OrderId, Refusal, RequestId, Route, WriteFailure};

/// A change, and when it was.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct PlatformRecord {
    /// When.
    pub at: Instant,
    /// What.
    pub change: Change,
}

/// What a business platform has asked to be written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// Into the card in which device.
    pub imei: Imei,
    /// The new IMSI.
    pub imsi: Imsi,
    /// The new number.
    pub msisdn: Msisdn,
    /// Which way, as it was asked.
    pub route: Route,
    /// By what.
    pub method: Method,
}

/// Which way an order goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Way {
    /// Over the air.
    Air,
    /// By a tool on site.
    Site,
}

/// What became of one try, as far as is known.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum TryFate {
    /// It may reach the card yet.
    Unknown,
    /// It has reached the device; what the card did is not known.
    Delivered,
    /// It was not carried out, and will not be.
    Dead,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum End {
    /// The new subscription has taken effect.
    Done,
    /// The card has what it had.
    Failed(WriteFailure),
}

/// A change of what a platform knows.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Change {
    /// A card has said something under this counter.
    Heard {
        /// The card.
        eid: Eid,
        /// The counter of what it said.
        counter: Counter,
        /// The last counter that it has heard from the platform.
        heard: Counter,
    },
    /// A card is bound to a device, and has this subscription as far as is known.
    Bound {
        /// The card.
        eid: Eid,
        /// The device; a card that was bound to it is not any more.
        imei: Imei,
        /// The card, as it is printed on it.
        iccid: Iccid,
        /// Its subscription.
        imsi: Option<Imsi>,
        /// The number that belongs to it.
        number: Option<Msisdn>,
    },
    /// A binding request came by way of a business platform.
    Asked {
        /// Which request of it.
        request: RequestId,
        /// The card.
        eid: Eid,
        /// The counter of the card's packet.
        counter: Counter,
    },
    /// A write is not taken.
    NotTaken {
        /// Which request.
        request: RequestId,
        /// What was asked.
        write: Write,
        /// Why; `None` where the card has that subscription already.
        refusal: Option<Refusal>,
    },
    /// A write is taken.
    Ordered {
        /// Its order.
        order: OrderId,
        /// Which request.
        request: RequestId,
        /// The card.
        eid: Eid,
        /// What was asked.
        write: Write,
        /// Which way it goes.
        way: Way,
    },
    /// The operator has the subscription ready.
    Ready {
        /// Of which order.
        order: OrderId,
    },
    /// A packet leaves for a card under this counter.
    Said {
        /// The card.
        eid: Eid,
        /// The counter.
        counter: Counter,
        /// The number of the packet.
        message: MessageId,
        /// The order that it is a try of, if it is one.
        order: Option<OrderId>,
    },
    /// Something is known of a try.
    Tried {
        /// Of which order.
        order: OrderId,
        /// The counter of the try.
        counter: Counter,
        /// What became of it.
        fate: TryFate,
    },
    /// The card has refused an order: tries up to this counter were not carried out, and no more
    /// are made.
    Refused {
        /// Which order.
        order: OrderId,
        /// The counter.
        counter: Counter,
        /// Why.
        failure: WriteFailure,
    },
    /// The counter of an order's card is behind the card's own, and goes on behind this one.
    Jumped {
        /// The order.
        order: OrderId,
        /// The counter.
        to: Counter,
    },
    /// The card has said that it is written.
    Proved {
        /// By which order.
        order: OrderId,
    },
    /// Nothing was heard of an order for long.
    Overdue {
        /// Which.
        order: OrderId,
    },
    /// An order is over.
    Ended {
        /// Which.
        order: OrderId,
        /// How.
        end: End,
    },
    /// The card has another subscription than was known: by its own word.
    Corrected {
        /// The card.
        eid: Eid,
        /// Its subscription.
        imsi: Option<Imsi>,
        /// The number that belongs to it.
        number: Option<Msisdn>,
    },
    /// A binding was imported.
    Imported(BindingRow),
}
