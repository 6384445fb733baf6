//! F11: nobody sees, dials or texts with a SIM that is not theirs to use; and no wish is done
//! twice.

use super::Check;
use crate::names::{iccid, imsi, user_of};
use polysim_base::{Duration, Iccid, Imsi, Instant};
use polysim_fleet::terminal::TerminalEvent;
use polysim_fleet::wire::{Answer, Change, ConfigureChange, Mail, Output, Record, SimView};
use polysim_fleet::{Permissions, UserId};
use std::collections::BTreeMap;

/// A site that is cut off goes on with what it was told last, until its leases run out; what it
/// has said may be late by as much as the weather delays it.
const LAG: Duration = Duration::from_secs(30);

/// Something that a user wished for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wished {
    pub(crate) terminal: u32,
    pub(crate) sim: u32,
}

/// What is true of uses.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    permits: BTreeMap<(UserId, Iccid), Vec<(Instant, Permissions)>>,
    /// Calls by the number that was wished for.
    pub(crate) dials: BTreeMap<String, Wished>,
    dialled: BTreeMap<String, u32>,
    /// Wishes of which nothing was told yet.
    pub(crate) open: BTreeMap<u64, u32>,
    pub(crate) answered: u64,
    /// The lists that terminals were given.
    pub(crate) lists: BTreeMap<u64, Vec<SimView>>,
}

impl Uses {
    /// Returns what a user may do with a SIM, by the log.
    pub(crate) fn may(&self, user: UserId, iccid: Iccid) -> Permissions {
        let sets = self.permits.get(&(user, iccid));
        sets.and_then(|sets| sets.last()).map(|(_, set)| *set).unwrap_or_default()
    }

    /// Returns whether it was permitted at some moment that may still have its effects.
    fn was_lately(&self, now: Instant, user: UserId, iccid: Iccid, wanted: Permissions) -> bool {
        let Some(sets) = self.permits.get(&(user, iccid)) else { return false };
        let ends = sets.iter().skip(1).map(|(at, _)| *at).chain([Instant::MAX]);
        sets.iter().zip(ends).any(|((_, set), end)| end.plus(LAG) >= now && set.allow(wanted))
    }

    /// Returns whether it was permitted at every moment since then.
    pub(crate) fn always_since(
        &self,
        since: Instant,
        user: UserId,
        iccid: Iccid,
        wanted: Permissions,
    ) -> bool {
        let Some(sets) = self.permits.get(&(user, iccid)) else { return false };
        let ends = sets.iter().skip(1).map(|(at, _)| *at).chain([Instant::MAX]);
        let began = sets.first().is_some_and(|(at, _)| *at <= since);
        began && sets.iter().zip(ends).all(|((_, set), end)| end < since || set.allow(wanted))
    }

    pub(super) fn terminal_crashed(&mut self, terminal: u32) {
        self.open.retain(|_, whose| *whose != terminal);
    }
}

impl Check {
    pub(super) fn use_recorded(&mut self, now: Instant, record: &Record) {
        if let Change::Configure(ConfigureChange::Permitted(iccid, user, set)) = record.change {
            self.uses.permits.entry((user, iccid)).or_default().push((now, set));
            self.calls.excuse(now);
        }
    }

    pub(super) fn said_to_user(&mut self, output: &Output) {
        let Output::ToUser { user, answer, .. } = output else { return };
        let mut wrong = None;
        let mut needs = |iccid: Iccid, wanted: Option<Permissions>| {
            let set = self.uses.may(*user, iccid);
            if wanted.map_or(set.is_empty(), |wanted| !set.allow(wanted)) {
                wrong = Some(iccid);
            }
        };
        match answer {
            Answer::At(place, _) | Answer::Moved(place) => needs(place.iccid, None),
            Answer::Sims(views) => views.iter().for_each(|view| needs(view.iccid, None)),
            Answer::Mail(page) => {
                for item in &page.items {
                    match &item.mail {
                        Mail::Text { .. } | Mail::Incomplete { .. } => {
                            needs(item.iccid, Some(Permissions::TEXT_READ));
                        }
                        Mail::MissedCall { .. } => needs(item.iccid, Some(Permissions::CALL)),
                        Mail::TextState { message, .. } if message.user != *user => {
                            needs(item.iccid, Some(Permissions::NONE));
                        }
                        Mail::TextState { .. } => {}
                    }
                }
            }
            Answer::Assigned(..)
            | Answer::Unchanged(_)
            | Answer::Waiting(_)
            | Answer::Refused(_)
            | Answer::Dropped(_)
            | Answer::Ended(_)
            | Answer::Explained(..) => {}
        }
        if let Some(iccid) = wrong {
            self.fail("only-entitled-use", || format!("user {} is told of {iccid}", user.0));
        }
    }

    /// A call goes out on the air.
    pub(crate) fn dialled(&mut self, now: Instant, with: Imsi, number: &str) {
        let Some(Wished { terminal, sim }) = self.uses.dials.get(number).copied() else {
            return self.fail("only-entitled-use", || format!("nobody wanted to call {number}"));
        };
        let times = self.uses.dialled.entry(number.to_string()).or_default();
        *times += 1;
        if *times > 1 {
            self.fail("acknowledgements-by-number", || format!("{number} is dialled twice"));
        }
        if with != imsi(sim) {
            self.fail("only-entitled-use", || format!("{number} is dialled with another SIM"));
        }
        self.entitled(now, terminal, sim, Permissions::CALL);
    }

    pub(super) fn entitled(&mut self, now: Instant, terminal: u32, sim: u32, wanted: Permissions) {
        if !self.uses.was_lately(now, user_of(terminal), iccid(sim), wanted) {
            self.fail("only-entitled-use", || {
                format!("terminal {terminal} may not do {wanted:?} with SIM {sim}")
            });
        }
    }

    pub(super) fn use_told(&mut self, now: Instant, terminal: u32, event: &TerminalEvent) {
        if let TerminalEvent::Answered(wish, Answer::Sims(views)) = event {
            self.uses.lists.insert(*wish, views.clone());
        }
        match event {
            TerminalEvent::Answered(wish, _)
            | TerminalEvent::Done(wish)
            | TerminalEvent::Apdu(wish, _)
            | TerminalEvent::Accepted(wish, _)
            | TerminalEvent::Failed(wish, _) => {
                self.uses.answered += u64::from(self.uses.open.remove(wish).is_some());
            }
            TerminalEvent::Rings { iccid, .. } => {
                let may = self.uses.was_lately(now, user_of(terminal), *iccid, Permissions::CALL);
                if !may {
                    self.fail("only-entitled-use", || format!("{iccid} rings at {terminal}"));
                }
            }
            TerminalEvent::RingOver(..)
            | TerminalEvent::Call { .. }
            | TerminalEvent::Speech { .. }
            | TerminalEvent::Ussd { .. }
            | TerminalEvent::Text(..)
            | TerminalEvent::Mail(_) => {}
        }
    }
}
