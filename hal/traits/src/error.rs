//! Errors: a kind to match on, what it was about, and where it came from.

use std::error::Error;
use std::fmt;

/// An error of a backend. `K` is what a caller decides by.
#[derive(Debug)]
pub struct HalError<K> {
    kind: K,
    place: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// An error of a port.
pub type PortError = HalError<PortErrorKind>;
/// An error of a card, its reader, or the service behind it.
pub type CardError = HalError<CardErrorKind>;
/// An error on the way to a server, or of it.
pub type HttpError = HalError<HttpErrorKind>;

impl<K> HalError<K> {
    /// Returns an error about `place`: the name of a port, a reader or a service.
    #[must_use]
    pub fn new(kind: K, place: impl Into<String>) -> Self {
        Self { kind, place: place.into(), source: None }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns what went wrong.
    pub const fn kind(&self) -> &K {
        &self.kind
    }

    /// Returns the port, reader or service that it is about.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl<K: fmt::Display> fmt::Display for HalError<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind)
    }
}

impl<K: fmt::Debug + fmt::Display> Error for HalError<K> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What went wrong with a port.
#[derive(
    Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PortErrorKind {
    /// The device was unplugged, or the other side has closed: reopen.
    #[error("the port is gone")]
    Gone,
    /// There is no such port.
    #[error("there is no such port")]
    NotFound,
    /// The port may not be opened by this user.
    #[error("permission denied")]
    Denied,
    /// Another program holds the port.
    #[error("another program uses the port")]
    Busy,
    /// The other side took no bytes for too long.
    #[error("the other side takes no more bytes")]
    Stalled,
    /// The backend has no such thing, such as control lines of a socket.
    #[error("not supported by this kind of port")]
    Unsupported,
    /// Anything else: see the source.
    #[error("input or output failed")]
    Io,
}

/// What went wrong with a card, its reader, or the service behind it.
#[derive(
    Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CardErrorKind {
    /// No card is in the reader.
    #[error("there is no card in the reader")]
    NoCard,
    /// The card was pulled out or lost its power; connect anew.
    #[error("the card was removed")]
    CardGone,
    /// The card does not answer, or answered less than a status word.
    #[error("the card does not answer")]
    Mute,
    /// The card was reset since the channel was opened: by us, or by another program.
    #[error("the card was reset since the channel was opened")]
    Stale,
    /// Another program holds the card.
    #[error("another program uses the card")]
    Busy,
    /// There is no such reader any more.
    #[error("the reader is gone")]
    ReaderGone,
    /// The PC/SC service is not running or went away.
    #[error("the card service is not running")]
    ServiceGone,
    /// The card refused, with this status word.
    #[error("the card refused with {:02X}{:02X}", .0[0], .0[1])]
    Refused([u8; 2]),
    /// The command is no APDU, or too long for the backend.
    #[error("the command cannot be sent to a card")]
    BadCommand,
    /// The answer is no APDU response.
    #[error("the answer is no response of a card")]
    BadAnswer,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The backend cannot do this.
    #[error("not supported by this kind of reader")]
    Unsupported,
    /// Anything else: see the source.
    #[error("input or output failed")]
    Io,
}

/// What went wrong between a client and a server.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// This is no address of a server.
    #[error(
        "no address of a server: a host name or an IP address is expected, with :port or without"
    )]
    BadAddress,
    /// Plain HTTP would leave this machine.
    #[error("plain HTTP is for this machine only: 127.0.0.1, [::1] or localhost")]
    NotHere,
    /// The name leads nowhere, or nobody listens there.
    #[error("the server cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// The certificate that it has for TLS is not one to be trusted.
    #[error("the server's TLS certificate is not trusted: {0}")]
    Untrusted(Distrust),
    /// The server wants to know by TLS who asks, or does not accept who does.
    #[error("the server refused to speak TLS")]
    TlsRefused,
    /// A body is longer than is sent or taken.
    #[error("a body of more than {limit} octets")]
    TooLong {
        /// The most.
        limit: usize,
    },
    /// The request has a path or a header that HTTP does not have.
    #[error("the request cannot be sent")]
    BadRequest,
    /// The answer broke off, or is not HTTP.
    #[error("the answer broke off or is not HTTP")]
    Garbled,
}

/// Why a server's certificate is not trusted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Distrust {
    /// None of the roots that were given has issued it.
    #[error("none of the given root certificates has issued it")]
    UnknownIssuer,
    /// Its time is over.
    #[error("it has expired")]
    Expired,
    /// Its time has not come, or the clock of this machine is wrong.
    #[error("it is not valid yet: check the clock of this machine")]
    NotYetValid,
    /// It belongs to another server.
    #[error("it belongs to another host name")]
    WrongName,
    /// It is for something else than TLS of such a server.
    #[error("it is not meant for such a server")]
    WrongPurpose,
    /// Its issuer has taken it back.
    #[error("it has been revoked")]
    Revoked,
    /// A signature is wrong.
    #[error("a signature is wrong")]
    BadSignature,
    /// It cannot be read.
    #[error("it cannot be read")]
    Malformed,
}
