//! Codes and keys of an image.

use core::num::NonZeroU8;

use alloc::vec::Vec;

use polysim_aka::{
    Algorithm, Key, Key256, Milenage, Opc, Sqn, SqnArray, TopC, Tuak, TuakKey, TuakResLength,
};
use polysim_apdu::{KeyRef, Pin};

use super::FileIndex;
use crate::saip::element::{AkaParameter, AlgorithmId, AlgorithmParameter, Tries};

/// A PIN or administrative key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImagePin {
    /// The directory that it belongs to: the MF for a global one.
    pub directory: FileIndex,
    /// Which it is.
    pub reference: KeyRef,
    /// Its value.
    pub value: Pin,
    /// Whether it must be verified.
    pub enabled: bool,
    /// What unblocks it.
    pub unblocked_by: Option<KeyRef>,
    /// How often it may be wrong.
    pub tries: Tries,
}

/// What unblocks a PIN.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImagePuk {
    /// Which it is.
    pub reference: KeyRef,
    /// Its value.
    pub value: Pin,
    /// How often it may be wrong.
    pub tries: Tries,
}

/// Keys and settings of the authentication of an application.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ImageAka {
    /// Its ADF.
    pub directory: FileIndex,
    /// Its keys.
    pub keys: AkaKeys,
    /// How sequence numbers are checked.
    pub sqn_options: u8,
    /// How far the number of a vector may be ahead.
    pub sqn_delta: u64,
    /// How far it may be behind.
    pub sqn_age_limit: u64,
    /// The numbers accepted last, by index; none if all are 0.
    pub sqn_init: Vec<u64>,
}

/// Where the keys of an application come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AkaKeys {
    /// They are these.
    Own(AlgorithmParameter),
    /// They are those of another application.
    Mapped {
        /// What is shared.
        options: u8,
        /// Its AID.
        application: Vec<u8>,
    },
}

/// Why keys are none of an algorithm that is computed here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// A key of the wrong length.
    #[error("{what} of {len} octets; give one of {expected}")]
    Length {
        /// Which.
        what: &'static str,
        /// Its length.
        len: usize,
        /// What is possible.
        expected: &'static str,
    },
    /// Constants of an operator's own.
    #[error("MILENAGE with other constants than those of TS 35.206; leave them out")]
    Constants,
    /// No iterations of Keccak.
    #[error("TUAK without an iteration of Keccak; ask for one at least")]
    NoIterations,
    /// Another algorithm.
    #[error("algorithm number {number} is not known; use MILENAGE (1) or TUAK (2)")]
    Unknown {
        /// Its number.
        number: u8,
    },
    /// The test algorithm.
    #[error("the test algorithm is not computed here; use MILENAGE (1) or TUAK (2)")]
    Test,
}

impl AlgorithmParameter {
    /// Returns the algorithm with its keys. TUAK answers with RES of 64 bits.
    ///
    /// # Errors
    /// [`KeysError`] for one that is not computed here, and for keys of a wrong length.
    pub fn algorithm(&self) -> Result<Algorithm, KeysError> {
        self.check_lengths()?;
        let (key, opc) = (self.key.as_bytes(), self.opc.as_bytes());
        let wrong = KeysError::Length { what: "K", len: key.len(), expected: "16" };
        let topc = |_| KeysError::Length { what: "TOPc", len: opc.len(), expected: "32" };
        match self.algorithm {
            AlgorithmId::Milenage if !self.standard_constants() => Err(KeysError::Constants),
            AlgorithmId::Milenage => {
                let key = Key::try_from(key).map_err(|_| wrong)?;
                let opc = Opc::try_from(opc).map_err(|_| wrong)?;
                Ok(Milenage::new(key, opc).into())
            }
            AlgorithmId::Tuak => {
                let short = Key::try_from(key).map(TuakKey::Bits128);
                let long = |_| Key256::try_from(key).map(TuakKey::Bits256);
                let key = short.or_else(long).map_err(|_| wrong)?;
                let iterations = NonZeroU8::new(self.keccak_iterations.unwrap_or(1));
                let iterations = iterations.ok_or(KeysError::NoIterations)?;
                let topc = TopC::try_from(opc).map_err(topc)?;
                let tuak = Tuak::new(key, topc, iterations, TuakResLength::Bits64);
                tuak.map(Into::into).map_err(|_| wrong)
            }
            AlgorithmId::Test => Err(KeysError::Test),
            AlgorithmId::Other(number) => Err(KeysError::Unknown { number }),
        }
    }

    /// Checks the lengths of the keys.
    ///
    /// # Errors
    /// [`KeysError`] for one that the algorithm cannot have.
    pub fn check_lengths(&self) -> Result<(), KeysError> {
        let (key, opc) = (self.key.as_bytes().len(), self.opc.as_bytes().len());
        let wrong = |what, len, expected| Err(KeysError::Length { what, len, expected });
        match self.algorithm {
            AlgorithmId::Milenage | AlgorithmId::Test if key != 16 => wrong("K", key, "16 octets"),
            AlgorithmId::Milenage if opc != 16 => wrong("OPc", opc, "16 octets"),
            AlgorithmId::Tuak if !matches!(key, 16 | 32) => wrong("K", key, "16 or 32 octets"),
            AlgorithmId::Tuak if opc != 32 => wrong("TOPc", opc, "32 octets"),
            AlgorithmId::Milenage | AlgorithmId::Tuak | AlgorithmId::Test => Ok(()),
            AlgorithmId::Other(number) => Err(KeysError::Unknown { number }),
        }
    }
}

impl ImageAka {
    /// Takes an element, for the application with this ADF.
    pub(super) fn new(directory: FileIndex, keys: AkaKeys, parameter: &AkaParameter) -> Self {
        let delta = |octets: Option<[u8; 6]>| number(octets.unwrap_or(AkaParameter::SQN_DELTA));
        let init = parameter.sqn_init.as_ref().map(|init| init.map(number).to_vec());
        Self {
            directory,
            keys,
            sqn_options: parameter.sqn_options.unwrap_or(AkaParameter::SQN_OPTIONS),
            sqn_delta: delta(parameter.sqn_delta),
            sqn_age_limit: delta(parameter.sqn_age_limit),
            sqn_init: init.filter(|init| init.iter().any(|sqn| *sqn != 0)).unwrap_or_default(),
        }
    }

    /// Returns the sequence numbers that the card starts with.
    #[must_use]
    pub fn sqn_array(&self) -> SqnArray {
        let indexed = (0..).zip(&self.sqn_init);
        let sqns = indexed.filter_map(|(index, seq)| Sqn::new(*seq, index).ok());
        let mut sqns: Vec<Sqn> = sqns.filter(|sqn| sqn.seq() > 0).collect();
        sqns.sort_unstable();
        let Some(highest) = sqns.pop() else { return SqnArray::default() };
        let mut array = SqnArray::starting_at(highest);
        for sqn in sqns {
            array.accept(sqn);
        }
        array
    }
}

fn number(octets: [u8; 6]) -> u64 {
    octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
}
