//! What makes one profile different from all others.

use core::fmt;

use polysim_aka::{Key, Milenage, Opc};
use polysim_base::{Iccid, Imsi};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// What makes one profile different from all others of its type.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Personal {
    /// The ICCID.
    pub iccid: Iccid,
    /// The subscription, where the profile is made for one here.
    pub subscription: Option<Subscription>,
}

/// A subscription that was made for a profile.
#[derive(Clone, Eq, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// The IMSI.
    pub imsi: Imsi,
    keys: Keys,
}

#[derive(Clone, Eq, PartialEq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Keys {
    k: [u8; 16],
    opc: [u8; 16],
}

impl Subscription {
    /// Joins an IMSI with its K and `OPc`.
    #[must_use]
    pub const fn new(imsi: Imsi, k: [u8; 16], opc: [u8; 16]) -> Self {
        Self { imsi, keys: Keys { k, opc } }
    }

    /// Returns the keys, for the authentication centre and for the card.
    #[must_use]
    pub fn milenage(&self) -> Milenage {
        Milenage::new(Key::from(self.keys.k), Opc::from(self.keys.opc))
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription({}, ***)", self.imsi.masked())
    }
}
