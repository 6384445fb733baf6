//! Directories of the fifth generation: DF.5GS, DF.SAIP, DF.SNPN, DF.5GPROSE.

use super::{Blank, Bytes, FileTemplate, Required, Zeros, bt, df, lf, tr};

/// 5G-GUTI, TAI without a network, "not updated" (TS 31.102, 4.4.11.2).
const LOCI: [u8; 20] = {
    let mut loci = [0xFF; 20];
    (loci[16], loci[17], loci[18], loci[19]) = (0x00, 0x00, 0x00, 0x01);
    loci
};

pub(super) const DF_5GS: &[FileTemplate] = &[
    df("df-df-5gs", 0x5FC0),
    tr("ef-5gs3gpploci", 0x4F01, 20, 5, 0x01, Bytes(&LOCI)),
    tr("ef-5gsn3gpploci", 0x4F02, 20, 5, 0x02, Bytes(&LOCI)),
    lf("ef-5gs3gppnsc", 0x4F03, (2, 62), 5, 0x03, Blank),
    lf("ef-5gsn3gppnsc", 0x4F04, (2, 62), 5, 0x04, Blank),
    tr("ef-5gauthkeys", 0x4F05, 110, 5, 0x05, Required),
    tr("ef-uac-aic", 0x4F06, 4, 2, 0x06, Required),
    tr("ef-suci-calc-info", 0x4F07, 0, 2, 0x07, Blank),
    lf("ef-opl5g", 0x4F08, (0, 10), 10, 0x08, Blank),
    tr("ef-supinai", 0x4F09, 0, 2, 0x09, Required),
    tr("ef-routing-indicator", 0x4F0A, 4, 2, 0x0A, Bytes(&[0xF0])),
    bt("ef-ursp", 0x4F0B, 2, 0),
    tr("ef-tn3gppsnn", 0x4F0C, 1, 2, 0x0C, Zeros),
    tr("ef-cag", 0x4F0D, 0, 2, 0x0D, Required),
    tr("ef-sor-cmci", 0x4F0E, 0, 2, 0x0E, Required),
    tr("ef-dri", 0x4F0F, 7, 2, 0x0F, Required),
    tr("ef-5gsedrx", 0x4F10, 2, 2, 0x10, Required),
    tr("ef-5gnswo-conf", 0x4F11, 1, 2, 0x11, Required),
    tr("ef-mchpplmn", 0x4F15, 1, 2, 0x15, Required),
    tr("ef-kausf-derivation", 0x4F16, 1, 2, 0x16, Required),
];

pub(super) const DF_SAIP: &[FileTemplate] =
    &[df("df-df-saip", 0x5FD0), tr("ef-suci-calc-info-usim", 0x4F01, 0, 3, 0, Blank)];

pub(super) const DF_SNPN: &[FileTemplate] =
    &[df("df-df-snpn", 0x5FE0), tr("ef-pws-snpn", 0x4F01, 1, 10, 0, Required)];

pub(super) const DF_5G_PROSE: &[FileTemplate] = &[
    df("df-df-5g-prose", 0x5FF0),
    tr("ef-5g-prose-st", 0x4F01, 0, 2, 0x01, Required),
    tr("ef-5g-prose-dd", 0x4F02, 0, 2, 0x02, Required),
    tr("ef-5g-prose-dc", 0x4F03, 0, 2, 0x03, Required),
    tr("ef-5g-prose-u2nru", 0x4F04, 0, 2, 0x04, Required),
    tr("ef-5g-prose-ru", 0x4F05, 0, 2, 0x05, Required),
    tr("ef-5g-prose-uir", 0x4F06, 0, 2, 0x06, Required),
];
