//! A session is given up (SGP.22, 5.7.14).

use rasn::types::{FixedOctetString, ObjectIdentifier};
use rasn::{AsnType, Decode, Decoder, Encode};

use super::TransactionId;
use super::codes::codes;
use super::object::Raw;

/// Gives a session up.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 65), automatic_tags)]
pub struct CancelSessionRequest {
    /// Which.
    pub transaction_id: TransactionId,
    /// Why.
    pub reason: CancelSessionReason,
}

codes! {
    /// Why a session is given up.
    pub enum CancelSessionReason {
        /// the user does not want the profile
        EndUserRejection = 0,
        /// the user wants it later
        Postponed = 1,
        /// the user did not answer in time
        Timeout = 2,
        /// the rules of this eUICC forbid the policies of the profile
        PprNotAllowed = 3,
        /// the profile is not the one that was described before
        MetadataMismatch = 4,
        /// the package could not be loaded
        LoadBppExecutionError = 5,
        /// a reason without a name
        UndefinedReason = 127,
    }

    /// Why a session is not given up.
    pub enum CancelSessionError {
        /// there is no such session
        InvalidTransactionId = 5,
        /// an error without a name
        UndefinedError = 127,
    }
}

/// What the eUICC answers.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 65)))]
pub enum CancelSessionResponse {
    /// It is given up.
    Ok(CancelSessionResponseOk),
    /// It is not.
    Error(CancelSessionError),
}

/// The word of the eUICC, for the server.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct CancelSessionResponseOk {
    /// What is signed.
    pub euicc_cancel_session_signed: Raw<EuiccCancelSessionSigned>,
    /// Over that, by the eUICC's key.
    #[rasn(tag(application, 55))]
    pub euicc_cancel_session_signature: FixedOctetString<64>,
}

/// What the eUICC signs.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct EuiccCancelSessionSigned {
    /// Which session.
    pub transaction_id: TransactionId,
    /// The server, by the identifier in its certificate.
    pub smdp_oid: ObjectIdentifier,
    /// Why.
    pub reason: CancelSessionReason,
}
