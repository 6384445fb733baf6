//! READ RECORD, UPDATE RECORD and INCREASE (TS 102.221, 11.1.5, 11.1.6 and 11.1.8).

use polysim_apdu::{Channel, FileRef, Le, RecordRef, Status};

use super::binary::wrong_le;
use crate::card::{Answer, Card};
use crate::template::{Ef, Operation, Structure};

fn has_records(structure: Structure) -> bool {
    structure != Structure::Transparent
}

impl Card {
    /// READ RECORD: whole records only.
    pub(crate) fn handle_read_record(
        &mut self,
        channel: Channel,
        (file, record): (FileRef, RecordRef),
        length: Le,
        out: &mut Vec<u8>,
    ) -> Answer {
        let ef = self.target(channel, file, has_records, Operation::Read)?.ef;
        let number = self.record_number(channel, &ef, record)?;
        let len = usize::from(ef.record_len);
        match length {
            Le::ANY | Le::ANY_EXTENDED => {}
            explicit if explicit.bytes() != len => return Err(wrong_le(len)),
            _ => {}
        }
        self.move_to(channel, record, number)?;
        let stored = self.contents.store.stored_record(&ef, number);
        self.contents.store.read(self.contents.profile.template(), &ef, stored, (0, len), out);
        Ok(Status::Success)
    }

    /// UPDATE RECORD: whole records only; of a cyclic EF, the oldest.
    pub(crate) fn update_record(
        &mut self,
        channel: Channel,
        (file, record): (FileRef, RecordRef),
        data: &[u8],
    ) -> Answer {
        let ef = self.target(channel, file, has_records, Operation::Update)?.ef;
        if ef.structure == Structure::Cyclic {
            if record != RecordRef::Previous {
                return Err(Status::IncorrectP1P2);
            }
            whole_record(&ef, data)?;
            self.push(channel, &ef, data)?;
            return Ok(Status::Success);
        }
        let number = self.record_number(channel, &ef, record)?;
        whole_record(&ef, data)?;
        self.move_to(channel, record, number)?;
        self.step()?;
        self.contents.store.write(self.contents.profile.template(), &ef, number, 0, data);
        self.note_write(ef.body);
        Ok(Status::Success)
    }

    /// INCREASE: adds to the newest record of a cyclic EF, and the sum becomes the newest. Answers
    /// the sum and what was added.
    pub(crate) fn increase(
        &mut self,
        channel: Channel,
        file: FileRef,
        value: &[u8],
        out: &mut Vec<u8>,
    ) -> Answer {
        let fits = |structure| structure == Structure::Cyclic;
        let ef = self.target(channel, file, fits, Operation::Increase)?.ef;
        let len = usize::from(ef.record_len);
        if value.len() > len {
            return Err(Status::WrongLength);
        }
        let newest = self.contents.store.stored_record(&ef, 1);
        self.contents.store.read(self.contents.profile.template(), &ef, newest, (0, len), out);
        let mut carry = 0;
        let added = value.iter().rev().chain(std::iter::repeat(&0));
        for (digit, &add) in out.iter_mut().rev().zip(added) {
            let [high, low] = (u16::from(*digit) + u16::from(add) + carry).to_be_bytes();
            (*digit, carry) = (low, high.into());
        }
        if carry != 0 {
            return Err(Status::MaximumReached);
        }
        self.push(channel, &ef, out)?;
        out.extend_from_slice(value);
        Ok(Status::Success)
    }

    fn push(&mut self, channel: Channel, ef: &Ef, data: &[u8]) -> Result<(), Status> {
        self.selection_mut(channel)?.record = 1;
        self.step()?;
        self.contents.store.push(self.contents.profile.template(), ef, data);
        Ok(())
    }

    /// Returns the number of a record, 1 being the newest of a cyclic EF.
    fn record_number(&self, channel: Channel, ef: &Ef, record: RecordRef) -> Result<u8, Status> {
        let current = self.selection(channel)?.record;
        let round = ef.structure == Structure::Cyclic;
        let number = match (record, current) {
            (RecordRef::Number(number), _) => number.get(),
            (RecordRef::Current, current) => current,
            (RecordRef::Next, current) if current == ef.records && round => 1,
            (RecordRef::Next, current) => current.saturating_add(1),
            (RecordRef::Previous, 0) => ef.records,
            (RecordRef::Previous, 1) if round => ef.records,
            (RecordRef::Previous, current) => current - 1,
        };
        if number == 0 || number > ef.records {
            return Err(Status::RecordNotFound);
        }
        Ok(number)
    }

    /// Next and previous move the record pointer; a number does not.
    fn move_to(&mut self, channel: Channel, record: RecordRef, number: u8) -> Result<(), Status> {
        if matches!(record, RecordRef::Next | RecordRef::Previous) {
            self.selection_mut(channel)?.record = number;
        }
        Ok(())
    }
}

fn whole_record(ef: &Ef, data: &[u8]) -> Result<(), Status> {
    if data.len() == usize::from(ef.record_len) { Ok(()) } else { Err(Status::WrongLength) }
}
