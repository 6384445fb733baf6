//! The machine: what reaches it goes to the line or to the engine, and then the line is fed.

use alloc::{sync::Arc, vec::Vec};
use core::convert::Infallible;

use polysim_base::{Instant, Machine, Out};

use crate::{
    Config, Counters, Identity, ModemCommand, ModemError, ModemEvent, RegistrationState, Reply,
    TextId, Timer, engine::Engine, link::Link,
};

/// What reaches a modem machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ModemInput {
    /// Bytes from the modem.
    Bytes(Vec<u8>),
    /// The port was opened, or opened anew. A machine starts with its port open.
    PortOpened,
    /// The port is gone.
    PortLost,
    /// The owner asks for something.
    Command {
        /// Comes back with the outcome.
        id: u64,
        /// What is asked.
        command: ModemCommand,
    },
    /// The owner made a received text or report durable.
    Recorded(TextId),
}

/// What leaves a modem machine.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ModemOutput {
    /// Bytes for the modem: a whole command line, or a whole entry at the prompt.
    Bytes(Vec<u8>),
    /// What became of a command.
    Done {
        /// The id it was asked with.
        id: u64,
        /// What became of it.
        outcome: Result<Reply, ModemError>,
    },
    /// What the modem told by itself.
    Event(ModemEvent),
}

/// The host side of one modem.
#[derive(Clone, Debug)]
pub struct Modem {
    link: Link,
    engine: Engine,
}

impl Modem {
    /// Returns a machine whose port is open and to which nothing was said.
    #[must_use]
    pub fn new(config: Arc<Config>) -> Self {
        Self { link: Link::new(), engine: Engine::new(config) }
    }

    /// Returns what initialisation found out.
    #[must_use]
    pub const fn identity(&self) -> Identity {
        self.engine.identity
    }

    /// Returns the registration as last told.
    #[must_use]
    pub const fn registration(&self) -> RegistrationState {
        self.engine.registration.summary()
    }

    /// Counts the lives of the card: it changes with every reset, loss and return of the modem,
    /// and what was selected, verified or opened before is gone then.
    #[must_use]
    pub const fn card_life(&self) -> u32 {
        self.engine.epoch
    }

    /// Returns whether the modem is initialised.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.engine.is_ready()
    }

    /// Returns whether nothing is in flight, under way or waiting.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.link.is_idle() && self.engine.is_idle()
    }

    /// Returns what went wrong so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.engine.counters
    }

    fn bytes(&mut self, now: Instant, bytes: &[u8]) {
        let mut input = bytes;
        let Self { link, engine } = self;
        loop {
            let Engine { config, counters, out, .. } = &mut *engine;
            let deadlines = &config.deadlines;
            let Some(heard) = link.hear(now, &mut input, deadlines, counters, out) else { break };
            engine.heard(now, heard);
            // Between two items, never within one: what a line asks for is work by now.
            engine.pump(now, link);
        }
    }

    fn port_opened(&mut self, now: Instant) {
        if self.link.is_fresh() {
            return;
        }
        if let Some(answer) = self.link.open() {
            self.engine.answered(now, answer);
        }
        self.engine.reopened(now);
    }

    fn port_lost(&mut self, now: Instant) {
        if let Some(answer) = self.link.close() {
            self.engine.answered(now, answer);
        }
        self.engine.lost(&ModemError::PortLost);
    }

    fn command(&mut self, id: u64, command: ModemCommand) {
        let refusal = if self.link.is_closed() {
            Some(ModemError::PortLost)
        } else if self.link.is_silent() {
            Some(ModemError::Unresponsive)
        } else {
            None
        };
        self.engine.command(id, command, refusal);
    }
}

impl Machine for Modem {
    type Input = ModemInput;
    type Output = ModemOutput;
    type Record = Infallible;
    type Timer = Timer;

    fn handle(&mut self, now: Instant, input: ModemInput) {
        match input {
            ModemInput::Bytes(bytes) => return self.bytes(now, &bytes),
            ModemInput::PortOpened => self.port_opened(now),
            ModemInput::PortLost => self.port_lost(now),
            ModemInput::Command { id, command } => self.command(id, command),
            ModemInput::Recorded(id) => self.engine.recorded(id),
        }
        self.engine.pump(now, &mut self.link);
    }

    fn handle_timeout(&mut self, now: Instant) {
        let Self { link, engine } = self;
        let Engine { config, counters, out, .. } = &mut *engine;
        let heard = link.expire(now, &config.deadlines, counters, out);
        engine.heard(now, heard);
        engine.expire(now);
        engine.pump(now, link);
    }

    fn poll_output(&mut self) -> Option<Out<Infallible, ModemOutput>> {
        self.engine.out.pop().map(Out::Do)
    }

    fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let deadlines = [self.link.poll_timeout(), self.engine.poll_timeout()];
        deadlines.into_iter().flatten().min_by_key(|(due, _)| *due)
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}
