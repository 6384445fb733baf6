//! A card as a modem somewhere else has it.

use crate::{Card, CardInput, CardOutput};
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Instant, Machine, Out};

impl From<CardSignal> for CardInput {
    fn from(signal: CardSignal) -> Self {
        match signal {
            CardSignal::PowerOn => Self::PowerOn,
            CardSignal::Reset => Self::ResetWarm,
            CardSignal::PowerOff => Self::PowerOff,
            CardSignal::Command(bytes) => Self::Command(bytes),
        }
    }
}

impl From<CardOutput> for CardReply {
    fn from(output: CardOutput) -> Self {
        match output {
            CardOutput::Atr(atr) => Self::Atr(atr.to_vec()),
            CardOutput::Response(bytes) => Self::Response(bytes),
        }
    }
}

impl Card {
    /// Does what a modem does to the card; returns what that says.
    pub fn replies(&mut self, now: Instant, signal: CardSignal) -> Vec<CardReply> {
        self.handle(now, signal.into());
        let mut replies = Vec::new();
        while let Some(Out::Do(output)) = self.poll_output() {
            replies.push(output.into());
        }
        replies
    }
}
