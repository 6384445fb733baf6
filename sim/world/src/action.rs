//! What can be done to a world while it runs.

use crate::courier::{CourierAction, CourierFault};
use crate::fleet::{FleetAction, FleetFault};
use crate::issuance::{IssuanceAction, IssuanceFault};
use crate::share::{ShareAction, ShareFault};
use crate::steering::{SteeringAction, SteeringFault};
use polysim_base::{Duration, Msisdn};

/// An action on things by index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Switch a phone on or off.
    Power {
        /// Which phone.
        phone: usize,
        /// On or off.
        on: bool,
    },
    /// Carry a phone to another region.
    Move {
        /// Which phone.
        phone: usize,
        /// Where to, by index.
        region: usize,
    },
    /// Send a text.
    Text {
        /// From which phone, or from a number outside the world.
        from: Party,
        /// To which number.
        to: Msisdn,
        /// What it says.
        text: String,
        /// Whether a delivery report is asked for.
        report: bool,
        /// How long the centre keeps trying; `None`: as long as it likes.
        validity: Option<Duration>,
    },
    /// Call a number.
    Call {
        /// From which phone, or from a number outside the world.
        from: Party,
        /// To which number.
        to: Msisdn,
        /// Whether the number is withheld.
        hide: bool,
        /// How long a caller outside lets it ring.
        rings: Duration,
    },
    /// Answer what rings.
    Answer {
        /// Which phone.
        phone: usize,
    },
    /// End the active call, or refuse what rings.
    HangUp {
        /// Which phone.
        phone: usize,
    },
    /// Put the active call on hold and take the other one (AT+CHLD=2).
    Swap {
        /// Which phone.
        phone: usize,
    },
    /// Send tones.
    Dtmf {
        /// Which phone.
        phone: usize,
        /// `0-9 * # A-D`.
        digits: String,
    },
    /// Send a USSD code, or answer a session.
    Ussd {
        /// Which phone.
        phone: usize,
        /// The code or the answer.
        code: String,
    },
    /// Bring a packet context up or down.
    Data {
        /// Which phone.
        phone: usize,
        /// Access point name.
        apn: String,
        /// Up or down.
        on: bool,
    },
    /// Enter a PIN.
    EnterPin {
        /// Which phone.
        phone: usize,
        /// The PIN.
        pin: String,
    },
    /// Choose a network by hand, or let the modem choose.
    SelectOperator {
        /// Which phone.
        phone: usize,
        /// The network, by index; `None`: automatic.
        operator: Option<usize>,
    },
    /// Switch call waiting on or off.
    CallWaiting {
        /// Which phone.
        phone: usize,
        /// On or off.
        on: bool,
    },
    /// Forward calls.
    Forward {
        /// Which phone.
        phone: usize,
        /// When.
        when: ForwardWhen,
        /// Where to; `None`: no longer.
        to: Option<Msisdn>,
    },
    /// Begin or end a fault.
    Fault {
        /// What breaks.
        fault: Fault,
        /// It begins, or it heals.
        on: bool,
    },
    /// Something that is done to the fleet.
    Fleet(FleetAction),
    /// Something about cards that are opened over the air.
    Issuance(IssuanceAction),
    /// Something about eSIMs that are steered.
    Steering(SteeringAction),
    /// Something about a SIM that is shared.
    Share(ShareAction),
    /// Something with a courier: calls and texts over data.
    Courier(CourierAction),
}

impl Action {
    /// Returns the phone whose user does this with its modem; `None` where it is nobody's doing, or
    /// that of somebody outside.
    #[must_use]
    pub const fn user(&self) -> Option<usize> {
        match self {
            Self::Text { from: Party::Phone(phone), .. }
            | Self::Call { from: Party::Phone(phone), .. }
            | Self::Answer { phone }
            | Self::HangUp { phone }
            | Self::Swap { phone }
            | Self::Dtmf { phone, .. }
            | Self::Ussd { phone, .. }
            | Self::Data { phone, .. }
            | Self::EnterPin { phone, .. }
            | Self::SelectOperator { phone, .. }
            | Self::CallWaiting { phone, .. }
            | Self::Forward { phone, .. } => Some(*phone),
            Self::Text { from: Party::Outside(_), .. }
            | Self::Call { from: Party::Outside(_), .. }
            | Self::Power { .. }
            | Self::Move { .. }
            | Self::Fault { .. }
            | Self::Fleet(_)
            | Self::Issuance(_)
            | Self::Steering(_)
            | Self::Share(_)
            | Self::Courier(_) => None,
        }
    }
}

/// Who acts: a phone of the world, or a number outside it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Party {
    /// A phone, by index.
    Phone(usize),
    /// A number.
    Outside(Msisdn),
}

/// When calls are forwarded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ForwardWhen {
    /// Always.
    Always,
    /// When busy.
    Busy,
    /// When nobody answers.
    NoReply,
    /// When not reachable.
    NotReachable,
}

/// What can break.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// A cell is off the air.
    CellOutage {
        /// Region and cell, by index.
        region: usize,
        /// Which of its cells.
        cell: usize,
    },
    /// An operator refuses registrations.
    RejectAttach {
        /// Which operator.
        operator: usize,
        /// Reject cause of TS 24.008.
        cause: u8,
        /// How many of a million devices are refused.
        share_ppm: u32,
    },
    /// An operator's service centre is congested.
    TextCongestion {
        /// Which operator.
        operator: usize,
    },
    /// A modem answers nothing.
    ModemHang {
        /// Which phone's.
        phone: usize,
    },
    /// A modem restarts.
    ModemReset {
        /// Which phone's.
        phone: usize,
    },
    /// A card is pulled out.
    CardPulled {
        /// Which phone's.
        phone: usize,
    },
    /// An operator's service centre loses texts.
    TextLoss {
        /// Which operator.
        operator: usize,
        /// How many of a million.
        share_ppm: u32,
    },
    /// An operator's service centre delivers texts twice.
    TextDuplicate {
        /// Which operator.
        operator: usize,
        /// How many of a million.
        share_ppm: u32,
    },
    /// An operator's service centre keeps texts for a while before it tries to deliver them.
    TextDelay {
        /// Which operator.
        operator: usize,
        /// For how long.
        by: Duration,
    },
    /// Something of the fleet.
    Fleet(FleetFault),
    /// Something about cards that are opened over the air.
    Issuance(IssuanceFault),
    /// Something about eSIMs that are steered.
    Steering(SteeringFault),
    /// Something about a SIM that is shared.
    Share(ShareFault),
    /// Something of a courier.
    Courier(CourierFault),
}
