use super::{Plmn, digits_text};
use crate::digits::{Digits, InvalidDigits};

/// An international mobile subscription identity (TS 23.003, 2.2): 6 to 15 digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Imsi(Digits<8>);
digits_text!(Imsi, InvalidImsi);

/// Why a text is no IMSI.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidImsi {
    /// Not decimal digits.
    #[error("IMSI: {0}")]
    Digits(#[from] InvalidDigits),
    /// Not 6 to 15 of them.
    #[error("IMSI: {len} digits where 6 to 15 are expected")]
    Length {
        /// How many there are.
        len: usize,
    },
    /// The octets of EF IMSI contradict themselves.
    #[error("IMSI: octet {at} of EF IMSI does not fit the others")]
    Octets {
        /// Zero-based octet.
        at: usize,
    },
}

impl Imsi {
    /// Reads 6 to 15 decimal digits.
    ///
    /// # Errors
    /// [`InvalidImsi`] for another character or length.
    pub fn parse(text: &str) -> Result<Self, InvalidImsi> {
        let digits = Digits::parse(text)?;
        match digits.len() {
            6..=15 => Ok(Self(digits)),
            len => Err(InvalidImsi::Length { len }),
        }
    }

    /// Returns the nine octets of EF IMSI (TS 31.102, 4.2.2): length, then parity and digits.
    #[must_use]
    pub fn ef(&self) -> [u8; 9] {
        let count = self.0.len();
        let mut nibbles = [0xF_u8; 16];
        let parity = if count % 2 == 1 { 9 } else { 1 };
        nibbles
            .iter_mut()
            .zip(core::iter::once(parity).chain(self.0.iter()))
            .for_each(|(n, d)| *n = d);
        let mut out = [0xFF; 9];
        let (length, octets) = out.split_at_mut(1);
        length.iter_mut().for_each(|l| *l = u8::try_from(count / 2 + 1).unwrap_or(8));
        for (octet, pair) in octets.iter_mut().zip(nibbles.chunks_exact(2)) {
            *octet = pair.iter().rev().fold(0, |acc, n| acc << 4 | n);
        }
        out
    }

    /// Reads the nine octets of EF IMSI.
    ///
    /// # Errors
    /// [`InvalidImsi`] when length, parity and digits do not fit each other.
    pub fn from_ef(ef: [u8; 9]) -> Result<Self, InvalidImsi> {
        let [length, octets @ ..] = ef;
        let used = octets.get(..usize::from(length)).ok_or(InvalidImsi::Octets { at: 0 })?;
        let mut nibbles = used.iter().flat_map(|o| [o & 0xF, o >> 4]);
        let odd = match nibbles.next() {
            Some(9) => true,
            Some(1) => false,
            _ => return Err(InvalidImsi::Octets { at: 1 }),
        };
        let mut wire = [0xFF_u8; 8];
        for (i, n) in nibbles.enumerate() {
            if let Some(octet) = wire.get_mut(i / 2) {
                *octet = if i % 2 == 0 { 0xF0 | n } else { *octet & 0x0F | n << 4 };
            }
        }
        let digits = Digits::from_wire(wire)?;
        let count = digits.len();
        if (count % 2 == 1) != odd || count / 2 + 1 != used.len() {
            return Err(InvalidImsi::Octets { at: usize::from(length) });
        }
        if count < 6 {
            return Err(InvalidImsi::Length { len: count });
        }
        Ok(Self(digits))
    }

    /// Returns whether the subscription is one of `plmn`'s.
    #[must_use]
    pub fn belongs_to(&self, plmn: Plmn) -> bool {
        plmn.digits().enumerate().all(|(i, digit)| self.0.iter().nth(i) == Some(digit))
    }

    /// Returns the home PLMN, given how long the mobile network code is (EF AD, or a table).
    #[must_use]
    pub fn home(&self, mnc_len: u8) -> Option<Plmn> {
        let mut d = self.0.iter();
        let mut next = || d.next();
        let (mcc, a, b) = ([next()?, next()?, next()?], next()?, next()?);
        Plmn::from_digits(mcc, a, b, if mnc_len == 3 { Some(next()?) } else { None })
    }

    /// Returns the digits.
    pub fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter()
    }

    /// Returns the last digit, which decides the access class (TS 22.011, 4.2).
    #[must_use]
    pub fn last_digit(&self) -> u8 {
        self.0.iter().last().unwrap_or(0)
    }

    /// Returns it with all but the network's digits masked, for logs above debug.
    #[must_use]
    pub fn masked(&self) -> alloc::string::String {
        self.0
            .iter()
            .enumerate()
            .map(|(i, d)| if i < 5 { char::from(b'0' + d) } else { '*' })
            .collect()
    }
}
