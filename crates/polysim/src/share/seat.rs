//! A modem and what is in its slot: nothing, a soft card, or the client of a card elsewhere.

use super::card::{CardTask, MakeCard, Said};
use super::modem::{ModemReport, SharedModem};
use polysim_aka::SqnArray;
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Instant, Machine as _, Out};
use polysim_hal::Clock;
use polysim_share::sap::{Client, ClientInput, ClientOutput, MaxMsgSize};
use polysim_share::slave::SoftCard;
use std::collections::VecDeque;

/// What is for the machine.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Happened {
    /// The modem is on no network, and its card is out.
    Left,
    /// The soft card has accepted another sequence number.
    Sequence(SqnArray),
    /// The client says this to the server.
    ToServer(Vec<u8>),
}

/// A modem with its slot.
pub(super) struct Seat {
    modem: Box<dyn SharedModem>,
    make: MakeCard,
    slot: Slot,
    happened: VecDeque<Happened>,
    /// Commands to a card that is elsewhere.
    commands: u64,
    /// Orders to leave that the modem has not answered.
    asked: u32,
    /// Those of them that were given before it was told to go to the network again.
    outdated: u32,
}

enum Slot {
    Empty,
    Soft(CardTask),
    Remote(Box<Client>),
}

impl Seat {
    pub(super) fn new(modem: Box<dyn SharedModem>, make: MakeCard) -> Self {
        let (slot, happened) = (Slot::Empty, VecDeque::new());
        Self { modem, make, slot, happened, commands: 0, asked: 0, outdated: 0 }
    }

    /// Returns how many commands went to a card that is elsewhere.
    pub(super) const fn commands(&self) -> u64 {
        self.commands
    }

    /// Puts a card of parameters in, and goes to the network.
    pub(super) fn attach(&mut self, card: SoftCard) {
        self.empty();
        let Some(card) = (self.make)(card) else {
            // Without a card there is no network: the modem reports that it is on none.
            return self.leave();
        };
        self.outdate();
        self.slot = Slot::Soft(CardTask::new(card));
        self.modem.card(CardReply::Inserted);
        self.modem.attach();
    }

    /// Connects the client to the slot, and goes to the network.
    pub(super) fn attach_remote(&mut self, now: Instant) {
        self.empty();
        self.slot = Slot::Remote(Box::new(Client::new(MaxMsgSize::COMMON)));
        self.client(now, ClientInput::Connect);
        self.outdate();
        self.modem.attach();
    }

    pub(super) fn leave(&mut self) {
        self.asked = self.asked.saturating_add(1);
        self.modem.leave();
    }

    pub(super) fn cut_power(&mut self) {
        self.asked = self.asked.saturating_add(1);
        self.modem.cut_power();
    }

    /// What the modem still answers to is of the time before.
    fn outdate(&mut self) {
        self.outdated = self.outdated.saturating_add(std::mem::take(&mut self.asked));
    }

    /// What the server says.
    pub(super) fn server_says(&mut self, now: Instant, octets: Vec<u8>) {
        self.client(now, ClientInput::Octets(octets));
    }

    /// The link is down: a card that is elsewhere is gone at once.
    pub(super) fn link_lost(&mut self, now: Instant) {
        self.client(now, ClientInput::LinkLost);
    }

    /// All that was recorded is durable: the card answers.
    pub(super) fn settled(&mut self) {
        if let Slot::Soft(card) = &mut self.slot {
            card.settled().into_iter().for_each(|reply| self.modem.card(reply));
        }
    }

    /// Waits for what is for the machine. Dropping the future loses nothing.
    pub(super) async fn next(&mut self, clock: &dyn Clock) -> Happened {
        loop {
            if let Some(happened) = self.happened.pop_front() {
                return happened;
            }
            let Self { modem, slot, .. } = self;
            tokio::select! {
                biased;
                said = slot.next(clock) => match said {
                    Some(said) => self.said(said),
                    None => self.wake(clock.now()),
                },
                report = modem.next() => self.report(clock.now(), report),
            }
        }
    }

    fn said(&mut self, said: Said) {
        match said {
            Said::Replies(replies) => {
                replies.into_iter().for_each(|reply| self.modem.card(reply));
            }
            Said::Sequence(sequence) => self.happened.push_back(Happened::Sequence(sequence)),
        }
    }

    fn report(&mut self, now: Instant, report: ModemReport) {
        match report {
            ModemReport::Left if self.outdated > 0 => self.outdated -= 1,
            ModemReport::Left => {
                self.asked = self.asked.saturating_sub(1);
                self.empty();
                self.happened.push_back(Happened::Left);
            }
            ModemReport::Card(signal) => match &self.slot {
                Slot::Empty => {}
                Slot::Soft(card) => card.signal(signal),
                Slot::Remote(_) => {
                    let is_command = matches!(signal, CardSignal::Command(_));
                    self.commands = self.commands.saturating_add(u64::from(is_command));
                    self.client(now, ClientInput::Terminal(signal));
                }
            },
        }
    }

    fn wake(&mut self, now: Instant) {
        if let Slot::Remote(client) = &mut self.slot {
            client.handle_timeout(now);
        }
        self.drain();
    }

    /// Takes out what is in the slot.
    fn empty(&mut self) {
        let before = std::mem::replace(&mut self.slot, Slot::Empty);
        if !matches!(before, Slot::Empty) {
            self.modem.card(CardReply::Removed);
        }
    }

    fn client(&mut self, now: Instant, input: ClientInput) {
        if let Slot::Remote(client) = &mut self.slot {
            client.handle(now, input);
        }
        self.drain();
    }

    fn drain(&mut self) {
        let Slot::Remote(client) = &mut self.slot else { return };
        while let Some(Out::Do(output)) = client.poll_output() {
            match output {
                ClientOutput::Octets(octets) => {
                    self.happened.push_back(Happened::ToServer(octets));
                }
                ClientOutput::Terminal(reply) => self.modem.card(reply),
                ClientOutput::Tell(_) => {}
            }
        }
    }
}

impl Slot {
    /// Waits for what a soft card says; `None` when a client is to be woken.
    async fn next(&mut self, clock: &dyn Clock) -> Option<Said> {
        match self {
            Self::Empty => std::future::pending().await,
            Self::Soft(card) => Some(card.said().await),
            Self::Remote(client) => match client.poll_timeout() {
                Some((due, _)) => {
                    clock.sleep_until(due).await;
                    None
                }
                None => std::future::pending().await,
            },
        }
    }
}
