//! A port that is opened anew when it is lost.

use super::recovery::{Backoff, Reopening, Waits};
use polysim_base::{Duration, Instant};
use polysim_hal::{Clock, ModemPort, PortErrorKind};
use std::fmt;
use std::sync::Arc;

/// Most bytes read from the port at a time.
const READ_MAX: usize = 4_096;
/// How long opening a port anew may take.
const REOPEN_PATIENCE: Duration = Duration::from_secs(10);

/// A port that is opened anew when it is lost: what is around a modem machine on the side of the
/// modem.
///
/// ```no_run
/// # async fn example(mut line: polysim::modem::Line) {
/// # use polysim_modem::ModemInput;
/// let input = loop {
///     let waited = line.wait().await;
///     if let Some(heard) = line.hear(waited).await {
///         break ModemInput::from(heard);
///     }
/// };
/// # }
/// ```
pub struct Line {
    port: Box<dyn ModemPort>,
    state: State,
    waits: Waits,
    clock: Arc<dyn Clock>,
    buffer: Box<[u8]>,
}

#[derive(Debug)]
enum State {
    Open,
    /// It failed, and nobody was told yet.
    Failed(PortErrorKind),
    /// It is to be opened anew.
    Closed {
        until: Instant,
        backoff: Backoff,
    },
}

/// What a line waited for: to be given to [`Line::hear`].
#[derive(Debug)]
#[must_use]
pub struct Waited(For);

#[derive(Debug)]
enum For {
    Bytes(usize),
    Failure(PortErrorKind),
    Opening,
}

/// What comes from a line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Heard {
    /// Bytes, at least one.
    Bytes(Vec<u8>),
    /// The port is gone; it is opened anew by and by.
    Lost(PortErrorKind),
    /// The port is open again.
    Opened,
}

impl From<Heard> for polysim_modem::ModemInput {
    fn from(heard: Heard) -> Self {
        match heard {
            Heard::Bytes(bytes) => Self::Bytes(bytes),
            Heard::Lost(_) => Self::PortLost,
            Heard::Opened => Self::PortOpened,
        }
    }
}

impl Line {
    /// Takes a port that is open.
    #[must_use]
    pub fn new(port: Box<dyn ModemPort>, reopening: Reopening, clock: Arc<dyn Clock>) -> Self {
        let waits = Waits::new(reopening, clock.now());
        let buffer = vec![0; READ_MAX].into_boxed_slice();
        Self { port, state: State::Open, waits, clock, buffer }
    }

    /// Returns whether the port is open, as far as is known.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Waits until there is something to hear, or to do for the port. Dropping the future loses
    /// nothing.
    pub async fn wait(&mut self) -> Waited {
        Waited(match self.state {
            State::Open => match self.port.read(&mut self.buffer).await {
                Ok(0) => For::Failure(PortErrorKind::Io),
                Ok(count) => For::Bytes(count),
                Err(error) => For::Failure(*error.kind()),
            },
            State::Failed(kind) => For::Failure(kind),
            State::Closed { until, .. } => {
                self.clock.sleep_until(until).await;
                For::Opening
            }
        })
    }

    /// Hears what was waited for; `None` if the port could not be opened yet. Bytes and a loss are
    /// heard at once; opening may take some seconds, and is begun anew by the next
    /// [`wait`](Self::wait) if the future is dropped.
    pub async fn hear(&mut self, waited: Waited) -> Option<Heard> {
        match waited.0 {
            For::Bytes(count) => {
                Some(Heard::Bytes(self.buffer.get(..count).unwrap_or_default().to_vec()))
            }
            For::Failure(kind) => {
                let mut backoff = self.waits.begin();
                let until = self.clock.now().plus(self.waits.draw(&mut backoff));
                self.state = State::Closed { until, backoff };
                Some(Heard::Lost(kind))
            }
            For::Opening => self.reopen().await,
        }
    }

    /// Writes all of these bytes, unless the port is lost. That it is lost now is heard next.
    pub async fn write(&mut self, bytes: &[u8]) {
        if self.is_open()
            && let Err(error) = self.port.write(bytes).await
        {
            self.state = State::Failed(*error.kind());
        }
    }

    async fn reopen(&mut self) -> Option<Heard> {
        let patience = self.clock.now().plus(REOPEN_PATIENCE);
        let opened = tokio::select! {
            biased;
            opened = self.port.reopen() => opened.is_ok(),
            () = self.clock.sleep_until(patience) => false,
        };
        if opened {
            self.state = State::Open;
            return Some(Heard::Opened);
        }
        if let State::Closed { until, backoff } = &mut self.state {
            *until = self.clock.now().plus(self.waits.draw(backoff));
        }
        None
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("port", &self.port.name()).field("state", &self.state).finish()
    }
}
