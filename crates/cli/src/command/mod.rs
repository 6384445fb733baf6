//! One module per command.

pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod print;
pub(crate) mod run;
pub(crate) mod sms;
mod twice;
