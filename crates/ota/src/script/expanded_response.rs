//! The answer to a script in the expanded format (TS 102.226, 5.2.2).

use alloc::vec::Vec;
use core::fmt;

use polysim_apdu::Status;
use polysim_base::tlv::{Ber, TlvError, put_ber};

use super::template::Template;
use super::{LengthCoding, ScriptError};

const RESPONSE: Template = Template { definite: 0xAB, indefinite: 0xAF };

/// Tags of TS 101.220, 7.2.
const R_APDU: u32 = 0x23;
const EXECUTED: u32 = 0x80;
const IMMEDIATE_ACTION_RESPONSE: u32 = 0x81;
const CHAINING_RESPONSE: u32 = 0x83;
const BAD_FORMAT: u32 = 0x90;

/// The answer to a script in the expanded format.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExpandedResponse {
    /// How many steps were carried out: there, and in front, in the definite form only. An answer
    /// whose number is there is of the definite form.
    pub executed: Option<u16>,
    /// What was answered, in order.
    pub findings: Vec<Finding>,
}

/// One part of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding {
    /// What a command answered.
    Command(StepResponse),
    /// The script is malformed from here on.
    BadFormat(BadFormat),
    /// The action that was to be done at once could not be: the octets say why, `01` that the
    /// suspension failed.
    ImmediateAction(Vec<u8>),
    /// The chain of scripts is broken.
    Chaining(ChainingFailure),
}

/// What a command answered.
#[derive(Clone, Eq, PartialEq)]
pub struct StepResponse {
    /// Its data; shown as its length, for it may be confidential.
    pub data: Vec<u8>,
    /// Its status word.
    pub status: Status,
}

/// How a script is malformed (TS 102.226, 5.2.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BadFormat {
    /// A tag that is not known.
    UnknownTag,
    /// A wrong length.
    WrongLength,
    /// No length.
    NoLength,
}

/// Why a script is not taken for a part of a chain (TS 102.226, 5.2.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ChainingFailure {
    /// There was none before it.
    NoPreviousScript,
    /// The application cannot do it.
    NotSupported,
    /// There is no room, for example.
    Unable,
}

impl ExpandedResponse {
    /// Returns how the length is written.
    #[must_use]
    pub const fn coding(&self) -> LengthCoding {
        match self.executed {
            Some(_) => LengthCoding::Definite,
            None => LengthCoding::Indefinite,
        }
    }

    /// Returns what the last command answered.
    #[must_use]
    pub fn last(&self) -> Option<&StepResponse> {
        self.findings.iter().rev().find_map(|finding| match finding {
            Finding::Command(response) => Some(response),
            Finding::BadFormat(_) | Finding::ImmediateAction(_) | Finding::Chaining(_) => None,
        })
    }

    /// Reads the octets.
    ///
    /// # Errors
    /// [`ScriptError`] with the position.
    pub fn parse(octets: &[u8]) -> Result<Self, ScriptError> {
        let (coding, mut objects) = RESPONSE.open(octets)?;
        let executed = match coding {
            LengthCoding::Indefinite => None,
            LengthCoding::Definite => {
                let missing = ScriptError::Truncated { at: octets.len(), needed: 3, left: 0 };
                let (at, Ber { tag, value }) = objects.next().ok_or(missing)??;
                if tag != EXECUTED {
                    return Err(ScriptError::Tag { at, tag });
                }
                Some(number(value).ok_or(ScriptError::Value { at, tag })?)
            }
        };
        let findings = objects.map(|object| finding(object?)).collect::<Result<_, _>>()?;
        Ok(Self { executed, findings })
    }

    /// Returns the octets.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let mut objects = Vec::new();
        if let Some(executed) = self.executed {
            put_number(&mut objects, executed);
        }
        for finding in &self.findings {
            match finding {
                Finding::Command(response) => {
                    let mut value = response.data.clone();
                    value.extend_from_slice(&u16::from(response.status).to_be_bytes());
                    put_ber(&mut objects, R_APDU, &value);
                }
                Finding::BadFormat(kind) => put_ber(&mut objects, BAD_FORMAT, &[kind.octet()]),
                Finding::ImmediateAction(reason) => {
                    put_ber(&mut objects, IMMEDIATE_ACTION_RESPONSE, reason);
                }
                Finding::Chaining(failure) => {
                    put_ber(&mut objects, CHAINING_RESPONSE, &[failure.octet()]);
                }
            }
        }
        RESPONSE.close(self.coding(), &objects)
    }
}

fn finding((at, Ber { tag, value }): (usize, Ber<'_>)) -> Result<Finding, ScriptError> {
    let reserved = || ScriptError::Value { at, tag };
    Ok(match tag {
        R_APDU => {
            let (data, &[sw1, sw2]) = value.split_last_chunk().ok_or_else(reserved)?;
            let status = Status::from(u16::from_be_bytes([sw1, sw2]));
            Finding::Command(StepResponse { data: data.to_vec(), status })
        }
        BAD_FORMAT => Finding::BadFormat(BadFormat::parse(value).ok_or_else(reserved)?),
        IMMEDIATE_ACTION_RESPONSE => Finding::ImmediateAction(value.to_vec()),
        CHAINING_RESPONSE => Finding::Chaining(ChainingFailure::parse(value).ok_or_else(reserved)?),
        _ => return Err(ScriptError::Tag { at, tag }),
    })
}

/// Reads an INTEGER of ISO/IEC 8825-1 that is not negative.
const fn number(value: &[u8]) -> Option<u16> {
    Some(match *value {
        [low @ 0..=0x7F] => u16::from_be_bytes([0, low]),
        [0, low @ 0x80..=0xFF] => u16::from_be_bytes([0, low]),
        [high @ 0x01..=0x7F, low] => u16::from_be_bytes([high, low]),
        [0, high @ 0x80..=0xFF, low] => u16::from_be_bytes([high, low]),
        _ => return None,
    })
}

fn put_number(out: &mut Vec<u8>, number: u16) {
    let [high, low] = number.to_be_bytes();
    match number {
        0..=0x7F => put_ber(out, EXECUTED, &[low]),
        0x80..=0x7FFF => put_ber(out, EXECUTED, &[high, low]),
        _ => put_ber(out, EXECUTED, &[0, high, low]),
    }
}

impl BadFormat {
    const fn parse(value: &[u8]) -> Option<Self> {
        Some(match value {
            [0x01] => Self::UnknownTag,
            [0x02] => Self::WrongLength,
            [0x03] => Self::NoLength,
            _ => return None,
        })
    }

    const fn octet(self) -> u8 {
        match self {
            Self::UnknownTag => 0x01,
            Self::WrongLength => 0x02,
            Self::NoLength => 0x03,
        }
    }
}

impl ChainingFailure {
    const fn parse(value: &[u8]) -> Option<Self> {
        Some(match value {
            [0x01] => Self::NoPreviousScript,
            [0x02] => Self::NotSupported,
            [0x03] => Self::Unable,
            _ => return None,
        })
    }

    const fn octet(self) -> u8 {
        match self {
            Self::NoPreviousScript => 0x01,
            Self::NotSupported => 0x02,
            Self::Unable => 0x03,
        }
    }
}

impl ScriptError {
    /// Returns what a card answers to a script that is malformed in this way.
    #[must_use]
    pub const fn bad_format(&self) -> BadFormat {
        match self {
            Self::Tag { .. } | Self::Trailing { .. } | Self::Tlv(TlvError::Tag { .. }) => {
                BadFormat::UnknownTag
            }
            Self::Tlv(TlvError::Truncated { .. }) => BadFormat::NoLength,
            Self::Truncated { .. }
            | Self::Value { .. }
            | Self::Apdu { .. }
            | Self::Tlv(TlvError::ValueTooLong { .. } | TlvError::LengthForm { .. }) => {
                BadFormat::WrongLength
            }
        }
    }
}

impl fmt::Debug for StepResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepResponse({} octets, {:?})", self.data.len(), self.status)
    }
}
