//! Why a server refuses (SGP.22, 5.2.6).

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

/// A status with its two codes.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Status {
    /// What it is about: numbers with dots, like `8.2.6`.
    pub subject: Cow<'static, str>,
    /// What is wrong with it: numbers with dots, like `3.8`.
    pub reason: Cow<'static, str>,
    /// What the server adds in words.
    pub message: Option<String>,
}

impl Status {
    /// Makes a status of its two codes.
    #[must_use]
    pub const fn new(subject: &'static str, reason: &'static str) -> Self {
        Self { subject: Cow::Borrowed(subject), reason: Cow::Borrowed(reason), message: None }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} - {}", self.subject, self.reason)?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}
