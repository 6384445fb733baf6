//! PINs and access rules (TS 102.221, 9).

mod keys;
mod pins;

pub(crate) use keys::{Key, Keys};
pub use pins::PinStatus;
pub(crate) use pins::Pins;
