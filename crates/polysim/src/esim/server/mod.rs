//! An SM-DP+ in a process: [`SmdpServer`] runs the machine with its journal, [`SmdpService`] is what
//! it says to HTTP.

mod desk;
mod service;
mod token;

pub use service::SmdpService;
pub use token::{OperatorToken, TokenError};

use crate::journal::{Journal, JournalError};
use crate::runner::{Stopped, drive};
use desk::{Desk, Pending};
use polysim_base::Machine as _;
use polysim_hal::Clock;
use polysim_rsp::{es2, es9};
use polysim_smdp::{Smdp, SmdpInput, SmdpOutput, SmdpRecord};
use std::fmt;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Requests that wait for the machine; more wait at its door.
const INBOX_MAX: usize = 256;
/// Words for operators that wait; the machine says again what does not fit.
const NEWS_MAX: usize = 64;

/// The server has stopped: nobody is served any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the SM-DP+ has stopped: start it again from its journal")]
pub struct SmdpEnded;

/// Why a server has ended by itself. What it had recorded is in its journal: start it anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SmdpFault {
    /// Its journal failed.
    #[error("the SM-DP+ has stopped: {0}")]
    Journal(#[from] JournalError),
    /// It serves a deadline without end.
    #[error("the SM-DP+ has stopped: it does not get past its deadline {timer}")]
    Stuck {
        /// Which deadline.
        timer: String,
    },
    /// Its task has panicked.
    #[error("the task of the SM-DP+ has died: {0}")]
    Died(String),
}

/// A running SM-DP+. Clones are the same one; it runs while one of them is there.
///
/// Nothing is answered before what it changed is in the journal.
#[derive(Clone)]
pub struct SmdpServer {
    inbox: mpsc::Sender<SmdpInput>,
    pending: Arc<Pending>,
}

/// What a running SM-DP+ has for others than those who ask it.
#[derive(Debug)]
pub struct SmdpNews {
    news: mpsc::Receiver<SmdpOutput>,
    task: JoinHandle<Result<(), Stopped<JournalError>>>,
}

impl SmdpServer {
    /// Restores a server from its journal and starts it. The clock must tell Unix time, so that
    /// times in the journal mean the same in each life; the `epoch` of the machine is 0 then.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub async fn start(
        mut machine: Smdp,
        mut journal: Box<dyn Journal<SmdpRecord>>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, SmdpNews), JournalError> {
        journal.replay(&mut |record| machine.restore(record)).await?;
        let (inbox, asked) = mpsc::channel(INBOX_MAX);
        let (tell, news) = mpsc::channel(NEWS_MAX);
        let pending = Arc::new(Pending::default());
        let mut desk = Desk { asked, journal, tell, pending: Arc::clone(&pending) };
        let task = tokio::spawn(async move { drive(&mut machine, &mut desk, &*clock).await });
        Ok((Self { inbox, pending }, SmdpNews { news, task }))
    }

    /// Asks as a profile assistant does.
    ///
    /// # Errors
    /// [`SmdpEnded`].
    pub async fn es9(&self, request: es9::Request) -> Result<es9::Answer, SmdpEnded> {
        let waiting = self.pending.es9();
        let input = SmdpInput::Es9 { from: waiting.id(), request };
        self.inbox.send(input).await.map_err(|_| SmdpEnded)?;
        waiting.answer().await
    }

    /// Asks as an operator does. The answer to `ConfirmOrder` comes after
    /// [`provisioned`](Self::tell).
    ///
    /// # Errors
    /// [`SmdpEnded`].
    pub async fn es2(&self, request: es2::Request) -> Result<es2::Answer, SmdpEnded> {
        let waiting = self.pending.es2();
        let input = SmdpInput::Es2 { from: waiting.id(), request };
        self.inbox.send(input).await.map_err(|_| SmdpEnded)?;
        waiting.answer().await
    }

    /// Tells the machine what became of its [`SmdpNews`].
    ///
    /// # Errors
    /// [`SmdpEnded`].
    pub async fn tell(&self, input: SmdpInput) -> Result<(), SmdpEnded> {
        self.inbox.send(input).await.map_err(|_| SmdpEnded)
    }
}

impl SmdpNews {
    /// Waits for the next word: a `Provision`, a `Progress` or an `Es12`. It is said again until the
    /// machine is [told](SmdpServer::tell) that it was taken. `None` when the server has ended.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<SmdpOutput> {
        self.news.recv().await
    }

    /// Waits until the server has ended.
    ///
    /// # Errors
    /// [`SmdpFault`] where it did so by itself.
    pub async fn ended(self) -> Result<(), SmdpFault> {
        match self.task.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Stopped::NotDurable(error))) => Err(error.into()),
            Ok(Err(Stopped::Stuck { timer })) => Err(SmdpFault::Stuck { timer }),
            Err(died) => Err(SmdpFault::Died(died.to_string())),
        }
    }
}

impl fmt::Debug for SmdpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmdpServer").finish_non_exhaustive()
    }
}
