//! The algorithm of a subscription with its keys, and what both ends compute with it.

use alloc::boxed::Box;

use crate::comp128::Comp128;
use crate::conversion::{c2, c3};
use crate::milenage::{self, Milenage};
use crate::sqn::Sqn;
use crate::tuak::Tuak;
use crate::values::{Ak, Amf, Ck, Ik, Kc, Mac, Rand, Res, Sres};

/// The authentication algorithm of one subscription, with its keys: 40 bytes, and a heap block
/// for TUAK only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// MILENAGE (TS 35.206).
    Milenage(Milenage),
    /// TUAK (TS 35.231), with MAC, CK and IK of the lengths of TS 33.102.
    Tuak(Box<Tuak>),
    /// COMP128: GSM only.
    Comp128(Comp128),
}

/// The algorithm knows no AUTN: a GSM subscription.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("COMP128 is for GSM only: there is no AUTN")]
pub struct GsmOnly;

impl From<Milenage> for Algorithm {
    fn from(milenage: Milenage) -> Self {
        Self::Milenage(milenage)
    }
}

impl From<Tuak> for Algorithm {
    fn from(tuak: Tuak) -> Self {
        Self::Tuak(Box::new(tuak))
    }
}

impl From<Comp128> for Algorithm {
    fn from(comp128: Comp128) -> Self {
        Self::Comp128(comp128)
    }
}

/// Runs the algorithm in a GSM context: SRES and Kc, by c2 and c3 where the algorithm is a UMTS
/// one (TS 33.102, 6.8.1.2; TS 31.102, 7.1.2.2).
#[must_use]
pub fn gsm(algorithm: &Algorithm, rand: &Rand) -> (Sres, Kc) {
    let (res, ck, ik, _) = match algorithm {
        Algorithm::Milenage(milenage) => milenage.challenge(rand).f2345(),
        Algorithm::Tuak(tuak) => tuak.session(rand),
        Algorithm::Comp128(comp128) => return comp128.a3a8(rand),
    };
    (c2(&res), c3(&ck, &ik))
}

/// An algorithm of AKA under one RAND.
#[expect(clippy::large_enum_variant, reason = "one at a time, on the stack, on the hot path")]
pub(crate) enum Challenge<'a> {
    Milenage(milenage::Challenge),
    Tuak(&'a Tuak, &'a Rand),
}

impl Algorithm {
    /// Prepares f1 to f5* for one RAND.
    pub(crate) fn challenge<'a>(&'a self, rand: &'a Rand) -> Result<Challenge<'a>, GsmOnly> {
        match self {
            Self::Milenage(milenage) => Ok(Challenge::Milenage(milenage.challenge(rand))),
            Self::Tuak(tuak) => Ok(Challenge::Tuak(tuak, rand)),
            Self::Comp128(_) => Err(GsmOnly),
        }
    }
}

impl Challenge<'_> {
    pub(crate) fn f1(&self, sqn: Sqn, amf: Amf) -> Mac {
        match self {
            Self::Milenage(challenge) => challenge.f1(sqn, amf),
            Self::Tuak(tuak, rand) => tuak.mac_a(rand, sqn, amf),
        }
    }

    pub(crate) fn f1_star(&self, sqn: Sqn, amf: Amf) -> Mac {
        match self {
            Self::Milenage(challenge) => challenge.f1_star(sqn, amf),
            Self::Tuak(tuak, rand) => tuak.mac_s(rand, sqn, amf),
        }
    }

    pub(crate) fn f2345(&self) -> (Res, Ck, Ik, Ak) {
        match self {
            Self::Milenage(challenge) => challenge.f2345(),
            Self::Tuak(tuak, rand) => tuak.session(rand),
        }
    }

    pub(crate) fn f5_star(&self) -> Ak {
        match self {
            Self::Milenage(challenge) => challenge.f5_star(),
            Self::Tuak(tuak, rand) => tuak.f5_star(rand),
        }
    }
}
