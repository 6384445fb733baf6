//! Commands that ask: signal, registration, operator, own number, networks, and raw ones.

use alloc::boxed::Box;

use polysim_at::{
    Basic, CcwaInfo, CesqInfo, ClipInfo, CmglInfo, CnumInfo, ColpInfo, Command, CopsInfo, CopsMode,
    CopsSet, CopsTest, CsqInfo, Form, Line, MessageStatus, OperatorFormat, RegistrationDomain,
};
use polysim_base::Instant;

use crate::{
    CurrentOperator, ModemError, Reply, Signal,
    chore::registration_command,
    engine::Engine,
    link::{Accept, Answer, Request, boxed_lines},
};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    Signal,
    Registration,
    Operator,
    OwnNumber,
    Networks,
    Texts,
    Raw(Box<Command>),
}

/// A question under way.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    question: Question,
    step: u8,
    operator: Option<Box<CurrentOperator>>,
}

impl Query {
    pub(crate) const fn new(question: Question) -> Self {
        Self { question, step: 0, operator: None }
    }

    pub(crate) fn request(&self, engine: &Engine) -> Result<Request, ModemError> {
        let deadlines = &engine.config.deadlines;
        Ok(match &self.question {
            Question::Signal if self.step == 0 => {
                Request::new(&Command::Cesq(Form::Execute), deadlines.local)
                    .accepting(Accept::Named("+CESQ"))
            }
            Question::Signal => Request::new(&Command::Csq(Form::Execute), deadlines.local)
                .accepting(Accept::Named("+CSQ")),
            Question::Registration => {
                let domain = match self.step {
                    0 => RegistrationDomain::Circuit,
                    1 => RegistrationDomain::Packet,
                    _ => RegistrationDomain::Eps,
                };
                Request::new(&registration_command(domain), deadlines.local)
                    .accepting(Accept::Registration(domain))
            }
            Question::Operator => match self.step {
                0 => Request::new(&format(OperatorFormat::Numeric), deadlines.local),
                2 => Request::new(&format(OperatorFormat::Long), deadlines.local),
                _ => Request::new(&Command::Cops(Form::Read), deadlines.network)
                    .accepting(Accept::Named("+COPS")),
            },
            Question::OwnNumber => Request::new(&Command::Cnum(Form::Execute), deadlines.card)
                .accepting(Accept::Listed("+CNUM")),
            // The store must be known: the same place in another one is another text.
            Question::Texts if engine.store != Some(engine.config.init.store) => {
                engine.store_request(engine.config.init.store)
            }
            Question::Texts => engine.list_request(),
            Question::Raw(command) => {
                let accept = raw_accept(command).ok_or(ModemError::NotRaw)?;
                Request::new(command, deadlines.network).accepting(accept)
            }
            Question::Networks => Request::new(&Command::Cops(Form::Test), deadlines.scan)
                .accepting(Accept::Named("+COPS")),
        })
    }

    pub(crate) fn absorb(
        &mut self,
        now: Instant,
        engine: &mut Engine,
        answer: Answer,
    ) -> Result<Option<Reply>, ModemError> {
        let step = self.step;
        self.step = step.saturating_add(1);
        match &self.question {
            // Not every modem has `+CESQ`, and those with GSM only say it knows nothing.
            Question::Signal if step == 0 && answer.is_final() => Ok(answer
                .parse::<CesqInfo>()
                .ok()
                .filter(|_| answer.is_ok())
                .map(|info| Reply::Signal(Signal::Extended(info)))),
            Question::Signal => {
                let answer = answer.into_result()?;
                let info = answer.parse::<CsqInfo>()?;
                Ok(Some(Reply::Signal(Signal::Basic(info))))
            }
            Question::Registration => {
                if !answer.is_final() {
                    return Err(answer.into_result().err().unwrap_or(ModemError::Timeout));
                }
                engine.registration_read(&answer);
                let state = engine.registration.summary();
                let over = step >= 2 || state.is_registered();
                Ok(over.then(|| Reply::Registration(Box::new(state))))
            }
            Question::Operator => self.operator(step, answer),
            Question::OwnNumber => {
                let answer = answer.into_result()?;
                let numbers = answer.lines().filter_map(|line| CnumInfo::parse(line).ok());
                Ok(Some(Reply::OwnNumbers(numbers.map(|info| info.number).collect())))
            }
            Question::Texts => texts(now, engine, answer),
            Question::Raw(_) => Ok(Some(Reply::Lines(boxed_lines(&answer.into_result()?)))),
            Question::Networks => {
                let found = answer.into_result()?.parse::<CopsTest>()?;
                Ok(Some(Reply::Operators(found.operators)))
            }
        }
    }

    fn operator(&mut self, step: u8, answer: Answer) -> Result<Option<Reply>, ModemError> {
        match step {
            // A modem that does not take the format answers in the one it has.
            0 | 2 if answer.is_final() => Ok(None),
            0 | 2 => Err(answer.into_result().err().unwrap_or(ModemError::Timeout)),
            1 => {
                let info = answer.into_result()?.parse::<CopsInfo>()?;
                let Some(code) = info.operator else { return Ok(Some(Reply::Operator(None))) };
                let technology = info.technology;
                self.operator = Some(Box::new(CurrentOperator { code, name: None, technology }));
                Ok(None)
            }
            _ => {
                let mut operator = self.operator.take();
                if let (Some(operator), Ok(info)) = (&mut operator, answer.parse::<CopsInfo>()) {
                    operator.name = info.operator;
                }
                Ok(Some(Reply::Operator(operator)))
            }
        }
    }
}

/// Takes the answer to the choice of the store, then the listing.
fn texts(now: Instant, engine: &mut Engine, answer: Answer) -> Result<Option<Reply>, ModemError> {
    let store = engine.config.init.store;
    if engine.store != Some(store) {
        if !answer.is_final() {
            return Err(answer.into_result().err().unwrap_or(ModemError::Timeout));
        }
        // A modem that refuses has one store only, and it is in use.
        engine.store = Some(store);
        return Ok(None);
    }
    engine.listed(now, store, &answer);
    let answer = answer.into_result()?;
    let received = |line: &&[u8]| {
        CmglInfo::parse(line).is_ok_and(|text| {
            matches!(text.status, MessageStatus::ReceivedUnread | MessageStatus::ReceivedRead)
        })
    };
    let count = u16::try_from(answer.lines().filter(received).count());
    Ok(Some(Reply::Stored(count.unwrap_or(u16::MAX))))
}

const fn format(format: OperatorFormat) -> Command {
    Command::Cops(Form::Set(CopsSet {
        mode: CopsMode::SetFormat,
        format: Some(format),
        operator: None,
        technology: None,
    }))
}

/// Returns which lines answer a raw command; `None` for one that would break the dialogue, leave
/// it for data, or go round what this machine keeps.
#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and most commands are plain")]
fn raw_accept(command: &Command) -> Option<Accept> {
    let none = Some(Accept::Nothing);
    match command {
        Command::Creg(Form::Read) => Some(Accept::Registration(RegistrationDomain::Circuit)),
        Command::Cgreg(Form::Read) => Some(Accept::Registration(RegistrationDomain::Packet)),
        Command::Cereg(Form::Read) => Some(Accept::Registration(RegistrationDomain::Eps)),
        Command::C5greg(Form::Read) => Some(Accept::Registration(RegistrationDomain::FiveG)),
        Command::Creg(Form::Set(_))
        | Command::Cgreg(Form::Set(_))
        | Command::Cereg(Form::Set(_))
        | Command::C5greg(Form::Set(_))
        | Command::Cusd(_)
        | Command::Attention => none,
        Command::Ccwa(_) => Some(Accept::Shaped(|line| CcwaInfo::parse(line).is_ok())),
        Command::Clip(_) => Some(Accept::Shaped(|line| ClipInfo::parse(line).is_ok())),
        Command::Colp(_) => Some(Accept::Shaped(|line| ColpInfo::parse(line).is_ok())),
        Command::Basic(basic, _) => match basic {
            Basic::Identify | Basic::ShowSettings => Some(Accept::Text),
            Basic::CallResults
            | Basic::CarrierDetect
            | Basic::TerminalReady
            | Basic::FlowControl
            | Basic::DataSetReady
            | Basic::Loudness
            | Basic::Speaker
            | Basic::Tone
            | Basic::Pulse => none,
            Basic::Echo
            | Basic::Verbose
            | Basic::Quiet
            | Basic::Reset
            | Basic::FactorySettings
            | Basic::StoreSettings
            | Basic::HangUp
            | Basic::Answer
            | Basic::Online => None,
        },
        // They open a prompt, leave for data, change the framing, or have commands of their own.
        Command::Register(_)
        | Command::Dial(_)
        | Command::Cmgs(Form::Set(_))
        | Command::Cmgw(Form::Set(_))
        | Command::Cmgf(Form::Set(_))
        | Command::Cnma(_)
        | Command::Csms(Form::Set(_))
        | Command::Cpms(Form::Set(_))
        | Command::Cnmi(Form::Set(_))
        | Command::Cmux(Form::Set(_))
        | Command::Ipr(Form::Set(_))
        | Command::Ifc(Form::Set(_))
        | Command::Cgdata(_)
        | Command::Cfun(Form::Set(_))
        | Command::Cpin(Form::Set(_)) => None,
        named => Some(Accept::Raw(named.name()?.into())),
    }
}
