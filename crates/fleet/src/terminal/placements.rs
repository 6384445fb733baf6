use super::job::At;
use alloc::collections::VecDeque;
use polysim_base::Iccid;

/// How many SIMs it is kept of where they are.
const PLACEMENTS_MAX: usize = 256;

/// Where SIMs were when that was last heard; the newest at the end.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Placements(VecDeque<Heard>);

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Heard {
    at: At,
    /// The site of the modem is known to know of it.
    known_there: bool,
}

impl Placements {
    pub(super) const fn new() -> Self {
        Self(VecDeque::new())
    }

    pub(super) fn get(&self, iccid: Iccid) -> Option<At> {
        self.entry(iccid).map(|heard| heard.at)
    }

    /// Returns where a SIM is, if its site knows that, too, and so will tell when it ends.
    pub(super) fn known_there(&self, iccid: Iccid) -> Option<At> {
        self.entry(iccid).filter(|heard| heard.known_there).map(|heard| heard.at)
    }

    fn entry(&self, iccid: Iccid) -> Option<&Heard> {
        self.0.iter().find(|heard| heard.at.iccid == iccid)
    }

    /// Keeps the newest of what is heard: epochs of a SIM only grow.
    pub(super) fn heard(&mut self, at: At, known_there: bool) {
        let known = self.entry(at.iccid).copied();
        if known.is_some_and(|known| known.at.epoch > at.epoch) {
            return;
        }
        let before = known.is_some_and(|known| known.at == at && known.known_there);
        self.forget(at.iccid);
        if self.0.len() == PLACEMENTS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Heard { at, known_there: known_there || before });
    }

    pub(super) fn forget(&mut self, iccid: Iccid) {
        self.0.retain(|heard| heard.at.iccid != iccid);
    }
}
