//! The calls of a terminal, and their speech.

mod call;

pub(super) use call::{Call, CallState};

use super::job::At;
use super::{TerminalEvent, TerminalTimer};
use crate::SiteId;
use crate::speech::{Codec, Frame, Packet};
use crate::wire::{CallEnding, CallPhase, CallRef, RingOver, SpeechReport};
use alloc::collections::VecDeque;
use alloc::{string::String, vec::Vec};
use polysim_base::{Duration, Instant};

/// How many calls there may be; the oldest one gives way.
const CALLS_MAX: usize = 16;
/// How many calls that are over are known to be, so that what comes late does not begin them anew.
const OVER_MAX: usize = 64;
/// How long it is waited for the modem's report on speech.
const REPORT_MAX: Duration = Duration::from_secs(10);
/// For how long a call may ring: longer than networks let it.
const RING_MAX: Duration = Duration::from_secs(180);

/// All calls, in the order in which they came; one that becomes active goes to the end.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Calls {
    codec: Codec,
    calls: Vec<Call>,
    /// Those that are over here.
    over: VecDeque<CallRef>,
    /// Those that ring no more; this terminal may have answered them in a former life.
    hushed: VecDeque<CallRef>,
}

impl Calls {
    pub(super) const fn new(codec: Codec) -> Self {
        Self { codec, calls: Vec::new(), over: VecDeque::new(), hushed: VecDeque::new() }
    }

    pub(super) fn get(&self, id: CallRef) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == id)
    }

    fn get_mut(&mut self, id: CallRef) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.id == id)
    }

    /// Returns whether a call was heard of before.
    fn knows(&self, id: CallRef) -> bool {
        self.get(id).is_some() || self.over.contains(&id)
    }

    /// Returns the first call in one of some states.
    pub(super) fn first(&self, is: impl Fn(&CallState) -> bool) -> Option<&Call> {
        self.calls.iter().find(|call| is(&call.state))
    }

    /// Returns the call that is talked in.
    pub(super) fn active(&self) -> Option<&Call> {
        self.calls.iter().rev().find(|call| call.is_active())
    }

    pub(super) fn rings(
        &mut self,
        now: Instant,
        id: CallRef,
        at: At,
        from: Option<String>,
    ) -> Vec<TerminalEvent> {
        if self.knows(id) || self.hushed.contains(&id) {
            return Vec::new();
        }
        let state = CallState::Ringing { until: now.plus(RING_MAX) };
        let mut events = self.add(now, Call::new(now, id, at, from.clone(), state, self.codec));
        events.push(TerminalEvent::Rings { call: id, iccid: at.iccid, from });
        events
    }

    /// Takes news of a call of this terminal: one that it has begun to dial, or that it had before
    /// it crashed, it hears of for the first time.
    pub(super) fn news(
        &mut self,
        now: Instant,
        id: CallRef,
        at: At,
        peer: Option<String>,
        phase: CallPhase,
    ) -> Vec<TerminalEvent> {
        let mut events = Vec::new();
        if !matches!(phase, CallPhase::Ended(_)) {
            events = self.dialled(now, id, at, peer.clone(), phase);
        }
        events.extend(self.phase(now, id, peer, phase));
        events
    }

    /// Adds a call that this terminal dialled, and tells of it if that is the `news`.
    pub(super) fn dialled(
        &mut self,
        now: Instant,
        id: CallRef,
        at: At,
        peer: Option<String>,
        news: CallPhase,
    ) -> Vec<TerminalEvent> {
        if self.knows(id) {
            return Vec::new();
        }
        let state = CallState::Phase(CallPhase::Dialling);
        let call = Call::new(now, id, at, peer, state, self.codec);
        let told = call.told(CallPhase::Dialling);
        let mut events = self.add(now, call);
        events.extend((news == CallPhase::Dialling).then_some(told));
        events
    }

    fn add(&mut self, now: Instant, call: Call) -> Vec<TerminalEvent> {
        let mut events = Vec::new();
        if self.calls.len() == CALLS_MAX
            && let Some(oldest) = self.calls.first().map(|call| call.id)
        {
            events = self.end(now, oldest, CallEnding::Lost);
            self.remove(oldest);
        }
        self.calls.push(call);
        events
    }

    /// Takes note that this terminal tries to answer.
    pub(super) fn answering(&mut self, id: CallRef) {
        if let Some(call) = self.get_mut(id)
            && let CallState::Ringing { until } = call.state
        {
            call.state = CallState::Answering { until, over: None };
        }
    }

    /// The attempt to answer has failed: the call rings on, unless it is over.
    pub(super) fn not_answered(&mut self, id: CallRef) -> Option<TerminalEvent> {
        let call = self.get_mut(id)?;
        let CallState::Answering { until, over } = call.state else { return None };
        call.state = CallState::Ringing { until };
        self.ring_over(id, over?)
    }

    pub(super) fn ring_over(&mut self, id: CallRef, why: RingOver) -> Option<TerminalEvent> {
        let Some(call) = self.get_mut(id) else {
            // It may be told that it rings only now.
            remember(&mut self.hushed, id);
            return None;
        };
        match &mut call.state {
            CallState::Ringing { .. } => {
                let event = TerminalEvent::RingOver(id, call.at.iccid, why);
                self.hush(id);
                Some(event)
            }
            // The answer to the attempt says whether it was this terminal that answered.
            CallState::Answering { over, .. } => {
                *over = Some(why);
                None
            }
            CallState::Phase(_) | CallState::Ended { .. } => None,
        }
    }

    /// Takes note of a new phase of a call that is known.
    pub(super) fn phase(
        &mut self,
        now: Instant,
        id: CallRef,
        peer: Option<String>,
        phase: CallPhase,
    ) -> Vec<TerminalEvent> {
        if let CallPhase::Ended(ending) = phase {
            return self.end(now, id, ending);
        }
        let Some(at) = self.calls.iter().position(|call| call.id == id) else { return Vec::new() };
        let Some(call) = self.calls.get_mut(at) else { return Vec::new() };
        call.heard = now;
        call.peer = peer.or_else(|| call.peer.take());
        if !call.enter(phase) {
            return Vec::new();
        }
        let told = call.told(phase);
        if phase == CallPhase::Active {
            let call = self.calls.remove(at);
            self.calls.push(call);
        }
        Vec::from([told])
    }

    /// Ends a call, whatever its state.
    pub(super) fn end(
        &mut self,
        now: Instant,
        id: CallRef,
        ending: CallEnding,
    ) -> Vec<TerminalEvent> {
        let until = now.plus(REPORT_MAX);
        let Some(call) = self.get_mut(id) else {
            // It may be told how it was only now.
            remember(&mut self.over, id);
            return Vec::new();
        };
        match call.state {
            CallState::Ended { .. } => Vec::new(),
            CallState::Ringing { .. } | CallState::Answering { .. } => {
                let over = RingOver::Ended(ending);
                let event = TerminalEvent::RingOver(id, call.at.iccid, over);
                self.remove(id);
                Vec::from([event])
            }
            CallState::Phase(_) => {
                call.state = CallState::Ended { until };
                let told = call.told(CallPhase::Ended(ending));
                core::iter::once(told).chain(self.conclude(id, false)).collect()
            }
        }
    }

    /// Takes the modem's report on speech.
    pub(super) fn speech_ended(
        &mut self,
        id: CallRef,
        said: SpeechReport,
    ) -> Option<TerminalEvent> {
        self.get_mut(id)?.said = Some(said);
        self.conclude(id, false)
    }

    /// Forgets a call that has ended when nothing more is to come, or `anyway`.
    fn conclude(&mut self, id: CallRef, anyway: bool) -> Option<TerminalEvent> {
        let call = self.get(id)?;
        let ended = matches!(call.state, CallState::Ended { .. });
        if !ended || (call.has_spoken() && call.said.is_none() && !anyway) {
            return None;
        }
        let event = call.speech_report();
        self.remove(id);
        event
    }

    /// Takes speech for a call that is active or about to be.
    pub(super) fn speech(&mut self, now: Instant, id: CallRef, packet: Packet) {
        if let Some(call) = self.get_mut(id)
            && matches!(call.state, CallState::Phase(CallPhase::Active | CallPhase::Alerting))
        {
            call.heard = now;
            call.playout.push(now, packet);
        }
    }

    /// Returns the packet of a frame from the microphone, and for whom it is.
    pub(super) fn microphone(&mut self, frame: &Frame) -> Option<(SiteId, CallRef, Packet)> {
        let call = self.calls.iter_mut().rev().find(|call| call.is_active())?;
        call.spoke = true;
        Some((call.at.modem.site, call.id, call.packetizer.next(frame)))
    }

    pub(super) fn deadline(&self) -> Option<(Instant, TerminalTimer)> {
        self.calls.iter().filter_map(Call::deadline).min_by_key(|(at, _)| *at)
    }

    /// Plays what is due.
    pub(super) fn play(&mut self, now: Instant) -> Vec<Frame> {
        let mut frames = Vec::new();
        for call in &mut self.calls {
            while call.speech_due().is_some_and(|due| due <= now) {
                frames.extend(call.playout.play(now));
            }
        }
        frames
    }

    /// Gives up waiting where that is due.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<TerminalEvent> {
        let due = |call: &&Call| call.until().is_some_and(|until| until <= now);
        let ids: Vec<_> = self.calls.iter().filter(due).map(|call| call.id).collect();
        let mut events = Vec::new();
        for id in ids {
            events.extend(self.conclude(id, true));
            events.extend(self.lapse(id));
            if let Some(CallState::Ringing { .. }) = self.get(id).map(|call| call.state) {
                events.extend(self.ring_over(id, RingOver::Ended(CallEnding::NoAnswer)));
            }
        }
        events
    }

    /// Nothing was heard of a call for so long that it must be over. If it is not, it is heard of.
    fn lapse(&mut self, id: CallRef) -> Vec<TerminalEvent> {
        let Some(call) = self.get(id) else { return Vec::new() };
        if !matches!(call.state, CallState::Phase(_)) {
            return Vec::new();
        }
        let told = call.told(CallPhase::Ended(CallEnding::Lost));
        let events = core::iter::once(told).chain(call.speech_report()).collect();
        self.hush(id);
        events
    }

    /// Forgets a call that does not ring any more, but may be heard of.
    fn hush(&mut self, id: CallRef) {
        self.calls.retain(|call| call.id != id);
        remember(&mut self.hushed, id);
    }

    fn remove(&mut self, id: CallRef) {
        self.calls.retain(|call| call.id != id);
        remember(&mut self.over, id);
    }
}

fn remember(known: &mut VecDeque<CallRef>, id: CallRef) {
    if !known.contains(&id) {
        if known.len() == OVER_MAX {
            known.pop_front();
        }
        known.push_back(id);
    }
}
