//! Reading and writing the DER of profile elements.
//!
//! The types of the format are many and their fields few of kind, so one reader of fields in
//! order serves them all. It keeps positions, which an eUICC reports, and copies no secret into
//! a buffer that nobody wipes.

use alloc::vec::Vec;

use polysim_base::tlv::{Ber, TlvError, put_ber};

/// Returns the tag of a component with a primitive value under automatic tagging.
pub(super) const fn primitive(number: u32) -> u32 {
    if number < 31 { 0x80 | number } else { 0x9F00 | number }
}

/// Returns the tag of a component with components of its own under automatic tagging.
pub(super) const fn constructed(number: u32) -> u32 {
    if number < 31 { 0xA0 | number } else { 0xBF00 | number }
}

/// The number of a context-specific tag.
pub(super) const fn number(tag: u32) -> Option<u32> {
    match tag {
        0x80..=0x9E | 0xA0..=0xBE => Some(tag & 0x1F),
        0x9F00..=0x9F7F | 0xBF00..=0xBF7F => Some(tag & 0x7F),
        _ => None,
    }
}

/// INTEGER.
pub(super) const INTEGER: u32 = 0x02;
/// OCTET STRING.
pub(super) const OCTETS: u32 = 0x04;
/// OBJECT IDENTIFIER.
pub(super) const OBJECT_ID: u32 = 0x06;
/// SEQUENCE, and SEQUENCE OF.
pub(super) const SEQUENCE: u32 = 0x30;

/// Why a profile package cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("profile element {element}, octet {at}: {problem}")]
pub struct DecodeError {
    /// Which element of the package, from 0 on.
    pub element: usize,
    /// The octet of the element.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What is wrong with a profile package.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Not TLV objects.
    #[error("{0}")]
    Tlv(#[from] TlvError),
    /// A field that must be there is not.
    #[error("the field {tag:X} is missing")]
    Missing {
        /// Its tag.
        tag: u32,
    },
    /// A field that cannot be there.
    #[error("the field {tag:X} does not belong here")]
    Unexpected {
        /// Its tag.
        tag: u32,
    },
    /// A field of the wrong length.
    #[error("the field {tag:X} has {len} octets, {min} to {max} are possible")]
    Length {
        /// Its tag.
        tag: u32,
        /// Its length.
        len: usize,
        /// The shortest possible.
        min: usize,
        /// The longest possible.
        max: usize,
    },
    /// A value out of its range.
    #[error("the field {tag:X} has a value that is not possible")]
    Value {
        /// Its tag.
        tag: u32,
    },
    /// More than what is read here.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

impl DecodeError {
    pub(super) const fn new(at: usize, problem: Problem) -> Self {
        Self { element: 0, at, problem }
    }
}

/// Reads the fields of a value in order.
#[derive(Clone, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
}

/// A field that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) tag: u32,
    pub(super) value: &'a [u8],
    /// Where the value starts.
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads `bytes`, which start at position `at`.
    pub(super) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { rest: bytes, at }
    }

    /// Returns the position of the next field.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Takes the next field, if there is one.
    pub(super) fn next(&mut self) -> Result<Option<Field<'a>>, DecodeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (Ber { tag, value }, rest) =
            Ber::read(self.rest).map_err(|error| DecodeError::new(self.at, Problem::Tlv(error)))?;
        let end = self.at + (self.rest.len() - rest.len());
        (self.rest, self.at) = (rest, end);
        Ok(Some(Field { tag, value, at: end - value.len() }))
    }

    /// Takes the next field if it has this tag.
    pub(super) fn optional(&mut self, tag: u32) -> Result<Option<Field<'a>>, DecodeError> {
        let before = self.clone();
        match self.next()? {
            Some(field) if field.tag == tag => Ok(Some(field)),
            Some(_) | None => {
                *self = before;
                Ok(None)
            }
        }
    }

    /// Takes the next field, which must have this tag.
    pub(super) fn required(&mut self, tag: u32) -> Result<Field<'a>, DecodeError> {
        let at = self.at;
        self.optional(tag)?.ok_or_else(|| DecodeError::new(at, Problem::Missing { tag }))
    }

    /// Ends a value whose last known component has this number: components that later versions of
    /// the format have added are passed over, everything else is a mistake.
    pub(super) fn finish(mut self, last: u32) -> Result<(), DecodeError> {
        loop {
            let at = self.at;
            match self.next()? {
                None => return Ok(()),
                Some(field) if number(field.tag).is_some_and(|number| number > last) => {}
                Some(field) => return Err(unexpected(at, field.tag)),
            }
        }
    }

    /// Ends a value to which nothing can have been added.
    pub(super) fn finish_closed(mut self) -> Result<(), DecodeError> {
        let at = self.at;
        self.next()?.map_or(Ok(()), |field| Err(unexpected(at, field.tag)))
    }

    /// Returns what is left, as it is, when it is a row of fields.
    pub(super) fn rest(mut self) -> Result<&'a [u8], DecodeError> {
        let rest = self.rest;
        while self.next()?.is_some() {}
        Ok(rest)
    }

    /// Reads a SEQUENCE OF with at most `limit` values.
    pub(super) fn list<T>(
        mut self,
        what: &'static str,
        limit: usize,
        mut read: impl FnMut(Field<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut list = Vec::new();
        loop {
            let at = self.at;
            let Some(field) = self.next()? else { return Ok(list) };
            if list.len() == limit {
                return Err(DecodeError::new(at, Problem::TooMany { what, limit }));
            }
            list.push(read(field)?);
        }
    }
}

const fn unexpected(at: usize, tag: u32) -> DecodeError {
    DecodeError::new(at, Problem::Unexpected { tag })
}

impl<'a> Field<'a> {
    /// Returns a reader of the fields inside.
    pub(super) const fn inside(self) -> Reader<'a> {
        Reader::new(self.value, self.at)
    }

    /// Checks the tag of a value in a list.
    pub(super) fn tagged(self, tag: u32) -> Result<Self, DecodeError> {
        if self.tag == tag { Ok(self) } else { Err(unexpected(self.at, self.tag)) }
    }

    pub(super) const fn problem(&self, problem: Problem) -> DecodeError {
        DecodeError::new(self.at, problem)
    }

    /// Returns the error of a value that is not possible.
    pub(super) const fn impossible(&self) -> DecodeError {
        self.problem(Problem::Value { tag: self.tag })
    }

    /// Returns the value if its length is possible.
    pub(super) const fn octets(&self, min: usize, max: usize) -> Result<&'a [u8], DecodeError> {
        let len = self.value.len();
        if len < min || len > max {
            return Err(self.problem(Problem::Length { tag: self.tag, len, min, max }));
        }
        Ok(self.value)
    }

    /// Returns a value of `N` octets.
    pub(super) fn array<const N: usize>(&self) -> Result<[u8; N], DecodeError> {
        let wrong = Problem::Length { tag: self.tag, len: self.value.len(), min: N, max: N };
        self.value.as_array().copied().ok_or_else(|| self.problem(wrong))
    }

    /// Returns a value of two octets as a number.
    pub(super) fn pair(&self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    /// Returns a value of one octet.
    pub(super) fn octet(&self) -> Result<u8, DecodeError> {
        self.array().map(|[octet]| octet)
    }

    /// Reads an INTEGER of 0 to `max`.
    pub(super) fn uint(&self, max: u32) -> Result<u32, DecodeError> {
        let octets = self.octets(1, 5)?;
        let value = octets.iter().fold(0_u64, |value, octet| value << 8 | u64::from(*octet));
        match u32::try_from(value) {
            Ok(value) if value <= max && octets.first().is_some_and(|first| *first < 0x80) => {
                Ok(value)
            }
            Ok(_) | Err(_) => Err(self.impossible()),
        }
    }

    /// Reads an INTEGER of one octet without sign.
    pub(super) fn uint8(&self) -> Result<u8, DecodeError> {
        let value = self.uint(u8::MAX.into())?;
        u8::try_from(value).map_err(|_| self.impossible())
    }

    /// Reads an INTEGER of two octets without sign.
    pub(super) fn uint16(&self, max: u16) -> Result<u16, DecodeError> {
        let value = self.uint(max.into())?;
        u16::try_from(value).map_err(|_| self.impossible())
    }
}

/// Appends a field with fields inside.
pub(super) fn put_inside(out: &mut Vec<u8>, tag: u32, write: impl FnOnce(&mut Vec<u8>)) {
    let mut inside = Vec::new();
    write(&mut inside);
    put_ber(out, tag, &inside);
    // Keys and PINs pass through here.
    zeroize::Zeroize::zeroize(&mut inside);
}

/// Appends a field if there is a value.
pub(super) fn put_some(out: &mut Vec<u8>, tag: u32, value: Option<&[u8]>) {
    if let Some(value) = value {
        put_ber(out, tag, value);
    }
}

/// Appends an INTEGER.
pub(super) fn put_uint(out: &mut Vec<u8>, tag: u32, value: u32) {
    let octets = value.to_be_bytes();
    let significant = octets.iter().position(|octet| *octet != 0).unwrap_or(3);
    let mut minimal = Vec::with_capacity(5);
    minimal.extend(octets.iter().skip(significant));
    if minimal.first().is_some_and(|first| *first >= 0x80) {
        minimal.insert(0, 0);
    }
    put_ber(out, tag, &minimal);
}
