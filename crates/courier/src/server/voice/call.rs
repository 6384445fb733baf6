//! A call at the server.

use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Msisdn};
use polysim_speech::SpeechReport;

use crate::rate::Bucket;
use crate::wire::{CallEnd, VoiceRefusal, VoiceToDevice};
use crate::{CallKey, DeviceId, Rate};

/// A call, from the decision until nobody asks for it any more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Call {
    pub(super) key: CallKey,
    /// The caller's number.
    pub(super) number: Msisdn,
    /// The callee's.
    pub(super) to: Msisdn,
    pub(super) caller: End,
    pub(super) state: State,
    /// When it is looked at again.
    pub(super) due: Instant,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// It does not go over data.
    Refused {
        why: VoiceRefusal,
        until: Instant,
    },
    Ringing {
        /// Where.
        at: Vec<DeviceId>,
        /// The rate that has decided, and the threshold.
        by: (Rate, Rate),
        until: Instant,
        /// When the devices are told again.
        again: Instant,
    },
    Talking {
        callee: End,
    },
    Over {
        /// Who has answered, if anybody had.
        callee: Option<End>,
        why: CallEnd,
        until: Instant,
    },
}

/// A device that speaks, or is to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct End {
    pub(super) device: DeviceId,
    /// When it was last heard of.
    pub(super) heard: Instant,
    /// How speech has fared there.
    pub(super) report: Option<SpeechReport>,
    /// It has hung up, and wants to be told how speech has fared at the other end.
    pub(super) waits: bool,
    /// What it may say.
    pub(super) speech: Bucket,
}

impl End {
    pub(super) const fn new(device: DeviceId, now: Instant) -> Self {
        Self { device, heard: now, report: None, waits: false, speech: Bucket::FULL }
    }

    pub(super) fn silent_at(&self, grace: Duration) -> Instant {
        self.heard.plus(grace)
    }
}

impl Call {
    /// Returns the end of that device, and the other one, once the call is answered.
    pub(super) fn ends(&mut self, device: DeviceId) -> Option<(&mut End, &mut End)> {
        let (State::Talking { callee } | State::Over { callee: Some(callee), .. }) =
            &mut self.state
        else {
            return None;
        };
        if self.caller.device == device {
            Some((&mut self.caller, callee))
        } else if callee.device == device {
            Some((callee, &mut self.caller))
        } else {
            None
        }
    }

    /// Returns how it is, for that device.
    pub(super) fn told(&self, device: DeviceId) -> VoiceToDevice {
        let CallKey { from, call } = self.key;
        let calls = self.caller.device == device;
        match &self.state {
            State::Refused { why, .. } if calls => VoiceToDevice::NoVoice { call, why: *why },
            State::Refused { .. } => self.ended(CallEnd::Lost, None),
            State::Ringing { by: (rate, threshold), .. } if calls => {
                VoiceToDevice::Ringing { call, rate: *rate, threshold: *threshold }
            }
            State::Ringing { at, .. } if at.contains(&device) => {
                VoiceToDevice::Incoming { from, call, number: self.number }
            }
            State::Ringing { .. } => self.ended(CallEnd::Lost, None),
            State::Talking { callee } if calls || callee.device == device => {
                VoiceToDevice::Answered { from, call }
            }
            State::Talking { .. } => self.ended(CallEnd::Elsewhere, None),
            State::Over { callee: Some(callee), why, .. } if calls => {
                self.ended(*why, callee.report)
            }
            State::Over { callee: Some(callee), why, .. } if callee.device == device => {
                self.ended(*why, self.caller.report)
            }
            State::Over { callee: None, why, .. } => self.ended(*why, None),
            State::Over { .. } => self.ended(CallEnd::Elsewhere, None),
        }
    }

    const fn ended(&self, why: CallEnd, report: Option<SpeechReport>) -> VoiceToDevice {
        let CallKey { from, call } = self.key;
        VoiceToDevice::Ended { from, call, why, report }
    }
}
