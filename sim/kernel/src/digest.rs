//! A fast digest of what an event carries, for the trace.

/// A running 64-bit digest, made of folded multiplications. It tells differing runs apart; it does
/// not withstand an adversary.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

const A: u64 = 0xA076_1D64_78BD_642F;
const B: u64 = 0xE703_7ED1_A0B4_28DB;

#[expect(clippy::cast_possible_truncation, reason = "both halves of the product are folded")]
const fn fold(x: u64, y: u64) -> u64 {
    let wide = x as u128 * y as u128;
    wide as u64 ^ (wide >> 64) as u64
}

impl Digest {
    /// Returns the digest of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(A)
    }

    /// Adds a number.
    #[must_use]
    pub const fn with(self, value: u64) -> Self {
        Self(fold(self.0 ^ value, B ^ value.rotate_left(32)) ^ self.0.rotate_left(23))
    }

    /// Adds bytes and their count.
    #[must_use]
    pub fn with_bytes(self, bytes: &[u8]) -> Self {
        let mut chunks = bytes.chunks_exact(8);
        let mut digest = self.with(bytes.len() as u64);
        for chunk in &mut chunks {
            let word = chunk.try_into().map_or(0, u64::from_le_bytes);
            digest = digest.with(word);
        }
        let rest = chunks.remainder().iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        digest.with(rest)
    }

    /// Returns the value.
    #[must_use]
    pub const fn finish(self) -> u64 {
        fold(self.0 ^ A, B)
    }
}

/// Lets anything that implements [`std::hash::Hash`] be digested.
impl std::hash::Hasher for Digest {
    fn finish(&self) -> u64 {
        Self::finish(*self)
    }

    fn write(&mut self, bytes: &[u8]) {
        *self = self.with_bytes(bytes);
    }

    fn write_u8(&mut self, value: u8) {
        *self = self.with(value.into());
    }

    fn write_u16(&mut self, value: u16) {
        *self = self.with(value.into());
    }

    fn write_u32(&mut self, value: u32) {
        *self = self.with(value.into());
    }

    fn write_u64(&mut self, value: u64) {
        *self = self.with(value);
    }

    fn write_usize(&mut self, value: usize) {
        *self = self.with(value as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_changed_byte_changes_it(mut bytes in prop::collection::vec(any::<u8>(), 1..64), at: prop::sample::Index, flip in 1_u8..) {
            let before = Digest::new().with_bytes(&bytes).finish();
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            prop_assert_ne!(before, Digest::new().with_bytes(&bytes).finish());
        }
    }

    #[test]
    fn length_counts() {
        assert_ne!(
            Digest::new().with_bytes(&[0]).finish(),
            Digest::new().with_bytes(&[0, 0]).finish()
        );
    }
}
