//! Sessions with a server: the eUICC and the server authenticate each other, a download is prepared
//! or given up (SGP.22, 5.7.5, 5.7.13 and 5.7.14).

use polysim_apdu::Status;
use polysim_base::Instant;
use polysim_rsp::crypto::{KeyId, PrivateKey, PublicKey, Signature};
use polysim_rsp::data::{
    AuthenticateErrorCode, AuthenticateResponseError, AuthenticateResponseOk,
    AuthenticateServerRequest, AuthenticateServerResponse, CancelSessionError,
    CancelSessionRequest, CancelSessionResponse, CancelSessionResponseOk, DownloadErrorCode,
    EuiccCancelSessionSigned, EuiccSigned1, EuiccSigned2, Extensions, GetEuiccChallengeResponse,
    PrepareDownloadRequest, PrepareDownloadResponse, PrepareDownloadResponseError,
    PrepareDownloadResponseOk, Raw, TransactionId,
};
use polysim_rsp::pki::{Certificate, ChainError, Role};
use rasn::types::ObjectIdentifier;

use super::Euicc;
use super::identity::chain;
use super::load::Loading;
use crate::card::Card;

/// Where the session stands. There is one at a time, and a reset ends it.
#[derive(Debug, Default)]
pub(super) enum Session {
    /// There is none.
    #[default]
    None,
    /// A server may authenticate itself with this challenge, once.
    Challenged([u8; 16]),
    /// A server has.
    Authenticated(Box<Authenticated>),
    /// A download was prepared: a bound profile package is expected.
    Prepared(Box<Authenticated>, Box<Prepared>),
    /// One is coming.
    Loading(Box<Loading>),
}

/// The server of the session.
#[derive(Clone, Debug)]
pub(super) struct Authenticated {
    pub(super) transaction: TransactionId,
    pub(super) certificate: Certificate,
    pub(super) address: String,
    pub(super) root: KeyId,
    /// What the eUICC signed its answer with: the server's next signature is over it, too.
    euicc_signature1: Signature,
}

/// What was prepared.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    /// CERT.DPpb.
    pub(super) binding: Certificate,
    /// One-time key of the eUICC for the key agreement.
    pub(super) one_time_key: PrivateKey,
}

impl Session {
    /// Returns the server, once it has authenticated itself.
    fn server(&self) -> Option<&Authenticated> {
        match self {
            Self::None | Self::Challenged(_) => None,
            Self::Authenticated(server) | Self::Prepared(server, _) => Some(server),
            Self::Loading(loading) => Some(loading.server()),
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        !matches!(self, Self::None)
    }
}

impl Euicc {
    /// A session begins; one that was open is over.
    pub(super) fn challenge(
        &mut self,
        card: &mut Card,
    ) -> Result<GetEuiccChallengeResponse, Status> {
        self.forget_session(card)?;
        let challenge = self.randomness.bytes::<16>();
        self.session = Session::Challenged(challenge);
        Ok(GetEuiccChallengeResponse { euicc_challenge: challenge.into() })
    }

    /// The session is over; an installation that it had begun failed.
    fn forget_session(&mut self, card: &mut Card) -> Result<(), Status> {
        self.session = Session::None;
        if self.begun.is_some() {
            card.step()?;
            self.note_interruption();
        }
        Ok(())
    }

    pub(super) fn authenticate_server(
        &mut self,
        now: Instant,
        asked: AuthenticateServerRequest,
    ) -> Result<AuthenticateServerResponse, Status> {
        // Right or wrong, a challenge is good for one try.
        let session = std::mem::take(&mut self.session);
        let (certificate, root) = match self.judge_server(now, &session, &asked) {
            Ok(judged) => judged,
            Err(authenticate_error_code) => {
                let transaction_id = asked.server_signed1.transaction_id.clone();
                let error = AuthenticateResponseError { transaction_id, authenticate_error_code };
                return Ok(AuthenticateServerResponse::Error(error));
            }
        };
        let signed = asked.server_signed1.into_value();
        let euicc_signed1 = Raw::new(EuiccSigned1 {
            transaction_id: signed.transaction_id.clone(),
            server_address: signed.server_address.clone(),
            server_challenge: signed.server_challenge,
            euicc_info2: self.info2(),
            ctx_params1: asked.ctx_params1,
            extensions: Extensions::default(),
        });
        let identity = self.identity()?;
        let euicc_signature1 = identity.key.sign(euicc_signed1.der());
        self.session = Session::Authenticated(Box::new(Authenticated {
            transaction: signed.transaction_id,
            certificate,
            address: signed.server_address,
            root,
            euicc_signature1,
        }));
        let [euicc_certificate, eum_certificate] = chain(&identity);
        Ok(AuthenticateServerResponse::Ok(Box::new(AuthenticateResponseOk {
            euicc_signed1,
            euicc_signature1: euicc_signature1.into(),
            euicc_certificate,
            eum_certificate,
            extensions: Extensions::default(),
        })))
    }

    fn judge_server(
        &self,
        now: Instant,
        session: &Session,
        asked: &AuthenticateServerRequest,
    ) -> Result<(Certificate, KeyId), AuthenticateErrorCode> {
        use AuthenticateErrorCode as Code;
        let Session::Challenged(challenge) = session else {
            return Err(Code::NoSessionContext);
        };
        let root = KeyId::from_bytes(&asked.euicc_ci_pk_id_to_be_used).ok_or(Code::CiPkUnknown)?;
        if !self.signs_under(&root) {
            return Err(Code::CiPkUnknown);
        }
        let certificate = Certificate::parse(asked.server_certificate.der())
            .map_err(|_| Code::InvalidCertificate)?;
        let role = match certificate.has_role(Role::DsAuth) {
            true => Role::DsAuth,
            false => Role::DpAuth,
        };
        let verifier = self.model.verifier.as_ref();
        let unix = self.model.unix_time(now);
        let chain = self.trust.verify_server(verifier, &certificate, role, &root, unix);
        chain.map_err(authenticate_code)?;
        let (signed, signature) = (&asked.server_signed1, &asked.server_signature1);
        if !verifier.verify(certificate.public_key(), signed.der(), signature) {
            return Err(Code::InvalidSignature);
        }
        if *signed.euicc_challenge != *challenge {
            return Err(Code::EuiccChallengeMismatch);
        }
        Ok((certificate, root))
    }

    pub(super) fn prepare_download(
        &mut self,
        card: &mut Card,
        now: Instant,
        asked: &PrepareDownloadRequest,
    ) -> Result<PrepareDownloadResponse, Status> {
        let (server, binding) = match self.judge_binding(now, asked) {
            Ok(judged) => judged,
            Err(download_error_code) => {
                let transaction_id = asked.smdp_signed2.transaction_id.clone();
                let error = PrepareDownloadResponseError { transaction_id, download_error_code };
                return Ok(PrepareDownloadResponse::Error(error));
            }
        };
        let used_before = asked.smdp_signed2.bpp_euicc_otpk.as_deref();
        let one_time_key = self.one_time_key(card, used_before)?;
        let euicc_signed2 = Raw::new(EuiccSigned2 {
            transaction_id: server.transaction.clone(),
            euicc_otpk: one_time_key.public().to_bytes().to_vec().into(),
            hash_cc: asked.hash_cc,
            extensions: Extensions::default(),
        });
        let message = followed_by(euicc_signed2.der(), asked.smdp_signature2.as_ref());
        let euicc_signature2 = self.identity()?.key.sign(&message).into();
        let prepared = Prepared { binding, one_time_key };
        self.session = Session::Prepared(Box::new(server), Box::new(prepared));
        Ok(PrepareDownloadResponse::Ok(PrepareDownloadResponseOk {
            euicc_signed2,
            euicc_signature2,
        }))
    }

    fn judge_binding(
        &self,
        now: Instant,
        asked: &PrepareDownloadRequest,
    ) -> Result<(Authenticated, Certificate), DownloadErrorCode> {
        use DownloadErrorCode as Code;
        let server = match &self.session {
            Session::Authenticated(server) | Session::Prepared(server, _) => server.as_ref(),
            Session::None | Session::Challenged(_) | Session::Loading(_) => {
                return Err(Code::NoSessionContext);
            }
        };
        let signed = &asked.smdp_signed2;
        if signed.transaction_id != server.transaction {
            return Err(Code::InvalidTransactionId);
        }
        let binding = Certificate::parse(asked.smdp_certificate.der())
            .map_err(|_| Code::InvalidCertificate)?;
        let verifier = self.model.verifier.as_ref();
        let unix = self.model.unix_time(now);
        self.trust
            .verify_binding(verifier, &binding, &server.certificate, &server.root, unix)
            .map_err(|_| Code::InvalidCertificate)?;
        let message = followed_by(signed.der(), &server.euicc_signature1);
        if !verifier.verify(binding.public_key(), &message, &asked.smdp_signature2) {
            return Err(Code::InvalidSignature);
        }
        Ok((server.clone(), binding))
    }

    /// Returns the one-time key that a package was bound to before, if that is the one which is
    /// kept; else a new one, which is kept from now on.
    fn one_time_key(
        &mut self,
        card: &mut Card,
        used_before: Option<&[u8]>,
    ) -> Result<PrivateKey, Status> {
        let kept = self.one_time_key.as_ref();
        let used_before = used_before.and_then(|key| PublicKey::from_bytes(key).ok());
        if let Some(kept) = kept.filter(|kept| used_before == Some(kept.public())) {
            return Ok(kept.clone());
        }
        let fresh = PrivateKey::generate(&mut self.randomness);
        card.step()?;
        self.one_time_key = Some(fresh.clone());
        Ok(fresh)
    }

    pub(super) fn cancel_session(
        &mut self,
        card: &mut Card,
        asked: CancelSessionRequest,
    ) -> Result<CancelSessionResponse, Status> {
        let server = self.session.server();
        let server = server.filter(|server| server.transaction == asked.transaction_id);
        let Some(smdp_oid) = server.and_then(|server| oid_of(&server.certificate)) else {
            return Ok(CancelSessionResponse::Error(CancelSessionError::InvalidTransactionId));
        };
        let signed = Raw::new(EuiccCancelSessionSigned {
            transaction_id: asked.transaction_id,
            smdp_oid,
            reason: asked.reason,
        });
        let signature = self.identity()?.key.sign(signed.der());
        self.forget_session(card)?;
        Ok(CancelSessionResponse::Ok(CancelSessionResponseOk {
            euicc_cancel_session_signed: signed,
            euicc_cancel_session_signature: signature.into(),
        }))
    }
}

/// What answers to a certificate that does not hold: a wrong role is an OID of its own.
const fn authenticate_code(error: ChainError) -> AuthenticateErrorCode {
    if matches!(error, ChainError::UnknownRoot { .. }) {
        AuthenticateErrorCode::CiPkUnknown
    } else if matches!(error, ChainError::WrongRole(_) | ChainError::OidMissing(_)) {
        AuthenticateErrorCode::InvalidOid
    } else {
        AuthenticateErrorCode::InvalidCertificate
    }
}

/// Returns what a signature is over that covers another one, too: `5F37` and 64 octets behind.
pub(super) fn followed_by(der: &[u8], signature: &[u8]) -> Vec<u8> {
    [der, &[0x5F, 0x37, 0x40], signature].concat()
}

/// Returns the OID of the operator of a server.
pub(super) fn oid_of(certificate: &Certificate) -> Option<ObjectIdentifier> {
    let oid = certificate.registered_ids().first()?.as_der();
    let length = u8::try_from(oid.len()).ok()?;
    rasn::der::decode(&[&[0x06, length], oid].concat()).ok()
}
