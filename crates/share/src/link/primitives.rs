//! The primitives of Noise as `snow` wants them. Ours overwrite their keys, take no randomness but what
//! they are given, and never use it twice.

use alloc::boxed::Box;

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
const KEY_LEN: usize = 32;
/// Octets that the cipher adds.
pub(super) const TAG_LEN: usize = 16;

type Secret = Zeroizing<[u8; KEY_LEN]>;

/// The primitives of one handshake, whose ephemeral private key is `ephemeral`.
pub(super) struct Primitives {
    pub(super) ephemeral: Secret,
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
        if let Ok(private) = privkey.try_into() {
            *self.private = private;
            self.public = MontgomeryPoint::mul_base_clamped(private).to_bytes();
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
