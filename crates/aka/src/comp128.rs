//! COMP128 versions 1, 2 and 3: the GSM algorithm A3/A8 of many operators. No standard describes
//! them; the reading here is the one that the test vectors confirm.

mod tables;

use tables::{INNER, LEVEL_0, LEVEL_1, LEVEL_2, LEVEL_3, LEVEL_4, OUTER};
use zeroize::Zeroizing;

use crate::values::{Kc, Key, Rand, Sres};

/// Which COMP128.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Comp128Version {
    /// Version 1: broken, Ki can be found from chosen challenges; Kc has 54 bits.
    V1,
    /// Version 2: version 3 with Kc cut to 54 bits.
    V2,
    /// Version 3: Kc has 64 bits.
    V3,
}

/// One subscriber's Ki for COMP128.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Comp128 {
    version: Comp128Version,
    ki: Key,
}

impl Comp128 {
    /// Joins version and Ki.
    #[must_use]
    pub const fn new(version: Comp128Version, ki: Key) -> Self {
        Self { version, ki }
    }

    /// Returns the version.
    #[must_use]
    pub const fn version(&self) -> Comp128Version {
        self.version
    }

    /// Returns Ki.
    #[must_use]
    pub const fn ki(&self) -> &Key {
        &self.ki
    }

    /// Runs A3 and A8.
    #[must_use]
    pub fn a3a8(&self, rand: &Rand) -> (Sres, Kc) {
        match self.version {
            Comp128Version::V1 => version_1(&self.ki, rand),
            Comp128Version::V2 => {
                let (sres, kc) = version_3(&self.ki, rand);
                (sres, cut(u64::from_be_bytes(*kc.as_bytes())))
            }
            Comp128Version::V3 => version_3(&self.ki, rand),
        }
    }
}

/// Forces the ten least significant bits of Kc to zero.
fn cut(kc: u64) -> Kc {
    Kc::from((kc & !0x3FF).to_be_bytes())
}

/// Rounds of every version.
const ROUNDS: usize = 8;

/// Version 1: eight rounds of compression over Ki and a state of 16 bytes that starts as RAND; the
/// bits of a round's result are permuted into the state of the next.
fn version_1(ki: &Key, rand: &Rand) -> (Sres, Kc) {
    let mut nibbles = compress(ki.as_bytes(), rand.as_bytes());
    for _ in 1..ROUNDS {
        nibbles = compress(ki.as_bytes(), &permute(&nibbles));
    }
    let packed = pack(nibbles.as_slice());
    let [a, b, c, d, ..] = packed.to_be_bytes();
    // Kc is the last 54 bits, followed by ten zeros.
    let [.., e, f, g, h, i, j, k, l] = (packed << 10).to_be_bytes();
    (Sres::from([a, b, c, d]), cut(u64::from_be_bytes([e, f, g, h, i, j, k, l])))
}

/// Five levels of a butterfly: level n combines the halves of each of 2^n blocks, and its values
/// have 8 - n bits, so that 32 nibbles come out.
fn compress(ki: &[u8; 16], state: &[u8; 16]) -> Zeroizing<[u8; 32]> {
    let mut values = Zeroizing::new([0; 32]);
    let inputs = ki.iter().chain(state);
    values.iter_mut().zip(inputs).for_each(|(value, input)| *value = *input);
    for (level, table) in
        [LEVEL_0.as_slice(), &LEVEL_1, &LEVEL_2, &LEVEL_3, &LEVEL_4].into_iter().enumerate()
    {
        let block_len = 32 >> level;
        for block in values.chunks_exact_mut(block_len) {
            let (left, right) = block.split_at_mut(block_len / 2);
            for (m, n) in left.iter_mut().zip(right) {
                let (a, b) = (usize::from(*m), usize::from(*n));
                *m = look_up(table, (a + 2 * b) % (512 >> level));
                *n = look_up(table, (2 * a + b) % (512 >> level));
            }
        }
    }
    values
}

/// Reads a table of version 1; that of level 0 goes on with each pair swapped.
fn look_up(table: &[u8], index: usize) -> u8 {
    table.get(index).or_else(|| table.get((index % 256) ^ 1)).copied().unwrap_or_default()
}

/// Spreads the 128 bits: bit i of the result, from the left, is bit 17 i mod 128.
fn permute(nibbles: &[u8; 32]) -> [u8; 16] {
    let packed = pack(nibbles);
    let spread =
        (0..128_u32).fold(0_u128, |spread, i| spread << 1 | (packed >> (127 - i * 17 % 128) & 1));
    spread.to_be_bytes()
}

fn pack(nibbles: &[u8]) -> u128 {
    nibbles.iter().fold(0, |packed, nibble| packed << 4 | u128::from(*nibble))
}

/// Version 3: eight rounds over RAND keyed by Ki xor RAND. All byte strings run backwards inside.
fn version_3(ki: &Key, rand: &Rand) -> (Sres, Kc) {
    let ki = u128::from_le_bytes(*ki.as_bytes());
    let start = u128::from_le_bytes(*rand.as_bytes());
    let round_key = Zeroizing::new((ki ^ start).to_be_bytes());
    let mut state = Zeroizing::new(start.to_be_bytes());
    for _ in 0..ROUNDS {
        *state = mix(&state, &round_key);
    }
    let [l, k, j, i, h, g, f, e, _, _, _, _, d, c, b, a] = *state;
    (Sres::from([a, b, c, d]), Kc::from([e, f, g, h, i, j, k, l]))
}

/// One round of version 3: five levels, each of which substitutes and interleaves blocks of
/// 2^level bytes, then a choice of 128 of the 256 bits.
fn mix(state: &[u8; 16], round_key: &[u8; 16]) -> [u8; 16] {
    let (mut low, mut high) = (*state, *round_key);
    for level in 0..5 {
        let block_len = 1 << level;
        let first = substitute(&high, &low);
        let second = substitute(&first, &high);
        let mut woven = Zeroizing::new([0; 32]);
        let blocks = first.chunks_exact(block_len).zip(second.chunks_exact(block_len));
        for (to, (a, b)) in woven.chunks_exact_mut(2 * block_len).zip(blocks) {
            to.iter_mut().zip(a.iter().chain(b)).for_each(|(to, from)| *to = *from);
        }
        if let [a, b] = woven.as_chunks::<16>().0 {
            (low, high) = (*a, *b);
        }
    }
    // Bit n of the result, from the least significant of the first byte, is bit 19 (n + 1) mod 256.
    let halves = [u128::from_le_bytes(low), u128::from_le_bytes(high)];
    let chosen = (0..128_u32).fold(0_u128, |chosen, n| {
        let at = 19 * (n + 1) % 256;
        let [low, high] = halves;
        let half = if at < 128 { low } else { high };
        chosen | (half >> (at % 128) & 1) << n
    });
    chosen.to_le_bytes()
}

/// Substitutes each byte: `OUTER`(`INNER`(a) xor b).
fn substitute(a: &[u8; 16], b: &[u8; 16]) -> [u8; 16] {
    let look_up =
        |table: &[u8; 256], index: u8| table.get(usize::from(index)).copied().unwrap_or_default();
    let mut out = [0; 16];
    for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *out = look_up(&OUTER, look_up(&INNER, *a) ^ b);
    }
    out
}
