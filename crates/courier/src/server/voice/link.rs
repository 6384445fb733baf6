//! How fast the links of connected devices are, and trains of octets both ways.

use alloc::boxed::Box;

use polysim_base::{Duration, Instant};

use super::super::{Connection, Server};
use crate::rate::{Arrivals, Bucket, Interval, OCTETS_MAX, PARTS_MAX, Part, filler};
use crate::wire::{RateFromDevice, RateToDevice};
use crate::{CallNumber, DeviceId, Rate};

/// The link of a connected device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Link {
    /// In which session: nothing is known of another one.
    of: Connection,
    rate: Option<Measured>,
    /// The train on its way up.
    train: Option<Box<Arrivals>>,
    probes: Bucket,
    /// The last call that it has made in this session.
    called: Option<CallNumber>,
}

/// What a device has measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Measured {
    train: u32,
    rate: Rate,
    at: Instant,
    holds: Duration,
}

impl Link {
    const fn new(of: Connection) -> Self {
        Self { of, rate: None, train: None, probes: Bucket::FULL, called: None }
    }

    pub(super) fn rate(&self, now: Instant, of: Connection, age_max: Duration) -> Option<Rate> {
        let Measured { rate, at, holds, .. } = self.rate?;
        (self.of == of && now.since(at) <= age_max.max(holds)).then_some(rate)
    }

    /// Takes what was measured, unless it is older than what is known.
    fn measured(&mut self, measured: Measured) {
        if self.rate.is_none_or(|before| before.train < measured.train) {
            self.rate = Some(measured);
        }
    }

    /// Takes note of a call; returns whether it is newer than those before.
    pub(super) fn calls(&mut self, call: CallNumber) -> bool {
        let newer = self.called.is_none_or(|before| before < call);
        if newer {
            self.called = Some(call);
        }
        newer
    }

    /// Takes a part of a train; returns what to answer.
    fn probe(&mut self, now: Instant, part: Part) -> Option<RateToDevice> {
        let came = match self.train.as_mut().filter(|train| train.train() == part.train) {
            Some(train) => train.came(now, part),
            None => {
                self.train = Some(Box::new(Arrivals::new(now, part)?));
                true
            }
        };
        let train = self.train.as_ref().filter(|_| came)?;
        let answer =
            RateToDevice::Probed { train: part.train, parts: train.count(), rate: train.rate()? };
        if train.is_whole() {
            self.train = None;
        }
        Some(answer)
    }
}

impl Server {
    pub(in crate::server) fn rate_message(
        &mut self,
        now: Instant,
        from: Connection,
        message: RateFromDevice,
    ) {
        let Some(device) = self.sessions.device(from) else { return };
        match message {
            RateFromDevice::Measured { train, rate, holds } => {
                let rate = rate.min(Rate::MAX);
                self.link(device, from).measured(Measured { train, rate, at: now, holds });
                self.desk.send(from, RateToDevice::Noted { train });
            }
            RateFromDevice::Probe { train, part, parts, octets } => {
                let octets = octets.len();
                self.probe_up(now, from, device, Part { train, part, parts, octets });
            }
            RateFromDevice::ProbeMe { train, parts, octets } => {
                self.probe_down(now, from, device, (train, parts, octets));
            }
        }
    }

    /// Returns the link of a device in that session.
    pub(super) fn link(&mut self, device: DeviceId, of: Connection) -> &mut Link {
        let link = self.voice.links.entry(device).or_insert_with(|| Link::new(of));
        if link.of != of {
            // What was sent to it before counts on, so that a new session is no way around limits.
            *link = Link { probes: link.probes, ..Link::new(of) };
        }
        link
    }

    fn probe_up(&mut self, now: Instant, from: Connection, device: DeviceId, part: Part) {
        if let Some(answer) = self.link(device, from).probe(now, part) {
            self.desk.send(from, answer);
        }
    }

    fn probe_down(
        &mut self,
        now: Instant,
        to: Connection,
        device: DeviceId,
        (train, parts, octets): (u32, u16, u16),
    ) {
        let cost = u64::from(parts) * u64::from(octets);
        if parts > PARTS_MAX
            || octets > OCTETS_MAX
            || self.link(device, to).probes.take(now, cost, Interval::server_allowance()).is_err()
        {
            return;
        }
        for part in 0..parts {
            let octets = filler(train, part, octets);
            self.desk.send(to, RateToDevice::Probe { train, part, parts, octets });
        }
    }
}
