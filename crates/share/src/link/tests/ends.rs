//! From start to end, without anybody in between.

use super::*;
use alloc::string::ToString as _;
use alloc::{format, vec};
use polysim_base::{Origin, OriginRefused};
use proptest::prelude::*;

#[test]
fn known_devices_are_up_at_once_and_learn_each_others_names() {
    let mut pair =
        Pair::new(link(Role::Initiator, 1, &[3, 2], false), link(Role::Responder, 2, &[1], false));
    pair.start();
    let up = |entity, name: &str| LinkEvent::Up {
        peer: key(entity),
        name: DeviceName::new(name).unwrap(),
        paired_now: false,
    };
    assert_eq!(pair.told, [vec![up(2, "car")], vec![up(1, "phone")]]);
}

#[test]
fn messages_arrive_in_order_and_whole() {
    let mut pair = Pair::up();
    let long = vec![7; MESSAGE_LEN_MAX];
    for message in [&b"one"[..], &[], &long] {
        pair.input(0, LinkInput::Send(message.to_vec()));
        pair.input(1, LinkInput::Send(message.to_vec()));
    }
    for end in 0..2 {
        assert_eq!(pair.received(end), [&b"one"[..], &[], &long]);
    }
}

#[test]
fn closing_tells_both_ends_at_once_and_nothing_comes_after_that() {
    let mut pair = Pair::up();
    pair.input(1, LinkInput::Close);
    assert_eq!(pair.down(1), Some(LinkEnd::Closed));
    assert_eq!(pair.down(0), Some(LinkEnd::ClosedByPeer));
    for input in [
        LinkInput::Start,
        LinkInput::Send(vec![1]),
        LinkInput::Close,
        LinkInput::Octets(vec![0; 9]),
    ] {
        pair.input(0, input.clone());
        pair.input(1, input);
    }
    assert_eq!(pair.told.each_ref().map(Vec::len), [1, 1]);
    assert_eq!(pair.ends.each_ref().map(|end| end.poll_timeout()), [None, None]);
}

#[test]
fn a_link_may_be_closed_before_it_is_up() {
    let mut fresh = link(Role::Initiator, 1, &[2], false);
    fresh.handle(Instant::ZERO, LinkInput::Close);
    assert_eq!(drain(&mut fresh), (vec![], vec![LinkEvent::Down(LinkEnd::Closed)]));
    let mut started = link(Role::Initiator, 1, &[2], false);
    started.handle(Instant::ZERO, LinkInput::Start);
    started.handle(Instant::ZERO, LinkInput::Close);
    assert_eq!(drain(&mut started).1, [LinkEvent::Down(LinkEnd::Closed)]);
}

#[test]
fn a_handshake_has_a_deadline_at_either_end_and_at_any_point() {
    for said in 0..3 {
        let mut pair =
            Pair::new(link(Role::Initiator, 1, &[2], false), link(Role::Responder, 2, &[1], false));
        for end in &mut pair.ends {
            end.handle(pair.now, LinkInput::Start);
        }
        // Whoever has the word says it, `said` times; then the stream is silent.
        for turn in 0..said {
            pair.carry(turn % 2);
        }
        pair.ends.iter_mut().for_each(|end| drop(drain(end)));
        let due = pair.now.plus(HANDSHAKE_MAX);
        for end in pair.ends.iter_mut().take(if said == 3 { 1 } else { 2 }) {
            assert_eq!(end.poll_timeout(), Some((due, LinkTimer::Handshake)), "after {said}");
            end.handle_timeout(due);
            let told = drain(end).1;
            assert_eq!(told, [LinkEvent::Down(LinkEnd::HandshakeTimeout)], "after {said}");
        }
    }
}

#[test]
fn what_is_too_long_is_refused_with_its_length() {
    let mut pair = Pair::up();
    pair.input(0, LinkInput::Send(vec![0; MESSAGE_LEN_MAX + 1]));
    assert_eq!(pair.down(0), Some(LinkEnd::MessageTooLong { len: MESSAGE_LEN_MAX + 1 }));
    assert_eq!(pair.down(1), Some(LinkEnd::FaultOfPeer));
    let mut pair = Pair::up();
    let limit = MESSAGE_LEN_MAX + 17;
    pair.input(0, LinkInput::Octets(vec![0xFF, 0xFF]));
    assert_eq!(pair.down(0), Some(LinkEnd::Oversize { len: 0xFFFF, limit }));
    let mut fresh = link(Role::Responder, 2, &[1], false);
    fresh.handle(Instant::ZERO, LinkInput::Octets(vec![0, 129]));
    let end = LinkEnd::Oversize { len: 129, limit: 128 };
    assert_eq!(drain(&mut fresh).1, [LinkEvent::Down(end)]);
}

#[test]
fn messages_before_the_link_is_up_are_lost() {
    let mut pair = Pair::comparing();
    pair.input(0, LinkInput::Send(vec![1]));
    pair.input(0, LinkInput::Compared(true));
    pair.input(1, LinkInput::Compared(true));
    pair.input(0, LinkInput::Send(vec![2]));
    assert_eq!(pair.received(1), [[2]]);
}

#[test]
fn live_work_takes_nothing_simulated() {
    let mut simulated = config(Role::Initiator, 1, &[], false);
    simulated.mode = Mode::Live;
    assert_eq!(Link::new(simulated).unwrap_err(), InvalidLink::Origin(OriginRefused));
    let mut half = config(Role::Initiator, 1, &[], false);
    half.mode = Mode::Live;
    half.identity = Identity::from_bytes(half.identity.to_bytes(), Origin::Live);
    assert_eq!(Link::new(half).unwrap_err(), InvalidLink::Origin(OriginRefused));
    let mut live = config(Role::Initiator, 1, &[], false);
    live.mode = Mode::Live;
    live.identity = Identity::from_bytes(live.identity.to_bytes(), Origin::Live);
    live.randomness = Randomness::Live(alloc::boxed::Box::new(|octets| octets.fill(7)));
    assert!(Link::new(live).is_ok());
}

#[test]
fn a_margin_that_eats_the_supervision_time_is_refused() {
    let mut short = config(Role::Initiator, 1, &[], false);
    short.supervision = Duration::from_millis(20);
    assert_eq!(Link::new(short).unwrap_err(), InvalidLink::SupervisionTooShort);
}

#[test]
fn nothing_secret_is_shown() {
    let identity = identity(1);
    let shown = format!("{identity:?} {:?}", config(Role::Initiator, 1, &[], false));
    let [first, second, ..] = *identity.to_bytes();
    assert!(!shown.contains(&format!("{first}, {second}")), "{shown}");
    let message = vec![211, 212];
    let shown = format!(
        "{:?} {:?}",
        LinkInput::Send(message.clone()),
        LinkOutput::Tell(LinkEvent::Received(message))
    );
    assert!(!shown.contains("211"), "{shown}");
    let (a, b) = (ComparisonNumber::of(1_000_042), ComparisonNumber::of(999_999));
    assert_eq!((a.to_string(), b.to_string()), ("000042".into(), "999999".into()));
}

#[test]
fn a_kept_identity_is_the_same_device() {
    let kept = identity(1).to_bytes();
    assert_eq!(Identity::from_bytes(kept, Origin::Live).peer_key(), key(1));
}

fn history(chunks: Vec<usize>) -> ([Vec<LinkEvent>; 2], [Vec<u8>; 2]) {
    let mut pair = Pair::comparing_in(chunks);
    pair.input(1, LinkInput::Compared(true));
    pair.input(0, LinkInput::Compared(true));
    pair.input(0, LinkInput::Send(b"one".to_vec()));
    pair.input(1, LinkInput::Send(vec![3; 300]));
    pair.wake(pair.now.plus(Duration::from_secs(1)));
    pair.input(0, LinkInput::Close);
    (pair.told, pair.said)
}

impl Pair {
    fn comparing_in(chunks: Vec<usize>) -> Self {
        let mut pair =
            Self::new(link(Role::Initiator, 1, &[], true), link(Role::Responder, 2, &[], true));
        pair.chunks = chunks;
        pair.start();
        pair
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn it_does_not_matter_how_the_stream_is_split(chunks in proptest::collection::vec(1_usize..60, 1..20)) {
        prop_assert_eq!(history(chunks), history(vec![usize::MAX]));
    }

    #[test]
    fn octets_of_the_whole_stream_at_once_are_heard_as_one_by_one(count in 1_usize..20) {
        let mut pair = Pair::up();
        for number in 0..count {
            pair.ends[0].handle(pair.now, LinkInput::Send(vec![7; number]));
        }
        let (frames, _) = drain(&mut pair.ends[0]);
        pair.input(1, LinkInput::Octets(frames.concat()));
        prop_assert_eq!(pair.received(1).len(), count);
    }
}
