//! Which features a command needs (TS 102.223, 5.2: a card sends no command whose bit is off).

use alloc::vec::Vec;

use super::Feature;
use crate::{
    command::{
        CallTarget, Command, GetInkey, LocalInformation, OpenChannel, ReaderRequest, Refresh,
        RefreshMode, SetUpCall, TimerAction,
    },
    object::{
        channel::{BearerType, TransportProtocol},
        display::Tone,
        event::Event,
        text::{TextCoding, TextString},
    },
};

impl Command {
    /// Returns the features that a terminal must have for it.
    #[must_use]
    pub fn needs(&self) -> Vec<Feature> {
        let mut needs = Vec::new();
        needs.extend(self.own_feature());
        self.add_details(&mut needs);
        needs
    }

    /// The feature of the command as such, where it has one.
    const fn own_feature(&self) -> Option<Feature> {
        Some(match self {
            Self::Refresh(_) => Feature::Refresh,
            Self::MoreTime(_) => Feature::MoreTime,
            Self::PollInterval(_) => Feature::PollInterval,
            Self::PollingOff(_) => Feature::PollingOff,
            Self::SetUpEventList(_) => Feature::SetUpEventList,
            Self::SetUpCall(_) => Feature::SetUpCall,
            Self::SendSs(_) => Feature::SendSs,
            Self::SendUssd(_) => Feature::SendUssd,
            Self::SendShortMessage(_) => Feature::SendShortMessage,
            Self::SendDtmf(_) => Feature::SendDtmf,
            Self::LaunchBrowser(_) => Feature::LaunchBrowser,
            Self::GeographicalLocationRequest(_) => Feature::GeographicalRequest,
            Self::PlayTone(_) => Feature::PlayTone,
            Self::DisplayText(_) => Feature::DisplayText,
            Self::GetInkey(_) => Feature::GetInkey,
            Self::GetInput(_) => Feature::GetInput,
            Self::SelectItem(_) => Feature::SelectItem,
            Self::SetUpMenu(_) => Feature::SetUpMenu,
            Self::SetUpIdleModeText(_) => Feature::SetUpIdleModeText,
            Self::PerformCardApdu(_) => Feature::PerformCardApdu,
            Self::PowerOnCard(_) => Feature::PowerOnCard,
            Self::PowerOffCard(_) => Feature::PowerOffCard,
            Self::RunAtCommand(_) => Feature::RunAtCommand,
            Self::LanguageNotification(_) => Feature::LanguageNotification,
            Self::OpenChannel(_) => Feature::OpenChannel,
            Self::CloseChannel(_) => Feature::CloseChannel,
            Self::ReceiveData(_) => Feature::ReceiveData,
            Self::SendData(_) => Feature::SendData,
            Self::GetChannelStatus(_) => Feature::GetChannelStatus,
            Self::ServiceSearch(_) => Feature::ServiceSearch,
            Self::GetServiceInformation(_) => Feature::GetServiceInformation,
            Self::DeclareService(_) => Feature::DeclareService,
            Self::SetFrames(_) => Feature::SetFrames,
            Self::GetFramesStatus(_) => Feature::GetFramesStatus,
            Self::RetrieveMultimediaMessage(_) => Feature::RetrieveMultimediaMessage,
            Self::SubmitMultimediaMessage(_) => Feature::SubmitMultimediaMessage,
            Self::DisplayMultimediaMessage(_) => Feature::DisplayMultimediaMessage,
            Self::Activate(_) => Feature::Activate,
            Self::ContactlessStateChanged(_) => Feature::ContactlessStateChanged,
            Self::CommandContainer(_) | Self::EncapsulatedSessionControl(_) => Feature::Containers,
            // Their features depend on what is asked.
            Self::ProvideLocalInformation(_)
            | Self::TimerManagement(_)
            | Self::GetReaderStatus(_) => return None,
        })
    }

    /// Features of what stands in it.
    fn add_details(&self, needs: &mut Vec<Feature>) {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the others need nothing more")]
        match self {
            Self::Refresh(refresh) => refresh.add(needs),
            Self::SetUpEventList(list) => {
                needs.extend(list.events.0.iter().filter_map(|event| event.feature()));
            }
            Self::SetUpCall(call) => call.add(needs),
            Self::SendShortMessage(message) if message.uri.is_some() => {
                needs.push(Feature::UriInShortMessage);
            }
            Self::PlayTone(tone) => {
                needs.extend(
                    tone.tone.filter(|tone| *tone >= Tone::Happy).map(|_| Feature::Melodies),
                );
            }
            Self::DisplayText(display) => {
                add_text(&display.text, needs);
                add_if(display.immediate_response, Feature::SustainedText, needs);
                add_if(display.duration.is_some(), Feature::DisplayTextDuration, needs);
            }
            Self::GetInkey(inkey) => inkey.add(needs),
            Self::GetInput(input) => {
                add_text(&input.text, needs);
                add_if(input.mode.alphabet && input.mode.ucs2, Feature::Ucs2Entry, needs);
                add_if(input.duration.is_some(), Feature::InputDuration, needs);
            }
            Self::SetUpIdleModeText(idle) => add_text(&idle.text, needs),
            Self::ProvideLocalInformation(local) => {
                needs.push(local.what.feature());
                add_if(local.measurements.is_some(), Feature::LocalUtranMeasurement, needs);
            }
            Self::TimerManagement(timer) => needs.push(match timer.action {
                TimerAction::Start(_) | TimerAction::Deactivate => Feature::TimerStartStop,
                TimerAction::GetCurrentValue => Feature::TimerValue,
            }),
            Self::GetReaderStatus(readers) => needs.push(match readers.request {
                ReaderRequest::Status => Feature::ReaderStatus,
                ReaderRequest::Identifier(_) => Feature::ReaderIdentifier,
            }),
            Self::OpenChannel(open) => open.add(needs),
            _ => {}
        }
    }
}

fn add_if(needed: bool, feature: Feature, needs: &mut Vec<Feature>) {
    needs.extend(needed.then_some(feature));
}

fn add_text(text: &TextString, needs: &mut Vec<Feature>) {
    add_if(text.coding() == Some(TextCoding::Ucs2), Feature::Ucs2Display, needs);
}

impl Refresh {
    fn add(&self, needs: &mut Vec<Feature>) {
        match self.mode {
            RefreshMode::Steering => needs.push(Feature::Steering),
            RefreshMode::WlanSteering => needs.push(Feature::IWlanSteering),
            RefreshMode::ProfileStateChange => needs.push(Feature::ProfileStateChange),
            RefreshMode::ApplicationUpdate => needs.push(Feature::ApplicationUpdate),
            RefreshMode::InitialisationAndFullFileChange
            | RefreshMode::FileChange
            | RefreshMode::InitialisationAndFileChange
            | RefreshMode::Initialisation
            | RefreshMode::UiccReset
            | RefreshMode::ApplicationReset
            | RefreshMode::SessionReset => {}
        }
        add_if(self.alpha.is_some(), Feature::AlphaInRefresh, needs);
        add_if(self.policy.is_some(), Feature::RefreshPolicy, needs);
    }
}

impl SetUpCall {
    fn add(&self, needs: &mut Vec<Feature>) {
        add_if(self.setting_up.is_some(), Feature::SecondAlphaInCall, needs);
        add_if(matches!(self.target, CallTarget::Uri(_)), Feature::UriInCall, needs);
        let media = self.media.map_or(0, |media| media.0);
        add_if(media & 0x01 != 0, Feature::MediaVoice, needs);
        add_if(media & 0x02 != 0, Feature::MediaVideo, needs);
    }
}

impl GetInkey {
    fn add(&self, needs: &mut Vec<Feature>) {
        add_text(&self.text, needs);
        let mode = self.mode;
        add_if(mode.alphabet && mode.ucs2 && !mode.yes_no, Feature::Ucs2Entry, needs);
        add_if(mode.yes_no, Feature::InkeyYesNo, needs);
        add_if(self.duration.is_some(), Feature::InkeyDuration, needs);
        let waits = mode.immediate || self.duration.is_some();
        add_if(mode.help && waits, Feature::InkeyHelp, needs);
    }
}

impl OpenChannel {
    fn add(&self, needs: &mut Vec<Feature>) {
        // The default bearer is whatever the terminal has.
        needs.extend(self.bearer.as_ref().and_then(|bearer| match bearer.bearer {
            BearerType::Csd => Some(Feature::BearerCsd),
            BearerType::Packet => Some(Feature::BearerGprs),
            BearerType::Bluetooth => Some(Feature::BearerBluetooth),
            BearerType::IrDa => Some(Feature::BearerIrDa),
            BearerType::Rs232 => Some(Feature::BearerRs232),
            BearerType::UtranExtended => Some(Feature::UtranExtended),
            BearerType::Wlan => Some(Feature::BearerWlan),
            BearerType::EUtran => Some(Feature::BearerEUtran),
            BearerType::Usb => Some(Feature::BearerUsb),
            BearerType::Default
            | BearerType::LocalLink
            | BearerType::Cdma2000
            | BearerType::NgRan => None,
        }));
        needs.extend(self.transport.map(|transport| match transport.level.protocol {
            TransportProtocol::UdpClient => Feature::UdpClient,
            TransportProtocol::TcpClient => Feature::TcpClient,
            TransportProtocol::TcpServer => Feature::TcpServer,
            TransportProtocol::UdpLocal => Feature::UdpLocal,
            TransportProtocol::TcpLocal => Feature::TcpLocal,
            TransportProtocol::Direct => Feature::DirectChannel,
        }));
        add_if(self.iari.is_some(), Feature::BearerIms, needs);
        add_if(self.mode.dns, Feature::DnsServers, needs);
    }
}

impl LocalInformation {
    /// Returns the feature that a terminal must have for it. Slices and CAG have no bit of their
    /// own, so the one of the location stands for them.
    #[must_use]
    pub const fn feature(self) -> Feature {
        match self {
            Self::Location | Self::Imei | Self::Slices | Self::Cag | Self::RejectedSlices => {
                Feature::LocalInformation
            }
            Self::NetworkMeasurement => Feature::LocalMeasurement,
            Self::DateTime => Feature::LocalDateTime,
            Self::Language => Feature::LocalLanguage,
            Self::TimingAdvance => Feature::LocalTimingAdvance,
            Self::AccessTechnology => Feature::LocalAccessTechnology,
            Self::Esn => Feature::LocalEsn,
            Self::Imeisv => Feature::LocalImeisv,
            Self::SearchMode => Feature::LocalSearchMode,
            Self::Battery => Feature::LocalBattery,
            Self::Meid => Feature::LocalMeid,
            Self::IWlan => Feature::LocalIWlan,
            Self::BroadcastNetwork => Feature::LocalBroadcastNetwork,
            Self::AccessTechnologies | Self::Locations | Self::NetworkMeasurements => {
                Feature::SeveralAccessTechnologies
            }
            Self::Csg => Feature::CsgDiscovery,
            Self::HomeAddress => Feature::LocalHomeAddress,
            Self::Macrocells => Feature::LocalMacrocells,
            Self::Wlan => Feature::LocalWlan,
            Self::SupportedAccessTechnologies => Feature::LocalSupportedTechnologies,
        }
    }
}

impl Event {
    /// Returns the feature that a terminal must have to tell it; none where the profile has no bit
    /// of its own for it.
    #[must_use]
    pub const fn feature(self) -> Option<Feature> {
        Some(match self {
            Self::MtCall => Feature::EventMtCall,
            Self::CallConnected => Feature::EventCallConnected,
            Self::CallDisconnected => Feature::EventCallDisconnected,
            Self::LocationStatus => Feature::EventLocationStatus,
            Self::UserActivity => Feature::EventUserActivity,
            Self::IdleScreen => Feature::EventIdleScreen,
            Self::CardReaderStatus => Feature::EventCardReaderStatus,
            Self::LanguageSelection => Feature::EventLanguageSelection,
            Self::BrowserTermination => Feature::EventBrowserTermination,
            Self::DataAvailable => Feature::EventDataAvailable,
            Self::ChannelStatus => Feature::EventChannelStatus,
            Self::AccessTechnologyChange => Feature::EventAccessTechnology,
            Self::DisplayParameters => Feature::EventDisplayParameters,
            Self::LocalConnection => Feature::EventLocalConnection,
            Self::SearchModeChange => Feature::EventSearchMode,
            Self::BrowsingStatus => Feature::EventBrowsingStatus,
            Self::FramesInformation => Feature::EventFramesInformation,
            Self::WlanAccessStatus => Feature::EventWlanAccess,
            Self::NetworkRejection => Feature::EventNetworkRejection,
            Self::HciConnectivity => Feature::EventHciConnectivity,
            Self::AccessTechnologiesChange => Feature::SeveralAccessTechnologies,
            Self::CsgSelection => Feature::EventCsgSelection,
            Self::ContactlessRequest => Feature::EventContactlessRequest,
            Self::ImsRegistration => Feature::EventImsRegistration,
            Self::ImsData => Feature::EventImsData,
            Self::ProfileContainer => Feature::Containers,
            Self::SecuredProfileContainer => Feature::SecuredContainers,
            Self::PollInterval => Feature::EventPollInterval,
            Self::DataConnection => Feature::EventPdn,
            Self::CagSelection | Self::Slices => return None,
        })
    }
}
