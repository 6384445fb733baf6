//! Who this device is to the server, and how it becomes that.

mod task;

#[cfg(test)]
pub(super) mod tests;

use alloc::boxed::Box;

use polysim_base::{Instant, Msisdn};
use sha2::{Digest as _, Sha256};

use super::{CardIdentity, Client, ClientEvent, ClientRecord, ClientTimer};
use crate::wire::{AccountFromDevice, AccountToDevice, Refusal};
use crate::{CardMark, Code, DeviceId, RequestId, Token};
use task::Task;
pub(super) use task::Wish;

/// The registration of this device.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Account {
    registered: Option<Registered>,
    card: Option<CardIdentity>,
    /// There is a session.
    up: bool,
    /// As which question the device has said who it is, and when it says so again.
    hello: Option<(RequestId, Instant)>,
    /// What the user wants of the server: one thing at a time.
    task: Option<Box<Task>>,
    /// The user knows that the number must be proved again.
    proof_wanted: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Registered {
    pub(super) device: DeviceId,
    pub(super) token: Token,
    pub(super) number: Msisdn,
}

impl Account {
    /// Returns the device and its number, while it is registered.
    pub(super) fn identity(&self) -> Option<(DeviceId, Msisdn)> {
        self.registered.as_ref().map(|it| (it.device, it.number))
    }

    fn mark(&self) -> Option<CardMark> {
        self.card.map(|card| card.mark())
    }

    pub(super) fn deadline(&self) -> Option<(Instant, ClientTimer)> {
        let task = self.task.as_ref().and_then(|task| task.due());
        let hello = self.hello.map(|(_, due)| due);
        let due = hello.into_iter().chain(task).min()?;
        Some((due, ClientTimer::Retry))
    }

    /// Returns what a checkpoint keeps.
    pub(super) fn checkpoint(&self) -> Option<ClientRecord> {
        let Registered { device, token, number } = self.registered.clone()?;
        Some(ClientRecord::Registered { device, token, number })
    }

    pub(super) fn restore(&mut self, registered: Option<Registered>) {
        self.registered = registered;
    }
}

impl CardIdentity {
    /// Returns a digest of ICCID and IMSI, by which the server sees that another card is there.
    #[must_use]
    pub fn mark(&self) -> CardMark {
        let mut hash = Sha256::new();
        hash.update(self.iccid.wire());
        hash.update(self.imsi.ef());
        let mut mark = [0; 16];
        mark.iter_mut().zip(hash.finalize().0).for_each(|(to, from)| *to = from);
        CardMark(mark)
    }
}

impl Client {
    /// There is a session: the device says who it is, or goes on with what its user wants.
    pub(super) fn up(&mut self, now: Instant) {
        self.account.up = true;
        self.say_hello(now);
        self.ask(now);
    }

    /// The session is over: what was asked in it is asked anew in the next one.
    pub(super) fn down(&mut self, _now: Instant) {
        self.account.up = false;
        self.account.hello = None;
        self.desk.linked = false;
        if let Some(task) = &mut self.account.task {
            task.new_session();
        }
        self.contacts.down();
    }

    /// A card was read, or taken out. The server is to know of another one.
    pub(super) fn card(&mut self, now: Instant, card: Option<CardIdentity>) {
        let before = self.account.mark();
        self.account.card = card;
        if self.account.mark() != before {
            self.say_hello(now);
        }
    }

    /// The device says who it is, and which card is in it now.
    fn say_hello(&mut self, now: Instant) {
        self.account.hello = None;
        if self.account.up && self.account.registered.is_some() {
            let request = self.desk.request();
            self.account.hello = Some((request, now));
            self.say_hello_again(now);
        }
    }

    fn say_hello_again(&mut self, now: Instant) {
        let card = self.account.mark();
        if let Some((request, due)) = &mut self.account.hello
            && let Some(Registered { device, token, .. }) = &self.account.registered
        {
            *due = now.plus(self.desk.config.retry);
            let (request, device, token) = (*request, *device, token.clone());
            let taken = self.texts.taken();
            self.desk.send(AccountFromDevice::Hello { request, device, token, card, taken });
        }
    }

    /// Returns whether this is the answer to who the device is; it is waited for no more.
    fn heard(&mut self, request: RequestId) -> bool {
        self.account.hello.take_if(|(asked, _)| *asked == request).is_some()
    }

    pub(super) fn account_message(&mut self, now: Instant, message: AccountToDevice) {
        match message {
            AccountToDevice::Welcome { request, mode, salt, threshold: _, verify_within } => {
                if !self.heard(request) {
                    return;
                }
                self.desk.linked = true;
                let told =
                    core::mem::replace(&mut self.account.proof_wanted, verify_within.is_some());
                if let Some(within) = verify_within
                    && !told
                {
                    self.desk.tell(ClientEvent::ProofWanted(within));
                }
                self.contacts_welcome(now, mode, salt);
                self.ask(now);
            }
            AccountToDevice::Unknown { request } => {
                if self.heard(request) {
                    self.not_registered();
                    self.ask(now);
                }
            }
            AccountToDevice::Registered { request, device, token, number } => {
                if self.task_answered(request) {
                    self.account.task = None;
                    self.registered(now, Registered { device, token, number });
                }
            }
            AccountToDevice::CodeSent { request, registration, valid_for } => {
                self.code_sent(now, request, (registration, valid_for));
            }
            AccountToDevice::WrongCode { request, tries_left } => {
                self.wrong_code(request, tries_left);
            }
            AccountToDevice::Refused { request, why } => self.refused(request, why),
            AccountToDevice::Invited { request, invitation, .. } => {
                if self.task_answered(request) {
                    self.account.task = None;
                    self.desk.tell(ClientEvent::Invited(invitation));
                }
            }
            AccountToDevice::Done { request } => self.done(request),
        }
    }

    /// The device is registered: for the first time, again, or as another one.
    fn registered(&mut self, now: Instant, new: Registered) {
        let Registered { device, token, number } = new.clone();
        self.desk.record(ClientRecord::Registered { device, token, number });
        if self.account.identity() != Some((device, number)) {
            self.desk.linked = false;
            self.contacts.another_device();
        }
        // The hello says what this device has taken, not what another one has.
        self.texts.become_device(Some(device));
        self.account.registered = Some(new);
        self.account.proof_wanted = false;
        self.desk.tell(ClientEvent::Registered(number));
        self.say_hello(now);
    }

    /// The device is not registered any more.
    fn not_registered(&mut self) {
        self.account.hello = None;
        self.account.proof_wanted = false;
        self.desk.linked = false;
        if self.account.registered.take().is_some() {
            self.desk.record(ClientRecord::NotRegistered);
            self.desk.tell(ClientEvent::NotRegistered(None));
            self.contacts_unregistered();
        }
        // Only what makes it registered is worth asking for now.
        let needs_registration = |task: &mut Box<Task>| task.needs_registration();
        self.account.task.take_if(needs_registration);
    }

    /// The server refuses what the user wanted.
    fn not_done(&mut self, why: Refusal) {
        let registered = self.account.registered.is_some();
        self.desk.tell(if registered {
            ClientEvent::Refused(why)
        } else {
            ClientEvent::NotRegistered(Some(why))
        });
    }

    /// The user wants to register this number, or that of the card where none was typed. What a card says
    /// of its number may be old, or empty; the text with the code shows who is right.
    pub(super) fn register(&mut self, now: Instant, typed: Option<Msisdn>) {
        match typed.or_else(|| self.account.card.and_then(|card| card.number)) {
            Some(number) => self.wish(now, Wish::register(number)),
            None => self.desk.tell(ClientEvent::NumberWanted),
        }
    }

    /// The user wants something of the server.
    pub(super) fn wish(&mut self, now: Instant, wish: Wish) {
        let task = Task::new(wish);
        if task.needs_registration() && self.account.registered.is_none() {
            return self.not_done(Refusal::NotRegistered);
        }
        self.account.task = Some(Box::new(task));
        self.ask(now);
    }

    /// A text has come by the carrier: if it has a code for which the user waits, they only have to
    /// confirm it.
    pub(super) fn carrier_text(&mut self, text: &str) {
        if let Some(code) = Code::in_text(text)
            && self.account.task.as_ref().is_some_and(|task| task.wants_code())
        {
            self.desk.tell(ClientEvent::CodeCame(code));
        }
    }

    pub(super) fn account_timeout(&mut self, now: Instant) {
        if self.account.hello.is_some_and(|(_, due)| due <= now) {
            self.say_hello_again(now);
        }
        if self.account.task.as_ref().and_then(|task| task.due()).is_some_and(|due| due <= now) {
            self.ask(now);
        }
    }

    fn task_answered(&self, request: RequestId) -> bool {
        self.account.task.as_ref().is_some_and(|task| task.waits_for(request))
    }
}
