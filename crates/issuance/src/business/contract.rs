//! What reaches a business platform, and what it does.

use alloc::string::String;
use alloc::vec::Vec;
use polysim_base::{Duration, Eid, Imei, Imsi, Msisdn};
use serde::{Deserialize, Serialize};

use crate::wire::{
    BusinessAnswer, BusinessRequest, LocalWrite, Method, Refusal, RequestId, Route, UplinkFrame,
    WriteFailure,
};

/// How a business platform works.
#[derive(Clone, Debug)]
pub struct BusinessConfig {
    /// The numbers that it may give out.
    pub pool: Vec<Pooled>,
    /// After how long a request without an answer is asked again.
    pub patience: Duration,
    /// How long a number that was released rests before it is given out again.
    pub rest: Duration,
}

/// A number of a pool.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// The operator that it is of, by the name that orders use.
    pub operator: String,
    /// The IMSI.
    pub imsi: Imsi,
    /// Its number.
    pub msisdn: Msisdn,
}

/// A batch of a customer, given by the customer: ordered again with the same number it changes
/// nothing, and the results that are known are told again. A customer orders again after a crash
/// of the platform until each device has a result, as neither the order nor a result may have got
/// over it.
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
pub struct BatchId(pub u32);

/// What a customer orders: subscriptions for devices, about which no more is known than what is
/// printed on them.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct CustomerOrder {
    /// Which batch.
    pub batch: BatchId,
    /// The devices.
    pub devices: Vec<Imei>,
    /// Whose subscriptions.
    pub operator: String,
    /// Which way.
    pub route: Route,
    /// By what.
    pub method: Method,
    /// The most writes that are begun in a second; 0: all at once.
    pub per_s: u32,
}

/// What reaches a business platform.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BusinessInput {
    /// A customer orders.
    Order(CustomerOrder),
    /// A customer gives a device of a batch up.
    Cancel {
        /// Which batch.
        batch: BatchId,
        /// Which device.
        imei: Imei,
    },
    /// The card-writing platform answers.
    Answer {
        /// Which request.
        request: RequestId,
        /// Its answer.
        answer: BusinessAnswer,
    },
    /// A tool has read the stored pair of a card on site.
    Read {
        /// As the applet gave it.
        frame: UplinkFrame,
    },
    /// A tool has brought a [`Job`] to its card.
    Brought {
        /// Which request the job was for.
        request: RequestId,
        /// The response packet; `None` where the card gave none.
        proof: Option<Vec<u8>>,
    },
}

/// What a business platform does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BusinessOutput {
    /// Ask the card-writing platform.
    Ask(BusinessRequest),
    /// Have a tool bring this to its card.
    Local(Job),
    /// Tell the customer that a batch is not taken, or that there is nothing to give up.
    NotTaken {
        /// Which batch.
        batch: BatchId,
        /// Why.
        why: NotTaken,
    },
    /// Tell the tool that has read a card what became of its binding request, where nothing has to
    /// be brought to the card.
    Binding {
        /// Which card.
        eid: Eid,
        /// What became of it.
        result: BindingResult,
    },
    /// Tell the customer what became of a device.
    Result {
        /// Which batch.
        batch: BatchId,
        /// Which device.
        imei: Imei,
        /// What became of it.
        result: DeviceResult,
    },
}

/// Why what a customer says of a batch is not taken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTaken {
    /// Another order had this number.
    #[error("this batch number was used for another order: take a new one")]
    Reused,
    /// An order without devices.
    #[error("there is no device in this batch: name one")]
    Empty,
    /// More devices than this platform keeps.
    #[error("there is no room for so many devices: {room} can be ordered")]
    TooMany {
        /// How many can be ordered yet.
        room: u32,
    },
    /// There is no such device in such a batch.
    #[error("there is no such device in such a batch: look at both numbers")]
    Unknown,
}

/// What became of a binding request that was read on site.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BindingResult {
    /// The platform has the binding.
    Stored,
    /// It does not take it.
    Refused(Refusal),
    /// It came to nothing.
    Failed(WriteFailure),
}

/// What a tool on site has to do. The same job may be told again, with another packet: the newest
/// counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// For which request it is.
    pub request: RequestId,
    /// What to bring to which card.
    pub write: LocalWrite,
}

/// What became of a device of a batch. Only the last is final.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum DeviceResult {
    /// Its card is written, and not yet attached.
    Pending,
    /// It has its subscription.
    Done {
        /// The card.
        eid: Eid,
        /// The IMSI.
        imsi: Imsi,
        /// The number.
        msisdn: Msisdn,
    },
    /// The card-writing platform does not take it.
    Refused(Refusal),
    /// It came to nothing; its number goes back to the pool.
    Failed(WriteFailure),
    /// The pool has no number of that operator left.
    PoolEmpty,
    /// The device is in another batch already.
    Ordered,
}
