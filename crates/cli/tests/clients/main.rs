//! Programs that know nothing of polysim take its exposed modems for hardware.
//!
//! Each test exposes a [`world::World`], starts programs on its modems, and compares what they say
//! with what happened in the world. A test whose program is not installed says SKIPPED;
//! `POLYSIM_CLIENTS=required` makes that a failure.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests may panic, and say why"
)]

mod bus;
mod cast;
mod daemon;
mod es9;
mod exposing;
mod fifty;
mod gammu;
mod gammu_smsd;
mod live;
mod modem_manager;
mod ofono;
mod pcsc;
mod program;
mod smstools;
mod texts;
mod together;
mod world;
