//! What is around the machine of a slave.

use super::session::{Heard, Sessions};
use super::{MasterKnown, SessionEnd, SlavePace, SlaveStatus, SlaveTold};
use crate::journal::{Journal, JournalError};
use crate::runner::Environment;
use crate::share::entry::{Dated, SlaveEntry};
use crate::share::frame::Terms;
use crate::share::link::Stream;
use crate::share::seat::{Happened, Seat};
use polysim_base::Instant;
use polysim_hal::Clock;
use polysim_share::Timing;
use polysim_share::link::{LinkEnd, LinkEvent};
use polysim_share::slave::{ModemOrder, Slave, SlaveCommand, SlaveInput, SlaveOutput, SlaveRecord};
use polysim_share::wire::{ToMaster, ToSlave};
use std::collections::VecDeque;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// What the user says.
pub(super) enum Order {
    Connect(Box<dyn Stream>, oneshot::Sender<SessionEnd>),
    Command(SlaveCommand),
    Compared(bool),
}

/// Why the machine is stopped for a moment.
pub(super) enum Pause {
    /// Something is to be written down that is none of its records, and told then.
    Write(SlaveEntry, SlaveTold),
    /// It is to have other times.
    Rebuild(Timing, Terms),
}

/// What it is made of.
pub(super) struct Parts {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) journal: Box<dyn Journal<Dated<SlaveEntry>>>,
    pub(super) asked: mpsc::Receiver<Order>,
    pub(super) told: mpsc::Sender<SlaveTold>,
    pub(super) status: watch::Sender<SlaveStatus>,
    pub(super) sessions: Sessions,
    pub(super) seat: Seat,
    pub(super) pace: SlavePace,
    pub(super) timing: Timing,
    pub(super) master: Option<MasterKnown>,
}

pub(super) struct Around {
    parts: Parts,
    next: VecDeque<SlaveInput>,
    pauses: VecDeque<Pause>,
    noted: Option<polysim_lease::Epoch>,
}

impl Around {
    pub(super) fn new(parts: Parts) -> Self {
        let next = VecDeque::from([SlaveInput::Start]);
        Self { parts, next, pauses: VecDeque::new(), noted: None }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.parts.clock)
    }

    /// Looks at the machine.
    pub(super) fn look(&self, slave: &Slave) {
        let status = SlaveStatus {
            connected: self.parts.sessions.is_up(),
            active: slave.active(),
            stored: slave.stored().is_some(),
            master: self.parts.master.clone(),
            noted: self.noted,
            commands: self.parts.seat.commands(),
        };
        self.parts.status.send_if_modified(|told| {
            let is_new = *told != status;
            *told = status;
            is_new
        });
    }

    /// Returns why the machine was stopped for a moment: the next reason, if there are several.
    pub(super) fn pause(&mut self) -> Option<Pause> {
        self.pauses.pop_front()
    }

    pub(super) async fn append(&mut self, entries: Vec<SlaveEntry>) -> Result<(), JournalError> {
        let now = self.parts.clock.now();
        let dated = entries.into_iter().map(|entry| Dated::now(now, entry)).collect();
        self.parts.journal.append(dated).await
    }

    pub(super) fn tell(&self, told: SlaveTold) {
        // Nobody may listen.
        drop(self.parts.told.try_send(told));
    }

    fn write(&mut self, entry: SlaveEntry, told: SlaveTold) {
        self.pauses.push_back(Pause::Write(entry, told));
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Connect(stream, done) => {
                let master = self.parts.master.as_ref().map(|master| master.key);
                if let Some(since) = self.parts.sessions.connect(stream, master, done) {
                    self.down(since);
                }
            }
            Order::Command(command) => self.next.push_back(SlaveInput::Command(command)),
            Order::Compared(equal) => self.parts.sessions.compared(equal),
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Event(LinkEvent::Compare { number, peer, name }) => {
                self.tell(SlaveTold::Compare { number, peer, name });
            }
            Heard::Event(LinkEvent::Up { peer: key, name, paired_now }) => {
                if paired_now {
                    let master = MasterKnown { key, name: name.clone() };
                    self.parts.master = Some(master.clone());
                    self.write(SlaveEntry::Paired { key, name }, SlaveTold::Paired(master));
                }
            }
            Heard::Event(LinkEvent::Received(_) | LinkEvent::Down(_)) | Heard::Nothing => {}
            Heard::Terms(terms) => self.terms(terms),
            Heard::Message(message) => {
                if let ToSlave::Noted { epoch } = &message {
                    self.noted = Some(*epoch);
                }
                self.next.push_back(SlaveInput::Message(message));
            }
            Heard::Down(since) => self.down(since),
        }
    }

    /// The master has said its times. With other ones it is another machine, which begins anew.
    fn terms(&mut self, terms: Terms) {
        match self.parts.pace.timing(terms) {
            Ok(timing) if timing == self.parts.timing => {}
            Ok(timing) => {
                self.parts.timing = timing;
                self.pauses.push_back(Pause::Rebuild(timing, terms));
                self.next.push_front(SlaveInput::Start);
            }
            Err(refusal) => {
                self.parts.sessions.refuse(refusal.into());
                return;
            }
        }
        self.parts.sessions.agreed();
        self.next.push_back(SlaveInput::Up);
    }

    fn down(&mut self, since: Instant) {
        self.parts.seat.link_lost(self.parts.clock.now());
        self.next.push_back(SlaveInput::Down(since));
    }

    fn modem(&mut self, order: ModemOrder) {
        match order {
            ModemOrder::Attach(card) => self.parts.seat.attach(*card),
            ModemOrder::AttachRemote => self.parts.seat.attach_remote(self.parts.clock.now()),
            ModemOrder::Leave => self.parts.seat.leave(),
            ModemOrder::CutPower => self.parts.seat.cut_power(),
        }
    }

    fn send(&mut self, message: &ToMaster) {
        if !self.parts.sessions.send(message) {
            // The other end takes nothing.
            let heard = self.parts.sessions.refuse(LinkEnd::Closed.into());
            self.hear(heard);
        }
        // That answers the master, which has ended the pairing.
        if *message == ToMaster::Wiped && self.parts.master.take().is_some() {
            self.write(SlaveEntry::Unpaired, SlaveTold::Unpaired);
        }
    }
}

impl Environment<Slave> for Around {
    type Failure = JournalError;

    fn settled(&mut self, slave: &Slave) -> bool {
        self.parts.seat.settled();
        self.look(slave);
        self.pauses.is_empty()
    }

    async fn next(&mut self) -> Option<SlaveInput> {
        loop {
            if !self.pauses.is_empty() {
                return None;
            }
            if let Some(input) = self.next.pop_front() {
                return Some(input);
            }
            let parts = &mut self.parts;
            tokio::select! {
                biased;
                told = parts.sessions.told() => {
                    let heard = parts.sessions.hear(told);
                    self.hear(heard);
                }
                order = parts.asked.recv() => self.order(order?),
                happened = parts.seat.next(&*parts.clock) => return Some(match happened {
                    Happened::Left => SlaveInput::Left,
                    Happened::Sequence(sequence) => SlaveInput::Sequence(sequence),
                    Happened::ToServer(octets) => SlaveInput::Card(octets),
                }),
            }
        }
    }

    async fn perform(&mut self, output: SlaveOutput) {
        match output {
            SlaveOutput::Send(message) => self.send(&message),
            SlaveOutput::Modem(order) => self.modem(order),
            SlaveOutput::Card(octets) => {
                self.parts.seat.server_says(self.parts.clock.now(), octets);
            }
            SlaveOutput::Tell(event) => self.tell(SlaveTold::Event(event)),
        }
    }

    async fn record(&mut self, records: Vec<SlaveRecord>) -> Result<(), JournalError> {
        self.append(records.into_iter().map(SlaveEntry::Record).collect()).await
    }
}
