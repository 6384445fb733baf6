//! What a terminal is at: a wish on its way through one or two exchanges.

use crate::wire::{Act, Ask, CallRef, Placement, Target};
use crate::{ModemId, Permissions, ServerId};
use polysim_base::{Iccid, Instant};
use polysim_lease::Epoch;

/// A wish that is not seen to yet.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Job {
    pub(super) wish: u64,
    pub(super) step: Step,
    /// When something is done about it unless an answer comes.
    pub(super) due: Instant,
    /// How often nobody answered, in this step.
    pub(super) tries: u8,
}

/// Where a job is.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Step {
    /// A server is asked; there may be something to be done at the modem that it names.
    Server {
        /// Who has not answered yet.
        asked: Option<ServerId>,
        /// How many servers have said that they do not lead, since it was last due.
        refused: u8,
        ask: Ask,
        then: Option<Task>,
    },
    /// A modem is asked, or will be when it is due.
    Modem { at: At, task: Task, sent: bool },
}

/// What is to be done at a modem.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Task {
    pub(super) act: Act,
    pub(super) aim: Aim,
    /// How often it was sent to a modem that did not serve the SIM any more.
    pub(super) moves: u8,
    /// How often the modem could not do it just then.
    pub(super) refusals: u8,
}

/// What a task is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Aim {
    /// A SIM, wherever it is.
    Sim(Target),
    /// A call, which is at one modem by one lease.
    Call(CallRef),
}

/// Where a SIM is, and by which lease.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) struct At {
    pub(super) modem: ModemId,
    pub(super) iccid: Iccid,
    pub(super) epoch: Epoch,
}

impl From<&Placement> for At {
    fn from(placement: &Placement) -> Self {
        Self { modem: placement.modem, iccid: placement.iccid, epoch: placement.epoch }
    }
}

impl Task {
    pub(super) const fn new(act: Act, aim: Aim) -> Self {
        Self { act, aim, moves: 0, refusals: 0 }
    }

    /// Returns whether doing it twice is the same as doing it once.
    pub(super) const fn may_repeat(&self) -> bool {
        match self.act {
            Act::Answer(_) | Act::Reject(_) | Act::HangUp(_) | Act::Text { .. } => true,
            Act::Dial { .. }
            | Act::Hold(_)
            | Act::Dtmf(..)
            | Act::Ussd(_)
            | Act::UssdCancel
            | Act::Apdu(_) => false,
        }
    }

    /// Returns whether it is kept on with until somebody answers.
    pub(super) const fn is_text(&self) -> bool {
        matches!(self.act, Act::Text { .. })
    }

    /// Returns what the user must be permitted.
    pub(super) const fn purpose(&self) -> Permissions {
        match self.act {
            Act::Text { .. } => Permissions::TEXT_SEND,
            Act::Ussd(_) | Act::UssdCancel => Permissions::USSD,
            Act::Apdu(_) => Permissions::APDU,
            Act::Dial { .. }
            | Act::Answer(_)
            | Act::Reject(_)
            | Act::HangUp(_)
            | Act::Hold(_)
            | Act::Dtmf(..) => Permissions::CALL,
        }
    }
}
