//! The two laws of ITU-T G.711, between linear samples of 16 bits and code words of 8.
//!
//! Both cut the range of each sign into eight segments of sixteen intervals, and decode a word to
//! the middle of its interval. Samples count in steps of 8 (A-law, table 1) or 4 (mu-law, table 2)
//! of the tables' unit. A sample on a decision value belongs to the interval that is further from
//! zero where it is positive, and to the nearer one where it is negative, as in the reference
//! software (ITU-T G.191).

/// What inverts the even bits of an A-law word (G.711, table 1a, note 2).
const EVEN_BITS: u8 = 0x55;
/// The sign bit: positive where it is set.
const POSITIVE: u8 = 0x80;
/// What makes the segments of the mu-law powers of two: 33 of its units.
const MU_BIAS: u16 = 33 << 2;
/// The greatest magnitude that the mu-law codes: its virtual decision value 8159 (table 2a).
const MU_MAX: u16 = (8_159 << 2) - 1;

/// Returns the A-law word of a sample (G.711, table 1).
#[must_use]
pub const fn a_law(sample: i16) -> u8 {
    let (sign, magnitude) = signed_magnitude(sample);
    let steps = magnitude >> 4;
    let word = match u16::BITS - steps.leading_zeros() {
        // The first two segments have intervals of one length.
        0..=5 => steps,
        bits => segment_word(bits - 4, steps >> (bits - 5)),
    };
    (sign | low(word)) ^ EVEN_BITS
}

/// Returns the sample of an A-law word (G.711, table 1).
#[must_use]
pub const fn from_a_law(word: u8) -> i16 {
    let word = word ^ EVEN_BITS;
    let (segment, interval) = parts(word);
    let middle = interval << 4 | 8;
    with_sign(word, if segment == 0 { middle } else { (middle | 256) << (segment - 1) })
}

/// Returns the mu-law word of a sample (G.711, table 2).
#[must_use]
pub const fn mu_law(sample: i16) -> u8 {
    let (sign, magnitude) = signed_magnitude(sample);
    let biased = MU_BIAS + if magnitude > MU_MAX { MU_MAX } else { magnitude };
    let segment = u16::BITS - biased.leading_zeros() - 8;
    // All bits but the sign are inverted.
    sign | low(segment_word(segment, biased >> (segment + 3))) ^ !POSITIVE
}

/// Returns the sample of a mu-law word (G.711, table 2).
#[must_use]
pub const fn from_mu_law(word: u8) -> i16 {
    let (segment, interval) = parts(word ^ !POSITIVE);
    with_sign(word, ((interval << 3 | MU_BIAS) << segment) - MU_BIAS)
}

const fn signed_magnitude(sample: i16) -> (u8, u16) {
    if sample < 0 { (0, (!sample).cast_unsigned()) } else { (POSITIVE, sample.cast_unsigned()) }
}

const fn with_sign(word: u8, magnitude: u16) -> i16 {
    let magnitude = magnitude.cast_signed();
    if word & POSITIVE == 0 { -magnitude } else { magnitude }
}

/// Puts a segment beside the low four bits of an interval.
const fn segment_word(segment: u32, interval: u16) -> u16 {
    let [.., segment] = segment.to_be_bytes();
    u16::from_be_bytes([0, segment << 4]) | interval & 15
}

/// Returns the segment of a word and which interval of it.
const fn parts(word: u8) -> (u16, u16) {
    (u16::from_be_bytes([0, word >> 4 & 7]), u16::from_be_bytes([0, word & 15]))
}

const fn low(word: u16) -> u8 {
    let [_, low] = word.to_be_bytes();
    low
}
