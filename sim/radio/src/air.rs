//! The air interface: what a device and the network say to each other.
//!
//! One message stands for one procedure message of TS 24.008, TS 24.301 or TS 24.011; layers below
//! are left out. Short messages are real TPDUs, authentication carries real challenges.

mod speech;
mod stream;

pub use speech::SpeechFrame;
pub use stream::{STREAM_DATA_MAX, STREAMS, StreamDownlink, StreamUplink};

use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use polysim_aka::{Autn, Auts, Rand, Res};
use polysim_base::{Imsi, Msisdn, Plmn};

/// A device's radio, as regions and networks name it. It stays the same wherever the device goes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RadioId(pub u32);

/// A cell, unique in the world.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CellId(pub u32);

/// Radio access technology.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Rat {
    /// GERAN.
    Gsm,
    /// UTRAN.
    Umts,
    /// E-UTRAN.
    Lte,
    /// NG-RAN.
    Nr,
}

/// A cell as a device hears it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CellView {
    /// Which cell.
    pub cell: CellId,
    /// Whose cell.
    pub plmn: Plmn,
    /// Its technology.
    pub rat: Rat,
    /// Signal level in dBm.
    pub level_dbm: i16,
    /// Tracking or location area code.
    pub area: u16,
    /// Barred for all: not to be camped on (TS 22.011, 4).
    pub barred: bool,
}

/// Why a network refuses or ends a registration (TS 24.008, 10.5.3.6; TS 24.301, 9.9.3.9).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum RejectCause {
    /// #2 IMSI unknown in HLR.
    ImsiUnknownInHlr,
    /// #3 illegal MS: the SIM is invalid until it is changed or the device is switched off.
    IllegalMs,
    /// #5 IMEI not accepted.
    ImeiNotAccepted,
    /// #6 illegal ME.
    IllegalMe,
    /// #7 packet services not allowed.
    PacketServicesNotAllowed,
    /// #8 packet and circuit services not allowed.
    ServicesNotAllowed,
    /// #11 PLMN not allowed: it goes to the forbidden list.
    PlmnNotAllowed,
    /// #12 location (tracking) area not allowed.
    AreaNotAllowed,
    /// #13 roaming not allowed in this area.
    RoamingNotAllowedInArea,
    /// #14 packet services not allowed in this PLMN.
    PacketServicesNotAllowedInPlmn,
    /// #15 no suitable cells in this area.
    NoSuitableCells,
    /// #17 network failure.
    NetworkFailure,
    /// #22 congestion.
    Congestion,
}

/// What a device sends. It goes to its region, which passes it to the network of the cell.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Uplink {
    /// It listens for cells; answered by [`Downlink::Cells`].
    Scan,
    /// ATTACH, LOCATION UPDATING or TRACKING AREA UPDATE REQUEST on `cell`; also the periodic one.
    Attach {
        /// Where.
        cell: CellId,
        /// Who.
        imsi: Imsi,
        /// The device's 14-digit identity, which a network may refuse.
        imei: polysim_base::Imei,
        /// An update of a registration that it knows of. One that attaches knows of none, nor of
        /// anything that ran by it (TS 24.301, 5.5.1.2.7 f; TS 24.008, 4.7.3.1.6 f).
        update: bool,
    },
    /// AUTHENTICATION RESPONSE or FAILURE.
    Authentication(AuthenticationAnswer),
    /// DETACH REQUEST, IMSI DETACH. No answer.
    Detach,
    /// Short message procedures (TS 24.011).
    Sms(SmsUplink),
    /// Call control (TS 24.008, 5).
    Call {
        /// Transaction: 0 to 6 chosen by the device, 8 to 14 by the network.
        transaction: u8,
        /// What is said.
        message: CallUplink,
    },
    /// Unstructured supplementary services (TS 24.090).
    Ussd(UssdUplink),
    /// Supplementary services by code: forwarding, waiting, barring (TS 24.080).
    Service(ServiceRequest),
    /// Packet contexts.
    Packet {
        /// Context, 1 to 15.
        context: u8,
        /// What is asked.
        request: PacketRequest,
    },
    /// TCP over a packet context.
    Stream {
        /// Context, 1 to 15.
        context: u8,
        /// Which of [`STREAMS`].
        stream: u8,
        /// What is said.
        message: StreamUplink,
    },
}

/// What the network, or the cell, sends to a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Downlink {
    /// The cells that can be heard, strongest first. Answers a scan.
    Cells(Arc<[CellView]>),
    /// Cells of the region appeared, vanished or changed: the device looks again.
    CellsChanged,
    /// AUTHENTICATION REQUEST.
    Authentication(Challenge),
    /// AUTHENTICATION REJECT: the card failed; treated as cause #3.
    AuthenticationReject,
    /// ATTACH ACCEPT and the like.
    Accept(Registration),
    /// ATTACH REJECT and the like.
    Reject(RejectCause),
    /// The network ended the registration; `None`: attach again, `Some`: as for a reject.
    Detach(Option<RejectCause>),
    /// GMM/EMM/MM INFORMATION: name and time.
    Information(Box<Information>),
    /// Short message procedures.
    Sms(SmsDownlink),
    /// Call control.
    Call {
        /// Transaction: 0 to 6 chosen by the device, 8 to 14 by the network.
        transaction: u8,
        /// What is said.
        message: CallDownlink,
    },
    /// Unstructured supplementary services.
    Ussd(UssdDownlink),
    /// The answer to [`Uplink::Service`].
    Service(ServiceAnswer),
    /// Packet contexts.
    Packet {
        /// Context, 1 to 15.
        context: u8,
        /// What happened.
        answer: PacketAnswer,
    },
    /// TCP over a packet context.
    Stream {
        /// Context, 1 to 15.
        context: u8,
        /// Which of [`STREAMS`].
        stream: u8,
        /// What is said.
        message: StreamDownlink,
    },
}

/// A challenge: with AUTN for a USIM, without for a SIM or a 2G network.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    /// The random challenge.
    pub rand: Rand,
    /// The authentication token of UMTS AKA.
    pub autn: Option<Autn>,
}

/// What the card made of a challenge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AuthenticationAnswer {
    /// RES, or SRES where the challenge had no AUTN.
    Response(Res),
    /// The sequence number is out of range; AUTS resynchronises.
    SyncFailure(Auts),
    /// The token's MAC is wrong.
    MacFailure,
}

/// What an accepted registration says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registration {
    /// Temporary identity: GUTI or TMSI, its last four octets.
    pub tmsi: u32,
    /// Whether packet services are available as well.
    pub packet: bool,
    /// Periodic update timer (T3412), seconds; 0: none.
    pub periodic_s: u32,
    /// Networks that count as this one (TS 24.008, 10.5.1.13).
    pub equivalent: Option<Arc<[Plmn]>>,
}

/// Name and time of the network (NITZ, TS 22.042).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Information {
    /// Full name.
    pub full_name: Arc<str>,
    /// Short name.
    pub short_name: Arc<str>,
    /// Universal time, seconds since the Unix epoch.
    pub unix_s: u64,
    /// Offset of local time in quarters of an hour, daylight saving included.
    pub zone_quarters: i8,
    /// Daylight saving adjustment in hours, 0 to 2.
    pub daylight_h: u8,
}

/// Short messages from the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SmsUplink {
    /// RP-DATA with SMS-SUBMIT or SMS-COMMAND.
    Data {
        /// RP-Message-Reference.
        reference: u8,
        /// RP-Destination-Address: the service centre.
        centre: Msisdn,
        /// The TPDU.
        tpdu: Vec<u8>,
    },
    /// RP-ACK of a delivery, with an SMS-DELIVER-REPORT if the user or the card had one. It goes
    /// back to a sender outside.
    Ack {
        /// RP-Message-Reference.
        reference: u8,
        /// SMS-DELIVER-REPORT.
        tpdu: Option<Vec<u8>>,
    },
    /// RP-ERROR of a delivery (TS 24.011, table 8.4): 22 memory capacity exceeded, 111 protocol error.
    /// The centre tries again, with 22 when there is memory, unless a report gives a reason that
    /// will not pass (TP-FCS, TS 23.040, 9.2.3.22), such as D5, error of a data download.
    Error {
        /// RP-Message-Reference.
        reference: u8,
        /// RP-Cause.
        cause: u8,
        /// SMS-DELIVER-REPORT.
        tpdu: Option<Vec<u8>>,
    },
    /// RP-SMMA: memory is available again.
    MemoryAvailable {
        /// RP-Message-Reference.
        reference: u8,
    },
}

/// Short messages to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SmsDownlink {
    /// RP-DATA with SMS-DELIVER or SMS-STATUS-REPORT.
    Data {
        /// RP-Message-Reference.
        reference: u8,
        /// RP-Originator-Address: the service centre.
        centre: Msisdn,
        /// The TPDU.
        tpdu: Vec<u8>,
    },
    /// RP-ACK of a submission (or of RP-SMMA), with an SMS-SUBMIT-REPORT if there is one.
    Ack {
        /// RP-Message-Reference.
        reference: u8,
        /// SMS-SUBMIT-REPORT.
        tpdu: Option<Vec<u8>>,
    },
    /// RP-ERROR of a submission (TS 24.011, table 8.4): 1 unassigned number, 38 network out of order,
    /// 41 temporary failure, 42 congestion, 50 facility not subscribed.
    Error {
        /// RP-Message-Reference.
        reference: u8,
        /// RP-Cause.
        cause: u8,
    },
}

/// Why a call ends (TS 24.008, 10.5.4.11).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CallCause {
    /// 1 unassigned number.
    Unassigned,
    /// 16 normal call clearing.
    Normal,
    /// 17 user busy.
    Busy,
    /// 18 no user responding.
    NoUserResponding,
    /// 19 user alerting, no answer.
    NoAnswer,
    /// 21 call rejected.
    Rejected,
    /// 27 destination out of order.
    OutOfOrder,
    /// 31 normal, unspecified: also a call dropped with its radio link.
    Unspecified,
    /// 34 no circuit available: congestion.
    NoCircuit,
    /// 57 bearer capability not authorised: no entitlement, no credit.
    NotAuthorised,
}

/// Call control from the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CallUplink {
    /// SETUP: dial.
    Setup {
        /// Digits as dialled: `+` for international, or national, or an emergency number.
        number: String,
        /// Calling line identification restriction for this call.
        hide_number: bool,
    },
    /// ALERTING: the called device rings.
    Alerting,
    /// CONNECT: the called user answered.
    Connect,
    /// DISCONNECT.
    Disconnect(CallCause),
    /// HOLD.
    Hold,
    /// RETRIEVE.
    Retrieve,
    /// START DTMF and STOP DTMF of one digit `0-9 * # A-D`.
    Dtmf(u8),
    /// Speech. It reaches the other side while both are in conversation, and is lost otherwise.
    Speech(SpeechFrame),
}

/// Call control to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CallDownlink {
    /// SETUP: somebody calls; `waiting` where another call is active already.
    Setup {
        /// The caller, unless withheld.
        caller: Option<Msisdn>,
        /// A waiting call (TS 22.083).
        waiting: bool,
    },
    /// CALL PROCEEDING.
    Proceeding,
    /// ALERTING: it rings at the other side.
    Alerting,
    /// CONNECT.
    Connect,
    /// DISCONNECT; the transaction is free afterwards.
    Disconnect(CallCause),
    /// HOLD ACKNOWLEDGE.
    Held,
    /// RETRIEVE ACKNOWLEDGE.
    Retrieved,
    /// HOLD REJECT or RETRIEVE REJECT.
    HoldRejected,
    /// The other side was put on hold (`true`) or taken back (`false`) (TS 22.083, notification).
    RemoteHeld(bool),
    /// A tone from the other side.
    Dtmf(u8),
    /// Speech from the other side.
    Speech(SpeechFrame),
}

/// USSD from the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UssdUplink {
    /// A new session or, inside one, the user's answer.
    Request(String),
    /// The user ends the session.
    Release,
}

/// USSD to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UssdDownlink {
    /// Text; the session is over.
    Notify(String),
    /// Text; an answer is expected.
    Request(String),
    /// The network ended the session.
    Released,
    /// Not supported or wrong code.
    Refused,
}

/// A supplementary service by code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServiceRequest {
    /// Which service.
    pub service: Service,
    /// What to do with it.
    pub action: ServiceAction,
}

/// The supplementary services networks here know.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Service {
    /// Call waiting (TS 22.083).
    CallWaiting,
    /// Forwarding, unconditional (TS 22.082).
    ForwardAll,
    /// Forwarding on busy.
    ForwardBusy,
    /// Forwarding on no reply.
    ForwardNoReply,
    /// Forwarding on not reachable.
    ForwardNotReachable,
}

/// What to do with a service.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServiceAction {
    /// Switch off.
    Deactivate,
    /// Switch on.
    Activate,
    /// Ask.
    Interrogate,
    /// Register a number and switch on.
    Register(String),
    /// Forget the number and switch off.
    Erase,
}

/// What became of a [`ServiceRequest`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServiceAnswer {
    /// Done, or the state as asked.
    Done {
        /// Whether the service is active.
        active: bool,
        /// The number it forwards to.
        number: Option<String>,
    },
    /// Refused.
    Refused,
}

/// Packet contexts from the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PacketRequest {
    /// ACTIVATE PDP CONTEXT, PDN CONNECTIVITY REQUEST.
    Activate {
        /// Access point name; empty: the subscription's default.
        apn: String,
    },
    /// DEACTIVATE.
    Deactivate,
}

/// Packet contexts to the device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PacketAnswer {
    /// The context is up.
    Active {
        /// IPv4 address.
        address: [u8; 4],
        /// Downlink rate, kbit/s.
        down_kbps: u32,
        /// Uplink rate, kbit/s.
        up_kbps: u32,
    },
    /// Refused (TS 24.008, 10.5.6.6): 26 insufficient resources, 27 unknown APN, 33 not subscribed.
    Refused {
        /// SM cause.
        cause: u8,
    },
    /// The context is gone, by request or by the network.
    Inactive,
    /// The rate changed with the cell.
    Rate {
        /// Downlink rate, kbit/s.
        down_kbps: u32,
        /// Uplink rate, kbit/s.
        up_kbps: u32,
    },
}

impl RejectCause {
    /// Every cause, in order of its number.
    pub const ALL: [Self; 13] = [
        Self::ImsiUnknownInHlr,
        Self::IllegalMs,
        Self::ImeiNotAccepted,
        Self::IllegalMe,
        Self::PacketServicesNotAllowed,
        Self::ServicesNotAllowed,
        Self::PlmnNotAllowed,
        Self::AreaNotAllowed,
        Self::RoamingNotAllowedInArea,
        Self::PacketServicesNotAllowedInPlmn,
        Self::NoSuitableCells,
        Self::NetworkFailure,
        Self::Congestion,
    ];

    /// Returns the number of the standard.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::ImsiUnknownInHlr => 2,
            Self::IllegalMs => 3,
            Self::ImeiNotAccepted => 5,
            Self::IllegalMe => 6,
            Self::PacketServicesNotAllowed => 7,
            Self::ServicesNotAllowed => 8,
            Self::PlmnNotAllowed => 11,
            Self::AreaNotAllowed => 12,
            Self::RoamingNotAllowedInArea => 13,
            Self::PacketServicesNotAllowedInPlmn => 14,
            Self::NoSuitableCells => 15,
            Self::NetworkFailure => 17,
            Self::Congestion => 22,
        }
    }

    /// Returns the cause of a number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.number() == number)
    }
}

impl CallCause {
    /// Returns the number of the standard.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Unassigned => 1,
            Self::Normal => 16,
            Self::Busy => 17,
            Self::NoUserResponding => 18,
            Self::NoAnswer => 19,
            Self::Rejected => 21,
            Self::OutOfOrder => 27,
            Self::Unspecified => 31,
            Self::NoCircuit => 34,
            Self::NotAuthorised => 57,
        }
    }
}
