//! What can be asked of services and of phones with an eUICC.

use super::config::ServiceKind;
use super::system::Steering;
use crate::event::Value;
use crate::observer::Names;
use polysim_card::Card;

/// What can be asked of a server of remote provisioning, or of a management platform.
pub const SERVICE_STATE: &[(&str, &str)] = &[
    ("granted", "of a platform: how many profiles it has had ordered and confirmed for devices"),
    (
        "installed",
        "of an SM-DP+: how many of its profiles were installed, as its operators were told",
    ),
    ("refused", "of a platform: how often it has refused a list or a profile"),
    ("reports", "of a platform: how many reports of devices it has recorded"),
    ("up", "whether it runs"),
];

fn count(count: usize) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

impl Steering {
    /// Returns what a service is like.
    pub(crate) fn service_state(&self, node: usize) -> Vec<(&'static str, Value)> {
        let Some(service) = self.services.get(node) else { return Vec::new() };
        let told = self.told.of(node);
        vec![
            ("granted", count(told.granted)),
            ("installed", count(told.installed)),
            ("refused", count(told.refused)),
            ("reports", count(told.reports)),
            ("up", service.is_up().into()),
        ]
    }

    /// Returns what is known of the eUICC in a phone beside what all phones tell.
    pub(crate) fn chip_state(
        &self,
        phone: u32,
        card: &Card,
        names: &Names,
    ) -> Vec<(&'static str, Value)> {
        let (Some(_), Some(euicc)) = (self.chips.in_phone(phone), card.euicc()) else {
            return Vec::new();
        };
        let enabled = euicc.enabled().and_then(|profile| profile.iccid);
        let operator = enabled.and_then(|iccid| self.truth.operator_of(&iccid));
        let operator = operator.map_or("", |it| names.operator_name(index(it)));
        let waiting = euicc.pending_notifications().count();
        vec![
            ("memory_kb", (euicc.free_memory() / 1_024).into()),
            ("notifications", count(waiting)),
            ("profile", operator.into()),
            ("profiles", count(euicc.profiles().count())),
        ]
    }

    /// Returns what a service is called in a word.
    pub(crate) fn is_smdp(&self, node: usize) -> bool {
        let kind = self.config.services.get(node).map(|service| &service.kind);
        matches!(kind, Some(ServiceKind::Smdp(_)))
    }
}

pub(crate) fn index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
