//! What a virtual SIM is: the static set of parameters, its digest, and the keys that lock a stored one.

mod keys;
mod octets;
mod sealed;
#[cfg(test)]
pub(crate) mod tests;

pub use keys::{LockKey, StorageKey};

use alloc::string::String;
use core::hash::{Hash, Hasher};

use polysim_aka::Algorithm;
use polysim_base::{Iccid, Imsi, Msisdn};

/// The static parameters of a virtual SIM. The sequence numbers are not among them: they change with each
/// authentication and travel with each activation.
///
/// `Debug` masks the keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VirtualSim {
    /// EF.ICCID.
    pub iccid: Iccid,
    /// EF.IMSI.
    pub imsi: Imsi,
    /// EF.MSISDN.
    pub msisdn: Option<Msisdn>,
    /// The number of the short message service centre.
    pub smsc: Option<Msisdn>,
    /// The name of the operator: at most [`VirtualSim::SPN_LEN_MAX`] octets.
    pub spn: String,
    /// The authentication algorithm with its keys.
    pub algorithm: Algorithm,
}

impl VirtualSim {
    /// Octets of the operator's name, at most (TS 31.102, 4.2.12).
    pub const SPN_LEN_MAX: usize = 16;
}

/// Equal ones hash equal; keys are left out.
impl Hash for VirtualSim {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.iccid, self.imsi).hash(state);
    }
}

/// Why octets are no set of parameters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSim {
    /// They do not have the layout.
    #[error(transparent)]
    Octets(#[from] polysim_base::InvalidOctets),
    /// Another release has written it.
    #[error("a set of version {found} is not known here: update the older side")]
    Version {
        /// The version.
        found: u8,
    },
    /// They were not sealed under these keys, or were changed.
    #[error("the stored set does not open: have the master send it anew")]
    Sealed,
}

/// SHA-256 of a static set: what the compare way compares.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SetDigest(pub [u8; 32]);
