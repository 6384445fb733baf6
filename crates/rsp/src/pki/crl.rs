//! Certificate revocation lists, as a root publishes them and `LoadCRL` brings them to an eUICC.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::certificate::{Certificate, CertificateError, ECDSA_SHA256};
use super::der::{DerError, INTEGER, OBJECT_IDENTIFIER, Reader, SEQUENCE, read_signature};
use super::extensions::{AUTHORITY_KEY_ID, Extension, KeyUsage, read_authority_key_id, read_list};
use super::{name, time};
use crate::crypto::{KeyId, Signature, Verifier};
use crate::data::LoadCrlErrorCode;

/// Longest list that is read.
const CRL_LEN_MAX: usize = 1 << 20;
/// Most serial numbers that are kept for one root.
const REVOKED_MAX: usize = 20_000;
/// Most parts that one list may have.
const PARTS_MAX: u64 = 64;

/// The arc 2.5.29 and the extension of a list in it.
pub(super) const CRL_NUMBER: [u8; 3] = [0x55, 0x1D, 20];
const ISSUING_POINT: [u8; 3] = [0x55, 0x1D, 28];
/// 2.23.146.1.2.0.2: of how many parts a list is.
pub(super) const TOTAL_PARTS: [u8; 7] = [0x67, 0x81, 0x12, 1, 2, 0, 2];
/// 2.23.146.1.2.0.3: which part this is, from 1.
pub(super) const PART: [u8; 7] = [0x67, 0x81, 0x12, 1, 2, 0, 3];

/// Why a revocation list was not taken; [`Self::code`] is what `LoadCRL` answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadCrlError {
    /// The root did not sign it.
    #[error("the root did not sign this revocation list")]
    InvalidSignature,
    /// It is no `CertificateList` that the rules allow.
    #[error("this is no revocation list of X.509, version 2")]
    InvalidFormat,
    /// There is no room for so many revocations.
    #[error("the revocation list is too long to be kept")]
    NotEnoughMemory,
    /// No trusted root is its issuer.
    #[error("no trusted root issued this revocation list")]
    KeyNotFound,
    /// Its time has not begun or is over.
    #[error("the revocation list is not in force now; get the newest one")]
    NotInForce,
}

impl LoadCrlError {
    /// Returns the code of `LoadCRLResponseError` (SGP.22, 5.7.12).
    #[must_use]
    pub const fn code(self) -> LoadCrlErrorCode {
        match self {
            Self::InvalidSignature => LoadCrlErrorCode::InvalidSignature,
            Self::InvalidFormat => LoadCrlErrorCode::InvalidCrlFormat,
            Self::NotEnoughMemory => LoadCrlErrorCode::NotEnoughMemorySpace,
            Self::KeyNotFound => LoadCrlErrorCode::VerificationKeyNotFound,
            Self::NotInForce => LoadCrlErrorCode::UndefinedError,
        }
    }
}

impl From<DerError> for LoadCrlError {
    fn from(_: DerError) -> Self {
        Self::InvalidFormat
    }
}

impl From<CertificateError> for LoadCrlError {
    fn from(_: CertificateError) -> Self {
        Self::InvalidFormat
    }
}

/// A revocation list, or one part of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Crl {
    tbs: Box<[u8]>,
    issuer: Box<[u8]>,
    signature: Signature,
    authority_key_id: Option<KeyId>,
    this_update: i64,
    next_update: Option<i64>,
    number: u64,
    /// Which part of how many, from 1.
    part: (u64, u64),
    revoked: BTreeSet<Box<[u8]>>,
}

impl Crl {
    /// Reads a list.
    ///
    /// # Errors
    /// [`LoadCrlError`], of those that need no root to be seen.
    pub fn parse(der: &[u8]) -> Result<Self, LoadCrlError> {
        if der.len() > CRL_LEN_MAX {
            return Err(LoadCrlError::NotEnoughMemory);
        }
        let mut outer = Reader::only(der, SEQUENCE)?;
        let (_, inner, tbs) = outer.any()?;
        let algorithm = outer.enter(SEQUENCE)?.value(OBJECT_IDENTIFIER)?;
        let signature = read_signature(outer.bits()?)?;
        outer.end()?;
        let mut inner = Reader::new(inner);
        let version = inner.optional(INTEGER)?;
        let inner_algorithm = inner.enter(SEQUENCE)?.value(OBJECT_IDENTIFIER)?;
        if version != Some(&[1]) || *algorithm != ECDSA_SHA256 || inner_algorithm != algorithm {
            return Err(LoadCrlError::InvalidFormat);
        }
        let issuer = inner.value(SEQUENCE)?;
        let this_update = time::read(&mut inner)?;
        let next_update = read_next_update(&mut inner)?;
        let revoked = inner.optional(SEQUENCE)?.map(read_revoked).transpose()?.unwrap_or_default();
        let mut crl = Self {
            tbs: tbs.into(),
            issuer: issuer.into(),
            signature,
            authority_key_id: None,
            this_update,
            next_update,
            number: 0,
            part: (1, 1),
            revoked,
        };
        let list = inner.optional(0xA0)?.ok_or(LoadCrlError::InvalidFormat)?;
        crl.take_extensions(Reader::only(list, SEQUENCE)?)?;
        inner.end()?;
        Ok(crl)
    }

    fn take_extensions(&mut self, mut list: Reader<'_>) -> Result<(), LoadCrlError> {
        let mut number = None;
        for Extension { oid, critical, value } in read_list(&mut list)? {
            if *oid == [0x55, 0x1D, AUTHORITY_KEY_ID] {
                self.authority_key_id = read_authority_key_id(value)?;
            } else if *oid == CRL_NUMBER {
                number = Some(read_number(value)?);
            } else if *oid == PART {
                self.part.0 = read_number(value)?;
            } else if *oid == TOTAL_PARTS {
                self.part.1 = read_number(value)?;
            } else if critical && *oid != ISSUING_POINT {
                return Err(LoadCrlError::InvalidFormat);
            }
        }
        // Without a number nobody can tell which of two lists is newer (RFC 5280, 5.2.3).
        self.number = number.ok_or(LoadCrlError::InvalidFormat)?;
        let (part, total) = self.part;
        let sound = (1..=total).contains(&part) && total <= PARTS_MAX;
        if sound { Ok(()) } else { Err(LoadCrlError::InvalidFormat) }
    }

    /// Returns whether `root` issued and signed it.
    #[must_use]
    pub fn verify(&self, verifier: &dyn Verifier, root: &Certificate) -> bool {
        self.is_issued_by(root)
            && root.key_usage().is_some_and(|usage| usage.allows(KeyUsage::CRL_SIGN))
            && verifier.verify(root.public_key(), &self.tbs, &self.signature)
    }

    pub(super) fn is_issued_by(&self, root: &Certificate) -> bool {
        name::same(&self.issuer, root.subject_der())
            && self.authority_key_id.is_none_or(|id| root.subject_key_id() == Some(id))
    }

    /// Returns whether it is in force at `now`; without a clock, always.
    #[must_use]
    pub fn is_in_force(&self, now: Option<i64>) -> bool {
        now.is_none_or(|now| {
            now >= self.this_update && self.next_update.is_none_or(|next| now <= next)
        })
    }

    /// Returns whether it revokes the certificate with this serial number.
    #[must_use]
    pub fn is_revoked(&self, serial: &[u8]) -> bool {
        self.revoked.contains(serial)
    }
}

fn read_next_update(reader: &mut Reader<'_>) -> Result<Option<i64>, DerError> {
    let mut ahead = *reader;
    match time::read(&mut ahead) {
        Ok(next) => {
            *reader = ahead;
            Ok(Some(next))
        }
        // It is optional; what stands there instead is read next.
        Err(_) => Ok(None),
    }
}

fn read_revoked(value: &[u8]) -> Result<BTreeSet<Box<[u8]>>, LoadCrlError> {
    let mut list = Reader::new(value);
    let mut revoked = BTreeSet::new();
    while !list.is_empty() {
        let mut entry = list.enter(SEQUENCE)?;
        let serial = entry.value(INTEGER)?;
        time::read(&mut entry)?;
        if revoked.len() == REVOKED_MAX {
            return Err(LoadCrlError::NotEnoughMemory);
        }
        revoked.insert(serial.into());
    }
    Ok(revoked)
}

fn read_number(value: &[u8]) -> Result<u64, LoadCrlError> {
    let mut reader = Reader::new(value);
    let octets = reader.unsigned()?;
    reader.end()?;
    if octets.len() > 8 {
        return Err(LoadCrlError::InvalidFormat);
    }
    Ok(octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
}

/// What one root has revoked: the newest whole list, and the parts of a newer one that came.
#[derive(Clone, Debug, Default)]
pub(super) struct Revocations {
    whole: Option<PartialList>,
    newer: Option<PartialList>,
}

#[derive(Clone, Debug, Default)]
struct PartialList {
    number: u64,
    total: u64,
    parts: BTreeMap<u64, BTreeSet<Box<[u8]>>>,
}

impl PartialList {
    fn missing(&self) -> Vec<u64> {
        (1..=self.total).filter(|part| !self.parts.contains_key(part)).collect()
    }

    fn is_revoked(&self, serial: &[u8]) -> bool {
        self.parts.values().any(|part| part.contains(serial))
    }

    fn len(&self) -> usize {
        self.parts.values().map(BTreeSet::len).sum()
    }
}

impl Revocations {
    /// Takes a list or a part of one in, and returns which of its parts are still missing.
    ///
    /// One that is older than what is known changes nothing: a revocation does not end because
    /// somebody sends an old list.
    pub(super) fn take(&mut self, crl: Crl) -> Result<Vec<u64>, LoadCrlError> {
        let (part, total) = crl.part;
        if self.whole.as_ref().is_some_and(|whole| whole.number >= crl.number) {
            return Ok(Vec::new());
        }
        let mut list = match self.newer.take() {
            Some(list) if list.number > crl.number => {
                let missing = list.missing();
                self.newer = Some(list);
                return Ok(missing);
            }
            Some(list) if list.number == crl.number && list.total == total => list,
            Some(_) | None => PartialList { number: crl.number, total, ..PartialList::default() },
        };
        if list.len() + crl.revoked.len() > REVOKED_MAX {
            self.newer = Some(list);
            return Err(LoadCrlError::NotEnoughMemory);
        }
        list.parts.insert(part, crl.revoked);
        let missing = list.missing();
        let slot = if missing.is_empty() { &mut self.whole } else { &mut self.newer };
        *slot = Some(list);
        Ok(missing)
    }

    pub(super) fn is_revoked(&self, serial: &[u8]) -> bool {
        [&self.whole, &self.newer].into_iter().flatten().any(|list| list.is_revoked(serial))
    }
}
