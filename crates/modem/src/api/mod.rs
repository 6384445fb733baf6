//! What goes into a modem machine and what comes out of it.

mod command;
mod config;
mod error;
mod event;
mod pin;
mod reply;

pub(crate) use command::Route;
pub use command::*;
pub use config::*;
pub use error::*;
pub use event::*;
pub use pin::{InvalidPin, Pin};
pub use reply::*;
