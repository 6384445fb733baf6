use super::g711::{a_law, from_a_law, from_mu_law, mu_law};
use super::{Codec, Frame, Packet};
use alloc::vec::Vec;
use polysim_base::Instant;

/// How many samples a packet's timestamp moves on.
const SAMPLES_PER_FRAME: u32 = 160;

/// Numbers and codes the frames of one direction of a call.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Packetizer {
    codec: Codec,
    sequence: u16,
    timestamp: u32,
}

impl Packetizer {
    /// Returns one that begins at 0.
    #[must_use]
    pub const fn new(codec: Codec) -> Self {
        Self { codec, sequence: 0, timestamp: 0 }
    }

    /// Returns one that begins where a frame every 20 ms, since the clock was at zero, would have
    /// led. Who loses it, and makes another one, goes on behind what was sent before.
    #[must_use]
    pub const fn begun_at(codec: Codec, now: Instant) -> Self {
        let frames = now.as_micros() / Frame::DURATION.as_micros();
        let [.., high, low] = frames.to_be_bytes();
        let [.., a, b, c, d] = frames.wrapping_mul(160).to_be_bytes();
        Self {
            codec,
            sequence: u16::from_be_bytes([high, low]),
            timestamp: u32::from_be_bytes([a, b, c, d]),
        }
    }

    /// Returns the packet of the next frame.
    pub fn next(&mut self, frame: &Frame) -> Packet {
        let packet = Packet {
            sequence: self.sequence,
            timestamp: self.timestamp,
            codec: self.codec,
            payload: encode(self.codec, frame),
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(SAMPLES_PER_FRAME);
        packet
    }
}

impl Packet {
    /// Returns the frame, or `None` where the payload has not the length of one.
    #[must_use]
    pub fn frame(&self) -> Option<Frame> {
        match self.codec {
            Codec::Linear => {
                let (pairs, rest) = self.payload.as_chunks();
                frame(rest.is_empty().then_some(pairs)?, |pair| i16::from_be_bytes(*pair))
            }
            Codec::ALaw => frame(&self.payload, |word| from_a_law(*word)),
            Codec::MuLaw => frame(&self.payload, |word| from_mu_law(*word)),
        }
    }
}

fn encode(codec: Codec, frame: &Frame) -> Vec<u8> {
    let samples = frame.samples().iter();
    match codec {
        Codec::Linear => samples.flat_map(|sample| sample.to_be_bytes()).collect(),
        Codec::ALaw => samples.map(|sample| a_law(*sample)).collect(),
        Codec::MuLaw => samples.map(|sample| mu_law(*sample)).collect(),
    }
}

fn frame<T>(coded: &[T], decode: impl Fn(&T) -> i16) -> Option<Frame> {
    let coded: &[T; Frame::SAMPLES] = coded.try_into().ok()?;
    Some(Frame::from(coded.each_ref().map(decode)))
}
