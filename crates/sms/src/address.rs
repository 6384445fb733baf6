//! Addresses: of TPDUs (TS 23.040, 9.1.2.5) and of the service centre (TS 24.011, 8.2.5.1).

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use polysim_base::Msisdn;

use crate::{
    error::{TpduError, TpduErrorKind},
    gsm7,
    reader::Reader,
};

/// The most digits an address has (TS 23.040, 9.1.2.5).
pub const ADDRESS_DIGITS_MAX: usize = 20;
/// The most septets an alphanumeric address has: 20 semi-octets hold eleven.
pub const ADDRESS_SEPTETS_MAX: usize = ADDRESS_DIGITS_MAX * 4 / 7;
const OCTETS_MAX: usize = ADDRESS_DIGITS_MAX / 2;
/// Type of address and ten octets of digits.
const SERVICE_CENTRE_OCTETS_MAX: usize = 1 + OCTETS_MAX;
const FIXED_BIT: u8 = 0x80;
const DIGITS: [u8; 15] = *b"0123456789*#abc";
const FILLER: u8 = 0x0F;

/// An address: type, numbering plan, and up to 20 digits or 11 septets of text.
///
/// Reserved types and plans are kept as received (TS 23.040, 9.1.2.5).
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address {
    type_of_address: u8,
    semi_octets: u8,
    /// Digits packed low nibble first with a filler at the odd end, or septets; zero beyond.
    octets: [u8; OCTETS_MAX],
}

/// Type of number (TS 23.040, 9.1.2.5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TypeOfNumber {
    /// Not known, or to be found out by the network.
    Unknown,
    /// With country code.
    International,
    /// Within the country.
    National,
    /// Administrative, of one network.
    NetworkSpecific,
    /// A subscriber number without prefixes.
    Subscriber,
    /// Text in the default alphabet.
    Alphanumeric,
    /// Abbreviated.
    Abbreviated,
    /// `111`, reserved for extension; read as unknown.
    Extension,
}

/// Numbering plan identification (TS 23.040, 9.1.2.5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NumberingPlan {
    /// Not known.
    Unknown,
    /// ISDN and telephone, E.164.
    Isdn,
    /// Data, X.121.
    Data,
    /// Telex.
    Telex,
    /// Service centre specific, `0101`.
    ServiceCentreA,
    /// Service centre specific, `0110`.
    ServiceCentreB,
    /// National.
    National,
    /// Private.
    Private,
    /// ERMES.
    Ermes,
    /// Reserved: 2, 7, 11 to 15; read as unknown.
    Reserved(ReservedPlan),
}

/// A numbering plan that the standard reserves.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ReservedPlan(u8);

impl ReservedPlan {
    #[cfg(test)]
    pub(crate) const fn of(bits: u8) -> Self {
        Self(bits)
    }

    /// Returns the four bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
}

/// Why a text is no address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAddress {
    /// Nothing to dial.
    #[error("an empty number")]
    Empty,
    /// More than fits.
    #[error("{len} digits or septets, the limit is {limit}")]
    TooLong {
        /// How many there are.
        len: usize,
        /// [`ADDRESS_DIGITS_MAX`] or [`ADDRESS_SEPTETS_MAX`].
        limit: usize,
    },
    /// A character that is no digit, or that the default alphabet lacks.
    #[error("no character of an address at position {at}")]
    Character {
        /// Zero-based position in characters.
        at: usize,
    },
    /// An alphanumeric address is text: [`Address::alphanumeric`] makes it.
    #[error("digits do not make an alphanumeric address")]
    Alphanumeric,
}

impl TypeOfNumber {
    const fn bits(self) -> u8 {
        (match self {
            Self::Unknown => 0,
            Self::International => 1,
            Self::National => 2,
            Self::NetworkSpecific => 3,
            Self::Subscriber => 4,
            Self::Alphanumeric => 5,
            Self::Abbreviated => 6,
            Self::Extension => 7,
        }) << 4
    }

    const fn from_bits(type_of_address: u8) -> Self {
        match type_of_address >> 4 & 0x07 {
            0 => Self::Unknown,
            1 => Self::International,
            2 => Self::National,
            3 => Self::NetworkSpecific,
            4 => Self::Subscriber,
            5 => Self::Alphanumeric,
            6 => Self::Abbreviated,
            _ => Self::Extension,
        }
    }
}

impl NumberingPlan {
    const fn bits(self) -> u8 {
        match self {
            Self::Unknown => 0,
            Self::Isdn => 1,
            Self::Data => 3,
            Self::Telex => 4,
            Self::ServiceCentreA => 5,
            Self::ServiceCentreB => 6,
            Self::National => 8,
            Self::Private => 9,
            Self::Ermes => 10,
            Self::Reserved(ReservedPlan(bits)) => bits,
        }
    }

    const fn from_bits(type_of_address: u8) -> Self {
        match type_of_address & 0x0F {
            0 => Self::Unknown,
            1 => Self::Isdn,
            3 => Self::Data,
            4 => Self::Telex,
            5 => Self::ServiceCentreA,
            6 => Self::ServiceCentreB,
            8 => Self::National,
            9 => Self::Private,
            10 => Self::Ermes,
            bits => Self::Reserved(ReservedPlan(bits)),
        }
    }
}

impl Address {
    /// Returns an address of digits `0-9 * # a b c`, none or up to 20.
    ///
    /// # Errors
    /// [`InvalidAddress`] for another character, for too many, or for an alphanumeric type.
    pub fn new(
        ton: TypeOfNumber,
        plan: NumberingPlan,
        digits: &str,
    ) -> Result<Self, InvalidAddress> {
        if ton == TypeOfNumber::Alphanumeric {
            return Err(InvalidAddress::Alphanumeric);
        }
        let mut address = Self::empty(FIXED_BIT | ton.bits() | plan.bits());
        for (at, digit) in digits.chars().enumerate() {
            let nibble = u8::try_from(digit)
                .ok()
                .and_then(polysim_base::bcd::nibble)
                .ok_or(InvalidAddress::Character { at })?;
            if !address.push(nibble) {
                return Err(InvalidAddress::TooLong {
                    len: digits.chars().count(),
                    limit: ADDRESS_DIGITS_MAX,
                });
            }
        }
        Ok(address)
    }

    /// Returns an international number of the telephone plan, given without its plus sign.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn international(digits: &str) -> Result<Self, InvalidAddress> {
        Self::new(TypeOfNumber::International, NumberingPlan::Isdn, digits)
    }

    /// Returns a number as a person dials it: international with a plus sign, else unknown.
    ///
    /// # Errors
    /// As [`Self::new`], and [`InvalidAddress::Empty`].
    pub fn parse_dialled(text: &str) -> Result<Self, InvalidAddress> {
        let (ton, digits) = match text.strip_prefix('+') {
            Some(digits) => (TypeOfNumber::International, digits),
            None => (TypeOfNumber::Unknown, text),
        };
        if digits.is_empty() {
            return Err(InvalidAddress::Empty);
        }
        Self::new(ton, NumberingPlan::Isdn, digits)
    }

    /// Returns a name in the default alphabet, up to 11 septets.
    ///
    /// # Errors
    /// [`InvalidAddress`] when it is too long or has a character outside that alphabet.
    pub fn alphanumeric(name: &str) -> Result<Self, InvalidAddress> {
        let septets =
            gsm7::encode(name).map_err(|error| InvalidAddress::Character { at: error.at })?;
        if septets.len() > ADDRESS_SEPTETS_MAX {
            return Err(InvalidAddress::TooLong { len: septets.len(), limit: ADDRESS_SEPTETS_MAX });
        }
        let type_of_address = FIXED_BIT | TypeOfNumber::Alphanumeric.bits();
        Ok(Self::of_septets(type_of_address, &septets))
    }

    /// Returns the type of number.
    #[must_use]
    pub const fn ton(&self) -> TypeOfNumber {
        TypeOfNumber::from_bits(self.type_of_address)
    }

    /// Returns the numbering plan.
    #[must_use]
    pub const fn plan(&self) -> NumberingPlan {
        NumberingPlan::from_bits(self.type_of_address)
    }

    /// Returns the octet of type and plan, the `<toda>`/`<tosca>` of TS 27.005.
    #[must_use]
    pub const fn type_of_address(&self) -> u8 {
        self.type_of_address
    }

    /// Returns whether it is text.
    #[must_use]
    pub const fn is_alphanumeric(&self) -> bool {
        matches!(self.ton(), TypeOfNumber::Alphanumeric)
    }

    /// Returns the digits `0-9 * # a b c` as ASCII; none of an alphanumeric address.
    pub fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        let count = if self.is_alphanumeric() { 0 } else { usize::from(self.semi_octets) };
        self.octets
            .iter()
            .flat_map(|octet| [octet & 0x0F, octet >> 4])
            .take(count)
            .filter_map(|nibble| DIGITS.get(usize::from(nibble)).copied())
    }

    /// Returns the number it is, if it is international and of 3 to 15 decimal digits.
    #[must_use]
    pub fn msisdn(&self) -> Option<Msisdn> {
        if self.ton() != TypeOfNumber::International {
            return None;
        }
        Msisdn::parse(&self.to_string()).ok()
    }

    const fn empty(type_of_address: u8) -> Self {
        Self { type_of_address, semi_octets: 0, octets: [0; OCTETS_MAX] }
    }

    /// Appends a digit; returns false when the address is full.
    fn push(&mut self, nibble: u8) -> bool {
        let index = usize::from(self.semi_octets);
        let Some(octet) = self.octets.get_mut(index / 2) else {
            return false;
        };
        *octet = if index.is_multiple_of(2) {
            FILLER << 4 | nibble
        } else {
            nibble << 4 | *octet & 0x0F
        };
        self.semi_octets = self.semi_octets.saturating_add(1);
        true
    }

    /// Takes what fits; callers hand at most [`ADDRESS_SEPTETS_MAX`] septets.
    fn of_septets(type_of_address: u8, septets: &[u8]) -> Self {
        let mut address = Self::empty(type_of_address);
        let packed = gsm7::pack(septets, 0);
        for (octet, value) in address.octets.iter_mut().zip(packed) {
            *octet = value;
        }
        address.semi_octets = u8::try_from((septets.len() * 7).div_ceil(4)).unwrap_or(u8::MAX);
        address
    }

    fn septets(&self) -> Vec<u8> {
        gsm7::unpack(&self.octets, usize::from(self.semi_octets) * 4 / 7, 0)
    }

    fn value(&self) -> &[u8] {
        let octets = usize::from(self.semi_octets).div_ceil(2);
        self.octets.get(..octets).unwrap_or(&self.octets)
    }

    fn of_octets(
        (field, at): (&'static str, usize),
        type_of_address: u8,
        semi_octets: usize,
        octets: &[u8],
    ) -> Result<Self, TpduError> {
        if type_of_address & FIXED_BIT == 0 {
            let found = type_of_address;
            return Err(TpduError::new(at, TpduErrorKind::AddressType { field, found }));
        }
        let mut address = Self::empty(type_of_address);
        for (octet, value) in address.octets.iter_mut().zip(octets) {
            *octet = *value;
        }
        address.semi_octets = u8::try_from(semi_octets).unwrap_or(u8::MAX);
        if address.is_alphanumeric() {
            return Ok(Self::of_septets(type_of_address, &address.septets()));
        }
        let nibbles = octets.iter().flat_map(|octet| [octet & 0x0F, octet >> 4]);
        if let Some(filler) = nibbles.take(semi_octets).position(|n| n == FILLER) {
            let at = at.saturating_add(1 + filler / 2);
            return Err(TpduError::new(at, TpduErrorKind::AddressFiller { field }));
        }
        if semi_octets % 2 == 1
            && let Some(last) = address.octets.get_mut(semi_octets / 2)
        {
            *last |= FILLER << 4;
        }
        Ok(address)
    }

    /// Reads an address field of a TPDU: its length in semi-octets, type, and value.
    pub(crate) fn parse(field: &'static str, reader: &mut Reader<'_>) -> Result<Self, TpduError> {
        let at = reader.at();
        let semi_octets = usize::from(reader.octet(field)?);
        if semi_octets > ADDRESS_DIGITS_MAX {
            let kind =
                TpduErrorKind::AddressLength { field, semi_octets, limit: ADDRESS_DIGITS_MAX };
            return Err(TpduError::new(at, kind));
        }
        let at = reader.at();
        let type_of_address = reader.octet(field)?;
        let octets = reader.take(field, semi_octets.div_ceil(2))?;
        Self::of_octets((field, at), type_of_address, semi_octets, octets)
    }

    /// Writes an address field of a TPDU.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.semi_octets);
        out.push(self.type_of_address);
        out.extend_from_slice(self.value());
    }

    /// Reads the service centre address before a TPDU: its length in octets, then type and value.
    pub(crate) fn parse_service_centre(reader: &mut Reader<'_>) -> Result<Option<Self>, TpduError> {
        const FIELD: &str = "service centre address";
        let at = reader.at();
        let octets = usize::from(reader.octet(FIELD)?);
        if octets > SERVICE_CENTRE_OCTETS_MAX {
            let limit = SERVICE_CENTRE_OCTETS_MAX;
            let kind = TpduErrorKind::ServiceCentreLength { octets, limit };
            return Err(TpduError::new(at, kind));
        }
        let at = reader.at();
        let Some((type_of_address, value)) = reader.take(FIELD, octets)?.split_first() else {
            return Ok(None);
        };
        if TypeOfNumber::from_bits(*type_of_address) == TypeOfNumber::Alphanumeric {
            return Self::of_octets((FIELD, at), *type_of_address, value.len() * 2, value)
                .map(|address| Some(address.without_pad()));
        }
        let filled = value.last().is_some_and(|last| last >> 4 == FILLER);
        let semi_octets = value.len() * 2 - usize::from(filled);
        Self::of_octets((FIELD, at), *type_of_address, semi_octets, value).map(Some)
    }

    /// Seven septets leave seven bits spare in whole octets, which would read as an `@`.
    fn without_pad(self) -> Self {
        let septets = self.septets();
        match septets.split_last() {
            Some((0, name)) if name.len() == 7 => Self::of_septets(self.type_of_address, name),
            _ => self,
        }
    }

    /// Writes the service centre address before a TPDU.
    pub(crate) fn encode_service_centre(address: Option<&Self>, out: &mut Vec<u8>) {
        let Some(address) = address else {
            out.push(0);
            return;
        };
        let value = address.value();
        out.push(u8::try_from(1 + value.len()).unwrap_or(u8::MAX));
        out.push(address.type_of_address);
        out.extend_from_slice(value);
    }
}

impl From<&Msisdn> for Address {
    fn from(msisdn: &Msisdn) -> Self {
        let plan = NumberingPlan::Isdn.bits();
        let mut address = Self::empty(FIXED_BIT | TypeOfNumber::International.bits() | plan);
        for digit in msisdn.digits() {
            // At most 15 digits: an address holds 20.
            address.push(digit & 0x0F);
        }
        address
    }
}

impl From<Msisdn> for Address {
    fn from(msisdn: Msisdn) -> Self {
        Self::from(&msisdn)
    }
}

/// The number, with a plus sign if international, or the name.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        if self.is_alphanumeric() {
            let name: String = gsm7::decode(&self.septets());
            return f.write_str(&name);
        }
        if self.ton() == TypeOfNumber::International {
            f.write_char('+')?;
        }
        self.digits().try_for_each(|digit| f.write_char(char::from(digit)))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{:?} {self}", self.ton(), self.plan())
    }
}
