//! A download is prepared (SGP.22, 5.7.5).

use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Decoder, Encode};

use super::codes::codes;
use super::object::{CertificateDer, Extensions, Raw};
use super::{Octets, TransactionId};

/// What the SM-DP+ signs so that the eUICC may get ready.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 33))]
pub struct PrepareDownloadRequest {
    /// What is signed.
    pub smdp_signed2: Raw<SmdpSigned2>,
    /// Over that and the eUICC's first signature, by the key for profile binding.
    #[rasn(tag(application, 55))]
    pub smdp_signature2: FixedOctetString<64>,
    /// The digest of the confirmation code, which the profile assistant puts in.
    pub hash_cc: Option<FixedOctetString<32>>,
    /// The SM-DP+'s certificate for profile binding.
    pub smdp_certificate: CertificateDer,
}

/// What the SM-DP+ signs second.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
pub struct SmdpSigned2 {
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// A confirmation code is wanted.
    pub cc_required_flag: bool,
    /// The eUICC's one-time key that the package was bound to before: a download is tried again.
    #[rasn(tag(application, 73))]
    pub bpp_euicc_otpk: Option<Octets>,
    /// What later versions add.
    pub extensions: Extensions,
}

/// What the eUICC answers.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 33)))]
pub enum PrepareDownloadResponse {
    /// It is ready.
    Ok(PrepareDownloadResponseOk),
    /// It is not.
    Error(PrepareDownloadResponseError),
}

/// The eUICC is ready.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct PrepareDownloadResponseOk {
    /// What is signed.
    pub euicc_signed2: Raw<EuiccSigned2>,
    /// Over that and the SM-DP+'s second signature, by the eUICC's key.
    #[rasn(tag(application, 55))]
    pub euicc_signature2: FixedOctetString<64>,
}

/// What the eUICC signs second.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
pub struct EuiccSigned2 {
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// Its one-time key: an uncompressed point, 65 octets.
    #[rasn(tag(application, 73))]
    pub euicc_otpk: Octets,
    /// The digest of the confirmation code as it came.
    pub hash_cc: Option<FixedOctetString<32>>,
    /// What later versions add.
    pub extensions: Extensions,
}

/// Why the eUICC is not ready.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct PrepareDownloadResponseError {
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// Why.
    pub download_error_code: DownloadErrorCode,
}

codes! {
    /// Why an eUICC does not get ready for a download.
    pub enum DownloadErrorCode {
        /// the certificate for profile binding is not valid
        InvalidCertificate = 1,
        /// the signature is not valid
        InvalidSignature = 2,
        /// the key is on a curve that this eUICC does not have
        UnsupportedCurve = 3,
        /// there is no session: authenticate the server first
        NoSessionContext = 4,
        /// this is another session than the one that is open
        InvalidTransactionId = 5,
        /// an error without a name
        UndefinedError = 127,
    }
}
