//! What is made of the server's secret: codes, tokens, invitations, the salt.
//!
//! Nothing of it is kept: it is made again when it is checked.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{CodeSent, ServerKey};
use crate::{Code, DeviceId, Invitation, Salt, Token};

/// The block of SHA-256: HMAC fills shorter keys up with zeros to it.
const BLOCK_LEN: usize = 64;

impl ServerKey {
    /// Returns the code of a registration, bound to its number and to the key of its device.
    pub(super) fn code(&self, sent: &CodeSent) -> Code {
        let mut mac = self.mac(b"code");
        mac.update(&sent.registration.0.to_be_bytes());
        mac.update(&sent.key.0);
        sent.number.digits().for_each(|digit| mac.update(&[digit]));
        let [a, b, c, d, e, f, g, h, ..] = mac.finalize().into_bytes().0;
        Code::of(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }

    /// Returns a token of a device.
    pub(super) fn token(&self, device: DeviceId, generation: u32) -> Token {
        let mut mac = self.mac(b"token");
        mac.update(&device.0.to_be_bytes());
        mac.update(&generation.to_be_bytes());
        Token(mac.finalize().into_bytes().0)
    }

    /// Returns an invitation of a device: who invites, then the proof of it.
    pub(super) fn invitation(&self, by: DeviceId, number: u64) -> Invitation {
        let mut mac = self.mac(b"invitation");
        mac.update(&by.0.to_be_bytes());
        mac.update(&number.to_be_bytes());
        let mut invitation = [0; 16];
        let octets = by.0.to_be_bytes().into_iter().chain(mac.finalize().into_bytes().0);
        invitation.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
        Invitation(invitation)
    }

    /// Returns the salt of contacts.
    pub(super) fn salt(&self) -> Salt {
        let whole = self.mac(b"salt").finalize().into_bytes().0;
        let mut salt = [0; 16];
        salt.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        Salt(salt)
    }

    /// What is made for one use is no use for another: the label goes first, and ends with a zero.
    fn mac(&self, label: &[u8]) -> Hmac<Sha256> {
        let mut block = Zeroizing::new([0; BLOCK_LEN]);
        block.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new((&*block).into());
        mac.update(label);
        mac.update(&[0]);
        mac
    }
}

impl Invitation {
    /// Returns who says to have made it.
    pub(super) fn by(&self) -> DeviceId {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        DeviceId(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

/// Compares without telling by the time how much is alike.
pub(super) fn same(shown: &[u8], right: &[u8]) -> bool {
    shown.ct_eq(right).into()
}
