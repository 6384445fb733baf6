//! TP-User-Data with its length, header and data coding (TS 23.040, 9.2.3.16 and 9.2.3.24).

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{
    alphabet::Shifts,
    coding::{Alphabet, DataCoding},
    error::{TpduError, TpduErrorKind},
    gsm7,
    header::{Concatenation, Header, HeaderBuf, Ports},
    reader::Reader,
    ucs2::{self, InvalidUcs2},
};

/// The most octets of user data, header included.
pub const USER_DATA_OCTETS_MAX: usize = 140;
/// The most septets of user data, header included.
pub const USER_DATA_SEPTETS_MAX: usize = 160;

/// User data and the coding it is in: at most 140 octets or 160 septets.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct UserData {
    coding: DataCoding,
    has_header: bool,
    /// TP-UDL: septets or octets by the coding.
    length: u8,
    /// TP-UD as on the wire; fill bits and spare bits are zero.
    octets: Box<[u8]>,
}

/// Why user data cannot be made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UserDataError {
    /// Too long for one message.
    #[error("{length} octets or septets of user data, the limit is {limit}")]
    TooLong {
        /// Its length in the unit of its coding.
        length: usize,
        /// The limit in that unit.
        limit: usize,
    },
    /// Septets need a coding that counts septets, octets one that counts octets.
    #[error("data coding {:02X} does not count in this unit", coding.0)]
    Coding {
        /// The coding.
        coding: DataCoding,
    },
}

/// Why user data is no text.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// The coding says 8-bit data.
    #[error("8-bit data, not text")]
    Binary,
    /// The text is compressed (TS 23.042), which nothing here decompresses.
    #[error("compressed text")]
    Compressed,
    /// The octets are no UCS-2.
    #[error("part {part}: {error}")]
    Ucs2 {
        /// Zero-based part of a long message; 0 for a short one.
        part: usize,
        /// What is wrong.
        error: InvalidUcs2,
    },
}

impl UserData {
    /// Returns the user data of a text that fits one message, in the cheapest alphabet: default
    /// if it has all characters, else UCS-2.
    ///
    /// # Errors
    /// [`UserDataError::TooLong`]; [`crate::segment`] makes several parts.
    pub fn from_text(text: &str) -> Result<Self, UserDataError> {
        match gsm7::encode(text) {
            Ok(septets) => Self::from_septets(DataCoding::GSM7, &HeaderBuf::new(), &septets),
            Err(_) => Self::from_octets(DataCoding::UCS2, &HeaderBuf::new(), &ucs2::encode(text)),
        }
    }

    /// Returns user data of septets, one to an octet.
    ///
    /// # Errors
    /// [`UserDataError`] when header and septets do not fit, or the coding counts octets.
    pub fn from_septets(
        coding: DataCoding,
        header: &HeaderBuf,
        septets: &[u8],
    ) -> Result<Self, UserDataError> {
        if !coding.counts_septets() {
            return Err(UserDataError::Coding { coding });
        }
        let header_septets = septets_of(header.octets());
        let length = header_septets.saturating_add(septets.len());
        let limit = USER_DATA_SEPTETS_MAX;
        let udl = length_octet(length, limit)?;
        let mut octets = Vec::with_capacity(octets_of(length));
        header.encode(&mut octets);
        let fill_bits = fill_bits(header.octets());
        gsm7::pack_into(septets, fill_bits, &mut octets);
        // A header that ends within the last octet of its septets: the fill bits are all there is.
        octets.truncate(octets_of(length));
        Ok(Self {
            coding,
            has_header: !header.is_empty(),
            length: udl,
            octets: octets.into_boxed_slice(),
        })
    }

    /// Returns user data of octets: 8-bit data, UCS-2, or compressed text.
    ///
    /// # Errors
    /// [`UserDataError`] when header and octets do not fit, or the coding counts septets.
    pub fn from_octets(
        coding: DataCoding,
        header: &HeaderBuf,
        payload: &[u8],
    ) -> Result<Self, UserDataError> {
        if coding.counts_septets() {
            return Err(UserDataError::Coding { coding });
        }
        let length = header.octets().saturating_add(payload.len());
        let udl = length_octet(length, USER_DATA_OCTETS_MAX)?;
        let mut octets = Vec::with_capacity(length);
        header.encode(&mut octets);
        octets.extend_from_slice(payload);
        Ok(Self {
            coding,
            has_header: !header.is_empty(),
            length: udl,
            octets: octets.into_boxed_slice(),
        })
    }

    /// Returns the data coding.
    #[must_use]
    pub const fn coding(&self) -> DataCoding {
        self.coding
    }

    /// Returns TP-User-Data-Length: septets or octets by the coding, header included.
    #[must_use]
    pub const fn length(&self) -> u8 {
        self.length
    }

    /// Returns TP-User-Data as on the wire, header included.
    #[must_use]
    pub const fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Returns whether there is neither header nor payload.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Returns whether there is a header: TP-User-Data-Header-Indicator.
    #[must_use]
    pub const fn has_header(&self) -> bool {
        self.has_header
    }

    /// Returns the header, if there is one.
    #[must_use]
    pub fn header(&self) -> Option<Header<'_>> {
        if !self.has_header {
            return None;
        }
        let elements = self.octets.get(1..self.header_octets())?;
        Some(Header::new(elements))
    }

    /// Returns the octets after the header; packed septets begin after their fill bits.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.octets.get(self.header_octets()..).unwrap_or(&[])
    }

    /// Returns the septets after the header, one to an octet; none if the coding counts octets.
    #[must_use]
    pub fn septets(&self) -> Vec<u8> {
        if !self.coding.counts_septets() {
            return Vec::new();
        }
        let (count, fill_bits) = self.septet_span();
        gsm7::unpack(self.payload(), count, fill_bits)
    }

    /// Returns which part of a long message this is.
    #[must_use]
    pub fn concatenation(&self) -> Option<Concatenation> {
        self.header()?.concatenation()
    }

    /// Returns the application ports.
    #[must_use]
    pub fn ports(&self) -> Option<Ports> {
        self.header()?.ports()
    }

    /// Returns the national languages the header names.
    #[must_use]
    pub fn shifts(&self) -> Shifts {
        self.header().map_or(Shifts::DEFAULT, |header| header.shifts())
    }

    /// Returns the text of this part alone.
    ///
    /// # Errors
    /// [`TextError`] for data, compressed text, or octets that are no UCS-2.
    pub fn text(&self) -> Result<String, TextError> {
        let mut text = String::with_capacity(usize::from(self.length));
        let mut decoder = TextDecoder::default();
        decoder.push(self, &mut text)?;
        decoder.finish(&mut text)?;
        Ok(text)
    }

    /// Octets of the header, its length octet included.
    fn header_octets(&self) -> usize {
        match self.octets.first() {
            Some(length) if self.has_header => usize::from(*length).saturating_add(1),
            _ => 0,
        }
    }

    /// How many septets follow the header, and after how many fill bits.
    fn septet_span(&self) -> (usize, u8) {
        let header = self.header_octets();
        let count = usize::from(self.length).saturating_sub(septets_of(header));
        (count, fill_bits(header))
    }

    /// Reads TP-UDL and TP-UD.
    pub(crate) fn parse(
        reader: &mut Reader<'_>,
        coding: DataCoding,
        has_header: bool,
    ) -> Result<Self, TpduError> {
        let at = reader.at();
        let udl = reader.octet("TP-UDL")?;
        let length = usize::from(udl);
        let (limit, size) = if coding.counts_septets() {
            (USER_DATA_SEPTETS_MAX, octets_of(length))
        } else {
            (USER_DATA_OCTETS_MAX, length)
        };
        if length > limit {
            let kind = TpduErrorKind::UserDataLength { field: "TP-UDL", length, limit };
            return Err(TpduError::new(at, kind));
        }
        let at = reader.at();
        let octets = reader.take("TP-UD", size)?;
        let mut user_data = Self { coding, has_header, length: udl, octets: octets.into() };
        if has_header {
            check_header(octets).map_err(|kind| TpduError::new(at, kind))?;
        }
        if coding.counts_septets() {
            let header = user_data.header_octets();
            if septets_of(header) > length {
                let left = octets.len();
                let kind = TpduErrorKind::HeaderLength { header, left };
                return Err(TpduError::new(at, kind));
            }
            user_data.clear_spare_bits();
        }
        Ok(user_data)
    }

    /// Zeroes the fill bits after the header and the spare bits at the end, whose value has no
    /// meaning, so that equal messages are equal.
    fn clear_spare_bits(&mut self) {
        let header = self.header_octets();
        let fill = fill_bits(header);
        if fill > 0
            && let Some(first) = self.octets.get_mut(header)
        {
            *first &= u8::MAX << fill;
        }
        let used = usize::from(self.length) * 7 % 8;
        if used > 0
            && let Some(last) = self.octets.last_mut()
        {
            *last &= (1_u8 << used).wrapping_sub(1);
        }
    }

    /// Writes TP-UDL and TP-UD.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.length);
        out.extend_from_slice(&self.octets);
    }
}

/// Holds the header's own length against the user data it is in.
pub(crate) fn check_header(octets: &[u8]) -> Result<(), TpduErrorKind> {
    let left = octets.len();
    let header = octets.first().map_or(1, |length| usize::from(*length).saturating_add(1));
    if header > left {
        return Err(TpduErrorKind::HeaderLength { header, left });
    }
    Ok(())
}

/// Septets that this many octets of header take, fill bits included.
pub(crate) const fn septets_of(header_octets: usize) -> usize {
    header_octets.saturating_mul(8).div_ceil(7)
}

/// Octets that this many septets take.
const fn octets_of(septets: usize) -> usize {
    septets.saturating_mul(7).div_ceil(8)
}

/// Bits between the end of a header and the next septet boundary.
fn fill_bits(header_octets: usize) -> u8 {
    let bits = septets_of(header_octets) * 7 - header_octets * 8;
    u8::try_from(bits).unwrap_or(0)
}

fn length_octet(length: usize, limit: usize) -> Result<u8, UserDataError> {
    match u8::try_from(length) {
        Ok(octet) if length <= limit => Ok(octet),
        _ => Err(UserDataError::TooLong { length, limit }),
    }
}

/// Turns the parts of one message into its text: an escape or a surrogate at the end of a part
/// goes on in the next, should its sender have split there.
#[derive(Clone, Debug)]
pub(crate) struct TextDecoder {
    gsm7: gsm7::Decoder,
    ucs2: ucs2::Decoder,
    part: usize,
}

impl Default for TextDecoder {
    fn default() -> Self {
        Self { gsm7: gsm7::Decoder::new(Shifts::DEFAULT), ucs2: ucs2::Decoder::default(), part: 0 }
    }
}

impl TextDecoder {
    pub(crate) fn push(&mut self, data: &UserData, text: &mut String) -> Result<(), TextError> {
        if data.coding.is_compressed() {
            return Err(TextError::Compressed);
        }
        match data.coding.alphabet() {
            Alphabet::Octets => return Err(TextError::Binary),
            Alphabet::Gsm7 => {
                let (count, fill_bits) = data.septet_span();
                self.gsm7.set_shifts(data.shifts());
                self.gsm7.push_packed(data.payload(), count, fill_bits, text);
            }
            Alphabet::Ucs2 => {
                let part = self.part;
                self.ucs2
                    .push(data.payload(), text)
                    .map_err(|error| TextError::Ucs2 { part, error })?;
            }
        }
        self.part = self.part.saturating_add(1);
        Ok(())
    }

    pub(crate) fn finish(mut self, text: &mut String) -> Result<(), TextError> {
        self.gsm7.finish(text);
        let part = self.part.saturating_sub(1);
        self.ucs2.finish().map_err(|error| TextError::Ucs2 { part, error })
    }
}
