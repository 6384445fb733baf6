//! The bound profile package and what is in it (SGP.22, 5.5 and annex H).

use alloc::vec::Vec;

use rasn::types::FixedOctetString;
use rasn::{AsnType, Decode, Decoder, Encode};

use super::codes::codes;
use super::{DpProprietaryData, Octets, TransactionId};

/// A profile as it is sent to one eUICC.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 54))]
pub struct BoundProfilePackage {
    /// The keys are agreed.
    pub initialise_secure_channel_request: InitialiseSecureChannelRequest,
    /// ES8+.ConfigureISDP, ciphered.
    #[rasn(tag(context, 0))]
    pub first_sequence_of87: Vec<Segment87>,
    /// ES8+.StoreMetadata, with a check alone.
    #[rasn(tag(context, 1))]
    pub sequence_of88: Vec<Segment88>,
    /// ES8+.ReplaceSessionKeys, ciphered.
    #[rasn(tag(context, 2))]
    pub second_sequence_of87: Option<Vec<Segment87>>,
    /// The profile elements, ciphered.
    #[rasn(tag(context, 3))]
    pub sequence_of86: Vec<Segment86>,
}

/// Profile elements in one secured TLV.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(delegate, tag(context, 6))]
pub struct Segment86(pub Octets);

/// A command in one ciphered TLV.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(delegate, tag(context, 7))]
pub struct Segment87(pub Octets);

/// A command in one TLV with a check.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(delegate, tag(context, 8))]
pub struct Segment88(pub Octets);

/// The keys of a secure channel are agreed.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 35))]
pub struct InitialiseSecureChannelRequest {
    /// What is to be done.
    #[rasn(tag(context, 2))]
    pub remote_op_id: RemoteOpId,
    /// Names the session.
    #[rasn(tag(context, 0))]
    pub transaction_id: TransactionId,
    /// Which keys.
    #[rasn(tag(context, 6))]
    pub control_ref_template: ControlRefTemplate,
    /// The SM-DP+'s one-time key: an uncompressed point, 65 octets.
    #[rasn(tag(application, 73))]
    pub smdp_otpk: Octets,
    /// Over all that and the eUICC's one-time key, by the key for profile binding.
    #[rasn(tag(application, 55))]
    pub smdp_sign: FixedOctetString<64>,
}

codes! {
    /// Remote operations.
    pub enum RemoteOpId {
        /// a profile is installed
        InstallBoundProfilePackage = 1,
    }
}

/// Which keys are agreed.
#[derive(AsnType, Clone, Debug, Decode, Encode, Eq, PartialEq)]
pub struct ControlRefTemplate {
    /// `88`, AES.
    #[rasn(tag(context, 0))]
    pub key_type: FixedOctetString<1>,
    /// `10`, sixteen octets.
    #[rasn(tag(context, 1))]
    pub key_len: FixedOctetString<1>,
    /// The name of the SM-DP+'s end, 1 to 16 octets.
    #[rasn(tag(context, 4))]
    pub host_id: Octets,
}

/// ES8+.ConfigureISDP: a place for the profile is made.
#[derive(AsnType, Clone, Debug, Decode, Default, Encode, Eq, PartialEq)]
#[rasn(tag(context, 36))]
pub struct ConfigureIsdpRequest {
    /// What the SM-DP+ keeps with the profile.
    #[rasn(tag(context, 24))]
    pub dp_proprietary_data: Option<DpProprietaryData>,
}

/// ES8+.ReplaceSessionKeys: keys that the package was protected with before it was bound.
#[derive(AsnType, Clone, Decode, Encode, Eq, PartialEq)]
#[rasn(tag(context, 38), automatic_tags)]
pub struct ReplaceSessionKeysRequest {
    /// What the next check is chained to.
    pub initial_mac_chaining_value: Octets,
    /// The key that ciphers.
    pub ppk_enc: Octets,
    /// The key that checks.
    pub ppk_cmac: Octets,
}

impl core::fmt::Debug for ReplaceSessionKeysRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReplaceSessionKeysRequest").finish_non_exhaustive()
    }
}
