//! The card application toolkit: proactive commands, responses, envelopes, terminal profile
//! (TS 102.223; TS 31.111).
//!
//! A card offers a [`ProactiveCommand`] by the status word `91xx`, the terminal fetches it, does
//! what it says and answers with a [`TerminalResponse`]; what happens at the terminal it tells the
//! card by an [`Envelope`]. What can be asked of a terminal its [`TerminalProfile`] says.
//!
//! ```
//! use polysim_cat::{
//!     Command, CommandDetails, DisplayMode, DisplayText, Feature, GeneralResult, Look,
//!     ProactiveCommand, TerminalProfile, TerminalResponse, TextString, fetch_apdu,
//!     pending_status,
//! };
//!
//! // The card.
//! let command = Command::from(DisplayText {
//!     mode: DisplayMode { high_priority: false, wait_for_user: true },
//!     text: TextString::new("Hello"),
//!     immediate_response: false,
//!     duration: None,
//!     look: Look::default(),
//! });
//! let profile = TerminalProfile::of([Feature::DisplayText]);
//! assert_eq!(profile.allows(&command), Ok(()));
//! let octets = ProactiveCommand::new(1, command).encode()?;
//! let status = pending_status(&octets)?;
//!
//! // The terminal.
//! assert_eq!(fetch_apdu(status), Some([0x80, 0x12, 0, 0, 0x13]));
//! let details = CommandDetails::find(&octets).expect("a command has details");
//! let result = match ProactiveCommand::decode(&octets) {
//!     Ok(ProactiveCommand { command: Command::DisplayText(display), .. }) => {
//!         assert_eq!(display.text.text(), "Hello");
//!         GeneralResult::Performed
//!     }
//!     Ok(_) => GeneralResult::BeyondCapabilities,
//!     Err(error) => error.result(),
//! };
//! let response = TerminalResponse::new(details, result);
//! assert_eq!(TerminalResponse::decode(&response.encode()?)?, response);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Objects that a message holds beyond those that belong to it are judged by their comprehension
//! flag (TS 102.223, 6.10): without it they are kept beside the message, with it the message is
//! refused. The alphabets of TS 23.038 are here as far as the toolkit shows text.
#![no_std]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod apdu;
mod body;
mod command;
mod device;
mod envelope;
mod error;
mod explain;
mod gsm;
mod object;
mod objects;
mod profile;
mod response;
#[cfg(any(test, feature = "testkit"))]
mod sample;
pub mod tag;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;

pub use apdu::{EnvelopeStatus, Instruction, fetch_apdu, pending_status};
pub use command::{
    Activate, CallMode, CallTarget, CloseChannel, CloseMode, Command, CommandContainer,
    CommandDetails, CommandType, ContactlessStateChanged, DeclareMode, DeclareService, DisplayMode,
    DisplayMultimediaMessage, DisplayText, EncapsulatedSession, EncapsulatedSessionControl,
    EntryMode, GeographicalLocationRequest, GetChannelStatus, GetFramesStatus, GetInkey, GetInput,
    GetReaderStatus, GetServiceInformation, InkeyMode, ItemExtras, LanguageNotification,
    LaunchBrowser, LaunchMode, LocalInformation, Look, MenuMode, MoreTime, OpenChannel, OpenMode,
    PerformCardApdu, PlayTone, PollInterval, PollingOff, PowerOffCard, PowerOnCard,
    ProactiveCommand, ProvideLocalInformation, ReaderRequest, ReceiveData, Refresh, RefreshMode,
    RetrieveMultimediaMessage, RunAtCommand, SelectItem, SelectMode, SendData, SendDtmf, SendMode,
    SendShortMessage, SendSs, SendUssd, ServiceSearch, SetFrames, SetUpCall, SetUpEventList,
    SetUpIdleModeText, SetUpMenu, ShortMessageMode, SubmitMultimediaMessage, TimerAction,
    TimerManagement, ToneMode, Transport,
};
pub use device::{ChannelId, ClientId, Device, Devices, ReaderId};
pub use envelope::{
    CallControl, CallDetails, CallDisconnected, CallEnd, CallStarted, CellBroadcastDownload,
    ChannelChanged, Contents, ControlDecision, ControlReply, ControlledAction, CsgSelected,
    DataConnectionChanged, DataReady, Envelope, EventData, GeographicalLocation, ImsRegistered,
    LocalConnected, LocationChanged, MenuSelection, Message, MmsNotification, MmsTransferStatus,
    MtCall, NetworkRejected, SmsControl, SmsControlReply, SmsPpDownload, TerminalApplication,
    TimerExpiration, UssdDownload,
};
pub use error::{CatError, CatErrorKind, OutOfRange, TooLong};
pub use explain::{Explanation, Part};
pub use object::{
    browser::{
        AtCommand, AtResponse, Bearer, Bearers, BrowserIdentity, BrowserTermination,
        BrowsingStatus, ProvisioningFile, Url,
    },
    card::{CApdu, CardAtr, CardReaderIdentifier, CardReaderStatus, RApdu},
    channel::{
        AttributeInformation, BearerDescription, BearerType, BufferSize, ChannelData,
        ChannelDataLength, ChannelStatus, DeviceFilter, LinkState, NetworkAccessName, OtherAddress,
        PdnParameters, PdpParameters, RemoteEntityAddress, ServiceAvailability, ServiceRecord,
        ServiceSearchPattern, TransportLevel, TransportProtocol,
    },
    clock::{DateTime, TIMERS, TimerId, TimerValue},
    display::{
        ActivateDescriptor, ContactlessRequest, ContactlessState, DisplayParameters, Duration,
        FrameIdentifier, FrameLayout, FramesInformation, IconIdentifier, ItemIcons, NextAction,
        NextActions, ResponseLength, TextAttribute, TextFormat, TimeUnit, Tone,
    },
    event::{Event, EventList, Transaction, Transactions},
    file::{Aid, ApplicationRefreshData, FileList, FilePath, RefreshPolicy},
    heard::HeardNetwork,
    identity::{BatteryState, Esn, Language, Meid},
    location::{
        AccessTechnologies, AccessTechnology, Area, BcchChannelList, BroadcastNetwork, CsgId,
        CsgSelection, ExtendedRejectionCause, GadShape, GeographicalParameters, HnbName,
        LocationInformation, LocationStatus, MeasurementQualifier, NetworkMeasurement,
        NmeaSentence, PlmnList, PlmnWithAccess, PlmnWithAccessList, RejectionCause, RoutingArea,
        SearchMode, SupportedAccessTechnologies, TimingAdvance, TrackingArea, UpdateType,
        WlanAccessStatus, WlanIdentifier,
    },
    network::{
        CellBroadcastPage, CsgIdList, DataConnectionStatus, DataConnectionType, Iari, ImpuList,
        ImsStatus, MmContentIdentifier, MmIdentifier, MmNotification, MmReference,
        MmTransferStatus, RegistryData, SmCause, SmsTpdu,
    },
    number::{
        Address, BcRepeat, CallControlAction, CapabilityConfiguration, Cause, DtmfString, ImsUri,
        MediaType, SsString, Subaddress,
    },
    text::{AlphaIdentifier, Item, ItemIdentifier, TextCoding, TextString, UssdString},
};
pub use objects::{MESSAGE_LEN_MAX, RawObject};
pub use profile::{Feature, PROFILE_LEN_MAX, TerminalProfile};
pub use response::{
    AtCommandResponse, BrowserProblem, CardApduResponse, CardProblem, ChannelProblem,
    ChannelsResponse, ControlProblem, EntryResponse, FrameProblem, FramesResponse, GeneralResult,
    IntervalResponse, ItemResponse, LocalData, NetworkResponse, OpenedResponse, PowerOnResponse,
    ReadersResponse, ReceivedResponse, ReservedCause, ResponseData, SentResponse, ServiceResponse,
    ServicesResponse, TerminalProblem, TerminalResponse, TimerResponse,
};
