//! Cards opened on site, with everything in one place: keys, bindings, both platforms, and a tool
//! at the card.
//!
//! | item | what it is |
//! |---|---|
//! | [`Tool`] | reads the applet of a card, and brings packets to it: in a reader, or in a modem |
//! | [`Office`] | a card-writing platform and a business platform, with their journals in a folder |
//! | [`write_card`] | binds the card at a tool if it has to be, and writes a subscription into it |
//! | [`KeyFile`] | the keys of cards and subscriptions, encrypted in a file |
//! | [`table`] | bindings, keys and numbers as CSV |
//!
//! A write is pending when the card has proved it. It is done when the device has registered with
//! the new subscription: [`Office::attached`] tells the platform so.

mod key_file;
mod office;
pub mod table;
#[cfg(test)]
mod tests;
mod tool;
mod write;

pub use key_file::{KeyFile, KeyFileError, STORE_KEY_VARIABLE, make_store_key, read_store_key};
pub use office::{JOBS_MAX, News, Office, OfficeError};
pub use tool::{Tool, ToolFault};
pub use write::{BRINGS_MAX, FailureText, WriteFault, Written, bind_card, write_card};
