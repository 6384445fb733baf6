//! What is asked and answered.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Status;
use crate::crypto::Signature;
use crate::data::{
    AuthenticateServerResponse, CancelSessionResponse, CertificateDer, EuiccInfo1, KeyIdentifier,
    PendingNotification, PrepareDownloadResponse, Raw, ServerSigned1, SmdpSigned2,
    StoreMetadataRequest, TransactionId,
};

/// What a profile assistant asks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Request {
    /// A session begins.
    InitiateAuthentication(Box<InitiateAuthentication>),
    /// The eUICC's answer to the server.
    AuthenticateClient(Box<AuthenticateClient>),
    /// The eUICC is ready for the package.
    GetBoundProfilePackage(Box<GetBoundProfilePackage>),
    /// Something was installed, enabled, disabled or deleted.
    HandleNotification(Box<PendingNotification>),
    /// The session is given up.
    CancelSession(Box<CancelSession>),
}

/// A session begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InitiateAuthentication {
    /// The eUICC's challenge.
    pub euicc_challenge: [u8; 16],
    /// The host name by which the device knows the server.
    pub smdp_address: String,
    /// What the eUICC says of itself.
    pub euicc_info1: Raw<EuiccInfo1>,
}

/// The eUICC's answer to the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthenticateClient {
    /// Names the session.
    pub transaction_id: TransactionId,
    /// As it came from the eUICC.
    pub authenticate_server_response: Raw<AuthenticateServerResponse>,
}

/// The eUICC is ready for the package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GetBoundProfilePackage {
    /// Names the session.
    pub transaction_id: TransactionId,
    /// As it came from the eUICC.
    pub prepare_download_response: Raw<PrepareDownloadResponse>,
}

/// The session is given up.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CancelSession {
    /// Names the session.
    pub transaction_id: TransactionId,
    /// As it came from the eUICC.
    pub cancel_session_response: Raw<CancelSessionResponse>,
}

/// What a server answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The server's word for the eUICC.
    InitiateAuthentication(Box<InitiateAuthenticationOk>),
    /// Of an SM-DP+: a profile is waiting.
    AuthenticateClient(Box<AuthenticateClientOk>),
    /// Of an SM-DS: servers that have something for this eUICC.
    Events {
        /// Names the session.
        transaction_id: TransactionId,
        /// They.
        entries: Vec<EventEntry>,
    },
    /// The bound profile package.
    GetBoundProfilePackage {
        /// Names the session.
        transaction_id: TransactionId,
        /// The package, as [`crate::data::BoundProfilePackage`] reads it.
        bound_profile_package: Vec<u8>,
    },
    /// The notification is taken: it may be removed.
    HandleNotification,
    /// The session is given up.
    CancelSession,
    /// Not that, and why.
    Refused(Status),
}

/// The server's word for the eUICC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InitiateAuthenticationOk {
    /// Names the session.
    pub transaction_id: TransactionId,
    /// What is signed.
    pub server_signed1: Raw<ServerSigned1>,
    /// Over that.
    pub server_signature1: Signature,
    /// The issuer under which the eUICC is to answer.
    pub euicc_ci_pk_id_to_be_used: KeyIdentifier,
    /// The server's certificate for authentication.
    pub server_certificate: CertificateDer,
}

/// A profile is waiting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthenticateClientOk {
    /// Names the session.
    pub transaction_id: TransactionId,
    /// What the profile is.
    pub profile_metadata: Raw<StoreMetadataRequest>,
    /// What is signed.
    pub smdp_signed2: Raw<SmdpSigned2>,
    /// Over that and the eUICC's first signature.
    pub smdp_signature2: Signature,
    /// The SM-DP+'s certificate for profile binding.
    pub smdp_certificate: CertificateDer,
}

/// A server that has something for an eUICC. `Debug` masks the event.
#[derive(Clone, Eq, PartialEq)]
pub struct EventEntry {
    /// The matching id to come with.
    pub event_id: String,
    /// Its host name.
    pub rsp_server_address: String,
}

impl fmt::Debug for EventEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventEntry")
            .field("rsp_server_address", &self.rsp_server_address)
            .finish_non_exhaustive()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Failure {
    /// No way to the server.
    #[error("the server cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// Its certificate for TLS is not one to be trusted.
    #[error("the server's TLS certificate is not trusted: {reason}")]
    TlsBadCertificate {
        /// What is wrong with it.
        reason: String,
    },
    /// Another status of HTTP than 200 or 204.
    #[error("the server answered with HTTP status {0}")]
    Http(u16),
    /// Not what this function answers.
    #[error("the server's answer could not be read: {reason}")]
    Garbled {
        /// What is wrong with it.
        reason: String,
    },
}
