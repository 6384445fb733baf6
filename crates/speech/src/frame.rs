use alloc::boxed::Box;
use core::fmt;
use polysim_base::Duration;

/// 20 ms of speech: 160 linear samples of 16 bits at 8 kHz.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Frame(Box<[i16; Self::SAMPLES]>);

impl Frame {
    /// How many samples a frame has.
    pub const SAMPLES: usize = 160;
    /// How long a frame lasts.
    pub const DURATION: Duration = Duration::from_millis(20);

    /// Returns the samples.
    #[must_use]
    pub const fn samples(&self) -> &[i16; Self::SAMPLES] {
        &self.0
    }
}

impl From<[i16; Self::SAMPLES]> for Frame {
    fn from(samples: [i16; Self::SAMPLES]) -> Self {
        Self(Box::new(samples))
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Frame")
            .field(&self.0.iter().fold(0, |max, s| s.unsigned_abs().max(max)))
            .finish()
    }
}
