//! Authentication and key agreement: MILENAGE, TUAK and COMP128, authentication vectors,
//! sequence numbers and resynchronisation, and the keys derived from CK and IK.
//!
//! The same [`Algorithm`] value serves both ends. The network's end is an `AuC` record, a
//! [`Subscriber`], which makes [`AuthVector`]s with ever higher sequence numbers; the card's end is
//! [`authenticate`] with the card's [`SqnArray`].
//!
//! ```
//! use polysim_aka::{Amf, AuthOutcome, Key, Milenage, Opc, Rand, SqnArray, Subscriber};
//!
//! let key = Key::from([0x46; 16]);
//! let algorithm: polysim_aka::Algorithm = Milenage::new(key, Opc::from([0xCD; 16])).into();
//! let mut auc = Subscriber::new(algorithm.clone(), Amf::EPS);
//! let mut window = SqnArray::default();
//!
//! let vector = auc.next_vector(Rand::from([0x23; 16]))?;
//! let outcome = polysim_aka::authenticate(&algorithm, &mut window, &vector.rand, &vector.autn)?;
//! let AuthOutcome::Success { res, .. } = outcome else { panic!("{outcome:?}") };
//! assert_eq!(res, vector.xres);
//!
//! // The same vector a second time is refused, and the card says how far it is.
//! let outcome = polysim_aka::authenticate(&algorithm, &mut window, &vector.rand, &vector.autn)?;
//! let AuthOutcome::SyncFailure { auts } = outcome else { panic!("{outcome:?}") };
//! auc.resynchronise(&vector.rand, &auts)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Keys are zeroized when dropped and print as `***`; MACs, responses and keys are compared in
//! constant time. Nothing here draws randomness: RAND is handed in.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod algorithm;
mod auc;
mod card;
mod comp128;
mod conversion;
mod kdf;
mod keccak;
mod milenage;
mod octets;
mod sqn;
mod sqn_array;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
mod tuak;
mod values;

pub use algorithm::{Algorithm, GsmOnly, gsm};
pub use auc::{AucError, AuthVector, AutsError, Subscriber, Triplet, verify_auts};
pub use card::{AuthOutcome, authenticate};
pub use comp128::{Comp128, Comp128Version};
pub use conversion::{c2, c3};
pub use kdf::{
    NetworkName, NetworkNameError, ServingNetworkName, ck_prime_ik_prime, k_asme, k_ausf, k_seaf,
    res_star,
};
pub use milenage::{Milenage, MilenageOutputs};
pub use octets::OctetsError;
pub use sqn::{Sqn, SqnExhausted, SqnGenerator, SqnRangeError};
pub use sqn_array::SqnArray;
pub use tuak::{
    Key256, Top, TopC, Tuak, TuakKey, TuakKeyLength, TuakLengths, TuakMacLength, TuakOutput,
    TuakOutputs, TuakResLength, TuakResTooLong,
};
pub use values::{
    Ak, Amf, Autn, Auts, Ck, Ik, Kasme, Kausf, Kc, Key, Kseaf, Mac, Op, Opc, Rand, Res, ResStar,
    Sres,
};
