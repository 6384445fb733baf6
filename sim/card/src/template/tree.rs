//! The file set: MF, telecom and GSM directories (TS 102.221, 13; TS 51.011, 10). The files of the
//! applications are in `usim.rs` and `isim.rs`.

mod isim;
mod usim;

pub(super) use isim::ADF_ISIM;
pub(super) use usim::ADF_USIM;

use super::personal::Personal;
use super::rules::{ARR_RECORD_LEN, record as arr};
use Fill::{Blank, Bytes, Each, Value};
use Shape::{Binary, Cyclic, Linear};

/// An EF as the table has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) fid: u16,
    /// Short file identifier, 0 for none.
    pub(super) sfi: u8,
    /// Record of EF.ARR.
    pub(super) arr: u8,
    pub(super) shape: Shape,
    pub(super) fill: Fill,
    /// The path of the file that this is another name for, where that file exists.
    pub(super) twin: &'static [u16],
}

/// Structure and size.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Transparent; as long as its contents, at least so many bytes.
    Binary(u16),
    /// Linear fixed: bytes of a record, number of records; more where the contents need it.
    Linear(u8, u8),
    /// Linear fixed with as many records as the phone book shall have.
    Phonebook(u8),
    /// Linear fixed with as many records as there shall be places for texts.
    Texts(u8),
    /// Cyclic: bytes of a record, number of records.
    Cyclic(u8, u8),
}

/// What a file holds at issue; the rest of it is `FF`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fill {
    /// Nothing.
    Blank,
    /// These bytes.
    Bytes(&'static [u8]),
    /// These bytes at the start of each record.
    Each(&'static [u8]),
    /// One of the operator's values.
    Value(Item),
    /// What follows from the card's identity.
    Own(Personal),
}

/// The operator's values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Item {
    Directory,
    AccessRules,
    Languages,
    Administrative,
    ProviderName,
    ServiceCentre,
    UserPlmns,
    OperatorPlmns,
    HomePlmns,
    PlmnSelector,
    EquivalentHome,
    Forbidden,
    SearchPeriod,
    EmergencyRecords,
    EmergencyList,
    NetworkNames,
    NetworkList,
    UsimServices,
    IsimServices,
    GsmServices,
    HomeDomain,
}

/// A directory with what is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Directory {
    pub(super) fid: u16,
    pub(super) files: &'static [Entry],
    pub(super) directories: &'static [Self],
}

pub(super) const TELECOM: u16 = 0x7F10;
pub(super) const GSM: u16 = 0x7F20;
pub(super) const USIM: u16 = 0x7FF0;
pub(super) const ISIM: u16 = 0x7FF1;

const fn ef(fid: u16, sfi: u8, arr: u8, shape: Shape, fill: Fill) -> Entry {
    Entry { fid, sfi, arr, shape, fill, twin: &[] }
}

/// Another name for `entry`, which stands at `twin` too.
const fn also(entry: Entry, twin: &'static [u16]) -> Entry {
    Entry { sfi: 0, twin, ..entry }
}

const ARR: Entry =
    ef(0x6F06, 0, arr::ALWAYS_ADM, Linear(ARR_RECORD_LEN, arr::COUNT), Value(Item::AccessRules));
const TEXTS: Entry = ef(0x6F3C, 0, arr::PIN1_PIN1, Shape::Texts(176), Each(&[0x00]));
const MSISDN: Entry = ef(0x6F40, 0, arr::PIN1_PIN1, Linear(34, 2), Fill::Own(Personal::Msisdn));
const SMSP: Entry = ef(0x6F42, 0, arr::PIN1_PIN1, Linear(52, 2), Value(Item::ServiceCentre));
const SMSS: Entry = ef(0x6F43, 0, arr::PIN1_PIN1, Binary(2), Blank);
const FDN: Entry = ef(0x6F3B, 0, arr::DIALLING, Linear(34, 20), Blank);
const SDN: Entry = ef(0x6F49, 0, arr::PIN1_ADM, Linear(34, 10), Blank);
const IMSI: Entry = ef(0x6F07, 7, arr::PIN1_ADM, Binary(9), Fill::Own(Personal::Imsi));
const ACC: Entry = ef(0x6F78, 6, arr::PIN1_ADM, Binary(2), Fill::Own(Personal::AccessClass));
const AD: Entry = ef(0x6FAD, 3, arr::ALWAYS_ADM, Binary(4), Value(Item::Administrative));
const SPN: Entry = ef(0x6F46, 0, arr::ALWAYS_ADM, Binary(17), Value(Item::ProviderName));
const LOCI: Entry = ef(0x6F7E, 11, arr::PIN1_PIN1, Binary(11), Bytes(&LOCI_UNKNOWN));
const FPLMN: Entry = ef(0x6F7B, 13, arr::PIN1_PIN1, Binary(12), Value(Item::Forbidden));
const HPPLMN: Entry = ef(0x6F31, 18, arr::PIN1_ADM, Binary(1), Value(Item::SearchPeriod));
const PLMN_USER: Entry = ef(0x6F60, 10, arr::PIN1_PIN1, Binary(60), Value(Item::UserPlmns));
const PLMN_OPERATOR: Entry = ef(0x6F61, 17, arr::PIN1_ADM, Binary(60), Value(Item::OperatorPlmns));
const PLMN_HOME: Entry = ef(0x6F62, 19, arr::PIN1_ADM, Binary(10), Value(Item::HomePlmns));
const ACM_MAX: Entry = ef(0x6F37, 0, arr::PIN1_PIN2, Binary(3), Bytes(&[0; 3]));
const ACM: Entry = ef(0x6F39, 28, arr::COUNTER, Cyclic(3, 20), Each(&[0; 3]));
const GID1: Entry = ef(0x6F3E, 0, arr::PIN1_ADM, Binary(4), Blank);
const GID2: Entry = ef(0x6F3F, 0, arr::PIN1_ADM, Binary(4), Blank);
const CBMI: Entry = ef(0x6F45, 0, arr::PIN1_PIN1, Binary(20), Blank);
const CBMID: Entry = ef(0x6F48, 14, arr::PIN1_ADM, Binary(20), Blank);
const CBMIR: Entry = ef(0x6F50, 0, arr::PIN1_PIN1, Binary(20), Blank);
const PNN: Entry = ef(0x6FC5, 25, arr::ALWAYS_ADM, Linear(42, 1), Value(Item::NetworkNames));
const OPL: Entry = ef(0x6FC6, 26, arr::ALWAYS_ADM, Linear(8, 1), Value(Item::NetworkList));

/// No Kc: eight bytes and the sequence number "no key".
const KC_UNKNOWN: [u8; 9] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];
/// TMSI, LAI without a network, TMSI time, "not updated" (TS 31.102, 4.2.17).
const LOCI_UNKNOWN: [u8; 11] = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0xFF, 0x01];
/// P-TMSI, signature, RAI without a network, "not updated" (TS 31.102, 4.2.23).
const PSLOCI_UNKNOWN: [u8; 14] =
    [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0xFF, 0x01];

const DIR: Entry = ef(0x2F00, 30, arr::ALWAYS_ADM, Linear(38, 2), Value(Item::Directory));
const MF_ARR: Entry = Entry { fid: 0x2F06, sfi: 6, ..ARR };
const UMPC: Entry =
    ef(0x2F08, 8, arr::ALWAYS_ADM, Binary(5), Bytes(&[0x3C, 0xFF, 0x02, 0x00, 0x00]));

/// What an eUICC shows while no profile is enabled.
pub(super) const BARE_FILES: &[Entry] = &[DIR, MF_ARR, UMPC];

pub(super) const MF_FILES: &[Entry] = &[
    DIR,
    ef(0x2F05, 5, arr::ALWAYS_PIN1, Binary(10), Value(Item::Languages)),
    MF_ARR,
    UMPC,
    ef(0x2FE2, 2, arr::ALWAYS_NEVER, Binary(10), Fill::Own(Personal::Iccid)),
];

pub(super) const DF_TELECOM: Directory = Directory {
    fid: TELECOM,
    files: &[
        also(ADN, &[TELECOM, 0x5F3A, 0x4F3A]),
        also(FDN, &[USIM, 0x6F3B]),
        also(TEXTS, &[USIM, 0x6F3C]),
        also(MSISDN, &[USIM, 0x6F40]),
        also(SMSP, &[USIM, 0x6F42]),
        also(SMSS, &[USIM, 0x6F43]),
        ef(0x6F44, 0, arr::PIN1_PIN1, Cyclic(34, 10), Blank),
        also(SDN, &[USIM, 0x6F49]),
    ],
    directories: &[Directory {
        fid: 0x5F3A,
        files: &[
            ef(0x4F30, 0, arr::PIN1_ADM, Linear(8, 1), Bytes(&PHONEBOOK_REFERENCE)),
            Entry { fid: 0x4F3A, sfi: 1, ..ADN },
        ],
        directories: &[],
    }],
};

const ADN: Entry = ef(0x6F3A, 0, arr::PIN1_PIN1, Shape::Phonebook(34), Blank);
/// EF.ADN in type 1 files, no other (TS 31.102, 4.4.2.1).
const PHONEBOOK_REFERENCE: [u8; 7] = [0xA8, 0x05, 0xC0, 0x03, 0x4F, 0x3A, 0x01];

pub(super) const DF_GSM: Directory = Directory {
    fid: GSM,
    files: &[
        // English, in the codes of TS 51.011, 10.3.1.
        ef(0x6F05, 0, arr::ALWAYS_PIN1, Binary(2), Bytes(&[0x01])),
        also(IMSI, &[USIM, 0x6F07]),
        ef(0x6F20, 0, arr::PIN1_PIN1, Binary(9), Bytes(&KC_UNKNOWN)),
        ef(0x6F30, 0, arr::PIN1_PIN1, Binary(24), Value(Item::PlmnSelector)),
        also(HPPLMN, &[USIM, 0x6F31]),
        also(ACM_MAX, &[USIM, 0x6F37]),
        ef(0x6F38, 0, arr::PIN1_ADM, Binary(15), Value(Item::GsmServices)),
        also(ACM, &[USIM, 0x6F39]),
        also(GID1, &[USIM, 0x6F3E]),
        also(GID2, &[USIM, 0x6F3F]),
        also(CBMI, &[USIM, 0x6F45]),
        also(SPN, &[USIM, 0x6F46]),
        also(CBMID, &[USIM, 0x6F48]),
        also(CBMIR, &[USIM, 0x6F50]),
        ef(0x6F52, 0, arr::PIN1_PIN1, Binary(9), Bytes(&KC_UNKNOWN)),
        ef(0x6F53, 0, arr::PIN1_PIN1, Binary(14), Bytes(&PSLOCI_UNKNOWN)),
        also(PLMN_USER, &[USIM, 0x6F60]),
        also(PLMN_OPERATOR, &[USIM, 0x6F61]),
        also(PLMN_HOME, &[USIM, 0x6F62]),
        ef(0x6F74, 0, arr::PIN1_PIN1, Binary(16), Blank),
        also(ACC, &[USIM, 0x6F78]),
        also(FPLMN, &[USIM, 0x6F7B]),
        also(LOCI, &[USIM, 0x6F7E]),
        also(AD, &[USIM, 0x6FAD]),
        // Phase 2 and profile download (TS 51.011, 10.3.16).
        ef(0x6FAE, 0, arr::ALWAYS_ADM, Binary(1), Bytes(&[0x03])),
        ef(0x6FB7, 0, arr::ALWAYS_ADM, Binary(15), Value(Item::EmergencyList)),
        also(PNN, &[USIM, 0x6FC5]),
        also(OPL, &[USIM, 0x6FC6]),
    ],
    directories: &[],
};
