//! What the server says of calls.

use polysim_base::{Instant, Msisdn};
use polysim_speech::{Packet, SpeechReport};

use super::super::{CallEvent, Client, Why};
use super::call::{Call, State};
use crate::wire::{CallEnd, VoiceFromDevice, VoiceToDevice};
use crate::{CallKey, CallNumber};

impl Client {
    pub(in super::super) fn voice_message(&mut self, now: Instant, message: VoiceToDevice) {
        match message {
            VoiceToDevice::Ringing { call, .. } => self.rings_there(now, call),
            VoiceToDevice::NoVoice { call, why } => self.no_voice(call, Why::Voice(why)),
            VoiceToDevice::Incoming { from, call, number } => {
                self.rings_here(now, CallKey { from, call }, number);
            }
            VoiceToDevice::Answered { from, call } => self.answered(now, CallKey { from, call }),
            VoiceToDevice::Ended { from, call, why, report } => {
                self.ended(CallKey { from, call }, why, report);
            }
            VoiceToDevice::Speech { from, call, packet } => {
                self.spoken(now, CallKey { from, call }, packet);
            }
        }
    }

    fn own_key(&self, call: CallNumber) -> Option<CallKey> {
        Some(CallKey { from: self.account.identity()?.0, call })
    }

    fn rings_there(&mut self, now: Instant, call: CallNumber) {
        let Some(key) = self.own_key(call) else { return };
        let Some(call) = self.heard_of(now, key) else { return self.not_here(key) };
        if matches!(call.state, State::Calling { .. }) {
            call.state = State::Ringing;
            let id = call.id;
            self.tell_call(id, CallEvent::Ringing);
        }
    }

    fn no_voice(&mut self, call: CallNumber, why: Why) {
        let Some(key) = self.own_key(call) else { return };
        let Some(call) = self.voice.find(key) else { return };
        let id = call.id;
        match call.state {
            State::Calling { .. } => self.not_over_data(id, why),
            // The user was faster.
            State::HangingUp { .. } => self.end(id, CallEnd::HungUp, None),
            State::Measuring { .. }
            | State::Ringing
            | State::Incoming
            | State::Answering
            | State::Talking(_) => {}
        }
    }

    fn rings_here(&mut self, now: Instant, key: CallKey, number: Msisdn) {
        if self.heard_of(now, key).is_some() {
            return;
        }
        if self.voice.past.iter().any(|(past, _)| *past == key) {
            return self.not_here(key);
        }
        if self.voice.current().is_some() {
            // It rings on, and is heard of again when that call is over.
            return;
        }
        let id = self.voice.new_id();
        self.voice.calls.push(Call {
            id,
            peer: number,
            dialled: false,
            key: Some(key),
            state: State::Incoming,
            lost_at: now.plus(self.desk.config.call_grace),
            again: now.plus(self.desk.config.retry),
        });
        self.tell_call(id, CallEvent::Incoming(number));
    }

    fn answered(&mut self, now: Instant, key: CallKey) {
        let codec = self.desk.config.codec;
        let Some(call) = self.heard_of(now, key) else { return self.not_here(key) };
        let id = call.id;
        if call.talk(codec) {
            self.tell_call(id, CallEvent::Answered);
        }
    }

    fn ended(&mut self, key: CallKey, why: CallEnd, said: Option<SpeechReport>) {
        let Some(call) = self.voice.find(key) else { return self.fared(key) };
        let id = call.id;
        self.end(id, why, said);
        self.fared(key);
    }

    /// Says how speech has fared here in a call that is over.
    fn fared(&mut self, key: CallKey) {
        let past = self.voice.past.iter().find(|(past, _)| *past == key);
        if let Some((CallKey { from, call }, Some(report))) = past.copied()
            && self.desk.linked
        {
            self.desk.send(VoiceFromDevice::Fared { from, call, report });
        }
    }

    /// Speech comes in answered calls only, so it says as much.
    fn spoken(&mut self, now: Instant, key: CallKey, packet: Packet) {
        if self.voice.past.iter().any(|(past, _)| *past == key) {
            return;
        }
        self.answered(now, key);
        if let Some(Call { state: State::Talking(talk), .. }) = self.voice.find(key) {
            talk.push(now, packet);
        }
    }

    /// Returns a call of which the server has said something. One that is being hung up waits for
    /// nothing but its end.
    fn heard_of(&mut self, now: Instant, key: CallKey) -> Option<&mut Call> {
        let lost_at = now.plus(self.desk.config.call_grace);
        let call = self.voice.find(key)?;
        if !matches!(call.state, State::HangingUp { .. }) {
            call.lost_at = lost_at;
        }
        Some(call)
    }

    /// The server takes this device to be in a call in which it is no more, or was in another life.
    fn not_here(&mut self, key: CallKey) {
        let report = self.voice.past.iter().find(|(past, _)| *past == key);
        let report = report.and_then(|(_, report)| *report).unwrap_or_default();
        let CallKey { from, call } = key;
        self.desk.send(VoiceFromDevice::HangUp { from, call, report });
    }
}
