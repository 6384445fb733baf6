//! The device: it chooses the path of what its user dials and writes.

mod message;

pub use message::{
    CallEvent, CallId, CardIdentity, CarrierOrder, Choice, ClientCommand, ClientConfig,
    ClientEvent, ClientInput, ClientOutput, ClientRecord, ClientTimer, Offer, Outcome, TextState,
    Why,
};

use polysim_base::{Instant, Machine, Out, Queue};

/// The courier's part of a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Client {
    config: ClientConfig,
    out: Queue<Out<ClientRecord, ClientOutput>>,
}

impl Client {
    /// Returns a device that is not registered.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        Self { config, out: Queue::new() }
    }

    /// Returns how it was set up.
    #[must_use]
    pub const fn config(&self) -> &ClientConfig {
        &self.config
    }
}

impl Machine for Client {
    type Input = ClientInput;
    type Output = ClientOutput;
    type Record = ClientRecord;
    type Timer = ClientTimer;

    fn handle(&mut self, _now: Instant, _input: ClientInput) {}

    fn handle_timeout(&mut self, _now: Instant) {}

    fn poll_output(&mut self) -> Option<Out<ClientRecord, ClientOutput>> {
        self.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, ClientTimer)> {
        None
    }

    fn restore(&mut self, _record: ClientRecord) {}
}
