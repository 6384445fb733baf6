use super::Handover;
use crate::wire::{Budget, Caps};
use alloc::collections::VecDeque;
use polysim_base::{Duration, Instant};

/// Use is counted by the hour, from the first one on that is in no hour before.
const HOUR: Duration = Duration::from_secs(3_600);
/// For how long after its beginning an hour counts: until a day after its end.
const COUNTS: Duration = Duration::from_secs(25 * 3_600);

/// How much was done with a SIM, and how much may be done in a day.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Usage {
    pub(crate) caps: Option<Caps>,
    pub(crate) texts: Counter,
    pub(crate) calls: Counter,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(crate) struct Counter {
    used: u64,
    /// When the hours of the last day began in which there was any, and how much: 26 at most.
    day: VecDeque<(Instant, u32)>,
}

impl Counter {
    pub(crate) fn count(&mut self, at: Instant, n: u32) {
        self.used = self.used.saturating_add(u64::from(n));
        match self.day.back_mut() {
            Some((began, count)) if at < began.plus(HOUR) => *count = count.saturating_add(n),
            Some(_) | None => self.day.push_back((at, n)),
        }
        self.moved(at);
    }

    /// Drops the hours that count no more.
    pub(crate) fn moved(&mut self, at: Instant) {
        while self.deadline().is_some_and(|due| due <= at) {
            self.day.pop_front();
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let (began, _) = self.day.front()?;
        Some(began.plus(COUNTS))
    }

    /// Returns what was used ever, and the count up to which may be used now.
    fn budget(&self, cap: u32) -> (u64, u64) {
        let today: u64 = self.day.iter().map(|(_, count)| u64::from(*count)).sum();
        (self.used, self.used.saturating_sub(today).saturating_add(u64::from(cap)))
    }
}

impl Usage {
    pub(super) fn handed_over(&mut self, by: Handover) {
        let hours = self.texts.day.iter_mut().chain(&mut self.calls.day);
        hours.for_each(|(began, _)| by.moves(began));
    }

    pub(crate) fn moved(&mut self, at: Instant) {
        self.texts.moved(at);
        self.calls.moved(at);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        [self.texts.deadline(), self.calls.deadline()].into_iter().flatten().min()
    }

    pub(crate) fn budget(&self, default: Caps) -> Budget {
        let caps = self.caps.unwrap_or(default);
        let (texts_used, texts_limit) = self.texts.budget(caps.texts);
        let (calls_used, calls_limit) = self.calls.budget(caps.calls);
        Budget { texts_used, texts_limit, calls_used, calls_limit }
    }
}
