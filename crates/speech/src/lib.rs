//! Speech over data: frames of 20 ms, their packets, the laws of G.711, a jitter buffer.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod frame;
mod g711;
mod packet;
mod packetizer;
mod playout;
mod report;
mod rtp;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;

#[cfg(test)]
mod tests;

pub use frame::Frame;
pub use g711::{a_law, from_a_law, from_mu_law, mu_law};
pub use packet::{Codec, Packet};
pub use packetizer::Packetizer;
pub use playout::Playout;
pub use report::SpeechReport;
pub use rtp::{Rtp, RtpError};
