//! What has really happened to cards, held against what must never happen.

use super::cards::{Cards, OpenCard, chosen, keys_of};
use super::message::Provision;
use crate::config::WorldConfig;
use polysim_aka::Algorithm;
use polysim_base::{Imei, Imsi, Msisdn};
use polysim_card::Card;
use polysim_issuance::platform::CardState;
use polysim_issuance::wire::{CardMessage, CardReport, OrderId, UplinkFrame};
use polysim_kernel::Digest;
use polysim_ota::{
    CommandHeader, CommandPacket, Counter, KeySet, OpenedCommand, ProofWanted, Protection,
};
use polysim_radio::derived_algorithm;
use std::collections::BTreeMap;

/// The invariants of cards that are opened and what each says.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("another-card-refused", "no card takes a subscription that is meant for another one"),
    ("bound-once", "a card that is bound to its device does not ask for that again"),
    (
        "card-on-old-or-new",
        "a card has a subscription that it had or was ordered for it, with the key that belongs to it",
    ),
    ("counters-never-reused", "no two packets between a platform and a card have one counter"),
    ("one-imsi-one-card", "no two cards have one IMSI"),
    ("order-executed-once", "no card is written twice by one order"),
    (
        "platform-record-true",
        "what a platform takes for settled is on the card; while it is pending, the old or the new is",
    ),
];

/// Orders of one card that are remembered.
const ORDERS_KEPT: usize = 8;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    seed: u64,
    contradictions: BTreeMap<&'static str, String>,
    /// By card.
    known: Vec<Known>,
    /// The card that has an IMSI.
    holders: BTreeMap<Imsi, usize>,
    /// The card that an IMSI was last meant for.
    meant: BTreeMap<Imsi, usize>,
    /// The card that a number was last meant for.
    numbers: BTreeMap<Msisdn, usize>,
    /// The number of each IMSI.
    numbers_of: BTreeMap<Imsi, Msisdn>,
}

/// What is known of a card.
#[derive(Debug, Default)]
struct Known {
    /// What it has, and what it had before.
    imsi: Option<Imsi>,
    before: Option<Imsi>,
    first: Option<Imsi>,
    orders: Vec<Order>,
    bound: Option<Imei>,
    down: Said,
    up: Said,
}

/// A subscription that was ordered for a card.
#[derive(Debug)]
struct Order {
    order: OrderId,
    imsi: Imsi,
    key: Option<Algorithm>,
    executed: bool,
}

/// What was said in one direction.
#[derive(Debug, Default)]
struct Said {
    /// The highest counter, and the packet that had it.
    counter: Option<Counter>,
    digest: u64,
    /// The last packet, of those that ask for a proof if there were any.
    packet: Vec<u8>,
    asks: bool,
}

impl Truth {
    pub(crate) fn new(cards: &Cards, world: &WorldConfig) -> Self {
        let mut truth = Self { seed: world.seed, ..Self::default() };
        for (index, card) in cards.iter().enumerate() {
            let imsi = card.seed;
            truth.known.push(Known { imsi, before: imsi, first: imsi, ..Known::default() });
            truth.holders.extend(imsi.map(|imsi| (imsi, index)));
            truth.meant.extend(imsi.map(|imsi| (imsi, index)));
            let phone = cards.phone_of(&card.eid).and_then(|at| world.phones.get(at as usize));
            if let (Some(imsi), Some(phone)) = (imsi, phone) {
                truth.numbers.insert(phone.number, index);
                truth.numbers_of.insert(imsi, phone.number);
            }
        }
        truth
    }

    /// Returns what was found so far, by name.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.contradictions.iter().map(|(name, text)| (*name, text))
    }

    fn found(&mut self, invariant: &'static str, text: String) {
        self.contradictions.entry(invariant).or_insert(text);
    }

    /// A platform has a subscription made ready for a card.
    pub(crate) fn provisions(&mut self, cards: &Cards, asked: &Provision) {
        let Some(index) = cards.with(&asked.eid) else { return };
        let (Some(card), Some(known)) = (cards.get(index), self.known.get_mut(index)) else {
            return;
        };
        self.meant.insert(asked.imsi, index);
        self.numbers.insert(asked.msisdn, index);
        self.numbers_of.insert(asked.imsi, asked.msisdn);
        if known.orders.iter().any(|order| order.order == asked.order) {
            return;
        }
        if known.orders.len() >= ORDERS_KEPT {
            known.orders.remove(0);
        }
        let key = chosen(self.seed, card, &asked.key);
        let (order, imsi) = (asked.order, asked.imsi);
        known.orders.push(Order { order, imsi, key, executed: false });
    }

    /// A platform sends a packet to a number.
    pub(crate) fn sends(&mut self, cards: &Cards, to: Msisdn, packet: &[u8]) {
        let Some(index) = self.numbers.get(&to).copied() else { return };
        let keys = cards.get(index).and_then(|card| keys_of(self.seed, card));
        let opened = keys.and_then(|keys| opened(packet, &keys.downlink));
        let Some((header, OpenedCommand { counter, .. })) = opened else { return };
        let asks = header.spi.proof.wanted != ProofWanted::Never;
        let Some(known) = self.known.get_mut(index) else { return };
        if known.down.is_used(counter) {
            let text = format!("{counter} to card {index}");
            self.found("counters-never-reused", text);
        } else {
            known.down.note(counter, packet);
            known.down.keep(packet, asks);
        }
    }

    /// A card says something to its platform; returns what.
    pub(crate) fn says(
        &mut self,
        cards: &Cards,
        index: usize,
        frame: &UplinkFrame,
    ) -> Option<CardReport> {
        let keys = keys_of(self.seed, cards.get(index)?)?;
        let (_, opened) = opened(&frame.packet, &keys.uplink)?;
        let message = CardMessage::parse(&opened.data).ok()?;
        let known = self.known.get_mut(index)?;
        let again = known.up.digest == digest(&frame.packet);
        if known.up.is_used(opened.counter) && !again {
            let text = format!("{} from card {index}", opened.counter);
            self.found("counters-never-reused", text);
        } else if !again {
            known.up.note(opened.counter, &frame.packet);
        }
        if let CardReport::Bind { imei, .. } = &message.report
            && self.known.get(index).is_some_and(|known| known.bound == Some(*imei))
        {
            self.found("bound-once", format!("card {index} asks for {imei} once more"));
        }
        Some(message.report)
    }

    /// A card has its mark for a device, or has it no more.
    pub(crate) fn marked(&mut self, index: usize, device: Option<Imei>) {
        if let Some(known) = self.known.get_mut(index) {
            known.bound = device;
        }
    }

    /// Returns the device that a card has its mark for.
    pub(crate) fn device_of(&self, index: usize) -> Option<Imei> {
        self.known.get(index)?.bound
    }

    /// Returns the number of a subscription.
    pub(crate) fn number_of(&self, imsi: &Imsi) -> Option<Msisdn> {
        self.numbers_of.get(imsi).copied()
    }

    /// Returns the last packet that was sent to a card.
    pub(crate) fn last_packet(&self, index: usize) -> Option<&[u8]> {
        let packet = &self.known.get(index)?.down.packet;
        (!packet.is_empty()).then_some(packet.as_slice())
    }

    /// Looks at a card that is on; returns whether its IMSI is another one than before.
    pub(crate) fn look(&mut self, cards: &Cards, index: usize, card: &Card) -> bool {
        let (Some(open), Some(known)) = (cards.get(index), self.known.get(index)) else {
            return false;
        };
        let imsi = card.imsi();
        if !belongs(self.seed, open, known, imsi, card.algorithm()) {
            let masked = imsi.map(|imsi| imsi.masked().to_string());
            let text = format!("card {index} has {masked:?}, and a key that is not for it");
            self.found("card-on-old-or-new", text);
        }
        let changed = self.known.get(index).is_some_and(|known| known.imsi != imsi);
        if changed {
            self.changed(index, imsi);
        }
        changed
    }

    fn changed(&mut self, index: usize, imsi: Option<Imsi>) {
        let Some(known) = self.known.get_mut(index) else { return };
        let before = core::mem::replace(&mut known.imsi, imsi);
        let back = known.before == imsi;
        // Who has gone back has nothing to go back to.
        known.before = before.filter(|_| !back);
        let order = known.orders.iter_mut().rev().find(|order| Some(order.imsi) == imsi);
        let twice = order.is_some_and(|order| core::mem::replace(&mut order.executed, true));
        if let Some(before) = before
            && self.holders.get(&before) == Some(&index)
        {
            self.holders.remove(&before);
        }
        let Some(imsi) = imsi else { return };
        let masked = imsi.masked().to_string();
        if twice && !back {
            self.found("order-executed-once", format!("card {index} is on {masked} once more"));
        }
        if let Some(other) = self.meant.get(&imsi).copied().filter(|other| *other != index) {
            self.found("another-card-refused", format!("card {index} takes what is for {other}"));
        }
        if let Some(other) = self.holders.insert(imsi, index).filter(|other| *other != index) {
            self.found("one-imsi-one-card", format!("cards {other} and {index} have {masked}"));
        }
    }

    /// Holds what a platform knows of a card against the card.
    pub(crate) fn recorded(&mut self, index: usize, state: CardState) {
        let Some(known) = self.known.get(index) else { return };
        let imsi = known.imsi;
        let holds = match state {
            CardState::Settled { imsi: recorded } => recorded == imsi,
            CardState::Pending { old, new, .. } => imsi == old || imsi == Some(new),
        };
        if !holds {
            let masked = imsi.map(|imsi| imsi.masked().to_string());
            self.found("platform-record-true", format!("card {index} has {masked:?}: {state:?}"));
        }
    }
}

/// Returns whether an IMSI is one that a card may have, and the key the one that belongs to it.
fn belongs(
    seed: u64,
    card: &OpenCard,
    known: &Known,
    imsi: Option<Imsi>,
    key: Option<&Algorithm>,
) -> bool {
    let Some(imsi) = imsi else { return card.seed.is_none() };
    let first = known.first == Some(imsi) && key == Some(&derived_algorithm(seed, &imsi));
    let ordered = |order: &Order| order.imsi == imsi && order.key.as_ref() == key;
    first || known.orders.iter().any(ordered)
}

impl Said {
    fn is_used(&self, counter: Counter) -> bool {
        self.counter.is_some_and(|highest| counter <= highest)
    }

    fn note(&mut self, counter: Counter, packet: &[u8]) {
        self.counter = Some(counter);
        self.digest = digest(packet);
    }

    fn keep(&mut self, packet: &[u8], asks: bool) {
        if asks || !self.asks {
            self.packet = packet.to_vec();
            self.asks = asks;
        }
    }
}

fn digest(packet: &[u8]) -> u64 {
    Digest::new().with_bytes(packet).finish()
}

/// Opens a command packet.
pub(crate) fn opened(packet: &[u8], keys: &KeySet) -> Option<(CommandHeader, OpenedCommand)> {
    let packet = CommandPacket::parse(packet).ok()?;
    let protection = Protection::of_command(packet.header(), Some(keys)).ok()?;
    Some((*packet.header(), packet.open(&protection).ok()?))
}
