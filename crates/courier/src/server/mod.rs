//! The server: who is registered, what waits for whom, and which calls go over data.

mod account;
mod checkpoint;
mod contacts;
mod message;
mod proof;
mod secret;
mod session;
#[cfg(test)]
pub(crate) mod testing;
mod texts;
mod voice;

pub use message::{
    CodeSent, Connection, Country, Kept, KeptDevice, KeptText, Limits, OutText, Proof,
    ServerConfig, ServerEvent, ServerInput, ServerKey, ServerOutput, ServerRecord, ServerTimer,
    VoiceDecision,
};

use polysim_base::{Instant, Machine, Msisdn, Out, Queue};

use crate::DeviceId;
use crate::wire::{FromDevice, ToDevice};
#[cfg(test)]
pub(crate) use account::tests::config as account_config;

use account::Accounts;
use contacts::Contacts;
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
    fn record(&mut self, record: ServerRecord) {
        self.out.push(Out::Record(record));
    }

    fn send(&mut self, to: Connection, message: ToDevice) {
        self.out.push(Out::Do(ServerOutput::Send(to, message)));
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
            message @ (FromDevice::Register { .. }
            | FromDevice::Confirm { .. }
            | FromDevice::Redeem { .. }
            | FromDevice::Hello { .. }
            | FromDevice::Invite { .. }
            | FromDevice::Unlink { .. }
            | FromDevice::Deregister { .. }) => self.account_message(now, from, message),
            message @ (FromDevice::Contacts { .. } | FromDevice::Devices { .. }) => {
                self.contacts_message(from, message);
            }
            message @ (FromDevice::Send { .. }
            | FromDevice::Withdraw { .. }
            | FromDevice::Taken { .. }
            | FromDevice::Read { .. }) => self.text_message(now, from, message),
            message @ (FromDevice::Probe { .. }
            | FromDevice::ProbeMe { .. }
            | FromDevice::Measured(_)
            | FromDevice::Call { .. }
            | FromDevice::Answer { .. }
            | FromDevice::InCall { .. }
            | FromDevice::HangUp { .. }
            | FromDevice::Fared { .. }
            | FromDevice::Speech { .. }) => self.voice_message(now, from, message),
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
            record @ (ServerRecord::CodeSent(_)
            | ServerRecord::Texted { .. }
            | ServerRecord::Tried(_)
            | ServerRecord::Registered { .. }
            | ServerRecord::Linked { .. }
            | ServerRecord::Invited { .. }
            | ServerRecord::Unlinked(_)
            | ServerRecord::Deregistered { .. }
            | ServerRecord::CardChanged { .. }
            | ServerRecord::CardBack(_)
            | ServerRecord::Kept(_)) => self.restore_account(record),
            record @ ServerRecord::Contacts { .. } => self.contacts.restore(record),
            record @ (ServerRecord::Stored { .. }
            | ServerRecord::Taken { .. }
            | ServerRecord::Read { .. }
            | ServerRecord::Refused { .. }
            | ServerRecord::Withdrawn(_)
            | ServerRecord::Offers(_)
            | ServerRecord::Offered { .. }
            | ServerRecord::Expired(_)) => self.texts.restore(record),
            // A call does not survive its server.
            ServerRecord::Voice(_) => {}
        }
    }
}
