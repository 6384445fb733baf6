//! Commands on channels, files as such and the card.

use super::{Body, Decoded, exact};
use crate::command::{FileTarget, Instruction, Suspension};
use crate::{Channel, Status};

impl<'a> Body<'a> {
    pub(super) fn file_target(self) -> Decoded<FileTarget<'a>> {
        if self.p2 != 0 {
            return Err(Status::IncorrectP1P2);
        }
        match self.p1 {
            0x00 if self.data.is_empty() => Ok(FileTarget::Current),
            _ if self.sim => Err(Status::WrongLength),
            0x00 => Ok(FileTarget::FileId(self.file_id()?)),
            0x08 => Ok(FileTarget::PathFromMf(self.path()?)),
            0x09 => Ok(FileTarget::PathFromCurrentDf(self.path()?)),
            _ => Err(Status::IncorrectP1P2),
        }
    }

    pub(super) fn manage_channel(self) -> Decoded<Instruction<'a>> {
        let channel = Channel::new(self.p2).ok_or(Status::IncorrectP1P2)?;
        if !self.data.is_empty() {
            return Err(Status::WrongLength);
        }
        match self.p1 {
            0x00 if channel == Channel::BASIC => Ok(Instruction::OpenChannel(None)),
            0x00 => Ok(Instruction::OpenChannel(Some(channel))),
            0x80 => Ok(Instruction::CloseChannel(channel)),
            _ => Err(Status::IncorrectP1P2),
        }
    }

    pub(super) fn suspend(self) -> Decoded<Instruction<'a>> {
        let suspension = match (self.p1, self.p2) {
            (0, 0) => {
                let &[min_unit, min, max_unit, max] = exact(self.data)?;
                Suspension::Suspend { min: [min_unit, min], max: [max_unit, max] }
            }
            (1, 0) => Suspension::Resume { token: exact(self.data)? },
            _ => return Err(Status::IncorrectP1P2),
        };
        Ok(Instruction::SuspendUicc(suspension))
    }

    pub(super) fn get_identity(self) -> Decoded<Instruction<'a>> {
        if self.p1 == 0 {
            Ok(Instruction::GetIdentity { context: self.p2, data: self.data })
        } else {
            Err(Status::IncorrectP1P2)
        }
    }

    pub(super) fn get_data(self) -> Decoded<Instruction<'a>> {
        let tag = u16::from_be_bytes([self.p1, self.p2]);
        Ok(Instruction::GetData { tag, length: self.length()? })
    }

    pub(super) fn store_data(self) -> Instruction<'a> {
        Instruction::StoreData {
            last: self.p1 & 0x80 != 0,
            coding: self.p1 & 0x7F,
            block: self.p2,
            data: self.data,
        }
    }

    pub(super) fn resize_file(self) -> Decoded<Instruction<'a>> {
        if self.p1 > 1 || self.p2 != 0 {
            return Err(Status::IncorrectP1P2);
        }
        Ok(Instruction::ResizeFile { mode: self.p1, fcp: self.some_data()? })
    }
}
