//! What commands name files, records and places in them by.

use core::fmt;
use core::num::NonZeroU8;

/// A file identifier (TS 102.221, 8.6).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileId(pub u16);

impl FileId {
    /// The master file.
    pub const MF: Self = Self(0x3F00);
    /// In a path: the ADF of the application active on the channel.
    pub const CURRENT_ADF: Self = Self(0x7FFF);

    /// Returns the two bytes on the wire.
    #[must_use]
    pub const fn bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

impl From<[u8; 2]> for FileId {
    fn from(bytes: [u8; 2]) -> Self {
        Self(u16::from_be_bytes(bytes))
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

/// A short file identifier, 1 to 30 (TS 102.221, 8.3).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sfi(NonZeroU8);

impl Sfi {
    /// Makes one of its number; `None` for 0 and above 30.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match NonZeroU8::new(number) {
            Some(nonzero) if number <= 30 => Some(Self(nonzero)),
            Some(_) | None => None,
        }
    }

    /// Returns the number, 1 to 30.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.get()
    }
}

/// The EF that a command works on.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum FileRef {
    /// The current EF of the channel.
    #[default]
    Current,
    /// An EF under the current DF, which becomes the current EF.
    Sfi(Sfi),
}

impl FileRef {
    /// Reads five bits: 0 is the current EF; `None` for 31.
    pub(super) fn of_bits(bits: u8) -> Option<Self> {
        if bits == 0 { Some(Self::Current) } else { Sfi::new(bits).map(Self::Sfi) }
    }

    pub(super) const fn bits(self) -> u8 {
        match self {
            Self::Current => 0,
            Self::Sfi(sfi) => sfi.number(),
        }
    }
}

/// Where in a transparent EF a command works (TS 102.221, 11.1.3.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BinaryAddress {
    /// At an offset of the current EF.
    Current(Offset),
    /// At an offset, 0 to 255, of an EF under the current DF.
    Sfi(Sfi, u8),
}

impl BinaryAddress {
    /// The start of the current EF.
    pub const START: Self = Self::Current(Offset(0));

    /// Returns the EF meant.
    #[must_use]
    pub const fn file(self) -> FileRef {
        match self {
            Self::Current(_) => FileRef::Current,
            Self::Sfi(sfi, _) => FileRef::Sfi(sfi),
        }
    }

    /// Returns the offset in bytes.
    #[must_use]
    pub const fn offset(self) -> usize {
        match self {
            Self::Current(Offset(offset)) => offset as usize,
            Self::Sfi(_, offset) => offset as usize,
        }
    }
}

/// An offset in the current EF, 0 to 32,767 bytes.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Offset(u16);

impl Offset {
    /// Makes an offset; `None` above 32,767.
    #[must_use]
    pub const fn new(bytes: u16) -> Option<Self> {
        if bytes <= 0x7FFF { Some(Self(bytes)) } else { None }
    }

    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u16 {
        self.0
    }
}

/// The record that a command works on (TS 102.221, 11.1.5.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RecordRef {
    /// The record with this number.
    Number(NonZeroU8),
    /// The current record.
    Current,
    /// The one after the current record.
    Next,
    /// The one before the current record; for writing a cyclic EF, the oldest.
    Previous,
}

impl RecordRef {
    /// Returns the record of a number; 0 is the current record.
    #[must_use]
    pub const fn of_number(number: u8) -> Self {
        match NonZeroU8::new(number) {
            Some(number) => Self::Number(number),
            None => Self::Current,
        }
    }
}

/// File identifiers one below the other, at least one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Path<'a>(&'a [u8]);

impl<'a> Path<'a> {
    /// Reads a path of two bytes for each file; `None` if it is empty or odd.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Option<Self> {
        if bytes.is_empty() || !bytes.len().is_multiple_of(2) { None } else { Some(Self(bytes)) }
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Returns the file identifiers from the top down.
    pub fn files(self) -> impl DoubleEndedIterator<Item = FileId> + ExactSizeIterator + 'a {
        self.0.as_chunks::<2>().0.iter().map(|&bytes| FileId::from(bytes))
    }
}
