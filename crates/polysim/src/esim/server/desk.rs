//! What is around the machine: who asks, the journal, whoever is told.

use super::SmdpEnded;
use crate::journal::{Journal, JournalError};
use crate::runner::Environment;
use polysim_rsp::{es2, es9};
use polysim_smdp::{RequestId, Smdp, SmdpInput, SmdpOutput, SmdpRecord};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};

pub(super) struct Desk {
    pub(super) asked: mpsc::Receiver<SmdpInput>,
    pub(super) journal: Box<dyn Journal<SmdpRecord>>,
    pub(super) tell: mpsc::Sender<SmdpOutput>,
    pub(super) pending: Arc<Pending>,
}

impl Environment<Smdp> for Desk {
    type Failure = JournalError;

    fn settled(&mut self, _: &Smdp) -> bool {
        true
    }

    async fn next(&mut self) -> Option<SmdpInput> {
        self.asked.recv().await
    }

    async fn perform(&mut self, output: SmdpOutput) {
        match output {
            SmdpOutput::Es9 { to, answer } => self.pending.answer(to, Answer::Es9(answer)),
            SmdpOutput::Es2 { to, answer } => self.pending.answer(to, Answer::Es2(answer)),
            news @ (SmdpOutput::Provision { .. }
            | SmdpOutput::Progress { .. }
            | SmdpOutput::Es12 { .. }) => {
                // What does not fit, or finds nobody, is said again.
                drop(self.tell.try_send(news));
            }
        }
    }

    async fn record(&mut self, records: Vec<SmdpRecord>) -> Result<(), JournalError> {
        self.journal.append(records).await
    }
}

/// Who waits for an answer.
#[derive(Default)]
pub(super) struct Pending {
    last: AtomicU64,
    waiting: Mutex<BTreeMap<RequestId, oneshot::Sender<Answer>>>,
}

pub(super) enum Answer {
    Es9(es9::Answer),
    Es2(es2::Answer),
}

impl Pending {
    pub(super) fn es9(self: &Arc<Self>) -> Waiting<es9::Answer> {
        self.wait(|answer| match answer {
            Answer::Es9(answer) => Some(answer),
            Answer::Es2(_) => None,
        })
    }

    pub(super) fn es2(self: &Arc<Self>) -> Waiting<es2::Answer> {
        self.wait(|answer| match answer {
            Answer::Es2(answer) => Some(answer),
            Answer::Es9(_) => None,
        })
    }

    fn wait<T>(self: &Arc<Self>, read: fn(Answer) -> Option<T>) -> Waiting<T> {
        let id = RequestId(self.last.fetch_add(1, Ordering::Relaxed));
        let (send, receive) = oneshot::channel();
        self.lock().insert(id, send);
        Waiting { id, receive, read, pending: Arc::clone(self) }
    }

    fn answer(&self, to: RequestId, answer: Answer) {
        if let Some(waiting) = self.lock().remove(&to) {
            // Whoever has asked may have gone.
            drop(waiting.send(answer));
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<RequestId, oneshot::Sender<Answer>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that has no answer yet. Dropped, it is forgotten.
pub(super) struct Waiting<T> {
    id: RequestId,
    receive: oneshot::Receiver<Answer>,
    read: fn(Answer) -> Option<T>,
    pending: Arc<Pending>,
}

impl<T> Waiting<T> {
    pub(super) const fn id(&self) -> RequestId {
        self.id
    }

    pub(super) async fn answer(mut self) -> Result<T, SmdpEnded> {
        let answer = (&mut self.receive).await.map_err(|_| SmdpEnded)?;
        (self.read)(answer).ok_or(SmdpEnded)
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        drop(self.pending.lock().remove(&self.id));
    }
}
