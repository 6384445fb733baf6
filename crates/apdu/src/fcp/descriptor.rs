//! The file descriptor (TS 102.221, 11.1.1.4.3).

use alloc::vec::Vec;

use super::FcpError;

const TAG: u32 = 0x82;
/// The data coding byte that every UICC has: BER-TLV, FF is no valid first tag byte.
const DATA_CODING: u8 = 0x21;

/// The object `82`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct FileDescriptor {
    /// Whether several channels may have the file selected at a time.
    pub shareable: bool,
    /// Whether it is an internal EF, for the card itself.
    pub internal: bool,
    /// Kind and structure.
    pub structure: FileStructure,
    /// The data coding byte.
    pub data_coding: u8,
    /// The records of a record EF.
    pub records: Option<Records>,
}

/// Kind and structure of a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FileStructure {
    /// MF, DF or ADF.
    Df,
    /// An EF of which the structure is not told.
    Unspecified,
    /// Transparent EF.
    Transparent,
    /// Linear fixed EF.
    LinearFixed,
    /// Cyclic EF.
    Cyclic,
    /// BER-TLV EF.
    BerTlv,
}

/// The records of an EF.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Records {
    /// Bytes of each.
    pub length: u16,
    /// How many.
    pub count: u8,
}

impl FileDescriptor {
    /// A shareable directory.
    pub const DF: Self = Self::of(FileStructure::Df, None);
    /// A shareable transparent EF.
    pub const TRANSPARENT: Self = Self::of(FileStructure::Transparent, None);

    const fn of(structure: FileStructure, records: Option<Records>) -> Self {
        Self { shareable: true, internal: false, structure, data_coding: DATA_CODING, records }
    }

    /// A shareable linear fixed EF.
    #[must_use]
    pub const fn linear_fixed(length: u16, count: u8) -> Self {
        Self::of(FileStructure::LinearFixed, Some(Records { length, count }))
    }

    /// A shareable cyclic EF.
    #[must_use]
    pub const fn cyclic(length: u16, count: u8) -> Self {
        Self::of(FileStructure::Cyclic, Some(Records { length, count }))
    }

    /// Reads the value of the object.
    ///
    /// # Errors
    /// [`FcpError`] for lengths other than 2 and 5 and for reserved bits.
    pub fn parse(value: &[u8]) -> Result<Self, FcpError> {
        let (kind, data_coding, records) = match *value {
            [kind, data_coding] => (kind, data_coding, None),
            [kind, data_coding, high, low, count] => {
                let length = u16::from_be_bytes([high, low]);
                (kind, data_coding, Some(Records { length, count }))
            }
            _ => {
                return Err(FcpError::Length { tag: TAG, len: value.len() });
            }
        };
        let (internal, structure) = match kind & 0xBF {
            0x38 => (false, FileStructure::Df),
            0x39 => (false, FileStructure::BerTlv),
            bits @ (0x00..=0x02 | 0x06 | 0x08..=0x0A | 0x0E) => {
                let structure = match bits & 0x07 {
                    0 => FileStructure::Unspecified,
                    1 => FileStructure::Transparent,
                    2 => FileStructure::LinearFixed,
                    _ => FileStructure::Cyclic,
                };
                (bits & 0x08 != 0, structure)
            }
            _ => {
                return Err(FcpError::Value { tag: TAG, value: kind });
            }
        };
        Ok(Self { shareable: kind & 0x40 != 0, internal, structure, data_coding, records })
    }

    /// Returns the first byte.
    #[must_use]
    pub const fn kind_byte(self) -> u8 {
        let kind = match self.structure {
            FileStructure::Df => 0x38,
            FileStructure::BerTlv => 0x39,
            FileStructure::Unspecified => 0x00,
            FileStructure::Transparent => 0x01,
            FileStructure::LinearFixed => 0x02,
            FileStructure::Cyclic => 0x06,
        };
        kind | if self.shareable { 0x40 } else { 0 } | if self.internal { 0x08 } else { 0 }
    }

    /// Appends the object.
    pub fn emit(self, out: &mut Vec<u8>) {
        let kind = self.kind_byte();
        match self.records {
            None => out.extend_from_slice(&[0x82, 2, kind, self.data_coding]),
            Some(Records { length, count }) => {
                let [high, low] = length.to_be_bytes();
                out.extend_from_slice(&[0x82, 5, kind, self.data_coding, high, low, count]);
            }
        }
    }
}
