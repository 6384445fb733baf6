//! The card-writing applet on a card.

mod contract;

pub use contract::{AppletConfig, AppletInput, AppletOutput, Bearer, SecuredData, Transaction};
