use alloc::{boxed::Box, string::String, vec::Vec};

use polysim_at::{
    AccessTechnology, CallDirection, CallState, Clock, PinStatus, RegistrationDomain,
    RegistrationStatus, RejectCause, Text, UssdStatus, Zone,
};
use polysim_base::{Iccid, Imei, Imsi};
use polysim_sms::{Address, Status, Timestamp, UserData};

use super::{CallId, ModemError};

/// What a modem tells by itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ModemEvent {
    /// Initialisation is over; comes again after each reset.
    Ready(Identity),
    /// The registration changed.
    Registration(RegistrationState),
    /// A deliver TPDU came. It is deleted or acknowledged after `Recorded(id)`.
    TextReceived(Box<TextReceived>),
    /// A text is whole: of one part, or the last part came.
    Text(Box<WholeText>),
    /// Parts that came did not make a whole text in time.
    TextIncomplete(Box<IncompleteText>),
    /// A status report came. It is deleted or acknowledged after `Recorded(id)`.
    StatusReport(Box<StatusReportReceived>),
    /// Something was stored that is no TPDU for a terminal. It is deleted after `Recorded(id)`.
    UnreadableText(Box<UnreadableText>),
    /// A call comes in.
    Incoming(Box<CallInfo>),
    /// An outgoing call exists, or a call changed its state.
    CallState(Box<CallInfo>),
    /// A call is over.
    CallEnded {
        /// Which.
        call: CallId,
        /// Why.
        cause: CallEnd,
    },
    /// The network says something by USSD.
    Ussd {
        /// Whether it waits for an answer (`ActionRequired`), or why it is over.
        status: UssdStatus,
        /// What it says.
        text: Option<String>,
    },
    /// The network told its time zone, and perhaps the time.
    NetworkTime {
        /// The zone, daylight saving included.
        zone: Zone,
        /// Local time, if told.
        clock: Option<Clock>,
    },
    /// Initialisation after a reset failed; it is tried again after a while.
    NotReady(ModemError),
    /// The modem was reset. Calls are gone and channels are closed.
    Reset,
    /// The modem does not answer; told once. It is probed until it does.
    Unresponsive,
    /// The modem answers again after `Unresponsive`.
    Responsive,
    /// The card waits for a secret that was not given, or that may not be tried.
    PinRequired {
        /// What it waits for.
        needed: PinStatus,
        /// Attempts left, if known.
        attempts_left: Option<u8>,
    },
}

/// Who the modem and its card are. What the modem would not tell is `None`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// The device.
    pub imei: Option<Imei>,
    /// The subscription.
    pub imsi: Option<Imsi>,
    /// The card.
    pub iccid: Option<Iccid>,
}

/// The registration, summed up over the domains that are watched: the best one counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RegistrationState {
    /// The domain that it was told for.
    pub domain: RegistrationDomain,
    /// Registered, searching, refused.
    pub status: RegistrationStatus,
    /// The radio access.
    pub technology: Option<AccessTechnology>,
    /// Location or tracking area.
    pub area: Option<u32>,
    /// Cell identity.
    pub cell: Option<u64>,
    /// Why it was refused, if the modem tells.
    pub reject: Option<RejectCause>,
}

impl RegistrationState {
    /// Nothing known yet.
    pub const UNKNOWN: Self = Self {
        domain: RegistrationDomain::Circuit,
        status: RegistrationStatus::Unknown,
        technology: None,
        area: None,
        cell: None,
        reject: None,
    };

    /// Whether the modem is registered, home or roaming.
    #[must_use]
    pub const fn is_registered(&self) -> bool {
        self.status.is_registered()
    }
}

/// Names one received TPDU until it is recorded; counts up within the life of one machine.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TextId(pub u32);

/// One received deliver TPDU.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TextReceived {
    /// To be told back with `Recorded`.
    pub id: TextId,
    /// Who sent it.
    pub from: Address,
    /// When the service centre got it.
    pub timestamp: Timestamp,
    /// What it says: text or octets, and which part of what it is.
    pub user_data: UserData,
    /// The TPDU with the service centre's address, as it came: what to record.
    pub pdu: Vec<u8>,
}

/// A whole text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WholeText {
    /// Its parts, in order.
    pub parts: Vec<TextId>,
    /// Who sent it.
    pub from: Address,
    /// When the service centre got the first part.
    pub timestamp: Timestamp,
    /// What it says; octets that are no text are here as they came.
    pub body: TextBody,
}

/// What a whole text says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TextBody {
    /// Characters.
    Text(String),
    /// Octets of an application.
    Data(Vec<u8>),
}

/// Parts that did not make a whole text in time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IncompleteText {
    /// The parts that came.
    pub parts: Vec<TextId>,
    /// Who sent them.
    pub from: Address,
    /// How many there should be.
    pub total: u8,
}

/// A status report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StatusReportReceived {
    /// To be told back with `Recorded`.
    pub id: TextId,
    /// TP-MR of the part it is about: match it with the recipient and the time, as it wraps.
    pub reference: u8,
    /// Whom the part was for.
    pub recipient: Address,
    /// What became of it.
    pub status: Status,
    /// When the service centre got the part.
    pub timestamp: Timestamp,
    /// When that was so.
    pub discharge: Timestamp,
    /// The TPDU with the service centre's address, as it came: what to record.
    pub pdu: Vec<u8>,
}

/// Octets in the store that are no TPDU which a terminal receives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnreadableText {
    /// To be told back with `Recorded`.
    pub id: TextId,
    /// As it came.
    pub pdu: Vec<u8>,
}

/// One call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CallInfo {
    /// Its number in the list.
    pub call: CallId,
    /// Who called.
    pub direction: CallDirection,
    /// Its state; `Waiting` comes in while another call is up.
    pub state: CallState,
    /// The other side, if told.
    pub number: Option<Text>,
}

/// Why a call ended, as far as the modem tells.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallEnd {
    /// This side hung up.
    HungUp,
    /// The other side or the network released it.
    Released,
    /// The other side was busy.
    Busy,
    /// The other side did not answer.
    NoAnswer,
    /// There was no network.
    NoDialtone,
    /// The modem was reset or lost.
    Lost,
}
