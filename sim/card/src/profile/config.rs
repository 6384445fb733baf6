//! An operator's values.

use std::sync::Arc;

use polysim_base::{Msisdn, Plmn};

use super::ProfileError;

/// The answer to reset of a UICC with T=0, selection by partial DF name, EF.DIR and four logical
/// channels (ISO 7816-3, 8; TS 102.221, 6.3).
pub(super) const ATR: [u8; 22] = [
    0x3B, 0x9F, 0x96, 0x80, 0x1F, 0xC7, 0x80, 0x31, 0xE0, 0x73, 0xFE, 0x21, 0x13, 0x67, 0x50, 0x4F,
    0x4C, 0x59, 0x53, 0x49, 0x4D, 0x85,
];

/// Which views of the card exist.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Applications {
    /// ADF.USIM (TS 31.102).
    pub usim: bool,
    /// ADF.ISIM (TS 31.103).
    pub isim: bool,
    /// DF.GSM, and commands of class `A0` (TS 51.011).
    pub gsm: bool,
}

/// A network in a list of preferred ones (TS 31.102, 4.2.5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PreferredPlmn {
    /// The network.
    pub plmn: Plmn,
    /// Access technologies: bit 16 UTRAN, 15 E-UTRAN, 12 NG-RAN, 8 GSM …
    pub technologies: u16,
}

impl PreferredPlmn {
    /// UTRAN, E-UTRAN (WB-S1) and GSM.
    pub const COMMON: u16 = 0xC080;

    /// Makes an entry with the usual technologies.
    #[must_use]
    pub const fn new(plmn: Plmn) -> Self {
        Self { plmn, technologies: Self::COMMON }
    }
}

/// When the name of the service provider is shown (TS 31.102, 4.2.12).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SpnDisplay {
    /// In the home network, the network's name is shown too.
    pub network_at_home: bool,
    /// Elsewhere, the provider's name is not shown.
    pub hide_when_roaming: bool,
}

/// A network's name for a range of location areas, EF.PNN and EF.OPL (TS 31.102, 4.2.58).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NetworkText {
    /// The network.
    pub plmn: Plmn,
    /// Its full name.
    pub full: String,
    /// Its short name; empty for none.
    pub short: String,
}

/// An operator's values and the make of its cards.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileConfig {
    /// The home network; the length of its network code goes to EF.AD.
    pub plmn: Plmn,
    /// EF.SPN: what 16 bytes can hold, one each of the GSM alphabet.
    pub spn: String,
    /// When it is shown.
    pub spn_display: SpnDisplay,
    /// EF.PNN and EF.OPL, up to [`Self::NAMES_MAX`].
    pub names: Vec<NetworkText>,
    /// The service centre in EF.SMSP.
    pub smsc: Option<Msisdn>,
    /// EF.PL and EF.LI, ISO 639 codes, up to [`Self::LANGUAGES_MAX`].
    pub languages: Vec<[u8; 2]>,
    /// EF.PLMNwAcT, the user's list, up to [`Self::PLMNS_MAX`].
    pub user_plmns: Vec<PreferredPlmn>,
    /// EF.OPLMNwAcT, the operator's list, up to [`Self::PLMNS_MAX`].
    pub operator_plmns: Vec<PreferredPlmn>,
    /// EF.EHPLMN beside [`plmn`](Self::plmn), up to [`Self::EQUIVALENTS_MAX`].
    pub equivalent_home: Vec<Plmn>,
    /// EF.FPLMN at issue, up to [`Self::FORBIDDEN_MAX`].
    pub forbidden: Vec<Plmn>,
    /// EF.HPPLMN: search period of a higher priority network, in units of 6 minutes; 0 for none.
    pub search_period: u8,
    /// EF.ECC, up to 6 digits each, up to [`Self::EMERGENCY_MAX`].
    pub emergency_numbers: Vec<String>,
    /// Which views exist.
    pub applications: Applications,
    /// Service 27 of EF.UST: AUTHENTICATE answers Kc too.
    pub gsm_access: bool,
    /// Logical channels, 1 to 20.
    pub channels: u8,
    /// Records of EF.ADN, 1 to 250.
    pub phonebook: u8,
    /// Records of EF.SMS, 1 to 250.
    pub texts: u8,
    /// Whether the FCP of an EF has the PIN status template too: some modules insist on it.
    pub pin_status_in_ef: bool,
    /// Whether the PIN status template lists a universal PIN; the cards need one then.
    pub universal_pin: bool,
    /// Whether command and response may be longer than 255 and 256 bytes.
    pub extended_length: bool,
    /// The answer to reset.
    pub atr: Arc<[u8]>,
}

impl ProfileConfig {
    /// Most entries of [`names`](Self::names).
    pub const NAMES_MAX: usize = 10;
    /// Most entries of [`languages`](Self::languages).
    pub const LANGUAGES_MAX: usize = 5;
    /// Most entries of a list of preferred networks.
    pub const PLMNS_MAX: usize = 80;
    /// Most entries of [`equivalent_home`](Self::equivalent_home).
    pub const EQUIVALENTS_MAX: usize = 19;
    /// Most entries of [`forbidden`](Self::forbidden).
    pub const FORBIDDEN_MAX: usize = 4;
    /// Most entries of [`emergency_numbers`](Self::emergency_numbers).
    pub const EMERGENCY_MAX: usize = 5;
    /// Most records of EF.ADN and EF.SMS.
    pub const RECORDS_MAX: u8 = 250;

    /// Describes an operator's usual card: USIM, ISIM and GSM views, four channels, Kc with 3G
    /// authentication, 112 and 911, the provider's name as the network's.
    #[must_use]
    pub fn new(plmn: Plmn, spn: &str) -> Self {
        let name = NetworkText { plmn, full: spn.to_owned(), short: spn.to_owned() };
        Self {
            plmn,
            spn: spn.to_owned(),
            spn_display: SpnDisplay { network_at_home: false, hide_when_roaming: false },
            names: vec![name],
            smsc: None,
            languages: vec![*b"en"],
            user_plmns: Vec::new(),
            operator_plmns: Vec::new(),
            equivalent_home: Vec::new(),
            forbidden: Vec::new(),
            search_period: 5,
            emergency_numbers: vec!["112".to_owned(), "911".to_owned()],
            applications: Applications { usim: true, isim: true, gsm: true },
            gsm_access: true,
            channels: 4,
            phonebook: Self::RECORDS_MAX,
            texts: 30,
            pin_status_in_ef: true,
            universal_pin: false,
            extended_length: false,
            atr: Arc::new(ATR),
        }
    }

    /// Checks the number of entries of each list.
    pub(super) fn check(&self) -> Result<(), ProfileError> {
        if !self.applications.usim && !self.applications.gsm {
            return Err(ProfileError::NoApplication);
        }
        let lists = [
            ("names", self.names.len(), 0, Self::NAMES_MAX),
            ("languages", self.languages.len(), 0, Self::LANGUAGES_MAX),
            ("user_plmns", self.user_plmns.len(), 0, Self::PLMNS_MAX),
            ("operator_plmns", self.operator_plmns.len(), 0, Self::PLMNS_MAX),
            ("equivalent_home", self.equivalent_home.len(), 0, Self::EQUIVALENTS_MAX),
            ("forbidden", self.forbidden.len(), 0, Self::FORBIDDEN_MAX),
            ("emergency_numbers", self.emergency_numbers.len(), 0, Self::EMERGENCY_MAX),
            ("channels", self.channels.into(), 1, 20),
            ("phonebook", self.phonebook.into(), 1, Self::RECORDS_MAX.into()),
            ("texts", self.texts.into(), 1, Self::RECORDS_MAX.into()),
            ("atr", self.atr.len(), 2, 33),
        ];
        lists
            .into_iter()
            .find(|(_, count, min, max)| count < min || count > max)
            .map_or(Ok(()), |(what, count, min, max)| {
                Err(ProfileError::Count { what, count, min, max })
            })
    }
}
