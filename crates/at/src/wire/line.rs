//! Information lines and how a device frames what it sends.

use alloc::vec::Vec;

use thiserror::Error;

use super::{ArgError, ArgWriter, Args, Params, put_hex, put_uint};
use crate::{ErrorReporting, FinalResult};

/// Why a line is not what the caller expected.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum LineError {
    /// The line does not begin with the name of this type.
    #[error("the line does not begin with {expected}:")]
    OtherLine {
        /// The name expected.
        expected: &'static str,
    },
    /// The name fits, a parameter does not.
    #[error(transparent)]
    Argument(#[from] ArgError),
}

/// A typed information line or unsolicited result: `<NAME>: <parameters>`.
pub trait Line: Params {
    /// The name before the colon, with its leading `+`.
    const NAME: &'static str;

    /// Appends the line without any framing.
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(Self::NAME.as_bytes());
        out.extend_from_slice(b": ");
        self.encode_params(&mut ArgWriter::new(out));
    }

    /// Reads a line without its framing. Parameters that a later release appended are ignored.
    ///
    /// # Errors
    /// Another line, or a parameter that does not fit.
    fn parse(line: &[u8]) -> Result<Self, LineError> {
        let list =
            strip_name(line, Self::NAME).ok_or(LineError::OtherLine { expected: Self::NAME })?;
        Ok(Self::parse_params(&mut Args::new(list))?)
    }
}

/// Cuts `NAME:` off a line; the blank after it may be absent.
pub(crate) fn strip_name<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    match line.strip_prefix(name.as_bytes())? {
        [b':', b' ', list @ ..] | [b':', list @ ..] => Some(list),
        _ => None,
    }
}

/// Gives line types their names.
macro_rules! lines {
    ($( $type:ty = $name:literal; )*) => { $(
        impl $crate::Line for $type {
            const NAME: &'static str = $name;
        }
    )* };
}
pub(crate) use lines;

/// Appends `<name>: n,n,…`, the shape of most read answers.
pub fn encode_numbers(name: &str, values: &[u32], out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    let mut to = ArgWriter::new(out);
    for value in values {
        to.param(value);
    }
}

/// Reads `<name>: n,n,…` into exactly `N` numbers; surplus parameters are ignored.
///
/// # Errors
/// Another line, too few numbers, or something that is no number.
pub fn parse_numbers<const N: usize>(
    name: &'static str,
    line: &[u8],
) -> Result<[u32; N], LineError> {
    let list = strip_name(line, name).ok_or(LineError::OtherLine { expected: name })?;
    let mut from = Args::new(list);
    let mut values = [0; N];
    for value in &mut values {
        *value = from.param()?;
    }
    Ok(values)
}

/// Room for nearly all lines and a result.
const LINE_LEN_TYPICAL: usize = 48;

/// How a device frames lines and results: V.250 `V`, `S3` and `S4`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Framing {
    /// `ATV1`: words for results, and a line end before each line.
    pub verbose: bool,
    /// S3, the carriage return character.
    pub cr: u8,
    /// S4, the line feed character.
    pub lf: u8,
}

impl Default for Framing {
    fn default() -> Self {
        Self { verbose: true, cr: b'\r', lf: b'\n' }
    }
}

impl Framing {
    /// Appends an information line or an unsolicited result.
    pub fn line(self, line: &impl Line, out: &mut Vec<u8>) {
        self.framed(out, |out| line.encode(out));
    }

    /// Appends a line and the PDU line that follows it.
    pub fn line_with_pdu(self, line: &impl Line, pdu: &[u8], out: &mut Vec<u8>) {
        self.line(line, out);
        put_hex(pdu, out);
        out.extend_from_slice(&[self.cr, self.lf]);
    }

    /// Appends whatever `write` gives as one line, for answers that have no type here.
    /// Control characters that `write` gives are replaced by blanks.
    pub fn text(self, text: impl AsRef<[u8]>, out: &mut Vec<u8>) {
        self.framed(out, |out| {
            out.extend(text.as_ref().iter().map(|b| if *b < b' ' { b' ' } else { *b }));
        });
    }

    /// Appends `<name>: n,n,…` as a line.
    pub fn numbers(self, name: &str, values: &[u32], out: &mut Vec<u8>) {
        self.framed(out, |out| encode_numbers(name, values, out));
    }

    /// Appends a result code in the form that `V` and `+CMEE` ask for.
    pub fn result(self, result: FinalResult, errors: ErrorReporting, out: &mut Vec<u8>) {
        if self.verbose {
            self.framed(out, |out| result.encode_verbose(errors, out));
            return;
        }
        match result.numeric(errors) {
            Some(number) => put_uint(number.into(), out),
            None => result.encode_verbose(errors, out),
        }
        out.push(self.cr);
    }

    /// Appends the prompt for text or a PDU (TS 27.005, 3.5.1): `<CR><LF>> `.
    pub fn prompt(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[self.cr, self.lf, b'>', b' ']);
    }

    pub(crate) fn framed(self, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
        out.reserve(LINE_LEN_TYPICAL);
        if self.verbose {
            out.extend_from_slice(&[self.cr, self.lf]);
        }
        write(out);
        out.extend_from_slice(&[self.cr, self.lf]);
    }
}
