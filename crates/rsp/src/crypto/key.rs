//! Keys of the curve P-256, and their identifiers.

use core::fmt;

use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use p256::elliptic_curve::sec1::ToSec1Point;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Mode, Origin, OriginRefused, Randomness, SharedSecret, Signature};

/// Why octets are no key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not 65 octets that begin with 04.
    #[error("a public key of P-256 is 65 octets that begin with 04 (uncompressed)")]
    PublicKeyForm,
    /// The point does not lie on the curve.
    #[error("the point is not on P-256; is it a key of another curve?")]
    NotOnCurve,
    /// Not 32 octets, zero, or not below the order of the curve.
    #[error("a private key of P-256 is a number of 32 octets between 1 and the curve's order")]
    PrivateKeyRange,
}

/// A public key: an uncompressed point that lies on P-256.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicKey([u8; 65]);

impl PublicKey {
    /// Reads an uncompressed point.
    ///
    /// # Errors
    /// [`KeyError`] where it has another form or does not lie on the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let bytes: [u8; 65] = bytes.try_into().map_err(|_| KeyError::PublicKeyForm)?;
        if bytes.first() != Some(&4) {
            return Err(KeyError::PublicKeyForm);
        }
        let key = Self(bytes);
        key.point().map(|_| key)
    }

    /// Returns the uncompressed point.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; 65] {
        self.0
    }

    /// Returns the uncompressed point.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 65] {
        &self.0
    }

    /// Returns the identifier that our authority writes into certificates.
    ///
    /// It is the leftmost 160 bits of the SHA-256 of the point (RFC 7093, method 1). Other
    /// authorities may compute theirs otherwise: for a certificate, what stands in it counts.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        let digest: [u8; 32] = Sha256::digest(self.0).into();
        let mut id = [0; 20];
        id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    pub(super) fn point(&self) -> Result<p256::PublicKey, KeyError> {
        p256::PublicKey::from_sec1_bytes(&self.0).map_err(|_| KeyError::NotOnCurve)
    }

    fn from_point(point: &p256::PublicKey) -> Self {
        let mut bytes = [0; 65];
        let encoded = point.to_sec1_point(false);
        bytes.iter_mut().zip(encoded.as_bytes()).for_each(|(to, from)| *to = *from);
        Self(bytes)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.key_id())
    }
}

/// Names a public key: the 20 octets of a subject key identifier.
///
/// An eUICC and a server name the root of trust that they agree on so (`euiccCiPKIdToBeUsed`).
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(pub [u8; 20]);

impl KeyId {
    /// Returns the identifier, or `None` where it is not of 20 octets.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Returns the octets.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// A private key. It is wiped when dropped, never shown, and knows where it came from.
#[derive(Clone, Eq, PartialEq)]
pub struct PrivateKey {
    key: SigningKey,
    origin: Origin,
}

impl PrivateKey {
    /// Draws a key. Its origin is that of the randomness.
    pub fn generate(randomness: &mut Randomness) -> Self {
        let origin = randomness.origin();
        let mut candidate = Zeroizing::new(randomness.bytes::<32>());
        loop {
            if let Ok(key) = SigningKey::from_slice(&*candidate) {
                return Self { key, origin };
            }
            // One candidate in 2^32 is out of range. Its hash is as random as it was, and the loop
            // ends even where a source is broken and only gives zeros.
            *candidate = Sha256::digest(*candidate).into();
        }
    }

    /// Reads a key of 32 octets.
    ///
    /// # Errors
    /// [`KeyError::PrivateKeyRange`].
    pub fn from_bytes(bytes: &[u8], origin: Origin) -> Result<Self, KeyError> {
        let octets: [u8; 32] = bytes.try_into().map_err(|_| KeyError::PrivateKeyRange)?;
        let octets = Zeroizing::new(p256::FieldBytes::from(octets));
        let key = SigningKey::from_bytes(&octets).map_err(|_| KeyError::PrivateKeyRange)?;
        Ok(Self { key, origin })
    }

    /// Returns the 32 octets: for a journal or a file, which must be kept as a secret.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes().into())
    }

    /// Returns where the key came from.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Returns the key where it may be used in `mode`.
    ///
    /// # Errors
    /// [`OriginRefused`] for a simulated key in live work.
    pub fn admitted(self, mode: Mode) -> Result<Self, OriginRefused> {
        mode.admit(self.origin)?;
        Ok(self)
    }

    /// Returns the public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::from_point(&self.key.verifying_key().into())
    }

    /// Signs the SHA-256 of `message`; the same message gives the same signature (RFC 6979).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature: p256::ecdsa::Signature = self.key.sign(message);
        signature.to_bytes().into()
    }

    /// Agrees on a secret with the holder of `other` (ECKA-EG of BSI TR-03111: the x-coordinate).
    #[must_use]
    pub fn agree(&self, other: &PublicKey) -> SharedSecret {
        // A `PublicKey` was on the curve when it was made, and it cannot be changed.
        let Ok(point) = other.point() else { return SharedSecret::new([0; 32]) };
        let secret = p256::ecdh::diffie_hellman(self.key.as_nonzero_scalar(), point.as_affine());
        SharedSecret::new((*secret.raw_secret_bytes()).into())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:?}, {:?})", self.origin, self.public().key_id())
    }
}
