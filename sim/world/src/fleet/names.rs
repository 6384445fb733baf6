//! What the things of a fleet are called in events and traces.

use super::config::FleetConfig;
use crate::node::Kind;
use polysim_base::{Iccid, Imsi, Msisdn};
use polysim_fleet::{ModemId, SiteId, UserId};
use std::collections::BTreeMap;

/// Names by what machines call things.
#[derive(Debug)]
pub(crate) struct FleetNames {
    pub(crate) config: FleetConfig,
    sims: BTreeMap<Iccid, usize>,
    imsis: BTreeMap<Imsi, usize>,
    numbers: BTreeMap<Msisdn, usize>,
}

impl FleetNames {
    pub(crate) fn new(config: FleetConfig) -> Self {
        let sims = (0..config.sims.len()).map(|sim| (FleetConfig::iccid(sim), sim)).collect();
        let imsis = config.sims.iter().enumerate().map(|(sim, spec)| (spec.imsi, sim)).collect();
        let numbers = config.sims.iter().enumerate();
        let numbers = numbers.map(|(sim, spec)| (spec.number, sim)).collect();
        Self { config, sims, imsis, numbers }
    }

    /// Returns the SIM with a subscription.
    pub(crate) fn sim_with(&self, imsi: Imsi) -> Option<usize> {
        self.imsis.get(&imsi).copied()
    }

    /// Returns the SIM with a number.
    pub(crate) fn sim_called(&self, number: &Msisdn) -> Option<usize> {
        self.numbers.get(number).copied()
    }

    pub(crate) fn sim_index(&self, iccid: Iccid) -> Option<usize> {
        self.sims.get(&iccid).copied()
    }

    pub(crate) fn sim(&self, iccid: Iccid) -> String {
        let sim = self.sim_index(iccid).and_then(|sim| self.config.sims.get(sim));
        sim.map_or_else(|| iccid.to_string(), |sim| sim.name.clone())
    }

    pub(crate) fn modem(&self, modem: ModemId) -> String {
        let site = self.config.sites.get(usize::from(modem.site.0));
        let config = site.and_then(|site| site.modems.get(usize::from(modem.number)));
        config.map_or_else(|| modem.to_string(), |config| config.name.clone())
    }

    pub(crate) fn site(&self, site: SiteId) -> String {
        let config = self.config.sites.get(usize::from(site.0));
        config.map_or_else(|| site.0.to_string(), |config| config.name.clone())
    }

    pub(crate) fn user(&self, user: UserId) -> String {
        let config = usize::try_from(user.0).ok().and_then(|user| self.config.users.get(user));
        config.map_or_else(|| user.0.to_string(), |config| config.name.clone())
    }

    pub(crate) fn terminal(&self, terminal: usize) -> String {
        let config = self.config.terminals.get(terminal);
        config.map_or_else(|| terminal.to_string(), |config| config.name.clone())
    }

    pub(crate) fn server(&self, server: usize) -> String {
        let config = self.config.servers.get(server);
        config.map_or_else(|| server.to_string(), |config| config.name.clone())
    }

    /// Returns a node as traces write it.
    pub(crate) fn node_name(&self, kind: Kind, index: usize) -> String {
        match kind {
            Kind::Server => format!("server:{}", self.server(index)),
            Kind::Site => format!("site:{}", self.site(FleetConfig::site_id(index))),
            Kind::Terminal => format!("terminal:{}", self.terminal(index)),
            Kind::BankCard => {
                let count = self.config.sims.len().max(1);
                let sim = self.config.sims.get(index % count);
                format!("card:{}", sim.map_or("?", |sim| sim.name.as_str()))
            }
            Kind::Region
            | Kind::Core
            | Kind::Host
            | Kind::Baseband
            | Kind::Card
            | Kind::Platform
            | Kind::Business
            | Kind::Service
            | Kind::Agent
            | Kind::Master
            | Kind::Slave
            | Kind::Courier
            | Kind::CourierDevice => "?".into(),
        }
    }
}
