use alloc::{string::String, vec::Vec};

use polysim_base::{Duration, Instant};

use crate::{
    Accepted, Address, Concatenation, DataCoding, Element, HeaderBuf, Limits, NationalLanguage,
    Part, Reassembler, ReassemblyError, Reference, SegmentOptions, Timestamp, UserData, segment,
    ucs2,
};

fn data(reference: Reference, total: u8, sequence: u8, text: &str) -> UserData {
    let mut header = HeaderBuf::new();
    let number = Concatenation::new(reference, total, sequence).unwrap();
    header.push(Element::Concatenation(number)).unwrap();
    UserData::from_octets(DataCoding::UCS2, &header, &ucs2::encode(text)).unwrap()
}

fn from(originator: &str, user_data: UserData) -> Part<u32> {
    Part {
        originator: Address::parse_dialled(originator).unwrap(),
        timestamp: Timestamp::new((26, 11, 22), (1, 2, 3), 4).unwrap(),
        user_data,
        tag: 0,
    }
}

fn part(total: u8, sequence: u8, text: &str) -> Part<u32> {
    from("+49170", data(Reference::Eight(1), total, sequence, text))
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO.plus(Duration::from_secs(seconds))
}

fn text(accepted: Accepted<u32>) -> String {
    match accepted {
        Accepted::Complete(whole) => whole.text().unwrap(),
        other @ (Accepted::Pending { .. } | Accepted::Duplicate(_)) => panic!("{other:?}"),
    }
}

const fn pending(received: u8, total: u8) -> Accepted<u32> {
    Accepted::Pending { received, total }
}

#[test]
fn a_message_of_one_part_is_complete() {
    let mut reassembler = Reassembler::default();
    let plain = from("1", UserData::from_text("hi").unwrap());
    assert_eq!(text(reassembler.accept(at(0), plain).unwrap()), "hi");
    assert_eq!(text(reassembler.accept(at(0), part(1, 1, "one")).unwrap()), "one");
    assert_eq!(reassembler.open_count(), 0);
    assert_eq!(reassembler.poll_timeout(), None);
}

#[test]
fn parts_join_in_any_order() {
    let mut reassembler = Reassembler::default();
    assert_eq!(reassembler.accept(at(0), part(3, 3, "c")), Ok(pending(1, 3)));
    assert_eq!(reassembler.accept(at(1), part(3, 1, "a")), Ok(pending(2, 3)));
    assert_eq!(text(reassembler.accept(at(2), part(3, 2, "b")).unwrap()), "abc");
    assert_eq!(reassembler.expire(Instant::MAX), None);
}

#[test]
fn duplicates_come_back_before_and_after_the_end() {
    let mut reassembler = Reassembler::default();
    reassembler.accept(at(0), part(2, 2, "b")).unwrap();
    let duplicate = reassembler.accept(at(1), part(2, 2, "b")).unwrap();
    assert_eq!(duplicate, Accepted::Duplicate(part(2, 2, "b")));
    assert_eq!(text(reassembler.accept(at(2), part(2, 1, "a")).unwrap()), "ab");
    let late = reassembler.accept(at(3), part(2, 1, "a")).unwrap();
    assert_eq!(late, Accepted::Duplicate(part(2, 1, "a")));
    assert_eq!(reassembler.open_count(), 0);
    // The same text sent again has another timestamp: a message of its own.
    let mut again = part(2, 1, "a");
    again.timestamp = Timestamp::new((26, 11, 23), (1, 2, 3), 4).unwrap();
    assert_eq!(reassembler.accept(at(4), again), Ok(pending(1, 2)));
}

#[test]
fn another_total_is_another_message() {
    let mut reassembler = Reassembler::default();
    reassembler.accept(at(0), part(2, 1, "a")).unwrap();
    assert_eq!(reassembler.accept(at(0), part(3, 2, "y")), Ok(pending(1, 3)));
    assert_eq!(reassembler.accept(at(0), part(3, 1, "x")), Ok(pending(2, 3)));
    assert_eq!(text(reassembler.accept(at(0), part(2, 2, "b")).unwrap()), "ab");
    assert_eq!(text(reassembler.accept(at(0), part(3, 3, "z")).unwrap()), "xyz");
}

#[test]
fn references_of_eight_and_sixteen_bits_and_originators_are_apart() {
    let mut reassembler = Reassembler::default();
    let eight = |sequence, text| from("1", data(Reference::Eight(5), 2, sequence, text));
    let sixteen = |sequence, text| from("1", data(Reference::Sixteen(5), 2, sequence, text));
    let other = |sequence, text| from("2", data(Reference::Eight(5), 2, sequence, text));
    for first in [eight(1, "a"), sixteen(1, "c"), other(1, "e")] {
        assert_eq!(reassembler.accept(at(0), first), Ok(pending(1, 2)));
    }
    assert_eq!(text(reassembler.accept(at(0), sixteen(2, "d")).unwrap()), "cd");
    assert_eq!(text(reassembler.accept(at(0), other(2, "f")).unwrap()), "ef");
    assert_eq!(text(reassembler.accept(at(0), eight(2, "b")).unwrap()), "ab");
}

#[test]
fn a_reference_used_again_gives_the_older_message_up() {
    let mut reassembler = Reassembler::default();
    reassembler.accept(at(0), part(2, 1, "old")).unwrap();
    assert_eq!(reassembler.accept(at(9), part(2, 1, "new")), Ok(pending(1, 2)));
    let given_up = reassembler.expire(at(9)).unwrap();
    assert_eq!(given_up.total, 2);
    assert_eq!(given_up.parts, [(1, part(2, 1, "old"))]);
    assert_eq!(reassembler.expire(at(9)), None);
    assert_eq!(text(reassembler.accept(at(9), part(2, 2, "er")).unwrap()), "newer");
}

#[test]
fn the_window_starts_with_the_first_part() {
    let limits = Limits { window: Duration::from_secs(60), ..Limits::default() };
    let mut reassembler = Reassembler::new(limits);
    reassembler.accept(at(0), part(3, 1, "a")).unwrap();
    reassembler.accept(at(50), part(3, 2, "b")).unwrap();
    assert_eq!(reassembler.poll_timeout(), Some(at(60)));
    assert_eq!(reassembler.expire(at(59)), None);
    // A part that comes at the end of the window, before anybody looked, joins nothing.
    assert_eq!(reassembler.accept(at(60), part(3, 3, "c")), Ok(pending(1, 3)));
    let numbers = |parts: Vec<(u8, Part<u32>)>| parts.into_iter().map(|p| p.0).collect::<Vec<_>>();
    assert_eq!(numbers(reassembler.expire(at(60)).unwrap().parts), [1, 2]);
    assert_eq!(reassembler.expire(at(60)), None);
    assert_eq!(numbers(reassembler.expire(at(120)).unwrap().parts), [3]);
    assert_eq!(reassembler.poll_timeout(), None);
}

#[test]
fn open_messages_are_bounded_and_a_refused_part_comes_back() {
    let limits = Limits { open_per_originator: 2, open: 3, ..Limits::default() };
    let mut reassembler = Reassembler::new(limits);
    let first = |name, reference| from(name, data(Reference::Eight(reference), 2, 1, "x"));
    reassembler.accept(at(0), first("1", 1)).unwrap();
    reassembler.accept(at(0), first("1", 2)).unwrap();
    let refused = reassembler.accept(at(0), first("1", 3)).unwrap_err();
    assert_eq!(refused.reason, ReassemblyError::TooManyOfOriginator { limit: 2 });
    assert_eq!(refused.part, first("1", 3));
    reassembler.accept(at(0), first("2", 1)).unwrap();
    let refused = reassembler.accept(at(0), first("3", 1)).unwrap_err();
    assert_eq!(refused.reason, ReassemblyError::TooManyOpen { limit: 3 });
    // What is open goes on.
    let last = from("1", data(Reference::Eight(1), 2, 2, "y"));
    assert_eq!(text(reassembler.accept(at(0), last).unwrap()), "xy");
    reassembler.accept(at(0), first("3", 1)).unwrap();
    assert_eq!(reassembler.open_count(), 3);
}

#[test]
fn all_of_255_parts_join() {
    let mut reassembler = Reassembler::default();
    for sequence in (2..=255).rev() {
        assert!(matches!(
            reassembler.accept(at(0), part(255, sequence, "x")),
            Ok(Accepted::Pending { .. })
        ));
    }
    assert_eq!(text(reassembler.accept(at(0), part(255, 1, "x")).unwrap()), "x".repeat(255));
}

#[test]
fn a_pair_split_by_its_sender_is_whole_again() {
    let mut reassembler = Reassembler::default();
    let halves = [[0xD8, 0x3D], [0xDE, 0x00]];
    let mut last = None;
    for (sequence, half) in (1..).zip(halves) {
        let mut header = HeaderBuf::new();
        let number = Concatenation::new(Reference::Eight(1), 2, sequence).unwrap();
        header.push(Element::Concatenation(number)).unwrap();
        let data = UserData::from_octets(DataCoding::UCS2, &header, &half).unwrap();
        assert!(data.text().is_err());
        last = Some(reassembler.accept(at(0), from("1", data)).unwrap());
    }
    assert_eq!(text(last.unwrap()), "😀");
}

#[test]
fn parts_in_national_tables_join() {
    let long = "şu çılgın Türkler gelişigüzel ".repeat(12);
    let options = SegmentOptions::default().with_languages(&[NationalLanguage::Turkish]);
    let parts = segment(&long, &options).unwrap();
    assert!(parts.len() > 1);
    assert!(parts.iter().all(|part| part.coding() == DataCoding::GSM7));
    let mut reassembler = Reassembler::default();
    let mut accepted = None;
    for data in parts {
        accepted = Some(reassembler.accept(at(0), from("1", data)).unwrap());
    }
    assert_eq!(text(accepted.unwrap()), long);
}
