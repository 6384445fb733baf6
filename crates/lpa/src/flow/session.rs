//! eUICC and server authenticate each other (SGP.22, 3.0.1 and 3.1.2).

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use polysim_rsp::data::{
    AuthenticateServerRequest, AuthenticateServerResponse, CancelSessionReason, CtxParams1,
    CtxParamsForCommonAuthentication, DeviceInfo, EuiccInfo1, GetEuiccChallengeRequest,
    GetEuiccChallengeResponse, GetEuiccInfo1Request, Raw, TransactionId, decode, encode,
};
use polysim_rsp::es9::{self, InitiateAuthenticationOk};
use polysim_rsp::pki::Certificate;
use rasn::types::FixedOctetString;

use super::Link;
use super::link::wrong;
use crate::transport::{CardError, Refusal};
use crate::{LpaError, WrongServer};

/// Why a session does not go on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Trouble {
    /// It is over.
    Over(LpaError),
    /// A new session may do better.
    Again(LpaError),
    /// It is given up, on card and server both.
    GiveUp(CancelSessionReason, LpaError),
    /// The confirmation code is wrong.
    WrongCode(LpaError),
}

impl From<LpaError> for Trouble {
    fn from(error: LpaError) -> Self {
        let is_lost = matches!(&error, LpaError::Card { error, .. } if !error.is_certain());
        if is_lost { Self::Again(error) } else { Self::Over(error) }
    }
}

/// With whom, and what for.
#[derive(Clone, Debug)]
pub(super) struct Peer<'a> {
    pub(super) address: &'a str,
    pub(super) matching_id: &'a str,
    pub(super) oid: Option<&'a str>,
    pub(super) ci_key_id: Option<&'a [u8]>,
    pub(super) device: DeviceInfo,
}

/// A session that is open.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) address: String,
    pub(super) transaction_id: TransactionId,
    /// How often the card had been reset when it began.
    resets: u32,
}

impl Session {
    /// Asks the card for something that belongs to this session, once: a session in which an answer is
    /// lost does not go on.
    pub(super) async fn step(
        &self,
        link: &mut Link,
        function: &'static str,
        request: Vec<u8>,
    ) -> Result<Vec<u8>, Trouble> {
        let again = |error| Trouble::Again(LpaError::Card { function, error });
        if link.resets() != self.resets {
            return Err(again(CardError::Reset));
        }
        match link.ask_card(request).await {
            Ok(answer) => Ok(answer),
            Err(error @ CardError::Refused(Refusal::CONDITIONS_NOT_SATISFIED)) => {
                link.reset().await;
                Err(again(error))
            }
            Err(error) if error.is_certain() => {
                Err(Trouble::Over(LpaError::Card { function, error }))
            }
            Err(error) => Err(again(error)),
        }
    }

    /// Asks the server for something that belongs to this session.
    pub(super) async fn server(
        &self,
        link: &mut Link,
        request: es9::Request,
    ) -> Result<es9::Answer, Trouble> {
        match link.server(&self.address, request).await {
            Ok(answer) => Ok(answer),
            Err(error @ LpaError::Server { .. }) => Err(Trouble::Again(error)),
            Err(LpaError::Refused { address, function, status }) => {
                let is_gone =
                    es9::Refusal::from_status(&status) == Some(es9::Refusal::TransactionUnknown);
                let error = LpaError::Refused { address, function, status };
                Err(if is_gone { Trouble::Again(error) } else { Trouble::Over(error) })
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn wrong(&self, why: WrongServer) -> LpaError {
        wrong(&self.address, why)
    }

    /// Checks that the server speaks of this session.
    pub(super) fn check(&self, transaction_id: &TransactionId) -> Result<(), LpaError> {
        if *transaction_id == self.transaction_id {
            Ok(())
        } else {
            Err(self.wrong(WrongServer::Transaction))
        }
    }
}

/// Begins a session: the eUICC's challenge, and the server's word.
pub(super) async fn initiate(
    link: &mut Link,
    peer: &Peer<'_>,
) -> Result<(Session, Box<InitiateAuthenticationOk>), Trouble> {
    let euicc_info1: Raw<EuiccInfo1> =
        link.read("GetEUICCInfo1", encode(&GetEuiccInfo1Request {})).await?;
    let challenge: GetEuiccChallengeResponse =
        link.read("GetEUICCChallenge", encode(&GetEuiccChallengeRequest {})).await?;
    // A challenge that was given before a reset is gone; this is found at the next step.
    let resets = link.resets();
    let euicc_challenge = *challenge.euicc_challenge;
    let request = es9::InitiateAuthentication {
        euicc_challenge,
        smdp_address: peer.address.to_string(),
        euicc_info1: euicc_info1.clone(),
    };
    let request = es9::Request::InitiateAuthentication(Box::new(request));
    let es9::Answer::InitiateAuthentication(ok) = link.server(peer.address, request).await? else {
        return Err(Trouble::Over(wrong(peer.address, WrongServer::Answer)));
    };
    check_server(peer, &euicc_challenge, &euicc_info1, &ok)
        .map_err(|why| Trouble::Over(wrong(peer.address, why)))?;
    let transaction_id = ok.transaction_id.clone();
    Ok((Session { address: peer.address.to_string(), transaction_id, resets }, ok))
}

fn check_server(
    peer: &Peer<'_>,
    challenge: &[u8; 16],
    info1: &EuiccInfo1,
    ok: &InitiateAuthenticationOk,
) -> Result<(), WrongServer> {
    let signed = &ok.server_signed1;
    if !signed.server_address.eq_ignore_ascii_case(peer.address) {
        return Err(WrongServer::Address(signed.server_address.clone()));
    }
    if *signed.euicc_challenge != *challenge {
        return Err(WrongServer::Challenge);
    }
    if signed.transaction_id != ok.transaction_id {
        return Err(WrongServer::Transaction);
    }
    let issuer = &ok.euicc_ci_pk_id_to_be_used;
    let is_restricted = peer.ci_key_id.is_some_and(|start| !issuer.starts_with(start));
    if is_restricted || !info1.euicc_ci_pk_id_list_for_signing.contains(issuer) {
        return Err(WrongServer::Issuer);
    }
    let Some(oid) = peer.oid else { return Ok(()) };
    let certificate =
        Certificate::parse(ok.server_certificate.der()).map_err(|_| WrongServer::Certificate)?;
    if certificate.registered_ids().iter().any(|id| id.to_string() == oid) {
        Ok(())
    } else {
        Err(WrongServer::Oid)
    }
}

/// Brings the server's word to the eUICC; returns its answer.
pub(super) async fn authenticate_server(
    link: &mut Link,
    session: &Session,
    peer: &Peer<'_>,
    ok: InitiateAuthenticationOk,
) -> Result<Raw<AuthenticateServerResponse>, Trouble> {
    const FUNCTION: &str = "AuthenticateServer";
    let matching_id = Some(peer.matching_id).filter(|id| !id.is_empty());
    let ctx_params1 = CtxParams1::CommonAuthentication(CtxParamsForCommonAuthentication {
        matching_id: matching_id.map(Into::into),
        device_info: peer.device.clone(),
    });
    let request = AuthenticateServerRequest {
        server_signed1: ok.server_signed1,
        server_signature1: FixedOctetString::new(ok.server_signature1),
        euicc_ci_pk_id_to_be_used: ok.euicc_ci_pk_id_to_be_used,
        server_certificate: ok.server_certificate,
        ctx_params1,
    };
    let answer = session.step(link, FUNCTION, encode(&request)).await?;
    let response: Raw<AuthenticateServerResponse> =
        decode(FUNCTION, &answer).map_err(|error| Trouble::Over(error.into()))?;
    match &*response {
        AuthenticateServerResponse::Ok(_) => Ok(response),
        AuthenticateServerResponse::Error(error) => {
            Err(Trouble::Over(LpaError::Authenticate(error.authenticate_error_code)))
        }
    }
}

/// Brings the eUICC's answer to the server.
pub(super) async fn authenticate_client(
    link: &mut Link,
    session: &Session,
    authenticate_server_response: Raw<AuthenticateServerResponse>,
) -> Result<es9::Answer, Trouble> {
    let transaction_id = session.transaction_id.clone();
    let request = es9::AuthenticateClient { transaction_id, authenticate_server_response };
    session.server(link, es9::Request::AuthenticateClient(Box::new(request))).await
}
