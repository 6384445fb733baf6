//! What platforms and cards do, in the words of the catalogue.

use super::cards::Cards;
use super::config::IssuanceConfig;
use super::system::Issuance;
use super::watch::Seen;
use crate::event::Value;
use crate::observer::Observer;
use polysim_base::{Eid, Imei, Imsi, Instant};
use polysim_issuance::business::{BatchId, BindingResult, BusinessOutput, DeviceResult, NotTaken};
use polysim_issuance::platform::{Alarm, CardState, Change, Platform};
use polysim_issuance::wire::OrderId;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// What was told so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    platforms: Vec<OfPlatform>,
    /// By card.
    cards: Vec<OfCard>,
}

/// What was told of a platform.
#[derive(Debug, Default)]
pub(crate) struct OfPlatform {
    pub(crate) alarms: usize,
    pub(crate) pending: usize,
    /// The card of each device that it has a card of.
    devices: BTreeMap<Imei, usize>,
    /// The card of each order that is under way.
    orders: BTreeMap<OrderId, Eid>,
}

/// What was told of a card.
#[derive(Clone, Debug, Default)]
struct OfCard {
    /// What its platform knows.
    state: Option<CardState>,
    word: &'static str,
    /// The device that its platform has it in.
    device: Option<Imei>,
    seen: Seen,
}

impl OfPlatform {
    /// Returns how many devices it has a card of.
    pub(crate) fn bound(&self) -> usize {
        self.devices.len()
    }

    /// A card is in another device than before; another card may have been there.
    fn binds(&mut self, card: usize, before: Option<Imei>, now: Option<Imei>) {
        if let Some(before) = before.filter(|imei| self.devices.get(imei) == Some(&card)) {
            self.devices.remove(&before);
        }
        self.devices.extend(now.map(|imei| (imei, card)));
    }
}

impl Told {
    pub(crate) fn new(cards: &Cards, config: &IssuanceConfig) -> Self {
        Self {
            platforms: config.platforms.iter().map(|_| OfPlatform::default()).collect(),
            cards: cards.iter().map(|_| OfCard::default()).collect(),
        }
    }

    pub(crate) fn of_platform(&self, node: usize) -> Option<&OfPlatform> {
        self.platforms.get(node)
    }

    /// Returns old, new or pending; nothing of a card that its platform has not heard of.
    pub(crate) fn record_of(&self, card: usize) -> &'static str {
        self.cards.get(card).map_or("", |card| card.word)
    }

    /// Returns what a card's platform knows of its subscription.
    pub(crate) fn state_of(&self, card: usize) -> Option<CardState> {
        self.cards.get(card)?.state
    }

    /// Returns how a card was when it was last looked at.
    pub(crate) fn seen(&mut self, card: usize) -> Option<&mut Seen> {
        self.cards.get_mut(card).map(|card| &mut card.seen)
    }

    /// Returns the cards that a record of a platform is about.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open")]
    pub(crate) fn touched(&mut self, node: usize, change: &Change) -> Option<Eid> {
        let orders = &mut self.platforms.get_mut(node)?.orders;
        match change {
            Change::Ordered { order, eid, .. } => {
                orders.insert(*order, *eid);
                Some(*eid)
            }
            Change::Ended { order, .. } => orders.remove(order),
            Change::Proved { order } => orders.get(order).copied(),
            Change::Bound { eid, .. } | Change::Corrected { eid, .. } => Some(*eid),
            Change::Imported(row) => Some(row.eid),
            _ => None,
        }
    }
}

/// Returns the name of a variant in lower case: `PoolEmpty { .. }` is `pool-empty`.
pub(crate) fn word(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    let name = text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    let mut word = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

impl Issuance {
    /// Returns the name of the phone that a card is in.
    fn phone_with(&self, observer: &Observer, eid: &Eid) -> Value {
        let phone = self.cards.phone_of(eid);
        phone.map_or_else(|| eid.to_string(), |phone| observer.names.phone(phone).to_owned()).into()
    }

    /// Returns the name of the phone that is this device.
    pub(crate) fn device_called(&self, observer: &Observer, imei: &Imei) -> String {
        let phone = self.devices.get(imei);
        let name = phone.map(|phone| observer.names.phone(*phone).to_owned());
        name.unwrap_or_else(|| imei.to_string())
    }

    /// Returns the operator of a subscription, empty if there is none.
    pub(crate) fn operator_of(&self, observer: &Observer, imsi: Option<Imsi>) -> String {
        let home = imsi.and_then(|imsi| self.directory.home_of(&imsi));
        home.map_or_else(String::new, |home| observer.names.operator_name(home.0.into()).into())
    }

    pub(crate) fn tell_alarm(
        &mut self,
        at: Instant,
        observer: &mut Observer,
        node: usize,
        alarm: &Alarm,
    ) {
        if let Some(told) = self.told.platforms.get_mut(node) {
            told.alarms += 1;
        }
        let empty = || Value::from("");
        #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open")]
        let (phone, why) = match alarm {
            Alarm::Moved { eid, from, .. } => {
                (self.phone_with(observer, eid), self.device_called(observer, from).into())
            }
            Alarm::Conflict { bound, asks, .. } => {
                (self.phone_with(observer, asks), self.phone_with(observer, bound))
            }
            Alarm::Security { eid, status } => {
                let status = polysim_ota::StatusCode::from_octet(*status);
                (self.phone_with(observer, eid), word(&status).into())
            }
            Alarm::NotAuthentic { eid }
            | Alarm::Replayed { eid }
            | Alarm::Resynchronised { eid }
            | Alarm::Overdue { eid, .. } => (self.phone_with(observer, eid), empty()),
            _ => (empty(), empty()),
        };
        let platform = Value::from(observer.names.platform(node));
        let fields = vec![
            ("platform", platform),
            ("phone", phone),
            ("kind", word(alarm).into()),
            ("why", why),
        ];
        observer.note(at, "platform.alarm", fields);
    }

    /// Tells how records of cards have changed, and holds them against the cards.
    pub(crate) fn look_at_records(
        &mut self,
        at: Instant,
        observer: &mut Observer,
        node: usize,
        touched: Vec<Eid>,
    ) {
        for eid in touched {
            let machine = self.platforms.get(node).and_then(|platform| platform.machine());
            let known = machine.and_then(|machine| known_of(machine, &eid));
            let (Some((state, device)), Some(card)) = (known, self.cards.with(&eid)) else {
                continue;
            };
            self.truth.recorded(card, state);
            let Some(told) = self.told.cards.get_mut(card) else { continue };
            let after = word_of(state, told);
            let seen = told.seen;
            let now = OfCard { state: Some(state), word: after, device, seen };
            let before = core::mem::replace(told, now);
            if let Some(counts) = self.told.platforms.get_mut(node) {
                let pending = |word| usize::from(word == PENDING);
                counts.pending = counts.pending + pending(after) - pending(before.word);
                counts.binds(card, before.device, device);
            }
            let proved = |state| matches!(state, Some(CardState::Pending { proved: true, .. }));
            let first = before.state.is_none() && device.is_none();
            let moved = after != before.word || proved(Some(state)) != proved(before.state);
            if moved && !first {
                self.tell_record(at, observer, (node, &eid), state, after);
            }
        }
    }

    fn tell_record(
        &self,
        at: Instant,
        observer: &mut Observer,
        (node, eid): (usize, &Eid),
        state: CardState,
        word: &'static str,
    ) {
        let (imsi, proved) = match state {
            CardState::Settled { imsi } => (imsi, false),
            CardState::Pending { new, proved, .. } => (Some(new), proved),
        };
        let fields = vec![
            ("platform", observer.names.platform(node).into()),
            ("phone", self.phone_with(observer, eid)),
            ("state", word.into()),
            ("operator", self.operator_of(observer, imsi).into()),
            ("proved", proved.into()),
        ];
        observer.note(at, "platform.record", fields);
    }

    /// Tells what a business platform tells its customer.
    pub(crate) fn tell_business(
        &self,
        at: Instant,
        observer: &mut Observer,
        node: usize,
        said: BusinessOutput,
    ) {
        match said {
            BusinessOutput::NotTaken { batch, why } => {
                self.tell_not_taken(at, observer, node, batch, why);
            }
            BusinessOutput::Binding { eid, result } => {
                self.tell_binding(at, observer, node, eid, result);
            }
            BusinessOutput::Result { batch, imei, result } => {
                self.tell_result(at, observer, node, (batch, imei), result);
            }
            // The world itself carries these out.
            BusinessOutput::Ask(_) | BusinessOutput::Local(_) => {}
        }
    }

    fn tell_not_taken(
        &self,
        at: Instant,
        observer: &mut Observer,
        node: usize,
        batch: BatchId,
        why: NotTaken,
    ) {
        let fields = vec![
            ("business", observer.names.business(node).into()),
            ("batch", batch.0.into()),
            ("why", word(&why).into()),
        ];
        observer.note(at, "business.not-taken", fields);
    }

    fn tell_binding(
        &self,
        at: Instant,
        observer: &mut Observer,
        node: usize,
        eid: Eid,
        result: BindingResult,
    ) {
        let why = match &result {
            BindingResult::Stored => String::new(),
            BindingResult::Refused(refusal) => word(refusal),
            BindingResult::Failed(failure) => word(failure),
        };
        let fields = vec![
            ("business", observer.names.business(node).into()),
            ("phone", self.phone_with(observer, &eid)),
            ("result", word(&result).into()),
            ("why", why.into()),
        ];
        observer.note(at, "business.binding", fields);
    }

    fn tell_result(
        &self,
        at: Instant,
        observer: &mut Observer,
        node: usize,
        (batch, imei): (BatchId, Imei),
        result: DeviceResult,
    ) {
        let (imsi, why) = match result {
            DeviceResult::Done { imsi, .. } => (Some(imsi), String::new()),
            DeviceResult::Refused(refusal) => (None, word(&refusal)),
            DeviceResult::Failed(failure) => (None, word(&failure)),
            DeviceResult::Pending | DeviceResult::PoolEmpty | DeviceResult::Ordered => {
                (None, String::new())
            }
        };
        let fields = vec![
            ("business", observer.names.business(node).into()),
            ("batch", batch.0.into()),
            ("phone", self.device_called(observer, &imei).into()),
            ("result", word(&result).into()),
            ("why", why.into()),
            ("operator", self.operator_of(observer, imsi).into()),
        ];
        observer.note(at, "device.result", fields);
    }
}

const PENDING: &str = "pending";

/// Says whether the card has what it had, what it shall have, or one of both.
fn word_of(state: CardState, before: &OfCard) -> &'static str {
    match (state, before.state) {
        (CardState::Pending { .. }, _) => PENDING,
        (CardState::Settled { imsi }, Some(CardState::Pending { new, .. })) => {
            if imsi == Some(new) { "new" } else { "old" }
        }
        (CardState::Settled { .. }, Some(CardState::Settled { .. })) => before.word,
        (CardState::Settled { .. }, None) => "old",
    }
}

/// Returns what a platform knows of a card, and the device that it has it in.
fn known_of(platform: &Platform, eid: &Eid) -> Option<(CardState, Option<Imei>)> {
    let row = platform.binding(*eid)?;
    Some((row.state, row.imei))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_told_by_its_name() {
        assert_eq!(word(&DeviceResult::PoolEmpty), "pool-empty");
        assert_eq!(word(&Some(3)), "some");
        assert_eq!(word(&NotTaken::TooMany { room: 2 }), "too-many");
    }

    #[test]
    fn a_record_that_settles_says_whether_the_order_took_effect() {
        let imsi = |text| Imsi::parse(text).unwrap();
        let (old, new) = (imsi("001010000000001"), imsi("001020000000001"));
        let pending = CardState::Pending { old: Some(old), new, proved: true };
        let before = OfCard { state: Some(pending), word: PENDING, ..OfCard::default() };
        assert_eq!(word_of(CardState::Settled { imsi: Some(new) }, &before), "new");
        assert_eq!(word_of(CardState::Settled { imsi: Some(old) }, &before), "old");
        assert_eq!(word_of(pending, &OfCard::default()), "pending");
    }

    #[test]
    fn a_device_counts_once_whichever_card_it_is_bound_to() {
        let device = |digits| Some(Imei::parse(digits).unwrap());
        let (one, other) = (device("35693803564380"), device("49015420323751"));
        let mut platform = OfPlatform::default();
        platform.binds(1, None, one);
        platform.binds(2, None, one);
        assert_eq!(platform.bound(), 1, "the second card has taken the device of the first");
        platform.binds(1, one, other);
        assert_eq!(platform.bound(), 2, "the first one is elsewhere, and the second one is not");
        platform.binds(2, one, None);
        assert_eq!(platform.bound(), 1);
    }
}
