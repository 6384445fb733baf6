//! Decisions a second and their slowest, memory of a SIM, time of a recovery.
#![expect(clippy::unwrap_used, reason = "a bench may panic")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::disallowed_types, reason = "a bench measures real time")]

use polysim_base::{Duration, Iccid, Imei, Instant, Machine, Out};
use polysim_fleet::wire::{
    Ask, CardReport, Change, Hello, Input, Kind, KindWanted, LeaseChange, LeaseClaim, ModemOrder,
    ModemReport, ModemWanted, OperatorInput, Parameters, Reclaim, Record, SiteReport, UserRequest,
};
use polysim_fleet::{
    Exchange, ExchangeConfig, GroupId, ModemId, Permissions, PlanId, PoolId, RequestId, SiteId,
    SlotId, Term, UserId,
};
use std::time;

const SITES: u16 = 100;
const POOL: PoolId = PoolId(1);

fn main() {
    decisions(100_000, 10_000, ModemOrder::LeastRecentlyUsed);
    decisions(100_000, 10_000, ModemOrder::Spread);
    memory(1_000_000);
    recovery(100_000);
}

/// Assigns and releases SIMs by turns, in an order that jumps about: first with modems to spare,
/// then with every modem taken, so that each release hands its modem on to the next that waits.
fn decisions(sims: u32, modems: u32, order: ModemOrder) {
    let mut fleet = Bench::new(sims, modems);
    let parameters = assignment(order);
    let mut took = Vec::new();
    // Half of the modems stay taken, and the oldest assignment is ended for each new one.
    let (held, rounds) = (modems / 2, 500_000_u32);
    let pick = |i: u32| u32::try_from(u64::from(i) * 48_271 % u64::from(sims)).unwrap();
    let began = time::Instant::now();
    for i in 0..rounds {
        let start = time::Instant::now();
        fleet.assign(pick(i), parameters);
        took.push(start.elapsed());
        if let Some(old) = i.checked_sub(held) {
            fleet.release(pick(old));
        }
    }
    let whole = began.elapsed();
    let granted = fleet.granted;
    report(&format!("{order:?}, free modems"), &mut took, whole, granted);

    // Everybody wants one: those that wait get what is released.
    let mut took = Vec::new();
    let waiting = 20_000;
    (rounds..rounds + modems + waiting).for_each(|i| fleet.assign(pick(i), parameters));
    fleet.granted = 0;
    let began = time::Instant::now();
    for i in rounds..rounds + waiting {
        let (site, claim) = fleet.claim(pick(i));
        let start = time::Instant::now();
        fleet.give(Input::Site(site, SiteReport::Released(claim)));
        took.push(start.elapsed());
    }
    let granted = fleet.granted;
    report(&format!("{order:?}, handed on"), &mut took, began.elapsed(), granted);
}

fn report(name: &str, took: &mut [time::Duration], whole: time::Duration, granted: u64) {
    took.sort_unstable();
    let calls: time::Duration = took.iter().sum();
    let per_second = took.len() as u128 * 1_000_000_000 / calls.as_nanos().max(1);
    // What the machine does besides does not show in it.
    let median = took.get(took.len() / 2).unwrap();
    let p99 = took.get(took.len() * 99 / 100).unwrap();
    let worst = took.last().unwrap();
    println!(
        "{name}: {per_second} decisions/s, median {median:?}, p99 {p99:?}, worst {worst:?} ({} decisions, {granted} \
         grants; {whole:?} with what ends leases between them)",
        took.len(),
    );
}

fn memory(sims: u32) {
    let mut fleet = None;
    let used = allocation_counter::measure(|| fleet = Some(Bench::new(sims, 10_000)));
    let each = used.bytes_current / i64::from(sims);
    let mib = used.bytes_current / 1_048_576;
    let peak = used.bytes_max / 1_048_576;
    println!(
        "memory: {each} bytes for a SIM, {mib} MiB for {sims} SIMs and 10000 modems, {peak} MiB at most while they come"
    );
}

/// Rebuilds an exchange from the records of so many leases.
fn recovery(leases: u32) {
    let mut fleet = Bench::new(leases, leases);
    fleet.keep = Some(Vec::new());
    let hellos = core::mem::take(&mut fleet.first);
    (0..leases).for_each(|n| fleet.assign(n, assignment(ModemOrder::LeastRecentlyUsed)));
    (0..leases).for_each(|n| fleet.attach(n));
    let records: Vec<Record> = hellos.into_iter().chain(fleet.keep.take().unwrap()).collect();
    let (count, began) = (records.len(), time::Instant::now());
    let mut exchange = Exchange::new(config());
    records.into_iter().for_each(|record| exchange.restore(record));
    let folded = began.elapsed();
    exchange.handle(fleet.now, Input::Lead(Term(2)));
    let led = began.elapsed();
    println!("recovery: {leases} leases from {count} records in {folded:?}, leading after {led:?}");
}

fn config() -> ExchangeConfig {
    ExchangeConfig { ttl: Duration::from_secs(86_400), ..ExchangeConfig::default() }
}

const fn assignment(order: ModemOrder) -> Parameters {
    Parameters {
        modem: ModemWanted::Of { pool: POOL, kind: KindWanted::Cloud, order },
        priority: 1,
        evict: false,
        duration: None,
        reclaim: Reclaim::Now,
        wait: Duration::from_secs(3_600),
        turns: None,
    }
}

struct Bench {
    exchange: Exchange,
    now: Instant,
    iccids: Vec<Iccid>,
    granted: u64,
    /// The records of the inventory.
    first: Vec<Record>,
    /// Later records, where they are kept.
    keep: Option<Vec<Record>>,
}

impl Bench {
    fn new(sims: u32, modems: u32) -> Self {
        let iccid = |n: u32| Iccid::parse(&format!("89990000000{n:08}")).unwrap();
        let mut fleet = Self {
            exchange: Exchange::new(config()),
            now: Instant::from_micros(1),
            iccids: (0..sims).map(iccid).collect(),
            granted: 0,
            first: Vec::new(),
            keep: Some(Vec::new()),
        };
        if sims >= 1_000_000 {
            fleet.keep = None; // only the exchange is to be measured
        }
        fleet.give(Input::Lead(Term(1)));
        for site in 0..SITES {
            let (cards, modems) = (sims / u32::from(SITES), modems / u32::from(SITES));
            let hello = Hello {
                incarnation: 1,
                revision: 1,
                stamp: Instant::ZERO,
                cards: (0..cards).map(|i| fleet.card(site, u32::from(site) * cards + i)).collect(),
                modems: (0..modems).map(|number| modem(site, number)).collect(),
            };
            fleet.give(Input::Site(SiteId(site), SiteReport::Hello(hello)));
        }
        for iccid in fleet.iccids.clone() {
            let (group, plan) = (GroupId(1), PlanId(1));
            fleet.give(Input::Operator(OperatorInput::Enrol { iccid, group, plan }));
            let (user, set) = (UserId(1), Permissions::CONFIGURE | Permissions::CALL);
            fleet.give(Input::Operator(OperatorInput::Permit { iccid, user, set }));
        }
        fleet.first = fleet.keep.take().unwrap_or_default();
        fleet
    }

    fn card(&self, site: u16, n: u32) -> CardReport {
        let (bank, slot) = (u16::try_from(n / 10_000).unwrap(), u16::try_from(n % 10_000).unwrap());
        let iccid = *self.iccids.get(n as usize).unwrap();
        let slot = SlotId { site: SiteId(site), bank, slot };
        CardReport { slot, iccid, imsi: None, msisdn: None }
    }

    fn give(&mut self, input: Input) {
        self.now = self.now.plus(Duration::from_micros(1));
        self.exchange.handle(self.now, input);
        while let Some(out) = self.exchange.poll_output() {
            if let Out::Record(record) = out {
                let granted = matches!(
                    record.change,
                    Change::Lease(LeaseChange::Granted { .. } | LeaseChange::GrantedAtOnce { .. })
                );
                self.granted += u64::from(granted);
                if let Some(keep) = &mut self.keep {
                    keep.push(record);
                }
            }
        }
    }

    fn assign(&mut self, n: u32, parameters: Parameters) {
        let (user, request) = (UserId(1), RequestId(u64::from(n)));
        let iccid = *self.iccids.get(n as usize).unwrap();
        self.give(Input::User(
            user,
            UserRequest { request, ask: Ask::Assign { iccid, parameters } },
        ));
    }

    fn claim(&self, n: u32) -> (SiteId, LeaseClaim) {
        let iccid = *self.iccids.get(n as usize).unwrap();
        let each = u32::try_from(self.iccids.len()).unwrap() / u32::from(SITES);
        let site = SiteId(u16::try_from(n / each).unwrap());
        (site, LeaseClaim { iccid, epoch: self.exchange.epoch(iccid).unwrap() })
    }

    fn attach(&mut self, n: u32) {
        let (site, claim) = self.claim(n);
        self.give(Input::Site(site, SiteReport::Attached(claim)));
    }

    fn release(&mut self, n: u32) {
        let (site, claim) = self.claim(n);
        self.give(Input::Site(site, SiteReport::Released(claim)));
    }
}

fn modem(site: u16, number: u32) -> ModemReport {
    ModemReport {
        modem: ModemId { site: SiteId(site), number: u16::try_from(number).unwrap() },
        imei: Imei::parse(&format!("35{site:04}{number:08}")).unwrap(),
        kind: Kind::Cloud,
        pool: POOL,
        address: format!("site-{site}/{number}"),
    }
}
