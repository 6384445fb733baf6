//! What servers answer.

use super::job::{At, Job, Step, Task};
use super::{Terminal, TerminalEvent, TerminalRecord, WishError};
use crate::wire::{Answer, Ask, Mail, MailPage, Placement, Refusal};
use crate::{RequestId, ServerId, SimState};
use alloc::vec::Vec;
use polysim_base::Instant;

impl Terminal {
    /// Takes what a server says about a request.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        server: ServerId,
        request: RequestId,
        answer: Answer,
    ) {
        if answer == Answer::Refused(Refusal::NotLeading) {
            return self.not_leading(now, server, request);
        }
        self.leader.answered(server);
        self.hear(&answer);
        if let Answer::Mail(page) = answer {
            return self.page(now, request, page);
        }
        match self.jobs.get(&request) {
            Some(Job { wish, step: Step::Server { ask, then: None, .. }, .. }) => {
                let (wish, ask) = (*wish, *ask);
                self.jobs.remove(&request);
                self.follow(now, (request, wish), &ask, &answer);
                self.tell(TerminalEvent::Answered(wish, answer));
            }
            Some(Job { step: Step::Server { ask, then: Some(task), .. }, .. }) => {
                let (ask, task) = (*ask, task.clone());
                self.used(now, request, &ask, task, &answer);
            }
            Some(Job { step: Step::Modem { .. }, .. }) | None => {
                self.others(now, request, answer);
            }
        }
    }

    /// Keeps where SIMs are.
    fn hear(&mut self, answer: &Answer) {
        match answer {
            Answer::Assigned(placement, _) => self.placements.heard(At::from(placement), false),
            // It was on standby there.
            Answer::At(placement, _) | Answer::Moved(placement) => {
                self.placements.heard(At::from(placement), true);
            }
            Answer::Sims(views) => {
                for placement in views.iter().filter_map(|view| view.placement.as_ref()) {
                    self.placements.heard(At::from(placement), false);
                }
            }
            Answer::Unchanged(_)
            | Answer::Waiting(_)
            | Answer::Refused(_)
            | Answer::Dropped(_)
            | Answer::Ended(_)
            | Answer::Explained(..)
            | Answer::Mail(_) => {}
        }
    }

    /// The first exchange of a use is answered: goes on with the second one.
    fn used(&mut self, now: Instant, request: RequestId, ask: &Ask, task: Task, answer: &Answer) {
        match answer {
            Answer::At(placement, _) | Answer::Moved(placement) => {
                let at = At::from(placement);
                // What a modem has denied already it may admit a little later.
                let pause =
                    if task.is_text() { self.back_off(task.moves) } else { self.patience() };
                let later = is_known(ask, placement).then_some(pause);
                self.go_on(now, request, Step::Modem { at, task, sent: false }, later);
            }
            // It comes to standby soon, or not at all.
            Answer::Refused(Refusal::State(SimState::Attaching)) if task.is_text() => {
                if let Some(Job { step: Step::Server { asked, .. }, .. }) =
                    self.jobs.get_mut(&request)
                {
                    *asked = None;
                }
            }
            Answer::Refused(refusal) => self.fail(request, WishError::Exchange(*refusal)),
            Answer::Assigned(..)
            | Answer::Unchanged(_)
            | Answer::Waiting(_)
            | Answer::Dropped(_)
            | Answer::Ended(_)
            | Answer::Explained(..)
            | Answer::Sims(_)
            | Answer::Mail(_) => {}
        }
    }

    /// Takes an answer to the question for mail that is no page, or what is said of a configuration
    /// request.
    fn others(&mut self, now: Instant, request: RequestId, answer: Answer) {
        if self.mailbox.question.is_some_and(|question| question.request == request) {
            self.mailbox.answered(now.plus(self.mail_every()), false);
        } else {
            self.followed(now, request, answer);
        }
    }

    /// Takes what has come, if it follows what has come before.
    fn page(&mut self, now: Instant, request: RequestId, page: MailPage) {
        if page.after != self.mailbox.cursor() {
            return;
        }
        let more = page.more;
        let items: Vec<_> = self.mailbox.new_items(page).collect();
        let found = !items.is_empty();
        for item in items {
            self.record(TerminalRecord::Mail(item.clone()));
            let mut news = true;
            if let Mail::TextState { message, state, .. } = item.mail {
                self.accepted(message);
                let own = self.message(message.number) == message;
                news = !own || self.outbox.state(message.number, state);
            }
            if news {
                self.tell(TerminalEvent::Mail(item));
            }
        }
        let asked = self.mailbox.question.is_some_and(|question| question.request == request);
        if found || asked {
            let known_more = self.mailbox.answered(now.plus(self.mail_every()), found);
            if found && more || known_more {
                self.ask_for_mail(now);
            }
        }
    }
}

/// Returns whether the terminal has asked because it was not served there.
fn is_known(ask: &Ask, placement: &Placement) -> bool {
    match ask {
        Ask::Use { known, .. } => *known == Some((placement.modem, placement.epoch)),
        Ask::Assign { .. }
        | Ask::Release { .. }
        | Ask::Why { .. }
        | Ask::List
        | Ask::Mail { .. } => false,
    }
}
