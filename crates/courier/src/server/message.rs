//! What reaches the server, what leaves it, and what it writes down.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use polysim_base::{Duration, Instant, Msisdn};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::wire::{Copy, FromDevice, Item, Refusal, ToDevice};
use crate::{
    CallNumber, CardMark, ContactKey, ContactMode, DeviceId, DeviceKey, DeviceName, ListVersion,
    MarkVersion, MessageId, Rate, Registration, TenantId,
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
    /// How old a measured rate may be. Longer than devices take from one measurement to the next one.
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
    /// Countries to whose numbers codes are sent; all where there are none. The longest country code
    /// that a number begins with tells its country.
    pub countries: Vec<Country>,
    /// Devices of one number.
    pub devices: u8,
    /// Contacts of one device.
    pub contacts: u16,
    /// Texts that wait for one device; texts of one device that wait; receipts that wait for one.
    pub waiting: u32,
    /// Octets of a sealed text.
    pub text_octets: u32,
}

/// A country to whose numbers codes are sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Country {
    /// The digits with which its numbers begin.
    pub code: String,
    /// Codes to all of its numbers in an hour; zero: none at all.
    pub per_hour: u32,
}

/// A secret of the server. Masked.
#[derive(Clone, Eq, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct ServerKey(pub [u8; 32]);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(***)")
    }
}

/// A text of which no device of its recipient is known to have it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptText {
    /// Its number.
    pub number: u64,
    /// The devices of the recipient that wait for it.
    pub devices: Vec<DeviceId>,
    /// The sender's other devices that get it too.
    pub own: Vec<DeviceId>,
    /// Until when it may wait.
    pub until: Option<Instant>,
    /// A device that perhaps had it is no more.
    pub unsure: bool,
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
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
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
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ServerRecord {
    /// A code is sent.
    CodeSent(CodeSent),
    /// What became of the text with a code.
    Texted {
        /// Which code.
        registration: Registration,
        /// Whether the carrier has taken it.
        taken: bool,
    },
    /// A code was tried in vain.
    Tried(Registration),
    /// The number is proved.
    Registered {
        /// By which registration.
        registration: Registration,
        /// The device.
        device: DeviceId,
        /// Which of its tokens holds from now on.
        generation: u32,
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
        /// Which of its tokens holds from now on.
        generation: u32,
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
    /// The card with which the number was proved is in it again.
    CardBack(DeviceId),
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
        /// From whom.
        from: Msisdn,
        /// To whom.
        to: Msisdn,
        /// For each device of the recipient.
        copies: Vec<Copy>,
        /// For the sender's other ones.
        own: Vec<Copy>,
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
        /// By whom.
        by: Msisdn,
        /// On which device.
        device: DeviceId,
    },
    /// A text is not stored, and will not be.
    Refused {
        /// Which.
        id: MessageId,
        /// Why.
        why: Refusal,
    },
    /// A text was taken back, or is not taken when it comes.
    Withdrawn(MessageId),
    /// From now on what waits for this device may be on its way to it.
    Offers(DeviceId),
    /// A session of that device is over, in which so much was on its way to it and not taken: nobody knows
    /// how much of that it has, until it says so.
    Offered {
        /// Which device.
        device: DeviceId,
        /// How much.
        count: u16,
    },
    /// A text has waited for too long.
    Expired(MessageId),
    /// How a call goes.
    Voice(VoiceDecision),
    /// A part of the state, in a checkpoint.
    Kept(Kept),
}

/// A code that was sent, and for what.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CodeSent {
    /// The registration.
    pub registration: Registration,
    /// When.
    pub at: Instant,
    /// To which number.
    pub number: Msisdn,
    /// For which device.
    pub key: DeviceKey,
    /// With which card.
    pub card: Option<CardMark>,
    /// For whom.
    pub tenant: TenantId,
    /// What the device calls itself.
    pub name: DeviceName,
}

/// What a checkpoint keeps of who is registered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Kept {
    /// How far everything was counted.
    Counts {
        /// Devices.
        devices: DeviceId,
        /// Registrations.
        registrations: Registration,
        /// Invitations.
        invitations: u64,
        /// Changes of lists.
        lists: ListVersion,
        /// Changes of marks.
        marks: MarkVersion,
    },
    /// A number that is registered.
    Account {
        /// The number.
        number: Msisdn,
        /// The version of the list of its devices.
        list: ListVersion,
        /// The version of its mark.
        marked: MarkVersion,
        /// When it has changed hands, if it is held down for that.
        held_since: Option<Instant>,
        /// Since when another card is in its primary device.
        unproved_since: Option<Instant>,
        /// The devices, the primary one first.
        devices: Vec<KeptDevice>,
    },
    /// What there is of a device that has sent or got texts.
    Mailbox {
        /// Which device.
        device: DeviceId,
        /// The number of the last text that was heard of from it.
        sent: u64,
        /// The number of the last delivery that it has.
        taken: u64,
        /// Deliveries are on their way to it.
        offers: bool,
        /// How many of the first ones that wait it perhaps has.
        offered: u16,
        /// It is no more; only its texts are left.
        gone: bool,
        /// What waits for it.
        queue: Vec<Item>,
        /// Its texts of which no device of the recipient is known to have them.
        live: Vec<KeptText>,
    },
    /// An invitation that may hold.
    Invitation {
        /// By which device.
        by: DeviceId,
        /// Its number.
        number: u64,
        /// When it was made.
        at: Instant,
    },
    /// A code was sent: it counts.
    Code {
        /// When.
        at: Instant,
        /// To which number.
        number: Msisdn,
        /// For whom.
        tenant: TenantId,
    },
    /// A code that may hold.
    Waiting {
        /// Which, and for what.
        sent: CodeSent,
        /// How often it was tried.
        tried: u8,
        /// The carrier has taken the text.
        texted: bool,
    },
}

/// A device of a number, in a checkpoint.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptDevice {
    /// Which.
    pub id: DeviceId,
    /// Its key.
    pub key: DeviceKey,
    /// What it calls itself.
    pub name: DeviceName,
    /// The card with which the number was proved.
    pub card: Option<CardMark>,
    /// Which of its tokens holds.
    pub generation: u32,
}

/// Why a server wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ServerTimer {
    /// A code holds no more, or a number was not proved again in time.
    Proof,
    /// Somebody has connected and does not say who they are.
    Silence,
    /// A text has waited for too long.
    Expiry,
    /// A delivery was not taken.
    Retry,
    /// A call rings for too long, or has lost an end.
    Call,
}
