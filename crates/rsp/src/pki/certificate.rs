//! A certificate, read.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use polysim_base::Eid;

use super::der::{DerError, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, read_signature};
use super::extensions::{Constraints, Extensions, KeyUsage};
use super::name::{self, Name};
use super::oid::{Oid, Role, Roles};
use super::time;
use crate::crypto::{KeyError, KeyId, PublicKey, Verifier};

/// Longest certificate that is read.
const CERTIFICATE_LEN_MAX: usize = 8_192;

/// 1.2.840.10045.4.3.2: ECDSA with SHA-256.
pub(super) const ECDSA_SHA256: [u8; 8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2];
/// 1.2.840.10045.2.1: an elliptic-curve key.
pub(super) const EC_PUBLIC_KEY: [u8; 7] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];
/// 1.2.840.10045.3.1.7: the curve P-256.
pub(super) const PRIME256V1: [u8; 8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7];

/// Why octets are no certificate that can be used here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// Longer than is read.
    #[error("a certificate of {len} octets; at most {CERTIFICATE_LEN_MAX} are read")]
    TooLong {
        /// How long it is.
        len: usize,
    },
    /// Not the DER of an X.509 certificate.
    #[error("no X.509 certificate: {0}")]
    Der(#[from] DerError),
    /// Neither version 3, nor ECDSA with SHA-256.
    #[error("the certificate is not signed with ECDSA and SHA-256, or not of version 3")]
    Algorithm,
    /// The key is of another kind or curve.
    #[error(
        "the key of the certificate is not of the curve P-256; use the NIST variant of the certificate"
    )]
    Curve,
    /// The key is of P-256, but no point of it.
    #[error("the key of the certificate: {0}")]
    Key(#[from] KeyError),
    /// An extension is malformed, too long, or there twice.
    #[error("an extension of the certificate is malformed or there twice")]
    Extension,
}

/// An X.509 certificate for P-256, with what SGP.22 looks at already read.
///
/// Cheap to clone. Two are equal where their octets are.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Box<[u8]>,
    public_key: PublicKey,
    not_before: i64,
    not_after: i64,
    eid: Option<Eid>,
    extensions: Extensions,
}

/// The parts of a certificate, as they stand in its octets.
struct Parts<'a> {
    tbs: &'a [u8],
    serial: &'a [u8],
    issuer: &'a [u8],
    validity: Reader<'a>,
    subject: &'a [u8],
    key: Reader<'a>,
    extensions: Reader<'a>,
    signature: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(der: &'a [u8]) -> Result<Self, CertificateError> {
        let mut outer = Reader::only(der, SEQUENCE)?;
        let (tag, inner, tbs) = outer.any()?;
        let algorithm = outer.enter(SEQUENCE)?.value(OBJECT_IDENTIFIER)?;
        let signature = outer.bits()?;
        outer.end()?;
        let mut inner = Reader::new(inner);
        let version = inner.optional(0xA0)?;
        if tag != SEQUENCE || version != Some(&[2, 1, 2]) || *algorithm != ECDSA_SHA256 {
            return Err(CertificateError::Algorithm);
        }
        let serial = inner.value(INTEGER)?;
        if *inner.enter(SEQUENCE)?.value(OBJECT_IDENTIFIER)? != ECDSA_SHA256 {
            return Err(CertificateError::Algorithm);
        }
        let issuer = inner.value(SEQUENCE)?;
        let validity = inner.enter(SEQUENCE)?;
        let subject = inner.value(SEQUENCE)?;
        let key = inner.enter(SEQUENCE)?;
        let extensions = inner.optional(0xA3)?.map(|list| Reader::only(list, SEQUENCE));
        inner.end()?;
        let extensions = extensions.transpose()?.unwrap_or(Reader::new(&[]));
        Ok(Self { tbs, serial, issuer, validity, subject, key, extensions, signature })
    }
}

fn read_key(mut key: Reader<'_>) -> Result<PublicKey, CertificateError> {
    let mut algorithm = key.enter(SEQUENCE)?;
    let kind = algorithm.value(OBJECT_IDENTIFIER)?;
    let curve = algorithm.optional(OBJECT_IDENTIFIER)?;
    if *kind != EC_PUBLIC_KEY || curve != Some(&PRIME256V1) {
        return Err(CertificateError::Curve);
    }
    let point = key.bits()?;
    key.end()?;
    Ok(PublicKey::from_bytes(point)?)
}

impl Certificate {
    /// Reads a certificate. Whether it may be trusted, [`super::Trust`] says.
    ///
    /// # Errors
    /// [`CertificateError`] for anything but an X.509 certificate that holds a key of P-256.
    pub fn parse(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > CERTIFICATE_LEN_MAX {
            return Err(CertificateError::TooLong { len: der.len() });
        }
        let parts = Parts::of(der)?;
        let mut validity = parts.validity;
        let (not_before, not_after) = (time::read(&mut validity)?, time::read(&mut validity)?);
        validity.end()?;
        read_signature(parts.signature)?;
        Name::read(Reader::new(parts.issuer))?;
        let subject = Name::read(Reader::new(parts.subject))?;
        let eid = subject.serial_number.and_then(|number| Eid::parse(&number).ok());
        let extensions = Extensions::read(parts.extensions)?;
        let public_key = read_key(parts.key)?;
        let der = der.into();
        Ok(Self(Arc::new(Parsed { der, public_key, not_before, not_after, eid, extensions })))
    }

    /// Returns the octets of the certificate.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Returns the key that it certifies.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// Returns the identifier of its key, as it states it.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<KeyId> {
        self.0.extensions.subject_key_id
    }

    /// Returns the identifier of the key that signed it, as it states it.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<KeyId> {
        self.0.extensions.authority_key_id
    }

    /// Returns the octets of its serial number, as they stand there.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        self.part(|parts| parts.serial)
    }

    /// Returns the first and the last second at which it is valid.
    #[must_use]
    pub fn validity(&self) -> (i64, i64) {
        (self.0.not_before, self.0.not_after)
    }

    /// Returns what its policies allow it to be.
    #[must_use]
    pub fn roles(&self) -> Roles {
        self.0.extensions.roles
    }

    /// Returns whether its policies allow it to be `role`.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles().contains(role)
    }

    /// Returns what its key may do, where it says so.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// Returns whether it may sign other certificates (basic constraints).
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.0.extensions.ca
    }

    /// Returns the registered OIDs among its alternative names; an SM-DP+'s is the first.
    #[must_use]
    pub fn registered_ids(&self) -> &[Oid] {
        &self.0.extensions.registered_ids
    }

    /// Returns the host names among its alternative names.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.0.extensions.dns_names.iter().map(AsRef::as_ref)
    }

    /// Returns where its issuer publishes revocation lists.
    pub fn crl_points(&self) -> impl Iterator<Item = &str> {
        self.0.extensions.crl_points.iter().map(AsRef::as_ref)
    }

    /// Returns the EID that is its subject's serial number, where it is one.
    #[must_use]
    pub fn eid(&self) -> Option<&Eid> {
        self.0.eid.as_ref()
    }

    /// Returns the common name of its subject.
    #[must_use]
    pub fn common_name(&self) -> Option<String> {
        self.subject().common_name.map(Into::into)
    }

    /// Returns the organisation of its subject.
    #[must_use]
    pub fn organization(&self) -> Option<String> {
        self.subject().organization.map(Into::into)
    }

    /// Returns whether `key` signed it.
    #[must_use]
    pub fn is_signed_by(&self, verifier: &dyn Verifier, key: &PublicKey) -> bool {
        let Ok(parts) = Parts::of(&self.0.der) else { return false };
        read_signature(parts.signature)
            .is_ok_and(|signature| verifier.verify(key, parts.tbs, &signature))
    }

    pub(super) fn subject(&self) -> Name {
        let subject = self.part(|parts| parts.subject);
        Name::read(Reader::new(subject)).unwrap_or_default()
    }

    /// Returns whether it names the subject of `issuer` as its issuer.
    pub(super) fn names_as_issuer(&self, issuer: &Self) -> bool {
        name::same(self.part(|parts| parts.issuer), issuer.part(|parts| parts.subject))
    }

    /// Returns the octets of its subject: the value of the Name.
    pub(super) fn subject_der(&self) -> &[u8] {
        self.part(|parts| parts.subject)
    }

    pub(super) fn has_unknown_critical_extension(&self) -> bool {
        self.0.extensions.unknown_critical
    }

    pub(super) fn serves_tls(&self) -> bool {
        self.0.extensions.server_auth
    }

    pub(super) fn constraints(&self) -> Option<&Constraints> {
        self.0.extensions.constraints.as_deref()
    }

    /// Finds a part again. It was read once, so that it is there.
    fn part<'a>(&'a self, part: impl FnOnce(Parts<'a>) -> &'a [u8]) -> &'a [u8] {
        Parts::of(&self.0.der).map(part).unwrap_or_default()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.common_name().unwrap_or_default())
            .field("roles", &self.roles())
            .field("key", &self.subject_key_id())
            .finish_non_exhaustive()
    }
}
