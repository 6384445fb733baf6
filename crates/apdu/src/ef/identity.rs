//! Who the card is: ICCID, IMSI, access classes, administrative data.

use alloc::vec::Vec;

use polysim_base::{Iccid, Imsi};

use super::{Contents, EfError, first};

/// EF.ICCID (TS 102.221, 13.2).
impl Contents for Iccid {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        Ok(Self::from_wire(*first(bytes)?)?)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(self.wire());
        Ok(())
    }
}

/// EF.IMSI (TS 31.102, 4.2.2).
impl Contents for Imsi {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        Ok(Self::from_ef(*first(bytes)?)?)
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.ef());
        Ok(())
    }
}

/// EF.ACC, access control classes (TS 31.102, 4.2.15): bit n is class n.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct AccessClasses(pub u16);

impl AccessClasses {
    /// Returns the one class that an ordinary subscriber has: the last digit of the IMSI.
    #[must_use]
    pub fn of_imsi(imsi: &Imsi) -> Self {
        Self(1_u16.checked_shl(u32::from(imsi.last_digit())).unwrap_or_default())
    }

    /// Tells whether the class, 0 to 15, is set.
    #[must_use]
    pub fn contains(self, class: u8) -> bool {
        1_u16.checked_shl(u32::from(class)).is_some_and(|bit| self.0 & bit != 0)
    }
}

impl Contents for AccessClasses {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        first(bytes).map(|bytes| Self(u16::from_be_bytes(*bytes)))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.0.to_be_bytes());
        Ok(())
    }
}

/// How the terminal is to operate (TS 31.102, 4.2.18).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum OperationMode {
    /// `00`.
    #[default]
    Normal,
    /// `80`.
    TypeApproval,
    /// `01`: normal, with specific facilities.
    NormalSpecific,
    /// `81`: type approval, with specific facilities.
    TypeApprovalSpecific,
    /// `02`: maintenance off line.
    Maintenance,
    /// `04`: cell test.
    CellTest,
    /// Reserved values.
    Reserved(u8),
}

impl From<u8> for OperationMode {
    fn from(byte: u8) -> Self {
        match byte {
            0x00 => Self::Normal,
            0x80 => Self::TypeApproval,
            0x01 => Self::NormalSpecific,
            0x81 => Self::TypeApprovalSpecific,
            0x02 => Self::Maintenance,
            0x04 => Self::CellTest,
            byte => Self::Reserved(byte),
        }
    }
}

impl From<OperationMode> for u8 {
    fn from(mode: OperationMode) -> Self {
        match mode {
            OperationMode::Normal => 0x00,
            OperationMode::TypeApproval => 0x80,
            OperationMode::NormalSpecific => 0x01,
            OperationMode::TypeApprovalSpecific => 0x81,
            OperationMode::Maintenance => 0x02,
            OperationMode::CellTest => 0x04,
            OperationMode::Reserved(byte) => byte,
        }
    }
}

/// EF.AD, administrative data (TS 31.102, 4.2.18).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Administrative {
    /// How the terminal is to operate.
    pub mode: OperationMode,
    /// Facilities, bytes 2 and 3. Bit 1 of the second is the ciphering indicator.
    pub info: [u8; 2],
    /// Length of the MNC in the IMSI, 2 or 3 digits; old 2G cards do not tell.
    pub mnc_len: Option<u8>,
    /// Bytes from the fifth on.
    pub extensions: Vec<u8>,
}

impl Administrative {
    /// Tells whether the ciphering indicator is to be shown (OFM).
    #[must_use]
    pub const fn ciphering_indicator(&self) -> bool {
        self.info[1] & 0x01 != 0
    }
}

impl Contents for Administrative {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[mode, high, low] = first(bytes)?;
        let (mnc_len, extensions) = match bytes.get(3..).and_then(<[u8]>::split_first) {
            Some((len @ (2 | 3), rest)) => (Some(*len), rest.to_vec()),
            Some((&value, _)) => return Err(EfError::Value { at: 3, value }),
            None => (None, Vec::new()),
        };
        Ok(Self { mode: mode.into(), info: [high, low], mnc_len, extensions })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.push(self.mode.into());
        out.extend_from_slice(&self.info);
        if let Some(len) = self.mnc_len {
            out.push(len);
            out.extend_from_slice(&self.extensions);
        }
        Ok(())
    }
}
