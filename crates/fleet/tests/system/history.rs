//! Random histories: what users, callers, operators and fate do to a fleet.

use super::card::Card;
use super::check::{Violation, Wished};
use super::names::{self, Node, Size, iccid, imsi, outside, user_of};
use super::network::Weather;
use super::operator::TextIn;
use super::route::BACK_AFTER;
use super::texts;
use super::world::{Event, World};
use polysim_base::Duration;
use polysim_fleet::terminal::{TerminalInput, TerminalWish};
use polysim_fleet::wire::{
    Input, KindWanted, ModemOrder, ModemWanted, OperatorInput, Parameters, PlanReport, Reclaim,
    SimOrder, Target,
};
use polysim_fleet::{Permissions, Prefix, SlotId, UserId};

/// What a history was, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) events: u64,
    pub(crate) records: u64,
    pub(crate) grants: u64,
    pub(crate) card_uses: u64,
    pub(crate) rung: u64,
    pub(crate) answered: u64,
    pub(crate) texts_in: u64,
    pub(crate) texts_out: u64,
    pub(crate) dialled: u64,
    pub(crate) talks_seen: u64,
}

impl Tally {
    pub(crate) const fn plus(self, more: Self) -> Self {
        Self {
            events: self.events + more.events,
            records: self.records + more.records,
            grants: self.grants + more.grants,
            card_uses: self.card_uses + more.card_uses,
            rung: self.rung + more.rung,
            answered: self.answered + more.answered,
            texts_in: self.texts_in + more.texts_in,
            texts_out: self.texts_out + more.texts_out,
            dialled: self.dialled + more.dialled,
            talks_seen: self.talks_seen + more.talks_seen,
        }
    }
}

/// How a history ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) violation: Option<Violation>,
    pub(crate) hash: u64,
    pub(crate) tally: Tally,
    pub(crate) story: Vec<String>,
}

/// A history under way.
pub(crate) struct History {
    pub(crate) world: World,
    /// Nothing breaks.
    calm: bool,
    pub(crate) next: u32,
    wishes: u64,
}

/// Runs the history of a seed.
pub(crate) fn run(seed: u64, reads: bool) -> Outcome {
    let mut history = History::new(seed, reads);
    let steps = 20 + history.draw(50);
    for _ in 0..steps {
        history.step();
        let wait = history.draw(4_000_000);
        history.world.pass(Duration::from_micros(wait));
    }
    history.quiet();
    history.ends()
}

impl History {
    pub(crate) fn new(seed: u64, reads: bool) -> Self {
        let size = Size {
            servers: if seed.is_multiple_of(3) { 1 } else { 2 },
            sites: if seed.is_multiple_of(2) { 2 } else { 3 },
            terminals: 2 + u32::try_from(seed / 2 % 3).unwrap(),
            sims: 5,
        };
        let mut history =
            Self { world: World::new(seed, size, reads), calm: seed % 4 == 1, next: 0, wishes: 0 };
        history.set_up();
        history
    }

    /// A fleet of two sites in which user 0 may do everything, and nothing has happened.
    pub(crate) fn bare(seed: u64, reads: bool) -> Self {
        let size = Size { servers: 1, sites: 2, terminals: 2, sims: 5 };
        let mut history =
            Self { world: World::new(seed, size, reads), calm: true, next: 0, wishes: 0 };
        history.world.pass(Duration::from_millis(10));
        for iccid in (0..size.sims).map(iccid) {
            history.operate(OperatorInput::Permit { iccid, user: UserId(0), set: everything() });
        }
        history.world.pass(Duration::from_secs(3));
        history
    }

    /// Terminal 0 wants a SIM on the cloud modem of the other site, until it is released.
    pub(crate) fn assign_remote(&mut self, sim: u32) {
        let home = u16::try_from(sim % u32::from(self.world.size.sites)).unwrap();
        let parameters = Parameters {
            modem: ModemWanted::Fixed(names::modem(1 - home, 0)),
            priority: 1,
            evict: false,
            duration: None,
            reclaim: Reclaim::WhenConvenient,
            wait: Duration::from_secs(60),
            turns: None,
        };
        self.wish(0, TerminalWish::Assign(iccid(sim), parameters));
    }

    pub(crate) fn ends(self) -> Outcome {
        let World { check, events, operator, .. } = &self.world;
        let tally = Tally {
            events: *events,
            records: check.records,
            grants: check.leases.grants,
            card_uses: check.leases.uses_of_cards,
            rung: check.calls.rung,
            answered: check.uses.answered,
            texts_in: operator.texts.len().try_into().unwrap(),
            texts_out: operator.sent.len().try_into().unwrap(),
            dialled: operator.dialled.len().try_into().unwrap(),
            talks_seen: check.calls.talks_seen,
        };
        let hash = self.world.result();
        let World { check, story, .. } = self.world;
        Outcome { violation: check.first, hash, tally, story: story.unwrap_or_default() }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.world.draws.below(below)
    }

    fn draw_u32(&mut self, below: u32) -> u32 {
        u32::try_from(self.draw(u64::from(below))).unwrap()
    }

    fn draw_u16(&mut self, below: u16) -> u16 {
        u16::try_from(self.draw(u64::from(below))).unwrap()
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.draw(n) == 0
    }

    fn sim(&mut self) -> u32 {
        self.draw_u32(self.world.size.sims)
    }

    fn terminal(&mut self) -> u32 {
        self.draw_u32(self.world.size.terminals)
    }

    fn number(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    pub(crate) fn operate(&mut self, input: OperatorInput) {
        self.world.tell(|| format!("the operator of the fleet: {input:?}"));
        let leader = self.world.leader;
        self.world.server_turn(leader, Some(Input::Operator(input)));
    }

    fn set_up(&mut self) {
        self.world.pass(Duration::from_millis(10));
        let operator = polysim_base::Plmn::parse("26201").unwrap();
        let rates = vec![("49".parse::<Prefix>().unwrap(), 1_000)];
        self.operate(OperatorInput::Plan(PlanReport { plan: names::PLAN, operator, rates }));
        for sim in 0..self.world.size.sims {
            let (group, plan) = (names::GROUP, names::PLAN);
            self.operate(OperatorInput::Enrol { iccid: iccid(sim), group, plan });
            for user in (0..names::USERS).map(UserId) {
                let set = match self.draw(4) {
                    0 if user != UserId(0) => Permissions::NONE,
                    1 if user != UserId(0) => Permissions::TEXT_READ,
                    _ => everything(),
                };
                if !set.is_empty() {
                    self.operate(OperatorInput::Permit { iccid: iccid(sim), user, set });
                }
            }
        }
        self.world.pass(Duration::from_secs(2));
        for sim in 0..3 {
            self.assign(0, sim);
        }
        self.world.pass(Duration::from_secs(4));
    }

    pub(crate) fn wish(&mut self, terminal: u32, wish: TerminalWish) -> u64 {
        self.wishes += 1;
        let number = self.wishes;
        self.world.tell(|| format!("terminal {terminal} wishes ({number}): {wish:?}"));
        if self.world.terminals[usize::try_from(terminal).unwrap()].up {
            self.world.check.uses.open.insert(number, terminal);
            self.world.give_terminal(terminal, TerminalInput::Wish(number, wish));
        }
        number
    }

    fn assign(&mut self, terminal: u32, sim: u32) {
        let site = self.draw_u16(self.world.size.sites);
        let modem = match self.draw(4) {
            0 => ModemWanted::Fixed(names::modem(site, self.draw_u16(names::MODEMS_PER_SITE))),
            1 => ModemWanted::Of {
                pool: names::POOL,
                kind: KindWanted::Cloud,
                order: ModemOrder::LeastRecentlyUsed,
            },
            _ => ModemWanted::Of {
                pool: names::POOL,
                kind: KindWanted::Any,
                order: ModemOrder::Spread,
            },
        };
        let reclaim = self.reclaim();
        let parameters = Parameters {
            modem,
            priority: u8::try_from(self.draw(3)).unwrap(),
            evict: self.one_in(3),
            duration: self.one_in(3).then(|| Duration::from_secs(20)),
            reclaim,
            wait: Duration::from_secs(5 + self.draw(60)),
            turns: self.one_in(4).then(|| Duration::from_secs(15)),
        };
        self.wish(terminal, TerminalWish::Assign(iccid(sim), parameters));
    }

    fn reclaim(&mut self) -> Reclaim {
        match self.draw(3) {
            0 => Reclaim::WhenConvenient,
            1 => Reclaim::Gracefully,
            _ => {
                self.world.check.calls.excuse(self.world.now);
                Reclaim::Now
            }
        }
    }

    pub(crate) fn text_out(&mut self, terminal: u32, sim: u32, long: bool, report: bool) {
        let n = self.number();
        let body = body("out", n, long);
        let wished = (self.wishes + 1, Wished { terminal, sim });
        self.world.check.texts.wished.insert(body.clone(), wished);
        let sim = Target::Sim(iccid(sim));
        self.wish(terminal, TerminalWish::Text { sim, to: outside(n), body, report });
    }

    pub(crate) fn text_in(&mut self, sim: u32, long: bool) {
        let n = self.number();
        let text = TextIn {
            sim,
            from: outside(n).to_string(),
            body: body("in", n, long),
            at: self.world.now,
        };
        self.world.tell(|| format!("somebody texts SIM {sim}: {:?}", text.body));
        let World { operator, check, now, .. } = &mut self.world;
        let reference = u8::try_from(operator.texts.len() % 251).unwrap();
        for pdu in texts::deliver(*now, &text.from, &text.body, reference) {
            check.texts.owners.insert(pdu, sim);
        }
        operator.text(*now, imsi(sim), text);
        if let Some(modem) = operator.registered.get(&imsi(sim)).copied() {
            self.world.after(Duration::from_millis(200), Event::Texts(modem));
        }
    }

    fn call_in(&mut self, sim: u32) {
        let number = outside(self.number()).to_string();
        let registered = self.world.operator.registered.get(&imsi(sim)).copied();
        self.world.tell(|| format!("{number} calls SIM {sim}, which is on {registered:?}"));
        let Some(id) = registered else { return };
        let now = self.world.now;
        let caller = number.clone();
        self.world.with_modem(id, |modem| {
            modem.rings(now, caller);
        });
        let patience = Duration::from_millis(500 + self.draw(25_000));
        self.world.after(patience, Event::CallerGivesUp(id, number));
    }

    fn dial(&mut self, terminal: u32, sim: u32) {
        let to = outside(self.number());
        self.world.check.uses.dials.insert(to.to_string(), Wished { terminal, sim });
        self.wish(terminal, TerminalWish::Dial { sim: Target::Sim(iccid(sim)), to });
    }

    /// One thing happens.
    pub(crate) fn step(&mut self) {
        if self.world.check.first.is_some() {
            return;
        }
        let (terminal, sim) = (self.terminal(), self.sim());
        let (one, other) = (self.one_in(3), self.one_in(2));
        match self.draw(if self.calm { 80 } else { 102 }) {
            0..=13 => self.assign(terminal, sim),
            14..=17 => {
                let reclaim = self.reclaim();
                self.wish(terminal, TerminalWish::Release(iccid(sim), reclaim));
            }
            18..=27 => self.text_out(terminal, sim, one, other),
            28..=39 => self.text_in(sim, one),
            40..=49 => self.call_in(sim),
            50..=57 => {
                for terminal in 0..self.world.size.terminals {
                    if self.draw(3) > 0 {
                        self.wish(terminal, TerminalWish::Answer);
                    }
                }
            }
            58..=64 => {
                self.world.check.calls.excuse(self.world.now);
                let wish = if one { TerminalWish::Reject } else { TerminalWish::HangUp };
                self.wish(terminal, wish);
            }
            65..=70 => self.dial(terminal, sim),
            71 | 72 => {
                let order = SimOrder::LeastRecentlyUsed;
                let sim = Target::Best { group: names::GROUP, order };
                self.wish(terminal, TerminalWish::Ussd { sim, code: "*100#".into() });
            }
            73 => drop(self.wish(terminal, TerminalWish::Hold)),
            74 => drop(self.wish(terminal, TerminalWish::Dtmf("12#".into()))),
            75 => {
                let apdu = vec![0x80, 0xF2, 0x00, 0x00, 0x00];
                self.wish(terminal, TerminalWish::Apdu { sim: iccid(sim), apdu });
            }
            76 => drop(self.wish(terminal, TerminalWish::Why(iccid(sim)))),
            77..=79 => self.permit(sim),
            80..=84 => self.crash(),
            85..=87 => self.trouble_with_modems(),
            88..=91 => self.move_cards(sim),
            92..=95 => self.cut(),
            96..=98 => self.weather(),
            99 => self.clocks(),
            _ => self.fail_over(),
        }
    }

    fn permit(&mut self, sim: u32) {
        let user = user_of(self.terminal());
        let set = match self.draw(4) {
            0 => Permissions::NONE,
            1 => Permissions::TEXT_READ | Permissions::CALL,
            _ => everything(),
        };
        self.operate(OperatorInput::Permit { iccid: iccid(sim), user, set });
    }

    fn node(&mut self) -> Node {
        match self.draw(5) {
            0 => Node::Server(self.world.leader),
            1..=3 => Node::Site(self.draw_u16(self.world.size.sites)),
            _ => Node::Terminal(self.terminal()),
        }
    }

    fn crash(&mut self) {
        let node = self.node();
        if self.one_in(2) {
            let outputs = self.draw(12);
            self.world.tell(|| format!("{node} will crash after {outputs} outputs"));
            self.world.arm(node, outputs);
        } else {
            let span = BACK_AFTER.plus(Duration::from_micros(self.draw(20_000_000)));
            self.world.crash(node, span);
        }
    }

    fn trouble_with_modems(&mut self) {
        let site = self.draw_u16(self.world.size.sites);
        let id = names::modem(site, self.draw_u16(names::MODEMS_PER_SITE));
        if self.one_in(2) {
            self.world.reset_modem(id);
        } else {
            let span = Duration::from_micros(self.draw(25_000_000));
            self.world.hang(id, span);
        }
    }

    fn move_cards(&mut self, sim: u32) {
        let site = self.draw_u16(self.world.size.sites);
        let Some(to) = self.world.empty_slot(site) else { return };
        match (self.draw(5), self.world.place_of(sim)) {
            (0, Some(_)) => self.world.insert(to, Card::new(sim, true)),
            (1, Some(_)) => {
                let doubles = self.world.slots.iter().filter(|(_, card)| card.double);
                let first: Option<SlotId> = doubles.map(|(slot, _)| *slot).next();
                if let Some(slot) = first {
                    self.world.pull(slot);
                }
            }
            (2, Some(slot)) => {
                self.operate(OperatorInput::Resolve { iccid: iccid(sim), slot });
            }
            (3, Some(slot)) => {
                self.world.pull(slot);
            }
            (_, Some(from)) => {
                if let Some(card) = self.world.pull(from) {
                    let wait = self.draw(2_000_000);
                    self.world.pass(Duration::from_micros(wait));
                    self.world.insert(to, card);
                }
            }
            (_, None) => self.world.insert(to, Card::new(sim, false)),
        }
    }

    fn cut(&mut self) {
        let (one, other) = (self.node(), self.node());
        if one != other {
            let span = Duration::from_micros(self.draw(60_000_000));
            self.world.cut(one, other, span);
        }
    }

    fn weather(&mut self) {
        let weather = Weather {
            loss: self.draw_u32(400_000),
            doubled: self.draw_u32(400_000),
            delay: Duration::from_micros(self.draw(3_000_000)),
        };
        let span = Duration::from_micros(self.draw(30_000_000));
        self.world.weather(weather, span);
    }

    /// Clocks run at another rate from now on, within their bounds.
    fn clocks(&mut self) {
        let now = self.world.now;
        let mut turns: Vec<i32> = Vec::new();
        for _ in 0..8 {
            let ppm = self.draw_u32(2 * names::DRIFT_PPM + 1);
            turns.push(i32::try_from(ppm).unwrap() - i32::try_from(names::DRIFT_PPM).unwrap());
        }
        self.world.tell(|| "clocks run at other rates".into());
        let World { servers, sites, terminals, .. } = &mut self.world;
        let servers = servers.iter_mut().map(|host| &mut host.clock);
        let sites = sites.iter_mut().map(|host| &mut host.clock);
        let terminals = terminals.iter_mut().map(|host| &mut host.clock);
        let all = servers.chain(sites).chain(terminals);
        all.zip(turns.into_iter().cycle()).for_each(|(clock, ppm)| clock.turn(now, ppm, 0));
    }

    /// Another server takes the log over; the one before may not know that yet.
    fn fail_over(&mut self) {
        let server = (self.world.leader + 1) % self.world.size.servers;
        self.world.check.disturbed(self.world.now);
        if self.world.servers[usize::from(server)].up {
            self.world.lead(server);
        }
    }

    /// Returns whether nobody holds any SIM, by the server.
    pub(crate) fn nobody_holds(&self) -> Option<String> {
        let exchange = &self.world.leading()?.machine;
        let mut sims = 0..self.world.size.sims;
        let held = sims.find(|sim| exchange.holder(iccid(*sim)).is_some())?;
        Some(format!("SIM {held} is {:?}", exchange.sim_state(iccid(held))))
    }
}

fn body(kind: &str, n: u32, long: bool) -> String {
    let word = if long { " and so on".repeat(30) } else { String::new() };
    format!("{kind} {n}:{word}")
}

fn everything() -> Permissions {
    let uses = Permissions::CALL | Permissions::USSD | Permissions::APDU;
    Permissions::TEXT_SEND | Permissions::TEXT_READ | uses | Permissions::CONFIGURE
}
