//! Servers without cryptography.

use std::boxed::Box;
use std::collections::BTreeMap;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use polysim_rsp::activation::ConfirmationCode;
use polysim_rsp::data::*;
use polysim_rsp::es9::{self, Answer, EventEntry, Refusal, Request};
use rasn::types::FixedOctetString;

use super::HOST;
use super::card::{certificate, issuer, signature};

/// An order that waits, or not any more.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub(super) metadata: StoreMetadataRequest,
    pub(super) code: Option<ConfirmationCode>,
    pub(super) state: OrderState,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum OrderState {
    Released,
    Installed,
    Failed,
}

#[derive(Clone, Debug)]
struct Session {
    token: String,
    stage: u8,
}

/// What a server does otherwise than it should.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Twist {
    #[default]
    None,
    OtherAddress,
    OtherChallenge,
    OtherIssuer,
    OtherMetadata,
    BrokenPackage,
}

#[derive(Debug, Default)]
pub(super) struct FakeServer {
    pub(super) orders: BTreeMap<String, Waiting>,
    sessions: BTreeMap<Vec<u8>, Session>,
    /// What was taken: the number, and by whom.
    pub(super) taken: Vec<(String, u64)>,
    pub(super) cancelled: Vec<i64>,
    pub(super) twist: Twist,
    pub(super) refuses_notifications: Vec<String>,
    pub(super) seen: Vec<&'static str>,
    transactions: u8,
}

fn no(refusal: Refusal) -> Answer {
    Answer::Refused(refusal.status())
}

impl FakeServer {
    pub(super) fn order(&mut self, token: &str, n: u8, code: Option<&str>) {
        let code = code.map(|code| ConfirmationCode::new(code).unwrap());
        let metadata = super::metadata(n, HOST);
        self.orders
            .insert(token.to_string(), Waiting { metadata, code, state: OrderState::Released });
    }

    pub(super) fn handle(&mut self, address: &str, request: Request) -> Answer {
        self.seen.push(match request {
            Request::InitiateAuthentication(_) => "InitiateAuthentication",
            Request::AuthenticateClient(_) => "AuthenticateClient",
            Request::GetBoundProfilePackage(_) => "GetBoundProfilePackage",
            Request::HandleNotification(_) => "HandleNotification",
            Request::CancelSession(_) => "CancelSession",
        });
        match request {
            Request::InitiateAuthentication(request) => self.initiate(address, &request),
            Request::AuthenticateClient(request) => self.authenticate(address, &request),
            Request::GetBoundProfilePackage(request) => self.package(&request),
            Request::HandleNotification(pending) => self.notified(address, &pending),
            Request::CancelSession(request) => self.cancel(&request),
        }
    }

    fn initiate(&mut self, address: &str, request: &es9::InitiateAuthentication) -> Answer {
        assert_eq!(request.smdp_address, address);
        self.transactions += 1;
        let transaction_id: TransactionId = (&[self.transactions; 8][..]).into();
        let session = Session { token: String::new(), stage: 1 };
        self.sessions.insert(transaction_id.to_vec(), session);
        let mut challenge = request.euicc_challenge;
        if self.twist == Twist::OtherChallenge {
            challenge = [0; 16];
        }
        let other = self.twist == Twist::OtherAddress;
        let signed1 = ServerSigned1 {
            transaction_id: transaction_id.clone(),
            euicc_challenge: FixedOctetString::new(challenge),
            server_address: if other { "other.example.com" } else { address }.to_string(),
            server_challenge: FixedOctetString::new([9; 16]),
            extensions: Extensions::default(),
        };
        let other: KeyIdentifier = (&[0xF6; 20][..]).into();
        Answer::InitiateAuthentication(Box::new(es9::InitiateAuthenticationOk {
            transaction_id,
            server_signed1: Raw::new(signed1),
            server_signature1: *signature(),
            euicc_ci_pk_id_to_be_used: if self.twist == Twist::OtherIssuer {
                other
            } else {
                issuer()
            },
            server_certificate: certificate(),
        }))
    }

    fn authenticate(&mut self, address: &str, request: &es9::AuthenticateClient) -> Answer {
        let transaction_id = request.transaction_id.clone();
        let AuthenticateServerResponse::Ok(ok) = &*request.authenticate_server_response else {
            return no(Refusal::EuiccNotVerified);
        };
        let Some(session) = self.sessions.get_mut(&*transaction_id.to_vec()) else {
            return no(Refusal::TransactionUnknown);
        };
        if session.stage != 1 {
            self.sessions.remove(&*transaction_id.to_vec());
            return no(Refusal::TransactionUnknown);
        }
        session.stage = 2;
        if address.starts_with("smds") {
            let (event_id, rsp_server_address) = ("T1".to_string(), HOST.to_string());
            let entries = vec![EventEntry { event_id, rsp_server_address }];
            return Answer::Events { transaction_id, entries };
        }
        let CtxParams1::CommonAuthentication(params) = &ok.euicc_signed1.ctx_params1;
        session.token = params.matching_id.clone().unwrap_or_default();
        let Some(order) = self.orders.get(&session.token) else {
            return no(Refusal::MatchingIdRefused);
        };
        if order.state != OrderState::Released {
            return no(Refusal::MatchingIdRefused);
        }
        let signed2 = SmdpSigned2 {
            transaction_id: transaction_id.clone(),
            cc_required_flag: order.code.is_some(),
            bpp_euicc_otpk: None,
            extensions: Extensions::default(),
        };
        Answer::AuthenticateClient(Box::new(es9::AuthenticateClientOk {
            transaction_id,
            profile_metadata: Raw::new(order.metadata.clone()),
            smdp_signed2: Raw::new(signed2),
            smdp_signature2: *signature(),
            smdp_certificate: certificate(),
        }))
    }

    fn package(&mut self, request: &es9::GetBoundProfilePackage) -> Answer {
        let transaction_id = request.transaction_id.clone();
        let Some(session) = self.sessions.get_mut(&*transaction_id.to_vec()) else {
            return no(Refusal::TransactionUnknown);
        };
        if session.stage != 2 {
            return no(Refusal::TransactionUnknown);
        }
        session.stage = 3;
        let PrepareDownloadResponse::Ok(ok) = &*request.prepare_download_response else {
            return no(Refusal::EuiccNotVerified);
        };
        let order = &self.orders[&session.token];
        let expected = order.code.as_ref().map(|code| code.hash(&transaction_id));
        if expected != ok.euicc_signed2.hash_cc.as_ref().map(|hash| **hash) {
            return no(Refusal::ConfirmationCodeRefused);
        }
        let mut metadata = order.metadata.clone();
        if self.twist == Twist::OtherMetadata {
            metadata.profile_name = "Another".to_string();
        }
        let mut bound_profile_package = package(&transaction_id, &metadata);
        if self.twist == Twist::BrokenPackage {
            bound_profile_package.pop();
        }
        Answer::GetBoundProfilePackage { transaction_id, bound_profile_package }
    }

    fn notified(&mut self, address: &str, pending: &PendingNotification) -> Answer {
        if self.refuses_notifications.iter().any(|other| other == address) {
            return no(Refusal::EuiccNotVerified);
        }
        let metadata = match pending {
            PendingNotification::ProfileInstallationResult(result) => {
                let data = &result.profile_installation_result_data;
                if let Some(session) = self.sessions.get(&*data.transaction_id.to_vec()) {
                    let order = self.orders.get_mut(&session.token).unwrap();
                    order.state = match data.final_result {
                        FinalResult::Success(_) => OrderState::Installed,
                        FinalResult::Error(_) => OrderState::Failed,
                    };
                }
                &data.notification_metadata
            }
            PendingNotification::OtherSignedNotification(other) => &*other.tbs_other_notification,
        };
        self.taken.push((address.to_string(), metadata.seq_number));
        Answer::HandleNotification
    }

    fn cancel(&mut self, request: &es9::CancelSession) -> Answer {
        let CancelSessionResponse::Ok(ok) = &*request.cancel_session_response else {
            return no(Refusal::EuiccNotVerified);
        };
        let Some(session) = self.sessions.remove(&*request.transaction_id.to_vec()) else {
            return no(Refusal::TransactionUnknown);
        };
        let reason = ok.euicc_cancel_session_signed.reason;
        self.cancelled.push(reason.code());
        let keeps = matches!(reason, CancelSessionReason::Postponed | CancelSessionReason::Timeout);
        if let Some(order) = self.orders.get_mut(&session.token).filter(|_| !keeps) {
            order.state = OrderState::Failed;
        }
        Answer::CancelSession
    }
}

fn package(transaction_id: &TransactionId, metadata: &StoreMetadataRequest) -> Vec<u8> {
    let plain = encode(metadata);
    let (front, back) = plain.split_at(plain.len() / 2);
    let described = [front, back].map(|part| Segment88([part, &[0; 8]].concat().into()));
    encode(&BoundProfilePackage {
        initialise_secure_channel_request: InitialiseSecureChannelRequest {
            remote_op_id: RemoteOpId::InstallBoundProfilePackage,
            transaction_id: transaction_id.clone(),
            control_ref_template: ControlRefTemplate {
                key_type: FixedOctetString::new([0x88]),
                key_len: FixedOctetString::new([0x10]),
                host_id: (&[1][..]).into(),
            },
            smdp_otpk: (&[4; 65][..]).into(),
            smdp_sign: signature(),
        },
        first_sequence_of87: vec![Segment87((&[1; 16][..]).into())],
        sequence_of88: described.to_vec(),
        second_sequence_of87: None,
        sequence_of86: vec![Segment86((&[2; 200][..]).into()), Segment86((&[3; 20][..]).into())],
    })
}
