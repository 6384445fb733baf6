//! Access rules: the records of EF.ARR and what they come to (TS 102.221, 9.2).

use polysim_apdu::{
    AccessMode, AccessRule, AccessRules, Class, Condition, Header, Ins, KeyRef, Operation as Access,
};

use crate::security::{Key, Keys};

/// What a command does to a file, as far as access rules tell it apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Operation {
    Read,
    Update,
    Increase,
    Deactivate,
    Activate,
}

impl Operation {
    pub(crate) const ALL: [Self; 5] =
        [Self::Read, Self::Update, Self::Increase, Self::Deactivate, Self::Activate];

    const fn access(self) -> Access {
        match self {
            Self::Read => Access::Read,
            Self::Update => Access::Update,
            Self::Deactivate => Access::Deactivate,
            Self::Activate => Access::Activate,
            Self::Increase => {
                Access::Command(Header::new(Class::PROPRIETARY.byte(), Ins::Increase.byte(), 0, 0))
            }
        }
    }
}

/// The access rules of a file, worked out for every combination of keys: bit `keys` of an
/// operation's word tells whether it is allowed then.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RuleSet([u32; Operation::ALL.len()]);

impl RuleSet {
    /// Nothing is allowed.
    pub(crate) const NEVER: Self = Self([0; Operation::ALL.len()]);

    /// Works out a record of EF.ARR. A record that is no sequence of access rules allows nothing.
    pub(crate) fn compile(record: &[u8]) -> Self {
        let Ok(rules) = AccessRules::parse(record) else {
            return Self::NEVER;
        };
        let mut words = [0; Operation::ALL.len()];
        for (word, operation) in words.iter_mut().zip(Operation::ALL) {
            for keys in Keys::every() {
                let verified = |key| Key::of(key).is_some_and(|key| keys.has(key));
                if rules.allow(operation.access(), verified) {
                    *word |= 1 << keys.bits();
                }
            }
        }
        Self(words)
    }

    /// Tells whether an operation is allowed with these keys verified.
    #[inline]
    pub(crate) const fn allows(&self, operation: Operation, keys: Keys) -> bool {
        let Self([read, update, increase, deactivate, activate]) = self;
        let word = match operation {
            Operation::Read => *read,
            Operation::Update => *update,
            Operation::Increase => *increase,
            Operation::Deactivate => *deactivate,
            Operation::Activate => *activate,
        };
        word >> keys.bits() & 1 != 0
    }
}

/// Bytes of a record of our EF.ARR.
pub(crate) const ARR_RECORD_LEN: u8 = 46;

/// The rules in use, by their record number in EF.ARR: the same in EF.ARR under the MF and under
/// each application.
pub(crate) mod record {
    /// Read always, update PIN 1.
    pub(crate) const ALWAYS_PIN1: u8 = 1;
    /// Read always, update ADM.
    pub(crate) const ALWAYS_ADM: u8 = 2;
    /// Read always, update never.
    pub(crate) const ALWAYS_NEVER: u8 = 3;
    /// Read and update PIN 1.
    pub(crate) const PIN1_PIN1: u8 = 4;
    /// Read PIN 1, update ADM.
    pub(crate) const PIN1_ADM: u8 = 5;
    /// Read PIN 1, update PIN 2.
    pub(crate) const PIN1_PIN2: u8 = 6;
    /// Read and increase PIN 1, update PIN 2.
    pub(crate) const COUNTER: u8 = 7;
    /// Read, update and (de)activate PIN 1 or ADM.
    pub(crate) const DIALLING: u8 = 8;
    /// A directory: made and deleted by ADM.
    pub(crate) const DIRECTORY: u8 = 15;
    /// How many records there are.
    pub(crate) const COUNT: u8 = 15;
}

/// Bits of the access mode of an EF (TS 102.221, table 9.1).
const READ: u8 = 0x01;
const UPDATE: u8 = 0x02;
const DEACTIVATE: u8 = 0x08;
const ACTIVATE: u8 = 0x10;
/// Bits of the access mode of a DF (TS 102.221, table 9.2): delete itself, create DF and EF,
/// delete a child.
const DIRECTORY: u8 = 0x47;

/// Returns a record of EF.ARR without its padding; empty for an unused one.
pub(crate) fn arr_record(number: u8) -> Vec<u8> {
    let pin1 = || Condition::verified(KeyRef::PIN1);
    let pin2 = || Condition::verified(KeyRef::PIN2);
    let adm = || Condition::verified(KeyRef::ADM1);
    let manage = DEACTIVATE | ACTIVATE;
    let rules = match number {
        record::ALWAYS_PIN1 => {
            vec![(READ, Condition::Always), (UPDATE, pin1()), (manage, adm())]
        }
        record::ALWAYS_ADM => vec![(READ, Condition::Always), (UPDATE | manage, adm())],
        record::ALWAYS_NEVER => {
            vec![(READ, Condition::Always), (UPDATE | manage, Condition::Never)]
        }
        record::PIN1_PIN1 => vec![(READ | UPDATE, pin1()), (manage, adm())],
        record::PIN1_ADM => vec![(READ, pin1()), (UPDATE | manage, adm())],
        record::PIN1_PIN2 | record::COUNTER => {
            vec![(READ, pin1()), (UPDATE, pin2()), (manage, adm())]
        }
        record::DIALLING => {
            vec![(READ, pin1()), (UPDATE | manage, Condition::Any(vec![pin2(), adm()]))]
        }
        record::DIRECTORY => vec![(DIRECTORY, adm())],
        _ => Vec::new(),
    };
    let mut rules: Vec<AccessRule> = rules
        .into_iter()
        .map(|(bits, condition)| AccessRule {
            mode: AccessMode::Bits(bits),
            conditions: vec![condition],
        })
        .collect();
    if number == record::COUNTER {
        let mode = AccessMode::instruction(Ins::Increase);
        rules.push(AccessRule { mode, conditions: vec![pin1()] });
    }
    let mut out = Vec::new();
    AccessRules { rules }.emit(&mut out);
    out
}
