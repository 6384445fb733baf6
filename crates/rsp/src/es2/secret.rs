//! Texts that let whoever has them fetch a profile.

use alloc::string::{String, ToString};
use core::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Most characters of a matching identifier.
const MATCHING_ID_MAX: usize = 255;
/// Most characters of a confirmation code.
const CONFIRMATION_CODE_MAX: usize = 64;

/// Why a text is none that may be used so. The text itself is not told.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// Nothing at all.
    #[error("it is empty; leave it out where there is none")]
    Empty,
    /// Longer than any may be.
    #[error("it has {length} characters; {max} is the most")]
    TooLong {
        /// How many characters it has.
        length: usize,
        /// The most.
        max: usize,
    },
    /// A character that does not fit into an activation code.
    #[error("character {position} is not allowed; use 0-9, A-Z and -")]
    Character {
        /// Which character, from 1.
        position: usize,
    },
}

macro_rules! secret_text {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd, Zeroize, ZeroizeOnDrop)]
        pub struct $name(String);

        impl $name {
            /// Returns the text, which is not to be shown or written into a log.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    )+};
}

secret_text! {
    /// Names one order towards the device: the token of an activation code. Whoever knows it may
    /// fetch the profile, so it is shown nowhere.
    MatchingId
    /// What a person must type in before a profile is downloaded.
    ConfirmationCode
}

impl MatchingId {
    /// Reads an identifier of the characters that an activation code may have (SGP.22, 4.1).
    ///
    /// # Errors
    /// [`InvalidToken`] for none, too many, or another character.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        let length = text.len();
        if length == 0 {
            return Err(InvalidToken::Empty);
        }
        if length > MATCHING_ID_MAX {
            return Err(InvalidToken::TooLong { length, max: MATCHING_ID_MAX });
        }
        let is_wrong = |c: char| !matches!(c, '0'..='9' | 'A'..='Z' | '-');
        match text.chars().position(is_wrong) {
            Some(index) => Err(InvalidToken::Character { position: index.saturating_add(1) }),
            None => Ok(Self(text.to_string())),
        }
    }
}

impl ConfirmationCode {
    /// Takes a code.
    ///
    /// # Errors
    /// [`InvalidToken`] for none, or one of too many characters.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        match text.chars().count() {
            0 => Err(InvalidToken::Empty),
            1..=CONFIRMATION_CODE_MAX => Ok(Self(text.to_string())),
            length => Err(InvalidToken::TooLong { length, max: CONFIRMATION_CODE_MAX }),
        }
    }

    /// Returns the digest of the code, of which the one for a session is made. An SM-DP+ keeps this
    /// in place of the code.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// Returns what goes over the air in one session (`hashCc`; SGP.22, 3.1.3).
    #[must_use]
    pub fn session_digest(digest: &[u8; 32], transaction_id: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(digest).chain_update(transaction_id).finalize().into()
    }
}
