use super::job::At;
use crate::ModemId;
use alloc::collections::VecDeque;
use polysim_base::Iccid;

/// How many SIMs it is kept of where they are.
const PLACEMENTS_MAX: usize = 256;

/// Where SIMs were when that was last heard; the newest at the end.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Placements(VecDeque<At>);

impl Placements {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn get(&self, iccid: Iccid) -> Option<At> {
        self.0.iter().find(|at| at.iccid == iccid).copied()
    }

    /// Returns the SIM that was last heard of on a modem.
    pub(super) fn on(&self, modem: ModemId) -> Option<At> {
        self.0.iter().filter(|at| at.modem == modem).max_by_key(|at| at.epoch).copied()
    }

    /// Keeps the newest of what is heard: epochs of a SIM only grow.
    pub(super) fn heard(&mut self, at: At) {
        if self.get(at.iccid).is_some_and(|known| known.epoch > at.epoch) {
            return;
        }
        self.forget(at.iccid);
        if self.0.len() == PLACEMENTS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(at);
    }

    pub(super) fn forget(&mut self, iccid: Iccid) {
        self.0.retain(|at| at.iccid != iccid);
    }
}
