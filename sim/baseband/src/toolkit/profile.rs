//! What this terminal can do (TS 102.223, 5.2).

use crate::Model;
use polysim_cat::{Feature, TerminalProfile};

/// Channels at a time.
pub(super) const CHANNELS_MAX: u8 = 2;

/// How many features the bearer independent protocol has.
const CHANNEL_FEATURES: usize = 10;

/// Everything that is implemented here: what few have first, then the bearer independent protocol.
pub(crate) const ALL_FEATURES: &[Feature] = &[
    Feature::LocalUtranMeasurement,
    Feature::EventDataAvailable,
    Feature::EventChannelStatus,
    Feature::OpenChannel,
    Feature::CloseChannel,
    Feature::ReceiveData,
    Feature::SendData,
    Feature::GetChannelStatus,
    Feature::BearerGprs,
    Feature::TcpClient,
    Feature::BearerEUtran,
    Feature::ProfileDownload,
    Feature::SmsPpDownload,
    Feature::SmsPpErrorCodes,
    Feature::MenuSelection,
    Feature::TimerExpiration,
    Feature::CommandResult,
    Feature::Ucs2Entry,
    Feature::Ucs2Display,
    Feature::DisplayText,
    Feature::GetInkey,
    Feature::GetInput,
    Feature::MoreTime,
    Feature::PlayTone,
    Feature::PollInterval,
    Feature::PollingOff,
    Feature::Refresh,
    Feature::SelectItem,
    Feature::SendShortMessage,
    Feature::SendUssd,
    Feature::SetUpCall,
    Feature::SetUpMenu,
    Feature::LocalInformation,
    Feature::LocalMeasurement,
    Feature::SetUpEventList,
    Feature::EventMtCall,
    Feature::EventCallConnected,
    Feature::EventCallDisconnected,
    Feature::EventLocationStatus,
    Feature::EventUserActivity,
    Feature::EventIdleScreen,
    Feature::EventLanguageSelection,
    Feature::EventBrowserTermination,
    Feature::EventAccessTechnology,
    Feature::EventSearchMode,
    Feature::TimerStartStop,
    Feature::TimerValue,
    Feature::LocalDateTime,
    Feature::InkeyYesNo,
    Feature::SetUpIdleModeText,
    Feature::SustainedText,
    Feature::SendDtmf,
    Feature::LocalLanguage,
    Feature::LanguageNotification,
    Feature::LocalAccessTechnology,
    Feature::NoDisplay,
    Feature::NoKeypad,
    Feature::DisplayTextDuration,
    Feature::InkeyDuration,
    Feature::InkeyHelp,
    Feature::LocalImeisv,
    Feature::LocalSearchMode,
    Feature::AlphaInRefresh,
    Feature::EventNetworkRejection,
    Feature::EUtranRejection,
    Feature::Steering,
    Feature::RefreshPolicy,
    Feature::InputDuration,
];

/// What most modems have of it.
pub(crate) const FEATURES: &[Feature] = ALL_FEATURES.split_at(1).1;

/// The same without the bearer independent protocol.
pub(crate) const FEATURES_WITHOUT_CHANNELS: &[Feature] = FEATURES.split_at(CHANNEL_FEATURES).1;

/// The profile of a model; empty where it has no toolkit.
pub(crate) fn own_profile(model: &Model) -> TerminalProfile {
    let mut profile = TerminalProfile::of(model.toolkit.iter().copied());
    if profile.supports(Feature::OpenChannel) {
        profile.set_channels(CHANNELS_MAX);
    }
    profile
}
