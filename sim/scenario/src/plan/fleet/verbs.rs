//! Verbs of terminals, of the operator of a fleet, and of whoever handles cards.

use super::permissions;
use crate::plan::lookup::find;
use crate::plan::verb::{Actor, Resolve};
use crate::spec::{
    ApduVerb, AssignVerb, CapVerb, EnrolVerb, KindSpec, ListVerb, ModemOrderSpec, Name, PermitVerb,
    ReclaimSpec, ReleaseVerb, ServerVerb, SimOrderSpec, SimVerb, SlotVerb, SpeakVerb,
    TerminalSimVerb,
};
use polysim_base::{Duration, Msisdn, parse_hex};
use polysim_fleet::SlotId;
use polysim_fleet::terminal::TerminalWish;
use polysim_fleet::wire::{
    Caps, KindWanted, ModemOrder, ModemWanted, OperatorInput, Parameters, Reclaim, SimOrder, Target,
};
use polysim_radio::air::SpeechFrame;
use polysim_world::{FleetAction, FleetConfig, Speaker};

/// How long a request waits where it says nothing else.
const WAIT: Duration = Duration::from_secs(600);
/// The longest that a verb speaks.
const SPEECH_MAX: Duration = Duration::from_secs(600);

/// With which SIM a terminal calls, texts or asks.
#[derive(Clone, Copy)]
pub(in crate::plan) struct Using<'a> {
    pub(in crate::plan) sim: Option<&'a Name>,
    pub(in crate::plan) group: Option<&'a Name>,
    pub(in crate::plan) order: Option<SimOrderSpec>,
}

impl Using<'_> {
    /// Resolves it; `to` is the number that a policy looks at.
    pub(in crate::plan) fn target(
        self,
        to: Option<Msisdn>,
        r: &mut Resolve<'_, '_>,
        verb: &str,
    ) -> Option<Target> {
        if let (Some(_), Some(group)) = (self.sim, self.group) {
            let message = format!("a \"{verb}\" names a SIM or a group, not both");
            r.report.at(group.span.clone(), message);
        }
        let Some(group) = self.group else {
            if let (Some(sim), Some(_)) = (self.sim, self.order) {
                r.report.at(sim.span.clone(), "an \"order\" is among the SIMs of a \"group\"");
            }
            return r.sim(self.sim, verb).map(|sim| Target::Sim(FleetConfig::iccid(sim)));
        };
        let group = r.find(|lookup| &lookup.groups, "group", group)?;
        let order = match self.order.unwrap_or_default() {
            SimOrderSpec::LeastRecentlyUsed => SimOrder::LeastRecentlyUsed,
            SimOrderSpec::Cheapest => SimOrder::Cheapest(to?),
            SimOrderSpec::SameOperator => SimOrder::SameOperator(to?),
        };
        Some(Target::Best { group: FleetConfig::group_id(group), order })
    }

    /// Reports that phones and callers outside have no choice of SIM.
    pub(in crate::plan) fn refuse(self, r: &mut Resolve<'_, '_>) {
        if let Some(name) = self.sim.or(self.group) {
            r.report.at(name.span.clone(), "only terminals choose among SIMs");
        }
    }
}

type R<'a, 'r> = Resolve<'a, 'r>;

pub(in crate::plan) fn release(v: &ReleaseVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let terminal = r.terminal(v.terminal.as_ref(), "release");
    let sim = r.sim(v.sim.as_ref(), "release").map(FleetConfig::iccid);
    asks(
        terminal,
        sim.map(|sim| TerminalWish::Release(sim, reclaim(v.reclaim.unwrap_or_default()))),
    )
}

pub(in crate::plan) fn why(v: &TerminalSimVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let terminal = r.terminal(v.terminal.as_ref(), "why");
    let sim = r.sim(v.sim.as_ref(), "why").map(FleetConfig::iccid);
    asks(terminal, sim.map(TerminalWish::Why))
}

pub(in crate::plan) fn list(v: &ListVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    asks(r.terminal(v.terminal.as_ref(), "list"), Some(TerminalWish::List))
}

pub(in crate::plan) fn reject(v: &ListVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    asks(r.terminal(v.terminal.as_ref(), "reject"), Some(TerminalWish::Reject))
}

pub(in crate::plan) fn ussd_cancel(v: &TerminalSimVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let terminal = r.terminal(v.terminal.as_ref(), "ussd_cancel");
    let sim = r.sim(v.sim.as_ref(), "ussd_cancel").map(FleetConfig::iccid);
    asks(terminal, sim.map(|sim| TerminalWish::UssdCancel { sim }))
}

pub(in crate::plan) fn apdu(v: &ApduVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let terminal = r.terminal(v.terminal.as_ref(), "apdu");
    let sim = r.sim(v.sim.as_ref(), "apdu").map(FleetConfig::iccid);
    let apdu = octets(&v.apdu, r);
    asks(terminal, sim.zip(apdu).map(|(sim, apdu)| TerminalWish::Apdu { sim, apdu }))
}

pub(in crate::plan) fn permit(v: &PermitVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let user = r.find(|lookup| &lookup.users, "user", &v.user);
    let iccid = FleetConfig::iccid(r.sim(v.sim.as_ref(), "permit")?);
    let (user, set) = (FleetConfig::user_id(user?), permissions(&v.allow));
    Some(FleetAction::Operator(OperatorInput::Permit { iccid, user, set }))
}

pub(in crate::plan) fn cap(v: &CapVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let iccid = FleetConfig::iccid(r.sim(v.sim.as_ref(), "cap")?);
    let caps = Caps { texts: v.texts, calls: v.calls };
    Some(FleetAction::Operator(OperatorInput::Cap { iccid, caps }))
}

pub(in crate::plan) fn resolve(v: &SlotVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let (sim, slot) = card(v, "resolve", r)?;
    let iccid = FleetConfig::iccid(sim);
    Some(FleetAction::Operator(OperatorInput::Resolve { iccid, slot }))
}

pub(in crate::plan) fn unblock(v: &SimVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let iccid = FleetConfig::iccid(r.sim(v.sim.as_ref(), "unblock")?);
    Some(FleetAction::Operator(OperatorInput::Unblock(iccid)))
}

pub(in crate::plan) fn move_card(v: &SlotVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    card(v, "move_card", r).map(|(sim, slot)| FleetAction::MoveCard { sim, slot })
}

pub(in crate::plan) fn double_card(v: &SlotVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    card(v, "double_card", r).map(|(sim, slot)| FleetAction::DoubleCard { sim, slot })
}

pub(in crate::plan) fn pull_card(v: &SimVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    r.sim(v.sim.as_ref(), "pull_card").map(|sim| FleetAction::PullCard { sim })
}

pub(in crate::plan) fn insert_card(v: &SimVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    r.sim(v.sim.as_ref(), "insert_card").map(|sim| FleetAction::InsertCard { sim })
}

pub(in crate::plan) fn remove_double(v: &SimVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    r.sim(v.sim.as_ref(), "remove_double").map(|sim| FleetAction::RemoveDouble { sim })
}

pub(in crate::plan) fn fail_over(v: &ServerVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let server = r.find(|lookup| &lookup.servers, "server", &v.server)?;
    Some(FleetAction::Lead { server })
}

fn asks(terminal: Option<usize>, wish: Option<TerminalWish>) -> Option<FleetAction> {
    Some(FleetAction::Wish { terminal: terminal?, wish: wish? })
}

const fn reclaim(spec: ReclaimSpec) -> Reclaim {
    match spec {
        ReclaimSpec::WhenConvenient => Reclaim::WhenConvenient,
        ReclaimSpec::Gracefully => Reclaim::Gracefully,
        ReclaimSpec::Now => Reclaim::Now,
    }
}

pub(in crate::plan) fn assign(v: &AssignVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let terminal = r.terminal(v.terminal.as_ref(), "assign");
    let sim = r.sim(v.sim.as_ref(), "assign");
    let modem = modem_wanted(v, r);
    let parameters = Parameters {
        modem: modem?,
        priority: v.priority,
        evict: v.evict,
        duration: v.lasts.map(|span| span.0),
        reclaim: reclaim(v.reclaim),
        wait: v.wait.map_or(WAIT, |span| span.0),
        turns: v.turns.map(|span| span.0),
    };
    asks(terminal, sim.map(|sim| TerminalWish::Assign(FleetConfig::iccid(sim), parameters)))
}

fn modem_wanted(v: &AssignVerb, r: &mut Resolve<'_, '_>) -> Option<ModemWanted> {
    if let Some(modem) = &v.modem {
        if v.pool.is_some() || v.kind.is_some() || v.order.is_some() {
            let message = "a \"modem\" leaves no choice: no \"pool\", \"kind\" or \"order\" here";
            r.report.at(modem.span.clone(), message);
        }
        let (site, number) = r.find(|lookup| &lookup.modems, "modem", modem)?;
        return Some(ModemWanted::Fixed(FleetConfig::modem_id(site, number)));
    }
    let pool = match &v.pool {
        Some(pool) => r.find(|lookup| &lookup.pools, "pool", pool)?,
        None => main_pool(v, r)?,
    };
    let kind = match v.kind {
        Some(KindSpec::BuiltIn) => KindWanted::BuiltIn,
        Some(KindSpec::Cloud) => KindWanted::Cloud,
        Some(KindSpec::Any) | None => KindWanted::Any,
    };
    let order = match v.order {
        Some(ModemOrderSpec::Spread) => ModemOrder::Spread,
        Some(ModemOrderSpec::LeastRecentlyUsed) | None => ModemOrder::LeastRecentlyUsed,
    };
    Some(ModemWanted::Of { pool: FleetConfig::pool_id(pool), kind, order })
}

/// The pool of a request that names none: `main`, or the only one that there is.
fn main_pool(v: &AssignVerb, r: &mut Resolve<'_, '_>) -> Option<usize> {
    let pools = &r.lookup.pools;
    let only = pools.values().next().filter(|_| pools.len() == 1);
    if let Some(pool) = only.or_else(|| pools.get(super::MAIN)) {
        return Some(*pool);
    }
    let place = v.sim.as_ref().or(v.terminal.as_ref()).map_or(0..0, |name| name.span.clone());
    if pools.is_empty() {
        let help = Some("give a site a [[modem]]".to_owned());
        r.report.with(place, "there are no modems that a SIM could be assigned to", help);
        return None;
    }
    let known = pools.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let help = Some(format!("there are: {known}"));
    r.report.with(place, "the verb \"assign\" does not say which pool", help);
    None
}

pub(in crate::plan) fn enrol(v: &EnrolVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let sim = r.sim(v.sim.as_ref(), "enrol");
    let group = r.find(|lookup| &lookup.groups, "group", &v.group);
    let plan = match &v.plan {
        Some(plan) => r.find(|lookup| &lookup.plans, "plan", plan),
        None => {
            let plan = sim.and_then(|sim| r.lookup.sim_plans.get(sim).copied().flatten());
            if plan.is_none() {
                let message = "the SIM has no tariff: say which \"plan\"";
                r.report.at(v.group.span.clone(), message);
            }
            plan
        }
    };
    Some(FleetAction::Operator(OperatorInput::Enrol {
        iccid: FleetConfig::iccid(sim?),
        group: FleetConfig::group_id(group?),
        plan: FleetConfig::plan_id(plan?),
    }))
}

/// A SIM and a slot that there is.
fn card(v: &SlotVerb, verb: &str, r: &mut Resolve<'_, '_>) -> Option<(usize, SlotId)> {
    let sim = r.sim(v.sim.as_ref(), verb);
    let (site, bank) = find(&r.lookup.banks, "bank", &v.bank, r.report)?;
    let slots = r.lookup.slots.get(&(site, bank)).copied().unwrap_or_default();
    if v.slot >= slots {
        let message = format!("\"{}\" has the slots 0 to {}", v.bank.text, slots.max(1) - 1);
        r.report.at(v.bank.span.clone(), message);
        return None;
    }
    Some((sim?, FleetConfig::slot_id(site, bank, v.slot.into())))
}

fn octets(name: &Name, r: &mut Resolve<'_, '_>) -> Option<Vec<u8>> {
    let octets = parse_hex(name.text.as_bytes()).ok();
    if octets.is_none() {
        r.report.at(name.span.clone(), "expected hexadecimal digits, such as \"00A40004023F00\"");
    }
    octets
}

pub(in crate::plan) fn speak(v: &SpeakVerb, r: &mut R<'_, '_>) -> Option<FleetAction> {
    let who = match r.actor(v.phone.as_ref(), v.terminal.as_ref(), "speak")? {
        Actor::Phone(phone) => Speaker::Phone(phone),
        Actor::Terminal(terminal) => Speaker::Terminal(terminal),
    };
    let lasts = v.lasts.0;
    if lasts > SPEECH_MAX {
        let place = v.phone.as_ref().or(v.terminal.as_ref()).map_or(0..0, |name| name.span.clone());
        r.report.at(place, format!("a verb speaks for {SPEECH_MAX} at most"));
        return None;
    }
    let count = lasts.as_micros().div_ceil(SpeechFrame::DURATION.as_micros());
    Some(FleetAction::Speak { who, frames: (0..count).map(|at| voice(who, at)).collect() })
}

/// Frame `at` of a voice: a triangular wave, of another height for each speaker and louder in
/// every other frame, so that whose it is and which can be heard.
fn voice(who: Speaker, at: u64) -> SpeechFrame {
    const LOUD: i32 = 8_000;
    let (step, who) = match who {
        Speaker::Phone(phone) => (300, phone),
        Speaker::Terminal(terminal) => (500, terminal),
    };
    let step = step + 40 * i32::try_from(who % 16).unwrap_or(0);
    let top = LOUD + 1_000 * i32::try_from(at % 8).unwrap_or(0);
    let mut samples = [0_i16; SpeechFrame::SAMPLES];
    let (mut level, mut up) = (0_i32, true);
    for sample in &mut samples {
        level += if up { step } else { -step };
        up = if level >= top { false } else { up || level <= -top };
        *sample = i16::try_from(level.clamp(-top, top)).unwrap_or(0);
    }
    SpeechFrame::from(samples)
}
