//! A profile assistant over a card and servers.

use super::chip::Chip;
use super::servers::Servers;
use crate::journal::{Journal, JournalError};
use crate::runner::{Environment, Stopped, drive};
use async_trait::async_trait;
use polysim_base::Machine as _;
use polysim_hal::{CardError, CardLink, Clock};
use polysim_lpa::transport::TransportConfig;
use polysim_lpa::{
    CommandId, Decision, Lpa, LpaCommand, LpaConfig, LpaDone, LpaError, LpaEvent, LpaInput,
    LpaOutput, LpaRecord, Question, Withdrawal,
};
use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

/// Whoever uses an assistant: is told how far it is, and decides.
#[async_trait]
pub trait EsimUser: Send {
    /// Hears what the assistant tells.
    fn hear(&mut self, event: &LpaEvent);

    /// Decides. Dropping the future is what an assistant does that no longer needs to know.
    async fn decide(&mut self, question: Question) -> Decision;

    /// Waits until the user gives up what is being done; for ever, if that does not happen. Dropping
    /// the future loses nothing.
    async fn withdraws(&mut self) -> Withdrawal;
}

/// A user who agrees to everything and has no confirmation code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unattended;

#[async_trait]
impl EsimUser for Unattended {
    fn hear(&mut self, _: &LpaEvent) {}

    async fn decide(&mut self, question: Question) -> Decision {
        match question {
            Question::Consent { .. } => Decision::Agree,
            Question::ConfirmationCode { .. } => Decision::Withdraw(Withdrawal::Postponed),
        }
    }

    async fn withdraws(&mut self) -> Withdrawal {
        std::future::pending().await
    }
}

/// Why an assistant did not do what it was told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EsimFault {
    /// Card or server, or what they say.
    #[error("{error}")]
    Lpa {
        /// What the assistant says.
        error: LpaError,
        /// What the link to the card said last, where that was the reason.
        source: Option<CardError>,
    },
    /// Its journal failed. Open it anew.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The machine serves a deadline without end.
    #[error("the assistant does not get past its deadline {timer}")]
    Stuck {
        /// Which deadline.
        timer: String,
    },
}

/// A profile assistant: downloads and manages profiles on one eUICC.
///
/// What it must not forget is in its journal, one for each eUICC: a download that was interrupted
/// goes on, or is cleaned up, with [`Esim::recover`].
///
/// Dropping a future leaves a command where it is: open the assistant anew.
pub struct Esim {
    machine: Lpa,
    journal: Box<dyn Journal<LpaRecord>>,
    chip: Chip,
    servers: Servers,
    clock: Arc<dyn Clock>,
    last: u64,
}

impl Esim {
    /// Opens an assistant for the eUICC behind a link.
    ///
    /// # Errors
    /// Where the journal cannot be read.
    pub async fn open(
        link: Box<dyn CardLink>,
        transport: TransportConfig,
        servers: Servers,
        mut journal: Box<dyn Journal<LpaRecord>>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, JournalError> {
        // Notifications are delivered when the user says so: a process may end right behind a
        // command.
        let config = LpaConfig { notify: false, ..LpaConfig::default() };
        let start = clock.now().as_micros();
        // Only asks of this process are ever answered.
        let mut machine = Lpa::new(Arc::new(config), 0);
        journal.replay(&mut |record| machine.restore(record)).await?;
        let chip = Chip::new(link, transport, Arc::clone(&clock));
        Ok(Self { machine, journal, chip, servers, clock, last: start })
    }

    /// Returns whether a download was interrupted, and waits for [`recover`](Self::recover).
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.machine.open_order().is_some()
    }

    /// Lets an interrupted download go on, or be cleaned up. `None` where there is none.
    ///
    /// # Errors
    /// [`EsimFault`].
    pub async fn recover(&mut self, user: &mut dyn EsimUser) -> Result<Option<LpaDone>, EsimFault> {
        match self.machine.open_order().map(|order| order.id) {
            Some(id) => self.run(id, VecDeque::new(), user).await.map(Some),
            None => Ok(None),
        }
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// [`EsimFault`].
    pub async fn carry_out(
        &mut self,
        command: LpaCommand,
        user: &mut dyn EsimUser,
    ) -> Result<LpaDone, EsimFault> {
        // A time that was never before, in any process.
        self.last = self.clock.now().as_micros().max(self.last.saturating_add(1));
        let id = CommandId(self.last);
        let input = LpaInput::Command { id, command: Box::new(command) };
        self.run(id, VecDeque::from([input]), user).await
    }

    /// Closes the channel to the eUICC, and gives the link back.
    pub async fn close(self) -> Box<dyn CardLink> {
        self.chip.close().await
    }

    async fn run(
        &mut self,
        id: CommandId,
        inputs: VecDeque<LpaInput>,
        user: &mut dyn EsimUser,
    ) -> Result<LpaDone, EsimFault> {
        drop(self.chip.take_fault());
        let mut around = Around {
            id,
            inputs,
            user,
            result: None,
            journal: &mut *self.journal,
            chip: &mut self.chip,
            servers: &self.servers,
        };
        let driven = drive(&mut self.machine, &mut around, &*self.clock).await;
        let result = around.result.take();
        match driven {
            Err(Stopped::NotDurable(error)) => return Err(error.into()),
            Err(Stopped::Stuck { timer }) => return Err(EsimFault::Stuck { timer }),
            Ok(()) => {}
        }
        match result {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) => {
                let of_card = matches!(error, LpaError::Card { .. });
                let source = self.chip.take_fault().filter(|_| of_card);
                Err(EsimFault::Lpa { error, source })
            }
            None => Err(EsimFault::Lpa { error: LpaError::Withdrawn, source: None }),
        }
    }
}

/// What is around the machine while a command is carried out.
struct Around<'a> {
    id: CommandId,
    inputs: VecDeque<LpaInput>,
    user: &'a mut dyn EsimUser,
    result: Option<Result<LpaDone, LpaError>>,
    journal: &'a mut dyn Journal<LpaRecord>,
    chip: &'a mut Chip,
    servers: &'a Servers,
}

impl Around<'_> {
    /// Waits for something; a user who gives up meanwhile is heard, once.
    async fn or_withdrawn<T>(&mut self, waiting: impl Future<Output = T> + Send) -> T {
        let mut waiting = std::pin::pin!(waiting);
        tokio::select! {
            biased;
            done = &mut waiting => done,
            why = self.user.withdraws() => {
                self.inputs.push_back(LpaInput::Cancel { id: self.id, why });
                waiting.await
            }
        }
    }

    async fn event(&mut self, event: LpaEvent) {
        self.user.hear(&event);
        match event {
            LpaEvent::Asked { id, question } => {
                let decision = self.user.decide(question).await;
                self.inputs.push_back(LpaInput::Decided { id, decision });
            }
            LpaEvent::Finished { id, result } if id == self.id => self.result = Some(result),
            LpaEvent::Finished { .. } | LpaEvent::Progressed { .. } | LpaEvent::Notified(_) => {}
        }
    }
}

impl Environment<Lpa> for Around<'_> {
    type Failure = JournalError;

    fn settled(&mut self, _: &Lpa) -> bool {
        self.result.is_none()
    }

    async fn next(&mut self) -> Option<LpaInput> {
        match self.inputs.pop_front() {
            Some(input) => Some(input),
            // What is left is a pause of the machine.
            None => {
                let why = self.user.withdraws().await;
                Some(LpaInput::Cancel { id: self.id, why })
            }
        }
    }

    async fn perform(&mut self, output: LpaOutput) {
        match output {
            LpaOutput::Card { number, function } => {
                let reply = self.chip.carry_out(function).await;
                self.inputs.push_back(LpaInput::Card { number, reply });
            }
            LpaOutput::ResetCard => {
                if self.chip.reset().await {
                    self.inputs.push_back(LpaInput::CardReset);
                }
            }
            LpaOutput::Server { number, address, request } => {
                let servers = self.servers;
                let answer = self.or_withdrawn(servers.es9(&address, &request)).await;
                self.inputs.push_back(LpaInput::Server { number, answer });
            }
            LpaOutput::Event(event) => self.event(*event).await,
        }
    }

    async fn record(&mut self, records: Vec<LpaRecord>) -> Result<(), JournalError> {
        self.journal.append(records).await
    }
}

impl fmt::Debug for Esim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Esim").field("interrupted", &self.is_interrupted()).finish_non_exhaustive()
    }
}
