//! How the things of a fleet are.

use super::state::Thing;
use super::system::Fleet;
use super::words::{number, word};
use crate::event::Value;
use crate::world::MobileWorld;

type State = Vec<(&'static str, Value)>;

impl Fleet {
    /// Returns how a thing is. Nothing where there is none, or where it is no thing of a fleet.
    pub(crate) fn state(&self, world: &MobileWorld, thing: Thing, index: usize) -> State {
        let state = match thing {
            Thing::Phone
            | Thing::Platform
            | Thing::Business
            | Thing::Service
            | Thing::Group
            | Thing::Courier => None,
            Thing::Sim => self.sim_state(index),
            Thing::Modem => self.modem_state(world, index),
            Thing::Terminal => self.terminal_state(index),
            Thing::Site => self.site_state(index),
            Thing::Server => self.server_state(index),
        };
        state.unwrap_or_default()
    }

    fn sim_state(&self, index: usize) -> Option<State> {
        let sim = self.ledger.sims.get(index)?;
        let modem = sim.modem.map_or_else(String::new, |modem| self.names.modem(modem));
        let place = sim.place.map_or_else(String::new, |slot| self.names.site(slot.site));
        Some(vec![
            ("epoch", number(sim.epoch).into()),
            ("modem", modem.into()),
            ("place", place.into()),
            ("state", word(&sim.state).into()),
            ("texts", sim.texts.into()),
            ("why", word(&sim.why).into()),
        ])
    }

    fn modem_state(&self, world: &MobileWorld, index: usize) -> Option<State> {
        let entry = self.ledger.modems.get(index)?;
        let phone = world.phones.get(self.first_phone as usize + index)?;
        let names = world.observer.as_ref().map(|observer| &observer.names);
        let registration = names.and_then(|names| names.registration(&phone.baseband.machine));
        let sim = entry.sim.and_then(|sim| Some((sim, self.ledger.sims.get(sim)?)));
        let named = sim.and_then(|(sim, _)| self.names.config.sims.get(sim));
        Some(vec![
            ("epoch", sim.map_or(0, |(_, sim)| number(sim.epoch)).into()),
            ("operator", registration.as_ref().map_or("", |(operator, _)| operator).into()),
            ("registered", registration.is_some().into()),
            ("resting", entry.resting.into()),
            ("sim", named.map_or("", |sim| sim.name.as_str()).into()),
        ])
    }

    fn terminal_state(&self, index: usize) -> Option<State> {
        let (node, seen) = (self.terminals.get(index)?, self.seen.get(index)?);
        let count = |count: usize| Value::Number(i64::try_from(count).unwrap_or(i64::MAX));
        Some(vec![
            ("calls", count(seen.calls.len())),
            ("missed", seen.missed.into()),
            ("ringing", count(seen.ringing.len())),
            ("texts", seen.texts.into()),
            ("up", node.machine().is_some().into()),
            ("wishes", count(seen.open.len())),
        ])
    }

    fn site_state(&self, index: usize) -> Option<State> {
        let (node, entry) = (self.sites.get(index)?, self.ledger.sites.get(index)?);
        Some(vec![
            ("fenced", entry.fenced.into()),
            ("online", entry.online.into()),
            ("up", node.machine().is_some().into()),
        ])
    }

    fn server_state(&self, index: usize) -> Option<State> {
        let server = self.servers.get(index)?;
        let term = server.machine().map_or(0, |exchange| exchange.term().0);
        Some(vec![
            ("leads", server.leads().into()),
            ("term", term.into()),
            ("up", server.is_up().into()),
        ])
    }
}
