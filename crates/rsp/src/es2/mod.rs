//! ES2+: how an operator orders profiles of an SM-DP+, and is told what becomes of them (SGP.22, 5.3).
//!
//! [`Request`] and [`Answer`] are what machines speak. [`FunctionName`] turns them into the JSON bodies
//! that go over HTTP, and back, for either end.

mod http;
mod message;
mod secret;
#[cfg(test)]
mod tests;
mod timestamp;

pub use crate::json::BodyError;
pub use http::{FunctionName, PROGRESS_PATH};

pub use message::{
    Answer, Call, CancelOrder, ConfirmOrder, ConfirmOrderOk, DownloadOrder, FinalStatus, Function,
    Matching, NotificationPoint, Progress, Request,
};
pub use secret::{ConfirmationCode, InvalidToken, MatchingId};
pub use timestamp::write as write_timestamp;
