//! What reaches an SM-DS, and what it does.

use alloc::string::String;

use polysim_base::Duration;
use polysim_rsp::crypto::Mode;
use polysim_rsp::{es9, es12};

use crate::RequestId;

/// How an SM-DS works. Keys and certificates are not in here.
#[derive(Clone, Debug)]
pub struct SmdsConfig {
    /// Its host name.
    pub address: String,
    /// Seconds since 1970 at the beginning of the run.
    pub epoch: i64,
    /// What the work is for: live work refuses what a simulation made.
    pub mode: Mode,
    /// How long an event is kept.
    pub event_lifetime: Duration,
    /// How long a device may take from one request of a session to the next.
    pub session_lifetime: Duration,
}

/// What reaches an SM-DS.
#[derive(Clone, Debug)]
pub enum SmdsInput {
    /// A profile assistant asks (ES11: the first two functions of ES9+).
    Es11 {
        /// Who.
        from: RequestId,
        /// What.
        request: es9::Request,
    },
    /// An SM-DP+ asks.
    Es12 {
        /// Who.
        from: RequestId,
        /// What.
        request: es12::Request,
    },
}

/// What an SM-DS does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SmdsOutput {
    /// Answer a profile assistant.
    Es11 {
        /// Whom.
        to: RequestId,
        /// What.
        answer: es9::Answer,
    },
    /// Answer an SM-DP+.
    Es12 {
        /// Whom.
        to: RequestId,
        /// What.
        answer: es12::Answer,
    },
}

/// Why an SM-DS wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SmdsTimer {
    /// A device has not come back to its session.
    Session,
    /// Nobody has come for an event.
    Event,
}
