//! TERMINAL RESPONSE (TS 102.223, 6.8; TS 31.111, 6.8).

mod local;
mod result;

use alloc::vec::Vec;

pub use local::LocalData;
pub use result::{
    BrowserProblem, CardProblem, ChannelProblem, ControlProblem, FrameProblem, GeneralResult,
    ReservedCause, TerminalProblem,
};

use crate::{
    body::body,
    command::{CommandDetails, CommandType, LocalInformation},
    device::{Device, Devices},
    error::{CatError, TooLong},
    object::{
        browser::AtResponse,
        card::{CardAtr, CardReaderIdentifier, CardReaderStatus, RApdu},
        channel::{
            BearerDescription, BufferSize, ChannelData, ChannelDataLength, ChannelStatus,
            OtherAddress, ServiceAvailability, ServiceRecord,
        },
        clock::{TimerId, TimerValue},
        display::{Duration, FramesInformation},
        number::CallControlAction,
        text::{ItemIdentifier, TextString},
    },
    objects::{Objects, RawObject, Writer, within_limit},
    tag,
};

/// TERMINAL RESPONSE: how the terminal did with a command, and what came of it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct TerminalResponse {
    /// The details of the command, as they were received.
    pub details: CommandDetails,
    /// How the terminal did.
    pub result: GeneralResult,
    /// What came of it. It is of the type of the command that the details name.
    pub data: ResponseData,
    /// Objects that a card passes over. Sent after all others.
    pub others: Vec<RawObject>,
}

/// What came of a command. A terminal leaves out what it does not have.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum ResponseData {
    /// Nothing more than the result: of commands for which nothing else is defined.
    None,
    /// Of POLL INTERVAL.
    PollInterval(IntervalResponse),
    /// Of SET UP CALL, SEND SS, SEND USSD and SEND SHORT MESSAGE.
    Network(NetworkResponse),
    /// Of GET INKEY and GET INPUT.
    Entry(EntryResponse),
    /// Of SELECT ITEM.
    Item(ItemResponse),
    /// Of PROVIDE LOCAL INFORMATION.
    Local(LocalData),
    /// Of TIMER MANAGEMENT.
    Timer(TimerResponse),
    /// Of PERFORM CARD APDU.
    CardApdu(CardApduResponse),
    /// Of POWER ON CARD.
    PowerOn(PowerOnResponse),
    /// Of GET READER STATUS.
    Readers(ReadersResponse),
    /// Of RUN AT COMMAND.
    At(AtCommandResponse),
    /// Of OPEN CHANNEL.
    Opened(OpenedResponse),
    /// Of RECEIVE DATA.
    Received(ReceivedResponse),
    /// Of SEND DATA.
    Sent(SentResponse),
    /// Of GET CHANNEL STATUS.
    Channels(ChannelsResponse),
    /// Of SERVICE SEARCH.
    Services(ServicesResponse),
    /// Of GET SERVICE INFORMATION.
    Service(ServiceResponse),
    /// Of SET FRAMES and GET FRAMES STATUS.
    Frames(FramesResponse),
    /// Of COMMAND CONTAINER and ENCAPSULATED SESSION CONTROL: as it is.
    Container(Vec<RawObject>),
}

body! {
    /// The interval that the terminal chose.
    IntervalResponse {
        /// How long at most between two STATUS commands.
        interval: opt Duration = tag::DURATION;
    }
    /// What the network said, and what call control made of a request.
    NetworkResponse {
        /// The answer to USSD.
        text: opt TextString = tag::TEXT_STRING;
        /// What call control put in the place of the request.
        action: opt CallControlAction = tag::CALL_CONTROL_ACTION;
        /// How that went.
        action_result: opt GeneralResult = tag::RESULT;
    }
    /// What the user typed.
    EntryResponse {
        /// The text; of GET INKEY one character, `01` for yes and `00` for no.
        text: opt TextString = tag::TEXT_STRING;
        /// How long it took.
        duration: opt Duration = tag::DURATION;
    }
    /// What the user chose.
    ItemResponse {
        /// The item.
        item: opt ItemIdentifier = tag::ITEM_IDENTIFIER;
    }
    /// What is left of a timer.
    TimerResponse {
        /// Which.
        timer: opt TimerId = tag::TIMER_IDENTIFIER;
        /// How much.
        value: opt TimerValue = tag::TIMER_VALUE;
    }
    /// What a card answered.
    CardApduResponse {
        /// The answer.
        apdu: opt RApdu = tag::R_APDU;
    }
    /// What a card said when it was powered.
    PowerOnResponse {
        /// Its ATR.
        atr: opt CardAtr = tag::CARD_ATR;
    }
    /// The readers.
    ReadersResponse {
        /// The status of each.
        statuses: many CardReaderStatus = tag::CARD_READER_STATUS;
        /// The identifier of the one asked for.
        identifier: opt CardReaderIdentifier = tag::CARD_READER_IDENTIFIER;
    }
    /// What an AT command answered.
    AtCommandResponse {
        /// The answer.
        response: opt AtResponse = tag::AT_RESPONSE;
    }
    /// A channel, as the terminal opened it.
    OpenedResponse {
        /// Its number and status.
        status: opt ChannelStatus = tag::CHANNEL_STATUS;
        /// The bearer.
        bearer: opt BearerDescription = tag::BEARER_DESCRIPTION;
        /// The buffer.
        buffer: opt BufferSize = tag::BUFFER_SIZE;
        /// The address that was assigned.
        address: opt OtherAddress = tag::OTHER_ADDRESS;
        /// The DNS servers, if they were asked for.
        dns: many OtherAddress = tag::DNS_SERVER;
    }
    /// Data from a channel.
    ReceivedResponse {
        /// The data.
        data: opt ChannelData = tag::CHANNEL_DATA;
        /// How much is left in the buffer.
        left: opt ChannelDataLength = tag::CHANNEL_DATA_LENGTH;
    }
    /// Data into a channel.
    SentResponse {
        /// How much more the buffer takes.
        free: opt ChannelDataLength = tag::CHANNEL_DATA_LENGTH;
    }
    /// The channels.
    ChannelsResponse {
        /// The status of each.
        statuses: many ChannelStatus = tag::CHANNEL_STATUS;
    }
    /// The services that were found.
    ServicesResponse {
        /// Which.
        availability: opt ServiceAvailability = tag::SERVICE_AVAILABILITY;
    }
    /// What a service says of itself.
    ServiceResponse {
        /// Its record.
        record: opt ServiceRecord = tag::SERVICE_RECORD;
    }
    /// The frames of the screen.
    FramesResponse {
        /// Which they are.
        frames: opt FramesInformation = tag::FRAMES_INFORMATION;
    }
}

impl TerminalResponse {
    /// Returns a response of a result alone.
    #[must_use]
    pub const fn new(details: CommandDetails, result: GeneralResult) -> Self {
        Self { details, result, data: ResponseData::None, others: Vec::new() }
    }

    /// Returns the same response with what came of the command.
    #[must_use]
    pub fn with_data(self, data: ResponseData) -> Self {
        Self { data, ..self }
    }

    /// Reads the data of a TERMINAL RESPONSE.
    ///
    /// # Errors
    /// [`CatError`] says what is wrong and where.
    pub fn decode(octets: &[u8]) -> Result<Self, CatError> {
        within_limit(octets)?;
        let mut objects = Objects::read(octets, 0)?;
        let details: CommandDetails = objects.one(tag::COMMAND_DETAILS)?;
        let _: Devices = objects.one(tag::DEVICE_IDENTITIES)?;
        let result = objects.one(tag::RESULT)?;
        let data = ResponseData::take(details, &mut objects)?;
        Ok(Self { details, result, data, others: objects.finish()? })
    }

    /// Returns the data of a TERMINAL RESPONSE.
    ///
    /// # Errors
    /// [`TooLong`] when one TERMINAL RESPONSE cannot carry it.
    pub fn encode(&self) -> Result<Vec<u8>, TooLong> {
        let mut out = Writer::default();
        out.one(tag::COMMAND_DETAILS, &self.details);
        out.one(tag::DEVICE_IDENTITIES, &Devices::from(Device::Terminal));
        out.one(tag::RESULT, &self.result);
        self.data.put(&mut out);
        out.rest(&self.others);
        out.bare()
    }
}

impl ResponseData {
    /// Takes what belongs to a type of command.
    fn take(details: CommandDetails, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        use CommandType as Type;
        let Some(command_type) = Type::from_octet(details.command_type) else {
            return Ok(Self::None);
        };
        let data = match command_type {
            Type::PollInterval => Self::PollInterval(IntervalResponse::take(objects)?),
            Type::SetUpCall | Type::SendSs | Type::SendUssd | Type::SendShortMessage => {
                Self::Network(NetworkResponse::take(objects)?)
            }
            Type::GetInkey | Type::GetInput => Self::Entry(EntryResponse::take(objects)?),
            Type::SelectItem => Self::Item(ItemResponse::take(objects)?),
            Type::ProvideLocalInformation => {
                match LocalInformation::from_octet(details.qualifier) {
                    Some(what) => Self::Local(LocalData::take(what, objects)?),
                    None => Self::None,
                }
            }
            Type::TimerManagement => Self::Timer(TimerResponse::take(objects)?),
            Type::PerformCardApdu => Self::CardApdu(CardApduResponse::take(objects)?),
            Type::PowerOnCard => Self::PowerOn(PowerOnResponse::take(objects)?),
            Type::GetReaderStatus => Self::Readers(ReadersResponse::take(objects)?),
            Type::RunAtCommand => Self::At(AtCommandResponse::take(objects)?),
            Type::OpenChannel => Self::Opened(OpenedResponse::take(objects)?),
            Type::ReceiveData => Self::Received(ReceivedResponse::take(objects)?),
            Type::SendData => Self::Sent(SentResponse::take(objects)?),
            Type::GetChannelStatus => Self::Channels(ChannelsResponse::take(objects)?),
            Type::ServiceSearch => Self::Services(ServicesResponse::take(objects)?),
            Type::GetServiceInformation => Self::Service(ServiceResponse::take(objects)?),
            Type::SetFrames | Type::GetFramesStatus => Self::Frames(FramesResponse::take(objects)?),
            Type::CommandContainer | Type::EncapsulatedSessionControl => {
                Self::Container(objects.rest())
            }
            Type::Refresh
            | Type::MoreTime
            | Type::PollingOff
            | Type::SetUpEventList
            | Type::SendDtmf
            | Type::LaunchBrowser
            | Type::GeographicalLocationRequest
            | Type::PlayTone
            | Type::DisplayText
            | Type::SetUpMenu
            | Type::SetUpIdleModeText
            | Type::PowerOffCard
            | Type::LanguageNotification
            | Type::CloseChannel
            | Type::DeclareService
            | Type::RetrieveMultimediaMessage
            | Type::SubmitMultimediaMessage
            | Type::DisplayMultimediaMessage
            | Type::Activate
            | Type::ContactlessStateChanged => Self::None,
        };
        Ok(data.or_none())
    }

    /// Returns nothing in the place of data without objects: both are the same on the wire.
    fn or_none(self) -> Self {
        let mut out = Writer::default();
        self.put(&mut out);
        if out.is_empty() { Self::None } else { self }
    }

    fn put(&self, out: &mut Writer) {
        match self {
            Self::None => {}
            Self::PollInterval(data) => data.put(out),
            Self::Network(data) => data.put(out),
            Self::Entry(data) => data.put(out),
            Self::Item(data) => data.put(out),
            Self::Local(data) => data.put(out),
            Self::Timer(data) => data.put(out),
            Self::CardApdu(data) => data.put(out),
            Self::PowerOn(data) => data.put(out),
            Self::Readers(data) => data.put(out),
            Self::At(data) => data.put(out),
            Self::Opened(data) => data.put(out),
            Self::Received(data) => data.put(out),
            Self::Sent(data) => data.put(out),
            Self::Channels(data) => data.put(out),
            Self::Services(data) => data.put(out),
            Self::Service(data) => data.put(out),
            Self::Frames(data) => data.put(out),
            Self::Container(objects) => out.rest(objects),
        }
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{ResponseData, TerminalResponse};
    use crate::{
        command::{CommandDetails, CommandType, LocalInformation},
        response::LocalData,
        sample::{Draw, Sample},
    };

    impl Sample for TerminalResponse {
        fn sample(draw: &mut Draw) -> Self {
            let command_type = CommandType::sample(draw);
            let what = LocalInformation::sample(draw);
            let qualifier = match command_type == CommandType::ProvideLocalInformation {
                true => what.octet(),
                false => draw.octet(),
            };
            let command_type_octet = command_type.octet();
            let number = draw.octet();
            let details = CommandDetails { number, command_type: command_type_octet, qualifier };
            let data = data(command_type, what, draw).or_none();
            Self::new(details, Sample::sample(draw)).with_data(data)
        }
    }

    fn data(command_type: CommandType, what: LocalInformation, draw: &mut Draw) -> ResponseData {
        use CommandType as Type;
        use ResponseData as Data;
        #[expect(clippy::wildcard_enum_match_arm, reason = "the others have no data")]
        match command_type {
            Type::PollInterval => Data::PollInterval(Sample::sample(draw)),
            Type::SetUpCall | Type::SendSs | Type::SendUssd | Type::SendShortMessage => {
                Data::Network(Sample::sample(draw))
            }
            Type::GetInkey | Type::GetInput => Data::Entry(Sample::sample(draw)),
            Type::SelectItem => Data::Item(Sample::sample(draw)),
            Type::ProvideLocalInformation => Data::Local(LocalData::sample(what, draw)),
            Type::TimerManagement => Data::Timer(Sample::sample(draw)),
            Type::PerformCardApdu => Data::CardApdu(Sample::sample(draw)),
            Type::PowerOnCard => Data::PowerOn(Sample::sample(draw)),
            Type::GetReaderStatus => Data::Readers(Sample::sample(draw)),
            Type::RunAtCommand => Data::At(Sample::sample(draw)),
            Type::OpenChannel => Data::Opened(Sample::sample(draw)),
            Type::ReceiveData => Data::Received(Sample::sample(draw)),
            Type::SendData => Data::Sent(Sample::sample(draw)),
            Type::GetChannelStatus => Data::Channels(Sample::sample(draw)),
            Type::ServiceSearch => Data::Services(Sample::sample(draw)),
            Type::GetServiceInformation => Data::Service(Sample::sample(draw)),
            Type::SetFrames | Type::GetFramesStatus => Data::Frames(Sample::sample(draw)),
            Type::CommandContainer | Type::EncapsulatedSessionControl => {
                Data::Container(draw.list())
            }
            _ => Data::None,
        }
    }
}
