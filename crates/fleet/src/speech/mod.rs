//! Speech between modem and terminal: frames, their packets, the laws of G.711, a jitter buffer.

mod frame;
mod packet;

pub use frame::Frame;
pub use packet::{Codec, Packet};
