//! Where a device is, as far as it can tell.

use alloc::vec::Vec;

use polysim_base::Plmn;
use serde::{Deserialize, Serialize};

/// The strength at which a network is received. A stronger one is greater.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Level(i16);

impl Level {
    /// The weakest that can be said, in dBm.
    pub const WEAKEST_DBM: i16 = -255;

    /// Takes a level in dBm; what is out of the range from -255 to 0 becomes the nearest in it.
    #[must_use]
    pub const fn from_dbm(dbm: i16) -> Self {
        match dbm {
            ..Self::WEAKEST_DBM => Self(Self::WEAKEST_DBM),
            Self::WEAKEST_DBM..=0 => Self(dbm),
            1.. => Self(0),
        }
    }

    /// Returns it in dBm.
    #[must_use]
    pub const fn dbm(self) -> i16 {
        self.0
    }
}

/// A network that the device receives.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct VisibleNetwork {
    /// Which.
    pub plmn: Plmn,
    /// How strongly.
    pub level: Level,
}

/// Whether a device is registered.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Registration {
    /// In the home network of the profile that is enabled.
    Home,
    /// In another network.
    Roaming,
    /// Not, and it looks for a network.
    Searching,
    /// Not, and it does not look for one; or emergency calls only.
    NotRegistered,
    /// A network has refused it.
    Denied {
        /// The cause of TS 24.008 (10.5.5.14) or TS 24.301 (9.9.3.9).
        cause: u8,
    },
}

impl Registration {
    /// Tells whether the device has service.
    #[must_use]
    pub const fn is_registered(self) -> bool {
        match self {
            Self::Home | Self::Roaming => true,
            Self::Searching | Self::NotRegistered | Self::Denied { .. } => false,
        }
    }
}

/// Where a device is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Location {
    /// Whether it is registered.
    pub registration: Registration,
    /// Where it is registered, or where it was refused.
    pub serving: Option<Plmn>,
    /// What it receives, in any order; empty where the device cannot look.
    pub visible: Vec<VisibleNetwork>,
}

impl Location {
    /// Returns how strongly the strongest of these networks is received.
    #[must_use]
    pub fn level_of(&self, plmns: &[Plmn]) -> Option<Level> {
        let of_them = self.visible.iter().filter(|network| plmns.contains(&network.plmn));
        of_them.map(|network| network.level).max()
    }
}
