//! Octets that were changed, left out, repeated or made up.

use super::super::packet::{Farewell, Packet};
use super::*;
use alloc::vec;
use proptest::prelude::*;

/// Runs two known devices with a message each way, of which the octets of `from` pass through `change`.
fn between(from: usize, mut change: impl FnMut(usize, Vec<u8>) -> Vec<Vec<u8>>) -> Pair {
    let mut pair =
        Pair::new(link(Role::Initiator, 1, &[2], false), link(Role::Responder, 2, &[1], false));
    let mut count = 0;
    let now = pair.now;
    pair.ends.iter_mut().for_each(|end| end.handle(now, LinkInput::Start));
    for _ in 0..8 {
        for end in 0..2 {
            let (frames, told) = drain(&mut pair.ends[end]);
            pair.told[end].extend(told);
            for frame in frames {
                let changed = if end == from { change(count, frame) } else { vec![frame] };
                count += usize::from(end == from);
                for octets in changed {
                    pair.ends[1 - end].handle(now, LinkInput::Octets(octets));
                }
            }
        }
        if pair.ups()[from] && pair.received(1 - from).is_empty() && count < 6 {
            pair.ends[from].handle(now, LinkInput::Send(b"the message".to_vec()));
        }
    }
    pair
}

fn arrived(pair: &Pair, from: usize) -> bool {
    let received = pair.received(1 - from);
    assert!(received.iter().all(|it| *it == b"the message"), "{received:?}");
    !received.is_empty()
}

#[test]
fn without_changes_the_message_arrives() {
    for from in 0..2 {
        assert!(arrived(&between(from, |_, frame| vec![frame]), from));
    }
}

#[test]
fn no_bit_of_any_frame_may_be_changed() {
    for from in 0..2 {
        // The handshake's messages of that end, its answer or none, and its first message.
        for target in 0..3 {
            let mut bit = 0;
            loop {
                let mut len = 0;
                let pair = between(from, |count, mut frame| {
                    if count == target {
                        len = frame.len() * 8;
                        frame[bit / 8] ^= 1 << (bit % 8);
                    }
                    vec![frame]
                });
                let told = &pair.told[1 - from];
                let before = received_of(told).len();
                assert!(before == 0, "frame {target} of {from}, bit {bit}: {told:?}");
                arrived(&pair, from);
                bit += if target < 2 { 7 } else { 1 };
                if bit >= len {
                    break;
                }
            }
        }
    }
}

#[test]
fn what_is_repeated_ends_the_session() {
    for from in 0..2 {
        for target in 0..3 {
            let pair = between(from, |count, frame| {
                if count == target { vec![frame.clone(), frame] } else { vec![frame] }
            });
            let end = pair.down(1 - from).expect("it has ended");
            assert!(
                matches!(end, LinkEnd::Undecipherable | LinkEnd::Handshake),
                "frame {target} of {from}: {end:?}"
            );
        }
    }
}

#[test]
fn what_is_left_out_ends_the_session_with_the_next_that_comes() {
    let mut pair = Pair::up();
    for message in [b"1", b"2"] {
        pair.ends[0].handle(pair.now, LinkInput::Send(message.to_vec()));
    }
    let (frames, _) = drain(&mut pair.ends[0]);
    pair.input(1, LinkInput::Octets(frames[1].clone()));
    assert_eq!(pair.down(1), Some(LinkEnd::Undecipherable));
    assert_eq!(pair.down(0), Some(LinkEnd::FaultOfPeer));
}

#[test]
fn what_was_cut_is_not_heard() {
    let mut pair = Pair::up();
    pair.ends[0].handle(pair.now, LinkInput::Send(b"the message".to_vec()));
    let (mut frames, _) = drain(&mut pair.ends[0]);
    frames[0].pop();
    pair.input(1, LinkInput::Octets(frames[0].clone()));
    assert_eq!(pair.told[1], []);
    pair.ends[0].handle(pair.now, LinkInput::Send(b"another".to_vec()));
    pair.settle();
    assert_eq!(pair.down(1), Some(LinkEnd::Undecipherable));
}

#[test]
fn an_old_session_is_not_heard_again() {
    let mut pair = Pair::up();
    pair.input(0, LinkInput::Send(b"the message".to_vec()));
    let mut again = config(Role::Responder, 2, &[1], false);
    again.randomness = randomness(77);
    let mut again = Link::new(again).unwrap();
    again.handle(pair.now, LinkInput::Octets(pair.said[0].clone()));
    let told = drain(&mut again).1;
    assert_eq!(told, [LinkEvent::Down(LinkEnd::Handshake)]);
}

/// A session whose other end says packets of its own choice.
fn said_by_peer(role: Role, pairing: bool, packets: &[Packet]) -> Vec<LinkEvent> {
    use super::super::noise::Handshake;
    let known: &[u64] = if pairing { &[] } else { &[2] };
    let mut link = link(role, 1, known, pairing);
    let now = Instant::from_micros(1_000_000);
    let other = match role {
        Role::Initiator => Role::Responder,
        Role::Responder => Role::Initiator,
    };
    let mut peer = Handshake::new(other, &identity(2), &mut randomness(3)).unwrap();
    let hear = |link: &mut Link, body: Vec<u8>| {
        let len = u16::try_from(body.len()).unwrap().to_be_bytes();
        link.handle(now, LinkInput::Octets([&len[..], &body].concat()));
    };
    link.handle(now, LinkInput::Start);
    if role == Role::Responder {
        hear(&mut link, peer.write(&[]).unwrap());
        peer.read(&drain(&mut link).0[0][2..]).unwrap();
        hear(&mut link, peer.write(&[u8::from(!pairing), b'x']).unwrap());
    } else {
        peer.read(&drain(&mut link).0[0][2..]).unwrap();
        hear(&mut link, peer.write(b"x").unwrap());
        peer.read(&drain(&mut link).0[0][2..]).unwrap();
    }
    let (mut transport, _) = peer.finish().unwrap();
    for packet in packets {
        hear(&mut link, transport.seal(&packet.encode()).unwrap());
    }
    drain(&mut link).1
}

#[test]
fn a_packet_in_the_wrong_state_ends_the_session() {
    use super::super::comparison::{Commitment, Nonce};
    let (ping, echo) = (Packet::Ping(Instant::ZERO), Packet::Echo(Instant::MAX));
    let nonce = || Packet::Nonce(Nonce([0; 32]));
    let reveal = || Packet::Reveal(Nonce([0; 32]));
    let commit = || Packet::Commit(Commitment([0; 32]));
    let data = Packet::Data(vec![1].into());
    let unexpected = |role, pairing, packets: &[Packet]| {
        let told = said_by_peer(role, pairing, packets);
        assert_eq!(down_of(&told), Some(LinkEnd::Unexpected), "{role:?} {packets:?}");
        assert_eq!(received_of(&told).len(), 0);
    };
    for packet in [data.clone(), ping, echo.clone(), nonce(), reveal(), Packet::Equal] {
        unexpected(Role::Initiator, true, core::slice::from_ref(&packet));
        unexpected(Role::Initiator, false, &[packet]);
    }
    unexpected(Role::Initiator, true, &[Packet::Accept]);
    unexpected(Role::Initiator, true, &[commit(), commit()]);
    unexpected(Role::Initiator, true, &[commit(), data.clone()]);
    unexpected(Role::Initiator, false, &[Packet::Accept, Packet::Accept]);
    unexpected(Role::Responder, true, &[nonce(), data]);
    unexpected(Role::Responder, true, &[nonce(), nonce()]);
    for packet in [Packet::Accept, commit(), nonce(), reveal(), Packet::Equal, echo] {
        unexpected(Role::Responder, false, &[packet]);
    }
}

#[test]
fn a_responder_that_reveals_what_it_has_not_committed_to_is_found_out() {
    use super::super::comparison::{Commitment, Nonce};
    let said = [Packet::Commit(Commitment([0; 32])), Packet::Reveal(Nonce([0; 32]))];
    let told = said_by_peer(Role::Initiator, true, &said);
    assert_eq!(told, [LinkEvent::Down(LinkEnd::WrongReveal)]);
}

fn packets() -> impl Strategy<Value = Packet> {
    use super::super::comparison::{Commitment, Nonce};
    let nonce = any::<[u8; 32]>().prop_map(Nonce);
    let at = any::<u64>().prop_map(Instant::from_micros);
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(|it| Packet::Data(it.into())),
        at.clone().prop_map(Packet::Ping),
        at.prop_map(Packet::Echo),
        nonce.clone().prop_map(Packet::Nonce),
        nonce.prop_map(Packet::Reveal),
        any::<[u8; 32]>().prop_map(|it| Packet::Commit(Commitment(it))),
        proptest::sample::select(vec![
            Packet::Accept,
            Packet::Equal,
            Packet::Close(Farewell::Closed),
            Packet::Close(Farewell::PairingOff),
            Packet::Close(Farewell::Unequal),
            Packet::Close(Farewell::ComparisonTimeout),
            Packet::Close(Farewell::Fault),
        ]),
    ]
}

proptest! {
    #[test]
    fn packets_round_trip(packet in packets()) {
        prop_assert_eq!(Packet::parse(&packet.encode()), Some(packet));
    }

    #[test]
    fn no_octets_are_a_packet_that_writes_as_others(octets in proptest::collection::vec(any::<u8>(), 0..50)) {
        if let Some(packet) = Packet::parse(&octets) {
            prop_assert_eq!(&*packet.encode(), &octets);
        }
    }

    #[test]
    fn whatever_the_stream_does_only_what_was_said_is_heard(
        bits: u8, steps in proptest::collection::vec((any::<u8>(), any::<u8>()), 0..60),
    ) {
        // Both start and the octets go to and fro, so that a part of the runs comes up.
        let begin = [0x80, 0, 0, 0, 9, 255, 0x89, 255, 9, 255, 0x89, 255];
        let steps = steps.into_iter().flat_map(|(what, argument)| [what, argument]);
        let data: Vec<u8> = core::iter::once(bits).chain(begin).chain(steps).collect();
        crate::testkit::fuzz_share_link(&data);
    }

    #[test]
    fn no_packets_of_the_other_end_are_a_panic(
        initiator: bool, pairing: bool, packets in proptest::collection::vec(packets(), 0..8),
    ) {
        let role = if initiator { Role::Initiator } else { Role::Responder };
        let told = said_by_peer(role, pairing, &packets);
        let ends = told.iter().filter(|it| matches!(it, LinkEvent::Down(_))).count();
        prop_assert!(ends <= 1);
    }
}
