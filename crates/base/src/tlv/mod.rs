//! The one reader and writer of TLV objects for the whole code base: BER-TLV (ISO/IEC 8825-1 as
//! profiled by TS 101.220, 7.1.1) and COMPREHENSION-TLV (TS 101.220, 7.1.2).
//!
//! Readers borrow and never allocate. Every length is checked against what is left.

mod ber;
mod comprehension;
mod length;

pub use ber::{Ber, BerReader, put_ber};
pub use comprehension::{Comprehension, ComprehensionReader, put_comprehension};
pub use length::put_length;

/// Why bytes are no TLV object. Positions count from the start of the bytes handed to the reader.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TlvError {
    /// The bytes end inside a tag or a length.
    #[error("TLV at {at}: ends inside its tag or length")]
    Truncated {
        /// Where the object starts.
        at: usize,
    },
    /// The value is longer than what is left.
    #[error("TLV at {at}: {len} octets of value, {left} left")]
    ValueTooLong {
        /// Where the object starts.
        at: usize,
        /// The length it states.
        len: usize,
        /// The octets that are left.
        left: usize,
    },
    /// A tag of more octets than are in use, or a reserved one.
    #[error("TLV at {at}: reserved or too long tag")]
    Tag {
        /// Where the object starts.
        at: usize,
    },
    /// A length form that is not allowed here (indefinite, or more than three octets).
    #[error("TLV at {at}: length form {first:02X} is not allowed")]
    LengthForm {
        /// Where the object starts.
        at: usize,
        /// The first octet of the length.
        first: u8,
    },
}

#[cfg(test)]
mod tests;
