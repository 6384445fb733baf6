//! Speech: from one leg in conversation to the other, as tones go.
//!
//! Each core looks at its own device's leg only: the leg that speaks is looked at where it starts,
//! the leg that hears where it arrives. Frames are counted and never told as events.

use super::{Callee, Phase, Side};
use crate::{
    air::{CallDownlink, RadioId, SpeechFrame},
    ids::CallRef,
    message::{CallMessage, LegMessage},
    network::Core,
};

impl Core {
    /// A device speaks.
    pub(super) fn speech_from(&mut self, radio: RadioId, transaction: u8, frame: SpeechFrame) {
        let leg = self.calls.legs.get(&(radio, transaction));
        let Some(leg) = leg.filter(|leg| leg.phase == Phase::Active) else {
            return self.speech_dropped();
        };
        let (call, message) = (leg.call, LegMessage::Speech(frame));
        if let Side::Called(_) = leg.side {
            return self.port.send(call.origin, CallMessage::FromLeg { call, message });
        }
        let callee = self.calls.calls.get(&call.number).map(|found| (found.to, found.attempt));
        match callee {
            Some((Callee::Device(serving), attempt)) => {
                let call = CallRef { attempt, ..call };
                self.port.send(serving, CallMessage::ToLeg { call, message });
            }
            // They hear, and say nothing.
            Some((Callee::Outsider(_) | Callee::Announcement, _)) => self.speech_carried(),
            Some((Callee::Nobody, _)) | None => self.speech_dropped(),
        }
    }

    /// The called device's core has speech for the caller.
    pub(super) fn speech_to_caller(&mut self, call: CallRef, frame: SpeechFrame) {
        match self.calling_leg(call) {
            Some((radio, transaction)) => self.speech_to(radio, transaction, frame),
            None if self.calls.call_mut(call).is_some_and(|found| found.is_active()) => {
                // Somebody outside hears it.
                self.speech_carried();
            }
            None => self.speech_dropped(),
        }
    }

    /// A device served here hears speech, if it is in conversation.
    pub(super) fn speech_to(&mut self, radio: RadioId, transaction: u8, frame: SpeechFrame) {
        let leg = self.calls.legs.get(&(radio, transaction));
        if leg.is_some_and(|leg| leg.phase == Phase::Active) {
            self.call_to(radio, transaction, CallDownlink::Speech(frame));
            self.speech_carried();
        } else {
            self.speech_dropped();
        }
    }

    const fn speech_carried(&mut self) {
        self.counters.speech_carried += 1;
    }

    /// Speech came where nobody is in conversation: before the answer, on hold, after the end.
    pub(super) const fn speech_dropped(&mut self) {
        self.counters.speech_dropped += 1;
    }
}
