//! The operator of the mobile network: who is registered where, texts on their way, and what it
//! saw. It is the ground truth of texts and calls.

use super::texts;
use polysim_base::{Imsi, Instant};
use polysim_fleet::ModemId;
use std::collections::{BTreeMap, VecDeque};

/// A text that somebody sent to a SIM.
#[derive(Clone, Debug)]
pub(crate) struct TextIn {
    pub(crate) sim: u32,
    pub(crate) from: String,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

/// A text that the fleet sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextOut {
    /// How often each part came.
    pub(crate) parts: BTreeMap<u8, u32>,
    pub(crate) of: u8,
}

/// An operator.
#[derive(Debug, Default)]
pub(crate) struct Operator {
    pub(crate) registered: BTreeMap<Imsi, ModemId>,
    /// Texts and reports that wait for their SIM.
    pub(crate) held: BTreeMap<Imsi, VecDeque<Vec<u8>>>,
    pub(crate) texts: Vec<TextIn>,
    pub(crate) sent: BTreeMap<String, TextOut>,
    pub(crate) dialled: BTreeMap<String, u32>,
}

impl Operator {
    /// Somebody sends a text to a SIM.
    pub(crate) fn text(&mut self, now: Instant, imsi: Imsi, text: TextIn) {
        let reference = u8::try_from(self.texts.len() % 251).unwrap();
        let parts = texts::deliver(now, &text.from, &text.body, reference);
        self.held.entry(imsi).or_default().extend(parts);
        self.texts.push(text);
    }

    /// A part comes from a modem; the recipient gets it at once.
    pub(crate) fn submitted(&mut self, body: &str, part: u8, of: u8) {
        let text = self.sent.entry(body.to_string()).or_default();
        text.of = of;
        *text.parts.entry(part).or_default() += 1;
    }

    pub(crate) fn report(&mut self, now: Instant, imsi: Imsi, to: &str, reference: u8) {
        self.held.entry(imsi).or_default().push_back(texts::report(now, to, reference));
    }
}
