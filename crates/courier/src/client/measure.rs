//! How fast the data link is: trains of octets, and a smoothed rate.
//!
//! A train goes up and another one down, at once. The server says how fast the one that went up has
//! arrived; the slower direction counts. What trains cost is limited; a link that comes and goes
//! is measured less often rather than paid for.

use alloc::boxed::Box;

use polysim_base::{Duration, Instant};

use super::{Client, ClientEvent, ClientTimer};
use crate::Rate;
use crate::rate::{Allowance, Arrivals, Bucket, Part, filler};
use crate::wire::{RateFromDevice, RateToDevice};

/// Parts of a train.
const PARTS: u16 = 16;
/// Octets of a part.
const OCTETS: u16 = 500;
/// Octets of both trains of a measurement.
const COST: u64 = 2 * PARTS as u64 * OCTETS as u64;
/// What trains may cost.
const ALLOWANCE: Allowance = Allowance { per_hour: 512 * 1_024, burst: 64 * 1_024 };
/// How long it is waited for the parts of a train: with less than 24 kbit/s not all of them come.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// What was measured in this session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Measure {
    rate: Option<(Rate, Instant)>,
    trains: u32,
    under_way: Option<Box<Train>>,
    /// When the link is measured anew; `None` without a link.
    due: Option<Instant>,
    spent: Bucket,
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
        Self { rate: None, trains: 0, under_way: None, due: None, spent: Bucket::FULL }
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
        let at = self.under_way.as_ref().map(|train| train.until).or(self.due)?;
        Some((at, ClientTimer::Measure))
    }

    /// Returns the rate, if it is not too old.
    pub(super) fn recent(&self, now: Instant, age_max: Duration) -> Option<Rate> {
        self.rate.filter(|(_, at)| now.since(*at) <= age_max).map(|(rate, _)| rate)
    }
}

impl Client {
    pub(super) fn rate_message(&mut self, now: Instant, message: RateToDevice) {
        let Some(train) = &mut self.measure.under_way else { return };
        let (RateToDevice::Probed { train: number, .. }
        | RateToDevice::Probe { train: number, .. }) = message;
        if number != train.number {
            return;
        }
        match message {
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
        if let Err(later) = self.measure.spent.take(now, COST, ALLOWANCE) {
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
        if self.measure.under_way.is_none() && self.measure.due.is_some_and(|due| due <= now) {
            self.measure_now(now);
        }
    }

    /// Counts what has come of a train. Nothing is known by one of which too little has come.
    fn end_train(&mut self, now: Instant) {
        let Some(train) = self.measure.under_way.take() else { return };
        let every = self.desk.config.measure_every;
        let Some(sample) = train.rate() else {
            self.measure.due = Some(now.plus(self.desk.config.retry));
            return;
        };
        let before = self.measure.recent(now, self.desk.config.rate_age_max);
        let rate = before.map_or(sample, |before| before.smoothed(sample));
        self.measure.rate = Some((rate, now));
        self.measure.due = Some(now.plus(every));
        self.desk.send(RateFromDevice::Measured(rate));
        self.desk.tell(ClientEvent::Measured(rate));
        self.measured(now);
    }
}
