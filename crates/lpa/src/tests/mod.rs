//! An assistant between a card and servers that do what the interfaces say, and no cryptography: what
//! is signed here has a signature of zeros. With the real ones it is tested in `tests/it`.

mod card;
mod download;
mod history;
mod manage;
mod notify;
mod server;
mod world;

use polysim_rsp::data::{
    DeviceCapabilities, DeviceInfo, Iccid, NotificationConfigurationInformation, NotificationEvent,
    ProfileIdentifier, StoreMetadataRequest,
};

pub(super) const HOST: &str = "smdp.example.com";

pub(super) fn iccid(n: u8) -> Iccid {
    Iccid::from_bytes([0x98, 0x44, 0, 0, 0, 0, 0, 0, 0, n])
}

pub(super) fn profile(n: u8) -> ProfileIdentifier {
    ProfileIdentifier::Iccid(iccid(n))
}

pub(super) fn device() -> DeviceInfo {
    DeviceInfo {
        tac: (&[0x35, 0x29, 0x06, 0x11][..]).into(),
        device_capabilities: DeviceCapabilities::default(),
        imei: None,
    }
}

/// The profile of order `n`, of which `address` is told.
pub(super) fn metadata(n: u8, address: &str) -> StoreMetadataRequest {
    let all =
        NotificationEvent::ENABLE.with(NotificationEvent::DISABLE).with(NotificationEvent::DELETE);
    StoreMetadataRequest {
        iccid: iccid(n),
        service_provider_name: "Operator".into(),
        profile_name: "Profile".into(),
        icon_type: None,
        icon: None,
        profile_class: None,
        notification_configuration_info: Some(
            [NotificationConfigurationInformation {
                profile_management_operation: all,
                notification_address: address.into(),
            }]
            .into(),
        ),
        profile_owner: None,
        profile_policy_rules: None,
        extensions: Default::default(),
    }
}
