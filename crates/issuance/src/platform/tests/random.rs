//! Whatever happens, in whatever order: the platform against cards that lose, double and delay
//! everything, and crashes.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use polysim_base::{Duration, Imsi, Instant, Msisdn};
use proptest::prelude::*;

use super::rig::{Rig, Text, write};
use super::{config, eid, imsi, number};
use crate::KeyIndex;
use crate::keys::KeyStore;
use crate::platform::{CardState, Fate, PlatformInput, PlatformOutput};
use crate::wire::{
    BusinessAnswer, LocalWrite, MessageId, Method, OrderId, RequestId, RequestKind, Route,
    UplinkFrame,
};

const CARDS: u32 = 3;
/// Subscriptions that cards hold keys for; the others travel.
const PRELOADED: core::ops::Range<u32> = 1000..1008;

#[derive(Clone, Debug)]
struct OnItsWay {
    text: Text,
    since: Instant,
    was_delivered: bool,
}

struct World {
    rig: Rig,
    texts: Vec<OnItsWay>,
    fates: Vec<(MessageId, Fate)>,
    uplinks: Vec<(Msisdn, UplinkFrame)>,
    attached: Vec<Imsi>,
    orders: Vec<OrderId>,
    locals: Vec<LocalWrite>,
    /// Requests that were asked.
    asked: Vec<(u64, RequestKind)>,
    /// How each request was answered for good.
    final_answers: BTreeMap<RequestId, BusinessAnswer>,
    accepted: Vec<RequestId>,
    heard: Vec<(Msisdn, UplinkFrame)>,
    next_request: u64,
    next_subscription: u32,
}

impl World {
    fn new() -> Self {
        let mut keys = KeyStore::simulated(1);
        for n in 1..=CARDS {
            let mut card = keys.card(eid(n)).unwrap();
            card.preloaded = (0..).map(KeyIndex).zip(PRELOADED.map(imsi)).collect();
            keys.insert_card(eid(n), card).unwrap();
        }
        let mut rig = Rig::with(config(), keys);
        for n in 1..=CARDS {
            rig.make(n);
        }
        Self {
            rig,
            texts: Vec::new(),
            fates: Vec::new(),
            uplinks: Vec::new(),
            attached: Vec::new(),
            orders: Vec::new(),
            locals: Vec::new(),
            asked: Vec::new(),
            final_answers: BTreeMap::new(),
            accepted: Vec::new(),
            heard: Vec::new(),
            next_request: 0,
            next_subscription: 1000,
        }
    }

    fn step(&mut self, (op, a, b): (u8, u8, u8)) {
        let n = 1 + u32::from(a) % CARDS;
        match op % 18 {
            0 => self.power_up(n),
            1 | 2 => self.order(n, b),
            3 => self.repeat(usize::from(a)),
            4..=6 => self.deliver_text(usize::from(a), b),
            7 => self.lose_text(usize::from(a), b),
            8 | 9 => self.tell_fate(usize::from(a), b),
            10 => self.restart(n, !b.is_multiple_of(4)),
            11 => self.deliver_uplink(usize::from(a), b),
            12 => self.tell_attached(usize::from(a), b),
            13 => self.provision(usize::from(a), b),
            14 => self.advance(Duration::from_millis(u64::from(a) * u64::from(b) * 2)),
            15 if b.is_multiple_of(3) => self.rig.restart(),
            15 => self.rig.crash_in = Some(usize::from(b % 6)),
            16 => self.forge(usize::from(a), b),
            _ if b.is_multiple_of(4) => self.cancel(usize::from(a)),
            _ => self.bring(usize::from(a), b),
        }
        self.collect();
        self.check();
    }

    fn power_up(&mut self, n: u32) {
        let card = self.rig.card(n);
        let frame = match card.say() {
            Some(frame) => frame,
            None if card.trial.is_none() => card.bind(),
            None => return,
        };
        let from = number_of(card.working);
        self.uplinks.push((from, frame));
    }

    fn order(&mut self, n: u32, b: u8) {
        let method = if b.is_multiple_of(3) { Method::Files } else { Method::Applet };
        let used_before = b.is_multiple_of(5) && self.next_subscription > 1000;
        let new = if used_before {
            1000 + u32::from(b) % (self.next_subscription - 1000)
        } else {
            self.next_subscription += 1;
            self.next_subscription - 1
        };
        // What is said of a subscription is about the card that has it.
        if self.attached.contains(&imsi(new)) {
            return;
        }
        let route = if b.is_multiple_of(7) { Route::OnSite } else { Route::Any };
        self.ask(write(n, new, route, method));
    }

    fn ask(&mut self, kind: RequestKind) {
        self.next_request += 1;
        self.asked.push((self.next_request, kind.clone()));
        self.rig.ask(self.next_request, kind);
    }

    fn repeat(&mut self, at: usize) {
        if !self.asked.is_empty() {
            let (id, kind) = self.asked[at % self.asked.len()].clone();
            self.rig.ask(id, kind);
        }
    }

    fn cancel(&mut self, at: usize) {
        if !self.asked.is_empty() {
            let (id, _) = self.asked[at % self.asked.len()];
            self.ask(RequestKind::Cancel { write: RequestId(id) });
        }
    }

    fn deliver_text(&mut self, at: usize, b: u8) {
        if self.texts.is_empty() {
            return;
        }
        let at = at % self.texts.len();
        let text = self.texts[at].text.clone();
        let mut cards = self.rig.cards.values_mut();
        let Some(card) = cards.find(|card| number_of(card.working) == text.to) else { return };
        let proof = card.take(&text.packet);
        // It may come once more.
        if b.is_multiple_of(4) {
            self.texts[at].was_delivered = true;
        } else {
            self.texts.remove(at);
        }
        match b % 5 {
            0 => {}
            1 => self.fates.push((text.message, Fate::Delivered { proof: None })),
            _ => self.fates.push((text.message, Fate::Delivered { proof })),
        }
    }

    fn lose_text(&mut self, at: usize, b: u8) {
        if self.texts.is_empty() {
            return;
        }
        let lost = self.texts.remove(at % self.texts.len());
        // Of what was delivered nobody says that it was not.
        if !lost.was_delivered && !b.is_multiple_of(3) {
            let fates = [Fate::Expired, Fate::NotTaken, Fate::Refused { proof: None }];
            self.fates.push((lost.text.message, fates[usize::from(b) % 3].clone()));
        }
    }

    fn tell_fate(&mut self, at: usize, b: u8) {
        if !self.fates.is_empty() {
            let (message, fate) = self.fates.remove(at % self.fates.len());
            if !b.is_multiple_of(5) {
                self.rig.fate(message, fate.clone());
            }
            if b.is_multiple_of(7) {
                self.fates.push((message, fate));
            }
        }
    }

    fn restart(&mut self, n: u32, finds_service: bool) {
        let card = self.rig.card(n);
        let Some((order, _)) = card.trial else { return };
        // A script that comes again would be a new trial.
        let finds_service = finds_service || order == OrderId(0);
        card.restart(finds_service);
        self.attached.extend(card.working);
    }

    fn deliver_uplink(&mut self, at: usize, b: u8) {
        if self.uplinks.is_empty() {
            return;
        }
        let (from, frame) = self.uplinks.remove(at % self.uplinks.len());
        self.heard.push((from, frame.clone()));
        if !b.is_multiple_of(5) {
            self.rig.send(from, &frame);
        }
    }

    fn tell_attached(&mut self, at: usize, b: u8) {
        if !self.attached.is_empty() {
            let imsi = self.attached.remove(at % self.attached.len());
            if !b.is_multiple_of(5) {
                self.rig.attach(imsi);
            }
        }
    }

    fn provision(&mut self, at: usize, b: u8) {
        if !self.orders.is_empty() {
            let order = self.orders.remove(at % self.orders.len());
            if !b.is_multiple_of(5) {
                self.rig.give(PlatformInput::Provisioned { order, ready: !b.is_multiple_of(7) });
            }
        }
    }

    fn bring(&mut self, at: usize, b: u8) {
        if self.locals.is_empty() {
            return;
        }
        let local = self.locals.remove(at % self.locals.len());
        let proof = self.rig.cards.get_mut(&local.eid).unwrap().take(&local.packet);
        if let Some(order) = local.order {
            let proof = proof.filter(|_| !b.is_multiple_of(5));
            self.ask(RequestKind::Proved { order, proof });
        }
    }

    fn forge(&mut self, at: usize, b: u8) {
        if self.heard.is_empty() {
            return;
        }
        let (from, frame) = self.heard[at % self.heard.len()].clone();
        let mut changed = frame.clone();
        let at = usize::from(b) % changed.packet.len();
        changed.packet[at] ^= 1 | b;
        let records = self.rig.records.len();
        self.rig.send(from, &changed);
        self.rig.give(PlatformInput::Proof { from, packet: changed.packet });
        let changes = self.rig.records[records..].iter();
        let believed =
            changes.filter(|it| matches!(it.change, crate::platform::Change::Heard { .. })).count();
        assert_eq!(believed, 0, "a changed frame is believed");
        // A replay, too: what was lost before may be new.
        self.rig.send(from, &frame);
    }

    fn advance(&mut self, by: Duration) {
        self.rig.advance(by);
        let (now, validity) = (self.rig.now, self.rig.config.validity);
        self.texts.retain(|it| now.since(it.since) < validity);
    }

    /// Takes what has left the platform.
    fn collect(&mut self) {
        for effect in core::mem::take(&mut self.rig.effects) {
            match effect {
                PlatformOutput::Text { message, to, packet, .. } => {
                    let text = Text { message, to, packet };
                    let since = self.rig.now;
                    self.texts.push(OnItsWay { text, since, was_delivered: false });
                }
                PlatformOutput::Provision { order, .. } => self.orders.push(order),
                PlatformOutput::Business { request, answer } => self.answered(request, answer),
                PlatformOutput::Stream { .. }
                | PlatformOutput::Alarm(_)
                | PlatformOutput::Imported { .. } => {}
            }
        }
    }

    fn answered(&mut self, request: RequestId, answer: BusinessAnswer) {
        let asked = self.asked.iter().find(|(id, _)| RequestId(*id) == request);
        let is_write = asked.is_some_and(|(_, kind)| matches!(kind, RequestKind::Write { .. }));
        if !is_write {
            return;
        }
        match answer {
            BusinessAnswer::Accepted | BusinessAnswer::Pending => self.accepted.push(request),
            BusinessAnswer::Local(local) => self.locals.push(local),
            BusinessAnswer::Done { .. }
            | BusinessAnswer::Failed(_)
            | BusinessAnswer::Refused(_) => {
                let refused = matches!(answer, BusinessAnswer::Refused(_));
                assert!(!refused || !self.accepted.contains(&request), "it was taken: {request:?}");
                let before = self.final_answers.insert(request, answer.clone());
                assert!(before.is_none_or(|before| before == answer), "{request:?} is {answer:?}");
            }
        }
    }

    fn check(&self) {
        let mut taken = BTreeMap::new();
        for row in self.rig.platform.bindings() {
            let card = &self.rig.cards[&row.eid];
            let imsis = match row.state {
                CardState::Settled { imsi } => {
                    assert!(imsi.is_none() || imsi == card.imsi, "{row:?}, the card has {card:?}");
                    [imsi, None]
                }
                CardState::Pending { old, new, proved } => {
                    assert!(card.imsi == old || card.imsi == Some(new), "{row:?}: {card:?}");
                    let has_gone_back = card.report.is_some();
                    assert!(
                        !proved || card.imsi == Some(new) || has_gone_back,
                        "{row:?}: {card:?}"
                    );
                    [old, Some(new)]
                }
            };
            for imsi in imsis.into_iter().flatten() {
                let before = taken.insert(imsi, row.eid);
                assert!(before.is_none_or(|before| before == row.eid), "{imsi:?} is on two cards");
            }
        }
    }

    /// Nothing is lost any more: in the end every request is answered for good.
    fn settle(&mut self) {
        self.rig.crash_in = None;
        for _ in 0..60 {
            for n in 1..=CARDS {
                self.restart(n, true);
                if !self.rig.card(n).is_bound || self.rig.card(n).report.is_some() {
                    self.power_up(n);
                }
            }
            for at in (0..self.texts.len()).rev() {
                self.deliver_text(at, 2);
            }
            while !self.fates.is_empty() {
                self.tell_fate(0, 1);
            }
            while !self.uplinks.is_empty() {
                self.deliver_uplink(0, 1);
            }
            while !self.attached.is_empty() {
                self.tell_attached(0, 1);
            }
            while !self.orders.is_empty() {
                self.provision(0, 1);
            }
            while let Some(at) = self.locals.len().checked_sub(1) {
                self.bring(at, 1);
            }
            for at in 0..self.asked.len() {
                self.repeat(at);
            }
            self.collect();
            self.check();
            self.advance(Duration::from_secs(60));
            self.collect();
        }
        for (id, kind) in &self.asked {
            let is_write = matches!(kind, RequestKind::Write { .. });
            let id = RequestId(*id);
            assert!(
                !is_write || self.final_answers.contains_key(&id),
                "{id:?} has no answer: {kind:?} {:?}",
                self.rig.platform.state.orders
            );
        }
        assert_eq!(self.rig.platform.writes(), 0);
        for card in self.rig.cards.values() {
            let state = self.rig.platform.card_state(card.eid);
            assert_eq!(state, Some(CardState::Settled { imsi: card.imsi }));
            assert!(card.is_bound);
        }
    }
}

/// Card and pool have the same number for subscription and number.
fn number_of(working: Option<Imsi>) -> Msisdn {
    let all = (1..=CARDS).chain(1000..1400);
    number(all.into_iter().find(|n| Some(imsi(*n)) == working).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_record_is_true_and_every_request_is_answered(
        steps in prop::collection::vec(any::<(u8, u8, u8)>(), 0..250),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        let before = world.rig.platform.clone();
        world.rig.restart();
        prop_assert!(before.agrees(&world.rig.platform), "the state is the fold over the records");
        world.settle();
    }
}
