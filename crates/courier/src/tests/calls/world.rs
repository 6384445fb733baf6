//! A server and devices, and sessions between them that lose, double, delay and end.

use std::collections::BTreeMap;
use std::vec::Vec;

use polysim_base::{Duration, Instant, Machine, Msisdn, Out};
use polysim_speech::Frame;

use super::log::{ClientLog, ServerLog};
use crate::client::{
    self, CallId, CarrierOrder, Choice, Client, ClientCommand, ClientInput, ClientOutput,
    ClientRecord, Offer,
};
use crate::server::{
    self, Connection, Server, ServerInput, ServerOutput, ServerRecord, VoiceDecision,
};
use crate::wire::{FromDevice, RateFromDevice, RateToDevice, ToDevice};
use crate::{DeviceId, Rate};

/// Two devices of one number, three of another one, and one of a third.
const NUMBERS: [(&str, &[usize]); 3] =
    [("491700000001", &[0, 1]), ("491700000002", &[2, 3, 4]), ("491700000003", &[5])];
pub(super) const DEVICES: usize = 6;
/// Octets of a part of a train: the links carry nothing else that takes time.
const PROBE_OCTETS: u64 = 500;

pub(super) struct World {
    pub(super) now: Instant,
    server: Server,
    records: Vec<ServerRecord>,
    pub(super) decisions: Vec<VoiceDecision>,
    /// The server stops dead before that output.
    pub(super) server_stops: Option<usize>,
    pub(super) server_log: ServerLog,
    pub(super) ends: Vec<End>,
    wire: BTreeMap<(Instant, u64), Flight>,
    sent: u64,
    sessions: u64,
    seed: u64,
    /// In a hundred.
    pub(super) loss: u64,
}

pub(super) struct End {
    device: DeviceId,
    number: Msisdn,
    client: Client,
    records: Vec<ClientRecord>,
    session: Option<Connection>,
    pub(super) stops: Option<usize>,
    pub(super) rate: Rate,
    /// When the link has nothing to carry any more: up and down.
    free: [Instant; 2],
    pub(super) log: ClientLog,
    pub(super) played: usize,
}

#[derive(Clone)]
enum Flight {
    Up(Connection, FromDevice),
    Down(Connection, ToDevice),
}

fn numbers() -> Vec<Msisdn> {
    NUMBERS.iter().map(|(digits, _)| Msisdn::parse(digits).unwrap()).collect()
}

fn fresh_client(device: DeviceId, number: Msisdn, records: &[ClientRecord]) -> Client {
    let config = client::testing::config();
    let mut client = client::testing::registered(config, (device, number), &numbers());
    records.iter().cloned().for_each(|record| client.restore(record));
    client
}

fn fresh_server(records: &[ServerRecord]) -> Server {
    let mut server = Server::new(server::testing::config());
    for (digits, devices) in NUMBERS {
        let devices: Vec<_> = devices.iter().map(|place| device(*place)).collect();
        let number = Msisdn::parse(digits).unwrap();
        server.restore(server::testing::account(number, &devices, None));
    }
    records.iter().cloned().for_each(|record| server.restore(record));
    server
}

fn device(place: usize) -> DeviceId {
    DeviceId(u64::try_from(place).unwrap() + 1)
}

impl World {
    /// Nobody has a link.
    pub(super) fn new(seed: u64, loss: u64) -> Self {
        let numbers = NUMBERS.iter().flat_map(|(digits, devices)| {
            devices.iter().map(|place| (*place, Msisdn::parse(digits).unwrap()))
        });
        let ends = numbers.map(|(place, number)| End {
            device: device(place),
            number,
            client: fresh_client(device(place), number, &[]),
            records: Vec::new(),
            session: None,
            stops: None,
            rate: Rate(2_000),
            free: [Instant::ZERO; 2],
            log: ClientLog::default(),
            played: 0,
        });
        Self {
            now: Instant::ZERO.plus(Duration::from_secs(1_000)),
            server: fresh_server(&[]),
            records: Vec::new(),
            decisions: Vec::new(),
            server_stops: None,
            server_log: ServerLog::default(),
            ends: ends.collect(),
            wire: BTreeMap::new(),
            sent: 0,
            sessions: 0,
            seed: seed | 1,
            loss,
        }
    }

    /// All have links, and those are measured.
    pub(super) fn measured(seed: u64, loss: u64) -> Self {
        let mut world = Self::new(seed, loss);
        (0..DEVICES).for_each(|place| world.join(place));
        world.pass(Duration::from_secs(10));
        world
    }

    pub(super) fn number(&self, place: usize) -> Msisdn {
        self.ends[place].number
    }

    pub(super) fn join(&mut self, place: usize) {
        self.cut(place);
        self.sessions += 1;
        let session = Connection(self.sessions);
        server::testing::connect(&mut self.server, self.now, session, self.ends[place].device);
        let end = &mut self.ends[place];
        end.session = Some(session);
        client::testing::link(&mut end.client, self.now, true);
        self.drain_server();
        self.drain_client(place);
    }

    pub(super) fn cut(&mut self, place: usize) {
        let end = &mut self.ends[place];
        if let Some(session) = end.session.take() {
            client::testing::link(&mut end.client, self.now, false);
            self.server.handle(self.now, ServerInput::Down(session));
            self.drain_server();
            self.drain_client(place);
        }
    }

    pub(super) fn command(&mut self, place: usize, command: ClientCommand) {
        let input = ClientInput::Command(command);
        self.ends[place].client.handle(self.now, input);
        self.drain_client(place);
    }

    /// Returns the calls that a device has.
    pub(super) fn calls(&self, place: usize) -> Vec<CallId> {
        client::testing::calls(&self.ends[place].client)
    }

    /// The user does with all offers what they want.
    pub(super) fn choose(&mut self, place: usize, choice: Choice) {
        let calls: Vec<CallId> = self.ends[place].log.calls.keys().copied().collect();
        for call in calls {
            self.command(place, ClientCommand::Choose { offer: Offer::Call(call), choice });
        }
    }

    /// Some devices speak, for so many frames.
    pub(super) fn speak(&mut self, places: &[usize], frames: u32) {
        for _ in 0..frames {
            for place in places {
                let frame = Frame::from([1_000; Frame::SAMPLES]);
                self.ends[*place].client.handle(self.now, ClientInput::Microphone(frame));
                self.drain_client(*place);
            }
            self.pass(Frame::DURATION);
        }
    }

    pub(super) fn crash_client(&mut self, place: usize) {
        let now = self.now;
        let end = &mut self.ends[place];
        end.client = fresh_client(end.device, end.number, &end.records);
        end.log.calls.clear();
        end.stops = None;
        if let Some(session) = end.session.take() {
            self.server.handle(now, ServerInput::Down(session));
            self.drain_server();
        }
    }

    pub(super) fn crash_server(&mut self) {
        self.server = fresh_server(&self.records);
        self.server_stops = None;
        self.server_log.restarts();
        for place in 0..DEVICES {
            if self.ends[place].session.take().is_some() {
                client::testing::link(&mut self.ends[place].client, self.now, false);
                self.drain_client(place);
            }
        }
    }

    pub(super) fn pass(&mut self, time: Duration) {
        let until = self.now.plus(time);
        loop {
            let flight = self.wire.first_key_value().map(|((at, _), _)| (*at, DEVICES + 1));
            let server = self.server.poll_timeout().map(|(at, _)| (at, DEVICES));
            let clients = self.ends.iter().enumerate();
            let clients =
                clients.filter_map(|(place, end)| Some((end.client.poll_timeout()?.0, place)));
            let next = clients.chain(server).chain(flight).min();
            let Some((at, who)) = next.filter(|(at, _)| *at <= until) else { break };
            self.now = self.now.max(at);
            if who < DEVICES {
                self.ends[who].client.handle_timeout(self.now);
                self.drain_client(who);
            } else if who == DEVICES {
                self.server.handle_timeout(self.now);
                self.drain_server();
            } else if let Some((_, flight)) = self.wire.pop_first() {
                self.arrives(flight);
            }
        }
        self.now = until;
    }

    fn arrives(&mut self, flight: Flight) {
        match flight {
            Flight::Up(session, message) => {
                if self.ends.iter().any(|end| end.session == Some(session)) {
                    self.server.handle(self.now, ServerInput::Message(session, message));
                    self.drain_server();
                }
            }
            Flight::Down(session, message) => {
                let place = self.ends.iter().position(|end| end.session == Some(session));
                if let Some(place) = place {
                    let input = ClientInput::Message(message);
                    self.ends[place].client.handle(self.now, input);
                    self.drain_client(place);
                }
            }
        }
    }

    fn drain_server(&mut self) {
        loop {
            if self.server_stops == Some(0) {
                return self.crash_server();
            }
            let Some(out) = self.server.poll_output() else { return };
            self.server_stops = self.server_stops.map(|left| left - 1);
            match out {
                Out::Record(record) => {
                    if let ServerRecord::Voice(decision) = &record {
                        self.server_log.decided(*decision);
                        self.decisions.push(*decision);
                    }
                    self.records.push(record);
                }
                Out::Do(ServerOutput::Send(session, message)) => {
                    let place = self.ends.iter().position(|end| end.session == Some(session));
                    if let Some(place) = place {
                        self.server_log.says(self.ends[place].device, &message);
                        let probe = matches!(message, ToDevice::Rate(RateToDevice::Probe { .. }));
                        let octets = if probe { PROBE_OCTETS } else { 0 };
                        self.send(place, 1, octets, Flight::Down(session, message));
                    }
                }
                Out::Do(_) => {}
            }
        }
    }

    fn drain_client(&mut self, place: usize) {
        loop {
            let end = &mut self.ends[place];
            if end.stops == Some(0) {
                return self.crash_client(place);
            }
            let Some(out) = end.client.poll_output() else { return };
            end.stops = end.stops.map(|left| left - 1);
            match out {
                Out::Record(record) => end.records.push(record),
                Out::Do(ClientOutput::Send(message)) => {
                    let probe = matches!(message, FromDevice::Rate(RateFromDevice::Probe { .. }));
                    let octets = if probe { PROBE_OCTETS } else { 0 };
                    if let Some(session) = end.session {
                        self.send(place, 0, octets, Flight::Up(session, message));
                    }
                }
                Out::Do(ClientOutput::Play(_)) => {
                    end.log.plays();
                    end.played += 1;
                }
                Out::Do(ClientOutput::Tell(event)) => end.log.tells(&event),
                Out::Do(ClientOutput::Carrier(CarrierOrder::Dial { call, .. })) => {
                    end.log.carrier(call);
                }
                Out::Do(ClientOutput::Carrier(CarrierOrder::Text { .. })) => {}
            }
        }
    }

    /// Puts something on the way: it waits for the link, and then for up to 40 ms more.
    fn send(&mut self, place: usize, way: usize, octets: u64, flight: Flight) {
        let end = &mut self.ends[place];
        let time = Duration::from_micros(octets * 8_000 / u64::from(end.rate.0));
        let free = end.free[way].max(self.now).plus(time);
        end.free[way] = if octets > 0 { free } else { end.free[way] };
        let copies = match self.random(100) {
            lot if lot < self.loss => 0,
            lot if lot < 2 * self.loss => 2,
            _ => 1,
        };
        for _ in 0..copies {
            let late = if self.loss == 0 { 0 } else { self.random(40_000) };
            let start = if octets > 0 { free } else { self.now };
            let at = start.plus(Duration::from_micros(20_000 + late));
            self.sent += 1;
            self.wire.insert((at, self.sent), flight.clone());
        }
    }

    fn random(&mut self, below: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed.wrapping_mul(0x2545_F491_4F6C_DD1D) % below
    }

    /// Everybody hangs up; in the end nobody is in a call, or has ever been left in one.
    pub(super) fn ends_well(&mut self) {
        for place in 0..DEVICES {
            for call in self.calls(place) {
                self.command(place, ClientCommand::HangUp(call));
            }
        }
        self.pass(Duration::from_secs(180));
        for place in 0..DEVICES {
            assert_eq!(self.calls(place), [], "of device {place}");
            self.ends[place].log.all_over();
        }
        assert_eq!(server::testing::engaged(&self.server), 0, "devices are in calls");
        assert_eq!(server::testing::calls(&self.server), 0, "calls are known");
    }

    /// The user answers whatever rings there.
    pub(super) fn answer(&mut self, place: usize) {
        for call in self.calls(place) {
            self.command(place, ClientCommand::Answer(call));
        }
    }
}
