//! ES2+: how an operator orders profiles of an SM-DP+, and is told what becomes of them (SGP.22, 5.3).
//!
//! [`Request`] and [`Answer`] are what machines speak.

mod message;
mod secret;

pub use message::{
    Answer, Call, CancelOrder, ConfirmOrder, ConfirmOrderOk, DownloadOrder, FinalStatus, Function,
    Matching, NotificationPoint, Progress, Request,
};
pub use secret::{ConfirmationCode, InvalidToken, MatchingId};
