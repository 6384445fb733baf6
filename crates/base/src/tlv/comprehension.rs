use super::TlvError;
use super::length::{put_length, read_length, split_value};
use alloc::vec::Vec;

/// One COMPREHENSION-TLV object of the card application toolkit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Comprehension<'a> {
    /// The tag without its comprehension-required flag: 1 to 0x7E, or three octets' 15 bits.
    pub tag: u16,
    /// Whether the receiver must understand it, or else refuse the command.
    pub required: bool,
    /// What it holds.
    pub value: &'a [u8],
}

impl<'a> Comprehension<'a> {
    /// Reads one object and returns it with the octets behind it.
    ///
    /// # Errors
    /// [`TlvError`] with the position, counted from the start of `bytes`.
    pub fn read(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), TlvError> {
        Self::read_at(bytes, 0)
    }

    fn read_at(bytes: &'a [u8], at: usize) -> Result<(Self, &'a [u8]), TlvError> {
        let truncated = TlvError::Truncated { at };
        let (&first, rest) = bytes.split_first().ok_or(truncated)?;
        let (tag, required, rest) = match first {
            0x00 | 0x80 | 0xFF => return Err(TlvError::Tag { at }),
            0x7F => {
                let ([high, low], rest) = rest.split_first_chunk().ok_or(truncated)?;
                let long = u16::from_be_bytes([*high, *low]);
                if long & 0x7FFF <= 0x7F {
                    return Err(TlvError::Tag { at });
                }
                (long & 0x7FFF, long & 0x8000 != 0, rest)
            }
            _ => (u16::from(first & 0x7F), first & 0x80 != 0, rest),
        };
        let (len, rest) = read_length(rest, at)?;
        let (value, rest) = split_value(rest, len, at)?;
        Ok((Self { tag, required, value }, rest))
    }
}

/// Reads the COMPREHENSION-TLV objects of a byte string in order. After an error it ends.
#[derive(Clone, Debug)]
pub struct ComprehensionReader<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> ComprehensionReader<'a> {
    /// Returns a reader over `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Returns the value of the first object with `tag`, passing over the others.
    ///
    /// # Errors
    /// [`TlvError`] when the bytes up to it are no TLV objects.
    pub fn find(mut self, tag: u16) -> Result<Option<&'a [u8]>, TlvError> {
        self.find_map(|object| match object {
            Ok(object) if object.tag == tag => Some(Ok(object.value)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        })
        .transpose()
    }
}

impl<'a> Iterator for ComprehensionReader<'a> {
    type Item = Result<Comprehension<'a>, TlvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match Comprehension::read_at(self.rest, self.at) {
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

/// Appends one COMPREHENSION-TLV object. Tags above 0x7E take three octets.
pub fn put_comprehension(out: &mut Vec<u8>, tag: u16, required: bool, value: &[u8]) {
    let [high, low] = tag.to_be_bytes();
    let flag = if required { 0x80 } else { 0 };
    if tag < 0x7F {
        out.push(low | flag);
    } else {
        out.extend([0x7F, high & 0x7F | flag, low]);
    }
    put_length(out, value.len());
    out.extend_from_slice(value);
}
