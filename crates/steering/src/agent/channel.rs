//! What agent and platform say to each other.

use polysim_base::Instant;

use super::assistant::Assistant;
use super::machine::{Agent, backoff};
use super::memory::Change;
use super::{AgentEvent, AgentOutput, Bearer, Bearers};
use crate::wire::{Downlink, Uplink, WireError, open_downlink, seal_uplink};

impl<A: Assistant> Agent<A> {
    /// Sends a message under a counter that is recorded before it leaves, if there is a way.
    pub(super) fn post(&mut self, message: &Uplink) {
        let bearer = match self.session.bearers {
            Bearers { data: true, .. } => Bearer::Data,
            Bearers { data: false, texts: true } => Bearer::Text,
            Bearers { data: false, texts: false } => return,
        };
        let Some(counter) = self.memory.counters.next() else { return };
        self.keep(Change::Sent(counter));
        let frame = seal_uplink(&self.identity.key, self.identity.eid, counter, message);
        self.act(AgentOutput::Send { bearer, frame });
    }

    /// Says the oldest report that the platform has not noted, and again later.
    pub(super) fn say_report(&mut self, now: Instant) {
        let report = self.memory.reports().first().copied();
        let Some(report) = report.filter(|_| self.session.bearers != Bearers::default()) else {
            self.session.report = None;
            return;
        };
        let before = self.session.report.map_or(0, |(_, times)| times);
        let again = now.plus(backoff(&self.config.retry, before));
        self.session.report = Some((again, before.saturating_add(1)));
        self.post(&Uplink::Report(report));
    }

    pub(super) fn frame(&mut self, now: Instant, frame: &[u8]) {
        let opened = open_downlink(&self.identity.key, self.identity.eid, frame);
        let (counter, message) = match opened {
            Ok(opened) => opened,
            Err(WireError::NotAuthentic) => return self.tell(AgentEvent::NotAuthentic),
            // Nothing that the platform would say.
            Err(_) => return,
        };
        if !self.memory.counters.is_fresh(counter) {
            return;
        }
        self.keep(Change::Heard(counter));
        match message {
            Downlink::List { number, answer } => self.listed(now, number, answer),
            Downlink::Download { number, answer } => self.ordered(now, number, answer),
            Downlink::Noted { number } => {
                if self.memory.reports().first().is_some_and(|it| it.number == number) {
                    self.keep(Change::Noted(number));
                    self.session.report = None;
                    self.say_report(now);
                    self.settle(now);
                }
            }
        }
    }
}
