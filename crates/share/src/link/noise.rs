//! Noise XX: the handshake, and what it makes.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use polysim_base::Randomness;
use polysim_noise::{Primitives, TAG_LEN};
use snow::{Builder, Error, HandshakeState, TransportState};
use zeroize::Zeroizing;

use super::{Identity, Role};
use crate::PeerKey;

const PROTOCOL: &str = "Noise_XX_25519_ChaChaPoly_BLAKE2s";

/// What both ends must agree upon beforehand. It changes with whatever changes in a link.
const PROLOGUE: &[u8] = b"polysim share link 1";

/// Octets of a message of the handshake, at most: two keys, the longest name, and a tag for the name and
/// for one of the keys.
pub(super) const GREETING_LEN_MAX: usize = 128;

/// The hash of a handshake, which differs from that of any other.
pub(super) type HandshakeHash = [u8; 32];

/// A handshake on its way: three messages, of which the last two carry an enciphered payload.
pub(super) struct Handshake(Box<HandshakeState>);

impl Handshake {
    pub(super) fn new(
        role: Role,
        identity: &Identity,
        randomness: &mut Randomness,
    ) -> Result<Self, Error> {
        let primitives = Primitives::new(Zeroizing::new(randomness.bytes()));
        let builder = Builder::with_resolver(PROTOCOL.parse()?, Box::new(primitives))
            .local_private_key(identity.secret())?
            .prologue(PROLOGUE)?;
        let state = match role {
            Role::Initiator => builder.build_initiator()?,
            Role::Responder => builder.build_responder()?,
        };
        Ok(Self(Box::new(state)))
    }

    pub(super) fn write(&mut self, payload: &[u8]) -> Result<Vec<u8>, Error> {
        let mut message = vec![0; GREETING_LEN_MAX];
        let len = self.0.write_message(payload, &mut message)?;
        message.truncate(len);
        Ok(message)
    }

    pub(super) fn read(&mut self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut payload = vec![0; GREETING_LEN_MAX];
        let len = self.0.read_message(message, &mut payload)?;
        payload.truncate(len);
        Ok(payload)
    }

    /// Returns the key of the other end, once it has said and proven it.
    pub(super) fn peer(&self) -> Option<PeerKey> {
        let key = self.0.get_remote_static()?;
        key.try_into().ok().map(PeerKey)
    }

    /// Returns what it has made.
    pub(super) fn finish(self) -> Result<(Transport, HandshakeHash), Error> {
        let hash = self.0.get_handshake_hash().try_into().map_err(|_| Error::Input)?;
        Ok((Transport(Box::new(self.0.into_transport_mode()?)), hash))
    }
}

/// Enciphers and deciphers what is said, in order. Whatever was changed, left out or repeated does not
/// decipher.
pub(super) struct Transport(Box<TransportState>);

impl Transport {
    pub(super) fn seal(&mut self, packet: &[u8]) -> Result<Vec<u8>, Error> {
        let mut message = vec![0; packet.len().saturating_add(TAG_LEN)];
        self.0.write_message(packet, &mut message)?;
        Ok(message)
    }

    pub(super) fn open(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut packet = Zeroizing::new(vec![0; message.len()]);
        let len = self.0.read_message(message, &mut packet)?;
        packet.truncate(len);
        Ok(packet)
    }
}
