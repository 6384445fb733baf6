//! Calls and texts over data, by phone number, in a process: the server, or a device.
//!
//! [`ServerNode`] has the connections of many devices, [`DeviceNode`] one to its server, over any
//! streams: [`stay_connected`] dials again whenever it is gone. Both remember in a
//! [`Journal`](crate::journal::Journal), and go on where they were after a crash: what was acknowledged
//! is not lost, and what was sent is not sent twice.
//!
//! What is around a device are traits and channels: its modem, for what goes by the carrier
//! ([`DeviceCarrier`]), and frames of speech to and from it ([`DeviceAudio`]).
//!
//! # What a stream must be
//! Texts are sealed between devices, whatever is between them. All else is in the clear: codes, the tokens
//! by which devices are known, who calls whom, and speech. So streams are those of one machine (loopback,
//! Unix sockets, memory), or are enciphered and of authenticated servers, as those of TLS.

mod device;
mod frame;
mod link;
mod reconnect;
mod server;
#[cfg(test)]
mod tests;

pub use device::{
    CarrierReport, DeviceAudio, DeviceCarrier, DeviceDesk, DeviceNews, DeviceNode, DeviceSetup,
    DeviceStatus,
};
pub use frame::{FRAME_LEN_MAX, FrameError};
pub use link::{LinkEnd, Stream};
pub use reconnect::stay_connected;
pub use server::{CodeCarrier, ServerDesk, ServerNews, ServerNode};

use crate::journal::JournalError;
use crate::runner::Stopped;
use tokio::task::JoinHandle;

/// The node has stopped, and nobody serves what is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the courier has stopped: start it again from its journal")]
pub struct NodeEnded;

/// Why a node has ended by itself. What it had recorded is in its journal: start it anew.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeFault {
    /// Its journal failed.
    #[error("the courier has stopped: {0}")]
    Journal(#[from] JournalError),
    /// It serves a deadline without end.
    #[error("the courier has stopped: it does not get past its deadline {timer}")]
    Stuck {
        /// Which deadline.
        timer: String,
    },
    /// Its task has panicked.
    #[error("the courier's task has died: {0}")]
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

/// Waits for the task of a node.
async fn ended(task: JoinHandle<Result<(), NodeFault>>) -> Result<(), NodeFault> {
    task.await.unwrap_or_else(|died| Err(NodeFault::Died(died.to_string())))
}
