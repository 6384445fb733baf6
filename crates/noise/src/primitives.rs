//! The primitives of Noise as `snow` wants them. Ours overwrite their keys, take no randomness but what
//! they are given, and never use it twice. (What `snow` itself keeps while a handshake lasts, its chaining
//! key, it does not overwrite.)

use alloc::boxed::Box;
use core::fmt;

use blake2::{Blake2s256, Digest as _};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce, Tag};
use curve25519_dalek::montgomery::MontgomeryPoint;
use snow::Error;
use snow::params::{CipherChoice, DHChoice, HashChoice};
use snow::resolvers::CryptoResolver;
use snow::types::{Cipher, Dh, Hash, Random};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

/// Octets of a key, private or public or of the cipher.
pub const KEY_LEN: usize = 32;
/// Octets that the cipher adds.
pub const TAG_LEN: usize = 16;

/// A private key. It is overwritten when it is dropped.
pub type Secret = Zeroizing<[u8; KEY_LEN]>;

/// Returns the public key of a private one (X25519).
#[must_use]
pub fn public_key(private: &Secret) -> [u8; KEY_LEN] {
    MontgomeryPoint::mul_base_clamped(**private).to_bytes()
}

/// The primitives of one handshake.
pub struct Primitives {
    ephemeral: Secret,
}

impl Primitives {
    /// Returns those of the handshake whose ephemeral private key is `ephemeral`. An end that needs none,
    /// which only reads a message of a one-way pattern, hands in any.
    #[must_use]
    pub const fn new(ephemeral: Secret) -> Self {
        Self { ephemeral }
    }
}

impl fmt::Debug for Primitives {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Primitives(***)")
    }
}

impl CryptoResolver for Primitives {
    fn resolve_rng(&self) -> Option<Box<dyn Random>> {
        Some(Box::new(Once(Some(self.ephemeral.clone()))))
    }

    fn resolve_dh(&self, choice: &DHChoice) -> Option<Box<dyn Dh>> {
        let wanted = *choice == DHChoice::Curve25519;
        wanted.then(|| Box::<X25519>::default() as Box<dyn Dh>)
    }

    fn resolve_hash(&self, choice: &HashChoice) -> Option<Box<dyn Hash>> {
        let wanted = *choice == HashChoice::Blake2s;
        wanted.then(|| Box::<Blake2s>::default() as Box<dyn Hash>)
    }

    fn resolve_cipher(&self, choice: &CipherChoice) -> Option<Box<dyn Cipher>> {
        let wanted = *choice == CipherChoice::ChaChaPoly;
        wanted.then(|| Box::<ChaChaPoly>::default() as Box<dyn Cipher>)
    }
}

/// The one ephemeral private key: a second one is not to be had.
struct Once(Option<Secret>);

impl Random for Once {
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        let secret = self.0.take().ok_or(Error::Rng)?;
        let dest = <&mut [u8; KEY_LEN]>::try_from(dest).map_err(|_| Error::Rng)?;
        *dest = *secret;
        Ok(())
    }
}

#[derive(Default)]
struct X25519 {
    private: Secret,
    public: [u8; KEY_LEN],
}

impl Dh for X25519 {
    fn name(&self) -> &'static str {
        "25519"
    }

    fn pub_len(&self) -> usize {
        KEY_LEN
    }

    fn priv_len(&self) -> usize {
        KEY_LEN
    }

    fn set(&mut self, privkey: &[u8]) {
        if let Some(private) = privkey.first_chunk() {
            *self.private = *private;
            self.public = public_key(&self.private);
        }
    }

    fn generate(&mut self, rng: &mut dyn Random) -> Result<(), Error> {
        let mut private = Secret::default();
        rng.try_fill_bytes(private.as_mut_slice())?;
        self.set(private.as_slice());
        Ok(())
    }

    fn pubkey(&self) -> &[u8] {
        &self.public
    }

    fn privkey(&self) -> &[u8] {
        self.private.as_slice()
    }

    /// A public key of small order, which makes the same secret with everybody, is refused.
    fn dh(&self, pubkey: &[u8], out: &mut [u8]) -> Result<(), Error> {
        let public = pubkey.first_chunk::<KEY_LEN>().ok_or(Error::Dh)?;
        let shared = MontgomeryPoint(*public).mul_clamped(*self.private).to_bytes();
        let shared = Zeroizing::new(shared);
        if bool::from(shared.ct_eq(&[0; KEY_LEN])) {
            return Err(Error::Dh);
        }
        *out.first_chunk_mut().ok_or(Error::Dh)? = *shared;
        Ok(())
    }
}

#[derive(Default)]
struct ChaChaPoly {
    key: Secret,
}

impl ChaChaPoly {
    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new((&*self.key).into())
    }

    /// 32 bits of zeros and the counter, least significant octet first (Noise, 12.3).
    fn nonce(counter: u64) -> Nonce {
        let mut nonce = [0; 12];
        nonce.iter_mut().skip(4).zip(counter.to_le_bytes()).for_each(|(to, from)| *to = from);
        nonce.into()
    }
}

impl Cipher for ChaChaPoly {
    fn name(&self) -> &'static str {
        "ChaChaPoly"
    }

    fn set(&mut self, key: &[u8; KEY_LEN]) {
        *self.key = *key;
    }

    /// Writes nothing where there is no place: `snow` has looked before.
    fn encrypt(&self, nonce: u64, authtext: &[u8], plaintext: &[u8], out: &mut [u8]) -> usize {
        let Some((text, rest)) = out.split_at_mut_checked(plaintext.len()) else { return 0 };
        let Some(to) = rest.first_chunk_mut::<TAG_LEN>() else { return 0 };
        let Ok(buffer) = InOutBuf::new(plaintext, text) else { return 0 };
        match self.cipher().encrypt_inout_detached(&Self::nonce(nonce), authtext, buffer) {
            Ok(tag) => *to = tag.into(),
            Err(_) => return 0,
        }
        plaintext.len().saturating_add(TAG_LEN)
    }

    fn decrypt(
        &self,
        nonce: u64,
        authtext: &[u8],
        ciphertext: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let (text, tag) = ciphertext.split_last_chunk::<TAG_LEN>().ok_or(Error::Decrypt)?;
        let out = out.get_mut(..text.len()).ok_or(Error::Decrypt)?;
        let buffer = InOutBuf::new(text, out).map_err(|_| Error::Decrypt)?;
        self.cipher()
            .decrypt_inout_detached(&Self::nonce(nonce), authtext, buffer, &Tag::from(*tag))
            .map_err(|_| Error::Decrypt)?;
        Ok(text.len())
    }
}

#[derive(Default)]
struct Blake2s(Blake2s256);

impl Hash for Blake2s {
    fn name(&self) -> &'static str {
        "BLAKE2s"
    }

    fn block_len(&self) -> usize {
        64
    }

    fn hash_len(&self) -> usize {
        32
    }

    fn reset(&mut self) {
        self.0 = Blake2s256::new();
    }

    fn input(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn result(&mut self, out: &mut [u8]) {
        let mut hash: [u8; 32] = core::mem::take(&mut self.0).finalize().into();
        out.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        hash.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use polysim_base::parse_hex;
    use snow::{Builder, HandshakeState};

    fn hex(text: &str) -> Vec<u8> {
        parse_hex(text.as_bytes()).unwrap()
    }

    fn end(private: &str, ephemeral: &str, initiator: bool) -> HandshakeState {
        let ephemeral = Zeroizing::new(hex(ephemeral).try_into().unwrap());
        let private = hex(private);
        let protocol = "Noise_XX_25519_ChaChaPoly_BLAKE2s".parse().unwrap();
        let builder = Builder::with_resolver(protocol, Box::new(Primitives::new(ephemeral)));
        let builder = builder.local_private_key(&private).unwrap().prologue(b"John Galt").unwrap();
        if initiator { builder.build_initiator() } else { builder.build_responder() }.unwrap()
    }

    /// The vector of this protocol among those of the implementation "cacophony", which others use too:
    /// payload and ciphertext of what is said in turn.
    const SAID: [(&str, &str); 6] = [
        (
            "4c756477696720766f6e204d69736573",
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444c756477696720766f6e204d69736573",
        ),
        (
            "4d757272617920526f746862617264",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088437c365eb362a1c991b0557fe8a7fb187d99346765d93ec63db6c1b01504ebeec55a2298d2dbff80eff034d20595153f63a196a6cead1e11b2bb13e336fa13616dd3e8b0a070c882ed3f1a78c7c06c93",
        ),
        (
            "462e20412e20486179656b",
            "46c3307de83b014258717d97781c1f50936d8b7d50c0722a1739654d10392d415b670c114f79b9a4f80541570f77ce88802efa4220cff733e7b5668ba38059ec904b4b8eef9448085faf51",
        ),
        ("4361726c204d656e676572", "d5e83adfaac5dc324a68f1862df54549e56d209fba707205f328b2"),
        (
            "4a65616e2d426170746973746520536179",
            "d102c9029b1f55c788f561ba7737afbccef9c9f1bf2f238167fd40ba9c1c134867",
        ),
        (
            "457567656e2042f6686d20766f6e2042617765726b",
            "cb1ce80960382c6d5d5e740ffb724d1432f0310b200fb6f8424120f506092744baa415e155",
        ),
    ];

    #[test]
    fn the_octets_are_those_of_another_implementation() {
        let mut initiator = end(
            "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1",
            "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a",
            true,
        );
        let mut responder = end(
            "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893",
            "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b",
            false,
        );
        let mut buffer = [0; 256];
        for (turn, (payload, ciphertext)) in SAID[..3].iter().enumerate() {
            let (from, to) = if turn.is_multiple_of(2) {
                (&mut initiator, &mut responder)
            } else {
                (&mut responder, &mut initiator)
            };
            let len = from.write_message(&hex(payload), &mut buffer).unwrap();
            assert_eq!(buffer[..len], hex(ciphertext));
            let len = to.read_message(&hex(ciphertext), &mut buffer).unwrap();
            assert_eq!(buffer[..len], hex(payload));
        }
        let hash = hex("6c4c56cf71612f72d05ceb96c0155e6f4ea54a26b504c93de632a2db4a49d200");
        assert_eq!(initiator.get_handshake_hash(), hash);
        let mut initiator = initiator.into_transport_mode().unwrap();
        let mut responder = responder.into_transport_mode().unwrap();
        for (turn, (payload, ciphertext)) in SAID[3..].iter().enumerate() {
            let (from, to) = if turn.is_multiple_of(2) {
                (&mut responder, &mut initiator)
            } else {
                (&mut initiator, &mut responder)
            };
            let len = from.write_message(&hex(payload), &mut buffer).unwrap();
            assert_eq!(buffer[..len], hex(ciphertext));
            let len = to.read_message(&hex(ciphertext), &mut buffer).unwrap();
            assert_eq!(buffer[..len], hex(payload));
        }
    }

    #[test]
    fn an_ephemeral_key_is_given_once() {
        let primitives = Primitives::new(Zeroizing::new([7; 32]));
        let mut random = primitives.resolve_rng().unwrap();
        let mut octets = [0; 32];
        assert_eq!(random.try_fill_bytes(&mut octets), Ok(()));
        assert_eq!((octets, random.try_fill_bytes(&mut octets)), ([7; 32], Err(Error::Rng)));
    }

    #[test]
    fn a_public_key_that_shares_one_secret_with_everybody_is_refused() {
        let mut own = X25519::default();
        own.set(&[9; 32]);
        let mut out = [0; 32];
        for small in [[0; 32], core::array::from_fn(|at| u8::from(at == 0))] {
            assert_eq!(own.dh(&small, &mut out), Err(Error::Dh));
        }
    }
}
