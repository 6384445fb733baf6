//! What is around the machine of a master.

use super::sessions::{ConnectionId, Heard, Sessions};
use super::{MasterStatus, MasterTold, PairedSlave};
use crate::journal::{Journal, JournalError};
use crate::runner::Environment;
use crate::share::card::MakeCard;
use crate::share::entry::{Dated, MasterEntry};
use crate::share::lend::{Lending, Lent};
use crate::share::link::{Number, Stream};
use crate::share::seat::{Happened, Seat};
use polysim_aka::SqnArray;
use polysim_hal::Clock;
use polysim_share::link::LinkEvent;
use polysim_share::master::{
    CardOrder, Master, MasterCommand, MasterInput, MasterOutput, MasterRecord, OwnOrder, SlaveId,
};
use polysim_share::slave::SoftCard;
use polysim_share::{PeerKey, VirtualSim};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// What the user says.
pub(super) enum Order {
    Accept(Box<dyn Stream>),
    Command(MasterCommand),
    Pair(bool),
    Compared(ConnectionId, bool),
}

/// What goes in before anything else: it follows from what was heard.
#[derive(Debug)]
enum Next {
    Input(MasterInput),
    /// A key was shown on a connection: the session of that slave begins.
    Session(Number, PeerKey),
}

/// What it is made of.
pub(super) struct Parts {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) journal: Box<dyn Journal<Dated<MasterEntry>>>,
    pub(super) asked: mpsc::Receiver<Order>,
    pub(super) told: mpsc::Sender<MasterTold>,
    pub(super) status: watch::Sender<MasterStatus>,
    pub(super) sessions: Sessions,
    pub(super) own: Option<Seat>,
    pub(super) lend: MakeCard,
    pub(super) shared: Shared,
}

/// What is shared, as the records have it.
pub(super) struct Shared {
    pub(super) set: Box<VirtualSim>,
    pub(super) sequence: SqnArray,
}

impl Shared {
    pub(super) fn note(&mut self, record: &MasterRecord) {
        match record {
            MasterRecord::Sequence(sequence) => self.sequence.clone_from(sequence),
            MasterRecord::Replaced { set, .. } => {
                self.set.clone_from(set);
                self.sequence = SqnArray::default();
            }
            MasterRecord::Paired { .. }
            | MasterRecord::Unpaired(_)
            | MasterRecord::Wiped(_)
            | MasterRecord::Consented { .. }
            | MasterRecord::Granted { .. }
            | MasterRecord::Locked { .. }
            | MasterRecord::Free { .. } => {}
        }
    }

    fn card(&self, sequence: SqnArray) -> SoftCard {
        SoftCard { set: (*self.set).clone(), sequence }
    }
}

pub(super) struct Around {
    parts: Parts,
    next: VecDeque<Next>,
    /// The slaves by their keys, as the machine has them.
    known: BTreeMap<PeerKey, SlaveId>,
    pairing: bool,
    lending: Option<Lending>,
}

impl Around {
    pub(super) fn new(parts: Parts) -> Self {
        let next = VecDeque::from([Next::Input(MasterInput::Start)]);
        Self { parts, next, known: BTreeMap::new(), pairing: false, lending: None }
    }

    /// Looks at the machine.
    pub(super) fn look(&mut self, master: &Master) {
        self.known = master.slaves().map(|(id, key, _)| (key, id)).collect();
        let slave = |(id, key, name): (SlaveId, PeerKey, &polysim_share::DeviceName)| PairedSlave {
            id,
            key,
            name: name.clone(),
            connected: self.parts.sessions.is_up(id),
        };
        let status = MasterStatus {
            holder: master.holder(),
            slaves: master.slaves().map(slave).collect(),
            pairing: self.pairing,
        };
        self.parts.status.send_if_modified(|told| {
            let is_new = *told != status;
            *told = status;
            is_new
        });
    }

    fn tell(&self, told: MasterTold) {
        // Nobody may listen.
        drop(self.parts.told.try_send(told));
    }

    fn pair(&mut self, on: bool) {
        if std::mem::replace(&mut self.pairing, on) != on {
            self.tell(MasterTold::Pairing(on));
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Accept(stream) => {
                let known = self.known.keys().copied().collect();
                if !self.parts.sessions.accept(stream, known, self.pairing) {
                    self.tell(MasterTold::Crowded);
                }
            }
            Order::Command(command) => self.next.push_back(Next::Input(command_input(command))),
            Order::Pair(on) => self.pair(on),
            Order::Compared(ConnectionId(number), equal) => {
                self.parts.sessions.compared(number, equal);
            }
        }
    }

    fn hear(&mut self, told: (Number, LinkEvent)) {
        let number = told.0;
        match self.parts.sessions.hear(told) {
            Heard::Compare(event) => self.compare(number, event),
            Heard::Up { peer, name, paired_now } => {
                if paired_now {
                    let pair = MasterCommand::Pair { key: peer, name };
                    self.next.push_back(Next::Input(command_input(pair)));
                }
                self.next.push_back(Next::Session(number, peer));
            }
            Heard::Message(slave, message) => {
                self.next.push_back(Next::Input(MasterInput::Message(slave, message)));
            }
            Heard::Down(slave) => self.next.push_back(Next::Input(MasterInput::Down(slave))),
            Heard::Stranger(why) => {
                self.tell(MasterTold::NotConnected { connection: ConnectionId(number), why });
            }
            Heard::Nothing => {}
        }
    }

    /// Both users are to compare, if this is the attempt that was asked for.
    fn compare(&mut self, number: Number, event: LinkEvent) {
        let LinkEvent::Compare { number: shown, peer, name } = event else { return };
        if !self.pairing {
            return self.parts.sessions.close_stranger(number);
        }
        self.pair(false);
        let connection = ConnectionId(number);
        self.tell(MasterTold::Compare { connection, number: shown, peer, name });
    }

    /// Begins the session of a slave. One that it has already ends first.
    fn begin(&mut self, number: Number, peer: PeerKey) -> Option<MasterInput> {
        let Some(slave) = self.known.get(&peer).copied() else {
            // It could not be paired.
            self.parts.sessions.close_stranger(number);
            return None;
        };
        if self.parts.sessions.close(slave).is_some() {
            self.next.push_front(Next::Session(number, peer));
            return Some(MasterInput::Down(slave));
        }
        self.parts.sessions.begin(number, slave).then_some(MasterInput::Up(slave))
    }

    fn own_order(&mut self, order: OwnOrder) {
        match (order, &mut self.parts.own) {
            (OwnOrder::Attach(sequence), Some(seat)) => {
                seat.attach(self.parts.shared.card(sequence));
            }
            (OwnOrder::Leave, Some(seat)) => seat.leave(),
            // There is no modem that could stay on the network.
            (OwnOrder::Attach(_) | OwnOrder::Leave, None) => {
                self.next.push_back(Next::Input(MasterInput::OwnLeft));
            }
        }
    }

    fn card_order(&mut self, order: CardOrder) {
        let now = self.parts.clock.now();
        match order {
            CardOrder::Open(_) => {
                let shared = &self.parts.shared;
                let card = (self.parts.lend)(shared.card(shared.sequence.clone()));
                self.lending = card.map(|card| Lending::new(now, card));
            }
            CardOrder::Message(octets) => {
                if let Some(lending) = &mut self.lending {
                    lending.client_says(now, octets);
                }
            }
            CardOrder::Close => self.lending = None,
        }
    }

    fn send(&mut self, slave: SlaveId, message: &polysim_share::wire::ToSlave) {
        if !self.parts.sessions.send(slave, message) && self.parts.sessions.close(slave).is_some() {
            // The other end takes nothing.
            self.next.push_back(Next::Input(MasterInput::Down(slave)));
        }
    }
}

fn command_input(command: MasterCommand) -> MasterInput {
    MasterInput::Command(command)
}

impl Environment<Master> for Around {
    type Failure = JournalError;

    fn settled(&mut self, master: &Master) -> bool {
        if let Some(seat) = &mut self.parts.own {
            seat.settled();
        }
        if let Some(lending) = &mut self.lending {
            lending.settled(self.parts.clock.now());
        }
        self.look(master);
        true
    }

    async fn next(&mut self) -> Option<MasterInput> {
        loop {
            match self.next.pop_front() {
                Some(Next::Input(input)) => return Some(input),
                Some(Next::Session(number, peer)) => {
                    if let Some(input) = self.begin(number, peer) {
                        return Some(input);
                    }
                    continue;
                }
                None => {}
            }
            let Self { parts, lending, .. } = self;
            let clock = &*parts.clock;
            tokio::select! {
                biased;
                told = parts.sessions.told() => self.hear(told),
                order = parts.asked.recv() => self.order(order?),
                happened = seat(&mut parts.own, clock) => match happened {
                    Happened::Left => return Some(MasterInput::OwnLeft),
                    Happened::Sequence(sequence) => {
                        return Some(MasterInput::OwnSequence(sequence));
                    }
                    // The own modem has a soft card.
                    Happened::ToServer(_) => {}
                },
                lent = lent(lending, clock) => return Some(match lent {
                    Lent::ToClient(octets) => MasterInput::Card(octets),
                    Lent::Sequence(sequence) => MasterInput::OwnSequence(sequence),
                }),
            }
        }
    }

    async fn perform(&mut self, output: MasterOutput) {
        match output {
            MasterOutput::Send(slave, message) => self.send(slave, &message),
            MasterOutput::Own(order) => self.own_order(order),
            MasterOutput::Card(order) => self.card_order(order),
            MasterOutput::Disconnect(slave) => self.parts.sessions.finish(slave),
            MasterOutput::Tell(event) => self.tell(MasterTold::Event(event)),
        }
    }

    async fn record(&mut self, records: Vec<MasterRecord>) -> Result<(), JournalError> {
        records.iter().for_each(|record| self.parts.shared.note(record));
        let now = self.parts.clock.now();
        let dated = |record| Dated::now(now, MasterEntry(record));
        self.parts.journal.append(records.into_iter().map(dated).collect()).await
    }
}

async fn seat(own: &mut Option<Seat>, clock: &dyn Clock) -> Happened {
    match own {
        Some(seat) => seat.next(clock).await,
        None => std::future::pending().await,
    }
}

async fn lent(lending: &mut Option<Lending>, clock: &dyn Clock) -> Lent {
    match lending {
        Some(lending) => lending.next(clock).await,
        None => std::future::pending().await,
    }
}
