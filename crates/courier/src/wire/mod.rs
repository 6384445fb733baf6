//! What devices and server say to each other.

mod from_device;
mod to_device;

pub use from_device::{Copy, FromDevice};
pub use to_device::{CallEnd, DeviceList, Item, Refusal, ToDevice, VoiceRefusal};
