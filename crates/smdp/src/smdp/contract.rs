//! What reaches an SM-DP+, and what it does.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use polysim_aka::Milenage;
use polysim_base::{Duration, Eid, Iccid, Imsi};
use polysim_rsp::crypto::Mode;
use polysim_rsp::data::{IconType, OperatorId, PprIds, ProfileClass, UiccCapability};
use polysim_rsp::{es2, es9, es12};
use serde::{Deserialize, Serialize};

/// Names who asked, so that the answer goes there. Whoever runs the machine gives it, as the number
/// of a connection or of a node.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RequestId(pub u64);

/// Names something that is told until it is taken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct OutboxId(pub u64);

/// How an SM-DP+ works. Keys and certificates are not in here.
#[derive(Clone, Debug)]
pub struct SmdpConfig {
    /// Its host name, as it stands in activation codes.
    pub address: String,
    /// Seconds since 1970 at the beginning of the run. 0 where the clock tells Unix time itself; then
    /// whoever makes the server sees to it that its own certificates are valid now.
    pub epoch: i64,
    /// What the work is for: live work refuses what a simulation made.
    pub mode: Mode,
    /// The profiles that it has.
    pub profiles: Vec<ProfileType>,
    /// How long an order may be downloaded, from its release on.
    pub order_lifetime: Duration,
    /// How long a device may take from one request of a session to the next.
    pub session_lifetime: Duration,
}

/// Profiles of one type.
#[derive(Clone, Debug)]
pub struct ProfileType {
    /// Its name in ES2+ (`profileType`).
    pub name: String,
    /// The operator whose it is (`functionRequesterIdentifier`): it alone may order, and it is told.
    pub operator: String,
    /// The profile elements, one after another (an unprotected profile package).
    pub template: Arc<[u8]>,
    /// What a user is told of it.
    pub metadata: ProfileMetadata,
    /// Which profiles there are.
    pub stock: Stock,
    /// What an eUICC must be able to do.
    pub capabilities: UiccCapability,
    /// How many octets of memory it takes on an eUICC.
    pub memory: u32,
}

/// What a user is told of a profile, and an eUICC keeps with it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProfileMetadata {
    /// The operator, at most 32 octets.
    pub service_provider_name: String,
    /// Its name, at most 64 octets.
    pub profile_name: String,
    /// An icon.
    pub icon: Option<(IconType, Vec<u8>)>,
    /// What it is for; operational where nothing is said.
    pub class: Option<ProfileClass>,
    /// Whose it is.
    pub owner: Option<OperatorId>,
    /// Its policy rules.
    pub policy_rules: Option<PprIds>,
}

/// Which profiles of a type there are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stock {
    /// Profiles are made of the template, each with numbers and keys of its own.
    Range(Range),
    /// The template is a whole profile, and there is this one.
    Whole(Iccid),
}

/// Numbers that profiles are made with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Range {
    /// The first ICCID. The next ones count up before the check digit.
    pub first_iccid: Iccid,
    /// The first IMSI. The next ones count up.
    pub first_imsi: Imsi,
    /// How many there are.
    pub count: u32,
}

/// What reaches an SM-DP+.
#[derive(Clone, Debug)]
pub enum SmdpInput {
    /// A profile assistant asks.
    Es9 {
        /// Who.
        from: RequestId,
        /// What.
        request: es9::Request,
    },
    /// An operator asks.
    Es2 {
        /// Who.
        from: RequestId,
        /// What.
        request: es2::Request,
    },
    /// The operator has the subscription of a profile.
    Provisioned {
        /// Which profile.
        iccid: Iccid,
    },
    /// The operator has taken a word of progress.
    ProgressTaken {
        /// Which.
        id: OutboxId,
    },
    /// An SM-DS has answered.
    Es12 {
        /// What it was asked.
        id: OutboxId,
        /// Its answer.
        answer: es12::Answer,
    },
}

/// What an SM-DP+ does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SmdpOutput {
    /// Answer a profile assistant.
    Es9 {
        /// Whom.
        to: RequestId,
        /// What.
        answer: es9::Answer,
    },
    /// Answer an operator.
    Es2 {
        /// Whom.
        to: RequestId,
        /// What.
        answer: es2::Answer,
    },
    /// Give the operator the subscription of a profile, for its home subscriber server. It is said
    /// again until it is `Provisioned`; the answer to `ConfirmOrder` waits for that.
    Provision {
        /// To which operator.
        operator: String,
        /// The profile.
        iccid: Iccid,
        /// The subscription.
        imsi: Imsi,
        /// Its K and `OPc`.
        keys: Milenage,
        /// The eUICC that it is for, where that is known.
        eid: Option<Eid>,
    },
    /// Tell an operator what became of a profile (ES2+). It is said again until it is taken.
    Progress {
        /// Names it.
        id: OutboxId,
        /// To which operator.
        operator: String,
        /// What became of it.
        progress: Box<es2::Progress>,
    },
    /// Ask an SM-DS (ES12). It is said again until it is answered.
    Es12 {
        /// Names it.
        id: OutboxId,
        /// The host name of the SM-DS.
        smds: String,
        /// What it is asked.
        request: es12::Request,
    },
}

/// Why an SM-DP+ wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SmdpTimer {
    /// A device has not come back to its session.
    Session,
    /// An order was not downloaded in time.
    Order,
    /// Something that was not taken is told again.
    Outbox,
}
