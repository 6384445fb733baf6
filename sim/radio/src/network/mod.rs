//! An operator's core network: the serving side (MME, VLR, MSC) and the home side (HLR, `AuC`), with
//! the service centre for texts.

mod attach;
mod commands;
mod faults;
mod home;
mod location;
mod machine;
mod port;
mod query;
mod subscribers;
mod visitors;

pub use faults::CoreFault;
pub(crate) use faults::Faults;
pub use machine::{Core, CoreSettings};
pub use port::CoreTimer;
pub(crate) use port::{Port, QUESTION_TIMEOUT};
pub use query::{CoreCounters, SubscriberView, VisitorView};
pub use subscribers::SubscriberExists;
pub(crate) use visitors::{Visitor, Visitors};

use crate::{
    air::{CallCause, Downlink, RadioId, RejectCause, StreamDownlink, StreamUplink},
    config::SubscriberConfig,
    event::NetworkEvent,
    ids::{CallRef, OperatorId, Party, RegionId, StreamRef},
    message::CoreMessage,
    region::RadioMessage,
    tariff::Money,
};
use polysim_base::{Duration, Imsi, Msisdn};

/// What reaches a core.
#[derive(Clone, Debug)]
pub enum CoreInput {
    /// From a device, by its region.
    Radio {
        /// Which region.
        region: RegionId,
        /// Which device.
        radio: RadioId,
        /// What.
        message: RadioMessage,
    },
    /// From another core.
    Core {
        /// Which.
        from: OperatorId,
        /// What.
        message: CoreMessage,
    },
    /// From the world.
    Command(CoreCommand),
}

/// What leaves a core.
#[derive(Clone, Debug, PartialEq)]
pub enum CoreOutput {
    /// To a device, by its region, as [`crate::RegionInput::FromCore`].
    ToRegion {
        /// Which region.
        region: RegionId,
        /// Which device.
        radio: RadioId,
        /// What.
        downlink: Downlink,
    },
    /// To another core, as [`CoreInput::Core`].
    ToCore {
        /// Which.
        to: OperatorId,
        /// What.
        message: CoreMessage,
    },
    /// To somebody outside, on a stream that a device has opened. Who listens at the address of an
    /// [`StreamUplink::Open`] answers by [`CoreCommand::Stream`]; where nobody does, it is to be
    /// refused so.
    Stream {
        /// Which stream.
        stream: StreamRef,
        /// Whose subscription.
        imsi: Imsi,
        /// What. It begins with one `Open`, and ends with one `Close` unless the other side ends it.
        message: StreamUplink,
    },
    /// To whoever watches.
    Event(NetworkEvent),
}

/// What the world tells a core to do. A command about something that is not there does nothing.
#[derive(Clone, Debug)]
pub enum CoreCommand {
    /// A new subscription, unless there is one with this IMSI or number.
    AddSubscriber(Box<SubscriberConfig>),
    /// Refuse a subscription from now on, and end its registration; `None`: accept it again.
    Bar {
        /// Which.
        imsi: Imsi,
        /// With which cause.
        cause: Option<RejectCause>,
    },
    /// Put money on an account (or take it off).
    TopUp {
        /// Whose.
        imsi: Imsi,
        /// How much.
        amount: Money,
    },
    /// Faults of this core.
    Fault(CoreFault),
    /// A text from outside the simulated networks, to be given to the core of the recipient's
    /// home or any other.
    OutsideSms {
        /// From whom.
        from: Party,
        /// To whom.
        to: Msisdn,
        /// What.
        content: OutsideSms,
        /// A name that the sender knows it by: it comes back in every [`crate::SmsEvent`] about it,
        /// and these are told however little is observed. All parts of a text share it.
        tag: Option<u64>,
        /// How long the centre tries; `None`: as long as it keeps texts that say nothing of it.
        validity: Option<Duration>,
    },
    /// Somebody outside says something on a stream.
    Stream {
        /// Which, as [`CoreOutput::Stream`] named it.
        stream: StreamRef,
        /// What.
        message: StreamDownlink,
    },
    /// Somebody outside calls.
    OutsiderCalls {
        /// Who, unless withheld.
        from: Option<Msisdn>,
        /// Whom.
        to: Msisdn,
    },
    /// The outsider of a call answers.
    OutsiderAnswers(CallRef),
    /// The outsider of a call hangs up, or refuses it.
    OutsiderEnds(CallRef, CallCause),
    /// The outsider of a call sends a tone.
    OutsiderDtmf(CallRef, u8),
    /// The home network sends a USSD notification to its subscriber.
    NotifyUssd {
        /// To whom.
        imsi: Imsi,
        /// What.
        text: String,
    },
}

/// A text from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OutsideSms {
    /// Text, sent in as many parts as it takes.
    Text(String),
    /// A whole SMS-DELIVER as it shall reach the device; its originator and time stamp stay.
    Deliver(Vec<u8>),
}
