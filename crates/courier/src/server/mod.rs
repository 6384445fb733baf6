//! The server: who is registered, what waits for whom, and which calls go over data.

mod message;

pub use message::{
    Connection, Limits, OutText, Proof, ServerConfig, ServerEvent, ServerInput, ServerKey,
    ServerOutput, ServerRecord, ServerTimer, VoiceDecision,
};

use polysim_base::{Instant, Machine, Out, Queue};

/// The server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    config: ServerConfig,
    out: Queue<Out<ServerRecord, ServerOutput>>,
}

impl Server {
    /// Returns a server at which nobody is registered.
    #[must_use]
    pub fn new(config: ServerConfig) -> Self {
        Self { config, out: Queue::new() }
    }

    /// Returns how it was set up.
    #[must_use]
    pub const fn config(&self) -> &ServerConfig {
        &self.config
    }
}

impl Machine for Server {
    type Input = ServerInput;
    type Output = ServerOutput;
    type Record = ServerRecord;
    type Timer = ServerTimer;

    fn handle(&mut self, _now: Instant, _input: ServerInput) {}

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_output(&mut self) -> Option<Out<ServerRecord, ServerOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, ServerTimer)> {
        None
    }

    fn restore(&mut self, _record: ServerRecord) {}
}
