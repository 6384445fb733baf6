use core::ops::BitOr;
use serde::{Deserialize, Serialize};

/// What a user may do with a SIM. The default is nothing.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Permissions(u8);

impl Permissions {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// `text.send`
    pub const TEXT_SEND: Self = Self(1);
    /// `text.read`
    pub const TEXT_READ: Self = Self(2);
    /// `call`
    pub const CALL: Self = Self(4);
    /// `ussd`
    pub const USSD: Self = Self(8);
    /// `apdu`
    pub const APDU: Self = Self(16);
    /// `configure`
    pub const CONFIGURE: Self = Self(32);

    /// Returns whether everything in `wanted`, and something, is permitted.
    #[must_use]
    pub const fn allow(self, wanted: Self) -> bool {
        wanted.0 != 0 && self.0 & wanted.0 == wanted.0
    }

    /// Returns whether nothing is permitted.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Permissions {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
