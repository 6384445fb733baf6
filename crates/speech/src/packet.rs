use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A frame on its way.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Packet {
    /// Counts frames from the beginning of the call, modulo 2^16 (RFC 3550, 5.1).
    pub sequence: u16,
    /// Counts samples likewise, modulo 2^32.
    pub timestamp: u32,
    /// How the payload is coded.
    pub codec: Codec,
    /// The samples.
    pub payload: Vec<u8>,
}

/// How samples are coded.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Codec {
    /// Linear, 16 bits, most significant octet first (L16 of RFC 3551, 4.5.11).
    Linear,
    /// G.711 A-law, 8 bits.
    #[default]
    ALaw,
    /// G.711 mu-law, 8 bits.
    MuLaw,
}
