//! Commands out of APDUs. Each error is the status word of the answer.

mod file;
mod management;
mod security;

use super::{Command, FileId, Instruction, Path};
use crate::{Class, CommandApdu, Family, Ins, Le, SecureMessaging, Status};

type Decoded<T> = Result<T, Status>;

impl<'a> Command<'a> {
    /// Reads the bytes of a command APDU.
    ///
    /// # Errors
    /// The status word to answer with.
    #[inline]
    pub fn parse(bytes: &'a [u8]) -> Decoded<Self> {
        Self::decode(&CommandApdu::parse(bytes)?)
    }

    /// Reads a command. Whether its channel is open, its file exists and so on is for the card to
    /// know; what depends on the command alone is checked here.
    ///
    /// # Errors
    /// The status word to answer with: class or instruction unknown, secure messaging or chaining
    /// (which nothing here supports), parameters or lengths wrong.
    #[inline]
    pub fn decode(apdu: &CommandApdu<'a>) -> Decoded<Self> {
        let header = apdu.header();
        let class = Class::parse(header.cla)?;
        let ins = Ins::from_byte(header.ins).ok_or(Status::InsNotSupported)?;
        if !ins.allowed_in(class.family()) {
            return Err(Status::ClassNotSupported);
        }
        if class.is_chained() {
            return Err(Status::ChainingNotSupported);
        }
        if class.secure_messaging() != SecureMessaging::None {
            return Err(Status::SecureMessagingNotSupported);
        }
        let body = Body {
            p1: header.p1,
            p2: header.p2,
            data: apdu.data(),
            le: apdu.le(),
            sim: class.family() == Family::Sim,
        };
        match body.instruction(ins) {
            Ok(instruction) => Ok(Self { class, instruction }),
            Err(Status::IncorrectP1P2) if body.sim => Err(Status::WrongP1P2),
            Err(status) => Err(status),
        }
    }
}

/// A command without class and instruction.
#[derive(Clone, Copy)]
struct Body<'a> {
    p1: u8,
    p2: u8,
    data: &'a [u8],
    le: Option<Le>,
    sim: bool,
}

impl<'a> Body<'a> {
    fn instruction(self, ins: Ins) -> Decoded<Instruction<'a>> {
        match ins {
            Ins::Select => self.select(),
            Ins::Status => self.status(),
            Ins::ReadBinary => self.read_binary(),
            Ins::UpdateBinary => self.update_binary(),
            Ins::ReadRecord => self.read_record(),
            Ins::UpdateRecord => self.update_record(),
            Ins::SearchRecord => self.search(),
            Ins::Increase => self.increase(),
            Ins::Authenticate => self.authenticate(),
            Ins::VerifyPin => self.verify_pin(),
            Ins::ChangePin => self.change_pin(),
            Ins::DisablePin => self.disable_pin(),
            Ins::EnablePin => self.enable_pin(),
            Ins::UnblockPin => self.unblock_pin(),
            Ins::GetResponse => self.expecting(|length| Instruction::GetResponse { length }),
            Ins::GetChallenge => self.expecting(|length| Instruction::GetChallenge { length }),
            Ins::Fetch => self.expecting(|length| Instruction::Fetch { length }),
            Ins::TerminalProfile => self.carrying(Instruction::TerminalProfile),
            Ins::TerminalResponse => self.carrying(Instruction::TerminalResponse),
            Ins::TerminalCapability => self.carrying(Instruction::TerminalCapability),
            Ins::Envelope => self.carrying(Instruction::Envelope),
            Ins::CreateFile => self.carrying(Instruction::CreateFile),
            Ins::DeactivateFile => self.file_target().map(Instruction::DeactivateFile),
            Ins::ActivateFile => self.file_target().map(Instruction::ActivateFile),
            Ins::DeleteFile => self.file_target().map(Instruction::DeleteFile),
            Ins::TerminateDf => self.file_target().map(Instruction::TerminateDf),
            Ins::TerminateEf => self.file_target().map(Instruction::TerminateEf),
            Ins::TerminateCardUsage => {
                self.no_parameters().map(|()| Instruction::TerminateCardUsage)
            }
            Ins::ManageChannel => self.manage_channel(),
            Ins::SuspendUicc => self.suspend(),
            Ins::GetIdentity => self.get_identity(),
            Ins::GetData => self.get_data(),
            Ins::RetrieveData => self.retrieve_data(),
            Ins::SetData => self.set_data(),
            Ins::StoreData => Ok(self.store_data()),
            Ins::ResizeFile => self.resize_file(),
            Ins::ManageSecureChannel | Ins::TransactData | Ins::AuthenticateTlv => {
                Err(Status::InsNotSupported)
            }
        }
    }

    /// A command without parameters that expects data.
    fn expecting(self, of: impl FnOnce(Le) -> Instruction<'a>) -> Decoded<Instruction<'a>> {
        self.no_parameters()?;
        self.length().map(of)
    }

    /// A command without parameters that carries data.
    fn carrying(self, of: impl FnOnce(&'a [u8]) -> Instruction<'a>) -> Decoded<Instruction<'a>> {
        self.no_parameters()?;
        self.some_data().map(of)
    }

    fn no_parameters(self) -> Decoded<()> {
        if self.p1 == 0 && self.p2 == 0 { Ok(()) } else { Err(Status::IncorrectP1P2) }
    }

    fn length(self) -> Decoded<Le> {
        match self.le {
            Some(le) if self.data.is_empty() => Ok(le),
            Some(_) | None => Err(Status::WrongLength),
        }
    }

    fn some_data(self) -> Decoded<&'a [u8]> {
        if self.data.is_empty() { Err(Status::WrongLength) } else { Ok(self.data) }
    }

    fn path(self) -> Decoded<Path<'a>> {
        Path::new(self.data).ok_or(Status::WrongLength)
    }

    fn file_id(self) -> Decoded<FileId> {
        exact(self.data).map(|bytes: &[u8; 2]| FileId::from(*bytes))
    }
}

/// Takes data of exactly `N` bytes.
fn exact<const N: usize>(data: &[u8]) -> Decoded<&[u8; N]> {
    data.as_array::<N>().ok_or(Status::WrongLength)
}

/// Takes a length byte of 16 and as many bytes.
fn counted(data: &[u8]) -> Decoded<(&[u8; 16], &[u8])> {
    let Some((&length, rest)) = data.split_first() else {
        return Err(Status::WrongLength);
    };
    if length != 16 {
        return Err(Status::IncorrectData);
    }
    rest.split_first_chunk::<16>().ok_or(Status::WrongLength)
}
