//! What reaches the server, what leaves it, and what it writes down.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use polysim_base::{Duration, Instant, Msisdn};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::wire::{Copy, FromDevice, ToDevice};
use crate::{
    CallNumber, CardMark, ContactKey, ContactMode, DeviceId, DeviceKey, DeviceName, MessageId,
    Rate, Registration, TenantId,
};

/// How a server works.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerConfig {
    /// From which codes, tokens, invitations and the salt are made.
    pub key: ServerKey,
    /// How contacts are told.
    pub contacts: ContactMode,
    /// What is limited.
    pub limits: Limits,
    /// The callee's rate reaches this, or the call does not go over data.
    pub threshold: Rate,
    /// How old a measured rate may be.
    pub rate_age_max: Duration,
    /// How long a call rings.
    pub ring: Duration,
    /// A device in a call of which nothing is heard for so long has left it. A few times `retry`.
    pub call_grace: Duration,
    /// After how long a delivery is said again.
    pub retry: Duration,
    /// Within which time a number must be proved again after another card was put in.
    pub verify_within: Duration,
    /// For how long a number that has changed hands gets nothing that was meant for its former holder,
    /// and may not change hands again.
    pub hold_down: Duration,
}

/// What is limited.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long a code holds. At most 10 min.
    pub code_lifetime: Duration,
    /// How often a code may be tried. At most 5.
    pub tries: u8,
    /// Codes to one number in an hour.
    pub per_number: u16,
    /// Codes to one range of numbers (all but the last two digits) in an hour.
    pub per_range: u16,
    /// Codes for one tenant in a day.
    pub per_tenant: u32,
    /// Country codes to which codes are sent; all where there are none.
    pub countries: Vec<String>,
    /// Devices of one number.
    pub devices: u8,
    /// Contacts of one device.
    pub contacts: u16,
    /// Texts that wait for one device.
    pub waiting: u32,
    /// Octets of a sealed text.
    pub text_octets: u32,
}

/// A secret of the server. Masked.
#[derive(Clone, Eq, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct ServerKey(pub [u8; 32]);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(***)")
    }
}

/// A session of a device, as the runner numbers it. Numbers are not used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Connection(pub u64);

/// A verification text on its way to the carrier.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct OutText(pub u64);

/// What reaches the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerInput {
    /// It runs: the first input of each life. Nobody is connected.
    Start,
    /// Somebody has connected.
    Up(Connection),
    /// A session is over.
    Down(Connection),
    /// A device says something.
    Message(Connection, FromDevice),
    /// What became of a verification text.
    Texted {
        /// Which.
        text: OutText,
        /// Whether the carrier has taken it.
        taken: bool,
    },
}

/// What leaves the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerOutput {
    /// To a device that is connected.
    Send(Connection, ToDevice),
    /// End that session.
    Close(Connection),
    /// Send a text to a number by the carrier. The text has a code and is masked in logs.
    Text {
        /// Which.
        text: OutText,
        /// To whom.
        to: Msisdn,
        /// What it says.
        body: Proof,
    },
    /// Something happened.
    Tell(ServerEvent),
}

/// The text of a verification. Masked.
#[derive(Clone, Eq, Hash, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct Proof(pub String);

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proof(*** {} characters)", self.0.chars().count())
    }
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerEvent {
    /// A code is sent.
    CodeSent(Registration),
    /// A code was wrong.
    WrongCode(Registration),
    /// A number is registered.
    Registered(DeviceId),
    /// A number was registered by somebody else before.
    ChangedHands(Msisdn),
    /// A number is not registered any more.
    Deregistered(Msisdn),
    /// A device was linked.
    Linked(DeviceId),
    /// A device was unlinked.
    Unlinked(DeviceId),
    /// A device is connected.
    Connected(DeviceId),
    /// A device is not connected any more.
    Gone(DeviceId),
    /// A text is stored.
    Stored(MessageId),
    /// A device has a text.
    Delivered(MessageId, DeviceId),
    /// A text was taken back.
    Withdrawn(MessageId),
    /// A text has waited for too long.
    Expired(MessageId),
    /// How a call goes was decided.
    Voice(VoiceDecision),
}

/// How a call goes, and by which numbers.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct VoiceDecision {
    /// The caller's device.
    pub from: DeviceId,
    /// Its call.
    pub call: CallNumber,
    /// When, by the server's clock.
    pub at: Instant,
    /// The caller's rate and the threshold that it reaches, as its device says.
    pub caller: (Rate, Rate),
    /// The device of the callee that decides, and its rate where one is known.
    pub callee: Option<(DeviceId, Option<Rate>)>,
    /// The second threshold.
    pub threshold: Rate,
    /// Over data.
    pub over_data: bool,
}

/// What the server writes down.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerRecord {
    /// A code is sent.
    CodeSent {
        /// Which registration.
        registration: Registration,
        /// When.
        at: Instant,
        /// To which number.
        number: Msisdn,
        /// For which device.
        key: DeviceKey,
        /// With which card.
        card: Option<CardMark>,
        /// For whom.
        tenant: TenantId,
        /// What the device calls itself.
        name: DeviceName,
    },
    /// A code was tried in vain.
    Tried(Registration),
    /// The number is proved.
    Registered {
        /// By which registration.
        registration: Registration,
        /// The device.
        device: DeviceId,
        /// When.
        at: Instant,
    },
    /// A device was linked to a number.
    Linked {
        /// The device.
        device: DeviceId,
        /// Whose.
        number: Msisdn,
        /// Its key.
        key: DeviceKey,
        /// What it calls itself.
        name: DeviceName,
    },
    /// An invitation was made.
    Invited {
        /// By which device.
        by: DeviceId,
        /// When.
        at: Instant,
    },
    /// A device was unlinked.
    Unlinked(DeviceId),
    /// A number is not registered any more.
    Deregistered {
        /// Which.
        number: Msisdn,
        /// When.
        at: Instant,
    },
    /// Another card is in a primary device.
    CardChanged {
        /// Which device.
        device: DeviceId,
        /// When.
        at: Instant,
    },
    /// What a device says of its contacts.
    Contacts {
        /// Which device.
        device: DeviceId,
        /// New ones.
        add: Vec<ContactKey>,
        /// Old ones.
        remove: Vec<ContactKey>,
        /// The new ones are all.
        whole: bool,
    },
    /// A text is stored.
    Stored {
        /// Which.
        id: MessageId,
        /// To whom.
        to: Msisdn,
        /// For each device.
        copies: Vec<Copy>,
        /// When.
        at: Instant,
        /// Until when it may wait.
        until: Option<Instant>,
    },
    /// A device has what was delivered to it, up to this number.
    Taken {
        /// Which device.
        device: DeviceId,
        /// Up to which number.
        up_to: u64,
    },
    /// A text was read.
    Read {
        /// Which.
        id: MessageId,
        /// On which device.
        device: DeviceId,
    },
    /// A text was taken back, or is refused when it comes.
    Withdrawn(MessageId),
    /// A text has waited for too long.
    Expired(MessageId),
    /// How a call goes.
    Voice(VoiceDecision),
}

/// Why a server wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ServerTimer {
    /// A code, a proof or an invitation holds no more.
    Proof,
    /// A text has waited for too long.
    Expiry,
    /// A delivery was not taken.
    Retry,
    /// A call rings for too long, or has lost an end.
    Call,
}
