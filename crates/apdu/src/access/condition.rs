//! Security conditions (TS 102.221, 9.2.7; ISO 7816-4, table 33).

use alloc::vec::Vec;

use polysim_base::tlv::{Ber, BerReader, put_ber};

use super::AccessError;
use crate::KeyRef;

/// Most conditions inside one another.
pub const CONDITION_DEPTH_MAX: usize = 4;
/// The usage qualifier of a PIN: user authentication by knowledge.
pub const PIN_USAGE: u8 = 0x08;

/// What must hold for an operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Condition {
    /// `90`: always.
    Always,
    /// `97`: never.
    Never,
    /// `9E`: a security condition byte; 00 always, FF never, others are not met here.
    Byte(u8),
    /// `A4`: a key is verified.
    Verified {
        /// Which.
        key: KeyRef,
        /// Usage qualifier, [`PIN_USAGE`] for a PIN.
        usage: Option<u8>,
    },
    /// `A0`: one of these.
    Any(Vec<Self>),
    /// `AF`: all of these.
    All(Vec<Self>),
    /// `A7`: none of these.
    Not(Vec<Self>),
}

impl Condition {
    /// The condition that a PIN or administrative key is verified.
    #[must_use]
    pub const fn verified(key: KeyRef) -> Self {
        Self::Verified { key, usage: Some(PIN_USAGE) }
    }

    pub(super) fn of_object(object: Ber<'_>, depth: usize) -> Result<Self, AccessError> {
        if depth > CONDITION_DEPTH_MAX {
            return Err(AccessError::Depth { limit: CONDITION_DEPTH_MAX });
        }
        let inner = || {
            object
                .children()
                .map(|child| Self::of_object(child?, depth + 1))
                .collect::<Result<Vec<_>, _>>()
        };
        let wrong = AccessError::Length { tag: object.tag, len: object.value.len() };
        match (object.tag, object.value) {
            (0x90, []) => Ok(Self::Always),
            (0x97, []) => Ok(Self::Never),
            (0x9E, [byte]) => Ok(Self::Byte(*byte)),
            (0xA4, value) => Self::of_template(value)?.ok_or(wrong),
            (0xA0, _) => Ok(Self::Any(inner()?)),
            (0xAF, _) => Ok(Self::All(inner()?)),
            (0xA7, _) => Ok(Self::Not(inner()?)),
            (0x90 | 0x97 | 0x9E, _) => Err(wrong),
            (tag, _) => Err(AccessError::Tag { tag }),
        }
    }

    /// Reads a control reference template; `None` if it names no key.
    fn of_template(value: &[u8]) -> Result<Option<Self>, AccessError> {
        let (mut key, mut usage) = (None, None);
        for object in BerReader::new(value) {
            let object = object?;
            match (object.tag, object.value) {
                (0x83, [reference]) => key = Some(KeyRef(*reference)),
                (0x95, [qualifier]) => usage = Some(*qualifier),
                (tag @ (0x83 | 0x95), value) => {
                    return Err(AccessError::Length { tag, len: value.len() });
                }
                (tag, _) => return Err(AccessError::Tag { tag }),
            }
        }
        Ok(key.map(|key| Self::Verified { key, usage }))
    }

    /// Appends the object.
    pub fn emit(&self, out: &mut Vec<u8>) {
        match self {
            Self::Always => out.extend_from_slice(&[0x90, 0]),
            Self::Never => out.extend_from_slice(&[0x97, 0]),
            Self::Byte(byte) => out.extend_from_slice(&[0x9E, 1, *byte]),
            Self::Verified { key, usage } => {
                let len = if usage.is_some() { 6 } else { 3 };
                out.extend_from_slice(&[0xA4, len, 0x83, 1, key.0]);
                out.extend(usage.iter().flat_map(|usage| [0x95, 1, *usage]));
            }
            Self::Any(conditions) => emit_template(0xA0, conditions, out),
            Self::All(conditions) => emit_template(0xAF, conditions, out),
            Self::Not(conditions) => emit_template(0xA7, conditions, out),
        }
    }

    /// Tells whether the condition holds while `verified` says which keys are verified.
    pub fn holds(&self, verified: &impl Fn(KeyRef) -> bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Byte(byte) => *byte == 0x00,
            Self::Verified { key, .. } => verified(*key),
            Self::Any(conditions) => conditions.iter().any(|inner| inner.holds(verified)),
            Self::All(conditions) => conditions.iter().all(|inner| inner.holds(verified)),
            Self::Not(conditions) => !conditions.iter().any(|inner| inner.holds(verified)),
        }
    }
}

fn emit_template(tag: u32, conditions: &[Condition], out: &mut Vec<u8>) {
    let mut value = Vec::new();
    conditions.iter().for_each(|condition| condition.emit(&mut value));
    put_ber(out, tag, &value);
}
