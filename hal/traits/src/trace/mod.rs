//! Middleware that writes down what passes.

mod lines;
mod pcap;
#[cfg(test)]
mod tests;
mod traced;

pub use lines::{LineForm, Lines};
pub use pcap::Pcap;
pub use traced::Traced;

use crate::Clock;
use polysim_apdu::SecretFree;
use polysim_base::Instant;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

/// Which way bytes pass.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From this side to the hardware.
    Out,
    /// From the hardware to this side.
    In,
}

/// Something that passed. No secret is in it any more.
#[derive(Clone, Copy, Debug)]
pub enum TraceEvent<'a> {
    /// Bytes of a port, PINs and the like replaced.
    Bytes {
        /// Which way.
        direction: Direction,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A command to a card, with the channel that it was sent on in its class byte, and the
    /// response.
    Exchange {
        /// The command.
        command: &'a SecretFree,
        /// The response, status word last.
        response: &'a SecretFree,
    },
    /// Anything else, in words: a reset, a control line, an error.
    Note(&'a str),
}

/// Where a trace goes.
pub trait TraceSink: Send {
    /// Writes an event of the thing called `name`.
    ///
    /// # Errors
    /// What the writer behind it says.
    fn write(&mut self, at: Instant, name: &str, event: &TraceEvent<'_>) -> io::Result<()>;
}

/// A sink and a clock that several [`Traced`] things share.
#[derive(Clone)]
pub struct Tracer {
    clock: Arc<dyn Clock>,
    output: Arc<Mutex<Output>>,
}

enum Output {
    Open(Box<dyn TraceSink>),
    /// Nothing is written any more.
    Failed(io::Error),
}

impl Tracer {
    /// Writes to `sink`, with the time of `clock`.
    ///
    /// The writer behind the sink is called where the traffic passes: it must not block for long.
    pub fn new(sink: impl TraceSink + 'static, clock: impl Clock + 'static) -> Self {
        let output = Arc::new(Mutex::new(Output::Open(Box::new(sink))));
        Self { clock: Arc::new(clock), output }
    }

    /// Returns why the sink has failed, in words, if it has. The traffic goes on without a trace.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        match &*self.output.lock().unwrap_or_else(PoisonError::into_inner) {
            Output::Open(_) => None,
            Output::Failed(error) => Some(error.to_string()),
        }
    }

    fn write(&self, name: &str, event: &TraceEvent<'_>) {
        let now = self.clock.now();
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        if let Output::Open(sink) = &mut *output
            && let Err(error) = sink.write(now, name, event)
        {
            *output = Output::Failed(error);
        }
    }
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").field("failure", &self.failure()).finish_non_exhaustive()
    }
}
