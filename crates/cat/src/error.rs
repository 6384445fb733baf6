//! Why octets are no toolkit message, and what a terminal answers then.

use core::fmt;

use crate::{device::Device, response::GeneralResult, tag::Tag};
use polysim_base::tlv::TlvError;

/// Why octets are no toolkit message, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("octet {at}: {kind}")]
pub struct CatError {
    /// Zero-based position in the octets handed in.
    pub at: usize,
    /// What is wrong there.
    pub kind: CatErrorKind,
}

/// What is wrong at one octet of a toolkit message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CatErrorKind {
    /// The octets end inside a tag or a length.
    #[error("ends inside a tag or a length")]
    Truncated,
    /// An object is longer than what is left.
    #[error("an object of {len} octets, {left} are left")]
    ValueTooLong {
        /// The length it states.
        len: usize,
        /// The octets that are left.
        left: usize,
    },
    /// A tag that is reserved, or of more octets than are in use.
    #[error("a reserved or too long tag")]
    TagForm,
    /// A length form that is not allowed (TS 101.220, 7.1.2).
    #[error("length form {first:02X} is not allowed")]
    LengthForm {
        /// The first octet of the length.
        first: u8,
    },
    /// The outer object is another one.
    #[error("outer tag {found:02X} belongs to no such message")]
    OuterTag {
        /// Its tag.
        found: u32,
    },
    /// Octets follow the message.
    #[error("{count} octets follow the message")]
    Trailing {
        /// How many.
        count: usize,
    },
    /// More octets than one APDU carries.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// An object of the minimum set is not there (TS 102.223, 6.10.3).
    #[error("{object} is missing")]
    Missing {
        /// Which.
        object: Tag,
    },
    /// An object that requires comprehension is unknown, not expected here, or doubled
    /// (TS 102.223, 6.10.4 and 6.10.5).
    #[error("{object} requires comprehension and does not belong here")]
    NotUnderstood {
        /// Which.
        object: Tag,
    },
    /// An object has too few octets, or a number that makes no sense (TS 102.223, 6.10.6).
    #[error("{object} cannot have {octets} octets")]
    Length {
        /// Which.
        object: Tag,
        /// How many octets it has.
        octets: usize,
    },
    /// A reserved or impossible value inside an object (TS 102.223, 6.10.7).
    #[error("{object} holds a reserved or impossible value")]
    Contents {
        /// Which.
        object: Tag,
    },
    /// No proactive command has this type (TS 102.223, 9.4).
    #[error("{found:02X} is no type of command")]
    CommandType {
        /// The type.
        found: u8,
    },
    /// A reserved command qualifier (TS 102.223, 8.6).
    #[error("command qualifier {found:02X} is reserved")]
    Qualifier {
        /// The qualifier.
        found: u8,
    },
    /// The command cannot be meant for that device.
    #[error("the command cannot go to {found:?}")]
    Destination {
        /// The device.
        found: Device,
    },
}

/// A message that no APDU can carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a message of {octets} octets, {limit} are the most")]
pub struct TooLong {
    /// How many octets it has.
    pub octets: usize,
    /// How many it may have.
    pub limit: usize,
}

/// Why an object cannot be made of its value; the reader adds tag and position.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    /// Too few octets, or an impossible number of them.
    Length,
    /// The octet at this position of the value.
    Contents(usize),
}

/// A value is out of the range of its field.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{field} of {found}, {least} to {most} are possible")]
pub struct OutOfRange {
    /// Which field.
    pub field: &'static str,
    /// Its value or length.
    pub found: usize,
    /// The least it can be.
    pub least: usize,
    /// The most it can be.
    pub most: usize,
}

impl CatError {
    pub(crate) const fn new(at: usize, kind: CatErrorKind) -> Self {
        Self { at, kind }
    }

    /// Takes an error of the TLV reader over; `base` is where its octets began.
    pub(crate) const fn of_tlv(error: TlvError, base: usize) -> Self {
        let (at, kind) = match error {
            TlvError::Truncated { at } => (at, CatErrorKind::Truncated),
            TlvError::ValueTooLong { at, len, left } => {
                (at, CatErrorKind::ValueTooLong { len, left })
            }
            TlvError::Tag { at } => (at, CatErrorKind::TagForm),
            TlvError::LengthForm { at, first } => (at, CatErrorKind::LengthForm { first }),
        };
        Self { at: at.saturating_add(base), kind }
    }

    /// Returns what a terminal answers to a command with this flaw (TS 102.223, 6.10).
    #[must_use]
    pub const fn result(&self) -> GeneralResult {
        match self.kind {
            CatErrorKind::Missing { .. } => GeneralResult::ValuesMissing,
            CatErrorKind::CommandType { .. } => GeneralResult::TypeNotUnderstood,
            CatErrorKind::Truncated
            | CatErrorKind::ValueTooLong { .. }
            | CatErrorKind::TagForm
            | CatErrorKind::LengthForm { .. }
            | CatErrorKind::OuterTag { .. }
            | CatErrorKind::Trailing { .. }
            | CatErrorKind::TooLong(_)
            | CatErrorKind::NotUnderstood { .. }
            | CatErrorKind::Length { .. }
            | CatErrorKind::Contents { .. }
            | CatErrorKind::Qualifier { .. }
            | CatErrorKind::Destination { .. } => GeneralResult::DataNotUnderstood,
        }
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "object {:02X} ({name})", self.number()),
            None => write!(f, "object {:02X}", self.number()),
        }
    }
}
