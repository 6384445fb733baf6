//! Commands on files (TS 102.221, 11.1.1 to 11.1.8 and 11.3).

use super::{Body, Decoded};
use crate::Status;
use crate::command::{
    BinaryAddress, Block, FileId, FileRef, Instruction, Occurrence, Offset, RecordRef, Search,
    SearchFrom, SearchWithin, Select, SelectReply, SelectTarget, Session, Sfi, StatusIndication,
    StatusReply,
};

/// Longest application identifier (ISO 7816-4, 8.2.1.2).
const AID_LEN_MAX: usize = 16;
/// Longest value that INCREASE adds (TS 102.221, 11.1.8).
const INCREASE_LEN_MAX: usize = 127;

impl<'a> Body<'a> {
    pub(super) fn select(self) -> Decoded<Instruction<'a>> {
        let target = match self.p1 {
            0x00 if self.data.is_empty() && !self.sim => SelectTarget::FileId(FileId::MF),
            0x00 => SelectTarget::FileId(self.file_id()?),
            _ if self.sim => return Err(Status::IncorrectP1P2),
            0x01 => SelectTarget::ChildDf(self.file_id()?),
            0x03 if self.data.is_empty() => SelectTarget::ParentDf,
            0x03 => return Err(Status::WrongLength),
            0x04 if self.data.len() <= AID_LEN_MAX => {
                SelectTarget::Aid { aid: self.data, occurrence: self.occurrence() }
            }
            0x04 => return Err(Status::WrongLength),
            0x08 => SelectTarget::PathFromMf(self.path()?),
            0x09 => SelectTarget::PathFromCurrentDf(self.path()?),
            _ => return Err(Status::IncorrectP1P2),
        };
        if self.p2 & 0x93 != 0 && (self.p1 != 0x04 || self.p2 & 0x90 != 0) {
            return Err(Status::IncorrectP1P2);
        }
        let session = match self.p2 & 0x60 {
            0x00 => Session::Activate,
            0x40 => Session::Terminate,
            _ => return Err(Status::IncorrectP1P2),
        };
        let reply = match self.p2 & 0x0C {
            0x00 => SelectReply::Fci,
            _ if self.sim => return Err(Status::IncorrectP1P2),
            0x04 => SelectReply::Fcp,
            0x0C => SelectReply::Nothing,
            _ => return Err(Status::IncorrectP1P2),
        };
        Ok(Instruction::Select(Select { target, session, reply }))
    }

    pub(super) fn occurrence(self) -> Occurrence {
        match self.p2 & 0x03 {
            0 => Occurrence::First,
            1 => Occurrence::Last,
            2 => Occurrence::Next,
            _ => Occurrence::Previous,
        }
    }

    pub(super) fn status(self) -> Decoded<Instruction<'a>> {
        let indication = match self.p1 {
            0 => StatusIndication::None,
            1 => StatusIndication::Initialised,
            2 => StatusIndication::Terminating,
            _ => return Err(Status::IncorrectP1P2),
        };
        let reply = match self.p2 {
            0x00 => StatusReply::Fcp,
            0x01 => StatusReply::DfName,
            0x0C => StatusReply::Nothing,
            _ => return Err(Status::IncorrectP1P2),
        };
        if !self.data.is_empty() {
            return Err(Status::WrongLength);
        }
        let length = if reply == StatusReply::Nothing { None } else { self.le };
        Ok(Instruction::Status { indication, reply, length })
    }

    pub(super) fn read_binary(self) -> Decoded<Instruction<'a>> {
        Ok(Instruction::ReadBinary { address: self.binary_address()?, length: self.length()? })
    }

    pub(super) fn update_binary(self) -> Decoded<Instruction<'a>> {
        Ok(Instruction::UpdateBinary { address: self.binary_address()?, data: self.some_data()? })
    }

    pub(super) fn read_record(self) -> Decoded<Instruction<'a>> {
        let (file, record) = self.record()?;
        Ok(Instruction::ReadRecord { file, record, length: self.length()? })
    }

    pub(super) fn update_record(self) -> Decoded<Instruction<'a>> {
        let (file, record) = self.record()?;
        Ok(Instruction::UpdateRecord { file, record, data: self.some_data()? })
    }

    pub(super) fn binary_address(self) -> Decoded<BinaryAddress> {
        if let Some(offset) = Offset::new(u16::from_be_bytes([self.p1, self.p2])) {
            return Ok(BinaryAddress::Current(offset));
        }
        match Sfi::new(self.p1 & 0x7F) {
            Some(sfi) if !self.sim => Ok(BinaryAddress::Sfi(sfi, self.p2)),
            Some(_) | None => Err(Status::IncorrectP1P2),
        }
    }

    pub(super) fn record(self) -> Decoded<(FileRef, RecordRef)> {
        let file = self.record_file()?;
        let record = match self.p2 & 0x07 {
            2 => RecordRef::Next,
            3 => RecordRef::Previous,
            4 => RecordRef::of_number(self.p1),
            _ => return Err(Status::IncorrectP1P2),
        };
        Ok((file, record))
    }

    pub(super) fn record_file(self) -> Decoded<FileRef> {
        match FileRef::of_bits(self.p2 >> 3) {
            Some(FileRef::Sfi(_)) if self.sim => Err(Status::IncorrectP1P2),
            Some(file) => Ok(file),
            None => Err(Status::IncorrectP1P2),
        }
    }

    pub(super) fn search(self) -> Decoded<Instruction<'a>> {
        if self.sim {
            return self.seek();
        }
        let file = self.record_file()?;
        let simple = |from, pattern| Search {
            file,
            from,
            within: SearchWithin::Anywhere,
            pattern,
            answer_numbers: true,
        };
        let search = match self.p2 & 0x07 {
            4 => simple(SearchFrom::Forward(self.p1), self.some_data()?),
            5 => simple(SearchFrom::Backward(self.p1), self.some_data()?),
            6 => self.enhanced_search(file)?,
            _ => return Err(Status::IncorrectP1P2),
        };
        Ok(Instruction::SearchRecord(search))
    }

    pub(super) fn enhanced_search(self, file: FileRef) -> Decoded<Search<'a>> {
        let (indication, place, pattern) = match self.data {
            [indication, place, pattern @ ..] if !pattern.is_empty() => {
                (indication, *place, pattern)
            }
            _ => return Err(Status::WrongLength),
        };
        let from = match indication & 0x07 {
            4 => SearchFrom::Forward(self.p1),
            5 => SearchFrom::Backward(self.p1),
            6 => SearchFrom::ForwardNext,
            7 => SearchFrom::BackwardPrevious,
            _ => return Err(Status::IncorrectData),
        };
        let within = match indication & 0xF8 {
            0x00 => SearchWithin::Offset(place),
            0x08 => SearchWithin::After(place),
            _ => return Err(Status::IncorrectData),
        };
        Ok(Search { file, from, within, pattern, answer_numbers: true })
    }

    /// SEEK (TS 51.011, 9.2.7).
    pub(super) fn seek(self) -> Decoded<Instruction<'a>> {
        let from = match self.p2 & 0x0F {
            0 => SearchFrom::Forward(1),
            1 => SearchFrom::Last,
            2 => SearchFrom::ForwardNext,
            3 => SearchFrom::BackwardPrevious,
            _ => return Err(Status::IncorrectP1P2),
        };
        let answer_numbers = match self.p2 & 0xF0 {
            0x00 => false,
            0x10 => true,
            _ => return Err(Status::IncorrectP1P2),
        };
        Ok(Instruction::SearchRecord(Search {
            file: FileRef::Current,
            from,
            within: SearchWithin::Anywhere,
            pattern: self.some_data()?,
            answer_numbers,
        }))
    }

    pub(super) fn increase(self) -> Decoded<Instruction<'a>> {
        let file = match self.p1 {
            0 => FileRef::Current,
            p1 if p1 & 0xE0 == 0x80 && !self.sim => {
                Sfi::new(p1 & 0x1F).map(FileRef::Sfi).ok_or(Status::IncorrectP1P2)?
            }
            _ => return Err(Status::IncorrectP1P2),
        };
        if self.p2 != 0 {
            return Err(Status::IncorrectP1P2);
        }
        let value = self.some_data()?;
        if value.len() > INCREASE_LEN_MAX {
            return Err(Status::WrongLength);
        }
        Ok(Instruction::Increase { file, value })
    }

    pub(super) fn retrieve_data(self) -> Decoded<Instruction<'a>> {
        let (file, block) = self.block()?;
        Ok(Instruction::RetrieveData { file, block, data: self.data })
    }

    pub(super) fn set_data(self) -> Decoded<Instruction<'a>> {
        match self.block()? {
            (_, Block::Again) => Err(Status::IncorrectP1P2),
            (file, block @ (Block::First | Block::Next)) => {
                Ok(Instruction::SetData { file, block, data: self.some_data()? })
            }
        }
    }

    pub(super) fn block(self) -> Decoded<(FileRef, Block)> {
        let block = match self.p2 & 0xE0 {
            0x80 => Block::First,
            0x00 => Block::Next,
            0xC0 => Block::Again,
            _ => return Err(Status::IncorrectP1P2),
        };
        let file = FileRef::of_bits(self.p2 & 0x1F).ok_or(Status::IncorrectP1P2)?;
        if self.p1 == 0 { Ok((file, block)) } else { Err(Status::IncorrectP1P2) }
    }
}
