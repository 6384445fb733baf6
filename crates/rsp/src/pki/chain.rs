//! The rules for one link of a chain (SGP.22, 4.5.2).

use polysim_base::Eid;

use super::certificate::Certificate;
use super::extensions::{Constraints, KeyUsage};
use super::name::Name;
use super::oid::Role;
use crate::crypto::KeyId;

/// Why a chain does not hold. All but the first say for which certificate of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No root with this key is trusted.
    #[error("no trusted root has the key {key_id}; add its CERT.CI")]
    UnknownRoot {
        /// The root that the chain leads to.
        key_id: KeyId,
    },
    /// It names another issuer than the one above it, or none.
    #[error("{0} was not issued by the certificate above it")]
    WrongIssuer(Role),
    /// The signature of its issuer is wrong.
    #[error("the signature of {0} is wrong")]
    BadSignature(Role),
    /// Its time is over.
    #[error("{0} has expired")]
    Expired(Role),
    /// Its time has not begun.
    #[error("{0} is not valid yet; is the clock right?")]
    NotYetValid(Role),
    /// Its root has revoked it.
    #[error("{0} is revoked")]
    Revoked(Role),
    /// Its policies do not name the role.
    #[error("the certificate's policies do not allow it to be {0}")]
    WrongRole(Role),
    /// Its key usage or basic constraints do not allow what the role does.
    #[error("the key usage or the basic constraints of {0} do not fit its role")]
    WrongUsage(Role),
    /// It has a critical extension that nobody here understands.
    #[error("{0} has an unknown critical extension")]
    UnknownExtension(Role),
    /// It names no OID of its operator.
    #[error("{0} names no registered OID")]
    OidMissing(Role),
    /// The certificates for authentication and binding are of different operators.
    #[error("CERT.DPauth and CERT.DPpb have different OIDs")]
    OidMismatch,
    /// The eUICC's subject has no EID as its serial number.
    #[error("the subject of CERT.EUICC has no EID as its serial number")]
    EidMissing,
    /// The EUM may not sign for this EID.
    #[error("CERT.EUM does not permit the EID of CERT.EUICC")]
    EidOutOfRange,
}

impl ChainError {
    /// Returns the certificate that is at fault; `None` for a root that nobody knows.
    #[must_use]
    pub const fn role(&self) -> Option<Role> {
        match self {
            Self::UnknownRoot { .. } => None,
            Self::WrongIssuer(role)
            | Self::BadSignature(role)
            | Self::Expired(role)
            | Self::NotYetValid(role)
            | Self::Revoked(role)
            | Self::WrongRole(role)
            | Self::WrongUsage(role)
            | Self::UnknownExtension(role)
            | Self::OidMissing(role) => Some(*role),
            Self::OidMismatch => Some(Role::DpPb),
            Self::EidMissing | Self::EidOutOfRange => Some(Role::Euicc),
        }
    }

    /// Returns whether only time is at fault: SGP.22 has codes of its own for that.
    #[must_use]
    pub const fn is_expiry(&self) -> bool {
        matches!(self, Self::Expired(_))
    }
}

/// Checks that a certificate may be `role`, and that `issuer` is the one it names.
pub(super) fn check_link(
    certificate: &Certificate,
    role: Role,
    issuer: &Certificate,
) -> Result<(), ChainError> {
    if !certificate.has_role(role) {
        return Err(ChainError::WrongRole(role));
    }
    if certificate.has_unknown_critical_extension() {
        return Err(ChainError::UnknownExtension(role));
    }
    let issuer_key = issuer.subject_key_id();
    let linked = issuer_key.is_some() && certificate.authority_key_id() == issuer_key;
    if !linked || !certificate.names_as_issuer(issuer) {
        return Err(ChainError::WrongIssuer(role));
    }
    if !has_usage_of(certificate, role) {
        return Err(ChainError::WrongUsage(role));
    }
    match role {
        Role::DpAuth | Role::DpPb | Role::DsAuth if certificate.registered_ids().is_empty() => {
            Err(ChainError::OidMissing(role))
        }
        Role::Ci
        | Role::Eum
        | Role::Euicc
        | Role::DpTls
        | Role::DpAuth
        | Role::DpPb
        | Role::DsTls
        | Role::DsAuth => Ok(()),
    }
}

/// Returns whether key usage and basic constraints are those of `role`.
pub(super) fn has_usage_of(certificate: &Certificate, role: Role) -> bool {
    let allows = |usage| certificate.key_usage().is_some_and(|found| found.allows(usage));
    match role {
        Role::Ci | Role::Eum => certificate.is_ca() && allows(KeyUsage::CERTIFICATE_SIGN),
        Role::Euicc | Role::DpAuth | Role::DpPb | Role::DsAuth => {
            !certificate.is_ca() && allows(KeyUsage::DIGITAL_SIGNATURE)
        }
        Role::DpTls | Role::DsTls => {
            !certificate.is_ca() && allows(KeyUsage::DIGITAL_SIGNATURE) && certificate.serves_tls()
        }
    }
}

/// Checks that `now`, where there is a clock, lies within the validity.
pub(super) fn check_validity(
    certificate: &Certificate,
    role: Role,
    now: Option<i64>,
) -> Result<(), ChainError> {
    let (not_before, not_after) = certificate.validity();
    match now {
        Some(now) if now < not_before => Err(ChainError::NotYetValid(role)),
        Some(now) if now > not_after => Err(ChainError::Expired(role)),
        _ => Ok(()),
    }
}

/// Returns the EID of an eUICC's certificate where its manufacturer's permits it.
pub(super) fn permitted_eid(euicc: &Certificate, eum: &Certificate) -> Result<Eid, ChainError> {
    let eid = euicc.eid().ok_or(ChainError::EidMissing)?;
    let subject = euicc.subject();
    let permitted = eum.constraints().is_some_and(|constraints| permits(constraints, &subject));
    if permitted { Ok(*eid) } else { Err(ChainError::EidOutOfRange) }
}

/// An EUM without any constraint on EIDs may sign for none: SGP.22 demands one.
fn permits(constraints: &Constraints, subject: &Name) -> bool {
    let eid = subject.serial_number.as_deref().unwrap_or_default();
    let by_name = constraints.permitted.as_ref();
    let by_ein = constraints.eins.as_ref();
    (by_name.is_some() || by_ein.is_some())
        && by_name.is_none_or(|names| names.iter().any(|name| covers(name, subject)))
        && by_ein
            .is_none_or(|eins| eins.iter().any(|ein| !ein.is_empty() && eid.starts_with(&**ein)))
        && !constraints.excluded.iter().any(|name| covers(name, subject))
}

/// A subtree covers a subject of its organisation whose serial number begins with the subtree's.
/// A subtree without a serial number gives no range of EIDs, and covers nobody.
fn covers(subtree: &Name, subject: &Name) -> bool {
    let begins = match (&subtree.serial_number, &subject.serial_number) {
        (Some(ein), Some(eid)) => !ein.is_empty() && eid.starts_with(&**ein),
        _ => false,
    };
    begins && (subtree.organization.is_none() || subtree.organization == subject.organization)
}
