//! What goes into a link and what comes out of it.

use alloc::vec::Vec;
use core::fmt;

use super::{COMPARISON_MAX, HANDSHAKE_MAX, MESSAGE_LEN_MAX};
use crate::{DeviceName, PeerKey};

/// What reaches a link. `Debug` shows no contents of messages, for there are keys in some.
#[derive(Clone, Eq, PartialEq)]
pub enum LinkInput {
    /// The stream of octets is there.
    Start,
    /// Octets of the other end, split anywhere. Some before [`LinkInput::Start`] start it.
    Octets(Vec<u8>),
    /// Say this to the other end: at most [`MESSAGE_LEN_MAX`] octets. Before the link is up, and after it
    /// is down, it is lost.
    Send(Vec<u8>),
    /// The user has compared the numbers, and says whether they are equal.
    Compared(bool),
    /// Close the link, also because the stream has ended.
    Close,
}

/// What leaves a link.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LinkOutput {
    /// Octets for the other end, in order.
    Octets(Vec<u8>),
    /// What happened.
    Tell(LinkEvent),
}

/// What happens on a link. The last is [`LinkEvent::Down`], and it comes once. `Debug` shows no contents
/// of messages, for there are keys in some.
#[derive(Clone, Eq, PartialEq)]
pub enum LinkEvent {
    /// Show this number, and ask whether the other device shows the same. Answered by
    /// [`LinkInput::Compared`].
    Compare {
        /// What both show if nobody is between them.
        number: ComparisonNumber,
        /// The key of the other device.
        peer: PeerKey,
        /// What it calls itself, which nobody has checked.
        name: DeviceName,
    },
    /// The session is up.
    Up {
        /// The other device, which has proven that it has the key.
        peer: PeerKey,
        /// What it calls itself.
        name: DeviceName,
        /// Both users have just said that the numbers are equal: keep the key among the known ones.
        paired_now: bool,
    },
    /// A message of the other end.
    Received(Vec<u8>),
    /// The session has ended, or never came up.
    Down(LinkEnd),
}

impl fmt::Debug for LinkInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => f.write_str("Start"),
            Self::Octets(octets) => write!(f, "Octets({})", octets.len()),
            Self::Send(message) => write!(f, "Send({})", message.len()),
            Self::Compared(equal) => write!(f, "Compared({equal})"),
            Self::Close => f.write_str("Close"),
        }
    }
}

impl fmt::Debug for LinkEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare { number, peer, name } => {
                write!(f, "Compare({number}, {peer:?}, {name})")
            }
            Self::Up { peer, name, paired_now } => {
                write!(f, "Up({peer:?}, {name}, paired_now: {paired_now})")
            }
            Self::Received(message) => write!(f, "Received({})", message.len()),
            Self::Down(end) => write!(f, "Down({end:?})"),
        }
    }
}

/// Six digits for two people to compare.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ComparisonNumber(u32);

impl ComparisonNumber {
    const COUNT: u32 = 1_000_000;

    /// Takes the rest of `number` after division by a million.
    pub(super) const fn of(number: u32) -> Self {
        Self(number % Self::COUNT)
    }

    /// Returns it: below a million.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// All six digits, also the leading zeros.
impl fmt::Display for ComparisonNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

/// Why a session ended, or never came up, and what to do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkEnd {
    /// This end has closed it.
    #[error("this device closed the link")]
    Closed,
    /// The other end has closed it.
    #[error("the other device closed the link; connect again when you need it")]
    ClosedByPeer,
    /// The other end has not proven in time that it is there.
    #[error("the other device was not heard in time; bring them together and connect again")]
    Supervision,
    /// The handshake was not finished in time.
    #[error(
        "the other device did not finish the handshake within {HANDSHAKE_MAX}; see that it runs and connect again"
    )]
    HandshakeTimeout,
    /// The handshake does not fit together.
    #[error(
        "no handshake with what is at the other end; see that both devices have the same version, and connect again"
    )]
    Handshake,
    /// What came is not what the other end has said.
    #[error("octets were changed, lost or repeated on the way; connect again")]
    Undecipherable,
    /// A frame is longer than any frame of that state.
    #[error(
        "a frame of {len} octets, at most {limit} are possible; see that both devices have the same version"
    )]
    Oversize {
        /// Octets of the frame.
        len: usize,
        /// Octets, at most.
        limit: usize,
    },
    /// A frame that has no place here, or is none.
    #[error(
        "the other device said what has no place here; see that both devices have the same version"
    )]
    Unexpected,
    /// The other end found something wrong with what it got.
    #[error("the other device could not go on; look there for why, and connect again")]
    FaultOfPeer,
    /// A message of this end is too long.
    #[error("a message of {len} octets, at most {MESSAGE_LEN_MAX} can be sent; split it")]
    MessageTooLong {
        /// Octets of the message.
        len: usize,
    },
    /// The other device is unknown here, or this one is unknown there, and this one does not pair.
    #[error(
        "these devices are not paired, and pairing is off here; switch it on at both, and connect again"
    )]
    PairingOff,
    /// As [`LinkEnd::PairingOff`], but the other device does not pair.
    #[error(
        "these devices are not paired, and pairing is off at the other one; switch it on at both, and connect again"
    )]
    PairingOffAtPeer,
    /// The user of this end says that the numbers differ.
    #[error(
        "the numbers differ, so somebody may be between the devices; pair them elsewhere, or over another network"
    )]
    Unequal,
    /// The user of the other end says so.
    #[error(
        "the user of the other device says that the numbers differ; somebody may be between the devices"
    )]
    UnequalAtPeer,
    /// The other end has revealed what it had not committed to.
    #[error("the other device tried to choose the number; do not pair with it")]
    WrongReveal,
    /// The users have not compared in time.
    #[error("the numbers were not confirmed at both devices within {COMPARISON_MAX}; pair again")]
    ComparisonTimeout,
}

/// Why a link wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum LinkTimer {
    /// The handshake must be finished.
    Handshake,
    /// The numbers must be confirmed.
    Comparison,
    /// The other end is asked for a proof that it is there.
    Ping,
    /// No proof is new enough any more.
    Supervision,
}
