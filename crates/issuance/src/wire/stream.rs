//! What runs over a connection of a card (bearer independent protocol): units that tell their own
//! length, one behind the other.
//!
//! A card sends [`UplinkFrame`]s, and response packets for the command packets that it gets. The
//! platform sends command packets. A packet begins with its length (TS 102.225, 5.1), a frame with
//! an octet that no length begins with.

use alloc::vec::Vec;

use super::UplinkFrame;
use super::codec::{FRAME_FORMAT, FRAME_HEAD, FRAME_LEN_MAX};
use super::octets::WireError;

/// The most octets of a packet over a connection.
pub const STREAM_PACKET_MAX: usize = 1_024;

/// What a card says over a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CardUnit {
    /// Something of its own accord.
    Frame(UplinkFrame),
    /// The response packet for a command packet.
    Proof(Vec<u8>),
}

impl CardUnit {
    /// Takes the first unit out of what has come from a card; nothing if it is not whole yet.
    ///
    /// # Errors
    /// [`WireError`] for what is no unit: there is no finding back, so the connection is to be
    /// closed.
    pub fn take(received: &mut Vec<u8>) -> Result<Option<Self>, WireError> {
        if received.first() != Some(&FRAME_FORMAT) {
            return Ok(take_packet(received)?.map(Self::Proof));
        }
        let behind = received.get(FRAME_HEAD..).unwrap_or_default();
        let Some(len) = packet_len(behind) else { return Ok(None) };
        let len = FRAME_HEAD.saturating_add(len);
        if len > FRAME_LEN_MAX {
            return Err(WireError::TooLong { len, limit: FRAME_LEN_MAX });
        }
        if received.len() < len {
            return Ok(None);
        }
        let frame: Vec<u8> = received.drain(..len).collect();
        UplinkFrame::parse(&frame).map(Self::Frame).map(Some)
    }

    /// Returns its octets.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Frame(frame) => frame.encode(),
            Self::Proof(packet) => packet.clone(),
        }
    }
}

/// Takes the first packet out of what has come from the other end; nothing if it is not whole yet.
///
/// # Errors
/// [`WireError::TooLong`] for a packet above [`STREAM_PACKET_MAX`]: the connection is to be closed.
pub fn take_packet(received: &mut Vec<u8>) -> Result<Option<Vec<u8>>, WireError> {
    let Some(len) = packet_len(received) else { return Ok(None) };
    if len > STREAM_PACKET_MAX {
        return Err(WireError::TooLong { len, limit: STREAM_PACKET_MAX });
    }
    if received.len() < len {
        return Ok(None);
    }
    Ok(Some(received.drain(..len).collect()))
}

/// Returns how long the packet is that begins here, its length field included.
fn packet_len(octets: &[u8]) -> Option<usize> {
    octets.first_chunk().map(|len| usize::from(u16::from_be_bytes(*len)) + 2)
}
