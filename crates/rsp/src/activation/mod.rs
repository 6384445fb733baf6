//! Activation codes: what a person scans or types to get a profile (SGP.22, 4.1).
//!
//! ```
//! use polysim_rsp::activation::ActivationCode;
//! let code: ActivationCode = "LPA:1$smdp.example.com$04386-AGYFT$$1".parse()?;
//! assert_eq!(code.address(), "smdp.example.com");
//! assert!(code.confirmation_code_required());
//! # Ok::<(), polysim_rsp::activation::ActivationCodeError>(())
//! ```

mod error;
mod field;
mod secret;
#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

pub use error::{ActivationCodeError, Field};
pub use secret::{ConfirmationCode, MatchingId};

/// Most characters of a code, without the prefix.
pub const CODE_LEN_MAX: usize = 255;
/// Most characters of a server's address.
pub const ADDRESS_LEN_MAX: usize = 253;
/// Most octets of the key identifier of a certificate issuer.
pub const CI_KEY_ID_LEN_MAX: usize = 20;

const PREFIX: &str = "LPA:";
const FORMAT: &str = "1";
const DELIMITER: char = '$';

/// An activation code. Every legal form is read: with and without `LPA:` in any case, with fields
/// that are empty or left out, and with fields that later versions add.
///
/// The standard names capitals, digits and the hyphen for the token; servers in use give others, so
/// that everything printable but the delimiter is taken.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ActivationCode {
    address: String,
    token: MatchingId,
    oid: Option<String>,
    confirmation_code_required: bool,
    ci_key_id: Option<Vec<u8>>,
    later: Option<String>,
}

impl ActivationCode {
    /// Makes a code of the two fields that each has.
    ///
    /// # Errors
    /// [`ActivationCodeError`] where a field has characters that it must not have, or is too long.
    pub fn new(address: &str, token: &str) -> Result<Self, ActivationCodeError> {
        let code = Self {
            address: field::address(address, 0)?,
            token: MatchingId::parse(token, 0)?,
            oid: None,
            confirmation_code_required: false,
            ci_key_id: None,
            later: None,
        };
        code.checked()
    }

    /// Says that a confirmation code is needed.
    #[must_use]
    pub const fn with_confirmation_code(mut self) -> Self {
        self.confirmation_code_required = true;
        self
    }

    /// Names the server by the object identifier in its certificate.
    ///
    /// # Errors
    /// [`ActivationCodeError`] where that is none, or the code becomes too long.
    pub fn with_oid(mut self, oid: &str) -> Result<Self, ActivationCodeError> {
        self.oid = field::oid(oid, 0)?;
        self.checked()
    }

    /// The host name of the SM-DP+; a port may follow it.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The token, which the server knows the profile by. It may be empty.
    #[must_use]
    pub const fn token(&self) -> &MatchingId {
        &self.token
    }

    /// The object identifier that the server's certificate must have, as numbers with dots.
    #[must_use]
    pub fn oid(&self) -> Option<&str> {
        self.oid.as_deref()
    }

    /// Whether the user must have a confirmation code.
    #[must_use]
    pub const fn confirmation_code_required(&self) -> bool {
        self.confirmation_code_required
    }

    /// The first octets of the key identifier of the certificate issuer that is to be used.
    #[must_use]
    pub fn ci_key_id(&self) -> Option<&[u8]> {
        self.ci_key_id.as_deref()
    }

    /// What later versions of the standard add, as it came.
    #[must_use]
    pub fn later_fields(&self) -> Option<&str> {
        self.later.as_deref()
    }

    fn checked(self) -> Result<Self, ActivationCodeError> {
        let length = field::Counter::count(&self) - PREFIX.len();
        if length > CODE_LEN_MAX {
            return Err(ActivationCodeError::TooLong { length, limit: CODE_LEN_MAX });
        }
        Ok(self)
    }
}

impl FromStr for ActivationCode {
    type Err = ActivationCodeError;

    fn from_str(text: &str) -> Result<Self, ActivationCodeError> {
        let trimmed = text.trim_ascii();
        let skipped = text.len() - text.trim_ascii_start().len();
        let (start, code) = match trimmed.split_at_checked(PREFIX.len()) {
            Some((prefix, code)) if prefix.eq_ignore_ascii_case(PREFIX) => {
                (skipped + PREFIX.len(), code)
            }
            Some(_) | None => (skipped, trimmed),
        };
        if code.len() > CODE_LEN_MAX {
            return Err(ActivationCodeError::TooLong { length: code.len(), limit: CODE_LEN_MAX });
        }
        let mut fields = field::Fields::new(code, start);
        let (at, format) = fields.take();
        if format != FORMAT {
            return Err(ActivationCodeError::Format { at });
        }
        let (at, address) = fields.required(Field::Address)?;
        let address = field::address(address, at)?;
        let (at, token) = fields.required(Field::Token)?;
        let token = MatchingId::parse(token, at)?;
        let (at, oid) = fields.take();
        let oid = field::oid(oid, at)?;
        let (at, flag) = fields.take();
        let confirmation_code_required = field::flag(flag, at)?;
        let (at, ci_key_id) = fields.take();
        let ci_key_id = field::key_id(ci_key_id, at)?;
        let later = fields.rest();
        if let Some((at, _)) = later.and_then(|(start, rest)| field::foreign(rest, start)) {
            return Err(ActivationCodeError::Character { field: Field::Later, at });
        }
        let later = later.map(|(_, rest)| rest.to_owned());
        Ok(Self { address, token, oid, confirmation_code_required, ci_key_id, later })
    }
}

impl ActivationCode {
    /// Writes the code, and no delimiters behind its last field.
    fn write(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        write!(f, "{PREFIX}{FORMAT}${}${}", self.address, self.token.expose())?;
        let last = match () {
            () if self.later.is_some() => 4,
            () if self.ci_key_id.is_some() => 3,
            () if self.confirmation_code_required => 2,
            () if self.oid.is_some() => 1,
            () => 0,
        };
        if last >= 1 {
            write!(f, "${}", self.oid.as_deref().unwrap_or_default())?;
        }
        if last >= 2 {
            f.write_str(if self.confirmation_code_required { "$1" } else { "$" })?;
        }
        if last >= 3 {
            f.write_char(DELIMITER)?;
            let id = self.ci_key_id.as_deref().unwrap_or_default();
            id.iter().try_for_each(|octet| write!(f, "{octet:02X}"))?;
        }
        if last >= 4 {
            write!(f, "${}", self.later.as_deref().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// The whole code with its token: for a screen or a QR symbol, never for a log.
impl fmt::Display for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}
