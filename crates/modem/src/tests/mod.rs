//! The whole machine against a scripted modem.

mod bench;
mod calls;
mod faults;
mod init;
mod jobs;
mod properties;
mod receive;
mod send;
