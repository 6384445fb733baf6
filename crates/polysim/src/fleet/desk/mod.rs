//! A terminal: its machine in a task of its own, and its user's way to it.

mod around;
mod events;
pub(super) mod speech;
mod wishes;

pub(super) use around::Around;
pub use events::{DESK_EVENTS_MAX, DeskEvent, DeskEvents};
pub use speech::DeskAudio;

use super::node::Ended;
use polysim_base::Instant;
use polysim_fleet::speech::Frame;
use polysim_fleet::terminal::{TerminalEvent, TerminalWish, WishError};
use polysim_fleet::wire::{Answer, DropReason, MailItem, MessageId};
use polysim_fleet::{MailId, TerminalId, UserId};
use polysim_hal::Clock;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// Most things that a user asks before he waits.
pub(super) const REQUESTS_MAX: usize = 64;

/// Why a wish was not had.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DeskError {
    /// The server or the modem refuses, or nobody answers.
    #[error(transparent)]
    Wish(#[from] WishError),
    /// The request has waited, and is over.
    #[error("the request is over: {0:?}")]
    Dropped(DropReason),
    /// The SIM did not get to standby in time.
    #[error("the SIM was not on standby in time: ask why it is where it is")]
    NotOnStandby,
    /// The terminal has stopped.
    #[error(transparent)]
    Ended(#[from] Ended),
}

/// How a terminal is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeskStatus {
    /// Up to where what has come is kept.
    pub cursor: MailId,
    /// The newest of it, oldest first; 256 items at most.
    pub inbox: Arc<[MailItem]>,
    /// How many wishes are open.
    pub open_wishes: usize,
}

/// What comes of a wish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outcome {
    Done,
    Answered(Answer),
    Accepted(MessageId),
    Apdu(Vec<u8>),
}

/// What a user asks of his terminal.
#[derive(Debug)]
pub(super) enum Request {
    Wish(TerminalWish, oneshot::Sender<Result<Outcome, WishError>>),
    Microphone(Frame),
}

/// What a user has in front of him: calls, texts, and what has come. Clones are the same terminal.
///
/// Dropping the future of a wish does not take it back.
#[derive(Clone)]
pub struct Desk {
    pub(super) user: UserId,
    pub(super) terminal: TerminalId,
    pub(super) requests: mpsc::Sender<Request>,
    pub(super) events: broadcast::WeakSender<TerminalEvent>,
    pub(super) speaker: broadcast::WeakSender<Frame>,
    pub(super) status: watch::Receiver<DeskStatus>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Desk {
    /// Returns what it is called.
    #[must_use]
    pub const fn name(&self) -> (UserId, TerminalId) {
        (self.user, self.terminal)
    }

    /// Returns how it is.
    #[must_use]
    pub fn status(&self) -> DeskStatus {
        self.status.borrow().clone()
    }

    /// Listens to what happens from now on.
    #[must_use]
    pub fn events(&self) -> DeskEvents {
        DeskEvents::new(self.events.upgrade().map(|events| events.subscribe()))
    }

    /// Returns the speech of the call that is active: what comes is heard from now on.
    #[must_use]
    pub fn audio(&self) -> DeskAudio {
        let heard = self.speaker.upgrade().map(|speaker| speaker.subscribe());
        DeskAudio::new(format!("terminal {}", self.terminal.0), self.requests.clone(), heard)
    }

    /// Returns the newest of what has come, oldest first. It is kept before it is seen here.
    #[must_use]
    pub fn inbox(&self) -> Arc<[MailItem]> {
        Arc::clone(&self.status.borrow().inbox)
    }

    /// Waits for mail after `seen`, and returns it, oldest first: a program that keeps the id of the
    /// last item that it has dealt with sees each once, over all its lives. Only the newest 256 items
    /// are at hand.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn mail_after(&self, seen: MailId) -> Result<Vec<MailItem>, Ended> {
        let mut status = self.status.clone();
        let come = status.wait_for(|status| status.inbox.last().is_some_and(|it| it.id > seen));
        let come = come.await.map_err(|_| Ended)?;
        Ok(come.inbox.iter().filter(|item| item.id > seen).cloned().collect())
    }

    pub(super) async fn wish(&self, wish: TerminalWish) -> Result<Outcome, DeskError> {
        let (told, outcome) = oneshot::channel();
        self.requests.send(Request::Wish(wish, told)).await.map_err(|_| Ended)?;
        Ok(outcome.await.map_err(|_| Ended)??)
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("user", &self.user)
            .field("terminal", &self.terminal)
            .finish_non_exhaustive()
    }
}
