//! A server: an exchange in a task of its own.

use super::node::{Edge, Ended};
use super::post::{Message, Node, Post, To};
use crate::journal::JournalError;
use crate::runner::Environment;
use polysim_fleet::wire::{Input, OperatorInput, Output, Record};
use polysim_fleet::{Exchange, MailId, ServerId, SimState, Term};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Most things that the operator of the fleet says before he waits.
pub(super) const ORDERS_MAX: usize = 64;

/// How a server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerStatus {
    /// Whether it leads.
    pub leads: bool,
    /// In which term.
    pub term: Term,
    /// How many SIMs are in each state.
    pub sims: Vec<(SimState, u32)>,
    /// The newest of what has come.
    pub last_mail: MailId,
}

impl ServerStatus {
    pub(super) fn of(exchange: &Exchange) -> Self {
        Self {
            leads: exchange.leads(),
            term: exchange.term(),
            sims: exchange.tally().collect(),
            last_mail: exchange.last_mail(),
        }
    }
}

/// The operator's way to a server. Clones are the same server.
#[derive(Clone, Debug)]
pub struct ServerDesk {
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) status: watch::Receiver<ServerStatus>,
}

impl ServerDesk {
    /// Tells the server what the operator of the fleet has decided. Done when that is recorded.
    ///
    /// # Errors
    /// [`Ended`]; whether it was recorded is not known then. Said again it does no harm.
    pub async fn operator(&self, input: OperatorInput) -> Result<(), Ended> {
        let (done, recorded) = oneshot::channel();
        self.orders.send(Order { input, done }).await.map_err(|_| Ended)?;
        recorded.await.map_err(|_| Ended)
    }

    /// Returns how it is.
    #[must_use]
    pub fn status(&self) -> ServerStatus {
        self.status.borrow().clone()
    }
}

#[derive(Debug)]
pub(super) struct Order {
    input: OperatorInput,
    done: oneshot::Sender<()>,
}

/// What is around an exchange.
pub(super) struct Around {
    pub(super) id: ServerId,
    pub(super) edge: Edge<Record>,
    pub(super) post: Arc<dyn Post>,
    pub(super) first: VecDeque<Input>,
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) served: Vec<oneshot::Sender<()>>,
    pub(super) status: watch::Sender<ServerStatus>,
}

impl Around {
    fn say(&self, to: To, message: Message) {
        self.post.send(Node::Server(self.id), to, message);
    }
}

/// Returns what a message is to an exchange; `None` where it is nothing.
fn input(from: Node, message: Message) -> Option<Input> {
    match (from, message) {
        (Node::Site(site), Message::Report(report)) => Some(Input::Site(site, report)),
        (Node::Terminal(user, _), Message::Request(request)) => Some(Input::User(user, request)),
        (Node::Server(_) | Node::Site(_) | Node::Terminal(..), _) => None,
    }
}

impl Environment<Exchange> for Around {
    type Failure = JournalError;

    fn settled(&mut self, machine: &Exchange) -> bool {
        for done in self.served.drain(..) {
            // Who does not wait any more is not told.
            done.send(()).unwrap_or_default();
        }
        let status = ServerStatus::of(machine);
        self.status.send_if_modified(|told| {
            let is_new = *told != status;
            *told = status;
            is_new
        });
        true
    }

    async fn next(&mut self) -> Option<Input> {
        loop {
            if let Some(input) = self.first.pop_front() {
                return Some(input);
            }
            tokio::select! {
                biased;
                () = Edge::<Record>::stopped(&mut self.edge.stop) => return None,
                Some(order) = self.orders.recv() => {
                    self.served.push(order.done);
                    return Some(Input::Operator(order.input));
                }
                message = self.edge.inbox.recv() => {
                    let (from, message) = message?;
                    if let Some(input) = input(from, message) {
                        return Some(input);
                    }
                }
            }
        }
    }

    async fn perform(&mut self, output: Output) {
        match output {
            Output::ToSite(site, directive) => {
                self.say(To::Node(Node::Site(site)), Message::Directive(directive));
            }
            Output::ToUser { user, request, answer } => {
                let terminal = Node::Terminal(user, request.terminal());
                self.say(To::Node(terminal), Message::Answer(request, answer));
            }
            Output::Mail(user, mail) => self.say(To::TerminalsOf(user), Message::Mail(mail)),
        }
    }

    async fn record(&mut self, records: Vec<Record>) -> Result<(), JournalError> {
        self.edge.record(records).await
    }
}
