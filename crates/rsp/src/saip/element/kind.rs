//! The kinds of profile elements.

/// The kinds of elements, with the numbers that the format gives them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(missing_docs, reason = "the names are those of the standard")]
pub enum ElementKind {
    Header,
    GenericFileManagement,
    PinCodes,
    PukCodes,
    AkaParameter,
    CdmaParameter,
    SecurityDomain,
    Rfm,
    Application,
    NonStandard,
    End,
    Mf,
    Cd,
    Telecom,
    Usim,
    OptUsim,
    Isim,
    OptIsim,
    Phonebook,
    GsmAccess,
    Csim,
    OptCsim,
    Eap,
    Df5gs,
    DfSaip,
    DfSnpn,
    Df5gProse,
    Iot,
    OptIot,
    /// One that this version of the format does not define, up to 127.
    Unknown(u32),
}

impl ElementKind {
    /// Those that have a name, and their numbers.
    const NUMBERED: [(u32, Self, &'static str); 29] = [
        (0, Self::Header, "header"),
        (1, Self::GenericFileManagement, "genericFileManagement"),
        (2, Self::PinCodes, "pinCodes"),
        (3, Self::PukCodes, "pukCodes"),
        (4, Self::AkaParameter, "akaParameter"),
        (5, Self::CdmaParameter, "cdmaParameter"),
        (6, Self::SecurityDomain, "securityDomain"),
        (7, Self::Rfm, "rfm"),
        (8, Self::Application, "application"),
        (9, Self::NonStandard, "nonStandard"),
        (10, Self::End, "end"),
        (16, Self::Mf, "mf"),
        (17, Self::Cd, "cd"),
        (18, Self::Telecom, "telecom"),
        (19, Self::Usim, "usim"),
        (20, Self::OptUsim, "opt-usim"),
        (21, Self::Isim, "isim"),
        (22, Self::OptIsim, "opt-isim"),
        (23, Self::Phonebook, "phonebook"),
        (24, Self::GsmAccess, "gsm-access"),
        (25, Self::Csim, "csim"),
        (26, Self::OptCsim, "opt-csim"),
        (27, Self::Eap, "eap"),
        (28, Self::Df5gs, "df-5gs"),
        (29, Self::DfSaip, "df-saip"),
        (30, Self::DfSnpn, "df-snpn"),
        (31, Self::Df5gProse, "df-5gprose"),
        (32, Self::Iot, "iot"),
        (33, Self::OptIot, "opt-iot"),
    ];

    /// Returns the kind of a number.
    #[must_use]
    pub fn of(number: u32) -> Self {
        let named = Self::NUMBERED.iter().find(|(known, ..)| *known == number);
        named.map_or(Self::Unknown(number), |(_, kind, _)| *kind)
    }

    /// Returns the number.
    #[must_use]
    pub fn number(self) -> u32 {
        if let Self::Unknown(number) = self {
            return number;
        }
        let found = Self::NUMBERED.iter().find(|(_, kind, _)| *kind == self);
        found.map_or(0, |(number, ..)| *number)
    }

    /// Returns the name that the format gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = Self::NUMBERED.iter().find(|(_, kind, _)| *kind == self);
        found.map_or("unknown", |(.., name)| name)
    }
}
