//! `ATD` (V.250, 6.3.1; TS 27.007, 6.3 and 6.2).

use alloc::vec::Vec;

use crate::{ArgProblem, DialString, Phonebook, Text, put_uint};

/// Whom to dial.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DialTarget {
    /// The number given.
    Number(DialString),
    /// `>[mem]n`: an entry of a phonebook, of the one in use if none is named.
    Entry {
        /// Which phonebook.
        storage: Option<Phonebook>,
        /// Its place.
        index: u16,
    },
    /// `>"name"`: the entry with this name.
    Name(Text),
    /// `L`: the last number again.
    Last,
}

/// The dial command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dial {
    /// Whom to dial.
    pub target: DialTarget,
    /// A voice call, `;` at the end; else a data call.
    pub voice: bool,
    /// `I` withholds the own number and `i` shows it, for this call.
    pub withhold: Option<bool>,
    /// `G` or `g`: by the rules of the closed user group.
    pub closed_group: bool,
}

impl Dial {
    /// Makes a voice call to a number.
    #[must_use]
    pub const fn voice(number: DialString) -> Self {
        Self {
            target: DialTarget::Number(number),
            voice: true,
            withhold: None,
            closed_group: false,
        }
    }

    /// Makes a data call to a number, such as `*99***1#`.
    #[must_use]
    pub const fn data(number: DialString) -> Self {
        Self {
            target: DialTarget::Number(number),
            voice: false,
            withhold: None,
            closed_group: false,
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(b'D');
        match &self.target {
            DialTarget::Number(digits) => {
                let digits = digits.as_str().as_bytes();
                if digits.first() == Some(&b'P') {
                    // A pause at the front would be taken for pulse dialling.
                    out.push(b'T');
                }
                out.extend_from_slice(digits);
            }
            DialTarget::Entry { storage, index } => {
                out.push(b'>');
                if let Some(storage) = storage {
                    out.push(b'"');
                    out.extend_from_slice(storage.as_str().as_bytes());
                    out.push(b'"');
                }
                put_uint((*index).into(), out);
            }
            DialTarget::Name(name) => {
                out.extend_from_slice(b">\"");
                out.extend_from_slice(name.as_bytes());
                out.push(b'"');
            }
            DialTarget::Last => out.push(b'L'),
        }
        match self.withhold {
            Some(true) => out.push(b'I'),
            Some(false) => out.push(b'i'),
            None => {}
        }
        if self.closed_group {
            out.push(b'G');
        }
        if self.voice {
            out.push(b';');
        }
    }

    /// Reads what stands between `D` and the end or the first `;`. Blanks, brackets, dots and
    /// dashes between digits are dropped, as is `T` or `P` before them.
    pub(super) fn parse(text: &[u8], voice: bool) -> Result<Self, ArgProblem> {
        let mut rest = text.trim_ascii();
        let (mut withhold, mut closed_group) = (None, false);
        while let Some((last, before)) = rest.split_last() {
            match last {
                b'I' => withhold = Some(true),
                b'i' => withhold = Some(false),
                b'G' | b'g' => closed_group = true,
                _ => break,
            }
            rest = before.trim_ascii_end();
        }
        let target = match rest {
            [b'>', entry @ ..] => entry_target(entry.trim_ascii_start())?,
            [b'L' | b'l'] => DialTarget::Last,
            [b'T' | b't' | b'P' | b'p', digits @ ..] | digits => {
                DialTarget::Number(dial_string(digits)?)
            }
        };
        Ok(Self { target, voice, withhold, closed_group })
    }
}

fn dial_string(digits: &[u8]) -> Result<DialString, ArgProblem> {
    let punctuation = |b: &u8| matches!(*b, b' ' | b'-' | b'.' | b'(' | b')' | b',');
    if digits.iter().any(punctuation) {
        let digits: Vec<u8> = digits.iter().copied().filter(|b| !punctuation(b)).collect();
        return Ok(DialString::new(digits)?);
    }
    Ok(DialString::new(digits)?)
}

/// Reads `"mem"n`, `memn`, `n` or `"name"`.
fn entry_target(entry: &[u8]) -> Result<DialTarget, ArgProblem> {
    let digits = entry.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let split = entry.split_at_checked(entry.len() - digits);
    let (word, digits) = split.unwrap_or((entry, &[]));
    let quoted = word.strip_prefix(b"\"").and_then(|word| word.strip_suffix(b"\""));
    if digits.is_empty() {
        return Ok(DialTarget::Name(Text::new(quoted.ok_or(ArgProblem::NotAString)?)?));
    }
    let index = crate::wire::parse_uint(digits)?;
    let index = u16::try_from(index).map_err(|_| ArgProblem::OutOfRange)?;
    let storage = match quoted.unwrap_or(word) {
        [] => None,
        word => Some(Phonebook::from_word(word).ok_or(ArgProblem::UnknownValue)?),
    };
    Ok(DialTarget::Entry { storage, index })
}
