//! Command details and devices in words.

use alloc::{format, string::String};
use core::fmt;

use crate::{
    command::{
        CallMode, CloseMode, CommandDetails, CommandType, DeclareMode, DisplayMode,
        EncapsulatedSession, EntryMode, InkeyMode, LaunchMode, LocalInformation, MenuMode,
        OpenMode, QualifierBits, RefreshMode, SelectMode, SendMode, ShortMessageMode, ToneMode,
    },
    device::{Device, Devices},
};

impl fmt::Display for CommandDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, command_type, qualifier } = self;
        match CommandType::from_octet(*command_type) {
            None if *command_type == LSI_COMMAND => write!(f, "number {number}, LSI COMMAND"),
            None => write!(f, "number {number}, unknown type {command_type:02X}"),
            Some(command) => {
                write!(f, "number {number}, {}", command.name())?;
                let words = words(command, *qualifier);
                if words.is_empty() { Ok(()) } else { write!(f, ": {words}") }
            }
        }
    }
}

/// The type of LSI COMMAND, of which no more than its name is known here.
const LSI_COMMAND: u8 = 0x79;

/// What a qualifier asks for; empty where it says nothing.
fn words(command: CommandType, qualifier: u8) -> String {
    use CommandType as Type;
    match command {
        Type::Refresh => number(RefreshMode::from_octet(qualifier), qualifier),
        Type::SetUpCall => number(CallMode::from_octet(qualifier), qualifier),
        Type::LaunchBrowser => number(LaunchMode::from_octet(qualifier), qualifier),
        Type::ProvideLocalInformation => number(LocalInformation::from_octet(qualifier), qualifier),
        Type::EncapsulatedSessionControl => {
            number(EncapsulatedSession::from_octet(qualifier), qualifier)
        }
        Type::TimerManagement => String::from(match qualifier & 0x03 {
            0 => "start",
            1 => "deactivate",
            2 => "get the current value",
            _ => "reserved action",
        }),
        Type::LanguageNotification => {
            String::from(if qualifier & 1 == 1 { "a specific language" } else { "no language" })
        }
        Type::SendShortMessage => bits::<ShortMessageMode>(qualifier),
        Type::PlayTone => bits::<ToneMode>(qualifier),
        Type::DisplayText => bits::<DisplayMode>(qualifier),
        Type::GetInkey => bits::<InkeyMode>(qualifier),
        Type::GetInput => bits::<EntryMode>(qualifier),
        Type::SelectItem => bits::<SelectMode>(qualifier),
        Type::SetUpMenu => bits::<MenuMode>(qualifier),
        Type::OpenChannel => bits::<OpenMode>(qualifier),
        Type::CloseChannel => bits::<CloseMode>(qualifier),
        Type::SendData => bits::<SendMode>(qualifier),
        Type::DeclareService => bits::<DeclareMode>(qualifier),
        Type::MoreTime
        | Type::PollInterval
        | Type::PollingOff
        | Type::SetUpEventList
        | Type::SendSs
        | Type::SendUssd
        | Type::SendDtmf
        | Type::GeographicalLocationRequest
        | Type::SetUpIdleModeText
        | Type::PerformCardApdu
        | Type::PowerOnCard
        | Type::PowerOffCard
        | Type::GetReaderStatus
        | Type::RunAtCommand
        | Type::ReceiveData
        | Type::GetChannelStatus
        | Type::ServiceSearch
        | Type::GetServiceInformation
        | Type::SetFrames
        | Type::GetFramesStatus
        | Type::RetrieveMultimediaMessage
        | Type::SubmitMultimediaMessage
        | Type::DisplayMultimediaMessage
        | Type::Activate
        | Type::ContactlessStateChanged
        | Type::CommandContainer => match qualifier {
            0 => String::new(),
            _ => format!("qualifier {qualifier:02X}"),
        },
    }
}

fn number(known: Option<impl fmt::Display>, qualifier: u8) -> String {
    match known {
        Some(known) => format!("{known}"),
        None => format!("reserved qualifier {qualifier:02X}"),
    }
}

fn bits<T: QualifierBits>(qualifier: u8) -> String {
    T::words(qualifier).join("; ")
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keypad => f.write_str("keypad"),
            Self::Display => f.write_str("display"),
            Self::Earpiece => f.write_str("earpiece"),
            Self::Reader(reader) => write!(f, "card reader {}", reader.number()),
            Self::Channel(channel) => write!(f, "channel {}", channel.number()),
            Self::Client(client) => write!(f, "eCAT client {}", client.number()),
            Self::Uicc => f.write_str("card"),
            Self::Terminal => f.write_str("terminal"),
            Self::Network => f.write_str("network"),
        }
    }
}

impl fmt::Display for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from the {} to the {}", self.source, self.destination)
    }
}
