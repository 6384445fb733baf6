//! What a terminal is and what it speaks.

use alloc::{string::String, vec::Vec};

use polysim_base::{Imei, Imeisv};

use crate::{
    error::Flaw,
    object::{Object, octet_enum, octets},
};

/// Type of identity in the low nibble of the first octet (TS 24.008, 10.5.1.4): an odd number of
/// digits of an IMEI.
const TYPE_IMEI: u8 = 0x0A;
/// The same: an even number of digits of an IMEISV.
const TYPE_IMEISV: u8 = 0x03;
/// The octets of an IMEI; its fifteenth digit is a spare zero (TS 23.003, 6.2.1).
const IMEI_OCTETS: usize = 8;
/// The octets of an IMEISV, the last half filled.
const IMEISV_OCTETS: usize = 9;

/// IMEI, coded as a mobile identity (TS 102.223, 8.20).
impl Object for Imei {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let digits = digits(value, IMEI_OCTETS, TYPE_IMEI)?;
        Self::from_device(&digits).map_err(|_| Flaw::Contents(0))
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_digits(self.digits().chain([0]), TYPE_IMEI, out);
    }
}

/// IMEISV, coded as a mobile identity (TS 102.223, 8.74).
impl Object for Imeisv {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let digits = digits(value, IMEISV_OCTETS, TYPE_IMEISV)?;
        Self::parse(&digits).map_err(|_| Flaw::Contents(0))
    }

    fn put(&self, out: &mut Vec<u8>) {
        let version = [self.version / 10 % 10, self.version % 10, 0x0F];
        put_digits(self.imei.digits().chain(version), TYPE_IMEISV, out);
    }
}

fn digits(value: &[u8], octets: usize, kind: u8) -> Result<String, Flaw> {
    let value = value.get(..octets).ok_or(Flaw::Length)?;
    let mut nibbles = value.iter().flat_map(|octet| [octet & 0x0F, octet >> 4]);
    if nibbles.next() != Some(kind) {
        return Err(Flaw::Contents(0));
    }
    let digits = nibbles.take_while(|nibble| *nibble != 0x0F);
    // A nibble above nine becomes a character that no identity has.
    Ok(digits.map(|nibble| char::from(b'0' + nibble)).collect())
}

fn put_digits(digits: impl Iterator<Item = u8>, kind: u8, out: &mut Vec<u8>) {
    let nibbles: Vec<u8> = core::iter::once(kind).chain(digits).collect();
    let (pairs, _) = nibbles.as_chunks::<2>();
    out.extend(pairs.iter().map(|[low, high]| high << 4 | low));
}

/// A language by its two letters of ISO 639 (TS 102.223, 8.45).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Language(pub [u8; 2]);

impl Object for Language {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        value.first_chunk().map(|letters| Self(*letters)).ok_or(Flaw::Length)
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.0);
    }
}

octets! {
    /// ESN (TS 102.223, 8.71).
    Esn, "ESN", 4..=4;
    /// MEID (TS 102.223, 8.81).
    Meid, "MEID", 8..=8;
}

octet_enum! {
    /// How full the battery is (TS 102.223, 8.76).
    BatteryState {
        /// Very low.
        VeryLow = 0x00,
        /// Low.
        Low = 0x01,
        /// Average.
        Average = 0x02,
        /// Good.
        Good = 0x03,
        /// Full.
        Full = 0x04,
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::Language;
    use crate::sample::{Draw, Sample};
    use alloc::string::String;
    use polysim_base::{Imei, Imeisv};

    fn digits(draw: &mut Draw, count: u8) -> String {
        (0..count).map(|_| char::from(b'0' + draw.below(10))).collect()
    }

    impl Sample for Imei {
        fn sample(draw: &mut Draw) -> Self {
            let Ok(imei) = Self::parse(&digits(draw, 14)) else {
                unreachable!("14 digits are an IMEI")
            };
            imei
        }
    }

    impl Sample for Imeisv {
        fn sample(draw: &mut Draw) -> Self {
            Self { imei: Imei::sample(draw), version: draw.below(100) }
        }
    }

    impl Sample for Language {
        fn sample(draw: &mut Draw) -> Self {
            Self([b'a' + draw.below(26), b'a' + draw.below(26)])
        }
    }
}
