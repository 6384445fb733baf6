//! Commands into APDUs.

use alloc::vec::Vec;

use super::{
    Authentication, BinaryAddress, Block, Command, FileRef, FileTarget, Instruction, KeyRef,
    Occurrence, RecordRef, Search, SearchFrom, SearchWithin, Select, SelectReply, SelectTarget,
    Session, StatusIndication, StatusReply, Suspension,
};
use crate::apdu::DATA_LEN_MAX;
use crate::{ApduError, Channel, Family, Ins, Le};

impl Command<'_> {
    /// Appends the command APDU.
    ///
    /// # Errors
    /// [`ApduError::TooLong`] if the data is longer than any APDU carries; nothing is appended.
    pub fn emit(&self, out: &mut Vec<u8>) -> Result<(), ApduError> {
        let start = out.len();
        let sim = self.class.family() == Family::Sim;
        let (p1, p2) = self.instruction.parameters(sim);
        out.extend_from_slice(&[self.class.byte(), self.instruction.ins().byte(), p1, p2, 0]);
        let data_start = out.len();
        self.instruction.emit_data(sim, out);
        let len = out.len() - data_start;
        if len > DATA_LEN_MAX {
            out.truncate(start);
            return Err(ApduError::TooLong { len, limit: DATA_LEN_MAX });
        }
        let [.., high, low] = (len as u64).to_be_bytes();
        let le = self.instruction.le();
        match out.get_mut(data_start - 1) {
            Some(lc) if (1..=255).contains(&len) => {
                *lc = low;
                out.extend(le.map(Le::p3));
            }
            Some(_) if len > 0 => {
                drop(out.splice(data_start..data_start, [high, low]));
                out.extend(le.into_iter().flat_map(|_| [0, 0]));
            }
            Some(_) | None => {
                out.truncate(data_start - 1);
                crate::apdu::emit_le(le, out);
            }
        }
        Ok(())
    }
}

impl Instruction<'_> {
    /// Returns the instruction byte's name.
    #[must_use]
    pub const fn ins(&self) -> Ins {
        match self {
            Self::Select(_) => Ins::Select,
            Self::Status { .. } => Ins::Status,
            Self::ReadBinary { .. } => Ins::ReadBinary,
            Self::UpdateBinary { .. } => Ins::UpdateBinary,
            Self::ReadRecord { .. } => Ins::ReadRecord,
            Self::UpdateRecord { .. } => Ins::UpdateRecord,
            Self::SearchRecord(_) => Ins::SearchRecord,
            Self::Increase { .. } => Ins::Increase,
            Self::VerifyPin { .. } => Ins::VerifyPin,
            Self::ChangePin { .. } => Ins::ChangePin,
            Self::DisablePin { .. } => Ins::DisablePin,
            Self::EnablePin { .. } => Ins::EnablePin,
            Self::UnblockPin { .. } => Ins::UnblockPin,
            Self::DeactivateFile(_) => Ins::DeactivateFile,
            Self::ActivateFile(_) => Ins::ActivateFile,
            Self::Authenticate(_) | Self::RunGsmAlgorithm { .. } => Ins::Authenticate,
            Self::OpenChannel(_) | Self::CloseChannel(_) => Ins::ManageChannel,
            Self::GetChallenge { .. } => Ins::GetChallenge,
            Self::TerminalCapability(_) => Ins::TerminalCapability,
            Self::SuspendUicc(_) => Ins::SuspendUicc,
            Self::GetIdentity { .. } => Ins::GetIdentity,
            Self::GetResponse { .. } => Ins::GetResponse,
            Self::TerminalProfile(_) => Ins::TerminalProfile,
            Self::Envelope(_) => Ins::Envelope,
            Self::Fetch { .. } => Ins::Fetch,
            Self::TerminalResponse(_) => Ins::TerminalResponse,
            Self::RetrieveData { .. } => Ins::RetrieveData,
            Self::SetData { .. } => Ins::SetData,
            Self::GetData { .. } => Ins::GetData,
            Self::StoreData { .. } => Ins::StoreData,
            Self::CreateFile(_) => Ins::CreateFile,
            Self::DeleteFile(_) => Ins::DeleteFile,
            Self::TerminateDf(_) => Ins::TerminateDf,
            Self::TerminateEf(_) => Ins::TerminateEf,
            Self::TerminateCardUsage => Ins::TerminateCardUsage,
            Self::ResizeFile { .. } => Ins::ResizeFile,
        }
    }

    fn parameters(&self, sim: bool) -> (u8, u8) {
        match self {
            Self::Select(select) => select.parameters(sim),
            Self::Status { indication, reply, .. } => status_parameters(*indication, *reply),
            Self::ReadBinary { address, .. } | Self::UpdateBinary { address, .. } => {
                address.parameters()
            }
            Self::ReadRecord { file, record, .. } | Self::UpdateRecord { file, record, .. } => {
                record.parameters(*file)
            }
            Self::SearchRecord(search) => search.parameters(sim),
            Self::Increase { file: FileRef::Sfi(sfi), .. } => (0x80 | sfi.number(), 0),
            Self::VerifyPin { key, .. }
            | Self::ChangePin { key, .. }
            | Self::DisablePin { key, replacement: None, .. }
            | Self::EnablePin { key, .. } => (0, pin_parameter(*key, sim)),
            Self::DisablePin { key, replacement: Some(KeyRef(other)), .. } => {
                (0x80 | (other & 0x7F), pin_parameter(*key, sim))
            }
            Self::UnblockPin { key: KeyRef::PIN1, .. } if sim => (0, 0),
            Self::UnblockPin { key, .. } => (0, pin_parameter(*key, sim)),
            Self::DeactivateFile(target)
            | Self::ActivateFile(target)
            | Self::DeleteFile(target)
            | Self::TerminateDf(target)
            | Self::TerminateEf(target) => (target.parameter(), 0),
            Self::Authenticate(authentication) => (0, authentication.parameter()),
            Self::OpenChannel(channel) => (0, channel.map_or(0, Channel::number)),
            Self::CloseChannel(channel) => (0x80, channel.number()),
            Self::SuspendUicc(Suspension::Resume { .. }) => (1, 0),
            Self::GetIdentity { context, .. } => (0, *context),
            Self::RetrieveData { file, block, .. } | Self::SetData { file, block, .. } => {
                (0, block.bits() | file.bits())
            }
            Self::GetData { tag, .. } => tag.to_be_bytes().into(),
            Self::StoreData { last, coding, block, .. } => {
                (if *last { 0x80 } else { 0 } | (coding & 0x7F), *block)
            }
            Self::ResizeFile { mode, .. } => (*mode, 0),
            Self::Increase { file: FileRef::Current, .. }
            | Self::RunGsmAlgorithm { .. }
            | Self::GetChallenge { .. }
            | Self::TerminalCapability(_)
            | Self::SuspendUicc(Suspension::Suspend { .. })
            | Self::GetResponse { .. }
            | Self::TerminalProfile(_)
            | Self::Envelope(_)
            | Self::Fetch { .. }
            | Self::TerminalResponse(_)
            | Self::CreateFile(_)
            | Self::TerminateCardUsage => (0, 0),
        }
    }

    fn emit_data(&self, sim: bool, out: &mut Vec<u8>) {
        match self {
            Self::Select(select) => select.target.emit_data(out),
            Self::SearchRecord(search) => search.emit_data(sim, out),
            Self::VerifyPin { pin: Some(pin), .. }
            | Self::DisablePin { pin, .. }
            | Self::EnablePin { pin, .. } => out.extend_from_slice(pin.bytes()),
            Self::ChangePin { old: first, new: second, .. }
            | Self::UnblockPin { values: Some((first, second)), .. } => {
                out.extend_from_slice(first.bytes());
                out.extend_from_slice(second.bytes());
            }
            Self::DeactivateFile(target)
            | Self::ActivateFile(target)
            | Self::DeleteFile(target)
            | Self::TerminateDf(target)
            | Self::TerminateEf(target) => target.emit_data(out),
            Self::Authenticate(authentication) => authentication.emit_data(out),
            Self::RunGsmAlgorithm { rand } => out.extend_from_slice(*rand),
            Self::SuspendUicc(Suspension::Suspend { min, max }) => {
                out.extend_from_slice(min);
                out.extend_from_slice(max);
            }
            Self::SuspendUicc(Suspension::Resume { token }) => out.extend_from_slice(*token),
            Self::UpdateBinary { data, .. }
            | Self::UpdateRecord { data, .. }
            | Self::Increase { value: data, .. }
            | Self::TerminalCapability(data)
            | Self::GetIdentity { data, .. }
            | Self::TerminalProfile(data)
            | Self::Envelope(data)
            | Self::TerminalResponse(data)
            | Self::RetrieveData { data, .. }
            | Self::SetData { data, .. }
            | Self::StoreData { data, .. }
            | Self::CreateFile(data)
            | Self::ResizeFile { fcp: data, .. } => out.extend_from_slice(data),
            Self::Status { .. }
            | Self::ReadBinary { .. }
            | Self::ReadRecord { .. }
            | Self::VerifyPin { pin: None, .. }
            | Self::UnblockPin { values: None, .. }
            | Self::OpenChannel(_)
            | Self::CloseChannel(_)
            | Self::GetChallenge { .. }
            | Self::GetResponse { .. }
            | Self::Fetch { .. }
            | Self::GetData { .. }
            | Self::TerminateCardUsage => {}
        }
    }

    /// Returns the length expected of the answer; [`Le::ANY`] after data.
    fn le(&self) -> Option<Le> {
        match self {
            Self::Status { length, .. } => *length,
            Self::ReadBinary { length, .. }
            | Self::ReadRecord { length, .. }
            | Self::GetChallenge { length }
            | Self::GetResponse { length }
            | Self::Fetch { length }
            | Self::GetData { length, .. } => Some(*length),
            Self::OpenChannel(None) => Some(Le::of_byte(1)),
            Self::Select(Select { reply: SelectReply::Nothing, .. }) => None,
            Self::Select(_)
            | Self::SearchRecord(_)
            | Self::Increase { .. }
            | Self::Authenticate(_)
            | Self::RunGsmAlgorithm { .. }
            | Self::SuspendUicc(Suspension::Suspend { .. })
            | Self::GetIdentity { .. }
            | Self::Envelope(_)
            | Self::RetrieveData { .. }
            | Self::StoreData { .. } => Some(Le::ANY),
            Self::UpdateBinary { .. }
            | Self::UpdateRecord { .. }
            | Self::VerifyPin { .. }
            | Self::ChangePin { .. }
            | Self::DisablePin { .. }
            | Self::EnablePin { .. }
            | Self::UnblockPin { .. }
            | Self::DeactivateFile(_)
            | Self::ActivateFile(_)
            | Self::OpenChannel(Some(_))
            | Self::CloseChannel(_)
            | Self::TerminalCapability(_)
            | Self::SuspendUicc(Suspension::Resume { .. })
            | Self::TerminalProfile(_)
            | Self::TerminalResponse(_)
            | Self::SetData { .. }
            | Self::CreateFile(_)
            | Self::DeleteFile(_)
            | Self::TerminateDf(_)
            | Self::TerminateEf(_)
            | Self::TerminateCardUsage
            | Self::ResizeFile { .. } => None,
        }
    }
}

fn status_parameters(indication: StatusIndication, reply: StatusReply) -> (u8, u8) {
    let p1 = match indication {
        StatusIndication::None => 0,
        StatusIndication::Initialised => 1,
        StatusIndication::Terminating => 2,
    };
    let p2 = match reply {
        StatusReply::Fcp => 0x00,
        StatusReply::DfName => 0x01,
        StatusReply::Nothing => 0x0C,
    };
    (p1, p2)
}

/// P2 of a PIN command: a 2G SIM calls PIN 2 key 2 (TS 51.011, 9.2.9).
const fn pin_parameter(key: KeyRef, sim: bool) -> u8 {
    match key {
        KeyRef::PIN2 if sim => 2,
        KeyRef(key) => key,
    }
}

impl Select<'_> {
    fn parameters(&self, sim: bool) -> (u8, u8) {
        if sim {
            return (0, 0);
        }
        let (p1, occurrence) = match self.target {
            SelectTarget::FileId(_) => (0x00, Occurrence::First),
            SelectTarget::ChildDf(_) => (0x01, Occurrence::First),
            SelectTarget::ParentDf => (0x03, Occurrence::First),
            SelectTarget::Aid { occurrence, .. } => (0x04, occurrence),
            SelectTarget::PathFromMf(_) => (0x08, Occurrence::First),
            SelectTarget::PathFromCurrentDf(_) => (0x09, Occurrence::First),
        };
        let session = match self.session {
            Session::Activate => 0x00,
            Session::Terminate => 0x40,
        };
        let reply = match self.reply {
            SelectReply::Fci => 0x00,
            SelectReply::Fcp => 0x04,
            SelectReply::Nothing => 0x0C,
        };
        let occurrence = match occurrence {
            Occurrence::First => 0,
            Occurrence::Last => 1,
            Occurrence::Next => 2,
            Occurrence::Previous => 3,
        };
        (p1, session | reply | occurrence)
    }
}

impl SelectTarget<'_> {
    fn emit_data(&self, out: &mut Vec<u8>) {
        match self {
            Self::FileId(file) | Self::ChildDf(file) => out.extend_from_slice(&file.bytes()),
            Self::ParentDf => {}
            Self::Aid { aid, .. } => out.extend_from_slice(aid),
            Self::PathFromMf(path) | Self::PathFromCurrentDf(path) => {
                out.extend_from_slice(path.bytes());
            }
        }
    }
}

impl BinaryAddress {
    const fn parameters(self) -> (u8, u8) {
        match self {
            Self::Current(offset) => {
                let [high, low] = offset.bytes().to_be_bytes();
                (high, low)
            }
            Self::Sfi(sfi, offset) => (0x80 | sfi.number(), offset),
        }
    }
}

impl RecordRef {
    const fn parameters(self, file: FileRef) -> (u8, u8) {
        let file = file.bits() << 3;
        match self {
            Self::Number(number) => (number.get(), file | 4),
            Self::Current => (0, file | 4),
            Self::Next => (0, file | 2),
            Self::Previous => (0, file | 3),
        }
    }
}

impl Search<'_> {
    fn is_simple(&self) -> bool {
        self.within == SearchWithin::Anywhere
            && matches!(self.from, SearchFrom::Forward(_) | SearchFrom::Backward(_))
    }

    fn parameters(&self, sim: bool) -> (u8, u8) {
        if sim {
            let kind = if self.answer_numbers { 0x10 } else { 0x00 };
            let mode = match self.from {
                SearchFrom::Forward(_) => 0,
                SearchFrom::Last | SearchFrom::Backward(_) => 1,
                SearchFrom::ForwardNext => 2,
                SearchFrom::BackwardPrevious => 3,
            };
            return (0, kind | mode);
        }
        let file = self.file.bits() << 3;
        match self.from {
            SearchFrom::Forward(record) if self.is_simple() => (record, file | 4),
            SearchFrom::Backward(record) if self.is_simple() => (record, file | 5),
            SearchFrom::Forward(record) | SearchFrom::Backward(record) => (record, file | 6),
            SearchFrom::ForwardNext | SearchFrom::BackwardPrevious | SearchFrom::Last => {
                (0, file | 6)
            }
        }
    }

    fn emit_data(&self, sim: bool, out: &mut Vec<u8>) {
        if !sim && !self.is_simple() {
            let from = match self.from {
                SearchFrom::Forward(_) => 4,
                SearchFrom::Backward(_) => 5,
                SearchFrom::ForwardNext => 6,
                SearchFrom::BackwardPrevious | SearchFrom::Last => 7,
            };
            let (kind, place) = match self.within {
                SearchWithin::Anywhere => (0x00, 0),
                SearchWithin::Offset(offset) => (0x00, offset),
                SearchWithin::After(byte) => (0x08, byte),
            };
            out.extend_from_slice(&[kind | from, place]);
        }
        out.extend_from_slice(self.pattern);
    }
}

impl FileTarget<'_> {
    const fn parameter(&self) -> u8 {
        match self {
            Self::Current | Self::FileId(_) => 0x00,
            Self::PathFromMf(_) => 0x08,
            Self::PathFromCurrentDf(_) => 0x09,
        }
    }

    fn emit_data(&self, out: &mut Vec<u8>) {
        match self {
            Self::Current => {}
            Self::FileId(file) => out.extend_from_slice(&file.bytes()),
            Self::PathFromMf(path) | Self::PathFromCurrentDf(path) => {
                out.extend_from_slice(path.bytes());
            }
        }
    }
}

impl Authentication<'_> {
    const fn parameter(&self) -> u8 {
        match self {
            Self::Gsm { .. } => 0x80,
            Self::Umts { .. } => 0x81,
            Self::Vgcs(_) => 0x82,
            Self::Gba(_) => 0x84,
        }
    }

    fn emit_data(&self, out: &mut Vec<u8>) {
        match self {
            Self::Gsm { rand } => {
                out.push(16);
                out.extend_from_slice(*rand);
            }
            Self::Umts { rand, autn } => {
                out.push(16);
                out.extend_from_slice(*rand);
                out.push(16);
                out.extend_from_slice(*autn);
            }
            Self::Vgcs(data) | Self::Gba(data) => out.extend_from_slice(data),
        }
    }
}

impl Block {
    const fn bits(self) -> u8 {
        match self {
            Self::First => 0x80,
            Self::Next => 0x00,
            Self::Again => 0xC0,
        }
    }
}
