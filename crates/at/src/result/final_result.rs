//! Result codes that end a command (V.250, 5.7; TS 27.007, 9).

use alloc::vec::Vec;

use super::{CmeError, CmsError};
use crate::wire::{parse_uint, put_uint};

/// How causes are reported, set by `+CMEE` (TS 27.007, 9.1).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ErrorReporting {
    /// `+CMEE=0`: just `ERROR`, for `+CME` causes.
    #[default]
    Off,
    /// `+CMEE=1`: numbers.
    Numeric,
    /// `+CMEE=2`: texts.
    Verbose,
}

impl ErrorReporting {
    /// Returns the setting for the number given to `+CMEE`.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Off),
            1 => Some(Self::Numeric),
            2 => Some(Self::Verbose),
            _ => None,
        }
    }

    /// Returns the number given to `+CMEE`.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::Numeric => 1,
            Self::Verbose => 2,
        }
    }
}

/// A result code that ends a command.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FinalResult {
    /// `OK`, 0.
    Ok,
    /// `CONNECT`, 1: the line carries data from here on.
    Connect {
        /// The speed in bit/s, if the device tells one.
        speed: Option<u32>,
    },
    /// `NO CARRIER`, 3; comes unsolicited when the other side releases a call.
    NoCarrier,
    /// `ERROR`, 4.
    Error,
    /// `NO DIALTONE`, 6.
    NoDialtone,
    /// `BUSY`, 7.
    Busy,
    /// `NO ANSWER`, 8.
    NoAnswer,
    /// `+CME ERROR: <err>`.
    Cme(CmeError),
    /// `+CMS ERROR: <err>`, for commands of TS 27.005.
    Cms(CmsError),
}

impl FinalResult {
    /// Whether the command was done.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        matches!(self, Self::Ok | Self::Connect { .. })
    }

    /// Reads a result in words. `None` if the line is no result.
    ///
    /// Besides the standard's words it takes those that real modules use for `ERROR`. A cause in
    /// words that the standard does not have is given as `Unknown`.
    #[must_use]
    pub fn parse_verbose(line: &[u8]) -> Option<Self> {
        match line.first()? {
            b'O' | b'N' | b'E' | b'B' | b'C' | b'T' | b'M' => parse_word(line),
            b'+' => parse_cause(line),
            _ => None,
        }
    }

    /// Reads a result under `ATV0`: a number, or one of the forms in words that have no number.
    #[must_use]
    pub fn parse_numeric(line: &[u8]) -> Option<Self> {
        match line {
            b"0" => Some(Self::Ok),
            b"1" => Some(Self::Connect { speed: None }),
            b"3" => Some(Self::NoCarrier),
            b"4" => Some(Self::Error),
            b"6" => Some(Self::NoDialtone),
            b"7" => Some(Self::Busy),
            b"8" => Some(Self::NoAnswer),
            _ => Self::parse_verbose(line),
        }
    }

    /// Returns the number under `ATV0`; a `+CME ERROR` or `+CMS ERROR` that is reported as
    /// such, and a `CONNECT` with a speed, have none.
    #[must_use]
    pub const fn numeric(self, errors: ErrorReporting) -> Option<u8> {
        match self {
            Self::Ok => Some(0),
            Self::Connect { speed: None } => Some(1),
            Self::NoCarrier => Some(3),
            Self::Error => Some(4),
            Self::NoDialtone => Some(6),
            Self::Busy => Some(7),
            Self::NoAnswer => Some(8),
            Self::Cme(_) => match errors {
                ErrorReporting::Off => Some(4),
                ErrorReporting::Numeric | ErrorReporting::Verbose => None,
            },
            Self::Cms(_) | Self::Connect { speed: Some(_) } => None,
        }
    }

    /// Appends the result in words, without framing. `+CMS ERROR` is reported whatever `+CMEE`
    /// says (TS 27.005, 3.2.5), by number unless it says texts.
    pub fn encode_verbose(self, errors: ErrorReporting, out: &mut Vec<u8>) {
        let word: &[u8] = match self {
            Self::Ok => b"OK",
            Self::Connect { speed } => {
                out.extend_from_slice(b"CONNECT");
                if let Some(speed) = speed {
                    out.push(b' ');
                    put_uint(speed.into(), out);
                }
                return;
            }
            Self::NoCarrier => b"NO CARRIER",
            Self::Error => b"ERROR",
            Self::NoDialtone => b"NO DIALTONE",
            Self::Busy => b"BUSY",
            Self::NoAnswer => b"NO ANSWER",
            Self::Cme(cause) => match errors {
                ErrorReporting::Off => b"ERROR",
                ErrorReporting::Numeric => return put_cause(CME, cause.number(), None, out),
                ErrorReporting::Verbose => {
                    return put_cause(CME, cause.number(), cause.text(), out);
                }
            },
            Self::Cms(cause) => match errors {
                ErrorReporting::Off | ErrorReporting::Numeric => {
                    return put_cause(CMS, cause.number(), None, out);
                }
                ErrorReporting::Verbose => {
                    return put_cause(CMS, cause.number(), cause.text(), out);
                }
            },
        };
        out.extend_from_slice(word);
    }
}

const CME: &[u8] = b"+CME ERROR:";
const CMS: &[u8] = b"+CMS ERROR:";

fn put_cause(name: &[u8], number: u16, text: Option<&str>, out: &mut Vec<u8>) {
    out.extend_from_slice(name);
    out.push(b' ');
    match text {
        Some(text) => out.extend_from_slice(text.as_bytes()),
        None => put_uint(number.into(), out),
    }
}

fn parse_word(line: &[u8]) -> Option<FinalResult> {
    match line {
        b"OK" => Some(FinalResult::Ok),
        b"ERROR" | b"COMMAND NOT SUPPORT" | b"TOO MANY PARAMETERS" => Some(FinalResult::Error),
        b"NO CARRIER" => Some(FinalResult::NoCarrier),
        b"NO DIALTONE" | b"NO DIAL TONE" => Some(FinalResult::NoDialtone),
        b"BUSY" => Some(FinalResult::Busy),
        b"NO ANSWER" => Some(FinalResult::NoAnswer),
        b"CONNECT" => Some(FinalResult::Connect { speed: None }),
        _ => {
            if let Some(speed) = line.strip_prefix(b"CONNECT ") {
                let speed = parse_uint(speed).ok().and_then(|speed| speed.try_into().ok());
                return Some(FinalResult::Connect { speed });
            }
            line.starts_with(b"MODEM ERROR:").then_some(FinalResult::Error)
        }
    }
}

fn parse_cause(line: &[u8]) -> Option<FinalResult> {
    if let Some(cause) = line.strip_prefix(CME) {
        let cause = cause.trim_ascii();
        let named = match parse_number(cause) {
            Some(number) => Some(CmeError::from_number(number)),
            None => CmeError::from_text(cause),
        };
        return Some(FinalResult::Cme(named.unwrap_or(CmeError::Unknown)));
    }
    let cause = line.strip_prefix(CMS)?.trim_ascii();
    let named = match parse_number(cause) {
        Some(number) => Some(CmsError::from_number(number)),
        None => CmsError::from_text(cause),
    };
    Some(FinalResult::Cms(named.unwrap_or(CmsError::Unknown)))
}

fn parse_number(cause: &[u8]) -> Option<u16> {
    parse_uint(cause).ok()?.try_into().ok()
}
