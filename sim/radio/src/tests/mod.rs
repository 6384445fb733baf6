//! The machines together: a network of regions and cores with scripted devices.

mod arbitrary;
mod attach;
mod calls;
mod calls_more;
mod charging;
mod device;
mod network;
mod one_registration;
mod roaming;
mod sessions;
mod sms;
mod sms_more;

pub(crate) use device::{Device, Texts};
pub(crate) use network::{Network, imsi, number};
