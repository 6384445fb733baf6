//! What is around the machine of a terminal: the network, its journal, its user.

use super::{DeskStatus, Outcome, Request};
use crate::fleet::node::Edge;
use crate::fleet::post::{Message, Node, Post, To};
use crate::journal::JournalError;
use crate::runner::Environment;
use polysim_fleet::speech::Frame;
use polysim_fleet::terminal::{
    Terminal, TerminalEvent, TerminalInput, TerminalOutput, TerminalRecord, WishError,
};
use polysim_fleet::wire::Answer;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// What is around the machine of a terminal.
pub(in crate::fleet) struct Around {
    pub(in crate::fleet) node: Node,
    pub(in crate::fleet) edge: Edge<TerminalRecord>,
    pub(in crate::fleet) post: Arc<dyn Post>,
    pub(in crate::fleet) first: VecDeque<TerminalInput>,
    pub(in crate::fleet) requests: mpsc::Receiver<Request>,
    /// The number of the next wish: larger than those of all texts in the journal.
    pub(in crate::fleet) next_wish: u64,
    /// Bounded by the wishes of which the machine has not told the end, and by those who wait.
    pub(in crate::fleet) waiting: BTreeMap<u64, oneshot::Sender<Result<Outcome, WishError>>>,
    pub(in crate::fleet) events: broadcast::Sender<TerminalEvent>,
    pub(in crate::fleet) speaker: broadcast::Sender<Frame>,
    pub(in crate::fleet) status: watch::Sender<DeskStatus>,
}

impl Around {
    fn take(&mut self, request: Request) -> TerminalInput {
        match request {
            Request::Wish(wish, told) => {
                // Who has stopped waiting is not told, and takes no room.
                self.waiting.retain(|_, told| !told.is_closed());
                let number = self.next_wish;
                self.next_wish = self.next_wish.saturating_add(1);
                self.waiting.insert(number, told);
                TerminalInput::Wish(number, wish)
            }
            Request::Microphone(frame) => TerminalInput::Microphone(frame),
        }
    }

    fn over(&mut self, wish: u64, outcome: Result<Outcome, WishError>) {
        if let Some(told) = self.waiting.remove(&wish) {
            // Who has stopped waiting is not told.
            drop(told.send(outcome));
        }
    }

    fn tell(&mut self, event: TerminalEvent) {
        match &event {
            // It is told again how it ends.
            TerminalEvent::Answered(_, Answer::Waiting(_)) => {}
            TerminalEvent::Answered(wish, Answer::Refused(refusal)) => {
                self.over(*wish, Err(WishError::Exchange(*refusal)));
            }
            TerminalEvent::Answered(wish, answer) => {
                self.over(*wish, Ok(Outcome::Answered(answer.clone())));
            }
            TerminalEvent::Done(wish) => self.over(*wish, Ok(Outcome::Done)),
            TerminalEvent::Apdu(wish, said) => self.over(*wish, Ok(Outcome::Apdu(said.clone()))),
            TerminalEvent::Accepted(wish, text) => self.over(*wish, Ok(Outcome::Accepted(*text))),
            TerminalEvent::Failed(wish, error) => self.over(*wish, Err(*error)),
            TerminalEvent::Rings { .. }
            | TerminalEvent::RingOver(..)
            | TerminalEvent::Call { .. }
            | TerminalEvent::Speech { .. }
            | TerminalEvent::Ussd { .. }
            | TerminalEvent::Text(..)
            | TerminalEvent::Mail(_) => {}
        }
        // Nobody listens at the moment.
        drop(self.events.send(event));
    }
}

/// Returns what a message is to a terminal; `None` where it is nothing.
fn input(from: Node, message: Message) -> Option<TerminalInput> {
    match (from, message) {
        (Node::Server(server), Message::Answer(request, answer)) => {
            Some(TerminalInput::Answer(server, request, answer))
        }
        (Node::Server(server), Message::Mail(mail)) => Some(TerminalInput::Mail(server, mail)),
        (Node::Site(site), Message::FromModem(said)) => Some(TerminalInput::Modem(site, said)),
        (Node::Server(_) | Node::Site(_) | Node::Terminal(..), _) => None,
    }
}

impl Environment<Terminal> for Around {
    type Failure = JournalError;

    fn settled(&mut self, machine: &Terminal) -> bool {
        self.status.send_if_modified(|told| {
            let (cursor, open_wishes) = (machine.cursor(), machine.open_wishes());
            let is_new = (told.cursor, told.open_wishes) != (cursor, open_wishes);
            if told.cursor != cursor {
                told.inbox = machine.inbox().cloned().collect();
            }
            (told.cursor, told.open_wishes) = (cursor, open_wishes);
            is_new
        });
        true
    }

    async fn next(&mut self) -> Option<TerminalInput> {
        loop {
            if let Some(input) = self.first.pop_front() {
                return Some(input);
            }
            tokio::select! {
                biased;
                () = Edge::<TerminalRecord>::stopped(&mut self.edge.stop) => return None,
                Some(request) = self.requests.recv() => return Some(self.take(request)),
                message = self.edge.inbox.recv() => {
                    let (from, message) = message?;
                    if let Some(input) = input(from, message) {
                        return Some(input);
                    }
                }
            }
        }
    }

    async fn perform(&mut self, output: TerminalOutput) {
        match output {
            TerminalOutput::Server(server, request) => {
                let to = To::Node(Node::Server(server));
                self.post.send(self.node, to, Message::Request(request));
            }
            TerminalOutput::Site(site, said) => {
                let to = To::Node(Node::Site(site));
                self.post.send(self.node, to, Message::ToModem(said));
            }
            // Nobody listens at the moment.
            TerminalOutput::Speaker(frame) => drop(self.speaker.send(frame)),
            TerminalOutput::Tell(event) => self.tell(event),
        }
    }

    async fn record(&mut self, records: Vec<TerminalRecord>) -> Result<(), JournalError> {
        self.edge.record(records).await
    }
}
