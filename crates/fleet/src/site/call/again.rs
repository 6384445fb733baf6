//! That something is over is said more than once: a link may lose it, and nobody asks for it.

use super::AGAIN;
use crate::site::{Site, SiteOutput};
use crate::wire::FromModem;
use crate::{TerminalId, UserId};
use alloc::vec::Vec;
use polysim_base::Instant;

/// How often it is said again.
const TIMES: u8 = 3;
/// How much is said again at most; the oldest gives way.
const REPEATS_MAX: usize = 256;

/// What is said again.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(in crate::site) struct Repeat {
    user: UserId,
    /// To one terminal, or to all of the user.
    terminal: Option<TerminalId>,
    said: FromModem,
    /// When: those that come later are behind.
    at: Instant,
    left: u8,
}

impl Site {
    /// Says something now, and a few times again.
    pub(in crate::site) fn insist(
        &mut self,
        user: UserId,
        terminal: Option<TerminalId>,
        said: FromModem,
    ) {
        let at = self.now.plus(AGAIN);
        self.say_repeat(Repeat { user, terminal, said, at, left: TIMES });
    }

    fn say_repeat(&mut self, repeat: Repeat) {
        let said = repeat.said.clone();
        self.emit(match repeat.terminal {
            Some(terminal) => SiteOutput::Terminal(repeat.user, terminal, said),
            None => SiteOutput::User(repeat.user, said),
        });
        if repeat.left > 0 {
            if self.repeats.len() == REPEATS_MAX {
                self.repeats.pop_front();
            }
            self.repeats.push_back(repeat);
        }
    }

    pub(super) fn repeats_due(&self) -> Option<Instant> {
        self.repeats.front().map(|repeat| repeat.at)
    }

    pub(super) fn repeats_expire(&mut self) {
        let (now, at) = (self.now, self.now.plus(AGAIN));
        let due = self.repeats.iter().take_while(|repeat| repeat.at <= now).count();
        for repeat in self.repeats.drain(..due).collect::<Vec<_>>() {
            self.say_repeat(Repeat { at, left: repeat.left.saturating_sub(1), ..repeat });
        }
    }
}
