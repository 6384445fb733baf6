//! A server in a task.

use super::link::{Heard, LinkHandle, Number, Stream, spawn};
use super::{NodeEnded, NodeFault, ended};
use crate::journal::{Journal, JournalError};
use crate::runner::{Environment, drive};
use async_trait::async_trait;
use polysim_base::{Machine as _, Msisdn};
use polysim_courier::server::{
    Connection, OutText, Proof, Server, ServerConfig, ServerEvent, ServerInput, ServerOutput,
    ServerRecord,
};
use polysim_courier::wire::{FromDevice, ToDevice};
use polysim_hal::Clock;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Connections at once; who connects beyond is sent away.
const CONNECTIONS_MAX: usize = 4_096;
/// Streams that wait to be served.
const ORDERS_MAX: usize = 64;
/// Messages that were heard and not served; whoever says more waits.
const HEARD_MAX: usize = 1_024;
/// Texts that wait for the carrier; what is beyond it does not take.
const TEXTS_MAX: usize = 256;
/// What was told and nobody has heard yet; what is beyond is lost.
const TOLD_MAX: usize = 4_096;

/// The way by which codes reach numbers.
#[async_trait]
pub trait CodeCarrier: Send {
    /// Sends a text, which has a code: it is for its recipient alone. Returns whether the carrier has
    /// taken it.
    async fn text(&mut self, to: Msisdn, body: Proof) -> bool;
}

/// A server. [`Self::start`] is all that there is to it.
#[derive(Debug)]
pub struct ServerNode;

/// By which devices connect to a server. Clones are the same server; it runs while one of them is there.
#[derive(Clone, Debug)]
pub struct ServerDesk {
    streams: mpsc::Sender<Box<dyn Stream>>,
}

/// What a server tells.
#[derive(Debug)]
pub struct ServerNews {
    told: mpsc::Receiver<ServerEvent>,
    pub(super) task: JoinHandle<Result<(), NodeFault>>,
}

impl ServerNode {
    /// Restores a server from its journal and starts it. Nobody is connected.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub async fn start(
        config: ServerConfig,
        carrier: Box<dyn CodeCarrier>,
        mut journal: Box<dyn Journal<ServerRecord>>,
        clock: Arc<dyn Clock>,
    ) -> Result<(ServerDesk, ServerNews), JournalError> {
        let mut server = Server::new(config);
        journal.replay(&mut |record| server.restore(record)).await?;
        let (streams, asked) = mpsc::channel(ORDERS_MAX);
        let (tell, told) = mpsc::channel(TOLD_MAX);
        let (hear, heard) = mpsc::channel(HEARD_MAX);
        let (texts, waiting) = mpsc::channel(TEXTS_MAX);
        let (sent, texted) = mpsc::channel(TEXTS_MAX);
        tokio::spawn(carry(carrier, waiting, sent));
        let mut around = Around {
            journal,
            asked,
            hear,
            heard,
            texts,
            texted,
            told: tell,
            links: BTreeMap::new(),
            count: 0,
            next: VecDeque::from([ServerInput::Start]),
        };
        let task = tokio::spawn(async move {
            drive(&mut server, &mut around, &*clock).await.map_err(NodeFault::from)
        });
        Ok((ServerDesk { streams }, ServerNews { told, task }))
    }
}

impl ServerDesk {
    /// A device has connected.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn connect(&self, stream: impl Stream) -> Result<(), NodeEnded> {
        self.streams.send(Box::new(stream)).await.map_err(|_| NodeEnded)
    }
}

impl ServerNews {
    /// Waits for what the server tells next; `None` when it has ended. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<ServerEvent> {
        self.told.recv().await
    }

    /// Waits until the server has ended.
    ///
    /// # Errors
    /// [`NodeFault`] where it did so by itself.
    pub async fn ended(self) -> Result<(), NodeFault> {
        ended(self.task).await
    }
}

/// Sends texts, one after another.
async fn carry(
    mut carrier: Box<dyn CodeCarrier>,
    mut waiting: mpsc::Receiver<(OutText, Msisdn, Proof)>,
    sent: mpsc::Sender<(OutText, bool)>,
) {
    while let Some((text, to, body)) = waiting.recv().await {
        let taken = carrier.text(to, body).await;
        if sent.send((text, taken)).await.is_err() {
            return;
        }
    }
}

struct Around {
    journal: Box<dyn Journal<ServerRecord>>,
    asked: mpsc::Receiver<Box<dyn Stream>>,
    hear: mpsc::Sender<(Number, Heard<FromDevice>)>,
    heard: mpsc::Receiver<(Number, Heard<FromDevice>)>,
    texts: mpsc::Sender<(OutText, Msisdn, Proof)>,
    texted: mpsc::Receiver<(OutText, bool)>,
    told: mpsc::Sender<ServerEvent>,
    links: BTreeMap<Number, LinkHandle<ToDevice>>,
    count: Number,
    next: VecDeque<ServerInput>,
}

impl Around {
    fn connect(&mut self, stream: Box<dyn Stream>) -> Option<ServerInput> {
        if self.links.len() >= CONNECTIONS_MAX {
            return None;
        }
        self.count += 1;
        self.links.insert(self.count, spawn(self.count, stream, self.hear.clone()));
        Some(ServerInput::Up(Connection(self.count)))
    }

    /// What comes from a link that the server has closed is of no interest.
    fn hear(&mut self, number: Number, heard: Heard<FromDevice>) -> Option<ServerInput> {
        match heard {
            Heard::Message(message) => self
                .links
                .contains_key(&number)
                .then_some(ServerInput::Message(Connection(number), message)),
            Heard::Down(_) => {
                self.links.remove(&number).map(|_| ServerInput::Down(Connection(number)))
            }
        }
    }

    fn send(&mut self, to: Connection, message: ToDevice) {
        let is_said = self.links.get(&to.0).is_none_or(|link| link.say(message));
        if !is_said {
            // The other end takes nothing.
            self.links.remove(&to.0);
            self.next.push_back(ServerInput::Down(to));
        }
    }
}

impl Environment<Server> for Around {
    type Failure = JournalError;

    fn settled(&mut self, _: &Server) -> bool {
        true
    }

    async fn next(&mut self) -> Option<ServerInput> {
        loop {
            if let Some(input) = self.next.pop_front() {
                return Some(input);
            }
            let input = tokio::select! {
                biased;
                stream = self.asked.recv() => self.connect(stream?),
                Some((text, taken)) = self.texted.recv() => {
                    Some(ServerInput::Texted { text, taken })
                }
                Some((number, heard)) = self.heard.recv() => self.hear(number, heard),
            };
            self.next.extend(input);
        }
    }

    async fn perform(&mut self, output: ServerOutput) {
        match output {
            ServerOutput::Send(to, message) => self.send(to, message),
            ServerOutput::Close(connection) => {
                self.links.remove(&connection.0);
            }
            ServerOutput::Text { text, to, body } => {
                if self.texts.try_send((text, to, body)).is_err() {
                    self.next.push_back(ServerInput::Texted { text, taken: false });
                }
            }
            // Nobody may listen.
            ServerOutput::Tell(event) => drop(self.told.try_send(event)),
        }
    }

    async fn record(&mut self, records: Vec<ServerRecord>) -> Result<(), JournalError> {
        self.journal.append(records).await
    }
}
