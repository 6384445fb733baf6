use super::{frame, packets};
use crate::{Codec, Frame, Packet, Packetizer, a_law, from_a_law};
use proptest::prelude::*;

#[test]
fn packets_count_frames_and_samples() {
    let counts: std::vec::Vec<_> =
        packets(Codec::ALaw, 3).iter().map(|packet| (packet.sequence, packet.timestamp)).collect();
    assert_eq!(counts, [(0, 0), (1, 160), (2, 320)]);
}

#[test]
fn sequence_numbers_wrap() {
    let mut packetizer = Packetizer::new(Codec::MuLaw);
    (0..=u16::MAX).for_each(|number| assert_eq!(packetizer.next(&frame(0)).sequence, number));
    let next = packetizer.next(&frame(0));
    assert_eq!((next.sequence, next.timestamp), (0, 160 << 16));
}

#[test]
fn linear_samples_are_sent_most_significant_octet_first() {
    let packet = Packetizer::new(Codec::Linear).next(&Frame::from([0x1234; Frame::SAMPLES]));
    assert_eq!((packet.payload.len(), &packet.payload[..2]), (320, &[0x12, 0x34][..]));
}

#[test]
fn a_payload_of_another_length_is_no_frame() {
    for codec in [Codec::Linear, Codec::ALaw, Codec::MuLaw] {
        let whole = packets(codec, 1).remove(0);
        assert!(whole.frame().is_some());
        for length in [0, 1, whole.payload.len() - 1, whole.payload.len() + 1, 2_000] {
            let payload = std::vec![0; length];
            assert_eq!(Packet { payload, ..whole.clone() }.frame(), None, "{codec:?} {length}");
        }
    }
}

proptest! {
    #[test]
    fn a_linear_frame_comes_back_as_it_was(samples: [[i16; 32]; 5]) {
        let samples: [i16; Frame::SAMPLES] = samples.concat().try_into().unwrap();
        let packet = Packetizer::new(Codec::Linear).next(&Frame::from(samples));
        prop_assert_eq!(packet.frame(), Some(Frame::from(samples)));
        let packet = Packetizer::new(Codec::ALaw).next(&Frame::from(samples));
        let by_law = samples.map(|sample| from_a_law(a_law(sample)));
        prop_assert_eq!(packet.frame(), Some(Frame::from(by_law)));
    }
}
