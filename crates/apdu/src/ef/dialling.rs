//! Numbers to dial.

use alloc::{string::String, vec::Vec};

use polysim_base::bcd;

use super::{CallForwardStatus, Contents, EfError, EmergencyServices, FILLER, first};
use crate::alpha::{decode_alpha, put_alpha};

/// Most digits of a number in ten bytes.
pub const DIALLING_DIGITS_MAX: usize = 20;
/// Bytes of a number with its length and type.
const NUMBER_LEN: usize = 12;

/// A number and its type (TS 24.008, 10.5.4.7).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Number {
    /// Type of number and numbering plan, bit 8 set: `91` international, `81` unknown.
    pub ton_npi: u8,
    /// Digits: `0-9 * # a b c`.
    pub digits: String,
}

impl Number {
    /// Returns a number that is international if it starts with `+`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text.strip_prefix('+') {
            Some(digits) => Self { ton_npi: 0x91, digits: digits.into() },
            None => Self { ton_npi: 0x81, digits: text.into() },
        }
    }

    /// Reads a length in bytes, the type and ten bytes of digits; `None` if it is unused.
    pub(super) fn parse(field: &[u8; NUMBER_LEN]) -> Result<Option<Self>, EfError> {
        let [len, ton_npi, digits @ ..] = field;
        match *len {
            0x00 | FILLER => return Ok(None),
            1..=11 => {}
            value => return Err(EfError::Value { at: 0, value }),
        }
        let used = digits.get(..usize::from(*len) - 1).unwrap_or_default();
        Ok(Some(Self { ton_npi: *ton_npi, digits: bcd::unpack_filled(used)? }))
    }

    /// Appends length in bytes, type and ten bytes of digits.
    pub(super) fn put(number: Option<&Self>, out: &mut Vec<u8>) -> Result<(), EfError> {
        let start = out.len();
        if let Some(number) = number {
            let (packed, len) = number.packed()?;
            out.extend_from_slice(&[len + 1, number.ton_npi]);
            out.extend_from_slice(&packed);
        }
        out.resize(start + NUMBER_LEN, FILLER);
        Ok(())
    }

    /// Returns the digits packed and how many bytes they are.
    pub(super) fn packed(&self) -> Result<(Vec<u8>, u8), EfError> {
        let len = self.digits.len();
        if len > DIALLING_DIGITS_MAX {
            return Err(EfError::TooManyDigits { len, limit: DIALLING_DIGITS_MAX });
        }
        let packed = bcd::pack(&self.digits)?;
        let len = u8::try_from(packed.len()).unwrap_or(u8::MAX);
        Ok((packed, len))
    }
}

/// A record of EF.ADN, EF.FDN, EF.SDN, EF.MSISDN, EF.MBDN (TS 31.102, 4.4.2.3 and 4.2.26): 14
/// bytes and the text before them.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Adn {
    /// Name.
    pub name: String,
    /// Number; `None` if the record has none.
    pub number: Option<Number>,
    /// Record of the capability and configuration parameters.
    pub configuration: Option<u8>,
    /// Record of the extension.
    pub extension: Option<u8>,
}

/// Bytes of a dialling record behind its text.
const TAIL_LEN: usize = 14;

impl Contents for Adn {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let Some((name, tail)) = bytes.split_last_chunk::<TAIL_LEN>() else {
            return Err(EfError::Short { len: bytes.len(), min: TAIL_LEN });
        };
        let (number, configuration, extension) = parse_tail(tail)?;
        Ok(Self { name: decode_alpha(name)?, number, configuration, extension })
    }

    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        let len = size.checked_sub(TAIL_LEN).ok_or(EfError::Long { len: TAIL_LEN, size })?;
        put_alpha(&self.name, len, out)?;
        put_tail(self.number.as_ref(), self.configuration, self.extension, out)
    }
}

type Tail = (Option<Number>, Option<u8>, Option<u8>);

fn parse_tail(tail: &[u8; TAIL_LEN]) -> Result<Tail, EfError> {
    let [.., configuration, extension] = *tail;
    let used = |record| if record == FILLER { None } else { Some(record) };
    let number = Number::parse(first(tail)?)?;
    Ok((number, used(configuration), used(extension)))
}

fn put_tail(
    number: Option<&Number>,
    configuration: Option<u8>,
    extension: Option<u8>,
    out: &mut Vec<u8>,
) -> Result<(), EfError> {
    Number::put(number, out)?;
    out.extend([configuration, extension].map(|record| record.unwrap_or(FILLER)));
    Ok(())
}

/// A record of EF.CFIS, call forwarding (TS 31.102, 4.2.64), 16 bytes.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Cfis {
    /// Subscriber profile, 1 to 4.
    pub profile: u8,
    /// What is forwarded.
    pub status: CallForwardStatus,
    /// Where to.
    pub number: Option<Number>,
    /// Record of the capability and configuration parameters.
    pub configuration: Option<u8>,
    /// Record of the extension.
    pub extension: Option<u8>,
}

impl Contents for Cfis {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let record: &[u8; 16] = first(bytes)?;
        let [profile, status, ..] = *record;
        let tail = record.last_chunk().ok_or(EfError::Short { len: bytes.len(), min: 16 })?;
        let (number, configuration, extension) = parse_tail(tail)?;
        Ok(Self { profile, status: CallForwardStatus(status), number, configuration, extension })
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&[self.profile, self.status.0]);
        put_tail(self.number.as_ref(), self.configuration, self.extension, out)
    }
}

/// A record of EF.ECC, an emergency number (TS 31.102, 4.2.21).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Ecc {
    /// Up to six digits; none if the record is unused.
    pub digits: String,
    /// Name.
    pub name: String,
    /// What answers.
    pub services: EmergencyServices,
}

impl Contents for Ecc {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        match bytes {
            [a, b, c, name @ .., services] => Ok(Self {
                digits: bcd::unpack_filled(&[*a, *b, *c])?,
                name: decode_alpha(name)?,
                services: EmergencyServices(*services),
            }),
            _ => Err(EfError::Short { len: bytes.len(), min: 4 }),
        }
    }

    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        if self.digits.len() > 6 {
            return Err(EfError::TooManyDigits { len: self.digits.len(), limit: 6 });
        }
        let start = out.len();
        out.extend(bcd::pack(&self.digits)?);
        out.resize(start + 3, FILLER);
        let len = size.checked_sub(4).ok_or(EfError::Long { len: 4, size })?;
        put_alpha(&self.name, len, out)?;
        out.push(self.services.0);
        Ok(())
    }
}
