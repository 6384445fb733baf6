//! The server: it has the card.

mod card;
mod contract;
mod machine;
mod request;

pub use contract::{Refusal, ServerEnd, ServerEvent, ServerInput, ServerOutput, ServerTimer};
pub use machine::Server;
