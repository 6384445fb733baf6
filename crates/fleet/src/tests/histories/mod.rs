//! Random histories: sites with clocks of their own, messages lost, late and doubled, crashes of
//! the exchange at any output. After every event the named invariants hold.

mod invariants;

use super::mail::{pdu, text};
use super::policies::tariffs;
use super::post::Post;
use super::sent::outcome;
use super::*;
use polysim_base::{Purpose, Stream};
use polysim_lease::{Fence, Grant};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SITES: [u16; 3] = [1, 2, 3];
const CARDS: u16 = 3;

fn config() -> ExchangeConfig {
    ExchangeConfig {
        ttl: secs(10),
        margin: Margin::new(10_000, Duration::from_millis(1)).unwrap(),
        grace: secs(8),
        rest: secs(5),
        site_backoff: secs(7),
        silence: secs(9),
        quarantine: secs(4),
        parts_wait: secs(30),
        wait_max: secs(60),
        ..ExchangeConfig::default()
    }
}

fn parameters(c: u8, d: u8) -> Parameters {
    let kind = [KindWanted::BuiltIn, KindWanted::Cloud, KindWanted::Any, KindWanted::Any];
    let order = if c & 4 == 0 { ModemOrder::LeastRecentlyUsed } else { ModemOrder::Spread };
    let modem = if c & 24 == 24 {
        ModemWanted::Fixed(modem(1 + u16::from(d % 3), u16::from(d / 3 % 2)))
    } else {
        ModemWanted::Of { pool: POOL, kind: kind[usize::from(c & 3)], order }
    };
    let reclaim = [Reclaim::Now, Reclaim::Gracefully, Reclaim::WhenConvenient];
    Parameters {
        modem,
        priority: d,
        evict: c & 32 != 0,
        duration: (c & 64 != 0).then(|| secs(15)),
        reclaim: reclaim[usize::from(d % 3)],
        wait: secs(40),
        turns: (c & 128 != 0).then(|| secs(5)),
    }
}

/// The edge, as far as these tests need it: a fence for each card, what the modems hold.
#[derive(Debug, Default)]
struct Edge {
    incarnation: u32,
    revision: u32,
    /// Microseconds that its clock gains in a second of the exchange's, which may itself be wrong
    /// by the drift of the margin the other way.
    drift: i64,
    linked: bool,
    cards: BTreeMap<u16, u32>,
    fences: BTreeMap<Iccid, (Fence, Option<ModemId>)>,
    held: BTreeMap<ModemId, LeaseClaim>,
    /// What it says until it is confirmed; over all lives.
    kept: BTreeMap<ReportId, Kept>,
    reports: u64,
}

struct World {
    fleet: Fleet,
    /// The fold over the records, beside the machine.
    shadow: Exchange,
    edges: BTreeMap<u16, Edge>,
    down: Vec<(u16, SiteOrder)>,
    up: Vec<(u16, SiteReport)>,
    /// What is permitted, as recorded: a crash may lose what was asked.
    permits: BTreeMap<(UserId, Iccid), Permissions>,
    epochs: BTreeMap<Iccid, Epoch>,
    mail: Post,
    /// How often a site has told that something runs, or nothing any more.
    services: u32,
    seen: (usize, usize),
    term: u32,
    crash_after: Option<usize>,
    /// Between a crash and the next term.
    cut: bool,
}

impl World {
    fn new() -> Self {
        let exchange = Exchange::new(config());
        let mut world = Self {
            fleet: Fleet {
                exchange: exchange.clone(),
                records: Vec::new(),
                said: Vec::new(),
                now: at(100),
                requests: 0,
                sites: BTreeMap::new(),
            },
            shadow: exchange,
            edges: BTreeMap::new(),
            down: Vec::new(),
            up: Vec::new(),
            permits: BTreeMap::new(),
            epochs: BTreeMap::new(),
            mail: Post::default(),
            services: 0,
            seen: (0, 0),
            term: 1,
            crash_after: None,
            cut: false,
        };
        world.give(Input::Lead(Term(1)));
        tariffs().into_iter().for_each(|input| world.give(input));
        for (site, drift) in SITES.into_iter().zip([19_500, -19_500, 0]) {
            let cards = (0..CARDS).map(|i| (i, u32::from(site * 10 + i))).collect();
            let edge = Edge { incarnation: 1, drift, cards, ..Edge::default() };
            world.edges.insert(site, edge);
            world.hello(site);
            for i in 0..CARDS {
                let n = u32::from(site * 10 + i);
                let plan = PlanId(1 + i % 2);
                let enrol = OperatorInput::Enrol { iccid: iccid(n), group: GROUP, plan };
                world.give(Input::Operator(enrol));
                world.permit(ALICE, n, true);
            }
        }
        world
    }

    fn clock(&self, site: u16) -> Instant {
        let now = i64::try_from(self.fleet.now.as_micros()).unwrap();
        let shown = now + now * self.edges[&site].drift / 1_000_000;
        Instant::from_micros(u64::try_from(shown).unwrap())
    }

    fn permit(&mut self, user: UserId, n: u32, allowed: bool) {
        let set = if allowed { EVERYTHING() } else { Permissions::NONE };
        self.give(Input::Operator(OperatorInput::Permit { iccid: iccid(n), user, set }));
    }

    /// Gives an input, perhaps crashes at an output, and checks everything.
    fn give(&mut self, input: Input) {
        self.fleet.exchange.handle(self.fleet.now, input);
        match self.crash_after.take() {
            None => self.fleet.drain(),
            Some(outputs) => {
                for _ in 0..outputs {
                    match self.fleet.exchange.poll_output() {
                        Some(Out::Record(record)) => self.fleet.records.push(record),
                        Some(Out::Do(output)) => self.fleet.said.push(output),
                        None => break,
                    }
                }
                let mut fresh = Exchange::new(config());
                self.fleet.records.iter().cloned().for_each(|record| fresh.restore(record));
                self.fleet.exchange = fresh;
                self.cut = true;
                self.check();
                self.cut = false;
                self.term += 1;
                self.give(Input::Lead(Term(self.term)));
                for site in SITES {
                    if self.edges[&site].linked {
                        self.hello(site);
                    }
                }
                return;
            }
        }
        self.check();
    }

    fn pass(&mut self, micros: u64) {
        let end = self.fleet.now.plus(Duration::from_micros(micros));
        while let Some((due, _)) = self.fleet.exchange.poll_timeout().filter(|(at, _)| *at <= end) {
            self.fleet.pass_to(due.max(self.fleet.now));
            self.check();
        }
        self.fleet.now = end;
        self.check();
    }

    fn hello(&mut self, site: u16) {
        let stamp = self.clock(site);
        let kind = |number| match (site, number) {
            (2, 0) => Kind::OwnCard { bank: 0, slot: 0 },
            (3, _) => Kind::Cloud,
            _ => Kind::BuiltIn,
        };
        let edge = self.edges.get_mut(&site).unwrap();
        edge.linked = true;
        edge.revision += 1;
        let hello = Hello {
            incarnation: edge.incarnation,
            revision: edge.revision,
            stamp,
            cards: edge.cards.iter().map(|(at, n)| card(site, *at, *n)).collect(),
            modems: (0..2).map(|i| report(site, i, kind(i))).collect(),
        };
        self.give(Input::Site(SiteId(site), SiteReport::Hello(hello)));
    }

    fn renew(&mut self, site: u16) {
        let stamp = self.clock(site);
        let edge = &self.edges[&site];
        if edge.linked {
            let leases = edge.held.values().copied().collect();
            let again = edge.kept.iter().take(2).map(|(id, kept)| (*id, kept.clone()));
            self.up.extend(again.map(|(id, kept)| (site, SiteReport::Keep(id, kept))));
            let (incarnation, revision) = (edge.incarnation, edge.revision);
            self.up.push((site, SiteReport::Renew { incarnation, revision, stamp, leases }));
        }
    }

    /// A message reaches an edge.
    fn deliver(&mut self, site: u16, message: SiteOrder) {
        let now = self.clock(site);
        if message == SiteOrder::Introduce {
            return self.hello(site);
        }
        let edge = self.edges.get_mut(&site).unwrap();
        match message {
            SiteOrder::Grant { iccid, slot, modem, epoch, asked, ttl } => {
                if slot.site.0 == site && edge.cards.contains_key(&slot.slot) {
                    let (fence, on) = edge.fences.entry(iccid).or_default();
                    let grant = Grant { epoch, asked, ttl };
                    if fence.accept(now, grant, config().margin).is_ok() {
                        fence.reset_done(epoch).unwrap();
                        *on = Some(modem);
                    }
                }
                if modem.site.0 == site {
                    let claim = LeaseClaim { iccid, epoch };
                    edge.held.retain(|_, held| held.iccid != iccid);
                    edge.held.insert(modem, claim);
                    let report = if epoch.count() % 8 == 7 {
                        SiteReport::AttachFailed(claim, Fault::Modem)
                    } else {
                        SiteReport::Attached(claim)
                    };
                    self.up.push((site, report));
                }
            }
            SiteOrder::Revoke { iccid, epoch, .. } | SiteOrder::Fence { iccid, epoch } => {
                edge.held.retain(|_, held| held.iccid != iccid || held.epoch > epoch);
                let fence = &mut edge.fences.entry(iccid).or_default().0;
                if fence.close(epoch).is_ok() {
                    let claim = LeaseClaim { iccid, epoch };
                    self.up.push((site, SiteReport::Released(claim)));
                }
            }
            SiteOrder::Confirmed(id) => {
                edge.kept.remove(&id);
            }
            SiteOrder::Entitle { .. } | SiteOrder::Introduce => {}
        }
    }

    fn step(&mut self, (kind, a, b, c): (u8, u8, u8, u8)) {
        let site = SITES[usize::from(a % 3)];
        let n = u32::from(SITES[usize::from(b % 3)] * 10 + u16::from(b / 3) % CARDS);
        let rarely = a < 60;
        match kind % 32 {
            0..=2 => self.pass(u64::from(a) * if b & 1 == 0 { 15_000 } else { 400 }),
            3..=8 => self.assign(if a < 240 { ALICE } else { BOB }, n, parameters(b, c)),
            9 => {
                let reclaim = if c & 1 == 0 { Reclaim::Now } else { Reclaim::Gracefully };
                let (request, iccid) = (RequestId(0), iccid(n));
                let ask = Ask::Release { iccid, reclaim };
                self.give(Input::User(ALICE, UserRequest { request, ask }));
            }
            10 | 11 => self.ask(a, n),
            12 if rarely => self.move_card(site, b, c),
            13 if rarely => self.double(site, b),
            14 if rarely && self.edges[&site].linked => {
                self.edges.get_mut(&site).unwrap().linked = false;
            }
            14 if !self.edges[&site].linked => self.hello(site),
            15 if rarely => {
                self.down.retain(|(to, _)| *to != site);
                let edge = self.edges.get_mut(&site).unwrap();
                (edge.fences, edge.held) = (BTreeMap::new(), BTreeMap::new());
                edge.incarnation += 1;
                // Its modems list their texts anew.
                for kept in core::mem::take(&mut edge.kept).into_values() {
                    edge.reports += 1;
                    edge.kept.insert(ReportId(edge.reports), kept);
                }
                self.hello(site);
            }
            16..=18 => self.report(n, c),
            19 | 20 => SITES.into_iter().for_each(|site| self.renew(site)),
            21 if rarely => self.crash_after = Some(usize::from(c % 12)),
            22 => self.permit(if a < 200 { ALICE } else { BOB }, n, c & 7 != 0),
            23 | 24 => self.carry(a, b, c),
            25 if rarely => {
                let failed = SiteReport::ModemFailed(modem(site, u16::from(c & 1)));
                self.give(Input::Site(SiteId(site), failed));
            }
            26 => self.text_comes(site, b, c),
            27 => self.text_goes(site, b, c),
            _ => (0..6).for_each(|_| self.carry(0, 0, 0)),
        }
    }

    /// Carries one message each way: late ones may come after younger ones, some are lost, some
    /// come twice.
    fn carry(&mut self, fate: u8, pick: u8, other: u8) {
        if !self.down.is_empty() {
            let (site, message) = self.down.remove(usize::from(pick) % self.down.len());
            if fate % 8 != 1 && self.edges[&site].linked {
                self.deliver(site, message.clone());
                if fate % 8 == 2 {
                    self.deliver(site, message);
                }
            }
        }
        if !self.up.is_empty() {
            let (site, report) = self.up.remove(usize::from(other) % self.up.len());
            if fate % 8 != 3 {
                let crashing = self.crash_after.is_some();
                let input = Input::Site(SiteId(site), report);
                let misreports = self.fleet.exchange.misreports();
                self.give(input.clone());
                if fate % 8 == 4 && !crashing {
                    let mut once = self.fleet.exchange.clone();
                    self.give(input);
                    // What a site may not say is noted each time that it says it.
                    once.state.misreports += once.misreports() - misreports;
                    assert_eq!(self.fleet.exchange, once, "F18: again is the same as once");
                }
            }
        }
    }

    fn assign(&mut self, user: UserId, n: u32, parameters: Parameters) {
        let before = self.fleet.exchange.clone();
        let crashing = self.crash_after.is_some();
        let (request, iccid) = (RequestId(self.fleet.requests), iccid(n));
        self.fleet.requests += 1;
        self.give(Input::User(
            user,
            UserRequest { request, ask: Ask::Assign { iccid, parameters } },
        ));
        let set = self.permits.get(&(user, iccid)).copied().unwrap_or_default();
        let denied = !set.allow(Permissions::CONFIGURE);
        if denied && !crashing {
            let mut audited = before;
            audited.state.denied += 1;
            audited.state.at = self.fleet.now; // of the record
            assert_eq!(self.fleet.exchange, audited, "F19: a denied request changes nothing");
        }
    }

    fn ask(&mut self, a: u8, n: u32) {
        let user = if a & 1 == 0 { ALICE } else { BOB };
        let order = SimOrder::LeastRecentlyUsed;
        let best = Target::Best { group: GROUP, order };
        let target = if a & 2 == 0 { best } else { Target::Sim(iccid(n)) };
        let purpose = Permissions::CALL;
        let request = RequestId(self.fleet.requests);
        self.fleet.requests += 1;
        self.give(Input::User(
            user,
            UserRequest { request, ask: Ask::Use { target, purpose, known: None } },
        ));
    }

    fn move_card(&mut self, site: u16, from: u8, to: u8) {
        let edge = self.edges.get_mut(&site).unwrap();
        let (from, to) = (u16::from(from) % (CARDS + 2), u16::from(to) % (CARDS + 2));
        if edge.cards.contains_key(&to) || !edge.linked {
            return;
        }
        let Some(n) = edge.cards.remove(&from) else { return };
        // What is not there cannot be used; of which leases that is true, the site cannot know.
        if let Some((fence, _)) = edge.fences.get_mut(&iccid(n)) {
            let epoch = fence.highest();
            fence.close(epoch).unwrap();
            let claim = LeaseClaim { iccid: iccid(n), epoch };
            self.up.push((site, SiteReport::CardLost(claim)));
        }
        let keeps = |world: &Self| {
            let state = &world.fleet.exchange.state;
            let sim = state.sim(state.find(iccid(n)).unwrap()).unwrap();
            (sim.enrolment, sim.permits.clone(), sim.uses, sim.lease.epoch())
        };
        let before = keeps(self);
        self.hello(site);
        assert_eq!(keeps(self), before, "F10: a moved card keeps what it is");
        self.edges.get_mut(&site).unwrap().cards.insert(to, n);
        self.hello(site);
    }

    /// A second card with the ICCID of another one appears in slot 9, or goes.
    fn double(&mut self, site: u16, b: u8) {
        let edge = self.edges.get_mut(&site).unwrap();
        if !edge.linked {
            return;
        }
        let n = u32::from(SITES[usize::from(b % 3)] * 10);
        if edge.cards.remove(&9).is_none() {
            edge.cards.insert(9, n);
        }
        self.hello(site);
    }

    fn keep(&mut self, site: u16, kept: Kept) {
        let edge = self.edges.get_mut(&site).unwrap();
        edge.reports += 1;
        let id = ReportId(edge.reports);
        edge.kept.insert(id, kept.clone());
        self.up.push((site, SiteReport::Keep(id, kept)));
    }

    fn claim_at(&self, site: u16, pick: u8) -> Option<LeaseClaim> {
        let held = &self.edges[&site].held;
        held.values().nth(usize::from(pick) % held.len().max(1)).copied()
    }

    /// A text comes, perhaps as one of two parts; references are used again and again.
    fn text_comes(&mut self, site: u16, pick: u8, c: u8) {
        let Some(claim) = self.claim_at(site, pick) else { return };
        let token = self.mail.next_token();
        let part = (c & 1 != 0).then(|| (c >> 1 & 3, 2, 1 + (c >> 3 & 1)));
        self.keep(site, text(claim, pdu(1, &token, part)));
    }

    /// A text goes out: first that it will, then what came of it.
    fn text_goes(&mut self, site: u16, pick: u8, c: u8) {
        let Some(claim) = self.claim_at(site, pick) else { return };
        self.mail.sent += 1;
        let known = [
            PartOutcome::Sent { reference: c },
            PartOutcome::Failed { cause: None },
            PartOutcome::Unknown,
        ];
        let (number, known) = (self.mail.sent, known[usize::from(c % 3)]);
        self.keep(site, outcome(claim, number, 1, PartOutcome::Pending));
        self.keep(site, outcome(claim, number, 1, known));
    }

    fn report(&mut self, n: u32, c: u8) {
        let Some(epoch) = self.fleet.exchange.epoch(iccid(n)) else { return };
        let claim = LeaseClaim { iccid: iccid(n), epoch };
        self.services += 1;
        // Some come late.
        let number = self.services.saturating_sub(u32::from(c >> 2 & 3));
        let report = match c % 4 {
            0 => SiteReport::ServiceEnded(claim, number),
            1 | 2 => SiteReport::ServiceBegan(claim, number),
            _ => SiteReport::Attached(claim),
        };
        let state = &self.fleet.exchange.state;
        let sim = state.sim(state.find(iccid(n)).unwrap()).unwrap();
        let modem = sim.lease.holder().and_then(|modem| state.modem(modem));
        let site = modem.map_or_else(|| SITES[usize::from(c % 3)], |modem| modem.id.site.0);
        self.up.push((site, report));
    }
}

/// What a long history must have come across, or it shows nothing.
#[test]
fn histories_come_across_what_they_are_about() {
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..8 {
        let mut draws = Stream::derive(seed, 0, Purpose::Test, 0);
        let mut world = World::new();
        for _ in 0..1_500 {
            let [a, b, c, d] = draws.bytes();
            world.step((a, b, c, d));
        }
        for record in &world.fleet.records {
            *found.entry(name(&record.change)).or_default() += 1;
        }
        world.dies_down();
    }
    let names = [
        "lead",
        "card gone",
        "claims",
        "dropped",
        "granted",
        "at once",
        "renewed",
        "began",
        "attached",
        "revoked",
        "passed",
        "released",
        "used",
        "denied",
        "rests",
        "away",
        "lost",
        "rested",
        "turn over",
        "text",
        "outcome",
        "incomplete",
    ];
    for name in names {
        assert!(found.get(name).is_some_and(|n| *n >= 20), "{name}: {found:?}");
    }
}

const fn name(change: &Change) -> &'static str {
    match change {
        Change::Lead(_) => "lead",
        Change::Inventory(InventoryChange::CardGone(_)) => "card gone",
        Change::Inventory(InventoryChange::ModemRests(..)) => "rests",
        Change::Inventory(InventoryChange::SiteAway(_)) => "away",
        Change::Inventory(_) => "inventory",
        Change::Configure(ConfigureChange::Claims { .. }) => "claims",
        Change::Configure(ConfigureChange::Dropped { .. }) => "dropped",
        Change::Configure(_) => "configure",
        Change::Lease(LeaseChange::Granted { .. }) => "granted",
        Change::Lease(LeaseChange::GrantedAtOnce { .. }) => "at once",
        Change::Lease(LeaseChange::Renewed { .. }) => "renewed",
        Change::Lease(LeaseChange::Attached(_)) => "attached",
        Change::Lease(LeaseChange::ServiceBegan(..)) => "began",
        Change::Lease(LeaseChange::ServiceEnded(..)) => "ended",
        Change::Lease(LeaseChange::Revoked { .. }) => "revoked",
        Change::Lease(LeaseChange::Passed(_)) => "passed",
        Change::Lease(LeaseChange::Released(_)) => "released",
        Change::Lease(LeaseChange::Lost(_)) => "lost",
        Change::Lease(LeaseChange::Rested(_)) => "rested",
        Change::Lease(LeaseChange::TurnOver(_)) => "turn over",
        Change::Used(_) => "used",
        Change::Denied => "denied",
        Change::Kept(kept) => match **kept {
            Kept::Text(_) => "text",
            Kept::Report(_) => "report",
            Kept::Outcome(_) => "outcome",
            Kept::Call(_) => "call",
        },
        Change::Incomplete(_) => "incomplete",
        Change::WindowMoved(_) => "window",
        Change::Misreported(_) => "misreported",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn invariants_hold_after_every_event(
        steps in proptest::collection::vec(any::<(u8, u8, u8, u8)>(), 1..250),
    ) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.dies_down();
    }
}
