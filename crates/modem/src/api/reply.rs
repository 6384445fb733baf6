use alloc::{boxed::Box, vec::Vec};

use polysim_at::{AccessTechnology, CcfcInfo, CesqInfo, CmsError, CsqInfo, FoundOperator, Text};

use super::{CallId, Channel, RegistrationState};

/// What a command that was done gave.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// Nothing but that it was done.
    Done,
    /// What became of a text, part by part. Each part is in exactly one state.
    Text(SendOutcome),
    /// How many received texts are in the store.
    Stored(u16),
    /// The call that was set up.
    Dialled(CallId),
    /// The signal.
    Signal(Signal),
    /// The registration.
    Registration(Box<RegistrationState>),
    /// The operator; `None` while not registered.
    Operator(Option<Box<CurrentOperator>>),
    /// The networks found.
    Operators(Vec<FoundOperator>),
    /// The subscriber's own numbers, as stored on the card.
    OwnNumbers(Vec<Text>),
    /// Forwardings, one per service class.
    Forwarding(Vec<CcfcInfo>),
    /// The address of the context, if the modem tells one.
    Context(Option<Text>),
    /// The channel that was opened.
    Channel(Channel),
    /// A response APDU: data and status word.
    Apdu(Vec<u8>),
    /// What a file access gave.
    File {
        /// SW1 and SW2.
        status: [u8; 2],
        /// The data read.
        data: Vec<u8>,
    },
    /// The information lines of a raw command, without framing.
    Lines(Vec<Box<[u8]>>),
}

/// What became of a text: one entry per part, in order.
///
/// A part is submitted at most once. What is `Unknown` stays so until a status report tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SendOutcome {
    /// The parts.
    pub parts: Vec<PartOutcome>,
}

/// What became of one part.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PartOutcome {
    /// The service centre took it.
    Sent {
        /// TP-MR, which a status report repeats.
        reference: u8,
    },
    /// It was certainly not sent.
    Failed(SendFailure),
    /// The modem got it and did not tell: it may or may not have been sent.
    Unknown,
}

/// Why a part was not sent.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SendFailure {
    /// The network or the modem refused it; `CmsError` tells lasting causes from passing ones.
    Refused(CmsError),
    /// The modem refused it without a cause.
    RefusedWithoutCause,
    /// It never left this machine: an earlier part failed, or the modem was lost before.
    NotSubmitted,
}

/// The verdict on a whole text.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// Every part was sent.
    Sent,
    /// No part is in doubt and at least one was not sent.
    Failed,
    /// At least one part is in doubt.
    Unknown,
}

impl SendOutcome {
    /// Sums the parts up.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.parts.contains(&PartOutcome::Unknown) {
            Verdict::Unknown
        } else if self.parts.iter().all(|part| matches!(part, PartOutcome::Sent { .. })) {
            Verdict::Sent
        } else {
            Verdict::Failed
        }
    }

    /// Returns the references of the parts that were sent.
    pub fn references(&self) -> impl Iterator<Item = u8> + '_ {
        self.parts.iter().filter_map(|part| match part {
            PartOutcome::Sent { reference } => Some(*reference),
            PartOutcome::Failed(_) | PartOutcome::Unknown => None,
        })
    }
}

/// The signal, as the modem tells it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Signal {
    /// `+CSQ`.
    Basic(CsqInfo),
    /// `+CESQ`.
    Extended(CesqInfo),
}

/// The operator that the modem is registered with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CurrentOperator {
    /// Its code, five or six digits.
    pub code: Text,
    /// Its name, if the modem tells one.
    pub name: Option<Text>,
    /// The radio access.
    pub technology: Option<AccessTechnology>,
}
