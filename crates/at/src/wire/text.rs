//! Texts that cannot end a line or a string.

use alloc::{borrow::Cow, boxed::Box, string::String, vec::Vec};
use core::fmt;

use thiserror::Error;

use super::{Arg, ArgProblem, Param, put_uint};

/// Longest text in one argument, in bytes.
pub const TEXT_LEN_MAX: usize = 1_024;
/// Longest dial string, in characters.
pub const DIAL_LEN_MAX: usize = 80;

/// A text that holds a character or a length that must not reach the wire.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidText {
    /// A control character, a quote, or a letter outside the kind's alphabet.
    #[error("character {byte:#04x} at {position} is not allowed")]
    BadCharacter {
        /// Byte offset of the character.
        position: usize,
        /// The offending byte.
        byte: u8,
    },
    /// Longer than the limit of its kind.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// Empty where something is needed.
    #[error("empty")]
    Empty,
}

impl From<InvalidText> for ArgProblem {
    fn from(error: InvalidText) -> Self {
        match error {
            InvalidText::BadCharacter { .. } => Self::BadCharacter,
            InvalidText::TooLong { limit } => Self::TooLong { limit },
            InvalidText::Empty => Self::Missing,
        }
    }
}

fn check(text: &[u8], limit: usize, allowed: fn(u8) -> bool) -> Result<(), InvalidText> {
    if text.len() > limit {
        return Err(InvalidText::TooLong { limit });
    }
    match text.iter().enumerate().find(|(_, b)| !allowed(**b)) {
        Some((position, &byte)) => Err(InvalidText::BadCharacter { position, byte }),
        None => Ok(()),
    }
}

/// A quoted string in the character set chosen by `+CSCS`.
///
/// Holds any bytes but control characters (below 0x20, and 0x7F) and the quote.
#[derive(Clone, Default, Eq, Hash, PartialEq)]
pub struct Text(Box<[u8]>);

impl Text {
    /// Checks and takes `text`.
    ///
    /// # Errors
    /// A control character, a quote, or more than [`TEXT_LEN_MAX`] bytes.
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self, InvalidText> {
        let text = text.as_ref();
        check(text, TEXT_LEN_MAX, |b| b >= b' ' && b != b'"' && b != 0x7F)?;
        Ok(Self(text.into()))
    }

    /// Returns the bytes on the wire, without quotes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the text if it is UTF-8, which includes all of ASCII.
    #[must_use]
    pub const fn as_str(&self) -> Option<&str> {
        match core::str::from_utf8(&self.0) {
            Ok(text) => Some(text),
            Err(_) => None,
        }
    }

    /// Returns the text for people; bytes that are no UTF-8 show as replacement characters.
    #[must_use]
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_string_lossy(), f)
    }
}

impl TryFrom<&str> for Text {
    type Error = InvalidText;

    fn try_from(text: &str) -> Result<Self, InvalidText> {
        Self::new(text)
    }
}

impl Param for Text {
    fn encode(&self, out: &mut Vec<u8>) {
        put_quoted(&self.0, out);
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        Ok(Self::new(text_of(arg)?)?)
    }
}

fn put_quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

const fn text_of(arg: Arg<'_>) -> Result<&[u8], ArgProblem> {
    match arg {
        Arg::Missing => Err(ArgProblem::Missing),
        Arg::Bare(text) | Arg::Quoted(text) => Ok(text),
    }
}

/// A PIN, PUK or barring password; masked in `Debug`.
#[derive(Clone, Eq, PartialEq)]
pub struct Password(Text);

impl Password {
    /// Takes a password.
    ///
    /// # Errors
    /// As [`Text::new`].
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self, InvalidText> {
        Text::new(text).map(Self)
    }

    /// Returns the password in the clear.
    #[must_use]
    pub const fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(****)")
    }
}

impl Param for Password {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        Text::from_arg(arg).map(Self)
    }
}

/// A number to dial or a service code: `0-9 * # + A B C D P W`, 1 to 80 characters.
///
/// The letters are DTMF digits and pauses (V.250, 6.3.1); lower case becomes upper case.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct DialString(Box<str>);

impl DialString {
    /// Checks and takes `digits`.
    ///
    /// # Errors
    /// A character outside the alphabet, an empty or an overlong string.
    pub fn new(digits: impl AsRef<[u8]>) -> Result<Self, InvalidText> {
        let digits = digits.as_ref();
        if digits.is_empty() {
            return Err(InvalidText::Empty);
        }
        check(digits, DIAL_LEN_MAX, |b| b.is_ascii_digit() || b"*#+ABCDPWabcdpw".contains(&b))?;
        let digits = digits.iter().map(|b| char::from(b.to_ascii_uppercase())).collect::<String>();
        Ok(Self(digits.into()))
    }

    /// Returns the digits.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for DialString {
    type Error = InvalidText;

    fn try_from(digits: &str) -> Result<Self, InvalidText> {
        Self::new(digits)
    }
}

impl Param for DialString {
    fn encode(&self, out: &mut Vec<u8>) {
        put_quoted(self.0.as_bytes(), out);
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        Ok(Self::new(text_of(arg)?)?)
    }
}

/// The handle of a logical channel that `+CCHO` opened (TS 27.007, 8.45).
///
/// The standard has a number; some modules answer long or hexadecimal handles. It is kept
/// letter by letter, so that it goes back to the module as it came.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SessionId {
    length: u8,
    letters: [u8; Self::LEN_MAX],
}

impl SessionId {
    /// Longest handle, in characters.
    pub const LEN_MAX: usize = 14;

    /// Takes a handle of letters and digits.
    ///
    /// # Errors
    /// An empty or overlong handle, or another character.
    pub fn new(handle: impl AsRef<[u8]>) -> Result<Self, InvalidText> {
        let handle = handle.as_ref();
        check(handle, Self::LEN_MAX, |b| b.is_ascii_alphanumeric())?;
        let mut letters = [0; Self::LEN_MAX];
        let mut length = 0;
        for (slot, &letter) in letters.iter_mut().zip(handle) {
            *slot = letter;
            length += 1;
        }
        if length == 0 {
            return Err(InvalidText::Empty);
        }
        Ok(Self { length, letters })
    }

    /// Returns the handle as it stands on the wire.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.letters.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Returns the handle as a decimal number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        super::param::parse_uint(self.as_bytes()).ok()
    }
}

impl From<u32> for SessionId {
    fn from(number: u32) -> Self {
        let mut digits = Vec::with_capacity(10);
        put_uint(number.into(), &mut digits);
        let mut id = Self { length: 0, letters: [0; Self::LEN_MAX] };
        for (slot, digit) in id.letters.iter_mut().zip(digits) {
            *slot = digit;
            id.length += 1;
        }
        id
    }
}

impl Param for SessionId {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        Ok(Self::new(text_of(arg)?)?)
    }
}

crate::wire::single!(Text, Password, DialString, SessionId);
