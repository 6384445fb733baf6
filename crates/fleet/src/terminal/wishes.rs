//! What the user wishes becomes jobs.

use super::calls::{Call, CallState};
use super::job::{Aim, At, Job, Step, Task};
use super::{OutgoingText, Terminal, TerminalEvent, TerminalRecord, TerminalWish, WishError};
use crate::wire::{Act, Ask, CallPhase, Target};
use polysim_base::Instant;

/// How many wishes may be open.
const WISHES_MAX: usize = 64;

impl Terminal {
    /// Takes a wish. One that is open already is not taken again.
    pub(super) fn wish(&mut self, now: Instant, number: u64, wish: TerminalWish) {
        if self.has_job(number) {
            return;
        }
        if let TerminalWish::Text { sim, to, body, report } = wish {
            let text =
                OutgoingText { number: self.outbox.next(), wish: number, sim, to, body, report };
            return self.wish_text(now, text);
        }
        if self.jobs.len() >= WISHES_MAX {
            return self.tell(TerminalEvent::Failed(number, WishError::TooMany));
        }
        match wish {
            TerminalWish::Assign(iccid, parameters) => {
                self.ask(now, number, Ask::Assign { iccid, parameters });
            }
            TerminalWish::Release(iccid, reclaim) => {
                self.ask(now, number, Ask::Release { iccid, reclaim });
            }
            TerminalWish::Why(iccid) => self.ask(now, number, Ask::Why { iccid }),
            TerminalWish::List => self.ask(now, number, Ask::List),
            TerminalWish::Dial { sim, to } => self.use_sim(now, number, sim, Act::Dial { to }),
            TerminalWish::Ussd { sim, code } => self.use_sim(now, number, sim, Act::Ussd(code)),
            TerminalWish::UssdCancel { sim } => {
                self.use_sim(now, number, Target::Sim(sim), Act::UssdCancel);
            }
            TerminalWish::Apdu { sim, apdu } => {
                self.use_sim(now, number, Target::Sim(sim), Act::Apdu(apdu));
            }
            TerminalWish::Text { .. } => {}
            TerminalWish::Answer
            | TerminalWish::Reject
            | TerminalWish::HangUp
            | TerminalWish::Hold
            | TerminalWish::Dtmf(_) => self.wish_for_call(now, number, wish),
        }
    }

    /// Returns whether a wish is open.
    pub(super) fn has_job(&self, wish: u64) -> bool {
        self.jobs.values().any(|job| job.wish == wish)
    }

    fn wish_text(&mut self, now: Instant, text: OutgoingText) {
        if let Some(known) = self.outbox.by_wish(text.wish) {
            let (wish, message) = (text.wish, self.message(known.text.number));
            match known.over {
                Some(Ok(())) => self.tell(TerminalEvent::Accepted(wish, message)),
                Some(Err(error)) => self.tell(TerminalEvent::Failed(wish, error)),
                // It is sent from the start on.
                None => {}
            }
        } else if self.jobs.len() >= WISHES_MAX || !self.outbox.has_room() {
            self.tell(TerminalEvent::Failed(text.wish, WishError::TooMany));
        } else {
            self.record(TerminalRecord::Text(text.clone()));
            self.begin_text(now, text);
        }
    }

    /// Begins to send a text that is kept, or goes on: where it may have been sent to before.
    pub(super) fn begin_text(&mut self, now: Instant, text: OutgoingText) {
        let message = self.message(text.number);
        let OutgoingText { number, wish, sim, to, body, report } = text;
        let task = Task::new(Act::Text { message, to, body, report }, Aim::Sim(sim));
        let known = self.outbox.aimed(number).or_else(|| match sim {
            Target::Sim(iccid) => self.placements.known_there(iccid),
            Target::Best { .. } => None,
        });
        self.begin_use(now, wish, sim, known, task);
    }

    fn wish_for_call(&mut self, now: Instant, number: u64, wish: TerminalWish) {
        let Some((call, at, act)) = self.act_on_call(wish) else {
            return self.tell(TerminalEvent::Failed(number, WishError::NoCall));
        };
        if matches!(act, Act::Answer(_)) {
            self.calls.answering(call);
        }
        self.begin(
            now,
            number,
            Step::Modem { at, task: Task::new(act, Aim::Call(call)), sent: false },
        );
    }

    /// Returns the call that a wish is about, where it is, and what is to be done.
    fn act_on_call(&self, wish: TerminalWish) -> Option<(crate::wire::CallRef, At, Act)> {
        let ringing = |state: &CallState| matches!(state, CallState::Ringing { .. });
        let held = |state: &CallState| matches!(state, CallState::Phase(CallPhase::Held));
        let act = |call: &Call, act: Act| (call.id, call.at, act);
        match wish {
            TerminalWish::Answer => {
                self.calls.first(ringing).map(|call| act(call, Act::Answer(call.id)))
            }
            TerminalWish::Reject => {
                self.calls.first(ringing).map(|call| act(call, Act::Reject(call.id)))
            }
            TerminalWish::Hold => {
                let call = self.calls.active().or_else(|| self.calls.first(held))?;
                Some(act(call, Act::Hold(call.id)))
            }
            TerminalWish::Dtmf(tones) => {
                self.calls.active().map(|call| act(call, Act::Dtmf(call.id, tones)))
            }
            TerminalWish::HangUp => {
                let own = self.calls.active().or_else(|| self.calls.first(held));
                let own =
                    own.or_else(|| self.calls.first(|state| matches!(state, CallState::Phase(_))));
                let rings = |state: &CallState| {
                    matches!(state, CallState::Ringing { .. } | CallState::Answering { .. })
                };
                own.map(|call| act(call, Act::HangUp(call.id)))
                    .or_else(|| self.calls.first(rings).map(|call| act(call, Act::Reject(call.id))))
            }
            TerminalWish::Assign(..)
            | TerminalWish::Release(..)
            | TerminalWish::Why(_)
            | TerminalWish::List
            | TerminalWish::Dial { .. }
            | TerminalWish::Text { .. }
            | TerminalWish::Ussd { .. }
            | TerminalWish::UssdCancel { .. }
            | TerminalWish::Apdu { .. } => None,
        }
    }

    fn ask(&mut self, now: Instant, wish: u64, ask: Ask) {
        let asked = Some(self.leader.current());
        self.begin(now, wish, Step::Server { asked, refused: 0, ask, then: None });
    }

    /// Does something with a SIM: at the modem where it was, or else at the one that a server names.
    fn use_sim(&mut self, now: Instant, wish: u64, target: Target, act: Act) {
        let known = match target {
            Target::Sim(iccid) => self.placements.get(iccid),
            Target::Best { .. } => None,
        };
        self.begin_use(now, wish, target, known, Task::new(act, Aim::Sim(target)));
    }

    fn begin_use(
        &mut self,
        now: Instant,
        wish: u64,
        target: Target,
        known: Option<At>,
        task: Task,
    ) {
        let step = match known {
            Some(at) => Step::Modem { at, task, sent: false },
            None => self.use_request(target, None, task),
        };
        self.begin(now, wish, step);
    }

    /// Returns the first exchange of a use.
    pub(super) const fn use_request(&self, target: Target, known: Option<At>, then: Task) -> Step {
        let known = match known {
            Some(at) => Some((at.modem, at.epoch)),
            None => None,
        };
        let ask = Ask::Use { target, purpose: then.purpose(), known };
        Step::Server { asked: Some(self.leader.current()), refused: 0, ask, then: Some(then) }
    }

    fn begin(&mut self, now: Instant, wish: u64, step: Step) {
        let request = self.name();
        self.jobs.insert(request, Job { wish, step, due: now, tries: 0 });
        self.perform(now, request);
    }
}
