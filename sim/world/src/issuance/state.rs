//! What can be asked of platforms and of cards.

use super::system::Issuance;
use crate::event::Value;
use crate::observer::Names;
use polysim_card::Card;

/// What can be asked of a card-writing platform.
pub const PLATFORM_STATE: &[(&str, &str)] = &[
    ("alarms", "how many alarms it has given"),
    ("bound", "how many cards it knows the device of"),
    ("pending", "how many cards it does not know the subscription of: an order is under way"),
    ("up", "whether it runs"),
];

/// What can be asked of a business platform.
pub const BUSINESS_STATE: &[(&str, &str)] = &[
    ("committed", "how many numbers of its pool are on cards"),
    ("free", "how many numbers of its pool are free"),
    ("jobs", "how many things wait to be brought to cards by a tool"),
    ("reserved", "how many numbers of its pool are reserved for writes under way"),
    ("up", "whether it runs"),
];

fn count(count: usize) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

impl Issuance {
    /// Returns what a card-writing platform is like.
    pub(crate) fn platform_state(&self, node: usize) -> Vec<(&'static str, Value)> {
        let Some(platform) = self.platforms.get(node) else { return Vec::new() };
        let told = self.told.of_platform(node);
        vec![
            ("alarms", count(told.alarms)),
            ("bound", count(told.bound)),
            ("pending", count(told.pending)),
            ("up", platform.machine().is_some().into()),
        ]
    }

    /// Returns what a business platform is like.
    pub(crate) fn business_state(&self, node: usize) -> Vec<(&'static str, Value)> {
        let Some(business) = self.businesses.get(node) else { return Vec::new() };
        let pool = business.machine().map(|machine| machine.pool()).unwrap_or_default();
        vec![
            ("committed", count(pool.on_card)),
            ("free", count(pool.free)),
            ("jobs", count(self.desk.jobs_of(node))),
            ("reserved", count(pool.reserved)),
            ("up", business.machine().is_some().into()),
        ]
    }

    /// Returns what is known of the card in a phone beside what all phones tell.
    pub(crate) fn card_state(&self, phone: u32, card: &Card, names: &Names) -> CardState {
        let known = self.cards.in_phone(phone);
        let record = known.map_or("", |known| self.told.record_of(known));
        let device = known.and_then(|known| self.told.bound_to(known));
        let bound = device.and_then(|imei| self.devices.get(&imei));
        CardState {
            bound: bound.map_or_else(String::new, |phone| names.phone(*phone).to_owned()),
            counter: card.counter(),
            key: card.key_in_use(),
            record,
        }
    }
}
