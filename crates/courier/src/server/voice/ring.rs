//! How calls ring, are answered, and end.

use alloc::vec::Vec;

use polysim_base::{Duration, Instant};
use polysim_speech::SpeechReport;

use super::super::Server;
use super::call::{Call, End, State};
use crate::wire::{CallEnd, VoiceToDevice};
use crate::{CallKey, DeviceId};

/// For how long it is known how a call has ended, for whoever was not reached.
pub(super) const REMEMBERED: Duration = Duration::from_secs(60);

impl Server {
    /// A device takes a call that rings there. One answer wins.
    pub(super) fn answer(&mut self, now: Instant, device: DeviceId, key: CallKey) {
        let Some(others) = self.voice.call_mut(key).and_then(|call| answered(call, device, now))
        else {
            return self.in_call(now, device, key);
        };
        for other in others {
            self.voice.free(other, key);
            self.tell(other, key);
        }
        self.tell(key.from, key);
        self.tell(device, key);
        let next = self.call_due(now, key);
        self.voice.arm(key, next);
    }

    /// A device asks how its call is.
    pub(super) fn in_call(&mut self, now: Instant, device: DeviceId, key: CallKey) {
        if let Some(call) = self.voice.call_mut(key) {
            if call.caller.device == device {
                call.caller.heard = now;
            } else if let Some((own, _)) = call.ends(device) {
                own.heard = now;
            }
        }
        self.tell(device, key);
    }

    /// A device ends a call, or refuses it.
    pub(super) fn hang_up(
        &mut self,
        now: Instant,
        device: DeviceId,
        key: CallKey,
        report: SpeechReport,
    ) {
        let Some(call) = self.voice.call_mut(key) else { return self.tell(device, key) };
        match &call.state {
            // It stays known: the same call may still be on its way, said again in a new session.
            State::Refused { .. } => self.tell(device, key),
            State::Ringing { at, .. } => {
                if call.caller.device == device {
                    self.over(now, key, CallEnd::HungUp);
                } else if at.contains(&device) {
                    self.over(now, key, CallEnd::Rejected);
                } else {
                    self.tell(device, key);
                }
            }
            State::Talking { .. } | State::Over { .. } => {
                self.hang_up_answered(now, device, key, report);
            }
        }
    }

    /// Each end is told how speech has fared at the other one. Whoever has hung up says so again until
    /// it is told, and with that the other one is asked again.
    fn hang_up_answered(
        &mut self,
        now: Instant,
        device: DeviceId,
        key: CallKey,
        report: SpeechReport,
    ) {
        let ends = self.voice.call_mut(key).and_then(|call| call.ends(device));
        let Some((own, other)) = ends else { return self.tell(device, key) };
        own.report.get_or_insert(report);
        let (peer, known) = (other.device, other.report.is_some());
        own.waits = !known;
        self.conclude(now, key, CallEnd::HungUp);
        if known || self.sessions.connection(peer).is_none() {
            self.tell(device, key);
        }
        if !known {
            self.tell(peer, key);
        }
    }

    /// A device says how speech has fared there. The other end is told once: its own answer to that is no
    /// reason to tell this one again, who has perhaps hung up, too.
    pub(super) fn fared(&mut self, device: DeviceId, key: CallKey, report: SpeechReport) {
        let Some(call) = self.voice.call_mut(key) else { return };
        if !matches!(call.state, State::Over { .. }) {
            return;
        }
        let Some((own, other)) = call.ends(device) else { return };
        own.report.get_or_insert(report);
        if core::mem::take(&mut other.waits) {
            let peer = other.device;
            self.tell(peer, key);
        }
    }

    /// Ends a call, and tells everybody who is in it.
    pub(super) fn over(&mut self, now: Instant, key: CallKey, why: CallEnd) {
        for device in self.conclude(now, key, why) {
            self.tell(device, key);
        }
    }

    /// Ends a call; returns who is in it.
    fn conclude(&mut self, now: Instant, key: CallKey, why: CallEnd) -> Vec<DeviceId> {
        let until = now.plus(REMEMBERED);
        let Some(call) = self.voice.call_mut(key) else { return Vec::new() };
        let mut devices = Vec::from([call.caller.device]);
        let callee = match &mut call.state {
            State::Refused { .. } | State::Over { .. } => return Vec::new(),
            State::Ringing { at, .. } => {
                devices.append(at);
                None
            }
            State::Talking { callee } => {
                devices.push(callee.device);
                Some(*callee)
            }
        };
        call.state = State::Over { callee, why, until };
        devices.iter().for_each(|device| self.voice.free(*device, key));
        self.voice.arm(key, until);
        devices
    }

    /// Does what is due in a call; returns when something is due again.
    pub(super) fn call_due(&mut self, now: Instant, key: CallKey) -> Instant {
        let (grace, retry) = (self.desk.config.call_grace, self.desk.config.retry);
        let Some(call) = self.voice.call_mut(key) else { return Instant::MAX };
        let silent = call.caller.silent_at(grace);
        match &mut call.state {
            State::Refused { until, .. } | State::Over { until, .. } if *until <= now => {
                self.voice.remove(key.from);
                Instant::MAX
            }
            State::Refused { until, .. } | State::Over { until, .. } => *until,
            State::Ringing { .. } if silent <= now => self.is_over(now, key, CallEnd::Lost),
            State::Ringing { until, .. } if *until <= now => {
                self.is_over(now, key, CallEnd::NoAnswer)
            }
            State::Ringing { at, until, again, .. } => {
                let rings = if *again <= now { at.clone() } else { Vec::new() };
                if *again <= now {
                    *again = now.plus(retry);
                }
                let next = (*again).min(*until).min(silent);
                for device in rings {
                    self.tell(device, key);
                }
                next
            }
            State::Talking { callee } => {
                let silent = silent.min(callee.silent_at(grace));
                if silent <= now { self.is_over(now, key, CallEnd::Lost) } else { silent }
            }
        }
    }

    fn is_over(&mut self, now: Instant, key: CallKey, why: CallEnd) -> Instant {
        self.over(now, key, why);
        now.plus(REMEMBERED)
    }

    /// Tells a device how that call is.
    fn tell(&mut self, device: DeviceId, key: CallKey) {
        let number = self.number_of(device);
        let concerns = |call: &&Call| call.caller.device == device || number == Some(call.to);
        let told = self.voice.call(key).filter(concerns).map(|call| call.told(device));
        let CallKey { from, call } = key;
        // A server that has restarted, or has forgotten it, has lost the call.
        let lost = VoiceToDevice::Ended { from, call, why: CallEnd::Lost, report: None };
        self.tell_device(device, told.unwrap_or(lost));
    }
}

/// Lets a device answer where the call rings there; returns where it rings no more.
fn answered(call: &mut Call, device: DeviceId, now: Instant) -> Option<Vec<DeviceId>> {
    let State::Ringing { at, .. } = &mut call.state else { return None };
    let place = at.iter().position(|it| *it == device)?;
    let mut others = core::mem::take(at);
    others.remove(place);
    call.state = State::Talking { callee: End::new(device, now) };
    Some(others)
}
