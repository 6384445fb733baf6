//! What reaches the server, what leaves it, and what it writes down.

use alloc::string::String;
use core::fmt;

use polysim_base::{Instant, Msisdn};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::wire::{FromDevice, ToDevice};
use crate::{CallNumber, DeviceId, MessageId, Rate, Registration};

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
