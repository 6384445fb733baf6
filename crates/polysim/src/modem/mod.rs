//! A modem behind a port, driven by a task of its own.

mod ask;
mod call;
mod card;
mod error;
mod events;
mod host;
mod line;
mod recovery;
mod shelf;
#[cfg(test)]
mod tests;
mod text;
mod ussd;

pub use call::{Call, CallProgress};
pub use card::{ChannelInClass, ModemCard};
pub use error::ModemFault;
pub use events::{EVENTS_MAX, Event, Events};
pub use line::{Heard, Line, Waited};
pub use recovery::Reopening;
pub use text::{IncomingReport, IncomingText, ReceivedText, Reports, TextContent, Texts};
pub use ussd::{USSD_PATIENCE, UssdAnswer};

use crate::runner::drive;
use host::{Answer, Host, Request};
use polysim_hal::{Clock, ModemPort, TokioClock};
use polysim_modem::{Config, Identity, Modem as Machine, ModemCommand, RegistrationState, Reply};
use shelf::{Cursor, Shelf};
use std::fmt;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

/// How a modem is driven.
#[derive(Clone)]
pub struct ModemOptions {
    /// How it is set up, and how long answers may take.
    pub config: Arc<Config>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How a lost port is opened anew.
    pub reopening: Reopening,
}

impl Default for ModemOptions {
    fn default() -> Self {
        Self {
            config: Arc::default(),
            clock: Arc::new(TokioClock::unix()),
            reopening: Reopening::default(),
        }
    }
}

impl fmt::Debug for ModemOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModemOptions").field("config", &self.config).finish_non_exhaustive()
    }
}

/// What is so of a modem now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ModemStatus {
    /// Whether its port is open.
    pub port_open: bool,
    /// Whether it is initialised.
    pub ready: bool,
    /// Who it and its card are, as far as initialisation found out.
    pub identity: Identity,
    /// The registration as last told.
    pub registration: RegistrationState,
    /// Counts the lives of the card.
    card_life: u32,
}

impl Default for ModemStatus {
    fn default() -> Self {
        Self {
            port_open: true,
            ready: false,
            identity: Identity::default(),
            registration: RegistrationState::UNKNOWN,
            card_life: 0,
        }
    }
}

/// A modem. Handles are cheap to clone; the modem is driven until the last one is dropped, or
/// until it is [closed](Self::close).
///
/// Commands are served in order, one at a time; more than the queues hold make who asks wait.
/// Dropping the future of a command does not take it back. A modem that does not answer ends
/// every command by its deadline with a typed error.
///
/// A port that is lost is opened anew, and the modem set up again if it had been; until then
/// commands fail with [`PortLost`](polysim_modem::ModemError::PortLost) at once. What was asked
/// meanwhile is not repeated by itself.
#[derive(Clone)]
pub struct Modem {
    shared: Arc<Handles>,
}

/// What the handles of a modem share with each other.
struct Handles {
    requests: mpsc::Sender<Request>,
    status: watch::Receiver<ModemStatus>,
    clock: Arc<dyn Clock>,
    name: String,
    /// One USSD dialogue at a time.
    ussd: Mutex<()>,
    shared: Arc<Shared>,
}

/// What the handles of a modem share with its task.
#[derive(Debug)]
struct Shared {
    hub: events::Hub,
    texts: Shelf<Arc<ReceivedText>>,
    reports: Shelf<Arc<polysim_modem::StatusReportReceived>>,
    calls: Shelf<watch::Receiver<CallProgress>>,
}

impl std::ops::Deref for Handles {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Modem {
    /// Drives the modem at a port, by a task of the tokio runtime that this is called in. Nothing
    /// is said to the modem before it is asked for something: usually
    /// [`initialise`](Self::initialise) comes first.
    #[must_use]
    pub fn open(port: Box<dyn ModemPort>, options: ModemOptions) -> Self {
        let ModemOptions { config, clock, reopening } = options;
        let (requests, asked) = mpsc::channel(host::REQUESTS_MAX);
        let (status, now) = watch::channel(ModemStatus::default());
        let shared = Arc::new(Shared {
            hub: events::Hub::default(),
            texts: Shelf::new(),
            reports: Shelf::new(),
            calls: Shelf::new(),
        });
        let name = port.name();
        let line = Line::new(port, reopening, Arc::clone(&clock));
        let host = Host::new(line, Arc::clone(&clock), asked, Arc::clone(&shared), status);
        tokio::spawn(run(Machine::new(config), host, Arc::clone(&clock), Arc::clone(&shared)));
        let ussd = Mutex::default();
        Self { shared: Arc::new(Handles { requests, status: now, clock, name, ussd, shared }) }
    }

    /// Returns what its port is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Returns what is so now.
    #[must_use]
    pub fn status(&self) -> ModemStatus {
        *self.shared.status.borrow()
    }

    /// Returns the way to the card in the modem.
    #[must_use]
    pub fn card(&self) -> ModemCard {
        ModemCard::new(self.clone(), ChannelInClass::default())
    }

    /// Does anything that a modem machine can do.
    ///
    /// # Errors
    /// What the modem says.
    pub async fn command(&self, command: ModemCommand) -> Result<Reply, ModemFault> {
        Ok(self.ask(command).await?.reply)
    }

    /// Finishes what is under way, such as deleting texts that were confirmed, for five seconds
    /// at most, and closes the port. Every handle is closed then.
    pub async fn close(&self) {
        if self.shared.requests.send(Request::Close).await.is_ok() {
            let mut status = self.shared.status.clone();
            while status.changed().await.is_ok() {}
        }
    }

    async fn ask(&self, command: ModemCommand) -> Result<Answer, ModemFault> {
        let (reply, answer) = oneshot::channel();
        let asked = self.shared.requests.send(Request::Ask { command, reply }).await;
        asked.map_err(|_| ModemFault::Closed)?;
        Ok(answer.await.map_err(|_| ModemFault::Closed)??)
    }

    /// Asks for what has no answer but that it was done.
    async fn order(&self, asked: &'static str, command: ModemCommand) -> Result<(), ModemFault> {
        let Reply::Done = self.ask(command).await?.reply else {
            return Err(ModemFault::WrongReply { asked });
        };
        Ok(())
    }

    fn shared(&self) -> &Handles {
        &self.shared
    }
}

impl fmt::Debug for Modem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Modem").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

/// Waits for calls that come in.
#[derive(Clone, Debug)]
pub struct IncomingCalls {
    modem: Modem,
    cursor: Cursor,
}

impl IncomingCalls {
    /// Waits for the next call that rings; `None` when the modem was closed. Dropping the future
    /// loses nothing; a call that ended before it was looked at is passed over.
    pub async fn next(&mut self) -> Option<Call> {
        let rings = |progress: &watch::Receiver<CallProgress>| progress.borrow().rings();
        let (_, progress) = self.cursor.next(&self.modem.shared.calls, rings).await?;
        Some(Call::new(self.modem.clone(), progress))
    }
}

async fn run(mut machine: Machine, mut host: Host, clock: Arc<dyn Clock>, shared: Arc<Shared>) {
    // Whatever ends it, whoever waits is told by what is dropped here.
    drop(drive(&mut machine, &mut host, &*clock).await);
    shared.hub.close();
    shared.texts.close();
    shared.reports.close();
    shared.calls.close();
}
