#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for what it names")]

mod card;
mod link;
mod model;
mod register;

use alloc::vec::Vec;
use std::format;

use polysim_base::{Duration, Instant, Machine, Msisdn, Out};

use crate::server::{
    CodeSent, Connection, Limits, OutText, Server, ServerConfig, ServerEvent, ServerInput,
    ServerKey, ServerOutput, ServerRecord,
};
use crate::wire::{AccountFromDevice, AccountToDevice, FromDevice, Refusal, ToDevice};
use crate::{
    CardMark, Code, DeviceId, DeviceKey, DeviceName, Invitation, Registration, RequestId, TenantId,
    Token,
};

pub(in crate::server) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) fn config() -> ServerConfig {
    ServerConfig {
        limits: Limits {
            per_range: 20,
            per_tenant: 100,
            devices: 3,
            contacts: 300,
            ..Limits::default()
        },
        verify_within: MINUTE.times(60),
        hold_down: MINUTE.times(120),
        ..ServerConfig::new(ServerKey([7; 32]))
    }
}

pub(in crate::server) fn number(n: u64) -> Msisdn {
    Msisdn::parse(&format!("{}", 49_170_000_000_u64 + n)).unwrap()
}

fn key(n: u8) -> DeviceKey {
    DeviceKey([n; 32])
}

fn card(n: u8) -> Option<CardMark> {
    Some(CardMark([n; 16]))
}

fn name() -> DeviceName {
    DeviceName::try_from(alloc::string::String::from("phone")).unwrap()
}

/// A server with its log, and somebody who says things to it.
pub(in crate::server) struct Rig {
    pub(in crate::server) server: Server,
    pub(in crate::server) now: Instant,
    log: Vec<ServerRecord>,
    effects: Vec<ServerOutput>,
    questions: u32,
}

/// A device that is registered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::server) struct Known {
    pub(in crate::server) device: DeviceId,
    token: Token,
}

impl Rig {
    pub(in crate::server) fn new() -> Self {
        Self::with(config())
    }

    pub(in crate::server) fn with(config: ServerConfig) -> Self {
        let (log, effects) = (Vec::new(), Vec::new());
        Self { server: Server::new(config), now: Instant::ZERO, log, effects, questions: 0 }
    }

    /// Takes what the server says, and returns what of it takes effect.
    fn drain(&mut self) -> Vec<ServerOutput> {
        let mut new = Vec::new();
        while let Some(output) = self.server.poll_output() {
            match output {
                Out::Record(record) => self.log.push(record),
                Out::Do(effect) => new.push(effect),
            }
        }
        self.effects.extend_from_slice(&new);
        new
    }

    fn give(&mut self, input: ServerInput) -> Vec<ServerOutput> {
        self.server.handle(self.now, input);
        self.drain()
    }

    pub(in crate::server) fn up(&mut self, session: u64) {
        self.give(ServerInput::Up(Connection(session)));
    }

    pub(in crate::server) fn say(
        &mut self,
        session: u64,
        what: impl Into<FromDevice>,
    ) -> Vec<ServerOutput> {
        self.give(ServerInput::Message(Connection(session), what.into()))
    }

    /// Says something, and returns the answer to it.
    pub(in crate::server) fn ask(
        &mut self,
        session: u64,
        what: impl Into<FromDevice>,
    ) -> Option<ToDevice> {
        let said = self.say(session, what);
        said.into_iter().find_map(|output| match output {
            ServerOutput::Send(to, answer) if to == Connection(session) => Some(answer),
            _ => None,
        })
    }

    fn request(&mut self) -> RequestId {
        self.questions += 1;
        RequestId(self.questions)
    }

    fn wait(&mut self, time: Duration) -> Vec<ServerOutput> {
        self.now = self.now.plus(time);
        while self.server.poll_timeout().is_some_and(|(due, _)| due <= self.now) {
            self.server.handle_timeout(self.now);
        }
        self.drain()
    }

    /// The server crashes, and goes on from its log.
    pub(in crate::server) fn restart(&mut self) {
        let mut again = Server::new(self.server.config().clone());
        self.log.iter().cloned().for_each(|record| again.restore(record));
        self.server = again;
    }

    /// The log begins anew with a checkpoint, and the server crashes.
    pub(in crate::server) fn restart_from_checkpoint(&mut self) {
        self.log = self.server.checkpoint();
        self.restart();
        assert_eq!(self.server.checkpoint(), self.log);
    }

    fn question(&mut self, of: Msisdn, by: DeviceKey) -> FromDevice {
        let (request, tenant) = (self.request(), TenantId(1));
        FromDevice::Account(AccountFromDevice::Register {
            request,
            number: of,
            key: by,
            card: card(1),
            tenant,
            name: name(),
        })
    }

    fn register(&mut self, session: u64, of: Msisdn, by: DeviceKey) -> Option<ToDevice> {
        let question = self.question(of, by);
        self.ask(session, question)
    }

    fn confirm(&mut self, session: u64, which: Registration, code: Code) -> Option<ToDevice> {
        let request = self.request();
        self.ask(session, AccountFromDevice::Confirm { request, registration: which, code })
    }

    /// The carrier has taken the text of a registration, or not.
    fn texted(&mut self, which: Registration, taken: bool) -> Vec<ServerOutput> {
        self.give(ServerInput::Texted { text: OutText(which.0), taken })
    }

    /// The code that was sent for a registration.
    fn code(&self, which: Registration) -> Code {
        let texts = self.effects.iter().filter_map(|it| match it {
            ServerOutput::Text { text, body, .. } if text.0 == which.0 => Code::in_text(&body.0),
            _ => None,
        });
        let codes: Vec<Code> = texts.collect();
        assert_eq!(codes.len(), 1, "one text for {which:?}");
        codes[0]
    }

    /// Registers a number in a session.
    pub(in crate::server) fn registered(&mut self, session: u64, of: Msisdn, by: u8) -> Known {
        let which = sent(self.register(session, of, key(by)));
        let code = self.code(which);
        known(self.confirm(session, which, code))
    }

    pub(in crate::server) fn hello(
        &mut self,
        session: u64,
        known: &Known,
        card: Option<CardMark>,
    ) -> Option<ToDevice> {
        let hello = self.hello_of(known, card);
        self.ask(session, hello)
    }

    fn hello_of(&mut self, known: &Known, card: Option<CardMark>) -> FromDevice {
        let (request, device, token) = (self.request(), known.device, known.token.clone());
        FromDevice::Account(AccountFromDevice::Hello { request, device, token, card, taken: 0 })
    }

    fn invitation(&mut self, session: u64) -> Option<ToDevice> {
        let request = self.request();
        self.ask(session, AccountFromDevice::Invite { request })
    }

    fn redeem(&mut self, session: u64, invitation: &Invitation, by: u8) -> Option<ToDevice> {
        let (request, invitation) = (self.request(), invitation.clone());
        self.ask(
            session,
            AccountFromDevice::Redeem { request, invitation, key: key(by), name: name() },
        )
    }

    fn linked(&mut self, primary: u64, session: u64, by: u8) -> Known {
        let Some(ToDevice::Account(AccountToDevice::Invited { invitation, .. })) =
            self.invitation(primary)
        else {
            panic!("no invitation");
        };
        known(self.redeem(session, &invitation, by))
    }

    fn texts(&self) -> usize {
        let is_text = |it: &&ServerOutput| matches!(it, ServerOutput::Text { .. });
        self.effects.iter().filter(is_text).count()
    }

    fn told(&self, event: &ServerEvent) -> usize {
        let tells = |it: &&ServerOutput| matches!(it, ServerOutput::Tell(it) if it == event);
        self.effects.iter().filter(tells).count()
    }

    fn devices(&self, of: &Msisdn) -> Vec<DeviceId> {
        self.server.accounts.devices_of(of).collect()
    }
}

fn sent(answer: Option<ToDevice>) -> Registration {
    match answer {
        Some(ToDevice::Account(AccountToDevice::CodeSent { registration, .. })) => registration,
        other => panic!("no code was sent: {other:?}"),
    }
}

fn known(answer: Option<ToDevice>) -> Known {
    match answer {
        Some(ToDevice::Account(AccountToDevice::Registered { device, token, .. })) => {
            Known { device, token }
        }
        other => panic!("not registered: {other:?}"),
    }
}

fn is_unknown(answer: Option<ToDevice>) -> bool {
    matches!(answer, Some(ToDevice::Account(AccountToDevice::Unknown { .. })))
}

fn refused(answer: Option<ToDevice>) -> Refusal {
    match answer {
        Some(ToDevice::Account(AccountToDevice::Refused { why, .. })) => why,
        other => panic!("not refused: {other:?}"),
    }
}

/// A code that is not this one.
fn other(code: Code, n: u64) -> Code {
    let digits: u64 = code.digits().iter().fold(0, |all, it| all * 10 + u64::from(it - b'0'));
    Code::of(digits + n)
}

const fn ended(session: u64) -> ServerOutput {
    ServerOutput::Close(Connection(session))
}
