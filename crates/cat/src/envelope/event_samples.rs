//! Samples of events.

use super::event::{CallEnd, EventData};
use crate::{
    object::event::Event,
    sample::{Draw, Sample},
};

impl EventData {
    /// Tells whether its objects are not taken apart, so that nothing is left over.
    pub(super) const fn takes_all(&self) -> bool {
        matches!(
            self,
            Self::ProfileContainer(_)
                | Self::SecuredProfileContainer(_)
                | Self::CagSelection(_)
                | Self::Slices(_)
        )
    }
}

impl Sample for CallEnd {
    fn sample(draw: &mut Draw) -> Self {
        draw.pick(&[Self::Near, Self::Far])
    }
}

impl Sample for EventData {
    fn sample(draw: &mut Draw) -> Self {
        match Event::sample(draw) {
            Event::MtCall => Self::MtCall(Sample::sample(draw)),
            Event::CallConnected => Self::CallConnected(Sample::sample(draw), Sample::sample(draw)),
            Event::CallDisconnected => {
                Self::CallDisconnected(Sample::sample(draw), Sample::sample(draw))
            }
            Event::LocationStatus => Self::LocationStatus(Sample::sample(draw)),
            Event::UserActivity => Self::UserActivity,
            Event::IdleScreen => Self::IdleScreen,
            Event::CardReaderStatus => Self::CardReaderStatus(Sample::sample(draw)),
            Event::LanguageSelection => Self::LanguageSelection(Sample::sample(draw)),
            Event::BrowserTermination => Self::BrowserTermination(Sample::sample(draw)),
            Event::DataAvailable => Self::DataAvailable(Sample::sample(draw)),
            Event::ChannelStatus => Self::ChannelStatus(Sample::sample(draw)),
            Event::AccessTechnologyChange => Self::AccessTechnologyChange(Sample::sample(draw)),
            Event::DisplayParameters => Self::DisplayParameters(Sample::sample(draw)),
            Event::LocalConnection => Self::LocalConnection(Sample::sample(draw)),
            Event::SearchModeChange => Self::SearchModeChange(Sample::sample(draw)),
            Event::BrowsingStatus => Self::BrowsingStatus(Sample::sample(draw)),
            Event::FramesInformation => Self::FramesInformation(Sample::sample(draw)),
            Event::WlanAccessStatus => Self::WlanAccessStatus(Sample::sample(draw)),
            Event::NetworkRejection => Self::NetworkRejection(Sample::sample(draw)),
            Event::HciConnectivity => Self::HciConnectivity,
            Event::AccessTechnologiesChange => Self::AccessTechnologiesChange(Sample::sample(draw)),
            Event::CsgSelection => Self::CsgSelection(Sample::sample(draw)),
            Event::ContactlessRequest => Self::ContactlessRequest(Sample::sample(draw)),
            Event::ImsRegistration => Self::ImsRegistration(Sample::sample(draw)),
            Event::ImsData => Self::ImsData(Sample::sample(draw)),
            Event::ProfileContainer => Self::ProfileContainer(draw.list()),
            Event::SecuredProfileContainer => Self::SecuredProfileContainer(draw.list()),
            Event::PollInterval => Self::PollInterval(Sample::sample(draw)),
            Event::DataConnection => Self::DataConnection(Sample::sample(draw)),
            Event::CagSelection => Self::CagSelection(draw.list()),
            Event::Slices => Self::Slices(draw.list()),
        }
    }
}
