//! The server, the devices, and what is between them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Machine as _, Msisdn, Purpose, Stream};
use polysim_speech::Frame;

use super::node::{Node, Ran};
use crate::DeviceId;
use crate::client::{
    CarrierOrder, Client, ClientCommand, ClientEvent, ClientInput, ClientOutput, ClientRecord,
    Outcome,
};
use crate::server::{
    Connection, Server, ServerConfig, ServerEvent, ServerInput, ServerOutput, ServerRecord,
};
use crate::wire::{FromDevice, ToDevice};

/// How bad sessions are. What a session loses it does not say again.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// How much is lost, in millionths.
    pub lost: u32,
    /// How much comes twice, in millionths.
    pub doubled: u32,
    /// How long it is under way at most; what is said later may come before.
    pub late: Duration,
}

impl Faults {
    /// Nothing is lost, doubled or overtaken.
    pub const NONE: Self = Self { lost: 0, doubled: 0, late: Duration::ZERO };
}

/// Something that took effect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Happened {
    /// A device told its user something.
    Device(usize, ClientEvent),
    /// A device gave something to the carrier.
    Carrier(usize, CarrierOrder),
    /// A device played speech.
    Played(usize, Frame),
    /// The server told something.
    Server(ServerEvent),
    /// A device crashed.
    Crashed(usize),
}

/// What is to come.
#[derive(Clone, Debug)]
enum Coming {
    ToServer(Connection, FromDevice),
    ToDevice(usize, Connection, ToDevice),
    ServerDown(Connection),
    DeviceDown(usize, Connection),
    Texted(usize, u64, Outcome),
    CarrierText(usize, String),
}

/// The server, the devices, and what is between them.
#[derive(Debug)]
pub struct World {
    now: Instant,
    stream: Stream,
    faults: Faults,
    server: Node<Server>,
    devices: Vec<Device>,
    /// Sessions that are up at the server.
    open: BTreeSet<Connection>,
    last: u64,
    coming: BTreeMap<(Instant, u64), Coming>,
    said: u64,
    /// What took effect, in order.
    pub happened: Vec<(Instant, Happened)>,
}

#[derive(Debug)]
struct Device {
    node: Node<Client>,
    number: Option<Msisdn>,
    session: Option<Connection>,
}

impl World {
    /// Returns a server without devices.
    #[must_use]
    pub fn new(seed: u64, config: ServerConfig) -> Self {
        let mut world = Self {
            now: Instant::ZERO,
            stream: Stream::derive(seed, 0, Purpose::Test, 0),
            faults: Faults::NONE,
            server: Node::new(Server::new(config)),
            devices: Vec::new(),
            open: BTreeSet::new(),
            last: 0,
            coming: BTreeMap::new(),
            said: 0,
            happened: Vec::new(),
        };
        world.tell_server(ServerInput::Start);
        world
    }

    /// Sets how bad sessions are from now on.
    pub const fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }

    /// Returns the time.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Draws a number below `bound`.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.stream.below(bound)
    }

    /// Returns what is on the server's disk.
    #[must_use]
    pub fn server_log(&self) -> Vec<ServerRecord> {
        self.server.log()
    }

    /// Returns what the server has ever written down.
    #[must_use]
    pub fn server_records(&self) -> &[ServerRecord] {
        &self.server.records
    }

    /// Returns what is on a device's disk.
    #[must_use]
    pub fn device_log(&self, device: usize) -> Vec<ClientRecord> {
        self.device(device).node.log()
    }

    /// Returns what a device has ever written down.
    #[must_use]
    pub fn device_records(&self, device: usize) -> &[ClientRecord] {
        &self.device(device).node.records
    }

    #[expect(clippy::indexing_slicing, reason = "a test names devices that it has added")]
    fn device(&self, device: usize) -> &Device {
        &self.devices[device]
    }

    #[expect(clippy::indexing_slicing, reason = "a test names devices that it has added")]
    fn device_mut(&mut self, device: usize) -> &mut Device {
        &mut self.devices[device]
    }

    /// Returns the server.
    #[must_use]
    pub const fn server(&self) -> &Server {
        &self.server.machine
    }

    /// Returns a device.
    #[must_use]
    pub fn client(&self, device: usize) -> &Client {
        &self.device(device).node.machine
    }

    /// Returns what the first device of a number has written down.
    pub(super) fn records_of(&self, number: Msisdn) -> Option<Vec<ClientRecord>> {
        let first = self.devices.iter().find(|device| device.number == Some(number));
        first.map(|device| device.node.records.clone())
    }

    /// A device of a number is there from now on.
    pub(super) fn join(&mut self, node: Node<Client>, number: Msisdn) -> usize {
        self.devices.push(Device { node, number: Some(number), session: None });
        let index = self.devices.len().saturating_sub(1);
        self.tell(index, ClientInput::Start);
        index
    }

    pub(super) fn connection(&mut self) -> Connection {
        self.last += 1;
        let connection = Connection(self.last);
        self.ask(ServerInput::Up(connection));
        connection
    }

    /// An input of which only the caller sees what comes of it.
    pub(super) fn ask(&mut self, input: ServerInput) -> Vec<ServerOutput> {
        self.server.handle(self.now, input).effects
    }

    /// Returns as which device it was registered last.
    #[must_use]
    pub fn device_id(&self, device: usize) -> Option<DeviceId> {
        self.device(device).node.records.iter().rev().find_map(|record| {
            let ClientRecord::Registered { device, .. } = record else { return None };
            Some(*device)
        })
    }

    /// A device reaches the server, if it does not.
    pub fn connect(&mut self, device: usize) {
        if self.device(device).session.is_some() {
            return;
        }
        self.last += 1;
        let connection = Connection(self.last);
        self.device_mut(device).session = Some(connection);
        self.open.insert(connection);
        self.tell_server(ServerInput::Up(connection));
        self.tell(device, ClientInput::Up);
    }

    /// A device loses its link; the server is told before or after it.
    pub fn disconnect(&mut self, device: usize) {
        let Some(connection) = self.device(device).session else { return };
        let later = self.later(Duration::from_secs(3));
        if self.below(2) == 0 {
            self.device_down(device, connection);
            self.come(later, Coming::ServerDown(connection));
        } else {
            self.server_down(connection);
            self.come(later, Coming::DeviceDown(device, connection));
        }
    }

    /// Another card is in a device: texts of the carrier to that number come to it.
    pub fn give_number(&mut self, device: usize, number: Option<Msisdn>) {
        self.device_mut(device).number = number;
    }

    /// The user wants something.
    pub fn command(&mut self, device: usize, command: ClientCommand) {
        self.tell(device, ClientInput::Command(command));
    }

    /// Gives a device an input of any kind.
    pub fn tell(&mut self, device: usize, input: ClientInput) {
        let now = self.now;
        let ran = self.device_mut(device).node.handle(now, input);
        self.device_ran(device, ran);
    }

    /// The server crashes before so many more outputs.
    pub const fn crash_server_in(&mut self, outputs: u32) {
        self.server.crash_in = Some(outputs);
    }

    /// A device crashes before so many more outputs.
    pub fn crash_device_in(&mut self, device: usize, outputs: u32) {
        self.device_mut(device).node.crash_in = Some(outputs);
    }

    /// Returns whether something is to crash and has not.
    #[must_use]
    pub fn is_to_crash(&self) -> bool {
        let mut devices = self.devices.iter();
        self.server.crash_in.is_some() || devices.any(|it| it.node.crash_in.is_some())
    }

    /// What is to crash does not.
    pub fn calm(&mut self) {
        self.server.crash_in = None;
        self.devices.iter_mut().for_each(|device| device.node.crash_in = None);
    }

    /// The server's log begins anew.
    pub fn checkpoint(&mut self) {
        self.server.begin(self.server.machine.checkpoint());
    }

    /// The log of a device begins anew.
    pub fn checkpoint_device(&mut self, device: usize) {
        let node = &mut self.device_mut(device).node;
        node.begin(node.machine.checkpoint());
    }

    /// Lets so much time pass.
    pub fn run_for(&mut self, time: Duration) {
        let until = self.now.plus(time);
        while let Some(at) = self.next().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = until;
    }

    fn next(&self) -> Option<Instant> {
        let coming = self.coming.first_key_value().map(|(key, _)| key.0);
        let server = self.server.machine.poll_timeout().map(|it| it.0);
        let devices = self.devices.iter().filter_map(|it| it.node.machine.poll_timeout());
        coming.into_iter().chain(server).chain(devices.map(|it| it.0)).min()
    }

    fn step(&mut self) {
        if let Some(entry) = self.coming.first_entry().filter(|it| it.key().0 <= self.now) {
            let coming = entry.remove();
            return self.comes(coming);
        }
        if self.server.machine.poll_timeout().is_some_and(|it| it.0 <= self.now) {
            let ran = self.server.handle_timeout(self.now);
            return self.server_ran(ran);
        }
        let now = self.now;
        for index in 0..self.devices.len() {
            let node = &mut self.device_mut(index).node;
            if node.machine.poll_timeout().is_some_and(|it| it.0 <= now) {
                let ran = node.handle_timeout(now);
                self.device_ran(index, ran);
            }
        }
    }

    fn comes(&mut self, coming: Coming) {
        match coming {
            Coming::ToServer(connection, message) => {
                if self.open.contains(&connection) {
                    self.tell_server(ServerInput::Message(connection, message));
                }
            }
            Coming::ToDevice(device, connection, message) => {
                if self.device(device).session == Some(connection) {
                    self.tell(device, ClientInput::Message(message));
                }
            }
            Coming::ServerDown(connection) => self.server_down(connection),
            Coming::DeviceDown(device, connection) => self.device_down(device, connection),
            Coming::Texted(device, number, outcome) => {
                self.tell(device, ClientInput::CarrierTexted { number, outcome });
            }
            Coming::CarrierText(device, text) => self.tell(device, ClientInput::CarrierText(text)),
        }
    }

    fn server_down(&mut self, connection: Connection) {
        if self.open.remove(&connection) {
            self.tell_server(ServerInput::Down(connection));
        }
    }

    fn device_down(&mut self, device: usize, connection: Connection) {
        if self.device(device).session == Some(connection) {
            self.device_mut(device).session = None;
            self.tell(device, ClientInput::Down);
        }
    }

    fn tell_server(&mut self, input: ServerInput) {
        let ran = self.server.handle(self.now, input);
        self.server_ran(ran);
    }

    fn server_ran(&mut self, ran: Ran<ServerOutput>) {
        for effect in ran.effects {
            match effect {
                ServerOutput::Send(connection, message) => {
                    if let Some(device) = self.device_at(connection) {
                        let coming = Coming::ToDevice(device, connection, message);
                        self.say(coming);
                    }
                }
                ServerOutput::Close(connection) => {
                    self.open.remove(&connection);
                    if let Some(device) = self.device_at(connection) {
                        let later = self.later(Duration::from_secs(1));
                        self.come(later, Coming::DeviceDown(device, connection));
                    }
                }
                ServerOutput::Text { text, to, body } => {
                    let device = self.devices.iter().position(|it| it.number == Some(to));
                    if let Some(device) = device {
                        let later = self.later(Duration::from_secs(5));
                        self.come(later, Coming::CarrierText(device, body.0.clone()));
                    }
                    self.tell_server(ServerInput::Texted { text, taken: true });
                }
                ServerOutput::Tell(event) => self.note(Happened::Server(event)),
            }
        }
        if ran.crashed {
            self.crash_server();
        }
    }

    fn device_ran(&mut self, device: usize, ran: Ran<ClientOutput>) {
        for effect in ran.effects {
            match effect {
                ClientOutput::Send(message) => {
                    if let Some(connection) = self.device(device).session {
                        self.say(Coming::ToServer(connection, message));
                    }
                }
                ClientOutput::Carrier(order) => {
                    self.texted(device, &order);
                    self.note(Happened::Carrier(device, order));
                }
                ClientOutput::Play(frame) => self.note(Happened::Played(device, frame)),
                ClientOutput::Tell(event) => self.note(Happened::Device(device, event)),
            }
        }
        if ran.crashed {
            self.crash_device(device);
        }
    }

    /// The carrier says what it has made of a text: anything, or nothing.
    fn texted(&mut self, device: usize, order: &CarrierOrder) {
        let CarrierOrder::Text { number, .. } = order else { return };
        let outcomes = [Outcome::Sent, Outcome::Sent, Outcome::Failed, Outcome::Unknown];
        let drawn = usize::try_from(self.below(5)).unwrap_or(0);
        if let Some(outcome) = outcomes.get(drawn) {
            let later = self.later(Duration::from_secs(10));
            self.come(later, Coming::Texted(device, *number, *outcome));
        }
    }

    /// The server crashes and runs again.
    pub fn crash_server(&mut self) {
        self.open.clear();
        for device in 0..self.devices.len() {
            if let Some(connection) = self.device(device).session {
                let later = self.later(Duration::from_secs(3));
                self.come(later, Coming::DeviceDown(device, connection));
            }
        }
        let config = self.server.machine.config().clone();
        self.server.restart(Server::new(config));
        self.tell_server(ServerInput::Start);
    }

    /// A device crashes and runs again. Its link is down.
    pub fn crash_device(&mut self, device: usize) {
        self.note(Happened::Crashed(device));
        if let Some(connection) = self.device_mut(device).session.take() {
            let later = self.later(Duration::from_secs(3));
            self.come(later, Coming::ServerDown(connection));
        }
        let node = &mut self.device_mut(device).node;
        let config = node.machine.config().clone();
        node.restart(Client::new(config));
        self.tell(device, ClientInput::Start);
    }

    fn device_at(&self, connection: Connection) -> Option<usize> {
        self.devices.iter().position(|it| it.session == Some(connection))
    }

    /// Something is said in a session.
    fn say(&mut self, coming: Coming) {
        if self.stream.chance(self.faults.lost) {
            return;
        }
        if self.stream.chance(self.faults.doubled) {
            let later = self.later(self.faults.late);
            self.come(later, coming.clone());
        }
        let later = self.later(self.faults.late);
        self.come(later, coming);
    }

    fn later(&mut self, most: Duration) -> Instant {
        let micros = self.below(most.as_micros().saturating_add(1));
        self.now.plus(Duration::from_micros(micros))
    }

    fn come(&mut self, at: Instant, coming: Coming) {
        self.said += 1;
        self.coming.insert((at, self.said), coming);
    }

    fn note(&mut self, happened: Happened) {
        self.happened.push((self.now, happened));
    }
}
