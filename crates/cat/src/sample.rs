//! Samples of every message, drawn from a number: the same number gives the same message.

use alloc::vec::Vec;

/// Where samples are drawn from: a sequence that a number starts (`SplitMix64`).
#[derive(Clone, Debug)]
pub struct Draw(u64);

/// What can be drawn.
pub trait Sample: Sized {
    /// Draws one.
    fn sample(draw: &mut Draw) -> Self;
}

impl Draw {
    /// Starts a sequence.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    pub(crate) const fn octet(&mut self) -> u8 {
        let [octet, ..] = self.next().to_be_bytes();
        octet
    }

    /// Draws a number below a limit; zero for the limit zero.
    pub(crate) const fn below(&mut self, limit: u8) -> u8 {
        match self.octet().checked_rem(limit) {
            Some(number) => number,
            None => 0,
        }
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = usize::from(self.octet()) % from.len().max(1);
        *from.get(at).unwrap_or_else(|| unreachable!("samples are drawn of something"))
    }

    /// Draws a few octets.
    pub(crate) fn octets(&mut self, least: usize, most: usize) -> Vec<u8> {
        let more = usize::from(self.below(5)).min(most.saturating_sub(least));
        (0..least + more).map(|_| self.octet()).collect()
    }

    /// Draws a short list.
    pub(crate) fn list<T: Sample>(&mut self) -> Vec<T> {
        (0..self.below(4)).map(|_| T::sample(self)).collect()
    }
}

impl<T: Sample> Sample for Option<T> {
    fn sample(draw: &mut Draw) -> Self {
        (draw.below(3) == 0).then(|| T::sample(draw))
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample(draw: &mut Draw) -> Self {
        draw.list()
    }
}

impl Sample for bool {
    fn sample(draw: &mut Draw) -> Self {
        draw.below(2) == 0
    }
}

impl Sample for u8 {
    fn sample(draw: &mut Draw) -> Self {
        draw.octet()
    }
}

impl Sample for u16 {
    fn sample(draw: &mut Draw) -> Self {
        Self::from_be_bytes([draw.octet(), draw.octet()])
    }
}

impl Sample for polysim_base::Plmn {
    fn sample(draw: &mut Draw) -> Self {
        let [a, b, c, d, e] = core::array::from_fn(|_| draw.below(10));
        let third = Option::<bool>::sample(draw).map(|_| draw.below(10));
        let Some(plmn) = Self::from_digits([a, b, c], d, e, third) else {
            unreachable!("digits are below ten")
        };
        plmn
    }
}
