//! Commands that this crate has no type for.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;

use thiserror::Error;

use super::Form;
use crate::{APDU_LINE_LEN_MAX, ArgError, ArgProblem, ArgWriter, Args, Params};

/// A name or a list of arguments that must not reach the wire.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidName {
    /// The first character is none of `+ * $ ^ % # ! @ _ -`.
    #[error("not the name of an extended command")]
    Prefix,
    /// Another character than letters, digits and `! % - . / : _`, or none at all.
    #[error("a character that no command name has")]
    Character,
    /// Longer than [`CommandName::LEN_MAX`].
    #[error("longer than {} characters", CommandName::LEN_MAX)]
    TooLong,
}

/// The name of an extended command, in upper case and with its prefix: `+CSQ`, `^SYSINFO`.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct CommandName(Box<str>);

impl CommandName {
    /// Longest name, in characters.
    pub const LEN_MAX: usize = 32;

    /// Checks and takes a name (V.250, 5.4.1, and the prefixes of vendors).
    ///
    /// # Errors
    /// Another prefix or character, or an empty or overlong name.
    pub fn new(name: impl AsRef<[u8]>) -> Result<Self, InvalidName> {
        let name = name.as_ref();
        let (prefix, letters) = name.split_first().ok_or(InvalidName::Prefix)?;
        if !is_prefix(*prefix) {
            return Err(InvalidName::Prefix);
        }
        if letters.is_empty() || !letters.iter().all(|b| is_name_byte(*b)) {
            return Err(InvalidName::Character);
        }
        if name.len() > Self::LEN_MAX {
            return Err(InvalidName::TooLong);
        }
        let name = name.iter().map(|b| char::from(b.to_ascii_uppercase())).collect::<String>();
        Ok(Self(name.into()))
    }

    /// Returns the name.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) const fn is_prefix(byte: u8) -> bool {
    matches!(byte, b'+' | b'*' | b'$' | b'^' | b'%' | b'#' | b'!' | b'@' | b'_' | b'-')
}

pub(super) fn is_name_byte(byte: u8) -> bool {
    NAME_BYTES.get(usize::from(byte)).is_some_and(|allowed| *allowed)
}

/// Which bytes may follow the prefix of a name.
const NAME_BYTES: [bool; 256] = name_bytes();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below 256")]
const fn name_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = u8::MIN;
    while byte < u8::MAX {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'!' | b'%' | b'-' | b'.' | b'/' | b':' | b'_');
        byte += 1;
    }
    table
}

/// A list of arguments as it stands on the wire.
///
/// Holds no control characters; its quotes are balanced, `;` stands only between quotes.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Arguments(Box<[u8]>);

impl Arguments {
    /// Checks and takes a list.
    ///
    /// # Errors
    /// A control character, an unbalanced quote, `;` outside quotes, a list that is just `?`
    /// (that is the test form) or is longer than 8 KiB.
    pub fn new(list: impl AsRef<[u8]>) -> Result<Self, ArgProblem> {
        let list = list.as_ref();
        if list.len() > APDU_LINE_LEN_MAX {
            return Err(ArgProblem::TooLong { limit: APDU_LINE_LEN_MAX });
        }
        let mut quoted = false;
        for &byte in list {
            quoted ^= byte == b'"';
            if byte < b' ' || byte == 0x7F || (byte == b';' && !quoted) {
                return Err(ArgProblem::BadCharacter);
            }
        }
        if quoted {
            return Err(ArgProblem::NotAString);
        }
        if list.trim_ascii() == b"?" {
            return Err(ArgProblem::BadCharacter);
        }
        Ok(Self(list.into()))
    }

    /// Returns the list as it stands on the wire.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns a cursor over the list.
    #[must_use]
    pub const fn args(&self) -> Args<'_> {
        Args::new(&self.0)
    }
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(&self.0), f)
    }
}

impl Params for Arguments {
    fn encode_params(&self, to: &mut ArgWriter<'_>) {
        to.raw(|out: &mut Vec<u8>| out.extend_from_slice(&self.0));
    }

    fn parse_params(from: &mut Args<'_>) -> Result<Self, ArgError> {
        let list = from.take_rest();
        Self::new(list).map_err(|problem| from.refuse(problem))
    }
}

/// An extended command that this crate has no type for.
///
/// A name that has a type (such as `+CSQ`) is not to be used: it would be read back as that type.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OtherCommand {
    /// Its name.
    pub name: CommandName,
    /// Its form.
    pub form: Form<Arguments>,
}
