//! Calls, as sites, terminals and the exchange speak of them.

use super::lease::LeaseClaim;
use super::{duration, instant};
use crate::{ModemId, TerminalId, UserId};
use alloc::string::String;
use polysim_base::{Duration, Instant};
use polysim_speech::SpeechReport;
use serde::{Deserialize, Serialize};

/// Names a call on a modem, for good.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct CallRef {
    /// On which modem.
    pub modem: ModemId,
    /// In which life of its site.
    pub incarnation: u32,
    /// Counts the calls of the site in that life.
    pub number: u32,
}

/// Who began a call.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Direction {
    /// Somebody called the SIM.
    Incoming,
    /// A terminal dialled.
    Outgoing,
}

/// Where a call is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum CallPhase {
    /// The network takes it up.
    Dialling,
    /// It rings at the other side.
    Alerting,
    /// Both talk.
    Active,
    /// On hold.
    Held,
    /// Over.
    Ended(CallEnding),
}

/// Why a call is over, or rings no more.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum CallEnding {
    /// A terminal hung up, or refused it.
    HungUp,
    /// The other side hung up; a caller gave up.
    Released,
    /// The other side was busy.
    Busy,
    /// Nobody answered in time, there or here.
    NoAnswer,
    /// There was no network.
    NoService,
    /// It could not be set up.
    Failed,
    /// It had lasted as long as calls may.
    TooLong,
    /// The SIM was taken back, its card pulled, or its lease ran out.
    LeaseEnded,
    /// The user may not call with this SIM any more.
    NotPermitted,
    /// The modem was reset, hung, or lost its network.
    Lost,
}

/// What a site tells of a call that is over.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct CallRecord {
    /// With which SIM.
    pub claim: LeaseClaim,
    /// Which call.
    pub call: CallRef,
    /// Who began it.
    pub direction: Direction,
    /// The other side; `None` where the number was withheld.
    pub peer: Option<String>,
    /// When it rang or was dialled, by the site's clock.
    #[serde(with = "instant")]
    pub began: Instant,
    /// For how long it rang, here or there, until it was answered or ended.
    #[serde(with = "duration")]
    pub rang: Duration,
    /// The terminal that answered or dialled.
    pub terminal: Option<(UserId, TerminalId)>,
    /// How long it was talked; `None` for a call that was not answered.
    #[serde(with = "super::optional_duration")]
    pub talked: Option<Duration>,
    /// Why it ended.
    pub ending: CallEnding,
    /// How speech from the terminal fared.
    pub speech: SpeechReport,
}
