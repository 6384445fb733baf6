//! A call of this device.

use alloc::boxed::Box;

use polysim_base::{Instant, Msisdn};
use polysim_speech::{Codec, Packet, Packetizer, Playout, SpeechReport};

use super::super::{CallId, ClientTimer};
use crate::wire::VoiceFromDevice;
use crate::{CallKey, Rate};

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Call {
    pub(super) id: CallId,
    pub(super) peer: Msisdn,
    /// By this device.
    pub(super) dialled: bool,
    /// What the server calls it, once it is told.
    pub(super) key: Option<CallKey>,
    pub(super) state: State,
    /// When it is lost, unless the server says something of it.
    pub(super) lost_at: Instant,
    /// When this end says something again.
    pub(super) again: Instant,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// It waits until the link is measured.
    Measuring { until: Instant },
    /// The server is to decide, by this rate.
    Calling { rate: Rate },
    /// It rings there.
    Ringing,
    /// It rings here.
    Incoming,
    /// The user has answered.
    Answering,
    /// Speech may flow.
    Talking(Box<Talk>),
    /// The user has hung up; how speech has fared here, where it has flowed.
    HangingUp { report: Option<SpeechReport> },
}

/// Speech, both ways.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Talk {
    pub(super) packetizer: Packetizer,
    /// The other end chooses how it speaks: there is none before its first packet.
    pub(super) playout: Option<Playout>,
}

impl Talk {
    pub(super) fn new(codec: Codec) -> Box<Self> {
        Box::new(Self { packetizer: Packetizer::new(codec), playout: None })
    }

    pub(super) fn push(&mut self, now: Instant, packet: Packet) {
        self.playout.get_or_insert_with(|| Playout::new(packet.codec)).push(now, packet);
    }
}

impl Call {
    pub(super) fn deadline(&self) -> (Instant, ClientTimer) {
        let said = match &self.state {
            State::Measuring { until } => return (*until, ClientTimer::Measure),
            State::Talking(talk) => talk.playout.as_ref().and_then(Playout::deadline),
            State::Calling { .. }
            | State::Ringing
            | State::Incoming
            | State::Answering
            | State::HangingUp { .. } => None,
        };
        let retry = self.again.min(self.lost_at);
        match said {
            Some(at) if at <= retry => (at, ClientTimer::Playout),
            Some(_) | None => (retry, ClientTimer::Retry),
        }
    }

    /// Lets the user answer; returns whether it rings here.
    pub(super) fn answer(&mut self) -> bool {
        let rings = matches!(self.state, State::Incoming);
        if rings {
            self.state = State::Answering;
        }
        rings
    }

    /// Lets speech flow; returns whether it did not flow before.
    pub(super) fn talk(&mut self, codec: Codec) -> bool {
        match self.state {
            State::Calling { .. } | State::Ringing | State::Answering => {
                self.state = State::Talking(Talk::new(codec));
                true
            }
            State::Measuring { .. }
            | State::Incoming
            | State::Talking(_)
            | State::HangingUp { .. } => false,
        }
    }

    /// Returns how speech has fared here, where it has flowed.
    pub(super) fn report(&self) -> Option<SpeechReport> {
        match &self.state {
            State::Talking(talk) => {
                Some(talk.playout.as_ref().map(Playout::report).unwrap_or_default())
            }
            State::HangingUp { report } => *report,
            State::Measuring { .. }
            | State::Calling { .. }
            | State::Ringing
            | State::Incoming
            | State::Answering => None,
        }
    }

    /// Returns what this end says until it is answered, or while the call lasts.
    pub(super) fn says(&self, threshold: Rate) -> Option<VoiceFromDevice> {
        let CallKey { from, call } = self.key?;
        match &self.state {
            State::Measuring { .. } => None,
            State::Calling { rate } => {
                Some(VoiceFromDevice::Call { call, to: self.peer, rate: *rate, threshold })
            }
            State::Ringing | State::Incoming | State::Talking(_) => {
                Some(VoiceFromDevice::InCall { from, call })
            }
            State::Answering => Some(VoiceFromDevice::Answer { from, call }),
            State::HangingUp { report } => {
                Some(VoiceFromDevice::HangUp { from, call, report: report.unwrap_or_default() })
            }
        }
    }
}
