use super::TlvError;
use super::length::{put_length, read_length, split_value};
use alloc::vec::Vec;

/// One BER-TLV object. The tag is its octets as a number: `0x62`, `0x7F49`, `0xBF2B`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ber<'a> {
    /// One to three octets.
    pub tag: u32,
    /// What it holds.
    pub value: &'a [u8],
}

impl<'a> Ber<'a> {
    /// Reads one object and returns it with the octets behind it.
    ///
    /// # Errors
    /// [`TlvError`] with the position, counted from the start of `bytes`.
    pub fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), TlvError> {
        Self::read_at(bytes, 0)
    }

    /// Returns whether the value is itself a sequence of objects (bit 6 of the first tag octet).
    #[must_use]
    pub const fn is_constructed(&self) -> bool {
        let first = match self.tag {
            0..=0xFF => self.tag,
            0x100..=0xFFFF => self.tag >> 8,
            _ => self.tag >> 16,
        };
        first & 0x20 != 0
    }

    /// Returns a reader over the objects inside.
    #[must_use]
    pub const fn children(&self) -> BerReader<'a> {
        BerReader::new(self.value)
    }

    fn read_at(bytes: &'a [u8], at: usize) -> Result<(Self, &'a [u8]), TlvError> {
        let (tag, rest) = read_tag(bytes, at)?;
        let (len, rest) = read_length(rest, at)?;
        let (value, rest) = split_value(rest, len, at)?;
        Ok((Self { tag, value }, rest))
    }
}

fn read_tag(bytes: &[u8], at: usize) -> Result<(u32, &[u8]), TlvError> {
    let truncated = TlvError::Truncated { at };
    let (&first, mut rest) = bytes.split_first().ok_or(truncated)?;
    let mut tag = u32::from(first);
    if first & 0x1F != 0x1F {
        return Ok((tag, rest));
    }
    for _ in 0..2 {
        let (&octet, behind) = rest.split_first().ok_or(truncated)?;
        (tag, rest) = (tag << 8 | u32::from(octet), behind);
        if octet & 0x80 == 0 {
            return Ok((tag, rest));
        }
    }
    Err(TlvError::Tag { at })
}

/// Reads the BER-TLV objects of a byte string in order. Filler octets `00` and `FF` between
/// objects are passed over, as ISO/IEC 7816-4 (5.2.2.1) asks. After an error it ends.
#[derive(Clone, Debug)]
pub struct BerReader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> BerReader<'a> {
    /// Returns a reader over `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Returns the value of the first object with `tag`, passing over the others.
    ///
    /// # Errors
    /// [`TlvError`] when the bytes up to it are no TLV objects.
    pub fn find(mut self, tag: u32) -> Result<Option<&'a [u8]>, TlvError> {
        self.find_map(|object| match object {
            Ok(object) if object.tag == tag => Some(Ok(object.value)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
        .transpose()
    }
}

impl<'a> Iterator for BerReader<'a> {
    type Item = Result<Ber<'a>, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some((0x00 | 0xFF, rest)) = self.rest.split_first() {
            (self.rest, self.at) = (rest, self.at + 1);
        }
        if self.rest.is_empty() {
            return None;
        }
        match Ber::read_at(self.rest, self.at) {
            Ok((object, rest)) => {
                self.at += self.rest.len() - rest.len();
                self.rest = rest;
                Some(Ok(object))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

/// Appends one BER-TLV object.
pub fn put_ber(out: &mut Vec<u8>, tag: u32, value: &[u8]) {
    let [_, high, middle, low] = tag.to_be_bytes();
    match tag {
        0..=0xFF => out.push(low),
        0x100..=0xFFFF => out.extend([middle, low]),
        _ => out.extend([high, middle, low]),
    }
    put_length(out, value.len());
    out.extend_from_slice(value);
}
