//! Reading a command line (V.250, 5.2 to 5.4).

use thiserror::Error;

use super::{
    Basic, Command, Dial, Form, SRegister,
    other::{is_name_byte, is_prefix},
};
use crate::{ArgError, ArgProblem};

/// What is wrong with a command.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum CommandProblem {
    /// No basic command has this letter.
    #[error("there is no such basic command")]
    UnknownBasic,
    /// The number after a letter is above 255.
    #[error("the number is above 255")]
    NumberOutOfRange,
    /// Something stands where a command should begin or end.
    #[error("the syntax is wrong")]
    Syntax,
    /// The name of an extended command is malformed or too long.
    #[error("the name is malformed")]
    Name,
    /// An argument does not fit.
    #[error(transparent)]
    Argument(#[from] ArgError),
    /// What is to be dialled does not fit.
    #[error("what is to be dialled {0}")]
    Dial(ArgProblem),
}

/// A command that could not be read, and where it begins in the line.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("at {position}: {problem}")]
pub struct CommandError {
    /// Byte offset in the line.
    pub position: usize,
    /// What is wrong with it.
    pub problem: CommandProblem,
}

/// Makes an error whose position is set by [`Commands::next`].
pub(super) const fn unplaced(problem: CommandProblem) -> CommandError {
    CommandError { position: 0, problem }
}

/// The commands of one line, in order. After an error it ends: V.250 gives the rest up.
#[derive(Clone, Debug)]
pub struct Commands<'a> {
    line: &'a [u8],
    rest: &'a [u8],
    /// Nothing was given out yet: a line of just `AT` gives one [`Command::Attention`].
    fresh: bool,
}

/// Reads a command line without its end. Whatever stands before the first `AT` is ignored; a line
/// without `AT` has no commands and is not answered, see [`Commands::is_addressed`].
#[must_use]
pub fn parse_line(line: &[u8]) -> Commands<'_> {
    let rest = match line {
        [b'A' | b'a', b'T' | b't', rest @ ..] => Some(rest),
        _ => {
            let start = line.windows(2).position(|pair| pair.eq_ignore_ascii_case(b"AT"));
            start.and_then(|at| line.get(at + 2..))
        }
    };
    match rest {
        Some(rest) => Commands { line, rest, fresh: true },
        None => Commands { line, rest: &[], fresh: false },
    }
}

impl<'a> Commands<'a> {
    /// Before the first command is taken: whether the line begins with `AT` and is answered.
    #[must_use]
    pub const fn is_addressed(&self) -> bool {
        self.fresh
    }

    /// Whether no command is left.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.rest.is_empty() && !self.fresh
    }

    /// Returns what is left of the line, to be kept while a command takes its time; feed it to
    /// [`Commands::resume`].
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on with what [`Commands::rest`] gave.
    #[must_use]
    pub const fn resume(rest: &'a [u8]) -> Self {
        Self { line: rest, rest, fresh: false }
    }

    fn parse_next(&mut self, first: u8) -> Result<Command, CommandError> {
        let upper = first.to_ascii_uppercase();
        match upper {
            b'D' => self.parse_dial(),
            b'S' => self.parse_register(),
            b'&' => {
                self.advance(1);
                let letter = self.rest.first().ok_or(unplaced(CommandProblem::Syntax))?;
                self.parse_basic(true, letter.to_ascii_uppercase())
            }
            b'A'..=b'Z' => self.parse_basic(false, upper),
            _ if is_prefix(first) => self.parse_extended(),
            _ => Err(unplaced(CommandProblem::Syntax)),
        }
    }

    fn parse_basic(&mut self, ampersand: bool, letter: u8) -> Result<Command, CommandError> {
        let basic =
            Basic::from_code(ampersand, letter).ok_or(unplaced(CommandProblem::UnknownBasic))?;
        self.advance(1);
        Ok(Command::Basic(basic, self.parse_number()?))
    }

    fn parse_register(&mut self) -> Result<Command, CommandError> {
        self.advance(1);
        let register = self.parse_number()?.ok_or(unplaced(CommandProblem::Syntax))?;
        let form = match self.rest {
            [b'=', b'?', ..] => {
                self.advance(2);
                Form::Test
            }
            [b'?', ..] => {
                self.advance(1);
                Form::Read
            }
            [b'=', ..] => {
                self.advance(1);
                Form::Set(self.parse_number()?.unwrap_or(0))
            }
            _ => Form::Execute,
        };
        Ok(Command::Register(SRegister { register, form }))
    }

    fn parse_number(&mut self) -> Result<Option<u8>, CommandError> {
        let mut number = None;
        while let [digit @ b'0'..=b'9', ..] = self.rest {
            let value: u8 = number.unwrap_or(0);
            let value = value.checked_mul(10).and_then(|v| v.checked_add(digit - b'0'));
            number = Some(value.ok_or(unplaced(CommandProblem::NumberOutOfRange))?);
            self.advance(1);
        }
        Ok(number)
    }

    fn parse_dial(&mut self) -> Result<Command, CommandError> {
        self.advance(1);
        let (text, voice) = self.take_until_semicolon();
        Dial::parse(text, voice)
            .map(Command::Dial)
            .map_err(|problem| unplaced(CommandProblem::Dial(problem)))
    }

    fn parse_extended(&mut self) -> Result<Command, CommandError> {
        let tail = self.rest.get(1..).unwrap_or_default();
        let length = tail.iter().take_while(|b| is_name_byte(**b)).count();
        let (name, rest) =
            self.rest.split_at_checked(length + 1).ok_or(unplaced(CommandProblem::Name))?;
        self.rest = rest.trim_ascii_start();
        let form = match self.rest {
            [b'=', ..] => {
                self.advance(1);
                match self.take_until_semicolon().0.trim_ascii() {
                    b"?" => Form::Test,
                    list => Form::Set(list),
                }
            }
            [b'?', ..] => {
                self.advance(1);
                self.expect_end()?;
                Form::Read
            }
            _ => {
                self.expect_end()?;
                Form::Execute
            }
        };
        Command::from_parts(name, form)
    }

    /// Takes the separator after a command without arguments.
    fn expect_end(&mut self) -> Result<(), CommandError> {
        match self.rest.trim_ascii_start() {
            [] => self.rest = &[],
            [b';', rest @ ..] => self.rest = rest,
            _ => return Err(unplaced(CommandProblem::Syntax)),
        }
        Ok(())
    }

    /// Takes everything up to the first `;` outside quotes, and the `;` too; tells if it was there.
    fn take_until_semicolon(&mut self) -> (&'a [u8], bool) {
        let mut quoted = false;
        let end = self.rest.iter().position(|&b| {
            quoted ^= b == b'"';
            b == b';' && !quoted
        });
        match end.and_then(|end| self.rest.split_at_checked(end)) {
            Some((text, rest)) => {
                self.rest = rest.get(1..).unwrap_or_default();
                (text, true)
            }
            None => (core::mem::take(&mut self.rest), false),
        }
    }

    fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }
}

impl Iterator for Commands<'_> {
    type Item = Result<Command, CommandError>;

    fn next(&mut self) -> Option<Self::Item> {
        let fresh = core::mem::take(&mut self.fresh);
        // Between basic commands `;` separates nothing and is harmless.
        while let [b' ' | b';', rest @ ..] = self.rest {
            self.rest = rest;
        }
        let Some(&first) = self.rest.first() else {
            return fresh.then_some(Ok(Command::Attention));
        };
        let position = self.line.len() - self.rest.len();
        // Changed in place: moving a whole command shows in the profile.
        let mut parsed = self.parse_next(first);
        if let Err(error) = &mut parsed {
            error.position = position;
            self.rest = &[];
        }
        Some(parsed)
    }
}
