//! Texts, and what becomes of them.

use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Msisdn};
use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::{DeviceId, DeviceKey, ListVersion, MessageId};

/// From a device, of texts.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum TextFromDevice {
    /// Store a text. Answered by `Stored` or `StaleList`, by its number, or by an item of what is
    /// delivered to this device. Texts are taken in the order of their numbers.
    Send {
        /// Counts the texts of this device from 1.
        number: u64,
        /// To whom.
        to: Msisdn,
        /// Which list of the recipient's devices the copies were made for.
        list: ListVersion,
        /// And which list of the sender's own devices.
        own: ListVersion,
        /// One for each device of the recipient, and for the sender's other ones.
        copies: Vec<Copy>,
        /// How long it may wait; for ever without.
        expires: Option<Duration>,
    },
    /// Take that text back, unless it was delivered, also if it has never come: then it is not taken any
    /// more. Answered by an item: what has become of the text. That may have to wait until a device comes
    /// back that perhaps has the text.
    Withdraw {
        /// Which.
        number: u64,
    },
    /// Deliveries up to this one are written down.
    Taken {
        /// The number of the last one.
        up_to: u64,
    },
    /// The user has read a text. Answered by `Noted`.
    Read {
        /// Which.
        message: MessageId,
    },
}

/// A text for one device.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Copy {
    /// For which.
    pub device: DeviceId,
    /// The text, sealed for its key.
    pub sealed: Vec<u8>,
}

/// To a device, of texts.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum TextToDevice {
    /// The text is stored.
    Stored {
        /// Which.
        number: u64,
    },
    /// Another list of devices holds: make copies for that, and send again.
    StaleList {
        /// Which text.
        number: u64,
        /// The devices of the recipient.
        to: DeviceList,
        /// Those of the sender, this one among them.
        own: DeviceList,
    },
    /// It is noted that the text was read.
    Noted {
        /// Which.
        message: MessageId,
    },
    /// Something for this device, in order; said again until taken.
    Deliver {
        /// Counts what is delivered to this device, from 1, without gaps.
        number: u64,
        /// What.
        item: Item,
    },
}

/// The devices of a number.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct DeviceList {
    /// Whose.
    pub number: Msisdn,
    /// The version of the list.
    pub version: ListVersion,
    /// They, and their keys.
    pub devices: Vec<(DeviceId, DeviceKey)>,
}

/// What is delivered to a device.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Item {
    /// A text.
    Text {
        /// Which.
        id: MessageId,
        /// The sender.
        from: Msisdn,
        /// The recipient: the number of this device, or of whom its user wrote to from another one.
        to: Msisdn,
        /// The text, sealed for this device.
        sealed: Vec<u8>,
        /// When it was stored, by the server's clock.
        at: Instant,
    },
    /// A text of this device has reached a device of its recipient.
    Delivered {
        /// Which.
        number: u64,
        /// The recipient's device.
        device: DeviceId,
    },
    /// A text of this device was read.
    Read {
        /// Which.
        number: u64,
        /// By whom.
        by: Msisdn,
        /// On which device.
        device: DeviceId,
    },
    /// A text of this device is not stored, and will not be: nobody has it, and nobody gets it.
    NotStored {
        /// Which.
        number: u64,
        /// Why.
        why: Refusal,
    },
    /// A text of this device is taken back: nobody has it, and nobody gets it.
    Withdrawn {
        /// Which.
        number: u64,
    },
    /// The devices that a text of this device waited for are no more, and one of them perhaps had it.
    Unsure {
        /// Which.
        number: u64,
    },
    /// A text of this device has waited for too long.
    Expired {
        /// Which.
        number: u64,
    },
}
