//! Texts, both ways.

mod inbox;
mod receive;
mod send;
mod store;

pub(crate) use inbox::Inbox;
pub(crate) use send::Outgoing;
