//! Octets of fixed layouts: read with every length checked.

use crate::{Eid, Iccid, Plmn};
use alloc::string::String;
use alloc::vec::Vec;

/// Why octets are not what was expected.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOctets {
    /// They end too early.
    #[error("octet {at}: {needed} octets are needed, {left} are left")]
    Truncated {
        /// Where.
        at: usize,
        /// Octets needed.
        needed: usize,
        /// Octets there are.
        left: usize,
    },
    /// A value that cannot be.
    #[error("octet {at}: the value cannot be")]
    Value {
        /// Where it begins.
        at: usize,
    },
    /// Something stands behind the end.
    #[error("octet {at}: {count} octets behind the end of the message")]
    Trailing {
        /// Where the end is.
        at: usize,
        /// How many octets there are more.
        count: usize,
    },
}

/// Takes values from the front of octets.
///
/// ```
/// use polysim_base::{InvalidOctets, OctetReader};
///
/// let mut reader = OctetReader::new(&[0x01, 0x02, 0x03]);
/// assert_eq!(reader.u16(), Ok(0x0102));
/// assert_eq!(reader.flag(), Err(InvalidOctets::Value { at: 2 }));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OctetReader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> OctetReader<'a> {
    /// Begins at the first octet.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, at: 0 }
    }

    /// Takes a number of octets.
    ///
    /// # Errors
    /// [`InvalidOctets::Truncated`] where there are fewer.
    pub fn slice(&mut self, count: usize) -> Result<&'a [u8], InvalidOctets> {
        let (at, left) = (self.at, self.rest.len());
        let split = self.rest.split_at_checked(count);
        let (taken, rest) = split.ok_or(InvalidOctets::Truncated { at, needed: count, left })?;
        (self.rest, self.at) = (rest, at.saturating_add(count));
        Ok(taken)
    }

    /// Takes so many octets as the array has.
    ///
    /// # Errors
    /// [`InvalidOctets::Truncated`] where there are fewer.
    pub fn take<const N: usize>(&mut self) -> Result<[u8; N], InvalidOctets> {
        let taken = self.slice(N)?;
        taken.try_into().map_err(|_| self.refuse(N))
    }

    /// Takes one octet.
    ///
    /// # Errors
    /// [`InvalidOctets::Truncated`] where there is none.
    pub fn octet(&mut self) -> Result<u8, InvalidOctets> {
        self.take().map(|[octet]| octet)
    }

    /// Takes a number of two octets, the higher first.
    ///
    /// # Errors
    /// [`InvalidOctets::Truncated`] where there are fewer.
    pub fn u16(&mut self) -> Result<u16, InvalidOctets> {
        self.take().map(u16::from_be_bytes)
    }

    /// Takes a number of four octets, the highest first.
    ///
    /// # Errors
    /// [`InvalidOctets::Truncated`] where there are fewer.
    pub fn u32(&mut self) -> Result<u32, InvalidOctets> {
        self.take().map(u32::from_be_bytes)
    }

    /// Takes a flag, which has one octet to itself.
    ///
    /// # Errors
    /// [`InvalidOctets`] where it is neither 0 nor 1.
    pub fn flag(&mut self) -> Result<bool, InvalidOctets> {
        match self.octet()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.refuse(1)),
        }
    }

    /// Takes a flag, and a value where it says that there is one.
    ///
    /// # Errors
    /// Those of the flag and of the value.
    pub fn optional<T, E: From<InvalidOctets>>(
        &mut self,
        value: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Option<T>, E> {
        if self.flag()? { value(self).map(Some) } else { Ok(None) }
    }

    /// Takes a count in one octet, and so many values.
    ///
    /// # Errors
    /// Those of a value, and [`InvalidOctets`] for a count above the limit.
    pub fn several<T, E: From<InvalidOctets>>(
        &mut self,
        limit: usize,
        mut value: impl FnMut(&mut Self) -> Result<T, E>,
    ) -> Result<Vec<T>, E> {
        let count = usize::from(self.octet()?);
        if count > limit {
            return Err(self.refuse(1).into());
        }
        (0..count).map(|_| value(self)).collect()
    }

    /// Takes the length of a text in one octet, and the text.
    ///
    /// # Errors
    /// [`InvalidOctets`] where there is less, or no text.
    pub fn text(&mut self) -> Result<&'a str, InvalidOctets> {
        let len = usize::from(self.octet()?);
        let text = self.slice(len)?;
        core::str::from_utf8(text).map_err(|_| self.refuse(len))
    }

    /// Takes an EID: two digits in an octet, the first in the higher half.
    ///
    /// # Errors
    /// [`InvalidOctets`] where there is none.
    pub fn eid(&mut self) -> Result<Eid, InvalidOctets> {
        let octets: [u8; 16] = self.take()?;
        let nibbles = octets.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
        // A nibble above nine becomes a character that no EID has.
        let text: String = nibbles.map(|digit| char::from(b'0' + digit)).collect();
        Eid::parse(&text).map_err(|_| self.refuse(16))
    }

    /// Takes an ICCID as EF.ICCID has it.
    ///
    /// # Errors
    /// [`InvalidOctets`] where there is none.
    pub fn iccid(&mut self) -> Result<Iccid, InvalidOctets> {
        let octets = self.take()?;
        Iccid::from_wire(octets).map_err(|_| self.refuse(10))
    }

    /// Takes a PLMN as TS 24.008 has it.
    ///
    /// # Errors
    /// [`InvalidOctets`] where there is none.
    pub fn plmn(&mut self) -> Result<Plmn, InvalidOctets> {
        let octets = self.take()?;
        Plmn::from_wire(octets).ok().flatten().ok_or_else(|| self.refuse(3))
    }

    /// Takes all that is left.
    #[must_use]
    pub const fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// Refuses the `len` octets that were taken last.
    #[must_use]
    pub const fn refuse(&self, len: usize) -> InvalidOctets {
        InvalidOctets::Value { at: self.at.saturating_sub(len) }
    }

    /// Ends here.
    ///
    /// # Errors
    /// [`InvalidOctets::Trailing`] where something is left.
    pub const fn end(self) -> Result<(), InvalidOctets> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(InvalidOctets::Trailing { at: self.at, count }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;

    #[test]
    fn a_count_above_the_limit_is_refused_where_it_stands() {
        let mut reader = OctetReader::new(&[0, 3, 1, 2, 3]);
        assert_eq!(reader.octet(), Ok(0));
        let read = reader.several(2, OctetReader::octet);
        assert_eq!(read, Err(InvalidOctets::Value { at: 1 }));
        let mut reader = OctetReader::new(&[3, 1, 2, 3]);
        assert_eq!(reader.several(3, OctetReader::octet), Ok(vec![1, 2, 3]));
        assert_eq!(reader.end(), Ok(()));
    }

    #[test]
    fn what_is_too_short_takes_nothing() {
        let mut reader = OctetReader::new(&[2, b'a']);
        let short = InvalidOctets::Truncated { at: 1, needed: 2, left: 1 };
        assert_eq!(reader.text(), Err(short));
        assert_eq!(reader.rest(), b"a");
        assert_eq!(reader.end(), Err(InvalidOctets::Trailing { at: 1, count: 1 }));
    }

    proptest! {
        #[test]
        fn no_octets_are_a_panic(octets in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = OctetReader::new(&octets);
            while reader.eid().is_ok()
                || reader.iccid().is_ok()
                || reader.plmn().is_ok()
                || reader.optional(OctetReader::text).is_ok()
            {}
        }
    }
}
