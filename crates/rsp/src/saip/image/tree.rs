//! Files of an image.

use core::fmt;

use alloc::vec::Vec;

/// Where a file stands in an image.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FileIndex(u16);

impl FileIndex {
    /// The MF is the first file.
    pub const MF: Self = Self(0);

    /// Returns the place among the files of the image.
    #[must_use]
    pub const fn at(self) -> usize {
        self.0 as usize
    }

    /// An image has at most [`FILES_MAX`](crate::saip::FILES_MAX) files.
    pub(in crate::saip) fn of(at: usize) -> Self {
        Self(u16::try_from(at).unwrap_or(u16::MAX))
    }
}

/// A file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageFile {
    /// The directory that it is in; that of the MF is the MF.
    pub parent: FileIndex,
    /// File identifier; of an ADF, the one that the package uses in paths.
    pub fid: u16,
    /// Short file identifier.
    pub sfi: Option<u8>,
    /// Its access rules.
    pub arr: ArrReference,
    /// Life cycle status: `05` for activated.
    pub life_cycle: u8,
    /// Special file information: bit 8 for high update activity, bit 7 for readable and updatable
    /// while deactivated.
    pub special: u8,
    /// What it is.
    pub body: Body,
}

impl ImageFile {
    /// Tells whether two files differ in nothing but contents.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let frame = |file: &Self| {
            (file.parent, file.fid, file.sfi, file.arr, file.life_cycle, file.special)
        };
        let same_kind = match (&self.body, &other.body) {
            (Body::Ef(own), Body::Ef(theirs)) => own.shape() == theirs.shape(),
            (own, theirs) => own == theirs,
        };
        frame(self) == frame(other) && same_kind
    }
}

/// A record of an EF.ARR.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ArrReference {
    /// The identifier of the EF.ARR: `2F06` or `6F06`.
    pub file: u16,
    /// The record, from 1 on.
    pub record: u8,
}

/// What a file is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Body {
    /// MF, DF or ADF.
    Directory(Directory),
    /// A file with contents.
    Ef(Ef),
    /// Another name for a file that stands before this one and is no link itself.
    Link(FileIndex),
}

/// A directory.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Directory {
    /// The AID of an ADF.
    pub aid: Option<Vec<u8>>,
    /// References of the PINs that count here.
    pub pins: Vec<u8>,
}

/// Structure of an EF.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Structure {
    /// One string of octets.
    Transparent,
    /// Records of one length.
    LinearFixed,
    /// Records of one length, the last written being the first.
    Cyclic,
    /// Data objects by tag.
    BerTlv,
}

/// A file with contents.
#[derive(Clone, Eq, PartialEq)]
pub struct Ef {
    /// Its structure.
    pub structure: Structure,
    /// Octets of a record; 0 if it has none.
    pub record_len: u16,
    /// All of its contents, record by record; the objects of a BER-TLV file.
    pub contents: Vec<u8>,
    /// Octets reserved for a BER-TLV file; the size of any other.
    pub reserved: usize,
}

impl Ef {
    /// What an EF is beside its contents.
    const fn shape(&self) -> (Structure, u16, usize) {
        (self.structure, self.record_len, self.reserved)
    }

    /// Returns the number of records; 0 if it has none.
    #[must_use]
    pub fn records(&self) -> usize {
        self.contents.len().checked_div(self.record_len.into()).unwrap_or(0)
    }

    /// Returns a record, from 1 on.
    #[must_use]
    pub fn record(&self, number: usize) -> Option<&[u8]> {
        let len = usize::from(self.record_len);
        let start = number.checked_sub(1)?.checked_mul(len)?;
        if len == 0 { None } else { self.contents.get(start..)?.get(..len) }
    }
}

impl fmt::Debug for Ef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Files hold session keys and identities.
        f.debug_struct("Ef")
            .field("structure", &self.structure)
            .field("record_len", &self.record_len)
            .field("contents", &format_args!("{} octets", self.contents.len()))
            .finish_non_exhaustive()
    }
}
