//! Command and response APDUs as bytes (ISO 7816-3, 12.1; ISO 7816-4, 5.3).

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use crate::Status;

/// Most bytes that a command can carry (ISO 7816-3, 12.1.3).
pub const DATA_LEN_MAX: usize = 65_535;
/// Most bytes that a response can carry.
pub const RESPONSE_LEN_MAX: usize = 65_536;
/// Most bytes of data, sent or expected, that a short length field can express, plus one for Le.
const SHORT_LEN_MAX: usize = 255;

/// What is wrong with the bytes of an APDU.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ApduError {
    /// Fewer bytes than the smallest APDU has.
    #[error("an APDU of {len} bytes, {min} are needed")]
    Short {
        /// Bytes given.
        len: usize,
        /// Bytes needed.
        min: usize,
    },
    /// The length field does not agree with the number of bytes.
    #[error("length field at byte {position} does not agree with an APDU of {len} bytes")]
    Length {
        /// Where the length field starts.
        position: usize,
        /// Bytes given.
        len: usize,
    },
    /// More data than a length field can express.
    #[error("{len} bytes of data, at most {limit} can be expressed")]
    TooLong {
        /// Bytes given.
        len: usize,
        /// The limit.
        limit: usize,
    },
}

impl From<ApduError> for Status {
    fn from(_: ApduError) -> Self {
        Self::WrongLength
    }
}

/// The length expected of a response, 1 to 65,536 bytes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Le(core::num::NonZeroU32);

impl Le {
    /// 256, which a short field writes as `00`: whatever there is.
    pub const ANY: Self = Self::of_byte(0);
    /// 65,536, which an extended field writes as `0000`.
    pub const ANY_EXTENDED: Self = Self::of_word(0);

    /// Returns the length that one byte means: 0 is 256.
    #[must_use]
    pub const fn of_byte(byte: u8) -> Self {
        Self::of_low(byte as u32, 256)
    }

    /// Returns the length that two bytes mean: 0 is 65,536.
    #[must_use]
    pub const fn of_word(word: u16) -> Self {
        Self::of_low(word as u32, 65_536)
    }

    const fn of_low(low: u32, zero: u32) -> Self {
        match core::num::NonZeroU32::new(if low == 0 { zero } else { low }) {
            Some(length) => Self(length),
            None => Self(core::num::NonZeroU32::MIN),
        }
    }

    /// Makes a length of a number of bytes; `None` for 0 and above 65,536.
    #[must_use]
    pub fn new(bytes: usize) -> Option<Self> {
        let length = u32::try_from(bytes).ok()?;
        core::num::NonZeroU32::new(length).filter(|length| length.get() <= 65_536).map(Self)
    }

    /// Returns the number of bytes, 1 to 65,536.
    #[must_use]
    pub const fn bytes(self) -> usize {
        self.0.get() as usize
    }

    /// Tells whether one byte can express it.
    #[must_use]
    pub const fn is_short(self) -> bool {
        self.0.get() <= 256
    }

    /// Returns P3 for it over T=0: 256 and more are `00`.
    #[must_use]
    pub const fn p3(self) -> u8 {
        let [.., low] = self.0.get().to_be_bytes();
        if self.0.get() < 256 { low } else { 0 }
    }

    /// Returns the two bytes of an extended field.
    const fn word(self) -> [u8; 2] {
        let [.., high, low] = self.0.get().to_be_bytes();
        [high, low]
    }
}

/// The four bytes that every command starts with.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Header {
    /// Class byte.
    pub cla: u8,
    /// Instruction byte.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
}

impl Header {
    /// Makes a header of its four bytes.
    #[must_use]
    pub const fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2 }
    }

    /// Returns the four bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 4] {
        [self.cla, self.ins, self.p1, self.p2]
    }
}

impl From<[u8; 4]> for Header {
    fn from([cla, ins, p1, p2]: [u8; 4]) -> Self {
        Self { cla, ins, p1, p2 }
    }
}

/// The four cases of a command (ISO 7816-3, 12.1.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Case {
    /// No data, none expected.
    One,
    /// Data expected.
    Two,
    /// Data sent.
    Three,
    /// Data sent, data expected.
    Four,
}

/// A command APDU, borrowed from the bytes that came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CommandApdu<'a> {
    header: Header,
    data: &'a [u8],
    le: Option<Le>,
}

impl<'a> CommandApdu<'a> {
    /// A command as a T=0 TPDU shows it: `data` is at most 255 bytes.
    pub(crate) const fn of_tpdu(header: Header, p3: u8, data: &'a [u8]) -> Self {
        let le = if data.is_empty() { Some(Le::of_byte(p3)) } else { None };
        Self { header, data, le }
    }

    /// Makes a command.
    ///
    /// # Errors
    /// [`ApduError::TooLong`] for more than [`DATA_LEN_MAX`] bytes.
    pub const fn new(header: Header, data: &'a [u8], le: Option<Le>) -> Result<Self, ApduError> {
        if data.len() > DATA_LEN_MAX {
            return Err(ApduError::TooLong { len: data.len(), limit: DATA_LEN_MAX });
        }
        Ok(Self { header, data, le })
    }

    /// Reads a command with short or extended length fields (ISO 7816-3, 12.1.3). A T=0 TPDU of a
    /// command that sends nothing reads as case 2, as P3 alone does not tell cases 1 and 2 apart.
    ///
    /// # Errors
    /// [`ApduError`] where the length fields do not agree with the number of bytes.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ApduError> {
        let Some((&header, body)) = bytes.split_first_chunk::<4>() else {
            return Err(ApduError::Short { len: bytes.len(), min: 4 });
        };
        let header = Header::from(header);
        let Some((&p3, rest)) = body.split_first() else {
            return Ok(Self { header, data: &[], le: None });
        };
        if rest.is_empty() {
            return Ok(Self { header, data: &[], le: Some(Le::of_byte(p3)) });
        }
        if p3 == 0 {
            return Self::parse_extended(header, rest, bytes.len());
        }
        match rest.split_at_checked(usize::from(p3)) {
            Some((data, [])) => Ok(Self { header, data, le: None }),
            Some((data, [le])) => Ok(Self { header, data, le: Some(Le::of_byte(*le)) }),
            Some(_) | None => Err(ApduError::Length { position: 4, len: bytes.len() }),
        }
    }

    fn parse_extended(header: Header, rest: &'a [u8], len: usize) -> Result<Self, ApduError> {
        let wrong = ApduError::Length { position: 4, len };
        let Some((&word, rest)) = rest.split_first_chunk::<2>() else {
            return Err(wrong);
        };
        let word = u16::from_be_bytes(word);
        if rest.is_empty() {
            return Ok(Self { header, data: &[], le: Some(Le::of_word(word)) });
        }
        if word == 0 {
            return Err(wrong);
        }
        match rest.split_at_checked(usize::from(word)) {
            Some((data, [])) => Ok(Self { header, data, le: None }),
            Some((data, [high, low])) => {
                let le = Le::of_word(u16::from_be_bytes([*high, *low]));
                Ok(Self { header, data, le: Some(le) })
            }
            Some(_) | None => Err(wrong),
        }
    }

    /// Returns the header.
    #[must_use]
    pub const fn header(&self) -> Header {
        self.header
    }

    /// Returns the data sent, at most [`DATA_LEN_MAX`] bytes.
    #[must_use]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Returns the length expected, if any data is.
    #[must_use]
    pub const fn le(&self) -> Option<Le> {
        self.le
    }

    /// Returns which of the four cases it is.
    #[must_use]
    pub const fn case(&self) -> Case {
        match (self.data.is_empty(), self.le.is_none()) {
            (true, true) => Case::One,
            (true, false) => Case::Two,
            (false, true) => Case::Three,
            (false, false) => Case::Four,
        }
    }

    /// Tells whether short length fields are enough.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.data.len() <= SHORT_LEN_MAX && self.le.is_none_or(Le::is_short)
    }

    /// Appends the bytes, with extended length fields only where short ones are not enough.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.header.bytes());
        let [.., high, low] = (self.data.len() as u64).to_be_bytes();
        let short = self.is_short();
        match self.data {
            [] => return emit_le(self.le, out),
            _ if short => out.push(low),
            _ => out.extend_from_slice(&[0, high, low]),
        }
        out.extend_from_slice(self.data);
        match self.le {
            Some(le) if short => out.push(le.p3()),
            Some(le) => out.extend_from_slice(&le.word()),
            None => {}
        }
    }

    /// Returns the bytes.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.data.len() + 9);
        self.emit(&mut out);
        out
    }
}

/// Appends the length field of a command that sends no data.
pub(crate) fn emit_le(le: Option<Le>, out: &mut Vec<u8>) {
    match le {
        Some(le) if le.is_short() => out.push(le.p3()),
        Some(le) => {
            out.push(0);
            out.extend_from_slice(&le.word());
        }
        None => {}
    }
}

/// A response APDU, borrowed from the bytes that came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResponseApdu<'a> {
    data: &'a [u8],
    status: Status,
}

impl<'a> ResponseApdu<'a> {
    /// Reads a response.
    ///
    /// # Errors
    /// [`ApduError`] for fewer than two bytes or more than [`RESPONSE_LEN_MAX`] of data.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ApduError> {
        let Some((data, &[sw1, sw2])) = bytes.split_last_chunk::<2>() else {
            return Err(ApduError::Short { len: bytes.len(), min: 2 });
        };
        if data.len() > RESPONSE_LEN_MAX {
            return Err(ApduError::TooLong { len: data.len(), limit: RESPONSE_LEN_MAX });
        }
        Ok(Self { data, status: Status::from_bytes(sw1, sw2) })
    }

    /// Returns the data.
    #[must_use]
    pub const fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Returns the status word.
    #[must_use]
    pub const fn status(&self) -> Status {
        self.status
    }

    /// Copies it.
    #[must_use]
    pub fn to_response(&self) -> Response {
        Response { data: self.data.to_vec(), status: self.status }
    }
}

/// A response APDU that owns its data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// The data, [`RESPONSE_LEN_MAX`] bytes at most.
    pub data: Vec<u8>,
    /// The status word.
    pub status: Status,
}

impl Response {
    /// Appends data and status word as they go over the interface.
    pub fn emit(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.data);
        out.extend_from_slice(&self.status.to_bytes());
    }
}

impl From<Status> for Response {
    fn from(status: Status) -> Self {
        Self { data: Vec::new(), status }
    }
}
