mod laws;
mod packets;
mod rtp;

use super::{Codec, Frame, Packetizer};

/// A frame unlike those of other numbers, and unlike what is made of one that is repeated.
pub(super) fn frame(number: u16) -> Frame {
    let mut samples = [1_000 + number.cast_signed(); Frame::SAMPLES];
    samples[1] = 7;
    Frame::from(samples)
}

pub(super) fn packets(codec: Codec, count: u16) -> std::vec::Vec<super::Packet> {
    let mut packetizer = Packetizer::new(codec);
    (0..count).map(|number| packetizer.next(&frame(number))).collect()
}
