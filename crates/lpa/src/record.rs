//! What an assistant must not forget.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_rsp::activation::MatchingId;
use serde::{Deserialize, Serialize};

use crate::{CommandId, Decide, Installed};

/// What must be durable before what follows it takes effect. The journal is the fold over these; after
/// [`LpaRecord::Closed`] nothing before it matters but the last [`LpaRecord::Owed`].
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum LpaRecord {
    /// A download begins.
    Ordered(Box<OpenOrder>),
    /// The download is in another stage.
    Staged(OrderStage),
    /// The download goes on after a crash, once more.
    Resumed,
    /// The download is over, and whoever gave the command has been told.
    Closed,
    /// There may be notifications on the eUICC that no server has taken, or there are none.
    Owed(bool),
}

/// A download that is open.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct OpenOrder {
    /// The command.
    pub id: CommandId,
    /// What is downloaded.
    pub order: Order,
    /// How far it is.
    pub stage: OrderStage,
    /// How often it went on after a crash.
    pub resumptions: u8,
}

/// What is downloaded.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Order {
    /// The server.
    pub address: String,
    /// What the server knows the profile by; empty where it knows the eUICC.
    pub matching_id: MatchingId,
    /// The object identifier that the server's certificate must have.
    pub oid: Option<String>,
    /// The first octets of the key identifier of the issuer that is to be used.
    pub ci_key_id: Option<Vec<u8>>,
    /// A confirmation code is needed for certain.
    pub needs_code: bool,
    /// The device, as DER.
    pub device: Vec<u8>,
    /// Who agrees.
    pub consent: Decide,
}

/// How far a download is.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum OrderStage {
    /// No session is open.
    Begun,
    /// A session is open, and nothing is installed in it.
    Session {
        /// Names the session.
        transaction_id: Vec<u8>,
    },
    /// The package is being loaded: only the eUICC knows what came of it.
    Loading {
        /// Names the session.
        transaction_id: Vec<u8>,
        /// What is installed, its identifier not known yet.
        profile: Installed,
        /// A profile with this ICCID was there before: if it is there now, that says nothing.
        was_there: bool,
    },
    /// The download is over.
    Settled(Settled),
}

/// What came of a download.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Settled {
    /// The profile is installed.
    Installed(Installed),
    /// It is not, in words.
    Failed(String),
}
