//! One shard of a mobile world: its machines, and where what they say goes.

use crate::courier::Courier;
use crate::fleet::Fleet;
use crate::issuance::{Issuance, IssuanceNode, shows};
use crate::lending::Lent;
use crate::message::Message;
use crate::network;
use crate::node::{Kind, Node};
use crate::observer::Observer;
use crate::outside::OutsideCalls;
use crate::paths::{Air, CONTACTS, Direction, LINE, Paths, REACTION};
use crate::phone::{Phone, Power};
use crate::share::Share;
use crate::steering::{Steering, is_for_agent};
use crate::user::Whereabouts;
use polysim_apdu::CardSignal;
use polysim_base::{Duration, Instant, Machine, Out};
use polysim_baseband::{BasebandEvent, BasebandInput, BasebandOutput, CardToTerminal};
use polysim_card::{CardInput, CardOutput};
use polysim_kernel::{Context, NodeId, Summary, World};
use polysim_modem::{ModemInput, ModemOutput};
use polysim_radio::air::{CallCause, RadioId, StreamDownlink, StreamUplink};
use polysim_radio::{
    Core, CoreCommand, CoreInput, CoreOutput, NetworkEvent, OperatorId, Region, RegionInput,
    RegionOutput, SmsEvent,
};

type Ctx<'a> = Context<'a, Message>;

/// Machines of one shard. Regions and operators of other shards are `None` here.
#[derive(Debug)]
pub(crate) struct MobileWorld {
    pub(crate) regions: Vec<Option<Node<Region>>>,
    pub(crate) cores: Vec<Option<Node<Core>>>,
    pub(crate) phones: Vec<Phone>,
    /// The radio of the first phone of this shard.
    pub(crate) first_radio: u32,
    /// The number of each region's first cell.
    pub(crate) first_cells: Vec<u32>,
    pub(crate) air: Air,
    pub(crate) paths: Paths,
    pub(crate) observer: Option<Box<Observer>>,
    pub(crate) counters: Counters,
    pub(crate) outside: OutsideCalls,
    /// What lent modems and the users of lent phones say to the outside.
    pub(crate) lent: Vec<Lent>,
    /// How long bytes take between a lent modem and the outside, one way.
    pub(crate) lent_line: Duration,
    pub(crate) fleet: Option<Box<Fleet>>,
    pub(crate) issuance: Option<Box<Issuance>>,
    pub(crate) steering: Option<Box<Steering>>,
    pub(crate) share: Option<Box<Share>>,
    pub(crate) courier: Option<Box<Courier>>,
}

/// How much was said on lines and contacts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counters {
    /// Command lines and data from hosts to modems.
    pub(crate) at: u64,
    /// Commands from modems to cards.
    pub(crate) apdu: u64,
}

impl World for MobileWorld {
    type Message = Message;

    fn deliver(&mut self, ctx: &mut Ctx<'_>, to: NodeId, message: Message) {
        let Some((kind, index)) = Kind::of(to) else { return };
        match message {
            Message::Fleet(message) => {
                if let (Some(fleet), Some(observer)) = (&mut self.fleet, &mut self.observer) {
                    fleet.deliver(ctx, observer, (kind, index), *message);
                }
            }
            Message::Issuance(message) => self.issuance_input(ctx, (kind, index), *message),
            Message::Steering(message) => self.steering_input(ctx, (kind, index), *message),
            Message::Share(message) => self.share_input(ctx, (kind, index), *message),
            Message::Courier(message) => self.courier_input(ctx, (kind, index), *message),
            Message::Region(input) => self.region(ctx, index, |r, now| r.handle(now, input)),
            Message::Core(CoreInput::Command(CoreCommand::OutsiderEnds(call, cause))) => {
                if self.outside.gives_up(call) {
                    let ends = CoreInput::Command(CoreCommand::OutsiderEnds(call, cause));
                    self.core(ctx, index, |c, now| c.handle(now, ends));
                }
            }
            Message::Core(input) => {
                let input = match &self.steering {
                    Some(steering) => steering.carried(index as usize, input),
                    None => input,
                };
                self.core(ctx, index, |c, now| c.handle(now, input));
            }
            Message::Air(region, downlink) => {
                if self.phone(index).is_some_and(|phone| phone.region == region) {
                    self.baseband(ctx, index, BasebandInput::Air(downlink));
                }
            }
            Message::Baseband(BasebandInput::Power(on)) => self.switch(ctx, index, on),
            Message::Baseband(input) => {
                self.counters.at += u64::from(matches!(input, BasebandInput::Port { .. }));
                self.baseband(ctx, index, input);
            }
            Message::Card(input) => self.card(ctx, index, input),
            Message::Host(input) => self.host_input(ctx, index, input),
        }
    }

    fn wake(&mut self, ctx: &mut Ctx<'_>, node: NodeId) {
        let Some((kind, index)) = Kind::of(node) else { return };
        let now = ctx.now();
        let armed = match kind {
            Kind::Region => slot(&mut self.regions, index).map(|node| &mut node.armed),
            Kind::Core => slot(&mut self.cores, index).map(|node| &mut node.armed),
            Kind::Host => {
                let host = self.phone_mut(index).and_then(|phone| phone.host.as_mut());
                host.map(|host| &mut host.armed)
            }
            Kind::Baseband => self.phone_mut(index).map(|phone| &mut phone.baseband.armed),
            Kind::Card => None,
            Kind::Server | Kind::Site | Kind::Terminal | Kind::BankCard => {
                if let (Some(fleet), Some(observer)) = (&mut self.fleet, &mut self.observer) {
                    fleet.wake(ctx, observer, kind, index as usize);
                }
                return;
            }
            Kind::Platform => {
                return self.wake_issuance(ctx, IssuanceNode::Platform(index as usize));
            }
            Kind::Business => {
                return self.wake_issuance(ctx, IssuanceNode::Business(index as usize));
            }
            Kind::Service => return self.wake_service(ctx, index),
            Kind::Agent => return self.wake_host_agent(ctx, index),
            Kind::Master | Kind::Slave => return self.wake_share(ctx, (kind, index)),
            Kind::Courier | Kind::CourierDevice => return self.wake_courier(ctx, (kind, index)),
        };
        if !armed.is_some_and(|armed| armed.fired(now)) {
            return;
        }
        match kind {
            Kind::Region => self.region(ctx, index, Region::handle_timeout),
            Kind::Core => self.core(ctx, index, Core::handle_timeout),
            Kind::Host => self.host(ctx, index, Machine::handle_timeout),
            Kind::Baseband => {
                let phone = self.phone_mut(index);
                if let Some(phone) = phone.filter(|phone| phone.hung.is_none()) {
                    phone.baseband.machine.handle_timeout(now);
                    self.drain_baseband(ctx, index);
                }
            }
            Kind::Card
            | Kind::Server
            | Kind::Site
            | Kind::Terminal
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

    fn summarise(&self, message: &Message) -> Summary {
        message.summary()
    }
}

fn slot<M>(nodes: &mut [Option<Node<M>>], index: u32) -> Option<&mut Node<M>> {
    nodes.get_mut(index as usize)?.as_mut()
}

impl MobileWorld {
    pub(crate) fn phone(&self, index: u32) -> Option<&Phone> {
        self.phones.get(index as usize)
    }

    pub(crate) fn phone_mut(&mut self, index: u32) -> Option<&mut Phone> {
        self.phones.get_mut(index as usize)
    }

    /// Gives something to a region, and carries what it says to where it belongs.
    pub(crate) fn region(
        &mut self,
        ctx: &mut Ctx<'_>,
        index: u32,
        give: impl FnOnce(&mut Region, Instant),
    ) {
        let now = ctx.now();
        let Some(node) = slot(&mut self.regions, index) else { return };
        give(&mut node.machine, now);
        while let Some(Out::Do(output)) = node.machine.poll_output() {
            match output {
                RegionOutput::ToDevice(radio, downlink) => {
                    let local = radio.0.wrapping_sub(self.first_radio);
                    let Some(phone) = self.phones.get_mut(local as usize) else { continue };
                    let delay = phone.air.delay(now, self.air, radio.0, Direction::Down);
                    let region = u16::try_from(index).unwrap_or(u16::MAX);
                    ctx.send(delay, Kind::Baseband.node(local), Message::Air(region, downlink));
                }
                RegionOutput::ToCore { operator, radio, message } => {
                    let region = node.machine.id();
                    let message = Message::Core(CoreInput::Radio { region, radio, message });
                    let to = Kind::Core.node(operator.0.into());
                    self.paths.backhaul(ctx, Kind::Region.node(index), to, message);
                }
                RegionOutput::Congested { .. } => {}
            }
        }
        node.armed.arm(ctx, Kind::Region.node(index), node.machine.poll_timeout().map(|t| t.0));
    }

    /// Gives something to an operator's network, and carries what it says to where it belongs.
    pub(crate) fn core(
        &mut self,
        ctx: &mut Ctx<'_>,
        index: u32,
        give: impl FnOnce(&mut Core, Instant),
    ) {
        let now = ctx.now();
        let Some(node) = slot(&mut self.cores, index) else { return };
        give(&mut node.machine, now);
        let own = OperatorId(u16::try_from(index).unwrap_or(u16::MAX));
        let from = Kind::Core.node(index);
        while let Some(Out::Do(output)) = node.machine.poll_output() {
            match output {
                CoreOutput::ToRegion { region, radio, downlink } => {
                    let input = RegionInput::FromCore { operator: own, radio, downlink };
                    let to = Kind::Region.node(region.0.into());
                    self.paths.backhaul(ctx, from, to, Message::Region(input));
                }
                CoreOutput::ToCore { to, message } => {
                    let input = CoreInput::Core { from: own, message };
                    let to = Kind::Core.node(to.0.into());
                    self.paths.backhaul(ctx, from, to, Message::Core(input));
                }
                CoreOutput::Stream { stream, message, .. } => {
                    let issuance = self.issuance.as_mut();
                    let heard = issuance.is_some_and(|it| it.stream(ctx, stream, &message))
                        || self.steering.as_mut().is_some_and(|it| {
                            it.stream(ctx, self.observer.as_deref_mut(), stream, &message)
                        });
                    if let (StreamUplink::Open { .. }, false) = (message, heard) {
                        // Nobody listens there.
                        let message = StreamDownlink::Refused;
                        let refused = CoreInput::Command(CoreCommand::Stream { stream, message });
                        ctx.send(REACTION, from, Message::Core(refused));
                    }
                }
                CoreOutput::Event(event) => {
                    if let NetworkEvent::Call(call, event) = &event
                        && let Some(patience) = self.outside.hear(*call, event)
                    {
                        let gives_up = CoreCommand::OutsiderEnds(*call, CallCause::Normal);
                        ctx.send(patience, from, Message::Core(CoreInput::Command(gives_up)));
                    }
                    if let (Some(fleet), NetworkEvent::Sms(SmsEvent::Delivered { to, .. })) =
                        (&mut self.fleet, &event)
                    {
                        fleet.delivered(to);
                    }
                    if let Some(issuance) = &mut self.issuance {
                        issuance.hears(ctx, index as usize, &event);
                    }
                    if let Some(steering) = &mut self.steering {
                        steering.hears(ctx, index as usize, &event);
                    }
                    if let Some(courier) = &mut self.courier {
                        courier.hears(ctx, &event);
                    }
                    if let Some(observer) = &mut self.observer {
                        network::tell(now, &event, observer);
                    }
                    if let Some(share) = &mut self.share {
                        share.hears(&self.phones, index as usize, &event);
                    }
                }
            }
        }
        node.armed.arm(ctx, from, node.machine.poll_timeout().map(|t| t.0));
    }

    /// Gives something to a modem, unless it hangs.
    pub(crate) fn baseband(&mut self, ctx: &mut Ctx<'_>, index: u32, input: BasebandInput) {
        let now = ctx.now();
        let Some(phone) = self.phone_mut(index) else { return };
        if let Some(missed) = &mut phone.hung {
            match input {
                // Who takes the power from it ends that.
                BasebandInput::Power(_) | BasebandInput::PowerLost => self.revive(ctx, index),
                BasebandInput::Air(_) | BasebandInput::LinkLost => return missed.air = true,
                BasebandInput::Card(signal) => return missed.card.push(signal),
                BasebandInput::Port { .. }
                | BasebandInput::PortOpened(_)
                | BasebandInput::PortClosed(_)
                | BasebandInput::Speech(_) => return,
            }
        }
        let Some(phone) = self.phone_mut(index) else { return };
        phone.baseband.machine.handle(now, input);
        self.drain_baseband(ctx, index);
    }

    /// A modem hangs no more. It looks for its network anew where it did not hear that; one whose
    /// card has answered meanwhile does not know how far it was, and starts anew.
    pub(crate) fn revive(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        let Some(missed) = self.phone_mut(index).and_then(|phone| phone.hung.take()) else {
            return;
        };
        let is_change = |signal: &CardToTerminal| {
            matches!(signal, CardToTerminal::Inserted | CardToTerminal::Removed)
        };
        let is_lost = !missed.card.iter().all(is_change);
        for signal in missed.card.into_iter().filter(is_change) {
            self.baseband(ctx, index, BasebandInput::Card(signal));
        }
        if is_lost && self.phone(index).is_some_and(|phone| phone.power == Power::On) {
            self.baseband(ctx, index, BasebandInput::PowerLost);
            self.baseband(ctx, index, BasebandInput::Power(true));
        } else if missed.air {
            self.baseband(ctx, index, BasebandInput::LinkLost);
        }
        self.drain_baseband(ctx, index);
    }

    fn drain_baseband(&mut self, ctx: &mut Ctx<'_>, index: u32) {
        let now = ctx.now();
        let radio = RadioId(self.first_radio.wrapping_add(index));
        let pooled = self.fleet.as_deref();
        let pooled = pooled.and_then(|fleet| fleet.modem_in(index).map(|modem| (fleet, modem)));
        let remote = self.share.as_deref().and_then(|share| share.remote(index));
        let Some(phone) = self.phones.get_mut(index as usize) else { return };
        let mut received = 0;
        while let Some(Out::Do(output)) = phone.baseband.machine.poll_output() {
            let output = match (output, pooled) {
                (BasebandOutput::Card(signal), None) if remote.is_some() => {
                    remote.into_iter().for_each(|it| Share::modem_signals(ctx, it, signal.clone()));
                    continue;
                }
                (BasebandOutput::Speech(frame), Some((fleet, modem))) => {
                    fleet.modem_speaks(ctx, modem, &frame);
                    continue;
                }
                (BasebandOutput::Card(signal), Some((fleet, modem))) => {
                    fleet.modem_signals(ctx, modem, signal);
                    continue;
                }
                (output, _) => output,
            };
            match output {
                BasebandOutput::Port { bytes, .. } if phone.host.is_some() => {
                    let to = Kind::Host.node(index);
                    ctx.send(LINE, to, Message::Host(ModemInput::Bytes(bytes)));
                }
                BasebandOutput::Port { port: 0, bytes } if self.lent_line > Duration::ZERO => {
                    let to = Kind::Host.node(index);
                    ctx.send(self.lent_line, to, Message::Host(ModemInput::Bytes(bytes)));
                }
                BasebandOutput::Port { port, bytes } => {
                    self.lent.push(Lent::Port { phone: index as usize, port, bytes });
                }
                BasebandOutput::Speech(frame) if phone.host.is_none() => {
                    self.lent.push(Lent::Speech { phone: index as usize, frame });
                }
                // The software that drives phones here has no ear.
                BasebandOutput::Speech(_) => {}
                BasebandOutput::Card(signal) if phone.host.is_none() && phone.card.is_none() => {
                    let signal = signal.into();
                    self.lent.push(Lent::Card { phone: index as usize, signal });
                }
                BasebandOutput::Card(to_card) => {
                    let message = Message::Card(CardSignal::from(to_card).into());
                    ctx.send(CONTACTS, Kind::Card.node(index), message);
                }
                BasebandOutput::Air(uplink) => {
                    let delay = phone.air.delay(now, self.air, radio.0, Direction::Up);
                    let to = Kind::Region.node(phone.region.into());
                    let input = RegionInput::FromDevice(radio, uplink);
                    ctx.send(delay, to, Message::Region(input));
                }
                BasebandOutput::Event(event) => {
                    received += u32::from(event == BasebandEvent::MessageReceived);
                    if let Some(observer) = &mut self.observer {
                        tell_baseband(now, index, &event, observer);
                    }
                }
            }
        }
        let deadline = phone.baseband.machine.poll_timeout().map(|t| t.0);
        phone.baseband.armed.arm(ctx, Kind::Baseband.node(index), deadline);
        let imsi = phone.baseband.machine.imsi();
        let modem = pooled.map(|(_, modem)| modem);
        if let (Some(fleet), Some(modem)) = (&mut self.fleet, modem) {
            fleet.received(modem, imsi, received);
        }
        self.share_saw_modem(now, index);
        self.courier_saw_modem(ctx, index);
    }

    fn card(&mut self, ctx: &mut Ctx<'_>, index: u32, input: CardInput) {
        let now = ctx.now();
        self.counters.apdu += u64::from(matches!(input, CardInput::Command(_)));
        let watched = self.issuance.is_some() && self.observer.is_some();
        let command = match &input {
            CardInput::Command(command) if watched && shows(command) => Some(command.clone()),
            CardInput::Command(_)
            | CardInput::PowerOn
            | CardInput::ResetWarm
            | CardInput::PowerOff => None,
        };
        let Some(card) = self.phone_mut(index).and_then(|phone| phone.card.as_mut()) else {
            return;
        };
        card.handle(now, input);
        let waits = self.share.is_some() && self.share_saw_card(ctx, index);
        let mut response = None;
        while let Some(answer) = self.card_answers(index) {
            if let (CardToTerminal::Response(bytes), true) = (&answer, command.is_some()) {
                response = Some(bytes.clone());
            }
            if waits {
                self.hold_answer(index, answer);
                continue;
            }
            let message = Message::Baseband(BasebandInput::Card(answer));
            ctx.send(CONTACTS, Kind::Baseband.node(index), message);
        }
        if let (Some(command), Some(response)) = (command, response) {
            self.saw_card(now, index, &command, &response);
        }
        if self.steering.is_some() {
            self.saw_chip(now, index);
        }
    }

    fn card_answers(&mut self, index: u32) -> Option<CardToTerminal> {
        let card = self.phone_mut(index)?.card.as_mut()?;
        let Some(Out::Do(output)) = card.poll_output() else { return None };
        Some(match output {
            CardOutput::Atr(atr) => CardToTerminal::Atr(atr),
            CardOutput::Response(bytes) => CardToTerminal::Response(bytes),
        })
    }

    /// Gives something to the software that drives a modem, wherever that is.
    pub(crate) fn host_input(&mut self, ctx: &mut Ctx<'_>, index: u32, input: ModemInput) {
        let Some(phone) = self.phone(index) else { return };
        if phone.host.is_some() {
            self.host(ctx, index, |host, now| host.handle(now, input));
        } else {
            let phone = index as usize;
            self.lent.push(match input {
                ModemInput::Bytes(bytes) => Lent::Port { phone, port: 0, bytes },
                input @ (ModemInput::PortOpened
                | ModemInput::PortLost
                | ModemInput::Command { .. }
                | ModemInput::Recorded(_)) => Lent::Host { phone, input },
            });
        }
    }

    /// Lets the software that drives a modem do something, and carries out what it says.
    fn host(
        &mut self,
        ctx: &mut Ctx<'_>,
        index: u32,
        give: impl FnOnce(&mut polysim_modem::Modem, Instant),
    ) {
        let now = ctx.now();
        let Some(driver) = self.driver(index) else { return };
        give(&mut driver.machine, now);
        while let Some(Out::Do(output)) = self.driver(index).and_then(|d| d.machine.poll_output()) {
            self.host_said(ctx, index, output);
        }
        if let Some(driver) = self.driver(index) {
            let deadline = driver.machine.poll_timeout().map(|t| t.0);
            driver.armed.arm(ctx, Kind::Host.node(index), deadline);
        }
    }

    fn driver(&mut self, index: u32) -> Option<&mut Node<polysim_modem::Modem>> {
        self.phone_mut(index)?.host.as_mut()
    }

    /// Carries out what the software that drives a modem says: to the modem, or to the user.
    pub(crate) fn host_said(&mut self, ctx: &mut Ctx<'_>, index: u32, output: ModemOutput) {
        let now = ctx.now();
        if let ModemOutput::Done { id, outcome } = &output
            && (self.share_answered(ctx, index, *id)
                || self.tool_answered(ctx, index, *id, outcome)
                || self.courier_answered(ctx, *id, outcome))
        {
            return;
        }
        let output = match output {
            ModemOutput::Done { id, outcome } if is_for_agent(id) => {
                return self.agent_answered(ctx, index, id, outcome);
            }
            output @ (ModemOutput::Bytes(_) | ModemOutput::Done { .. } | ModemOutput::Event(_)) => {
                output
            }
        };
        if let (ModemOutput::Event(event), true) = (&output, self.steering.is_some()) {
            self.agent_sees(ctx, index, event);
        }
        if let (ModemOutput::Event(event), true) = (&output, self.courier.is_some()) {
            self.courier_sees(ctx, index, event);
        }
        if let Some(fleet) = &self.fleet
            && let Some(modem) = fleet.modem_in(index)
            && !matches!(output, ModemOutput::Bytes(_))
        {
            return fleet.modem_said(ctx, modem, output);
        }
        let Some(phone) = self.phones.get_mut(index as usize) else { return };
        match output {
            ModemOutput::Bytes(bytes) => {
                let message = Message::Baseband(BasebandInput::Port { port: 0, bytes });
                ctx.send(LINE, Kind::Baseband.node(index), message);
            }
            ModemOutput::Done { id, outcome } => {
                if let (Some(user), Some(observer)) = (&mut phone.user, &mut self.observer) {
                    user.done(now, index, id, outcome, observer);
                }
            }
            ModemOutput::Event(event) => {
                let (Some(user), Some(observer)) = (&mut phone.user, &mut self.observer) else {
                    return;
                };
                let serving = phone.baseband.machine.serving();
                let operator = serving.map(|cell| observer.names.operator(cell.plmn));
                let place = operator.as_deref().map(|operator| Whereabouts { operator });
                if let Some((delay, reply)) = user.hears(now, index, event, place, observer) {
                    ctx.send(delay, Kind::Host.node(index), Message::Host(reply));
                }
            }
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open")]
fn tell_baseband(at: Instant, phone: u32, event: &BasebandEvent, observer: &mut Observer) {
    match event {
        BasebandEvent::Denied { plmn, cause } => {
            let operator = observer.names.operator(*plmn);
            let fields = [("operator", operator.into()), ("cause", cause.number().into())];
            observer.tell(at, "phone.refused", phone, fields);
        }
        BasebandEvent::Dtmf(digit) => {
            let digit = char::from(*digit).to_string();
            observer.tell(at, "dtmf.received", phone, [("digit", digit.into())]);
        }
        // What else a modem tells, its host tells too.
        _ => {}
    }
}
