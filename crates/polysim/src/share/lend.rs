//! The card that stays with the master, and the server that lends it.

use super::card::{CardTask, ContactCard, Said};
use polysim_aka::SqnArray;
use polysim_apdu::CardReply;
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
}

impl Lending {
    /// Lends a card, over a link that is up.
    pub(super) fn new(now: Instant, card: Box<dyn ContactCard>) -> Self {
        let mut lending = Self {
            card: CardTask::new(card),
            server: Box::new(Server::new(MaxMsgSize::COMMON)),
            said: VecDeque::new(),
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
        let replies = self.card.settled();
        self.card_says(now, replies);
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
                said = card.said() => match said {
                    Said::Replies(replies) => self.card_says(clock.now(), replies),
                    Said::Sequence(sequence) => self.said.push_back(Lent::Sequence(sequence)),
                },
                () = due(server, clock) => {
                    self.server.handle_timeout(clock.now());
                    self.drain();
                }
            }
        }
    }

    fn card_says(&mut self, now: Instant, replies: Vec<CardReply>) {
        for reply in replies {
            self.handle(now, ServerInput::Card(reply));
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
