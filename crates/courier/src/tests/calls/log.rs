//! What must hold of all that server and devices say.

use std::collections::BTreeMap;

use crate::client::{CallEvent, CallId, ClientEvent, Offer, Why};
use crate::server::VoiceDecision;
use crate::wire::{CallEnd, ToDevice, VoiceToDevice};
use crate::{CallKey, DeviceId};

/// What the server has decided and said, in its present life.
#[derive(Default)]
pub(super) struct ServerLog {
    decisions: BTreeMap<CallKey, VoiceDecision>,
    answered: BTreeMap<CallKey, DeviceId>,
    /// Calls that went over data, in all lives.
    pub(super) over_data: usize,
}

impl ServerLog {
    pub(super) fn restarts(&mut self) {
        self.decisions.clear();
        self.answered.clear();
    }

    pub(super) fn decided(&mut self, decision: VoiceDecision) {
        let key = CallKey { from: decision.from, call: decision.call };
        let callee = decision.callee.and_then(|(_, rate)| rate);
        let reaches = decision.caller.0 >= decision.caller.1
            && callee.is_some_and(|rate| rate >= decision.threshold);
        assert!(reaches || !decision.over_data, "{decision:?}");
        assert!(self.decisions.insert(key, decision).is_none(), "{key:?} is decided once");
        self.over_data += usize::from(decision.over_data);
    }

    /// Looks at what is said to a device.
    pub(super) fn says(&mut self, to: DeviceId, message: &ToDevice) {
        if let ToDevice::Voice(VoiceToDevice::Ringing { call, .. }) = message {
            self.is_over_data(CallKey { from: to, call: *call });
        }
        if let ToDevice::Voice(VoiceToDevice::Incoming { from, call, .. })
        | ToDevice::Voice(VoiceToDevice::Answered { from, call })
        | ToDevice::Voice(VoiceToDevice::Speech { from, call, .. }) = message
        {
            let key = CallKey { from: *from, call: *call };
            self.is_over_data(key);
            if matches!(message, ToDevice::Voice(VoiceToDevice::Answered { .. })) && to != *from {
                let first = *self.answered.entry(key).or_insert(to);
                assert_eq!(first, to, "two devices have answered {key:?}");
            }
            if matches!(message, ToDevice::Voice(VoiceToDevice::Speech { .. })) {
                let ends = [Some(from), self.answered.get(&key)];
                assert!(ends.contains(&Some(&to)), "{to:?} hears speech of {key:?}");
            }
        }
    }

    fn is_over_data(&self, key: CallKey) {
        let decision = self.decisions.get(&key);
        assert!(decision.is_some_and(|it| it.over_data), "{key:?} by {decision:?}");
    }
}

/// A call, as its user has seen it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) ringing: bool,
    pub(super) answered: bool,
    pub(super) ended: Option<CallEnd>,
    pub(super) offered: Option<Why>,
    pub(super) carrier: bool,
}

impl Seen {
    /// In exactly one way.
    fn is_over(&self) -> bool {
        self.ended.is_some() || self.offered.is_some() || self.carrier
    }
}

/// What a device has told its user, in its present life.
#[derive(Default)]
pub(super) struct ClientLog {
    pub(super) calls: BTreeMap<CallId, Seen>,
    /// Calls that were answered here, in all lives.
    pub(super) answered: usize,
}

impl ClientLog {
    pub(super) fn tells(&mut self, event: &ClientEvent) {
        if let ClientEvent::Call { call, event } = event {
            let seen = self.calls.entry(*call).or_default();
            assert!(!seen.is_over(), "{call:?} {seen:?}, and then {event:?}");
            match event {
                CallEvent::Ringing | CallEvent::Incoming(_) => {
                    assert!(!seen.ringing && !seen.answered, "{call:?}: {seen:?}");
                    seen.ringing = true;
                }
                CallEvent::Answered => {
                    assert!(!seen.answered, "{call:?} is answered twice");
                    seen.answered = true;
                    self.answered += 1;
                }
                CallEvent::Ended { why, .. } => seen.ended = Some(*why),
            }
        }
        if let ClientEvent::Offered { offer: Offer::Call(call), why } = event {
            let seen = self.calls.entry(*call).or_default();
            assert!(seen.offered.is_none() && !seen.carrier, "{call:?} is offered twice");
            let lost = (*why == Why::Lost).then_some(CallEnd::Lost);
            assert_eq!(seen.ended, lost, "{call:?} is offered: {why:?}");
            seen.offered = Some(*why);
        }
    }

    pub(super) fn carrier(&mut self, call: CallId) {
        let seen = self.calls.entry(call).or_default();
        assert!(!seen.carrier, "{call:?} goes to the carrier twice");
        assert!(seen.offered.is_some(), "{call:?} goes to the carrier unasked");
        seen.carrier = true;
    }

    pub(super) fn plays(&self) {
        let talks = |seen: &Seen| seen.answered && !seen.is_over();
        assert!(self.calls.values().any(talks), "speech is heard outside of a call");
    }

    pub(super) fn all_over(&self) {
        for (call, seen) in &self.calls {
            assert!(seen.is_over(), "{call:?} never ends: {seen:?}");
        }
    }
}
