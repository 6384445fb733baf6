//! What is done to a fleet, and what breaks in it.

use super::action::{FleetAction, FleetFault, Speaker};
use super::config::{FleetConfig, FleetNode};
use super::message::FleetMessage;
use super::system::{Ctx, Fleet, index, node_of, to_site};
use super::tell::Wished;
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use crate::paths::{CONTACTS, LINE};
use polysim_base::{Duration, Machine as _};
use polysim_baseband::BasebandInput;
use polysim_fleet::SlotId;
use polysim_fleet::site::{Site, SiteInput};
use polysim_fleet::speech::Frame;
use polysim_fleet::terminal::{Terminal, TerminalInput, TerminalWish};
use polysim_fleet::wire::{CardReply, OperatorInput};
use polysim_radio::air::SpeechFrame;

impl Fleet {
    /// The fleet begins: everybody starts, the first server leads, the cards are in their slots.
    pub(crate) fn begin(&mut self, ctx: &mut Ctx<'_>, observer: &mut Observer) {
        self.operator.extend(super::build::first_words(&self.names.config, observer));
        for server in 0..self.servers.len() {
            let tick = Message::Fleet(Box::new(FleetMessage::Tick));
            let every = self.names.config.succession.refresh_every;
            ctx.send(every, node_of(FleetNode::Server(server)), tick);
        }
        if !self.servers.is_empty() {
            self.lead(ctx, observer, 0);
        }
        for site in 0..self.sites.len() {
            self.start_site(ctx, observer, site);
        }
        for terminal in 0..self.terminals.len() {
            self.terminal(ctx, observer, terminal, |terminal, now| {
                terminal.handle(now, TerminalInput::Start);
            });
        }
    }

    /// A site starts, and finds the cards in its slots.
    fn start_site(&mut self, ctx: &mut Ctx<'_>, observer: &mut Observer, node: usize) {
        self.site(ctx, observer, node, |site, now| site.handle(now, SiteInput::Start));
        let own = FleetConfig::site_id(node);
        let slots = self.cards.iter().filter_map(|card| card.place);
        for slot in slots.filter(|slot| slot.site == own).collect::<Vec<_>>() {
            card_changes(ctx, slot, CardReply::Inserted);
        }
    }

    /// Does what an action says, at this moment.
    pub(crate) fn apply(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        action: &FleetAction,
    ) {
        match action {
            FleetAction::Wish { terminal, wish } => self.wish(ctx, *terminal, wish.clone()),
            FleetAction::Operator(said) => self.operator_says(ctx, observer, said.clone()),
            FleetAction::MoveCard { sim, slot } => {
                if self.card_in(*slot).is_none() {
                    self.pull(ctx, *sim);
                    self.put(ctx, *sim, Some(*slot));
                }
            }
            FleetAction::PullCard { sim } => self.pull(ctx, *sim),
            FleetAction::InsertCard { sim } => self.put(ctx, *sim, None),
            FleetAction::DoubleCard { sim, slot } => {
                if let Some(double) = self.double_of(*sim) {
                    self.put(ctx, double, Some(*slot));
                }
            }
            FleetAction::RemoveDouble { sim } => {
                if let Some(double) = self.double_of(*sim) {
                    self.pull(ctx, double);
                }
            }
            FleetAction::Lead { server } => self.lead(ctx, observer, *server),
            FleetAction::Speak { who, frames } => self.begin_to_speak(ctx, *who, frames),
        }
    }

    fn wish(&mut self, ctx: &mut Ctx<'_>, terminal: usize, wish: TerminalWish) {
        if self.terminals.get(terminal).is_none_or(|terminal| terminal.machine().is_none()) {
            return;
        }
        let id = self.next_wish;
        self.next_wish += 1;
        let Some(seen) = self.seen.get_mut(terminal) else { return };
        seen.wished(id, Wished::new(&wish, &self.names));
        let message = FleetMessage::Terminal(TerminalInput::Wish(id, wish));
        let to = node_of(FleetNode::Terminal(terminal));
        ctx.send(Duration::ZERO, to, Message::Fleet(Box::new(message)));
    }

    fn operator_says(&mut self, ctx: &mut Ctx<'_>, observer: &mut Observer, said: OperatorInput) {
        self.operator.push_back(said);
        self.serve_operator(ctx, observer);
    }

    /// The second card of a SIM; it is made where it is first wanted.
    fn double_of(&self, sim: usize) -> Option<usize> {
        let first = self.names.config.sims.len();
        (sim < first).then(|| first + sim)
    }

    fn pull(&mut self, ctx: &mut Ctx<'_>, card: usize) {
        if let Some(slot) = self.cards.get_mut(card).and_then(super::card::BankCard::pull) {
            card_changes(ctx, slot, CardReply::Removed);
        }
    }

    fn put(&mut self, ctx: &mut Ctx<'_>, card: usize, slot: Option<SlotId>) {
        let there = self.cards.get(card).filter(|card| card.place.is_none());
        let Some(slot) = there.and_then(|card| slot.or(card.home)) else { return };
        if self.card_in(slot).is_some() {
            return;
        }
        if let Some(card) = self.cards.get_mut(card) {
            card.put(slot);
            card_changes(ctx, slot, CardReply::Inserted);
        }
    }

    fn begin_to_speak(&mut self, ctx: &mut Ctx<'_>, who: Speaker, frames: &[SpeechFrame]) {
        let (key, node) = match who {
            Speaker::Terminal(terminal) => ((true, terminal), Kind::Terminal.node(index(terminal))),
            Speaker::Phone(phone) => ((false, phone), Kind::Baseband.node(index(phone))),
        };
        let waiting = self.speaking.entry(key).or_default();
        let silent = waiting.is_empty();
        waiting.extend(frames.iter().cloned());
        if silent {
            ctx.send(Duration::ZERO, node, Message::Fleet(Box::new(FleetMessage::Speak)));
        }
    }

    /// Says the next frame, and sees to it that the one after is said in its time.
    pub(crate) fn speak(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        (kind, node): (Kind, usize),
    ) {
        let terminal = kind == Kind::Terminal;
        let Some(waiting) = self.speaking.get_mut(&(terminal, node)) else { return };
        let Some(frame) = waiting.pop_front() else { return };
        if !waiting.is_empty() {
            let again = Message::Fleet(Box::new(FleetMessage::Speak));
            ctx.send(SpeechFrame::DURATION, kind.node(index(node)), again);
        }
        if terminal {
            let frame = Frame::from(*frame.samples());
            self.terminal(ctx, observer, node, |terminal, now| {
                terminal.handle(now, TerminalInput::Microphone(frame));
            });
        } else {
            let input = BasebandInput::Speech(frame);
            ctx.send(LINE, kind.node(index(node)), Message::Baseband(input));
        }
    }

    /// Begins or ends a fault. Returns the site that has just crashed or comes back, whose modems
    /// lose the software that drives them.
    pub(crate) fn fault(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        fault: &FleetFault,
        on: bool,
    ) -> Option<usize> {
        match fault {
            FleetFault::ServerCrash { server } => self.server_power(ctx, observer, *server, on),
            FleetFault::SiteCrash { site } => return self.site_power(ctx, observer, *site, on),
            FleetFault::TerminalCrash { terminal } => {
                self.terminal_power(ctx, observer, *terminal, on);
            }
            FleetFault::CardMute { sim } => {
                if let Some(card) = self.cards.get_mut(*sim) {
                    card.mute = on;
                }
            }
            FleetFault::CardSlow { sim, by } => {
                if let Some(card) = self.cards.get_mut(*sim) {
                    card.slow = if on { *by } else { Duration::ZERO };
                }
            }
            FleetFault::ClockJump { node, by } if on => {
                let now = ctx.now();
                self.clock(ctx, *node, |clock| clock.jump(now, *by));
            }
            FleetFault::ClockSkew { node, ppm } => {
                let now = ctx.now();
                self.clock(ctx, *node, |clock| clock.drift(now, on.then_some(*ppm)));
            }
            FleetFault::Link { from, to, fault } => self.links.fault((*from, *to), *fault, on),
            FleetFault::ClockJump { .. } => {}
        }
        None
    }

    fn clock(
        &mut self,
        ctx: &mut Ctx<'_>,
        node: FleetNode,
        change: impl FnOnce(&mut crate::clock::NodeClock),
    ) {
        match node {
            FleetNode::Server(server) => {
                if let Some(server) = self.servers.get_mut(server) {
                    change(&mut server.clock);
                }
                self.arm_server(ctx, server);
            }
            FleetNode::Site(site) => {
                if let Some(site) = self.sites.get_mut(site) {
                    change(&mut site.clock);
                }
                self.arm_site(ctx, site);
            }
            FleetNode::Terminal(terminal) => {
                if let Some(terminal) = self.terminals.get_mut(terminal) {
                    change(&mut terminal.clock);
                }
                self.arm_terminal(ctx, terminal);
            }
            FleetNode::Log => {}
        }
    }

    fn server_power(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        down: bool,
    ) {
        let exchange = self.names.config.exchange;
        let lucky = self.disks.chance(500_000);
        let Some(server) = self.servers.get_mut(node) else { return };
        if down {
            let said = server.crash(&mut self.log, lucky);
            said.into_iter().rev().for_each(|said| self.operator.push_front(said));
            self.fold(ctx.now(), observer, node);
        } else if server.restart(exchange) && self.log.leader == Some(node) {
            self.lead(ctx, observer, node);
        }
    }

    fn site_power(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        down: bool,
    ) -> Option<usize> {
        let fresh =
            Site::new(super::build::site_config(&self.names.config, node, self.start_unix_s)?);
        let site = self.sites.get_mut(node)?;
        if down {
            site.crash();
        } else if site.restart(fresh) {
            self.start_site(ctx, observer, node);
        }
        Some(node)
    }

    fn terminal_power(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        down: bool,
    ) {
        let config = super::build::terminal_config(&self.names.config, node);
        let (Some(config), Some(terminal)) = (config, self.terminals.get_mut(node)) else { return };
        if down {
            terminal.crash();
            self.truth.terminal_crashed(node);
            if let Some(seen) = self.seen.get_mut(node) {
                seen.crashed();
            }
        } else if terminal.restart(Terminal::new(config)) {
            self.terminal(ctx, observer, node, |terminal, now| {
                terminal.handle(now, TerminalInput::Start);
            });
        }
    }
}

fn card_changes(ctx: &mut Ctx<'_>, slot: SlotId, reply: CardReply) {
    let input = SiteInput::Card { bank: slot.bank, slot: slot.slot, reply };
    to_site(ctx, CONTACTS, slot.site, input);
}
