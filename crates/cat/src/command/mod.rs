//! Proactive commands (TS 102.223, 6.6 and 9.4; TS 31.111, 6.6).

mod call;
mod channel;
mod header;
mod information;
mod local;
mod message;
mod multimedia;
mod screen;
mod session;

use alloc::vec::Vec;

pub use call::{CallMode, CallTarget, SendDtmf, SendSs, SendUssd, SetUpCall};
pub use channel::{
    CloseChannel, CloseMode, DeclareMode, DeclareService, GetChannelStatus, GetServiceInformation,
    OpenChannel, OpenMode, ReceiveData, SendData, SendMode, ServiceSearch, Transport,
};
pub use header::CommandDetails;
pub(crate) use header::{CommandBody, Head, QualifierBits};
pub use information::{
    GeographicalLocationRequest, LocalInformation, ProvideLocalInformation, SetUpEventList,
    TimerAction, TimerManagement,
};
pub use local::{
    Activate, CommandContainer, ContactlessStateChanged, EncapsulatedSession,
    EncapsulatedSessionControl, GetReaderStatus, LanguageNotification, PerformCardApdu,
    PowerOffCard, PowerOnCard, ReaderRequest, RunAtCommand,
};
pub use message::{LaunchBrowser, LaunchMode, SendShortMessage, ShortMessageMode};
pub use multimedia::{
    DisplayMultimediaMessage, GetFramesStatus, RetrieveMultimediaMessage, SetFrames,
    SubmitMultimediaMessage,
};
pub use screen::{
    DisplayMode, DisplayText, EntryMode, GetInkey, GetInput, InkeyMode, ItemExtras, Look, MenuMode,
    PlayTone, SelectItem, SelectMode, SetUpIdleModeText, SetUpMenu, ToneMode,
};
pub use session::{MoreTime, PollInterval, PollingOff, Refresh, RefreshMode};

use crate::{
    device::Devices,
    error::{CatError, CatErrorKind, TooLong},
    object::octet_enum,
    objects::{Objects, RawObject, Writer, read_outer},
    tag,
};

macro_rules! commands {
    ($($name:ident = $type:literal, $words:literal;)+) => {
        octet_enum! {
            /// The type of a command (TS 102.223, 9.4; TS 31.111, 9.4).
            CommandType {
                $(#[doc = concat!($words, ".")] $name = $type,)+
            }
        }

        impl CommandType {
            /// Returns what the standard calls the command.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $words,)+ }
            }
        }

        /// What a card asks the terminal to do.
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub enum Command {
            $(#[doc = concat!($words, ".")] $name($name),)+
        }

        impl Command {
            /// Returns its type.
            #[must_use]
            pub const fn command_type(&self) -> CommandType {
                match self { $(Self::$name(_) => CommandType::$name,)+ }
            }

            fn take(
                command_type: CommandType,
                head: &Head,
                objects: &mut Objects<'_>,
            ) -> Result<Self, CatError> {
                match command_type {
                    $(CommandType::$name => $name::take(head, objects).map(Self::$name),)+
                }
            }

            fn put(&self, out: &mut Writer) {
                match self { $(Self::$name(body) => CommandBody::put(body, out),)+ }
            }

            fn head(&self) -> Head {
                match self { $(Self::$name(body) => body.head(),)+ }
            }
        }

        $(impl From<$name> for Command {
            fn from(body: $name) -> Self {
                Self::$name(body)
            }
        })+

        #[cfg(any(test, feature = "testkit"))]
        impl crate::sample::Sample for Command {
            fn sample(draw: &mut crate::sample::Draw) -> Self {
                match CommandType::sample(draw) {
                    $(CommandType::$name => Self::$name(crate::sample::Sample::sample(draw)),)+
                }
            }
        }
    };
}

commands! {
    Refresh = 0x01, "REFRESH";
    MoreTime = 0x02, "MORE TIME";
    PollInterval = 0x03, "POLL INTERVAL";
    PollingOff = 0x04, "POLLING OFF";
    SetUpEventList = 0x05, "SET UP EVENT LIST";
    SetUpCall = 0x10, "SET UP CALL";
    SendSs = 0x11, "SEND SS";
    SendUssd = 0x12, "SEND USSD";
    SendShortMessage = 0x13, "SEND SHORT MESSAGE";
    SendDtmf = 0x14, "SEND DTMF";
    LaunchBrowser = 0x15, "LAUNCH BROWSER";
    GeographicalLocationRequest = 0x16, "GEOGRAPHICAL LOCATION REQUEST";
    PlayTone = 0x20, "PLAY TONE";
    DisplayText = 0x21, "DISPLAY TEXT";
    GetInkey = 0x22, "GET INKEY";
    GetInput = 0x23, "GET INPUT";
    SelectItem = 0x24, "SELECT ITEM";
    SetUpMenu = 0x25, "SET UP MENU";
    ProvideLocalInformation = 0x26, "PROVIDE LOCAL INFORMATION";
    TimerManagement = 0x27, "TIMER MANAGEMENT";
    SetUpIdleModeText = 0x28, "SET UP IDLE MODE TEXT";
    PerformCardApdu = 0x30, "PERFORM CARD APDU";
    PowerOnCard = 0x31, "POWER ON CARD";
    PowerOffCard = 0x32, "POWER OFF CARD";
    GetReaderStatus = 0x33, "GET READER STATUS";
    RunAtCommand = 0x34, "RUN AT COMMAND";
    LanguageNotification = 0x35, "LANGUAGE NOTIFICATION";
    OpenChannel = 0x40, "OPEN CHANNEL";
    CloseChannel = 0x41, "CLOSE CHANNEL";
    ReceiveData = 0x42, "RECEIVE DATA";
    SendData = 0x43, "SEND DATA";
    GetChannelStatus = 0x44, "GET CHANNEL STATUS";
    ServiceSearch = 0x45, "SERVICE SEARCH";
    GetServiceInformation = 0x46, "GET SERVICE INFORMATION";
    DeclareService = 0x47, "DECLARE SERVICE";
    SetFrames = 0x50, "SET FRAMES";
    GetFramesStatus = 0x51, "GET FRAMES STATUS";
    RetrieveMultimediaMessage = 0x60, "RETRIEVE MULTIMEDIA MESSAGE";
    SubmitMultimediaMessage = 0x61, "SUBMIT MULTIMEDIA MESSAGE";
    DisplayMultimediaMessage = 0x62, "DISPLAY MULTIMEDIA MESSAGE";
    Activate = 0x70, "ACTIVATE";
    ContactlessStateChanged = 0x71, "CONTACTLESS STATE CHANGED";
    CommandContainer = 0x72, "COMMAND CONTAINER";
    EncapsulatedSessionControl = 0x73, "ENCAPSULATED SESSION CONTROL";
}

/// A proactive command as FETCH brings it: one object `D0` (TS 102.223, 6.6).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ProactiveCommand {
    /// The number that the response repeats, 1 to 254 (TS 102.223, 6.5.1).
    pub number: u8,
    /// What is asked.
    pub command: Command,
    /// Objects that a terminal passes over: it answers with partial comprehension then
    /// (TS 102.223, 6.10.4). Sent after all others.
    pub others: Vec<RawObject>,
}

impl ProactiveCommand {
    /// Returns a command without objects that mean nothing.
    #[must_use]
    pub fn new(number: u8, command: impl Into<Command>) -> Self {
        Self { number, command: command.into(), others: Vec::new() }
    }

    /// Reads what FETCH brought.
    ///
    /// # Errors
    /// [`CatError`] says what is wrong and where; [`CatError::result`] is the answer to it, with
    /// the details of [`CommandDetails::find`].
    pub fn decode(octets: &[u8]) -> Result<Self, CatError> {
        let (outer, mut objects) = read_outer(octets)?;
        if outer != tag::PROACTIVE_COMMAND {
            return Err(CatError::new(0, CatErrorKind::OuterTag { found: outer }));
        }
        let details: CommandDetails = objects.one(tag::COMMAND_DETAILS)?;
        let devices: Devices = objects.one(tag::DEVICE_IDENTITIES)?;
        let at = objects.position(tag::COMMAND_DETAILS).unwrap_or(0);
        let head = Head {
            qualifier: details.qualifier,
            destination: devices.destination,
            details_at: at,
            devices_at: objects.position(tag::DEVICE_IDENTITIES).unwrap_or(0),
        };
        let found = details.command_type;
        let command_type = CommandType::from_octet(found)
            .ok_or_else(|| CatError::new(at, CatErrorKind::CommandType { found }))?;
        let command = Command::take(command_type, &head, &mut objects)?;
        Ok(Self { number: details.number, command, others: objects.finish()? })
    }

    /// Returns the octets for FETCH.
    ///
    /// # Errors
    /// [`TooLong`] when one FETCH cannot bring it.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Writer::default();
        out.one(tag::COMMAND_DETAILS, &self.details());
        out.one(tag::DEVICE_IDENTITIES, &self.devices());
        self.command.put(&mut out);
        out.rest(&self.others);
        out.wrapped(tag::PROACTIVE_COMMAND)
    }

    /// Returns its command details.
    ///
    /// A response repeats the details as they were received, reserved bits included: a terminal
    /// takes them by [`CommandDetails::find`].
    #[must_use]
    pub fn details(&self) -> CommandDetails {
        CommandDetails {
            number: self.number,
            command_type: self.command.command_type().octet(),
            qualifier: self.command.head().qualifier,
        }
    }

    /// Returns from whom it comes and whom it is for.
    #[must_use]
    pub fn devices(&self) -> Devices {
        Devices::to(self.command.head().destination)
    }
}

#[cfg(any(test, feature = "testkit"))]
impl crate::sample::Sample for ProactiveCommand {
    fn sample(draw: &mut crate::sample::Draw) -> Self {
        let mut command = Self::new(draw.octet(), Command::sample(draw));
        if Option::<bool>::sample(draw).is_some() {
            let value = draw.octets(0, 4);
            let tag = tag::Tag::new(0x5A + u16::from(draw.below(4))).ignorable();
            // The contents of a container take every object that stands there.
            let takes_all = matches!(
                command.command,
                Command::CommandContainer(_) | Command::EncapsulatedSessionControl(_)
            );
            if !takes_all {
                command.others.push(RawObject { tag, value });
            }
        }
        command
    }
}
