//! Whether a call goes over data: decided at one instant, and written down with the numbers.

use alloc::vec::Vec;
use core::cmp::Reverse;

use polysim_base::{Instant, Msisdn};

use super::super::{Server, ServerEvent, ServerRecord, VoiceDecision};
use super::call::{Call, End, State};
use crate::wire::{CallEnd, VoiceRefusal};
use crate::{CallKey, DeviceId, Rate};

/// The device that decides, and its rate.
type Deciding = (DeviceId, Option<Rate>);

impl Server {
    /// A device calls. Saying it again changes nothing: the decision stays.
    pub(super) fn call(&mut self, now: Instant, key: CallKey, to: Msisdn, caller: (Rate, Rate)) {
        if let Some(call) = self.voice.call_mut(key) {
            call.caller.heard = now;
            let told = call.told(key.from);
            return self.tell_device(key.from, told);
        }
        let Some(connection) = self.sessions.connection(key.from) else { return };
        let Some(number) = self.number_of(key.from) else { return };
        if !self.link(key.from, connection).calls(key.call) {
            // A call that is over long since, said once more by the network.
            return;
        }
        self.leave(now, key.from);
        let deciding = self.deciding(now, key.from, &to);
        let verdict = match self.look_up(now, key.from, 1) {
            Ok(()) => self.verdict(key.from, &to, caller, deciding),
            Err(after) => Err(VoiceRefusal::LookupLimit(after)),
        };
        let decision = VoiceDecision {
            from: key.from,
            call: key.call,
            at: now,
            caller,
            callee: deciding,
            threshold: self.desk.config.threshold,
            over_data: verdict.is_ok(),
        };
        self.desk.record(ServerRecord::Voice(decision));
        self.desk.tell(ServerEvent::Voice(decision));
        let state = match verdict {
            Ok(rate) => self.ringing(now, key.from, &to, rate),
            Err(why) => State::Refused { why, until: now.plus(super::ring::REMEMBERED) },
        };
        self.begin(Call { key, number, to, caller: End::new(key.from, now), state, due: now });
    }

    /// Whoever dials has left the call that it was in, or refused it.
    fn leave(&mut self, now: Instant, device: DeviceId) {
        if let Some(key) = self.voice.engaged.get(&device).copied() {
            let rings = self.voice.call(key).is_some_and(|call| {
                matches!(call.state, State::Ringing { .. }) && call.caller.device != device
            });
            self.over(now, key, if rings { CallEnd::Rejected } else { CallEnd::HungUp });
        }
    }

    fn verdict(
        &self,
        from: DeviceId,
        to: &Msisdn,
        (own, first): (Rate, Rate),
        deciding: Option<Deciding>,
    ) -> Result<Rate, VoiceRefusal> {
        let threshold = self.desk.config.threshold;
        if !self.accounts.is_proved(from) {
            return Err(VoiceRefusal::Unproved);
        }
        if self.accounts.devices_of(to).next().is_none() {
            return Err(VoiceRefusal::NotRegistered);
        }
        if own < first {
            return Err(VoiceRefusal::Slow { rate: own, threshold: first });
        }
        let (device, rate) = deciding.ok_or(VoiceRefusal::Away)?;
        let rate = rate.ok_or(VoiceRefusal::Unmeasured)?;
        if rate < threshold {
            return Err(VoiceRefusal::Slow { rate, threshold });
        }
        if self.voice.engaged.contains_key(&device) {
            return Err(VoiceRefusal::Busy);
        }
        Ok(rate)
    }

    /// Returns the connected devices of a number but that one, the primary one first.
    fn connected(&self, number: &Msisdn, but: DeviceId) -> impl Iterator<Item = DeviceId> {
        let devices = self.accounts.devices_of(number);
        devices.filter(move |it| *it != but && self.sessions.connection(*it).is_some())
    }

    /// The primary device decides where it is connected, else the linked one with the best rate.
    fn deciding(&self, now: Instant, from: DeviceId, to: &Msisdn) -> Option<Deciding> {
        let primary = self.accounts.devices_of(to).next();
        let rate = |device| (device, self.rate(now, device));
        let mut connected = self.connected(to, from).map(rate);
        let first = connected.next()?;
        if primary == Some(first.0) {
            return Some(first);
        }
        // Of two with one rate the older one.
        [first].into_iter().chain(connected).max_by_key(|(device, rate)| (*rate, Reverse(*device)))
    }

    /// It rings at each connected device that is fast enough and in no call.
    fn ringing(&self, now: Instant, from: DeviceId, to: &Msisdn, rate: Rate) -> State {
        let threshold = self.desk.config.threshold;
        let rings = |device: &DeviceId| {
            !self.voice.engaged.contains_key(device)
                && self.rate(now, *device).is_some_and(|rate| rate >= threshold)
        };
        State::Ringing {
            at: self.connected(to, from).filter(rings).collect::<Vec<_>>(),
            by: (rate, threshold),
            until: now.plus(self.desk.config.ring),
            again: now,
        }
    }

    /// Takes a call up: tells the caller, and lets it ring.
    fn begin(&mut self, call: Call) {
        let (key, told) = (call.key, call.told(call.key.from));
        if let State::Ringing { at, .. } = &call.state {
            self.voice.engaged.insert(key.from, key);
            self.voice.engaged.extend(at.iter().map(|device| (*device, key)));
        }
        let now = call.due;
        self.voice.put(call);
        self.tell_device(key.from, told);
        let next = self.call_due(now, key);
        self.voice.arm(key, next);
    }

    pub(super) fn number_of(&self, device: DeviceId) -> Option<Msisdn> {
        self.accounts.number_of(device)
    }
}
