//! Octets of fixed layouts: read with every length checked.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Eid, Iccid, Plmn};

/// Why octets are no message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// More octets than a frame can have.
    #[error("{len} octets, a frame has at most {limit}")]
    TooLong {
        /// Octets there are.
        len: usize,
        /// The most.
        limit: usize,
    },
    /// It ends too early.
    #[error("octet {at}: {needed} octets are needed, {left} are left")]
    Truncated {
        /// Where.
        at: usize,
        /// Octets needed.
        needed: usize,
        /// Octets there are.
        left: usize,
    },
    /// It is of another version or direction: a newer release has made it, or it is something else.
    #[error("a frame that begins with {found:02X} is not known here: update the older side")]
    Version {
        /// Its first octet.
        found: u8,
    },
    /// A value that it cannot have.
    #[error("octet {at}: the value cannot be")]
    Value {
        /// Where it begins.
        at: usize,
    },
    /// Something stands behind its end.
    #[error("octet {at}: {count} octets behind the end of the message")]
    Trailing {
        /// Where it ends.
        at: usize,
        /// How many octets there are more.
        count: usize,
    },
    /// The MAC is not that of the device's key: somebody else has made it, or it was changed.
    #[error("the frame is not authentic")]
    NotAuthentic,
}

/// Takes values from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, at: 0 }
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(WireError::Truncated {
            at: self.at,
            needed: N,
            left: self.rest.len(),
        })?;
        self.rest = rest;
        self.at = self.at.saturating_add(N);
        Ok(*taken)
    }

    pub(super) fn octet(&mut self) -> Result<u8, WireError> {
        self.take().map(|[octet]| octet)
    }

    pub(super) fn u16(&mut self) -> Result<u16, WireError> {
        self.take().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, WireError> {
        self.take().map(u32::from_be_bytes)
    }

    pub(super) fn end(self) -> Result<(), WireError> {
        match self.rest.len() {
            0 => Ok(()),
            count => Err(WireError::Trailing { at: self.at, count }),
        }
    }

    /// Refuses the `len` octets taken last.
    pub(super) const fn refuse(&self, len: usize) -> WireError {
        WireError::Value { at: self.at.saturating_sub(len) }
    }

    /// Takes a flag, which has one octet to itself.
    pub(super) fn flag(&mut self) -> Result<bool, WireError> {
        match self.octet()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.refuse(1)),
        }
    }

    /// Takes a count up to a limit.
    pub(super) fn count(&mut self, limit: usize) -> Result<usize, WireError> {
        let count = usize::from(self.octet()?);
        if count <= limit { Ok(count) } else { Err(self.refuse(1)) }
    }

    /// Takes a flag, and a value where it says that there is one.
    pub(super) fn optional<T>(
        &mut self,
        value: impl FnOnce(&mut Self) -> Result<T, WireError>,
    ) -> Result<Option<T>, WireError> {
        if self.flag()? { value(self).map(Some) } else { Ok(None) }
    }

    /// Takes a count up to a limit, and so many values.
    pub(super) fn several<T>(
        &mut self,
        limit: usize,
        mut value: impl FnMut(&mut Self) -> Result<T, WireError>,
    ) -> Result<Vec<T>, WireError> {
        let count = self.count(limit)?;
        (0..count).map(|_| value(self)).collect()
    }

    pub(super) fn eid(&mut self) -> Result<Eid, WireError> {
        let octets: [u8; 16] = self.take()?;
        let nibbles = octets.iter().flat_map(|octet| [octet >> 4, octet & 0x0F]);
        // A nibble above nine becomes a character that no EID has.
        let text: String = nibbles.map(|digit| char::from(b'0' + digit)).collect();
        Eid::parse(&text).map_err(|_| self.refuse(16))
    }

    pub(super) fn iccid(&mut self) -> Result<Iccid, WireError> {
        let octets = self.take()?;
        Iccid::from_wire(octets).map_err(|_| self.refuse(10))
    }

    pub(super) fn plmn(&mut self) -> Result<Plmn, WireError> {
        let octets = self.take()?;
        Plmn::from_wire(octets).ok().flatten().ok_or_else(|| self.refuse(3))
    }

    /// Takes the length of a text in one octet, and the text.
    pub(super) fn text(&mut self) -> Result<&'a str, WireError> {
        let len = usize::from(self.octet()?);
        let (text, rest) = self.rest.split_at_checked(len).ok_or(WireError::Truncated {
            at: self.at,
            needed: len,
            left: self.rest.len(),
        })?;
        self.rest = rest;
        self.at = self.at.saturating_add(len);
        core::str::from_utf8(text).map_err(|_| self.refuse(len))
    }
}

/// Writes values at the end.
#[derive(Debug)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn octets(&mut self, octets: impl AsRef<[u8]>) {
        self.0.extend_from_slice(octets.as_ref());
    }

    pub(super) fn octet(&mut self, octet: u8) {
        self.0.push(octet);
    }

    pub(super) fn optional<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.octet(u8::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
    }

    /// Writes a count, and so many values; what is beyond the limit is left out.
    pub(super) fn several<T>(
        &mut self,
        values: &[T],
        limit: usize,
        mut put: impl FnMut(&mut Self, &T),
    ) {
        let count = values.len().min(limit);
        self.octet(u8::try_from(count).unwrap_or(u8::MAX));
        values.iter().take(count).for_each(|value| put(self, value));
    }

    /// Writes a text with its length. What is too long for that is left out as a whole, so that
    /// nobody takes a part for it.
    pub(super) fn text(&mut self, text: &str) {
        let len = u8::try_from(text.len()).unwrap_or(0);
        self.octet(len);
        if len > 0 {
            self.octets(text);
        }
    }
}
