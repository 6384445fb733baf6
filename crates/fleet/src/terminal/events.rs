//! What sites say of modems.

use super::job::{Aim, At, Job, Step, Task};
use super::{Terminal, TerminalEvent, TerminalRecord, WishError};
use crate::wire::{
    Act, CallEnding, CallPhase, CallRef, Done, FromModem, MessageId, RingOver, UseRefusal,
};
use crate::{RequestId, SiteId};
use alloc::string::ToString as _;
use polysim_base::Instant;

/// How often it is asked where a SIM is that is not where it was said to be.
const MOVES_MAX: u8 = 4;

impl Terminal {
    /// Takes what a site says. Of a modem of another site it has nothing to say.
    pub(super) fn modem(&mut self, now: Instant, site: SiteId, said: FromModem) {
        match said {
            FromModem::Reply { request, outcome } => self.reply(now, site, request, outcome),
            FromModem::Rings { call, iccid, epoch, from } if call.modem.site == site => {
                let at = At { modem: call.modem, iccid, epoch };
                self.placements.heard(at, true);
                let events = self.calls.rings(now, call, at, from);
                self.tell_all(events);
            }
            FromModem::RingOver { call, why } if call.modem.site == site => {
                let over = self.calls.ring_over(call, why);
                self.tell_all(over);
            }
            FromModem::Call { call, iccid, epoch, phase, peer } if call.modem.site == site => {
                let at = At { modem: call.modem, iccid, epoch };
                let events = self.calls.news(now, call, at, peer.map(|it| it.to_string()), phase);
                self.tell_all(events);
            }
            FromModem::SpeechEnded(call, said) if call.modem.site == site => {
                let report = self.calls.speech_ended(call, said);
                self.tell_all(report);
            }
            FromModem::Speech(call, packet) if call.modem.site == site => {
                self.calls.speech(now, call, packet);
            }
            FromModem::Rings { .. }
            | FromModem::RingOver { .. }
            | FromModem::Call { .. }
            | FromModem::SpeechEnded(..)
            | FromModem::Speech(..) => {}
            FromModem::Ussd { number, iccid, text, more } => {
                if self.dialogues.is_news(site, number) {
                    self.tell(TerminalEvent::Ussd { iccid, text, more });
                }
            }
            FromModem::Text { message, state } => {
                self.accepted(message);
                if self.message(message.number) == message
                    && self.outbox.state(message.number, state)
                {
                    self.tell(TerminalEvent::Text(message, state));
                }
            }
        }
    }

    fn reply(
        &mut self,
        now: Instant,
        site: SiteId,
        request: RequestId,
        outcome: Result<Done, UseRefusal>,
    ) {
        let Some(Job { wish, step: Step::Modem { at, task, sent: true }, tries, .. }) =
            self.jobs.get(&request)
        else {
            return self.late_reply(now, site, request, outcome);
        };
        if at.modem.site != site {
            return;
        }
        let (wish, at, task, repeated) = (*wish, *at, task.clone(), *tries > 0);
        match outcome {
            Ok(done) => self.done(now, request, wish, at, task, done),
            Err(refusal) => self.refused(now, request, at, task, repeated, refusal),
        }
    }

    /// A modem has done what was asked.
    fn done(
        &mut self,
        now: Instant,
        request: RequestId,
        wish: u64,
        at: At,
        task: Task,
        done: Done,
    ) {
        match (task.act, done) {
            (Act::Text { message, .. }, Done::Accepted(accepted)) if accepted == message => {
                self.accepted(message);
            }
            (Act::Dial { to }, Done::Dialling(call)) => {
                self.finish(request, TerminalEvent::Done(wish));
                let events =
                    self.calls.dialled(now, call, at, Some(to.to_string()), CallPhase::Dialling);
                self.tell_all(events);
            }
            (Act::Apdu(_), Done::Apdu(response)) => {
                self.finish(request, TerminalEvent::Apdu(wish, response));
            }
            (Act::Answer(call), Done::Done) => {
                self.finish(request, TerminalEvent::Done(wish));
                let events = self.calls.phase(now, call, None, CallPhase::Active);
                self.tell_all(events);
            }
            (
                Act::Reject(_)
                | Act::HangUp(_)
                | Act::Hold(_)
                | Act::Dtmf(..)
                | Act::Ussd(_)
                | Act::UssdCancel,
                Done::Done,
            ) => self.finish(request, TerminalEvent::Done(wish)),
            // No answer to what was asked.
            (_, Done::Done | Done::Dialling(_) | Done::Accepted(_) | Done::Apdu(_)) => {}
        }
    }

    fn finish(&mut self, request: RequestId, event: TerminalEvent) {
        self.jobs.remove(&request);
        self.tell(event);
    }

    /// A modem does not do what was asked.
    fn refused(
        &mut self,
        now: Instant,
        request: RequestId,
        at: At,
        mut task: Task,
        repeated: bool,
        refusal: UseRefusal,
    ) {
        let target = match task.aim {
            Aim::Call(call) => {
                return self.refused_for_call(now, request, call, &task.act, repeated, refusal);
            }
            Aim::Sim(target) => target,
        };
        match refusal {
            _ if task.is_text() && refusal.ends_a_text() => {
                self.fail(request, WishError::Modem(refusal));
            }
            UseRefusal::NotOnStandby | UseRefusal::Busy if task.is_text() => {
                let later = self.back_off(task.refusals);
                task.refusals = task.refusals.saturating_add(1);
                self.go_on(now, request, Step::Modem { at, task, sent: false }, Some(later));
            }
            UseRefusal::Moved if task.is_text() || task.moves < MOVES_MAX => {
                task.moves = task.moves.saturating_add(1);
                self.placements.forget(at.iccid);
                let step = self.use_request(target, Some(at), task);
                self.go_on(now, request, step, None);
            }
            UseRefusal::Moved => {
                self.placements.forget(at.iccid);
                self.fail(request, WishError::Restless);
            }
            UseRefusal::NotOnStandby
            | UseRefusal::Busy
            | UseRefusal::NotPermitted
            | UseRefusal::CapReached
            | UseRefusal::AnsweredElsewhere
            | UseRefusal::NoSuchCall
            | UseRefusal::Refused
            | UseRefusal::BadRequest => self.fail(request, WishError::Modem(refusal)),
        }
    }

    /// A refusal may say that the call is over, of which the news were lost.
    fn refused_for_call(
        &mut self,
        now: Instant,
        request: RequestId,
        call: CallRef,
        act: &Act,
        repeated: bool,
        refusal: UseRefusal,
    ) {
        let wish = self.jobs.get(&request).map(|job| job.wish);
        let ends = matches!(act, Act::HangUp(_) | Act::Reject(_));
        match wish {
            // The first time it was done, and that answer was lost.
            Some(wish) if ends && repeated && refusal == UseRefusal::NoSuchCall => {
                self.finish(request, TerminalEvent::Done(wish));
            }
            _ => self.fail(request, WishError::Modem(refusal)),
        }
        let ending = match refusal {
            UseRefusal::AnsweredElsewhere => {
                let over = self.calls.ring_over(call, RingOver::AnsweredElsewhere);
                return self.tell_all(over);
            }
            UseRefusal::Moved => CallEnding::LeaseEnded,
            UseRefusal::NoSuchCall if ends && repeated => CallEnding::HungUp,
            UseRefusal::NoSuchCall => CallEnding::Lost,
            UseRefusal::NotPermitted
            | UseRefusal::NotOnStandby
            | UseRefusal::CapReached
            | UseRefusal::Busy
            | UseRefusal::Refused
            | UseRefusal::BadRequest => return,
        };
        let events = self.calls.end(now, call, ending);
        self.tell_all(events);
    }

    /// Takes note that a modem has a text; only the first time there is something to tell.
    pub(super) fn accepted(&mut self, message: MessageId) {
        if self.message(message.number) != message || !self.outbox.is_open(message.number) {
            return;
        }
        let Some(wish) = self.outbox.wish(message.number) else { return };
        self.jobs.retain(|_, job| job.wish != wish);
        self.record(TerminalRecord::Over { number: message.number, over: Ok(()) });
        self.tell(TerminalEvent::Accepted(wish, message));
    }

    /// A modem has begun a call after it was given up: the user may see to it. Or it has a text
    /// that it was asked to take before.
    fn late_reply(
        &mut self,
        now: Instant,
        site: SiteId,
        request: RequestId,
        outcome: Result<Done, UseRefusal>,
    ) {
        if let Ok(Done::Accepted(message)) = outcome {
            return self.accepted(message);
        }
        let Ok(Done::Dialling(call)) = outcome else { return };
        let of = |lapsed: &&super::machine::Lapsed| lapsed.request == request;
        let Some(lapsed) = self.lapsed.iter().find(of).cloned() else { return };
        if lapsed.at.modem.site == site {
            self.lapsed.retain(|other| other.request != request);
            let events = self.calls.dialled(
                now,
                call,
                lapsed.at,
                Some(lapsed.to.to_string()),
                CallPhase::Dialling,
            );
            self.tell_all(events);
        }
    }
}
