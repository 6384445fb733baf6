use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use std::format;

use polysim_base::{
    Duration, Iccid, Imsi, Instant, Machine, Mode, Msisdn, Out, Purpose, Randomness, Stream,
};

use crate::client::{
    CardIdentity, Client, ClientCommand, ClientConfig, ClientEvent, ClientInput, ClientOutput,
};
use crate::server::{Connection, Server, ServerConfig, ServerInput, ServerOutput};
use crate::wire::{FromDevice, ToDevice};
use crate::{Code, DeviceName, DeviceSecret};

/// A machine with its log, which may crash.
pub(in crate::client) struct Durable<M: Machine> {
    pub(in crate::client) machine: M,
    log: Vec<M::Record>,
    /// Before how many more outputs it crashes.
    pub(in crate::client) crash_in: Option<usize>,
}

impl<M: Machine> Durable<M>
where
    M::Record: Clone,
{
    const fn new(machine: M) -> Self {
        Self { machine, log: Vec::new(), crash_in: None }
    }

    /// Returns what takes effect; `Err`: and then it crashes.
    fn drain(&mut self) -> Result<Vec<M::Output>, Vec<M::Output>> {
        let mut effects = Vec::new();
        loop {
            match &mut self.crash_in {
                Some(0) => {
                    self.crash_in = None;
                    return Err(effects);
                }
                Some(left) => *left -= 1,
                None => {}
            }
            match self.machine.poll_output() {
                Some(Out::Record(record)) => self.log.push(record),
                Some(Out::Do(effect)) => effects.push(effect),
                None => return Ok(effects),
            }
        }
    }

    fn restart(&mut self, fresh: M) {
        self.machine = fresh;
        self.log.iter().cloned().for_each(|record| self.machine.restore(record));
    }
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::client) enum Fate {
    Goes,
    IsLost,
    IsDoubled,
    IsOvertaken,
}

enum Flying {
    Up(usize, u64, FromDevice),
    Down(usize, u64, ToDevice),
}

pub(in crate::client) struct Phone {
    pub(in crate::client) client: Durable<Client>,
    session: Option<u64>,
    pub(in crate::client) told: Vec<ClientEvent>,
    /// What it has sent.
    pub(in crate::client) sent: Vec<FromDevice>,
    /// What has come to its number by the carrier.
    pub(in crate::client) inbox: Vec<String>,
    /// And was read.
    read: Vec<String>,
    pub(in crate::client) card: Option<CardIdentity>,
}

/// Phones, a server, and the links between them. Phone `n` has the number `n`.
pub(in crate::client) struct Net {
    pub(in crate::client) now: Instant,
    config: ServerConfig,
    pub(in crate::client) server: Durable<Server>,
    pub(in crate::client) phones: Vec<Phone>,
    flying: VecDeque<Flying>,
    sessions: u64,
    pub(in crate::client) texts: usize,
    pub(in crate::client) fates: VecDeque<Fate>,
}

pub(in crate::client) const RETRY: Duration = Duration::from_secs(5);
pub(in crate::client) const REFRESH: Duration = Duration::from_secs(3_600);

pub(in crate::client) fn number(n: usize) -> Msisdn {
    Msisdn::parse(&format!("{}", 49_170_000_000_usize + n)).unwrap()
}

pub(in crate::client) fn card(n: usize, number: Option<Msisdn>) -> CardIdentity {
    let iccid = Iccid::with_check_digit(&format!("894901{n:012}")).unwrap();
    CardIdentity { iccid, imsi: Imsi::parse(&format!("26201{n:010}")).unwrap(), number }
}

fn client(n: usize) -> Client {
    let mut randomness =
        Randomness::Simulated(Stream::derive(1, u64::try_from(n).unwrap(), Purpose::Keys, 0));
    let secret = DeviceSecret::generate(&mut randomness, Mode::Simulation).unwrap();
    let name = DeviceName::try_from(format!("phone {n}")).unwrap();
    Client::new(ClientConfig {
        measure_every: Duration::from_secs(86_400),
        retry: RETRY,
        refresh_every: REFRESH,
        ..ClientConfig::new(name, secret)
    })
}

impl Net {
    /// So many phones, with their cards in them and links to the server.
    pub(in crate::client) fn of(phones: usize, config: ServerConfig) -> Self {
        let phone = |n| Phone {
            client: Durable::new(client(n)),
            session: None,
            told: Vec::new(),
            sent: Vec::new(),
            inbox: Vec::new(),
            read: Vec::new(),
            card: Some(card(n, Some(number(n)))),
        };
        let mut net = Self {
            now: Instant::ZERO,
            server: Durable::new(Server::new(config.clone())),
            config,
            phones: (0..phones).map(phone).collect(),
            flying: VecDeque::new(),
            sessions: 0,
            texts: 0,
            fates: VecDeque::new(),
        };
        net.give_server(ServerInput::Start);
        (0..phones).for_each(|n| net.live(n));
        net.run();
        net
    }

    /// A phone runs, finds its card, and the server.
    fn live(&mut self, n: usize) {
        self.give_phone(n, ClientInput::Start);
        self.give_phone(n, ClientInput::Card(self.phones[n].card));
        self.connect(n);
    }

    pub(in crate::client) fn connect(&mut self, n: usize) {
        if self.phones[n].session.is_none() {
            self.sessions += 1;
            self.phones[n].session = Some(self.sessions);
            self.give_server(ServerInput::Up(Connection(self.sessions)));
            self.give_phone(n, ClientInput::Up);
        }
    }

    pub(in crate::client) fn cut(&mut self, n: usize) {
        if let Some(session) = self.phones[n].session.take() {
            self.give_server(ServerInput::Down(Connection(session)));
            self.give_phone(n, ClientInput::Down);
        }
    }

    pub(in crate::client) fn command(&mut self, n: usize, command: ClientCommand) {
        self.give_phone(n, ClientInput::Command(command));
        self.run();
    }

    pub(in crate::client) fn insert(&mut self, n: usize, card: Option<CardIdentity>) {
        self.phones[n].card = card;
        self.give_phone(n, ClientInput::Card(card));
        self.run();
    }

    fn give_phone(&mut self, n: usize, input: ClientInput) {
        let now = self.now;
        self.phones[n].client.machine.handle(now, input);
        self.drain_phone(n);
    }

    fn drain_phone(&mut self, n: usize) {
        let effects = self.phones[n].client.drain();
        let crashed = effects.is_err();
        for effect in effects.unwrap_or_else(|effects| effects) {
            let phone = &mut self.phones[n];
            match effect {
                ClientOutput::Send(message) => {
                    phone.sent.push(message.clone());
                    if let Some(session) = phone.session {
                        self.flying.push_back(Flying::Up(n, session, message));
                    }
                }
                ClientOutput::Tell(event) => phone.told.push(event),
                ClientOutput::Carrier(_) | ClientOutput::Play(_) => {}
            }
        }
        if crashed {
            self.crash_phone(n);
        }
    }

    /// The log of a phone begins anew.
    pub(in crate::client) fn checkpoint_phone(&mut self, n: usize) {
        let phone = &mut self.phones[n].client;
        phone.log = phone.machine.checkpoint();
    }

    /// Returns a phone that is restored from its log.
    pub(in crate::client) fn restored(&self, n: usize) -> Client {
        let mut phone = Durable::new(client(n));
        phone.log.clone_from(&self.phones[n].client.log);
        phone.restart(client(n));
        phone.machine
    }

    pub(in crate::client) fn crash_phone(&mut self, n: usize) {
        self.phones[n].client.restart(client(n));
        if let Some(session) = self.phones[n].session.take() {
            self.give_server(ServerInput::Down(Connection(session)));
        }
        self.live(n);
    }

    pub(in crate::client) fn give_server(&mut self, input: ServerInput) {
        self.server.machine.handle(self.now, input);
        self.drain_server();
    }

    fn drain_server(&mut self) {
        let effects = self.server.drain();
        let crashed = effects.is_err();
        let mut taken = Vec::new();
        for effect in effects.unwrap_or_else(|effects| effects) {
            match effect {
                ServerOutput::Send(to, message) => {
                    let is_there = |phone: &Phone| phone.session == Some(to.0);
                    if let Some(n) = self.phones.iter().position(is_there) {
                        self.flying.push_back(Flying::Down(n, to.0, message));
                    }
                }
                ServerOutput::Close(connection) => {
                    let is_there = |phone: &Phone| phone.session == Some(connection.0);
                    if let Some(n) = self.phones.iter().position(is_there) {
                        // What was said before the end is heard.
                        self.run();
                        self.cut(n);
                        self.connect(n);
                    }
                }
                ServerOutput::Text { text, to, body } => {
                    self.texts += 1;
                    taken.push(text);
                    let holds =
                        |phone: &&mut Phone| phone.card.is_some_and(|card| card.number == Some(to));
                    if let Some(phone) = self.phones.iter_mut().find(holds) {
                        phone.inbox.push(body.0.clone());
                    }
                }
                ServerOutput::Tell(_) => {}
            }
        }
        if crashed {
            return self.crash_server();
        }
        for text in taken {
            self.give_server(ServerInput::Texted { text, taken: true });
        }
    }

    pub(in crate::client) fn crash_server(&mut self) {
        self.server.restart(Server::new(self.config.clone()));
        for n in 0..self.phones.len() {
            if self.phones[n].session.take().is_some() {
                self.give_phone(n, ClientInput::Down);
            }
        }
        self.give_server(ServerInput::Start);
        (0..self.phones.len()).for_each(|n| self.connect(n));
    }

    /// Delivers what flies, as its fate is.
    pub(in crate::client) fn run(&mut self) {
        while let Some(next) = self.flying.pop_front() {
            match self.fates.pop_front().unwrap_or(Fate::Goes) {
                Fate::Goes => self.deliver(next),
                Fate::IsLost => {}
                Fate::IsDoubled => {
                    let again = match &next {
                        Flying::Up(n, session, it) => Flying::Up(*n, *session, it.clone()),
                        Flying::Down(n, session, it) => Flying::Down(*n, *session, it.clone()),
                    };
                    self.flying.push_back(again);
                    self.deliver(next);
                }
                Fate::IsOvertaken => self.flying.push_back(next),
            }
        }
        for n in 0..self.phones.len() {
            for text in core::mem::take(&mut self.phones[n].inbox) {
                self.phones[n].read.push(text.clone());
                self.give_phone(n, ClientInput::CarrierText(text));
            }
        }
        if !self.flying.is_empty() {
            self.run();
        }
    }

    fn deliver(&mut self, flying: Flying) {
        match flying {
            Flying::Up(n, session, message) if self.phones[n].session == Some(session) => {
                self.give_server(ServerInput::Message(Connection(session), message));
            }
            Flying::Down(n, session, message) if self.phones[n].session == Some(session) => {
                self.give_phone(n, ClientInput::Message(message));
            }
            Flying::Up(..) | Flying::Down(..) => {}
        }
    }

    /// Time passes, with all that is due in it.
    pub(in crate::client) fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        loop {
            let server = self.server.machine.poll_timeout().map(|(due, _)| due);
            let phones = self.phones.iter();
            let due = phones.filter_map(|it| it.client.machine.poll_timeout().map(|(due, _)| due));
            let Some(due) = due.chain(server).min().filter(|due| *due <= end) else { break };
            self.now = self.now.max(due);
            self.server.machine.handle_timeout(self.now);
            self.drain_server();
            for n in 0..self.phones.len() {
                let now = self.now;
                self.phones[n].client.machine.handle_timeout(now);
                self.drain_phone(n);
            }
            self.run();
        }
        self.now = end;
    }

    /// What a phone has told its user since this was asked last.
    pub(in crate::client) fn told(&mut self, n: usize) -> Vec<ClientEvent> {
        let mut told = core::mem::take(&mut self.phones[n].told);
        told.retain(|event| !matches!(event, ClientEvent::Measured(_)));
        told
    }

    /// The user confirms with the code of the last text, if the phone waits for one.
    pub(in crate::client) fn confirm(&mut self, n: usize) {
        if let Some(code) = self.phones[n].read.last().and_then(|text| Code::in_text(text)) {
            self.command(n, ClientCommand::Confirm(code));
        }
    }

    /// Registers the number of a phone's card.
    pub(in crate::client) fn register(&mut self, n: usize) {
        self.command(n, ClientCommand::Register(None));
        self.confirm(n);
        assert!(self.is_registered(n), "{:?}", self.phones[n].told);
        self.phones[n].told.clear();
    }

    pub(in crate::client) fn is_registered(&self, n: usize) -> bool {
        let client = &self.phones[n].client.machine;
        client.account.identity().is_some() && client.desk.linked
    }
}
