//! Requests and answers as bodies of HTTP (SGP.22, 6.5.2).

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::{
    ANSWER_MAX, Answer, AuthenticateClient, AuthenticateClientOk, BodyError, CancelSession,
    EventEntry, Failure, GetBoundProfilePackage, InitiateAuthentication, InitiateAuthenticationOk,
    REQUEST_MAX, Request,
};
use crate::data::{CertificateDer, TransactionId, encode};
use crate::json::{Object, Reader};

/// Before the octets of a signature in its data object.
const SIGNATURE_HEAD: &[u8] = &[0x5F, 0x37, 0x40];
/// Before the octets of a key identifier in its data object.
const KEY_ID_HEAD: &[u8] = &[0x04, 0x14];
/// Most octets of a transaction identifier.
const TRANSACTION_ID_MAX: usize = 16;
/// Most events in one answer.
const EVENTS_MAX: usize = 1_000;

/// The functions of ES9+, the first two of which are those of ES11.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Function {
    /// A session begins.
    InitiateAuthentication,
    /// The eUICC's answer to the server.
    AuthenticateClient,
    /// The eUICC is ready for the package.
    GetBoundProfilePackage,
    /// Something was installed, enabled, disabled or deleted.
    HandleNotification,
    /// The session is given up.
    CancelSession,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::InitiateAuthentication,
        Self::AuthenticateClient,
        Self::GetBoundProfilePackage,
        Self::HandleNotification,
        Self::CancelSession,
    ];

    /// Returns the path that it is posted to.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::InitiateAuthentication => "/gsma/rsp2/es9plus/initiateAuthentication",
            Self::AuthenticateClient => "/gsma/rsp2/es9plus/authenticateClient",
            Self::GetBoundProfilePackage => "/gsma/rsp2/es9plus/getBoundProfilePackage",
            Self::HandleNotification => "/gsma/rsp2/es9plus/handleNotification",
            Self::CancelSession => "/gsma/rsp2/es9plus/cancelSession",
        }
    }

    /// Names the function that is posted to a path.
    #[must_use]
    pub fn from_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.path() == path)
    }

    /// Reads what a profile assistant asks.
    ///
    /// # Errors
    /// [`BodyError`] where the body is no such request.
    pub fn read_request(self, body: &[u8]) -> Result<Request, BodyError> {
        let reader = Reader::body(body, REQUEST_MAX)?;
        match self {
            Self::InitiateAuthentication => {
                Ok(Request::InitiateAuthentication(Box::new(InitiateAuthentication {
                    euicc_challenge: reader.exactly("euiccChallenge", &[])?,
                    smdp_address: reader.text("smdpAddress")?.to_owned(),
                    euicc_info1: reader.asn1("euiccInfo1")?,
                })))
            }
            Self::AuthenticateClient => {
                Ok(Request::AuthenticateClient(Box::new(AuthenticateClient {
                    transaction_id: transaction_id(&reader)?,
                    authenticate_server_response: reader.asn1("authenticateServerResponse")?,
                })))
            }
            Self::GetBoundProfilePackage => {
                Ok(Request::GetBoundProfilePackage(Box::new(GetBoundProfilePackage {
                    transaction_id: transaction_id(&reader)?,
                    prepare_download_response: reader.asn1("prepareDownloadResponse")?,
                })))
            }
            Self::HandleNotification => {
                Ok(Request::HandleNotification(Box::new(reader.asn1("pendingNotification")?)))
            }
            Self::CancelSession => Ok(Request::CancelSession(Box::new(CancelSession {
                transaction_id: transaction_id(&reader)?,
                cancel_session_response: reader.asn1("cancelSessionResponse")?,
            }))),
        }
    }

    /// Reads what a server answers to this function: the status of HTTP and the body.
    ///
    /// # Errors
    /// [`Failure`] where it is no answer to this.
    pub fn read_answer(self, status: u16, body: &[u8]) -> Result<Answer, Failure> {
        match status {
            200 | 204 => {}
            other => return Err(Failure::Http(other)),
        }
        if body.trim_ascii().is_empty() && self == Self::HandleNotification {
            return Ok(Answer::HandleNotification);
        }
        self.read_answer_body(body).map_err(|error| Failure::Garbled { reason: error.to_string() })
    }

    fn read_answer_body(self, body: &[u8]) -> Result<Answer, BodyError> {
        let reader = Reader::body(body, ANSWER_MAX)?;
        if let Err(status) = reader.execution() {
            return Ok(Answer::Refused(status));
        }
        match self {
            Self::InitiateAuthentication => {
                Ok(Answer::InitiateAuthentication(Box::new(InitiateAuthenticationOk {
                    transaction_id: transaction_id(&reader)?,
                    server_signed1: reader.asn1("serverSigned1")?,
                    server_signature1: reader.exactly("serverSignature1", SIGNATURE_HEAD)?,
                    euicc_ci_pk_id_to_be_used: reader
                        .exactly::<20>("euiccCiPKIdToBeUsed", KEY_ID_HEAD)?
                        .to_vec()
                        .into(),
                    server_certificate: CertificateDer::new(reader.octets("serverCertificate")?),
                })))
            }
            Self::AuthenticateClient if reader.has("eventEntries") => events(&reader),
            Self::AuthenticateClient => {
                Ok(Answer::AuthenticateClient(Box::new(AuthenticateClientOk {
                    transaction_id: transaction_id(&reader)?,
                    profile_metadata: reader.asn1("profileMetadata")?,
                    smdp_signed2: reader.asn1("smdpSigned2")?,
                    smdp_signature2: reader.exactly("smdpSignature2", SIGNATURE_HEAD)?,
                    smdp_certificate: CertificateDer::new(reader.octets("smdpCertificate")?),
                })))
            }
            Self::GetBoundProfilePackage => Ok(Answer::GetBoundProfilePackage {
                transaction_id: transaction_id(&reader)?,
                bound_profile_package: reader.octets("boundProfilePackage")?,
            }),
            Self::HandleNotification => Ok(Answer::HandleNotification),
            Self::CancelSession => Ok(Answer::CancelSession),
        }
    }
}

fn transaction_id(reader: &Reader) -> Result<TransactionId, BodyError> {
    reader.hex("transactionId", TRANSACTION_ID_MAX).map(Into::into)
}

fn events(reader: &Reader) -> Result<Answer, BodyError> {
    let entries = reader.list("eventEntries", EVENTS_MAX)?;
    let entry = |entry: &Reader| {
        Ok(EventEntry {
            event_id: entry.text("eventId")?.to_owned(),
            rsp_server_address: entry.text("rspServerAddress")?.to_owned(),
        })
    };
    Ok(Answer::Events {
        transaction_id: transaction_id(reader)?,
        entries: entries.iter().map(entry).collect::<Result<_, BodyError>>()?,
    })
}

impl Request {
    /// Returns which function this is of.
    #[must_use]
    pub const fn function(&self) -> Function {
        match self {
            Self::InitiateAuthentication(_) => Function::InitiateAuthentication,
            Self::AuthenticateClient(_) => Function::AuthenticateClient,
            Self::GetBoundProfilePackage(_) => Function::GetBoundProfilePackage,
            Self::HandleNotification(_) => Function::HandleNotification,
            Self::CancelSession(_) => Function::CancelSession,
        }
    }

    /// Writes the body that is posted.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut object = Object::default();
        match self {
            Self::InitiateAuthentication(request) => {
                object.octets("euiccChallenge", &request.euicc_challenge);
                object.octets("euiccInfo1", request.euicc_info1.der());
                object.text("smdpAddress", &request.smdp_address);
            }
            Self::AuthenticateClient(request) => {
                object.hex("transactionId", &request.transaction_id);
                let response = request.authenticate_server_response.der();
                object.octets("authenticateServerResponse", response);
            }
            Self::GetBoundProfilePackage(request) => {
                object.hex("transactionId", &request.transaction_id);
                object.octets("prepareDownloadResponse", request.prepare_download_response.der());
            }
            Self::HandleNotification(notification) => {
                object.octets("pendingNotification", &encode(&**notification));
            }
            Self::CancelSession(request) => {
                object.hex("transactionId", &request.transaction_id);
                object.octets("cancelSessionResponse", request.cancel_session_response.der());
            }
        }
        object.body()
    }
}

impl Answer {
    /// Writes the status of HTTP and the body that is answered.
    #[must_use]
    pub fn body(&self) -> (u16, Vec<u8>) {
        let mut object = Object::success();
        match self {
            Self::InitiateAuthentication(ok) => {
                object.hex("transactionId", &ok.transaction_id);
                object.octets("serverSigned1", ok.server_signed1.der());
                put(&mut object, "serverSignature1", SIGNATURE_HEAD, &ok.server_signature1);
                let key_id = &ok.euicc_ci_pk_id_to_be_used;
                put(&mut object, "euiccCiPKIdToBeUsed", KEY_ID_HEAD, key_id);
                object.octets("serverCertificate", ok.server_certificate.der());
            }
            Self::AuthenticateClient(ok) => {
                object.hex("transactionId", &ok.transaction_id);
                object.octets("profileMetadata", ok.profile_metadata.der());
                object.octets("smdpSigned2", ok.smdp_signed2.der());
                put(&mut object, "smdpSignature2", SIGNATURE_HEAD, &ok.smdp_signature2);
                object.octets("smdpCertificate", ok.smdp_certificate.der());
            }
            Self::Events { transaction_id, entries } => {
                object.hex("transactionId", transaction_id);
                let entry = |entry: &EventEntry| {
                    let mut object = Object::default();
                    object.text("eventId", &entry.event_id);
                    object.text("rspServerAddress", &entry.rsp_server_address);
                    object
                };
                object.list("eventEntries", entries.iter().map(entry));
            }
            Self::GetBoundProfilePackage { transaction_id, bound_profile_package } => {
                object.hex("transactionId", transaction_id);
                object.octets("boundProfilePackage", bound_profile_package);
            }
            Self::HandleNotification => return (204, Vec::new()),
            Self::CancelSession => {}
            Self::Refused(status) => object = Object::failure(status),
        }
        (200, object.body())
    }
}

fn put(object: &mut Object, field: &str, head: &[u8], value: &[u8]) {
    object.octets(field, &[head, value].concat());
}
