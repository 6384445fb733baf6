//! Configuration requests that were answered and of which there is more to tell.

use super::{Terminal, TerminalEvent, TerminalOutput};
use crate::wire::{Answer, Ask, UserRequest, Why};
use crate::{RequestId, ServerId, SimState};
use polysim_base::{Iccid, Instant};

/// How many are followed; the oldest gives way.
const FOLLOWED_MAX: usize = 64;

/// A configuration request that was answered and of which there may be more to tell.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Followed {
    request: RequestId,
    wish: u64,
    iccid: Iccid,
    told: Answer,
    /// When it is asked what has become of it, while it waits: the news may be lost.
    pub(super) due: Option<Instant>,
    /// The question, and who was asked.
    question: Option<(RequestId, ServerId)>,
}

impl Terminal {
    /// Remembers a configuration request of which there may be more to tell.
    pub(super) fn follow(
        &mut self,
        now: Instant,
        (request, wish): (RequestId, u64),
        ask: &Ask,
        told: &Answer,
    ) {
        let (Ask::Assign { iccid, .. } | Ask::Release { iccid, .. }) = *ask else { return };
        if is_last(told) {
            return;
        }
        if self.followed.len() == FOLLOWED_MAX {
            self.followed.pop_front();
        }
        let due = waits(told).then(|| now.plus(self.mail_every()));
        let told = told.clone();
        self.followed.push_back(Followed { request, wish, iccid, told, due, question: None });
    }

    /// Tells what is new about a configuration request: what is said of it, or the answer to the
    /// question.
    pub(super) fn followed(&mut self, now: Instant, request: RequestId, answer: Answer) {
        let due = now.plus(self.mail_every());
        let about = |followed: &Followed| {
            let asked = followed.question.is_some_and(|(question, _)| question == request);
            asked || followed.request == request
        };
        let Some(at) = self.followed.iter().position(about) else { return };
        let Some(followed) = self.followed.get_mut(at) else { return };
        if followed.request != request {
            followed.question = None;
        }
        if !is_news(&followed.told, &answer) {
            return;
        }
        followed.told = answer.clone();
        followed.due = waits(&answer).then_some(due);
        let (wish, iccid) = (followed.wish, followed.iccid);
        if is_last(&answer) {
            self.followed.remove(at);
        }
        if matches!(answer, Answer::Ended(_)) {
            self.placements.forget(iccid);
        }
        self.tell(TerminalEvent::Answered(wish, answer));
    }

    /// Asks what has become of what waits. The question changes nothing, whose request the SIM
    /// waits for by now.
    pub(super) fn follow_up(&mut self, now: Instant) {
        let due = now.plus(self.mail_every());
        for at in 0..self.followed.len() {
            let is_due = |followed: &&mut Followed| followed.due.is_some_and(|due| due <= now);
            let Some(followed) = self.followed.get_mut(at).filter(is_due) else { continue };
            followed.due = Some(due);
            let (iccid, before) = (followed.iccid, followed.question);
            if let Some((_, silent)) = before {
                self.leader.failed(silent);
            }
            let (request, leader) = (self.name(), self.leader.current());
            if let Some(followed) = self.followed.get_mut(at) {
                followed.question = Some((request, leader));
            }
            let asked = UserRequest { request, ask: Ask::Why { iccid } };
            self.send(TerminalOutput::Server(leader, asked));
        }
    }

    /// A server that does not lead was asked what has become of a request: the next one is, a
    /// little later.
    pub(super) fn follow_elsewhere(&mut self, now: Instant, request: RequestId) {
        let due = now.plus(self.patience());
        let about = |followed: &&mut Followed| {
            followed.due.is_some() && followed.question.is_some_and(|(id, _)| id == request)
        };
        if let Some(followed) = self.followed.iter_mut().find(about) {
            followed.due = Some(due);
        }
    }
}

/// Returns whether nothing follows that answer.
const fn is_last(answer: &Answer) -> bool {
    match answer {
        Answer::Refused(_) | Answer::Dropped(_) | Answer::Ended(_) => true,
        Answer::Assigned(..)
        | Answer::Unchanged(_)
        | Answer::Waiting(_)
        | Answer::At(..)
        | Answer::Moved(_)
        | Answer::Explained(..)
        | Answer::Sims(_)
        | Answer::Mail(_) => false,
    }
}

/// Returns how a SIM is and why, as far as an answer says so.
const fn explained(answer: &Answer) -> Option<(SimState, Why)> {
    match answer {
        Answer::Waiting(why) | Answer::Unchanged(why) => Some((SimState::Waiting, *why)),
        Answer::Explained(state, why) => Some((*state, *why)),
        Answer::Assigned(..)
        | Answer::Refused(_)
        | Answer::Dropped(_)
        | Answer::Ended(_)
        | Answer::At(..)
        | Answer::Moved(_)
        | Answer::Sims(_)
        | Answer::Mail(_) => None,
    }
}

/// Returns whether a request waits, going by the answer.
const fn waits(answer: &Answer) -> bool {
    if let Answer::Waiting(_) = answer {
        return true;
    }
    let Some((state, why)) = explained(answer) else { return false };
    match why {
        Why::Reclaiming { .. }
        | Why::InService { .. }
        | Why::InDoubt { .. }
        | Why::Quarantine { .. }
        | Why::GaveWay { .. }
        | Why::Queued { .. } => true,
        // With these it also gets its modem.
        Why::TakesTurn { .. } | Why::Evicting { .. } => {
            !matches!(state, SimState::Attaching | SimState::Standby | SimState::InService)
        }
        Why::NeverAsked | Why::Fixed(_) | Why::First { .. } | Why::Ended(_) | Why::Dropped(_) => {
            false
        }
    }
}

/// Returns whether an answer says something that was not told. That a request still waits for the
/// same is nothing new.
fn is_news(told: &Answer, answer: &Answer) -> bool {
    if !matches!(answer, Answer::Explained(..)) || !waits(told) || !waits(answer) {
        return told != answer;
    }
    match (explained(told).map(|(_, why)| why), explained(answer).map(|(_, why)| why)) {
        (Some(Why::Queued { turn: old, .. }), Some(Why::Queued { turn: new, .. })) => old != new,
        (old, new) => old != new,
    }
}
