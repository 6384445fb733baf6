//! Verification codes, and the text by which they go.

use alloc::format;
use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

/// What the text says before the code.
const BEFORE: &str = "polysim code: ";

/// What it says after it.
const AFTER: &str = ". Give it to nobody.";

/// A verification code: six digits. Masked.
#[derive(Clone, Copy, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code([u8; Self::DIGITS]);

/// A text that is no code.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a verification code has {} digits", Code::DIGITS)]
pub struct InvalidCode;

impl Code {
    /// How many digits.
    pub const DIGITS: usize = 6;

    /// Takes a code as a person types it: spaces and dashes between digits do not count.
    ///
    /// # Errors
    /// [`InvalidCode`].
    pub fn parse(text: &str) -> Result<Self, InvalidCode> {
        let mut digits = [0; Self::DIGITS];
        let mut typed = text.bytes().filter(|byte| !matches!(byte, b' ' | b'-'));
        for digit in &mut digits {
            *digit = typed.next().filter(u8::is_ascii_digit).ok_or(InvalidCode)?;
        }
        if typed.next().is_some() { Err(InvalidCode) } else { Ok(Self(digits)) }
    }

    /// Makes a code of the last digits of a large number.
    pub(crate) fn of(mut number: u64) -> Self {
        let mut digits = [b'0'; Self::DIGITS];
        for digit in digits.iter_mut().rev() {
            let [last, ..] = (number % 10).to_le_bytes();
            *digit += last;
            number /= 10;
        }
        Self(digits)
    }

    /// Returns its digits in ASCII.
    #[must_use]
    pub const fn digits(&self) -> &[u8; Self::DIGITS] {
        &self.0
    }

    /// Returns the text by which it goes to a number.
    #[must_use]
    pub fn text(self) -> String {
        format!("{BEFORE}{}{AFTER}", String::from(self))
    }

    /// Finds the code in a text that has come by the carrier, if that says exactly what
    /// [`text`](Self::text) does.
    #[must_use]
    pub fn in_text(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix(BEFORE)?.strip_suffix(AFTER)?;
        Self::parse(digits).ok().filter(|_| digits.len() == Self::DIGITS)
    }
}

impl TryFrom<String> for Code {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        Self::parse(&text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0.iter().map(|digit| char::from(*digit)).collect()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_code_is_found_in_its_text_and_typed_as_it_is_shown(number: u64) {
            let code = Code::of(number);
            prop_assert_eq!(Code::in_text(&code.text()), Some(code));
            prop_assert_eq!(Code::parse(&format!("{:06}", number % 1_000_000)), Ok(code));
        }

        #[test]
        fn other_texts_have_no_code(text: String) {
            prop_assert_eq!(Code::in_text(&text), None);
        }
    }

    #[test]
    fn only_the_exact_text_has_a_code() {
        for text in ["123456", "polysim code: 12345. Give it to nobody.", "Your code: 123456."] {
            assert_eq!(Code::in_text(text), None);
        }
        assert_eq!(Code::parse("123-45 6").map(|code| *code.digits()), Ok(*b"123456"));
    }
}
