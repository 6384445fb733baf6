//! How fast the data link is: trains of octets, and a smoothed rate.
//!
//! A train goes up and another one down, at once. The server says how fast the one that went up has
//! arrived; the slower direction counts, and is said until the server has noted it. What trains cost is
//! limited by how often the link is to be measured; one that comes and goes is measured less often
//! rather than paid for.

use alloc::boxed::Box;

use polysim_base::{Duration, Instant};

use super::{Client, ClientEvent, ClientTimer};
use crate::Rate;
use crate::rate::{Arrivals, Bucket, Interval, MEASUREMENT, OCTETS, PARTS, PATIENCE, Part, filler};
use crate::wire::{RateFromDevice, RateToDevice};

/// What was measured in this session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Measure {
    rate: Option<(Rate, Instant)>,
    trains: u32,
    under_way: Option<Box<Train>>,
    /// When the link is measured anew; `None` without a link.
    due: Option<Instant>,
    spent: Bucket,
    /// Up to which train the server has not noted what was measured, and when it is said again.
    unnoted: Option<(u32, Instant)>,
}

/// A measurement that is under way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Train {
    number: u32,
    /// By how many parts the server has measured, and what.
    up: Option<(u16, Rate)>,
    down: Option<Arrivals>,
    until: Instant,
}

impl Default for Measure {
    fn default() -> Self {
        let (rate, under_way, due, unnoted) = (None, None, None, None);
        Self { rate, trains: 0, under_way, due, spent: Bucket::FULL, unnoted }
    }
}

impl Train {
    /// Takes a part of the train that goes down.
    fn came(&mut self, now: Instant, part: Part) {
        match &mut self.down {
            Some(down) => {
                down.came(now, part);
            }
            None => self.down = Arrivals::new(now, part),
        }
    }

    fn is_whole(&self) -> bool {
        self.up.is_some_and(|(parts, _)| parts == PARTS)
            && self.down.is_some_and(|down| down.is_whole())
    }

    fn rate(&self) -> Option<Rate> {
        Some(self.up?.1.min(self.down?.rate()?))
    }
}

impl Measure {
    pub(super) fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        let measure = self.under_way.as_ref().map(|train| train.until).or(self.due);
        let measure = measure.map(|at| (at, ClientTimer::Measure));
        let retry = self.unnoted.map(|(_, at)| (at, ClientTimer::Retry));
        measure.into_iter().chain(retry).min_by_key(|(at, _)| *at)
    }
}

impl Client {
    pub(super) fn rate_message(&mut self, now: Instant, message: RateToDevice) {
        let (RateToDevice::Probed { train: number, .. }
        | RateToDevice::Noted { train: number }
        | RateToDevice::Probe { train: number, .. }) = message;
        if message == (RateToDevice::Noted { train: number }) {
            self.measure.unnoted.take_if(|(train, _)| *train == number);
        }
        let under_way = self.measure.under_way.as_mut();
        let Some(train) = under_way.filter(|train| train.number == number) else { return };
        match message {
            RateToDevice::Noted { .. } => {}
            RateToDevice::Probed { parts, rate, .. } => {
                if train.up.is_none_or(|(before, _)| before < parts) {
                    train.up = Some((parts, rate));
                }
            }
            RateToDevice::Probe { part, parts, octets, .. } => {
                train.came(now, Part { train: number, part, parts, octets: octets.len() });
            }
        }
        if train.is_whole() {
            self.end_train(now);
        }
    }

    /// The server can be reached, or cannot any more. Another link has another rate.
    pub(super) fn measure_link(&mut self, now: Instant) {
        self.measure.rate = None;
        self.measure.under_way = None;
        self.measure.due = None;
        self.measure.unnoted = None;
        if self.desk.linked {
            self.measure_now(now);
        }
    }

    /// Begins to measure; returns whether that goes on, now or already. It does not where nothing
    /// is left to spend.
    pub(super) fn measure_now(&mut self, now: Instant) -> bool {
        if self.measure.under_way.is_some() {
            return true;
        }
        if let Err(later) = self.measure.spent.take(now, MEASUREMENT, self.interval().allowance()) {
            self.measure.due = Some(later);
            return false;
        }
        self.measure.trains = self.measure.trains.wrapping_add(1);
        let train = self.measure.trains;
        let until = now.plus(PATIENCE);
        let under_way = Train { number: train, up: None, down: None, until };
        self.measure.under_way = Some(Box::new(under_way));
        self.desk.send(RateFromDevice::ProbeMe { train, parts: PARTS, octets: OCTETS });
        for part in 0..PARTS {
            let octets = filler(train, part, OCTETS);
            self.desk.send(RateFromDevice::Probe { train, part, parts: PARTS, octets });
        }
        true
    }

    pub(super) fn measure_timeout(&mut self, now: Instant) {
        if self.measure.under_way.as_ref().is_some_and(|train| train.until <= now) {
            self.end_train(now);
        }
        if let Some((train, _)) = self.measure.unnoted.filter(|(_, at)| *at <= now) {
            self.say_measured(now, train);
        }
        if self.measure.under_way.is_none() && self.measure.due.is_some_and(|due| due <= now) {
            self.measure_now(now);
        }
    }

    /// Counts what has come of a train. Nothing is known by one of which too little has come.
    fn end_train(&mut self, now: Instant) {
        let Some(train) = self.measure.under_way.take() else { return };
        let Some(sample) = train.rate() else {
            self.measure.due = Some(now.plus(self.desk.config.retry));
            return;
        };
        let before = self.recent_rate(now);
        let rate = before.map_or(sample, |before| before.smoothed(sample));
        self.measure.rate = Some((rate, now));
        self.measure.due = Some(now.plus(self.interval().every()));
        self.say_measured(now, train.number);
        self.desk.tell(ClientEvent::Measured(rate));
        self.measured(now);
    }

    /// Says what was measured, until the server has noted it.
    fn say_measured(&mut self, now: Instant, train: u32) {
        let Some((rate, at)) = self.measure.rate else { return };
        let holds = at.plus(self.rate_holds()).since(now);
        self.desk.send(RateFromDevice::Measured { train, rate, holds });
        self.measure.unnoted = Some((train, now.plus(self.desk.config.retry)));
    }

    fn interval(&self) -> Interval {
        Interval::new(self.desk.config.measure_every)
    }

    fn rate_holds(&self) -> Duration {
        self.interval().holds().max(self.desk.config.rate_age_max)
    }

    /// Returns the rate, while it holds.
    pub(super) fn recent_rate(&self, now: Instant) -> Option<Rate> {
        let (rate, at) = self.measure.rate?;
        (now.since(at) <= self.rate_holds()).then_some(rate)
    }
}
