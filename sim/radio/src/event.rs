//! What happens in the networks, for those who watch: scenarios, invariants, charging checks.

use crate::{
    air::{CallCause, CellId, RadioId, RejectCause, UssdUplink},
    ids::{CallRef, OperatorId, Party},
    tariff::{Money, Usage},
};
use polysim_base::{Duration, Imsi, Msisdn};
use polysim_sms::Status;

/// How much a core tells.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Observe {
    /// Nothing: for worlds of a million devices.
    Nothing,
    /// What went wrong.
    Failures,
    /// Everything.
    #[default]
    Everything,
}

/// Something that happened in a network. Who tells it is the core that knows it first.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NetworkEvent {
    /// A device is registered (told by the serving core; again for each new cell or update).
    Registered {
        /// Who.
        imsi: Imsi,
        /// On which device.
        radio: RadioId,
        /// Whose subscription.
        home: OperatorId,
        /// Another operator's subscription.
        roaming: bool,
        /// Where.
        cell: CellId,
    },
    /// A registration was refused (serving core).
    Rejected {
        /// Who.
        imsi: Imsi,
        /// On which device.
        radio: RadioId,
        /// Why.
        cause: RejectCause,
    },
    /// A registration ended (serving core).
    Detached {
        /// Who.
        imsi: Imsi,
        /// On which device.
        radio: RadioId,
        /// Who ended it.
        by: Detachment,
    },
    /// The radio link of a registered device was lost; it stays registered.
    LinkLost {
        /// Who.
        imsi: Imsi,
        /// On which device.
        radio: RadioId,
    },
    /// The card failed to prove itself (serving core).
    AuthenticationFailed {
        /// Who.
        imsi: Imsi,
        /// On which device.
        radio: RadioId,
        /// How.
        failure: AuthenticationFailure,
    },
    /// A subscription is served by a core from now on: UPDATE LOCATION succeeded, after its card
    /// has proved itself there (home core; not again for updates at the same core).
    LocationUpdated {
        /// Who.
        imsi: Imsi,
        /// By which core.
        serving: OperatorId,
        /// On which device.
        radio: RadioId,
    },
    /// The sequence number was taken over from the card (home core).
    Resynchronised {
        /// Who.
        imsi: Imsi,
    },
    /// A text (service centre).
    Sms(SmsEvent),
    /// A call (originating core).
    Call(CallRef, CallEvent),
    /// A USSD message from a subscriber (home core).
    Ussd {
        /// Who.
        imsi: Imsi,
        /// What.
        message: UssdUplink,
    },
    /// A packet context came up (serving core).
    ContextActive {
        /// Who.
        imsi: Imsi,
        /// On which device.
        radio: RadioId,
        /// Which.
        context: u8,
        /// Its address.
        address: [u8; 4],
    },
    /// A packet context ended (serving core).
    ContextInactive {
        /// Who.
        imsi: Imsi,
        /// On which device.
        radio: RadioId,
        /// Which.
        context: u8,
    },
    /// A charging record (home core).
    Cdr(Box<Cdr>),
}

/// Who ended a registration.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Detachment {
    /// The device.
    Device,
    /// The home network: registered elsewhere (`None`), or barred.
    Home(Option<RejectCause>),
    /// Another subscription took its place on the device.
    Replaced,
}

/// How an authentication failed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AuthenticationFailure {
    /// RES is wrong.
    Response,
    /// The card found the network's MAC wrong.
    Mac,
    /// AUTS is not from the card, or the card is out of range again.
    Resynchronisation,
    /// No answer came.
    Silence,
}

/// What becomes of a text. `id` is the service centre's, `tag` what a sender outside gave it
/// ([`crate::CoreCommand::OutsideSms`]).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SmsEvent {
    /// Stored to be delivered.
    Accepted {
        /// Its number.
        id: u32,
        /// The sender's own name for it.
        tag: Option<u64>,
        /// From whom.
        from: Party,
        /// To whom.
        to: Msisdn,
    },
    /// Refused.
    Refused {
        /// From whom.
        from: Party,
        /// The sender's own name for it.
        tag: Option<u64>,
        /// RP cause.
        cause: u8,
    },
    /// An attempt to deliver it failed; it is tried again.
    Deferred {
        /// Its number.
        id: u32,
        /// The sender's own name for it.
        tag: Option<u64>,
        /// To whom.
        to: Msisdn,
    },
    /// Delivered.
    Delivered {
        /// Its number.
        id: u32,
        /// The sender's own name for it.
        tag: Option<u64>,
        /// To whom.
        to: Msisdn,
        /// The SMS-DELIVER-REPORT of the device (TPDU, as in an RP-ACK), if it gave one; the last
        /// of a text that a fault delivered twice.
        report: Option<Vec<u8>>,
    },
    /// Taken by somebody outside the simulated networks, with the SMS-DELIVER as it would be.
    DeliveredOutside {
        /// Its number.
        id: u32,
        /// From whom.
        from: Party,
        /// To whom.
        to: Msisdn,
        /// SMS-DELIVER.
        tpdu: Vec<u8>,
    },
    /// Its validity ended.
    Expired {
        /// Its number.
        id: u32,
        /// The sender's own name for it.
        tag: Option<u64>,
        /// To whom.
        to: Msisdn,
    },
    /// Given up: nobody has this number, the recipient may not have texts, or its device refused this
    /// one for good. RP-ERROR with cause 22 (memory) is not for good, nor is one whose report says
    /// that something is full, busy or unspecified, nor one without a report: such a text is
    /// [`Self::Deferred`], and waits for memory or for the next attempt.
    Failed {
        /// Its number.
        id: u32,
        /// The sender's own name for it.
        tag: Option<u64>,
        /// To whom.
        to: Msisdn,
        /// As a status report says it.
        status: Status,
        /// The SMS-DELIVER-REPORT by which the device refused it (TPDU, as in an RP-ERROR).
        report: Option<Vec<u8>>,
    },
    /// A status report reached the originator.
    ReportDelivered {
        /// The report's own number.
        id: u32,
        /// To whom.
        to: Msisdn,
    },
}

/// What becomes of a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CallEvent {
    /// Somebody calls.
    Started {
        /// Who.
        from: Option<Msisdn>,
        /// The number as resolved; none for an emergency call.
        to: Option<Msisdn>,
    },
    /// It goes on to another number.
    Forwarded {
        /// Where.
        to: Msisdn,
    },
    /// It rings at the called side.
    Ringing,
    /// The called side answered.
    Answered,
    /// A tone was sent.
    Dtmf {
        /// The digit.
        digit: u8,
        /// By the caller rather than the called side.
        by_caller: bool,
    },
    /// A side put the other on hold or took it back.
    Held {
        /// Held or taken back.
        held: bool,
        /// By the caller rather than the called side.
        by_caller: bool,
    },
    /// It is over.
    Ended {
        /// Why.
        cause: CallCause,
        /// How long they talked.
        talked: Duration,
    },
}

/// A charging record: something used and its price.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cdr {
    /// Who pays.
    pub imsi: Imsi,
    /// For what.
    pub usage: Usage,
    /// The other party's number.
    pub other: Option<Msisdn>,
    /// How long it took; zero for a text.
    pub duration: Duration,
    /// Whose subscription.
    pub home: OperatorId,
    /// Who served.
    pub serving: OperatorId,
    /// The price, in the home operator's currency.
    pub price: Money,
    /// What is left after it.
    pub balance: Money,
}
