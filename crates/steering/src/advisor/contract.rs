//! What reaches the management platform, and what it does.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Duration, Eid, Iccid, Msisdn, Plmn};
use polysim_rsp::{es2, es9};
use serde::{Deserialize, Serialize};

use crate::MasterKey;
use crate::wire::{Capabilities, OperatorNumber, Order, Outcome, Refusal, RequestNumber};

/// How a platform works.
#[derive(Clone, Debug)]
pub struct AdvisorConfig {
    /// Of which the keys of devices are made.
    pub key: MasterKey,
    /// How it calls itself towards SM-DP+ (`functionRequesterIdentifier`).
    pub requester: String,
    /// The operators that it works with.
    pub operators: BTreeMap<OperatorNumber, Operator>,
    /// Which operators are cheap where. The first that fits counts.
    pub tariffs: Vec<Tariff>,
    /// What lists are ordered by; as the device wants it where this says nothing.
    pub order: Option<Order>,
    /// Agents may delete profiles that they have downloaded, to make room.
    pub make_room: bool,
    /// How many orders of a device may be open.
    pub open_max: u16,
    /// After how long an operator that does not answer is asked again; each time after that twice as
    /// long, up to sixteen times this.
    pub retry: Duration,
    /// After how long an order whose profile was not installed is taken back.
    pub order_age_max: Duration,
}

/// An operator that the platform works with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operator {
    /// The networks in which its profiles are good, the home network first.
    pub plmns: Vec<Plmn>,
    /// Which profile is ordered of it.
    pub profile_type: String,
    /// How much memory that takes, in octets.
    pub memory: u32,
    /// What the eUICC and the device must be able to do for it.
    pub needs: Capabilities,
}

/// Which operators are cheap somewhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tariff {
    /// Where.
    pub region: Region,
    /// The cheapest first.
    pub operators: Vec<OperatorNumber>,
}

/// Where a device is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Region {
    /// It is served by this network, or receives it most strongly.
    Network(Plmn),
    /// In the country of this code.
    Country(u16),
    /// Anywhere.
    Anywhere,
}

/// A device that is enrolled.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Its eUICC.
    pub eid: Eid,
    /// The operator of its original profile, if it is one that the platform works with.
    pub original: Option<OperatorNumber>,
    /// Which operators it may have.
    pub entitled: Entitlement,
    /// How many downloads it may have in a month of thirty days.
    pub downloads_per_month: u16,
    /// Profiles that its eUICC has.
    pub profiles: Vec<(OperatorNumber, Iccid)>,
}

/// Which operators a device may have.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub enum Entitlement {
    /// All.
    All,
    /// These.
    Only(Vec<OperatorNumber>),
}

/// The way that a frame came, and that its answer goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Path {
    /// In a short message from this number.
    Text(Msisdn),
    /// Over the data connection of this number.
    Data(u64),
}

/// Numbers calls of SM-DP+. The same number is the same call, made again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallNumber(pub u64);

/// What reaches a platform.
#[derive(Clone, Debug)]
pub enum AdvisorInput {
    /// A frame from a device.
    Frame {
        /// Which way it came.
        path: Path,
        /// The frame.
        frame: Vec<u8>,
    },
    /// The answer to [`AdvisorOutput::Es2`], or why there is none.
    Es2 {
        /// To which call.
        call: CallNumber,
        /// The answer.
        answer: Result<es2::Answer, es9::Failure>,
    },
    /// A device is enrolled, or what is known of it changes.
    Enrol(DeviceRow),
    /// The platform has started again, after its records were replayed: what was under way goes on.
    Started,
}

/// What a platform does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AdvisorOutput {
    /// Send a frame to a device.
    Frame {
        /// Which way.
        path: Path,
        /// The frame.
        frame: Vec<u8>,
    },
    /// Call the SM-DP+ of an operator: [`AdvisorInput::Es2`] is wanted. Called again until it is
    /// answered, with the same number and the same names of the call.
    Es2 {
        /// Whose.
        to: OperatorNumber,
        /// Which call.
        call: CallNumber,
        /// What.
        request: Box<es2::Request>,
    },
    /// Tell the people who run it.
    Tell(AdvisorEvent),
}

/// What people who run a platform should know.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AdvisorEvent {
    /// A device was given a list.
    Listed {
        /// The device.
        eid: Eid,
        /// How many operators the list has.
        operators: u8,
    },
    /// A device has reported; told once for each report.
    Reported {
        /// The device.
        eid: Eid,
        /// What.
        outcome: Outcome,
        /// How many reports before it this one stands for.
        merged: u16,
    },
    /// A profile is ordered for a device, and confirmed.
    Granted {
        /// The device.
        eid: Eid,
        /// Whose it is.
        operator: OperatorNumber,
        /// By which request.
        request: RequestNumber,
    },
    /// A device is refused a list or a profile.
    Refused {
        /// The device.
        eid: Eid,
        /// Why.
        refusal: Refusal,
    },
    /// An order is taken back.
    Cancelled {
        /// The device.
        eid: Eid,
        /// Whose it was.
        operator: OperatorNumber,
    },
    /// Something came that pretends to be from this device and is not, or was changed.
    NotAuthentic {
        /// The device.
        eid: Eid,
    },
}

/// Why a platform wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AdvisorTimer {
    /// An operator is called again.
    Call,
    /// An order is too old.
    Order,
}
