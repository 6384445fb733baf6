//! A master in a task.

mod around;
mod sessions;

pub use sessions::ConnectionId;

use super::card::MakeCard;
use super::entry::{Dated, MasterEntry};
use super::frame::Terms;
use super::link::{Device, Stream, ended};
use super::modem::SharedModem;
use super::seat::Seat;
use super::{NodeEnded, NodeFault, StartError};
use crate::journal::Journal;
use crate::runner::drive;
use around::{Around, Order, Shared};
use polysim_aka::SqnArray;
use polysim_base::Machine as _;
use polysim_hal::Clock;
use polysim_share::link::{ComparisonNumber, LinkEnd};
use polysim_share::master::{Holder, Master, MasterCommand, MasterConfig, MasterEvent, SlaveId};
use polysim_share::{DeviceName, PeerKey};
use sessions::Sessions;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// Orders that wait.
const ORDERS_MAX: usize = 64;
/// What was told and nobody has heard yet; what is beyond is lost.
const TOLD_MAX: usize = 1_024;

/// What a master is made of.
pub struct MasterSetup {
    /// The subscription, and how it is shared.
    pub config: MasterConfig,
    /// Who it is.
    pub device: Device,
    /// The own modem, if the master may use the subscription itself, and what makes its card.
    pub own: Option<(Box<dyn SharedModem>, MakeCard)>,
    /// Makes the card that stays here, each time that it is lent: of the parameters, or, where there is a
    /// card in a reader, of that.
    pub lend: MakeCard,
}

/// A master. [`Self::start`] is all that there is to it.
#[derive(Debug)]
pub struct MasterNode;

/// What its user says to a master. Clones are the same master; it runs while one of them is there.
#[derive(Clone)]
pub struct MasterDesk {
    orders: mpsc::Sender<Order>,
    status: watch::Receiver<MasterStatus>,
}

/// What a master tells.
#[derive(Debug)]
pub struct MasterNews {
    told: mpsc::Receiver<MasterTold>,
    task: JoinHandle<Result<(), NodeFault>>,
}

/// Something that a master tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MasterTold {
    /// Something happened.
    Event(MasterEvent),
    /// An unknown device wants to be paired. Answered by [`MasterDesk::compared`].
    Compare {
        /// Which connection it has.
        connection: ConnectionId,
        /// What both show if nobody is between them.
        number: ComparisonNumber,
        /// Its key.
        peer: PeerKey,
        /// What it calls itself, which nobody has checked.
        name: DeviceName,
    },
    /// Whether unknown devices are heard. It ends by itself with an attempt.
    Pairing(bool),
    /// A connection has come to nothing.
    NotConnected {
        /// Which.
        connection: ConnectionId,
        /// Why.
        why: LinkEnd,
    },
    /// A connection was not taken: too many others have not shown a key yet.
    Crowded,
}

/// How a master is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MasterStatus {
    /// Who is active or may be.
    pub holder: Option<Holder>,
    /// The paired slaves.
    pub slaves: Vec<PairedSlave>,
    /// Whether unknown devices are heard.
    pub pairing: bool,
}

/// A slave of a master.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PairedSlave {
    /// Its number.
    pub id: SlaveId,
    /// Its key.
    pub key: PeerKey,
    /// What it calls itself.
    pub name: DeviceName,
    /// Whether its link is up.
    pub connected: bool,
}

impl MasterNode {
    /// Restores a master from its journal and starts it.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(
        setup: MasterSetup,
        mut journal: Box<dyn Journal<Dated<MasterEntry>>>,
        clock: Arc<dyn Clock>,
    ) -> Result<(MasterDesk, MasterNews), StartError> {
        let MasterSetup { config, device, own, lend } = setup;
        config.timing.check()?;
        let terms = Terms { supervision: config.timing.supervision, timer: config.timing.timer };
        let pace = (config.timing.supervision, config.timing.margin);
        let mut shared = Shared { set: config.set.clone(), sequence: SqnArray::default() };
        let mut master = Master::new(config);
        let mut fold = |Dated { entry: MasterEntry(record), .. }| {
            shared.note(&record);
            master.restore(record);
        };
        journal.replay(&mut fold).await?;
        let (orders, asked) = mpsc::channel(ORDERS_MAX);
        let (tell, told) = mpsc::channel(TOLD_MAX);
        let (status, looked_at) = watch::channel(MasterStatus::default());
        let sessions = Sessions::new(device, pace, terms, Arc::clone(&clock));
        // So that what is wrong with links is known now.
        sessions.try_out()?;
        let mut around = Around::new(around::Parts {
            clock: Arc::clone(&clock),
            journal,
            asked,
            told: tell,
            status,
            sessions,
            own: own.map(|(modem, make)| Seat::new(modem, make)),
            lend,
            shared,
        });
        around.look(&master);
        let task = tokio::spawn(async move {
            drive(&mut master, &mut around, &*clock).await.map_err(NodeFault::from)
        });
        Ok((MasterDesk { orders, status: looked_at }, MasterNews { told, task }))
    }
}

impl MasterDesk {
    async fn order(&self, order: Order) -> Result<(), NodeEnded> {
        self.orders.send(order).await.map_err(|_| NodeEnded)
    }

    /// Takes a connection of whoever it is.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn accept(&self, stream: impl Stream) -> Result<(), NodeEnded> {
        self.order(Order::Accept(Box::new(stream))).await
    }

    /// Says what the user wants.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn command(&self, command: MasterCommand) -> Result<(), NodeEnded> {
        self.order(Order::Command(command)).await
    }

    /// Hears unknown devices, for one attempt, or does so no more.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn pair(&self, on: bool) -> Result<(), NodeEnded> {
        self.order(Order::Pair(on)).await
    }

    /// Says whether both devices show the same number, and the user allows that device to have the
    /// subscription.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn compared(&self, connection: ConnectionId, equal: bool) -> Result<(), NodeEnded> {
        self.order(Order::Compared(connection, equal)).await
    }

    /// Returns how it is.
    #[must_use]
    pub fn status(&self) -> MasterStatus {
        self.status.borrow().clone()
    }

    /// Waits until it is as wanted.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn wait_for(
        &self,
        wanted: impl FnMut(&MasterStatus) -> bool,
    ) -> Result<MasterStatus, NodeEnded> {
        let mut status = self.status.clone();
        status.wait_for(wanted).await.map(|status| status.clone()).map_err(|_| NodeEnded)
    }
}

impl MasterNews {
    /// Waits for what the master tells next; `None` when it has ended. Dropping the future loses
    /// nothing.
    pub async fn next(&mut self) -> Option<MasterTold> {
        self.told.recv().await
    }

    /// Waits until the master has ended.
    ///
    /// # Errors
    /// [`NodeFault`] where it did so by itself.
    pub async fn ended(self) -> Result<(), NodeFault> {
        ended(self.task).await
    }
}

impl fmt::Debug for MasterSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterSetup").field("config", &self.config).finish_non_exhaustive()
    }
}

impl fmt::Debug for MasterDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterDesk").field("status", &self.status()).finish_non_exhaustive()
    }
}
