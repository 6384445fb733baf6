//! Runs the machines of a fleet: servers, sites with live modems, terminals.
//!
//! A [`Fleet`] is the part of a fleet that runs in one process: any number of the machines of
//! `polysim_fleet`, each in a task of its own, in the time of a [`Clock`]. They meet by messages
//! only, which a [`Switch`] carries within the process and gives to a [`Post`] where they are for
//! machines elsewhere. Each machine has a [`Journal`]: what it records is there before anything that
//! follows from it leaves, and a machine that is started on a journal goes on where it was.
//!
//! | item | what it is |
//! |---|---|
//! | [`ServerDesk`] | what the operator of the fleet says to a server |
//! | [`LiveSite`], [`SiteDesk`] | modems behind ports, and how they fare |
//! | [`Desk`] | what a user calls and texts with |
//! | [`FileJournal`], [`MemoryJournal`] | where machines remember |
//!
//! # Cards
//! Modems of real pools have their card in them, so that is what a live site has: one bank, whose
//! slot *n* is the card in modem *n*. The site reads who the card is through the modem, and a lease
//! says who may use it. A SIM can be served by its own modem only: give each modem a pool of its own,
//! or ask for [that modem](SiteDesk::modem_of). A site that is told to use another one does not do it,
//! as the wrong SIM would be on the air: it says that the SIM did not get to standby.
//! A card that was exchanged is noticed when its modem is set up for the next lease or after a reset.
//! Cards that ask for a PIN do not get to standby: turn it off first.
//!
//! To lead the contacts of a modem to a card in a bank, here or at another site, takes hardware that
//! polysim does not drive yet. In simulated worlds it does that with the same machines.
//!
//! # Servers
//! One server has its journal for itself, and leads as soon as it is started. Two servers that take
//! turns need a log that both append to, which is not here yet.
//!
//! # Clocks
//! Journals hold moments of the fleet's clock, so it must tell later times in each life, as
//! [`TokioClock::unix`](polysim_hal::TokioClock::unix) does. Sites and terminals elsewhere may have
//! clocks of their own; the exchange compares none of them with its own.
//!
//! ```no_run
//! # async fn example(port: Box<dyn polysim_hal::ModemPort>) -> Result<(), Box<dyn std::error::Error>> {
//! use polysim::fleet::{FileJournal, Fleet, LiveModem, LiveSite};
//! use polysim_base::Imei;
//! use polysim_fleet::{ExchangeConfig, PoolId, ServerId, SiteId};
//! use polysim_hal::TokioClock;
//! use std::sync::Arc;
//!
//! let mut fleet = Fleet::new(Arc::new(TokioClock::unix()));
//! let config = ExchangeConfig::default();
//! let journal = FileJournal::open("/var/lib/fleet/server.journal").await?;
//! let server = fleet.server(ServerId(0), config, Box::new(journal)).await?;
//! let modem = LiveModem::new(port, Imei::parse("350000000000017")?, PoolId(0));
//! let journal = FileJournal::open("/var/lib/fleet/site.journal").await?;
//! let site = LiveSite::new(SiteId(0), 1, config.margin).with(modem);
//! let site = fleet.site(site, Box::new(journal)).await?;
//! println!("{:?} {:?}", site.cards(1).await?, server.status());
//! # Ok(())
//! # }
//! ```

mod desk;
mod node;
mod post;
mod server;
mod site;
#[cfg(test)]
mod tests;

pub use crate::journal::{FileJournal, Journal, JournalError, MemoryJournal};
pub use desk::{DESK_EVENTS_MAX, Desk, DeskAudio, DeskError, DeskEvent, DeskEvents, DeskStatus};
pub use node::{Ended, NodeFault, StartError};
pub use post::{MESSAGES_MAX, Message, Node, NodeTaken, Post, Switch, To};
pub use server::{ServerDesk, ServerStatus};
pub use site::{LiveModem, LiveSite, SiteDesk, SiteStatus, pool_driver};

use crate::runner::{Environment, drive};
use node::{Edge, restore};
use polysim_base::{Duration, Machine};
use polysim_fleet::site::{Site, SiteRecord};
use polysim_fleet::speech::Codec;
use polysim_fleet::terminal::{Terminal, TerminalConfig, TerminalInput, TerminalRecord};
use polysim_fleet::wire::{Input, Record};
use polysim_fleet::{Exchange, ExchangeConfig, ServerId, Term, TerminalId, UserId};
use polysim_hal::Clock;
use server::ServerStatus as Status;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;

/// The part of a fleet that runs here.
///
/// Dropping it is a [crash](Self::crash) of all of it: nothing that was told is lost, as it is in the
/// journals. [`stop`](Self::stop) takes the modems off the air first.
pub struct Fleet {
    clock: Arc<dyn Clock>,
    switch: Arc<Switch>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<Result<(), NodeFault>>,
}

impl Fleet {
    /// Returns one in which nothing runs, and which is all of its fleet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_switch(clock, Switch::new())
    }

    /// Returns one whose messages are carried by that.
    #[must_use]
    pub fn with_switch(clock: Arc<dyn Clock>, switch: Switch) -> Self {
        let (stop, _) = watch::channel(false);
        Self { clock, switch: Arc::new(switch), stop, tasks: JoinSet::new() }
    }

    /// Returns what carries messages: what comes from a network is given to that.
    #[must_use]
    pub fn switch(&self) -> Arc<Switch> {
        Arc::clone(&self.switch)
    }

    /// Starts a server on its journal. It leads.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn server(
        &mut self,
        id: ServerId,
        config: ExchangeConfig,
        journal: Box<dyn Journal<Record>>,
    ) -> Result<ServerDesk, StartError> {
        let node = Node::Server(id);
        let mut exchange = Exchange::new(config);
        let edge = self.edge(node, &mut exchange, journal, |_| {}).await?;
        let lead = Input::Lead(Term(exchange.term().0.saturating_add(1)));
        let (say, orders) = mpsc::channel(server::ORDERS_MAX);
        let (tell, status) = watch::channel(Status::of(&exchange));
        let around = server::Around {
            id,
            edge,
            post: self.switch(),
            first: VecDeque::from([lead]),
            orders,
            served: Vec::new(),
            status: tell,
        };
        self.run(node, exchange, around);
        Ok(ServerDesk { orders: say, status })
    }

    /// Starts a site on its journal, and drives its modems.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn site(
        &mut self,
        live: LiveSite,
        journal: Box<dyn Journal<SiteRecord>>,
    ) -> Result<SiteDesk, StartError> {
        let (id, (config, modems)) = (live.id(), live.parts());
        let node = Node::Site(id);
        let mut machine = Site::new(config);
        let edge = self.edge(node, &mut machine, journal, |_| {}).await?;
        let wiring = site::wire_up(modems, &self.clock, &mut self.tasks);
        let (tell, status) = watch::channel(SiteStatus::default());
        let around = site::Around::new(id, edge, self.switch(), wiring, tell);
        self.run(node, machine, around);
        Ok(SiteDesk::new(id, status))
    }

    /// Starts a terminal on its journal.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn terminal(
        &mut self,
        config: TerminalConfig,
        journal: Box<dyn Journal<TerminalRecord>>,
    ) -> Result<Desk, StartError> {
        let (user, terminal) = (config.user, config.terminal);
        let node = Node::Terminal(user, terminal);
        let mut machine = Terminal::new(config);
        let mut next_wish = 1;
        let seen = |record: &TerminalRecord| {
            if let TerminalRecord::Text(text) = record {
                next_wish = next_wish.max(text.wish.saturating_add(1));
            }
        };
        let edge = self.edge(node, &mut machine, journal, seen).await?;
        let (ask, requests) = mpsc::channel(desk::REQUESTS_MAX);
        let events = broadcast::Sender::new(DESK_EVENTS_MAX);
        let speaker = broadcast::Sender::new(desk::speech::HEARD_MAX);
        let before = DeskStatus {
            cursor: machine.cursor(),
            inbox: machine.inbox().cloned().collect(),
            open_wishes: 0,
        };
        let (tell, status) = watch::channel(before);
        let (weak_events, weak_speaker) = (events.downgrade(), speaker.downgrade());
        let around = desk::Around {
            node,
            edge,
            post: self.switch(),
            first: VecDeque::from([TerminalInput::Start]),
            requests,
            next_wish,
            waiting: BTreeMap::new(),
            events,
            speaker,
            status: tell,
        };
        self.run(node, machine, around);
        let clock = Arc::clone(&self.clock);
        let (events, speaker) = (weak_events, weak_speaker);
        Ok(Desk { user, terminal, requests: ask, events, speaker, status, clock })
    }

    /// Waits until a machine ends by itself, which is a fault of its journal or of the machine. The
    /// others go on.
    pub async fn fault(&mut self) -> NodeFault {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(Err(fault))) => return fault,
                Some(Err(died)) => return NodeFault::Died(died.to_string()),
                // A modem whose site has ended.
                Some(Ok(Ok(()))) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Stops everything: the modems are taken off the air, which may take some seconds.
    ///
    /// # Errors
    /// The first fault of a machine that had ended by itself.
    pub async fn stop(mut self) -> Result<(), NodeFault> {
        self.stop.send_replace(true);
        let mut first = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let ended = ended.unwrap_or_else(|died| Err(NodeFault::Died(died.to_string())));
            first = first.and(ended);
        }
        first
    }

    /// Ends everything as a crash does: nothing is finished, and nobody is told. Done when ports and
    /// journals are free again.
    pub async fn crash(mut self) {
        self.tasks.shutdown().await;
    }

    /// Takes a machine's place, and rebuilds it.
    async fn edge<M>(
        &self,
        node: Node,
        machine: &mut M,
        mut journal: Box<dyn Journal<M::Record>>,
        seen: impl FnMut(&M::Record) + Send,
    ) -> Result<Edge<M::Record>, StartError>
    where
        M: Machine + Send,
    {
        let inbox = self.switch.attach(node)?;
        restore(machine, &mut *journal, seen).await?;
        Ok(Edge { inbox, journal, stop: self.stop.subscribe() })
    }

    fn run<M, E>(&mut self, node: Node, mut machine: M, mut around: E)
    where
        M: Machine<Input: Send, Output: Send, Record: Send> + Send + 'static,
        E: Environment<M, Failure = JournalError> + 'static,
    {
        let clock = Arc::clone(&self.clock);
        self.tasks.spawn(async move {
            let ended = drive(&mut machine, &mut around, &*clock).await;
            ended.map_err(|stopped| NodeFault::new(node, stopped))
        });
    }
}

/// Returns what a terminal of a fleet with so many servers is usually set up with.
#[must_use]
pub const fn usual_terminal(user: UserId, terminal: TerminalId, servers: u8) -> TerminalConfig {
    TerminalConfig {
        terminal,
        user,
        servers,
        patience: Duration::from_secs(2),
        tries: 5,
        mail_every: Duration::from_secs(60),
        codec: Codec::ALaw,
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}
