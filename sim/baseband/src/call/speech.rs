//! Speech between the host's PCM port and the call in conversation.

use crate::core::Core;
use crate::effects::Effects;
use crate::model::SpeechPort;
use crate::{BasebandOutput, call::Call};
use polysim_at::CallState;
use polysim_base::{Duration, Instant};
use polysim_radio::air::{CallUplink, SpeechFrame};

/// How far the speech that a host gives may run ahead of real time, this frame included. What goes
/// beyond is dropped, as a modem drops what its buffer does not hold.
const AHEAD_MAX: Duration = Duration::from_millis(200);

/// The PCM port.
#[derive(Debug, Default)]
pub(crate) struct Speech {
    /// Switched on by the host, where the model lets it (`+QPCMV`, `+CPCMREG`).
    pub(crate) on: bool,
    /// `+CMUT`: nothing is said.
    pub(crate) muted: bool,
    /// Until when the frames given so far last.
    said_until: Instant,
}

impl Speech {
    pub(crate) const fn is_idle(&self) -> bool {
        !self.on && !self.muted
    }

    /// Counts a frame in; returns whether there is room for it.
    fn admits(&mut self, now: Instant) -> bool {
        let until = self.said_until.max(now).plus(SpeechFrame::DURATION);
        let admitted = until <= now.plus(AHEAD_MAX);
        if admitted {
            self.said_until = until;
        }
        admitted
    }
}

impl Core {
    /// The host speaks. What nobody can hear is dropped.
    pub(crate) fn speech_from_host(&mut self, fx: &mut Effects, frame: SpeechFrame) {
        let Some(transaction) = self.speaking().map(|call| call.transaction) else {
            return;
        };
        let speech = &mut self.rare().speech;
        if speech.admits(fx.now) && !speech.muted {
            Self::say(fx, transaction, CallUplink::Speech(frame));
        }
    }

    /// The other side of a call speaks.
    pub(crate) fn speech_from_network(
        &self,
        fx: &mut Effects,
        transaction: u8,
        frame: SpeechFrame,
    ) {
        if self.speaking().is_some_and(|call| call.transaction == transaction) {
            fx.out.push(BasebandOutput::Speech(frame));
        }
    }

    /// The call whose speech goes through the PCM port. While one is being put on hold for
    /// another, it is the newer one.
    fn speaking(&self) -> Option<&Call> {
        let rare = self.rare.as_ref()?;
        let on = match self.model.speech_port {
            SpeechPort::Always => true,
            SpeechPort::Quectel | SpeechPort::Simcom => rare.speech.on,
            SpeechPort::Absent => false,
        };
        rare.calls.in_state(CallState::Active).last().filter(|_| on)
    }
}
