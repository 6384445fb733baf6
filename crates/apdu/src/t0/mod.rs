//! Commands and responses over T=0 (ISO 7816-3, 12.2; TS 102.221, 7.3.1).
//!
//! Over T=0 a command either sends or expects data, never both, and P3 is its one length. A
//! response to data sent waits on the card until GET RESPONSE asks for it. [`T0Host`] turns a
//! command into such TPDUs and puts the answers together again; [`T0Card`] does the reverse on
//! the card's side; [`T0Exchange`] reads one exchange as tracers write it down.

mod card;
mod exchange;
mod host;
#[cfg(test)]
mod tests;

pub use card::T0Card;
pub use exchange::T0Exchange;
pub use host::T0Host;

use crate::Status;

/// Most TPDUs spent on one command; a card that goes on forever is given up.
const EXCHANGES_MAX: u16 = 1_024;

/// Why a command cannot be sent over T=0, or what a TPDU broke.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum T0Error {
    /// P3 cannot express that much data.
    #[error("{len} bytes to send, T=0 carries {limit} at most")]
    TooLong {
        /// Bytes to send.
        len: usize,
        /// The limit.
        limit: usize,
    },
    /// Fewer bytes than header or status word need.
    #[error("a TPDU of {len} bytes, {min} are needed")]
    Short {
        /// Bytes given.
        len: usize,
        /// Bytes needed.
        min: usize,
    },
    /// More data than P3 asked for, or data where P3 counted data sent.
    #[error("{len} bytes of data where P3 allows {allowed}")]
    UnexpectedData {
        /// Bytes given.
        len: usize,
        /// Bytes allowed.
        allowed: usize,
    },
    /// The card never finished.
    #[error("still not done after {exchanges} exchanges, the last status was {last:?}")]
    Endless {
        /// How many exchanges there were.
        exchanges: u16,
        /// The last status word.
        last: Status,
    },
}

/// Returns the number of bytes that P3 of a command expecting data means.
fn expected(p3: u8) -> usize {
    if p3 == 0 { 256 } else { usize::from(p3) }
}

/// Returns the byte that means a number of bytes, at most 256 of them.
fn length_byte(bytes: usize) -> u8 {
    u8::try_from(bytes).unwrap_or(0)
}
