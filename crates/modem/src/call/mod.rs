//! Calls: what the modem tells of them, and the list that says what is so.

mod job;

use alloc::{boxed::Box, vec::Vec};

use polysim_at::{CallDirection, CallState, ClccInfo, FinalResult, Line, Text};
use polysim_base::{Duration, Instant};

pub(crate) use job::{CallJob, CallOrder};

use crate::{
    CallEnd, CallId, CallInfo, ModemEvent, Timer,
    engine::Engine,
    link::{Answer, later},
};

/// The most calls that are followed: a device has seven at most (TS 22.030, 6.5.5.1).
const CALLS_MAX: usize = 9;

/// The calls there are. Dropped when there are none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    list: Vec<CallInfo>,
    /// What the modem said of the next call that is gone.
    hint: Option<CallEnd>,
    /// Calls that this side ends.
    hung_up: Vec<CallId>,
    /// Who calls, told before the call was listed.
    caller: Option<Text>,
    /// It rings, and the call was not listed yet.
    ringing: bool,
    list_at: Option<Instant>,
}

impl Calls {
    fn cause_of(&mut self, call: CallId) -> CallEnd {
        if let Some(at) = self.hung_up.iter().position(|id| *id == call) {
            self.hung_up.remove(at);
            return CallEnd::HungUp;
        }
        self.hint.take().unwrap_or(CallEnd::Released)
    }
}

/// Returns the end that a result stands for.
const fn end_of(result: FinalResult) -> CallEnd {
    match result {
        FinalResult::Busy => CallEnd::Busy,
        FinalResult::NoAnswer => CallEnd::NoAnswer,
        FinalResult::NoDialtone => CallEnd::NoDialtone,
        FinalResult::NoCarrier
        | FinalResult::Ok
        | FinalResult::Connect { .. }
        | FinalResult::Error
        | FinalResult::Cme(_)
        | FinalResult::Cms(_) => CallEnd::Released,
    }
}

impl Engine {
    /// Something happened to a call.
    pub(crate) fn look_at_calls(&mut self) {
        self.chores.list_calls = true;
    }

    /// It rings; perhaps the modem tells who calls.
    pub(crate) fn rings(&mut self, _now: Instant, caller: Option<Text>) {
        let calls = self.calls.get_or_insert_default();
        let known = calls.list.iter().any(|call| call.state == CallState::Incoming);
        calls.ringing |= !known;
        if caller.is_some() {
            calls.caller = caller;
        }
        if !known {
            self.look_at_calls();
        }
    }

    /// A call waits.
    pub(crate) fn waits(&mut self, _now: Instant, caller: Text) {
        self.calls.get_or_insert_default().caller = Some(caller);
        self.look_at_calls();
    }

    /// A call was released, by what the modem says.
    pub(crate) fn released(&mut self, result: FinalResult) {
        let Some(calls) = &mut self.calls else { return };
        calls.hint = Some(end_of(result));
        calls.ringing = false;
        if self.lists_no_calls {
            return self.drop_calls(end_of(result));
        }
        self.look_at_calls();
    }

    /// Takes the answer to `+CLCC`. Returns whether it could be read.
    pub(crate) fn calls_listed(&mut self, now: Instant, answer: &Answer) {
        if !answer.is_ok() {
            if answer.is_final() {
                self.lists_no_calls = true;
                self.take_ringing_for_a_call();
            }
            return self.list_calls_again(now);
        }
        let listed: Vec<CallInfo> = answer
            .lines()
            .filter_map(|line| ClccInfo::parse(line).ok())
            .filter(|call| (1..=CALLS_MAX).contains(&usize::from(call.id)))
            .take(CALLS_MAX)
            .map(info_of)
            .collect();
        self.calls_are(now, listed);
    }

    /// Compares the calls there are with those there were.
    fn calls_are(&mut self, now: Instant, listed: Vec<CallInfo>) {
        let mut calls = self.calls.take().unwrap_or_default();
        let before = core::mem::take(&mut calls.list);
        for old in &before {
            if !listed.iter().any(|call| call.call == old.call && call.direction == old.direction) {
                let cause = calls.cause_of(old.call);
                self.event(ModemEvent::CallEnded { call: old.call, cause });
            }
        }
        for mut call in listed {
            let old =
                before.iter().find(|old| old.call == call.call && old.direction == call.direction);
            let comes_in = matches!(call.state, CallState::Incoming | CallState::Waiting);
            if call.number.is_none() {
                call.number = match old {
                    Some(old) => old.number.clone(),
                    None if comes_in => calls.caller.take(),
                    None => None,
                };
            }
            if old != Some(&call) {
                let told = Box::new(call.clone());
                self.event(match old {
                    None if comes_in => ModemEvent::Incoming(told),
                    None | Some(_) => ModemEvent::CallState(told),
                });
            }
            if calls.list.iter().all(|other| other.call != call.call) {
                calls.list.push(call);
            }
        }
        calls.ringing = false;
        if calls.list.is_empty() {
            // What is still noted is about calls that are gone.
            self.calls = None;
            return;
        }
        calls.caller = None;
        calls.hint = None;
        self.calls = Some(calls);
        self.list_calls_again(now);
    }

    fn list_calls_again(&mut self, now: Instant) {
        let every = self.config.call_poll;
        let polls = every != Duration::ZERO && !self.lists_no_calls;
        if let Some(calls) = &mut self.calls {
            calls.list_at = polls.then(|| later(now, every));
        }
    }

    /// Where calls cannot be listed, ringing is one.
    fn take_ringing_for_a_call(&mut self) {
        let Some(calls) = &mut self.calls else { return };
        if !core::mem::take(&mut calls.ringing) || !calls.list.is_empty() {
            return;
        }
        let call = CallInfo {
            call: CallId(1),
            direction: CallDirection::Terminated,
            state: CallState::Incoming,
            number: calls.caller.take(),
        };
        calls.list.push(call.clone());
        self.event(ModemEvent::Incoming(Box::new(call)));
    }

    /// All calls are gone.
    pub(crate) fn drop_calls(&mut self, cause: CallEnd) {
        let Some(calls) = self.calls.take() else { return };
        for call in calls.list {
            self.event(ModemEvent::CallEnded { call: call.call, cause });
        }
    }

    pub(crate) fn expire_calls(&mut self, now: Instant) {
        if let Some(calls) = &mut self.calls
            && calls.list_at.is_some_and(|due| due <= now)
        {
            calls.list_at = None;
            self.look_at_calls();
        }
    }

    pub(crate) fn calls_timeout(&self) -> Option<(Instant, Timer)> {
        Some((self.calls.as_ref()?.list_at?, Timer::CallPoll))
    }

    fn known_calls(&self) -> &[CallInfo] {
        self.calls.as_ref().map_or(&[], |calls| &calls.list)
    }
}

fn info_of(listed: ClccInfo) -> CallInfo {
    CallInfo {
        call: CallId(listed.id),
        direction: listed.direction,
        state: listed.state,
        number: listed.number.filter(|number| !number.as_bytes().is_empty()),
    }
}
