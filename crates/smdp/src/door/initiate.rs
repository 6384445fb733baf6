//! The server's word for the eUICC (SGP.22, 5.6.1).

use polysim_base::Instant;
use polysim_rsp::crypto::KeyId;
use polysim_rsp::data::{
    CertificateDer, EuiccInfo1, Extensions, Octets, Raw, ServerSigned1, TransactionId,
};
use polysim_rsp::es9::{InitiateAuthentication, InitiateAuthenticationOk, Refusal};
use rasn::types::FixedOctetString;

use super::{Door, Session, TransactionKey};

/// The only major version of SGP.22 that is spoken here; an eUICC of version 3 speaks it, too.
const MAJOR_MIN: u8 = 2;

impl<P: Default> Door<P> {
    pub(crate) fn initiate(
        &mut self,
        now: Instant,
        request: &InitiateAuthentication,
    ) -> Result<InitiateAuthenticationOk, Refusal> {
        if !request.smdp_address.eq_ignore_ascii_case(&self.address) {
            return Err(self.refusals.address);
        }
        let info = &*request.euicc_info1;
        let [major, _, _] = info.svn.numbers();
        if major < MAJOR_MIN {
            return Err(self.refusals.version);
        }
        let ci = self.choose_issuer(info)?;
        let transaction = self.new_transaction();
        let transaction_id: TransactionId = transaction.to_vec().into();
        let server_challenge = self.credentials.randomness.bytes::<16>();
        let server_signed1 = Raw::new(ServerSigned1 {
            transaction_id: transaction_id.clone(),
            euicc_challenge: FixedOctetString::new(request.euicc_challenge),
            server_address: self.address.clone(),
            server_challenge: FixedOctetString::new(server_challenge),
            extensions: Extensions::default(),
        });
        let auth = &self.credentials.auth;
        let answer = InitiateAuthenticationOk {
            transaction_id,
            server_signature1: auth.key.sign(server_signed1.der()),
            server_signed1,
            euicc_ci_pk_id_to_be_used: Octets::from(ci.as_bytes().to_vec()),
            server_certificate: CertificateDer::new(auth.certificate.der().to_vec()),
        };
        let session = Session { ci, server_challenge, progress: P::default() };
        self.sessions.open(now, transaction, session);
        Ok(answer)
    }

    /// Chooses the issuer under which the eUICC is to answer: the first in its list that is trusted
    /// here. The server's own certificate must be of an issuer that the eUICC can check.
    fn choose_issuer(&self, info: &EuiccInfo1) -> Result<KeyId, Refusal> {
        let own = self.credentials.auth.certificate.authority_key_id();
        let checks = &info.euicc_ci_pk_id_list_for_verification;
        if !checks.iter().any(|id| own.is_some() && KeyId::from_bytes(id) == own) {
            return Err(self.refusals.certificate);
        }
        let signs = info.euicc_ci_pk_id_list_for_signing.iter();
        let is_trusted = |id: &KeyId| self.credentials.trust.root_by_key_id(id).is_some();
        let mut trusted = signs.filter_map(|id| KeyId::from_bytes(id)).filter(is_trusted);
        trusted.next().ok_or(self.refusals.security)
    }

    fn new_transaction(&mut self) -> TransactionKey {
        loop {
            let id = self.credentials.randomness.bytes();
            if !self.sessions.has(&id) {
                return id;
            }
        }
    }
}
