//! Its calls: one at a time.

use super::{Air, CALL, Call, Modem, Says, Task};
use polysim_at::{CallDirection, CallState, Text};
use polysim_base::{Duration, Instant};
use polysim_modem::{CallEnd, CallInfo, ModemError, ModemEvent, Reply};

impl Modem {
    fn told_call(&self) -> Option<CallInfo> {
        let call = self.call.as_ref()?;
        let number = Text::new(&call.number).ok();
        Some(CallInfo { call: CALL, direction: call.direction, state: call.state, number })
    }

    pub(super) fn tell_call(&mut self) {
        if let Some(info) = self.told_call() {
            let incoming = info.state == CallState::Incoming;
            let wrap = if incoming { ModemEvent::Incoming } else { ModemEvent::CallState };
            self.event(wrap(Box::new(info)));
        }
    }

    /// Somebody calls; returns whether it rings.
    pub(crate) fn rings(&mut self, now: Instant, number: String) -> bool {
        if self.call.is_some() || self.hung || self.registered.is_none() {
            return false;
        }
        let (state, direction) = (CallState::Incoming, CallDirection::Terminated);
        self.call = Some(Call { state, direction, number, since: now });
        self.tell_call();
        true
    }

    /// The other side gives up or hangs up.
    pub(crate) fn released(&mut self) {
        self.end_call(CallEnd::Released);
    }

    pub(super) fn end_call(&mut self, cause: CallEnd) {
        self.tasks.retain(|(_, task)| !matches!(task, Task::Peer(_) | Task::PeerGone(_)));
        if self.call.take().is_some() {
            self.event(ModemEvent::CallEnded { call: CALL, cause });
        }
    }

    /// By its last digit the callee is busy, talks for a while, or until we hang up.
    pub(super) fn dial(&mut self, now: Instant, id: u64, number: &str) {
        let (Some(imsi), None) = (self.registered, &self.call) else {
            return self.done(id, Err(ModemError::Refused));
        };
        let number = number.to_string();
        self.out.push(Says::Air(Air::Dial { imsi, number: number.clone() }));
        let later = |millis| now.plus(Duration::from_millis(millis));
        match number.bytes().last() {
            Some(b'0' | b'5') => self.tasks.push((later(900), Task::PeerGone(CallEnd::Busy))),
            Some(b'1' | b'6') => {
                self.tasks.push((later(2_000), Task::Peer(CallState::Active)));
                self.tasks.push((later(9_000), Task::PeerGone(CallEnd::Released)));
            }
            _ => self.tasks.push((later(1_500), Task::Peer(CallState::Active))),
        }
        let (state, direction) = (CallState::Dialing, CallDirection::Originated);
        self.call = Some(Call { state, direction, number, since: now });
        self.tell_call();
        self.done(id, Ok(Reply::Dialled(CALL)));
    }

    pub(super) fn answer(&mut self, now: Instant, id: u64) {
        match &mut self.call {
            Some(call) if call.state == CallState::Incoming => {
                (call.state, call.since) = (CallState::Active, now);
                self.tell_call();
                self.done(id, Ok(Reply::Done));
            }
            Some(_) | None => self.done(id, Err(ModemError::NoSuchCall)),
        }
    }

    pub(super) fn swap(&mut self, id: u64) {
        let state = match self.call.as_ref().map(|call| call.state) {
            Some(CallState::Active) => CallState::Held,
            Some(CallState::Held) => CallState::Active,
            Some(_) | None => return self.done(id, Err(ModemError::NoSuchCall)),
        };
        if let Some(call) = &mut self.call {
            call.state = state;
        }
        self.tell_call();
        self.done(id, Ok(Reply::Done));
    }
}
