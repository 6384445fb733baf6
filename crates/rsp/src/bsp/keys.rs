//! The keys of a session, and those that a profile was protected with beforehand.

use core::fmt;

use alloc::vec::Vec;

use polysim_base::Eid;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{KEY_LENGTH, KEY_TYPE_AES};
use crate::crypto::{Randomness, SharedSecret, derive_x963};
use crate::data::ReplaceSessionKeysRequest;

/// Keys for one secured channel. They are wiped when dropped and never shown.
#[derive(Clone, Eq, PartialEq, Zeroize, ZeroizeOnDrop)]
pub struct SessionKeys {
    /// What the first check is chained to.
    pub(super) chaining: [u8; 16],
    /// S-ENC or PPK-ENC.
    pub(super) enc: [u8; 16],
    /// S-MAC or PPK-MAC.
    pub(super) mac: [u8; 16],
}

impl SessionKeys {
    /// Derives the keys that SM-DP+ and eUICC agreed on (SGP.22, annex G).
    ///
    /// `host_id` is the SM-DP+'s end, at most 16 octets.
    #[must_use]
    pub fn derive(secret: &SharedSecret, host_id: &[u8], eid: &Eid) -> Self {
        let mut shared_info = Vec::with_capacity(36);
        shared_info.extend([KEY_TYPE_AES, KEY_LENGTH]);
        for part in [host_id, &eid.octets()] {
            shared_info.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
            shared_info.extend_from_slice(part);
        }
        let mut octets = [0; 48];
        derive_x963(secret, &shared_info, &mut octets);
        let keys = Self::from_octets(&octets);
        octets.zeroize();
        keys
    }

    /// Draws keys that protect a profile before it is bound (PPK).
    pub fn draw(randomness: &mut Randomness) -> Self {
        let mut octets = randomness.bytes::<48>();
        let keys = Self::from_octets(&octets);
        octets.zeroize();
        keys
    }

    fn from_octets(octets: &[u8; 48]) -> Self {
        let mut parts = [[0; 16]; 3];
        for (part, octets) in parts.iter_mut().zip(octets.chunks_exact(16)) {
            part.copy_from_slice(octets);
        }
        let [chaining, enc, mac] = parts;
        Self { chaining, enc, mac }
    }

    /// Returns the request that brings them to an eUICC.
    #[must_use]
    pub fn to_request(&self) -> ReplaceSessionKeysRequest {
        ReplaceSessionKeysRequest {
            initial_mac_chaining_value: self.chaining.to_vec().into(),
            ppk_enc: self.enc.to_vec().into(),
            ppk_cmac: self.mac.to_vec().into(),
        }
    }

    /// Takes the keys out of a request; `None` where one is not of 16 octets.
    #[must_use]
    pub fn from_request(request: &ReplaceSessionKeysRequest) -> Option<Self> {
        Some(Self {
            chaining: (*request.initial_mac_chaining_value).try_into().ok()?,
            enc: (*request.ppk_enc).try_into().ok()?,
            mac: (*request.ppk_cmac).try_into().ok()?,
        })
    }
}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys(..)")
    }
}
