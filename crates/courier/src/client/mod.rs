//! The device: it chooses the path of what its user dials and writes.

mod account;
mod contacts;
mod measure;
mod message;
#[cfg(test)]
pub(crate) mod testing;
mod texts;
mod voice;

pub use message::{
    CallEvent, CallId, CardIdentity, CarrierOrder, Choice, ClientCommand, ClientConfig,
    ClientEvent, ClientInput, ClientOutput, ClientRecord, ClientTimer, NotWritten, Offer, Outcome,
    ReceivedText, TextState, Why,
};

use polysim_base::{Instant, Machine, Msisdn, Out, Queue};

use crate::wire::{FromDevice, ToDevice};
use crate::{DeviceId, RequestId};
use account::Account;
use contacts::Contacts;
use measure::Measure;
use texts::Texts;
use voice::Voice;

/// The courier's part of a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Client {
    desk: Desk,
    account: Account,
    contacts: Contacts,
    measure: Measure,
    texts: Texts,
    voice: Voice,
}

/// What every part works with: the configuration, the link, and where what it says goes.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Desk {
    config: ClientConfig,
    /// Whether the server can be reached, and knows this device in this session.
    linked: bool,
    /// The last question of this life. A session does not outlive its device, so they may begin anew.
    asked: u32,
    out: Queue<Out<ClientRecord, ClientOutput>>,
}

impl Desk {
    fn record(&mut self, record: ClientRecord) {
        self.out.push(Out::Record(record));
    }

    fn send(&mut self, message: FromDevice) {
        self.out.push(Out::Do(ClientOutput::Send(message)));
    }

    /// Returns the number of a new question.
    const fn request(&mut self) -> RequestId {
        self.asked = self.asked.wrapping_add(1);
        RequestId(self.asked)
    }

    fn tell(&mut self, event: ClientEvent) {
        self.out.push(Out::Do(ClientOutput::Tell(event)));
    }
}

impl Client {
    /// Returns a device that is not registered.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        Self {
            desk: Desk { config, linked: false, asked: 0, out: Queue::new() },
            account: Account::default(),
            contacts: Contacts::default(),
            measure: Measure::default(),
            texts: Texts::default(),
            voice: Voice::default(),
        }
    }

    /// Returns how it was set up.
    #[must_use]
    pub const fn config(&self) -> &ClientConfig {
        &self.desk.config
    }

    /// Returns the contacts that are registered, as far as this device knows.
    pub fn marked(&self) -> impl Iterator<Item = Msisdn> {
        self.contacts.marked()
    }

    /// As whom the server knows this device, and whether it can be reached.
    fn standing(&self) -> (Option<(DeviceId, Msisdn)>, bool) {
        (self.account.identity(), self.desk.linked)
    }

    fn message(&mut self, now: Instant, message: ToDevice) {
        match message {
            message @ (ToDevice::CodeSent { .. }
            | ToDevice::WrongCode { .. }
            | ToDevice::Registered { .. }
            | ToDevice::Refused { .. }
            | ToDevice::Welcome { .. }
            | ToDevice::Unknown { .. }
            | ToDevice::Invited { .. }
            | ToDevice::Done { .. }) => self.account_message(now, message),
            message @ ToDevice::Marks { .. } => self.contacts_message(now, message),
            message @ (ToDevice::Devices { .. }
            | ToDevice::Stored { .. }
            | ToDevice::StaleList { .. }
            | ToDevice::Noted { .. }
            | ToDevice::Deliver { .. }) => self.text_message(now, message),
            message @ (ToDevice::Probed { .. } | ToDevice::Probe { .. }) => {
                self.measure_message(now, &message);
            }
            message @ (ToDevice::Ringing { .. }
            | ToDevice::NoVoice { .. }
            | ToDevice::Incoming { .. }
            | ToDevice::Answered { .. }
            | ToDevice::Ended { .. }
            | ToDevice::Speech { .. }) => self.voice_message(now, message),
        }
    }

    fn command(&mut self, now: Instant, command: ClientCommand) {
        match command {
            command @ (ClientCommand::Register(_)
            | ClientCommand::Confirm(_)
            | ClientCommand::Deregister
            | ClientCommand::Invite
            | ClientCommand::Redeem(_)
            | ClientCommand::Unlink(_)) => self.account_command(now, command),
            ClientCommand::Contacts(contacts) => self.set_contacts(now, contacts),
            command @ (ClientCommand::Dial(_)
            | ClientCommand::Answer(_)
            | ClientCommand::HangUp(_)
            | ClientCommand::Choose { offer: Offer::Call(_), .. }) => {
                self.voice_command(now, &command);
            }
            command @ (ClientCommand::Text { .. }
            | ClientCommand::Read(_)
            | ClientCommand::Choose { offer: Offer::Text(_), .. }) => {
                self.text_command(now, command);
            }
        }
    }
}

impl Machine for Client {
    type Input = ClientInput;
    type Output = ClientOutput;
    type Record = ClientRecord;
    type Timer = ClientTimer;

    fn handle(&mut self, now: Instant, input: ClientInput) {
        let before = self.standing();
        let starts = input == ClientInput::Start;
        match input {
            ClientInput::Start => {}
            ClientInput::Up => self.up(now),
            ClientInput::Down => self.down(now),
            ClientInput::Message(message) => self.message(now, message),
            ClientInput::Card(card) => self.card(now, card),
            ClientInput::Command(command) => self.command(now, command),
            ClientInput::CarrierText(text) => self.carrier_text(&text),
            ClientInput::CarrierTexted { number, outcome } => self.carrier_texted(number, outcome),
            ClientInput::Microphone(frame) => self.microphone(&frame),
        }
        if starts || self.standing() != before {
            self.texts_standing(now, starts);
            self.measure_link(now);
            self.voice_link(now);
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.account_timeout(now);
        self.contacts_timeout(now);
        self.measure_timeout(now);
        self.text_timeout(now);
        self.voice_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Out<ClientRecord, ClientOutput>> {
        self.desk.out.pop()
    }

    fn poll_timeout(&self) -> Option<(Instant, ClientTimer)> {
        let deadlines = [
            self.account.deadline(),
            self.contacts.deadline(),
            self.measure.deadline(),
            self.texts.deadline(),
            self.voice.deadline(),
        ];
        deadlines.into_iter().flatten().min_by_key(|(at, _)| *at)
    }

    fn restore(&mut self, record: ClientRecord) {
        match record {
            record @ (ClientRecord::Registered { .. } | ClientRecord::NotRegistered) => {
                self.contacts.restore(record.clone());
                self.account.restore(record);
                self.texts.become_device(self.account.identity().map(|(device, _)| device));
            }
            record @ (ClientRecord::Contacts(_) | ClientRecord::Marks { .. }) => {
                self.contacts.restore(record);
            }
            record @ (ClientRecord::Keys { .. }
            | ClientRecord::Written { .. }
            | ClientRecord::Sending { .. }
            | ClientRecord::Text { .. }
            | ClientRecord::Taken { .. }
            | ClientRecord::Told(_)
            | ClientRecord::Read(_)
            | ClientRecord::ReadNoted(_)) => self.texts.restore(record),
            ClientRecord::Called(call) => self.voice.restore(call),
        }
    }
}
