//! Speech of a call between its modem and the terminal that has it: the call that is active has
//! the voice of the modem.

use super::call::Stage;
use super::{Site, SiteOutput};
use crate::speech::{Codec, Frame, Packet, Packetizer, Playout};
use crate::wire::{CallRef, FromModem, SpeechReport};
use crate::{TerminalId, UserId};
use alloc::boxed::Box;
use alloc::vec::Vec;
use polysim_base::Instant;

/// Both directions of a call's speech, once there is any.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Legs(Option<Box<Ends>>);

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Ends {
    codec: Codec,
    from_terminal: Playout,
    to_terminal: Packetizer,
}

impl Legs {
    /// Returns how speech from the terminal fared.
    pub(super) fn report(&self) -> SpeechReport {
        self.0.as_ref().map_or_else(SpeechReport::default, |ends| ends.from_terminal.report())
    }

    fn due(&self) -> Option<Instant> {
        self.0.as_ref()?.from_terminal.deadline()
    }

    fn ends(&mut self, codec: Codec) -> &mut Ends {
        self.0.get_or_insert_with(|| {
            let (from_terminal, to_terminal) = (Playout::new(codec), Packetizer::new(codec));
            Box::new(Ends { codec, from_terminal, to_terminal })
        })
    }

    /// Takes a packet. The first one says how the terminal codes, and so how it is spoken to.
    fn push(&mut self, now: Instant, packet: Packet) {
        let codec = packet.codec;
        let fresh = self.0.as_ref().is_some_and(|ends| {
            ends.codec != codec && ends.from_terminal.report() == SpeechReport::default()
        });
        if fresh {
            self.0 = None;
        }
        self.ends(codec).from_terminal.push(now, packet);
    }
}

impl Site {
    /// A terminal speaks.
    pub(super) fn terminal_speaks(
        &mut self,
        by: (UserId, TerminalId),
        name: CallRef,
        packet: Packet,
    ) {
        let now = self.now;
        let Some(call) = self.calls.get_mut(&name) else {
            // It has not heard that the call is over.
            return self.say_over(by, name);
        };
        if call.owner == Some(by) && call.stage == Stage::Active {
            call.speech.push(now, packet);
        } else {
            self.counters.stray_speech = self.counters.stray_speech.saturating_add(1);
        }
    }

    fn say_over(&mut self, by: (UserId, TerminalId), call: CallRef) {
        self.counters.stray_speech = self.counters.stray_speech.saturating_add(1);
        if let Some(told) = self.ending_of(call, by) {
            self.emit(SiteOutput::Terminal(by.0, by.1, told));
        }
    }

    /// A modem gives what the other side says.
    pub(super) fn modem_speaks(&mut self, number: u16, frame: &Frame) {
        let active = self.calls_of(number).find(|(_, call)| call.stage == Stage::Active);
        let Some(name) = active.map(|(name, _)| *name) else { return };
        let Some(call) = self.calls.get_mut(&name) else { return };
        let Some((user, terminal)) = call.owner else { return };
        let packet = call.speech.ends(Codec::default()).to_terminal.next(frame);
        self.emit(SiteOutput::Terminal(user, terminal, FromModem::Speech(name, packet)));
    }

    pub(super) fn speech_due(&self) -> Option<Instant> {
        self.calls.values().filter_map(|call| call.speech.due()).min()
    }

    pub(super) fn speech_plays(&mut self) {
        let now = self.now;
        let mut played = Vec::new();
        for (name, call) in &mut self.calls {
            let active = call.stage == Stage::Active;
            let Some(ends) = &mut call.speech.0 else { continue };
            while ends.from_terminal.deadline().is_some_and(|due| due <= now) {
                match ends.from_terminal.play(now) {
                    Some(frame) if active => played.push((name.modem.number, frame)),
                    // What comes while the call is on hold is heard by nobody.
                    Some(_) => {}
                    None => break,
                }
            }
        }
        for (number, frame) in played {
            self.emit(SiteOutput::ModemSpeech(number, frame));
        }
    }
}
