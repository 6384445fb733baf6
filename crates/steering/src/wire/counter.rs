//! Counters of frames: each is used once, and taken once.

use serde::{Deserialize, Serialize};

/// How many counters below the highest one are still taken if they come late.
const WIDTH: u32 = 64;

/// The counters that one end has and knows. The first that is used is 1.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    sent: u32,
    highest: u32,
    /// Bit `n`: the counter that is `n` below the highest was taken.
    taken: u64,
}

impl Counters {
    /// Returns the next counter for a frame; none when all are used up. It is to be noted by
    /// [`used`](Self::used), durably, before the frame leaves.
    #[must_use]
    pub const fn next(&self) -> Option<u32> {
        self.sent.checked_add(1)
    }

    /// Notes that a counter is used.
    pub const fn used(&mut self, counter: u32) {
        if counter > self.sent {
            self.sent = counter;
        }
    }

    /// Tells whether a frame with this counter was not taken before, as far as is known: what is far
    /// behind the highest one counts as taken.
    #[must_use]
    pub const fn is_fresh(&self, counter: u32) -> bool {
        match self.highest.checked_sub(counter) {
            None => true,
            Some(behind) if behind < WIDTH && counter > 0 => self.taken >> behind & 1 == 0,
            Some(_) => false,
        }
    }

    /// Notes that a frame with this counter is taken.
    pub const fn take(&mut self, counter: u32) {
        match counter.checked_sub(self.highest) {
            Some(ahead) if ahead > 0 => {
                self.taken = if ahead < WIDTH { self.taken << ahead | 1 } else { 1 };
                self.highest = counter;
            }
            Some(_) => self.taken |= 1,
            None => {
                let behind = self.highest.saturating_sub(counter);
                if behind < WIDTH {
                    self.taken |= 1 << behind;
                }
            }
        }
    }
}
