//! Which EF a command means, and whether it may.

use polysim_apdu::{Channel, FileRef, Status};

use crate::card::Card;
use crate::security::Keys;
use crate::template::{Ef, FileIndex, Operation, RuleSet, Structure};

/// The EF of a command, allowed to it.
pub(super) struct Target {
    pub(super) ef: Ef,
}

impl Card {
    /// Finds the EF of a command and checks it against structure, life cycle and access rules, in
    /// this order. An EF named by its SFI becomes the current one.
    pub(super) fn target(
        &mut self,
        channel: Channel,
        file: FileRef,
        fits: impl FnOnce(Structure) -> bool,
        operation: Operation,
    ) -> Result<Target, Status> {
        let template = self.contents.profile.template();
        let selection = *self.selection(channel)?;
        let index = match file {
            FileRef::Current => selection.ef.some().ok_or(Status::NoCurrentEf)?,
            FileRef::Sfi(sfi) => {
                let index = template.by_sfi(selection.df, sfi).ok_or(Status::FileNotFound)?;
                self.selection_mut(channel)?.set_ef(selection.df, index);
                index
            }
        };
        let template = self.contents.profile.template();
        let ef = *template.ef(index).ok_or(Status::NoCurrentEf)?;
        if !fits(ef.structure) {
            return Err(Status::IncompatibleFileStructure);
        }
        if self.contents.store.is_deactivated(ef.body) {
            return Err(Status::ReferenceDataInvalidated);
        }
        self.allow(index, operation)?;
        Ok(Target { ef })
    }

    /// Checks an operation against the access rules of a file and the PINs verified.
    #[inline]
    pub(super) fn allow(&self, index: FileIndex, operation: Operation) -> Result<(), Status> {
        let keys = self.contents.pins.satisfied();
        let template = self.contents.profile.template();
        let allowed = if self.contents.rules_changed {
            self.allows_by_record(index, operation, keys)
        } else {
            template.rules(template.file(index)).allows(operation, keys)
        };
        if allowed { Ok(()) } else { Err(Status::SecurityNotSatisfied) }
    }

    /// Evaluates the access rules as EF.ARR has them now.
    fn allows_by_record(&self, index: FileIndex, operation: Operation, keys: Keys) -> bool {
        let template = self.contents.profile.template();
        let file = template.file(index);
        let Some(rules) = template.ef(file.arr) else {
            return false;
        };
        let mut record = Vec::new();
        let whole = (0, usize::from(rules.record_len));
        self.contents.store.read(template, rules, file.arr_record, whole, &mut record);
        RuleSet::compile(&record).allows(operation, keys)
    }

    /// Notes that access rules may have changed if this is an EF.ARR.
    pub(crate) fn note_write(&mut self, body: FileIndex) {
        if matches!(self.contents.profile.template().file(body).fid, 0x2F06 | 0x6F06) {
            self.contents.rules_changed = true;
        }
    }
}
