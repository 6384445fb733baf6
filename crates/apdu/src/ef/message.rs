//! Short messages and their settings.

use alloc::{string::String, vec::Vec};

use polysim_base::bcd;

use super::{Contents, DIALLING_DIGITS_MAX, EfError, FILLER, Number, first};
use crate::alpha::{decode_alpha, put_alpha};

/// Bytes of a record of EF.SMSP behind its text.
const SMSP_LEN: usize = 28;

/// A record of EF.SMSP, parameters for sending (TS 31.102, 4.2.27).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Smsp {
    /// Name of the set.
    pub name: String,
    /// TP-DA.
    pub destination: Option<Number>,
    /// Address of the service centre.
    pub service_centre: Option<Number>,
    /// TP-PID.
    pub protocol: Option<u8>,
    /// TP-DCS.
    pub coding: Option<u8>,
    /// TP-VP in relative format; see [`validity_minutes`].
    pub validity: Option<u8>,
}

impl Contents for Smsp {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let Some((name, fields)) = bytes.split_last_chunk::<SMSP_LEN>() else {
            return Err(EfError::Short { len: bytes.len(), min: SMSP_LEN });
        };
        let &[indicators, ref addresses @ .., protocol, coding, validity] = fields;
        let (to, centre) = addresses.split_at(12);
        let present = |bit: u8| indicators & bit == 0;
        let given = |bit, value| if present(bit) { Some(value) } else { None };
        let address = |bit, field, parse: fn(&[u8; 12]) -> Result<Option<Number>, EfError>| {
            if present(bit) { parse(first(field)?) } else { Ok(None) }
        };
        Ok(Self {
            name: decode_alpha(name)?,
            destination: address(0x01, to, parse_destination)?,
            service_centre: address(0x02, centre, Number::parse)?,
            protocol: given(0x04, protocol),
            coding: given(0x08, coding),
            validity: given(0x10, validity),
        })
    }

    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let len = size.checked_sub(SMSP_LEN).ok_or(EfError::Long { len: SMSP_LEN, size })?;
        put_alpha(&self.name, len, out)?;
        let present = [
            self.destination.is_some(),
            self.service_centre.is_some(),
            self.protocol.is_some(),
            self.coding.is_some(),
            self.validity.is_some(),
        ];
        let bits = present.iter().enumerate().filter(|(_, there)| **there).map(|(at, _)| at);
        out.push(bits.fold(FILLER, |indicators, at| indicators & !(1 << at)));
        put_destination(self.destination.as_ref(), out)?;
        Number::put(self.service_centre.as_ref(), out)?;
        let fields = [self.protocol, self.coding, self.validity];
        out.extend(fields.map(|field| field.unwrap_or(FILLER)));
        Ok(())
    }
}

/// Reads TP-DA: its length counts digits (TS 23.040, 9.1.2.5).
fn parse_destination(field: &[u8; 12]) -> Result<Option<Number>, EfError> {
    let [len, ton_npi, digits @ ..] = field;
    match usize::from(*len) {
        0 | 0xFF => Ok(None),
        len @ 1..=DIALLING_DIGITS_MAX => {
            Ok(Some(Number { ton_npi: *ton_npi, digits: bcd::unpack(digits, len)? }))
        }
        len => Err(EfError::TooManyDigits { len, limit: DIALLING_DIGITS_MAX }),
    }
}

fn put_destination(number: Option<&Number>, out: &mut Vec<u8>) -> Result<(), EfError> {
    let start = out.len();
    if let Some(number) = number {
        let (packed, _) = number.packed()?;
        out.push(u8::try_from(number.digits.len()).unwrap_or(FILLER));
        out.push(number.ton_npi);
        out.extend_from_slice(&packed);
    }
    out.resize(start + 12, FILLER);
    Ok(())
}

/// Returns the minutes that a relative validity period means (TS 23.040, 9.2.3.12.1).
#[must_use]
pub const fn validity_minutes(period: u8) -> u32 {
    let period = period as u32;
    match period {
        0..=143 => (period + 1) * 5,
        144..=167 => 12 * 60 + (period - 143) * 30,
        168..=196 => (period - 166) * 24 * 60,
        _ => (period - 192) * 7 * 24 * 60,
    }
}

/// What a record of EF.SMS holds (TS 31.102, 4.2.25).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SmsState {
    /// Nothing.
    #[default]
    Free,
    /// A text received and read.
    Read,
    /// A text received, to be read.
    Unread,
    /// A text sent; 0 no report asked, 1 asked, 2 received, 3 received and stored.
    Sent {
        /// What became of the status report.
        report: u8,
    },
    /// A text to be sent.
    ToBeSent,
}

impl SmsState {
    fn of_byte(byte: u8) -> Option<Self> {
        match byte & 0x1F {
            low if low & 1 == 0 => Some(Self::Free),
            0x01 => Some(Self::Read),
            0x03 => Some(Self::Unread),
            0x07 => Some(Self::ToBeSent),
            low if low & 0x07 == 0x05 => Some(Self::Sent { report: low >> 3 }),
            _ => None,
        }
    }

    /// Returns the status byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Free => 0x00,
            Self::Read => 0x01,
            Self::Unread => 0x03,
            Self::Sent { report } => 0x05 | ((report & 3) << 3),
            Self::ToBeSent => 0x07,
        }
    }
}

/// A record of EF.SMS: 176 bytes (TS 31.102, 4.2.25).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct SmsRecord {
    /// What it is.
    pub state: SmsState,
    /// Address of the service centre with its length, then the TPDU, then filler: a TPDU tells
    /// its own end.
    pub message: Vec<u8>,
}

impl SmsRecord {
    /// Splits the message into the address of the service centre, without its length, and the
    /// TPDU with what fills up behind it. `None` if the address is longer than the record.
    #[must_use]
    pub fn parts(&self) -> Option<(&[u8], &[u8])> {
        let (len, rest) = self.message.split_first()?;
        rest.split_at_checked(usize::from(*len))
    }
}

impl Contents for SmsRecord {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[value] = first(bytes)?;
        let state = SmsState::of_byte(value).ok_or(EfError::Value { at: 0, value })?;
        let message = bytes.get(1..).unwrap_or_default();
        let end = message.iter().rposition(|byte| *byte != FILLER).map_or(0, |last| last + 1);
        Ok(Self { state, message: message.get(..end).unwrap_or_default().to_vec() })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.push(self.state.byte());
        out.extend_from_slice(&self.message);
        Ok(())
    }
}

/// EF.SMSS (TS 31.102, 4.2.28).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct SmsStatus {
    /// TP-MR of the text sent last.
    pub last_reference: u8,
    /// Whether a text was refused for want of memory and the network is to be told of room.
    pub memory_exceeded: bool,
}

impl Contents for SmsStatus {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let &[last_reference, flag] = first(bytes)?;
        Ok(Self { last_reference, memory_exceeded: flag & 1 == 0 })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let flag = if self.memory_exceeded { 0xFE } else { 0xFF };
        out.extend_from_slice(&[self.last_reference, flag]);
        Ok(())
    }
}

/// A record of EF.MBI (TS 31.102, 4.2.62): records of EF.MBDN, 0 for none; voice, fax, mail,
/// other, and perhaps video.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct MailboxIds {
    /// Voice, fax, electronic mail, other.
    pub records: [u8; 4],
    /// Video.
    pub video: Option<u8>,
}

impl Contents for MailboxIds {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let video = bytes.get(4).copied().filter(|record| *record != FILLER);
        Ok(Self { records: *first(bytes)?, video })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.records);
        out.extend(self.video);
        Ok(())
    }
}
