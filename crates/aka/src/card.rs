//! The card's end of AKA (TS 33.102, 6.3.3).

use crate::algorithm::{Algorithm, GsmOnly};
use crate::conversion::c3;
use crate::sqn_array::SqnArray;
use crate::values::{Amf, Autn, Auts, Ck, Ik, Kc, Rand, Res};

/// What the card answers to RAND and AUTN.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AuthOutcome {
    /// The network is genuine and the vector fresh.
    Success {
        /// RES for the network to compare.
        res: Res,
        /// CK.
        ck: Ck,
        /// IK.
        ik: Ik,
        /// Kc by c3; a USIM shows it only with service 27, "GSM access".
        kc: Kc,
    },
    /// The network is genuine, but SQN is not in the correct range: the `AuC` needs AUTS.
    SyncFailure {
        /// AUTS with the card's `SQN_MS`.
        auts: Auts,
    },
    /// MAC-A is wrong.
    MacFailure,
}

/// Checks AUTN with the card's algorithm and array, and answers (TS 33.102, 6.3.3).
///
/// MAC-A is checked first, in constant time, and covers SQN and AMF: an AUTN changed in any bit is
/// a MAC failure, whatever its SQN. The array changes on success only.
///
/// # Errors
/// The algorithm has no AKA.
pub fn authenticate(
    algorithm: &Algorithm,
    window: &mut SqnArray,
    rand: &Rand,
    autn: &Autn,
) -> Result<AuthOutcome, GsmOnly> {
    let challenge = algorithm.challenge(rand)?;
    let (res, ck, ik, ak) = challenge.f2345();
    let sqn = autn.sqn(&ak);
    if challenge.f1(sqn, autn.amf()) != autn.mac_a() {
        return Ok(AuthOutcome::MacFailure);
    }
    if !window.accept(sqn) {
        let sqn_ms = window.highest();
        let mac_s = challenge.f1_star(sqn_ms, Amf::ZERO);
        let auts = Auts::new(sqn_ms, &challenge.f5_star(), mac_s);
        return Ok(AuthOutcome::SyncFailure { auts });
    }
    let kc = c3(&ck, &ik);
    Ok(AuthOutcome::Success { res, ck, ik, kc })
}
