//! What goes wrong, and how it heals.

use super::card::Card;
use super::modem::Modem;
use super::names::{self, Node};
use super::network::Weather;
use super::world::{Event, World};
use polysim_base::Duration;
use polysim_fleet::site::{Site, SiteInput};
use polysim_fleet::terminal::{Terminal, TerminalInput};
use polysim_fleet::wire::CardReply;
use polysim_fleet::{ModemId, SlotId};

impl World {
    /// A computer is gone, with everything that its machine had not made durable.
    pub(crate) fn crash(&mut self, node: Node, back_after: Duration) {
        let up = match node {
            Node::Server(n) => &mut self.servers[usize::from(n)].up,
            Node::Site(n) => &mut self.sites[usize::from(n)].up,
            Node::Terminal(n) => &mut self.terminals[usize::try_from(n).unwrap()].up,
        };
        if !std::mem::replace(up, false) {
            return;
        }
        self.tell(|| format!("{node} crashes"));
        self.check.crashed(self.now, node);
        if let Node::Site(n) = node {
            self.sites[usize::from(n)].life += 1;
            let ids: Vec<ModemId> =
                self.modems.keys().copied().filter(|id| id.site.0 == n).collect();
            ids.into_iter().for_each(|id| self.with_modem(id, Modem::power_lost));
            let here = self.slots.iter_mut().filter(|(slot, _)| slot.site.0 == n);
            here.for_each(|(_, card)| card.power_off());
        }
        self.after(back_after, Event::Up(node));
    }

    pub(crate) fn starts_again(&mut self, node: Node) {
        self.check.disturbed(self.now);
        match node {
            Node::Server(n) => {
                if !self.servers[usize::from(n)].up {
                    self.tell(|| format!("{node} starts again"));
                    self.read_log(n);
                    if n == self.leader {
                        self.lead(n);
                    }
                }
            }
            Node::Site(n) => {
                let host = &mut self.sites[usize::from(n)];
                if host.up {
                    return;
                }
                let disk = std::mem::take(&mut host.disk);
                host.restart(Site::new(names::site_config(self.size, n)), &disk);
                host.disk = disk;
                self.tell(|| format!("{node} starts again"));
                self.give_site(n, SiteInput::Start);
                let here: Vec<SlotId> =
                    self.slots.keys().copied().filter(|slot| slot.site.0 == n).collect();
                here.into_iter().for_each(|slot| self.card_says(slot, CardReply::Inserted));
            }
            Node::Terminal(n) => {
                let host = &mut self.terminals[usize::try_from(n).unwrap()];
                if host.up {
                    return;
                }
                let disk = std::mem::take(&mut host.disk);
                host.restart(Terminal::new(names::terminal_config(self.size, n)), &disk);
                host.disk = disk;
                self.tell(|| format!("{node} starts again"));
                self.give_terminal(n, TerminalInput::Start);
            }
        }
    }

    /// The machine crashes after so many more outputs.
    pub(crate) fn arm(&mut self, node: Node, outputs: u64) {
        match node {
            Node::Server(n) => {
                let host = &mut self.servers[usize::from(n)];
                host.crash_after = Some(host.polled + outputs);
            }
            Node::Site(n) => {
                let host = &mut self.sites[usize::from(n)];
                host.crash_after = Some(host.polled + outputs);
            }
            Node::Terminal(n) => {
                let host = &mut self.terminals[usize::try_from(n).unwrap()];
                host.crash_after = Some(host.polled + outputs);
            }
        }
    }

    pub(crate) fn cut(&mut self, one: Node, other: Node, span: Duration) {
        self.tell(|| format!("{one} and {other} do not reach each other"));
        self.network.cut(one, other);
        self.check.disturbed(self.now);
        self.after(span, Event::Healed(one, other));
    }

    pub(crate) fn weather(&mut self, weather: Weather, span: Duration) {
        self.tell(|| format!("{weather:?}"));
        self.network.weather = weather;
        self.check.disturbed(self.now);
        self.after(span, Event::Fair);
    }

    pub(crate) fn hang(&mut self, id: ModemId, span: Duration) {
        self.tell(|| format!("modem {id} hangs"));
        self.check.disturbed(self.now);
        self.with_modem(id, Modem::hang);
        self.after(span, Event::Unhang(id));
    }

    pub(crate) fn reset_modem(&mut self, id: ModemId) {
        self.tell(|| format!("modem {id} is reset"));
        self.check.disturbed(self.now);
        let now = self.now;
        self.with_modem(id, |modem| modem.reset(now));
    }

    pub(crate) fn pull(&mut self, slot: SlotId) -> Option<Card> {
        let mut card = self.slots.remove(&slot)?;
        self.tell(|| format!("card {} is pulled out of {slot:?}", card.sim));
        self.check.disturbed(self.now);
        card.power_off();
        self.card_says(slot, CardReply::Removed);
        Some(card)
    }

    pub(crate) fn insert(&mut self, slot: SlotId, card: Card) {
        self.tell(|| format!("card {} (double: {}) is put into {slot:?}", card.sim, card.double));
        self.check.disturbed(self.now);
        self.slots.insert(slot, card);
        if self.sites[usize::from(slot.site.0)].up {
            self.card_says(slot, CardReply::Inserted);
        }
    }

    /// Returns where the true card of a SIM is.
    pub(crate) fn place_of(&self, sim: u32) -> Option<SlotId> {
        let mut places = self.slots.iter().filter(|(_, card)| card.sim == sim && !card.double);
        places.next().map(|(slot, _)| *slot)
    }

    /// Returns an empty slot of a site.
    pub(crate) fn empty_slot(&self, site: u16) -> Option<SlotId> {
        (0..names::SLOTS_PER_SITE)
            .map(|n| names::slot(site, n))
            .find(|slot| !self.slots.contains_key(slot))
    }

    /// Everything works again, from now on.
    pub(crate) fn heal(&mut self) {
        self.tell(|| "everything heals".into());
        self.network.heal_all();
        self.check.disturbed(self.now);
        for n in 0..self.size.servers {
            self.servers[usize::from(n)].crash_after = None;
            self.starts_again(Node::Server(n));
        }
        for n in 0..self.size.sites {
            self.sites[usize::from(n)].crash_after = None;
            self.starts_again(Node::Site(n));
        }
        for n in 0..self.size.terminals {
            self.terminals[usize::try_from(n).unwrap()].crash_after = None;
            self.starts_again(Node::Terminal(n));
        }
        let now = self.now;
        let ids: Vec<ModemId> = self.modems.keys().copied().collect();
        ids.into_iter().for_each(|id| self.with_modem(id, |modem| modem.unhang(now)));
        let doubles: Vec<SlotId> =
            self.slots.iter().filter(|(_, card)| card.double).map(|(slot, _)| *slot).collect();
        for slot in doubles {
            self.pull(slot);
        }
        for sim in 0..self.size.sims {
            if self.place_of(sim).is_none() {
                let site = u16::try_from(sim % u32::from(self.size.sites)).unwrap();
                if let Some(slot) = self.empty_slot(site) {
                    self.insert(slot, Card::new(sim, false));
                }
            }
        }
    }
}
