//! The access rules that the templates refer to by the numbers of their records.

use alloc::{vec, vec::Vec};

use polysim_apdu::{AccessMode, AccessRule, AccessRules, Condition, Ins, KeyRef};

/// Bits of the access mode of a file (TS 102.221, 9.2.2 and 9.2.3): of an EF, and of a directory
/// where they mean something else.
const READ: u8 = 0x01;
const UPDATE: u8 = 0x02;
const DEACTIVATE: u8 = 0x08;
const ACTIVATE: u8 = 0x10;
const DELETE: u8 = 0x40;
const CREATE_EF: u8 = 0x02;
const CREATE_DF: u8 = 0x04;

/// Octets of a record of EF.ARR.
pub(super) const RECORD_LEN: u16 = 40;
/// How many records there are.
pub(super) const RECORDS: u8 = 14;

/// Returns all records of EF.ARR, each filled up.
pub(super) fn records() -> Vec<u8> {
    let mut out = Vec::new();
    for number in 1..=RECORDS {
        let start = out.len();
        record(number).emit(&mut out);
        out.resize(start + usize::from(RECORD_LEN), 0xFF);
    }
    out
}

/// Returns one record.
fn record(number: u8) -> AccessRules {
    let pin1 = || Some(KeyRef::PIN1);
    let (always, adm) = (None, Some(KeyRef::ADM1));
    let pin2 = Some(KeyRef::PIN2);
    let manage = ACTIVATE | DEACTIVATE | DELETE;
    let mut rules = match number {
        1 => vec![rule(READ, always), rule(UPDATE, pin1()), rule(manage, adm)],
        2 => vec![rule(READ, pin1()), rule(UPDATE | manage, adm)],
        3 => vec![rule(READ | UPDATE | manage, adm)],
        4 => vec![rule(READ, always), never(UPDATE | ACTIVATE | DEACTIVATE), rule(DELETE, adm)],
        5 | 7 => vec![rule(READ | UPDATE, pin1()), rule(manage, adm)],
        6 => vec![rule(READ | ACTIVATE, pin1()), rule(UPDATE | DEACTIVATE | DELETE, adm)],
        8 => vec![rule(READ, pin1()), rule(UPDATE, pin2), rule(manage, adm)],
        9 => vec![
            rule(READ, always),
            rule(UPDATE | ACTIVATE | DEACTIVATE, pin1()),
            rule(DELETE, adm),
        ],
        10 => vec![rule(READ, always), rule(UPDATE | manage, adm)],
        11 => vec![rule(READ, always), rule(ACTIVATE | DEACTIVATE, adm), never(DELETE | UPDATE)],
        12 => vec![rule(READ, pin1()), never(UPDATE | manage)],
        13 => vec![rule(READ | UPDATE | ACTIVATE, pin1()), rule(DEACTIVATE | DELETE, adm)],
        _ => vec![rule(DELETE | ACTIVATE | DEACTIVATE | CREATE_DF | CREATE_EF, adm)],
    };
    if number == 7 {
        let mode = AccessMode::instruction(Ins::Increase);
        rules.push(AccessRule { mode, conditions: vec![Condition::verified(KeyRef::PIN1)] });
    }
    AccessRules { rules }
}

fn rule(bits: u8, key: Option<KeyRef>) -> AccessRule {
    let condition = key.map_or(Condition::Always, Condition::verified);
    AccessRule { mode: AccessMode::Bits(bits), conditions: vec![condition] }
}

fn never(bits: u8) -> AccessRule {
    AccessRule { mode: AccessMode::Bits(bits), conditions: vec![Condition::Never] }
}
