use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Msisdn};
use polysim_speech::{Packet, SpeechReport};
use serde::{Deserialize, Serialize};

use crate::{
    CallNumber, ContactKey, ContactMode, DeviceId, DeviceKey, Invitation, ListVersion, MarkVersion,
    MessageId, Rate, Registration, RequestId, Salt, Token,
};

/// To a device.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ToDevice {
    /// A text with a code is on its way.
    CodeSent {
        /// To which question.
        request: RequestId,
        /// What to confirm.
        registration: Registration,
        /// For how long the code holds.
        valid_for: Duration,
    },
    /// The code was wrong.
    WrongCode {
        /// To which question.
        request: RequestId,
        /// How often another one may be tried.
        tries_left: u8,
    },
    /// The number, or the device, is registered.
    Registered {
        /// To which question.
        request: RequestId,
        /// The device.
        device: DeviceId,
        /// Its proof from now on.
        token: Token,
        /// The number.
        number: Msisdn,
    },
    /// The answer to a question is no.
    Refused {
        /// To which question.
        request: RequestId,
        /// Why.
        why: Refusal,
    },
    /// The device is known, and here is what it has to know.
    Welcome {
        /// To which question.
        request: RequestId,
        /// How contacts are told.
        mode: ContactMode,
        /// The salt of digests.
        salt: Salt,
        /// The second threshold, for people to see.
        threshold: Rate,
        /// Another card is in it than the one that the number was proved with: prove it again within
        /// this time, or the registration ends.
        verify_within: Option<Duration>,
    },
    /// No such device, or not this one any more: what it was registered for is so no more.
    Unknown {
        /// To which question.
        request: RequestId,
    },
    /// Show this to the other device.
    Invited {
        /// To which question.
        request: RequestId,
        /// The invitation.
        invitation: Invitation,
        /// For how long it holds.
        valid_for: Duration,
    },
    /// It is done.
    Done {
        /// To which question.
        request: RequestId,
    },
    /// Which contacts are registered, as a change since the version that was told.
    Marks {
        /// To which question.
        request: RequestId,
        /// As of when.
        version: MarkVersion,
        /// Those that are, and were not or not known.
        on: Vec<ContactKey>,
        /// Those that are no more.
        off: Vec<ContactKey>,
    },
    /// The devices of a number; none: it is not registered.
    Devices {
        /// To which question.
        request: RequestId,
        /// The number.
        number: Msisdn,
        /// The version of the list.
        version: ListVersion,
        /// The devices.
        devices: Vec<(DeviceId, DeviceKey)>,
    },
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
    /// What a train measured of the way up.
    Probed {
        /// Which train.
        train: u32,
        /// By how many of its parts. It is said again with each of the last ones.
        parts: u16,
        /// How fast.
        rate: Rate,
    },
    /// A part of a train by which the device measures the way down.
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
    /// The call goes over data: it rings there.
    Ringing {
        /// The caller's call.
        call: CallNumber,
        /// The callee's rate.
        rate: Rate,
        /// The second threshold, which it reaches.
        threshold: Rate,
    },
    /// The call does not go over data: offer the carrier.
    NoVoice {
        /// The caller's call.
        call: CallNumber,
        /// Why.
        why: VoiceRefusal,
    },
    /// Somebody calls.
    Incoming {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// The caller.
        number: Msisdn,
    },
    /// The call is answered: speech may flow.
    Answered {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
    },
    /// The call is over, or rings here no more. Answered by `Fared` where speech has flowed.
    Ended {
        /// The caller's device.
        from: DeviceId,
        /// Its call.
        call: CallNumber,
        /// Why.
        why: CallEnd,
        /// How speech fared at the other end.
        report: Option<SpeechReport>,
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

/// Why the answer is no.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Refusal {
    /// Too many codes were sent to this number; after this time again.
    NumberLimit(Duration),
    /// Too many codes were sent to numbers like this one.
    RangeLimit(Duration),
    /// The tenant's budget is used up.
    TenantLimit(Duration),
    /// No codes are sent to that country.
    Country,
    /// Too many codes were sent to that country.
    CountryLimit(Duration),
    /// No such registration, or its code holds no more.
    Expired,
    /// Too many wrong codes.
    TooManyTries,
    /// The number has changed hands and is held down for this long.
    HeldDown(Duration),
    /// Only the primary device may.
    NotPrimary,
    /// Too many devices, contacts, texts that wait.
    Full,
    /// The number is not registered.
    NotRegistered,
    /// The card has changed: prove the number first.
    Unproved,
    /// The text could not be sent to the carrier.
    Carrier,
    /// The text has more octets than this, sealed.
    TooLong(u32),
}

/// Why a call does not go over data.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum VoiceRefusal {
    /// A link is too slow: the callee's, or the caller's by its own word.
    Slow {
        /// Its rate.
        rate: Rate,
        /// The threshold.
        threshold: Rate,
    },
    /// Nothing recent is known of the callee's link.
    Unmeasured,
    /// No device of the callee is connected.
    Away,
    /// The number is not registered.
    NotRegistered,
    /// The callee is in another call.
    Busy,
    /// The caller's card has changed: prove the number first.
    Unproved,
}

/// How a call has ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum CallEnd {
    /// One end has hung up.
    HungUp,
    /// The callee has refused.
    Rejected,
    /// Nobody has answered.
    NoAnswer,
    /// Another device of the callee has answered.
    Elsewhere,
    /// The other end has lost its data link: offer the carrier.
    Lost,
}
