//! How a device asks which of its contacts are registered.

use polysim_base::Msisdn;
use serde::{Deserialize, Serialize};

/// A contact, as a device tells it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum ContactKey {
    /// Its number.
    Number(Msisdn),
    /// A truncated digest of the server's salt and its number. It keeps numbers out of logs and
    /// backups; it does not hide them from whoever has the salt, for there are few numbers.
    Digest([u8; 8]),
}

/// How devices tell contacts. The server says it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ContactMode {
    /// By digests under a salt.
    #[default]
    Digests,
    /// By numbers.
    Numbers,
}

/// What goes into the digests.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Salt(pub [u8; 16]);

/// A state of the register: it grows with each number that is registered or is not any more.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct MarkVersion(pub u64);
