//! The network's end of AKA (TS 33.102, 6.3.2 and 6.3.5).

use crate::algorithm::{Algorithm, GsmOnly, gsm};
use crate::sqn::{Sqn, SqnExhausted, SqnGenerator};
use crate::values::{Amf, Autn, Auts, Ck, Ik, Kc, Rand, Res, Sres};

/// An authentication vector: the quintet of TS 33.102, 6.3.2.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthVector {
    /// The challenge.
    pub rand: Rand,
    /// The proof that the network knows K.
    pub autn: Autn,
    /// What the card shall answer.
    pub xres: Res,
    /// CK.
    pub ck: Ck,
    /// IK.
    pub ik: Ik,
}

impl AuthVector {
    /// Makes the vector for this RAND, SQN and AMF.
    ///
    /// # Errors
    /// The algorithm has no AKA: see [`Triplet`].
    pub fn generate(
        algorithm: &Algorithm,
        rand: Rand,
        sqn: Sqn,
        amf: Amf,
    ) -> Result<Self, GsmOnly> {
        let (autn, xres, ck, ik) = match algorithm {
            Algorithm::Milenage(milenage) => {
                let outputs = milenage.outputs(&rand, sqn, amf);
                let autn = Autn::new(sqn, &outputs.ak, amf, outputs.mac_a);
                (autn, outputs.res, outputs.ck, outputs.ik)
            }
            Algorithm::Tuak(tuak) => {
                let (res, ck, ik, ak) = tuak.session(&rand);
                (Autn::new(sqn, &ak, amf, tuak.mac_a(&rand, sqn, amf)), res, ck, ik)
            }
            Algorithm::Comp128(_) => return Err(GsmOnly),
        };
        Ok(Self { rand, autn, xres, ck, ik })
    }
}

/// A GSM authentication triplet (TS 43.020, 3.3.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Triplet {
    /// The challenge.
    pub rand: Rand,
    /// What the card shall answer.
    pub sres: Sres,
    /// The cipher key.
    pub kc: Kc,
}

impl Triplet {
    /// Makes the triplet for this RAND.
    #[must_use]
    pub fn generate(algorithm: &Algorithm, rand: Rand) -> Self {
        let (sres, kc) = gsm(algorithm, &rand);
        Self { rand, sres, kc }
    }
}

/// Why an AUTS is not believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AutsError {
    /// MAC-S is wrong: it is not from this card, or not for this RAND.
    #[error("MAC-S of AUTS is wrong")]
    Mac,
    /// The algorithm has no AKA.
    #[error(transparent)]
    GsmOnly(#[from] GsmOnly),
}

/// Verifies AUTS in constant time and returns the card's `SQN_MS` (TS 33.102, 6.3.5). `rand` is
/// the one the card was challenged with.
///
/// # Errors
/// MAC-S is wrong, or the algorithm has no AKA.
pub fn verify_auts(algorithm: &Algorithm, rand: &Rand, auts: &Auts) -> Result<Sqn, AutsError> {
    let challenge = algorithm.challenge(rand)?;
    let sqn_ms = auts.sqn_ms(&challenge.f5_star());
    if challenge.f1_star(sqn_ms, Amf::ZERO) == auts.mac_s() {
        Ok(sqn_ms)
    } else {
        Err(AutsError::Mac)
    }
}

/// Why the `AuC` has no vector.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AucError {
    /// The algorithm has no AKA: make a [`Triplet`].
    #[error(transparent)]
    GsmOnly(#[from] GsmOnly),
    /// No sequence number is left.
    #[error(transparent)]
    SqnExhausted(#[from] SqnExhausted),
}

/// One subscriber in the `AuC`: the keys, the sequence numbers and the AMF of its vectors.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subscriber {
    algorithm: Algorithm,
    sqn: SqnGenerator,
    amf: Amf,
}

impl Subscriber {
    /// Makes a subscriber that no vector was made for yet.
    #[must_use]
    pub fn new(algorithm: Algorithm, amf: Amf) -> Self {
        Self::with_generator(algorithm, amf, SqnGenerator::default())
    }

    /// Makes a subscriber whose sequence numbers go on from `sqn`.
    #[must_use]
    pub const fn with_generator(algorithm: Algorithm, amf: Amf, sqn: SqnGenerator) -> Self {
        Self { algorithm, sqn, amf }
    }

    /// Returns the algorithm with its keys.
    #[must_use]
    pub const fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// Returns the state of the sequence numbers.
    #[must_use]
    pub const fn generator(&self) -> SqnGenerator {
        self.sqn
    }

    /// Makes the next vector.
    ///
    /// # Errors
    /// The algorithm has no AKA (no sequence number is used up then), or the numbers are used up.
    pub fn next_vector(&mut self, rand: Rand) -> Result<AuthVector, AucError> {
        let mut sqn = self.sqn;
        let vector = AuthVector::generate(&self.algorithm, rand, sqn.issue()?, self.amf)?;
        self.sqn = sqn;
        Ok(vector)
    }

    /// Makes a GSM triplet.
    #[must_use]
    pub fn triplet(&self, rand: Rand) -> Triplet {
        Triplet::generate(&self.algorithm, rand)
    }

    /// Verifies AUTS and takes over `SQN_MS`, unless the next vector would be accepted anyway
    /// (TS 33.102, 6.3.5). Returns `SQN_MS`.
    ///
    /// # Errors
    /// As [`verify_auts`]; nothing changes then.
    pub fn resynchronise(&mut self, rand: &Rand, auts: &Auts) -> Result<Sqn, AutsError> {
        let sqn_ms = verify_auts(&self.algorithm, rand, auts)?;
        self.sqn.resynchronise(sqn_ms);
        Ok(sqn_ms)
    }
}
