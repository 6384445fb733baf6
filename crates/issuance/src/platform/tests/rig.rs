//! A platform with its records, and cards that it can reach.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Imsi, Instant, Machine, Msisdn, Out};
use polysim_ota::Counter;

use super::card::FakeCard;
use super::{config, eid, imei, imsi, number};
use crate::keys::KeyStore;
use crate::platform::{
    Alarm, CardState, Change, Fate, Platform, PlatformConfig, PlatformInput, PlatformOutput,
    PlatformRecord,
};
use crate::wire::{
    BusinessAnswer, BusinessRequest, LocalWrite, MessageId, Method, OrderId, RequestId,
    RequestKind, Route, UplinkFrame,
};

pub(super) struct Rig {
    pub(super) now: Instant,
    pub(super) platform: Platform,
    pub(super) keys: KeyStore,
    pub(super) config: PlatformConfig,
    pub(super) cards: BTreeMap<Eid, FakeCard>,
    pub(super) records: Vec<PlatformRecord>,
    /// What took effect and was not looked at.
    pub(super) effects: Vec<PlatformOutput>,
    pub(super) alarms: Vec<Alarm>,
    /// Everything that businesses were told.
    pub(super) told: Vec<(RequestId, BusinessAnswer)>,
    /// After so many outputs it crashes.
    pub(super) crash_in: Option<usize>,
}

/// A text on its way to a card.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) message: MessageId,
    pub(super) to: Msisdn,
    pub(super) packet: Vec<u8>,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(config(), KeyStore::simulated(1))
    }

    pub(super) fn with(config: PlatformConfig, keys: KeyStore) -> Self {
        Self {
            now: Instant::ZERO,
            platform: Platform::new(config.clone(), keys.clone()),
            keys,
            config,
            cards: BTreeMap::new(),
            records: Vec::new(),
            effects: Vec::new(),
            alarms: Vec::new(),
            told: Vec::new(),
            crash_in: None,
        }
    }

    /// Makes card `n`, in device `n`, with seed `n` and number `n`.
    pub(super) fn make(&mut self, n: u32) -> Eid {
        let keys = self.keys.card(eid(n)).unwrap();
        self.cards.insert(eid(n), FakeCard::new(n, keys));
        eid(n)
    }

    /// Makes a card and binds it over the air.
    pub(super) fn bound(&mut self, n: u32) -> Eid {
        let eid = self.make(n);
        let frame = self.card(n).bind();
        self.send(number(n), &frame);
        for text in self.texts() {
            self.card(n).take(&text.packet);
        }
        assert!(self.card(n).is_bound);
        eid
    }

    pub(super) fn card(&mut self, n: u32) -> &mut FakeCard {
        self.cards.get_mut(&eid(n)).unwrap()
    }

    pub(super) fn state(&self, n: u32) -> Option<CardState> {
        self.platform.card_state(eid(n))
    }

    pub(super) fn give(&mut self, input: PlatformInput) {
        self.platform.handle(self.now, input);
        self.drain();
    }

    pub(super) fn send(&mut self, from: Msisdn, frame: &UplinkFrame) {
        self.give(PlatformInput::Text { from, octets: frame.encode() });
    }

    pub(super) fn ask(&mut self, id: u64, kind: RequestKind) {
        self.give(PlatformInput::Business(BusinessRequest { id: RequestId(id), kind }));
    }

    pub(super) fn attach(&mut self, imsi: Imsi) {
        self.give(PlatformInput::Attached { imsi });
    }

    pub(super) fn fate(&mut self, message: MessageId, fate: Fate) {
        self.give(PlatformInput::Sent { message, fate });
    }

    pub(super) fn advance(&mut self, by: Duration) {
        let until = self.now.plus(by);
        while let Some((at, _)) = self.platform.poll_timeout()
            && at <= until
        {
            self.now = self.now.max(at);
            let armed = self.crash_in.is_some();
            self.platform.handle_timeout(self.now);
            self.drain();
            if armed && self.crash_in.is_none() {
                continue;
            }
            let next = self.platform.poll_timeout();
            assert!(next.is_none_or(|(next, _)| next > self.now), "a deadline is served: {next:?}");
        }
        self.now = until;
    }

    /// Has a crash happen, and starts anew from the records.
    pub(super) fn restart(&mut self) {
        let mut fresh = Platform::new(self.config.clone(), self.keys.clone());
        for record in &self.records {
            fresh.restore(record.clone());
        }
        assert!(fresh.poll_output().is_none());
        self.platform = fresh;
    }

    fn drain(&mut self) {
        loop {
            if self.crash_in == Some(0) {
                self.crash_in = None;
                return self.restart();
            }
            let Some(out) = self.platform.poll_output() else { return };
            self.crash_in = self.crash_in.map(|left| left - 1);
            match out {
                Out::Record(record) => {
                    self.check_counter(&record);
                    self.records.push(record);
                }
                Out::Do(PlatformOutput::Alarm(alarm)) => self.alarms.push(alarm),
                Out::Do(effect) => {
                    self.watch(&effect);
                    if let PlatformOutput::Business { request, answer } = &effect {
                        self.told.push((*request, answer.clone()));
                    }
                    self.effects.push(effect);
                }
            }
        }
    }

    /// No counter is recorded twice.
    fn check_counter(&self, record: &PlatformRecord) {
        let Change::Said { eid: to, counter: used, .. } = record.change else { return };
        let last = self.records.iter().rev().find_map(|record| {
            let Change::Said { eid, counter, .. } = record.change else { return None };
            (eid == to).then_some(counter)
        });
        assert!(last.unwrap_or(Counter::ZERO) < used, "counters grow");
    }

    fn watch(&mut self, effect: &PlatformOutput) {
        if let PlatformOutput::Text { to, packet, .. } = effect {
            let mut rows = self.platform.bindings();
            let row = rows.find(|row| row.msisdn == Some(*to));
            if let Some(card) = row.and_then(|row| self.cards.get_mut(&row.eid)) {
                card.watch(packet);
            }
        }
        if let PlatformOutput::Business { answer: BusinessAnswer::Local(local), .. } = effect
            && let Some(card) = self.cards.get_mut(&local.eid)
        {
            card.watch(&local.packet);
        }
    }

    /// Takes the texts that have left, and drops everything else.
    pub(super) fn texts(&mut self) -> Vec<Text> {
        self.advance(Duration::from_millis(10));
        core::mem::take(&mut self.effects)
            .into_iter()
            .filter_map(|effect| {
                let PlatformOutput::Text { message, to, packet, .. } = effect else { return None };
                Some(Text { message, to, packet })
            })
            .collect()
    }

    pub(super) fn text(&mut self) -> Text {
        let mut texts = self.texts();
        assert_eq!(texts.len(), 1);
        texts.remove(0)
    }

    /// Waits for the next text.
    pub(super) fn next_text(&mut self) -> Text {
        while !self.effects.iter().any(|it| matches!(it, PlatformOutput::Text { .. })) {
            let (at, _) = self.platform.poll_timeout().expect("something is due");
            self.advance(at.since(self.now));
        }
        self.text()
    }

    /// Takes what the businesses were told.
    pub(super) fn answers(&mut self) -> Vec<BusinessAnswer> {
        core::mem::take(&mut self.told).into_iter().map(|(_, answer)| answer).collect()
    }

    pub(super) fn local(&mut self) -> LocalWrite {
        match &self.answers()[..] {
            [.., BusinessAnswer::Local(local)] => local.clone(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn alarms(&mut self) -> Vec<Alarm> {
        core::mem::take(&mut self.alarms)
    }

    /// Orders card `n` to get subscription `new` as request `id`, and has it provisioned.
    pub(super) fn order(&mut self, id: u64, n: u32, new: u32, method: Method) -> OrderId {
        self.ask(id, write(n, new, Route::Any, method));
        let order = self.provision();
        self.give(PlatformInput::Provisioned { order, ready: true });
        order
    }

    /// Returns the order that is to be provisioned.
    pub(super) fn provision(&mut self) -> OrderId {
        let effects = core::mem::take(&mut self.effects);
        let mut orders = effects.into_iter().filter_map(|effect| {
            let PlatformOutput::Provision { order, .. } = effect else { return None };
            Some(order)
        });
        let order = orders.next().expect("an order");
        assert_eq!(orders.next(), None);
        order
    }

    /// Brings a text to its card, and the card's answer back.
    pub(super) fn deliver(&mut self, n: u32, text: &Text) {
        let proof = self.card(n).take(&text.packet);
        self.fate(text.message, Fate::Delivered { proof });
    }
}

/// A write of subscription and number `new` into the card in device `n`.
pub(super) fn write(n: u32, new: u32, route: Route, method: Method) -> RequestKind {
    RequestKind::Write { imei: imei(n), imsi: imsi(new), msisdn: number(new), route, method }
}
