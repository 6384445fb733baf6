//! The card that stays with the master, and the server that lends it.

use super::card::{CardTask, ContactCard};
use polysim_aka::SqnArray;
use polysim_base::{Instant, Machine as _, Out};
use polysim_hal::Clock;
use polysim_share::sap::{MaxMsgSize, Server, ServerInput, ServerOutput};
use std::collections::VecDeque;

/// What is for the machine.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Lent {
    /// The server says this to the slave that has the card.
    ToClient(Vec<u8>),
    /// The card has accepted another sequence number.
    Sequence(SqnArray),
}

/// A card and its server.
pub(super) struct Lending {
    card: CardTask,
    server: Box<Server>,
    said: VecDeque<Lent>,
    /// What the card says once its sequence number is written down.
    held: Vec<polysim_apdu::CardReply>,
}

impl Lending {
    /// Lends a card, over a link that is up.
    pub(super) fn new(now: Instant, card: Box<dyn ContactCard>) -> Self {
        let (said, held) = (VecDeque::new(), Vec::new());
        let mut lending = Self {
            card: CardTask::new(card),
            server: Box::new(Server::new(MaxMsgSize::COMMON)),
            said,
            held,
        };
        lending.handle(now, ServerInput::LinkUp);
        lending
    }

    /// What the client says.
    pub(super) fn client_says(&mut self, now: Instant, octets: Vec<u8>) {
        self.handle(now, ServerInput::Octets(octets));
    }

    /// All that was recorded is durable: the card answers.
    pub(super) fn settled(&mut self, now: Instant) {
        for reply in std::mem::take(&mut self.held) {
            self.handle(now, ServerInput::Card(reply));
        }
    }

    /// Waits for what is for the machine. Dropping the future loses nothing.
    pub(super) async fn next(&mut self, clock: &dyn Clock) -> Lent {
        loop {
            if let Some(said) = self.said.pop_front() {
                return said;
            }
            let Self { card, server, .. } = self;
            tokio::select! {
                biased;
                said = card.said() => match said.sequence {
                    Some(sequence) => {
                        self.held.extend(said.replies);
                        self.said.push_back(Lent::Sequence(sequence));
                    }
                    None => {
                        for reply in said.replies {
                            self.handle(clock.now(), ServerInput::Card(reply));
                        }
                    }
                },
                () = due(server, clock) => {
                    self.server.handle_timeout(clock.now());
                    self.drain();
                }
            }
        }
    }

    fn handle(&mut self, now: Instant, input: ServerInput) {
        self.server.handle(now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(Out::Do(output)) = self.server.poll_output() {
            match output {
                ServerOutput::Octets(octets) => self.said.push_back(Lent::ToClient(octets)),
                ServerOutput::Card(signal) => self.card.signal(signal),
                ServerOutput::Tell(_) => {}
            }
        }
    }
}

async fn due(server: &Server, clock: &dyn Clock) {
    match server.poll_timeout() {
        Some((due, _)) => clock.sleep_until(due).await,
        None => std::future::pending().await,
    }
}
