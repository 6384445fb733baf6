//! Calls: over data where both links are fast enough, else the carrier is offered.

mod call;
mod dial;
mod heard;

#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};
use polysim_speech::{Frame, SpeechReport};

use super::{CallEvent, CallId, Client, ClientEvent, ClientOutput, ClientRecord, ClientTimer, Why};
use crate::wire::{CallEnd, VoiceFromDevice};
use crate::{CallKey, CallNumber};
use call::{Call, State};
use polysim_base::Out;

/// How many calls that are over are known to be, so that what comes late does not begin them anew.
const PAST_MAX: usize = 8;
/// How many offers wait for an answer; the oldest one gives way.
const OFFERS_MAX: usize = 8;

/// The calls of this device: one at most that is not hanging up.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Voice {
    /// The last number of a call.
    last: u32,
    calls: Vec<Call>,
    /// Whom to call by the carrier, if the user wants to.
    offers: VecDeque<(CallId, Msisdn)>,
    /// Calls that are over, and how speech has fared in those that were answered.
    past: VecDeque<(CallKey, Option<SpeechReport>)>,
}

impl Voice {
    pub(super) fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        self.calls.iter().map(Call::deadline).min_by_key(|(at, _)| *at)
    }

    pub(super) fn restore(&mut self, call: CallNumber) {
        self.last = self.last.max(call.0);
    }

    /// Returns what a checkpoint keeps: calls do not survive it.
    pub(super) fn checkpoint(&self) -> Option<ClientRecord> {
        (self.last > 0).then_some(ClientRecord::Called(CallNumber(self.last)))
    }

    fn new_id(&mut self) -> CallId {
        self.last = self.last.wrapping_add(1);
        CallId(self.last)
    }

    pub(super) fn ids(&self) -> Vec<CallId> {
        self.calls.iter().map(|call| call.id).collect()
    }

    /// Returns the call that is not about to be over.
    fn current(&mut self) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| !matches!(call.state, State::HangingUp { .. }))
    }

    fn find(&mut self, key: CallKey) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.key == Some(key))
    }

    fn by_id(&mut self, id: CallId) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    fn remove(&mut self, id: CallId) -> Option<Call> {
        let place = self.calls.iter().position(|call| call.id == id)?;
        Some(self.calls.remove(place))
    }

    fn remember(&mut self, key: CallKey, report: Option<SpeechReport>) {
        if self.past.len() == PAST_MAX {
            self.past.pop_front();
        }
        self.past.push_back((key, report));
    }
}

impl Client {
    /// The user takes a call that rings here.
    pub(super) fn answer(&mut self, now: Instant, id: CallId) {
        if self.voice.by_id(id).is_some_and(Call::answer) {
            self.say_call_again(now, id);
        }
    }

    pub(super) fn microphone(&mut self, frame: &Frame) {
        if !self.desk.linked {
            return;
        }
        let Some(call) = self.voice.current() else { return };
        if let (Some(CallKey { from, call: number }), State::Talking(talk)) =
            (call.key, &mut call.state)
        {
            let packet = talk.packetizer.next(frame);
            self.desk.send(VoiceFromDevice::Speech { from, call: number, packet });
        }
    }

    /// There is a link again, or none: what was not answered is said in the new session at once.
    pub(super) fn voice_link(&mut self, now: Instant) {
        if self.desk.linked {
            self.voice.calls.iter_mut().for_each(|call| call.again = now);
            self.voice_timeout(now);
        }
    }

    pub(super) fn voice_timeout(&mut self, now: Instant) {
        for id in self.voice.ids() {
            self.play(now, id);
            self.call_due(now, id);
        }
    }

    /// Plays what is due.
    fn play(&mut self, now: Instant, id: CallId) {
        let Some(Call { state: State::Talking(talk), .. }) = self.voice.by_id(id) else { return };
        let Some(playout) = &mut talk.playout else { return };
        while let Some(frame) = playout.play(now) {
            self.desk.out.push(Out::Do(ClientOutput::Play(frame)));
        }
    }

    fn call_due(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.voice.by_id(id) else { return };
        if let State::Measuring { until } = call.state {
            if until <= now {
                self.not_over_data(id, Why::Unmeasured);
            }
            return;
        }
        if call.lost_at <= now {
            self.lost(id);
        } else if call.again <= now {
            self.say_call_again(now, id);
        }
    }

    /// Says what this end wants of a call, or that it is in it.
    fn say_call_again(&mut self, now: Instant, id: CallId) {
        let config = &self.desk.config;
        let Some(call) = self.voice.by_id(id) else { return };
        call.again = now.plus(config.retry);
        let said = call.says(config.threshold);
        if self.desk.linked
            && let Some(said) = said
        {
            self.desk.send(said);
        }
    }

    /// Nothing was heard of a call for too long.
    fn lost(&mut self, id: CallId) {
        let Some(call) = self.voice.by_id(id) else { return };
        match call.state {
            State::Measuring { .. } | State::Calling { .. } => self.not_over_data(id, Why::NoData),
            State::HangingUp { .. } => self.end(id, CallEnd::HungUp, None),
            State::Ringing | State::Incoming | State::Answering | State::Talking(_) => {
                self.end(id, CallEnd::Lost, None);
            }
        }
    }

    /// A call is over: tells it, and offers the carrier to the caller of one that was lost.
    fn end(&mut self, id: CallId, why: CallEnd, said: Option<SpeechReport>) {
        let Some(call) = self.voice.remove(id) else { return };
        let report = call.report();
        if let Some(key) = call.key {
            self.voice.remember(key, report);
        }
        let heard = report.unwrap_or_default();
        self.tell_call(id, CallEvent::Ended { why, heard, said });
        if why == CallEnd::Lost && call.dialled && !matches!(call.state, State::HangingUp { .. }) {
            self.offer_call(id, call.peer, Why::Lost);
        }
    }

    fn tell_call(&mut self, call: CallId, event: CallEvent) {
        self.desk.tell(ClientEvent::Call { call, event });
    }
}
