//! A small fleet to test with, and what is asked of it.

mod budget;
mod crashes;
mod handover;
mod histories;
mod lease;
mod mail;
mod policies;
mod post;
mod sent;
mod sentences;
mod sites;
mod turns;
mod wire;

use crate::wire::*;
use crate::*;
use polysim_base::{Duration, Iccid, Imei, Instant, Machine, Out};
use std::collections::BTreeMap;
use std::format;
use std::vec::Vec;

const ALICE: UserId = UserId(1);
const BOB: UserId = UserId(2);
const POOL: PoolId = PoolId(1);
const GROUP: GroupId = GroupId(1);
const EVERYTHING: fn() -> Permissions = || {
    Permissions::TEXT_SEND
        | Permissions::TEXT_READ
        | Permissions::CALL
        | Permissions::USSD
        | Permissions::APDU
        | Permissions::CONFIGURE
};

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn at(n: u64) -> Instant {
    Instant::ZERO.plus(secs(n))
}

fn iccid(n: u32) -> Iccid {
    Iccid::parse(&format!("89990000000{n:08}")).unwrap()
}

fn modem(site: u16, number: u16) -> ModemId {
    ModemId { site: SiteId(site), number }
}

fn slot(site: u16, slot: u16) -> SlotId {
    SlotId { site: SiteId(site), bank: 0, slot }
}

fn card(site: u16, at: u16, n: u32) -> CardReport {
    CardReport { slot: slot(site, at), iccid: iccid(n), imsi: None, msisdn: None }
}

fn report(site: u16, number: u16, kind: Kind) -> ModemReport {
    let imei = Imei::parse(&format!("35{site:04}{number:08}")).unwrap();
    let address = format!("site-{site}/{number}");
    ModemReport { modem: modem(site, number), imei, kind, pool: POOL, address }
}

/// A hello of a site with cards `0..cards` (numbered from ten times the site) and modems.
fn hello(site: u16, incarnation: u32, stamp: u64, cards: u16, modems: u16, kind: Kind) -> Input {
    let first = u32::from(site) * 10;
    let hello = Hello {
        incarnation,
        revision: 1,
        stamp: at(stamp),
        cards: (0..cards).map(|i| card(site, i, first + u32::from(i))).collect(),
        modems: (0..modems).map(|i| report(site, i, kind)).collect(),
    };
    Input::Site(SiteId(site), SiteReport::Hello(hello))
}

fn anywhere() -> Parameters {
    Parameters {
        modem: ModemWanted::Of {
            pool: POOL,
            kind: KindWanted::Any,
            order: ModemOrder::LeastRecentlyUsed,
        },
        priority: 100,
        evict: false,
        duration: None,
        reclaim: Reclaim::Gracefully,
        wait: secs(1_000),
        turns: None,
    }
}

fn on(modem: ModemId) -> Parameters {
    Parameters { modem: ModemWanted::Fixed(modem), ..anywhere() }
}

/// An exchange, its records, and what it has said.
struct Fleet {
    exchange: Exchange,
    records: Vec<Record>,
    said: Vec<Output>,
    now: Instant,
    requests: u64,
    /// What each site last said that there is.
    sites: BTreeMap<SiteId, Hello>,
}

impl Fleet {
    /// Site 1 with `cards` cards, numbered from 10, and `modems` built-in modems. Nobody minds its
    /// silence.
    fn new(cards: u16, modems: u16) -> Self {
        let silence = secs(100_000_000);
        Self::with(ExchangeConfig { silence, ..ExchangeConfig::default() }, cards, modems)
    }

    fn with(config: ExchangeConfig, cards: u16, modems: u16) -> Self {
        let mut fleet = Self {
            exchange: Exchange::new(config),
            records: Vec::new(),
            said: Vec::new(),
            now: at(1),
            requests: 0,
            sites: BTreeMap::new(),
        };
        fleet.give(Input::Lead(Term(1)));
        fleet.give(hello(1, 1, 1, cards, modems, Kind::BuiltIn));
        (10..10 + u32::from(cards)).for_each(|n| fleet.entitle(n));
        fleet.said.clear();
        fleet
    }

    fn entitle(&mut self, n: u32) {
        let (iccid, plan) = (iccid(n), PlanId(1));
        self.give(Input::Operator(OperatorInput::Enrol { iccid, group: GROUP, plan }));
        let set = EVERYTHING();
        self.give(Input::Operator(OperatorInput::Permit { iccid, user: ALICE, set }));
    }

    /// Has the cards of a site change; it says so.
    fn cards(&mut self, site: u16, change: impl FnOnce(&mut Vec<CardReport>)) {
        let mut hello = self.sites[&SiteId(site)].clone();
        change(&mut hello.cards);
        hello.revision += 1;
        self.give(Input::Site(SiteId(site), SiteReport::Hello(hello)));
    }

    fn insert(&mut self, site: u16, at: u16, n: u32) {
        self.cards(site, |cards| cards.push(card(site, at, n)));
    }

    fn remove(&mut self, site: u16, at: u16) {
        self.cards(site, |cards| cards.retain(|card| card.slot != slot(site, at)));
    }

    fn give(&mut self, input: Input) {
        if let Input::Site(site, SiteReport::Hello(hello)) = &input {
            self.sites.insert(*site, hello.clone());
        }
        self.exchange.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(out) = self.exchange.poll_output() {
            match out {
                Out::Record(record) => self.records.push(record),
                Out::Do(output) => self.said.push(output),
            }
        }
    }

    fn pass_to(&mut self, now: Instant) {
        while let Some((due, _)) = self.exchange.poll_timeout().filter(|(due, _)| *due <= now) {
            self.now = self.now.max(due);
            self.exchange.handle_timeout(self.now);
            self.drain();
        }
        self.now = now;
    }

    /// Asks for an assignment and returns the last answer to that request.
    fn assign(&mut self, user: UserId, n: u32, parameters: Parameters) -> Answer {
        self.requests += 1;
        let request = RequestId(self.requests);
        let iccid = iccid(n);
        self.give(Input::User(
            user,
            UserRequest { request, ask: Ask::Assign { iccid, parameters } },
        ));
        self.last_answer(request)
    }

    fn ask(&mut self, user: UserId, target: Target, known: Option<(ModemId, Epoch)>) -> Answer {
        self.requests += 1;
        let request = RequestId(self.requests);
        let purpose = Permissions::CALL;
        self.give(Input::User(
            user,
            UserRequest { request, ask: Ask::Use { target, purpose, known } },
        ));
        self.last_answer(request)
    }

    fn last_answer(&self, wanted: RequestId) -> Answer {
        let answers = self.said.iter().rev().filter_map(|output| match output {
            Output::ToUser { request, answer, .. } if *request == wanted => Some(answer.clone()),
            Output::ToUser { .. } | Output::ToSite(..) | Output::Mail(..) => None,
        });
        answers.into_iter().next().unwrap()
    }

    fn claim(&self, n: u32) -> LeaseClaim {
        LeaseClaim { iccid: iccid(n), epoch: self.exchange.epoch(iccid(n)).unwrap() }
    }

    fn attached(&mut self, n: u32) {
        self.tells(n, SiteReport::Attached);
    }

    /// The site of its modem tells something of the lease of a SIM.
    fn tells(&mut self, n: u32, report: impl FnOnce(LeaseClaim) -> SiteReport) {
        let site = self.modem_of(n).unwrap().site;
        let claim = self.claim(n);
        self.give(Input::Site(site, report(claim)));
    }

    /// Something begins to run with a SIM.
    fn begins(&mut self, n: u32) {
        self.requests += 1;
        let number = u32::try_from(self.requests).unwrap();
        self.tells(n, |claim| SiteReport::ServiceBegan(claim, number));
    }

    /// Nothing runs with it any more.
    fn ends(&mut self, n: u32) {
        self.requests += 1;
        let number = u32::try_from(self.requests).unwrap();
        self.tells(n, |claim| SiteReport::ServiceEnded(claim, number));
    }

    fn released(&mut self, site: u16, n: u32) {
        let (site, claim) = (SiteId(site), self.claim(n));
        self.give(Input::Site(site, SiteReport::Released(claim)));
    }

    /// Has a SIM on standby.
    fn standby(&mut self, n: u32, parameters: Parameters) {
        let answer = self.assign(ALICE, n, parameters);
        assert!(matches!(answer, Answer::Assigned(..)), "{answer:?}");
        self.attached(n);
    }

    fn state(&self, n: u32) -> SimState {
        self.exchange.sim_state(iccid(n)).unwrap()
    }

    fn why(&self, n: u32) -> Why {
        let state = &self.exchange.state;
        state.sim(state.find(iccid(n)).unwrap()).unwrap().why
    }

    fn grants(&self) -> Vec<(SiteId, SiteOrder)> {
        let mut orders = self.to_sites();
        orders.retain(|(_, order)| matches!(order, SiteOrder::Grant { .. }));
        orders
    }

    /// A site says that something must not be lost; returns whether that is confirmed.
    fn keep(&mut self, site: u16, kept: Kept) -> bool {
        self.requests += 1;
        let id = ReportId(self.requests);
        self.give(Input::Site(SiteId(site), SiteReport::Keep(id, kept)));
        self.to_sites().contains(&(SiteId(site), SiteOrder::Confirmed(id)))
    }

    /// Everything that has come for a user.
    fn mail(&mut self, user: UserId) -> Vec<Mail> {
        let after = MailId(0);
        let Answer::Mail(page) = self.user(user, Ask::Mail { after }) else { panic!() };
        assert!(!page.more);
        page.items.into_iter().map(|item| item.mail).collect()
    }

    fn entitled(&self) -> Budget {
        let mut orders = self.to_sites();
        orders.retain(|(_, order)| matches!(order, SiteOrder::Entitle { .. }));
        let Some((_, SiteOrder::Entitle { budget, .. })) = orders.pop() else { panic!() };
        budget
    }

    /// Asks something and returns the last answer to it.
    fn user(&mut self, user: UserId, ask: Ask) -> Answer {
        self.requests += 1;
        let request = RequestId(self.requests);
        self.give(Input::User(user, UserRequest { request, ask }));
        self.last_answer(request)
    }

    fn modem_of(&self, n: u32) -> Option<ModemId> {
        let sim = self.exchange.state.sim(self.exchange.state.find(iccid(n))?)?;
        Some(self.exchange.state.modem(sim.lease.holder()?)?.id)
    }

    fn to_sites(&self) -> Vec<(SiteId, SiteOrder)> {
        let messages = self.said.iter().filter_map(|output| match output {
            Output::ToSite(site, directive) => Some((*site, directive.order.clone())),
            Output::ToUser { .. } | Output::Mail(..) => None,
        });
        messages.collect()
    }
}
