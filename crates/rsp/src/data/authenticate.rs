//! eUICC and server authenticate each other (SGP.22, 5.7.13).

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Decoder, Encode};

use super::codes::codes;
use super::object::{CertificateDer, Extensions, Raw};
use super::{EuiccInfo2, KeyIdentifier, Octets, TransactionId, Version};

/// The device around the eUICC.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct DeviceInfo {
    /// The type allocation code: the first eight digits of the IMEI, two in an octet.
    pub tac: Octets,
    /// What it can do.
    pub device_capabilities: DeviceCapabilities,
    /// The IMEI, in swapped nibbles.
    pub imei: Option<FixedOctetString<8>>,
}

/// The newest release of each system that a device has in full.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct DeviceCapabilities {
    /// GSM.
    pub gsm_supported_release: Option<Version>,
    /// UTRAN.
    pub utran_supported_release: Option<Version>,
    /// CDMA2000 1X.
    pub cdma2000onex_supported_release: Option<Version>,
    /// CDMA2000 HRPD.
    pub cdma2000hrpd_supported_release: Option<Version>,
    /// CDMA2000 eHRPD.
    pub cdma2000ehrpd_supported_release: Option<Version>,
    /// E-UTRAN.
    pub eutran_supported_release: Option<Version>,
    /// Contactless.
    pub contactless_supported_release: Option<Version>,
    /// Revocation lists.
    pub rsp_crl_supported_version: Option<Version>,
    /// Remote profile management.
    pub rsp_rpm_supported_version: Option<Version>,
    /// NR with an EPC.
    pub nr_epc_supported_release: Option<Version>,
    /// NR with a 5GC.
    pub nr5gc_supported_release: Option<Version>,
    /// E-UTRA with a 5GC.
    pub eutran5gc_supported_release: Option<Version>,
    /// The local profile assistant.
    pub lpa_svn: Option<Version>,
}

/// Why a session is: what the device looks for.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(choice, automatic_tags)]
pub enum CtxParams1 {
    /// A download, or events.
    CommonAuthentication(CtxParamsForCommonAuthentication),
}

/// What the device looks for. `Debug` masks the matching identifier.
#[derive(AsnType, Clone, Decode, Encode, Eq, PartialEq, Hash)]
#[rasn(automatic_tags)]
pub struct CtxParamsForCommonAuthentication {
    /// The token of an activation code, an event, or nothing.
    pub matching_id: Option<String>,
    /// The device.
    pub device_info: DeviceInfo,
}

impl fmt::Debug for CtxParamsForCommonAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CtxParamsForCommonAuthentication")
            .field("matching_id", &self.matching_id.as_ref().map(|_| "***"))
            .field("device_info", &self.device_info)
            .finish()
    }
}

/// What a server says of itself, for ES10b.AuthenticateServer.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 56))]
pub struct AuthenticateServerRequest {
    /// What is signed.
    pub server_signed1: Raw<ServerSigned1>,
    /// Over that, by the server's key for authentication: r and s.
    #[rasn(tag(application, 55))]
    pub server_signature1: FixedOctetString<64>,
    /// The issuer under which the eUICC is to answer.
    pub euicc_ci_pk_id_to_be_used: KeyIdentifier,
    /// The server's certificate for authentication.
    pub server_certificate: CertificateDer,
    /// What the device looks for.
    pub ctx_params1: CtxParams1,
}

/// What a server signs first.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
pub struct ServerSigned1 {
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// The eUICC's challenge.
    #[rasn(tag(context, 1))]
    pub euicc_challenge: FixedOctetString<16>,
    /// The server's host name.
    #[rasn(tag(context, 3))]
    pub server_address: String,
    /// The server's own challenge.
    #[rasn(tag(context, 4))]
    pub server_challenge: FixedOctetString<16>,
    /// What later versions add.
    pub extensions: Extensions,
}

/// What the eUICC answers.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 56)))]
pub enum AuthenticateServerResponse {
    /// It knows the server.
    Ok(Box<AuthenticateResponseOk>),
    /// It does not.
    Error(AuthenticateResponseError),
}

/// What the eUICC says of itself.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct AuthenticateResponseOk {
    /// What is signed.
    pub euicc_signed1: Raw<EuiccSigned1>,
    /// Over that, by the eUICC's key.
    #[rasn(tag(application, 55))]
    pub euicc_signature1: FixedOctetString<64>,
    /// The eUICC's certificate.
    pub euicc_certificate: CertificateDer,
    /// The certificate of its maker.
    pub eum_certificate: CertificateDer,
    /// What later versions add.
    pub extensions: Extensions,
}

/// What the eUICC signs first.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq, Hash)]
pub struct EuiccSigned1 {
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// The server's host name.
    #[rasn(tag(context, 3))]
    pub server_address: String,
    /// The server's challenge.
    #[rasn(tag(context, 4))]
    pub server_challenge: FixedOctetString<16>,
    /// What it can do.
    pub euicc_info2: EuiccInfo2,
    /// What the device looks for.
    pub ctx_params1: CtxParams1,
    /// What later versions add.
    pub extensions: Extensions,
}

/// Why the eUICC does not go on.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct AuthenticateResponseError {
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// Why.
    pub authenticate_error_code: AuthenticateErrorCode,
}

codes! {
    /// Why an eUICC does not trust a server.
    pub enum AuthenticateErrorCode {
        /// the server's certificate is not valid
        InvalidCertificate = 1,
        /// the server's signature is not valid
        InvalidSignature = 2,
        /// the server's key is on a curve that this eUICC does not have
        UnsupportedCurve = 3,
        /// there is no session: ask for a challenge first
        NoSessionContext = 4,
        /// the server's certificate is for something else
        InvalidOid = 5,
        /// the server answers another challenge than the last one
        EuiccChallengeMismatch = 6,
        /// this eUICC does not know the certificate issuer
        CiPkUnknown = 7,
        /// an error without a name
        UndefinedError = 127,
    }
}
