//! What a fleet is made of: plain data, names resolved, everything by index.

use crate::config::{ClockConfig, LatencyRange, LinkQuality};
use crate::links::LinkTable;
use polysim_base::{Duration, Iccid, Imei, Imsi, Msisdn};
use polysim_fleet::speech::Codec;
use polysim_fleet::wire::{Caps, Kind};
use polysim_fleet::{
    ExchangeConfig, GroupId, ModemId, Permissions, PlanId, PoolId, Prefix, ServerId, SiteId,
    SlotId, TerminalId, UserId,
};

/// A fleet: servers, sites with banks and modems, SIMs, users with terminals, and what is between.
#[derive(Clone, Debug, Default)]
pub struct FleetConfig {
    /// The servers. The first one leads at first; the others stand by.
    pub servers: Vec<ServerConfig>,
    /// The sites.
    pub sites: Vec<FleetSiteConfig>,
    /// The SIMs, those in slots of banks and those that lie beside.
    pub sims: Vec<SimConfig>,
    /// The users.
    pub users: Vec<FleetUserConfig>,
    /// Their terminals.
    pub terminals: Vec<TerminalNodeConfig>,
    /// The names of the pools.
    pub pools: Vec<String>,
    /// The names of the groups.
    pub groups: Vec<String>,
    /// The tariffs.
    pub plans: Vec<FleetPlanConfig>,
    /// Whose numbers begin how.
    pub ranges: Vec<RangeConfig>,
    /// What is between the nodes.
    pub links: FleetLinks,
    /// What the servers are set up with.
    pub exchange: ExchangeConfig,
    /// What the sites are set up with.
    pub timing: SiteTiming,
    /// What the terminals are set up with.
    pub terminal: TerminalTiming,
    /// How long a disk takes to make records durable; the log of the servers, too.
    pub sync: LatencyRange,
    /// When another server takes over.
    pub succession: Succession,
}

/// A server.
#[derive(Clone, Debug, Default)]
pub struct ServerConfig {
    /// Its name in traces.
    pub name: String,
    /// How its clock goes.
    pub clock: ClockConfig,
}

/// A site: banks and modems in one place.
#[derive(Clone, Debug, Default)]
pub struct FleetSiteConfig {
    /// Its name in traces.
    pub name: String,
    /// The region that its modems are in, by index.
    pub region: usize,
    /// How its clock goes.
    pub clock: ClockConfig,
    /// Its banks, each with its slots, which hold SIMs by index.
    pub banks: Vec<Vec<Option<usize>>>,
    /// Its modems.
    pub modems: Vec<PoolModemConfig>,
}

/// A modem of a site.
#[derive(Clone, Debug)]
pub struct PoolModemConfig {
    /// Its name in traces.
    pub name: String,
    /// Its model, as of a phone.
    pub model: String,
    /// Its identity.
    pub imei: Imei,
    /// Which cards it reaches.
    pub kind: Kind,
    /// Its pool, by index.
    pub pool: usize,
}

/// A SIM of the fleet.
#[derive(Clone, Debug)]
pub struct SimConfig {
    /// Its name in traces.
    pub name: String,
    /// Whose subscription it holds, by index.
    pub operator: usize,
    /// The subscription.
    pub imsi: Imsi,
    /// Its number.
    pub number: Msisdn,
    /// Its group and tariff, by index.
    pub enrolled: Option<(usize, usize)>,
    /// Whether the operator's register knows the subscription.
    pub subscribed: bool,
    /// Money on the subscription, in millionths; `None`: billed later.
    pub balance_micro: Option<u64>,
    /// The card asks for this PIN.
    pub pin: Option<String>,
    /// How much may be done with it in a day; `None`: what the exchange says by itself.
    pub caps: Option<Caps>,
}

/// A user of the fleet.
#[derive(Clone, Debug, Default)]
pub struct FleetUserConfig {
    /// The name in traces.
    pub name: String,
    /// What the user may do with which SIM, by index.
    pub permissions: Vec<(usize, Permissions)>,
}

/// A terminal.
#[derive(Clone, Debug, Default)]
pub struct TerminalNodeConfig {
    /// Its name in traces.
    pub name: String,
    /// Whose it is, by index.
    pub user: usize,
    /// How its clock goes.
    pub clock: ClockConfig,
}

/// A tariff of the fleet.
#[derive(Clone, Debug)]
pub struct FleetPlanConfig {
    /// Its name.
    pub name: String,
    /// Whose it is, by index.
    pub operator: usize,
    /// Prices by destination, in millionths.
    pub rates: Vec<(Prefix, u64)>,
}

/// Numbers that begin so are of that operator, by index.
#[derive(Clone, Debug)]
pub struct RangeConfig {
    /// The first digits.
    pub prefix: Prefix,
    /// The operator.
    pub operator: usize,
}

/// A node of the fleet that links lead to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum FleetNode {
    /// A server, by index.
    Server(usize),
    /// A site, by index.
    Site(usize),
    /// A terminal, by index.
    Terminal(usize),
    /// The log that the servers write. No link leads there but those of the servers.
    Log,
}

/// The links between kinds of nodes, both ways, and those that are different.
#[derive(Clone, Debug, Default)]
pub struct FleetLinks {
    /// Between sites and servers.
    pub site_server: LinkQuality,
    /// Between terminals and servers.
    pub terminal_server: LinkQuality,
    /// Between terminals and sites.
    pub terminal_site: LinkQuality,
    /// Between sites.
    pub site_site: LinkQuality,
    /// The links from one node to another one that are not as the rest.
    pub overrides: Vec<(FleetNode, FleetNode, LinkQuality)>,
}

impl LinkTable for FleetLinks {
    type Node = FleetNode;

    fn own(&self, from: FleetNode, to: FleetNode) -> LinkQuality {
        use FleetNode::{Log, Server, Site, Terminal};
        let other = self.overrides.iter().rfind(|(a, b, _)| (*a, *b) == (from, to));
        if let Some((_, _, link)) = other {
            return *link;
        }
        match (from, to) {
            (Site(_), Server(_)) | (Server(_), Site(_)) => self.site_server,
            (Terminal(_), Server(_)) | (Server(_), Terminal(_)) => self.terminal_server,
            (Terminal(_), Site(_)) | (Site(_), Terminal(_)) => self.terminal_site,
            (Site(_), Site(_)) => self.site_site,
            (Server(_) | Terminal(_) | Log, Server(_) | Terminal(_) | Log)
            | (Site(_), Log)
            | (Log, Site(_)) => LinkQuality::default(),
        }
    }

    fn number(node: FleetNode) -> u64 {
        let (kind, index) = match node {
            FleetNode::Server(index) => (6, index),
            FleetNode::Site(index) => (7, index),
            FleetNode::Terminal(index) => (8, index),
            FleetNode::Log => (9, 0),
        };
        (kind << 32) | u64::try_from(index).unwrap_or(u64::MAX)
    }
}

/// What sites are set up with: see [`polysim_fleet::site::SiteConfig`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SiteTiming {
    /// How often it says that it is alive.
    pub renew_every: Duration,
    /// How long a SIM may take from its card to its network.
    pub attach_max: Duration,
    /// For how long an incoming call rings.
    pub ring_max: Duration,
    /// How long a call may last.
    pub call_max: Duration,
    /// How long one exchange with a card may take.
    pub card_max: Duration,
    /// After how long without an answer of the card a modem is asked for more time.
    pub null_every: Duration,
}

impl Default for SiteTiming {
    fn default() -> Self {
        Self {
            renew_every: Duration::from_secs(10),
            attach_max: Duration::from_secs(120),
            ring_max: Duration::from_secs(45),
            call_max: Duration::from_secs(4 * 3_600),
            card_max: Duration::from_secs(30),
            null_every: Duration::from_millis(450),
        }
    }
}

/// What terminals are set up with: see [`polysim_fleet::terminal::TerminalConfig`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TerminalTiming {
    /// After how long without an answer it asks again.
    pub patience: Duration,
    /// How often it asks again before it gives up.
    pub tries: u8,
    /// How often it asks for what has come.
    pub mail_every: Duration,
    /// How speech is coded.
    pub codec: Codec,
}

impl Default for TerminalTiming {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(2),
            tries: 5,
            mail_every: Duration::from_secs(60),
            codec: Codec::default(),
        }
    }
}

/// When a server takes over from another one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Succession {
    /// How often the leader shows in the log that it is there.
    pub refresh_every: Duration,
    /// After how long without that the next one leads. Each further server waits one interval
    /// more, so that they do not all come at once.
    pub silence: Duration,
}

impl Default for Succession {
    fn default() -> Self {
        Self { refresh_every: Duration::from_secs(2), silence: Duration::from_secs(7) }
    }
}

/// Cards of a fleet are numbered far from those of phones.
const FIRST_CARD: u64 = 5_000_000_000_000;

fn short(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

fn long(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// What the machines of a fleet call the things that a [`FleetConfig`] lists.
impl FleetConfig {
    /// Returns the ICCID of a SIM, of the telecom industry identifier 89 and the test country code
    /// 999.
    #[must_use]
    pub fn iccid(sim: usize) -> Iccid {
        let number = FIRST_CARD.saturating_add(u64::from(long(sim)));
        Iccid::with_check_digit(&format!("89999{number:013}")).unwrap_or_else(|_| {
            unreachable!("eighteen digits are an ICCID without its check digit")
        })
    }

    /// Returns the SIM with an ICCID.
    #[must_use]
    pub fn sim_of(&self, iccid: Iccid) -> Option<usize> {
        let digits = iccid.to_string();
        let number = digits.get(5..18)?.parse::<u64>().ok()?;
        let index = usize::try_from(number.checked_sub(FIRST_CARD)?).ok()?;
        (index < self.sims.len() && Self::iccid(index) == iccid).then_some(index)
    }

    /// Returns a server's name on the wire.
    #[must_use]
    pub fn server_id(server: usize) -> ServerId {
        ServerId(u8::try_from(server).unwrap_or(u8::MAX))
    }

    /// Returns a site's name on the wire.
    #[must_use]
    pub fn site_id(site: usize) -> SiteId {
        SiteId(short(site))
    }

    /// Returns the name of a modem of a site.
    #[must_use]
    pub fn modem_id(site: usize, modem: usize) -> ModemId {
        ModemId { site: Self::site_id(site), number: short(modem) }
    }

    /// Returns the name of a slot of a bank of a site.
    #[must_use]
    pub fn slot_id(site: usize, bank: usize, slot: usize) -> SlotId {
        SlotId { site: Self::site_id(site), bank: short(bank), slot: short(slot) }
    }

    /// Returns a user's name.
    #[must_use]
    pub fn user_id(user: usize) -> UserId {
        UserId(long(user))
    }

    /// Returns a terminal's name.
    #[must_use]
    pub fn terminal_id(terminal: usize) -> TerminalId {
        TerminalId(long(terminal))
    }

    /// Returns a pool's name.
    #[must_use]
    pub fn pool_id(pool: usize) -> PoolId {
        PoolId(short(pool))
    }

    /// Returns a group's name.
    #[must_use]
    pub fn group_id(group: usize) -> GroupId {
        GroupId(long(group))
    }

    /// Returns a tariff's name.
    #[must_use]
    pub fn plan_id(plan: usize) -> PlanId {
        PlanId(short(plan))
    }

    /// Returns how many modems there are at all sites.
    #[must_use]
    pub fn modem_count(&self) -> usize {
        self.sites.iter().map(|site| site.modems.len()).sum()
    }

    /// Returns the number of a modem over all sites: those of the first site come first.
    #[must_use]
    pub fn modem_index(&self, modem: ModemId) -> Option<usize> {
        let site = usize::from(modem.site.0);
        let number = usize::from(modem.number);
        self.sites.get(site)?.modems.get(number)?;
        let before = self.sites.iter().take(site).map(|site| site.modems.len());
        Some(before.sum::<usize>() + number)
    }

    /// Returns the name of a modem by its number over all sites.
    #[must_use]
    pub fn modem_at(&self, index: usize) -> Option<ModemId> {
        let mut left = index;
        for (site, config) in self.sites.iter().enumerate() {
            if left < config.modems.len() {
                return Some(Self::modem_id(site, left));
            }
            left -= config.modems.len();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sim_is_found_by_its_iccid_and_no_phone_card_is() {
        let sim = |index: usize| SimConfig {
            name: format!("s{index}"),
            operator: 0,
            imsi: Imsi::parse("001010000000001").unwrap(),
            number: Msisdn::parse("+990701").unwrap(),
            enrolled: None,
            subscribed: true,
            balance_micro: None,
            pin: None,
            caps: None,
        };
        let config = FleetConfig { sims: (0..3).map(sim).collect(), ..FleetConfig::default() };
        assert_eq!(config.sim_of(FleetConfig::iccid(2)), Some(2));
        assert_eq!(config.sim_of(FleetConfig::iccid(3)), None);
        let phone = Iccid::with_check_digit("899990000000000001").unwrap();
        assert_eq!(config.sim_of(phone), None);
    }

    #[test]
    fn modems_are_counted_over_all_sites() {
        let modem = |pool| PoolModemConfig {
            name: String::new(),
            model: "generic".into(),
            imei: Imei::parse("00101900000001").unwrap(),
            kind: Kind::Cloud,
            pool,
        };
        let site = |count| FleetSiteConfig {
            modems: (0..count).map(modem).collect(),
            ..FleetSiteConfig::default()
        };
        let config = FleetConfig { sites: vec![site(2), site(3)], ..FleetConfig::default() };
        assert_eq!(config.modem_count(), 5);
        for index in 0..5 {
            assert_eq!(config.modem_index(config.modem_at(index).unwrap()), Some(index));
        }
        assert_eq!(
            (config.modem_at(5), config.modem_index(FleetConfig::modem_id(0, 2))),
            (None, None)
        );
    }
}
