//! ES9+ and ES11: what a profile assistant asks of an SM-DP+ and of an SM-DS (SGP.22, 5.6 and 5.8).
//!
//! [`Request`] and [`Answer`] are what machines speak. [`Function`] turns them into the JSON bodies
//! that go over HTTP, and back, for either end.

mod http;
mod message;
mod refusal;
mod status;
#[cfg(test)]
mod tests;

pub use crate::json::{ADMIN_PROTOCOL, ANSWER_MAX, BodyError, CONTENT_TYPE, REQUEST_MAX};
pub use http::Function;
pub use message::{
    Answer, AuthenticateClient, AuthenticateClientOk, CancelSession, EventEntry, Failure,
    GetBoundProfilePackage, InitiateAuthentication, InitiateAuthenticationOk, Request,
};
pub use refusal::Refusal;
pub use status::Status;
