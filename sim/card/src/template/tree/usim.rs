//! ADF.USIM (TS 31.102, 4.2 to 4.4), with the short file identifiers of its annex H.

use super::Fill::{Blank, Bytes, Value};
use super::Shape::{Binary, Linear};
use super::{
    ACC, ACM, ACM_MAX, AD, ARR, CBMI, CBMID, CBMIR, Directory, Entry, FDN, FPLMN, GID1, GID2,
    HPPLMN, IMSI, Item, KC_UNKNOWN, LOCI, MSISDN, OPL, PLMN_HOME, PLMN_OPERATOR, PLMN_USER, PNN,
    PSLOCI_UNKNOWN, SDN, SMSP, SMSS, SPN, TEXTS, USIM, arr, ef,
};

/// Key set identifier "no key", then CK and IK (TS 31.102, 4.2.3).
const KEYS_UNKNOWN: [u8; 1] = [0x07];
/// GUTI, TAI without a network, "not updated" (TS 31.102, 4.2.91).
const EPSLOCI_UNKNOWN: [u8; 18] = {
    let mut epsloci = [0xFF; 18];
    (epsloci[15], epsloci[16], epsloci[17]) = (0x00, 0x00, 0x01);
    epsloci
};
/// 5G-GUTI, TAI without a network, "not updated" (TS 31.102, 4.4.11.2).
const LOCI_5GS_UNKNOWN: [u8; 20] = {
    let mut loci = [0xFF; 20];
    (loci[16], loci[17], loci[18], loci[19]) = (0x00, 0x00, 0x00, 0x01);
    loci
};

pub(in crate::template) const ADF_USIM: Directory = Directory {
    fid: USIM,
    files: &[
        ef(0x6F05, 2, arr::ALWAYS_PIN1, Binary(10), Value(Item::Languages)),
        Entry { sfi: 23, ..ARR },
        IMSI,
        ef(0x6F08, 8, arr::PIN1_PIN1, Binary(33), Bytes(&KEYS_UNKNOWN)),
        ef(0x6F09, 9, arr::PIN1_PIN1, Binary(33), Bytes(&KEYS_UNKNOWN)),
        HPPLMN,
        ACM_MAX,
        ef(0x6F38, 4, arr::PIN1_ADM, Binary(17), Value(Item::UsimServices)),
        ACM,
        FDN,
        TEXTS,
        GID1,
        GID2,
        MSISDN,
        SMSP,
        SMSS,
        CBMI,
        SPN,
        CBMID,
        SDN,
        CBMIR,
        ef(0x6F56, 5, arr::PIN1_PIN2, Binary(1), Bytes(&[0x00])),
        ef(0x6F5B, 15, arr::PIN1_PIN1, Binary(6), Bytes(&[0xF0, 0, 0, 0xF0, 0, 0])),
        ef(0x6F5C, 16, arr::PIN1_ADM, Binary(3), Blank),
        PLMN_USER,
        PLMN_OPERATOR,
        PLMN_HOME,
        ef(0x6F73, 12, arr::PIN1_PIN1, Binary(14), Bytes(&PSLOCI_UNKNOWN)),
        ACC,
        FPLMN,
        LOCI,
        AD,
        ef(0x6FB7, 1, arr::ALWAYS_ADM, Linear(20, 5), Value(Item::EmergencyRecords)),
        ef(0x6FC4, 0, arr::PIN1_PIN1, Binary(64), Blank),
        PNN,
        OPL,
        ef(0x6FD9, 29, arr::PIN1_ADM, Binary(12), Value(Item::EquivalentHome)),
        ef(0x6FDB, 0, arr::PIN1_ADM, Binary(1), Bytes(&[0x00])),
        ef(0x6FE3, 30, arr::PIN1_PIN1, Binary(18), Bytes(&EPSLOCI_UNKNOWN)),
        ef(0x6FE4, 24, arr::PIN1_PIN1, Linear(54, 1), Blank),
        ef(0x6FEC, 0, arr::PIN1_ADM, Binary(1), Bytes(&[0x00])),
    ],
    directories: &[
        Directory {
            fid: 0x5F3B,
            files: &[
                ef(0x4F20, 1, arr::PIN1_PIN1, Binary(9), Bytes(&KC_UNKNOWN)),
                ef(0x4F52, 2, arr::PIN1_PIN1, Binary(9), Bytes(&KC_UNKNOWN)),
            ],
            directories: &[],
        },
        Directory {
            fid: 0x5FC0,
            files: &[
                ef(0x4F01, 1, arr::PIN1_PIN1, Binary(20), Bytes(&LOCI_5GS_UNKNOWN)),
                ef(0x4F02, 2, arr::PIN1_PIN1, Binary(20), Bytes(&LOCI_5GS_UNKNOWN)),
                ef(0x4F03, 3, arr::PIN1_PIN1, Linear(62, 1), Blank),
                ef(0x4F04, 4, arr::PIN1_PIN1, Linear(62, 1), Blank),
                ef(0x4F05, 5, arr::PIN1_PIN1, Binary(68), Blank),
                ef(0x4F06, 6, arr::PIN1_ADM, Binary(4), Bytes(&[0; 4])),
                ef(0x4F07, 7, arr::PIN1_ADM, Binary(64), Blank),
                ef(0x4F0A, 10, arr::PIN1_PIN1, Binary(4), Bytes(&[0xF0, 0xFF, 0x00, 0x00])),
            ],
            directories: &[],
        },
    ],
};
