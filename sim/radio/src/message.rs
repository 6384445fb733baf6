//! What cores say to each other: a simplified MAP (TS 29.002) and ISUP.
//!
//! Home and visited core, service centre and both ends of a call know each other by these messages
//! only, so that loss, delay and partition can come between. What a core tells itself takes the
//! same path without leaving it.

use crate::{
    air::{
        CallCause, RadioId, Rat, RejectCause, ServiceAnswer, ServiceRequest, SpeechFrame,
        UssdDownlink, UssdUplink,
    },
    config::Entitlement,
    ids::{CallRef, OperatorId},
    tariff::Usage,
};
use polysim_aka::{Autn, Auts, Rand, Res};
use polysim_base::{Duration, Imsi, Msisdn};

/// Which question of whom an answer belongs to; made by who asks, returned unread.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Ticket {
    /// The device it is about.
    pub radio: RadioId,
    /// Which question about it.
    pub serial: u32,
}

/// From core to core.
#[derive(Clone, Debug, PartialEq)]
pub enum CoreMessage {
    /// Authentication and location.
    Registration(RegistrationMessage),
    /// Short messages.
    Sms(SmsMessage),
    /// Calls and authorisation.
    Call(CallMessage),
    /// USSD and supplementary services.
    Session(SessionMessage),
    /// A charging record for the home core.
    Charge(Box<Charge>),
}

/// Authentication and location (TS 29.002, 8).
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the standard and typed")]
pub enum RegistrationMessage {
    /// MAP SEND AUTHENTICATION INFO, visited to home; with `resync` the synchronisation failure.
    SendAuthInfo { ticket: Ticket, imsi: Imsi, rat: Rat, resync: Option<Box<Resync>> },
    /// Its answer.
    AuthInfo { ticket: Ticket, result: Result<Vector, RejectCause> },
    /// MAP UPDATE LOCATION, visited to home.
    UpdateLocation { ticket: Ticket, imsi: Imsi },
    /// Its answer, with MAP INSERT SUBSCRIBER DATA.
    UpdateLocationAck { ticket: Ticket, imsi: Imsi, result: Result<Profile, RejectCause> },
    /// MAP CANCEL LOCATION, home to the visited core before; `cause` where the device shall not
    /// simply attach again.
    CancelLocation { imsi: Imsi, radio: RadioId, registration: u16, cause: Option<RejectCause> },
    /// Its answer.
    CancelLocationAck { imsi: Imsi, registration: u16 },
    /// MAP PURGE MS, visited to home: the device has detached.
    PurgeMs { imsi: Imsi, registration: u16 },
}

/// Short messages (TS 29.002, 12).
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the standard and typed")]
pub enum SmsMessage {
    /// MAP MO FORWARD SHORT MESSAGE, visited core to service centre.
    MoForwardSm { ticket: Ticket, imsi: Imsi, from: Msisdn, tpdu: Vec<u8> },
    /// Its answer: an SMS-SUBMIT-REPORT, or an RP cause.
    MoForwardSmResult { ticket: Ticket, result: Result<Vec<u8>, u8> },
    /// MAP SEND ROUTING INFO FOR SM, service centre to home.
    SendRoutingInfoForSm { recipient: Msisdn },
    /// Its answer.
    RoutingInfoForSm { recipient: Msisdn, result: Result<SmRoute, SmRouteError> },
    /// MAP MT FORWARD SHORT MESSAGE, service centre to visited core.
    MtForwardSm { id: u32, recipient: Msisdn, centre: Msisdn, route: SmRoute, tpdu: Vec<u8> },
    /// Its answer, with the SMS-DELIVER-REPORT of the device if it gave one: that of success, or
    /// that which says why it was refused.
    MtForwardSmResult {
        id: u32,
        recipient: Msisdn,
        result: Result<(), MtSmError>,
        report: Option<Vec<u8>>,
    },
    /// MAP REPORT SM DELIVERY STATUS, service centre to home: tell me when it is worth trying.
    ReportSmDelivery { recipient: Msisdn },
    /// MAP READY FOR SM, visited to home: it can be reached again, or has memory again.
    ReadyForSm { imsi: Imsi },
    /// MAP ALERT SERVICE CENTRE, home to service centre.
    AlertServiceCentre { recipient: Msisdn },
}

/// Calls, and whether something may be used (TS 29.002, 10; ITU-T Q.763 in spirit).
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the standard and typed")]
pub enum CallMessage {
    /// May this subscriber do this now? Visited to home.
    /// `apn` is the access point name of a packet context.
    Authorise { ask: Ask, imsi: Imsi, apn: Option<Box<str>> },
    /// Its answer; the cause is a number of TS 24.008 (10.5.4.11 or 10.5.6.6).
    Authorised { ask: Ask, result: Result<Grant, u8> },
    /// MAP SEND ROUTING INFO, originating core to the called party's home.
    SendRoutingInfo { call: CallRef, called: Msisdn, reason: RoutingReason },
    /// Its answer.
    RoutingInfo { call: CallRef, result: Result<Routing, CallCause> },
    /// From the originating core to the called device's.
    ToLeg { call: CallRef, message: LegMessage },
    /// From the called device's core to the originating one.
    FromLeg { call: CallRef, message: LegMessage },
}

/// USSD and supplementary services by code (TS 29.002, 11).
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are named as in the standard and typed")]
pub enum SessionMessage {
    /// USSD, visited to home.
    Ussd { radio: RadioId, imsi: Imsi, message: UssdUplink },
    /// USSD, home to visited.
    UssdReply { radio: RadioId, imsi: Imsi, message: UssdDownlink },
    /// Supplementary service by code, visited to home.
    Service { radio: RadioId, imsi: Imsi, request: Box<ServiceRequest> },
    /// Its answer.
    ServiceReply { radio: RadioId, imsi: Imsi, answer: Box<ServiceAnswer> },
}

impl CoreMessage {
    /// Returns whether the home side of a core is asked or told: HLR, `AuC`, accounts.
    #[must_use]
    pub const fn is_for_home(&self) -> bool {
        match self {
            Self::Registration(message) => matches!(
                message,
                RegistrationMessage::SendAuthInfo { .. }
                    | RegistrationMessage::UpdateLocation { .. }
                    | RegistrationMessage::CancelLocationAck { .. }
                    | RegistrationMessage::PurgeMs { .. }
            ),
            Self::Sms(message) => matches!(
                message,
                SmsMessage::SendRoutingInfoForSm { .. }
                    | SmsMessage::ReportSmDelivery { .. }
                    | SmsMessage::ReadyForSm { .. }
            ),
            Self::Call(message) => matches!(
                message,
                CallMessage::Authorise { .. } | CallMessage::SendRoutingInfo { .. }
            ),
            Self::Session(message) => {
                matches!(message, SessionMessage::Ussd { .. } | SessionMessage::Service { .. })
            }
            Self::Charge(_) => true,
        }
    }
}

impl From<RegistrationMessage> for CoreMessage {
    fn from(message: RegistrationMessage) -> Self {
        Self::Registration(message)
    }
}

impl From<SmsMessage> for CoreMessage {
    fn from(message: SmsMessage) -> Self {
        Self::Sms(message)
    }
}

impl From<CallMessage> for CoreMessage {
    fn from(message: CallMessage) -> Self {
        Self::Call(message)
    }
}

impl From<SessionMessage> for CoreMessage {
    fn from(message: SessionMessage) -> Self {
        Self::Session(message)
    }
}

/// The synchronisation failure of a card (TS 33.102, 6.3.5).
#[derive(Clone, Debug, PartialEq)]
pub struct Resync {
    /// The challenge it answered.
    pub rand: Rand,
    /// Its answer.
    pub auts: Auts,
}

/// What a visited core needs of an authentication vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// The challenge.
    pub rand: Rand,
    /// The token, except in a GSM triplet.
    pub autn: Option<Autn>,
    /// The expected answer.
    pub xres: Res,
}

/// What a visited core learns of a subscriber.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Profile {
    /// Its number.
    pub msisdn: Option<Msisdn>,
    /// What it may use.
    pub services: Entitlement,
    /// Which of the subscription's registrations this is.
    pub registration: u16,
}

/// Where to deliver a text.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct SmRoute {
    /// The subscription.
    pub imsi: Imsi,
    /// The core that serves it.
    pub serving: OperatorId,
    /// The device.
    pub radio: RadioId,
}

/// Why there is no route for a text.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SmRouteError {
    /// No such subscriber.
    Unknown,
    /// Not registered; the home core will alert the centre.
    Absent,
    /// Not entitled to texts.
    Barred,
}

/// Why a text was not delivered this time.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MtSmError {
    /// Not here, or not answering.
    Absent,
    /// RP cause 22: no memory.
    MemoryExceeded,
    /// Another delivery is going on.
    Busy,
    /// Another RP cause.
    Refused(u8),
}

/// Who wants an authorisation, and for what.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Ask {
    /// A call to be made.
    Call(CallRef),
    /// A packet context of a device.
    Packet {
        /// Whose.
        radio: RadioId,
        /// Which.
        context: u8,
        /// Which attempt.
        serial: u32,
    },
}

/// What comes with an authorisation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Grant {
    /// How long at most, where the money sets a limit.
    pub longest: Option<Duration>,
}

/// Why routing information is wanted.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RoutingReason {
    /// To reach the subscriber.
    First,
    /// It was busy.
    Busy,
    /// It did not answer.
    NoReply,
    /// It could not be reached.
    NotReachable,
}

/// Where a call goes on to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Routing {
    /// To a device.
    Device {
        /// The subscription.
        imsi: Imsi,
        /// The core that serves it.
        serving: OperatorId,
        /// The device.
        radio: RadioId,
        /// Call waiting is active.
        call_waiting: bool,
        /// How long it may ring.
        ring: Duration,
    },
    /// To another number, at the expense of the called subscriber.
    Forward {
        /// The subscription.
        imsi: Imsi,
        /// Where to.
        to: Msisdn,
    },
}

/// About the called party's leg of a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LegMessage {
    /// Ring this device.
    Setup(Box<LegSetup>),
    /// It rings.
    Alerting,
    /// It answered.
    Connect,
    /// The leg ends.
    Release(CallCause),
    /// The other side was put on hold or taken back.
    Held(bool),
    /// A tone.
    Dtmf(u8),
    /// Speech.
    Speech(SpeechFrame),
}

/// The device of a called leg.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LegSetup {
    /// The subscription.
    pub imsi: Imsi,
    /// The device.
    pub radio: RadioId,
    /// Who calls, unless withheld.
    pub caller: Option<Msisdn>,
    /// Call waiting is active.
    pub call_waiting: bool,
    /// How long it may ring.
    pub ring: Duration,
}

/// Something used, to be priced by the home core.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Charge {
    /// Who pays.
    pub imsi: Imsi,
    /// For what.
    pub usage: Usage,
    /// The other party's number.
    pub other: Option<Msisdn>,
    /// How long it took.
    pub duration: Duration,
    /// The core that served.
    pub serving: OperatorId,
}
