//! Middleware that makes trouble, by a plan that is data.

mod card;
mod port;
#[cfg(test)]
mod tests;

pub use card::{CardFault, CardFaults, PlannedCardFault};
pub use port::{FAULT_LEN_MAX, PlannedPortFault, PortFault, PortFaults};

/// A port, link or reader with faults: `Faulty<P, PortFaults>` is a port,
/// `Faulty<L, CardFaults>` a link or a reader. Without faults in the plan it is as what it wraps.
#[derive(Debug)]
pub struct Faulty<T, F> {
    inner: T,
    faults: F,
}

impl<T, F> Faulty<T, F> {
    /// Wraps `inner` with faults.
    pub const fn new(inner: T, faults: F) -> Self {
        Self { inner, faults }
    }

    /// Returns what was wrapped.
    pub fn into_inner(self) -> T {
        self.inner
    }
}
