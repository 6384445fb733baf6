//! One modem of a site: its driver, its port and its card, in a task of their own.

use super::card::{CardInModem, Leads};
use crate::modem::{Line, Waited};
use crate::runner::{Environment, drive};
use polysim_base::{Duration, Instant};
use polysim_fleet::site::SiteInput;
use polysim_fleet::wire::CardSignal;
use polysim_hal::Clock;
use polysim_modem::{Config, Modem as Machine, ModemCommand, ModemInput, ModemOutput, PowerDown};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Most things that wait for a modem; its site waits then.
pub(super) const ASKED_MAX: usize = 64;
/// From so many things on that its site has not taken, a modem is not listened to.
const SAID_MAX: usize = 64;
/// How long a modem may take to leave its network when its site stops.
const CLOSE_PATIENCE: Duration = Duration::from_secs(5);

/// What a site wants of a modem.
#[derive(Debug)]
pub(super) enum Asked {
    Driver(ModemInput),
    Card(CardSignal),
}

/// What is around the driver of a modem.
pub(super) struct Seat {
    pub(super) number: u16,
    pub(super) line: Line,
    pub(super) asked: mpsc::Receiver<Asked>,
    pub(super) site: mpsc::Sender<SiteInput>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) card: CardInModem,
    pub(super) inputs: VecDeque<ModemInput>,
    pub(super) said: VecDeque<SiteInput>,
    pub(super) close_by: Option<Instant>,
}

impl Seat {
    pub(super) fn new(
        number: u16,
        line: Line,
        asked: mpsc::Receiver<Asked>,
        site: mpsc::Sender<SiteInput>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            number,
            line,
            asked,
            site,
            clock,
            card: CardInModem::default(),
            inputs: VecDeque::new(),
            said: VecDeque::new(),
            close_by: None,
        }
    }

    /// Drives the modem until its site has stopped, and takes it off the air then.
    pub(super) async fn run(mut self, config: Arc<Config>) {
        let clock = Arc::clone(&self.clock);
        let mut machine = Machine::new(config);
        // It records nothing; a deadline that it did not get past would end it like a hung modem.
        drop(drive(&mut machine, &mut self, &*clock).await);
    }

    fn say_card(&mut self, reply: polysim_fleet::wire::CardReply) {
        // The card in a modem is in the slot of the modem's own number, of the only bank.
        self.said.push_back(SiteInput::Card { bank: super::BANK, slot: self.number, reply });
    }

    fn take(&mut self, asked: Option<Asked>) {
        match asked {
            Some(Asked::Driver(input)) => self.inputs.push_back(input),
            Some(Asked::Card(signal)) => match self.card.signal(signal) {
                Leads::To(reply) => self.say_card(reply),
                Leads::On(input) => self.inputs.push_back(input),
                Leads::Nowhere => {}
            },
            None => {
                let off = self.card.ask(ModemCommand::PowerOff(PowerDown::Flight));
                self.inputs.push_back(off);
                self.close_by = Some(self.clock.now().plus(CLOSE_PATIENCE));
            }
        }
    }

    async fn hear(&mut self, waited: Waited) {
        if let Some(heard) = self.line.hear(waited).await {
            self.inputs.push_back(heard.into());
        }
    }

    async fn wait(&mut self) {
        let (close_by, clock) = (self.close_by, Arc::clone(&self.clock));
        let room = self.site.clone().reserve_owned();
        tokio::select! {
            biased;
            room = room, if !self.said.is_empty() => match (room, self.said.pop_front()) {
                (Ok(room), Some(said)) => drop(room.send(said)),
                // The site has stopped: nobody hears it.
                (Ok(_) | Err(_), _) => self.said.clear(),
            },
            asked = self.asked.recv(), if close_by.is_none() => self.take(asked),
            () = sleep_until(&*clock, close_by), if close_by.is_some() => {}
            waited = self.line.wait(), if self.said.len() < SAID_MAX => self.hear(waited).await,
        }
    }
}

async fn sleep_until(clock: &dyn Clock, at: Option<Instant>) {
    if let Some(at) = at {
        clock.sleep_until(at).await;
    }
}

impl Environment<Machine> for Seat {
    type Failure = Infallible;

    fn settled(&mut self, machine: &Machine) -> bool {
        let closes = self.close_by.is_some_and(|by| {
            let nothing_left = self.inputs.is_empty() && machine.is_idle();
            nothing_left || by <= self.clock.now()
        });
        !closes
    }

    async fn next(&mut self) -> Option<ModemInput> {
        loop {
            if let Some(input) = self.inputs.pop_front() {
                return Some(input);
            }
            if self.close_by.is_some_and(|by| by <= self.clock.now()) {
                return None;
            }
            self.wait().await;
        }
    }

    async fn perform(&mut self, output: ModemOutput) {
        match output {
            ModemOutput::Bytes(bytes) => self.line.write(&bytes).await,
            ModemOutput::Done { id, outcome } if CardInModem::is_own(id) => {
                if let Some(reply) = self.card.done(id, outcome) {
                    self.say_card(reply);
                }
            }
            ModemOutput::Done { .. } | ModemOutput::Event(_) => {
                self.said.push_back(SiteInput::Modem(self.number, output));
            }
        }
    }

    async fn record(&mut self, records: Vec<Infallible>) -> Result<(), Infallible> {
        match records.into_iter().next() {
            Some(record) => match record {},
            None => Ok(()),
        }
    }
}
