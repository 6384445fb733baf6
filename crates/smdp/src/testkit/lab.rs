//! A laboratory that certifies everybody.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec;

use polysim_base::{Duration, Eid, Iccid, Imsi, Purpose, Stream};
use polysim_rsp::crypto::{Mode, P256, Randomness};
use polysim_rsp::data::UiccCapability;
use polysim_rsp::es2::{
    Call, ConfirmOrder, DownloadOrder, Function, Matching, MatchingId, Request,
};
use polysim_rsp::pki::authority::{Authority, AuthorityConfig, Eum};
use polysim_rsp::pki::{Identity, Oid, Role, Trust};

use super::SoftEuicc;
use crate::{Credentials, ProfileMetadata, ProfileType, Range, Smdp, SmdpConfig, Stock};

/// The address of the SM-DP+.
pub const ADDRESS: &str = "smdp.example";
/// The address of the SM-DS.
pub const SMDS: &str = "smds.example";
/// The identifier of the SM-DP+.
pub const OID: &str = "2.999.10";
/// The operator.
pub const OPERATOR: &str = "operator";
/// The profile type that it has.
pub const PROFILE_TYPE: &str = "metering";
/// A matching identifier.
pub const MATCHING_ID: &str = "TOKEN-1";
/// A confirmation code.
pub const CODE: &str = "4711";
/// Seconds since 1970 when a run begins: 26 November 2026.
pub const EPOCH: i64 = 1_795_651_200;

/// A laboratory that certifies everybody.
#[derive(Debug)]
pub struct Lab {
    /// The issuer.
    pub authority: Authority,
    /// The maker of eUICCs.
    pub eum: Eum,
    /// The certificate for authentication of the SM-DP+.
    pub auth: Identity,
    /// Its certificate for profile binding.
    pub binding: Identity,
    /// The certificate of the SM-DS.
    pub discovery: Identity,
    randomness: Randomness,
    template: Arc<[u8]>,
}

impl Lab {
    /// Makes one. `template` is what profiles are made of.
    ///
    /// # Panics
    /// Never: its names are valid.
    #[must_use]
    pub fn new(seed: u64, template: &[u8]) -> Self {
        let mut randomness = Randomness::Simulated(Stream::derive(seed, 1, Purpose::Keys, 0));
        let config = AuthorityConfig::default();
        let authority = Authority::new(&mut randomness, &config).expect("a root");
        let eum = authority.eum(&mut randomness, "EUM", &["89049032"]).expect("a maker");
        let oid = Oid::parse(OID).expect("an identifier");
        let mut server = |role, address| {
            authority.server(&mut randomness, role, &oid, address).expect("a certificate")
        };
        let auth = server(Role::DpAuth, ADDRESS);
        let binding = server(Role::DpPb, ADDRESS);
        let discovery = server(Role::DsAuth, SMDS);
        Self { authority, eum, auth, binding, discovery, randomness, template: template.into() }
    }

    /// Returns whom everybody trusts.
    ///
    /// # Panics
    /// Never: its root is one.
    #[must_use]
    pub fn trust(&self) -> Trust {
        let mut trust = Trust::new();
        trust.add_root(self.authority.root().clone(), Mode::Simulation).expect("a root");
        trust
    }

    /// Returns what a server authenticates itself with in its n-th life.
    #[must_use]
    pub fn credentials(&self, auth: &Identity, life: u32) -> Credentials {
        Credentials {
            auth: auth.clone(),
            trust: self.trust(),
            verifier: Arc::new(P256),
            randomness: Randomness::Simulated(Stream::derive(7, 2, Purpose::Keys, life)),
        }
    }

    /// Returns how the SM-DP+ works: it has 100 profiles of one type.
    ///
    /// # Panics
    /// Never: its numbers are valid.
    #[must_use]
    pub fn config(&self) -> SmdpConfig {
        SmdpConfig {
            address: ADDRESS.to_string(),
            epoch: EPOCH,
            mode: Mode::Simulation,
            profiles: vec![ProfileType {
                name: PROFILE_TYPE.to_string(),
                operator: OPERATOR.to_string(),
                template: self.template.clone(),
                metadata: ProfileMetadata {
                    service_provider_name: "Operator".to_string(),
                    profile_name: "Metering".to_string(),
                    ..ProfileMetadata::default()
                },
                stock: Stock::Range(Range {
                    first_iccid: Iccid::with_check_digit("898821100000000100").expect("digits"),
                    first_imsi: Imsi::parse("001010000000100").expect("digits"),
                    count: 100,
                }),
                capabilities: UiccCapability::USIM_SUPPORT,
                memory: 20_000,
            }],
            order_lifetime: Duration::from_secs(86_400),
            session_lifetime: Duration::from_secs(600),
        }
    }

    /// Returns an SM-DP+ in its n-th life.
    ///
    /// # Panics
    /// Never: it may work so.
    #[must_use]
    pub fn smdp(&self, life: u32) -> Smdp {
        let credentials = self.credentials(&self.auth, life);
        Smdp::new(self.config(), credentials, self.binding.clone()).expect("an SM-DP+")
    }

    /// Returns the n-th EID.
    ///
    /// # Panics
    /// Never: its digits are valid.
    #[must_use]
    pub fn eid(number: u32) -> Eid {
        let digits = alloc::format!("89049032{number:022}");
        Eid::with_check_digits(&digits).expect("an EID")
    }

    /// Makes an eUICC of the n-th EID.
    ///
    /// # Panics
    /// Never: its certificate is valid.
    #[must_use]
    pub fn euicc(&mut self, number: u32) -> SoftEuicc {
        let identity = self.eum.euicc(&mut self.randomness, &Self::eid(number));
        let ci = self.authority.root().subject_key_id().expect("a key identifier");
        SoftEuicc::new(Self::eid(number), identity.expect("an eUICC"), ci)
    }

    /// Returns the n-th order of a profile, and how it is confirmed.
    ///
    /// # Panics
    /// Never: its identifiers are valid.
    #[must_use]
    pub fn download_order(number: u32, eid: Option<Eid>) -> Request {
        let order =
            DownloadOrder { eid, iccid: None, profile_type: Some(PROFILE_TYPE.to_string()) };
        Self::call(&alloc::format!("order-{number}"), Function::DownloadOrder(order))
    }

    /// Returns a confirmation with nothing but a matching identifier.
    ///
    /// # Panics
    /// Where `id` is none.
    #[must_use]
    pub fn confirmation(iccid: Iccid, id: &str) -> ConfirmOrder {
        ConfirmOrder {
            iccid,
            eid: None,
            matching_id: Some(Matching::Is(MatchingId::parse(id).expect("an identifier"))),
            confirmation_code: None,
            smds_address: None,
            release: true,
        }
    }

    /// Returns a call of the operator's.
    #[must_use]
    pub fn call(id: &str, function: Function) -> Request {
        let call = Call { requester: OPERATOR.to_string(), id: id.to_string() };
        Request { call, function }
    }
}
