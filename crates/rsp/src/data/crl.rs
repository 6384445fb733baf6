//! Certificate revocation lists are loaded (SGP.22, 5.7.12).

use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode};

use super::codes::codes;
use super::object::CertificateDer;

/// Loads a revocation list.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 53))]
pub struct LoadCrlRequest {
    /// The list as X.509 has it; [`crate::pki::Crl`] reads it.
    pub crl: CertificateDer,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 53)))]
pub enum LoadCrlResponse {
    /// It is loaded.
    Ok(LoadCrlResponseOk),
    /// It is not.
    Error(LoadCrlErrorCode),
}

/// It is loaded.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(automatic_tags)]
pub struct LoadCrlResponseOk {
    /// Parts of it that are not there yet.
    pub missing_parts: Option<Vec<MissingPart>>,
}

/// A part of a revocation list that is not there yet.
#[derive(AsnType, Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(automatic_tags)]
pub struct MissingPart {
    /// Its number.
    pub number: u32,
}

codes! {
    /// Why a revocation list is not loaded.
    pub enum LoadCrlErrorCode {
        /// its signature is not valid
        InvalidSignature = 1,
        /// it is no revocation list of this kind
        InvalidCrlFormat = 2,
        /// there is not enough memory
        NotEnoughMemorySpace = 3,
        /// its issuer is not known
        VerificationKeyNotFound = 4,
        /// an error without a name
        UndefinedError = 127,
    }
}
