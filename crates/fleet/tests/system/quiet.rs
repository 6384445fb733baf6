//! The end of a history: everything heals, and what must come about does.

use super::history::History;
use super::names::{self, iccid, imsi, number_of_sim, user_of};
use polysim_base::Duration;
use polysim_fleet::terminal::TerminalWish;
use polysim_fleet::wire::{
    CallRef, KindWanted, ModemOrder, ModemWanted, OperatorInput, Parameters, Reclaim,
};
use polysim_fleet::{ModemId, Permissions, SimState};

/// What runs may end, what was lost is said again, what is in doubt is over.
const SETTLES: Duration = Duration::from_secs(75);
/// Taking back and letting go.
const LETS_GO: Duration = Duration::from_secs(45);
/// A terminal rings no longer than that.
const RINGS_MAX: Duration = Duration::from_secs(185);
/// How long each SIM stays on a modem while all take turns.
const HOLD: Duration = Duration::from_secs(20);
/// Each of them has been on a modem by then: as many as there are, one after the other on the one
/// modem that each can reach, with time to attach and to leave.
const TURNS_MAX: u32 = 12;
/// So many looks in a row at a free modem beside a SIM that waits are none too many: it rests after
/// a failure.
const IDLE_MAX: u32 = 4;

impl History {
    pub(crate) fn quiet(&mut self) {
        if self.world.check.first.is_some() {
            return;
        }
        self.world.heal();
        self.world.pass(SETTLES);
        self.release_all();
        self.nobody_starves();
        self.release_all();
        self.at_rest();
        self.identities();
    }

    fn fails(&mut self, invariant: &'static str, found: String) {
        self.world.check.fail(invariant, || found);
    }

    /// F7: every lease ends.
    fn release_all(&mut self) {
        for sim in 0..self.world.size.sims {
            let user = user_of(0);
            let set = self.world.check.uses.may(user, iccid(sim)) | Permissions::CONFIGURE;
            self.operate(OperatorInput::Permit { iccid: iccid(sim), user, set });
            self.operate(OperatorInput::Unblock(iccid(sim)));
            self.wish(0, TerminalWish::Release(iccid(sim), Reclaim::Now));
        }
        self.world.check.calls.excuse(self.world.now);
        self.world.pass(LETS_GO);
        if let Some(found) = self.nobody_holds() {
            self.fails("every-lease-ends", found);
        }
        let states = self.states();
        if let Some((sim, state)) = states.iter().find(|(_, state)| *state != Some(SimState::Idle))
        {
            self.fails("every-lease-ends", format!("SIM {sim} is {state:?} when all is quiet"));
        }
        if let Some((imsi, modem)) = self.world.operator.registered.first_key_value() {
            let found = format!("{} is still registered on {modem}", imsi.masked());
            self.fails("every-lease-ends", found);
        }
    }

    fn states(&self) -> Vec<(u32, Option<SimState>)> {
        let state = |sim| self.world.leading().and_then(|host| host.machine.sim_state(iccid(sim)));
        (0..self.world.size.sims).map(|sim| (sim, state(sim))).collect()
    }

    /// F17: all want a modem for a while, and each gets one.
    fn nobody_starves(&mut self) {
        let modem = ModemWanted::Of {
            pool: names::POOL,
            kind: KindWanted::Any,
            order: ModemOrder::LeastRecentlyUsed,
        };
        let parameters = Parameters {
            modem,
            priority: 1,
            evict: false,
            duration: Some(HOLD),
            reclaim: Reclaim::Gracefully,
            wait: Duration::from_secs(3_600),
            turns: None,
        };
        let mut waits: Vec<u32> = (0..self.world.size.sims).collect();
        for sim in waits.clone() {
            self.wish(0, TerminalWish::Assign(iccid(sim), parameters));
        }
        let mut idle = 0;
        for _ in 0..TURNS_MAX * 10 {
            self.world.pass(Duration::from_secs(2));
            idle = self.idle_beside_a_queue().map_or(0, |_| idle + 1);
            if idle > IDLE_MAX {
                let found = format!("{:?}", self.idle_beside_a_queue());
                return self.fails("no-starvation", format!("waits beside a free modem: {found}"));
            }
            let registered = &self.world.operator.registered;
            waits.retain(|sim| !registered.contains_key(&imsi(*sim)));
            let texts = self.world.operator.held.values().all(std::collections::VecDeque::is_empty);
            if waits.is_empty() && texts || self.world.check.first.is_some() {
                // What came in last is handed on.
                return self.world.pass(Duration::from_secs(5));
            }
        }
        let states = self.states();
        self.fails("no-starvation", format!("SIMs {waits:?} had no modem, {states:?}"));
    }

    /// Returns a SIM that waits although a modem that reaches it has none.
    fn idle_beside_a_queue(&self) -> Option<(u32, ModemId)> {
        let exchange = &self.world.leading()?.machine;
        let sims = 0..self.world.size.sims;
        let held: Vec<ModemId> =
            sims.clone().filter_map(|sim| exchange.holder(iccid(sim))).collect();
        let free = |modem: &ModemId| !held.contains(modem);
        let waits = |sim: &u32| exchange.sim_state(iccid(*sim)) == Some(SimState::Waiting);
        sims.filter(waits).find_map(|sim| {
            let home = self.world.place_of(sim)?.site;
            let reaches = |modem: &&ModemId| modem.number == 0 || modem.site == home;
            let mut modems = self.world.modems.keys().filter(reaches);
            Some((sim, *modems.find(|modem| free(modem))?))
        })
    }

    /// F12, F13: nothing is under way, and nothing was lost.
    fn at_rest(&mut self) {
        if let Some((invariant, found)) = self.world.texts_at_rest() {
            self.fails(invariant, found);
        }
        // A site that crashes cannot tell whom it rang; terminals end that by themselves.
        let ringing: Vec<_> = self.world.check.calls.ringing().collect();
        let lives = |call: CallRef| {
            let site = &self.world.sites[usize::from(call.modem.site.0)].machine;
            site.incarnation() == call.incarnation
        };
        if !ringing.is_empty() && !ringing.iter().any(|(_, call)| lives(*call)) {
            self.world.pass(RINGS_MAX);
        }
        let first = self.world.check.calls.ringing().next();
        if let Some((terminal, call)) = first {
            self.fails("ring-ends-once", format!("{call:?} rings on at terminal {terminal}"));
        }
        if let Some((wish, terminal)) = self.world.check.uses.open.first_key_value() {
            let found = format!("terminal {terminal} was never told of wish {wish}");
            self.fails("no-starvation", found);
        }
    }

    /// F10: whatever was moved, everybody sees what is theirs.
    fn identities(&mut self) {
        for terminal in 0..self.world.size.terminals {
            let wish = self.wish(terminal, TerminalWish::List);
            self.world.pass(Duration::from_secs(6));
            let Some(views) = self.world.check.uses.lists.remove(&wish) else {
                return self.fails("no-starvation", format!("terminal {terminal} gets no list"));
            };
            for sim in 0..self.world.size.sims {
                let wanted = self.world.check.uses.may(user_of(terminal), iccid(sim));
                let view = views.iter().find(|view| view.iccid == iccid(sim));
                let found = view.map(|view| view.permissions).unwrap_or_default();
                let number = view.is_none_or(|view| view.msisdn == Some(number_of_sim(sim)));
                if found != wanted || !number {
                    let found = format!("SIM {sim} at terminal {terminal}: {view:?}");
                    self.fails("identity-survives-moves", found);
                }
            }
        }
    }
}
