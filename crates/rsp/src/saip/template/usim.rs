//! The applications, as they are at least: ADF.USIM, ADF.ISIM; DF.GSM-ACCESS.

use super::{Blank, Bytes, FileTemplate, Required, Tail, Zeros, df, lf, tr};

/// GUTI, TAI without a network, "not updated" (TS 31.102, 4.2.91).
const EPSLOCI: [u8; 18] = {
    let mut epsloci = [0xFF; 18];
    (epsloci[15], epsloci[16], epsloci[17]) = (0x00, 0x00, 0x01);
    epsloci
};

pub(super) const USIM: &[FileTemplate] = &[
    df("adf-usim", 0),
    tr("ef-imsi", 0x6F07, 9, 2, 0x07, Required),
    lf("ef-arr", 0x6F06, (0, 0), 10, 0x17, Required),
    tr("ef-keys", 0x6F08, 33, 5, 0x08, Bytes(&[0x07])),
    tr("ef-keysPS", 0x6F09, 33, 5, 0x09, Bytes(&[0x07])),
    tr("ef-hpplmn", 0x6F31, 1, 2, 0x12, Bytes(&[0x0A])),
    tr("ef-ust", 0x6F38, 17, 2, 0x04, Required),
    lf("ef-fdn", 0x6F3B, (20, 26), 8, 0, Blank),
    lf("ef-sms", 0x6F3C, (10, 176), 5, 0, Bytes(&[0x00])),
    lf("ef-smsp", 0x6F42, (1, 38), 5, 0, Blank),
    tr("ef-smss", 0x6F43, 2, 5, 0, Blank),
    tr("ef-spn", 0x6F46, 17, 10, 0, Required),
    tr("ef-est", 0x6F56, 1, 8, 0x05, Required),
    tr("ef-start-hfn", 0x6F5B, 6, 5, 0x0F, Bytes(&[0xF0, 0x00, 0x00, 0xF0, 0x00, 0x00])),
    tr("ef-threshold", 0x6F5C, 3, 2, 0x10, Blank),
    tr("ef-psloci", 0x6F73, 14, 5, 0x0C, Tail(&[0x00, 0x00, 0xFF, 0x01])),
    tr("ef-acc", 0x6F78, 2, 2, 0x06, Required),
    tr("ef-fplmn", 0x6F7B, 12, 5, 0x0D, Blank),
    tr("ef-loci", 0x6F7E, 11, 5, 0x0B, Tail(&[0x00, 0x00, 0xFF, 0x01])),
    tr("ef-ad", 0x6FAD, 4, 10, 0x03, Bytes(&[0x00, 0x00, 0x00, 0x02])),
    lf("ef-ecc", 0x6FB7, (1, 4), 10, 0x01, Required),
    tr("ef-netpar", 0x6FC4, 128, 5, 0, Blank),
    tr("ef-epsloci", 0x6FE3, 18, 5, 0x1E, Bytes(&EPSLOCI)),
    lf("ef-epsnsc", 0x6FE4, (1, 80), 5, 0x18, Blank),
];

pub(super) const ISIM: &[FileTemplate] = &[
    df("adf-isim", 0),
    tr("ef-impi", 0x6F02, 0, 2, 0x02, Required),
    lf("ef-impu", 0x6F04, (1, 0), 2, 0x04, Required),
    tr("ef-domain", 0x6F03, 0, 2, 0x05, Required),
    tr("ef-ist", 0x6F07, 14, 2, 0x07, Required),
    tr("ef-ad", 0x6FAD, 3, 10, 0x03, Zeros),
    lf("ef-arr", 0x6F06, (0, 0), 10, 0x06, Required),
];

pub(super) const GSM_ACCESS: &[FileTemplate] = &[
    df("df-gsm-access", 0x5F3B),
    tr("ef-kc", 0x4F20, 9, 5, 0x01, Tail(&[0x07])),
    tr("ef-kcgprs", 0x4F52, 9, 5, 0x02, Tail(&[0x07])),
    tr("ef-cpbcch", 0x4F63, 10, 5, 0, Blank),
    tr("ef-invscan", 0x4F64, 1, 2, 0, Zeros),
];
