//! Commands: what each one does, by family.

mod basic;
mod call;
mod card;
mod device;
mod field;
mod identity;
mod network;
mod packet;
mod phonebook;
mod registration;
mod security;
mod service;
mod speech;
mod text;
mod toolkit;

use crate::card::{CardPort, CardState, Lock, Outcome, Owner};
use crate::core::Core;
use crate::effects::Effects;
use crate::port::{Settings, Writer};
use crate::sms::Entry;
use polysim_at::{CmeError, CmsError, Command, FinalResult, Form, Line};

/// A command under way, and everything it may touch.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) core: &'a mut Core,
    pub(crate) fx: &'a mut Effects,
    pub(crate) settings: &'a mut Settings,
    /// What was written so far; a line is framed at its end.
    pub(crate) answer: &'a mut Vec<u8>,
    pub(crate) port: u8,
}

/// How a command goes on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// Done; the next command of the line follows.
    Done,
    /// The line ends with this result.
    Result(FinalResult),
    /// It waits for card or network; the end comes as [`Done`](crate::port::Done).
    Wait { abortable: bool },
    /// It runs again when the card has been read.
    WaitForCard,
    /// An entry is awaited.
    Prompt(Entry),
    /// `OK`, and only then the line.
    LineAfterResult(&'static str),
}

/// The result of a command that is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Refusal(pub(crate) FinalResult);

/// How a command goes on, or why it does not.
pub(crate) type Progress = Result<Step, Refusal>;

impl From<CmeError> for Refusal {
    fn from(error: CmeError) -> Self {
        Self(FinalResult::Cme(error))
    }
}

impl From<CmsError> for Refusal {
    fn from(error: CmsError) -> Self {
        Self(FinalResult::Cms(error))
    }
}

/// A command has no such form.
pub(crate) const NO_SUCH_FORM: Progress =
    Err(Refusal(FinalResult::Cme(CmeError::OperationNotSupported)));

/// The command waits for card or network.
pub(crate) const WAITS: Progress = Ok(Step::Wait { abortable: false });

impl Exchange<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others belong to other families")]
    pub(crate) fn dispatch(&mut self, command: &Command) -> Progress {
        let missing = self.core.model.missing;
        if !missing.is_empty() && command.name().is_some_and(|name| missing.contains(&name)) {
            return self.unknown();
        }
        match command {
            Command::Attention => Ok(Step::Done),
            Command::Basic(basic, value) => self.basic(*basic, *value),
            Command::Register(register) => self.register(register),
            Command::Dial(dial) => self.dial(dial),
            Command::Other(other) => self.other(other),
            command => self
                .identify(command)
                .or_else(|| self.device(command))
                .or_else(|| self.network(command))
                .or_else(|| self.secured(command))
                .or_else(|| self.texts(command))
                .or_else(|| self.calls(command))
                .or_else(|| self.speech(command))
                .or_else(|| self.packets(command))
                .or_else(|| self.phonebooks(command))
                .or_else(|| self.toolkit(command))
                .or_else(|| self.in_the_field(command))
                .unwrap_or_else(|| self.unknown()),
        }
    }

    /// Nobody here knows the command.
    pub(crate) const fn unknown(&self) -> Progress {
        Err(Refusal(if self.core.model.plain_error_for_unknown {
            FinalResult::Error
        } else {
            FinalResult::Cme(CmeError::OperationNotSupported)
        }))
    }

    pub(crate) fn writer(&mut self) -> Writer<'_> {
        Writer::new(self.settings, self.core.model, self.answer)
    }

    /// Answers with a line.
    pub(crate) fn line(&mut self, line: &impl Line) -> Progress {
        self.writer().line(line);
        Ok(Step::Done)
    }

    /// Answers with free text.
    pub(crate) fn text(&mut self, text: impl AsRef<[u8]>) -> Progress {
        self.writer().text(text);
        Ok(Step::Done)
    }

    /// Answers with `<name>: n,n,…`.
    pub(crate) fn numbers(&mut self, name: &str, values: &[u32]) -> Progress {
        self.writer().numbers(name, values);
        Ok(Step::Done)
    }

    /// Answers a test command, unless the model refuses it.
    pub(crate) fn test(&mut self, name: &str, ranges: &str) -> Progress {
        if self.core.model.refuses_test(name) {
            return Err(Refusal(FinalResult::Error));
        }
        if ranges.is_empty() {
            return Ok(Step::Done);
        }
        self.writer().framed(|out| {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(ranges.as_bytes());
        });
        Ok(Step::Done)
    }

    /// A command that only answers to its bare form.
    pub(crate) fn execute<S>(
        &mut self,
        form: &Form<S>,
        run: impl FnOnce(&mut Self) -> Progress,
    ) -> Progress {
        match form {
            Form::Execute => run(self),
            Form::Test => Ok(Step::Done),
            Form::Read | Form::Set(_) => NO_SUCH_FORM,
        }
    }

    /// A setting of one number in a range.
    pub(crate) fn number(
        &mut self,
        name: &str,
        form: &Form<u8>,
        max: u8,
        field: impl FnOnce(&mut Self) -> &mut u8,
    ) -> Progress {
        match form {
            Form::Test => {
                let ranges = if max == 0 { "(0)".to_string() } else { format!("(0-{max})") };
                self.test(name, &ranges)
            }
            Form::Read => {
                let value = *field(self);
                self.numbers(name, &[value.into()])
            }
            Form::Set(value) if *value <= max => {
                *field(self) = *value;
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// A setting that is on or off.
    pub(crate) fn switch(
        &mut self,
        name: &str,
        form: &Form<u8>,
        field: impl Fn(&mut Self) -> &mut bool,
    ) -> Progress {
        match form {
            Form::Test => self.test(name, "(0,1)"),
            Form::Read => {
                let value = *field(self);
                self.numbers(name, &[value.into()])
            }
            Form::Set(value @ 0..=1) => {
                *field(self) = *value == 1;
                Ok(Step::Done)
            }
            Form::Set(_) => Err(CmeError::IncorrectParameters.into()),
            Form::Execute => NO_SUCH_FORM,
        }
    }

    /// Whether the card can be used; `Ok(true)` says: not yet.
    pub(crate) fn card_pending(&self) -> Result<bool, Refusal> {
        if self.core.slot.is_starting() {
            return Ok(true);
        }
        Err(match self.core.slot.state() {
            CardState::Ready => return Ok(false),
            CardState::Locked(Lock::Pin) => CmeError::SimPinRequired,
            CardState::Locked(Lock::Puk) => CmeError::SimPukRequired,
            CardState::Absent => CmeError::SimNotInserted,
            CardState::Off
            | CardState::Bare
            | CardState::Unusable
            | CardState::Activating
            | CardState::Starting(_) => CmeError::SimFailure,
        }
        .into())
    }

    /// Runs a flow with the card; the command waits for its end.
    pub(crate) fn with_card<F, Fut>(&mut self, flow: F) -> Progress
    where
        F: FnOnce(CardPort) -> Fut,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        if self.card_pending()? {
            return Ok(Step::WaitForCard);
        }
        self.run_flow(flow)
    }

    /// Runs a flow with the card, also while it waits for a PIN.
    pub(crate) fn with_powered_card<F, Fut>(&mut self, flow: F) -> Progress
    where
        F: FnOnce(CardPort) -> Fut,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        if self.core.slot.is_starting() {
            return Ok(Step::WaitForCard);
        }
        if !self.core.slot.is_powered() {
            self.card_pending()?;
        }
        self.run_flow(flow)
    }

    fn run_flow<F, Fut>(&mut self, flow: F) -> Progress
    where
        F: FnOnce(CardPort) -> Fut,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let owner = Owner::Port(self.port);
        self.core.slot.start(self.fx.now, owner, flow);
        self.core.serve_card(self.fx);
        WAITS
    }
}
