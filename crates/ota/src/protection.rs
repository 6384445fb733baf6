//! Which keys and checks secure a packet, in either direction.

use core::fmt;
use subtle::ConstantTimeEq as _;

use crate::cipher::{self, CHECKSUM_LEN};
use crate::header::{CommandHeader, Crc, Integrity, KeyVersion, ProofWanted};
use crate::key::{Algorithm, Key, KeySet, MacLength};

/// What a packet is ciphered with and guarded by.
#[derive(Clone, Copy, Debug)]
pub struct Protection<'k> {
    cipher: Option<&'k Key>,
    guard: Guard<'k>,
}

#[derive(Clone, Copy, Debug)]
enum Guard<'k> {
    None,
    Redundancy(Crc),
    Checksum(&'k Key, MacLength),
}

/// Which of the two keys.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyUse {
    /// The one that ciphers.
    Kic,
    /// The one that makes checksums.
    Kid,
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kic => "KIc",
            Self::Kid => "KID",
        })
    }
}

/// Why a header cannot be followed with the keys there are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtectionError {
    /// Digital signatures are not made here; no card in use makes them.
    #[error("the header asks for a digital signature, which is not supported; use a checksum")]
    Signature,
    /// The header names no key set, or another one than is at hand.
    #[error("{key} names key set {named}, which is not there; install it or name another")]
    KeyVersion {
        /// Which key.
        key: KeyUse,
        /// What the header says, 0 to 15; 0 names none.
        named: u8,
    },
    /// The header names another algorithm than the key is for.
    #[error("{key:?} names another algorithm than {held}, which the key is for")]
    Algorithm {
        /// Which key.
        key: KeyUse,
        /// What the key is for.
        held: Algorithm,
    },
    /// `KID` names a redundancy check that is proprietary or reserved.
    #[error("KID names a redundancy check that is proprietary or reserved; use CRC-16 or CRC-32")]
    RedundancyCheck,
}

impl<'k> Protection<'k> {
    /// Neither ciphered nor guarded.
    pub const NONE: Protection<'static> = Protection { cipher: None, guard: Guard::None };

    /// Returns what secures a command with this header.
    ///
    /// # Errors
    /// [`ProtectionError`] when the keys do not suit the header.
    pub fn of_command(
        header: &CommandHeader,
        keys: Option<&'k KeySet>,
    ) -> Result<Self, ProtectionError> {
        Self::new(header, header.spi.integrity, header.spi.ciphered, keys)
    }

    /// Returns what secures the proof of receipt that a command with this header asks for.
    ///
    /// # Errors
    /// [`ProtectionError`] when the keys do not suit the header.
    pub fn of_proof(
        header: &CommandHeader,
        keys: Option<&'k KeySet>,
    ) -> Result<Self, ProtectionError> {
        let proof = header.spi.proof;
        if proof.wanted == ProofWanted::Never {
            return Ok(Self::NONE);
        }
        Self::new(header, proof.integrity, proof.ciphered, keys)
    }

    fn new(
        header: &CommandHeader,
        integrity: Integrity,
        ciphered: bool,
        keys: Option<&'k KeySet>,
    ) -> Result<Self, ProtectionError> {
        let guard = match integrity {
            Integrity::None => Guard::None,
            Integrity::RedundancyCheck => Guard::Redundancy(redundancy_check(header)?),
            Integrity::Checksum => {
                let keys = named(KeyUse::Kid, header, keys)?;
                Guard::Checksum(keys.kid(), keys.mac_length())
            }
            Integrity::Signature => return Err(ProtectionError::Signature),
        };
        let cipher = if ciphered { Some(named(KeyUse::Kic, header, keys)?.kic()) } else { None };
        Ok(Self { cipher, guard })
    }

    /// Tells whether keys are involved: a redundancy check proves nothing.
    #[must_use]
    pub const fn is_keyed(&self) -> bool {
        self.cipher.is_some() || self.is_authenticated()
    }

    /// Tells whether a key proves who made the packet.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        matches!(self.guard, Guard::Checksum(..))
    }

    /// Tells whether the packet is ciphered.
    #[must_use]
    pub const fn is_ciphered(&self) -> bool {
        self.cipher.is_some()
    }

    pub(crate) const fn integrity(&self) -> Integrity {
        match self.guard {
            Guard::None => Integrity::None,
            Guard::Redundancy(_) => Integrity::RedundancyCheck,
            Guard::Checksum(..) => Integrity::Checksum,
        }
    }

    pub(crate) const fn cipher(&self) -> Option<&'k Key> {
        self.cipher
    }

    /// Octets of the check in the packet.
    pub(crate) const fn guard_len(&self) -> usize {
        match self.guard {
            Guard::None => 0,
            Guard::Redundancy(Crc::Crc16) => 2,
            Guard::Redundancy(Crc::Crc32) => 4,
            Guard::Checksum(_, length) => length.bytes(),
        }
    }

    /// Octets that fill ciphered data up to whole blocks.
    pub(crate) fn padding(&self, len: usize) -> usize {
        self.cipher.map_or(0, |key| {
            let block = key.algorithm().block_len();
            len.next_multiple_of(block) - len
        })
    }

    /// Returns the check over the data, of which [`Self::guard_len`] octets travel.
    pub(crate) fn guard(&self, data: &[u8]) -> [u8; CHECKSUM_LEN] {
        match self.guard {
            Guard::None => [0; CHECKSUM_LEN],
            Guard::Redundancy(crc) => cipher::redundancy(crc, data),
            Guard::Checksum(key, _) => cipher::checksum(key, data),
        }
    }

    /// Compares the check that came with the one over the data, in constant time.
    pub(crate) fn holds(&self, data: &[u8], came: &[u8]) -> bool {
        let guard = self.guard(data);
        let expected = guard.get(..self.guard_len()).unwrap_or(&guard);
        bool::from(expected.ct_eq(came))
    }
}

fn redundancy_check(header: &CommandHeader) -> Result<Crc, ProtectionError> {
    // Where the command carries a checksum, KID names a key, and the check is left to agreement.
    match header.spi.integrity {
        Integrity::Checksum => Ok(Crc::Crc32),
        Integrity::None | Integrity::RedundancyCheck | Integrity::Signature => {
            header.kid.crc().ok_or(ProtectionError::RedundancyCheck)
        }
    }
}

/// Returns the keys if they are those that the header names.
fn named<'k>(
    key: KeyUse,
    header: &CommandHeader,
    keys: Option<&'k KeySet>,
) -> Result<&'k KeySet, ProtectionError> {
    let (octet, version, algorithm) = match key {
        KeyUse::Kic => (header.kic.0, header.kic.version(), header.kic.algorithm()),
        KeyUse::Kid => (header.kid.0, header.kid.version(), header.kid.algorithm()),
    };
    let missing = ProtectionError::KeyVersion { key, named: octet >> 4 };
    let keys = keys.filter(|keys| Some(keys.version()) == version).ok_or(missing)?;
    let held = match key {
        KeyUse::Kic => keys.kic().algorithm(),
        KeyUse::Kid => keys.kid().algorithm(),
    };
    if algorithm.means(held) { Ok(keys) } else { Err(ProtectionError::Algorithm { key, held }) }
}

impl KeyUse {
    /// Returns the version that the header names for this key.
    pub(crate) const fn version(self, header: &CommandHeader) -> Option<KeyVersion> {
        match self {
            Self::Kic => header.kic.version(),
            Self::Kid => header.kid.version(),
        }
    }
}
