//! What things in these worlds are called, and how their machines are set up.

use polysim_base::{Duration, Iccid, Imei, Imsi, Msisdn};
use polysim_fleet::site::{SiteConfig, SiteModem};
use polysim_fleet::terminal::TerminalConfig;
use polysim_fleet::wire::Kind;
use polysim_fleet::{
    ExchangeConfig, GroupId, Margin, ModemId, PlanId, PoolId, SiteId, SlotId, TerminalId, UserId,
};
use std::fmt;

pub(crate) const POOL: PoolId = PoolId(1);
pub(crate) const GROUP: GroupId = GroupId(1);
pub(crate) const PLAN: PlanId = PlanId(1);
pub(crate) const MODEMS_PER_SITE: u16 = 2;
pub(crate) const SLOTS_PER_SITE: u16 = 5;
pub(crate) const USERS: u32 = 3;
/// Where terminals and cards believe the wall clock to begin.
pub(crate) const UNIX_AT_ZERO: u64 = 1_750_000_000;
pub(crate) const TTL: Duration = Duration::from_secs(20);
pub(crate) const GRACE: Duration = Duration::from_secs(20);
pub(crate) const RING_MAX: Duration = Duration::from_secs(15);
pub(crate) const DRIFT_PPM: u32 = 200;
pub(crate) const SKEW: Duration = Duration::from_secs(2);

/// How large a world is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Size {
    pub(crate) servers: u8,
    pub(crate) sites: u16,
    pub(crate) terminals: u32,
    pub(crate) sims: u32,
}

/// A machine on the network.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Node {
    Server(u8),
    Site(u16),
    Terminal(u32),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(n) => write!(f, "server {n}"),
            Self::Site(n) => write!(f, "site {n}"),
            Self::Terminal(n) => write!(f, "terminal {n}"),
        }
    }
}

pub(crate) fn iccid(sim: u32) -> Iccid {
    Iccid::with_check_digit(&format!("89490000000000{sim:04}")).unwrap()
}

pub(crate) fn imsi(sim: u32) -> Imsi {
    Imsi::parse(&format!("26201000000{sim:04}")).unwrap()
}

pub(crate) fn number_of_sim(sim: u32) -> Msisdn {
    Msisdn::parse(&format!("+4915100000{sim:03}")).unwrap()
}

/// The number of somebody outside; each is called or texted once.
pub(crate) fn outside(n: u32) -> Msisdn {
    Msisdn::parse(&format!("+49170{n:07}")).unwrap()
}

/// Two terminals are user 0's, each other one has its own user.
pub(crate) const fn user_of(terminal: u32) -> UserId {
    UserId(terminal.saturating_sub(1))
}

pub(crate) const fn modem(site: u16, number: u16) -> ModemId {
    ModemId { site: SiteId(site), number }
}

pub(crate) const fn slot(site: u16, slot: u16) -> SlotId {
    SlotId { site: SiteId(site), bank: 0, slot }
}

fn margin() -> Margin {
    Margin::new(DRIFT_PPM, SKEW).unwrap()
}

pub(crate) fn exchange_config() -> ExchangeConfig {
    ExchangeConfig {
        ttl: TTL,
        margin: margin(),
        grace: GRACE,
        rest: Duration::from_secs(4),
        site_failures_max: 4,
        site_backoff: Duration::from_secs(10),
        ..ExchangeConfig::default()
    }
}

pub(crate) fn site_config(size: Size, site: u16) -> SiteConfig {
    let modems = (0..MODEMS_PER_SITE).map(|number| SiteModem {
        imei: Imei::parse(&format!("3512345600{site:02}{number:02}")).unwrap(),
        kind: if number == 0 { Kind::Cloud } else { Kind::BuiltIn },
        pool: POOL,
        address: format!("{site}.{number}"),
    });
    SiteConfig {
        site: SiteId(site),
        servers: size.servers,
        modems: modems.collect(),
        margin: margin(),
        renew_every: Duration::from_secs(4),
        attach_max: Duration::from_secs(15),
        ring_max: RING_MAX,
        call_max: Duration::from_secs(60),
        card_max: Duration::from_secs(4),
        null_every: Duration::from_millis(400),
        unix_at_zero_s: UNIX_AT_ZERO,
    }
}

pub(crate) fn terminal_config(size: Size, terminal: u32) -> TerminalConfig {
    TerminalConfig {
        terminal: TerminalId(terminal),
        user: user_of(terminal),
        servers: size.servers,
        patience: Duration::from_secs(2),
        tries: 4,
        mail_every: Duration::from_secs(10),
        codec: polysim_fleet::speech::Codec::ALaw,
    }
}
