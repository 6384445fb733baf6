//! What devices, messages, calls and proofs are called.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Declares numbers that name something.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident($of:ty);)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
        )]
        pub struct $name(pub $of);
    )*};
}

numbers! {
    /// A device, as the server numbers it. Numbers are not used again.
    DeviceId(u64);
    /// A question of a device, numbered by it; the answer carries the same number.
    RequestId(u32);
    /// A registration that waits for its code, as the server numbers it.
    Registration(u64);
    /// A call, as the caller's device numbers it.
    CallNumber(u32);
    /// Whoever runs an app, has a budget of verification texts.
    TenantId(u32);
    /// The version of the list of a number's devices and their keys.
    ListVersion(u32);
}

/// A text, by the device that has sent it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct MessageId {
    /// Whose it is.
    pub from: DeviceId,
    /// Counts the texts of that device from 1.
    pub number: u64,
}

/// A call, by the device that calls.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct CallKey {
    pub(crate) from: DeviceId,
    pub(crate) call: CallNumber,
}

/// The public key of a device (X25519), for which texts to it are sealed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct DeviceKey(pub [u8; 32]);

/// Which card is in a device: a digest of ICCID and IMSI, by which only a change can be seen.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct CardMark(pub [u8; 16]);

/// What a device shows in each session to be known. Masked.
#[derive(Clone, Deserialize, Eq, Hash, PartialEq, Serialize, Zeroize, ZeroizeOnDrop)]
pub struct Token(pub [u8; 32]);

/// What a primary device shows another one, by which that is linked. Masked.
#[derive(Clone, Deserialize, Eq, Hash, PartialEq, Serialize, Zeroize, ZeroizeOnDrop)]
pub struct Invitation(pub [u8; 16]);

/// What a device calls itself, for people to read: 1 to 32 octets without control characters.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceName(String);

/// A text that is no name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a device's name has 1 to {} octets and no control characters", DeviceName::LEN_MAX)]
pub struct InvalidDeviceName;

impl DeviceName {
    /// Octets, at most.
    pub const LEN_MAX: usize = 32;

    /// Returns it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DeviceName {
    type Error = InvalidDeviceName;

    fn try_from(name: String) -> Result<Self, InvalidDeviceName> {
        let fits = !name.is_empty() && name.len() <= Self::LEN_MAX;
        if fits && !name.chars().any(char::is_control) {
            Ok(Self(name))
        } else {
            Err(InvalidDeviceName)
        }
    }
}

impl From<DeviceName> for String {
    fn from(name: DeviceName) -> Self {
        name.0
    }
}

/// Masks what whoever has it can act with.
macro_rules! masked {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    )*};
}

masked!(Token, Invitation);
