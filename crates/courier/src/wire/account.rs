//! Who registers a number, and whose devices they are.

use polysim_base::{Duration, Msisdn};
use serde::{Deserialize, Serialize};

use crate::{
    CardMark, Code, ContactMode, DeviceId, DeviceKey, DeviceName, Invitation, Rate, Registration,
    RequestId, Salt, TenantId, Token,
};

/// From a device, of registrations.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum AccountFromDevice {
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
}

/// To a device, of registrations.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum AccountToDevice {
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
    /// Too many numbers were asked about; after this time again.
    LookupLimit(Duration),
    /// The text has more octets than this, sealed.
    TooLong(u32),
}
