//! The protection of profile packages: `SCP03t` as SGP.22 (2.6.4 and 5.5) uses it, and the bound
//! profile package on both of its sides.
//!
//! A server builds a whole package with [`BppBuilder`]. An LPA cuts it with [`segments`] and sends
//! one after the other. An eUICC feeds them to [`Unprotect`], which answers with the commands in
//! them, or with what the installation result must say.

mod builder;
mod channel;
mod keys;
mod segments;
#[cfg(test)]
mod tests;
mod unprotect;

pub use builder::{BppBuilder, BuildError};
pub use channel::{Channel, SegmentError};
pub use keys::SessionKeys;
pub use segments::{CutError, segments};
pub use unprotect::{Binding, Command, Refusal, Unprotect};

/// Longest segment that is made: tag, length and check included (SGP.22, 2.5.3).
pub const SEGMENT_LEN_MAX: usize = 1_020;

/// Longest segment that is read. Servers in the field fill 1,008 octets before they pad, and so
/// exceed what the standard says by one block.
pub const SEGMENT_RECEIVED_MAX: usize = 1_036;

/// Tags of the package and of its parts.
mod tag {
    pub(super) const PACKAGE: u32 = 0xBF36;
    pub(super) const INITIALISE: u32 = 0xBF23;
    pub(super) const CONFIGURE: u32 = 0xA0;
    pub(super) const METADATA: u32 = 0xA1;
    pub(super) const REPLACE: u32 = 0xA2;
    pub(super) const ELEMENTS: u32 = 0xA3;
    pub(super) const REMOTE_OPERATION: u32 = 0x82;
    pub(super) const TRANSACTION_ID: u32 = 0x80;
    pub(super) const CONTROL_REFERENCE: u32 = 0xA6;
    pub(super) const KEY_TYPE: u32 = 0x80;
    pub(super) const KEY_LENGTH: u32 = 0x81;
    pub(super) const HOST_ID: u32 = 0x84;
    pub(super) const ONE_TIME_KEY: u32 = 0x5F49;
    pub(super) const SIGNATURE: u32 = 0x5F37;
    /// Segments: profile elements, ciphered commands, commands with a check alone.
    pub(super) const SEGMENT_86: u8 = 0x86;
    pub(super) const SEGMENT_87: u8 = 0x87;
    pub(super) const SEGMENT_88: u8 = 0x88;
}

/// installBoundProfilePackage, the only remote operation.
const INSTALL: u8 = 1;
/// AES, as `GlobalPlatform` numbers kinds of keys.
const KEY_TYPE_AES: u8 = 0x88;
/// Keys of 16 octets.
const KEY_LENGTH: u8 = 0x10;
