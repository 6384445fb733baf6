//! A command on its way, and its answer on the way back.

use alloc::{boxed::Box, vec::Vec};

use polysim_at::{Command, FinalResult, Registration, RegistrationDomain, Urc, put_hex};
use polysim_base::Duration;

use crate::ModemError;

/// Longest answer, in bytes: the listing of a store of 255 texts is below 96 KiB.
pub(crate) const ANSWER_LEN_MAX: usize = 128 * 1_024;
const CTRL_Z: u8 = 0x1A;

/// Which lines are the answer to a command; all others are unsolicited.
#[derive(Clone, Debug)]
pub(crate) enum Accept {
    /// None.
    Nothing,
    /// One line with this name, or several.
    Named(&'static str),
    /// Lines with this name, or none.
    Listed(&'static str),
    /// Lines with this name, each with the line that follows it.
    WithPdu(&'static str),
    /// The read answer of a registration command, which is told from its URC by its shape.
    Registration(RegistrationDomain),
    /// Lines that this reads; for names that are also unsolicited.
    Shaped(fn(&[u8]) -> bool),
    /// Any line that is not a known unsolicited result.
    Text,
    /// Lines with this name, and any that are not a known unsolicited result.
    Raw(Box<str>),
}

impl Accept {
    /// Whether a good answer has at least one line.
    fn needs_line(&self) -> bool {
        match self {
            // A list may be empty.
            Self::Nothing | Self::WithPdu(_) | Self::Listed(_) | Self::Raw(_) => false,
            Self::Named(_) | Self::Registration(_) | Self::Shaped(_) | Self::Text => true,
        }
    }

    fn takes(&self, line: &[u8], is_first: bool) -> bool {
        match self {
            Self::Nothing => false,
            Self::Named(name) | Self::Listed(name) | Self::WithPdu(name) => has_name(line, name),
            Self::Registration(domain) => {
                let read = Registration::parse_answer(line);
                is_first && read.is_ok_and(|(found, _, _)| found == *domain)
            }
            Self::Shaped(reads) => reads(line),
            Self::Text => is_free_text(line),
            Self::Raw(name) => has_name(line, name) || is_free_text(line),
        }
    }
}

fn has_name(line: &[u8], name: &str) -> bool {
    line.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.first() == Some(&b':'))
}

fn is_free_text(line: &[u8]) -> bool {
    matches!(Urc::parse(line), Ok(None)) && !super::is_boot_line(line)
}

/// A command to send.
#[derive(Debug)]
pub(crate) struct Request {
    pub(super) line: Vec<u8>,
    pub(super) accept: Accept,
    pub(super) deadline: Duration,
    /// What is typed at the prompt, and how long the final result may take from there.
    pub(super) data: Option<(Vec<u8>, Duration)>,
    /// `NO CARRIER` and its like are the final result of this command.
    pub(super) is_call: bool,
}

impl Request {
    /// Makes a request of a command that answers nothing but a final result.
    pub(crate) fn new(command: &Command, deadline: Duration) -> Self {
        let mut line = Vec::new();
        command.encode(&mut line);
        Self { line, accept: Accept::Nothing, deadline, data: None, is_call: false }
    }

    /// Says which lines are the answer.
    pub(crate) fn accepting(mut self, accept: Accept) -> Self {
        self.accept = accept;
        self
    }

    /// Says what is typed at the prompt.
    pub(crate) fn with_pdu(mut self, octets: &[u8], deadline: Duration) -> Self {
        let mut data = Vec::with_capacity(octets.len() * 2 + 1);
        put_hex(octets, &mut data);
        data.push(CTRL_Z);
        self.data = Some((data, deadline));
        self
    }

    /// Says that this command sets a call up.
    pub(crate) const fn for_call(mut self) -> Self {
        self.is_call = true;
        self
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// With a final result.
    Final(FinalResult),
    /// Its answer was too long.
    TooLong,
    /// Nothing in time.
    Timeout,
    /// The modem was reset.
    Reset,
    /// The port was lost.
    PortLost,
}

/// The answer to a command.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    /// What was to be typed at the prompt was typed.
    pub(crate) submitted: bool,
    pub(super) lines: Vec<u8>,
}

impl Answer {
    /// Returns the information lines.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
    }

    pub(crate) fn first_line(&self) -> &[u8] {
        self.lines().next().unwrap_or_default()
    }

    pub(crate) const fn is_ok(&self) -> bool {
        matches!(self.outcome, Outcome::Final(result) if result.is_ok())
    }

    /// The modem answered, for good or bad.
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self.outcome, Outcome::Final(_))
    }

    /// Returns the lines of a command that was done.
    pub(crate) fn into_result(self) -> Result<Self, ModemError> {
        match self.error() {
            None => Ok(self),
            Some(error) => Err(error),
        }
    }

    /// Returns why the command was not done.
    pub(crate) const fn error(&self) -> Option<ModemError> {
        use crate::CallEnd;
        Some(match self.outcome {
            Outcome::Final(FinalResult::Ok | FinalResult::Connect { .. }) => return None,
            Outcome::Final(FinalResult::Error) => ModemError::Refused,
            Outcome::Final(FinalResult::Cme(cause)) => ModemError::Cme(cause),
            Outcome::Final(FinalResult::Cms(cause)) => ModemError::Cms(cause),
            Outcome::Final(FinalResult::NoCarrier) => ModemError::CallEnded(CallEnd::Released),
            Outcome::Final(FinalResult::Busy) => ModemError::CallEnded(CallEnd::Busy),
            Outcome::Final(FinalResult::NoAnswer) => ModemError::CallEnded(CallEnd::NoAnswer),
            Outcome::Final(FinalResult::NoDialtone) => ModemError::CallEnded(CallEnd::NoDialtone),
            Outcome::TooLong => ModemError::AnswerTooLong { limit: ANSWER_LEN_MAX },
            Outcome::Timeout => ModemError::Timeout,
            Outcome::Reset => ModemError::Reset,
            Outcome::PortLost => ModemError::PortLost,
        })
    }

    /// Reads the first information line.
    pub(crate) fn parse<T: polysim_at::Line>(&self) -> Result<T, ModemError> {
        T::parse(self.first_line()).map_err(|_| ModemError::BadAnswer { command: T::NAME })
    }
}

/// A command in flight.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    accept: Accept,
    pub(super) is_call: bool,
    pub(super) phase: Phase,
    /// To know the echo again without keeping what was sent.
    print: (u32, u32),
    lines: Vec<u8>,
    overflowed: bool,
    /// The next line belongs to the one before.
    awaits_pdu: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Phase {
    Prompt(Box<(Vec<u8>, Duration)>),
    Final { submitted: bool },
}

impl Flight {
    pub(super) fn new(request: Request) -> (Vec<u8>, Self) {
        let phase = match request.data {
            Some(data) => Phase::Prompt(Box::new(data)),
            None => Phase::Final { submitted: false },
        };
        let flight = Self {
            accept: request.accept,
            is_call: request.is_call,
            phase,
            print: print(&request.line),
            lines: Vec::new(),
            overflowed: false,
            awaits_pdu: false,
        };
        (request.line, flight)
    }

    /// Takes the prompt: returns what is typed, and how long the final result may take.
    pub(super) fn prompted(&mut self) -> Option<(Vec<u8>, Duration)> {
        match core::mem::replace(&mut self.phase, Phase::Final { submitted: true }) {
            Phase::Prompt(data) => {
                self.print = print(&data.0);
                Some(*data)
            }
            Phase::Final { submitted } => {
                self.phase = Phase::Final { submitted };
                None
            }
        }
    }

    /// Whether a line repeats what was sent.
    pub(super) fn is_echo(&self, line: &[u8]) -> bool {
        print(line) == self.print
    }

    /// Takes a line that belongs to the answer.
    pub(super) fn takes(&mut self, line: &[u8]) -> bool {
        if matches!(self.phase, Phase::Prompt(_)) {
            // Nothing was submitted yet, so this is what a command before it has caused.
            return false;
        }
        let awaited = self.awaits_pdu && is_hex(line);
        if !awaited && !self.accept.takes(line, self.lines.is_empty()) {
            return false;
        }
        self.awaits_pdu = !awaited && matches!(self.accept, Accept::WithPdu(_));
        if self.lines.len().saturating_add(line.len()) >= ANSWER_LEN_MAX {
            self.overflow();
        }
        if !self.overflowed {
            self.lines.extend_from_slice(line);
            self.lines.push(b'\n');
        }
        true
    }

    /// Gives the lines up but goes on to the final result.
    pub(super) fn overflow(&mut self) {
        self.lines = Vec::new();
        self.overflowed = true;
    }

    /// Whether a good result now would lack its lines.
    pub(super) fn lacks_lines(&self) -> bool {
        self.accept.needs_line() && self.lines.is_empty() && !self.overflowed
    }

    pub(super) const fn submitted(&self) -> bool {
        matches!(self.phase, Phase::Final { submitted: true })
    }

    pub(super) fn answered(self, outcome: Outcome) -> Answer {
        let cut = self.overflowed && matches!(outcome, Outcome::Final(result) if result.is_ok());
        let outcome = if cut { Outcome::TooLong } else { outcome };
        Answer { outcome, submitted: self.submitted(), lines: self.lines }
    }
}

/// Length and hash (FNV-1a) of a line without its end.
fn print(line: &[u8]) -> (u32, u32) {
    let mut rest = line;
    while let [before @ .., b'\r' | CTRL_Z] = rest {
        rest = before;
    }
    let hash = rest
        .iter()
        .fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    (u32::try_from(rest.len()).unwrap_or(u32::MAX), hash)
}

/// Whether a line can be a PDU.
pub(super) fn is_hex(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(u8::is_ascii_hexdigit)
}
