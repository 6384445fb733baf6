use crate::speech::{Codec, Packetizer, Playout};
use crate::terminal::job::At;
use crate::terminal::{TerminalEvent, TerminalTimer};
use crate::wire::{CallPhase, CallRef, RingOver, SpeechReport};
use alloc::string::String;
use polysim_base::{Duration, Instant};

/// For how long nothing may be heard of a call; its site says every few seconds how it is.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// One call.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(in crate::terminal) struct Call {
    pub(in crate::terminal) id: CallRef,
    pub(in crate::terminal) at: At,
    pub(super) peer: Option<String>,
    pub(in crate::terminal) state: CallState,
    pub(super) packetizer: Packetizer,
    pub(super) playout: Playout,
    /// Whether anything came from the microphone.
    pub(super) spoke: bool,
    pub(super) said: Option<SpeechReport>,
    /// When anything was heard of it last.
    pub(super) heard: Instant,
}

/// How a call is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(in crate::terminal) enum CallState {
    /// It rings.
    Ringing { until: Instant },
    /// This terminal tries to answer; it may have been told meanwhile that it rings no more.
    Answering { until: Instant, over: Option<RingOver> },
    /// It is a call of this terminal.
    Phase(CallPhase),
    /// The modem's report on speech is awaited.
    Ended { until: Instant },
}

impl Call {
    pub(super) fn new(
        now: Instant,
        id: CallRef,
        at: At,
        peer: Option<String>,
        state: CallState,
        codec: Codec,
    ) -> Self {
        Self {
            id,
            at,
            peer,
            state,
            packetizer: Packetizer::begun_at(codec, now),
            playout: Playout::new(codec),
            spoke: false,
            said: None,
            heard: now,
        }
    }

    /// Enters a phase, unless it is older than the one it is in: phases may overtake each other.
    pub(super) fn enter(&mut self, phase: CallPhase) -> bool {
        let progress = |phase| match phase {
            CallPhase::Dialling => 0,
            CallPhase::Alerting => 1,
            CallPhase::Active | CallPhase::Held => 2,
            CallPhase::Ended(_) => 3,
        };
        let news = match self.state {
            CallState::Ringing { .. } | CallState::Answering { .. } => progress(phase) >= 2,
            CallState::Phase(before) => before != phase && progress(phase) >= progress(before),
            CallState::Ended { .. } => false,
        };
        if news {
            self.state = CallState::Phase(phase);
        }
        news
    }

    pub(super) fn told(&self, phase: CallPhase) -> TerminalEvent {
        let (iccid, peer) = (self.at.iccid, self.peer.clone());
        TerminalEvent::Call { call: self.id, iccid, peer, phase }
    }

    pub(super) const fn is_active(&self) -> bool {
        matches!(self.state, CallState::Phase(CallPhase::Active))
    }

    pub(super) fn has_spoken(&self) -> bool {
        self.spoke || self.said.is_some() || self.playout.report() != SpeechReport::default()
    }

    /// Returns how speech fared, if there was any.
    pub(super) fn speech_report(&self) -> Option<TerminalEvent> {
        let (heard, said) = (self.playout.report(), self.said.unwrap_or_default());
        self.has_spoken().then_some(TerminalEvent::Speech { call: self.id, heard, said })
    }

    /// Returns when the next frame is to be played.
    pub(super) const fn speech_due(&self) -> Option<Instant> {
        match self.state {
            CallState::Phase(_) => self.playout.deadline(),
            CallState::Ringing { .. } | CallState::Answering { .. } | CallState::Ended { .. } => {
                None
            }
        }
    }

    /// Returns when nothing more is waited for.
    pub(super) fn until(&self) -> Option<Instant> {
        match self.state {
            CallState::Ringing { until } | CallState::Ended { until } => Some(until),
            CallState::Phase(_) => Some(self.heard.plus(SILENCE_MAX)),
            // The attempt has its own deadline.
            CallState::Answering { .. } => None,
        }
    }

    pub(super) fn deadline(&self) -> Option<(Instant, TerminalTimer)> {
        let play = self.speech_due().map(|due| (due, TerminalTimer::Play));
        let until = self.until().map(|until| (until, TerminalTimer::Call));
        play.into_iter().chain(until).min_by_key(|(at, _)| *at)
    }
}
