//! Sends what jobs ask, and asks again where nobody answers.

use super::job::{Aim, At, Job, Step, Task};
use super::machine::Lapsed;
use super::mailbox::Question;
use super::{Terminal, TerminalEvent, TerminalOutput, TerminalRecord, WishError};
use crate::wire::{Act, Ask, MessageId, ModemRequest, Target, ToModem, UserRequest};
use crate::{RequestId, ServerId};
use polysim_base::{Duration, Instant};

/// How many calls are remembered that were dialled without an answer.
const LAPSED_MAX: usize = 16;

impl Terminal {
    /// Sends what a job asks.
    pub(super) fn perform(&mut self, now: Instant, request: RequestId) {
        self.take_aim(request);
        let (patience, patient, leader) =
            (self.patience(), self.patience_whole(), self.leader.current());
        let back_off = self.jobs.get(&request).map_or(patience, |job| self.back_off(job.tries));
        let Some(job) = self.jobs.get_mut(&request) else { return };
        let output = match &mut job.step {
            Step::Server { asked, ask, then, .. } => {
                let text = then.as_ref().is_some_and(Task::is_text);
                job.due = now.plus(if text { back_off } else { patience });
                *asked = Some(leader);
                TerminalOutput::Server(leader, UserRequest { request, ask: *ask })
            }
            Step::Modem { at, task, sent } => {
                *sent = true;
                job.due = now.plus(if task.is_text() {
                    back_off
                } else if task.may_repeat() {
                    patience
                } else {
                    patient
                });
                let At { modem, iccid, epoch } = *at;
                let act = task.act.clone();
                let asked = ModemRequest { request, modem, iccid, epoch, act };
                TerminalOutput::Site(modem.site, ToModem::Request(asked))
            }
        };
        self.send(output);
    }

    /// Before a text may reach a modem it is kept that it may: only the word of that modem lets it
    /// go elsewhere, also after a crash.
    fn take_aim(&mut self, request: RequestId) {
        let Some(Job { step: Step::Modem { at, task, .. }, .. }) = self.jobs.get_mut(&request)
        else {
            return;
        };
        let Act::Text { message: MessageId { number, .. }, .. } = task.act else { return };
        task.aim = Aim::Sim(Target::Sim(at.iccid));
        let at = *at;
        if self.outbox.aimed(number) != Some(at) {
            let At { modem, iccid, epoch } = at;
            self.record(TerminalRecord::Aimed { number, modem, iccid, epoch });
        }
    }

    /// Nobody has answered a job, or it has waited before it was to be sent.
    pub(super) fn overdue(&mut self, now: Instant, request: RequestId) {
        let Some(job) = self.jobs.get_mut(&request) else { return };
        let again = job.tries < self.config.tries;
        match &mut job.step {
            Step::Modem { sent: false, .. } => self.perform(now, request),
            Step::Server { asked, then, refused, .. } => {
                let text = then.as_ref().is_some_and(Task::is_text);
                job.tries = job.tries.saturating_add(1);
                *refused = 0;
                if let Some(silent) = asked.take() {
                    self.leader.failed(silent);
                }
                if again || text {
                    self.perform(now, request);
                } else {
                    self.fail(request, WishError::NoAnswer);
                }
            }
            Step::Modem { at, task, .. } if again && task.may_repeat() || task.is_text() => {
                job.tries = job.tries.saturating_add(1);
                if !again {
                    // Other wishes need not wait for a modem that may be gone.
                    self.placements.forget(at.iccid);
                }
                self.perform(now, request);
            }
            Step::Modem { .. } => self.silent(request),
        }
    }

    /// A modem does not answer: somebody else has to know where the SIM is now.
    fn silent(&mut self, request: RequestId) {
        let Some(Job { step: Step::Modem { at, task, .. }, .. }) = self.jobs.get(&request) else {
            return;
        };
        let (at, task) = (*at, task.clone());
        self.placements.forget(at.iccid);
        if let Act::Dial { to } = task.act {
            if self.lapsed.len() == LAPSED_MAX {
                self.lapsed.pop_front();
            }
            self.lapsed.push_back(Lapsed { request, at, to });
        }
        self.fail(request, WishError::NoAnswer);
    }

    /// Takes a job to its next step, under a new name; at once, or after a while.
    pub(super) fn go_on(
        &mut self,
        now: Instant,
        request: RequestId,
        step: Step,
        later: Option<Duration>,
    ) {
        let Some(job) = self.jobs.remove(&request) else { return };
        let request = self.name();
        let due = now.plus(later.unwrap_or_default());
        self.jobs.insert(request, Job { wish: job.wish, step, due, tries: 0 });
        if later.is_none() {
            self.perform(now, request);
        }
    }

    /// Gives a wish up.
    pub(super) fn fail(&mut self, request: RequestId, error: WishError) {
        let Some(job) = self.jobs.remove(&request) else { return };
        let task = match job.step {
            Step::Server { then, .. } => then,
            Step::Modem { task, .. } => Some(task),
        };
        let act = task.map(|task| task.act);
        if let Some(Act::Text { message, .. }) = act {
            self.record(TerminalRecord::Over { number: message.number, over: Err(error) });
        }
        self.tell(TerminalEvent::Failed(job.wish, error));
        if let Some(Act::Answer(call)) = act {
            let over = self.calls.not_answered(call);
            self.tell_all(over);
        }
    }

    /// A server does not lead: the next one may, unless all of them have said so.
    pub(super) fn not_leading(&mut self, now: Instant, server: ServerId, request: RequestId) {
        let servers = self.config.servers;
        let next = |asked: ServerId, refused: &mut u8| {
            *refused = refused.saturating_add(1);
            asked == server && *refused < servers
        };
        if let Some(Job { step: Step::Server { asked, refused, .. }, .. }) =
            self.jobs.get_mut(&request)
        {
            if asked.is_some_and(|asked| next(asked, refused)) {
                self.leader.failed(server);
                self.perform(now, request);
            }
        } else if let Some(question) = &mut self.mailbox.question
            && question.request == request
            && next(question.asked, &mut question.refused)
        {
            self.leader.failed(server);
            self.send_question(now);
        } else {
            self.follow_elsewhere(now, request);
        }
    }

    /// Asks for what has come.
    pub(super) fn ask_for_mail(&mut self, now: Instant) {
        let (request, asked) = (self.name(), self.leader.current());
        self.mailbox.question =
            Some(Question { request, asked, tries: 0, refused: 0, hinted: false });
        self.send_question(now);
    }

    /// Nobody has answered that, or it is time to ask it.
    pub(super) fn mail_overdue(&mut self, now: Instant) {
        let Some(question) = &mut self.mailbox.question else { return self.ask_for_mail(now) };
        question.tries = question.tries.saturating_add(1);
        question.refused = 0;
        self.leader.failed(question.asked);
        if question.tries <= self.config.tries {
            self.send_question(now);
        } else {
            self.mailbox.question = None;
            self.mailbox.due = Some(now.plus(self.mail_every()));
        }
    }

    fn send_question(&mut self, now: Instant) {
        self.mailbox.due = Some(now.plus(self.patience()));
        let (after, asked) = (self.mailbox.cursor(), self.leader.current());
        let Some(question) = &mut self.mailbox.question else { return };
        question.asked = asked;
        let request = question.request;
        self.send(TerminalOutput::Server(asked, UserRequest { request, ask: Ask::Mail { after } }));
    }

    /// Returns how long it waits for an answer; never nothing, so that time moves on.
    pub(super) fn patience(&self) -> Duration {
        self.config.patience.max(Duration::from_millis(1))
    }

    /// Returns how long it waits for the answer to what it does not ask again.
    pub(super) fn patience_whole(&self) -> Duration {
        self.patience().times(u64::from(self.config.tries).saturating_add(1))
    }

    /// Returns how long it waits before it tries again what it does not give up: twice as long each
    /// time, up to [`mail_every`](Self::mail_every).
    pub(super) fn back_off(&self, tries: u8) -> Duration {
        let doubled = 1_u64.checked_shl(u32::from(tries)).unwrap_or(u64::MAX);
        self.patience().times(doubled).min(self.mail_every())
    }

    pub(super) fn mail_every(&self) -> Duration {
        self.config.mail_every.max(self.patience())
    }
}
