//! Keys of the card and the algorithms they are for (TS 102.225, 5.1.2 and 5.1.3).

use core::fmt;

use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::header::KeyVersion;

/// A block cipher with the length of its key. Ciphering is CBC with an initial value of zero.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Algorithm {
    /// DES: a key of 56 bits, broken. Only with [`SingleDesAccepted`].
    SingleDes,
    /// Triple DES, encrypt, decrypt, encrypt, with the first key again as third.
    TripleDes2,
    /// Triple DES with three keys.
    TripleDes3,
    /// AES, 128 bits.
    Aes128,
    /// AES, 192 bits.
    Aes192,
    /// AES, 256 bits.
    Aes256,
}

impl Algorithm {
    /// Returns the number of bytes of a key.
    #[must_use]
    pub const fn key_len(self) -> usize {
        match self {
            Self::SingleDes => 8,
            Self::TripleDes2 | Self::Aes128 => 16,
            Self::TripleDes3 | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Returns the number of bytes of a block, which ciphered data is a multiple of.
    #[must_use]
    pub const fn block_len(self) -> usize {
        match self {
            Self::SingleDes | Self::TripleDes2 | Self::TripleDes3 => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// Tells whether checksums are CMAC; else they are the last block of CBC over data filled up
    /// with zeros.
    #[must_use]
    pub const fn is_aes(self) -> bool {
        matches!(self, Self::Aes128 | Self::Aes192 | Self::Aes256)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SingleDes => "DES",
            Self::TripleDes2 => "3DES with 2 keys",
            Self::TripleDes3 => "3DES with 3 keys",
            Self::Aes128 => "AES-128",
            Self::Aes192 => "AES-192",
            Self::Aes256 => "AES-256",
        })
    }
}

/// Says that a broken cipher is wanted: without it there is no key for single DES, and a packet
/// that names DES finds none.
#[derive(Clone, Copy, Debug)]
pub struct SingleDesAccepted;

/// A key with its algorithm: zeroized when dropped, never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key(pub(crate) Material);

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub(crate) enum Material {
    SingleDes([u8; 8]),
    TripleDes2([u8; 16]),
    TripleDes3([u8; 24]),
    Aes128([u8; 16]),
    Aes192([u8; 24]),
    Aes256([u8; 32]),
}

/// Why bytes are no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The number of bytes is wrong.
    #[error("{got} bytes of key, {algorithm} has {expected}")]
    Length {
        /// What the key is for.
        algorithm: Algorithm,
        /// Bytes it has.
        expected: usize,
        /// Bytes given.
        got: usize,
    },
    /// Single DES is refused here; [`Key::single_des`] makes such a key.
    #[error("single DES is broken; ask for it by name if a card has nothing better")]
    SingleDes,
    /// Neighbouring parts of a triple DES key are equal, so that it is single DES in effect.
    #[error("equal parts make this key of triple DES one of single DES; choose another")]
    Degenerate,
    /// The checksum length that was chosen exists with AES only (TS 102.225, 5.1.3.1).
    #[error("a checksum of 4 bytes exists with AES only, the key is for {algorithm}")]
    MacLength {
        /// What the key is for.
        algorithm: Algorithm,
    },
}

impl Key {
    /// Makes a key of an algorithm other than single DES.
    ///
    /// # Errors
    /// [`KeyError`] for another number of bytes, for single DES, and for a key of triple DES that
    /// is one of single DES in effect.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let (expected, got) = (algorithm.key_len(), bytes.len());
        let wrong = |_| KeyError::Length { algorithm, expected, got };
        let material = match algorithm {
            Algorithm::SingleDes => return Err(KeyError::SingleDes),
            Algorithm::TripleDes2 => Material::TripleDes2(bytes.try_into().map_err(wrong)?),
            Algorithm::TripleDes3 => Material::TripleDes3(bytes.try_into().map_err(wrong)?),
            Algorithm::Aes128 => Material::Aes128(bytes.try_into().map_err(wrong)?),
            Algorithm::Aes192 => Material::Aes192(bytes.try_into().map_err(wrong)?),
            Algorithm::Aes256 => Material::Aes256(bytes.try_into().map_err(wrong)?),
        };
        if !algorithm.is_aes() && is_degenerate(bytes) {
            return Err(KeyError::Degenerate);
        }
        Ok(Self(material))
    }

    /// Makes a key of single DES, for a card that has nothing better.
    #[must_use]
    pub const fn single_des(bytes: [u8; 8], _: SingleDesAccepted) -> Self {
        Self(Material::SingleDes(bytes))
    }

    /// Returns what the key is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Material::SingleDes(_) => Algorithm::SingleDes,
            Material::TripleDes2(_) => Algorithm::TripleDes2,
            Material::TripleDes3(_) => Algorithm::TripleDes3,
            Material::Aes128(_) => Algorithm::Aes128,
            Material::Aes192(_) => Algorithm::Aes192,
            Material::Aes256(_) => Algorithm::Aes256,
        }
    }

    /// Returns the bytes, for a key store that writes them down encrypted.
    #[must_use]
    pub const fn expose(&self) -> &[u8] {
        match &self.0 {
            Material::SingleDes(bytes) => bytes,
            Material::TripleDes2(bytes) | Material::Aes128(bytes) => bytes,
            Material::TripleDes3(bytes) | Material::Aes192(bytes) => bytes,
            Material::Aes256(bytes) => bytes,
        }
    }
}

/// Tells whether two neighbouring keys of 8 bytes are equal, their parity bits aside.
fn is_degenerate(bytes: &[u8]) -> bool {
    let parts = bytes.chunks_exact(8);
    parts.clone().zip(parts.skip(1)).any(|(left, right)| {
        left.iter().zip(right).fold(0, |differing, (l, r)| differing | ((l ^ r) & 0xFE)) == 0
    })
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm() == other.algorithm() && bool::from(self.expose().ct_eq(other.expose()))
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, ***)", self.algorithm())
    }
}

/// How many bytes of a CMAC travel: the first 4 or 8 of its 16 (TS 102.225, 5.1.3.1).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum MacLength {
    /// 4 bytes.
    Four,
    /// 8 bytes, as with DES.
    #[default]
    Eight,
}

impl MacLength {
    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }
}

/// The two keys of one version that card and server share, with what is agreed about them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeySet {
    version: KeyVersion,
    kic: Key,
    kid: Key,
    mac: MacLength,
}

impl KeySet {
    /// Makes a set of the key for ciphering and the key for checksums.
    #[must_use]
    pub const fn new(version: KeyVersion, kic: Key, kid: Key) -> Self {
        Self { version, kic, kid, mac: MacLength::Eight }
    }

    /// Sets the length of checksums.
    ///
    /// # Errors
    /// [`KeyError::MacLength`] for 4 bytes without AES.
    pub fn with_mac_length(mut self, mac: MacLength) -> Result<Self, KeyError> {
        let algorithm = self.kid.algorithm();
        if mac == MacLength::Four && !algorithm.is_aes() {
            return Err(KeyError::MacLength { algorithm });
        }
        self.mac = mac;
        Ok(self)
    }

    /// Returns the version.
    #[must_use]
    pub const fn version(&self) -> KeyVersion {
        self.version
    }

    /// Returns the key for ciphering.
    #[must_use]
    pub const fn kic(&self) -> &Key {
        &self.kic
    }

    /// Returns the key for checksums.
    #[must_use]
    pub const fn kid(&self) -> &Key {
        &self.kid
    }

    /// Returns the length of checksums.
    #[must_use]
    pub const fn mac_length(&self) -> MacLength {
        self.mac
    }
}
