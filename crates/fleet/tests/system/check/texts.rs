//! F12 and F18: each text is told to each entitled terminal once, each is sent once, and a modem
//! lets go of a text only when the server has it.

use super::uses::Wished;
use super::{Check, Violation};
use crate::modem::Modem;
use crate::names::{Size, iccid, imsi, user_of};
use crate::operator::Operator;
use crate::world::World;
use polysim_base::{Iccid, Instant};
use polysim_fleet::terminal::{TerminalEvent, TerminalRecord};
use polysim_fleet::wire::{Change, Kept, Mail, MessageId, Record, TextState};
use polysim_fleet::{MailId, Permissions};
use polysim_modem::ModemInput;
use std::collections::{BTreeMap, BTreeSet};

/// What is true of texts.
#[derive(Debug)]
pub(crate) struct Texts {
    size: Size,
    /// Texts to send by what they say.
    pub(crate) wished: BTreeMap<String, (u64, Wished)>,
    accepted: BTreeMap<u64, MessageId>,
    pub(crate) states: BTreeMap<MessageId, TextState>,
    /// To which SIM octets were sent.
    pub(crate) owners: BTreeMap<Vec<u8>, u32>,
    kept: BTreeSet<(Iccid, Vec<u8>)>,
    told: BTreeSet<(u32, MailId)>,
    told_bodies: BTreeMap<(u32, String), MailId>,
}

impl Texts {
    pub(super) const fn new(size: Size) -> Self {
        Self {
            size,
            wished: BTreeMap::new(),
            accepted: BTreeMap::new(),
            states: BTreeMap::new(),
            owners: BTreeMap::new(),
            kept: BTreeSet::new(),
            told: BTreeSet::new(),
            told_bodies: BTreeMap::new(),
        }
    }
}

/// Final, or reported unknown.
const fn is_settled(state: TextState) -> bool {
    match state {
        TextState::Submitting => false,
        TextState::Unknown | TextState::Sent | TextState::Delivered | TextState::Failed => true,
    }
}

impl Check {
    pub(super) fn text_recorded(&mut self, record: &Record) {
        let Change::Kept(kept) = &record.change else { return };
        let (claim, pdu) = match &**kept {
            Kept::Text(text) => (text.claim, &text.pdu),
            Kept::Report(report) => (report.claim, &report.pdu),
            Kept::Outcome(_) | Kept::Call(_) => return,
        };
        self.texts.kept.insert((claim.iccid, pdu.clone()));
        if let Some(owner) = self.texts.owners.get(pdu).copied()
            && iccid(owner) != claim.iccid
        {
            self.fail("texts-exactly-once", || {
                format!("a text for SIM {owner} is kept for {}", claim.iccid)
            });
        }
    }

    /// A modem may forget a text.
    pub(super) fn text_released(&mut self, modem: &Modem, input: &ModemInput) {
        let ModemInput::Recorded(id) = input else { return };
        let Some(stored) = modem.memory.iter().find(|stored| stored.told == Some(*id)) else {
            return;
        };
        let owner = (0..self.texts.size.sims).find(|sim| imsi(*sim) == stored.imsi);
        let kept =
            owner.is_some_and(|sim| self.texts.kept.contains(&(iccid(sim), stored.pdu.clone())));
        if !kept {
            let id = modem.id;
            self.fail("acknowledgements-by-number", || {
                format!("modem {id} forgets a text of SIM {owner:?} that no server has")
            });
        }
    }

    /// A part goes out on the air.
    pub(crate) fn submitted(&mut self, now: Instant, body: &str, part: u8, operator: &Operator) {
        let Some((_, Wished { terminal, sim })) = self.texts.wished.get(body).copied() else {
            return self.fail("texts-exactly-once", || format!("nobody wanted to send {body}"));
        };
        let times = operator.sent.get(body).and_then(|text| text.parts.get(&part)).copied();
        if times != Some(1) {
            self.fail("texts-exactly-once", || format!("part {part} of {body}: {times:?} times"));
        }
        self.entitled(now, terminal, sim, Permissions::TEXT_SEND);
    }

    pub(super) fn text_told(&mut self, terminal: u32, event: &TerminalEvent) {
        match event {
            TerminalEvent::Mail(item) => {
                if !self.texts.told.insert((terminal, item.id)) {
                    self.fail("texts-exactly-once", || {
                        format!("terminal {terminal} is told {:?} twice", item.id)
                    });
                }
                match &item.mail {
                    Mail::Text { body, .. } => self.body_told(terminal, item.id, body),
                    Mail::TextState { message, state, .. } => {
                        self.state_told(*message, *state);
                    }
                    Mail::Incomplete { .. } | Mail::MissedCall { .. } => {}
                }
            }
            TerminalEvent::Accepted(wish, message) => {
                let before = self.texts.accepted.insert(*wish, *message);
                if before.is_some_and(|before| before != *message) {
                    self.fail("texts-exactly-once", || format!("wish {wish} has two names"));
                }
            }
            TerminalEvent::Text(message, state) => self.state_told(*message, *state),
            TerminalEvent::Answered(..)
            | TerminalEvent::Done(_)
            | TerminalEvent::Apdu(..)
            | TerminalEvent::Failed(..)
            | TerminalEvent::Rings { .. }
            | TerminalEvent::RingOver(..)
            | TerminalEvent::Call { .. }
            | TerminalEvent::Speech { .. }
            | TerminalEvent::Ussd { .. } => {}
        }
    }

    fn body_told(&mut self, terminal: u32, id: MailId, body: &str) {
        if let Some(other) = self.texts.told_bodies.insert((terminal, body.to_string()), id) {
            self.fail("texts-exactly-once", || {
                format!("terminal {terminal} is told {body} as {other:?} and as {id:?}")
            });
        }
    }

    fn state_told(&mut self, message: MessageId, state: TextState) {
        let known = self.texts.states.entry(message).or_insert(state);
        if is_settled(state) || !is_settled(*known) {
            *known = state;
        }
    }
}

impl World {
    /// When all is quiet: every text is where it belongs, once.
    pub(crate) fn texts_at_rest(&self) -> Option<Violation> {
        self.texts_in().or_else(|| self.texts_out()).map(|found| ("texts-exactly-once", found))
    }

    fn inbox(&self, terminal: u32) -> Vec<String> {
        let disk = &self.terminals[usize::try_from(terminal).unwrap()].disk;
        let body = |record: &TerminalRecord| match record {
            TerminalRecord::Mail(item) => match &item.mail {
                Mail::Text { body, .. } => Some(body.clone()),
                Mail::Incomplete { .. } | Mail::MissedCall { .. } | Mail::TextState { .. } => None,
            },
            TerminalRecord::Requests(_)
            | TerminalRecord::Text(_)
            | TerminalRecord::Aimed { .. }
            | TerminalRecord::Over { .. } => None,
        };
        disk.iter().filter_map(body).collect()
    }

    fn texts_in(&self) -> Option<String> {
        for terminal in 0..self.size.terminals {
            let inbox = self.inbox(terminal);
            for text in &self.operator.texts {
                let (user, iccid) = (user_of(terminal), iccid(text.sim));
                let read = Permissions::TEXT_READ;
                let must = self.check.uses.always_since(text.at, user, iccid, read);
                let times = inbox.iter().filter(|body| **body == text.body).count();
                if times > 1 || must && times == 0 {
                    let body = text.body.get(..12).unwrap_or(&text.body);
                    return Some(format!("terminal {terminal} has {body:?} {times} times"));
                }
            }
        }
        None
    }

    fn texts_out(&self) -> Option<String> {
        let texts = &self.check.texts;
        let mut states = texts.states.clone();
        for record in self.terminals.iter().flat_map(|host| &host.disk) {
            if let TerminalRecord::Mail(item) = record
                && let Mail::TextState { message, state, .. } = item.mail
            {
                states.insert(message, state);
            }
        }
        for (body, (wish, Wished { terminal, .. })) in &texts.wished {
            let Some(message) = texts.accepted.get(wish) else { continue };
            let sent = self.operator.sent.get(body);
            let whole = sent.is_some_and(|text| text.parts.len() == usize::from(text.of));
            let name = body.get(..12).unwrap_or(body);
            match states.get(message) {
                Some(TextState::Sent | TextState::Delivered) if !whole => {
                    return Some(format!("{name} counts as sent, and was not"));
                }
                Some(state) if is_settled(*state) => {}
                state => return Some(format!("{name} of terminal {terminal} stays {state:?}")),
            }
        }
        None
    }
}
