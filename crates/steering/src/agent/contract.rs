//! What reaches an agent, and what it does.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Iccid, Plmn};
use polysim_lpa::AskNumber;
use polysim_lpa::transport::CardError;
use polysim_rsp::data::DeviceInfo;
use polysim_rsp::es9;
use serde::{Deserialize, Serialize};

use crate::wire::{Capabilities, DownloadFailure, OperatorNumber, Order, Outcome, Refusal};
use crate::{DeviceKey, Level, Location};

/// Which device an agent is on.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The eUICC.
    pub eid: Eid,
    /// The key under which it speaks to the platform.
    pub key: DeviceKey,
    /// The profile that the device was issued with. It is never removed.
    pub original: Iccid,
    /// The home networks of that profile.
    pub home: Vec<Plmn>,
    /// Other profiles that the eUICC was issued with. They are never removed either.
    pub presets: Vec<Preset>,
}

/// A profile that an eUICC was issued with, beside the original one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preset {
    /// Which.
    pub iccid: Iccid,
    /// Its home networks.
    pub plmns: Vec<Plmn>,
}

/// How agents work. Many have the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgentConfig {
    /// How often it looks where it is, without an event.
    pub check_every: Duration,
    /// For how long the device must roam, or be without service, before another operator is looked
    /// for.
    pub away_dwell: Duration,
    /// For how long the home network of the original profile must be received before that profile
    /// is enabled again.
    pub home_dwell: Duration,
    /// How strongly at least. What is received more weakly is still away.
    pub home_level: Level,
    /// The time between the end of a switch and the next one, at least.
    pub switch_gap: Duration,
    /// The same for a device that switches again and again: the gap grows to this.
    pub switch_gap_max: Duration,
    /// For how long an enabled profile may look for service.
    pub attach_deadline: Duration,
    /// What the list is ordered by.
    pub order: Order,
    /// How old a stored list may be that is used when the platform does not answer.
    pub list_age_max: Duration,
    /// Where there is neither the platform nor a stored list, the presets are tried, the one that
    /// is received most strongly first.
    pub presets_alone: bool,
    /// How often the platform is asked the same.
    pub retry: Retry,
    /// How long it rests after no operator has worked; after the next time twice as long.
    pub pause: Duration,
    /// The longest rest.
    pub pause_max: Duration,
    /// How many downloads it begins in a month of thirty days, at most.
    pub downloads_per_month: u16,
    /// Whether it deletes profiles that it has downloaded, to make room for another.
    pub room: Room,
    /// What the eUICC and the device can do.
    pub capabilities: Capabilities,
    /// The device around the eUICC, which servers are told.
    pub device: DeviceInfo,
}

impl AgentConfig {
    /// Makes one with values that suit most devices.
    #[must_use]
    pub const fn new(device: DeviceInfo) -> Self {
        Self {
            check_every: Duration::from_secs(3_600),
            away_dwell: Duration::from_secs(300),
            home_dwell: Duration::from_secs(600),
            home_level: Level::from_dbm(-105),
            switch_gap: Duration::from_secs(1_800),
            switch_gap_max: Duration::from_secs(86_400),
            attach_deadline: Duration::from_secs(300),
            order: Order::Tariff,
            list_age_max: Duration::from_secs(30 * 86_400),
            presets_alone: true,
            retry: Retry {
                first: Duration::from_secs(30),
                longest: Duration::from_secs(3_600),
                tries: 5,
            },
            pause: Duration::from_secs(3_600),
            pause_max: Duration::from_secs(86_400),
            downloads_per_month: 3,
            room: Room::AsPlatformSays,
            capabilities: Capabilities(0),
            device,
        }
    }
}

/// When a message without an answer is said again.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retry {
    /// After how long, the first time; each time after that twice as long.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
    /// How often at most, where that is limited.
    pub tries: u8,
}

/// Whether an agent deletes profiles to make room. It deletes none but those that it has downloaded
/// itself and that are disabled.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Room {
    /// It deletes none.
    Never,
    /// Where the platform says so.
    AsPlatformSays,
    /// Whenever memory is short.
    AsNeeded,
}

/// A way to the platform.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Bearer {
    /// A data connection.
    Data,
    /// Short messages.
    Text,
}

/// Which ways to the platform there are now.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Bearers {
    /// Data connections.
    pub data: bool,
    /// Short messages.
    pub texts: bool,
}

/// What reaches an agent.
#[derive(Clone, Debug)]
pub enum AgentInput {
    /// What the agent runs on has started: the first input of each machine, new or restored. Nothing
    /// that it asked before will be answered.
    Started,
    /// The card was reset, and the device reads it anew. An agent on the eUICC gets `Started` and
    /// then this.
    Reset,
    /// Where the device is: the answer to [`AgentOutput::Locate`], or of its own accord.
    Located(Location),
    /// The device tells that something about its service has changed. The agent then asks where it
    /// is.
    LocationChanged,
    /// A network has refused the device.
    Rejected {
        /// Which, if that is known.
        plmn: Option<Plmn>,
        /// The cause of TS 24.008 (10.5.5.14) or TS 24.301 (9.9.3.9).
        cause: u8,
    },
    /// Which ways to the platform there are from now on. There are none before the first of these,
    /// nor after a reset.
    Bearers(Bearers),
    /// A frame from the platform.
    Frame(Vec<u8>),
    /// The eUICC's answer to [`AgentOutput::Card`].
    Card {
        /// To which.
        number: AskNumber,
        /// The response of the function, or why there is none.
        reply: Result<Vec<u8>, CardError>,
    },
    /// A server's answer to [`AgentOutput::Server`].
    Server {
        /// To which.
        number: AskNumber,
        /// What the server says, or why it says nothing.
        answer: Result<es9::Answer, es9::Failure>,
    },
}

/// What an agent does, in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AgentOutput {
    /// Find out where the device is: [`AgentInput::Located`] is wanted.
    Locate {
        /// What it receives is wanted, too, which may take long.
        visible: bool,
    },
    /// Send a frame to the platform. It may be lost. On [`Bearer::Text`] it fits into one short
    /// message.
    Send {
        /// Which way.
        bearer: Bearer,
        /// The frame.
        frame: Vec<u8>,
    },
    /// Have the device read the card anew and register again: REFRESH with "UICC reset" for an
    /// agent on the eUICC, a restart of the modem for one beside it. [`AgentInput::Reset`] is
    /// wanted.
    Restart,
    /// Have the eUICC carry out one function of ES10, DER: [`AgentInput::Card`] is wanted.
    Card {
        /// Names the ask.
        number: AskNumber,
        /// The data of the STORE DATA commands.
        function: Vec<u8>,
    },
    /// Ask a server over ES9+: [`AgentInput::Server`] is wanted.
    Server {
        /// Names the ask.
        number: AskNumber,
        /// Its host name.
        address: String,
        /// What.
        request: Box<es9::Request>,
    },
    /// Tell what goes on.
    Tell(AgentEvent),
}

/// What goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AgentEvent {
    /// Another operator is looked for.
    EpisodeBegan {
        /// Why.
        reason: Reason,
    },
    /// There is a list.
    Listed {
        /// Where it is from.
        source: ListSource,
        /// How many operators it has.
        operators: u8,
    },
    /// A profile is about to be enabled.
    Switching {
        /// Which.
        iccid: Iccid,
    },
    /// The device has attached with another profile.
    Attached {
        /// Which.
        iccid: Iccid,
        /// Where.
        serving: Option<Plmn>,
    },
    /// The device has not attached with a profile.
    AttachFailed {
        /// Which.
        iccid: Iccid,
        /// The cause with which a network has refused it; none where the deadline has passed.
        cause: Option<u8>,
    },
    /// A profile could not be enabled.
    EnableFailed {
        /// Which.
        iccid: Iccid,
    },
    /// The profile before is enabled again, which is the original one but on the way home, after
    /// another did not work.
    Returned,
    /// There is no data connection: the profile is not downloaded now.
    DownloadPostponed {
        /// Whose it is.
        operator: OperatorNumber,
    },
    /// The downloads of this month are used up on this device.
    DownloadsUsedUp {
        /// Whose profile is not downloaded.
        operator: OperatorNumber,
    },
    /// The platform has refused a list or a download.
    Refused(Refusal),
    /// A profile was installed.
    Downloaded {
        /// Which.
        iccid: Iccid,
    },
    /// A profile could not be installed.
    DownloadFailed {
        /// Whose it is.
        operator: OperatorNumber,
        /// Why.
        failure: DownloadFailure,
    },
    /// A profile was deleted to make room.
    Deleted {
        /// Which.
        iccid: Iccid,
    },
    /// The platform does not answer.
    PlatformSilent,
    /// An episode is over. The platform is told the same.
    Ended(Outcome),
    /// The profile that the device has suits best where it is: nothing is switched.
    Stayed,
    /// Something came that pretends to be from the platform and is not, or was changed.
    NotAuthentic,
}

/// Why another operator is looked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Reason {
    /// The device roams.
    Roaming,
    /// The device has no service.
    NoService,
    /// The home network of the original profile is there again.
    HomeVisible,
}

/// Where a list is from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ListSource {
    /// The platform has just sent it.
    Platform,
    /// The platform has sent it before.
    Stored,
    /// The presets, by what the device receives.
    Presets,
}

/// Why an agent wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AgentTimer {
    /// It looks where it is.
    Check,
    /// The answer to that is overdue.
    Locate,
    /// The device has been away, or back home, for long enough.
    Dwell,
    /// The platform is asked again.
    Ask,
    /// A report is said again.
    Report,
    /// An enabled profile has found no service in time.
    Attach,
    /// The original profile has found no service in time.
    Recover,
    /// The device has not restarted.
    Restart,
    /// A profile that could not be enabled is enabled again.
    Enable,
    /// Server and platform have been told for long enough.
    Settle,
    /// The profile assistant's.
    Assistant,
}
