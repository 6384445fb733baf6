//! What must have come of texts, in random histories.

use super::*;
use crate::state::State;
use std::collections::BTreeSet;
use std::string::String;

/// The reference model of mail.
#[derive(Debug, Default)]
pub(super) struct Post {
    tokens: u32,
    pub(super) sent: u64,
    texts: BTreeSet<Vec<u8>>,
    outcomes: BTreeSet<(Iccid, MessageId)>,
    /// Parts that were sent with each SIM.
    pub(super) used: BTreeMap<Iccid, u64>,
    shown: String,
    states: BTreeMap<(Iccid, MessageId), TextState>,
    last: MailId,
}

impl Post {
    /// Returns a body that no other text has.
    pub(super) fn next_token(&mut self) -> String {
        self.tokens += 1;
        format!("<{}>", self.tokens)
    }

    /// Returns whether something is recorded.
    pub(super) fn has(&self, kept: &Kept) -> bool {
        match kept {
            Kept::Text(text) => self.texts.contains(&text.pdu),
            Kept::Outcome(it) => self.outcomes.contains(&(it.claim.iccid, it.message)),
            Kept::Report(_) | Kept::Call(_) => true,
        }
    }

    pub(super) fn recorded(&mut self, record: &Record) {
        let Change::Kept(kept) = &record.change else { return };
        match &**kept {
            Kept::Text(text) => {
                assert!(self.texts.insert(text.pdu.clone()), "F12: a text is recorded once");
            }
            Kept::Outcome(it) => {
                if self.outcomes.insert((it.claim.iccid, it.message)) {
                    *self.used.entry(it.claim.iccid).or_default() += 1;
                }
            }
            Kept::Report(_) | Kept::Call(_) => {}
        }
    }

    /// Looks at the mail that is new.
    pub(super) fn look(&mut self, state: &State) {
        if state.last_mail == self.last {
            return;
        }
        let shelves = state.boxes.values().flat_map(|it| [&it.texts, &it.missed]);
        let shelves = shelves.chain(state.users.values().map(|it| &it.states));
        for shelf in shelves {
            let mut last = self.last;
            while let Some(item) = shelf.after(last) {
                last = item.id;
                match &item.mail {
                    Mail::Text { body, .. } | Mail::Incomplete { body, .. } => {
                        self.shown.push_str(body);
                    }
                    Mail::TextState { message, state, .. } => {
                        let old = self.states.insert((item.iccid, *message), *state);
                        assert!(old.is_none_or(|old| old.may_become(*state)), "a way back");
                    }
                    Mail::MissedCall { .. } => {}
                }
            }
        }
        self.last = state.last_mail;
    }

    /// F12: what was recorded has been shown, once.
    pub(super) fn all_shown(&self) {
        let shown = self.shown.replace('…', "");
        let tokens: Vec<&str> = shown.split_inclusive('>').collect();
        let once: BTreeSet<&str> = tokens.iter().copied().collect();
        assert_eq!((tokens.len(), once.len()), (self.texts.len(), self.texts.len()), "F12");
    }
}
