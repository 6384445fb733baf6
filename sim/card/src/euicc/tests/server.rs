//! A server of the tests: what an SM-DP+ signs.

use polysim_rsp::bsp::{BppBuilder, SessionKeys};
use polysim_rsp::crypto::{KeyId, PrivateKey, PublicKey, Randomness};
use polysim_rsp::data::{
    AuthenticateServerRequest, CertificateDer, ConfigureIsdpRequest, CtxParams1,
    CtxParamsForCommonAuthentication, DeviceCapabilities, DeviceInfo, Extensions,
    PrepareDownloadRequest, Raw, ServerSigned1, SmdpSigned2, StoreMetadataRequest, TransactionId,
};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig, Eum};
use polysim_rsp::pki::{Identity, Oid, Role, Trust};

use super::install::{NEW_ICCID, upp};
use super::*;

pub(super) const ADDRESS: &str = "dp.example";
pub(super) const OID: &str = "2.999.10";

/// Everybody who signs.
pub(super) struct Signers {
    pub(super) randomness: Randomness,
    pub(super) authority: Authority,
    pub(super) eum: Arc<Eum>,
    pub(super) auth: Identity,
    pub(super) binding: Identity,
}

impl Signers {
    pub(super) fn new() -> Self {
        let mut randomness = Randomness::Simulated(Stream::derive(7, 7, Purpose::Test, 0));
        let authority = Authority::new(&mut randomness, &AuthorityConfig::default()).unwrap();
        let eum = Arc::new(authority.eum(&mut randomness, "Chips", &["89049032"]).unwrap());
        let oid = Oid::parse(OID).unwrap();
        let mut server = |role| authority.server(&mut randomness, role, &oid, ADDRESS).unwrap();
        let (auth, binding) = (server(Role::DpAuth), server(Role::DpPb));
        Self { randomness, authority, eum, auth, binding }
    }

    pub(super) fn trust(&self) -> Arc<Trust> {
        let mut trust = Trust::new();
        trust
            .add_root(self.authority.root().clone(), polysim_rsp::crypto::Mode::Simulation)
            .unwrap();
        Arc::new(trust)
    }

    pub(super) fn root_key(&self) -> KeyId {
        self.authority.root().subject_key_id().unwrap()
    }
}

/// A session of the server.
pub(super) struct Session {
    pub(super) transaction: TransactionId,
    pub(super) root: KeyId,
    pub(super) auth: Identity,
    pub(super) binding: Identity,
}

impl Session {
    pub(super) fn new(signers: &Signers, transaction: u8) -> Self {
        Self {
            transaction: vec![transaction; 16].into(),
            root: signers.root_key(),
            auth: signers.auth.clone(),
            binding: signers.binding.clone(),
        }
    }

    pub(super) fn authenticate(&self, challenge: [u8; 16]) -> AuthenticateServerRequest {
        let signed = Raw::new(ServerSigned1 {
            transaction_id: self.transaction.clone(),
            euicc_challenge: challenge.into(),
            server_address: ADDRESS.to_owned(),
            server_challenge: [9; 16].into(),
            extensions: Extensions::default(),
        });
        AuthenticateServerRequest {
            server_signature1: self.auth.key.sign(signed.der()).into(),
            server_signed1: signed,
            euicc_ci_pk_id_to_be_used: self.root.as_bytes().to_vec().into(),
            server_certificate: CertificateDer::new(self.auth.certificate.der().to_vec()),
            ctx_params1: CtxParams1::CommonAuthentication(CtxParamsForCommonAuthentication {
                matching_id: Some("one".to_owned()),
                device_info: DeviceInfo {
                    tac: [0x35, 0x29, 0x06, 0x11].into(),
                    device_capabilities: DeviceCapabilities::default(),
                    imei: None,
                },
            }),
        }
    }

    pub(super) fn prepare(
        &self,
        euicc_signature1: &[u8],
        bpp_euicc_otpk: Option<&[u8]>,
    ) -> PrepareDownloadRequest {
        let signed = Raw::new(SmdpSigned2 {
            transaction_id: self.transaction.clone(),
            cc_required_flag: false,
            bpp_euicc_otpk: bpp_euicc_otpk.map(|key| key.to_vec().into()),
            extensions: Extensions::default(),
        });
        let message = crate::euicc::session::followed_by(signed.der(), euicc_signature1);
        PrepareDownloadRequest {
            smdp_signature2: self.binding.key.sign(&message).into(),
            smdp_signed2: signed,
            hash_cc: None,
            smdp_certificate: CertificateDer::new(self.binding.certificate.der().to_vec()),
        }
    }
}

/// A profile on the server.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) metadata: StoreMetadataRequest,
    pub(super) upp: Vec<u8>,
    /// Whether the profile is protected with keys of its own.
    pub(super) own_keys: bool,
}

impl Order {
    pub(super) fn new() -> Self {
        Self {
            metadata: StoreMetadataRequest {
                iccid: data::Iccid::from(&Iccid::parse(NEW_ICCID).unwrap()),
                service_provider_name: "Example".to_owned(),
                profile_name: "three".to_owned(),
                icon_type: None,
                icon: None,
                profile_class: None,
                notification_configuration_info: Some(vec![
                    notified(ADDRESS),
                    notified("other.example"),
                ]),
                profile_owner: None,
                profile_policy_rules: None,
                extensions: Extensions::default(),
            },
            upp: upp(NEW_ICCID),
            own_keys: true,
        }
    }
}

impl Session {
    /// Binds a profile to the eUICC that prepared the download.
    pub(super) fn bind(&self, eid: &Eid, euicc_otpk: &[u8], order: &Order) -> Vec<u8> {
        let stream = Stream::derive(9, 9, Purpose::Keys, 0);
        let mut randomness = Randomness::Simulated(stream);
        let one_time_key = PrivateKey::generate(&mut randomness);
        let keys = SessionKeys::draw(&mut randomness);
        BppBuilder {
            transaction_id: &self.transaction,
            host_id: b"dp",
            eid,
            one_time_key: &one_time_key,
            euicc_one_time_key: &PublicKey::from_bytes(euicc_otpk).unwrap(),
            signer: &self.binding.key,
            configure: &ConfigureIsdpRequest::default(),
            metadata: &order.metadata,
            profile: &order.upp,
            profile_keys: order.own_keys.then_some(&keys),
        }
        .build()
        .unwrap()
    }
}
