//! The window of sequence numbers (TS 33.102, C.2) and the `AuC`'s generator.

use crate::testkit::WindowModel;
use crate::{Sqn, SqnArray, SqnExhausted, SqnGenerator};

fn sqn(seq: u64, ind: u8) -> Sqn {
    Sqn::new(seq, ind).unwrap()
}

#[test]
fn a_number_is_accepted_once() {
    let mut window = SqnArray::default();
    assert!(!window.accept(sqn(0, 0)), "SEQ starts above zero");
    assert!(window.accept(sqn(1, 1)));
    assert!(!window.accept(sqn(1, 1)));
    assert!(!window.accept(sqn(0, 1)));
}

#[test]
fn the_lowest_number_is_remembered_beside_a_higher_one() {
    let mut window = SqnArray::default();
    assert!(window.accept(sqn(1, 1)) && window.accept(sqn(9, 2)));
    assert!(!window.accept(sqn(1, 1)));
}

#[test]
fn late_numbers_of_other_inds_are_accepted() {
    let mut window = SqnArray::default();
    assert!(window.accept(sqn(100, 1)));
    assert!(window.accept(sqn(7, 2)), "out of order, but new for its IND");
    assert!(!window.accept(sqn(7, 2)));
    assert!(window.accept(sqn(8, 2)));
    assert_eq!(window.highest(), sqn(100, 1));
    assert!(window.accept(sqn(101, 2)));
    assert!(!window.accept(sqn(100, 1)), "the former highest is remembered");
    assert_eq!((window.seq_ms(1), window.seq_ms(2), window.seq_ms(3)), (100, 101, 0));
}

#[test]
fn a_jump_of_delta_is_refused() {
    let mut window = SqnArray::starting_at(sqn(5, 0));
    assert!(!window.accept(sqn(5 + SqnArray::DELTA, 1)));
    assert!(window.accept(sqn(5 + SqnArray::DELTA - 1, 1)));
    assert_eq!(window.highest(), sqn(5 + SqnArray::DELTA - 1, 1));
}

#[test]
fn equal_windows_are_equal_whatever_the_order() {
    let (mut one, mut other) = (SqnArray::default(), SqnArray::default());
    for ind in [3, 1, 2, 9] {
        assert!(one.accept(sqn(4, ind)));
    }
    for ind in [9, 2, 3, 1] {
        assert!(other.accept(sqn(4, ind)));
    }
    assert_eq!(one, other);
    assert_eq!(one.highest(), sqn(4, 9));
}

#[test]
fn two_copies_merge_to_what_either_has_accepted() {
    let mut one = SqnArray::starting_at(sqn(100, 1));
    assert!(one.accept(sqn(7, 2)));
    let mut other = SqnArray::starting_at(sqn(40, 1));
    assert!(other.accept(sqn(90, 2)) && other.accept(sqn(101, 3)));
    let mut merged = one.clone();
    merged.merge(&other);
    assert_eq!((merged.seq_ms(1), merged.seq_ms(2), merged.seq_ms(3)), (100, 90, 101));
    assert_eq!(merged.highest(), sqn(101, 3));
    other.merge(&one);
    assert_eq!(other, merged, "whichever takes over the other");
}

#[test]
fn the_generator_goes_round_robin_through_all_inds() {
    let mut generator = SqnGenerator::default();
    let mut window = SqnArray::default();
    let mut model = WindowModel::default();
    for issued in 1..=100_u8 {
        let next = generator.issue().unwrap();
        assert_eq!((next.seq(), next.ind()), (u64::from(issued), issued % 32));
        assert!(window.accept(next) && model.accept(next));
        assert_eq!(window.highest(), model.highest());
    }
    assert_eq!(generator.last(), window.highest());
}

#[test]
fn the_last_number_is_the_last() {
    let mut generator = SqnGenerator::after(sqn(Sqn::SEQ_MAX - 1, 31));
    assert_eq!(generator.issue(), Ok(sqn(Sqn::SEQ_MAX, 0)));
    assert_eq!(generator.issue(), Err(SqnExhausted));
    assert_eq!(generator.last(), sqn(Sqn::SEQ_MAX, 0));
}

#[test]
fn resynchronisation_keeps_a_number_that_is_good_anyway() {
    let mut generator = SqnGenerator::after(sqn(50, 4));
    assert!(!generator.resynchronise(sqn(50, 9)), "51 is above 50");
    assert_eq!(generator.last(), sqn(50, 4));
    assert!(generator.resynchronise(sqn(51, 9)), "51 is not above 51");
    assert_eq!(generator.issue(), Ok(sqn(52, 10)));
    let mut far_ahead = SqnGenerator::after(sqn(SqnArray::DELTA + 50, 4));
    assert!(far_ahead.resynchronise(sqn(51, 9)));
    assert_eq!(far_ahead.issue(), Ok(sqn(52, 10)));
}
