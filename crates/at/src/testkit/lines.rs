//! Every line type, to run the same checks over all of them.

use alloc::vec::Vec;
use core::fmt::Debug;

use super::Sample;
#[cfg(test)]
use super::Source;
use crate::*;

/// The checks of one line type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LineChecks {
    /// Asserts that a sample comes back.
    #[cfg(test)]
    pub(crate) round_trip: fn(&mut Source<'_>),
    /// Reads any bytes as the line and asserts that what was read comes back.
    pub(crate) reread: fn(&[u8]),
}

#[cfg(test)]
fn round_trip<T: Line + Sample + Debug + PartialEq>(source: &mut Source<'_>) {
    let line: T = source.value();
    let mut bytes = Vec::new();
    line.encode(&mut bytes);
    assert!(bytes.iter().all(|b| *b >= b' '), "{line:?} holds a control character");
    assert_eq!(T::parse(&bytes).as_ref(), Ok(&line), "{}", bytes.escape_ascii());
}

fn reread<T: Line + Sample + Debug + PartialEq>(bytes: &[u8]) {
    if let Ok(line) = T::parse(bytes) {
        let mut again = Vec::new();
        line.encode(&mut again);
        assert_eq!(T::parse(&again).as_ref(), Ok(&line), "{}", again.escape_ascii());
    }
}

macro_rules! line_checks {
    ($($type:ty),* $(,)?) => {
        /// The checks of every line type.
        pub(crate) const LINES: &[LineChecks] = &[$(
            LineChecks {
                #[cfg(test)]
                round_trip: round_trip::<$type>,
                reread: reread::<$type>,
            },
        )*];
    };
}

line_checks! {
    CfunInfo, CpasInfo, CbcInfo, CscsInfo, CindInfo, CievUrc,
    CpinInfo, CpinrInfo, ClckInfo,
    CclkInfo, CtzvUrc, CtzeUrc,
    CopsInfo, CopsTest, CpolInfo, CopnInfo, CsqInfo, CesqInfo,
    CrsmInfo, CchoInfo, CuadInfo, Csim, CglaInfo,
    CusatrInfo, Cusatd, CusateInfo, CusatpUrc,
    Cnmi, Csca, Csmp, Cscb, CsmsSupport, CsmsInfo, CpmsCounts, CpmsInfo, CmgsInfo, CmssInfo,
    CmgwInfo, CmgrInfo, CmglInfo, CmtUrc, CmtiUrc, CdsUrc, CdsiUrc, CbmUrc, CbmiUrc,
    ClccInfo, CringUrc, ClipUrc, ColpUrc, CnapUrc, Qpcmv,
    CusdUrc, CcfcInfo, CcwaInfo, CcwaUrc, ClipInfo, ClirInfo, ColpInfo, CssiUrc, CssuUrc,
    Cgdcont, CgactInfo, CgattInfo, CgpaddrInfo, Cgerep, CgevUrc,
    CpbsInfo, CpbrInfo, CpbfInfo, CnumInfo, CpbrTest,
}
