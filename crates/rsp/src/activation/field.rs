//! What each field of an activation code may have.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{
    ADDRESS_LEN_MAX, ActivationCode, ActivationCodeError, CI_KEY_ID_LEN_MAX, DELIMITER, Field,
};

const LABEL_LEN_MAX: usize = 63;
const PORT_LEN_MAX: usize = 5;

/// Takes fields from the front of a code, each with its position.
pub(super) struct Fields<'a> {
    left: Option<&'a str>,
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(code: &'a str, at: usize) -> Self {
        Self { left: Some(code), at }
    }

    /// Takes the next field; one that is not there is empty.
    pub(super) fn take(&mut self) -> (usize, &'a str) {
        let at = self.at;
        let Some(left) = self.left else { return (at, "") };
        let (field, rest) = match left.split_once(DELIMITER) {
            Some((field, rest)) => (field, Some(rest)),
            None => (left, None),
        };
        self.at += field.len() + usize::from(rest.is_some());
        self.left = rest;
        (at, field)
    }

    /// Takes the next field, which may be empty and must be there.
    pub(super) fn required(
        &mut self,
        field: Field,
    ) -> Result<(usize, &'a str), ActivationCodeError> {
        if self.left.is_none() {
            return Err(ActivationCodeError::Missing { field, at: self.at });
        }
        Ok(self.take())
    }

    /// All that is left, unless it is empty.
    pub(super) fn rest(&self) -> Option<(usize, &'a str)> {
        self.left.filter(|rest| !rest.is_empty()).map(|rest| (self.at, rest))
    }
}

/// A host name of letters, digits, hyphens and dots, and perhaps a port.
pub(super) fn address(text: &str, start: usize) -> Result<String, ActivationCodeError> {
    let field = Field::Address;
    if text.is_empty() {
        return Err(ActivationCodeError::Empty { field, at: start });
    }
    if text.len() > ADDRESS_LEN_MAX {
        return Err(ActivationCodeError::TooLong { length: text.len(), limit: ADDRESS_LEN_MAX });
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let wrong = |at: usize| ActivationCodeError::Character { field, at: start + at };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if let Some((at, _)) = host.char_indices().find(|(_, c)| !allowed(*c)) {
        return Err(wrong(at));
    }
    let mut at = 0;
    for label in host.split('.') {
        if label.is_empty() || label.len() > LABEL_LEN_MAX || label.starts_with('-') {
            return Err(wrong(at));
        }
        at += label.len() + 1;
        if label.ends_with('-') {
            return Err(wrong(at - 2));
        }
    }
    let Some(port) = port else { return Ok(text.to_owned()) };
    let is_port = port.len() <= PORT_LEN_MAX && port.bytes().all(|byte| byte.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(1..) if is_port => Ok(text.to_owned()),
        Ok(_) | Err(_) => Err(wrong(host.len() + 1)),
    }
}

/// Numbers with dots; nothing where the field is empty.
pub(super) fn oid(text: &str, start: usize) -> Result<Option<String>, ActivationCodeError> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut at = start;
    for number in text.split('.') {
        let has_zero = number.len() > 1 && number.starts_with('0');
        let foreign = number.bytes().position(|byte| !byte.is_ascii_digit());
        if number.is_empty() || has_zero || foreign.is_some() {
            let at = at + foreign.unwrap_or_default();
            return Err(ActivationCodeError::Character { field: Field::Oid, at });
        }
        at += number.len() + 1;
    }
    Ok(Some(text.to_owned()))
}

/// `1`, or `0`, or nothing.
pub(super) fn flag(text: &str, at: usize) -> Result<bool, ActivationCodeError> {
    match text {
        "1" => Ok(true),
        "" | "0" => Ok(false),
        _ => Err(ActivationCodeError::Character { field: Field::ConfirmationCodeFlag, at }),
    }
}

/// Hexadecimal digits, two for each octet; nothing where the field is empty.
pub(super) fn key_id(text: &str, start: usize) -> Result<Option<Vec<u8>>, ActivationCodeError> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > 2 * CI_KEY_ID_LEN_MAX {
        let limit = 2 * CI_KEY_ID_LEN_MAX;
        return Err(ActivationCodeError::TooLong { length: text.len(), limit });
    }
    let wrong = |at| ActivationCodeError::Character { field: Field::CiKeyId, at };
    let digit = |(at, c): (usize, char)| {
        c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or_else(|| wrong(start + at))
    };
    let digits: Vec<u8> = text.char_indices().map(digit).collect::<Result<_, _>>()?;
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(wrong(start + text.len()));
    }
    Ok(Some(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
}

/// Returns the first character that is not printable, or is a blank.
pub(super) fn foreign(text: &str, start: usize) -> Option<(usize, char)> {
    let found = text.char_indices().find(|(_, c)| !c.is_ascii_graphic())?;
    Some((start + found.0, found.1))
}

/// Counts what is written.
pub(super) struct Counter(usize);

impl Counter {
    pub(super) fn count(code: &ActivationCode) -> usize {
        let mut counter = Self(0);
        // Counting does not fail.
        code.write(&mut counter).map_or(usize::MAX, |()| counter.0)
    }
}

impl fmt::Write for Counter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}
