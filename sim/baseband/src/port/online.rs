//! Data mode and the way out of it (V.250, 6.3: `+++` between two silences).

use polysim_base::{Duration, Instant};

/// Silence before and after the escape sequence (S12, one second).
const GUARD: Duration = Duration::from_secs(1);

/// A port in data mode. What the host sends is thrown away: no protocol runs over it here.
#[derive(Debug)]
pub(crate) struct Online {
    last: Instant,
    pluses: u8,
}

/// What bytes did to a port in data mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Escape {
    No,
    /// The sequence is complete; silence must follow.
    Begun,
}

impl Online {
    pub(crate) const fn new(now: Instant) -> Self {
        Self { last: now, pluses: 0 }
    }

    pub(crate) fn take(&mut self, now: Instant, bytes: &[u8]) -> Escape {
        for &byte in bytes {
            let quiet = now.since(self.last) >= GUARD;
            self.pluses = match (byte, self.pluses) {
                (b'+', 0) if quiet => 1,
                (b'+', count @ 1..=2) => count + 1,
                _ => 0,
            };
            self.last = now;
        }
        if self.pluses == 3 { Escape::Begun } else { Escape::No }
    }

    /// When data mode ends, if nothing more comes.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        (self.pluses == 3).then(|| self.last.plus(GUARD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_pluses_between_silences_escape() {
        let at = |ms| Instant::ZERO.plus(Duration::from_millis(ms));
        let mut online = Online::new(at(0));
        assert_eq!(online.take(at(500), b"+++"), Escape::No);
        assert_eq!(online.take(at(2_000), b"+"), Escape::No);
        assert_eq!(online.take(at(2_100), b"++"), Escape::Begun);
        assert_eq!(online.deadline(), Some(at(3_100)));
        assert_eq!(online.take(at(2_200), b"+"), Escape::No);
        assert_eq!(online.deadline(), None);
    }
}
