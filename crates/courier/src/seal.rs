//! Texts are sealed for one device each: `Noise_X_25519_ChaChaPoly_BLAKE2s`, of which the text is the one
//! message.
//!
//! Who opens it knows the sender's key and that nobody but the two has made it. Which text it is, and who
//! its recipient is, are bound into it (as the prologue), and both keys. The ephemeral key is made from the
//! device's secret and from everything that is sealed: saying a text again after a crash makes the same
//! octets, and there are no two texts under one key, whatever was forgotten.
//!
//! A device that knows the recipient's private key can open what was sealed for it at any time: there is no
//! forward secrecy, for the first word to a device that is away has to reach it in one message.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use polysim_base::{Mode, Msisdn, Origin, OriginRefused, Randomness};
use polysim_noise::{KEY_LEN, Primitives, Secret, TAG_LEN, public_key};
use sha2::Sha256;
use snow::{Builder, Error};
use zeroize::Zeroizing;

use crate::{DeviceKey, MessageId};

/// Octets of a text in UTF-8, at most.
pub const TEXT_OCTETS_MAX: usize = 8_192;

/// Octets that sealing adds: two keys, a tag for one of them and one for the text.
const OVERHEAD: usize = 2 * KEY_LEN + 2 * TAG_LEN;

const PROTOCOL: &str = "Noise_X_25519_ChaChaPoly_BLAKE2s";

/// Octets of a number there: its digits, and fillers.
const NUMBER_LEN: usize = 15;

/// It changes with whatever changes in how texts are sealed.
const PROLOGUE: &[u8] = b"polysim courier text 1";

/// The secret of a device, from which its keys are made: who has it is that device, and reads its texts.
///
/// `Debug` masks it, and it is overwritten when it is dropped.
#[derive(Clone)]
pub struct DeviceSecret {
    seed: Secret,
    private: Secret,
    key: DeviceKey,
}

impl DeviceSecret {
    /// Octets of it.
    pub const LEN: usize = KEY_LEN;

    /// Draws one, for work of that mode.
    ///
    /// # Errors
    /// [`OriginRefused`] for simulated randomness in live work.
    pub fn generate(randomness: &mut Randomness, mode: Mode) -> Result<Self, OriginRefused> {
        Self::new(Zeroizing::new(randomness.bytes()), randomness.origin(), mode)
    }

    /// Takes one that was kept. `origin` says where it was drawn, `mode` what the device does.
    ///
    /// # Errors
    /// [`OriginRefused`] for a simulated one in live work.
    pub fn new(seed: Secret, origin: Origin, mode: Mode) -> Result<Self, OriginRefused> {
        mode.admit(origin)?;
        let private = derive(&seed, b"static", &[]);
        let key = DeviceKey(public_key(&private));
        Ok(Self { seed, private, key })
    }

    /// Returns it, to be kept where nobody else reads it.
    #[must_use]
    pub fn to_bytes(&self) -> Secret {
        self.seed.clone()
    }

    /// Returns the public key, for which others seal texts.
    #[must_use]
    pub const fn key(&self) -> DeviceKey {
        self.key
    }

    /// Seals a text for a device of `to`. `None`: the device's key is none, or the text is too long.
    pub(crate) fn seal(
        &self,
        id: MessageId,
        to: &Msisdn,
        device: DeviceKey,
        text: &str,
    ) -> Option<Vec<u8>> {
        if text.len() > TEXT_OCTETS_MAX {
            return None;
        }
        let prologue = prologue(id, to);
        let parts: [&[u8]; 3] = [&prologue, &device.0, text.as_bytes()];
        let ephemeral = derive(&self.seed, b"ephemeral", &parts);
        let sealed = || -> Result<Vec<u8>, Error> {
            let mut sealed = vec![0; text.len().saturating_add(OVERHEAD)];
            let mut noise = self
                .builder(ephemeral, &prologue)?
                .remote_public_key(&device.0)?
                .build_initiator()?;
            let len = noise.write_message(text.as_bytes(), &mut sealed)?;
            sealed.truncate(len);
            Ok(sealed)
        };
        sealed().ok()
    }

    /// Opens what was sealed for this device; returns the sender's key and the text. `None`: it was not
    /// sealed for it, or not as this text to this recipient, or is no text.
    pub(crate) fn open(
        &self,
        id: MessageId,
        to: &Msisdn,
        sealed: &[u8],
    ) -> Option<(DeviceKey, String)> {
        if sealed.len() > TEXT_OCTETS_MAX.saturating_add(OVERHEAD) {
            return None;
        }
        let mut text = vec![0; sealed.len()];
        let mut opened = || -> Result<(DeviceKey, usize), Error> {
            // Who only reads makes no ephemeral key.
            let mut noise =
                self.builder(Secret::default(), &prologue(id, to))?.build_responder()?;
            let len = noise.read_message(sealed, &mut text)?;
            let key = noise.get_remote_static().and_then(|key| key.try_into().ok());
            Ok((DeviceKey(key.ok_or(Error::Input)?), len))
        };
        let (key, len) = opened().ok()?;
        text.truncate(len);
        Some((key, String::from_utf8(text).ok()?))
    }

    fn builder<'a>(&'a self, ephemeral: Secret, prologue: &'a [u8]) -> Result<Builder<'a>, Error> {
        Builder::with_resolver(PROTOCOL.parse()?, Box::new(Primitives::new(ephemeral)))
            .local_private_key(&*self.private)?
            .prologue(prologue)
    }
}

/// The public key tells secrets apart.
impl PartialEq for DeviceSecret {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for DeviceSecret {}

impl fmt::Debug for DeviceSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeviceSecret({:?}, ..)", self.key)
    }
}

/// HMAC-SHA-256 under the secret. Labels tell apart what it is for.
fn derive(seed: &Secret, label: &[u8], parts: &[&[u8]]) -> Secret {
    let mut block = Zeroizing::new([0; 64]);
    block.iter_mut().zip(seed.iter()).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&(*block).into());
    mac.update(PROLOGUE);
    mac.update(label);
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// Which text it is, and to whom. Numbers have a fixed length, and so the whole has one meaning.
fn prologue(id: MessageId, to: &Msisdn) -> Vec<u8> {
    let mut octets = Vec::from(PROLOGUE);
    octets.extend(id.from.0.to_be_bytes());
    octets.extend(id.number.to_be_bytes());
    octets.extend(to.digits().chain(core::iter::repeat(0xF)).take(NUMBER_LEN));
    octets
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeviceId;
    use alloc::format;
    use polysim_base::{Purpose, Stream};
    use proptest::prelude::*;

    fn secret(of: u64) -> DeviceSecret {
        let stream = Stream::derive(1, of, Purpose::Keys, 0);
        DeviceSecret::generate(&mut Randomness::Simulated(stream), Mode::Simulation).unwrap()
    }

    fn id(from: u64, number: u64) -> MessageId {
        MessageId { from: DeviceId(from), number }
    }

    fn number(text: &str) -> Msisdn {
        Msisdn::parse(text).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn any_text_is_opened_by_whom_it_was_sealed_for_and_shows_its_sender(text in ".{0,400}") {
            let (ann, bob, to) = (secret(1), secret(2), number("4912345"));
            let sealed = ann.seal(id(1, 7), &to, bob.key(), &text).unwrap();
            prop_assert_eq!(sealed.len(), text.len() + OVERHEAD);
            prop_assert_eq!(bob.open(id(1, 7), &to, &sealed), Some((ann.key(), text)));
        }

        #[test]
        fn opening_never_panics(octets: Vec<u8>) {
            prop_assert_eq!(secret(2).open(id(1, 7), &number("4912345"), &octets), None);
        }
    }

    #[test]
    fn another_text_recipient_or_device_or_a_changed_octet_does_not_open() {
        let (ann, bob, to) = (secret(1), secret(2), number("4912345"));
        let sealed = ann.seal(id(1, 7), &to, bob.key(), "hi").unwrap();
        assert!(bob.open(id(1, 7), &to, &sealed).is_some());
        assert_eq!(bob.open(id(1, 8), &to, &sealed), None);
        assert_eq!(bob.open(id(2, 7), &to, &sealed), None);
        assert_eq!(bob.open(id(1, 7), &number("49123450"), &sealed), None);
        assert_eq!(secret(3).open(id(1, 7), &to, &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(bob.open(id(1, 7), &to, &changed), None, "octet {at}");
        }
    }

    #[test]
    fn the_same_text_makes_the_same_octets_and_any_other_has_another_ephemeral_key() {
        let (ann, bob, to) = (secret(1), secret(2), number("4912345"));
        let seal = |number, device: &DeviceSecret, text| {
            ann.seal(id(1, number), &to, device.key(), text).unwrap()
        };
        let once = seal(7, &bob, "hi");
        assert_eq!(once, seal(7, &bob, "hi"));
        for other in [seal(8, &bob, "hi"), seal(7, &secret(3), "hi"), seal(7, &bob, "ho")] {
            assert_ne!(once[..KEY_LEN], other[..KEY_LEN]);
        }
    }

    #[test]
    fn what_is_too_long_or_for_no_key_is_not_sealed() {
        let (ann, to) = (secret(1), number("4912345"));
        let long = "x".repeat(TEXT_OCTETS_MAX);
        assert!(ann.seal(id(1, 1), &to, secret(2).key(), &long).is_some());
        assert_eq!(ann.seal(id(1, 1), &to, secret(2).key(), &format!("{long}x")), None);
        assert_eq!(ann.seal(id(1, 1), &to, DeviceKey([0; 32]), "hi"), None);
    }

    #[test]
    fn a_simulated_secret_does_no_live_work_and_is_not_shown() {
        let kept = secret(1).to_bytes();
        assert_eq!(
            DeviceSecret::new(kept.clone(), Origin::Simulated, Mode::Live),
            Err(OriginRefused)
        );
        let again = DeviceSecret::new(kept.clone(), Origin::Live, Mode::Live).unwrap();
        assert_eq!(again, secret(1));
        let shown = format!("{again:?}");
        assert!(!shown.contains(&format!("{:?}", *kept)), "{shown}");
        assert!(shown.contains(&format!("{:?}", again.key())), "{shown}");
    }
}
