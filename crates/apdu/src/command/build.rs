//! The commands that a terminal sends most, each by one call.

use super::{
    Authentication, BinaryAddress, Command, FileId, FileRef, Instruction, KeyRef, Occurrence, Path,
    Pin, RecordRef, Select, SelectReply, SelectTarget, Session, StatusIndication, StatusReply,
};
use crate::{Channel, Class, Family, Le};

impl<'a> Command<'a> {
    /// Returns the instruction on a logical channel, with the class that TS 102.221, table 10.5
    /// gives it.
    #[must_use]
    pub const fn on(channel: Channel, instruction: Instruction<'a>) -> Self {
        let proprietary = matches!(
            instruction,
            Instruction::Status { .. }
                | Instruction::Increase { .. }
                | Instruction::RetrieveData { .. }
                | Instruction::SetData { .. }
                | Instruction::ResizeFile { .. }
                | Instruction::StoreData { .. }
                | Instruction::GetData { .. }
        ) || !instruction.ins().allowed_in(Family::Interindustry);
        let family = if proprietary { Family::Proprietary } else { Family::Interindustry };
        Self { class: Class::new(family, channel), instruction }
    }

    /// Returns the instruction for a 2G SIM, class `A0`.
    #[must_use]
    pub const fn sim(instruction: Instruction<'a>) -> Self {
        Self { class: Class::SIM, instruction }
    }

    /// SELECT by file identifier, FCP wanted.
    #[must_use]
    pub const fn select_fid(channel: Channel, file: FileId) -> Self {
        Self::select(channel, SelectTarget::FileId(file), SelectReply::Fcp)
    }

    /// SELECT by path from the MF, FCP wanted.
    #[must_use]
    pub const fn select_path(channel: Channel, path: Path<'a>) -> Self {
        Self::select(channel, SelectTarget::PathFromMf(path), SelectReply::Fcp)
    }

    /// SELECT of an application by its identifier or the start of it, FCP wanted.
    #[must_use]
    pub const fn select_aid(channel: Channel, aid: &'a [u8]) -> Self {
        let target = SelectTarget::Aid { aid, occurrence: Occurrence::First };
        Self::select(channel, target, SelectReply::Fcp)
    }

    /// SELECT, activating.
    #[must_use]
    pub const fn select(channel: Channel, target: SelectTarget<'a>, reply: SelectReply) -> Self {
        let select = Select { target, session: Session::Activate, reply };
        Self::on(channel, Instruction::Select(select))
    }

    /// STATUS for the FCP of the current DF.
    #[must_use]
    pub const fn status(channel: Channel) -> Self {
        Self::on(
            channel,
            Instruction::Status {
                indication: StatusIndication::None,
                reply: StatusReply::Fcp,
                length: Some(Le::ANY),
            },
        )
    }

    /// READ BINARY.
    #[must_use]
    pub const fn read_binary(channel: Channel, address: BinaryAddress, length: Le) -> Self {
        Self::on(channel, Instruction::ReadBinary { address, length })
    }

    /// UPDATE BINARY.
    #[must_use]
    pub const fn update_binary(channel: Channel, address: BinaryAddress, data: &'a [u8]) -> Self {
        Self::on(channel, Instruction::UpdateBinary { address, data })
    }

    /// READ RECORD of the current EF.
    #[must_use]
    pub const fn read_record(channel: Channel, record: RecordRef, length: Le) -> Self {
        Self::on(channel, Instruction::ReadRecord { file: FileRef::Current, record, length })
    }

    /// UPDATE RECORD of the current EF.
    #[must_use]
    pub const fn update_record(channel: Channel, record: RecordRef, data: &'a [u8]) -> Self {
        Self::on(channel, Instruction::UpdateRecord { file: FileRef::Current, record, data })
    }

    /// VERIFY PIN.
    #[must_use]
    pub const fn verify_pin(channel: Channel, key: KeyRef, pin: Pin) -> Self {
        Self::on(channel, Instruction::VerifyPin { key, pin: Some(pin) })
    }

    /// VERIFY PIN without a value: how many tries are left.
    #[must_use]
    pub const fn tries_left(channel: Channel, key: KeyRef) -> Self {
        Self::on(channel, Instruction::VerifyPin { key, pin: None })
    }

    /// UNBLOCK PIN.
    #[must_use]
    pub const fn unblock_pin(channel: Channel, key: KeyRef, unblock: Pin, new: Pin) -> Self {
        Self::on(channel, Instruction::UnblockPin { key, values: Some((unblock, new)) })
    }

    /// AUTHENTICATE in the 3G context.
    #[must_use]
    pub const fn authenticate(channel: Channel, rand: &'a [u8; 16], autn: &'a [u8; 16]) -> Self {
        Self::on(channel, Instruction::Authenticate(Authentication::Umts { rand, autn }))
    }

    /// AUTHENTICATE in the GSM context.
    #[must_use]
    pub const fn authenticate_gsm(channel: Channel, rand: &'a [u8; 16]) -> Self {
        Self::on(channel, Instruction::Authenticate(Authentication::Gsm { rand }))
    }

    /// MANAGE CHANNEL: open a channel of the card's choice.
    #[must_use]
    pub const fn open_channel() -> Self {
        Self::on(Channel::BASIC, Instruction::OpenChannel(None))
    }

    /// MANAGE CHANNEL: close a channel.
    #[must_use]
    pub const fn close_channel(channel: Channel) -> Self {
        Self::on(Channel::BASIC, Instruction::CloseChannel(channel))
    }

    /// TERMINAL PROFILE.
    #[must_use]
    pub const fn terminal_profile(profile: &'a [u8]) -> Self {
        Self::on(Channel::BASIC, Instruction::TerminalProfile(profile))
    }

    /// FETCH.
    #[must_use]
    pub const fn fetch(length: Le) -> Self {
        Self::on(Channel::BASIC, Instruction::Fetch { length })
    }

    /// TERMINAL RESPONSE.
    #[must_use]
    pub const fn terminal_response(data: &'a [u8]) -> Self {
        Self::on(Channel::BASIC, Instruction::TerminalResponse(data))
    }

    /// ENVELOPE.
    #[must_use]
    pub const fn envelope(data: &'a [u8]) -> Self {
        Self::on(Channel::BASIC, Instruction::Envelope(data))
    }
}
