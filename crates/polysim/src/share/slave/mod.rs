//! A slave in a task.

mod around;
mod reconnect;
mod session;

pub use reconnect::stay_connected;

use super::card::MakeCard;
use super::entry::{Dated, SlaveEntry};
use super::frame::Terms;
use super::link::{Device, Stream, ended};
use super::modem::SharedModem;
use super::seat::Seat;
use super::{NodeEnded, NodeFault, StartError};
use crate::journal::Journal;
use crate::runner::drive;
use around::{Around, Order, Pause};
use polysim_base::{Duration, Machine as _};
use polysim_hal::Clock;
use polysim_lease::{Epoch, Margin};
use polysim_share::link::{ComparisonNumber, LinkEnd};
use polysim_share::slave::{Slave, SlaveCommand, SlaveConfig, SlaveEvent};
use polysim_share::{DeviceName, InvalidTiming, PeerKey, StorageKey, Timing};
use session::Sessions;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Orders that wait.
const ORDERS_MAX: usize = 64;
/// What was told and nobody has heard yet; what is beyond is lost.
const TOLD_MAX: usize = 1_024;

/// What a slave is made of.
pub struct SlaveSetup {
    /// Under which it stores what it is given.
    pub storage: StorageKey,
    /// Whether it wants the subscription from the start, where its user has not said otherwise before.
    pub wants: bool,
    /// Its own times.
    pub pace: SlavePace,
    /// Who it is.
    pub device: Device,
    /// Its modem.
    pub modem: Box<dyn SharedModem>,
    /// Makes cards of parameters.
    pub make: MakeCard,
}

/// The times of a slave that are its own. For how long it may keep the subscription without a link is
/// what its master says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SlavePace {
    /// When one end of the link is told that it is down, the other is told that much later at most.
    /// Master and slaves have the same.
    pub supervision: Duration,
    /// How wrong the own clock may be.
    pub margin: Margin,
    /// What leaving the network may take; after that the modem's power is cut.
    pub detach: Duration,
    /// After how long what was not answered is said again.
    pub retry: Duration,
}

/// A slave. [`Self::start`] is all that there is to it.
#[derive(Debug)]
pub struct SlaveNode;

/// What its user says to a slave. Clones are the same slave; it runs while one of them is there.
#[derive(Clone)]
pub struct SlaveDesk {
    orders: mpsc::Sender<Order>,
    status: watch::Receiver<SlaveStatus>,
}

/// What a slave tells.
#[derive(Debug)]
pub struct SlaveNews {
    told: mpsc::Receiver<SlaveTold>,
    task: JoinHandle<Result<(), NodeFault>>,
}

/// Something that a slave tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SlaveTold {
    /// Something happened.
    Event(SlaveEvent),
    /// The master is unknown. Answered by [`SlaveDesk::compared`].
    Compare {
        /// What both show if nobody is between them.
        number: ComparisonNumber,
        /// Its key.
        peer: PeerKey,
        /// What it calls itself, which nobody has checked.
        name: DeviceName,
    },
    /// It is paired with this master now.
    Paired(MasterKnown),
    /// The master has ended that, and what was stored is erased.
    Unpaired,
}

/// The master that a slave is paired with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MasterKnown {
    /// Its key.
    pub key: PeerKey,
    /// What it called itself.
    pub name: DeviceName,
}

/// How a slave is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SlaveStatus {
    /// Whether the link to the master is up.
    pub connected: bool,
    /// The lease under which it is on the network, or may be.
    pub active: Option<Epoch>,
    /// Whether a set is stored here.
    pub stored: bool,
    /// The master that it is paired with.
    pub master: Option<MasterKnown>,
    /// The newest lease whose release the master has written down.
    pub noted: Option<Epoch>,
    /// How many commands went to the card at the master's.
    pub commands: u64,
}

/// Why a session with the master has ended, or never came up.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionEnd {
    /// The link says why.
    #[error(transparent)]
    Link(#[from] LinkEnd),
    /// The master's times do not go with those of this device.
    #[error(transparent)]
    Terms(#[from] TermsRefusal),
    /// A newer connection has taken its place.
    #[error("a newer connection has taken the place of this one")]
    Replaced,
}

/// Why the times of the master do not go with those of this device.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TermsRefusal {
    /// The link would be supervised differently at its two ends.
    #[error("the master supervises links otherwise: see that both devices have the same version")]
    Supervision,
    /// The timer is too short.
    #[error("the master's timer does not do here: {0}")]
    Timer(InvalidTiming),
    /// It did not begin with them.
    #[error("the master does not speak this language: see that both devices have the same version")]
    Missing,
}

impl SlavePace {
    /// Returns all times, with those that the master has said.
    fn timing(self, terms: Terms) -> Result<Timing, TermsRefusal> {
        if terms.supervision != self.supervision {
            return Err(TermsRefusal::Supervision);
        }
        let timing = Timing {
            supervision: self.supervision,
            timer: terms.timer,
            detach: self.detach,
            margin: self.margin,
            retry: self.retry,
        };
        timing.check().map_err(TermsRefusal::Timer)?;
        Ok(timing)
    }

    /// Returns times for one that has not heard of a master: it is active with none.
    fn alone(self) -> Terms {
        let timer = self.margin.guard(self.detach.times(2));
        Terms { supervision: self.supervision, timer: timer.plus(self.margin.guard(timer)) }
    }
}

impl SlaveNode {
    /// Restores a slave from its journal and starts it: its modem leaves the network first.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(
        setup: SlaveSetup,
        mut journal: Box<dyn Journal<Dated<SlaveEntry>>>,
        clock: Arc<dyn Clock>,
    ) -> Result<(SlaveDesk, SlaveNews), StartError> {
        let SlaveSetup { storage, wants, pace, device, modem, make } = setup;
        let (mut records, mut master, mut terms) = (Vec::new(), None, None);
        let mut fold = |Dated { entry, .. }| match entry {
            SlaveEntry::Record(record) => records.push(record),
            SlaveEntry::Paired { key, name } => master = Some(MasterKnown { key, name }),
            SlaveEntry::Unpaired => (master, terms) = (None, None),
            SlaveEntry::Terms(newest) => terms = Some(newest),
        };
        journal.replay(&mut fold).await?;
        let known = terms.map(|terms| pace.timing(terms)).transpose().unwrap_or_default();
        let timing = match known {
            Some(timing) => timing,
            // Whatever it was before, it says so when it is connected.
            None => pace.timing(pace.alone()).map_err(StartError::Terms)?,
        };
        let config = SlaveConfig { storage, wants, timing };
        let mut slave = Slave::new(config.clone());
        records.into_iter().for_each(|record| slave.restore(record));
        let (orders, asked) = mpsc::channel(ORDERS_MAX);
        let (tell, told) = mpsc::channel(TOLD_MAX);
        let (status, looked_at) = watch::channel(SlaveStatus::default());
        let sessions = Sessions::new(device, pace, Arc::clone(&clock));
        // So that what is wrong with links is known now.
        sessions.try_out()?;
        let around = Around::new(around::Parts {
            clock,
            journal,
            asked,
            told: tell,
            status,
            sessions,
            seat: Seat::new(modem, make),
            pace,
            timing,
            master,
        });
        around.look(&slave);
        let task = tokio::spawn(run(slave, around, config));
        Ok((SlaveDesk { orders, status: looked_at }, SlaveNews { told, task }))
    }
}

/// Runs a slave. With other times it is another machine, of the same records; as in each life, its modem
/// leaves the network first.
async fn run(
    mut slave: Slave,
    mut around: Around,
    mut config: SlaveConfig,
) -> Result<(), NodeFault> {
    let clock = around.clock();
    loop {
        drive(&mut slave, &mut around, &*clock).await?;
        match around.pause() {
            Some(Pause::Write(entries)) => around.append(entries).await?,
            Some(Pause::Rebuild(timing, terms)) => {
                around.append(vec![SlaveEntry::Terms(terms)]).await?;
                config.timing = timing;
                let records = slave.checkpoint();
                slave = Slave::new(config.clone());
                records.into_iter().for_each(|record| slave.restore(record));
            }
            None => return Ok(()),
        }
    }
}

impl SlaveDesk {
    async fn order(&self, order: Order) -> Result<(), NodeEnded> {
        self.orders.send(order).await.map_err(|_| NodeEnded)
    }

    /// Has a session with the master over a stream, until it ends. There is one at a time: a newer one
    /// takes its place.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn session(&self, stream: impl Stream) -> Result<SessionEnd, NodeEnded> {
        let (done, end) = oneshot::channel();
        self.order(Order::Connect(Box::new(stream), done)).await?;
        end.await.map_err(|_| NodeEnded)
    }

    /// Says what the user wants.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn command(&self, command: SlaveCommand) -> Result<(), NodeEnded> {
        self.order(Order::Command(command)).await
    }

    /// Says whether both devices show the same number.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn compared(&self, equal: bool) -> Result<(), NodeEnded> {
        self.order(Order::Compared(equal)).await
    }

    /// Returns how it is.
    #[must_use]
    pub fn status(&self) -> SlaveStatus {
        self.status.borrow().clone()
    }

    /// Waits until it is as wanted.
    ///
    /// # Errors
    /// [`NodeEnded`].
    pub async fn wait_for(
        &self,
        wanted: impl FnMut(&SlaveStatus) -> bool,
    ) -> Result<SlaveStatus, NodeEnded> {
        let mut status = self.status.clone();
        status.wait_for(wanted).await.map(|status| status.clone()).map_err(|_| NodeEnded)
    }
}

impl SlaveNews {
    /// Waits for what the slave tells next; `None` when it has ended. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<SlaveTold> {
        self.told.recv().await
    }

    /// Waits until the slave has ended.
    ///
    /// # Errors
    /// [`NodeFault`] where it did so by itself.
    pub async fn ended(self) -> Result<(), NodeFault> {
        ended(self.task).await
    }
}

impl fmt::Debug for SlaveSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlaveSetup")
            .field("wants", &self.wants)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SlaveDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlaveDesk").field("status", &self.status()).finish_non_exhaustive()
    }
}
