//! Access rules in expanded format: the records of EF.ARR (TS 102.221, 9.2.7 and 13.4;
//! ISO 7816-4, 9.3.3).

mod condition;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use polysim_base::tlv::{BerReader, TlvError, put_ber};

use crate::{Header, KeyRef};
pub use condition::{CONDITION_DEPTH_MAX, Condition, PIN_USAGE};

/// Why bytes are no access rules.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// No data objects.
    #[error("access rules: {0}")]
    Tlv(#[from] TlvError),
    /// A security condition before any access mode.
    #[error("access rules: condition {tag:X} without an access mode")]
    NoMode {
        /// Tag of the condition.
        tag: u32,
    },
    /// A value of an impossible length.
    #[error("access rules: object {tag:X} of {len} bytes")]
    Length {
        /// Tag of the object.
        tag: u32,
        /// Its length.
        len: usize,
    },
    /// An object that is neither an access mode nor a condition we know.
    #[error("access rules: object {tag:X} is not known")]
    Tag {
        /// The tag.
        tag: u32,
    },
    /// Conditions inside conditions beyond [`CONDITION_DEPTH_MAX`].
    #[error("access rules: conditions nested deeper than {limit}")]
    Depth {
        /// The limit.
        limit: usize,
    },
}

/// What somebody wants to do with a file.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Operation {
    /// Read or search an EF.
    Read,
    /// Update or erase an EF.
    Update,
    /// Write or append to an EF.
    Append,
    /// Deactivate the file.
    Deactivate,
    /// Activate the file.
    Activate,
    /// Terminate the file.
    Terminate,
    /// Delete the file itself.
    Delete,
    /// Delete a file below a DF.
    DeleteChild,
    /// Create an EF below a DF.
    CreateEf,
    /// Create a DF below a DF.
    CreateDf,
    /// A command that no bit stands for, by its header: INCREASE, RESIZE FILE.
    Command(Header),
}

impl Operation {
    /// Returns its bit in an access mode byte (TS 102.221, tables 9.1 and 9.2), if it has one.
    #[must_use]
    pub const fn bit(self) -> Option<u8> {
        match self {
            Self::Read | Self::DeleteChild => Some(0x01),
            Self::Update | Self::CreateEf => Some(0x02),
            Self::Append | Self::CreateDf => Some(0x04),
            Self::Deactivate => Some(0x08),
            Self::Activate => Some(0x10),
            Self::Terminate => Some(0x20),
            Self::Delete => Some(0x40),
            Self::Command(_) => None,
        }
    }
}

/// Access rules of a file.
///
/// ```
/// use polysim_apdu::{AccessRules, KeyRef, Operation};
/// let record = [0x80, 1, 1, 0x90, 0, 0x80, 1, 2, 0xA4, 6, 0x83, 1, 0x0A, 0x95, 1, 8, 0xFF];
/// let rules = AccessRules::parse(&record).unwrap();
/// assert!(rules.allow(Operation::Read, |_| false));
/// assert!(!rules.allow(Operation::Update, |_| false));
/// assert!(rules.allow(Operation::Update, |key| key == KeyRef::ADM1));
/// assert!(!rules.allow(Operation::Delete, |_| true));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AccessRules {
    /// The rules in order.
    pub rules: Vec<AccessRule>,
}

/// One rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccessRule {
    /// What it is about.
    pub mode: AccessMode,
    /// One of these must hold; none means never.
    pub conditions: Vec<Condition>,
}

/// What a rule is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AccessMode {
    /// `80`: the operations of the bits set.
    Bits(u8),
    /// `81` to `8F`: commands by parts of their headers.
    Commands {
        /// Low four bits of the tag: CLA, INS, P1, P2 from the highest to the lowest.
        parts: u8,
        /// The parts of one command after another.
        values: Vec<u8>,
    },
}

impl AccessRules {
    /// Reads a record of EF.ARR, or the object `AB`; filler bytes are passed over.
    ///
    /// # Errors
    /// [`AccessError`].
    pub fn parse(record: &[u8]) -> Result<Self, AccessError> {
        let mut rules: Vec<AccessRule> = Vec::new();
        for object in BerReader::new(record) {
            let object = object?;
            if let Some(mode) = AccessMode::of_object(object.tag, object.value)? {
                rules.push(AccessRule { mode, conditions: Vec::new() });
                continue;
            }
            let rule = rules.last_mut().ok_or(AccessError::NoMode { tag: object.tag })?;
            rule.conditions.push(Condition::of_object(object, 0)?);
        }
        Ok(Self { rules })
    }

    /// Appends the record without filler.
    pub fn emit(&self, out: &mut Vec<u8>) {
        for rule in &self.rules {
            rule.mode.emit(out);
            rule.conditions.iter().for_each(|condition| condition.emit(out));
        }
    }

    /// Tells whether the operation is allowed while the keys are verified that `verified` says
    /// are. What no rule names is never allowed.
    pub fn allow(&self, operation: Operation, verified: impl Fn(KeyRef) -> bool) -> bool {
        self.rules
            .iter()
            .filter(|rule| rule.mode.covers(operation))
            .flat_map(|rule| &rule.conditions)
            .any(|condition| condition.holds(&verified))
    }
}

impl AccessMode {
    fn of_object(tag: u32, value: &[u8]) -> Result<Option<Self>, AccessError> {
        let wrong = AccessError::Length { tag, len: value.len() };
        match (tag, value) {
            (0x80, [bits]) => Ok(Some(Self::Bits(*bits))),
            (0x80, _) => Err(wrong),
            (0x81..=0x8F, _) => {
                let [.., low] = tag.to_be_bytes();
                let parts = low & 0x0F;
                let size = parts.count_ones() as usize;
                if value.is_empty() || !value.len().is_multiple_of(size) {
                    return Err(wrong);
                }
                Ok(Some(Self::Commands { parts, values: value.to_vec() }))
            }
            _ => Ok(None),
        }
    }

    /// Returns the mode of one instruction, whatever its other parts.
    #[must_use]
    pub fn instruction(ins: crate::Ins) -> Self {
        Self::Commands { parts: 0x04, values: alloc::vec![ins.byte()] }
    }

    fn covers(&self, operation: Operation) -> bool {
        match (self, operation) {
            (Self::Bits(bits), _) => operation.bit().is_some_and(|bit| {
                // With bit 8 set, bits 7 to 4 are proprietary.
                let standard = if bits & 0x80 == 0 { 0x7F } else { 0x07 };
                bits & standard & bit != 0
            }),
            (Self::Commands { parts, values }, Operation::Command(header)) => {
                let bytes = header.bytes();
                let wanted = [0x08, 0x04, 0x02, 0x01].into_iter().zip(bytes);
                let size = parts.count_ones() as usize;
                values.chunks_exact(size.max(1)).any(|command| {
                    let wanted = wanted.clone().filter(|(bit, _)| parts & bit != 0);
                    wanted.map(|(_, byte)| byte).eq(command.iter().copied())
                })
            }
            (Self::Commands { .. }, _) => false,
        }
    }

    fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bits(bits) => out.extend_from_slice(&[0x80, 1, *bits]),
            Self::Commands { parts, values } => {
                put_ber(out, u32::from(0x80 | (parts & 0x0F)), values);
            }
        }
    }
}
