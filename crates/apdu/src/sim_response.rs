//! The answer of a 2G SIM to SELECT and STATUS (TS 51.011, 9.2.1).

use alloc::vec::Vec;

use crate::FileId;

/// Why bytes are no such answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimResponseError {
    /// Too few bytes for the type of file.
    #[error("2G response of {len} bytes, {min} are needed")]
    Short {
        /// Bytes given.
        len: usize,
        /// Bytes needed.
        min: usize,
    },
    /// An unknown type of file.
    #[error("2G response: file type {value:02X} at byte 7")]
    FileType {
        /// The byte.
        value: u8,
    },
    /// An unknown structure of an EF.
    #[error("2G response: file structure {value:02X} at byte 14")]
    Structure {
        /// The byte.
        value: u8,
    },
}

/// What a 2G SIM tells of the selected file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SimResponse {
    /// The MF or a DF.
    Df(SimDf),
    /// An EF.
    Ef(SimEf),
}

/// MF or DF of a 2G SIM.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SimDf {
    /// Bytes of memory not allocated below it.
    pub free_memory: u16,
    /// Its identifier; [`FileId::MF`] makes it the MF.
    pub file: FileId,
    /// Clock stop, voltage; bit 8 tells that CHV 1 is disabled.
    pub characteristics: u8,
    /// DFs directly below.
    pub df_count: u8,
    /// EFs directly below.
    pub ef_count: u8,
    /// CHVs, unblock CHVs and administrative codes.
    pub code_count: u8,
    /// State of CHV 1, its unblock CHV, CHV 2, its unblock CHV.
    pub codes: [ChvState; 4],
}

/// State of a CHV.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct ChvState {
    /// Whether it has a value.
    pub initialised: bool,
    /// Tries left, 0 to 15.
    pub tries: u8,
}

/// EF of a 2G SIM.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SimEf {
    /// Bytes of its body.
    pub size: u16,
    /// Its identifier.
    pub file: FileId,
    /// Whether INCREASE is allowed (cyclic EF only).
    pub increase: bool,
    /// Access conditions, a nibble each: read, update; increase, RFU; rehabilitate, invalidate.
    pub access: [u8; 3],
    /// Bit 1: not invalidated; bit 3: readable and updatable when invalidated.
    pub status: u8,
    /// Its structure.
    pub structure: SimStructure,
}

/// Structure of an EF of a 2G SIM.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SimStructure {
    /// Transparent.
    Transparent,
    /// Linear fixed.
    LinearFixed {
        /// Bytes of a record.
        record_len: u8,
    },
    /// Cyclic.
    Cyclic {
        /// Bytes of a record.
        record_len: u8,
    },
}

impl SimResponse {
    /// Reads an answer. A DF's answer may end after CHV 2; states that are missing then are zero.
    ///
    /// # Errors
    /// [`SimResponseError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SimResponseError> {
        let short = |min| SimResponseError::Short { len: bytes.len(), min };
        let Some((&[_, _, high, low, file_high, file_low, kind], rest)) =
            bytes.split_first_chunk::<7>()
        else {
            return Err(short(14));
        };
        let size = u16::from_be_bytes([high, low]);
        let file = FileId::from([file_high, file_low]);
        match (kind, rest) {
            (0x01 | 0x02, [_, _, _, _, _, _, characteristics, dfs, efs, codes, _, states @ ..]) => {
                let mut df = SimDf {
                    free_memory: size,
                    file,
                    characteristics: *characteristics,
                    df_count: *dfs,
                    ef_count: *efs,
                    code_count: *codes,
                    codes: [ChvState::default(); 4],
                };
                for (state, byte) in df.codes.iter_mut().zip(states) {
                    *state = ChvState { initialised: byte & 0x80 != 0, tries: byte & 0x0F };
                }
                Ok(Self::Df(df))
            }
            (0x01 | 0x02, _) => Err(short(18)),
            (0x04, [flags, first, second, third, status, _, structure, rest @ ..]) => {
                let record_len = rest.first().copied();
                let structure = match (structure, record_len) {
                    (0, _) => SimStructure::Transparent,
                    (1, Some(record_len)) => SimStructure::LinearFixed { record_len },
                    (3, Some(record_len)) => SimStructure::Cyclic { record_len },
                    (1 | 3, None) => return Err(short(15)),
                    (value, _) => return Err(SimResponseError::Structure { value: *value }),
                };
                Ok(Self::Ef(SimEf {
                    size,
                    file,
                    increase: flags & 0x40 != 0,
                    access: [*first, *second, *third],
                    status: *status,
                    structure,
                }))
            }
            (0x04, _) => Err(short(14)),
            (value, _) => Err(SimResponseError::FileType { value }),
        }
    }

    /// Appends the answer: 22 bytes for a directory, 15 for an EF.
    pub fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::Df(df) => df.emit(out),
            Self::Ef(ef) => ef.emit(out),
        }
    }
}

impl SimDf {
    fn emit(&self, out: &mut Vec<u8>) {
        let [high, low] = self.free_memory.to_be_bytes();
        let [file_high, file_low] = self.file.bytes();
        let kind = if self.file == FileId::MF { 0x01 } else { 0x02 };
        out.extend_from_slice(&[0, 0, high, low, file_high, file_low, kind, 0, 0, 0, 0, 0, 9]);
        out.extend_from_slice(&[self.characteristics, self.df_count, self.ef_count]);
        out.extend_from_slice(&[self.code_count, 0]);
        out.extend(
            self.codes
                .iter()
                .map(|state| (state.tries & 0x0F) | if state.initialised { 0x80 } else { 0 }),
        );
    }
}

impl SimEf {
    fn emit(&self, out: &mut Vec<u8>) {
        let [high, low] = self.size.to_be_bytes();
        let [file_high, file_low] = self.file.bytes();
        let flags = if self.increase { 0x40 } else { 0 };
        let [first, second, third] = self.access;
        let (structure, record_len) = match self.structure {
            SimStructure::Transparent => (0, 0),
            SimStructure::LinearFixed { record_len } => (1, record_len),
            SimStructure::Cyclic { record_len } => (3, record_len),
        };
        out.extend_from_slice(&[0, 0, high, low, file_high, file_low, 0x04, flags]);
        out.extend_from_slice(&[first, second, third, self.status, 2, structure, record_len]);
    }
}
