//! Certificates of remote SIM provisioning and the rules of SGP.22, 4.5.
//!
//! A root (the certificate issuer, CI) signs the certificates of servers and of eUICC
//! manufacturers (EUM); an EUM signs those of its eUICCs. What a certificate may be used for stands
//! in its policies, one OID for each [`Role`]. [`Trust`] holds roots and revocation lists and
//! judges chains; [`authority`] makes certificates.
//!
//! Time is seconds since 1970. `None` stands for a party without a clock, such as an eUICC: it
//! judges everything but validity.

pub mod authority;
mod certificate;
mod chain;
mod crl;
mod der;
mod extensions;
pub mod files;
mod name;
mod oid;
#[cfg(test)]
mod tests;
mod time;
mod trust;
mod verdicts;

pub use certificate::{Certificate, CertificateError};
pub use chain::ChainError;
pub use crl::{Crl, LoadCrlError};
pub use extensions::KeyUsage;
pub use oid::{InvalidOid, Oid, Role, Roles};
pub use trust::{RootError, Trust};

pub use der::DerError;
pub(crate) use der::{Reader, tlv};

use crate::crypto::{Mode, OriginRefused, PrivateKey};

/// A certificate and its private key: a server's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// What others see.
    pub certificate: Certificate,
    /// What it signs with.
    pub key: PrivateKey,
}

/// A certificate and its private key, with the certificate that signed it: an eUICC's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EuiccIdentity {
    /// CERT.EUICC.ECDSA.
    pub certificate: Certificate,
    /// SK.EUICC.ECDSA.
    pub key: PrivateKey,
    /// CERT.EUM.ECDSA.
    pub eum: Certificate,
}

/// Why a certificate and a key are no identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The private key is not the one of the certificate.
    #[error("the private key does not belong to the certificate; pair the files of one name")]
    KeyMismatch,
    /// A simulated key in live work.
    #[error(transparent)]
    Origin(#[from] OriginRefused),
}

impl Identity {
    /// Pairs a certificate with its key.
    ///
    /// # Errors
    /// [`IdentityError`] where they do not belong together, or may not be used in `mode`.
    pub fn new(
        certificate: Certificate,
        key: PrivateKey,
        mode: Mode,
    ) -> Result<Self, IdentityError> {
        check_pair(&certificate, &key, mode).map(|()| Self { certificate, key })
    }
}

impl EuiccIdentity {
    /// Pairs an eUICC's certificate with its key and its manufacturer's certificate.
    ///
    /// # Errors
    /// [`IdentityError`] where key and certificate do not belong together, or may not be used in
    /// `mode`. Whether the chain holds, [`Trust::verify_euicc`] says.
    pub fn new(
        certificate: Certificate,
        key: PrivateKey,
        eum: Certificate,
        mode: Mode,
    ) -> Result<Self, IdentityError> {
        check_pair(&certificate, &key, mode).map(|()| Self { certificate, key, eum })
    }
}

fn check_pair(
    certificate: &Certificate,
    key: &PrivateKey,
    mode: Mode,
) -> Result<(), IdentityError> {
    mode.admit(key.origin())?;
    if key.public() == *certificate.public_key() { Ok(()) } else { Err(IdentityError::KeyMismatch) }
}
