//! What a terminal answers to PROVIDE LOCAL INFORMATION.

use alloc::vec::Vec;

use polysim_base::{Imei, Imeisv};

use crate::{
    command::LocalInformation,
    error::CatError,
    object::{
        clock::DateTime,
        identity::{BatteryState, Esn, Language, Meid},
        location::{
            AccessTechnologies, AccessTechnology, BcchChannelList, BroadcastNetwork,
            LocationInformation, NetworkMeasurement, SearchMode, SupportedAccessTechnologies,
            TimingAdvance, WlanIdentifier,
        },
        network::CsgIdList,
    },
    objects::{Objects, RawObject, Writer},
    tag,
};

/// Local information, of one kind; nothing where the terminal could not give it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum LocalData {
    /// Location.
    Location(Option<LocationInformation>),
    /// IMEI.
    Imei(Option<Imei>),
    /// Network measurement results.
    NetworkMeasurement {
        /// The results.
        results: Option<NetworkMeasurement>,
        /// The channels of the neighbours, in GSM.
        channels: Option<BcchChannelList>,
    },
    /// Date, time and time zone.
    DateTime(Option<DateTime>),
    /// Language setting.
    Language(Option<Language>),
    /// Timing advance.
    TimingAdvance(Option<TimingAdvance>),
    /// Access technology.
    AccessTechnology(Option<AccessTechnology>),
    /// ESN.
    Esn(Option<Esn>),
    /// IMEISV.
    Imeisv(Option<Imeisv>),
    /// Network search mode.
    SearchMode(Option<SearchMode>),
    /// Charge of the battery.
    Battery(Option<BatteryState>),
    /// MEID.
    Meid(Option<Meid>),
    /// The current I-WLAN.
    IWlan(Option<WlanIdentifier>),
    /// Broadcast network.
    BroadcastNetwork(Option<BroadcastNetwork>),
    /// Access technologies.
    AccessTechnologies(Option<AccessTechnologies>),
    /// Locations, each for the access technology at the same place.
    Locations {
        /// The technologies.
        technologies: Vec<AccessTechnology>,
        /// The locations.
        locations: Vec<LocationInformation>,
    },
    /// Network measurement results, each for the access technology at the same place.
    NetworkMeasurements {
        /// The technologies.
        technologies: Vec<AccessTechnology>,
        /// The results.
        results: Vec<NetworkMeasurement>,
    },
    /// CSG identities, by network.
    Csg(Vec<CsgIdList>),
    /// The current WLAN.
    Wlan(Option<WlanIdentifier>),
    /// Supported radio access technologies.
    SupportedAccessTechnologies(Option<SupportedAccessTechnologies>),
    /// H(e)NB, slices and CAG: as they are (TS 31.111, 6.8).
    Raw(Vec<RawObject>),
}

const DATE_TIME: tag::Tag = tag::DATE_TIME.ignorable();
const ACCESS_TECHNOLOGY: tag::Tag = tag::ACCESS_TECHNOLOGY.ignorable();
const SEARCH_MODE: tag::Tag = tag::SEARCH_MODE.ignorable();

impl LocalData {
    pub(super) fn take(
        what: LocalInformation,
        objects: &mut Objects<'_>,
    ) -> Result<Self, CatError> {
        use LocalInformation as What;
        Ok(match what {
            What::Location => Self::Location(objects.opt(tag::LOCATION_INFORMATION)?),
            What::Imei => Self::Imei(objects.opt(tag::IMEI)?),
            What::NetworkMeasurement => Self::NetworkMeasurement {
                results: objects.opt(tag::NETWORK_MEASUREMENT)?,
                channels: objects.opt(tag::BCCH_CHANNEL_LIST)?,
            },
            What::DateTime => Self::DateTime(objects.opt(DATE_TIME)?),
            What::Language => Self::Language(objects.opt(tag::LANGUAGE)?),
            What::TimingAdvance => Self::TimingAdvance(objects.opt(tag::TIMING_ADVANCE)?),
            What::AccessTechnology => Self::AccessTechnology(objects.opt(ACCESS_TECHNOLOGY)?),
            What::Esn => Self::Esn(objects.opt(tag::ESN)?),
            What::Imeisv => Self::Imeisv(objects.opt(tag::IMEISV)?),
            What::SearchMode => Self::SearchMode(objects.opt(SEARCH_MODE)?),
            What::Battery => Self::Battery(objects.opt(tag::BATTERY_STATE)?),
            What::Meid => Self::Meid(objects.opt(tag::MEID)?),
            What::IWlan => Self::IWlan(objects.opt(tag::WLAN_IDENTIFIER)?),
            What::BroadcastNetwork => Self::BroadcastNetwork(objects.opt(tag::BROADCAST_NETWORK)?),
            What::AccessTechnologies => Self::AccessTechnologies(objects.opt(ACCESS_TECHNOLOGY)?),
            What::Locations => Self::Locations {
                technologies: objects.many(ACCESS_TECHNOLOGY)?,
                locations: objects.many(tag::LOCATION_INFORMATION)?,
            },
            What::NetworkMeasurements => Self::NetworkMeasurements {
                technologies: objects.many(ACCESS_TECHNOLOGY)?,
                results: objects.many(tag::NETWORK_MEASUREMENT)?,
            },
            What::Csg => Self::Csg(objects.many(tag::CSG_ID_LIST)?),
            What::Wlan => Self::Wlan(objects.opt(tag::WLAN_IDENTIFIER)?),
            What::SupportedAccessTechnologies => {
                let technologies = objects.opt(tag::SUPPORTED_ACCESS_TECHNOLOGIES)?;
                Self::SupportedAccessTechnologies(technologies)
            }
            What::HomeAddress
            | What::Macrocells
            | What::Slices
            | What::Cag
            | What::RejectedSlices => Self::Raw(objects.rest()),
        })
    }

    pub(super) fn put(&self, out: &mut Writer) {
        match self {
            Self::Location(location) => out.opt(tag::LOCATION_INFORMATION, location),
            Self::Imei(imei) => out.opt(tag::IMEI, imei),
            Self::NetworkMeasurement { results, channels } => {
                out.opt(tag::NETWORK_MEASUREMENT, results);
                out.opt(tag::BCCH_CHANNEL_LIST, channels);
            }
            Self::DateTime(moment) => out.opt(DATE_TIME, moment),
            Self::Language(language) => out.opt(tag::LANGUAGE, language),
            Self::TimingAdvance(advance) => out.opt(tag::TIMING_ADVANCE, advance),
            Self::AccessTechnology(technology) => out.opt(ACCESS_TECHNOLOGY, technology),
            Self::Esn(esn) => out.opt(tag::ESN, esn),
            Self::Imeisv(imeisv) => out.opt(tag::IMEISV, imeisv),
            Self::SearchMode(mode) => out.opt(SEARCH_MODE, mode),
            Self::Battery(state) => out.opt(tag::BATTERY_STATE, state),
            Self::Meid(meid) => out.opt(tag::MEID, meid),
            Self::IWlan(identifier) | Self::Wlan(identifier) => {
                out.opt(tag::WLAN_IDENTIFIER, identifier);
            }
            Self::BroadcastNetwork(network) => out.opt(tag::BROADCAST_NETWORK, network),
            Self::AccessTechnologies(technologies) => out.opt(ACCESS_TECHNOLOGY, technologies),
            Self::Locations { technologies, locations } => {
                out.many(ACCESS_TECHNOLOGY, technologies);
                out.many(tag::LOCATION_INFORMATION, locations);
            }
            Self::NetworkMeasurements { technologies, results } => {
                out.many(ACCESS_TECHNOLOGY, technologies);
                out.many(tag::NETWORK_MEASUREMENT, results);
            }
            Self::Csg(lists) => out.many(tag::CSG_ID_LIST, lists),
            Self::SupportedAccessTechnologies(technologies) => {
                out.opt(tag::SUPPORTED_ACCESS_TECHNOLOGIES, technologies);
            }
            Self::Raw(objects) => out.rest(objects),
        }
    }
}

#[cfg(any(test, feature = "testkit"))]
impl LocalData {
    pub(super) fn sample(what: LocalInformation, draw: &mut crate::sample::Draw) -> Self {
        use crate::sample::Sample;
        use LocalInformation as What;
        match what {
            What::Location => Self::Location(Sample::sample(draw)),
            What::Imei => Self::Imei(Sample::sample(draw)),
            What::NetworkMeasurement => Self::NetworkMeasurement {
                results: Sample::sample(draw),
                channels: Sample::sample(draw),
            },
            What::DateTime => Self::DateTime(Sample::sample(draw)),
            What::Language => Self::Language(Sample::sample(draw)),
            What::TimingAdvance => Self::TimingAdvance(Sample::sample(draw)),
            What::AccessTechnology => Self::AccessTechnology(Sample::sample(draw)),
            What::Esn => Self::Esn(Sample::sample(draw)),
            What::Imeisv => Self::Imeisv(Sample::sample(draw)),
            What::SearchMode => Self::SearchMode(Sample::sample(draw)),
            What::Battery => Self::Battery(Sample::sample(draw)),
            What::Meid => Self::Meid(Sample::sample(draw)),
            What::IWlan => Self::IWlan(Sample::sample(draw)),
            What::BroadcastNetwork => Self::BroadcastNetwork(Sample::sample(draw)),
            What::AccessTechnologies => Self::AccessTechnologies(Sample::sample(draw)),
            What::Locations => {
                Self::Locations { technologies: draw.list(), locations: draw.list() }
            }
            What::NetworkMeasurements => {
                Self::NetworkMeasurements { technologies: draw.list(), results: draw.list() }
            }
            What::Csg => Self::Csg(draw.list()),
            What::Wlan => Self::Wlan(Sample::sample(draw)),
            What::SupportedAccessTechnologies => {
                Self::SupportedAccessTechnologies(Sample::sample(draw))
            }
            What::HomeAddress
            | What::Macrocells
            | What::Slices
            | What::Cag
            | What::RejectedSlices => Self::Raw(draw.list()),
        }
    }
}
