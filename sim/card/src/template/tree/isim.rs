//! ADF.ISIM (TS 31.103, 4.2), with the short file identifiers of its annex.

use super::Fill::{Bytes, Own, Value};
use super::Shape::{Binary, Linear};
use super::{ARR, Directory, Entry, ISIM, Item, Personal, arr, ef};

pub(in crate::template) const ADF_ISIM: Directory = Directory {
    fid: ISIM,
    files: &[
        ef(0x6F02, 2, arr::PIN1_ADM, Binary(80), Own(Personal::Impi)),
        ef(0x6F03, 5, arr::PIN1_ADM, Binary(64), Value(Item::HomeDomain)),
        ef(0x6F04, 4, arr::PIN1_ADM, Linear(80, 3), Own(Personal::Impu)),
        Entry { sfi: 6, ..ARR },
        ef(0x6F07, 7, arr::PIN1_ADM, Binary(4), Value(Item::IsimServices)),
        ef(0x6FAD, 3, arr::ALWAYS_ADM, Binary(4), Bytes(&[0x00, 0x00, 0x00, 0x00])),
    ],
    directories: &[],
};
