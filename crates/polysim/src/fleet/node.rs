//! What the tasks of all machines have in common.

use super::post::{Message, Node, NodeTaken};
use crate::journal::{Journal, JournalError};
use crate::runner::Stopped;
use polysim_base::Machine;
use tokio::sync::{mpsc, watch};

/// Why a machine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What it remembers cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// It runs already.
    #[error(transparent)]
    Taken(#[from] NodeTaken),
}

/// A machine that has ended by itself. What it had recorded is in its journal: start it anew.
#[derive(Debug, thiserror::Error)]
pub enum NodeFault {
    /// Its journal failed.
    #[error("{node} has stopped: {source}")]
    Journal {
        /// Which one.
        node: Node,
        /// How.
        source: JournalError,
    },
    /// It serves a deadline without end.
    #[error("{node} has stopped: it does not get past its deadline {timer}")]
    Stuck {
        /// Which one.
        node: Node,
        /// Which deadline.
        timer: String,
    },
    /// Its task has panicked.
    #[error("a task of the fleet has died: {0}")]
    Died(String),
}

impl NodeFault {
    pub(super) fn new(node: Node, stopped: Stopped<JournalError>) -> Self {
        match stopped {
            Stopped::NotDurable(source) => Self::Journal { node, source },
            Stopped::Stuck { timer } => Self::Stuck { node, timer },
        }
    }
}

/// The machine has stopped, and nobody serves what is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this part of the fleet has stopped: start it again from its journal")]
pub struct Ended;

/// What every machine has around it.
pub(super) struct Edge<R> {
    pub(super) inbox: mpsc::Receiver<(Node, Message)>,
    pub(super) journal: Box<dyn Journal<R>>,
    pub(super) stop: watch::Receiver<bool>,
}

impl<R: Send + 'static> Edge<R> {
    /// Waits until the fleet is stopped.
    pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
        // A fleet that is gone has stopped, too.
        drop(stop.wait_for(|stop| *stop).await);
    }

    pub(super) async fn record(&mut self, records: Vec<R>) -> Result<(), JournalError> {
        self.journal.append(records).await
    }
}

/// Rebuilds a machine from its journal; `seen` looks at each record.
pub(super) async fn restore<M>(
    machine: &mut M,
    journal: &mut dyn Journal<M::Record>,
    mut seen: impl FnMut(&M::Record) + Send,
) -> Result<(), JournalError>
where
    M: Machine + Send,
{
    let mut fold = |record| {
        seen(&record);
        machine.restore(record);
    };
    journal.replay(&mut fold).await
}
