use crate::SpeechReport;
use crate::tests::{frame, packets};
use crate::{Codec, Frame, Packet, Playout};
use polysim_base::{Duration, Instant};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::vec::Vec;

const LINEAR: Codec = Codec::Linear;

fn ms(millis: u64) -> Instant {
    Instant::ZERO.plus(Duration::from_millis(millis))
}

/// Pushes each packet at its moment and plays until the talk spurt is over.
fn run(playout: &mut Playout, mut arrivals: Vec<(u64, Packet)>) -> Vec<(u64, Frame)> {
    arrivals.sort_by_key(|(at, _)| *at);
    let mut played = Vec::new();
    for (at, packet) in arrivals {
        play_until(playout, ms(at), &mut played);
        playout.push(ms(at), packet);
    }
    play_until(playout, Instant::MAX, &mut played);
    played
}

fn play_until(playout: &mut Playout, until: Instant, played: &mut Vec<(u64, Frame)>) {
    while let Some(due) = playout.deadline().filter(|due| *due < until) {
        played.extend(playout.play(due).map(|frame| (due.as_micros() / 1_000, frame)));
    }
}

/// Which of the numbered frames were played as they are, in order.
fn numbers(played: &[(u64, Frame)]) -> Vec<u16> {
    let own = |frame: &Frame| {
        let number = u16::try_from(frame.samples()[0] - 1_000).ok()?;
        (*frame == crate::tests::frame(number)).then_some(number)
    };
    played.iter().filter_map(|(_, frame)| own(frame)).collect()
}

fn steady(count: u16) -> Vec<(u64, Packet)> {
    (0..).step_by(20).zip(packets(LINEAR, count)).collect()
}

#[test]
fn a_steady_stream_is_played_exactly_and_evenly() {
    let mut playout = Playout::new(LINEAR);
    let played = run(&mut playout, steady(100));
    let want: Vec<_> = (0..100).map(|n| (60 + 20 * u64::from(n), frame(n))).collect();
    assert_eq!(played[..100], want);
    let report = SpeechReport { played: 100, concealed: 5, ..SpeechReport::default() };
    assert_eq!(playout.report(), report);
}

#[test]
fn what_comes_out_of_order_is_played_in_order() {
    let mut arrivals = steady(10);
    (arrivals[3].0, arrivals[4].0) = (85, 65);
    let mut playout = Playout::new(LINEAR);
    assert_eq!(numbers(&run(&mut playout, arrivals)), Vec::from_iter(0..10));
    assert!(playout.report().jitter > Duration::ZERO);
}

#[test]
fn missing_frames_are_concealed_by_the_one_before_weaker_and_weaker() {
    let mut arrivals = steady(10);
    arrivals.drain(5..8);
    let mut playout = Playout::new(LINEAR);
    let played = run(&mut playout, arrivals);
    // For the first one that is missing, nothing is played: the delay may be shorter.
    assert_eq!(played[5].1.samples()[0], 1_004 * 5 / 6);
    assert_eq!(played[6].1.samples()[0], 1_004 * 4 / 6);
    assert_eq!(played[7], (60 + 7 * 20, frame(8)));
    let report = playout.report();
    assert_eq!((report.played, report.lost, report.late), (7, 3, 0));
}

#[test]
fn a_late_frame_is_counted_and_not_played() {
    let mut arrivals = steady(20);
    arrivals[5].0 = 190;
    let mut playout = Playout::new(LINEAR);
    let played = numbers(&run(&mut playout, arrivals));
    assert_eq!(played, Vec::from_iter((0..20).filter(|n| *n != 5)));
    let report = playout.report();
    assert_eq!((report.played, report.lost, report.late, report.doubled), (19, 0, 1, 0));
}

#[test]
fn a_doubled_frame_is_played_once() {
    let mut arrivals = steady(10);
    arrivals.extend(steady(10).into_iter().map(|(at, packet)| (at + 30, packet)));
    arrivals.extend(steady(10).into_iter().map(|(at, packet)| (at + 90, packet)));
    let mut playout = Playout::new(LINEAR);
    assert_eq!(numbers(&run(&mut playout, arrivals)), Vec::from_iter(0..10));
    assert_eq!((playout.report().played, playout.report().doubled), (10, 20));
}

#[test]
fn silence_ends_the_talk_spurt_and_loses_nothing() {
    let mut playout = Playout::new(LINEAR);
    let mut arrivals = steady(10);
    arrivals.extend(steady(20).into_iter().skip(10).map(|(at, packet)| (at + 5_000, packet)));
    let played = run(&mut playout, arrivals);
    assert_eq!(numbers(&played), Vec::from_iter(0..20));
    assert_eq!(playout.deadline(), None);
    let report = playout.report();
    assert_eq!((report.played, report.lost, report.late, report.concealed), (20, 0, 0, 10));
    assert_eq!(report.jitter, Duration::ZERO, "a pause is no jitter");
}

#[test]
fn what_may_be_under_way_is_not_lost() {
    let mut playout = Playout::new(LINEAR);
    let mut played = Vec::new();
    let mut arrivals = steady(12);
    arrivals.remove(4);
    for (at, packet) in arrivals.drain(..9) {
        playout.push(ms(at), packet);
        play_until(&mut playout, ms(at), &mut played);
    }
    // Frames 10 and 11 are late, and their turns pass in the middle of the talk spurt.
    play_until(&mut playout, ms(300), &mut played);
    let report = playout.report();
    assert!(playout.deadline().is_some() && report.concealed >= 3, "{report:?}");
    assert_eq!((report.played, report.lost, report.late), (9, 1, 0));
    playout.push(ms(300), arrivals.remove(1).1);
    let report = playout.report();
    assert_eq!((report.lost, report.late), (2, 1), "the last one has overtaken one");
    playout.push(ms(300), arrivals.remove(0).1);
    let report = playout.report();
    assert_eq!((report.played, report.lost, report.late), (9, 1, 2));
}

#[test]
fn what_is_lost_between_talk_spurts_is_counted() {
    let mut playout = Playout::new(LINEAR);
    let mut arrivals = steady(1_000);
    arrivals.drain(100..900);
    let played = run(&mut playout, arrivals);
    assert_eq!(numbers(&played).len(), 200);
    assert_eq!((playout.report().played, playout.report().lost), (200, 800));
}

#[test]
fn the_delay_grows_with_jitter_and_has_bounds() {
    let mut playout = Playout::new(LINEAR);
    // Every second packet is 90 ms late: more than frames wait at first.
    let uneven = |(at, packet): (u64, Packet)| (at + at / 20 % 2 * 90, packet);
    run(&mut playout, steady(200).into_iter().map(uneven).collect());
    let report = playout.report();
    assert!(report.late < 20, "only until the delay has grown: {report:?}");
    assert_eq!(report.played + report.late, 200);
    let delay = playout.delay;
    assert!(delay >= Duration::from_millis(80) && delay <= Duration::from_millis(200), "{delay}");
}

#[test]
fn the_delay_shrinks_where_a_frame_is_missing() {
    let mut playout = Playout::new(LINEAR);
    let arrivals = steady(200).into_iter().filter(|(at, _)| at % 400 != 200).collect();
    let played = run(&mut playout, arrivals);
    assert_eq!(numbers(&played).len(), 190);
    assert_eq!(playout.delay, Duration::from_millis(40));
    assert_eq!((playout.report().lost, playout.report().concealed), (10, 9 + 5));
}

#[test]
fn sequence_numbers_wrap_without_a_gap() {
    let mut playout = Playout::new(LINEAR);
    let shifted = |(at, packet): (u64, Packet)| {
        (at, Packet { sequence: packet.sequence.wrapping_sub(50), ..packet })
    };
    let played = run(&mut playout, steady(100).into_iter().map(shifted).collect());
    assert_eq!(numbers(&played), Vec::from_iter(0..100));
    assert_eq!(playout.report().lost, 0);
}

#[test]
fn an_early_call_plays_nothing() {
    let mut playout = Playout::new(LINEAR);
    assert_eq!((playout.play(ms(9)), playout.deadline()), (None, None));
    playout.push(ms(0), packets(LINEAR, 1).remove(0));
    let before = playout.clone();
    assert_eq!(playout.play(ms(59)), None);
    assert_eq!(playout, before);
    assert_eq!(playout.play(ms(60)), Some(frame(0)));
}

#[test]
fn what_is_no_frame_of_the_codec_is_ignored() {
    let mut playout = Playout::new(LINEAR);
    let [other, mut short] = [packets(Codec::ALaw, 1), packets(LINEAR, 1)].map(|mut p| p.remove(0));
    short.payload.pop();
    playout.push(ms(0), other);
    playout.push(ms(0), short);
    assert_eq!(playout, Playout::new(LINEAR));
}

#[test]
fn a_flood_fills_no_memory() {
    let mut playout = Playout::new(LINEAR);
    for packet in packets(LINEAR, 5_000) {
        playout.push(ms(0), packet);
    }
    assert_eq!(playout.waiting.len(), 64);
}

#[test]
fn jitter_is_the_mean_deviation_of_transit_times() {
    let mut playout = Playout::new(LINEAR);
    // The transit time changes by 16 ms with every packet.
    let uneven = |(at, packet): (u64, Packet)| (at + at / 20 % 2 * 16, packet);
    run(&mut playout, steady(500).into_iter().map(uneven).collect());
    let jitter = playout.report().jitter.as_micros();
    assert!((15_900..=16_000).contains(&jitter), "{jitter}");
}

proptest! {
    #[test]
    fn whatever_comes_is_played_in_order_once_and_counted(
        fates in prop::collection::vec((0..4_usize, 0..300_u64), 1..150),
    ) {
        let mut arrivals = Vec::new();
        for ((at, packet), (copies, delay)) in steady(150).into_iter().zip(&fates) {
            for copy in 0..*copies {
                arrivals.push((at + delay * (1 + u64::try_from(copy).unwrap()), packet.clone()));
            }
        }
        let came: BTreeMap<u16, ()> = arrivals.iter().map(|(_, p)| (p.sequence, ())).collect();
        let pushed = arrivals.len();
        let mut playout = Playout::new(LINEAR);
        let played = run(&mut playout, arrivals);
        let numbers = numbers(&played);
        prop_assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        let r = playout.report();
        let expected = came.last_key_value().map_or(0, |(last, ())| usize::from(*last) + 1);
        prop_assert!(usize::try_from(r.lost).unwrap() <= expected - came.len(), "{:?}", r);
        prop_assert_eq!(usize::try_from(r.played + r.late + r.doubled).unwrap(), pushed);
        prop_assert_eq!(usize::try_from(r.played + r.late).unwrap(), came.len());
        prop_assert_eq!(usize::try_from(r.played + r.concealed).unwrap(), played.len());
        prop_assert!(numbers.len() == usize::try_from(r.played).unwrap());
    }

    #[test]
    fn no_packets_make_it_panic_or_fill_memory(
        steps in prop::collection::vec((any::<u16>(), any::<u32>(), any::<u64>(), 0..3_u8), 0..200),
    ) {
        let mut playout = Playout::new(LINEAR);
        for (sequence, timestamp, at, plays) in steps {
            let now = Instant::from_micros(at);
            let payload = std::vec![0; 320];
            playout.push(now, Packet { sequence, timestamp, codec: LINEAR, payload });
            for _ in 0..plays {
                let due = playout.deadline().unwrap_or(now);
                playout.play(due.max(now));
            }
            prop_assert!(playout.waiting.len() <= 64);
        }
    }
}
