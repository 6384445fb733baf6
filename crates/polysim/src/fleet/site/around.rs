//! What is around the machine of a site: the network, its journal, its modems.

use super::modem::Asked;
use super::{BANK, SiteStatus, Wiring};
use crate::fleet::node::Edge;
use crate::fleet::post::{Message, Node, Post, To};
use crate::journal::JournalError;
use crate::runner::Environment;
use polysim_at::CmeError;
use polysim_base::Iccid;
use polysim_fleet::SiteId;
use polysim_fleet::site::{Site, SiteInput, SiteOutput, SiteRecord};
use polysim_fleet::wire::{CardReply, SiteReport};
use polysim_modem::{ModemCommand, ModemError, ModemEvent, ModemInput, ModemOutput};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::watch;

/// What is around the machine of a site.
pub(in crate::fleet) struct Around {
    id: SiteId,
    edge: Edge<SiteRecord>,
    post: Arc<dyn Post>,
    wiring: Wiring,
    /// What goes in before anything else: few at a time, as each is an answer to an output.
    first: VecDeque<SiteInput>,
    /// The SIM that each modem is to have.
    tenants: Vec<Option<Iccid>>,
    now: SiteStatus,
    status: watch::Sender<SiteStatus>,
}

impl Around {
    pub(in crate::fleet) fn new(
        id: SiteId,
        edge: Edge<SiteRecord>,
        post: Arc<dyn Post>,
        wiring: Wiring,
        status: watch::Sender<SiteStatus>,
    ) -> Self {
        let mut first = VecDeque::from([SiteInput::Start]);
        let cards = (0..).zip(&wiring.asked).map(|(slot, _)| SiteInput::Card {
            bank: BANK,
            slot,
            reply: CardReply::Inserted,
        });
        first.extend(cards);
        let (tenants, now) = (Vec::new(), SiteStatus::default());
        Self { id, edge, post, wiring, first, tenants, now, status }
    }

    fn say(&self, to: To, message: Message) {
        self.post.send(Node::Site(self.id), to, message);
    }

    /// Returns whether a modem may do something: with the SIM that is to be in it only if that is
    /// the card in it.
    fn may(&self, number: u16, command: &ModemCommand) -> bool {
        let tenant = self.tenants.get(usize::from(number)).copied().flatten();
        let harmless = matches!(
            command,
            ModemCommand::PowerOff(_) | ModemCommand::ListTexts | ModemCommand::HangUp(_)
        );
        harmless || tenant.is_none_or(|sim| self.now.cards.get(&number) == Some(&sim))
    }

    async fn drive(&mut self, number: u16, input: ModemInput) {
        let id = match &input {
            ModemInput::Command { id, command } if !self.may(number, command) => {
                return self.refuse(number, *id, ModemError::Cme(CmeError::SimNotInserted));
            }
            ModemInput::Command { id, .. } => Some(*id),
            ModemInput::Bytes(_)
            | ModemInput::PortOpened
            | ModemInput::PortLost
            | ModemInput::Recorded(_) => None,
        };
        let sent = match self.wiring.asked.get(usize::from(number)) {
            // The task of a modem always takes what it is asked.
            Some(modem) => modem.send(Asked::Driver(input)).await.is_ok(),
            None => false,
        };
        if let Some(id) = id.filter(|_| !sent) {
            self.refuse(number, id, ModemError::PortLost);
        }
    }

    fn refuse(&mut self, number: u16, id: u64, error: ModemError) {
        let done = ModemOutput::Done { id, outcome: Err(error) };
        self.first.push_back(SiteInput::Modem(number, done));
    }

    /// Looks whether a modem that was set up has another card than was known: then somebody has
    /// put that in, and cards that are in no use may have been moved, too. They are looked at anew
    /// before anything goes on with them.
    fn hear(&mut self, heard: SiteInput) -> SiteInput {
        let SiteInput::Modem(number, ModemOutput::Event(ModemEvent::Ready(identity))) = &heard
        else {
            return heard;
        };
        let (number, known) = (*number, self.now.cards.get(number).copied());
        if identity.iccid.is_none() || known.is_none() || identity.iccid == known {
            return heard;
        }
        let slots = (0..).zip(&self.tenants);
        let unused = slots.filter(|(slot, tenant)| *slot == number || tenant.is_none());
        for (slot, _) in unused {
            let card = |reply| SiteInput::Card { bank: BANK, slot, reply };
            self.first.extend([CardReply::Removed, CardReply::Inserted].map(card));
        }
        SiteInput::Card { bank: BANK, slot: number, reply: CardReply::Removed }
    }

    /// Looks at what the site says of its cards: each is in the modem of its slot's number.
    fn look(&mut self, report: &SiteReport) {
        if let SiteReport::Hello(hello) = report {
            self.now.cards = hello.cards.iter().map(|card| (card.slot.slot, card.iccid)).collect();
        }
    }
}

/// Returns what a message is to a site; `None` where it is nothing.
fn input(from: Node, message: Message) -> Option<SiteInput> {
    match (from, message) {
        (Node::Server(server), Message::Directive(directive)) => {
            Some(SiteInput::Server(server, directive))
        }
        (Node::Terminal(user, terminal), Message::ToModem(said)) => {
            Some(SiteInput::Terminal(user, terminal, said))
        }
        (Node::Site(site), Message::Relay(relay)) => Some(SiteInput::Site(site, relay)),
        (Node::Server(_) | Node::Site(_) | Node::Terminal(..), _) => None,
    }
}

impl Environment<Site> for Around {
    type Failure = JournalError;

    fn settled(&mut self, machine: &Site) -> bool {
        let numbers = (0..).zip(&self.wiring.asked).map(|(number, _)| number);
        self.now.modems = numbers.filter_map(|number| machine.modem(number)).collect();
        let sim = |view: &polysim_fleet::site::ModemView| view.lease.map(|claim| claim.iccid);
        self.tenants = self.now.modems.iter().map(sim).collect();
        let Self { now, status, .. } = self;
        status.send_if_modified(|told| {
            let is_new = told != now;
            if is_new {
                told.clone_from(now);
            }
            is_new
        });
        true
    }

    async fn next(&mut self) -> Option<SiteInput> {
        loop {
            if let Some(input) = self.first.pop_front() {
                return Some(input);
            }
            tokio::select! {
                biased;
                () = Edge::<SiteRecord>::stopped(&mut self.edge.stop) => return None,
                Some(heard) = self.wiring.heard.recv() => return Some(self.hear(heard)),
                message = self.edge.inbox.recv() => {
                    let (from, message) = message?;
                    if let Some(input) = input(from, message) {
                        return Some(input);
                    }
                }
            }
        }
    }

    async fn perform(&mut self, output: SiteOutput) {
        match output {
            SiteOutput::Server(server, report) => {
                self.look(&report);
                self.say(To::Node(Node::Server(server)), Message::Report(report));
            }
            SiteOutput::Terminal(user, terminal, said) => {
                let to = To::Node(Node::Terminal(user, terminal));
                self.say(to, Message::FromModem(said));
            }
            SiteOutput::User(user, said) => {
                self.say(To::TerminalsOf(user), Message::FromModem(said));
            }
            SiteOutput::Site(site, relay) => {
                self.say(To::Node(Node::Site(site)), Message::Relay(relay));
            }
            SiteOutput::Modem(number, input) => self.drive(number, input).await,
            // The card is in the modem already, and stays there.
            SiteOutput::ModemCard(..) => {}
            SiteOutput::ModemSpeech(number, frame) => {
                let speech = self.wiring.speech.get(usize::from(number));
                if let Some(port) = speech.and_then(Option::as_ref) {
                    // What a port does not keep up with is lost.
                    drop(port.try_send(frame));
                }
            }
            SiteOutput::Card { slot, signal, .. } => {
                if let Some(modem) = self.wiring.asked.get(usize::from(slot)) {
                    // A modem without a task answers nothing: the card counts as mute.
                    drop(modem.send(Asked::Card(signal)).await);
                }
            }
        }
    }

    async fn record(&mut self, records: Vec<SiteRecord>) -> Result<(), JournalError> {
        self.edge.record(records).await
    }
}
