//! Which eIMs an eUICC obeys.

use alloc::string::String;
use alloc::vec::Vec;

use rasn::{AsnType, Decode, Decoder, Encode, Encoder};

use super::SequenceDer;
use crate::data::KeyIdentifier;
use crate::data::codes::{codes, flags};

/// What an eUICC knows of an eIM.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct EimConfigurationData {
    /// Names it, 1 to 128 octets.
    #[rasn(tag(context, 0))]
    pub eim_id: String,
    /// Its host name.
    #[rasn(tag(context, 1))]
    pub eim_fqdn: Option<String>,
    /// What kind of name that is.
    #[rasn(tag(context, 2))]
    pub eim_id_type: Option<EimIdType>,
    /// The counter of its last package: the next one must have a higher one.
    #[rasn(tag(context, 3))]
    pub counter_value: Option<u64>,
    /// Given by the eUICC, so that an eIM whose association was replaced finds out; `-1` asks for one.
    #[rasn(tag(context, 4))]
    pub association_token: Option<i64>,
    /// What its signatures are checked with.
    #[rasn(tag(explicit(context, 5)))]
    pub eim_public_key_data: Option<EimPublicKeyData>,
    /// What its end of TLS is checked with.
    #[rasn(tag(explicit(context, 6)))]
    pub trusted_public_key_data_tls: Option<TrustedPublicKeyDataTls>,
    /// How it is talked to.
    #[rasn(tag(context, 7))]
    pub eim_supported_protocol: Option<EimSupportedProtocol>,
    /// The issuer under which the eUICC answers it.
    #[rasn(tag(context, 8))]
    pub euicc_ci_pk_id: Option<KeyIdentifier>,
    /// It downloads profiles for the device.
    #[rasn(tag(context, 9))]
    pub indirect_profile_download: Option<()>,
}

/// What signatures of an eIM are checked with.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum EimPublicKeyData {
    /// A `SubjectPublicKeyInfo`.
    #[rasn(tag(context, 0))]
    EimPublicKey(SequenceDer),
    /// A certificate.
    #[rasn(tag(context, 1))]
    EimCertificate(SequenceDer),
}

/// What the eIM's end of TLS is checked with.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum TrustedPublicKeyDataTls {
    /// A `SubjectPublicKeyInfo`.
    #[rasn(tag(context, 0))]
    TrustedEimPkTls(SequenceDer),
    /// Its certificate, or that of its issuer.
    #[rasn(tag(context, 1))]
    TrustedCertificateTls(SequenceDer),
}

codes! {
    /// What kind of name an eIM has.
    pub enum EimIdType {
        /// an object identifier
        Oid = 1,
        /// a host name
        Fqdn = 2,
        /// a name of its own kind
        Proprietary = 3,
    }

    /// Why no eIM is added.
    pub enum AddInitialEimError {
        /// there is not enough memory
        InsufficientMemory = 1,
        /// there is an eIM already: it must add others
        UnsignedEimConfigDisallowed = 2,
        /// the certificate issuer is not known
        CiPkUnknown = 3,
        /// the association token is not one that may be given
        InvalidAssociationToken = 5,
        /// the counter is too high
        CounterValueOutOfRange = 6,
        /// an error without a name
        UndefinedError = 127,
    }
}

flags! {
    /// How an eIM is talked to.
    pub struct EimSupportedProtocol {
        /// The device asks by HTTPS.
        RETRIEVE_HTTPS = 0,
        /// The device asks by CoAP over DTLS.
        RETRIEVE_COAPS = 1,
        /// The eIM comes by HTTPS.
        INJECT_HTTPS = 2,
        /// The eIM comes by CoAP over DTLS.
        INJECT_COAPS = 3,
        /// In another way.
        PROPRIETARY = 4,
    }
}

/// Adds the first eIM, unsigned.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 87))]
pub struct AddInitialEimRequest {
    /// It, or several.
    #[rasn(tag(context, 0))]
    pub eim_configuration_data_list: Vec<EimConfigurationData>,
}

/// What came of that.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice, automatic_tags, tag(explicit(context, 87)))]
pub enum AddInitialEimResponse {
    /// They are added, in the same order.
    Ok(Vec<AddInitialEimOk>),
    /// They are not.
    Error(AddInitialEimError),
}

/// An eIM is added.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum AddInitialEimOk {
    /// With this token.
    #[rasn(tag(context, 4))]
    AssociationToken(i64),
    /// Without one.
    AddOk(()),
}

/// Asks which eIMs there are.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 85))]
pub struct GetEimConfigurationDataRequest {
    /// Which; all without.
    pub search_criteria: Option<EimSearch>,
}

/// Which eIM.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(choice)]
pub enum EimSearch {
    /// The one of this name.
    #[rasn(tag(context, 0))]
    EimId(String),
}

/// Which eIMs there are.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 85))]
pub struct GetEimConfigurationDataResponse {
    /// They.
    #[rasn(tag(context, 0))]
    pub eim_configuration_data_list: Vec<EimConfigurationData>,
}
