//! What an assistant tells.

use alloc::boxed::Box;
use alloc::string::String;

use polysim_rsp::data::{NotificationMetadata, PprIds, StoreMetadataRequest};
use polysim_rsp::es9::{Failure, Status};

use crate::{CommandId, LpaDone, LpaError};

/// What an assistant tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LpaEvent {
    /// A command goes on.
    Progressed {
        /// Which.
        id: CommandId,
        /// How far it is.
        stage: Stage,
    },
    /// A command needs a decision: [`LpaInput::Decided`](crate::LpaInput::Decided).
    Asked {
        /// Which.
        id: CommandId,
        /// What is to be decided.
        question: Question,
    },
    /// A command is over.
    Finished {
        /// Which.
        id: CommandId,
        /// What came of it.
        result: Result<LpaDone, LpaError>,
    },
    /// A server was told of a notification, or should have been.
    Notified(NotificationReport),
}

/// How far a command is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The assistant stopped while this was open, and goes on.
    Resumed,
    /// eUICC and server authenticate each other.
    Authenticating {
        /// The server.
        address: String,
    },
    /// The server has described the profile.
    Described(Box<StoreMetadataRequest>),
    /// The eUICC gets ready for the package.
    Preparing,
    /// The server makes the package.
    Fetching,
    /// The package is loaded, segment by segment.
    Loading {
        /// How many segments the eUICC has taken.
        segment: usize,
        /// How many there are.
        of: usize,
    },
    /// It is tried again.
    Again {
        /// Which try is next; the first one was 1.
        attempt: u8,
        /// Why.
        why: Box<LpaError>,
    },
}

/// What is to be decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Question {
    /// Whether the profile is wanted.
    Consent {
        /// What the server says of it.
        profile: Box<StoreMetadataRequest>,
        /// Its policy rules that the user must agree to: a profile with PPR1 cannot be disabled, one
        /// with PPR2 cannot be deleted.
        rules: PprIds,
    },
    /// The confirmation code.
    ConfirmationCode {
        /// The server has refused the one before.
        refused: bool,
    },
}

/// What came of a notification.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotificationReport {
    /// What it is about, and whom it is for.
    pub notification: NotificationMetadata,
    /// What came of it.
    pub taken: Taken,
}

/// What came of a notification.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Taken {
    /// The server has it, and it is removed from the eUICC.
    Yes,
    /// The server has it, and the eUICC has not removed it: it will be delivered again.
    NotRemoved(LpaError),
    /// The server does not take it. It stays on the eUICC.
    Refused(Status),
    /// The server cannot be reached, or gives no answer that can be read. It stays on the eUICC.
    Failed(Failure),
    /// The eUICC does not give it out.
    Unread(LpaError),
    /// Another one for the same server comes before it, and waits.
    Behind,
}
