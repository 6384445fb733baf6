//! What a modem says, in words.

use polysim_at::{AccessTechnology, RegistrationStatus};
use polysim_modem::Signal;

pub(super) const fn registration(status: RegistrationStatus) -> &'static str {
    match status {
        RegistrationStatus::NotRegistered => "not registered",
        RegistrationStatus::Home | RegistrationStatus::HomeNoCsfb => "registered, home",
        RegistrationStatus::Searching => "searching",
        RegistrationStatus::Denied => "refused by the network",
        RegistrationStatus::Unknown => "not known",
        RegistrationStatus::Roaming | RegistrationStatus::RoamingNoCsfb => "registered, roaming",
        RegistrationStatus::HomeSmsOnly => "registered for texts only, home",
        RegistrationStatus::RoamingSmsOnly => "registered for texts only, roaming",
        RegistrationStatus::EmergencyOnly => "emergency calls only",
        RegistrationStatus::Other(_) => "something without a name",
    }
}

pub(super) const fn technology(technology: AccessTechnology) -> &'static str {
    match technology {
        AccessTechnology::Gsm
        | AccessTechnology::GsmCompact
        | AccessTechnology::GsmEgprs
        | AccessTechnology::EcGsmIot => "GSM",
        AccessTechnology::Utran
        | AccessTechnology::UtranHsdpa
        | AccessTechnology::UtranHsupa
        | AccessTechnology::UtranHspa => "UMTS",
        AccessTechnology::Eutran | AccessTechnology::EutranNb | AccessTechnology::EutraFiveGc => {
            "LTE"
        }
        AccessTechnology::NrFiveGc | AccessTechnology::Ngran | AccessTechnology::EutraNr => "5G",
        AccessTechnology::Other(_) => "an access without a name",
    }
}

/// Returns the level in dBm, if the modem knows it (TS 27.007, 8.5 and 8.69).
pub(super) fn level(signal: &Signal) -> Option<i16> {
    match signal {
        Signal::Basic(info) => (info.rssi <= 31).then(|| -113 + 2 * i16::from(info.rssi)),
        Signal::Extended(info) => {
            let lte = (info.rsrp <= 97).then(|| -141 + i16::from(info.rsrp));
            let umts = (info.rscp <= 96).then(|| -121 + i16::from(info.rscp));
            let gsm = (info.rxlev <= 63).then(|| -111 + i16::from(info.rxlev));
            lte.or(umts).or(gsm)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_at::{CesqInfo, CsqInfo};

    #[test]
    fn levels_are_those_of_the_tables() {
        let basic = |rssi| level(&Signal::Basic(CsqInfo { rssi, ber: 99 }));
        assert_eq!([basic(0), basic(31), basic(99)], [Some(-113), Some(-51), None]);
        let none = CesqInfo { rxlev: 99, ber: 99, rscp: 255, ecno: 255, rsrq: 255, rsrp: 255 };
        let extended = |info| level(&Signal::Extended(info));
        assert_eq!(extended(CesqInfo { rsrp: 97, ..none.clone() }), Some(-44));
        assert_eq!(extended(CesqInfo { rscp: 96, ..none.clone() }), Some(-25));
        assert_eq!(extended(CesqInfo { rxlev: 63, ..none.clone() }), Some(-48));
        assert_eq!(extended(none), None);
    }
}
