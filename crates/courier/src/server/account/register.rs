//! A number is proved by the code in a text.

use polysim_base::{Instant, Msisdn, Out};

use crate::server::proof::Verdict;
use crate::server::{
    AccountRecord, CodeSent, Connection, OutText, Proof, Server, ServerEvent, ServerOutput,
};
use crate::wire::{AccountToDevice, Refusal};
use crate::{Code, DeviceId, DeviceKey, Registration, RequestId};

type Asked = (Connection, RequestId);

impl Server {
    /// Somebody wants to register a number: a code is sent, unless one was sent that still holds.
    pub(super) fn register(&mut self, now: Instant, asked: Asked, sent: CodeSent) {
        let limits = &self.desk.config.limits;
        self.proofs.expire(now, limits);
        let of = (sent.number, sent.key);
        match self.proofs.ask_again(of, asked, limits) {
            Some(Ok((registration, until))) => {
                return self.say_sent(now, asked, registration, until);
            }
            Some(Err(why)) => return self.refuse(asked, why),
            None => {}
        }
        let refusal = self.held_down(now, of).or_else(|| {
            self.proofs.refusal(now, &sent.number, sent.tenant, &self.desk.config.limits)
        });
        if let Some(why) = refusal {
            return self.refuse(asked, why);
        }
        let (registration, to) = (sent.registration, sent.number);
        let text = ServerOutput::Text {
            text: OutText(registration.0),
            to,
            body: Proof(self.desk.config.key.code(&sent).text()),
        };
        self.keep(now, AccountRecord::CodeSent(sent));
        self.proofs.asked(registration, asked);
        self.desk.out.push(Out::Do(text));
        self.desk.tell(ServerEvent::CodeSent(registration));
        let until = now.plus(self.desk.config.limits.lifetime());
        self.say_sent(now, asked, registration, until);
    }

    fn say_sent(&mut self, now: Instant, asked: Asked, which: Registration, until: Instant) {
        let (to, request) = asked;
        self.sessions.waits(to, until);
        let valid_for = until.since(now);
        self.desk.send(to, AccountToDevice::CodeSent { request, registration: which, valid_for });
    }

    /// A number that has changed hands is held down: another device may not take it.
    fn held_down(&self, now: Instant, (number, key): (Msisdn, DeviceKey)) -> Option<Refusal> {
        let holder = self.accounts.numbers.get(&number)?.primary;
        let is_holder = self.accounts.devices.get(&holder).is_some_and(|it| it.key == key);
        let until = self.accounts.held.get(&number)?.plus(self.desk.config.hold_down);
        (!is_holder && until > now).then(|| Refusal::HeldDown(until.since(now)))
    }

    /// The carrier has taken a text, or not. Whoever waits for one that it has not taken is told, and
    /// gets another code if they ask again.
    pub(in crate::server) fn texted(&mut self, now: Instant, text: OutText, taken: bool) {
        let registration = Registration(text.0);
        if self.proofs.open(registration).is_none() {
            return;
        }
        self.keep(now, AccountRecord::Texted { registration, taken });
        if let Some(asked) = self.proofs.who_asked(registration).filter(|_| !taken) {
            self.refuse(asked, Refusal::Carrier);
        }
    }

    /// Somebody tries a code.
    pub(super) fn confirm(&mut self, now: Instant, asked: Asked, which: Registration, code: Code) {
        let (from, request) = asked;
        let config = &self.desk.config;
        self.proofs.expire(now, &config.limits);
        let right = |sent: &CodeSent| config.key.code(sent);
        match self.proofs.judge((from, which, code), right, &config.limits) {
            Verdict::Right => self.prove(now, asked, which),
            Verdict::Again(device) => self.say_registered(asked, device),
            Verdict::No(why) => self.refuse(asked, why),
            Verdict::Wrong { first } => {
                if first {
                    self.keep(now, AccountRecord::Tried(which));
                    self.proofs.wrong(which, code);
                    self.desk.tell(ServerEvent::WrongCode(which));
                }
                match self.proofs.tries_left(which, &self.desk.config.limits) {
                    0 => self.refuse(asked, Refusal::TooManyTries),
                    tries_left => {
                        self.desk.send(from, AccountToDevice::WrongCode { request, tries_left });
                    }
                }
            }
        }
    }

    /// The number is proved.
    fn prove(&mut self, now: Instant, asked: Asked, registration: Registration) {
        let Some(sent) = self.proofs.open(registration) else { return };
        let of @ (number, _) = (sent.number, sent.key);
        if let Some(why) = self.held_down(now, of) {
            return self.refuse(asked, why);
        }
        let (device, generation) = self.place(of, self.sessions.bound(asked.0));
        let former: alloc::vec::Vec<DeviceId> =
            self.accounts.devices_of(&number).filter(|_| device > self.accounts.last).collect();
        self.keep(now, AccountRecord::Registered { registration, device, generation, at: now });
        if !former.is_empty() {
            self.desk.tell(ServerEvent::ChangedHands(number));
        }
        self.desk.tell(ServerEvent::Registered(device));
        self.bind(now, asked.0, device);
        self.dismiss(&former);
        self.say_registered(asked, device);
    }

    /// Returns which device somebody is who has proved a number, and which of its tokens is to hold.
    ///
    /// A holder that proves its number again stays the same device. If it has not shown its token in
    /// this session, it gets another one: whoever has the number and says to have the holder's key
    /// must not share a token with it.
    fn place(&self, (number, key): (Msisdn, DeviceKey), is: Option<DeviceId>) -> (DeviceId, u32) {
        let holder = self.accounts.numbers.get(&number).map(|it| it.primary);
        let holder = holder.and_then(|id| Some((id, self.accounts.devices.get(&id)?)));
        match holder {
            Some((id, device)) if device.key == key && is == Some(id) => (id, device.generation),
            Some((id, device)) if device.key == key => (id, device.generation.saturating_add(1)),
            Some(_) | None => (self.accounts.next(), 0),
        }
    }

    pub(super) fn say_registered(&mut self, (to, request): Asked, id: DeviceId) {
        let Some(device) = self.accounts.devices.get(&id) else {
            return self.refuse((to, request), Refusal::Expired);
        };
        let token = self.desk.config.key.token(id, device.generation);
        let number = device.number;
        self.desk.send(to, AccountToDevice::Registered { request, device: id, token, number });
    }
}

impl super::Accounts {
    /// Returns the number of the next new device.
    pub(super) const fn next(&self) -> DeviceId {
        DeviceId(self.last.0 + 1)
    }
}
