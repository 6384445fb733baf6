//! The card as a 2G SIM: class `A0` (TS 51.011, 9).

#[cfg(test)]
mod tests;

use polysim_apdu::{
    Channel, ChvState, FileId, KeyRef, Select, SimDf, SimEf, SimResponse, SimStructure, Status,
};

use crate::card::{Answer, Card};
use crate::security::{Key, Keys};
use crate::template::{FileIndex, Kind, Operation, RuleSet, Structure};

/// Clock stop allowed, 3 V and 1.8 V (TS 51.011, 9.2.1).
const CHARACTERISTICS: u8 = 0x13;
/// CHV 1, CHV 2, their unblock values, ADM.
const CODES: u8 = 5;

/// Returns what a 2G SIM says where a UICC says this (TS 51.011, 9.4).
#[expect(clippy::wildcard_enum_match_arm, reason = "all others mean the same in class A0")]
pub(crate) fn status(status: Status) -> Status {
    match status {
        Status::NoCurrentEf => Status::SimNoEfSelected,
        Status::FileNotFound | Status::EndOfFile => Status::SimNotFound,
        Status::RecordNotFound => Status::SimOutOfRange,
        Status::IncompatibleFileStructure => Status::SimInconsistentFile,
        Status::SecurityNotSatisfied | Status::TriesLeft(_) => Status::SimAccessNotFulfilled,
        Status::AuthenticationBlocked => Status::SimBlocked,
        Status::ReferenceDataNotFound => Status::SimNoChv,
        Status::ConditionsNotSatisfied => Status::SimChvContradiction,
        Status::ReferenceDataInvalidated => Status::SimInvalidationContradiction,
        other => other,
    }
}

impl Card {
    /// SELECT by file identifier, answered in the form of TS 51.011, 9.2.1.
    pub(crate) fn sim_select(&mut self, select: &Select<'_>, out: &mut Vec<u8>) -> Answer {
        let index = self.sim_find(select)?;
        let selection = *self.selection(Channel::BASIC)?;
        *self.selection_mut(Channel::BASIC)? = self.selected(selection, index);
        self.append_sim_response(index, out);
        Ok(Status::Success)
    }

    /// STATUS: the current directory.
    pub(crate) fn sim_status(&self, out: &mut Vec<u8>) -> Answer {
        self.append_sim_response(self.selection(Channel::BASIC)?.df, out);
        Ok(Status::Success)
    }

    fn append_sim_response(&self, index: FileIndex, out: &mut Vec<u8>) {
        let template = self.contents.profile.template();
        let file = template.file(index);
        let response = match file.kind {
            Kind::Ef(ef) => SimResponse::Ef(SimEf {
                size: u16::try_from(ef.size()).unwrap_or(u16::MAX),
                file: FileId(file.fid),
                increase: ef.structure == Structure::Cyclic,
                access: access(template.rules(file)),
                status: u8::from(!self.is_deactivated(index)),
                structure: structure(ef.structure, ef.record_len),
            }),
            Kind::Df { .. } => {
                let (df_count, ef_count) = template.child_counts(index);
                SimResponse::Df(SimDf {
                    free_memory: 0,
                    file: FileId(file.fid),
                    characteristics: self.characteristics(),
                    df_count,
                    ef_count,
                    code_count: CODES,
                    codes: self.codes(),
                })
            }
        };
        response.emit(out);
    }

    fn characteristics(&self) -> u8 {
        let disabled = !self.contents.pins.enabled().has(Key::Pin1);
        CHARACTERISTICS | if disabled { 0x80 } else { 0x00 }
    }

    /// CHV 1, its unblock value, CHV 2, its unblock value.
    fn codes(&self) -> [ChvState; 4] {
        let state = |tries| ChvState { initialised: true, tries };
        let tries = |key| match self.contents.pins.status(key) {
            Some(pin) => [state(pin.tries), state(pin.puk_tries)],
            None => [ChvState::default(); 2],
        };
        let ([pin1, puk1], [pin2, puk2]) = (tries(KeyRef::PIN1), tries(KeyRef::PIN2));
        [pin1, puk1, pin2, puk2]
    }
}

fn structure(structure: Structure, record_len: u16) -> SimStructure {
    let record_len = u8::try_from(record_len).unwrap_or(u8::MAX);
    match structure {
        Structure::Transparent => SimStructure::Transparent,
        Structure::LinearFixed => SimStructure::LinearFixed { record_len },
        Structure::Cyclic => SimStructure::Cyclic { record_len },
    }
}

/// Access conditions as nibbles: read, update; increase; rehabilitate, invalidate
/// (TS 51.011, 9.3): 0 always, 1 CHV 1, 2 CHV 2, 4 ADM, F never.
fn access(rules: &RuleSet) -> [u8; 3] {
    let level = |operation| {
        let with = |key| rules.allows(operation, Keys::NONE.with(key));
        if rules.allows(operation, Keys::NONE) {
            0x0
        } else if with(Key::Pin1) {
            0x1
        } else if with(Key::Pin2) {
            0x2
        } else if with(Key::Adm1) || with(Key::Adm2) {
            0x4
        } else {
            0xF
        }
    };
    [
        level(Operation::Read) << 4 | level(Operation::Update),
        level(Operation::Increase) << 4 | 0xF,
        level(Operation::Activate) << 4 | level(Operation::Deactivate),
    ]
}
