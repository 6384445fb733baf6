use crate::{a_law, from_a_law, from_mu_law, mu_law};
use std::vec::Vec;

/// The decision values of the positive half in 16 bits: eight segments of intervals,
/// `first` ones of length `step`, sixteen of each next power of two of it.
fn decision_values(from: i32, first: usize, step: i32, segments: u32) -> Vec<i32> {
    let mut values = std::vec![from];
    for segment in 0..segments {
        for _ in 0..if segment == 0 { first } else { 16 } {
            values.push(values.last().unwrap() + (step << segment));
        }
    }
    values
}

/// Each sample decodes to the middle of the interval in which it is.
fn quantises(values: &[i32], encode: fn(i16) -> u8, decode: fn(u8) -> i16, below: i32) {
    let most = *values.last().unwrap();
    for sample in i16::MIN..=i16::MAX {
        let given = i32::from(sample);
        let magnitude = (if given < 0 { -given - 1 } else { given }).min(most - 1);
        let above = values.partition_point(|value| *value <= magnitude);
        let middle = i32::midpoint(values[above - 1].max(below), values[above]);
        let back = i32::from(decode(encode(sample)));
        assert_eq!(back, if given < 0 { -middle } else { middle }, "{sample}");
    }
}

#[test]
fn a_law_decodes_to_the_middle_of_the_interval_of_each_sample() {
    // Table 1: the first two segments have intervals of 2 units, 16 in 16 bits.
    quantises(&decision_values(0, 32, 16, 7), a_law, from_a_law, 0);
}

#[test]
fn mu_law_decodes_to_the_middle_of_the_interval_of_each_sample() {
    // Table 2: the first interval is from -1 to 1 over both signs; then fifteen of 2 units.
    let mut values = decision_values(4, 15, 8, 8);
    values.insert(0, -4);
    assert_eq!(values[128], 8_159 << 2, "the virtual decision value");
    quantises(&values, mu_law, from_mu_law, -4);
}

#[test]
fn every_word_comes_back_but_the_negative_zero_of_the_mu_law() {
    for word in 0..=u8::MAX {
        assert_eq!(a_law(from_a_law(word)), word);
        assert_eq!(mu_law(from_mu_law(word)), if word == 0x7F { 0xFF } else { word });
    }
}

#[test]
fn the_laws_never_fall() {
    for sample in i16::MIN..i16::MAX {
        assert!(from_a_law(a_law(sample)) <= from_a_law(a_law(sample + 1)));
        assert!(from_mu_law(mu_law(sample)) <= from_mu_law(mu_law(sample + 1)));
    }
}

#[test]
fn a_law_inverts_the_even_bits() {
    // Table 1a: the greatest positive word is 1111 1111, the least 1000 0000, before inversion.
    assert_eq!((a_law(i16::MAX), a_law(0)), (0b1111_1111 ^ 0x55, 0b1000_0000 ^ 0x55));
    assert_eq!((a_law(i16::MIN), a_law(-1)), (0b0111_1111 ^ 0x55, 0x55));
    // Its value 4032 is 32256 in 16 bits; its first one is 1.
    assert_eq!((from_a_law(0xAA), from_a_law(0xD5), from_a_law(0x2A)), (32_256, 8, -32_256));
    // Decision value 64, where intervals begin to grow, and the word before.
    assert_eq!((a_law(512) ^ 0x55, a_law(511) ^ 0x55), (0b1010_0000, 0b1001_1111));
}

#[test]
fn mu_law_words_are_those_of_table_2() {
    assert_eq!((mu_law(i16::MAX), mu_law(0)), (0b1000_0000, 0b1111_1111));
    assert_eq!((mu_law(i16::MIN), mu_law(-1)), (0b0000_0000, 0b0111_1111));
    // Its values 8031 and 0.
    assert_eq!((from_mu_law(0x80), from_mu_law(0xFF), from_mu_law(0)), (32_124, 0, -32_124));
    // Decision value 31, from which intervals are of 4 units: 1110 1111.
    assert_eq!((mu_law(31 << 2), mu_law((31 << 2) - 1)), (0b1110_1111, 0b1111_0000));
}
