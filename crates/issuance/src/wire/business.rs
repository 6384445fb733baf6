//! Between the business platform and the card-writing platform. Each message may be lost or
//! doubled: requests are asked again until they are answered for good.

use alloc::vec::Vec;
use polysim_base::{Eid, Imei, Imsi, Msisdn};
use serde::{Deserialize, Serialize};

use super::{OrderId, RequestId, UplinkFrame};

/// What a business platform asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BusinessRequest {
    /// Which request this is.
    pub id: RequestId,
    /// What is asked.
    pub kind: RequestKind,
}

/// What can be asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RequestKind {
    /// Write this subscription into the card that is in this device.
    Write {
        /// The device, by its 14 digits.
        imei: Imei,
        /// The new IMSI.
        imsi: Imsi,
        /// The new number.
        msisdn: Msisdn,
        /// Which way.
        route: Route,
        /// By what.
        method: Method,
    },
    /// Deliver a binding request that a tool has read on site.
    Bind {
        /// As the applet gave it.
        frame: UplinkFrame,
    },
    /// Deliver the proof of receipt that a tool got for the packets of a [`LocalWrite`].
    Proved {
        /// Which order.
        order: OrderId,
        /// The response packet; `None` where the card gave none.
        proof: Option<Vec<u8>>,
    },
    /// Give the write up if it has not reached the card yet.
    Cancel {
        /// The request of the write.
        write: RequestId,
    },
}

/// Which way a message goes to a card.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Route {
    /// Over the air if the card has a subscription, else on site.
    #[default]
    Any,
    /// Over the air.
    Air,
    /// On site.
    OnSite,
}

/// By what a card is written.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Method {
    /// A message to the applet's own TAR; it can carry a subscription key.
    #[default]
    Applet,
    /// Remote file management (TS 102.226); the key is one that the card holds for that IMSI.
    Files,
}

/// What the card-writing platform answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BusinessAnswer {
    /// Taken; more follows under the same request number.
    Accepted,
    /// The card has said that it is written; whether that takes effect is not known yet.
    Pending,
    /// Done: the subscription has taken effect.
    Done {
        /// The card.
        eid: Eid,
    },
    /// The write, or the answer to a binding request, has to be brought to the card on site.
    Local(LocalWrite),
    /// Not taken.
    Refused(Refusal),
    /// Taken, and come to nothing: the card has what it had.
    Failed(WriteFailure),
}

/// What a tool brings to a card on site: each packet is one ENVELOPE or several.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalWrite {
    /// The order, whose proof is wanted; `None` for the answer to a binding request.
    pub order: Option<OrderId>,
    /// The card.
    pub eid: Eid,
    /// The command packet.
    pub packet: Vec<u8>,
}

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No card is bound to the device.
    #[error("no card is bound to this device: switch it on, or bind it on site")]
    NotBound,
    /// The card cannot be reached over the air: it has no subscription.
    #[error("the card has no subscription yet: write it on site")]
    NoSeed,
    /// Another write of this card is not finished.
    #[error("another write of this card is under way: wait for it, or cancel it")]
    Busy,
    /// The IMSI or number belongs to another card.
    #[error("the IMSI or the number is in use by another card: take another from the pool")]
    InUse,
    /// There is no key for this IMSI.
    #[error("there is no subscription key for this IMSI: load it into the key store")]
    NoKey,
    /// The frame is not from a card that is known here, or was changed.
    #[error("the frame is not authentic: read it again, and see that the card's keys are loaded")]
    NotAuthentic,
    /// The device is bound to another card, or the card to another device.
    #[error("the binding is refused by policy: look at the conflict that was reported")]
    Conflict,
    /// The request number was used for something else.
    #[error("this request number was used for another request: take a new one")]
    Reused,
    /// There is no such request or order.
    #[error("there is no such request")]
    Unknown,
    /// What was asked is under way at the card, or done: it cannot be called back.
    #[error("the card may have it already: it cannot be called back")]
    TooLate,
}

/// Why a write came to nothing.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WriteFailure {
    /// The card has refused it.
    Card(super::Outcome),
    /// A file could not be written: the status word of the last command of the script.
    Status(u16),
    /// The card refuses the packet's security: the status code of its answer (TS 102.225).
    Security(u8),
    /// The card went back to what it had: no service with the new subscription.
    Reverted,
    /// Nothing was heard in time, and the card is known not to have it.
    Expired,
    /// Called back.
    Cancelled,
    /// The operator does not make the subscription ready.
    NotProvisioned,
}
