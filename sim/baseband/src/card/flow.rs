//! Procedures with the card: an `async fn` over its interface, started by a command or by the
//! device itself.

use crate::sms::ServiceCentre;
use crate::toolkit::CardSaid;
use polysim_at::{CmeError, FinalResult};
use polysim_base::procedure::{Port, Procedure, Step};
use polysim_base::{Instant, Machine, Out};

/// What a flow holds: it asks with a command APDU, and the answer is a response APDU; an empty
/// one says that the card is gone.
pub(crate) type CardPort = Port<Vec<u8>, Vec<u8>>;

/// On whose behalf a flow runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    /// A command on this port waits for it.
    Port(u8),
    /// The device itself.
    Device,
}

/// What a flow came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Information lines without framing, each ended by LF.
    pub(crate) lines: Vec<u8>,
    pub(crate) result: FinalResult,
    /// What it means for the device.
    pub(crate) change: Change,
}

/// What a flow changed.
#[derive(Debug)]
pub(crate) enum Change {
    None,
    /// The PIN was verified or the card unblocked.
    Unlocked,
    /// A wrong PIN: so many tries are left, of the PUK if there is none of the PIN.
    Refused(u8),
    /// The service centre was read or written.
    ServiceCentre(Option<ServiceCentre>),
    /// The card said something of its toolkit.
    Toolkit(CardSaid),
    /// A number was read that is to be dialled.
    Dial(String),
    /// EF.PLMNwAcT holds these now.
    Networks(Vec<super::Listed>),
}

impl Outcome {
    pub(crate) const fn done() -> Self {
        Self::with_lines(Vec::new())
    }

    pub(crate) const fn with_lines(lines: Vec<u8>) -> Self {
        Self { lines, result: FinalResult::Ok, change: Change::None }
    }

    pub(crate) const fn refused(error: CmeError) -> Self {
        Self { lines: Vec::new(), result: FinalResult::Cme(error), change: Change::None }
    }

    pub(crate) fn changed(self, change: Change) -> Self {
        Self { change, ..self }
    }
}

impl From<Result<Self, CmeError>> for Outcome {
    fn from(result: Result<Self, CmeError>) -> Self {
        result.unwrap_or_else(Self::refused)
    }
}

/// A flow under way.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) owner: Owner,
    procedure: Procedure<Vec<u8>, Vec<u8>, Outcome>,
    asked: Option<polysim_base::procedure::Ticket>,
}

/// What a flow wants next.
#[derive(Debug)]
pub(super) enum Next {
    Send(Vec<u8>),
    End(Outcome),
}

impl Flow {
    pub(super) fn new<F, Fut>(now: Instant, owner: Owner, flow: F) -> Self
    where
        F: FnOnce(CardPort) -> Fut,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        Self { owner, procedure: Procedure::start(now, flow), asked: None }
    }

    /// Returns the next command of the flow, or its end.
    pub(super) fn next(&mut self) -> Next {
        match self.procedure.poll_output() {
            Some(Out::Do(Step::Ask(ticket, command))) => {
                self.asked = Some(ticket);
                Next::Send(command)
            }
            Some(Out::Do(Step::Done(outcome))) => Next::End(outcome),
            Some(Out::Record(record)) => match record {},
            None => Next::End(Outcome::refused(CmeError::SimFailure)),
        }
    }

    pub(super) fn answer(&mut self, now: Instant, response: Vec<u8>) -> Next {
        if let Some(ticket) = self.asked.take() {
            self.procedure.handle(now, (ticket, response));
        }
        self.next()
    }
}
