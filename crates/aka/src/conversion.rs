//! Conversion functions of TS 33.102, 6.8.1.2: what GSM gets of a UMTS vector.

use crate::values::{Ck, Ik, Kc, Res, Sres};

/// c2: SRES is the sum of the four words of RES, filled up with zeros to 128 bits.
#[must_use]
pub fn c2(res: &Res) -> Sres {
    let (words, _) = res.padded().as_chunks::<4>();
    let sum = words.iter().fold(0, |sum, word| sum ^ u32::from_be_bytes(*word));
    Sres::from(sum.to_be_bytes())
}

/// c3: Kc is the sum of the four halves of CK and IK.
#[must_use]
pub fn c3(ck: &Ck, ik: &Ik) -> Kc {
    let halves = |key: &[u8; 16]| {
        let (halves, _) = key.as_chunks::<8>();
        halves.iter().fold(0, |sum, half| sum ^ u64::from_be_bytes(*half))
    };
    Kc::from((halves(ck.as_bytes()) ^ halves(ik.as_bytes())).to_be_bytes())
}
