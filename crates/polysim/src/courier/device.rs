//! A device in a task.

use super::link::{Heard, LinkEnd, LinkHandle, Number, Stream, spawn};
use super::{NodeEnded, NodeFault, ended};
use crate::journal::{Journal, JournalError};
use crate::runner::{Environment, drive};
use async_trait::async_trait;
use polysim_base::{Machine as _, Msisdn};
use polysim_courier::client::{
    CallId, CardIdentity, CarrierOrder, Client, ClientCommand, ClientConfig, ClientEvent,
    ClientInput, ClientOutput, ClientRecord, Outcome,
};
use polysim_courier::wire::{FromDevice, ToDevice};
use polysim_hal::Clock;
use polysim_speech::Frame;
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Orders that wait.
const ORDERS_MAX: usize = 64;
/// Messages that were heard and not served; whoever says more waits.
const HEARD_MAX: usize = 256;
/// What was told and nobody has heard yet; what is beyond is lost.
const TOLD_MAX: usize = 1_024;
/// Frames on their way to and from a device: half a second. What is beyond is lost.
const FRAMES_MAX: usize = 25;

/// The modem of a device, for what goes by the carrier.
///
/// # Contract
/// Orders take at once and never wait. Each text is answered by one [`CarrierReport::Texted`].
#[async_trait]
pub trait DeviceCarrier: Send {
    /// Send a text.
    fn text(&mut self, number: u64, to: Msisdn, text: String);

    /// Call; the user sees and hears it as any call of the modem.
    fn dial(&mut self, call: CallId, to: Msisdn);

    /// Waits for what the modem tells. Dropping the future loses nothing.
    async fn next(&mut self) -> CarrierReport;
}

/// What the modem of a device tells. Texts are masked.
#[derive(Clone, Eq, PartialEq)]
pub enum CarrierReport {
    /// A text has come: perhaps one with a code.
    Text(String),
    /// What became of a text that was to be sent.
    Texted {
        /// Which.
        number: u64,
        /// What.
        outcome: Outcome,
    },
}

/// What a device is made of.
pub struct DeviceSetup {
    /// How it works.
    pub config: ClientConfig,
    /// The card in it.
    pub card: Option<CardIdentity>,
    /// Its modem.
    pub carrier: Box<dyn DeviceCarrier>,
}

/// A device. [`Self::start`] is all that there is to it.
#[derive(Debug)]
pub struct DeviceNode;

/// What its user says to a device. Clones are the same device; it runs while one of them is there.
#[derive(Clone)]
pub struct DeviceDesk {
    orders: mpsc::Sender<Order>,
    status: watch::Receiver<DeviceStatus>,
}

/// What a device tells.
#[derive(Debug)]
pub struct DeviceNews {
    told: mpsc::Receiver<ClientEvent>,
    pub(super) task: JoinHandle<Result<(), NodeFault>>,
}

/// Speech of a device: frames of 20 ms, at their pace.
#[derive(Debug)]
pub struct DeviceAudio {
    /// What the user says. It is sent in a call over data, and nowhere else.
    pub microphone: mpsc::Sender<Frame>,
    /// What the user is to hear. Frames that nobody takes in time are lost.
    pub loudspeaker: mpsc::Receiver<Frame>,
}

/// How a device is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct DeviceStatus {
    /// Whether there is a session with the server.
    pub connected: bool,
    /// The number that it is registered for.
    pub number: Option<Msisdn>,
    /// The contacts that are registered.
    pub marked: Vec<Msisdn>,
}

enum Order {
    Connect(Box<dyn Stream>, oneshot::Sender<LinkEnd>),
    Disconnect,
    Command(ClientCommand),
    Card(Option<CardIdentity>),
}

impl DeviceNode {
    /// Restores a device from its journal and starts it, without a session.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub async fn start(
        setup: DeviceSetup,
        mut journal: Box<dyn Journal<ClientRecord>>,
        clock: Arc<dyn Clock>,
    ) -> Result<(DeviceDesk, DeviceNews, DeviceAudio), JournalError> {
        let mut client = Client::new(setup.config);
        let mut number = None;
        let mut fold = |record| {
            note(&record, &mut number);
            client.restore(record);
        };
        journal.replay(&mut fold).await?;
        let (orders, asked) = mpsc::channel(ORDERS_MAX);
        let (tell, told) = mpsc::channel(TOLD_MAX);
        let (hear, heard) = mpsc::channel(HEARD_MAX);
        let (microphone, said) = mpsc::channel(FRAMES_MAX);
        let (play, loudspeaker) = mpsc::channel(FRAMES_MAX);
        let marked = client.marked().collect();
        let (status, looked_at) = watch::channel(DeviceStatus { connected: false, number, marked });
        let next = VecDeque::from([ClientInput::Start, ClientInput::Card(setup.card)]);
        let mut around = Around {
            journal,
            carrier: setup.carrier,
            asked,
            hear,
            heard,
            said,
            play,
            told: tell,
            status,
            number,
            session: None,
            count: 0,
            next,
        };
        let task = tokio::spawn(async move {
            drive(&mut client, &mut around, &*clock).await.map_err(NodeFault::from)
        });
        let desk = DeviceDesk { orders, status: looked_at };
        Ok((desk, DeviceNews { told, task }, DeviceAudio { microphone, loudspeaker }))
    }
}

/// Notes for which number a device is registered.
fn note(record: &ClientRecord, number: &mut Option<Msisdn>) {
    if let ClientRecord::Registered { number: new, .. } = record {
        *number = Some(*new);
    }
    if *record == ClientRecord::NotRegistered {
        *number = None;
    }
}

impl DeviceDesk {
    async fn order(&self, order: Order) -> Result<(), NodeEnded> {
        self.orders.send(order).await.map_err(|_| NodeEnded)
    }

    /// Has a session with the server over a stream, until it ends. There is one at a time: a newer one
    /// takes its place.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn session(&self, stream: impl Stream) -> Result<LinkEnd, NodeEnded> {
        let (done, end) = oneshot::channel();
        self.order(Order::Connect(Box::new(stream), done)).await?;
        end.await.map_err(|_| NodeEnded)
    }

    /// Ends the session, if there is one.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn disconnect(&self) -> Result<(), NodeEnded> {
        self.order(Order::Disconnect).await
    }

    /// Says what the user wants.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn command(&self, command: ClientCommand) -> Result<(), NodeEnded> {
        self.order(Order::Command(command)).await
    }

    /// Another card was read, or the card was taken out.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn card(&self, card: Option<CardIdentity>) -> Result<(), NodeEnded> {
        self.order(Order::Card(card)).await
    }

    /// Returns how it is.
    #[must_use]
    pub fn status(&self) -> DeviceStatus {
        self.status.borrow().clone()
    }

    /// Waits until it is as wanted.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn wait_for(
        &self,
        wanted: impl FnMut(&DeviceStatus) -> bool,
    ) -> Result<DeviceStatus, NodeEnded> {
        let mut status = self.status.clone();
        status.wait_for(wanted).await.map(|status| status.clone()).map_err(|_| NodeEnded)
    }
}

impl DeviceNews {
    /// Waits for what the device tells next; `None` when it has ended. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<ClientEvent> {
        self.told.recv().await
    }

    /// Waits until the device has ended.
    ///
    /// # Errors
    /// [`NodeFault`] where it did so by itself.
    pub async fn ended(self) -> Result<(), NodeFault> {
        ended(self.task).await
    }
}

impl fmt::Debug for CarrierReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(***)"),
            Self::Texted { number, outcome } => {
                write!(f, "Texted({number}, {outcome:?})")
            }
        }
    }
}

impl fmt::Debug for DeviceSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceSetup").field("config", &self.config).finish_non_exhaustive()
    }
}

impl fmt::Debug for DeviceDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceDesk").field("status", &self.status()).finish_non_exhaustive()
    }
}

struct Session {
    number: Number,
    link: LinkHandle<FromDevice>,
    done: oneshot::Sender<LinkEnd>,
}

struct Around {
    journal: Box<dyn Journal<ClientRecord>>,
    carrier: Box<dyn DeviceCarrier>,
    asked: mpsc::Receiver<Order>,
    hear: mpsc::Sender<(Number, Heard<ToDevice>)>,
    heard: mpsc::Receiver<(Number, Heard<ToDevice>)>,
    said: mpsc::Receiver<Frame>,
    play: mpsc::Sender<Frame>,
    told: mpsc::Sender<ClientEvent>,
    status: watch::Sender<DeviceStatus>,
    number: Option<Msisdn>,
    session: Option<Session>,
    count: Number,
    next: VecDeque<ClientInput>,
}

impl Around {
    fn order(&mut self, order: Order) {
        match order {
            Order::Connect(stream, done) => {
                self.down(LinkEnd::Replaced);
                self.count += 1;
                let link = spawn(self.count, stream, self.hear.clone());
                self.session = Some(Session { number: self.count, link, done });
                self.next.push_back(ClientInput::Up);
            }
            Order::Disconnect => self.down(LinkEnd::Closed),
            Order::Command(command) => self.next.push_back(ClientInput::Command(command)),
            Order::Card(card) => self.next.push_back(ClientInput::Card(card)),
        }
    }

    /// What comes from an older session is of no interest.
    fn hear(&mut self, number: Number, heard: Heard<ToDevice>) {
        if self.session.as_ref().is_none_or(|session| session.number != number) {
            return;
        }
        match heard {
            Heard::Message(message) => self.next.push_back(ClientInput::Message(message)),
            Heard::Down(end) => self.down(end),
        }
    }

    fn down(&mut self, end: LinkEnd) {
        if let Some(session) = self.session.take() {
            // Nobody may wait for it.
            session.done.send(end).unwrap_or_default();
            self.next.push_back(ClientInput::Down);
        }
    }

    fn carrier(&mut self, order: CarrierOrder) {
        match order {
            CarrierOrder::Text { number, to, text } => self.carrier.text(number, to, text),
            CarrierOrder::Dial { call, to } => self.carrier.dial(call, to),
        }
    }
}

impl Environment<Client> for Around {
    type Failure = JournalError;

    fn settled(&mut self, client: &Client) -> bool {
        let (connected, number) = (self.session.is_some(), self.number);
        self.status.send_if_modified(|told| {
            let is_same = told.connected == connected
                && told.number == number
                && client.marked().eq(told.marked.iter().copied());
            if !is_same {
                *told = DeviceStatus { connected, number, marked: client.marked().collect() };
            }
            !is_same
        });
        true
    }

    async fn next(&mut self) -> Option<ClientInput> {
        loop {
            if let Some(input) = self.next.pop_front() {
                return Some(input);
            }
            tokio::select! {
                biased;
                order = self.asked.recv() => self.order(order?),
                Some((number, heard)) = self.heard.recv() => self.hear(number, heard),
                report = self.carrier.next() => self.next.push_back(match report {
                    CarrierReport::Text(text) => ClientInput::CarrierText(text),
                    CarrierReport::Texted { number, outcome } => {
                        ClientInput::CarrierTexted { number, outcome }
                    }
                }),
                Some(frame) = self.said.recv() => {
                    self.next.push_back(ClientInput::Microphone(frame));
                }
            }
        }
    }

    async fn perform(&mut self, output: ClientOutput) {
        match output {
            ClientOutput::Send(message) => {
                let is_said = self.session.as_ref().is_none_or(|session| session.link.say(message));
                if !is_said {
                    // The other end takes nothing.
                    self.down(LinkEnd::Clogged);
                }
            }
            ClientOutput::Carrier(order) => self.carrier(order),
            // Nobody may listen.
            ClientOutput::Play(frame) => drop(self.play.try_send(frame)),
            ClientOutput::Tell(event) => drop(self.told.try_send(event)),
        }
    }

    async fn record(&mut self, records: Vec<ClientRecord>) -> Result<(), JournalError> {
        records.iter().for_each(|record| note(record, &mut self.number));
        self.journal.append(records).await
    }
}
