//! What the card wants to know: local information, events, timers, places.

use super::header::{CommandBody, Head, command, qualifier_numbers};
use crate::{
    device::Device,
    error::CatError,
    object::{
        clock::{TimerId, TimerValue},
        event::EventList,
        location::{GeographicalParameters, MeasurementQualifier},
        octet_enum,
    },
    objects::{Objects, Writer},
    tag,
};

octet_enum! {
    /// What local information is asked for (TS 102.223, 8.6; TS 31.111, 8.6).
    LocalInformation {
        /// Location: network, area, cell.
        Location = 0x00,
        /// IMEI.
        Imei = 0x01,
        /// Network measurement results.
        NetworkMeasurement = 0x02,
        /// Date, time and time zone.
        DateTime = 0x03,
        /// Language setting.
        Language = 0x04,
        /// Timing advance.
        TimingAdvance = 0x05,
        /// Access technology, one.
        AccessTechnology = 0x06,
        /// ESN.
        Esn = 0x07,
        /// IMEISV.
        Imeisv = 0x08,
        /// Network search mode.
        SearchMode = 0x09,
        /// Charge of the battery.
        Battery = 0x0A,
        /// MEID.
        Meid = 0x0B,
        /// The current I-WLAN.
        IWlan = 0x0C,
        /// Broadcast network.
        BroadcastNetwork = 0x0D,
        /// Access technologies, several.
        AccessTechnologies = 0x0E,
        /// Locations, for several access technologies.
        Locations = 0x0F,
        /// Network measurement results, for several access technologies.
        NetworkMeasurements = 0x10,
        /// CSG identities and names.
        Csg = 0x11,
        /// IP address of the H(e)NB.
        HomeAddress = 0x12,
        /// Macrocells around the H(e)NB.
        Macrocells = 0x13,
        /// The current WLAN.
        Wlan = 0x14,
        /// Slices.
        Slices = 0x15,
        /// CAG identities and names.
        Cag = 0x16,
        /// Rejected slices.
        RejectedSlices = 0x17,
        /// Supported radio access technologies.
        SupportedAccessTechnologies = 0x1A,
    }
}

qualifier_numbers!(LocalInformation);

command! {
    /// PROVIDE LOCAL INFORMATION (TS 102.223, 6.4.15 and 6.6.15).
    ProvideLocalInformation to Terminal [
        /// What is asked for.
        what: LocalInformation;
    ] {
        /// Which measurements, of UTRAN and E-UTRAN (TS 31.111, 6.6.15).
        measurements: opt MeasurementQualifier = tag::MEASUREMENT_QUALIFIER;
    }
    /// SET UP EVENT LIST (TS 102.223, 6.4.16 and 6.6.16).
    SetUpEventList to Terminal [] {
        /// The events, in the place of all before.
        events: one EventList = tag::EVENT_LIST;
    }
    /// GEOGRAPHICAL LOCATION REQUEST (TS 31.111, 6.4.39).
    GeographicalLocationRequest to Terminal [] {
        /// How exact, and in which form.
        parameters: one GeographicalParameters = tag::GEOGRAPHICAL_PARAMETERS;
    }
}

/// What is done to a timer (TS 102.223, 8.6).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TimerAction {
    /// It is set to a value and starts.
    Start(TimerValue),
    /// It stops; the response has what was left.
    Deactivate,
    /// The response has what is left.
    GetCurrentValue,
}

/// TIMER MANAGEMENT (TS 102.223, 6.4.21 and 6.6.21).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TimerManagement {
    /// Which timer.
    pub timer: TimerId,
    /// What is done to it.
    pub action: TimerAction,
}

impl CommandBody for TimerManagement {
    fn take(head: &Head, objects: &mut Objects<'_>) -> Result<Self, CatError> {
        let timer = objects.one(tag::TIMER_IDENTIFIER)?;
        let action = match head.qualifier & 0x03 {
            0 => TimerAction::Start(objects.one(tag::TIMER_VALUE)?),
            1 => TimerAction::Deactivate,
            2 => TimerAction::GetCurrentValue,
            _ => return Err(head.reserved()),
        };
        Ok(Self { timer, action })
    }

    fn put(&self, out: &mut Writer) {
        out.one(tag::TIMER_IDENTIFIER, &self.timer);
        match &self.action {
            TimerAction::Start(value) => out.one(tag::TIMER_VALUE, value),
            TimerAction::Deactivate | TimerAction::GetCurrentValue => {}
        }
    }

    fn head(&self) -> Head {
        let qualifier = match self.action {
            TimerAction::Start(_) => 0,
            TimerAction::Deactivate => 1,
            TimerAction::GetCurrentValue => 2,
        };
        Head { qualifier, ..Head::to(Device::Terminal) }
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{TimerAction, TimerManagement};
    use crate::sample::{Draw, Sample};

    crate::object::sample_fields! { TimerManagement { timer, action } }

    impl Sample for TimerAction {
        fn sample(draw: &mut Draw) -> Self {
            match draw.below(3) {
                0 => Self::Start(Sample::sample(draw)),
                1 => Self::Deactivate,
                _ => Self::GetCurrentValue,
            }
        }
    }
}
