//! Numbers to call, and what belongs to a call.

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{
    error::{Flaw, OutOfRange},
    object::{Object, octet, octets},
};

/// The digits of a number in order of their nibbles; `p` is a pause or the end of the number and
/// the start of DTMF, `?` a wild digit (TS 102.221, extended BCD).
const DIGITS: [char; 15] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'p', '?', '+'];
/// Most digits of an address: what one message could carry.
const DIGITS_MAX: usize = 500;
/// Type of number: international, ISDN plan.
const INTERNATIONAL: u8 = 0x91;
/// Type of number: unknown, ISDN plan.
const UNKNOWN: u8 = 0x81;

/// An address: type of number and digits (TS 102.223, 8.1).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Address {
    /// Type of number and numbering plan, as TS 24.008 (10.5.4.7) has them.
    pub type_of_number: u8,
    digits: Box<[u8]>,
}

impl Address {
    /// Reads a number as it is dialled: digits, `*`, `#`, and `p` before DTMF; with `+` in front
    /// it is international.
    ///
    /// # Errors
    /// [`OutOfRange`] names the first character that is none, or tells that there are too many.
    pub fn dialled(number: &str) -> Result<Self, OutOfRange> {
        let (type_of_number, digits) = match number.strip_prefix('+') {
            Some(digits) => (INTERNATIONAL, digits),
            None => (UNKNOWN, number),
        };
        Ok(Self { type_of_number, digits: packed(digits)?.into() })
    }

    /// Returns the number as it is dialled, without a sign for its type.
    #[must_use]
    pub fn digits(&self) -> String {
        unpacked(&self.digits)
    }

    /// Returns the digits as they are carried, low nibble first.
    #[must_use]
    pub const fn octets(&self) -> &[u8] {
        &self.digits
    }
}

fn packed(digits: &str) -> Result<Vec<u8>, OutOfRange> {
    let mut nibbles = Vec::with_capacity(digits.len());
    for (found, digit) in digits.chars().enumerate() {
        let mut codes = (0_u8..).zip(DIGITS);
        let code = codes.find(|(_, known)| *known == digit && digit != '+').map(|(code, _)| code);
        let most = DIGITS_MAX;
        let field = "position of what is no digit";
        nibbles.push(code.ok_or(OutOfRange { field, found, least: 0, most })?);
        if found >= DIGITS_MAX {
            return Err(OutOfRange { field: "digits", found: digits.len(), least: 0, most });
        }
    }
    Ok(nibbles
        .chunks(2)
        .map(|pair| match pair {
            [low, high] => high << 4 | low,
            [low] => 0xF0 | low,
            _ => 0xFF,
        })
        .collect())
}

fn unpacked(octets: &[u8]) -> String {
    octets
        .iter()
        .flat_map(|octet| [octet & 0x0F, octet >> 4])
        .map_while(|nibble| DIGITS.get(usize::from(nibble)))
        .collect()
}

impl Object for Address {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (type_of_number, digits) = value.split_first().ok_or(Flaw::Length)?;
        Ok(Self { type_of_number: *type_of_number, digits: digits.into() })
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.push(self.type_of_number);
        out.extend_from_slice(&self.digits);
    }
}

octets! {
    /// DTMF string: digits two to an octet, low nibble first (TS 102.223, 8.44).
    DtmfString, "DTMF string", 1..=255;
    /// Subaddress, as in TS 24.008 (10.5.4.8) without its identifier (TS 102.223, 8.3).
    Subaddress, "subaddress", 1..=255;
    /// Capability configuration parameters, as EF CCP holds them (TS 102.223, 8.4).
    CapabilityConfiguration, "capability configuration parameters", 1..=255;
    /// SS string: type of number and the digits that a user would type (TS 31.111, 8.14).
    SsString, "SS string", 1..=255;
    /// Cause, as in TS 24.008 (10.5.4.11) without identifier and length; empty for a radio link
    /// failure (TS 31.111, 8.26).
    Cause, "cause", 0..=30;
    /// Call control requested action: what the card made of it (TS 31.111, 8.38).
    CallControlAction, "call control requested action", 1..=255;
    /// IMS URI (TS 31.111, 8.108).
    ImsUri, "IMS URI", 1..=255;
}

octet! {
    /// BC repeat indicator: whether services alternate or follow (TS 31.111, 8.42).
    BcRepeat;
    /// Media type: bit 1 voice, bit 2 video (TS 31.111, 8.132).
    MediaType;
}

impl DtmfString {
    /// Reads digits.
    ///
    /// # Errors
    /// [`OutOfRange`] names the first character that is none, or tells that there are too many.
    pub fn of_digits(digits: &str) -> Result<Self, OutOfRange> {
        Self::new(&packed(digits)?)
    }

    /// Returns the digits.
    #[must_use]
    pub fn digits(&self) -> String {
        unpacked(self.octets())
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::Address;
    use crate::sample::{Draw, Sample};

    impl Sample for Address {
        fn sample(draw: &mut Draw) -> Self {
            Self { type_of_number: draw.octet(), digits: draw.octets(0, 6).into() }
        }
    }
}
