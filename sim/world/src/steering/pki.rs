//! Who trusts whom in a simulated world: one root, one maker of eUICCs, a certificate for each server.

use crate::build::BuildError;
use polysim_base::Stream;
use polysim_rsp::crypto::{Mode, Randomness};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig, Eum};
use polysim_rsp::pki::{CertificateError, Identity, Oid, Role, Trust};
use std::sync::Arc;

/// The first digits of the EIDs of simulated eUICCs.
pub(crate) const EIN: &str = "89049032";

/// The root, and what it has signed for all.
#[derive(Clone, Debug)]
pub(crate) struct Pki {
    authority: Arc<Authority>,
    pub(crate) eum: Arc<Eum>,
    pub(crate) trust: Arc<Trust>,
}

/// The certificates and keys of an SM-DP+.
#[derive(Clone, Debug)]
pub(crate) struct SmdpIdentities {
    pub(crate) auth: Identity,
    pub(crate) binding: Identity,
}

impl Pki {
    /// Makes a root and a maker.
    pub(crate) fn new(seed: u64) -> Result<Self, BuildError> {
        let mut randomness = randomness(seed, 0);
        let authority = Authority::new(&mut randomness, &AuthorityConfig::default());
        let authority = authority.map_err(of)?;
        let eum = authority.eum(&mut randomness, "polysim EUM", &[EIN]).map_err(of)?;
        let mut trust = Trust::new();
        trust
            .add_root(authority.root().clone(), Mode::Simulation)
            .map_err(|error| BuildError::Certificates { why: error.to_string() })?;
        let (authority, eum, trust) = (Arc::new(authority), Arc::new(eum), Arc::new(trust));
        Ok(Self { authority, eum, trust })
    }

    /// Makes the certificates of an SM-DP+, the same ones each time.
    pub(crate) fn smdp(
        &self,
        seed: u64,
        service: usize,
        host: &str,
    ) -> Result<SmdpIdentities, BuildError> {
        let (mut randomness, oid) = (randomness(seed, service as u64 + 1), oid(service)?);
        let auth = self.authority.server(&mut randomness, Role::DpAuth, &oid, host);
        let binding = self.authority.server(&mut randomness, Role::DpPb, &oid, host);
        Ok(SmdpIdentities { auth: auth.map_err(of)?, binding: binding.map_err(of)? })
    }

    /// Makes the certificate of an SM-DS, the same one each time.
    pub(crate) fn smds(
        &self,
        seed: u64,
        service: usize,
        host: &str,
    ) -> Result<Identity, BuildError> {
        let (mut randomness, oid) = (randomness(seed, service as u64 + 1), oid(service)?);
        self.authority.server(&mut randomness, Role::DsAuth, &oid, host).map_err(of)
    }
}

/// Streams of keys are derived from numbers beyond those of phones, fleets and platforms.
const ENTITY: u64 = 10 << 40;

fn randomness(seed: u64, entity: u64) -> Randomness {
    let entity = ENTITY + entity;
    Randomness::Simulated(Stream::derive(seed, entity, polysim_base::Purpose::Keys, 0))
}

fn oid(service: usize) -> Result<Oid, BuildError> {
    Oid::parse(&format!("2.999.10.{}", service + 1))
        .map_err(|_| BuildError::TooMany { what: "services", count: service })
}

fn of(error: CertificateError) -> BuildError {
    BuildError::Certificates { why: error.to_string() }
}
