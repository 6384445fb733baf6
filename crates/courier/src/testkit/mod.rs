//! A server and devices that talk over sessions that lose, double and delay what is said, with crashes of
//! any of them: for tests of texts and of calls.

mod node;
mod setup;
mod world;

pub use setup::{client_config, server_config};
pub use world::{Faults, Happened, World};
