//! The keys under which agents and platform speak.

use core::fmt;

use aes::Aes128;
use cmac::{Cmac, KeyInit as _, Mac as _};
use polysim_base::Eid;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Sets keys of devices apart from all else that is made of a master key.
const LABEL: &[u8] = b"polysim steering device";

/// The key of one device.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DeviceKey([u8; 16]);

/// The key of a platform, from which those of its devices are made.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 16]);

impl DeviceKey {
    /// Takes a key.
    #[must_use]
    pub const fn new(key: [u8; 16]) -> Self {
        Self(key)
    }

    pub(crate) fn mac(&self, parts: &[&[u8]]) -> [u8; 16] {
        mac(&self.0, parts)
    }
}

impl MasterKey {
    /// Takes a key.
    #[must_use]
    pub const fn new(key: [u8; 16]) -> Self {
        Self(key)
    }

    /// Makes the key of a device: it is put into the device when that is made, and made anew
    /// whenever the platform needs it.
    #[must_use]
    pub fn device(&self, eid: Eid) -> DeviceKey {
        DeviceKey(mac(&self.0, &[LABEL, &eid.octets()]))
    }
}

fn mac(key: &[u8; 16], parts: &[&[u8]]) -> [u8; 16] {
    let mut mac = Cmac::<Aes128>::new(key.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKey(..)")
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}
