use alloc::vec::Vec;

use polysim_base::{Duration, Msisdn};
use polysim_speech::{Packet, SpeechReport};
use serde::{Deserialize, Serialize};

use crate::{
    CallNumber, CardMark, Code, ContactKey, DeviceId, DeviceKey, DeviceName, Invitation,
    ListVersion, MarkVersion, MessageId, Rate, Registration, RequestId, TenantId, Token,
};

/// From a device.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum FromDevice {
    /// Register this number, or prove again that it is the device's. A text with a code goes there.
    Register {
        /// The question.
        request: RequestId,
        /// The number.
        number: Msisdn,
        /// The key of the device.
        key: DeviceKey,
        /// The card in it.
        card: Option<CardMark>,
        /// Whose app this is.
        tenant: TenantId,
        /// What the device calls itself.
        name: DeviceName,
    },
    /// The code that the text had.
    Confirm {
        /// The question.
        request: RequestId,
        /// Which registration.
        registration: Registration,
        /// The code.
        code: Code,
    },
    /// Become a linked device by the invitation of a primary one.
    Redeem {
        /// The question.
        request: RequestId,
        /// The invitation.
        invitation: Invitation,
        /// The key of the device.
        key: DeviceKey,
        /// What the device calls itself.
        name: DeviceName,
    },
    /// A known device is there: the first of each session, and again when another card is in it. Answered
    /// by `Welcome` or `Unknown`.
    Hello {
        /// The question.
        request: RequestId,
        /// Which device.
        device: DeviceId,
        /// Its proof.
        token: Token,
        /// The card in it, where it is a primary one.
        card: Option<CardMark>,
        /// The number of the last delivery that it has written down.
        taken: u64,
    },
    /// A primary device wants to link another one.
    Invite {
        /// The question.
        request: RequestId,
    },
    /// A primary device unlinks another one.
    Unlink {
        /// The question.
        request: RequestId,
        /// Which.
        device: DeviceId,
    },
    /// A primary device gives up the registration of its number.
    Deregister {
        /// The question.
        request: RequestId,
    },
    /// Contacts have changed, or it is time to ask which are registered.
    Contacts {
        /// The question.
        request: RequestId,
        /// As of when the device knows; zero: from nothing.
        since: MarkVersion,
        /// New ones.
        add: Vec<ContactKey>,
        /// Old ones.
        remove: Vec<ContactKey>,
        /// These are all: forget the others.
        whole: bool,
    },
    /// Who are the devices of this number, and what are their keys?
    Devices {
        /// The question.
        request: RequestId,
        /// The number.
        number: Msisdn,
    },
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
    /// A part of a train of octets by which the server measures the way up.
    Probe {
        /// Which train.
        train: u32,
        /// Which part, from 0.
        part: u16,
        /// How many parts.
        parts: u16,
        /// What fills it.
        octets: Vec<u8>,
    },
    /// Send such a train, so that the device can measure the way down.
    ProbeMe {
        /// Which train.
        train: u32,
        /// How many parts.
        parts: u16,
        /// Of so many octets.
        octets: u16,
    },
    /// How fast the data link of this device is, by its measurements.
    Measured(Rate),
    /// Call this number over data; the caller's rate reaches the first threshold.
    Call {
        /// Counts the calls of this device.
        call: CallNumber,
        /// Whom.
        to: Msisdn,
        /// The caller's rate.
        rate: Rate,
        /// The first threshold, which it reaches.
        threshold: Rate,
    },
    /// Take a call that rings here.
    Answer {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
    },
    /// This device is in that call: said again while it lasts. Answered by `Ringing`, `Incoming`,
    /// `Answered` or `Ended`, whichever holds.
    InCall {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
    },
    /// End a call, or refuse one that rings here. Answered by `Ended`.
    HangUp {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// How speech fared here.
        report: SpeechReport,
    },
    /// How speech fared here: the answer to `Ended`.
    Fared {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// How.
        report: SpeechReport,
    },
    /// Speech of a call.
    Speech {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// 20 ms.
        packet: Packet,
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
