//! DER, read strictly and written by hand.

use alloc::vec::Vec;

use polysim_base::tlv::{Ber, put_ber};

use crate::crypto::Signature;

pub(crate) const BOOLEAN: u32 = 0x01;
pub(crate) const INTEGER: u32 = 0x02;
pub(crate) const BIT_STRING: u32 = 0x03;
pub(crate) const OCTET_STRING: u32 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u32 = 0x06;
pub(crate) const UTF8_STRING: u32 = 0x0C;
pub(crate) const PRINTABLE_STRING: u32 = 0x13;
pub(crate) const SEQUENCE: u32 = 0x30;
pub(crate) const SET: u32 = 0x31;

/// Octets are not the DER that was expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not the expected DER {left} octets before the end")]
pub struct DerError {
    /// How many octets were left to read, counted inside the innermost object.
    pub left: usize,
}

/// Reads DER objects in order. A length must have its shortest form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Reads one object that must fill `bytes`, and returns a reader over what is in it.
    pub(crate) fn only(bytes: &'a [u8], tag: u32) -> Result<Self, DerError> {
        let mut outer = Self(bytes);
        let inner = outer.enter(tag)?;
        outer.end()?;
        Ok(inner)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns how many octets are left.
    pub(crate) const fn left(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn error(&self) -> DerError {
        DerError { left: self.0.len() }
    }

    /// Returns whether the next object has `tag`, which is of one octet.
    pub(crate) fn is_next(&self, tag: u32) -> bool {
        self.0.first().is_some_and(|first| u32::from(*first) == tag)
    }

    /// Reads tag and length of an object whose value need not be there yet, and returns the length.
    pub(crate) fn header(&mut self, tag: u32) -> Result<usize, DerError> {
        let error = self.error();
        let name = tag.to_be_bytes();
        let start = name.iter().position(|octet| *octet != 0).ok_or(error)?;
        let rest = name.get(start..).and_then(|name| self.0.strip_prefix(name)).ok_or(error)?;
        let (len, rest) = match *rest {
            [len @ 0..=0x7F, ref rest @ ..] => (usize::from(len), rest),
            [0x81, len, ref rest @ ..] => (usize::from(len), rest),
            [0x82, high, low, ref rest @ ..] => (usize::from(high) << 8 | usize::from(low), rest),
            [0x83, high, middle, low, ref rest @ ..] => {
                (usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low), rest)
            }
            _ => return Err(error),
        };
        if self.0.len() - rest.len() + len != encoded_len(tag, len) {
            return Err(error);
        }
        self.0 = rest;
        Ok(len)
    }

    /// Checks that nothing is left.
    pub(crate) const fn end(&self) -> Result<(), DerError> {
        if self.is_empty() { Ok(()) } else { Err(self.error()) }
    }

    /// Reads an object of any tag: its tag, its value, and all its octets.
    pub(crate) fn any(&mut self) -> Result<(u32, &'a [u8], &'a [u8]), DerError> {
        let error = self.error();
        let (object, rest) = Ber::read(self.0).map_err(|_| error)?;
        let whole = self.0.get(..self.0.len() - rest.len()).ok_or(error)?;
        if whole.len() != encoded_len(object.tag, object.value.len()) {
            return Err(error);
        }
        self.0 = rest;
        Ok((object.tag, object.value, whole))
    }

    /// Reads the value of an object that must have `tag`.
    pub(crate) fn value(&mut self, tag: u32) -> Result<&'a [u8], DerError> {
        let error = self.error();
        match self.any()? {
            (found, value, _) if found == tag => Ok(value),
            _ => Err(error),
        }
    }

    /// Reads the value of an object where it has `tag`, and nothing otherwise.
    pub(crate) fn optional(&mut self, tag: u32) -> Result<Option<&'a [u8]>, DerError> {
        let mut ahead = *self;
        match ahead.0.is_empty() {
            true => Ok(None),
            false => match ahead.any()? {
                (found, value, _) if found == tag => {
                    *self = ahead;
                    Ok(Some(value))
                }
                _ => Ok(None),
            },
        }
    }

    /// Reads an object that must have `tag`, and returns a reader over what is in it.
    pub(crate) fn enter(&mut self, tag: u32) -> Result<Self, DerError> {
        self.value(tag).map(Self)
    }

    /// Reads a non-negative INTEGER: its octets without a leading zero.
    pub(crate) fn unsigned(&mut self) -> Result<&'a [u8], DerError> {
        let error = self.error();
        match self.value(INTEGER)? {
            [] | [0x80..=0xFF, ..] | [0, 0..=0x7F, ..] => Err(error),
            [0, rest @ ..] if !rest.is_empty() => Ok(rest),
            value => Ok(value),
        }
    }

    /// Reads a BOOLEAN that is false where it is absent.
    pub(crate) fn flag(&mut self) -> Result<bool, DerError> {
        let error = self.error();
        match self.optional(BOOLEAN)? {
            None => Ok(false),
            Some([0xFF]) => Ok(true),
            // DER leaves a default out, but certificates in the field write it.
            Some([0]) => Ok(false),
            Some(_) => Err(error),
        }
    }

    /// Reads a BIT STRING of whole octets.
    pub(crate) fn bits(&mut self) -> Result<&'a [u8], DerError> {
        let error = self.error();
        match self.value(BIT_STRING)? {
            [0, octets @ ..] => Ok(octets),
            _ => Err(error),
        }
    }
}

/// How many octets an object takes.
const fn encoded_len(tag: u32, len: usize) -> usize {
    let tag_len = match tag {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        _ => 3,
    };
    let length_len = match len {
        0..=0x7F => 1,
        0x80..=0xFF => 2,
        0x100..=0xFFFF => 3,
        _ => 4,
    };
    tag_len + length_len + len
}

/// Returns one object that holds `parts`, one behind the other.
pub(crate) fn tlv(tag: u32, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let mut out = Vec::with_capacity(value.len() + 6);
    put_ber(&mut out, tag, &value);
    out
}

/// Returns a non-negative INTEGER.
pub(crate) fn unsigned(octets: &[u8]) -> Vec<u8> {
    let start = octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len());
    match octets.get(start..) {
        None | Some([]) => tlv(INTEGER, &[&[0]]),
        Some(rest @ [0x80..=0xFF, ..]) => tlv(INTEGER, &[&[0], rest]),
        Some(rest) => tlv(INTEGER, &[rest]),
    }
}

/// Reads an ECDSA-Sig-Value as `r || s`.
pub(crate) fn read_signature(bytes: &[u8]) -> Result<Signature, DerError> {
    let mut pair = Reader::only(bytes, SEQUENCE)?;
    let mut signature = [0; 64];
    let (r, s) = signature.split_at_mut(32);
    for half in [r, s] {
        let error = pair.error();
        let number = pair.unsigned()?;
        let start = half.len().checked_sub(number.len()).ok_or(error)?;
        half.iter_mut().skip(start).zip(number).for_each(|(to, from)| *to = *from);
    }
    pair.end()?;
    Ok(signature)
}

/// Writes `r || s` as an ECDSA-Sig-Value.
pub(crate) fn write_signature(signature: &Signature) -> Vec<u8> {
    let (r, s) = signature.split_at(32);
    tlv(SEQUENCE, &[&unsigned(r), &unsigned(s)])
}
