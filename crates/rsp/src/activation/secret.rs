//! What whoever knows it can get a profile with.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use super::{ActivationCodeError, CODE_LEN_MAX, DELIMITER, Field, field};

/// Most characters of a confirmation code.
const CONFIRMATION_CODE_LEN_MAX: usize = 64;

/// What a server knows an order by: the token of an activation code, or an event identifier.
#[derive(Clone, Default, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct MatchingId(String);

impl MatchingId {
    /// Takes a matching id; it may be empty.
    ///
    /// # Errors
    /// [`ActivationCodeError`] where it has a blank, a `$` or what cannot be printed, or is too long.
    pub fn new(text: &str) -> Result<Self, ActivationCodeError> {
        Self::parse(text, 0)
    }

    pub(super) fn parse(text: &str, start: usize) -> Result<Self, ActivationCodeError> {
        if text.len() > CODE_LEN_MAX {
            return Err(ActivationCodeError::TooLong { length: text.len(), limit: CODE_LEN_MAX });
        }
        let foreign = field::foreign(text, start).map(|(at, _)| at);
        match foreign.or_else(|| text.find(DELIMITER).map(|at| start + at)) {
            Some(at) => Err(ActivationCodeError::Character { field: Field::Token, at }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The text: for a server, never for a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<String> for MatchingId {
    type Error = ActivationCodeError;

    fn try_from(text: String) -> Result<Self, ActivationCodeError> {
        Self::new(&text)
    }
}

impl From<MatchingId> for String {
    fn from(mut id: MatchingId) -> Self {
        core::mem::take(&mut id.0)
    }
}

impl Drop for MatchingId {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for MatchingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "MatchingId(empty)" } else { "MatchingId(***)" })
    }
}

/// What the operator has given the user beside the activation code.
#[derive(Clone, Eq, PartialEq)]
pub struct ConfirmationCode(Zeroizing<String>);

impl ConfirmationCode {
    /// Takes a code as the user typed it.
    ///
    /// # Errors
    /// [`ActivationCodeError`] where there is none, or it is too long.
    pub fn new(text: &str) -> Result<Self, ActivationCodeError> {
        if text.is_empty() {
            return Err(ActivationCodeError::Empty { field: Field::ConfirmationCodeFlag, at: 0 });
        }
        if text.len() > CONFIRMATION_CODE_LEN_MAX {
            let limit = CONFIRMATION_CODE_LEN_MAX;
            return Err(ActivationCodeError::TooLong { length: text.len(), limit });
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// What the server is told instead: `SHA-256(SHA-256(code) || transaction id)` (SGP.22, 3.1.3).
    #[must_use]
    pub fn hash(&self, transaction_id: &[u8]) -> [u8; 32] {
        let inner = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(self.0.as_bytes())));
        Sha256::new().chain_update(&inner[..]).chain_update(transaction_id).finalize().into()
    }
}

impl fmt::Debug for ConfirmationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConfirmationCode(***)")
    }
}
