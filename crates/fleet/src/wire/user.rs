//! What terminals ask of the exchange: what shall be where, what serves a SIM, what has come.

use super::message::{MessageId, TextState};
use super::parameters::{Parameters, Reclaim, Target};
use super::{Placement, Why, duration, instant, optional_instant, optional_text, text};
use crate::{MailId, ModemId, Permissions, RequestId, SimState};
use alloc::{string::String, vec::Vec};
use polysim_base::{Duration, Iccid, Instant, Msisdn};
use polysim_lease::Epoch;
use serde::{Deserialize, Serialize};

/// A request of a user's terminal. It may come twice; it is answered each time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct UserRequest {
    /// What the answer refers to. The terminal sees to it that it has no second one of that name.
    pub request: RequestId,
    /// What is asked.
    pub ask: Ask,
}

/// What a terminal asks of the exchange.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Ask {
    /// A SIM configuration request.
    Assign {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// Where to, and how.
        parameters: Parameters,
    },
    /// The SIM needs no modem any more.
    Release {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// How it is taken back.
        reclaim: Reclaim,
    },
    /// Why is this SIM where it is?
    Why {
        /// Which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
    },
    /// A SIM use request: which modem serves this SIM?
    Use {
        /// Which SIM.
        target: Target,
        /// What for.
        purpose: Permissions,
        /// The modem and epoch that the terminal believes in, if it does.
        known: Option<(ModemId, Epoch)>,
    },
    /// Which SIMs are mine, and how are they?
    List,
    /// What has come since this?
    Mail {
        /// What the terminal has already, for good.
        after: MailId,
    },
}

/// A SIM as its user sees it.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct SimView {
    /// Which SIM.
    #[serde(with = "text")]
    pub iccid: Iccid,
    /// Its number, where it is known.
    #[serde(with = "optional_text")]
    pub msisdn: Option<Msisdn>,
    /// What the user may do with it.
    pub permissions: Permissions,
    /// How it is.
    pub state: SimState,
    /// Which modem serves it.
    pub placement: Option<Placement>,
    /// Since when it cannot be called: calls and texts of that time are missed, or wait at its
    /// operator. `None` while it is on standby.
    #[serde(with = "optional_instant")]
    pub unreachable_since: Option<Instant>,
    /// The last decision about it.
    pub why: Why,
}

/// Some of what has come for a user, in order.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct MailPage {
    /// What it follows: a terminal takes the page only if that is where it is.
    pub after: MailId,
    /// What has come, oldest first.
    pub items: Vec<MailItem>,
    /// Whether there is more behind the last one.
    pub more: bool,
}

/// Something that has come for a SIM or from it.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct MailItem {
    /// Grows over everything that comes.
    pub id: MailId,
    /// For which SIM.
    #[serde(with = "text")]
    pub iccid: Iccid,
    /// When the exchange recorded it.
    #[serde(with = "instant")]
    pub at: Instant,
    /// What.
    pub mail: Mail,
}

/// What has come.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Mail {
    /// A whole text.
    Text {
        /// Who sent it: a number, or a name.
        from: String,
        /// When the service centre got it, seconds since 1970; 0 where it did not tell.
        unix_s: u64,
        /// What it says; octets of an application as hexadecimal digits.
        body: String,
        /// Of how many parts it was.
        parts: u8,
    },
    /// Parts of a text whose others did not come in time.
    Incomplete {
        /// Who sent it.
        from: String,
        /// What came, with `…` for what did not.
        body: String,
    },
    /// A call that nobody answered.
    MissedCall {
        /// Who called; `None` where the number was withheld.
        from: Option<String>,
        /// For how long it rang.
        #[serde(with = "duration")]
        rang: Duration,
    },
    /// A text of this user is in a new state.
    TextState {
        /// Which text.
        message: MessageId,
        /// To whom.
        to: String,
        /// In which state.
        state: TextState,
    },
}
