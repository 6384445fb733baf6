//! Speech between modem and terminal: frames, their packets, the laws of G.711, a jitter buffer.

mod frame;
mod g711;
mod packet;
mod packetizer;
mod playout;

#[cfg(test)]
mod tests;

pub use frame::Frame;
pub use g711::{a_law, from_a_law, from_mu_law, mu_law};
pub use packet::{Codec, Packet};
pub use packetizer::Packetizer;
pub use playout::Playout;
