//! A server and an eUICC of its customers, to try downloads on: what an SM-DP+ signs and binds.

use std::sync::Arc;

use polysim_aka::{Key, Opc};
use polysim_base::{Eid, Iccid, Imsi, Plmn, Purpose, Stream};
use polysim_rsp::bsp::{BppBuilder, SessionKeys};
use polysim_rsp::crypto::{KeyId, Mode, PrivateKey, PublicKey, Randomness};
use polysim_rsp::data::{
    self, AuthenticateServerRequest, CertificateDer, ConfigureIsdpRequest, CtxParams1,
    CtxParamsForCommonAuthentication, DeviceCapabilities, DeviceInfo, Extensions,
    NotificationConfigurationInformation, NotificationEvent, PrepareDownloadRequest, Raw,
    ServerSigned1, SmdpSigned2, StoreMetadataRequest, TransactionId,
};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig, Eum};
use polysim_rsp::pki::{Identity, Oid, Role, Trust};
use polysim_rsp::saip::{Builder, Operator, Personal, SubscriptionKeys};

use super::{card_config, profile_config};
use crate::{
    CardConfig, EuiccConfig, EuiccModel, IdentitySource, Metadata, PresetProfile, Profile,
};

/// The host name of the server.
pub const ADDRESS: &str = "dp.example";
/// The OID of its operator.
pub const OID: &str = "2.999.10";
/// The number of the eUICC, without its check digits.
pub const EID: &str = "890490320000000000000000000001";
/// ICCIDs of the profiles that it has from the factory; the first one is enabled.
pub const PRESET_ICCIDS: [&str; 2] = ["8944000000000000003", "8944000000000000011"];
/// IMSIs of these profiles.
pub const PRESET_IMSIS: [&str; 2] = ["001010000000123", "001010000000456"];
/// ICCID of the profile to download.
pub const NEW_ICCID: &str = "8988211000000000017";
/// IMSI of the profile to download.
pub const NEW_IMSI: &str = "001010000000789";
/// Keys of the profile to download: `K` and `OPc`.
pub const NEW_KEYS: ([u8; 16], [u8; 16]) = ([7; 16], [9; 16]);

/// Everybody who signs.
#[derive(Debug)]
pub struct Server {
    /// What further keys are drawn from.
    pub randomness: Randomness,
    /// The root.
    pub authority: Authority,
    /// The maker of the eUICC.
    pub eum: Arc<Eum>,
    /// `CERT.DPauth` and its key.
    pub auth: Identity,
    /// `CERT.DPpb` and its key.
    pub binding: Identity,
}

impl Default for Server {
    #[expect(clippy::expect_used, reason = "the names are fixed and short")]
    fn default() -> Self {
        let mut randomness = Randomness::Simulated(Stream::derive(7, 7, Purpose::Test, 0));
        let authority =
            Authority::new(&mut randomness, &AuthorityConfig::default()).expect("a root");
        let eum = authority.eum(&mut randomness, "Chips", &["89049032"]).expect("a maker");
        let oid = Oid::parse(OID).expect("an OID");
        let mut identity =
            |role| authority.server(&mut randomness, role, &oid, ADDRESS).expect("a certificate");
        let (auth, binding) = (identity(Role::DpAuth), identity(Role::DpPb));
        Self { randomness, authority, eum: Arc::new(eum), auth, binding }
    }
}

impl Server {
    /// Returns the trust in its root.
    ///
    /// # Panics
    /// Never: a root of ours is one.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a root of ours is one")]
    pub fn trust(&self) -> Arc<Trust> {
        let mut trust = Trust::new();
        trust.add_root(self.authority.root().clone(), Mode::Simulation).expect("a root");
        Arc::new(trust)
    }

    /// Describes an eUICC with two profiles from the factory.
    ///
    /// # Panics
    /// Never: what it is made of is fixed.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the texts are fixed")]
    pub fn euicc(&self) -> EuiccConfig {
        let profile = Profile::new(profile_config()).expect("a profile");
        let presets = [true, false].into_iter().zip(PRESET_ICCIDS.into_iter().zip(PRESET_IMSIS));
        let presets = presets.zip(["one", "two"]).map(|((enabled, (iccid, imsi)), name)| {
            let mut metadata = Metadata::new("Polynet", name);
            metadata.notifications = vec![notified(ADDRESS)];
            let card = CardConfig {
                iccid: Iccid::parse(iccid).expect("an ICCID"),
                imsi: Some(Imsi::parse(imsi).expect("an IMSI")),
                ..card_config(Arc::clone(&profile))
            };
            PresetProfile { card, metadata: Arc::new(metadata), enabled, fallback: false }
        });
        EuiccConfig {
            model: Arc::new(EuiccModel::new(self.trust(), "ds.example")),
            eid: Eid::with_check_digits(EID).expect("an EID"),
            identity: IdentitySource::Derived(Arc::clone(&self.eum)),
            randomness: Randomness::Simulated(Stream::derive(1, 1, Purpose::Challenge, 0)),
            stream: Stream::derive(1, 1, Purpose::Test, 0),
            presets: presets.collect(),
        }
    }

    /// Returns a session, which has this octet as its name.
    ///
    /// # Panics
    /// Never: a root of ours has a key.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a root of ours has a key")]
    pub fn session(&self, name: u8) -> Session {
        Session {
            transaction: vec![name; 16].into(),
            root: self.authority.root().subject_key_id().expect("a key"),
            auth: self.auth.clone(),
            binding: self.binding.clone(),
        }
    }
}

/// A session of the server with an eUICC.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its name.
    pub transaction: TransactionId,
    /// The root that both sides agree on.
    pub root: KeyId,
    /// What the server authenticates itself with.
    pub auth: Identity,
    /// What it binds packages with.
    pub binding: Identity,
}

impl Session {
    /// Returns what the server says to the challenge of an eUICC.
    #[must_use]
    pub fn authenticate(&self, challenge: [u8; 16]) -> AuthenticateServerRequest {
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

    /// Returns what prepares a download, once an eUICC has signed; `used_before` is the one-time
    /// key that the package was bound to, if it was.
    #[must_use]
    pub fn prepare(
        &self,
        euicc_signature1: &[u8],
        used_before: Option<&[u8]>,
    ) -> PrepareDownloadRequest {
        let signed = Raw::new(SmdpSigned2 {
            transaction_id: self.transaction.clone(),
            cc_required_flag: false,
            bpp_euicc_otpk: used_before.map(|key| key.to_vec().into()),
            extensions: Extensions::default(),
        });
        let message = [signed.der(), &[0x5F, 0x37, 0x40], euicc_signature1].concat();
        PrepareDownloadRequest {
            smdp_signature2: self.binding.key.sign(&message).into(),
            smdp_signed2: signed,
            hash_cc: None,
            smdp_certificate: CertificateDer::new(self.binding.certificate.der().to_vec()),
        }
    }

    /// Binds a profile to the eUICC that prepared the download.
    ///
    /// # Panics
    /// Where `euicc_otpk` is no key, or the order has no profile.
    #[must_use]
    #[expect(clippy::expect_used, reason = "said in the documentation")]
    pub fn bind(&self, eid: &Eid, euicc_otpk: &[u8], order: &Order) -> Vec<u8> {
        let mut randomness = Randomness::Simulated(Stream::derive(9, 9, Purpose::Keys, 0));
        let one_time_key = PrivateKey::generate(&mut randomness);
        let keys = SessionKeys::draw(&mut randomness);
        let builder = BppBuilder {
            transaction_id: &self.transaction,
            host_id: b"dp",
            eid,
            one_time_key: &one_time_key,
            euicc_one_time_key: &PublicKey::from_bytes(euicc_otpk).expect("a key"),
            signer: &self.binding.key,
            configure: &ConfigureIsdpRequest::default(),
            metadata: &order.metadata,
            profile: &order.upp,
            profile_keys: order.own_keys.then_some(&keys),
        };
        builder.build().expect("a package")
    }
}

/// A profile that was ordered.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is told of it.
    pub metadata: StoreMetadataRequest,
    /// Its package, unprotected.
    pub upp: Vec<u8>,
    /// Whether it is protected with keys of its own.
    pub own_keys: bool,
}

impl Default for Order {
    #[expect(clippy::expect_used, reason = "the texts are fixed")]
    fn default() -> Self {
        let iccid = Iccid::parse(NEW_ICCID).expect("an ICCID");
        let metadata = StoreMetadataRequest {
            iccid: data::Iccid::from(&iccid),
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
        };
        Self { metadata, upp: upp(&iccid), own_keys: true }
    }
}

/// Returns the unprotected package of a profile with [`NEW_IMSI`] and [`NEW_KEYS`].
///
/// # Panics
/// Never: what it is made of is fixed.
#[must_use]
#[expect(clippy::expect_used, reason = "the texts are fixed")]
pub fn upp(iccid: &Iccid) -> Vec<u8> {
    let (key, opc) = NEW_KEYS;
    let keys = SubscriptionKeys::Milenage { key: Key::from(key), opc: Opc::from(opc) };
    let personal = Personal::new(*iccid, Imsi::parse(NEW_IMSI).expect("an IMSI"), keys);
    let operator = Operator::new(Plmn::parse("001-01").expect("a network"), "Example");
    Builder::new(personal, operator).build().expect("a profile").encode().to_vec()
}

/// Returns that a server wants to hear of everything.
#[must_use]
pub fn notified(address: &str) -> NotificationConfigurationInformation {
    let all = [
        NotificationEvent::INSTALL,
        NotificationEvent::ENABLE,
        NotificationEvent::DISABLE,
        NotificationEvent::DELETE,
    ];
    NotificationConfigurationInformation {
        profile_management_operation: all
            .into_iter()
            .fold(NotificationEvent::NONE, NotificationEvent::with),
        notification_address: address.to_owned(),
    }
}
