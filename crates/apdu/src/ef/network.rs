//! Lists of networks and carriers.

use alloc::vec::Vec;

use polysim_base::Plmn;
use polysim_base::tlv::{BerReader, put_ber};

use super::{Contents, EfError, FILLER, fixed};

/// Networks in order of priority: EF.PLMNsel, EF.FPLMN (TS 31.102, 4.2.16), EF.EHPLMN (4.2.84).
/// Unused places are left out.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct PlmnList(pub Vec<Plmn>);

impl Contents for PlmnList {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let entries = bytes.as_chunks::<3>().0.iter();
        let known = entries.filter_map(|entry| Plmn::from_wire(*entry).transpose());
        Ok(Self(known.collect::<Result<_, _>>()?))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend(self.0.iter().flat_map(Plmn::wire));
        Ok(())
    }
}

/// Access technologies of a network (TS 31.102, 4.2.5), as the two bytes have them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct AccessTechnologies(pub u16);

impl AccessTechnologies {
    /// UTRAN.
    pub const UTRAN: Self = Self(0x8000);
    /// E-UTRAN, both WB-S1 and NB-S1.
    pub const E_UTRAN: Self = Self(0x4000);
    /// E-UTRAN in WB-S1 mode only.
    pub const E_UTRAN_WB: Self = Self(0x6000);
    /// E-UTRAN in NB-S1 mode only.
    pub const E_UTRAN_NB: Self = Self(0x5000);
    /// NG-RAN.
    pub const NG_RAN: Self = Self(0x0800);
    /// GSM and EC-GSM-IoT.
    pub const GSM: Self = Self(0x0080);
    /// GSM without EC-GSM-IoT.
    pub const GSM_ONLY: Self = Self(0x0084);
    /// EC-GSM-IoT without GSM.
    pub const EC_GSM_IOT: Self = Self(0x0088);

    /// Returns both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Tells whether UTRAN is in it.
    #[must_use]
    pub const fn utran(self) -> bool {
        self.0 & 0x8000 != 0
    }

    /// Tells whether E-UTRAN in WB-S1 mode is in it.
    #[must_use]
    pub const fn e_utran_wb(self) -> bool {
        matches!(self.0 & 0x7000, 0x4000 | 0x6000 | 0x7000)
    }

    /// Tells whether E-UTRAN in NB-S1 mode is in it.
    #[must_use]
    pub const fn e_utran_nb(self) -> bool {
        matches!(self.0 & 0x7000, 0x4000 | 0x5000 | 0x7000)
    }

    /// Tells whether NG-RAN is in it.
    #[must_use]
    pub const fn ng_ran(self) -> bool {
        self.0 & 0x0800 != 0
    }

    /// Tells whether GSM is in it.
    #[must_use]
    pub const fn gsm(self) -> bool {
        matches!(self.0 & 0x008C, 0x0080 | 0x0084 | 0x008C)
    }

    /// Tells whether EC-GSM-IoT is in it.
    #[must_use]
    pub const fn ec_gsm_iot(self) -> bool {
        matches!(self.0 & 0x008C, 0x0080 | 0x0088 | 0x008C)
    }
}

/// A network and technologies.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct PlmnAct {
    /// The network.
    pub plmn: Plmn,
    /// Its technologies; none means that none is preferred.
    pub technologies: AccessTechnologies,
}

/// EF.PLMNwAcT, EF.OPLMNwAcT, EF.HPLMNwAcT (TS 31.102, 4.2.5, 4.2.53, 4.2.54). Unused places
/// are left out; they are written as `FFFFFF0000`.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct PlmnActList(pub Vec<PlmnAct>);

impl Contents for PlmnActList {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut list = Vec::new();
        for &[a, b, c, high, low] in bytes.as_chunks::<5>().0 {
            let technologies = AccessTechnologies(u16::from_be_bytes([high, low]));
            if let Some(plmn) = Plmn::from_wire([a, b, c])? {
                list.push(PlmnAct { plmn, technologies });
            }
        }
        Ok(Self(list))
    }

    fn put(&self, size: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        for entry in &self.0 {
            out.extend_from_slice(&entry.plmn.wire());
            out.extend_from_slice(&entry.technologies.0.to_be_bytes());
        }
        for _ in self.0.len()..size / 5 {
            out.extend_from_slice(&[FILLER, FILLER, FILLER, 0, 0]);
        }
        Ok(())
    }
}

/// EF.EARFCNList, carriers for searching NB-IoT and the areas where they are (TS 31.102, 4.2.104).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct EarfcnList(pub Vec<Earfcn>);

/// One carrier.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Earfcn {
    /// Its number.
    pub earfcn: u32,
    /// Polygons within which it is used.
    pub areas: Vec<Vec<GeographicPoint>>,
}

/// A point as TS 23.032, 6.1 codes it, 24 bits each.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct GeographicPoint {
    /// Latitude.
    pub latitude: [u8; 3],
    /// Longitude.
    pub longitude: [u8; 3],
}

impl Contents for EarfcnList {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        let mut list = Vec::new();
        for object in BerReader::new(bytes) {
            let object = object?;
            if object.tag == 0xA0 {
                list.push(Earfcn::parse(object.children())?);
            }
        }
        Ok(Self(list))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        for carrier in &self.0 {
            let mut value = Vec::new();
            put_ber(&mut value, 0x80, &carrier.earfcn.to_be_bytes());
            for area in &carrier.areas {
                let points: Vec<u8> = area
                    .iter()
                    .flat_map(|point| point.latitude.into_iter().chain(point.longitude))
                    .collect();
                put_ber(&mut value, 0x81, &points);
            }
            put_ber(out, 0xA0, &value);
        }
        Ok(())
    }
}

impl Earfcn {
    fn parse(objects: BerReader<'_>) -> Result<Self, EfError> {
        let mut carrier = Self::default();
        for object in objects {
            let object = object?;
            match object.tag {
                0x80 => carrier.earfcn = u32::from_be_bytes(fixed(object.tag, object.value)?),
                0x81 => {
                    let (points, rest) = object.value.as_chunks::<6>();
                    if !rest.is_empty() {
                        let len = object.value.len();
                        return Err(EfError::Object { tag: object.tag, len });
                    }
                    let points = points.iter().map(|&[a, b, c, d, e, f]| GeographicPoint {
                        latitude: [a, b, c],
                        longitude: [d, e, f],
                    });
                    carrier.areas.push(points.collect());
                }
                _ => {}
            }
        }
        Ok(carrier)
    }
}
