//! Where a terminal is and what networks said to it.

use alloc::vec::Vec;

use polysim_base::Plmn;

use crate::{
    error::Flaw,
    object::{Object, octet, octet_enum, octet_list, octets},
};

/// Where a terminal is (TS 102.223, 8.19; TS 31.111, 8.19).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct LocationInformation {
    /// The serving network; none where the three octets are `FFFFFF`.
    pub plmn: Option<Plmn>,
    /// The area and cell in it.
    pub area: Area,
}

/// Area and cell, as far as a terminal tells them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Area {
    /// Location or tracking area code alone.
    Code(u16),
    /// GSM: location area code and cell identity.
    Cell {
        /// Location area code.
        code: u16,
        /// Cell identity.
        cell: u16,
    },
    /// UTRAN: cell identity and extended cell identity. E-UTRAN: tracking area code, and 28 bits
    /// of cell identity in the upper bits of the four octets, the rest ones.
    Wide {
        /// Location or tracking area code.
        code: u16,
        /// Four octets of cell identity.
        cell: u32,
    },
    /// NG-RAN: tracking area code, and 36 bits of cell identity in the upper bits of the five
    /// octets, the rest ones.
    NextGeneration {
        /// Tracking area code.
        code: [u8; 3],
        /// Five octets of cell identity.
        cell: [u8; 5],
    },
}

impl Object for LocationInformation {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (plmn, area) = value.split_first_chunk().ok_or(Flaw::Length)?;
        let plmn = Plmn::from_wire(*plmn).map_err(|_| Flaw::Contents(0))?;
        let area = match area {
            [a, b, c, d, e, f, g, h, ..] => {
                Area::NextGeneration { code: [*a, *b, *c], cell: [*d, *e, *f, *g, *h] }
            }
            [a, b, c, d, e, f, ..] => Area::Wide {
                code: u16::from_be_bytes([*a, *b]),
                cell: u32::from_be_bytes([*c, *d, *e, *f]),
            },
            [a, b, c, d, ..] => Area::Cell {
                code: u16::from_be_bytes([*a, *b]),
                cell: u16::from_be_bytes([*c, *d]),
            },
            [a, b, ..] => Area::Code(u16::from_be_bytes([*a, *b])),
            _ => return Err(Flaw::Length),
        };
        Ok(Self { plmn, area })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_plmn(self.plmn, out);
        match self.area {
            Area::Code(code) => out.extend(code.to_be_bytes()),
            Area::Cell { code, cell } => {
                out.extend(code.to_be_bytes());
                out.extend(cell.to_be_bytes());
            }
            Area::Wide { code, cell } => {
                out.extend(code.to_be_bytes());
                out.extend(cell.to_be_bytes());
            }
            Area::NextGeneration { code, cell } => {
                out.extend(code);
                out.extend(cell);
            }
        }
    }
}

fn put_plmn(plmn: Option<Plmn>, out: &mut Vec<u8>) {
    out.extend(plmn.map_or([0xFF; 3], |plmn| plmn.wire()));
}

octet_enum! {
    /// What service a terminal has (TS 102.223, 8.27).
    LocationStatus {
        /// Normal service.
        Normal = 0x00,
        /// Limited service.
        Limited = 0x01,
        /// No service.
        None = 0x02,
    }
}

octet_enum! {
    /// An access technology (TS 102.223, 8.61).
    AccessTechnology {
        /// GSM.
        Gsm = 0x00,
        /// TIA/EIA-553.
        Tia553 = 0x01,
        /// TIA/EIA-136.
        Tia136 = 0x02,
        /// UTRAN.
        Utran = 0x03,
        /// TETRA.
        Tetra = 0x04,
        /// TIA/EIA-95-B.
        Tia95 = 0x05,
        /// cdma2000 1x.
        Cdma2000 = 0x06,
        /// cdma2000 HRPD.
        Hrpd = 0x07,
        /// E-UTRAN.
        EUtran = 0x08,
        /// eHRPD.
        EHrpd = 0x09,
        /// NG-RAN.
        NgRan = 0x0A,
    }
}

octet_list! {
    /// The access technologies in use, one or several (TS 102.223, 8.61).
    AccessTechnologies of AccessTechnology;
}

octet_enum! {
    /// How a network is searched for (TS 102.223, 8.75).
    SearchMode {
        /// By the user.
        Manual = 0x00,
        /// By the terminal.
        Automatic = 0x01,
    }
}

octet_enum! {
    /// What was attempted when the network rejected (TS 31.111, 8.92).
    UpdateType {
        /// Normal location updating.
        LocationUpdating = 0x00,
        /// Periodic location updating.
        PeriodicLocationUpdating = 0x01,
        /// IMSI attach.
        ImsiAttach = 0x02,
        /// GPRS attach.
        GprsAttach = 0x03,
        /// Combined GPRS and IMSI attach.
        CombinedGprsAttach = 0x04,
        /// Routing area updating.
        RoutingAreaUpdating = 0x05,
        /// Combined routing and location area updating.
        CombinedRoutingAreaUpdating = 0x06,
        /// Combined routing and location area updating with IMSI attach.
        CombinedRoutingAreaUpdatingAttach = 0x07,
        /// Periodic routing area updating.
        PeriodicRoutingAreaUpdating = 0x08,
        /// EPS attach.
        EpsAttach = 0x09,
        /// Combined EPS and IMSI attach.
        CombinedEpsAttach = 0x0A,
        /// Tracking area updating.
        TrackingAreaUpdating = 0x0B,
        /// Combined tracking and location area updating.
        CombinedTrackingAreaUpdating = 0x0C,
        /// Combined tracking and location area updating with IMSI attach.
        CombinedTrackingAreaUpdatingAttach = 0x0D,
        /// Periodic tracking area updating.
        PeriodicTrackingAreaUpdating = 0x0E,
        /// 5G initial registration.
        InitialRegistration = 0x0F,
        /// 5G mobility registration updating.
        MobilityRegistration = 0x10,
        /// 5G periodic registration updating.
        PeriodicRegistration = 0x11,
    }
}

octet_enum! {
    /// Which measurements are asked for (TS 31.111, 8.73).
    MeasurementQualifier {
        /// UTRAN, intra-frequency.
        UtranIntra = 0x01,
        /// UTRAN, inter-frequency.
        UtranInter = 0x02,
        /// UTRAN, of GERAN.
        UtranOfGeran = 0x03,
        /// UTRAN, of E-UTRAN.
        UtranOfEUtran = 0x04,
        /// E-UTRAN, intra-frequency.
        EUtranIntra = 0x05,
        /// E-UTRAN, inter-frequency.
        EUtranInter = 0x06,
        /// E-UTRAN, of GERAN.
        EUtranOfGeran = 0x07,
        /// E-UTRAN, of UTRAN.
        EUtranOfUtran = 0x08,
        /// E-UTRAN, of NR.
        EUtranOfNr = 0x09,
    }
}

octet! {
    /// The cause of a rejection: of MM, GMM, EMM or 5GMM as the update type says
    /// (TS 31.111, 8.93).
    RejectionCause;
    /// The extended cause of a rejection by E-UTRAN (TS 31.111, 8.133).
    ExtendedRejectionCause;
    /// Whether a WLAN is used (TS 31.111, 8.84).
    WlanAccessStatus;
}

octets! {
    /// Network measurement results, as the radio interface has them (TS 31.111, 8.22).
    NetworkMeasurement, "network measurement results", 1..=255;
    /// BCCH channel list: channel numbers of ten bits each (TS 31.111, 8.29).
    BcchChannelList, "BCCH channel list", 1..=255;
    /// Timing advance: whether the terminal is idle, then the value (TS 31.111, 8.46).
    TimingAdvance, "timing advance", 2..=255;
    /// Tracking area identification: network, then two octets of code, three in 5G
    /// (TS 31.111, 8.99).
    TrackingArea, "tracking area identification", 5..=6;
    /// Broadcast network information: technology, then location (TS 102.223, 8.90).
    BroadcastNetwork, "broadcast network information", 1..=255;
    /// WLAN identifier (TS 31.111, 8.83).
    WlanIdentifier, "WLAN identifier", 0..=32;
    /// CSG cell selection status: general information, then additional (TS 31.111, 8.100).
    CsgSelection, "CSG cell selection status", 1..=255;
    /// CSG ID: 27 bits and fill (TS 31.111, 8.101).
    CsgId, "CSG ID", 4..=4;
    /// HNB name in UTF-8 (TS 31.111, 8.102).
    HnbName, "HNB name", 0..=48;
    /// Geographical location parameters: quality of service and preferred forms
    /// (TS 31.111, 8.94).
    GeographicalParameters, "geographical location parameters", 6..=6;
    /// GAD shape (TS 31.111, 8.95).
    GadShape, "GAD shape", 1..=255;
    /// NMEA sentence (TS 31.111, 8.96).
    NmeaSentence, "NMEA sentence", 1..=255;
    /// Supported radio access technologies: pairs of technology and state (TS 102.223, 8.105).
    SupportedAccessTechnologies, "supported radio access technologies", 0..=255;
}

/// Routing area identification (TS 31.111, 8.91).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RoutingArea {
    /// The network; none where the octets are `FFFFFF`.
    pub plmn: Option<Plmn>,
    /// Location area code.
    pub location: u16,
    /// Routing area code.
    pub routing: u8,
}

impl Object for RoutingArea {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let [x, y, z, high, low, routing, ..] = value else { return Err(Flaw::Length) };
        let plmn = Plmn::from_wire([*x, *y, *z]).map_err(|_| Flaw::Contents(0))?;
        Ok(Self { plmn, location: u16::from_be_bytes([*high, *low]), routing: *routing })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_plmn(self.plmn, out);
        out.extend(self.location.to_be_bytes());
        out.push(self.routing);
    }
}

/// Networks in order of priority; unused entries are left out (TS 31.111, 8.97).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct PlmnList(pub Vec<Plmn>);

impl Object for PlmnList {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (plmns, rest) = value.as_chunks::<3>();
        if !rest.is_empty() {
            return Err(Flaw::Length);
        }
        let mut list = Vec::with_capacity(plmns.len());
        for (at, plmn) in plmns.iter().enumerate() {
            list.extend(Plmn::from_wire(*plmn).map_err(|_| Flaw::Contents(at * 3))?);
        }
        Ok(Self(list))
    }

    fn put(&self, out: &mut Vec<u8>) {
        out.extend(self.0.iter().flat_map(|plmn| plmn.wire()));
    }
}

/// A network and the access technologies for it, as in `EF_OPLMNwAcT` (TS 31.102, 4.2.53).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PlmnWithAccess {
    /// The network.
    pub plmn: Plmn,
    /// Access technologies, a bit each.
    pub access: u16,
}

/// Networks for steering of roaming, in order of priority (TS 31.111, 8.90).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct PlmnWithAccessList(pub Vec<PlmnWithAccess>);

impl Object for PlmnWithAccessList {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (entries, rest) = value.as_chunks::<5>();
        if !rest.is_empty() {
            return Err(Flaw::Length);
        }
        let mut list = Vec::with_capacity(entries.len());
        for (at, [x, y, z, high, low]) in entries.iter().enumerate() {
            let plmn = Plmn::from_wire([*x, *y, *z]).map_err(|_| Flaw::Contents(at * 5))?;
            let access = u16::from_be_bytes([*high, *low]);
            list.extend(plmn.map(|plmn| PlmnWithAccess { plmn, access }));
        }
        Ok(Self(list))
    }

    fn put(&self, out: &mut Vec<u8>) {
        for entry in &self.0 {
            out.extend(entry.plmn.wire());
            out.extend(entry.access.to_be_bytes());
        }
    }
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{
        Area, LocationInformation, PlmnList, PlmnWithAccess, PlmnWithAccessList, RoutingArea,
    };
    use crate::{
        object::sample_fields,
        sample::{Draw, Sample},
    };

    sample_fields! {
        LocationInformation { plmn, area }
        RoutingArea { plmn, location, routing }
        PlmnWithAccess { plmn, access }
    }

    impl Sample for Area {
        fn sample(draw: &mut Draw) -> Self {
            let code = u16::sample(draw);
            match draw.below(4) {
                0 => Self::Code(code),
                1 => Self::Cell { code, cell: u16::sample(draw) },
                2 => Self::Wide { code, cell: u32::from(u16::sample(draw)) << 4 | 0x0F },
                _ => Self::NextGeneration {
                    code: core::array::from_fn(|_| draw.octet()),
                    cell: core::array::from_fn(|_| draw.octet()),
                },
            }
        }
    }

    impl Sample for PlmnList {
        fn sample(draw: &mut Draw) -> Self {
            Self(draw.list())
        }
    }

    impl Sample for PlmnWithAccessList {
        fn sample(draw: &mut Draw) -> Self {
            Self(draw.list())
        }
    }
}
