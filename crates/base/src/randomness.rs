//! Where random octets come from, and who may use what comes from there.

use alloc::boxed::Box;
use core::fmt;

use crate::Stream;

/// Where a key came from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// A seeded stream: anybody who knows the seed knows the key.
    Simulated,
    /// The operating system, or a file that a person gave.
    Live,
}

/// What the work is for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mode {
    /// A simulated world: every key and every root will do.
    Simulation,
    /// Real subscriptions: nothing that a simulation made, and no published test root.
    Live,
}

/// A simulated key was handed to live work.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "this key was made for a simulation and anybody can compute it; live work needs a key of its own"
)]
pub struct OriginRefused;

impl Mode {
    /// Checks that something of `origin` may be used.
    ///
    /// # Errors
    /// [`OriginRefused`] for what a simulation made, in live work.
    pub const fn admit(self, origin: Origin) -> Result<(), OriginRefused> {
        match (self, origin) {
            (Self::Live, Origin::Simulated) => Err(OriginRefused),
            (Self::Simulation, Origin::Simulated | Origin::Live) | (Self::Live, Origin::Live) => {
                Ok(())
            }
        }
    }
}

/// A source of random octets for keys, challenges and transaction identifiers.
pub enum Randomness {
    /// A seeded stream: what it gives repeats, and is good for simulation only.
    Simulated(Stream),
    /// A live source, such as that of the operating system. It must fill the whole slice.
    Live(LiveSource),
}

/// What fills octets from a live source.
pub type LiveSource = Box<dyn FnMut(&mut [u8]) + Send>;

impl Randomness {
    /// Returns what keys from here are.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        match self {
            Self::Simulated(_) => Origin::Simulated,
            Self::Live(_) => Origin::Live,
        }
    }

    /// Fills `out`.
    pub fn fill(&mut self, out: &mut [u8]) {
        match self {
            Self::Simulated(stream) => stream.fill(out),
            Self::Live(source) => source(out),
        }
    }

    /// Draws an array.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

impl fmt::Debug for Randomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Randomness({:?})", self.origin())
    }
}
