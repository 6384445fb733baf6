use polysim_base::Instant;
use proptest::prelude::*;
use std::vec::Vec;

use super::*;

fn part(part: u16) -> Part {
    Part { train: 1, part, parts: PARTS, octets: usize::from(OCTETS) }
}

fn at(millis: u64) -> Instant {
    Instant::from_micros(millis * 1_000)
}

/// Measures parts that come at these milliseconds.
fn measured(parts: &[(u16, u64)]) -> Option<Rate> {
    let (first, rest) = parts.split_first().unwrap();
    let mut arrivals = Arrivals::new(at(first.1), part(first.0)).unwrap();
    for (number, millis) in rest {
        arrivals.came(at(*millis), part(*number));
    }
    arrivals.rate()
}

/// A train over a link of 100 kbit/s: 40 ms for each part.
fn train() -> Vec<(u16, u64)> {
    (0..PARTS).map(|part| (part, 1_000 + 40 * u64::from(part))).collect()
}

#[test]
fn the_dispersion_of_a_train_is_the_rate_of_the_link() {
    assert_eq!(measured(&train()), Some(Rate(100)));
}

#[test]
fn one_part_that_is_lost_changes_nothing() {
    for lost in 0..usize::from(PARTS) {
        let mut train = train();
        train.remove(lost);
        assert_eq!(measured(&train), Some(Rate(100)), "without part {lost}");
    }
}

#[test]
fn one_part_that_is_late_changes_little() {
    for late in 1..usize::from(PARTS) {
        let mut train = train();
        let (part, _) = train.remove(late);
        train.push((part, 9_000));
        let rate = measured(&train).unwrap();
        assert!((88..=107).contains(&rate.0), "part {late} late: {rate:?}");
    }
}

#[test]
fn a_part_that_comes_again_and_one_of_another_train_do_not_count() {
    let mut arrivals = Arrivals::new(at(0), part(0)).unwrap();
    assert!(!arrivals.came(at(40), part(0)));
    assert!(!arrivals.came(at(40), Part { train: 2, ..part(1) }));
    assert!(!arrivals.came(at(40), Part { octets: usize::from(OCTETS) + 1, ..part(1) }));
    assert!(!arrivals.came(at(40), part(PARTS)));
    assert_eq!(arrivals.count(), 1);
}

#[test]
fn half_a_train_measures_nothing_and_one_that_comes_at_once_the_most() {
    assert_eq!(measured(&train()[..usize::from(PARTS) / 2]), None);
    let at_once: Vec<_> = (0..PARTS).map(|part| (part, 5)).collect();
    assert_eq!(measured(&at_once), Some(Rate::MAX));
}

#[test]
fn trains_that_are_none_are_refused() {
    for wrong in [
        Part { parts: 3, ..part(0) },
        Part { parts: PARTS_MAX + 1, ..part(0) },
        Part { octets: usize::from(OCTETS_MAX) + 1, ..part(0) },
        part(PARTS),
    ] {
        assert_eq!(Arrivals::new(at(0), wrong), None, "{wrong:?}");
    }
}

#[test]
fn a_link_that_becomes_slow_is_known_to_be_and_one_fast_train_is_not_believed() {
    assert_eq!(Rate(2_000).smoothed(Rate(50)), Rate(97));
    assert_eq!(Rate(50).smoothed(Rate::MAX), Rate(99));
    assert_eq!(Rate(100).smoothed(Rate(100)), Rate(100));
    assert_eq!(Rate(0).smoothed(Rate(0)), Rate(1), "and is never stuck");
}

#[test]
fn a_bucket_gives_a_burst_and_then_what_comes_back() {
    let of = Allowance { per_hour: 3_600, burst: 10 };
    let mut bucket = Bucket::FULL;
    assert_eq!(bucket.take(at(0), 10, of), Ok(()));
    assert_eq!(bucket.take(at(0), 4, of), Err(at(4_000)));
    assert_eq!(bucket.take(at(3_999), 4, of), Err(at(4_000)));
    assert_eq!(bucket.take(at(4_000), 4, of), Ok(()));
    assert_eq!(bucket.take(at(1_000_000), 11, of), Err(at(1_001_000)), "never more than the burst");
}

proptest! {
    #[test]
    fn a_bucket_gives_no_more_than_its_allowance(takes in proptest::collection::vec((0_u64..5_000, 0_u64..8), 1..200)) {
        let of = Allowance { per_hour: 3_600, burst: 10 };
        let (mut bucket, mut now, mut given) = (Bucket::FULL, 0, 0);
        for (wait, amount) in takes {
            now += wait;
            given += bucket.take(at(now), amount, of).map_or(0, |()| amount);
            prop_assert!(given <= of.burst + now / 1_000, "{given} after {now} ms");
        }
    }

    #[test]
    fn any_arrivals_give_a_rate_or_none(parts in proptest::collection::vec((any::<u16>(), 0_u64..u64::MAX / 1_000), 1..64)) {
        if let Some(mut arrivals) = Arrivals::new(at(parts[0].1), part(parts[0].0 % PARTS)) {
            for (number, millis) in parts {
                arrivals.came(at(millis), part(number));
            }
            prop_assert!(arrivals.rate().is_none_or(|rate| rate >= Rate(1) && rate <= Rate::MAX));
        }
    }
}
