//! Devices that do not know each other, and who may sit between them.

use super::super::comparison::{Comparison, Nonce, Verdict};
use super::*;
use proptest::prelude::*;

#[test]
fn both_show_the_same_number_and_are_up_when_both_users_say_so() {
    for first in 0..2 {
        let mut pair = Pair::comparing();
        let numbers = pair.numbers();
        assert!(numbers[0].is_some() && numbers[0] == numbers[1], "{numbers:?}");
        pair.input(first, LinkInput::Compared(true));
        pair.input(first, LinkInput::Compared(true));
        assert_eq!(pair.ups(), [false; 2]);
        pair.input(1 - first, LinkInput::Compared(true));
        for (end, other, name) in [(0, 2, "car"), (1, 1, "phone")] {
            let name = DeviceName::new(name).unwrap();
            let up = LinkEvent::Up { peer: key(other), name, paired_now: true };
            assert_eq!(pair.told[end].last(), Some(&up));
        }
    }
}

#[test]
fn numbers_that_differ_end_it_at_both_ends() {
    for (end, first) in [(0, false), (1, false), (0, true), (1, true)] {
        let mut pair = Pair::comparing();
        if first {
            pair.input(1 - end, LinkInput::Compared(true));
        }
        pair.input(end, LinkInput::Compared(false));
        assert_eq!(pair.down(end), Some(LinkEnd::Unequal));
        assert_eq!(pair.down(1 - end), Some(LinkEnd::UnequalAtPeer));
        assert_eq!(pair.ups(), [false; 2]);
    }
}

#[test]
fn who_does_not_pair_refuses_strangers_and_the_other_is_told() {
    let mut pair =
        Pair::new(link(Role::Initiator, 1, &[2], true), link(Role::Responder, 2, &[3], false));
    pair.start();
    assert_eq!(pair.told[1], [LinkEvent::Down(LinkEnd::PairingOff)]);
    assert_eq!(pair.told[0], [LinkEvent::Down(LinkEnd::PairingOffAtPeer)]);
    // The responder has forgotten an initiator that does not pair.
    let mut pair =
        Pair::new(link(Role::Initiator, 1, &[2], false), link(Role::Responder, 2, &[], true));
    pair.start();
    assert_eq!(pair.told[0], [LinkEvent::Down(LinkEnd::PairingOff)]);
    assert_eq!(pair.told[1], [LinkEvent::Down(LinkEnd::PairingOffAtPeer)]);
}

#[test]
fn an_initiator_that_does_not_pair_says_nothing_of_itself_to_a_stranger() {
    let mut pair =
        Pair::new(link(Role::Initiator, 1, &[3], false), link(Role::Responder, 2, &[], true));
    pair.start();
    assert_eq!(pair.told[0], [LinkEvent::Down(LinkEnd::PairingOff)]);
    assert_eq!(pair.said[0].len(), 2 + 32, "its ephemeral key, and nothing else");
}

#[test]
fn one_that_was_forgotten_is_compared_again() {
    for known in [[&[2][..], &[]], [&[], &[1][..]]] {
        let mut pair = Pair::new(
            link(Role::Initiator, 1, known[0], true),
            link(Role::Responder, 2, known[1], true),
        );
        pair.start();
        assert!(pair.numbers().iter().all(Option::is_some), "{:?}", pair.told);
        assert_eq!(pair.ups(), [false; 2]);
    }
}

#[test]
fn users_have_two_minutes() {
    let mut pair = Pair::comparing();
    let began = pair.now;
    while pair.down(0).is_none() && pair.down(1).is_none() {
        let due = pair.ends.iter().filter_map(|end| end.poll_timeout()).min().unwrap();
        pair.wake(due.0);
    }
    assert_eq!(pair.now.since(began), COMPARISON_MAX);
    let ends = [pair.down(0), pair.down(1)];
    assert_eq!(ends, [Some(LinkEnd::ComparisonTimeout); 2]);
}

#[test]
fn a_device_in_between_cannot_make_both_show_one_number() {
    // It pairs with both ends, as itself.
    for attempt in 0..50_u64 {
        let between = |role, salt: u64| {
            let mut config = config(role, 9, &[], true);
            config.randomness = randomness(1_000 + 2 * attempt + salt);
            Link::new(config).unwrap()
        };
        let mut left = Pair::new(link(Role::Initiator, 1, &[], true), between(Role::Responder, 0));
        let mut right = Pair::new(between(Role::Initiator, 1), link(Role::Responder, 2, &[], true));
        left.start();
        right.start();
        let (here, there) = (left.numbers()[0], right.numbers()[1]);
        assert!(here.is_some() && there.is_some() && here != there);
    }
}

const HASH: [u8; 32] = [5; 32];

#[test]
fn the_responder_cannot_choose_its_nonce_after_it_has_heard_the_other() {
    let (_, commitment) = Comparison::commit(HASH, Nonce([1; 32]));
    let mut initiator = Comparison::answer(HASH, commitment, Nonce([2; 32]));
    assert_eq!(initiator.check(Nonce([3; 32])), Err(LinkEnd::WrongReveal));
    let mut elsewhere = Comparison::answer([6; 32], commitment, Nonce([2; 32]));
    assert_eq!(elsewhere.check(Nonce([1; 32])), Err(LinkEnd::WrongReveal));
}

#[test]
fn the_initiator_has_said_its_nonce_before_it_hears_the_other() {
    let mut pair =
        Pair::new(link(Role::Initiator, 1, &[], true), link(Role::Responder, 2, &[], true));
    pair.ends[0].handle(pair.now, LinkInput::Start);
    pair.carry(0);
    pair.carry(1);
    pair.carry(0);
    // The responder has heard all of the handshake. A length, a tag, 32 octets and what the cipher adds.
    let (frames, told) = drain(&mut pair.ends[1]);
    assert_eq!(frames.iter().map(Vec::len).collect::<Vec<_>>(), [2 + 1 + 32 + 16]);
    assert_eq!(told, []);
    pair.ends[0].handle(pair.now, LinkInput::Octets(frames.concat()));
    pair.settle();
    // It hears the nonce, says its own, and only now is there a number.
    assert!(pair.numbers().iter().all(Option::is_some));
}

#[test]
fn words_out_of_turn_end_a_comparison() {
    let (mut responder, commitment) = Comparison::commit(HASH, Nonce([1; 32]));
    assert_eq!(responder.equal_there(), Err(LinkEnd::Unexpected));
    assert_eq!(responder.check(Nonce([1; 32])), Err(LinkEnd::Unexpected));
    assert_eq!(responder.equal_here(), None);
    assert!(responder.reveal(Nonce([2; 32])).is_ok());
    assert_eq!(responder.reveal(Nonce([3; 32])), Err(LinkEnd::Unexpected));
    assert_eq!(responder.equal_there(), Ok(Verdict::Open));
    assert_eq!(responder.equal_there(), Err(LinkEnd::Unexpected));
    assert_eq!(responder.equal_here(), Some(Verdict::Paired));
    let mut initiator = Comparison::answer(HASH, commitment, Nonce([2; 32]));
    assert_eq!(initiator.reveal(Nonce([1; 32])).err(), Some(LinkEnd::Unexpected));
    assert!(!initiator.is_shown());
}

proptest! {
    #[test]
    fn the_number_depends_on_the_handshake_and_on_both_nonces(
        hash: [u8; 32], own: [u8; 32], other: [u8; 32], bit in 0_usize..256,
    ) {
        let number = |hash, responder, initiator| {
            Comparison::commit(hash, Nonce(responder)).0.reveal(Nonce(initiator)).unwrap().1
        };
        let flip = |mut octets: [u8; 32]| {
            octets[bit / 8] ^= 1 << (bit % 8);
            octets
        };
        let changed = [
            number(flip(hash), own, other),
            number(hash, flip(own), other),
            number(hash, own, flip(other)),
        ];
        // One of them may be equal by chance, but not two.
        let same = changed.iter().filter(|it| **it == number(hash, own, other)).count();
        prop_assert!(same < 2);
        let (mut responder, commitment) = Comparison::commit(hash, Nonce(own));
        let mut initiator = Comparison::answer(hash, commitment, Nonce(other));
        let (revealed, here) = responder.reveal(Nonce(other)).unwrap();
        prop_assert_eq!(initiator.check(revealed), Ok(here));
    }
}
