//! The machines together: a network of regions and cores with scripted devices.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for what it is about")]

mod arbitrary;
mod attach;
mod calls;
mod calls_more;
mod charging;
mod device;
mod network;
mod one_registration;
mod reports;
mod roaming;
mod sessions;
mod sms;
mod sms_more;
mod speech;
mod streams;

pub(crate) use device::{Device, Texts};
pub(crate) use network::{Network, imsi, number};

/// What the kernel carries by the million stays small.
#[test]
fn messages_are_small() {
    use crate::{CoreInput, CoreOutput, RegionInput, RegionOutput};
    let sizes = [
        size_of::<RegionInput>(),
        size_of::<RegionOutput>(),
        size_of::<CoreInput>(),
        size_of::<CoreOutput>(),
    ];
    assert!(sizes.iter().all(|size| *size <= 112), "{sizes:?}");
}
