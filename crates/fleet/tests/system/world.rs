//! A fleet in a world: the three machines on computers, cards in banks, modems, an operator.

use super::card::Card;
use super::check::Check;
use super::clock::Clock;
use super::host::Host;
use super::modem::Modem;
use super::names::{
    self, MODEMS_PER_SITE, Node, Size, exchange_config, site_config, terminal_config,
};
use super::network::{Message, Network};
use super::operator::Operator;
use polysim_base::{Duration, Instant, Purpose, Stream};
use polysim_fleet::site::Site;
use polysim_fleet::site::SiteInput;
use polysim_fleet::terminal::{Terminal, TerminalInput};
use polysim_fleet::wire::{CardReply, CardSignal, Input, Record};
use polysim_fleet::{Exchange, ModemId, SlotId, Term};
use polysim_modem::{ModemInput, ModemOutput};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// What happens at some moment.
#[derive(Debug)]
pub(crate) enum Event {
    /// A message arrives.
    Deliver {
        from: Node,
        to: Node,
        message: Message,
    },
    /// Something within a site, in one life of its.
    Local {
        site: u16,
        life: u32,
        what: Local,
    },
    /// The operator looks whether a modem takes a text.
    Texts(ModemId),
    /// Something begins again, or ends.
    Up(Node),
    Unhang(ModemId),
    Healed(Node, Node),
    Fair,
    CallerGivesUp(ModemId, String),
}

/// What passes between a site and what hangs on it.
#[derive(Debug)]
pub(crate) enum Local {
    ToDriver(u16, ModemInput),
    ToSlot(u16, CardReply),
    FromDriver(u16, ModemOutput),
    FromSlot(u16, CardSignal),
    ToCard(SlotId, CardSignal),
    FromCard(SlotId, CardReply),
}

/// The world.
pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) size: Size,
    queue: BTreeMap<(Instant, u64), Event>,
    sequence: u64,
    pub(crate) servers: Vec<Host<Exchange>>,
    /// How many records of the log each server has read.
    pub(crate) read: Vec<usize>,
    pub(crate) log: Vec<Record>,
    pub(crate) leader: u8,
    pub(crate) term: u32,
    pub(crate) sites: Vec<Host<Site>>,
    pub(crate) terminals: Vec<Host<Terminal>>,
    pub(crate) modems: BTreeMap<ModemId, Modem>,
    pub(crate) slots: BTreeMap<SlotId, Card>,
    pub(crate) operator: Operator,
    pub(crate) network: Network,
    pub(crate) draws: Stream,
    pub(crate) check: Check,
    pub(crate) hash: DefaultHasher,
    pub(crate) events: u64,
    /// The messages that arrived, if somebody wants them.
    pub(crate) passed: Option<Vec<Message>>,
    /// What happened, in lines, if somebody wants to read it.
    pub(crate) story: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, size: Size, reads: bool) -> Self {
        let mut draws = Stream::derive(seed, 0, Purpose::Test, 0);
        let mut clock = || {
            let ppm = i32::try_from(draws.below(2 * u64::from(names::DRIFT_PPM) + 1)).unwrap();
            Clock::new(draws.below(100_000_000), ppm - i32::try_from(names::DRIFT_PPM).unwrap())
        };
        let servers: Vec<_> = (0..size.servers)
            .map(|_| Host::new(Exchange::new(exchange_config()), clock()))
            .collect();
        let sites =
            (0..size.sites).map(|n| Host::new(Site::new(site_config(size, n)), clock())).collect();
        let terminals = (0..size.terminals)
            .map(|n| Host::new(Terminal::new(terminal_config(size, n)), clock()))
            .collect();
        let ids = (0..size.sites).flat_map(|site| (0..MODEMS_PER_SITE).map(move |n| (site, n)));
        let modems = ids.map(|(site, n)| names::modem(site, n)).map(|id| (id, Modem::new(id)));
        let mut world = Self {
            now: Instant::from_micros(1_000),
            size,
            queue: BTreeMap::new(),
            sequence: 0,
            read: vec![0; servers.len()],
            servers,
            log: Vec::new(),
            leader: 0,
            term: 0,
            sites,
            terminals,
            modems: modems.collect(),
            slots: BTreeMap::new(),
            operator: Operator::default(),
            network: Network::new(Stream::derive(seed, 0, Purpose::Link, 0)),
            draws: Stream::derive(seed, 1, Purpose::Test, 0),
            check: Check::new(size),
            hash: DefaultHasher::new(),
            events: 0,
            passed: None,
            story: reads.then(Vec::new),
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        for sim in 0..self.size.sims {
            let site = u16::try_from(sim % u32::from(self.size.sites)).unwrap();
            let slot = u16::try_from(sim / u32::from(self.size.sites)).unwrap();
            self.slots.insert(names::slot(site, slot), Card::new(sim, false));
        }
        self.lead(0);
        for site in 0..self.size.sites {
            self.give_site(site, SiteInput::Start);
        }
        let slots: Vec<SlotId> = self.slots.keys().copied().collect();
        slots.into_iter().for_each(|slot| self.card_says(slot, CardReply::Inserted));
        for terminal in 0..self.size.terminals {
            self.give_terminal(terminal, TerminalInput::Start);
        }
    }

    /// Writes a line of the story.
    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{} {}", self.now, line()));
        }
    }

    pub(crate) fn after(&mut self, wait: Duration, event: Event) {
        self.at(self.now.plus(wait), event);
    }

    pub(crate) fn at(&mut self, at: Instant, event: Event) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), event);
    }

    pub(crate) fn local(&mut self, wait: Duration, site: u16, what: Local) {
        let life = self.sites[usize::from(site)].life;
        self.after(wait, Event::Local { site, life, what });
    }

    pub(crate) fn send(&mut self, from: Node, to: Node, message: &Message) {
        for at in self.network.carry(self.now, from, to) {
            self.at(at, Event::Deliver { from, to, message: message.clone() });
        }
    }

    /// Lets time pass, with all that happens meanwhile; stops at the first violation.
    pub(crate) fn pass(&mut self, span: Duration) {
        let until = self.now.plus(span);
        while self.check.first.is_none() {
            let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
            let (woken, who) = self.next_due();
            let next = queued.unwrap_or(Instant::MAX).min(woken);
            if next > until {
                self.now = until;
                return;
            }
            self.now = next.max(self.now);
            self.events += 1;
            if queued == Some(next) {
                if let Some((_, event)) = self.queue.pop_first() {
                    self.happens(event);
                }
            } else {
                self.wake(who);
            }
            self.look();
        }
    }

    fn next_due(&self) -> (Instant, Woken) {
        let servers = self.servers.iter().map(Host::due);
        let servers = (0..).zip(servers).map(|(n, at)| (at, Woken::Node(Node::Server(n))));
        let sites = self.sites.iter().map(Host::due);
        let sites = (0..).zip(sites).map(|(n, at)| (at, Woken::Node(Node::Site(n))));
        let terminals = self.terminals.iter().map(Host::due);
        let terminals = (0..).zip(terminals).map(|(n, at)| (at, Woken::Node(Node::Terminal(n))));
        let modems = self.modems.iter().map(|(id, modem)| (modem.due(), Woken::Modem(*id)));
        let all = servers.chain(sites).chain(terminals).chain(modems);
        let first =
            all.map(|(at, who)| (at.unwrap_or(Instant::MAX), who)).min_by_key(|(at, _)| *at);
        first.unwrap_or((Instant::MAX, Woken::Node(Node::Server(0))))
    }

    fn wake(&mut self, who: Woken) {
        match who {
            Woken::Node(Node::Server(n)) => self.server_turn(n, None),
            Woken::Node(Node::Site(n)) => self.site_turn(n, None),
            Woken::Node(Node::Terminal(n)) => self.terminal_turn(n, None),
            Woken::Modem(id) => {
                let now = self.now;
                self.with_modem(id, |modem| modem.timeout(now));
            }
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Deliver { from, to, message } => {
                (self.now, from, to).hash(&mut self.hash);
                message.hash(&mut self.hash);
                self.tell(|| format!("  {from} -> {to}: {message:?}"));
                self.passed.iter_mut().for_each(|passed| passed.push(message.clone()));
                self.deliver(from, to, message);
            }
            Event::Local { site, life, what } => {
                let host = &self.sites[usize::from(site)];
                if host.up && host.life == life {
                    self.happens_at(site, what);
                }
            }
            Event::Texts(id) => self.offer_text(id),
            Event::Up(node) => self.starts_again(node),
            Event::Unhang(id) => {
                let now = self.now;
                self.tell(|| format!("modem {id} answers again"));
                self.with_modem(id, |modem| modem.unhang(now));
                self.check.disturbed(self.now);
            }
            Event::Healed(one, other) => {
                self.tell(|| format!("{one} and {other} reach each other"));
                self.network.heal(one, other);
                self.check.disturbed(self.now);
            }
            Event::Fair => {
                self.tell(|| "the weather is fair".into());
                self.network.weather = Default::default();
                self.check.disturbed(self.now);
            }
            Event::CallerGivesUp(id, number) => {
                let rings = self.modems[&id].call.as_ref().is_some_and(|it| it.number == number);
                if rings {
                    self.tell(|| format!("the caller on modem {id} is gone"));
                    self.with_modem(id, Modem::released);
                }
            }
        }
    }

    /// Makes a server lead in a new term.
    pub(crate) fn lead(&mut self, server: u8) {
        self.term += 1;
        self.leader = server;
        let term = Term(self.term);
        self.tell(|| format!("server {server} leads in term {}", term.0));
        self.read_log(server);
        self.server_turn(server, Some(Input::Lead(term)));
    }

    /// Rebuilds a server from the whole log.
    pub(crate) fn read_log(&mut self, server: u8) {
        let host = &mut self.servers[usize::from(server)];
        host.restart(Exchange::new(exchange_config()), &self.log);
        self.read[usize::from(server)] = self.log.len();
    }

    pub(crate) fn result(&self) -> u64 {
        self.hash.finish()
    }

    pub(crate) fn leading(&self) -> Option<&Host<Exchange>> {
        let host = &self.servers[usize::from(self.leader)];
        (host.up && self.read[usize::from(self.leader)] == self.log.len()).then_some(host)
    }
}

#[derive(Clone, Copy, Debug)]
enum Woken {
    Node(Node),
    Modem(ModemId),
}
