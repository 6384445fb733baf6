//! Contents of elementary files (TS 102.221, 13; TS 31.102, 4; TS 31.103, 4; TS 51.011, 10).
//!
//! Every type here reads a file or record by [`Contents::parse`] and writes it, filled up to the
//! size of the file or record, by [`Contents::emit`]. Values that a card holds by the million
//! (location, keys) are plain arrays; the others own their text and lists.
//!
//! ```
//! use polysim_apdu::ef::{Contents, Loci, UpdateStatus};
//! let mut loci = Loci::BLANK;
//! loci.status = UpdateStatus::Updated;
//! let file = loci.emit(11).unwrap();
//! assert_eq!(Loci::parse(&file), Ok(loci));
//! ```

mod closed_group;
mod dialling;
mod directory;
mod flags;
mod identity;
mod ims;
mod key;
mod location;
mod message;
mod name;
mod network;
mod octets;
mod suci;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use polysim_base::bcd::InvalidBcd;
use polysim_base::tlv::{BerReader, TlvError};
use polysim_base::{InvalidIccid, InvalidImsi, InvalidPlmn};

use crate::AlphaError;
pub use closed_group::{ClosedGroup, ClosedGroups, CsgInformation, GroupType};
pub use dialling::{Adn, Cfis, DIALLING_DIGITS_MAX, Ecc, Number};
pub use directory::{Application, CardPower};
pub use flags::{
    AutoAnswer, CallForwardStatus, EhplmnIndication, EmergencyServices, GroupFlags, PwsFlags,
    ServiceTable, UacAccess,
};
pub use identity::{AccessClasses, Administrative, OperationMode};
pub use ims::{EpdgSelection, EpdgSelections, ImsText, NetworkAddress};
pub use key::{
    CipherKeys, EpsSecurity, FiveGsAuthKeys, FiveGsSecurity, GsmKey, StartHfn, Threshold,
};
pub use location::{AreaId, EpsLoci, FiveGsLoci, Loci, PsLoci, UpdateStatus};
pub use message::{MailboxIds, SmsRecord, SmsState, SmsStatus, Smsp, validity_minutes};
pub use name::{Languages, NetworkName, Opl, Pnn, Spn};
pub use network::{
    AccessTechnologies, Earfcn, EarfcnList, GeographicPoint, PlmnAct, PlmnActList, PlmnList,
};
pub use octets::{Octet, Raw};
pub use suci::{RoutingIndicator, SuciCalcInfo, SuciKey, SuciScheme};

/// Filler of unused bytes.
pub(crate) const FILLER: u8 = 0xFF;

/// Why bytes are not the contents of a file, or contents do not fit into one.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EfError {
    /// Too few bytes.
    #[error("file contents of {len} bytes, {min} are needed")]
    Short {
        /// Bytes given.
        len: usize,
        /// Bytes needed.
        min: usize,
    },
    /// More bytes than the file or record has.
    #[error("file contents of {len} bytes do not fit into {size}")]
    Long {
        /// Bytes needed.
        len: usize,
        /// Bytes of the file or record.
        size: usize,
    },
    /// A byte that means nothing.
    #[error("file contents: byte {value:02X} at {at} means nothing")]
    Value {
        /// Where.
        at: usize,
        /// The byte.
        value: u8,
    },
    /// A data object that must be there is not.
    #[error("file contents: no data object {tag:X}")]
    Missing {
        /// Its tag.
        tag: u32,
    },
    /// A data object of an impossible length.
    #[error("file contents: data object {tag:X} of {len} bytes")]
    Object {
        /// Its tag.
        tag: u32,
        /// Its length.
        len: usize,
    },
    /// No data objects where they should be.
    #[error("file contents: {0}")]
    Tlv(#[from] TlvError),
    /// No text.
    #[error("file contents: {0}")]
    Alpha(#[from] AlphaError),
    /// No UTF-8.
    #[error("file contents: no UTF-8 behind byte {at} of data object {tag:X}")]
    Utf8 {
        /// Tag of the object.
        tag: u32,
        /// How much of it is valid.
        at: usize,
    },
    /// No digits.
    #[error("file contents: {0}")]
    Digits(#[from] InvalidBcd),
    /// More digits than the field has.
    #[error("file contents: a number of {len} digits, at most {limit} fit")]
    TooManyDigits {
        /// Digits given.
        len: usize,
        /// The limit.
        limit: usize,
    },
    /// No network.
    #[error("file contents: {0}")]
    Plmn(#[from] InvalidPlmn),
    /// No IMSI.
    #[error("file contents: {0}")]
    Imsi(#[from] InvalidImsi),
    /// No ICCID.
    #[error("file contents: {0}")]
    Iccid(#[from] InvalidIccid),
}

/// What an elementary file, or a record of one, holds.
pub trait Contents: Sized {
    /// Reads a file or record.
    ///
    /// # Errors
    /// [`EfError`] if the bytes are no such contents.
    fn parse(bytes: &[u8]) -> Result<Self, EfError>;

    /// Appends the contents for a file or record of `size` bytes; what is left may be filled here
    /// if the filler is not `FF`.
    ///
    /// # Errors
    /// [`EfError`] if they cannot be coded.
    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError>;

    /// Returns a file or record of `size` bytes, filled up.
    ///
    /// # Errors
    /// [`EfError`] if the contents cannot be coded or do not fit.
    fn emit(&self, size: usize) -> Result<Vec<u8>, EfError> {
        let mut out = Vec::with_capacity(size);
        self.put(size, &mut out)?;
        if out.len() > size {
            return Err(EfError::Long { len: out.len(), size });
        }
        out.resize(size, FILLER);
        Ok(out)
    }
}

/// Takes the first `N` bytes.
fn first<const N: usize>(bytes: &[u8]) -> Result<&[u8; N], EfError> {
    bytes.first_chunk().ok_or(EfError::Short { len: bytes.len(), min: N })
}

/// Takes the value of a data object that must have exactly `N` bytes.
fn fixed<const N: usize>(tag: u32, value: &[u8]) -> Result<[u8; N], EfError> {
    value.as_array().copied().ok_or(EfError::Object { tag, len: value.len() })
}

/// Takes the value of a data object that must be there.
fn required(bytes: &[u8], tag: u32) -> Result<&[u8], EfError> {
    BerReader::new(bytes).find(tag)?.ok_or(EfError::Missing { tag })
}

/// Takes text in UTF-8.
fn utf8(tag: u32, value: &[u8]) -> Result<&str, EfError> {
    core::str::from_utf8(value).map_err(|error| EfError::Utf8 { tag, at: error.valid_up_to() })
}
