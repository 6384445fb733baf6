//! What is to be done for nobody in particular: work that unsolicited results left behind.

use polysim_at::{Command, Form, MessageStore, RegistrationDomain};
use polysim_base::Instant;

use crate::{
    TextId,
    engine::Engine,
    link::{Accept, Answer, Request},
};

/// One command that is not the owner's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Chore {
    /// `+CNMA`: a direct delivery is recorded.
    Acknowledge(TextId),
    /// `+CNMA=2`: a direct delivery came damaged, or there is no room.
    Refuse,
    /// `+CMGD`: a stored text is recorded.
    Delete(TextId),
    /// `+CMGR`: a text was stored.
    Read(u16),
    /// `+CMGL`: texts may have been stored.
    List(MessageStore),
    /// `+CPMS`.
    SetStore(MessageStore),
    /// `+CNMI`: the modem may have given the routing up.
    Route,
    /// `+CLCC`.
    ListCalls,
    /// `+CREG?` and its kin.
    ReadRegistration(RegistrationDomain),
}

/// Chores that are either due or not: however often one is asked for, it is done once.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Chores {
    pub(crate) list_texts: bool,
    pub(crate) list_calls: bool,
    pub(crate) route: bool,
    pub(crate) refuse: bool,
    registrations: [bool; 4],
}

impl Chores {
    pub(crate) fn read_registration(&mut self, domain: RegistrationDomain) {
        for (due, of) in self.registrations.iter_mut().zip(RegistrationDomain::ALL) {
            *due |= of == domain;
        }
    }

    fn take_registration(&mut self) -> Option<RegistrationDomain> {
        let mut domains = self.registrations.iter_mut().zip(RegistrationDomain::ALL);
        domains.find_map(|(due, domain)| core::mem::take(due).then_some(domain))
    }

    const fn any(self) -> bool {
        let [circuit, packet, eps, five_g] = self.registrations;
        let registration = circuit || packet || eps || five_g;
        self.list_texts || self.list_calls || self.route || self.refuse || registration
    }
}

/// Returns the read command of a domain.
pub(crate) fn registration_command(domain: RegistrationDomain) -> Command {
    match domain {
        RegistrationDomain::Circuit => Command::Creg(Form::Read),
        RegistrationDomain::Packet => Command::Cgreg(Form::Read),
        RegistrationDomain::Eps => Command::Cereg(Form::Read),
        RegistrationDomain::FiveG => Command::C5greg(Form::Read),
    }
}

impl Engine {
    pub(crate) fn has_chores(&self) -> bool {
        self.chores.any() || self.inbox.as_ref().is_some_and(|inbox| inbox.has_work())
    }

    /// Returns what the network is waiting for.
    pub(crate) fn urgent_chore(&mut self) -> Option<(Chore, Request)> {
        let chore = if core::mem::take(&mut self.chores.refuse) {
            Chore::Refuse
        } else {
            Chore::Acknowledge(self.inbox.as_ref()?.to_acknowledge()?)
        };
        Some((chore, self.request(chore)))
    }

    /// Returns the next chore, calls first.
    pub(crate) fn next_chore(&mut self, _now: Instant) -> Option<(Chore, Request)> {
        let chore = if core::mem::take(&mut self.chores.list_calls) {
            Chore::ListCalls
        } else if core::mem::take(&mut self.chores.route) {
            Chore::Route
        } else if let Some(domain) = self.chores.take_registration() {
            Chore::ReadRegistration(domain)
        } else {
            self.text_chore()?
        };
        Some((chore, self.request(chore)))
    }

    fn request(&self, chore: Chore) -> Request {
        let deadlines = &self.config.deadlines;
        match chore {
            Chore::ListCalls => Request::new(&Command::Clcc(Form::Execute), deadlines.local)
                .accepting(Accept::Listed("+CLCC")),
            Chore::ReadRegistration(domain) => {
                Request::new(&registration_command(domain), deadlines.local)
                    .accepting(Accept::Registration(domain))
            }
            Chore::Route => self.routing_request(),
            Chore::Acknowledge(_)
            | Chore::Refuse
            | Chore::Delete(_)
            | Chore::Read(_)
            | Chore::List(_)
            | Chore::SetStore(_) => self.text_request(chore),
        }
    }

    /// Acts upon the answer to a chore.
    pub(crate) fn chore_done(&mut self, now: Instant, chore: Chore, answer: &Answer) {
        match chore {
            Chore::ListCalls => self.calls_listed(now, answer),
            Chore::ReadRegistration(_) => self.registration_read(answer),
            Chore::Route => {}
            Chore::Acknowledge(_)
            | Chore::Refuse
            | Chore::Delete(_)
            | Chore::Read(_)
            | Chore::List(_)
            | Chore::SetStore(_) => self.text_chore_done(now, chore, answer),
        }
    }

    pub(crate) fn registration_read(&mut self, answer: &Answer) {
        let read = polysim_at::Registration::parse_answer(answer.first_line());
        if answer.is_ok()
            && let Ok((domain, _, told)) = read
        {
            self.registered(domain, told);
        }
    }
}
