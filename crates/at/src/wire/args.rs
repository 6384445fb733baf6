//! Reading a parameter list: `1,"text",,0A`.

use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::take_till,
    character::complete::char,
    combinator::map,
    sequence::{delimited, terminated},
};
use thiserror::Error;

/// One argument as it stands on the wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Arg<'a> {
    /// Nothing between two commas, or the list ended before.
    Missing,
    /// Written without quotes; blanks at both ends are cut off.
    Bare(&'a [u8]),
    /// Written in quotes, which are cut off.
    Quoted(&'a [u8]),
}

/// Why an argument was refused.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ArgProblem {
    /// A required argument is absent.
    #[error("is missing")]
    Missing,
    /// Digits were expected.
    #[error("is not a number")]
    NotANumber,
    /// The number does not fit its field.
    #[error("is out of range")]
    OutOfRange,
    /// A quoted string was expected or a quote is unbalanced.
    #[error("is not a string")]
    NotAString,
    /// A character that this kind of text may not hold.
    #[error("holds a character that is not allowed")]
    BadCharacter,
    /// A keyword nobody defined.
    #[error("is not a known value")]
    UnknownValue,
    /// An odd number of digits, or something that is no hex digit.
    #[error("is not hexadecimal")]
    NotHex,
    /// Longer than the limit of its kind.
    #[error("is longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// The count before a payload differs from the payload.
    #[error("has not the length announced")]
    LengthMismatch,
    /// The list goes on after the last parameter.
    #[error("is one too many")]
    Surplus,
}

/// A refused argument: which one, counted from 0, and why.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("argument {index} {problem}")]
pub struct ArgError {
    /// Position in the list, counted from 0.
    pub index: u8,
    /// What is wrong with it.
    pub problem: ArgProblem,
}

/// A cursor over a parameter list.
#[derive(Clone, Debug)]
pub struct Args<'a> {
    rest: &'a [u8],
    next_index: u8,
    /// A comma promised one more argument, even an empty one.
    open: bool,
}

impl<'a> Args<'a> {
    /// Starts at the first argument of `list`.
    #[must_use]
    pub const fn new(list: &'a [u8]) -> Self {
        Self { rest: list, next_index: 0, open: true }
    }

    /// Returns the next argument; after the last one [`Arg::Missing`] for ever.
    ///
    /// # Errors
    /// A quote without its partner, or text after a closing quote.
    pub fn take(&mut self) -> Result<Arg<'a>, ArgError> {
        let index = self.next_index;
        self.next_index = self.next_index.saturating_add(1);
        if !self.open {
            return Ok(Arg::Missing);
        }
        let (rest, value) =
            argument(self.rest).map_err(|_| ArgError { index, problem: ArgProblem::NotAString })?;
        match rest {
            [] => {
                self.rest = rest;
                self.open = false;
            }
            [b',', after @ ..] => self.rest = after,
            _ => return Err(ArgError { index, problem: ArgProblem::NotAString }),
        }
        Ok(value)
    }

    /// Reads one parameter.
    ///
    /// # Errors
    /// What [`Param::from_arg`](crate::Param::from_arg) refuses, with its position.
    pub fn param<T: crate::Param>(&mut self) -> Result<T, ArgError> {
        let index = self.next_index;
        let value = self.take()?;
        T::from_arg(value).map_err(|problem| ArgError { index, problem })
    }

    /// Puts `problem` on the argument that was read last.
    #[must_use]
    pub const fn refuse(&self, problem: ArgProblem) -> ArgError {
        ArgError { index: self.next_index.saturating_sub(1), problem }
    }

    /// Whether nothing but a trailing comma is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.open || self.rest.is_empty()
    }

    /// Returns what is left unread, as it stands on the wire, and ends the list.
    pub const fn take_rest(&mut self) -> &'a [u8] {
        let rest = self.rest;
        self.rest = &[];
        self.open = false;
        rest
    }

    /// Checks that the list ended.
    ///
    /// # Errors
    /// [`ArgProblem::Surplus`] when arguments are left.
    pub const fn finish(&self) -> Result<(), ArgError> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(ArgError { index: self.next_index, problem: ArgProblem::Surplus })
        }
    }
}

fn argument(list: &[u8]) -> IResult<&[u8], Arg<'_>> {
    let list = list.trim_ascii_start();
    alt((map(quoted, Arg::Quoted), map(bare, into_bare))).parse(list)
}

fn quoted(list: &[u8]) -> IResult<&[u8], &[u8]> {
    let body = delimited(char('"'), take_till(|b| b == b'"'), char('"'));
    terminated(body, take_till(|b| b != b' ')).parse(list)
}

fn bare(list: &[u8]) -> IResult<&[u8], &[u8]> {
    take_till(|b| b == b',' || b == b'"').parse(list)
}

const fn into_bare(text: &[u8]) -> Arg<'_> {
    match text.trim_ascii_end() {
        [] => Arg::Missing,
        text => Arg::Bare(text),
    }
}
