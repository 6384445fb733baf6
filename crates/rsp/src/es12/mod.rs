//! ES12: how an SM-DP+ leaves word at an SM-DS that it has something for an eUICC.

use alloc::string::String;
use core::fmt;

use polysim_base::Eid;

use crate::es2::Call;
use crate::es9::Status;

/// What an SM-DP+ asks of an SM-DS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// Which call this is.
    pub call: Call,
    /// What for.
    pub function: Function,
}

/// What for. `Debug` masks the event, which is a matching identifier.
#[derive(Clone, Eq, PartialEq)]
pub enum Function {
    /// There is something for an eUICC.
    RegisterEvent {
        /// The eUICC.
        eid: Eid,
        /// The host name of the server that has it.
        rsp_server_address: String,
        /// Names the event; the device comes to the server with it as its matching identifier.
        event_id: String,
        /// The event may be handed on to other servers of discovery.
        forwarding: bool,
    },
    /// There is not any more.
    DeleteEvent {
        /// The eUICC.
        eid: Eid,
        /// The event.
        event_id: String,
    },
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, eid) = match self {
            Self::RegisterEvent { eid, .. } => ("RegisterEvent", eid),
            Self::DeleteEvent { eid, .. } => ("DeleteEvent", eid),
        };
        f.debug_struct(name).field("eid", eid).finish_non_exhaustive()
    }
}

/// What an SM-DS answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// It is done.
    Done,
    /// Not that, and why.
    Refused(Status),
}
