//! The courier of a world, and where what server and devices say goes.

use super::config::{CourierLinks, CourierUser};
use super::message::{CourierMessage, Deed, End};
use super::tell::Counts;
use super::texts::Gateway;
use super::tie::Tie;
use super::truth::Truth;
use crate::config::LatencyRange;
use crate::durable::{Did, Durable};
use crate::links::Links;
use crate::message::Message;
use crate::node::Kind;
use crate::observer::Observer;
use polysim_base::{Duration, Imsi, Instant, Machine, Msisdn, Plmn, Stream};
use polysim_courier::client::{
    CallId, CardIdentity, CarrierOrder, Client, ClientCommand, ClientConfig, ClientInput,
    ClientOutput, Offer,
};
use polysim_courier::server::{Server, ServerConfig, ServerInput, ServerOutput};
use polysim_courier::{Code, DeviceId, Invitation, MessageId, Rate};
use polysim_kernel::{Context, NodeId};
use std::collections::{BTreeMap, VecDeque};

pub(crate) type Ctx<'a> = Context<'a, Message>;

/// The courier of a world.
#[derive(Debug)]
pub(crate) struct Courier {
    pub(super) seed: u64,
    /// How long a node takes to make records durable.
    pub(super) sync: LatencyRange,
    pub(super) server: CourierServer,
    pub(super) devices: Vec<Device>,
    /// The device on each phone, by index.
    pub(super) on_phone: Vec<Option<u32>>,
    pub(super) links: Links<CourierLinks>,
    pub(super) networks: Vec<Network>,
    /// The number of each subscription.
    pub(super) numbers: BTreeMap<Imsi, Msisdn>,
    /// The operator of each number.
    pub(super) homes: BTreeMap<Msisdn, u32>,
    pub(super) gateway: Gateway,
    /// What is to be done with modems and networks.
    pub(super) orders: VecDeque<Order>,
    /// Somebody is at it.
    pub(super) carrying_out: bool,
    /// How long disks take.
    pub(super) disks: Stream,
    pub(crate) counts: Counts,
    /// When all that the server has was looked at last.
    pub(super) watched: Instant,
    /// What is true, where somebody looks on.
    pub(crate) truth: Option<Box<Truth>>,
}

/// The server.
#[derive(Debug)]
pub(super) struct CourierServer {
    pub(super) name: String,
    pub(super) node: Durable<Server>,
    pub(super) config: ServerConfig,
}

/// A device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) node: Durable<Client>,
    pub(super) config: Box<ClientConfig>,
    pub(super) phone: u32,
    pub(super) tie: Tie,
    /// How fast its data link is, each way.
    pub(super) rate_kbps: u32,
    /// The operator whose network its phone is registered with.
    pub(super) serving: Option<usize>,
    /// The card in it, as it was told.
    pub(super) card: Option<CardIdentity>,
    /// The number that its user types; its card has none then.
    pub(super) typed: Option<Msisdn>,
    /// The device that it is to be linked to, and those that are to be linked to it.
    pub(super) linked_to: Option<u32>,
    pub(super) to_link: Vec<u32>,
    /// Its contacts at first.
    pub(super) contacts: Vec<Msisdn>,
    pub(super) user: CourierUser,
    pub(super) mind: Mind,
}

/// What a user has in mind.
#[derive(Debug, Default)]
pub(super) struct Mind {
    /// The user has begun to register.
    pub(super) has_begun: bool,
    /// As which number the device is registered.
    pub(super) number: Option<Msisdn>,
    /// As which device.
    pub(super) id: Option<DeviceId>,
    /// Whom it has dialled last.
    pub(super) dialled: Option<Msisdn>,
    /// The code that has come.
    pub(super) code: Option<Code>,
    /// The device for which an invitation was asked.
    pub(super) invites: Option<u32>,
    /// The invitation that another one has shown.
    pub(super) invitation: Option<Invitation>,
    pub(super) calls: BTreeMap<CallId, Call>,
    pub(super) offers: Vec<Offer>,
    /// The last text that was written.
    pub(super) written: Option<u64>,
    pub(super) unread: Vec<MessageId>,
    pub(super) texts: u32,
    pub(super) rate: Option<Rate>,
}

/// A call over data, or one that is being decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Call {
    /// It rings here.
    Incoming(Msisdn),
    /// It rings there.
    Ringing(Option<Msisdn>),
    /// It is answered.
    Answered(Option<Msisdn>),
}

/// An operator's network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Network {
    pub(super) plmn: Plmn,
    /// It has access points.
    pub(super) has_points: bool,
    /// It has none for now.
    pub(super) broken: bool,
}

/// What is to be done with modems and networks.
#[derive(Debug)]
pub(crate) enum Order {
    /// The carrier of a phone gets a text.
    Text { phone: u32, number: u64, to: Msisdn, text: String },
    /// The carrier of a phone gets a call.
    Dial { phone: u32, to: Msisdn },
    /// A verification text goes to a number.
    Verify { to: Msisdn, body: String, tag: u64 },
}

impl Mind {
    /// Returns the other one of a call.
    pub(super) fn peer(&self, call: CallId) -> Option<Msisdn> {
        match self.calls.get(&call) {
            Some(Call::Incoming(from)) => Some(*from),
            Some(Call::Ringing(peer) | Call::Answered(peer)) => *peer,
            None => self.dialled,
        }
    }
}

impl Courier {
    pub(super) fn device(&self, device: u32) -> Option<&Device> {
        self.devices.get(device as usize)
    }

    pub(super) fn device_mut(&mut self, device: u32) -> Option<&mut Device> {
        self.devices.get_mut(device as usize)
    }

    /// Returns the device on a phone.
    pub(super) fn on(&self, phone: usize) -> Option<u32> {
        self.on_phone.get(phone).copied().flatten()
    }

    pub(super) fn has_data(&self, operator: usize) -> bool {
        self.networks.get(operator).is_some_and(|network| network.has_points && !network.broken)
    }

    /// Everything starts.
    pub(crate) fn begin(&mut self, ctx: &mut Ctx<'_>, mut observer: Option<&mut Observer>) {
        self.tell_server(ctx, observer.as_deref_mut(), ServerInput::Start);
        for device in (0_u32..).take(self.devices.len()) {
            self.tell_device(ctx, observer.as_deref_mut(), device, ClientInput::Start);
            let contacts = self.device_mut(device).map(|of| core::mem::take(&mut of.contacts));
            if let Some(contacts) = contacts.filter(|contacts| !contacts.is_empty()) {
                let command = ClientCommand::Contacts(contacts);
                self.command(ctx, observer.as_deref_mut(), device, command);
            }
        }
    }

    /// Gives the server something.
    pub(super) fn tell_server(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        input: ServerInput,
    ) {
        self.server_does(ctx, observer, |machine, now| machine.handle(now, input));
    }

    /// Gives a device something.
    pub(super) fn tell_device(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        device: u32,
        input: ClientInput,
    ) {
        self.device_does(ctx, observer, device, |machine, now| machine.handle(now, input));
    }

    /// The user of a device wants something.
    pub(super) fn command(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        device: u32,
        command: ClientCommand,
    ) {
        self.tell_device(ctx, observer, device, ClientInput::Command(command));
    }

    fn server_does(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        give: impl FnOnce(&mut Server, Instant),
    ) {
        let now = ctx.now();
        let node = &mut self.server.node;
        let did = match self.truth.as_deref_mut() {
            Some(truth) => node.give_watched(now, give, |record| truth.server_records(record)),
            None => node.give(now, give),
        };
        self.server_did(ctx, observer, did);
    }

    fn device_does(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        device: u32,
        give: impl FnOnce(&mut Client, Instant),
    ) {
        let now = ctx.now();
        let Self { devices, truth, .. } = self;
        let Some(of) = devices.get_mut(device as usize) else { return };
        let did = match truth.as_deref_mut() {
            Some(truth) => {
                of.node.give_watched(now, give, |record| truth.device_records(device, record))
            }
            None => of.node.give(now, give),
        };
        self.device_did(ctx, observer, device, did);
    }

    /// A node is woken.
    pub(super) fn wake(
        &mut self,
        ctx: &mut Ctx<'_>,
        observer: Option<&mut Observer>,
        (kind, node): (Kind, u32),
    ) {
        let now = ctx.now();
        if kind == Kind::Courier {
            if self.server.node.armed.fired(now) {
                self.server_does(ctx, observer, Machine::handle_timeout);
            }
        } else if self.device_mut(node).is_some_and(|of| of.node.armed.fired(now)) {
            self.device_does(ctx, observer, node, Machine::handle_timeout);
        }
    }

    /// A message arrives at a node.
    pub(super) fn deliver(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        (kind, node): (Kind, u32),
        message: CourierMessage,
    ) {
        match message {
            CourierMessage::ToServer { device, session, said } => {
                self.server_hears(ctx, observer, (device, session), said);
            }
            CourierMessage::ToDevice { session, said } => {
                self.device_hears(ctx, observer, (node, session), said);
            }
            CourierMessage::Open { session } => self.open(ctx, observer, node, session),
            CourierMessage::Down { session, end } => {
                self.down(ctx, observer, node, (session, end));
            }
            CourierMessage::Texted { text, taken } => {
                if let Some(observer) = observer.as_deref_mut() {
                    self.tell_of_proof(ctx.now(), observer, text, taken);
                }
                self.tell_server(ctx, observer, ServerInput::Texted { text, taken });
            }
            CourierMessage::User(deed) => self.does(ctx, observer, node, deed),
            CourierMessage::Written(life) if kind == Kind::Courier => {
                let did = Did { now: self.server.node.written(life), writes: false };
                self.server.node.compact(Server::checkpoint);
                self.server_did(ctx, observer, did);
            }
            CourierMessage::Written(life) => {
                let Some(of) = self.device_mut(node) else { return };
                let did = Did { now: of.node.written(life), writes: false };
                of.node.compact(Client::checkpoint);
                self.device_did(ctx, observer, node, did);
            }
        }
    }

    /// Has the disk of a node write.
    fn write(&mut self, ctx: &mut Ctx<'_>, to: NodeId, life: u32) {
        let delay = self.disks.duration(self.sync.min, self.sync.max);
        ctx.send(delay, to, Message::Courier(Box::new(CourierMessage::Written(life))));
    }

    /// Carries out what the server has done.
    fn server_did(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        did: Did<ServerOutput>,
    ) {
        let to = Kind::Courier.node(0);
        if did.writes {
            self.write(ctx, to, self.server.node.life);
        }
        for output in did.now {
            match output {
                ServerOutput::Send(connection, said) => {
                    if let (Some(truth), Some(device)) =
                        (&mut self.truth, super::tie::device_of(connection))
                    {
                        truth.server_says(device, &said);
                    }
                    self.say_to_device(ctx, connection, said);
                }
                ServerOutput::Close(connection) => self.close(ctx, connection),
                ServerOutput::Text { text, to, body } => self.verify(ctx, text, to, body.0.clone()),
                ServerOutput::Tell(event) => {
                    self.counts.count(&event);
                    if let Some(truth) = &mut self.truth {
                        truth.server_tells(&event);
                    }
                    if let Some(observer) = observer.as_deref_mut() {
                        self.tell_of_server(ctx.now(), observer, &event);
                    }
                }
            }
        }
        let deadline = self.server.node.deadline();
        self.server.node.armed.arm(ctx, to, deadline);
    }

    /// Carries out what a device has done.
    fn device_did(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        device: u32,
        did: Did<ClientOutput>,
    ) {
        let Some(of) = self.device(device) else { return };
        let (to, phone, life) = (Kind::CourierDevice.node(device), of.phone, of.node.life);
        if did.writes {
            self.write(ctx, to, life);
        }
        for output in did.now {
            match output {
                ClientOutput::Send(said) => self.say_to_server(ctx, device, said),
                ClientOutput::Carrier(order) => {
                    self.counts.to_carrier += u64::from(matches!(order, CarrierOrder::Text { .. }));
                    if let Some(truth) = &mut self.truth {
                        truth.goes_to_carrier(device, &order);
                    }
                    if let Some(observer) = observer.as_deref_mut() {
                        self.tell_of_carrier(ctx.now(), observer, device, &order);
                    }
                    self.order(phone, order);
                }
                // Reports say how much was played.
                ClientOutput::Play(_) => {}
                ClientOutput::Tell(event) => {
                    if let Some(truth) = &mut self.truth {
                        truth.device_tells(device, &event);
                    }
                    if let Some(observer) = observer.as_deref_mut() {
                        self.tell_of_device(ctx.now(), observer, device, &event);
                    }
                    self.user_sees(ctx, device, event);
                }
            }
        }
        if let Some(of) = self.device_mut(device) {
            let deadline = of.node.deadline();
            of.node.armed.arm(ctx, to, deadline);
        }
    }

    /// The user of a device does something after a while.
    pub(super) fn later(ctx: &mut Ctx<'_>, device: u32, after: Duration, deed: Deed) {
        let message = Message::Courier(Box::new(CourierMessage::User(deed)));
        ctx.send(after, Kind::CourierDevice.node(device), message);
    }

    /// The software of the server dies.
    pub(super) fn crash_server(&mut self, ctx: &mut Ctx<'_>, observer: Option<&mut Observer>) {
        if self.server.node.machine().is_none() {
            return;
        }
        self.server.node.crash();
        self.note_server(ctx.now(), observer, "courier.server-down");
        for device in (0_u32..).take(self.devices.len()) {
            self.leave(ctx, device, End::Server);
        }
    }

    /// It runs again.
    pub(super) fn start_server(&mut self, ctx: &mut Ctx<'_>, mut observer: Option<&mut Observer>) {
        if self.server.node.restart(Server::new(self.server.config.clone())) {
            self.watch();
            self.note_server(ctx.now(), observer.as_deref_mut(), "courier.server-up");
            self.tell_server(ctx, observer, ServerInput::Start);
            self.look_at_links(ctx);
        }
    }

    /// The software of a device dies.
    pub(super) fn crash_device(&mut self, ctx: &mut Ctx<'_>, device: u32) {
        let Some(of) = self.device_mut(device) else { return };
        of.node.crash();
        of.mind.calls.clear();
        of.mind.offers.clear();
        if let Some(truth) = &mut self.truth {
            truth.crashed(device);
        }
        self.leave(ctx, device, End::Device);
    }

    /// It runs again.
    pub(super) fn start_device(
        &mut self,
        ctx: &mut Ctx<'_>,
        mut observer: Option<&mut Observer>,
        device: u32,
    ) {
        let Some(of) = self.device_mut(device) else { return };
        let card = of.card;
        if of.node.restart(Client::new(ClientConfig::clone(&of.config))) {
            self.tell_device(ctx, observer.as_deref_mut(), device, ClientInput::Start);
            self.tell_device(ctx, observer, device, ClientInput::Card(card));
            self.look_at_link(ctx, device);
        }
    }

    /// The same, once a minute.
    pub(crate) fn watch_at(&mut self, now: Instant) {
        const EVERY: Duration = Duration::from_secs(60);
        if now.since(self.watched) >= EVERY {
            self.watched = now;
            self.watch();
        }
    }

    /// Holds what the server has against what it has promised to keep.
    pub(super) fn watch(&mut self) {
        if let (Some(truth), Some(server)) = (&mut self.truth, self.server.node.machine()) {
            truth.look(&server.checkpoint());
        }
    }
}
