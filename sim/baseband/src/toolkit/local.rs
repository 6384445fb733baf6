//! PROVIDE LOCAL INFORMATION: who and where the terminal is (TS 102.223, 6.4.15).

use crate::core::Core;
use crate::effects::Effects;
use crate::radio::Mode;
use polysim_base::Imeisv;
use polysim_cat::{
    AccessTechnology, Area, DateTime, GeneralResult, Language, LocalData, LocalInformation,
    LocationInformation, NetworkMeasurement, ProvideLocalInformation, ResponseData, SearchMode,
    TerminalProblem,
};
use polysim_radio::air::{CellView, Rat};

/// The language of this terminal.
const LANGUAGE: Language = Language(*b"en");

impl Core {
    pub(super) fn tell_local(&mut self, fx: &mut Effects, wanted: ProvideLocalInformation) {
        let what = wanted.what;
        if what == LocalInformation::NetworkMeasurement && wanted.measurements.is_some() {
            return self.listen_around(fx);
        }
        let (result, data) = match self.local(fx, what) {
            Ok(data) => (GeneralResult::Performed, data),
            Err(result) => (result, None),
        };
        let data = data.map_or(ResponseData::None, ResponseData::Local);
        self.conclude_with(fx, result, data);
    }

    fn local(
        &self,
        fx: &Effects,
        what: LocalInformation,
    ) -> Result<Option<LocalData>, GeneralResult> {
        let cell = self.radio.serving.filter(|_| self.radio.registered);
        let here = cell.ok_or(GeneralResult::TerminalBusy(TerminalProblem::NoService));
        Ok(Some(match what {
            LocalInformation::Location => LocalData::Location(Some(location(&here?))),
            LocalInformation::Imei => LocalData::Imei(Some(self.imei)),
            LocalInformation::Imeisv => {
                let version = self.software_version;
                LocalData::Imeisv(Some(Imeisv { imei: self.imei, version }))
            }
            LocalInformation::NetworkMeasurement => {
                let results = measurement(&here?).ok_or(GeneralResult::BeyondCapabilities)?;
                LocalData::NetworkMeasurement { results: Some(results), channels: None }
            }
            LocalInformation::DateTime => LocalData::DateTime(self.date_time(fx)),
            LocalInformation::Language => LocalData::Language(Some(LANGUAGE)),
            LocalInformation::AccessTechnology => {
                LocalData::AccessTechnology(Some(technology(here?.rat)))
            }
            LocalInformation::SearchMode => LocalData::SearchMode(Some(self.search_mode())),
            LocalInformation::TimingAdvance
            | LocalInformation::Esn
            | LocalInformation::Battery
            | LocalInformation::Meid
            | LocalInformation::IWlan
            | LocalInformation::BroadcastNetwork
            | LocalInformation::AccessTechnologies
            | LocalInformation::Locations
            | LocalInformation::NetworkMeasurements
            | LocalInformation::Csg
            | LocalInformation::HomeAddress
            | LocalInformation::Macrocells
            | LocalInformation::Wlan
            | LocalInformation::Slices
            | LocalInformation::Cag
            | LocalInformation::RejectedSlices
            | LocalInformation::SupportedAccessTechnologies => {
                return Err(GeneralResult::BeyondCapabilities);
            }
        }))
    }

    fn date_time(&self, fx: &Effects) -> Option<DateTime> {
        let clock = self.clock.local(fx.now)?;
        let [year, month, day, hour, minute, second] = clock.fields();
        let zone = clock.zone().map(|zone| zone.quarters());
        DateTime::new((year, month, day), (hour, minute, second), zone).ok()
    }

    pub(super) const fn search_mode(&self) -> SearchMode {
        match self.radio.mode {
            Mode::Manual(_) => SearchMode::Manual,
            Mode::Automatic | Mode::ManualThenAutomatic(_) | Mode::Deregistered => {
                SearchMode::Automatic
            }
        }
    }
}

pub(super) const fn technology(rat: Rat) -> AccessTechnology {
    match rat {
        Rat::Gsm => AccessTechnology::Gsm,
        Rat::Umts => AccessTechnology::Utran,
        Rat::Lte => AccessTechnology::EUtran,
        Rat::Nr => AccessTechnology::NgRan,
    }
}

/// Where a cell is, as its technology says it (TS 31.111, 8.19).
pub(super) fn location(cell: &CellView) -> LocationInformation {
    let (code, id) = (cell.area, cell.cell.0);
    let [b0, b1, b2, b3] = id.to_be_bytes();
    let area = match cell.rat {
        Rat::Gsm => Area::Cell { code, cell: u16::from_be_bytes([b2, b3]) },
        // Cell identity, then the extended part of it.
        Rat::Umts => Area::Wide { code, cell: u32::from_be_bytes([b2, b3, b0, b1]) },
        Rat::Lte => Area::Wide { code, cell: id << 4 | 0x0F },
        Rat::Nr => {
            let [high, low] = code.to_be_bytes();
            let wide = u64::from(id) << 4 | 0x0F;
            let [_, _, _, cell @ ..] = wide.to_be_bytes();
            Area::NextGeneration { code: [0, high, low], cell }
        }
    };
    LocationInformation { plmn: Some(cell.plmn), area }
}

/// Measurement results of GSM with the serving cell alone (TS 44.018, 10.5.2.20); other
/// technologies report in forms that this terminal does not make.
fn measurement(cell: &CellView) -> Option<NetworkMeasurement> {
    if cell.rat != Rat::Gsm {
        return None;
    }
    let level = u8::try_from((i32::from(cell.level_dbm) + 111).clamp(0, 63)).unwrap_or(0);
    // Level over all and over a subset, the results valid, no neighbours.
    let mut results = [0; 16];
    let [full, sub, ..] = &mut results;
    (*full, *sub) = (level, level);
    NetworkMeasurement::new(&results).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_radio::air::CellId;

    fn cell(rat: Rat) -> CellView {
        CellView {
            cell: CellId(0x0123_4567),
            plmn: "26201".parse().unwrap(),
            rat,
            level_dbm: -80,
            area: 0xABCD,
            barred: false,
        }
    }

    #[test]
    fn each_technology_names_its_cells_in_its_own_way() {
        let area = |rat| location(&cell(rat)).area;
        assert_eq!(area(Rat::Gsm), Area::Cell { code: 0xABCD, cell: 0x4567 });
        assert_eq!(area(Rat::Umts), Area::Wide { code: 0xABCD, cell: 0x4567_0123 });
        assert_eq!(area(Rat::Lte), Area::Wide { code: 0xABCD, cell: 0x1234_567F });
        let code = [0x00, 0xAB, 0xCD];
        let long = Area::NextGeneration { code, cell: [0x00, 0x12, 0x34, 0x56, 0x7F] };
        assert_eq!(area(Rat::Nr), long);
    }

    #[test]
    fn gsm_alone_has_measurements() {
        assert_eq!(measurement(&cell(Rat::Gsm)).unwrap().octets().len(), 16);
        assert_eq!(measurement(&cell(Rat::Lte)), None);
    }
}
