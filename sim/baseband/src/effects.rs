//! What one input leads to, collected while it is handled.

use crate::{
    BasebandEvent, BasebandOutput, TerminalToCard,
    port::Done,
    urc::{Notice, Snapshot},
};
use polysim_base::{Instant, Queue};
use polysim_radio::air::Uplink;

/// The time of the input, and everything that it causes: outputs, unsolicited results, ends of
/// commands. It lives as long as the input is handled.
#[derive(Debug)]
pub(crate) struct Effects {
    pub(crate) now: Instant,
    pub(crate) out: Queue<BasebandOutput>,
    pub(crate) notices: Queue<Notice>,
    pub(crate) done: Queue<Done>,
    /// Commands that wait for the card to be read may run now.
    pub(crate) card_settled: bool,
    /// `+CFUN=1,1` and its like: start all over.
    pub(crate) restart: bool,
    /// Switch off.
    pub(crate) switch_off: bool,
    /// A host did not acknowledge: nothing is shown on this port any more.
    pub(crate) unroute: Option<u8>,
    /// The data connection of this port is over.
    pub(crate) online_over: Option<u8>,
    /// What hosts were told last.
    pub(crate) before: Option<Snapshot>,
    observed: bool,
}

impl Effects {
    pub(crate) const fn new(
        now: Instant,
        out: Queue<BasebandOutput>,
        observed: bool,
        before: Snapshot,
    ) -> Self {
        Self {
            now,
            out,
            notices: Queue::new(),
            done: Queue::new(),
            card_settled: false,
            restart: false,
            switch_off: false,
            unroute: None,
            online_over: None,
            before: Some(before),
            observed,
        }
    }

    pub(crate) fn air(&mut self, uplink: Uplink) {
        self.out.push(BasebandOutput::Air(uplink));
    }

    pub(crate) fn card(&mut self, command: TerminalToCard) {
        self.out.push(BasebandOutput::Card(command));
    }

    pub(crate) fn event(&mut self, event: BasebandEvent) {
        if self.observed {
            self.out.push(BasebandOutput::Event(event));
        }
    }

    pub(crate) fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    pub(crate) fn finish(&mut self, done: Done) {
        self.done.push(done);
    }
}
