//! Runs the machines of a shared SIM: a master, or a slave, in a process.
//!
//! A [`MasterNode`] has the subscription and takes connections of slaves; a [`SlaveNode`] has one
//! connection to its master, and a modem. Each is a task with a [`Journal`](crate::journal::Journal), in
//! the time of a [`Clock`](polysim_hal::Clock): what the machine records is there before anything that
//! follows from it leaves, and a node that is started on a journal goes on where it was. The journal of
//! a master is the audit record: each entry has the time of its clock.
//!
//! | item | what it is |
//! |---|---|
//! | [`MasterDesk`], [`MasterTold`] | what its user says to a master, and hears |
//! | [`SlaveDesk`], [`SlaveTold`] | the same of a slave |
//! | [`stay_connected`] | connects a slave again and again |
//! | [`SharedModem`] | the modem that goes to the network |
//! | [`ContactCard`], [`LinkedCard`] | a card at the contacts of a modem, or of a server |
//! | [`Device`] | who a device is, for others |
//!
//! # Connections
//! Any stream of octets does: the link on it is authenticated and enciphered from one end to the other,
//! and says itself when the other end is not heard. A peer that has not shown a key that is known holds
//! little, and not for long. One session for each slave: a new connection of the same key ends the older
//! one. Unknown keys are heard only while the master pairs, which is for one attempt.
//!
//! # Cards
//! Parameters that are copied make a soft card, which [`MakeCard`] makes; it is simulated, as no real
//! card gives out its keys. What it answers to the network leaves it once the sequence number that it
//! accepted is in the journal. In remote mode the card stays with the master, and its commands travel.
//!
//! # Clocks
//! A slave leaves the network by its own clock when the link is down. The clock must go on while the
//! process does not run: [`TokioClock`](polysim_hal::TokioClock) stands still while a machine sleeps, so
//! a modem that stays on the network meanwhile must not be driven from one that does.
//!
//! A process that is stopped (by a signal, a debugger, a disk that does not answer) serves no timer. When it
//! goes on it finds by that clock that its session is over, does nothing of what it had received, and counts
//! its timer from when the session was over: if that has passed, it leaves at once. Until then nothing here
//! can take its modem off the network, while the master lets another slave have the subscription once the
//! timer and the margin have passed. So a modem that goes on without the process needs a watchdog of its
//! own, which cuts its power when the process was not heard of for the time that the margin allows.

mod card;
mod entry;
mod frame;
mod lend;
mod link;
mod master;
mod modem;
mod seat;
mod slave;
#[cfg(test)]
mod tests;

pub use card::{ContactCard, LinkedCard, MakeCard};
pub use entry::{Dated, InvalidEntry, MasterEntry, SlaveEntry};
pub use frame::Terms;
pub use link::{Device, Stream};
pub use master::{
    ConnectionId, MasterDesk, MasterNews, MasterNode, MasterSetup, MasterStatus, MasterTold,
    PairedSlave,
};
pub use modem::{ModemReport, SharedModem};
pub use slave::{
    MasterKnown, SessionEnd, SlaveDesk, SlaveNews, SlaveNode, SlavePace, SlaveSetup, SlaveStatus,
    SlaveTold, TermsRefusal, stay_connected,
};

use crate::journal::JournalError;
use crate::runner::Stopped;

/// The node has stopped, and nobody serves what is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this device shares nothing any more: start it again from its journal")]
pub struct NodeEnded;

/// Why a node has ended by itself. What it had recorded is in its journal: start it anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeFault {
    /// Its journal failed.
    #[error("sharing has stopped: {0}")]
    Journal(#[from] JournalError),
    /// It serves a deadline without end.
    #[error("sharing has stopped: it does not get past its deadline {timer}")]
    Stuck {
        /// Which deadline.
        timer: String,
    },
    /// Its task has panicked.
    #[error("the task that shares has died: {0}")]
    Died(String),
}

impl From<Stopped<JournalError>> for NodeFault {
    fn from(stopped: Stopped<JournalError>) -> Self {
        match stopped {
            Stopped::NotDurable(source) => Self::Journal(source),
            Stopped::Stuck { timer } => Self::Stuck { timer },
        }
    }
}

/// Why a node could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// What it remembers cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Its links would not work.
    #[error(transparent)]
    Link(#[from] polysim_share::link::InvalidLink),
    /// Its times do not go together.
    #[error(transparent)]
    Timing(#[from] polysim_share::InvalidTiming),
    /// Likewise, of a slave.
    #[error(transparent)]
    Terms(TermsRefusal),
}
