//! What can be asked of platforms and of cards.

use super::cards::keys_of;
use super::system::Issuance;
use super::watch::{counter, key_word};
use crate::event::Value;
use crate::observer::Names;
use polysim_base::Instant;
use polysim_card::Card;
use polysim_issuance::business::PoolTally;

/// What can be asked of a card-writing platform.
pub const PLATFORM_STATE: &[(&str, &str)] = &[
    ("alarms", "how many alarms it has given"),
    ("bound", "how many devices it knows the card of"),
    ("pending", "how many cards it does not know the subscription of: an order is under way"),
    ("up", "whether it runs"),
];

/// What can be asked of a business platform.
pub const BUSINESS_STATE: &[(&str, &str)] = &[
    ("committed", "how many numbers of its pool are on cards"),
    ("free", "how many numbers of its pool can be given out"),
    ("jobs", "how many things wait to be brought to cards by a tool"),
    ("reserved", "how many numbers of its pool are reserved for writes under way"),
    ("resting", "how many numbers of its pool rest, until they are free again"),
    ("up", "whether it runs"),
];

fn count(count: usize) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

impl Issuance {
    /// Returns what a card-writing platform is like.
    pub(crate) fn platform_state(&self, node: usize) -> Vec<(&'static str, Value)> {
        let Some(platform) = self.platforms.get(node) else { return Vec::new() };
        let Some(told) = self.told.of_platform(node) else { return Vec::new() };
        vec![
            ("alarms", count(told.alarms)),
            ("bound", count(told.bound())),
            ("pending", count(told.pending)),
            ("up", platform.machine().is_some().into()),
        ]
    }

    /// Returns what a business platform is like.
    pub(crate) fn business_state(&self, now: Instant, node: usize) -> Vec<(&'static str, Value)> {
        let Some(business) = self.businesses.get(node) else { return Vec::new() };
        let now = business.clock.read(now);
        let pool = business.machine().map(|machine| machine.pool(now));
        let of = |part: fn(PoolTally) -> usize| count(pool.map_or(0, part));
        vec![
            ("committed", of(|pool| pool.on_card)),
            ("free", of(|pool| pool.free)),
            ("jobs", count(self.desk.jobs_of(node))),
            ("reserved", of(|pool| pool.reserved)),
            ("resting", of(|pool| pool.resting)),
            ("up", business.machine().is_some().into()),
        ]
    }

    /// Returns what is known of the card in a phone beside what all phones tell.
    pub(crate) fn card_state(
        &self,
        phone: u32,
        card: &Card,
        names: &Names,
    ) -> Vec<(&'static str, Value)> {
        let Some(known) = self.cards.in_phone(phone) else { return Vec::new() };
        let device = self.truth.device_of(known).and_then(|imei| self.devices.get(&imei));
        let home = card.imsi().and_then(|imsi| self.directory.home_of(&imsi));
        let version = self.cards.get(known).and_then(|card| keys_of(self.seed, card));
        let counter = version.map_or(0, |keys| counter(card, keys.downlink.version()));
        vec![
            ("bound", device.map_or("", |phone| names.phone(*phone)).into()),
            ("counter", counter.into()),
            ("key", key_word(card).into()),
            ("record", self.told.record_of(known).into()),
            ("subscription", home.map_or("", |home| names.operator_name(home.0.into())).into()),
        ]
    }
}
