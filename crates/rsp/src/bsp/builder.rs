//! The server's side: a whole bound profile package.

use alloc::vec::Vec;

use polysim_base::Eid;
use polysim_base::tlv::put_ber;
use zeroize::Zeroizing;

use super::{Channel, INSTALL, KEY_LENGTH, KEY_TYPE_AES, SessionKeys, tag};
use crate::crypto::{PrivateKey, PublicKey};
use crate::data::{ConfigureIsdpRequest, OBJECT_MAX, StoreMetadataRequest, encode};
use crate::pki::tlv;

/// Why there is no package.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The transaction identifier.
    #[error("a transaction identifier has 1 to 16 octets, not {len}")]
    TransactionId {
        /// How long it is.
        len: usize,
    },
    /// The name of the server's end.
    #[error("a host identifier has 1 to 16 octets, not {len}")]
    HostId {
        /// How long it is.
        len: usize,
    },
    /// There is no profile, or too much of it.
    #[error("a profile package has 1 to {OBJECT_MAX} octets, not {len}")]
    Profile {
        /// How long it is.
        len: usize,
    },
}

/// What a bound profile package is made of (SGP.22, 2.5.4).
#[derive(Clone, Copy, Debug)]
pub struct BppBuilder<'a> {
    /// Names the session.
    pub transaction_id: &'a [u8],
    /// Names the server's end of the channel, 1 to 16 octets.
    pub host_id: &'a [u8],
    /// The eUICC.
    pub eid: &'a Eid,
    /// otSK.DP.ECKA: drawn for this package.
    pub one_time_key: &'a PrivateKey,
    /// otPK.EUICC.ECKA.
    pub euicc_one_time_key: &'a PublicKey,
    /// SK.DPpb.ECDSA.
    pub signer: &'a PrivateKey,
    /// ES8+.ConfigureISDP.
    pub configure: &'a ConfigureIsdpRequest,
    /// ES8+.StoreMetadata.
    pub metadata: &'a StoreMetadataRequest,
    /// The profile elements, one behind the other (UPP).
    pub profile: &'a [u8],
    /// Keys of the profile's own (PPK), where it is not protected with those of the session.
    pub profile_keys: Option<&'a SessionKeys>,
}

impl BppBuilder<'_> {
    /// Builds the package: DER of a `BoundProfilePackage`.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn build(&self) -> Result<Vec<u8>, BuildError> {
        self.check()?;
        let secret = self.one_time_key.agree(self.euicc_one_time_key);
        let keys = SessionKeys::derive(&secret, self.host_id, self.eid);
        let mut session = Channel::new(&keys);
        let mut package = Vec::with_capacity(self.profile.len() + self.profile.len() / 50 + 2_048);
        package.extend(self.initialise_secure_channel());
        put_sequence(&mut package, tag::CONFIGURE, |out| {
            session.encrypt(tag::SEGMENT_87, &encode(self.configure), out);
        });
        put_sequence(&mut package, tag::METADATA, |out| {
            session.authenticate(tag::SEGMENT_88, &encode(self.metadata), out);
        });
        if let Some(keys) = self.profile_keys {
            let request = Zeroizing::new(encode(&keys.to_request()));
            put_sequence(&mut package, tag::REPLACE, |out| {
                session.encrypt(tag::SEGMENT_87, &request, out);
            });
            session = Channel::new(keys);
        }
        put_sequence(&mut package, tag::ELEMENTS, |out| {
            session.encrypt(tag::SEGMENT_86, self.profile, out);
        });
        let mut out = Vec::with_capacity(package.len() + 6);
        put_ber(&mut out, tag::PACKAGE, &package);
        Ok(out)
    }

    fn check(&self) -> Result<(), BuildError> {
        let names = 1..=16;
        if !names.contains(&self.transaction_id.len()) {
            return Err(BuildError::TransactionId { len: self.transaction_id.len() });
        }
        if !names.contains(&self.host_id.len()) {
            return Err(BuildError::HostId { len: self.host_id.len() });
        }
        if self.profile.is_empty() || self.profile.len() > OBJECT_MAX {
            return Err(BuildError::Profile { len: self.profile.len() });
        }
        Ok(())
    }

    fn initialise_secure_channel(&self) -> Vec<u8> {
        let template = [
            tlv(tag::KEY_TYPE, &[&[KEY_TYPE_AES]]),
            tlv(tag::KEY_LENGTH, &[&[KEY_LENGTH]]),
            tlv(tag::HOST_ID, &[self.host_id]),
        ];
        let request = [
            tlv(tag::REMOTE_OPERATION, &[&[INSTALL]]),
            tlv(tag::TRANSACTION_ID, &[self.transaction_id]),
            tlv(tag::CONTROL_REFERENCE, &[&template.concat()]),
            tlv(tag::ONE_TIME_KEY, &[self.one_time_key.public().as_bytes()]),
        ];
        let request = request.concat();
        let signature = self.signer.sign(&signed_octets(&request, self.euicc_one_time_key));
        tlv(tag::INITIALISE, &[&request, &tlv(tag::SIGNATURE, &[&signature])])
    }
}

/// What the key for profile binding signs: the request up to the signature, and the eUICC's
/// one-time key behind it, which does not travel (SGP.22, 5.5.1).
pub(super) fn signed_octets(request: &[u8], euicc_one_time_key: &PublicKey) -> Vec<u8> {
    [request, &tlv(tag::ONE_TIME_KEY, &[euicc_one_time_key.as_bytes()])].concat()
}

fn put_sequence(out: &mut Vec<u8>, tag: u32, fill: impl FnOnce(&mut Vec<u8>)) {
    let mut content = Vec::new();
    fill(&mut content);
    put_ber(out, tag, &content);
}
