//! What the ends say to each other after the handshake: a tag, and what belongs to it.

use alloc::vec::Vec;

use polysim_base::{Instant, OctetReader};
use zeroize::Zeroizing;

use super::comparison::{Commitment, Nonce};

/// Octets of the tag.
pub(super) const TAG_LEN: usize = 1;

#[derive(Clone, Eq, PartialEq)]
#[cfg_attr(test, derive(Debug))]
pub(super) enum Packet {
    /// A message of those who use the link.
    Data(Zeroizing<Vec<u8>>),
    /// Say this back. The time is one of the sender's own clock.
    Ping(Instant),
    /// The time of a ping.
    Echo(Instant),
    /// The responder: both know each other, the session is up.
    Accept,
    /// The responder: numbers are to be compared, and this is decided before it hears a nonce.
    Commit(Commitment),
    /// The initiator's nonce.
    Nonce(Nonce),
    /// The responder's nonce.
    Reveal(Nonce),
    /// The user of this end says that the numbers are equal.
    Equal,
    /// The last word of a session.
    Close(Farewell),
}

/// Why a session is closed, as far as that concerns the other end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Farewell {
    Closed,
    PairingOff,
    Unequal,
    ComparisonTimeout,
    Fault,
}

impl Farewell {
    const ALL: [Self; 5] =
        [Self::Closed, Self::PairingOff, Self::Unequal, Self::ComparisonTimeout, Self::Fault];

    const fn octet(self) -> u8 {
        match self {
            Self::Closed => 0,
            Self::PairingOff => 1,
            Self::Unequal => 2,
            Self::ComparisonTimeout => 3,
            Self::Fault => 4,
        }
    }
}

impl Packet {
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let (tag, body) = match self {
            Self::Data(message) => (0, message.as_slice()),
            Self::Ping(at) => (1, &at.as_micros().to_be_bytes()[..]),
            Self::Echo(at) => (2, &at.as_micros().to_be_bytes()[..]),
            Self::Accept => (3, &[][..]),
            Self::Commit(commitment) => (4, commitment.0.as_slice()),
            Self::Nonce(nonce) => (5, nonce.0.as_slice()),
            Self::Reveal(nonce) => (6, nonce.0.as_slice()),
            Self::Equal => (7, &[][..]),
            Self::Close(farewell) => (8, &[farewell.octet()][..]),
        };
        Zeroizing::new([&[tag], body].concat())
    }

    /// Reads one; `None` where it is none.
    pub(super) fn parse(octets: &[u8]) -> Option<Self> {
        let mut reader = OctetReader::new(octets);
        let packet = match reader.octet().ok()? {
            0 => return Some(Self::Data(Zeroizing::new(reader.rest().to_vec()))),
            1 => Self::Ping(instant(&mut reader)?),
            2 => Self::Echo(instant(&mut reader)?),
            3 => Self::Accept,
            4 => Self::Commit(Commitment(reader.take().ok()?)),
            5 => Self::Nonce(Nonce(reader.take().ok()?)),
            6 => Self::Reveal(Nonce(reader.take().ok()?)),
            7 => Self::Equal,
            8 => {
                let why = reader.octet().ok()?;
                Self::Close(Farewell::ALL.into_iter().find(|it| it.octet() == why)?)
            }
            _ => return None,
        };
        reader.end().ok()?;
        Some(packet)
    }
}

fn instant(reader: &mut OctetReader<'_>) -> Option<Instant> {
    reader.take().ok().map(u64::from_be_bytes).map(Instant::from_micros)
}
