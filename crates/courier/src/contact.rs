//! How a device asks which of its contacts are registered.

use polysim_base::Msisdn;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A contact, as a device tells it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum ContactKey {
    /// Its number.
    Number(Msisdn),
    /// A truncated digest of the server's salt and its number. It keeps numbers out of logs and
    /// backups; it does not hide them from whoever has the salt, for there are few numbers.
    Digest([u8; 8]),
}

impl ContactKey {
    /// Returns how a number is told: the digest is the beginning of SHA-256 over the salt and the digits.
    #[must_use]
    pub fn of(mode: ContactMode, salt: &Salt, number: &Msisdn) -> Self {
        match mode {
            ContactMode::Numbers => Self::Number(*number),
            ContactMode::Digests => {
                let mut hash = Sha256::new_with_prefix(salt.0);
                number.digits().for_each(|digit| hash.update([digit]));
                let [a, b, c, d, e, f, g, h, ..] = hash.finalize().0;
                Self::Digest([a, b, c, d, e, f, g, h])
            }
        }
    }

    /// Returns the mode in which it is used.
    #[must_use]
    pub const fn mode(&self) -> ContactMode {
        match self {
            Self::Number(_) => ContactMode::Numbers,
            Self::Digest(_) => ContactMode::Digests,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_depends_on_salt_and_number() {
        let number = |text| Msisdn::parse(text).unwrap();
        let key = |salt, text| ContactKey::of(ContactMode::Digests, &Salt(salt), &number(text));
        assert_eq!(key([1; 16], "+4911"), key([1; 16], "4911"));
        assert_ne!(key([1; 16], "+4911"), key([2; 16], "+4911"));
        assert_ne!(key([1; 16], "+4911"), key([1; 16], "+49110"));
        assert_eq!(key([1; 16], "+4911").mode(), ContactMode::Digests);
    }
}
