use crate::{Codec, Packet};
use alloc::vec::Vec;

/// Octets of the fixed header (RFC 3550, 5.1).
const HEADER_LEN: usize = 12;
/// The version of RTP (RFC 3550, 5.1), in the upper two bits of the first octet.
const VERSION: u8 = 2;
const PADDING: u8 = 0x20;
const EXTENSION: u8 = 0x10;
const CSRC_COUNT: u8 = 0x0F;
const PAYLOAD_TYPE: u8 = 0x7F;
/// Payload types (RFC 3551, 6).
const PCMU: u8 = 0;
const PCMA: u8 = 8;
/// L16 at 8 kHz has no type of its own: the first of the dynamic ones (RFC 3551, 6).
const L16: u8 = 96;
/// Octets of the identifier of a contributing source, and of a word of an extension.
const WORD: usize = 4;

/// A packet and who has sent it, as octets of RTP (RFC 3550).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Rtp {
    /// The synchronization source: one direction of one call.
    pub ssrc: u32,
    /// The packet.
    pub packet: Packet,
}

/// Why octets are no speech in RTP.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RtpError {
    /// Not even a header.
    #[error("RTP: {len} octets where the header alone has {HEADER_LEN}")]
    Short {
        /// How many there are.
        len: usize,
    },
    /// Another version.
    #[error("RTP: version {version} where {VERSION} is expected")]
    Version {
        /// Which.
        version: u8,
    },
    /// Another payload.
    #[error(
        "RTP: payload type {payload_type} is neither PCMU ({PCMU}), PCMA ({PCMA}) nor L16 ({L16})"
    )]
    PayloadType {
        /// Which.
        payload_type: u8,
    },
    /// The packet ends among its contributing sources.
    #[error("RTP: the packet ends among its {count} contributing sources")]
    Csrc {
        /// How many it says there are.
        count: u8,
    },
    /// The packet ends in its header extension.
    #[error("RTP: the packet ends in its header extension")]
    Extension,
    /// The padding is empty, or more than is there.
    #[error("RTP: the padding says it has {padding} octets where {left} are left")]
    Padding {
        /// What it says.
        padding: u8,
        /// How many octets are left.
        left: usize,
    },
}

impl Rtp {
    /// Returns the octets: a header without extension and contributing sources, and the payload.
    #[must_use]
    pub fn emit(&self) -> Vec<u8> {
        let Packet { sequence, timestamp, codec, payload } = &self.packet;
        let mut octets = Vec::with_capacity(HEADER_LEN + payload.len());
        octets.extend([VERSION << 6, payload_type(*codec)]);
        octets.extend(sequence.to_be_bytes());
        octets.extend(timestamp.to_be_bytes());
        octets.extend(self.ssrc.to_be_bytes());
        octets.extend(payload);
        octets
    }

    /// Reads octets. The marker, contributing sources, an extension and padding are left out.
    ///
    /// # Errors
    /// [`RtpError`]. Whether the payload is a frame is asked of the packet.
    pub fn parse(octets: &[u8]) -> Result<Self, RtpError> {
        let (header, rest) =
            octets.split_first_chunk().ok_or(RtpError::Short { len: octets.len() })?;
        let [first, second, s0, s1, t0, t1, t2, t3, ssrc @ ..]: [u8; HEADER_LEN] = *header;
        if first >> 6 != VERSION {
            return Err(RtpError::Version { version: first >> 6 });
        }
        let codec = codec(second & PAYLOAD_TYPE)?;
        let rest = without_csrc(first & CSRC_COUNT, rest)?;
        let rest = if first & EXTENSION == 0 { rest } else { without_extension(rest)? };
        let payload = if first & PADDING == 0 { rest } else { without_padding(rest)? };
        let packet = Packet {
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            codec,
            payload: payload.to_vec(),
        };
        Ok(Self { ssrc: u32::from_be_bytes(ssrc), packet })
    }
}

const fn payload_type(codec: Codec) -> u8 {
    match codec {
        Codec::Linear => L16,
        Codec::ALaw => PCMA,
        Codec::MuLaw => PCMU,
    }
}

const fn codec(payload_type: u8) -> Result<Codec, RtpError> {
    match payload_type {
        L16 => Ok(Codec::Linear),
        PCMA => Ok(Codec::ALaw),
        PCMU => Ok(Codec::MuLaw),
        payload_type => Err(RtpError::PayloadType { payload_type }),
    }
}

fn without_csrc(count: u8, rest: &[u8]) -> Result<&[u8], RtpError> {
    rest.get(usize::from(count) * WORD..).ok_or(RtpError::Csrc { count })
}

/// RFC 3550, 5.3.1: 16 bits of any meaning, 16 bits that count the words behind them.
fn without_extension(rest: &[u8]) -> Result<&[u8], RtpError> {
    let ([_, _, high, low], rest) = rest.split_first_chunk().ok_or(RtpError::Extension)?;
    let words = usize::from(u16::from_be_bytes([*high, *low]));
    rest.get(words * WORD..).ok_or(RtpError::Extension)
}

/// RFC 3550, 5.1: the last octet counts the octets of padding, itself among them.
fn without_padding(rest: &[u8]) -> Result<&[u8], RtpError> {
    let padding = rest.last().copied().unwrap_or(0);
    let error = RtpError::Padding { padding, left: rest.len() };
    let end = rest.len().checked_sub(usize::from(padding)).filter(|_| padding > 0).ok_or(error)?;
    rest.get(..end).ok_or(error)
}
