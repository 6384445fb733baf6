//! Cards in PC/SC readers, over pcsc-lite.
//!
//! [`PcscReaders`] tells which readers and cards are there and connects to a card; [`PcscLink`] is
//! the card. Calls into the card service block, so they run on threads of their own: one for each
//! connected card, one that waits for changes of readers once somebody asks for them, and a short
//! one for each list. No thread of an async runtime is blocked, and nothing outlives its owner for
//! longer than the service takes to answer.
//!
//! The crate needs libpcsclite and its headers to build (Debian: `libpcsclite-dev`, `pkg-config`)
//! and a running `pcscd` to do anything.

mod error;
mod link;
mod readers;
mod service;
mod tpdu;
mod watch;
mod worker;

pub use link::{PATIENCE, PcscLink};
pub use readers::{PcscReaders, Sharing};
