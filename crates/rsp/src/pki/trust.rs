//! What a party trusts, and its judgement of chains.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use polysim_base::Eid;

use super::authority::SIMULATION_MARK;
use super::certificate::Certificate;
use super::chain::{ChainError, check_link, check_validity, has_usage_of, permitted_eid};
use super::crl::{Crl, LoadCrlError, Revocations};
use super::oid::Role;
use super::verdicts::Verdicts;
use crate::crypto::{KeyId, Mode, P256, Verifier};

/// Most roots that are kept.
const ROOTS_MAX: usize = 64;
/// How many certificates of servers and manufacturers are remembered as verified.
const ISSUED_BY_ROOT_MAX: usize = 64;
/// How many certificates of eUICCs are remembered as verified.
const ISSUED_BY_EUM_MAX: usize = 256;

/// The roots of SGP.26, whose private keys are known: NIST and Brainpool, version 1 and version 3.
const TEST_ROOTS: [KeyId; 4] = [
    KeyId([
        0xF5, 0x41, 0x72, 0xBD, 0xF9, 0x8A, 0x95, 0xD6, 0x5C, 0xBE, 0xB8, 0x8A, 0x38, 0xA1, 0xC1,
        0x1D, 0x80, 0x0A, 0x85, 0xC3,
    ]),
    KeyId([
        0xC0, 0xBC, 0x70, 0xBA, 0x36, 0x92, 0x9D, 0x43, 0xB4, 0x67, 0xFF, 0x57, 0x57, 0x05, 0x30,
        0xE5, 0x7A, 0xB8, 0xFC, 0xD8,
    ]),
    KeyId([
        0x34, 0xEE, 0xCF, 0x13, 0x15, 0x65, 0x18, 0xD4, 0x8D, 0x30, 0xBD, 0xF0, 0x68, 0x53, 0x40,
        0x4D, 0x11, 0x5F, 0x95, 0x5D,
    ]),
    KeyId([
        0x22, 0x09, 0xF6, 0x1C, 0xD9, 0xEC, 0x5C, 0x9C, 0x85, 0x4E, 0x78, 0x73, 0x41, 0xFF, 0x83,
        0xEC, 0xF9, 0x77, 0x6A, 0x5B,
    ]),
];

/// Why a certificate is no root.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RootError {
    /// Policies, key usage, basic constraints or key identifier are not those of a CERT.CI.
    #[error(
        "this certificate is no CERT.CI: look at its policies, key usage and basic constraints"
    )]
    NotARoot,
    /// It did not sign itself.
    #[error("the signature of this CERT.CI is wrong; is the file damaged?")]
    BadSignature,
    /// Live work may not trust the roots that GSMA publishes for tests.
    #[error(
        "{key_id} is a published test root; live work needs the root of a real certificate issuer"
    )]
    TestRoot {
        /// Which one.
        key_id: KeyId,
    },
    /// Live work may not trust a root that a simulation made.
    #[error(
        "{key_id} is a root that a simulation made; make one with live randomness, or use a real one"
    )]
    SimulatedRoot {
        /// Which one.
        key_id: KeyId,
    },
    /// There are enough roots.
    #[error("at most {ROOTS_MAX} roots are kept")]
    TooMany,
}

/// Roots, and what they have revoked.
///
/// Good signatures are remembered, so that thousands of eUICCs cost one verification of their
/// manufacturer. Validity and revocation are judged every time.
#[derive(Clone, Debug)]
pub struct Trust {
    roots: BTreeMap<KeyId, Certificate>,
    revocations: BTreeMap<KeyId, Revocations>,
    by_root: Verdicts,
    by_eum: Verdicts,
}

impl Default for Trust {
    fn default() -> Self {
        Self::new()
    }
}

impl Trust {
    /// Trusts nobody.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            roots: BTreeMap::new(),
            revocations: BTreeMap::new(),
            by_root: Verdicts::new(ISSUED_BY_ROOT_MAX),
            by_eum: Verdicts::new(ISSUED_BY_EUM_MAX),
        }
    }

    /// Trusts a root.
    ///
    /// # Errors
    /// [`RootError`] where it is none, or where live work may not trust it.
    pub fn add_root(&mut self, root: Certificate, mode: Mode) -> Result<KeyId, RootError> {
        let key_id = root.subject_key_id().ok_or(RootError::NotARoot)?;
        if !root.has_role(Role::Ci) || !has_usage_of(&root, Role::Ci) {
            return Err(RootError::NotARoot);
        }
        if !root.names_as_issuer(&root) || !root.is_signed_by(&P256, root.public_key()) {
            return Err(RootError::BadSignature);
        }
        match mode {
            Mode::Live => refuse_for_live(&root, key_id)?,
            Mode::Simulation => {}
        }
        if self.roots.len() == ROOTS_MAX && !self.roots.contains_key(&key_id) {
            return Err(RootError::TooMany);
        }
        self.roots.insert(key_id, root);
        Ok(key_id)
    }

    /// Returns the root with this key.
    #[must_use]
    pub fn root_by_key_id(&self, key_id: &KeyId) -> Option<&Certificate> {
        self.roots.get(key_id)
    }

    /// Returns the keys of the roots in their order: the lists of `EUICCInfo1`.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.roots.keys().copied()
    }

    /// Takes a revocation list, or a part of one, in. Returns which parts of it are still missing.
    ///
    /// # Errors
    /// [`LoadCrlError`]; then nothing has changed.
    pub fn load_crl(
        &mut self,
        verifier: &dyn Verifier,
        crl: &[u8],
        now: Option<i64>,
    ) -> Result<Vec<u64>, LoadCrlError> {
        let crl = Crl::parse(crl)?;
        let (key_id, root) = self
            .roots
            .iter()
            .find(|(_, root)| crl.is_issued_by(root))
            .ok_or(LoadCrlError::KeyNotFound)?;
        if !crl.verify(verifier, root) {
            return Err(LoadCrlError::InvalidSignature);
        }
        if !crl.is_in_force(now) {
            return Err(LoadCrlError::NotInForce);
        }
        self.revocations.entry(*key_id).or_default().take(crl)
    }

    /// Judges the certificate of a server that must lead to the root `ci`.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn verify_server(
        &self,
        verifier: &dyn Verifier,
        certificate: &Certificate,
        role: Role,
        ci: &KeyId,
        now: Option<i64>,
    ) -> Result<(), ChainError> {
        let root = self.roots.get(ci).ok_or(ChainError::UnknownRoot { key_id: *ci })?;
        self.verify_by_root(verifier, certificate, role, root, now)
    }

    /// Judges the certificate for profile binding, and that it is of the same operator as the
    /// certificate for authentication that the session began with.
    ///
    /// # Errors
    /// [`ChainError`]; [`ChainError::OidMismatch`] for different operators.
    pub fn verify_binding(
        &self,
        verifier: &dyn Verifier,
        binding: &Certificate,
        authentication: &Certificate,
        ci: &KeyId,
        now: Option<i64>,
    ) -> Result<(), ChainError> {
        self.verify_server(verifier, binding, Role::DpPb, ci, now)?;
        if binding.registered_ids().first() == authentication.registered_ids().first() {
            Ok(())
        } else {
            Err(ChainError::OidMismatch)
        }
    }

    /// Judges the chain of an eUICC, and returns its EID.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn verify_euicc(
        &self,
        verifier: &dyn Verifier,
        euicc: &Certificate,
        eum: &Certificate,
        now: Option<i64>,
    ) -> Result<Eid, ChainError> {
        let key_id = eum.authority_key_id().ok_or(ChainError::WrongIssuer(Role::Eum))?;
        let root = self.roots.get(&key_id).ok_or(ChainError::UnknownRoot { key_id })?;
        self.verify_by_root(verifier, eum, Role::Eum, root, now)?;
        check_link(euicc, Role::Euicc, eum)?;
        let eid = permitted_eid(euicc, eum)?;
        if !self.by_eum.is_signed_by(verifier, euicc, eum.public_key()) {
            return Err(ChainError::BadSignature(Role::Euicc));
        }
        check_validity(euicc, Role::Euicc, now)?;
        Ok(eid)
    }

    fn verify_by_root(
        &self,
        verifier: &dyn Verifier,
        certificate: &Certificate,
        role: Role,
        root: &Certificate,
        now: Option<i64>,
    ) -> Result<(), ChainError> {
        check_link(certificate, role, root)?;
        if !self.by_root.is_signed_by(verifier, certificate, root.public_key()) {
            return Err(ChainError::BadSignature(role));
        }
        check_validity(root, Role::Ci, now)?;
        check_validity(certificate, role, now)?;
        let revocations = root.subject_key_id().and_then(|id| self.revocations.get(&id));
        if revocations.is_some_and(|list| list.is_revoked(certificate.serial())) {
            return Err(ChainError::Revoked(role));
        }
        Ok(())
    }
}

fn refuse_for_live(root: &Certificate, key_id: KeyId) -> Result<(), RootError> {
    if TEST_ROOTS.contains(&key_id) {
        return Err(RootError::TestRoot { key_id });
    }
    let unit = root.subject().organizational_unit;
    if unit.as_deref() == Some(SIMULATION_MARK) {
        return Err(RootError::SimulatedRoot { key_id });
    }
    Ok(())
}
