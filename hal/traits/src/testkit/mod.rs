//! What tests of drivers and backends need: mocks, an in-memory port, a scripted card, and a
//! conformance suite for each trait.
//!
//! A suite checks the contract of its trait against whatever a harness makes, and panics with a
//! sentence about what does not hold. A harness is small: it makes the object, and acts on the far
//! side of it. Suites wait in tokio time and give up on a step after [`STEP_PATIENCE`]. A runtime
//! that is paused is for backends that live in it altogether; where sockets, terminals or threads
//! are behind one, let time run.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a check that fails is a panic"
)]

mod audio_suite;
mod card_suite;
mod clock_suite;
mod discovery_suite;
mod fuzz;
mod http_served;
mod http_suite;
mod memory;
mod modem_suite;
mod port_suite;
mod reader_suite;
mod scripted;
mod step;
#[cfg(test)]
mod tests;

pub use crate::audio::MockAudioPort;
pub use crate::card::{MockCardLink, MockCardReader};
pub use crate::discovery::MockDiscovery;
pub use crate::http::MockHttp;
pub use crate::port::MockModemPort;
pub use audio_suite::{AudioHarness, audio_port_conformance};
pub use card_suite::{CardHarness, card_link_conformance};
pub use clock_suite::clock_conformance;
pub use discovery_suite::{DiscoveryHarness, discovery_conformance};
pub use fuzz::{fuzz_pcap, fuzz_recording};
pub use http_served::{SERVED_PATIENCE, ServedHttp};
pub use http_suite::{HttpHarness, HttpTrial, TRIAL_HEADER, http_conformance, http_trial};
pub use memory::{MEMORY_PORT_ROOM, MemoryPort, memory_port};
pub use modem_suite::modem_conformance;
pub use port_suite::{PortHarness, WireHarness, modem_port_conformance, stalled_write_conformance};
pub use reader_suite::{ReaderHarness, card_reader_conformance};
pub use scripted::{Pull, ScriptedCard, tiny_uicc};
pub use step::STEP_PATIENCE;
