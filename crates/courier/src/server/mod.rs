//! The server: who is registered, what waits for whom, and which calls go over data.

mod account;
mod checkpoint;
mod config;
mod contacts;
mod message;
mod proof;
mod record;
mod secret;
mod session;
#[cfg(test)]
pub(crate) mod testing;
mod texts;
mod voice;

pub use config::{Country, Limits, ServerConfig, ServerKey};
pub use message::{
    Connection, OutText, Proof, ServerEvent, ServerInput, ServerOutput, ServerTimer, VoiceDecision,
};
pub use record::{AccountRecord, CodeSent, Kept, KeptDevice, KeptText, ServerRecord, TextRecord};

use polysim_base::{Instant, Machine, Msisdn, Out, Queue};

use crate::DeviceId;
use crate::wire::{FromDevice, ToDevice};
#[cfg(test)]
pub(crate) use account::tests::config as account_config;

use account::Accounts;
use contacts::{Contacts, Delta};
use proof::Proofs;
use session::Sessions;
use texts::Texts;
use voice::Voice;

/// The server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    desk: Desk,
    accounts: Accounts,
    sessions: Sessions,
    proofs: Proofs,
    contacts: Contacts,
    texts: Texts,
    voice: Voice,
}

/// What every part works with: the configuration, and where what it says goes.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Desk {
    config: ServerConfig,
    out: Queue<Out<ServerRecord, ServerOutput>>,
}

impl Desk {
    fn record(&mut self, record: impl Into<ServerRecord>) {
        self.out.push(Out::Record(record.into()));
    }

    fn send(&mut self, to: Connection, message: impl Into<ToDevice>) {
        self.out.push(Out::Do(ServerOutput::Send(to, message.into())));
    }

    fn tell(&mut self, event: ServerEvent) {
        self.out.push(Out::Do(ServerOutput::Tell(event)));
    }
}

impl Server {
    /// Returns a server at which nobody is registered.
    #[must_use]
    pub fn new(config: ServerConfig) -> Self {
        let contacts = Contacts::new(config.contacts, config.key.salt());
        Self {
            desk: Desk { config, out: Queue::new() },
            accounts: Accounts::default(),
            sessions: Sessions::default(),
            proofs: Proofs::default(),
            contacts,
            texts: Texts::default(),
            voice: Voice::default(),
        }
    }

    /// Returns how it was set up.
    #[must_use]
    pub const fn config(&self) -> &ServerConfig {
        &self.desk.config
    }

    /// A device is not connected any more.
    fn gone(&mut self, device: DeviceId) {
        self.voice.gone(device);
        self.texts_gone(device);
        self.desk.tell(ServerEvent::Gone(device));
    }

    /// Returns the primary device of a number.
    #[must_use]
    pub fn holder(&self, number: &Msisdn) -> Option<DeviceId> {
        self.accounts.devices_of(number).next()
    }

    fn message(&mut self, now: Instant, from: Connection, message: FromDevice) {
        match message {
            FromDevice::Account(message) => self.account_message(now, from, message),
            FromDevice::Contacts(refresh) => self.refresh(now, from, refresh),
            FromDevice::Text(message) => self.text_message(now, from, message),
            FromDevice::Rate(message) => self.rate_message(now, from, message),
            FromDevice::Voice(message) => self.voice_message(now, from, message),
        }
    }
}

impl Machine for Server {
    type Input = ServerInput;
    type Output = ServerOutput;
    type Record = ServerRecord;
    type Timer = ServerTimer;

    fn handle(&mut self, now: Instant, input: ServerInput) {
        match input {
            ServerInput::Start => self.start_texts(),
            ServerInput::Up(connection) => self.sessions.up(now, connection),
            ServerInput::Down(connection) => {
                if let Some(device) = self.sessions.down(connection) {
                    self.gone(device);
                }
            }
            ServerInput::Message(from, message) => self.message(now, from, message),
            ServerInput::Texted { text, taken } => self.texted(now, text, taken),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.account_timeout(now);
        self.expire_texts(now);
        self.voice_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Out<ServerRecord, ServerOutput>> {
        self.desk.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, ServerTimer)> {
        let deadlines = [self.account_deadline(), self.texts.deadline(), self.voice.deadline()];
        deadlines.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: ServerRecord) {
        match record {
            ServerRecord::Account(record) => self.restore_account(&record),
            ServerRecord::Contacts { device, add, remove, whole } => {
                self.contacts.restore(device, Delta { add, remove, whole });
            }
            ServerRecord::Text(record) => self.texts.restore(record),
            // A call does not survive its server.
            ServerRecord::Voice(_) => {}
            ServerRecord::Kept(kept) => self.restore_kept(kept),
        }
    }
}
