//! Initialisation, and the card's PIN.

mod card;

use polysim_at::{
    Basic, CcwaSet, CfunSet, CharacterSet, Command, CrsmInfo, CrsmSet, CusdSet, Form,
    Functionality, Line, Qpcmv, RegistrationDomain, RestrictedCommand, UssdMode, parse_iccid_line,
};
use polysim_base::{Duration, Iccid, Imei, Imsi, Instant};

use card::CardPhase;
pub(crate) use card::{PinUse, Pins};

use crate::{
    InitStep, ModemError, ModemEvent, Reply,
    chore::registration_command,
    engine::{Engine, Next},
    link::{Accept, Answer, Outcome, Request},
};

/// How often a step is tried that gets no answer.
const STEP_ATTEMPTS: u8 = 3;
/// How often initialisation begins anew because the modem is reset during it.
const STARTS_MAX: u8 = 5;
/// EF ICCID (TS 102.221, 13.2).
const EF_ICCID: u16 = 0x2FE2;
const EF_ICCID_LEN: u8 = 10;
/// Status, area, cell, technology and causes of refusals in registration results (TS 27.007, 7.2).
const REGISTRATION_WITH_CAUSE: u8 = 3;
/// The same without causes: some modems know no more.
const REGISTRATION_WITH_CELL: u8 = 2;

/// Initialisation under way.
#[derive(Clone, Debug)]
pub(crate) struct Init {
    /// The owner's command, if it was one.
    id: Option<u64>,
    at: u16,
    tries: u8,
    starts: u8,
    card: CardPhase,
    /// Which of several commands for the same thing.
    alternative: u8,
    /// How often the step asked for patience.
    patience: u8,
    /// Before the next command it is waited.
    waits: bool,
}

impl Init {
    /// Initialisation by the owner's command.
    pub(crate) const fn commanded(id: u64) -> Self {
        Self { id: Some(id), ..Self::by_itself() }
    }

    /// Initialisation after a reset.
    pub(crate) const fn by_itself() -> Self {
        Self {
            id: None,
            at: 0,
            tries: 0,
            starts: 1,
            card: CardPhase::Ask,
            alternative: 0,
            patience: 0,
            waits: false,
        }
    }

    /// The modem was reset: everything is to be said again.
    pub(crate) const fn start_again(&mut self) {
        let starts = self.starts.saturating_add(1);
        *self = Self { id: self.id, starts, ..Self::by_itself() };
    }

    fn step(&self, engine: &Engine) -> Option<InitStep> {
        engine.config.init.steps.get(usize::from(self.at)).copied()
    }

    const fn advance(&mut self) {
        self.at = self.at.saturating_add(1);
        self.tries = 0;
        self.alternative = 0;
        self.patience = 0;
    }

    pub(crate) fn next(&mut self, now: Instant, engine: &mut Engine) -> Next {
        if self.starts > STARTS_MAX {
            self.fail(now, engine, ModemError::Reset);
            return Next::Finished;
        }
        loop {
            let Some(step) = self.step(engine) else {
                engine.became_ready(now);
                self.finish(engine, Ok(Reply::Done));
                return Next::Finished;
            };
            if step == InitStep::Card {
                return match self.card_next(engine) {
                    Ok(next) => next,
                    Err(error) => {
                        self.fail(now, engine, error);
                        Next::Finished
                    }
                };
            }
            if step == InitStep::ReadRegistration && engine.registration.is_told() {
                self.advance();
                continue;
            }
            return Next::Send(self.request(step, engine));
        }
    }

    fn request(&self, step: InitStep, engine: &Engine) -> Request {
        let local = engine.config.deadlines.local;
        let card = engine.config.deadlines.card;
        let command = match step {
            InitStep::EchoOff => Command::Basic(Basic::Echo, Some(0)),
            InitStep::Verbose => Command::Basic(Basic::Verbose, Some(1)),
            InitStep::ErrorCauses => Command::Cmee(Form::Set(1)),
            InitStep::CharacterSet => Command::Cscs(Form::Set(CharacterSet::Ira)),
            InitStep::Manufacturer => {
                return Request::new(&Command::Cgmi(Form::Execute), local).accepting(Accept::Text);
            }
            InitStep::Model => {
                return Request::new(&Command::Cgmm(Form::Execute), local).accepting(Accept::Text);
            }
            InitStep::Imei => {
                return Request::new(&Command::Cgsn(Form::Execute), local)
                    .accepting(Accept::Shaped(|line| imei_of(line).is_some()));
            }
            InitStep::PowerOn => {
                let set = CfunSet { fun: Functionality::Full, reset: None };
                return Request::new(&Command::Cfun(Form::Set(set)), card);
            }
            InitStep::Imsi => {
                return Request::new(&Command::Cimi(Form::Execute), card)
                    .accepting(Accept::Shaped(|line| imsi_of(line).is_some()));
            }
            InitStep::Iccid => return self.iccid_request(card),
            InitStep::PduMode => Command::Cmgf(Form::Set(0)),
            InitStep::MessageService => {
                return Request::new(&Command::Csms(Form::Set(1)), card)
                    .accepting(Accept::Listed("+CSMS"));
            }
            InitStep::Store => return engine.store_request(engine.config.init.store),
            InitStep::TextRouting => return engine.routing_request(),
            InitStep::CircuitRegistration => Command::Creg(Form::Set(self.registration())),
            InitStep::PacketRegistration => Command::Cgreg(Form::Set(self.registration())),
            InitStep::EpsRegistration => Command::Cereg(Form::Set(self.registration())),
            InitStep::SpeechPort if self.alternative == 0 => {
                Command::Qpcmv(Form::Set(Qpcmv { enable: 1, port: Some(0) }))
            }
            InitStep::SpeechPort => Command::Cpcmreg(Form::Set(1)),
            InitStep::CallerId => Command::Clip(Form::Set(1)),
            InitStep::RingKind => Command::Crc(Form::Set(1)),
            InitStep::CallWaiting => {
                Command::Ccwa(Form::Set(CcwaSet { show: Some(1), mode: None, class: None }))
            }
            InitStep::Ussd => {
                let set = CusdSet { mode: UssdMode::Enable, text: None, coding: None };
                Command::Cusd(Form::Set(set))
            }
            InitStep::TimeZone => Command::Ctzr(Form::Set(1)),
            // The store must be known: the same place in another one is another text.
            InitStep::DrainStore if engine.store != Some(engine.config.init.store) => {
                return engine.store_request(engine.config.init.store);
            }
            InitStep::DrainStore => return engine.list_request(),
            InitStep::Card | InitStep::ReadRegistration => {
                let domain = RegistrationDomain::Circuit;
                return Request::new(&registration_command(domain), local)
                    .accepting(Accept::Registration(domain));
            }
        };
        Request::new(&command, local)
    }

    fn iccid_request(&self, deadline: Duration) -> Request {
        let command = match self.alternative {
            0 => {
                let read = CrsmSet {
                    command: RestrictedCommand::ReadBinary,
                    file: Some(EF_ICCID),
                    p1: Some(0),
                    p2: Some(0),
                    p3: Some(EF_ICCID_LEN),
                    data: None,
                    path: None,
                };
                return Request::new(&Command::Crsm(Form::Set(read)), deadline)
                    .accepting(Accept::Named("+CRSM"));
            }
            1 => Command::Ccid(Form::Execute),
            2 => Command::Qccid(Form::Execute),
            _ => Command::Iccid(Form::Execute),
        };
        let accept = Accept::Shaped(|line| parse_iccid_line(line).is_some());
        Request::new(&command, deadline).accepting(accept)
    }

    pub(crate) fn answered(
        mut self,
        now: Instant,
        engine: &mut Engine,
        answer: &Answer,
    ) -> Option<Self> {
        match answer.outcome {
            // The engine starts it again, or cancels it.
            Outcome::Reset | Outcome::PortLost => {
                self.card.lost_answer();
                return Some(self);
            }
            Outcome::Timeout => {
                self.card.lost_answer();
                self.tries = self.tries.saturating_add(1);
                if self.tries >= STEP_ATTEMPTS {
                    if self.step(engine) == Some(InitStep::Card) {
                        self.fail(now, engine, ModemError::Timeout);
                        return None;
                    }
                    self.advance();
                }
                return Some(self);
            }
            Outcome::Final(_) | Outcome::TooLong => {}
        }
        let Some(step) = self.step(engine) else { return Some(self) };
        if step == InitStep::Card {
            if let Err(error) = self.card_answered(engine, answer) {
                self.fail(now, engine, error);
                return None;
            }
        } else if self.absorb(now, engine, step, answer) {
            self.advance();
        }
        Some(self)
    }

    /// Takes what a step gave. Returns whether the step is over.
    fn absorb(
        &mut self,
        now: Instant,
        engine: &mut Engine,
        step: InitStep,
        answer: &Answer,
    ) -> bool {
        let line = answer.first_line();
        match step {
            InitStep::Imei => engine.identity.imei = imei_of(line),
            InitStep::Imsi => engine.identity.imsi = imsi_of(line),
            InitStep::Iccid => {
                engine.identity.iccid = iccid_of(line);
                let known = engine.identity.iccid.is_some();
                self.alternative = self.alternative.saturating_add(1);
                return known || self.alternative > 3;
            }
            InitStep::MessageService => engine.acknowledges = answer.is_ok(),
            InitStep::Store => engine.store = Some(engine.config.init.store),
            InitStep::DrainStore => {
                let store = engine.config.init.store;
                if engine.store == Some(store) {
                    engine.listed(now, store, answer);
                } else {
                    // A modem that refuses has one store only, and it is in use.
                    engine.store = Some(store);
                    return false;
                }
            }
            InitStep::ReadRegistration => engine.registration_read(answer),
            InitStep::CircuitRegistration
            | InitStep::PacketRegistration
            | InitStep::EpsRegistration
            | InitStep::SpeechPort => {
                self.alternative = self.alternative.saturating_add(1);
                return answer.is_ok() || self.alternative > 1;
            }
            InitStep::EchoOff => engine.echoes = !answer.is_ok(),
            InitStep::Card
            | InitStep::Verbose
            | InitStep::ErrorCauses
            | InitStep::CharacterSet
            | InitStep::Manufacturer
            | InitStep::Model
            | InitStep::PowerOn
            | InitStep::PduMode
            | InitStep::TextRouting
            | InitStep::CallerId
            | InitStep::RingKind
            | InitStep::CallWaiting
            | InitStep::Ussd
            | InitStep::TimeZone => {}
        }
        true
    }

    /// What registration results are to say, or as much of it as a modem can that has refused that.
    const fn registration(&self) -> u8 {
        if self.alternative == 0 { REGISTRATION_WITH_CAUSE } else { REGISTRATION_WITH_CELL }
    }

    /// The modem is gone, which the owner is told anyhow.
    pub(crate) fn cancelled(self, engine: &mut Engine, error: &ModemError) {
        if let Some(id) = self.id {
            engine.done(id, Err(error.clone()));
        }
    }

    fn finish(&self, engine: &mut Engine, outcome: Result<Reply, ModemError>) {
        match (self.id, outcome) {
            (Some(id), outcome) => engine.done(id, outcome),
            // The owner was told what is needed.
            (None, Ok(_) | Err(ModemError::PinRequired { .. })) => {}
            (None, Err(error)) => engine.event(ModemEvent::NotReady(error)),
        }
    }

    /// Initialisation failed. What nobody ordered is tried again after a while.
    fn fail(&self, now: Instant, engine: &mut Engine, error: ModemError) {
        if self.id.is_none() && !matches!(error, ModemError::PinRequired { .. }) {
            engine.init_again_later(now);
        }
        self.finish(engine, Err(error));
    }
}

/// Reads `351234567890123` or `+CGSN: "351234567890123"`.
fn imei_of(line: &[u8]) -> Option<Imei> {
    let line = line.strip_prefix(b"+CGSN:").unwrap_or(line).trim_ascii();
    let digits = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    Imei::from_device(core::str::from_utf8(digits.unwrap_or(line)).ok()?).ok()
}

fn imsi_of(line: &[u8]) -> Option<Imsi> {
    let digits = line.strip_prefix(b"+CIMI:").unwrap_or(line).trim_ascii();
    Imsi::parse(core::str::from_utf8(digits).ok()?).ok()
}

/// Reads the octets of EF ICCID, or the digits that other commands give.
fn iccid_of(line: &[u8]) -> Option<Iccid> {
    if let Ok(read) = CrsmInfo::parse(line) {
        let octets: [u8; 10] = read.response?.as_ref().try_into().ok()?;
        return Iccid::from_wire(octets).ok();
    }
    let digits = core::str::from_utf8(parse_iccid_line(line)?).ok()?;
    Iccid::parse(digits.trim_end_matches(['F', 'f'])).ok()
}
