//! F13 and F16: what rings ends once, and what is taken back gracefully spares its call.

use super::Check;
use crate::modem::Modem;
use crate::names::GRACE;
use polysim_at::CallState;
use polysim_base::{Duration, Iccid, Instant};
use polysim_fleet::Revoke;
use polysim_fleet::terminal::TerminalEvent;
use polysim_fleet::wire::{CallPhase, CallRef, CardReply, Change, Kept, Record};
use polysim_modem::{ModemCommand, ModemInput};
use std::collections::{BTreeMap, BTreeSet};

/// What is wished for and permitted has its effects within this time.
const EFFECT: Duration = Duration::from_secs(15);
/// A call that lasts so long may be ended for that.
const LONG: Duration = Duration::from_secs(50);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ring {
    Rings,
    Answered,
    Over,
}

/// What is true of calls.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    rings: BTreeMap<(u32, CallRef), Ring>,
    answered: BTreeMap<CallRef, u32>,
    recorded: BTreeSet<CallRef>,
    excused: Instant,
    revoked: BTreeMap<(u16, Iccid), (Instant, bool)>,
    pub(crate) rung: u64,
    pub(crate) talks_seen: u64,
}

impl Calls {
    /// Somebody did something that may end calls.
    pub(crate) fn excuse(&mut self, now: Instant) {
        self.excused = now;
    }

    pub(super) fn revoked(&mut self, now: Instant, site: u16, iccid: Iccid, how: Revoke) {
        let graceful = matches!(how, Revoke::Graceful { .. });
        let known = self.revoked.entry((site, iccid)).or_insert((now, graceful));
        if !graceful || now.since(known.0) > GRACE.times(2) {
            *known = (now, graceful);
        }
    }

    pub(super) fn terminal_crashed(&mut self, terminal: u32) {
        self.rings.retain(|(whose, _), _| *whose != terminal);
    }

    /// Returns what rings without an end.
    pub(crate) fn ringing(&self) -> impl Iterator<Item = (u32, CallRef)> {
        let still = self.rings.iter().filter(|(_, ring)| **ring == Ring::Rings);
        still.map(|(which, _)| *which)
    }
}

impl Check {
    pub(super) fn call_recorded(&mut self, record: &Record) {
        let Change::Kept(kept) = &record.change else { return };
        let Kept::Call(call) = &**kept else { return };
        if !self.calls.recorded.insert(call.call) {
            self.fail("ring-ends-once", || format!("{:?} is recorded twice", call.call));
        }
    }

    pub(super) fn call_told(&mut self, terminal: u32, event: &TerminalEvent) {
        match event {
            TerminalEvent::Rings { call, .. } => {
                self.calls.rung += 1;
                if let Some(ring) = self.calls.rings.insert((terminal, *call), Ring::Rings) {
                    self.fail("ring-ends-once", || {
                        format!("{call:?} rings again at terminal {terminal}: it is {ring:?}")
                    });
                }
            }
            TerminalEvent::RingOver(call, ..) => self.ring_turns(terminal, *call, Ring::Over),
            TerminalEvent::Call { call, phase: CallPhase::Active, .. } => {
                let known = self.calls.rings.get(&(terminal, *call)).copied();
                if known == Some(Ring::Rings) {
                    self.ring_turns(terminal, *call, Ring::Answered);
                }
                if known.is_some() {
                    let other = self.calls.answered.insert(*call, terminal);
                    if let Some(other) = other.filter(|other| *other != terminal) {
                        self.fail("ring-ends-once", || {
                            format!("{call:?} is answered by terminals {other} and {terminal}")
                        });
                    }
                }
            }
            TerminalEvent::Call { call, phase: CallPhase::Ended(_), .. } => {
                if self.calls.rings.contains_key(&(terminal, *call)) {
                    self.calls.rings.insert((terminal, *call), Ring::Over);
                }
            }
            TerminalEvent::Answered(..)
            | TerminalEvent::Done(_)
            | TerminalEvent::Apdu(..)
            | TerminalEvent::Accepted(..)
            | TerminalEvent::Failed(..)
            | TerminalEvent::Call { .. }
            | TerminalEvent::Speech { .. }
            | TerminalEvent::Ussd { .. }
            | TerminalEvent::Text(..)
            | TerminalEvent::Mail(_) => {}
        }
    }

    fn ring_turns(&mut self, terminal: u32, call: CallRef, to: Ring) {
        let from = self.calls.rings.insert((terminal, call), to);
        if from != Some(Ring::Rings) {
            self.fail("ring-ends-once", || {
                format!("{call:?} at terminal {terminal} is {to:?}, and was {from:?}")
            });
        }
    }

    /// A modem is told something.
    pub(crate) fn commanded(&mut self, now: Instant, modem: &Modem, input: &ModemInput) {
        self.text_released(modem, input);
        if let ModemInput::Command { command, .. } = input
            && matches!(
                command,
                ModemCommand::HangUp(_) | ModemCommand::PowerOff(_) | ModemCommand::Restart
            )
        {
            self.may_cut(now, modem);
        }
    }

    /// The contacts of a modem change.
    pub(crate) fn contacts(&mut self, now: Instant, modem: &Modem, reply: &CardReply) {
        if *reply == CardReply::Removed {
            self.may_cut(now, modem);
        }
    }

    fn may_cut(&mut self, now: Instant, modem: &Modem) {
        let Some(call) = modem.call.as_ref().filter(|call| call.state == CallState::Active) else {
            return;
        };
        self.calls.talks_seen += 1;
        let Some(iccid) = modem.iccid() else { return };
        let excused = now.since(self.calls.excused) <= EFFECT
            || now.since(call.since) >= LONG
            || !self.calm(now);
        let revoked = self.calls.revoked.get(&(modem.id.site.0, iccid));
        let due = revoked.is_some_and(|(at, graceful)| {
            let age = now.since(*at);
            if *graceful { age.plus(Duration::from_secs(2)) >= GRACE } else { age <= GRACE }
        });
        if !excused && !due {
            let (id, revoked) = (modem.id, revoked.copied());
            self.fail("graceful-spares-calls", || {
                format!("the call on modem {id} is cut; revoked: {revoked:?}")
            });
        }
    }
}
