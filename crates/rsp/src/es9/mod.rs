//! ES9+ and ES11: what a profile assistant asks of an SM-DP+ and of an SM-DS (SGP.22, 5.6 and 5.8).
//!
//! [`Request`] and [`Answer`] are what machines speak.

mod message;
mod status;
#[cfg(test)]
mod tests;

pub use message::{
    Answer, AuthenticateClient, AuthenticateClientOk, CancelSession, EventEntry, Failure,
    GetBoundProfilePackage, InitiateAuthentication, InitiateAuthenticationOk, Request,
};
pub use status::Status;
