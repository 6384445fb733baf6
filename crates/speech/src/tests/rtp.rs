use super::packets;
use crate::{Codec, Packet, Rtp, RtpError};
use proptest::collection::vec;
use proptest::prelude::*;
use std::vec::Vec;

/// A packet of PCMA with everything that a header may have: two contributing sources, an
/// extension of one word, three octets of padding; the marker is set.
const WHOLE: &[u8] = &[
    0xB2, 0x88, 0x12, 0x34, 0x00, 0x00, 0x01, 0x40, 0xCA, 0xFE, 0xBA, 0xBE, // header
    1, 1, 1, 1, 2, 2, 2, 2, // contributing sources
    0xBE, 0xDE, 0, 1, 9, 9, 9, 9, // extension
    0x55, 0xD5, // payload
    0, 0, 3, // padding
];

#[test]
fn a_header_is_that_of_rfc_3550_and_payload_types_those_of_rfc_3551() {
    for (codec, second) in [(Codec::MuLaw, 0), (Codec::ALaw, 8), (Codec::Linear, 96)] {
        let packet = packets(codec, 3).remove(2);
        let octets = Rtp { ssrc: 0x0102_0304, packet: packet.clone() }.emit();
        assert_eq!(octets[..12], [0x80, second, 0, 2, 0, 0, 1, 64, 1, 2, 3, 4]);
        assert_eq!(octets[12..], packet.payload);
    }
}

#[test]
fn what_is_not_speech_in_a_packet_is_left_out() {
    let packet = Packet {
        sequence: 0x1234,
        timestamp: 320,
        codec: Codec::ALaw,
        payload: [0x55, 0xD5].into(),
    };
    assert_eq!(Rtp::parse(WHOLE), Ok(Rtp { ssrc: 0xCAFE_BABE, packet }));
}

#[test]
fn a_packet_that_ends_too_early_says_where() {
    assert_eq!(Rtp::parse(&WHOLE[..11]), Err(RtpError::Short { len: 11 }));
    assert_eq!(Rtp::parse(&WHOLE[..19]), Err(RtpError::Csrc { count: 2 }));
    for len in [20, 23, 24, 27] {
        assert_eq!(Rtp::parse(&WHOLE[..len]), Err(RtpError::Extension), "{len}");
    }
    assert_eq!(Rtp::parse(&WHOLE[..28]), Err(RtpError::Padding { padding: 0, left: 0 }));
}

#[test]
fn padding_that_is_empty_or_more_than_there_is_makes_no_packet() {
    for padding in [0, 6, 255] {
        let mut octets = WHOLE.to_vec();
        *octets.last_mut().unwrap() = padding;
        assert_eq!(Rtp::parse(&octets), Err(RtpError::Padding { padding, left: 5 }));
    }
    let mut octets = WHOLE.to_vec();
    *octets.last_mut().unwrap() = 5;
    assert_eq!(Rtp::parse(&octets).unwrap().packet.payload, [0_u8; 0]);
}

#[test]
fn other_versions_and_payloads_are_refused() {
    let mut octets = WHOLE.to_vec();
    octets[0] = 0x72;
    assert_eq!(Rtp::parse(&octets), Err(RtpError::Version { version: 1 }));
    octets[0] = 0xB2;
    octets[1] = 0x80 | 97;
    assert_eq!(Rtp::parse(&octets), Err(RtpError::PayloadType { payload_type: 97 }));
}

fn rtp() -> impl Strategy<Value = Rtp> {
    let codec = prop_oneof![Just(Codec::Linear), Just(Codec::ALaw), Just(Codec::MuLaw)];
    (any::<u32>(), any::<u16>(), any::<u32>(), codec, vec(any::<u8>(), 0..330)).prop_map(
        |(ssrc, sequence, timestamp, codec, payload)| Rtp {
            ssrc,
            packet: Packet { sequence, timestamp, codec, payload },
        },
    )
}

proptest! {
    #[test]
    fn a_packet_comes_back_as_it_was(rtp in rtp()) {
        prop_assert_eq!(Rtp::parse(&rtp.emit()), Ok(rtp));
    }

    #[test]
    fn any_octets_are_read_or_refused(octets: Vec<u8>, at in 0..WHOLE.len(), with: u8) {
        crate::testkit::fuzz_rtp(&octets);
        let mut near = WHOLE.to_vec();
        near[at] = with;
        crate::testkit::fuzz_rtp(&near);
    }
}
