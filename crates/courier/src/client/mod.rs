//! The device: it chooses the path of what its user dials and writes.

mod account;
mod checkpoint;
mod config;
mod contacts;
mod measure;
mod message;
mod record;
#[cfg(test)]
pub(crate) mod testing;
mod texts;
mod voice;

pub use config::ClientConfig;
pub use message::{
    CallEvent, CallId, CardIdentity, CarrierOrder, Choice, ClientCommand, ClientEvent, ClientInput,
    ClientOutput, ClientTimer, NotWritten, Offer, Outcome, ReceivedText, TextState, Why,
};
pub use record::{ClientRecord, TextRecord};

use polysim_base::{Instant, Machine, Msisdn, Out, Queue};

use crate::wire::{FromDevice, ToDevice};
use crate::{DeviceId, RequestId};
use account::{Account, Registered, Wish};
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
    fn record(&mut self, record: impl Into<ClientRecord>) {
        self.out.push(Out::Record(record.into()));
    }

    fn send(&mut self, message: impl Into<FromDevice>) {
        self.out.push(Out::Do(ClientOutput::Send(message.into())));
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
            ToDevice::Account(message) => self.account_message(now, message),
            ToDevice::Contacts(message) => self.contacts_message(now, message),
            ToDevice::Text(message) => self.text_message(now, message),
            ToDevice::Rate(message) => self.rate_message(now, message),
            ToDevice::Voice(message) => self.voice_message(now, message),
        }
    }

    fn command(&mut self, now: Instant, command: ClientCommand) {
        match command {
            ClientCommand::Register(typed) => self.register(now, typed),
            ClientCommand::Confirm(code) => self.confirm(now, code),
            ClientCommand::Deregister => self.wish(now, Wish::Deregister),
            ClientCommand::Invite => self.wish(now, Wish::Invite),
            ClientCommand::Redeem(invitation) => self.wish(now, Wish::Redeem(invitation)),
            ClientCommand::Unlink(device) => self.wish(now, Wish::Unlink(device)),
            ClientCommand::Contacts(contacts) => self.set_contacts(now, contacts),
            ClientCommand::Dial(to) => self.dial(now, to),
            ClientCommand::Answer(call) => self.answer(now, call),
            ClientCommand::HangUp(call) => self.hang_up(now, call),
            ClientCommand::Text { to, text } => self.write_text(now, to, text),
            ClientCommand::Read(id) => self.read(now, id),
            ClientCommand::Choose { offer: Offer::Call(id), choice } => self.choose(id, choice),
            ClientCommand::Choose { offer: Offer::Text(number), choice } => {
                self.choose_text(now, number, choice);
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
            ClientRecord::Registered { device, token, number } => {
                self.account.restore(Some(Registered { device, token, number }));
                self.texts.become_device(Some(device));
            }
            ClientRecord::NotRegistered => {
                self.account.restore(None);
                self.contacts.unmark();
                self.texts.become_device(None);
            }
            ClientRecord::Contacts(contacts) => self.contacts.set(contacts),
            ClientRecord::Marks { version, on, off } => self.contacts.mark(version, &on, &off),
            ClientRecord::Text(record) => self.texts.restore(record),
            ClientRecord::Called(call) => self.voice.restore(call),
        }
    }
}
