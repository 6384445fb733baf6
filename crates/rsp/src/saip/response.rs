//! What an eUICC answers to a package.

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::tlv::put_ber;

use super::der::{
    DecodeError, Field, Problem, Reader, SEQUENCE, constructed, primitive, put_inside, put_uint,
};

/// Most states in a response.
const STATES_MAX: usize = 512;
/// Longest message, in octets; the format allows 64 characters.
const MESSAGE_LEN_MAX: usize = 256;

/// Status of an element, with the numbers of the format.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub enum Status {
    Ok,
    PeNotSupported,
    MemoryFailure,
    BadValues,
    NotEnoughMemory,
    InvalidRequestFormat,
    InvalidParameter,
    RuntimeNotSupported,
    LibNotSupported,
    TemplateNotSupported,
    FeatureNotSupported,
    PinCodeMissing,
    UnsupportedProfileVersion,
    /// A status word, or a number of the maker.
    Other(u16),
}

impl Status {
    /// The numbers of those that have a name, and what they mean to a person.
    const NUMBERED: [(u16, Self, &'static str); 13] = [
        (0, Self::Ok, "installed"),
        (1, Self::PeNotSupported, "the eUICC does not support this profile element"),
        (2, Self::MemoryFailure, "the memory of the eUICC failed"),
        (3, Self::BadValues, "the profile element contradicts itself or another one"),
        (4, Self::NotEnoughMemory, "the eUICC has too little memory for this profile"),
        (5, Self::InvalidRequestFormat, "the profile package cannot be read"),
        (6, Self::InvalidParameter, "a parameter of the profile element is not possible"),
        (7, Self::RuntimeNotSupported, "the eUICC has no runtime for this application"),
        (8, Self::LibNotSupported, "the eUICC lacks an application that the profile needs"),
        (9, Self::TemplateNotSupported, "the eUICC does not know a template of the profile"),
        (10, Self::FeatureNotSupported, "the eUICC lacks a service that the profile needs"),
        (11, Self::PinCodeMissing, "a PIN or PUK that another one refers to is missing"),
        (31, Self::UnsupportedProfileVersion, "the eUICC does not know this version of packages"),
    ];

    /// Returns its number.
    #[must_use]
    pub fn number(self) -> u16 {
        if let Self::Other(number) = self {
            return number;
        }
        let found = Self::NUMBERED.iter().find(|(_, status, _)| *status == self);
        found.map_or(u16::MAX, |(number, ..)| *number)
    }

    /// Returns the status of a number.
    #[must_use]
    pub fn of(number: u16) -> Self {
        let found = Self::NUMBERED.iter().find(|(known, ..)| *known == number);
        found.map_or(Self::Other(number), |(_, status, _)| *status)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, Self::NUMBERED.iter().find(|(_, status, _)| status == self)) {
            (_, Some((.., text))) => f.write_str(text),
            (Self::Other(word @ (0x6000..=0x6FFF | 0x9000..=0x9FFF)), _) => {
                write!(f, "the card answered with status word {word:04X}")
            }
            (status, _) => write!(f, "status {}, known to the maker of the eUICC", status.number()),
        }
    }
}

/// What became of an element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeStatus {
    /// What.
    pub status: Status,
    /// The identification of the element, if it is about one.
    pub identification: Option<u16>,
    /// More about the status.
    pub additional: Option<u8>,
    /// Where in the element.
    pub offset: Option<u32>,
}

impl PeStatus {
    /// A status and nothing else.
    #[must_use]
    pub const fn new(status: Status, identification: Option<u16>) -> Self {
        Self { status, identification, additional: None, offset: None }
    }

    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut fields = field.tagged(SEQUENCE)?.inside();
        let status = Status::of(fields.required(primitive(0))?.uint16(u16::MAX)?);
        let identification = fields.optional(primitive(1))?;
        let identification = identification.map(|field| field.uint16(0x7FFF)).transpose()?;
        let additional = fields.optional(primitive(2))?.map(|field| field.uint8()).transpose()?;
        let offset = fields.optional(primitive(3))?;
        let offset = offset.map(|field| field.uint(0x7FFF_FFFF)).transpose()?;
        fields.finish(3)?;
        Ok(Self { status, identification, additional, offset })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_inside(out, SEQUENCE, |out| {
            let fields = [
                Some(self.status.number().into()),
                self.identification.map(u32::from),
                self.additional.map(u32::from),
                self.offset,
            ];
            for (number, value) in (0..).zip(fields) {
                if let Some(value) = value {
                    put_uint(out, primitive(number), value);
                }
            }
        });
    }
}

/// What an eUICC answers to a package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EuiccResponse {
    /// What became of elements: one "installed" alone if there is nothing to tell.
    pub states: Vec<PeStatus>,
    /// The profile was not installed.
    pub aborted: bool,
    /// A message.
    pub message: Option<String>,
}

impl EuiccResponse {
    /// Returns the answer to a package of which everything was installed.
    #[must_use]
    pub fn ok() -> Self {
        let states = alloc::vec![PeStatus::new(Status::Ok, None)];
        Self { states, aborted: false, message: None }
    }

    /// Returns the response in DER: the `simaResponse` of an installation result.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_inside(&mut out, SEQUENCE, |out| {
            put_inside(out, constructed(0), |out| {
                self.states.iter().for_each(|state| state.put(out));
            });
            if self.aborted {
                put_ber(out, primitive(1), &[]);
            }
            if let Some(message) = &self.message {
                put_ber(out, primitive(2), message.as_bytes());
            }
        });
        out
    }

    /// Reads a response.
    ///
    /// # Errors
    /// [`DecodeError`] with the position.
    pub fn decode(der: &[u8]) -> Result<Self, DecodeError> {
        let mut outer = Reader::new(der, 0);
        let mut fields = outer.required(SEQUENCE)?.inside();
        outer.finish_closed()?;
        let states = fields.required(constructed(0))?.inside();
        let states = states.list("states", STATES_MAX, PeStatus::read)?;
        let aborted = fields.optional(primitive(1))?;
        if let Some(field) = aborted {
            field.octets(0, 0)?;
        }
        let message = match fields.optional(primitive(2))? {
            Some(field) => {
                let text = core::str::from_utf8(field.octets(0, MESSAGE_LEN_MAX)?);
                Some(text.map_err(|_| field.problem(Problem::Value { tag: field.tag }))?.into())
            }
            None => None,
        };
        fields.finish(2)?;
        Ok(Self { states, aborted: aborted.is_some(), message })
    }
}
