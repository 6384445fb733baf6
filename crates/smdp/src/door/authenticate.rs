//! The eUICC's word for the server (SGP.22, 5.6.3).

use alloc::format;
use alloc::string::String;

use polysim_base::{Eid, Instant};
use polysim_rsp::crypto::{PublicKey, Signature};
use polysim_rsp::data::{
    AuthenticateResponseOk, AuthenticateServerResponse, CertificateDer, CtxParams1, EuiccInfo2,
};
use polysim_rsp::es9::{AuthenticateClient, Refusal, Status};
use polysim_rsp::pki::{Certificate, ChainError, Role};

use super::{Door, Session, TransactionKey};

/// An eUICC that has proved to be one.
pub(crate) struct Authenticated {
    pub(crate) transaction: TransactionKey,
    pub(crate) eid: Eid,
    pub(crate) key: PublicKey,
    pub(crate) signature1: Signature,
    pub(crate) info: EuiccInfo2,
    /// What the device looks for; `None` where it says nothing.
    pub(crate) matching_id: Option<String>,
}

impl<P> Door<P> {
    pub(crate) fn authenticate(
        &mut self,
        now: Instant,
        request: &AuthenticateClient,
    ) -> Result<Authenticated, Status> {
        let transaction = transaction_key(&request.transaction_id)?;
        let unix = self.unix(now);
        if self.sessions.touch(now, &transaction).is_none() {
            return Err(Refusal::TransactionUnknown.into());
        }
        let response = match &*request.authenticate_server_response {
            AuthenticateServerResponse::Ok(response) => response,
            AuthenticateServerResponse::Error(error) => {
                self.sessions.close(&transaction);
                return Err(Status {
                    message: Some(format!(
                        "the eUICC does not trust this server: {}",
                        error.authenticate_error_code
                    )),
                    ..Refusal::EuiccNotVerified.status()
                });
            }
        };
        let session =
            self.sessions.get(&transaction).ok_or_else(|| Refusal::TransactionUnknown.status())?;
        let (eid, key) = self.verify(session, response, &transaction, unix)?;
        let signed = response.euicc_signed1.clone().into_value();
        let CtxParams1::CommonAuthentication(context) = signed.ctx_params1;
        Ok(Authenticated {
            transaction,
            eid,
            key,
            signature1: *response.euicc_signature1,
            info: signed.euicc_info2,
            matching_id: context.matching_id.filter(|id| !id.is_empty()),
        })
    }

    fn verify(
        &self,
        session: &Session<P>,
        response: &AuthenticateResponseOk,
        transaction: &TransactionKey,
        unix: i64,
    ) -> Result<(Eid, PublicKey), Refusal> {
        let eum = parse(&response.eum_certificate, Refusal::EumCertificateNotVerified)?;
        let euicc = parse(&response.euicc_certificate, Refusal::EuiccCertificateNotVerified)?;
        if eum.authority_key_id() != Some(session.ci) {
            return Err(Refusal::IssuerUnknown);
        }
        let eid = self.verify_euicc(&euicc, &eum, Some(unix))?;
        let signed = &response.euicc_signed1;
        let is_signed =
            self.is_signed(euicc.public_key(), &[signed.der()], &response.euicc_signature1);
        let is_ours = *signed.server_challenge == session.server_challenge
            && *signed.transaction_id == *transaction
            && signed.server_address.eq_ignore_ascii_case(&self.address);
        if is_signed && is_ours {
            Ok((eid, *euicc.public_key()))
        } else {
            Err(Refusal::EuiccNotVerified)
        }
    }

    /// Judges the certificates that an eUICC sends.
    pub(crate) fn verify_euicc(
        &self,
        euicc: &Certificate,
        eum: &Certificate,
        unix: Option<i64>,
    ) -> Result<Eid, Refusal> {
        let Self { credentials, .. } = self;
        let verdict = credentials.trust.verify_euicc(&*credentials.verifier, euicc, eum, unix);
        verdict.map_err(chain_refusal)
    }
}

pub(crate) fn transaction_key(octets: &[u8]) -> Result<TransactionKey, Refusal> {
    octets.try_into().map_err(|_| Refusal::TransactionUnknown)
}

pub(crate) fn parse(der: &CertificateDer, refusal: Refusal) -> Result<Certificate, Refusal> {
    Certificate::parse(der.der()).map_err(|_| refusal)
}

/// Says what is wrong with an eUICC's chain in the codes of SGP.22.
const fn chain_refusal(error: ChainError) -> Refusal {
    match (error.role(), error.is_expiry()) {
        (None | Some(Role::Ci), _) => Refusal::IssuerUnknown,
        (Some(Role::Euicc), true) => Refusal::EuiccCertificateExpired,
        (Some(Role::Euicc), false) => Refusal::EuiccCertificateNotVerified,
        (
            Some(Role::Eum | Role::DpTls | Role::DpAuth | Role::DpPb | Role::DsTls | Role::DsAuth),
            true,
        ) => Refusal::EumCertificateExpired,
        (Some(_), false) => Refusal::EumCertificateNotVerified,
    }
}
