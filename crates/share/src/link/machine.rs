//! The machine.

use core::convert::Infallible;

use polysim_base::{Instant, Machine, Out, Queue};

use super::{InvalidLink, LinkConfig, LinkInput, LinkOutput, LinkTimer};

/// One end of one session over one stream of octets.
#[derive(Debug)]
pub struct Link {
    outputs: Queue<Out<Infallible, LinkOutput>>,
}

impl Link {
    /// Returns a link that waits for its stream.
    ///
    /// # Errors
    /// [`InvalidLink`].
    pub fn new(config: LinkConfig) -> Result<Self, InvalidLink> {
        config.hold()?;
        Ok(Self { outputs: Queue::new() })
    }
}

impl Machine for Link {
    type Input = LinkInput;
    type Output = LinkOutput;
    type Record = Infallible;
    type Timer = LinkTimer;

    fn handle(&mut self, _: Instant, _: LinkInput) {}

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_output(&mut self) -> Option<Out<Infallible, LinkOutput>> {
        self.outputs.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, LinkTimer)> {
        None
    }

    fn restore(&mut self, record: Infallible) {
        match record {}
    }
}
