//! What terminals tell their users, in the words of the catalogue.

use super::names::FleetNames;
use super::words;
use crate::event::Value;
use crate::observer::Observer;
use polysim_base::{Duration, Hex, Iccid, Instant};
use polysim_fleet::SimState;
use polysim_fleet::terminal::{TerminalEvent, TerminalWish};
use polysim_fleet::wire::{
    Answer, CallPhase, CallRef, Mail, MailItem, MessageId, SimView, SpeechReport, Target, Why,
};
use std::collections::{BTreeMap, BTreeSet};

/// What was wished, as far as events speak of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wished {
    what: String,
    sim: String,
    to: String,
}

/// What a user has seen on a terminal.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    wishes: BTreeMap<u64, Wished>,
    /// Those of which nothing was told yet.
    pub(crate) open: BTreeSet<u64>,
    pub(crate) texts: u32,
    pub(crate) missed: u32,
    pub(crate) ringing: BTreeSet<CallRef>,
    pub(crate) calls: BTreeSet<CallRef>,
}

type Fields = Vec<(&'static str, Value)>;

impl Wished {
    pub(crate) fn new(wish: &TerminalWish, names: &FleetNames) -> Self {
        let mut wished = Self { what: words::wish(wish), ..Self::default() };
        let target = |target: &Target| match target {
            Target::Sim(iccid) => names.sim(*iccid),
            Target::Best { .. } => String::new(),
        };
        match wish {
            TerminalWish::Assign(iccid, _)
            | TerminalWish::Release(iccid, _)
            | TerminalWish::Why(iccid)
            | TerminalWish::UssdCancel { sim: iccid }
            | TerminalWish::Apdu { sim: iccid, .. } => wished.sim = names.sim(*iccid),
            TerminalWish::Dial { sim, to } | TerminalWish::Text { sim, to, .. } => {
                (wished.sim, wished.to) = (target(sim), to.to_string());
            }
            TerminalWish::Ussd { sim, .. } => wished.sim = target(sim),
            TerminalWish::List
            | TerminalWish::Answer
            | TerminalWish::Reject
            | TerminalWish::HangUp
            | TerminalWish::Hold
            | TerminalWish::Dtmf(_) => {}
        }
        wished
    }
}

/// The user of a terminal, who is told something now.
pub(crate) struct Ear<'a> {
    pub(crate) at: Instant,
    pub(crate) terminal: usize,
    pub(crate) names: &'a FleetNames,
    pub(crate) seen: &'a mut Seen,
    /// What texts were called when they were accepted, for all terminals.
    pub(crate) texts: &'a mut BTreeMap<MessageId, String>,
    pub(crate) observer: &'a mut Observer,
}

impl Seen {
    pub(crate) fn wished(&mut self, id: u64, wished: Wished) {
        self.wishes.insert(id, wished);
        self.open.insert(id);
    }

    /// The terminal has lost its power: what it knew of calls is gone, and what it was asked and
    /// had not written down.
    pub(crate) fn crashed(&mut self) {
        self.open.clear();
        self.ringing.clear();
        self.calls.clear();
    }

    /// What was wished, of which something is told now.
    fn wish(&mut self, id: u64) -> Wished {
        self.open.remove(&id);
        self.wishes.get(&id).cloned().unwrap_or_default()
    }
}

impl Ear<'_> {
    /// Takes what the terminal tells.
    pub(crate) fn hear(&mut self, event: TerminalEvent) {
        match event {
            TerminalEvent::Answered(wish, answer) => self.answered(wish, &answer),
            TerminalEvent::Done(wish) => {
                let wished = self.seen.wish(wish);
                self.tell(
                    "terminal.done",
                    vec![("wish", wished.what.into()), ("sim", wished.sim.into())],
                );
            }
            TerminalEvent::Apdu(wish, response) => {
                let sim = self.seen.wish(wish).sim;
                let response = Hex(&response).to_string();
                self.tell(
                    "terminal.apdu",
                    vec![("sim", sim.into()), ("response", response.into())],
                );
            }
            TerminalEvent::Accepted(wish, message) => {
                let Wished { sim, to, .. } = self.seen.wish(wish);
                let to = self.party(&to);
                self.texts.insert(message, to.clone());
                self.tell("terminal.text-accepted", vec![("sim", sim.into()), ("to", to.into())]);
            }
            TerminalEvent::Failed(wish, why) => self.refused(wish, words::wish_error(why)),
            TerminalEvent::Rings { call, iccid, from } => {
                self.seen.ringing.insert(call);
                let from = self.party(&from.unwrap_or_default());
                self.tell("terminal.rings", vec![self.sim(iccid), ("from", from.into())]);
            }
            TerminalEvent::RingOver(call, iccid, why) => {
                self.seen.ringing.remove(&call);
                let why = words::ring_over(why);
                self.tell("terminal.ring-over", vec![self.sim(iccid), ("why", why.into())]);
            }
            TerminalEvent::Call { call, iccid, peer, phase } => self.call(call, iccid, peer, phase),
            TerminalEvent::Speech { heard, said, .. } => {
                self.speech("terminal", heard);
                self.speech("modem", said);
            }
            TerminalEvent::Ussd { iccid, text, more } => {
                let fields = vec![
                    self.sim(iccid),
                    ("text", text.unwrap_or_default().into()),
                    ("more", more.into()),
                ];
                self.tell("terminal.ussd", fields);
            }
            TerminalEvent::Text(message, state) => {
                let to = self.texts.get(&message).cloned().unwrap_or_default();
                self.text_state(to, &state);
            }
            TerminalEvent::Mail(item) => self.mail(item),
        }
    }

    fn answered(&mut self, wish: u64, answer: &Answer) {
        if let Answer::Refused(refusal) = answer {
            return self.refused(wish, words::refusal(refusal));
        }
        if let Answer::Sims(sims) = answer {
            self.seen.open.remove(&wish);
            return self.sims(sims);
        }
        let Some((said, why)) = words::answer(answer) else { return };
        let modem = match answer {
            Answer::Assigned(placement, _) => self.names.modem(placement.modem),
            Answer::Unchanged(Why::Fixed(modem)) | Answer::Explained(_, Why::Fixed(modem)) => {
                self.names.modem(*modem)
            }
            Answer::Unchanged(_)
            | Answer::Waiting(_)
            | Answer::Refused(_)
            | Answer::Dropped(_)
            | Answer::Ended(_)
            | Answer::At(..)
            | Answer::Moved(_)
            | Answer::Explained(..)
            | Answer::Sims(_)
            | Answer::Mail(_) => String::new(),
        };
        let wished = self.seen.wish(wish);
        let fields = vec![
            ("wish", wished.what.into()),
            ("sim", wished.sim.into()),
            ("answer", said.into()),
            ("modem", modem.into()),
            ("why", why.into()),
        ];
        self.tell("terminal.answer", fields);
    }

    fn refused(&mut self, wish: u64, why: String) {
        let wished = self.seen.wish(wish);
        let fields =
            vec![("wish", wished.what.into()), ("sim", wished.sim.into()), ("why", why.into())];
        self.tell("terminal.refused", fields);
    }

    fn sims(&mut self, sims: &[SimView]) {
        let up = |sim: &&SimView| matches!(sim.state, SimState::Standby | SimState::InService);
        let list = sims
            .iter()
            .map(|sim| format!("{} {}", self.names.sim(sim.iccid), words::word(&sim.state)));
        let list = list.collect::<Vec<_>>().join(", ");
        let count = |count: usize| Value::Number(i64::try_from(count).unwrap_or(i64::MAX));
        let fields = vec![
            ("count", count(sims.len())),
            ("standby", count(sims.iter().filter(up).count())),
            ("list", list.into()),
        ];
        self.tell("terminal.sims", fields);
    }

    fn call(&mut self, call: CallRef, iccid: Iccid, peer: Option<String>, phase: CallPhase) {
        self.seen.ringing.remove(&call);
        let why = if let CallPhase::Ended(why) = phase {
            self.seen.calls.remove(&call);
            words::word(&why)
        } else {
            self.seen.calls.insert(call);
            String::new()
        };
        let peer = self.party(&peer.unwrap_or_default());
        let fields = vec![
            self.sim(iccid),
            ("phase", words::word(&phase).into()),
            ("peer", peer.into()),
            ("why", why.into()),
        ];
        self.tell("terminal.call", fields);
    }

    fn speech(&mut self, side: &'static str, report: SpeechReport) {
        let fields = vec![
            ("at", side.into()),
            ("played", report.played.into()),
            ("lost", report.lost.into()),
            ("late", report.late.into()),
            ("doubled", report.doubled.into()),
            ("concealed", report.concealed.into()),
        ];
        self.tell("terminal.speech", fields);
    }

    fn mail(&mut self, item: MailItem) {
        let sim = self.sim(item.iccid);
        match item.mail {
            Mail::Text { from, body, parts, .. } => {
                self.seen.texts += 1;
                let from = self.party(&from);
                let parts = Value::from(parts);
                let fields =
                    vec![sim, ("from", from.into()), ("text", body.into()), ("parts", parts)];
                self.tell("terminal.text", fields);
            }
            Mail::Incomplete { from, body } => {
                let from = self.party(&from);
                let fields = vec![sim, ("from", from.into()), ("text", body.into())];
                self.tell("terminal.incomplete-text", fields);
            }
            Mail::MissedCall { from, rang } => {
                self.seen.missed += 1;
                let from = self.party(&from.unwrap_or_default());
                let fields = vec![sim, ("from", from.into()), ("seconds", seconds(rang))];
                self.tell("terminal.missed-call", fields);
            }
            Mail::TextState { to, state, .. } => {
                let to = self.party(&to);
                self.text_state(to, &state);
            }
        }
    }

    fn text_state(&mut self, to: String, state: &polysim_fleet::wire::TextState) {
        let state = words::word(state);
        self.tell("terminal.text-state", vec![("to", to.into()), ("state", state.into())]);
    }

    fn sim(&self, iccid: Iccid) -> (&'static str, Value) {
        ("sim", self.names.sim(iccid).into())
    }

    fn party(&self, number: &str) -> String {
        self.observer.names.party(number)
    }

    fn tell(&mut self, name: &'static str, fields: Fields) {
        let first = ("terminal", Value::from(self.names.terminal(self.terminal)));
        let fields = [first].into_iter().chain(fields).collect();
        self.observer.note(self.at, name, fields);
    }
}

pub(crate) fn seconds(time: Duration) -> Value {
    Value::from(time.as_secs())
}
