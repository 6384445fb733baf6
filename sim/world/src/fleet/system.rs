//! The nodes of a fleet, and where what they say goes.

use super::card::BankCard;
use super::config::{FleetConfig, FleetLinks, FleetNode};
use super::invariants::Watch;
use super::ledger::Ledger;
use super::message::{FleetMessage, recoded};
use super::names::FleetNames;
use super::server::{Log, Server};
use super::tell::{Ear, Seen};
use super::truth::Truth;
use crate::durable::Durable;
use crate::links::Links;
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use crate::paths::{CONTACTS, LINE};
use polysim_base::{Duration, Imsi, Instant, Machine, Msisdn, Stream};
use polysim_baseband::{BasebandInput, TerminalToCard};
use polysim_fleet::site::{Site, SiteInput, SiteOutput};
use polysim_fleet::speech::Frame;
use polysim_fleet::terminal::{Terminal, TerminalInput, TerminalOutput};
use polysim_fleet::wire::{CardSignal, Contact, Input, MessageId, OperatorInput, Relay};
use polysim_fleet::{Exchange, ModemId, ServerId, SiteId, SlotId, TerminalId, UserId};
use polysim_kernel::{Context, Transit};
use polysim_modem::ModemOutput;
use polysim_radio::air::SpeechFrame;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub(crate) type Ctx<'a> = Context<'a, Message>;

/// The fleet of a world.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) names: Arc<FleetNames>,
    /// The wall clock at virtual time zero, seconds since the Unix epoch.
    pub(crate) start_unix_s: u64,
    /// Whether messages are encoded, framed and decoded on their way.
    pub(crate) encode: bool,
    /// Where their octets are cut into pieces, if they are.
    pub(crate) cuts: Stream,
    /// The place of the first modem among the phones.
    pub(crate) first_phone: u32,
    /// The modems, in the order of the phones.
    pub(crate) modems: Vec<ModemId>,
    pub(crate) links: Links<FleetLinks>,
    pub(crate) log: Log,
    pub(crate) servers: Vec<Server>,
    pub(crate) sites: Vec<Durable<Site>>,
    pub(crate) terminals: Vec<Durable<Terminal>>,
    /// The terminals of each user.
    pub(crate) terminals_of: Vec<Vec<usize>>,
    /// The cards of the SIMs, and then second ones.
    pub(crate) cards: Vec<BankCard>,
    pub(crate) ledger: Ledger,
    pub(crate) seen: Vec<Seen>,
    pub(crate) texts: BTreeMap<MessageId, String>,
    pub(crate) truth: Truth,
    /// What the operator says, until a leader has heard it for good.
    pub(crate) operator: VecDeque<OperatorInput>,
    /// How long disks take.
    pub(crate) disks: Stream,
    pub(crate) next_wish: u64,
    pub(crate) watch: Watch,
    /// What the users of terminals and phones still have to say.
    pub(crate) speaking: BTreeMap<(bool, usize), VecDeque<SpeechFrame>>,
}

pub(crate) fn index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Fleet {
    /// A message arrives at a node.
    pub(crate) fn deliver(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        (kind, number): (Kind, u32),
        message: FleetMessage,
    ) {
        let node = number as usize;
        match message {
            FleetMessage::Server(input) => {
                self.server(ctx, observer, node, |exchange, now| exchange.handle(now, input));
            }
            FleetMessage::Site(input) => self.site_input(ctx, observer, node, input),
            FleetMessage::Terminal(input) => {
                self.terminal(ctx, observer, node, |terminal, now| terminal.handle(now, input));
            }
            FleetMessage::Card(slot, signal) => self.card(ctx, node, slot, signal),
            FleetMessage::Written(life) => match kind {
                Kind::Server => self.append(ctx, observer, node, life),
                Kind::Site => self.site_written(ctx, observer, node, life),
                Kind::Terminal => self.terminal_written(ctx, observer, node, life),
                Kind::Region
                | Kind::Core
                | Kind::Host
                | Kind::Baseband
                | Kind::Card
                | Kind::BankCard
                | Kind::Platform
                | Kind::Business
                | Kind::Service
                | Kind::Agent
                | Kind::Master
                | Kind::Slave
                | Kind::Courier
                | Kind::CourierDevice => {}
            },
            FleetMessage::Tick => self.tick(ctx, observer, node),
            FleetMessage::Speak => self.speak(ctx, observer, (kind, node)),
        }
    }

    /// A node is woken.
    pub(crate) fn wake(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        kind: Kind,
        node: usize,
    ) {
        let now = ctx.now();
        let armed = match kind {
            Kind::Server => self.servers.get_mut(node).map(|server| &mut server.armed),
            Kind::Site => self.sites.get_mut(node).map(|site| &mut site.armed),
            Kind::Terminal => self.terminals.get_mut(node).map(|terminal| &mut terminal.armed),
            Kind::Region
            | Kind::Core
            | Kind::Host
            | Kind::Baseband
            | Kind::Card
            | Kind::BankCard
            | Kind::Platform
            | Kind::Business
            | Kind::Service
            | Kind::Agent
            | Kind::Master
            | Kind::Slave
            | Kind::Courier
            | Kind::CourierDevice => None,
        };
        if !armed.is_some_and(|armed| armed.fired(now)) {
            return;
        }
        match kind {
            Kind::Server => self.server(ctx, observer, node, Exchange::handle_timeout),
            Kind::Site => self.site(ctx, observer, node, Site::handle_timeout),
            Kind::Terminal => self.terminal(ctx, observer, node, Terminal::handle_timeout),
            Kind::Region
            | Kind::Core
            | Kind::Host
            | Kind::Baseband
            | Kind::Card
            | Kind::BankCard
            | Kind::Platform
            | Kind::Business
            | Kind::Service
            | Kind::Agent
            | Kind::Master
            | Kind::Slave
            | Kind::Courier
            | Kind::CourierDevice => {}
        }
    }

    /// Sends something over a link.
    pub(super) fn over<T>(
        &mut self,
        ctx: &mut Ctx<'_>,
        (from, to): (FleetNode, FleetNode),
        body: T,
        wrap: impl Fn(T) -> FleetMessage,
    ) where
        T: Clone + PartialEq + serde::Serialize + serde::de::DeserializeOwned,
    {
        let body = if self.encode {
            let Some(body) = recoded(body, &mut self.cuts) else {
                self.truth.found("wire-types-round-trip", format!("from {from:?}"));
                return;
            };
            body
        } else {
            body
        };
        let now = ctx.now();
        let mut send = |at: Instant, message| {
            ctx.send(at.since(now), node_of(to), Message::Fleet(Box::new(message)));
        };
        match self.links.transmit(now, from, to) {
            Transit::Lost => {}
            Transit::Arrives(at) => send(at, wrap(body)),
            Transit::Twice(first, second) => {
                send(first, wrap(body.clone()));
                send(second, wrap(body));
            }
        }
    }

    fn disk_delay(&mut self) -> Duration {
        let sync = self.names.config.sync;
        self.disks.duration(sync.min, sync.max)
    }

    pub(super) fn write(&mut self, ctx: &mut Ctx<'_>, node: FleetNode, life: u32) {
        let delay = self.disk_delay();
        ctx.send(delay, node_of(node), Message::Fleet(Box::new(FleetMessage::Written(life))));
    }

    // Sites.

    fn site_input(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        input: SiteInput,
    ) {
        if self.sites.get(node).is_none_or(|site| site.machine().is_none()) {
            return;
        }
        self.truth.reaches_site(node, &input);
        self.site(ctx, observer, node, |site, now| site.handle(now, input));
        self.truth.site_done();
    }

    /// Lets a site do something, and carries out what it says.
    pub(crate) fn site(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        give: impl FnOnce(&mut Site, Instant),
    ) {
        let now = ctx.now();
        let Some(site) = self.sites.get_mut(node) else { return };
        let did = site.give(now, give);
        let life = site.life;
        if did.writes {
            self.write(ctx, FleetNode::Site(node), life);
        }
        did.now.into_iter().for_each(|output| self.site_says(ctx, observer, node, output));
        self.arm_site(ctx, node);
    }

    pub(crate) fn arm_site(&mut self, ctx: &mut Ctx<'_>, node: usize) {
        if let Some(site) = self.sites.get_mut(node) {
            let deadline = site.deadline();
            site.armed.arm(ctx, node_of(FleetNode::Site(node)), deadline);
        }
    }

    fn site_written(&mut self, ctx: &mut Ctx<'_>, observer: &mut Observer, node: usize, life: u32) {
        let Some(site) = self.sites.get_mut(node) else { return };
        let held = site.written(life);
        held.into_iter().for_each(|output| self.site_says(ctx, observer, node, output));
    }

    fn site_says(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        output: SiteOutput,
    ) {
        let own = FleetConfig::site_id(node);
        let from = FleetNode::Site(node);
        match output {
            SiteOutput::Server(server, report) => {
                let to = FleetNode::Server(usize::from(server.0));
                self.over(ctx, (from, to), report, |report| {
                    FleetMessage::Server(Input::Site(own, report))
                });
            }
            SiteOutput::Terminal(_, terminal, said) => {
                let to = FleetNode::Terminal(terminal.0 as usize);
                self.over(ctx, (from, to), said, |said| {
                    FleetMessage::Terminal(TerminalInput::Modem(own, said))
                });
            }
            SiteOutput::User(user, said) => {
                for to in self.terminals_of(user) {
                    let to = FleetNode::Terminal(to);
                    self.over(ctx, (from, to), said.clone(), |said| {
                        FleetMessage::Terminal(TerminalInput::Modem(own, said))
                    });
                }
            }
            SiteOutput::Site(site, relay) => {
                self.fenced(ctx.now(), observer, node, &relay);
                let to = FleetNode::Site(usize::from(site.0));
                self.over(ctx, (from, to), relay, |relay| {
                    FleetMessage::Site(SiteInput::Site(own, relay))
                });
            }
            SiteOutput::Modem(number, input) => {
                let Some(phone) = self.phone_of(own, number) else { return };
                ctx.send(LINE, Kind::Host.node(phone), Message::Host(input));
            }
            SiteOutput::ModemCard(number, reply) => {
                self.to_modem(ctx, own, number, CONTACTS, BasebandInput::Card(reply.into()));
            }
            SiteOutput::ModemSpeech(number, frame) => {
                let frame = SpeechFrame::from(*frame.samples());
                self.to_modem(ctx, own, number, LINE, BasebandInput::Speech(frame));
            }
            SiteOutput::Card { bank, slot, signal } => {
                let slot = SlotId { site: own, bank, slot };
                let Some(card) = self.card_in(slot) else { return };
                if let Some(card) = self.cards.get_mut(card) {
                    self.truth.signals(node, card, &signal);
                }
                let message = FleetMessage::Card(slot, signal);
                ctx.send(
                    CONTACTS,
                    Kind::BankCard.node(index(card)),
                    Message::Fleet(Box::new(message)),
                );
            }
        }
    }

    /// Tells where a site refuses the contact of a modem.
    fn fenced(&mut self, at: Instant, observer: &mut Observer, node: usize, relay: &Relay) {
        if relay.contact != Contact::Fenced {
            return;
        }
        if let Some(site) = self.ledger.sites.get_mut(node) {
            site.fenced = site.fenced.saturating_add(1);
        }
        let fields = vec![
            ("sim", self.names.sim(relay.iccid).into()),
            ("site", self.names.site(FleetConfig::site_id(node)).into()),
            ("epoch", super::words::number(relay.epoch).into()),
        ];
        observer.note(at, "fence.refused", fields);
    }

    fn to_modem(
        &self,
        ctx: &mut Ctx<'_>,
        site: SiteId,
        number: u16,
        delay: Duration,
        input: BasebandInput,
    ) {
        if let Some(phone) = self.phone_of(site, number) {
            ctx.send(delay, Kind::Baseband.node(phone), Message::Baseband(input));
        }
    }

    /// Returns the place of a modem among the phones.
    fn phone_of(&self, site: SiteId, number: u16) -> Option<u32> {
        let modem = self.names.config.modem_index(ModemId { site, number })?;
        Some(self.first_phone.saturating_add(index(modem)))
    }

    /// Returns the modem in that place, if it is one of the fleet.
    pub(crate) fn modem_in(&self, phone: u32) -> Option<ModemId> {
        self.modems.get(phone.checked_sub(self.first_phone)? as usize).copied()
    }

    /// A service centre is told by the modem of a SIM that it has a text.
    pub(crate) fn delivered(&mut self, to: &Msisdn) {
        if let Some(sim) = self.names.sim_called(to) {
            let count = self.truth.delivered.entry(sim).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Texts or reports have come to a modem, for the subscription that it is registered with. One
    /// that has just restarted does not know its card yet, and gets what was on its way.
    pub(crate) fn received(&mut self, modem: ModemId, imsi: Option<Imsi>, count: u32) {
        let held = self.names.config.modem_index(modem).and_then(|at| self.ledger.modems.get(at));
        let sim = match imsi {
            Some(imsi) => self.names.sim_with(imsi),
            None => held.and_then(|modem| modem.sim),
        };
        if let (Some(sim), true) = (sim, count > 0) {
            self.truth.received(sim, count);
        }
    }

    /// The software that drives a modem says something to its site.
    pub(crate) fn modem_said(&self, ctx: &mut Ctx<'_>, modem: ModemId, output: ModemOutput) {
        to_site(ctx, LINE, modem.site, SiteInput::Modem(modem.number, output));
    }

    /// A modem does something to the card that it believes in its slot.
    pub(crate) fn modem_signals(&self, ctx: &mut Ctx<'_>, modem: ModemId, signal: TerminalToCard) {
        to_site(ctx, CONTACTS, modem.site, SiteInput::ModemCard(modem.number, signal.into()));
    }

    /// A modem gives speech of its call.
    pub(crate) fn modem_speaks(&self, ctx: &mut Ctx<'_>, modem: ModemId, frame: &SpeechFrame) {
        let frame = Frame::from(*frame.samples());
        to_site(ctx, LINE, modem.site, SiteInput::ModemSpeech(modem.number, frame));
    }

    // Cards.

    pub(crate) fn card_in(&self, slot: SlotId) -> Option<usize> {
        self.cards.iter().position(|card| card.place == Some(slot))
    }

    fn card(&mut self, ctx: &mut Ctx<'_>, node: usize, slot: SlotId, signal: CardSignal) {
        let Some(card) = self.cards.get_mut(node).filter(|card| card.place == Some(slot)) else {
            return;
        };
        let delay = CONTACTS.plus(card.slow);
        for reply in card.handle(ctx.now(), signal) {
            let input = SiteInput::Card { bank: slot.bank, slot: slot.slot, reply };
            to_site(ctx, delay, slot.site, input);
        }
    }

    // Terminals.

    /// Lets a terminal do something, and carries out what it says.
    pub(crate) fn terminal(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        give: impl FnOnce(&mut Terminal, Instant),
    ) {
        let now = ctx.now();
        let Some(terminal) = self.terminals.get_mut(node) else { return };
        let did = terminal.give(now, give);
        let life = terminal.life;
        if did.writes {
            self.write(ctx, FleetNode::Terminal(node), life);
        }
        did.now.into_iter().for_each(|output| self.terminal_says(ctx, observer, node, output));
        self.arm_terminal(ctx, node);
    }

    pub(crate) fn arm_terminal(&mut self, ctx: &mut Ctx<'_>, node: usize) {
        if let Some(terminal) = self.terminals.get_mut(node) {
            let deadline = terminal.deadline();
            terminal.armed.arm(ctx, node_of(FleetNode::Terminal(node)), deadline);
        }
    }

    fn terminal_written(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        life: u32,
    ) {
        let Some(terminal) = self.terminals.get_mut(node) else { return };
        let held = terminal.written(life);
        held.into_iter().for_each(|output| self.terminal_says(ctx, observer, node, output));
    }

    fn terminal_says(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: &mut Observer,
        node: usize,
        output: TerminalOutput,
    ) {
        let from = FleetNode::Terminal(node);
        let user = self.user_of(node);
        match output {
            TerminalOutput::Server(ServerId(server), request) => {
                let to = FleetNode::Server(usize::from(server));
                self.over(ctx, (from, to), request, |request| {
                    FleetMessage::Server(Input::User(user, request))
                });
            }
            TerminalOutput::Site(SiteId(site), said) => {
                let to = FleetNode::Site(usize::from(site));
                let own: TerminalId = FleetConfig::terminal_id(node);
                self.over(ctx, (from, to), said, |said| {
                    FleetMessage::Site(SiteInput::Terminal(user, own, said))
                });
            }
            TerminalOutput::Speaker(_) => {}
            TerminalOutput::Tell(event) => {
                self.truth.told(ctx.now(), (user, node), &event);
                let Self { names, seen, texts, .. } = self;
                let Some(seen) = seen.get_mut(node) else { return };
                let at = ctx.now();
                Ear { at, terminal: node, names, seen, texts, observer }.hear(event);
            }
        }
    }

    fn user_of(&self, terminal: usize) -> UserId {
        let config = self.names.config.terminals.get(terminal);
        FleetConfig::user_id(config.map_or(usize::MAX, |terminal| terminal.user))
    }
}

/// Sends something to a site from within its own place.
pub(crate) fn to_site(ctx: &mut Ctx<'_>, delay: Duration, site: SiteId, input: SiteInput) {
    let message = Message::Fleet(Box::new(FleetMessage::Site(input)));
    ctx.send(delay, Kind::Site.node(site.0.into()), message);
}

pub(crate) fn node_of(node: FleetNode) -> polysim_kernel::NodeId {
    match node {
        FleetNode::Server(node) => Kind::Server.node(index(node)),
        FleetNode::Site(node) => Kind::Site.node(index(node)),
        FleetNode::Terminal(node) => Kind::Terminal.node(index(node)),
        // Nothing is sent there: servers look into the log.
        FleetNode::Log => Kind::Server.node(u32::MAX),
    }
}
