//! Calls: how fast links are, who rings, and who speaks with whom.

mod call;
mod decide;
mod link;
mod ring;
mod talk;

#[cfg(test)]
mod tests;

use alloc::collections::{BTreeMap, BTreeSet};

use polysim_base::{Duration, Instant};

use super::{Connection, Server, ServerTimer};
use crate::wire::{VoiceFromDevice, VoiceToDevice};
use crate::{CallKey, DeviceId, Rate};
use call::Call;
use link::Link;

/// Measured rates, and calls. A device has one call at most, and calls once at a time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Voice {
    /// Of connected devices only.
    links: BTreeMap<DeviceId, Link>,
    /// By the caller's device: its last call, while it lasts and for some time after.
    calls: BTreeMap<DeviceId, Call>,
    /// Which call a device is in, or rings for.
    engaged: BTreeMap<DeviceId, CallKey>,
    /// When something is due, and in whose call.
    due: BTreeSet<(Instant, DeviceId)>,
}

impl Voice {
    /// A device is not connected any more.
    pub(super) fn gone(&mut self, device: DeviceId) {
        self.links.remove(&device);
    }

    pub(super) fn deadline(&self) -> Option<(Instant, ServerTimer)> {
        self.due.first().map(|(at, _)| (*at, ServerTimer::Call))
    }

    #[cfg(test)]
    pub(super) fn engaged(&self) -> usize {
        self.engaged.len()
    }

    #[cfg(test)]
    pub(super) fn calls(&self) -> usize {
        self.calls.len()
    }

    fn call(&self, key: CallKey) -> Option<&Call> {
        self.calls.get(&key.from).filter(|call| call.key == key)
    }

    fn call_mut(&mut self, key: CallKey) -> Option<&mut Call> {
        self.calls.get_mut(&key.from).filter(|call| call.key == key)
    }

    /// Puts a call in the place of the caller's last one.
    fn put(&mut self, call: Call) {
        self.remove(call.key.from);
        self.due.insert((call.due, call.key.from));
        self.calls.insert(call.key.from, call);
    }

    fn remove(&mut self, from: DeviceId) {
        if let Some(call) = self.calls.remove(&from) {
            self.due.remove(&(call.due, from));
        }
    }

    /// Looks at that call again at that time.
    fn arm(&mut self, key: CallKey, at: Instant) {
        if let Some(call) = self.calls.get_mut(&key.from).filter(|call| call.key == key) {
            self.due.remove(&(call.due, key.from));
            call.due = at;
            self.due.insert((at, key.from));
        }
    }

    /// Takes a device out of that call.
    fn free(&mut self, device: DeviceId, key: CallKey) {
        if self.engaged.get(&device) == Some(&key) {
            self.engaged.remove(&device);
        }
    }
}

impl Server {
    pub(super) fn voice_message(
        &mut self,
        now: Instant,
        from: Connection,
        message: VoiceFromDevice,
    ) {
        let Some(device) = self.sessions.device(from) else { return };
        match message {
            VoiceFromDevice::Call { call, to, rate, threshold } => {
                let key = CallKey { from: device, call };
                self.call(now, key, to, (rate, threshold));
            }
            VoiceFromDevice::Answer { from, call } => {
                self.answer(now, device, CallKey { from, call });
            }
            VoiceFromDevice::InCall { from, call } => {
                self.in_call(now, device, CallKey { from, call });
            }
            VoiceFromDevice::HangUp { from, call, report } => {
                self.hang_up(now, device, CallKey { from, call }, report);
            }
            VoiceFromDevice::Fared { from, call, report } => {
                self.fared(device, CallKey { from, call }, report);
            }
            VoiceFromDevice::Speech { from, call, packet } => {
                self.speech(now, device, CallKey { from, call }, packet);
            }
        }
    }

    pub(super) fn voice_timeout(&mut self, now: Instant) {
        while let Some((at, from)) = self.voice.due.first().copied() {
            if at > now {
                return;
            }
            let Some(key) = self.voice.calls.get(&from).map(|call| call.key) else {
                self.voice.due.remove(&(at, from));
                continue;
            };
            let next = self.call_due(now, key);
            // Whatever was configured, it is not due again at once.
            self.voice.arm(key, next.max(now.plus(Duration::from_micros(1))));
        }
    }

    /// Says something to a device, if it is connected.
    fn tell_device(&mut self, device: DeviceId, message: VoiceToDevice) {
        if let Some(connection) = self.sessions.connection(device) {
            self.desk.send(connection, message);
        }
    }

    /// Returns the rate of a connected device, if it is not too old.
    pub(super) fn rate(&self, now: Instant, device: DeviceId) -> Option<Rate> {
        let connection = self.sessions.connection(device)?;
        self.voice.links.get(&device)?.rate(now, connection, self.desk.config.rate_age_max)
    }
}
