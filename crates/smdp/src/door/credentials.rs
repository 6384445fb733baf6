//! What a server has to be trusted with, and whom it trusts.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use polysim_rsp::crypto::{Mode, OriginRefused, Randomness, Verifier};
use polysim_rsp::pki::{ChainError, Identity, Role, RootError, Trust};

/// What a server authenticates itself with, and whom it trusts.
pub struct Credentials {
    /// Its certificate for authentication (`CERT.DPauth` or `CERT.DSauth`), and the key.
    pub auth: Identity,
    /// The certificate issuers that it trusts.
    pub trust: Trust,
    /// Who checks signatures.
    pub verifier: Arc<dyn Verifier>,
    /// Where keys, challenges and names of sessions come from. After a crash it must not give again
    /// what it gave before.
    pub randomness: Randomness,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("auth", &self.auth)
            .field("randomness", &self.randomness)
            .finish_non_exhaustive()
    }
}

/// Why a server cannot work so.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A key or the randomness was made for a simulation.
    #[error(transparent)]
    Origin(#[from] OriginRefused),
    /// One of the trusted roots may not be trusted.
    #[error(transparent)]
    Root(#[from] RootError),
    /// A certificate of the server's own does not hold.
    #[error("{which}: {error}; have it issued again by one of the trusted roots")]
    Chain {
        /// Which certificate.
        which: &'static str,
        /// What is wrong with it.
        error: ChainError,
    },
    /// A certificate of the server's own names no issuer.
    #[error("{which} names no issuer; have it issued again")]
    NoIssuer {
        /// Which certificate.
        which: &'static str,
    },
    /// A key does not belong to its certificate.
    #[error("the private key does not belong to {which}; pair the files of one name")]
    KeyMismatch {
        /// Which certificate.
        which: &'static str,
    },
    /// Two profile types have one name.
    #[error("there are two profile types of the name {name}; rename one")]
    SameType {
        /// The name.
        name: String,
    },
    /// A template is no profile package.
    #[error("the template of profile type {name}: {reason}")]
    Template {
        /// The profile type.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The numbers of a profile type run over, or are those of another type.
    #[error("the numbers of profile type {name} {reason}")]
    Range {
        /// The profile type.
        name: String,
        /// What is wrong with them.
        reason: &'static str,
    },
}

/// Checks that a server may work with these in this mode, at this time.
pub(crate) fn admit(
    credentials: &Credentials,
    role: Role,
    mode: Mode,
    now: i64,
) -> Result<(), ConfigError> {
    mode.admit(credentials.randomness.origin())?;
    for key_id in credentials.trust.key_ids() {
        if let Some(root) = credentials.trust.root_by_key_id(&key_id) {
            Trust::new().add_root(root.clone(), mode)?;
        }
    }
    admit_identity(credentials, &credentials.auth, role, mode, now)
}

/// Checks that a certificate of a server's own holds.
pub(crate) fn admit_identity(
    credentials: &Credentials,
    identity: &Identity,
    role: Role,
    mode: Mode,
    now: i64,
) -> Result<(), ConfigError> {
    let which = match role {
        Role::DpPb => "CERT.DPpb",
        Role::DsAuth => "CERT.DSauth",
        Role::Ci | Role::Eum | Role::Euicc | Role::DpTls | Role::DpAuth | Role::DsTls => {
            "CERT.DPauth"
        }
    };
    mode.admit(identity.key.origin())?;
    let certificate = &identity.certificate;
    if identity.key.public() != *certificate.public_key() {
        return Err(ConfigError::KeyMismatch { which });
    }
    let ci = certificate.authority_key_id().ok_or(ConfigError::NoIssuer { which })?;
    // At 0 the clock tells Unix time itself, and nobody knows here what time it is.
    let now = (now != 0).then_some(now);
    credentials
        .trust
        .verify_server(&*credentials.verifier, certificate, role, &ci, now)
        .map_err(|error| ConfigError::Chain { which, error })
}
