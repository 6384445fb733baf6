//! Transactions of the applet: files past all access rules and the choice of the subscription
//! keys, all of it or nothing.

use polysim_aka::Algorithm;
use polysim_apdu::{Ins, Status};
use polysim_issuance::applet::Transaction;
use polysim_issuance::{FileWrite, KeyChoice, KeyIndex, Place, SubscriptionKey};

use crate::card::Card;
use crate::fault::FaultEffect;
use crate::template::{Ef, Structure};

/// A write whose place was found.
struct Write {
    ef: Ef,
    record: u8,
    offset: usize,
    data: Vec<u8>,
}

/// A key whose place was found.
enum Choice {
    Preloaded(u8),
    Carried(Algorithm),
}

impl Card {
    /// Carries a transaction out. Nothing of it happens where something cannot.
    pub(super) fn commit(&mut self, transaction: Transaction) -> Result<(), Status> {
        let mut writes = Vec::with_capacity(transaction.files.len());
        for write in transaction.files {
            writes.extend(self.place(write)?);
        }
        let choice = transaction.key.map(|key| self.choice(key)).transpose()?;
        let cut = match self.fault_effect(Some(Ins::UpdateBinary)) {
            Some(FaultEffect::Answer(status)) => return Err(status),
            Some(FaultEffect::PowerLoss(written)) => Some(written),
            None | Some(FaultEffect::Mute | FaultEffect::PowerFor(_)) => None,
        };
        if cut != Some(false) {
            self.step()?;
            self.apply(writes, choice);
        }
        if cut.is_some() {
            self.lose_power();
        }
        Ok(())
    }

    fn apply(&mut self, writes: Vec<Write>, choice: Option<Choice>) {
        let template = self.contents.profile.template();
        for Write { ef, record, offset, data } in &writes {
            let stored = self.contents.store.stored_record(ef, *record);
            self.contents.store.write(template, ef, stored, *offset, data);
        }
        for write in &writes {
            self.note_write(write.ef.body);
        }
        let host = self.rare.as_mut().and_then(|rare| rare.host.as_mut());
        if let (Some(host), Some(choice)) = (host, choice) {
            match choice {
                Choice::Preloaded(index) => {
                    host.keys.choose(index, &mut self.contents.subscription);
                }
                Choice::Carried(keys) => host.keys.carry(keys, &mut self.contents.subscription),
            }
        }
    }

    /// Finds the place of a write; none where the card does not have the file.
    fn place(&self, write: FileWrite) -> Result<Option<Write>, Status> {
        let template = self.contents.profile.template();
        let Some(ef) = template.by_full_path(&write.path).and_then(|file| template.ef(file)) else {
            return Ok(None);
        };
        let transparent = ef.structure == Structure::Transparent;
        let (record, offset) = match write.place {
            Place::Offset(offset) if transparent => (1, usize::from(offset)),
            Place::Record(record) if !transparent && (1..=ef.records).contains(&record) => {
                (record, 0)
            }
            Place::Offset(_) | Place::Record(_) => return Err(Status::IncompatibleFileStructure),
        };
        let (mut data, len) = (write.data, usize::from(ef.record_len));
        if offset + data.len() > len {
            return Err(Status::WrongLength);
        }
        if !transparent {
            data.resize(len, 0xFF);
        }
        Ok(Some(Write { ef: *ef, record, offset, data }))
    }

    fn choice(&self, key: KeyChoice) -> Result<Choice, Status> {
        let keys = self.rare.as_ref().and_then(|rare| rare.host.as_ref()).map(|host| &host.keys);
        match key {
            KeyChoice::Preloaded(KeyIndex(index)) => {
                let there = keys.is_some_and(|keys| keys.has(index));
                there.then_some(Choice::Preloaded(index)).ok_or(Status::ReferenceDataNotFound)
            }
            KeyChoice::Carried(SubscriptionKey::Milenage(keys)) => Ok(Choice::Carried(keys.into())),
            KeyChoice::Carried(_) => Err(Status::FunctionNotSupported),
        }
    }
}
