//! EVENT DOWNLOAD (TS 102.223, 7.5; TS 31.111, 7.5).

use alloc::vec::Vec;

use crate::{
    body::body,
    device::{Device, Devices},
    error::{CatError, CatErrorKind},
    object::{
        browser::{BrowserTermination, BrowsingStatus},
        card::CardReaderStatus,
        channel::{
            BearerDescription, ChannelDataLength, ChannelStatus, NetworkAccessName, OtherAddress,
            RemoteEntityAddress, ServiceRecord, TransportLevel,
        },
        clock::DateTime,
        display::{ContactlessRequest, DisplayParameters, Duration, FramesInformation},
        event::{Event, EventList, Transactions},
        identity::Language,
        location::{
            AccessTechnologies, AccessTechnology, CsgId, CsgSelection, ExtendedRejectionCause,
            HnbName, LocationInformation, LocationStatus, RejectionCause, RoutingArea, SearchMode,
            TrackingArea, UpdateType, WlanAccessStatus,
        },
        network::{DataConnectionStatus, DataConnectionType, Iari, ImpuList, ImsStatus, SmCause},
        number::{Address, Cause, ImsUri, MediaType, Subaddress},
    },
    objects::{Objects, RawObject, Writer},
    tag,
};

/// Which end of a call did something.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallEnd {
    /// The terminal.
    Near,
    /// The network, for the other end.
    Far,
}

impl CallEnd {
    const fn device(self) -> Device {
        match self {
            Self::Near => Device::Terminal,
            Self::Far => Device::Network,
        }
    }

    const fn of(devices: Devices) -> Self {
        match devices.source {
            Device::Network => Self::Far,
            Device::Keypad
            | Device::Display
            | Device::Earpiece
            | Device::Reader(_)
            | Device::Channel(_)
            | Device::Client(_)
            | Device::Uicc
            | Device::Terminal => Self::Near,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum EventData {
    /// A call comes in.
    MtCall(MtCall),
    /// A call was connected, by an end.
    CallConnected(CallEnd, CallStarted),
    /// A call was disconnected, by an end.
    CallDisconnected(CallEnd, CallDisconnected),
    /// The service or the location changed.
    LocationStatus(LocationChanged),
    /// The user did something.
    UserActivity,
    /// The screen is idle.
    IdleScreen,
    /// A card reader changed.
    CardReaderStatus(CardReaderStatus),
    /// The user chose a language.
    LanguageSelection(Language),
    /// The browser ended.
    BrowserTermination(BrowserTermination),
    /// A channel has data.
    DataAvailable(DataReady),
    /// A channel changed.
    ChannelStatus(ChannelChanged),
    /// The access technology changed.
    AccessTechnologyChange(AccessTechnology),
    /// The screen changed.
    DisplayParameters(DisplayParameters),
    /// Someone connects over a local link.
    LocalConnection(LocalConnected),
    /// The network search mode changed.
    SearchModeChange(SearchMode),
    /// The browser got an answer.
    BrowsingStatus(BrowsingStatus),
    /// The frames changed.
    FramesInformation(FramesInformation),
    /// The WLAN changed.
    WlanAccessStatus(WlanAccessStatus),
    /// A network rejected.
    NetworkRejection(NetworkRejected),
    /// The contactless front end asks.
    HciConnectivity,
    /// The access technologies changed.
    AccessTechnologiesChange(AccessTechnologies),
    /// A CSG cell was selected or left.
    CsgSelection(CsgSelected),
    /// Contactless use is asked for.
    ContactlessRequest(ContactlessRequest),
    /// IMS was registered.
    ImsRegistration(ImsRegistered),
    /// Data came by IMS, for an application.
    ImsData(Iari),
    /// A profile of an eCAT client, as it is.
    ProfileContainer(Vec<RawObject>),
    /// A secured profile of an eCAT client, as it is.
    SecuredProfileContainer(Vec<RawObject>),
    /// The terminal wants another poll interval.
    PollInterval(Duration),
    /// A data connection changed.
    DataConnection(DataConnectionChanged),
    /// A CAG cell was selected, as it is.
    CagSelection(Vec<RawObject>),
    /// The slices changed, as it is.
    Slices(Vec<RawObject>),
}

body! {
    /// A call that comes in (TS 31.111, 7.5.1A).
    MtCall {
        /// Its transaction.
        transaction: one Transactions = tag::TRANSACTION_IDENTIFIER.ignorable();
        /// Who calls.
        address: opt Address = tag::ADDRESS.ignorable();
        /// A subaddress.
        subaddress: opt Subaddress = tag::SUBADDRESS.ignorable();
        /// Who calls by IMS.
        uri: opt ImsUri = tag::IMS_URI.ignorable();
        /// Voice or video.
        media: opt MediaType = tag::MEDIA_TYPE.ignorable();
        /// The URI was too long.
        truncated: flag bool = tag::URI_TRUNCATED.ignorable();
    }
    /// A call that was connected (TS 31.111, 7.5.2A).
    CallStarted {
        /// Its transaction.
        transaction: one Transactions = tag::TRANSACTION_IDENTIFIER.ignorable();
        /// Voice or video.
        media: opt MediaType = tag::MEDIA_TYPE.ignorable();
    }
    /// A call that was disconnected (TS 31.111, 7.5.3A).
    CallDisconnected {
        /// Its transactions.
        transactions: one Transactions = tag::TRANSACTION_IDENTIFIER.ignorable();
        /// Why; none where no message said so.
        cause: opt Cause = tag::CAUSE.ignorable();
        /// Voice or video.
        media: opt MediaType = tag::MEDIA_TYPE.ignorable();
    }
    /// Service and location (TS 102.223, 7.5.4).
    LocationChanged {
        /// The service.
        status: one LocationStatus = tag::LOCATION_STATUS.ignorable();
        /// The location, in normal service.
        location: opt LocationInformation = tag::LOCATION_INFORMATION.ignorable();
    }
    /// Data in a channel (TS 102.223, 7.5.10).
    DataReady {
        /// The channel.
        status: one ChannelStatus = tag::CHANNEL_STATUS.ignorable();
        /// How much there is; `FF` is that or more.
        length: one ChannelDataLength = tag::CHANNEL_DATA_LENGTH.ignorable();
    }
    /// A channel that changed (TS 102.223, 7.5.11).
    ChannelChanged {
        /// The channel.
        status: one ChannelStatus = tag::CHANNEL_STATUS.ignorable();
        /// The bearer.
        bearer: opt BearerDescription = tag::BEARER_DESCRIPTION.ignorable();
        /// The address of the terminal.
        address: opt OtherAddress = tag::OTHER_ADDRESS.ignorable();
    }
    /// A connection over a local link (TS 102.223, 7.5.14).
    LocalConnected {
        /// To which service.
        service: one ServiceRecord = tag::SERVICE_RECORD.ignorable();
        /// From whom.
        remote_entity: opt RemoteEntityAddress = tag::REMOTE_ENTITY_ADDRESS.ignorable();
        /// Over which transport.
        level: opt TransportLevel = tag::TRANSPORT_LEVEL.ignorable();
        /// From which address.
        address: opt OtherAddress = tag::OTHER_ADDRESS.ignorable();
    }
    /// What a network rejected (TS 31.111, 7.5.2).
    NetworkRejected {
        /// In which location area.
        location: opt LocationInformation = tag::LOCATION_INFORMATION.ignorable();
        /// In which routing area.
        routing_area: opt RoutingArea = tag::ROUTING_AREA.ignorable();
        /// In which tracking area.
        tracking_area: opt TrackingArea = tag::TRACKING_AREA.ignorable();
        /// With which access technology.
        technology: one AccessTechnology = tag::ACCESS_TECHNOLOGY.ignorable();
        /// What was attempted.
        update: one UpdateType = tag::UPDATE_TYPE.ignorable();
        /// Why it was rejected.
        cause: one RejectionCause = tag::REJECTION_CAUSE.ignorable();
        /// Why, more exactly.
        extended_cause: opt ExtendedRejectionCause = tag::EXTENDED_REJECTION_CAUSE.ignorable();
    }
    /// A CSG cell (TS 31.111, 7.5.3).
    CsgSelected {
        /// The access technology.
        technology: opt AccessTechnology = tag::ACCESS_TECHNOLOGY.ignorable();
        /// Selected or left.
        status: one CsgSelection = tag::CSG_SELECTION.ignorable();
        /// Its identity.
        id: opt CsgId = tag::CSG_ID.ignorable();
        /// Its name.
        name: opt HnbName = tag::HNB_NAME.ignorable();
    }
    /// A registration of IMS (TS 31.111, 7.5.21).
    ImsRegistered {
        /// The identities.
        identities: opt ImpuList = tag::IMPU_LIST.ignorable();
        /// The status.
        status: opt ImsStatus = tag::IMS_STATUS.ignorable();
    }
    /// A data connection (TS 31.111, 7.5.25).
    DataConnectionChanged {
        /// What happened.
        status: one DataConnectionStatus = tag::DATA_CONNECTION_STATUS.ignorable();
        /// To which kind.
        kind: one DataConnectionType = tag::DATA_CONNECTION_TYPE.ignorable();
        /// Why.
        cause: opt SmCause = tag::SM_CAUSE.ignorable();
        /// Its transaction.
        transaction: opt Transactions = tag::TRANSACTION_IDENTIFIER.ignorable();
        /// When.
        moment: opt DateTime = tag::DATE_TIME.ignorable();
        /// The service.
        service: opt LocationStatus = tag::LOCATION_STATUS.ignorable();
        /// Where.
        location: opt LocationInformation = tag::LOCATION_INFORMATION.ignorable();
        /// With which access technology.
        technology: opt AccessTechnology = tag::ACCESS_TECHNOLOGY.ignorable();
        /// To which access point.
        access_name: opt NetworkAccessName = tag::NETWORK_ACCESS_NAME.ignorable();
    }
}

const LIST: tag::Tag = tag::EVENT_LIST.ignorable();

impl EventData {
    pub(super) fn read(devices: Devices, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        let at = objects.position(LIST).unwrap_or(0);
        let EventList(events) = objects.one(LIST)?;
        let [event] = events.as_slice() else {
            let object = tag::EVENT_LIST;
            return Err(CatError::new(at, CatErrorKind::Length { object, octets: events.len() }));
        };
        Self::take(*event, devices, objects)
    }

    /// Writes which event it is: that stands before the devices.
    pub(super) fn put_list(&self, out: &mut Writer) {
        out.one(LIST, &self.event());
    }

    /// Returns which event it is.
    #[must_use]
    pub const fn event(&self) -> Event {
        match self {
            Self::MtCall(_) => Event::MtCall,
            Self::CallConnected(..) => Event::CallConnected,
            Self::CallDisconnected(..) => Event::CallDisconnected,
            Self::LocationStatus(_) => Event::LocationStatus,
            Self::UserActivity => Event::UserActivity,
            Self::IdleScreen => Event::IdleScreen,
            Self::CardReaderStatus(_) => Event::CardReaderStatus,
            Self::LanguageSelection(_) => Event::LanguageSelection,
            Self::BrowserTermination(_) => Event::BrowserTermination,
            Self::DataAvailable(_) => Event::DataAvailable,
            Self::ChannelStatus(_) => Event::ChannelStatus,
            Self::AccessTechnologyChange(_) => Event::AccessTechnologyChange,
            Self::DisplayParameters(_) => Event::DisplayParameters,
            Self::LocalConnection(_) => Event::LocalConnection,
            Self::SearchModeChange(_) => Event::SearchModeChange,
            Self::BrowsingStatus(_) => Event::BrowsingStatus,
            Self::FramesInformation(_) => Event::FramesInformation,
            Self::WlanAccessStatus(_) => Event::WlanAccessStatus,
            Self::NetworkRejection(_) => Event::NetworkRejection,
            Self::HciConnectivity => Event::HciConnectivity,
            Self::AccessTechnologiesChange(_) => Event::AccessTechnologiesChange,
            Self::CsgSelection(_) => Event::CsgSelection,
            Self::ContactlessRequest(_) => Event::ContactlessRequest,
            Self::ImsRegistration(_) => Event::ImsRegistration,
            Self::ImsData(_) => Event::ImsData,
            Self::ProfileContainer(_) => Event::ProfileContainer,
            Self::SecuredProfileContainer(_) => Event::SecuredProfileContainer,
            Self::PollInterval(_) => Event::PollInterval,
            Self::DataConnection(_) => Event::DataConnection,
            Self::CagSelection(_) => Event::CagSelection,
            Self::Slices(_) => Event::Slices,
        }
    }

    /// Returns who tells it.
    pub(super) const fn source(&self) -> Device {
        if let Self::CallConnected(end, _) | Self::CallDisconnected(end, _) = self {
            return end.device();
        }
        if matches!(self, Self::MtCall(_) | Self::ImsData(_)) {
            Device::Network
        } else if matches!(self, Self::IdleScreen) {
            Device::Display
        } else {
            Device::Terminal
        }
    }

    fn take(event: Event, devices: Devices, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        Ok(match event {
            Event::MtCall => Self::MtCall(MtCall::take(objects)?),
            Event::CallConnected => {
                Self::CallConnected(CallEnd::of(devices), CallStarted::take(objects)?)
            }
            Event::CallDisconnected => {
                Self::CallDisconnected(CallEnd::of(devices), CallDisconnected::take(objects)?)
            }
            Event::LocationStatus => Self::LocationStatus(LocationChanged::take(objects)?),
            Event::UserActivity => Self::UserActivity,
            Event::IdleScreen => Self::IdleScreen,
            Event::CardReaderStatus => Self::CardReaderStatus(objects.one(READER)?),
            Event::LanguageSelection => Self::LanguageSelection(objects.one(LANGUAGE)?),
            Event::BrowserTermination => Self::BrowserTermination(objects.one(TERMINATION)?),
            Event::DataAvailable => Self::DataAvailable(DataReady::take(objects)?),
            Event::ChannelStatus => Self::ChannelStatus(ChannelChanged::take(objects)?),
            Event::AccessTechnologyChange => Self::AccessTechnologyChange(objects.one(ACCESS)?),
            Event::DisplayParameters => Self::DisplayParameters(objects.one(DISPLAY)?),
            Event::LocalConnection => Self::LocalConnection(LocalConnected::take(objects)?),
            Event::SearchModeChange => Self::SearchModeChange(objects.one(SEARCH)?),
            Event::BrowsingStatus => Self::BrowsingStatus(objects.one(BROWSING)?),
            Event::FramesInformation => Self::FramesInformation(objects.one(FRAMES)?),
            Event::WlanAccessStatus => Self::WlanAccessStatus(objects.one(WLAN)?),
            Event::NetworkRejection => Self::NetworkRejection(NetworkRejected::take(objects)?),
            Event::HciConnectivity => Self::HciConnectivity,
            Event::AccessTechnologiesChange => Self::AccessTechnologiesChange(objects.one(ACCESS)?),
            Event::CsgSelection => Self::CsgSelection(CsgSelected::take(objects)?),
            Event::ContactlessRequest => Self::ContactlessRequest(objects.one(CONTACTLESS)?),
            Event::ImsRegistration => Self::ImsRegistration(ImsRegistered::take(objects)?),
            Event::ImsData => Self::ImsData(objects.one(IARI)?),
            Event::ProfileContainer => Self::ProfileContainer(objects.rest()),
            Event::SecuredProfileContainer => Self::SecuredProfileContainer(objects.rest()),
            Event::PollInterval => Self::PollInterval(objects.one(DURATION)?),
            Event::DataConnection => Self::DataConnection(DataConnectionChanged::take(objects)?),
            Event::CagSelection => Self::CagSelection(objects.rest()),
            Event::Slices => Self::Slices(objects.rest()),
        })
    }

    pub(super) fn put(&self, out: &mut Writer) {
        match self {
            Self::MtCall(body) => body.put(out),
            Self::CallConnected(_, body) => body.put(out),
            Self::CallDisconnected(_, body) => body.put(out),
            Self::LocationStatus(body) => body.put(out),
            Self::UserActivity | Self::IdleScreen | Self::HciConnectivity => {}
            Self::CardReaderStatus(status) => out.one(READER, status),
            Self::LanguageSelection(language) => out.one(LANGUAGE, language),
            Self::BrowserTermination(cause) => out.one(TERMINATION, cause),
            Self::DataAvailable(body) => body.put(out),
            Self::ChannelStatus(body) => body.put(out),
            Self::AccessTechnologyChange(technology) => out.one(ACCESS, technology),
            Self::DisplayParameters(parameters) => out.one(DISPLAY, parameters),
            Self::LocalConnection(body) => body.put(out),
            Self::SearchModeChange(mode) => out.one(SEARCH, mode),
            Self::BrowsingStatus(status) => out.one(BROWSING, status),
            Self::FramesInformation(frames) => out.one(FRAMES, frames),
            Self::WlanAccessStatus(status) => out.one(WLAN, status),
            Self::NetworkRejection(body) => body.put(out),
            Self::AccessTechnologiesChange(technologies) => out.one(ACCESS, technologies),
            Self::CsgSelection(body) => body.put(out),
            Self::ContactlessRequest(request) => out.one(CONTACTLESS, request),
            Self::ImsRegistration(body) => body.put(out),
            Self::ImsData(iari) => out.one(IARI, iari),
            Self::PollInterval(interval) => out.one(DURATION, interval),
            Self::DataConnection(body) => body.put(out),
            Self::ProfileContainer(objects)
            | Self::SecuredProfileContainer(objects)
            | Self::CagSelection(objects)
            | Self::Slices(objects) => out.rest(objects),
        }
    }
}

const READER: tag::Tag = tag::CARD_READER_STATUS.ignorable();
const LANGUAGE: tag::Tag = tag::LANGUAGE.ignorable();
const TERMINATION: tag::Tag = tag::BROWSER_TERMINATION.ignorable();
const ACCESS: tag::Tag = tag::ACCESS_TECHNOLOGY.ignorable();
const DISPLAY: tag::Tag = tag::DISPLAY_PARAMETERS.ignorable();
const SEARCH: tag::Tag = tag::SEARCH_MODE.ignorable();
const BROWSING: tag::Tag = tag::BROWSING_STATUS.ignorable();
const FRAMES: tag::Tag = tag::FRAMES_INFORMATION.ignorable();
const WLAN: tag::Tag = tag::WLAN_ACCESS_STATUS.ignorable();
const CONTACTLESS: tag::Tag = tag::CONTACTLESS_REQUEST.ignorable();
const IARI: tag::Tag = tag::IARI.ignorable();
const DURATION: tag::Tag = tag::DURATION.ignorable();
