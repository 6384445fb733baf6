//! Verbs as actions on the world.

use super::choice::{self, Choices};
use super::courier::verbs as couriers;
use super::fleet::verbs;
use super::issuance::verbs as cards;
use super::lookup::{Caller, Lookup, find, spelt};
use super::share::verbs as shared;
use super::steering::verbs as chips;
use super::{Report, fault, world};
use crate::spec::{
    CallVerb, DataVerb, DtmfVerb, FaultVerb, ForwardVerb, MoveVerb, Name, PinVerb, SelectVerb,
    SwitchVerb, TextVerb, UssdVerb, Verb, When, WhoVerb,
};
use polysim_base::{Duration, Msisdn};
use polysim_fleet::terminal::TerminalWish;
use polysim_sms::{SegmentOptions, segment};
use polysim_world::{Action, CourierAction, FleetAction, ForwardWhen, Party, Thing};
use std::collections::BTreeMap;

const RINGS: Duration = Duration::from_secs(30);
/// Octets of a text above which it is tried whether it can be sent at all.
const LONG_TEXT: usize = 10_000;

/// For whom an entry of the timeline is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target {
    pub(super) phone: Option<usize>,
    pub(super) sim: Option<usize>,
    pub(super) terminal: Option<usize>,
    /// Its place in the pattern, where there is one.
    pub(super) nth: Option<u32>,
}

/// A phone or a terminal that acts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Actor {
    Phone(usize),
    Terminal(usize),
}

impl Target {
    /// Returns the number by which draws are made: a phone's own one, so that another phone in the
    /// pattern changes no draw of this one; others lie far from phones.
    pub(super) fn number(self) -> Option<u64> {
        const SIMS: u64 = 1 << 32;
        const TERMINALS: u64 = 2 << 32;
        let phone = self.phone.map(|phone| phone as u64);
        let sim = self.sim.map(|sim| SIMS + sim as u64);
        let terminal = self.terminal.map(|terminal| TERMINALS + terminal as u64);
        phone.or(sim).or(terminal)
    }
}

pub(super) fn actions(
    verb: &Verb,
    target: Target,
    choices: &mut Choices,
    lookup: &Lookup,
    report: &mut Report<'_>,
) -> Option<Vec<(Duration, Action)>> {
    if let Verb::Fault(fault) = verb {
        let named = Resolve { target, choices, lookup, report }.named(fault)?;
        return fault::actions(&named, target.nth, lookup, report);
    }
    let action = Resolve { target, choices, lookup, report }.action(verb)?;
    Some(vec![(Duration::ZERO, action)])
}

/// Resolves the names of one verb.
pub(super) struct Resolve<'a, 'r> {
    pub(super) target: Target,
    pub(super) choices: &'a mut Choices,
    pub(super) lookup: &'a Lookup,
    pub(super) report: &'a mut Report<'r>,
}

impl Resolve<'_, '_> {
    /// Takes one name of a choice, or the name that `$phone`, `$sim` or `$terminal` stands for;
    /// another name stays as it is.
    pub(super) fn chosen(&mut self, name: &Name) -> Option<Name> {
        if let Some(kind) = name.text.strip_prefix('$') {
            return self.own(kind, name);
        }
        let Some(patterns) = choice::patterns(name) else { return Some(name.clone()) };
        let mut names: Vec<_> =
            patterns.iter().flat_map(|pattern| spelt(pattern, self.report)).collect();
        let at = self.choices.of(names.len());
        (at < names.len()).then(|| names.swap_remove(at))
    }

    /// Puts the name of what the entry is for into the target of a fault: `phone:$phone`.
    fn named(&mut self, fault: &FaultVerb) -> Option<FaultVerb> {
        let mut named = fault.clone();
        if let Some((kind, own)) = fault.target.text.split_once(":$") {
            let name = self.own(own, &fault.target)?;
            named.target.text = format!("{kind}:{}", name.text);
        }
        Some(named)
    }

    /// The name of what the entry is for.
    fn own(&mut self, kind: &str, name: &Name) -> Option<Name> {
        let own = match kind {
            "phone" => self.target.phone.map(|index| (Thing::Phone, index)),
            "sim" => self.target.sim.map(|index| (Thing::Sim, index)),
            "terminal" => self.target.terminal.map(|index| (Thing::Terminal, index)),
            _ => None,
        };
        let own = own.and_then(|(thing, index)| self.lookup.name(thing, index));
        if own.is_none() {
            let message = format!("the entry is for no \"{kind}\"");
            let help = Some("write each = { sim = … } for \"$sim\"; so phone, terminal".to_owned());
            self.report.with(name.span.clone(), message, help);
        }
        own.map(|text| Name { text: text.to_owned(), span: name.span.clone() })
    }

    /// Finds what a name stands for.
    pub(super) fn find<T: Copy>(
        &mut self,
        names: impl Fn(&Lookup) -> &BTreeMap<String, T>,
        kind: &str,
        name: &Name,
    ) -> Option<T> {
        let name = self.chosen(name)?;
        find(names(self.lookup), kind, &name, self.report)
    }

    pub(super) fn number(&mut self, name: &Name) -> Option<Msisdn> {
        let name = self.chosen(name)?;
        self.lookup.number(&name, self.report)
    }

    pub(super) fn phone(&mut self, name: Option<&Name>, verb: &str) -> Option<usize> {
        match (name, self.target.phone) {
            (Some(name), _) => self.find(|l| &l.phones, "phone", name),
            (None, Some(phone)) => Some(phone),
            (None, None) => self.nobody(verb, "phone"),
        }
    }

    pub(super) fn terminal(&mut self, name: Option<&Name>, verb: &str) -> Option<usize> {
        match (name, self.target.terminal) {
            (Some(name), _) => self.find(|l| &l.terminals, "terminal", name),
            (None, Some(terminal)) => Some(terminal),
            (None, None) => self.nobody(verb, "terminal"),
        }
    }

    pub(super) fn sim(&mut self, name: Option<&Name>, verb: &str) -> Option<usize> {
        match (name, self.target.sim) {
            (Some(name), _) => self.find(|l| &l.sims, "SIM", name),
            (None, Some(sim)) => Some(sim),
            (None, None) => self.nobody(verb, "SIM"),
        }
    }

    /// Finds the phone or the terminal that acts; of an `each` over both, the terminal.
    pub(super) fn actor(
        &mut self,
        phone: Option<&Name>,
        terminal: Option<&Name>,
        verb: &str,
    ) -> Option<Actor> {
        match (phone, terminal) {
            (Some(phone), Some(_)) => {
                let message = format!("a \"{verb}\" is of a phone or of a terminal, not of both");
                self.report.at(phone.span.clone(), message);
                None
            }
            (Some(_), None) => self.phone(phone, verb).map(Actor::Phone),
            (None, Some(_)) => self.terminal(terminal, verb).map(Actor::Terminal),
            (None, None) => match (self.target.phone, self.target.terminal) {
                (_, Some(terminal)) => Some(Actor::Terminal(terminal)),
                (Some(phone), None) => Some(Actor::Phone(phone)),
                (None, None) if self.lookup.terminals.is_empty() => self.nobody(verb, "phone"),
                (None, None) => self.nobody(verb, "phone or terminal"),
            },
        }
    }

    fn who(&mut self, verb: &WhoVerb, name: &str) -> Option<Actor> {
        self.actor(verb.phone.as_ref(), verb.terminal.as_ref(), name)
    }

    fn caller(&mut self, name: Option<&Name>, verb: &str) -> Option<Caller> {
        let Some(name) = name else {
            return Some(match self.actor(None, None, verb)? {
                Actor::Phone(phone) => Caller::Phone(phone),
                Actor::Terminal(terminal) => Caller::Terminal(terminal),
            });
        };
        let name = self.chosen(name)?;
        self.lookup.caller(&name, self.report)
    }

    fn nobody<T>(&mut self, verb: &str, kind: &str) -> Option<T> {
        let help = Some("name one, or give the entry an \"each\"".to_owned());
        self.report.with(0..0, format!("the verb \"{verb}\" does not say which {kind}"), help);
        None
    }

    fn action(&mut self, verb: &Verb) -> Option<Action> {
        match verb {
            Verb::Power(v) => self.power(v),
            Verb::Move(v) => self.carry(v),
            Verb::Text(v) => self.text(v),
            Verb::Call(v) => self.call(v),
            Verb::Answer(v) => self.answer(v),
            Verb::HangUp(v) => self.hang_up(v),
            Verb::Swap(v) => self.swap(v),
            Verb::Dtmf(v) => self.dtmf(v),
            Verb::Ussd(v) => self.ussd(v),
            Verb::Data(v) => self.data(v),
            Verb::EnterPin(v) => self.enter_pin(v),
            Verb::Select(v) => self.select(v),
            Verb::CallWaiting(v) => self.call_waiting(v),
            Verb::Forward(v) => self.forward(v),
            // Both are done with before a verb gets here.
            Verb::Fault(_) | Verb::Wait(_) => None,
            Verb::Reject(v) => verbs::reject(v, self).map(Action::Fleet),
            Verb::Assign(v) => verbs::assign(v, self).map(Action::Fleet),
            Verb::Release(v) if v.phone.is_some() => shared::release(v, self).map(Action::Share),
            Verb::Release(v) => verbs::release(v, self).map(Action::Fleet),
            Verb::Why(v) => verbs::why(v, self).map(Action::Fleet),
            Verb::List(v) => verbs::list(v, self).map(Action::Fleet),
            Verb::UssdCancel(v) => verbs::ussd_cancel(v, self).map(Action::Fleet),
            Verb::Apdu(v) => verbs::apdu(v, self).map(Action::Fleet),
            Verb::Speak(v) => verbs::speak(v, self).map(Action::Fleet),
            Verb::Permit(v) => verbs::permit(v, self).map(Action::Fleet),
            Verb::Cap(v) => verbs::cap(v, self).map(Action::Fleet),
            Verb::Enrol(v) => verbs::enrol(v, self).map(Action::Fleet),
            Verb::Resolve(v) => verbs::resolve(v, self).map(Action::Fleet),
            Verb::Unblock(v) => verbs::unblock(v, self).map(Action::Fleet),
            Verb::MoveCard(v) => verbs::move_card(v, self).map(Action::Fleet),
            Verb::PullCard(v) => verbs::pull_card(v, self).map(Action::Fleet),
            Verb::InsertCard(v) => verbs::insert_card(v, self).map(Action::Fleet),
            Verb::DoubleCard(v) => verbs::double_card(v, self).map(Action::Fleet),
            Verb::RemoveDouble(v) => verbs::remove_double(v, self).map(Action::Fleet),
            Verb::FailOver(v) => verbs::fail_over(v, self).map(Action::Fleet),
            Verb::Order(v) => cards::order(v, self).map(Action::Issuance),
            Verb::CancelOrder(v) => cards::cancel_order(v, self).map(Action::Issuance),
            Verb::OnSite(v) => cards::on_site(v, self).map(Action::Issuance),
            Verb::SwapCards(v) if !self.lookup.couriers.is_empty() => {
                couriers::swap_cards(v, self).map(Action::Courier)
            }
            Verb::SwapCards(v) => cards::swap_cards(v, self).map(Action::Issuance),
            Verb::Attack(v) => cards::attack(v, self).map(Action::Issuance),
            Verb::Entitle(v) => chips::entitle(v, self).map(Action::Steering),
            Verb::Carry(v) => shared::carry(v, self).map(Action::Share),
            Verb::Pick(v) => shared::pick(v, self).map(Action::Share),
            Verb::Want(v) => shared::want(v, self).map(Action::Share),
            Verb::Forget(v) => shared::forget(v, self).map(Action::Share),
            Verb::Pair(v) => shared::pair(v, self).map(Action::Share),
            Verb::Unpair(v) => shared::unpair(v, self).map(Action::Share),
            Verb::Consent(v) => shared::consent(v, self).map(Action::Share),
            Verb::Replace(v) => shared::replace(v, self).map(Action::Share),
            Verb::Register(v) => couriers::register(v, self).map(Action::Courier),
            Verb::Confirm(v) => couriers::confirm(v, self).map(Action::Courier),
            Verb::Deregister(v) => couriers::deregister(v, self).map(Action::Courier),
            Verb::Link(v) => couriers::link(v, self).map(Action::Courier),
            Verb::Unlink(v) => couriers::unlink(v, self).map(Action::Courier),
            Verb::Contacts(v) => couriers::contacts(v, self).map(Action::Courier),
            Verb::Read(v) => couriers::read(v, self).map(Action::Courier),
            Verb::Choose(v) => couriers::choose(v, self).map(Action::Courier),
            Verb::Rate(v) => couriers::rate(v, self).map(Action::Courier),
        }
    }

    fn power(&mut self, v: &SwitchVerb) -> Option<Action> {
        Some(Action::Power { phone: self.phone(v.phone.as_ref(), "power")?, on: v.on })
    }

    fn carry(&mut self, v: &MoveVerb) -> Option<Action> {
        let region = self.find(|l| &l.regions, "region", &v.to);
        Some(Action::Move { phone: self.phone(v.phone.as_ref(), "move")?, region: region? })
    }

    fn answer(&mut self, v: &WhoVerb) -> Option<Action> {
        Some(match self.who(v, "answer")? {
            Actor::Phone(phone) if couriers::goes_by(v.by, phone, self) => {
                Action::Courier(CourierAction::Answer { phone })
            }
            Actor::Phone(phone) => Action::Answer { phone },
            Actor::Terminal(terminal) => wish(terminal, TerminalWish::Answer),
        })
    }

    fn hang_up(&mut self, v: &WhoVerb) -> Option<Action> {
        Some(match self.who(v, "hang_up")? {
            Actor::Phone(phone) if couriers::goes_by(v.by, phone, self) => {
                Action::Courier(CourierAction::HangUp { phone })
            }
            Actor::Phone(phone) => Action::HangUp { phone },
            Actor::Terminal(terminal) => wish(terminal, TerminalWish::HangUp),
        })
    }

    fn swap(&mut self, v: &WhoVerb) -> Option<Action> {
        Some(match self.who(v, "swap")? {
            Actor::Phone(phone) => Action::Swap { phone },
            Actor::Terminal(terminal) => wish(terminal, TerminalWish::Hold),
        })
    }

    fn data(&mut self, v: &DataVerb) -> Option<Action> {
        let apn = v.apn.clone().unwrap_or_else(|| "internet".into());
        Some(Action::Data { phone: self.phone(v.phone.as_ref(), "data")?, apn, on: v.on })
    }

    fn enter_pin(&mut self, v: &PinVerb) -> Option<Action> {
        world::check_pin(&v.pin, self.report);
        let pin = v.pin.text.clone();
        Some(Action::EnterPin { phone: self.phone(v.phone.as_ref(), "enter_pin")?, pin })
    }

    fn select(&mut self, v: &SelectVerb) -> Option<Action> {
        let operator = match &v.operator {
            Some(name) => Some(self.find(|l| &l.operators, "operator", name)?),
            None => None,
        };
        Some(Action::SelectOperator { phone: self.phone(v.phone.as_ref(), "select")?, operator })
    }

    fn call_waiting(&mut self, v: &SwitchVerb) -> Option<Action> {
        let phone = self.phone(v.phone.as_ref(), "call_waiting")?;
        Some(Action::CallWaiting { phone, on: v.on })
    }

    fn forward(&mut self, v: &ForwardVerb) -> Option<Action> {
        let to = match &v.to {
            Some(name) => Some(self.number(name)?),
            None => None,
        };
        let when = match v.when {
            When::Always => ForwardWhen::Always,
            When::Busy => ForwardWhen::Busy,
            When::NoReply => ForwardWhen::NoReply,
            When::NotReachable => ForwardWhen::NotReachable,
        };
        Some(Action::Forward { phone: self.phone(v.phone.as_ref(), "forward")?, when, to })
    }

    fn text(&mut self, v: &TextVerb) -> Option<Action> {
        let to = self.number(&v.to);
        let from = self.caller(v.from.as_ref(), "text")?;
        self.sendable(v);
        let by = verbs::Using { sim: v.sim.as_ref(), group: v.group.as_ref(), order: v.order };
        let from = match from {
            Caller::Terminal(terminal) => {
                let (sim, to) = (by.target(to, self, "text")?, to?);
                let (body, report) = (v.text.clone(), v.report);
                if let Some(span) = &v.valid {
                    let (to, valid) = (&v.to.span, span.0);
                    let message = format!("texts of terminals have no \"valid\" ({valid})");
                    self.report.at(to.clone(), message);
                }
                return Some(wish(terminal, TerminalWish::Text { sim, to, body, report }));
            }
            Caller::Phone(phone) if couriers::goes_by(v.by, phone, self) => {
                by.refuse(self);
                return Some(Action::Courier(couriers::text(v, (phone, to?), self)));
            }
            Caller::Phone(phone) => Party::Phone(phone),
            Caller::Outside(number) => Party::Outside(number),
        };
        by.refuse(self);
        let validity = v.valid.map(|span| span.0);
        Some(Action::Text { from, to: to?, text: v.text.clone(), report: v.report, validity })
    }

    fn call(&mut self, v: &CallVerb) -> Option<Action> {
        let to = self.number(&v.to);
        let from = self.caller(v.from.as_ref(), "call")?;
        let by = verbs::Using { sim: v.sim.as_ref(), group: v.group.as_ref(), order: v.order };
        let from = match from {
            Caller::Terminal(terminal) => {
                let (sim, to) = (by.target(to, self, "call")?, to?);
                if v.hide || v.rings.is_some() {
                    let message = "calls of terminals have no \"hide\" and no \"rings\"";
                    self.report.at(v.to.span.clone(), message);
                }
                return Some(wish(terminal, TerminalWish::Dial { sim, to }));
            }
            Caller::Phone(phone) if couriers::goes_by(v.by, phone, self) => {
                by.refuse(self);
                return Some(Action::Courier(couriers::dial(v, (phone, to?), self)));
            }
            Caller::Phone(phone) => Party::Phone(phone),
            Caller::Outside(number) => Party::Outside(number),
        };
        by.refuse(self);
        let rings = v.rings.map_or(RINGS, |span| span.0);
        Some(Action::Call { from, to: to?, hide: v.hide, rings })
    }

    fn dtmf(&mut self, v: &DtmfVerb) -> Option<Action> {
        let legal = v.digits.text.bytes().all(|b| b"0123456789*#ABCD".contains(&b));
        if !legal || v.digits.text.is_empty() {
            self.report.at(v.digits.span.clone(), "tones are 0-9, *, # and A-D");
        }
        let digits = v.digits.text.clone();
        Some(match self.actor(v.phone.as_ref(), v.terminal.as_ref(), "dtmf")? {
            Actor::Phone(phone) => Action::Dtmf { phone, digits },
            Actor::Terminal(terminal) => wish(terminal, TerminalWish::Dtmf(digits)),
        })
    }

    fn ussd(&mut self, v: &UssdVerb) -> Option<Action> {
        let by = verbs::Using { sim: v.sim.as_ref(), group: v.group.as_ref(), order: None };
        let code = v.code.clone();
        Some(match self.actor(v.phone.as_ref(), v.terminal.as_ref(), "ussd")? {
            Actor::Phone(phone) => {
                by.refuse(self);
                Action::Ussd { phone, code }
            }
            Actor::Terminal(terminal) => {
                let sim = by.target(None, self, "ussd")?;
                wish(terminal, TerminalWish::Ussd { sim, code })
            }
        })
    }

    /// Reports a text that is longer than a text can be.
    fn sendable(&mut self, verb: &TextVerb) {
        // Cutting it up is dear, and a short text always fits.
        if verb.text.len() > LONG_TEXT
            && let Err(error) = segment(&verb.text, &SegmentOptions::default())
        {
            let start: String = verb.text.chars().take(20).collect();
            self.report.at(verb.to.span.clone(), format!("the text \"{start}…\": {error}"));
        }
    }
}

const fn wish(terminal: usize, wish: TerminalWish) -> Action {
    Action::Fleet(FleetAction::Wish { terminal, wish })
}
