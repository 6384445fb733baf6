//! The static key pair of a device.

use core::fmt;

use polysim_base::{Origin, Randomness};
use polysim_noise::{KEY_LEN, Secret, public_key};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::PeerKey;

/// The static key pair of a device (X25519): who has it is that device.
///
/// `Debug` masks the secret, which is overwritten when it is dropped.
#[derive(Clone)]
pub struct Identity {
    secret: Secret,
    public: PeerKey,
    origin: Origin,
}

impl Identity {
    /// Octets of the secret.
    pub const LEN: usize = KEY_LEN;

    /// Draws one. Its origin is that of the randomness.
    #[must_use]
    pub fn generate(randomness: &mut Randomness) -> Self {
        Self::from_bytes(Zeroizing::new(randomness.bytes()), randomness.origin())
    }

    /// Takes one that was kept. `origin` says where it was drawn.
    #[must_use]
    pub fn from_bytes(secret: Zeroizing<[u8; Self::LEN]>, origin: Origin) -> Self {
        let public = PeerKey(public_key(&secret));
        Self { secret, public, origin }
    }

    /// Returns the secret, to be kept where nobody else reads it.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; Self::LEN]> {
        self.secret.clone()
    }

    /// Returns by what others know this device.
    #[must_use]
    pub const fn peer_key(&self) -> PeerKey {
        self.public
    }

    /// Returns where it was drawn.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    pub(super) fn secret(&self) -> &[u8; Self::LEN] {
        &self.secret
    }
}

impl ZeroizeOnDrop for Identity {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({:?}, {:?}, ..)", self.public, self.origin)
    }
}
