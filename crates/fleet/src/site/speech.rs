//! Speech of a call between its modem and the terminal that has it.

use super::Site;
use crate::speech::{Frame, Packet};
use crate::wire::{CallRef, SpeechReport};
use crate::{TerminalId, UserId};
use polysim_base::Instant;

/// Both directions of a call's speech.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Legs {
    report: SpeechReport,
}

impl Legs {
    pub(super) const fn report(&self) -> SpeechReport {
        self.report
    }
}

impl Site {
    /// A terminal speaks.
    pub(super) fn terminal_speaks(
        &mut self,
        _by: (UserId, TerminalId),
        _call: CallRef,
        _packet: Packet,
    ) {
    }

    /// A modem gives what the other side says.
    pub(super) fn modem_speaks(&mut self, _number: u16, _frame: &Frame) {}

    pub(super) fn speech_due(&self) -> Option<Instant> {
        None
    }

    pub(super) fn speech_plays(&mut self) {}
}
