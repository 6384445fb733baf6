//! The expanded format: commands as BER-TLV objects (TS 102.226, 5.2.1).

use alloc::vec::Vec;
use core::fmt;

use polysim_apdu::CommandApdu;
use polysim_base::tlv::{Ber, put_ber};

use super::template::Template;
use super::{LengthCoding, ScriptError};

const SCRIPT: Template = Template { definite: 0xAA, indefinite: 0xAE };

/// Tags of TS 101.220, table 7.19.
const C_APDU: u32 = 0x22;
const IMMEDIATE_ACTION: u32 = 0x81;
const ERROR_ACTION: u32 = 0x82;
const SCRIPT_CHAINING: u32 = 0x83;

/// A script in the expanded format.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExpandedScript {
    /// How its length is written.
    pub coding: LengthCoding,
    /// Whether it is one of a chain.
    pub chaining: Option<Chaining>,
    /// What it does, in order.
    pub steps: Vec<Step>,
}

/// Where a script stands in a chain (TS 102.226, 5.2.1.4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Chaining {
    /// The first; a reset of the card ends the chain.
    First,
    /// The first; the chain outlives a reset of the card.
    FirstAcrossReset,
    /// One in the middle.
    Middle,
    /// The last.
    Last,
}

/// One thing a script does.
#[derive(Clone, Eq, PartialEq)]
pub enum Step {
    /// Carries out a command: the octets of a C-APDU, shown as its header, for its data may be
    /// confidential.
    Command(Vec<u8>),
    /// Does something with the terminal, before going on (TS 102.226, 5.2.1.2).
    Immediate(Action),
    /// Decides what is done when a command behind it fails (TS 102.226, 5.2.1.3).
    OnError(ErrorAction),
}

/// A record of `EF_RMA`, which holds proactive commands: 1 to 127.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ActionRecord(u8);

/// A proactive command as COMPREHENSION-TLV objects: two octets or more, for one octet has other
/// meanings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ActionCommand(Vec<u8>);

/// What is done at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// Carries out the proactive command in this record.
    Record(ActionRecord),
    /// Begins a proactive session.
    ProactiveSession,
    /// Answers early: what follows answers nothing.
    EarlyResponse,
    /// Carries out this proactive command.
    Proactive(ActionCommand),
}

/// What is done when a command fails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ErrorAction {
    /// Nothing.
    None,
    /// Carries out the proactive command in this record.
    Record(ActionRecord),
    /// Carries out this proactive command.
    Proactive(ActionCommand),
}

impl ExpandedScript {
    /// Returns a script of these commands, each with its Le, if it has one.
    #[must_use]
    pub fn of_commands<'c, 'a: 'c>(
        commands: impl IntoIterator<Item = &'c CommandApdu<'a>>,
    ) -> Self {
        let steps = commands.into_iter().map(|command| Step::Command(command.to_vec())).collect();
        Self { steps, ..Self::default() }
    }

    /// Reads the octets.
    ///
    /// # Errors
    /// [`ScriptError`] with the position; a card answers with [`ScriptError::bad_format`].
    pub fn parse(octets: &[u8]) -> Result<Self, ScriptError> {
        let (coding, objects) = SCRIPT.open(octets)?;
        let (mut chaining, mut steps) = (None, Vec::new());
        for object in objects {
            let (at, Ber { tag, value }) = object?;
            let reserved = || ScriptError::Value { at, tag };
            steps.push(match tag {
                C_APDU => {
                    CommandApdu::parse(value).map_err(|error| ScriptError::Apdu { at, error })?;
                    Step::Command(value.to_vec())
                }
                IMMEDIATE_ACTION => Step::Immediate(Action::parse(value).ok_or_else(reserved)?),
                ERROR_ACTION => Step::OnError(ErrorAction::parse(value).ok_or_else(reserved)?),
                // It stands in front of everything else, once.
                SCRIPT_CHAINING if chaining.is_none() && steps.is_empty() => {
                    chaining = Some(Chaining::parse(value).ok_or_else(reserved)?);
                    continue;
                }
                _ => return Err(ScriptError::Tag { at, tag }),
            });
        }
        Ok(Self { coding, chaining, steps })
    }

    /// Returns the octets: the secured data of a command.
    #[must_use]
    pub fn octets(&self) -> Vec<u8> {
        let mut objects = Vec::new();
        if let Some(chaining) = self.chaining {
            put_ber(&mut objects, SCRIPT_CHAINING, &[chaining.octet()]);
        }
        for step in &self.steps {
            match step {
                Step::Command(command) => put_ber(&mut objects, C_APDU, command),
                Step::Immediate(action) => action.put(&mut objects),
                Step::OnError(action) => action.put(&mut objects),
            }
        }
        SCRIPT.close(self.coding, &objects)
    }
}

impl Chaining {
    const fn parse(value: &[u8]) -> Option<Self> {
        Some(match value {
            [0x01] => Self::First,
            [0x11] => Self::FirstAcrossReset,
            [0x02] => Self::Middle,
            [0x03] => Self::Last,
            _ => return None,
        })
    }

    const fn octet(self) -> u8 {
        match self {
            Self::First => 0x01,
            Self::FirstAcrossReset => 0x11,
            Self::Middle => 0x02,
            Self::Last => 0x03,
        }
    }
}

impl ActionRecord {
    /// Makes a record number; `None` for 0 and above 127.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=0x7F) { Some(Self(number)) } else { None }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl ActionCommand {
    /// Makes a command of its octets; `None` for fewer than two.
    #[must_use]
    pub fn new(octets: Vec<u8>) -> Option<Self> {
        (octets.len() >= 2).then_some(Self(octets))
    }

    /// Returns the octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl Action {
    fn parse(value: &[u8]) -> Option<Self> {
        Some(match value {
            [record @ 0x01..=0x7F] => Self::Record(ActionRecord(*record)),
            [0x81] => Self::ProactiveSession,
            [0x82] => Self::EarlyResponse,
            [] | [_] => return None,
            command => Self::Proactive(ActionCommand(command.to_vec())),
        })
    }

    fn put(&self, out: &mut Vec<u8>) {
        let value = match self {
            Self::Record(ActionRecord(record)) => core::slice::from_ref(record),
            Self::ProactiveSession => &[0x81],
            Self::EarlyResponse => &[0x82],
            Self::Proactive(ActionCommand(command)) => command,
        };
        put_ber(out, IMMEDIATE_ACTION, value);
    }
}

impl ErrorAction {
    fn parse(value: &[u8]) -> Option<Self> {
        Some(match value {
            [] => Self::None,
            [record @ 0x01..=0x7F] => Self::Record(ActionRecord(*record)),
            [_] => return None,
            command => Self::Proactive(ActionCommand(command.to_vec())),
        })
    }

    fn put(&self, out: &mut Vec<u8>) {
        let value = match self {
            Self::None => &[],
            Self::Record(ActionRecord(record)) => core::slice::from_ref(record),
            Self::Proactive(ActionCommand(command)) => command,
        };
        put_ber(out, ERROR_ACTION, value);
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(command) => {
                let header = command.get(..4).unwrap_or(command);
                write!(f, "Command({}.., {} octets)", polysim_base::Hex(header), command.len())
            }
            Self::Immediate(action) => write!(f, "Immediate({action:?})"),
            Self::OnError(action) => write!(f, "OnError({action:?})"),
        }
    }
}
