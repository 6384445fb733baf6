//! The client: its terminal uses a card that is at the server.

mod contract;
mod machine;
mod terminal;

pub use contract::{ClientEnd, ClientEvent, ClientInput, ClientOutput, ClientTimer};
pub use machine::Client;
