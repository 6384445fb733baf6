//! Certificates and key of the eUICC, and whom it trusts (SGP.22, 4.5 and 5.7.12).

use std::sync::Arc;

use polysim_apdu::Status;
use polysim_base::{Eid, Instant, Stream};
use polysim_rsp::crypto::{KeyId, Randomness};
use polysim_rsp::data::{
    CertificateDer, KeyIdentifier, LoadCrlRequest, LoadCrlResponse, LoadCrlResponseOk, MissingPart,
};
use polysim_rsp::pki::EuiccIdentity;
use polysim_rsp::pki::authority::Eum;

use super::Euicc;
use crate::card::Card;

/// Certificates and key, which are made when they are first needed.
#[derive(Clone, Debug)]
pub(super) enum Identity {
    /// They are here.
    Given(Arc<EuiccIdentity>),
    /// The manufacturer makes them, the same ones each time.
    Derived { eum: Arc<Eum>, stream: Stream },
    /// The manufacturer's name is too long for a certificate.
    Impossible,
}

impl Identity {
    /// Returns certificates and key.
    pub(super) fn get(&mut self, eid: &Eid) -> Option<&Arc<EuiccIdentity>> {
        if let Self::Derived { eum, stream } = self {
            let made = eum.euicc(&mut Randomness::Simulated(stream.clone()), eid);
            *self = made.map_or(Self::Impossible, |identity| Self::Given(Arc::new(identity)));
        }
        match self {
            Self::Given(identity) => Some(identity),
            Self::Derived { .. } | Self::Impossible => None,
        }
    }

    /// Returns the key of the root that the chain leads to.
    fn root(&self) -> Option<KeyId> {
        match self {
            Self::Given(identity) => identity.eum.authority_key_id(),
            Self::Derived { eum, .. } => eum.certificate().authority_key_id(),
            Self::Impossible => None,
        }
    }
}

impl Euicc {
    /// Returns certificates and key; they are made now if they were not needed before.
    ///
    /// # Errors
    /// `6F00` where they cannot be made.
    pub(super) fn identity(&mut self) -> Result<Arc<EuiccIdentity>, Status> {
        self.identity.get(&self.eid).cloned().ok_or(Status::TechnicalProblem)
    }

    /// The roots that signatures of servers are checked with.
    pub(super) fn verification_keys(&self) -> Vec<KeyIdentifier> {
        self.trust.key_ids().map(key_identifier).collect()
    }

    /// The root under which it has a certificate of its own.
    pub(super) fn signing_keys(&self) -> Vec<KeyIdentifier> {
        self.identity.root().map(key_identifier).into_iter().collect()
    }

    /// Returns whether it has a certificate under a root.
    pub(super) fn signs_under(&self, root: &KeyId) -> bool {
        self.identity.root().as_ref() == Some(root)
    }

    /// Takes a revocation list, or a part of one.
    pub(super) fn load_crl(
        &mut self,
        card: &mut Card,
        now: Instant,
        asked: &LoadCrlRequest,
    ) -> Result<LoadCrlResponse, Status> {
        let mut trust = self.trust.as_ref().clone();
        let unix = self.model.unix_time(now);
        let missing = match trust.load_crl(self.model.verifier.as_ref(), asked.crl.der(), unix) {
            Ok(missing) => missing,
            Err(refused) => {
                return Ok(LoadCrlResponse::Error(refused.code()));
            }
        };
        card.step()?;
        self.trust = Arc::new(trust);
        let missing = missing.into_iter().filter_map(|number| u32::try_from(number).ok());
        let missing: Vec<_> = missing.map(|number| MissingPart { number }).collect();
        let missing_parts = Some(missing).filter(|missing| !missing.is_empty());
        Ok(LoadCrlResponse::Ok(LoadCrlResponseOk { missing_parts }))
    }
}

fn key_identifier(key: KeyId) -> KeyIdentifier {
    key.as_bytes().to_vec().into()
}

/// Returns both certificates of the chain as they go into answers.
pub(super) fn chain(identity: &EuiccIdentity) -> [CertificateDer; 2] {
    [&identity.certificate, &identity.eum].map(|one| CertificateDer::new(one.der().to_vec()))
}
