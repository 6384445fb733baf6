//! What the user wants of the server, until it has answered.

use alloc::boxed::Box;

use polysim_base::{Duration, Instant, Msisdn};

use super::Client;
use crate::client::ClientEvent;
use crate::wire::{AccountFromDevice, Refusal};
use crate::{Code, DeviceId, Invitation, Registration, RequestId};

/// Something that the user wants of the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Task {
    wish: Wish,
    /// What was asked in this session and not answered, and when it is asked again.
    asked: Option<(RequestId, Instant)>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::client) enum Wish {
    Register {
        number: Msisdn,
        /// By which question it was asked for in this session.
        request: Option<RequestId>,
        /// The registration of which the user knows that a code is on its way, and until when that holds.
        registration: Option<(Registration, Instant)>,
        /// The server has said in this session that it waits for the code.
        waits: bool,
        /// The code that the user has confirmed, perhaps before the server has said that it is on its way.
        code: Option<Code>,
    },
    Redeem(Invitation),
    Invite,
    Unlink(DeviceId),
    Deregister,
}

impl Wish {
    pub(super) const fn register(number: Msisdn) -> Self {
        Self::Register { number, request: None, registration: None, waits: false, code: None }
    }
}

impl Task {
    pub(super) const fn new(wish: Wish) -> Self {
        Self { wish, asked: None }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.asked.map(|(_, due)| due)
    }

    pub(super) fn waits_for(&self, request: RequestId) -> bool {
        self.asked.is_some_and(|(asked, _)| asked == request)
    }

    /// Returns whether only a registered device may ask for this.
    pub(super) const fn needs_registration(&self) -> bool {
        match self.wish {
            Wish::Register { .. } | Wish::Redeem(_) => false,
            Wish::Invite | Wish::Unlink(_) | Wish::Deregister => true,
        }
    }

    pub(super) const fn wants_code(&self) -> bool {
        matches!(self.wish, Wish::Register { code: None, .. })
    }

    /// Returns whether the server is to be asked; else it is the user's turn, to confirm a code.
    const fn has_question(&self) -> bool {
        !matches!(self.wish, Wish::Register { waits: true, code: None, .. })
    }

    /// Returns whether the code holds no more: only the user wants another one.
    fn is_too_late(&self, now: Instant) -> bool {
        matches!(self.wish, Wish::Register { registration: Some((_, until)), .. } if until <= now)
    }

    /// Nothing was asked in the new session.
    pub(super) const fn new_session(&mut self) {
        self.asked = None;
        if let Wish::Register { request, waits, .. } = &mut self.wish {
            *request = None;
            *waits = false;
        }
    }

    /// Returns whether a question is that by which a number was to be registered, in this session.
    fn began_with(&self, question: RequestId) -> bool {
        matches!(self.wish, Wish::Register { request: Some(it), .. } if it == question)
    }
}

impl Client {
    /// Asks for what the user wants, again if there was no answer; if it is the user's turn, not.
    pub(super) fn ask(&mut self, now: Instant) {
        let is_known = self.account.registered.is_none() || self.desk.linked;
        if !self.account.up || !is_known {
            return;
        }
        if self.account.task.take_if(|task| task.has_question() && task.is_too_late(now)).is_some() {
            return self.not_done(Refusal::Expired);
        }
        let card = self.account.mark();
        let Some(task) = self.account.task.as_mut().filter(|task| task.has_question()) else {
            return;
        };
        let asked = task.asked.map(|(request, _)| request);
        let request = asked.unwrap_or_else(|| self.desk.request());
        task.asked = Some((request, now.plus(self.desk.config.retry)));
        let config = &self.desk.config;
        let (key, name, tenant) = (config.secret.key(), config.name.clone(), config.tenant);
        let message = match &mut task.wish {
            Wish::Register {
                registration: Some((registration, _)),
                waits: true,
                code: Some(code),
                ..
            } => AccountFromDevice::Confirm { request, registration: *registration, code: *code },
            Wish::Register { number, request: began, .. } => {
                *began = Some(request);
                AccountFromDevice::Register { request, number: *number, key, card, tenant, name }
            }
            Wish::Redeem(invitation) => {
                AccountFromDevice::Redeem { request, invitation: invitation.clone(), key, name }
            }
            Wish::Invite => AccountFromDevice::Invite { request },
            Wish::Unlink(device) => AccountFromDevice::Unlink { request, device: *device },
            Wish::Deregister => AccountFromDevice::Deregister { request },
        };
        self.desk.send(message);
    }

    /// A code is on its way. The user is told of each once.
    pub(super) fn code_sent(
        &mut self,
        now: Instant,
        request: RequestId,
        (which, valid_for): (Registration, Duration),
    ) {
        let Some(task) = self.account.task.as_mut().filter(|it| it.waits_for(request)) else {
            return;
        };
        let Wish::Register { number, registration, waits, code, .. } = &mut task.wish else {
            return;
        };
        task.asked = None;
        *waits = true;
        let before = registration.replace((which, now.plus(valid_for))).map(|(before, _)| before);
        if before != Some(which) {
            // What was confirmed before the first word of a code is meant for this one.
            *code = code.filter(|_| before.is_none());
            self.desk.tell(ClientEvent::CodeSent(*number));
        }
        self.ask(now);
    }

    /// The user confirms with a code, which may come before the server's word that it is on its way.
    pub(in crate::client) fn confirm(&mut self, now: Instant, typed: Code) {
        if let Some(task) = &mut self.account.task
            && let Wish::Register { waits, code, .. } = &mut task.wish
        {
            if code.replace(typed) != Some(typed) && *waits {
                // Another code is another question.
                task.asked = None;
                self.ask(now);
            }
        } else {
            self.not_done(Refusal::Expired);
        }
    }

    pub(super) fn wrong_code(&mut self, request: RequestId, tries_left: u8) {
        if let Some(task) = self.account.task.as_mut().filter(|it| it.waits_for(request))
            && let Wish::Register { code, .. } = &mut task.wish
        {
            *code = None;
            task.asked = None;
            self.desk.tell(ClientEvent::WrongCode { tries_left });
        }
    }

    pub(super) fn refused(&mut self, request: RequestId, why: Refusal) {
        let is_of = |task: &mut Box<Task>| task.waits_for(request) || task.began_with(request);
        match self.account.task.take_if(is_of).map(|task| task.wish) {
            // It was done before, and the answer was lost.
            Some(Wish::Deregister) if why == Refusal::NotRegistered => self.not_registered(),
            Some(_) => self.not_done(why),
            None => {}
        }
    }

    pub(super) fn done(&mut self, request: RequestId) {
        let Some(task) = self.account.task.take_if(|task| task.waits_for(request)) else { return };
        match task.wish {
            Wish::Unlink(device) => self.desk.tell(ClientEvent::Unlinked(device)),
            Wish::Deregister => self.not_registered(),
            Wish::Register { .. } | Wish::Redeem(_) | Wish::Invite => {}
        }
    }
}
