//! What operators show.

use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Fewest characters of a token: 128 bits in hexadecimal.
const TOKEN_LEN_MIN: usize = 32;
/// Most characters of a token.
const TOKEN_LEN_MAX: usize = 256;
/// How it stands before a token in the header `Authorization` (RFC 6750, 2.1).
const SCHEME: &str = "Bearer ";

/// A secret by which a server knows operators: whoever shows it may order in the name of each of
/// them. It is never shown.
#[derive(Clone)]
pub struct OperatorToken(Zeroizing<String>);

/// A text is no token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a token has {TOKEN_LEN_MIN} to {TOKEN_LEN_MAX} letters, digits, -, _ or . on one line; \
     `openssl rand -hex 32` makes one"
)]
pub struct TokenError;

impl OperatorToken {
    /// Reads a token; what a file has around it, such as the end of the line, does not matter.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let text = text.trim_ascii();
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if (TOKEN_LEN_MIN..=TOKEN_LEN_MAX).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(Zeroizing::new(text.to_owned())))
        } else {
            Err(TokenError)
        }
    }

    /// Makes a token of random octets.
    #[must_use]
    pub fn of(random: &[u8; 32]) -> Self {
        Self(Zeroizing::new(polysim_base::Hex(random).to_string()))
    }

    /// Returns the value of the header `Authorization` that shows it.
    #[must_use]
    pub fn header(&self) -> String {
        format!("{SCHEME}{}", *self.0)
    }

    /// Returns the token itself, for the file that it is kept in.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn is_shown_by(&self, header: &str) -> bool {
        let shown = header.strip_prefix(SCHEME).unwrap_or_default();
        shown.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OperatorToken(***)")
    }
}
