//! What an eUICC is made of: what those of one make share, and what one has of its own.

use std::fmt;
use std::sync::Arc;

use polysim_base::{Eid, Iccid, Instant, Stream};
use polysim_rsp::crypto::{P256, Randomness, Verifier};
use polysim_rsp::data::{
    IconType, NotificationConfigurationInformation, OperatorId, PprIds, ProfileClass,
    ProfilePolicyAuthorisationRule, Version,
};
use polysim_rsp::pki::authority::Eum;
use polysim_rsp::pki::{EuiccIdentity, Trust};

use crate::config::CardConfig;
use crate::profile::Profile;

/// The AID of the ISD-R (SGP.02, annex H).
pub const ISD_R_AID: [u8; 16] = security_domain(0x0001, 0x00);
/// The AID of the ECASD (SGP.02, annex H).
pub const ECASD_AID: [u8; 16] = security_domain(0x0002, 0x00);

/// Security domains of an eUICC differ in two octets near the end.
pub(super) const fn security_domain(number: u16, last: u8) -> [u8; 16] {
    let [high, low] = number.to_be_bytes();
    [0xA0, 0x00, 0x00, 0x05, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0x00, high, low, last]
}

/// What the eUICCs of one make and issuer share.
#[derive(Clone)]
pub struct EuiccModel {
    /// The answer to reset.
    pub atr: Arc<[u8]>,
    /// Logical channels, 2 to 20.
    pub channels: u8,
    /// Octets that profiles may take together.
    pub memory: u32,
    /// The server that is asked where nobody names one.
    pub default_dp_address: Option<String>,
    /// The root discovery server.
    pub root_ds_address: String,
    /// The roots of trust, with the revocation lists known at issue.
    pub trust: Arc<Trust>,
    /// Which policy rules a profile may have (the Rules Authorisation Table).
    pub rules: Vec<ProfilePolicyAuthorisationRule>,
    /// What the operating system calls itself.
    pub firmware: Version,
    /// Where it differs from the standard.
    pub behaviour: Behaviour,
    /// Unix time at [`Instant::ZERO`], for the validity of certificates; without, none is checked.
    pub epoch: Option<i64>,
    /// Who checks signatures.
    pub verifier: Arc<dyn Verifier>,
    /// The files while no profile is enabled.
    pub(crate) bare: Arc<Profile>,
}

impl fmt::Debug for EuiccModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EuiccModel")
            .field("memory", &self.memory)
            .field("default_dp_address", &self.default_dp_address)
            .field("root_ds_address", &self.root_ds_address)
            .field("behaviour", &self.behaviour)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl EuiccModel {
    /// Octets of memory that an eUICC has unless it is told otherwise.
    pub const MEMORY: u32 = 512 * 1024;

    /// Describes an eUICC as the standard has it: no policy rule allowed, no clock.
    #[must_use]
    pub fn new(trust: Arc<Trust>, root_ds_address: &str) -> Self {
        let bare = Profile::bare();
        Self {
            atr: Arc::clone(bare.atr()),
            channels: bare.config().channels,
            memory: Self::MEMORY,
            default_dp_address: None,
            root_ds_address: root_ds_address.to_owned(),
            trust,
            rules: Vec::new(),
            firmware: Version::new(1, 0, 0),
            behaviour: Behaviour::default(),
            epoch: None,
            verifier: Arc::new(P256),
            bare,
        }
    }

    /// Returns the Unix time; none without a clock.
    pub(super) fn unix_time(&self, now: Instant) -> Option<i64> {
        let seconds = i64::try_from(now.as_micros() / 1_000_000).unwrap_or(i64::MAX);
        Some(self.epoch?.saturating_add(seconds))
    }
}

/// Where eUICCs of one make differ from the standard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Behaviour {
    /// After another profile was enabled without REFRESH, everything is refused with `6985` until
    /// the card is reset.
    pub reset_needed: bool,
    /// REFRESH is never sent, whatever the flag says; the terminal has to reset the card.
    pub no_refresh: bool,
    /// Microseconds that each function takes; whoever has the interface lets them pass.
    pub micros_per_function: u32,
    /// Where the ISD-R is found.
    pub isd_r_aid: [u8; 16],
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            reset_needed: false,
            no_refresh: false,
            micros_per_function: 0,
            isd_r_aid: ISD_R_AID,
        }
    }
}

/// Everything that one eUICC has of its own, and the model that it shares with others.
#[derive(Debug)]
pub struct EuiccConfig {
    /// What it shares.
    pub model: Arc<EuiccModel>,
    /// Its number.
    pub eid: Eid,
    /// Its certificates and its key.
    pub identity: IdentitySource,
    /// Where challenges and one-time keys come from.
    pub randomness: Randomness,
    /// Randomness of GET CHALLENGE; the key of [`IdentitySource::Derived`] follows from it.
    pub stream: Stream,
    /// The profiles that it has from the factory.
    pub presets: Vec<PresetProfile>,
}

/// Where an eUICC's certificates and key come from.
#[derive(Clone, Debug)]
pub enum IdentitySource {
    /// They are here.
    Given(Arc<EuiccIdentity>),
    /// Its manufacturer makes them when they are first needed, the same ones each time.
    Derived(Arc<Eum>),
}

/// A profile from the factory.
#[derive(Debug)]
pub struct PresetProfile {
    /// Its files, PINs and keys. ICCID and IMSI are those of the profile.
    pub card: CardConfig,
    /// What is told of it; profiles of one operator may share it.
    pub metadata: Arc<Metadata>,
    /// Whether it is the enabled one.
    pub enabled: bool,
    /// Whether it is the one to fall back to (SGP.32).
    pub fallback: bool,
}

/// What is told of a profile beside its ICCID.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Metadata {
    /// The operator's name for users.
    pub service_provider: String,
    /// The profile's name.
    pub name: String,
    /// A picture, and what kind it is.
    pub icon: Option<(IconType, Vec<u8>)>,
    /// What it is for.
    pub class: ProfileClass,
    /// Who is told of what happens to it.
    pub notifications: Vec<NotificationConfigurationInformation>,
    /// Whose it is.
    pub owner: Option<OperatorId>,
    /// What must not be done with it.
    pub rules: PprIds,
}

impl Metadata {
    /// Describes an operational profile that nobody is told of.
    #[must_use]
    pub fn new(service_provider: &str, name: &str) -> Self {
        Self {
            service_provider: service_provider.to_owned(),
            name: name.to_owned(),
            icon: None,
            class: ProfileClass::Operational,
            notifications: Vec::new(),
            owner: None,
            rules: PprIds::NONE,
        }
    }
}

/// Why an eUICC cannot be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EuiccError {
    /// Two profiles of one ICCID.
    #[error("two profiles have ICCID {0}; give each its own")]
    DoubleIccid(Iccid),
    /// More than one is enabled.
    #[error("{0} profiles are enabled; one at most can be")]
    ManyEnabled(usize),
    /// More than one is the fallback.
    #[error("{0} profiles are the one to fall back to; one at most can be")]
    ManyFallbacks(usize),
    /// They do not fit.
    #[error("the profiles take {needed} octets and there are {memory}; give it more memory")]
    Memory {
        /// What they take.
        needed: u32,
        /// What there is.
        memory: u32,
    },
    /// Too many.
    #[error("{count} profiles; {limit} is the most that an eUICC holds")]
    Profiles {
        /// How many.
        count: usize,
        /// [`PROFILES_MAX`](super::PROFILES_MAX).
        limit: usize,
    },
}
