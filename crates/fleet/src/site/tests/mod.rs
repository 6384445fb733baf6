//! A site on a bench, with cards and drivers of modems made by hand.

#![expect(clippy::wildcard_enum_match_arm, reason = "each test looks at a few of many outputs")]

mod calls;
mod cards;
mod contacts;
mod crashes;
mod dialogues;
mod driver;
mod fake;
mod histories;
mod identities;
mod leases;
mod once;
mod servers;
mod speech;
mod texts;
mod upkeep;

use fake::{FakeCard, FakeDriver, call, registration};

use super::{Site, SiteConfig, SiteInput, SiteModem, SiteOutput, SiteRecord, SiteTimer};
use crate::wire::{
    Act, Budget, CardReply, Directive, Done, FromModem, Kept, Kind, LeaseClaim, ModemRequest,
    Relay, SiteOrder, SiteReport, ToModem, UseRefusal,
};
use crate::{
    Epoch, Margin, ModemId, Permissions, PoolId, RequestId, Revoke, ServerId, SiteId, SlotId, Term,
    TerminalId, UserId,
};
use polysim_base::{Duration, Iccid, Instant, Machine as _, Out};
use polysim_modem::{ModemCommand, ModemEvent, ModemOutput};
use std::collections::{BTreeMap, VecDeque};
use std::string::String;
use std::vec::Vec;

const HERE: SiteId = SiteId(1);
const THERE: SiteId = SiteId(2);
const ANN: (UserId, TerminalId) = (UserId(1), TerminalId(11));
const ANN_TOO: (UserId, TerminalId) = (UserId(1), TerminalId(12));
const BOB: (UserId, TerminalId) = (UserId(2), TerminalId(21));
const ALL: [Permissions; 4] =
    [Permissions::CALL, Permissions::TEXT_SEND, Permissions::USSD, Permissions::APDU];

fn iccid(n: u8) -> Iccid {
    Iccid::parse(&std::format!("894450000000000000{n:01}")).unwrap()
}

fn claim(n: u8, count: u32) -> LeaseClaim {
    LeaseClaim { iccid: iccid(n), epoch: Epoch::new(Term(1), count) }
}

fn config(site: SiteId) -> SiteConfig {
    let modem = |n: u8| SiteModem {
        imei: polysim_base::Imei::from_device(&std::format!("35123456789012{n}")).unwrap(),
        kind: Kind::BuiltIn,
        pool: PoolId(1),
        address: std::format!("modem{n}"),
    };
    SiteConfig {
        site,
        servers: 2,
        modems: [modem(0), modem(1)].into(),
        margin: Margin::new(200, Duration::from_millis(500)).unwrap(),
        renew_every: Duration::from_secs(30),
        attach_max: Duration::from_secs(120),
        ring_max: Duration::from_secs(30),
        call_max: Duration::from_secs(600),
        card_max: Duration::from_secs(5),
        null_every: Duration::from_millis(800),
        unix_at_zero_s: 1_700_000_000,
    }
}

/// A site on the bench.
#[derive(Clone, Debug)]
struct Rig {
    site: Site,
    now: Instant,
    records: Vec<SiteRecord>,
    /// What left the site but for cards and drivers.
    out: Vec<SiteOutput>,
    cards: BTreeMap<(u16, u16), FakeCard>,
    drivers: [FakeDriver; 2],
    /// In place of the first driver.
    real: Option<driver::Real>,
    /// The exchange confirms what is kept.
    confirms: bool,
    /// By which lease of card 1 terminals ask.
    epoch: u32,
    /// The site crashes before that output.
    crash_at: Option<usize>,
    crashed: bool,
    /// How many outputs there were.
    polled: usize,
    next_request: u64,
}

impl Rig {
    /// A site that has started, without cards.
    fn new(site: SiteId) -> Self {
        let mut rig = Self {
            site: Site::new(config(site)),
            now: Instant::from_micros(1_000_000),
            records: Vec::new(),
            out: Vec::new(),
            cards: BTreeMap::new(),
            drivers: [FakeDriver::default(), FakeDriver::default()],
            real: None,
            confirms: true,
            epoch: 1,
            crash_at: None,
            crashed: false,
            polled: 0,
            next_request: 0,
        };
        rig.give(SiteInput::Start);
        rig.advance(Duration::from_secs(1));
        rig
    }

    /// A site with the cards 1 and 2 in its bank.
    fn with_cards() -> Self {
        let mut rig = Self::new(HERE);
        rig.insert(0, FakeCard::new(1));
        rig.insert(1, FakeCard::new(2));
        rig.advance(Duration::from_secs(1));
        rig.out.clear();
        rig
    }

    /// A site with card 1 on standby in modem 0, Ann and Bob entitled to everything.
    fn on_standby() -> Self {
        let mut rig = Self::with_cards();
        rig.grant(1, 1);
        rig.entitle(1, 1);
        assert_eq!(rig.phase(), super::ModemPhase::Standby);
        rig.out.clear();
        rig.forget_commands();
        rig
    }

    fn insert(&mut self, slot: u16, card: FakeCard) {
        self.cards.insert((0, slot), card);
        self.give(SiteInput::Card { bank: 0, slot, reply: CardReply::Inserted });
    }

    fn pull(&mut self, slot: u16) {
        self.cards.remove(&(0, slot));
        self.give(SiteInput::Card { bank: 0, slot, reply: CardReply::Removed });
    }

    fn forget_commands(&mut self) {
        self.drivers.iter_mut().for_each(|driver| driver.commands.clear());
    }

    fn give(&mut self, input: SiteInput) {
        if self.crashed {
            return;
        }
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            self.site.handle(self.now, input);
            self.drain(&mut inputs);
        }
    }

    fn drain(&mut self, inputs: &mut VecDeque<SiteInput>) {
        loop {
            if self.crash_at == Some(self.polled) {
                (self.crash_at, self.crashed) = (None, true);
                return inputs.clear();
            }
            let Some(out) = self.site.poll_output() else { return };
            self.polled += 1;
            let output = match out {
                Out::Record(record) => {
                    self.records.push(record);
                    continue;
                }
                Out::Do(output) => output,
            };
            match output {
                SiteOutput::Card { bank, slot, signal } => {
                    let card = self.cards.get_mut(&(bank, slot));
                    let reply = card.and_then(|card| card.signal(signal));
                    inputs.extend(reply.map(|reply| SiteInput::Card { bank, slot, reply }));
                }
                SiteOutput::Modem(0, input) if self.real.is_some() => {
                    let real = self.real.as_mut().unwrap();
                    inputs.extend(real.drive(self.now, input));
                }
                SiteOutput::Modem(number, input) => {
                    let said = self.drivers[usize::from(number)].input(input);
                    inputs.extend(said.into_iter().map(|said| SiteInput::Modem(number, said)));
                }
                SiteOutput::Server(ServerId(0), SiteReport::Keep(id, kept)) => {
                    if self.confirms {
                        inputs.push_back(order(SiteOrder::Confirmed(id)));
                    }
                    self.out.push(SiteOutput::Server(ServerId(0), SiteReport::Keep(id, kept)));
                }
                other => self.out.push(other),
            }
        }
    }

    /// Lets time pass, and serves every deadline on the way.
    fn advance(&mut self, time: Duration) {
        let until = self.now.plus(time);
        for _ in 0..10_000 {
            if self.crashed {
                return;
            }
            let due = self.site.poll_timeout().map(|(due, _)| due).filter(|due| *due <= until);
            let Some(due) = due else {
                self.now = until;
                return;
            };
            self.now = self.now.max(due);
            self.site.handle_timeout(self.now);
            let mut inputs = VecDeque::new();
            self.drain(&mut inputs);
            if self.crashed {
                return;
            }
            let next: Option<(Instant, SiteTimer)> = self.site.poll_timeout();
            assert!(next.is_none_or(|(at, _)| at > self.now), "{next:?} is over");
            inputs.into_iter().for_each(|input| self.give(input));
        }
        panic!("deadlines without end");
    }

    /// The driver answers what waited.
    fn unstick(&mut self, number: u16) {
        let driver = &mut self.drivers[usize::from(number)];
        driver.stuck = false;
        for (id, command) in core::mem::take(&mut driver.waiting) {
            for said in self.drivers[usize::from(number)].command(id, command) {
                self.give(SiteInput::Modem(number, said));
            }
        }
    }

    fn event(&mut self, event: ModemEvent) {
        self.give(SiteInput::Modem(0, ModemOutput::Event(event)));
    }

    fn order(&mut self, order: SiteOrder) {
        self.give(self::order(order));
    }

    /// Grants a card of this site to its modem 0, from now on for an hour.
    fn grant(&mut self, card: u8, count: u32) {
        self.grant_for(card, count, HERE, HERE, Duration::from_secs(3_600));
    }

    fn grant_for(&mut self, card: u8, count: u32, bank: SiteId, modem: SiteId, ttl: Duration) {
        let LeaseClaim { iccid, epoch } = claim(card, count);
        self.order(SiteOrder::Grant {
            iccid,
            slot: SlotId { site: bank, bank: 0, slot: u16::from(card) - 1 },
            modem: ModemId { site: modem, number: 0 },
            epoch,
            asked: self.now,
            ttl,
        });
    }

    fn entitle(&mut self, card: u8, count: u32) {
        let all = ALL.into_iter().fold(Permissions::NONE, |all, one| all | one);
        self.entitle_users(card, count, &[(ANN.0, all), (BOB.0, all)]);
    }

    fn entitle_users(&mut self, card: u8, count: u32, users: &[(UserId, Permissions)]) {
        self.entitle_revised(card, count, 1, users);
    }

    fn entitle_revised(
        &mut self,
        card: u8,
        count: u32,
        revision: u64,
        users: &[(UserId, Permissions)],
    ) {
        let LeaseClaim { iccid, epoch } = claim(card, count);
        let budget = Budget { texts_limit: 3, calls_limit: 2, ..Budget::default() };
        let users = users.into();
        self.order(SiteOrder::Entitle { iccid, epoch, revision, users, budget });
    }

    fn revoke(&mut self, card: u8, count: u32, how: Revoke) {
        let LeaseClaim { iccid, epoch } = claim(card, count);
        self.order(SiteOrder::Revoke { iccid, epoch, how });
    }

    /// Asks the modem 0 for something with card 1, epoch 1; returns the answer, if there is one.
    fn act(&mut self, by: (UserId, TerminalId), act: Act) -> Option<Result<Done, UseRefusal>> {
        self.next_request += 1;
        self.ask(by, self.next_request, act)
    }

    fn ask(
        &mut self,
        by: (UserId, TerminalId),
        request: u64,
        act: Act,
    ) -> Option<Result<Done, UseRefusal>> {
        let LeaseClaim { iccid, epoch } = claim(1, self.epoch);
        let modem = ModemId { site: HERE, number: 0 };
        let request = ModemRequest { request: RequestId(request), modem, iccid, epoch, act };
        let id = request.request;
        self.give(SiteInput::Terminal(by.0, by.1, ToModem::Request(request)));
        let told = self.told(by);
        told.into_iter().rev().find_map(|told| match told {
            FromModem::Reply { request, outcome } if request == id => Some(outcome),
            _ => None,
        })
    }

    fn phase(&self) -> super::ModemPhase {
        self.site.modem(0).unwrap().phase
    }

    /// What one terminal was told, directly.
    fn told(&self, by: (UserId, TerminalId)) -> Vec<FromModem> {
        let told = |output: &SiteOutput| match output {
            SiteOutput::Terminal(user, terminal, told) if (*user, *terminal) == by => {
                Some(told.clone())
            }
            _ => None,
        };
        self.out.iter().filter_map(told).collect()
    }

    /// What all terminals of a user were told.
    fn told_user(&self, user: UserId) -> Vec<FromModem> {
        let told = |output: &SiteOutput| match output {
            SiteOutput::User(of, told) if *of == user => Some(told.clone()),
            _ => None,
        };
        self.out.iter().filter_map(told).collect()
    }

    /// What the first server heard.
    fn reports(&self) -> Vec<SiteReport> {
        let report = |output: &SiteOutput| match output {
            SiteOutput::Server(ServerId(0), report) => Some(report.clone()),
            _ => None,
        };
        self.out.iter().filter_map(report).collect()
    }

    fn kept(&self) -> Vec<Kept> {
        let kept = |report| match report {
            SiteReport::Keep(_, kept) => Some(kept),
            _ => None,
        };
        self.reports().into_iter().filter_map(kept).collect()
    }

    fn relays(&mut self) -> Vec<Relay> {
        let (relays, others) = core::mem::take(&mut self.out)
            .into_iter()
            .partition::<Vec<_>, _>(|output| matches!(output, SiteOutput::Site(..)));
        self.out = others;
        let relay = |output| match output {
            SiteOutput::Site(_, relay) => Some(relay),
            _ => None,
        };
        relays.into_iter().filter_map(relay).collect()
    }

    /// What the modem 0 saw in its slot.
    fn seen_by_modem(&self) -> Vec<CardReply> {
        let seen = |output: &SiteOutput| match output {
            SiteOutput::ModemCard(0, reply) => Some(reply.clone()),
            _ => None,
        };
        self.out.iter().filter_map(seen).collect()
    }

    /// The site crashes and starts anew; cards and modems stay as they are.
    fn restart(&mut self) {
        let mut site = Site::new(self.site.config().clone());
        self.records.iter().cloned().for_each(|record| site.restore(record));
        if !core::mem::take(&mut self.crashed) {
            assert_eq!(site.journal, self.site.journal, "the records are the whole of it");
        }
        self.site = site;
        self.drivers.iter_mut().for_each(|driver| driver.told.clear());
        self.give(SiteInput::Start);
        let slots: Vec<(u16, u16)> = self.cards.keys().copied().collect();
        for (bank, slot) in slots {
            self.give(SiteInput::Card { bank, slot, reply: CardReply::Inserted });
        }
        self.advance(Duration::from_secs(1));
    }

    fn names(&self) -> Vec<String> {
        let name = |command: &ModemCommand| {
            let text = std::format!("{command:?}");
            text.split([' ', '(', '{']).next().unwrap().into()
        };
        self.drivers[0].commands.iter().map(name).collect()
    }
}

fn order(order: SiteOrder) -> SiteInput {
    SiteInput::Server(ServerId(0), Directive { term: Term(1), order })
}

/// Carries what two sites say to each other until they are silent.
fn cross(a: &mut Rig, b: &mut Rig) {
    for _ in 0..100 {
        let (to_b, to_a) = (a.relays(), b.relays());
        if to_a.is_empty() && to_b.is_empty() {
            return;
        }
        let (here, there) = (a.site.config().site, b.site.config().site);
        to_b.into_iter().for_each(|relay| b.give(SiteInput::Site(here, relay)));
        to_a.into_iter().for_each(|relay| a.give(SiteInput::Site(there, relay)));
    }
    panic!("they never stop");
}
