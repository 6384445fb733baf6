//! Packages made from values.

mod codes;
mod files;
mod rules;

use alloc::{string::String, vec, vec::Vec};

use polysim_apdu::ef::{EfError, PlmnAct};
use polysim_base::{Msisdn, Plmn};

use super::element::{ElementKind, PeHeader, ProfileElement, ProfileHeader};
use super::package::ProfilePackage;
use super::template::Template;
use super::{Personal, Secret, Service, Services};

/// Most entries of a list of networks.
pub(super) const PLMNS_MAX: usize = 40;

/// What an operator's profiles have in common.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Operator {
    /// The home network; the length of its network code goes to EF.AD.
    pub plmn: Plmn,
    /// EF.SPN and EF.PNN: what 16 octets can hold.
    pub name: String,
    /// What the operator calls profiles of this kind.
    pub profile_type: String,
    /// The service centre in EF.SMSP.
    pub smsc: Option<Msisdn>,
    /// EF.OPLMNwAcT: networks abroad in order of preference.
    pub preferred: Vec<PlmnAct>,
    /// EF.EHPLMN beside the home network.
    pub equivalent_home: Vec<Plmn>,
    /// EF.FPLMN at issue, four at most.
    pub forbidden: Vec<Plmn>,
    /// EF.HPPLMN: search period of a higher priority network, in units of 6 minutes; 0 for none.
    pub search_period: u8,
    /// EF.ECC: numbers of up to six digits.
    pub emergency: Vec<String>,
    /// Records of the phone book; 0 for none.
    pub phonebook: u8,
    /// Records of EF.SMS, 1 to 250.
    pub texts: u8,
    /// Whether there is an ISIM, with the identities that follow from the IMSI.
    pub ims: bool,
    /// Keys for packets over the air, and remote management with them.
    pub remote: Option<RemoteKeys>,
}

/// Keys for packets over the air (TS 102.225).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RemoteKeys {
    /// Version of the key set, 1 to 15.
    pub version: u8,
    /// What ciphers: 16, 24 or 32 octets for AES.
    pub kic: Secret,
    /// What signs.
    pub kid: Secret,
    /// What protects keys.
    pub kik: Secret,
}

impl Operator {
    /// An operator that has nothing but a network and a name.
    #[must_use]
    pub fn new(plmn: Plmn, name: &str) -> Self {
        Self {
            plmn,
            name: name.into(),
            profile_type: name.into(),
            smsc: None,
            preferred: Vec::new(),
            equivalent_home: Vec::new(),
            forbidden: Vec::new(),
            search_period: 5,
            emergency: vec!["112".into(), "911".into()],
            phonebook: 0,
            texts: 10,
            ims: false,
            remote: None,
        }
    }
}

/// Makes packages.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Builder {
    /// Whose profile it is.
    pub personal: Personal,
    /// Of which operator.
    pub operator: Operator,
    /// Whether PIN 1 must be verified.
    pub pin_enabled: bool,
}

/// Why a package cannot be built.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There are no keys.
    #[error("a profile needs keys; give those of the subscription")]
    NoKeys,
    /// A value that its file cannot hold.
    #[error("{what}: {error}; give a shorter value")]
    Value {
        /// Which.
        what: &'static str,
        /// Why.
        error: EfError,
    },
    /// Too many or too few entries.
    #[error("{what}: {count}, but {min} to {max} are possible")]
    Count {
        /// Of what.
        what: &'static str,
        /// Entries given.
        count: usize,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
}

impl Builder {
    /// A profile of this subscription with this operator.
    #[must_use]
    pub const fn new(personal: Personal, operator: Operator) -> Self {
        Self { personal, operator, pin_enabled: false }
    }

    /// Makes the package.
    ///
    /// # Errors
    /// [`BuildError`] for a value that its file cannot hold.
    pub fn build(&self) -> Result<ProfilePackage, BuildError> {
        self.check()?;
        let keys = self.personal.keys.as_ref().ok_or(BuildError::NoKeys)?;
        let mut numbers = 1..;
        let mut next = || PeHeader::mandated(numbers.next().unwrap_or_default());
        let mut elements = vec![ProfileElement::Header(self.header(keys.service()))];
        elements.push(self.mf(next())?);
        elements.push(self.puks(next()));
        elements.push(self.global_pins(next()));
        elements.push(self.telecom(next())?);
        elements.push(self.usim(next())?);
        elements.push(self.opt_usim(next())?);
        elements.push(self.local_pins(next()));
        elements.push(Self::aka(next(), keys));
        elements.push(Self::gsm_access(next()));
        elements.push(Self::fifth_generation(next()));
        if self.operator.ims {
            elements.push(self.isim(next())?);
            elements.push(self.local_pins(next()));
            elements.push(Self::aka(next(), keys));
        }
        if let Some(remote) = &self.operator.remote {
            elements.push(remote.domain(next()));
            elements.push(RemoteKeys::uicc_files(next()));
            elements.push(RemoteKeys::usim_files(next()));
        }
        elements.push(ProfileElement::End(next()));
        Ok(ProfilePackage::new(elements))
    }

    fn check(&self) -> Result<(), BuildError> {
        let operator = &self.operator;
        let key_version = operator.remote.as_ref().map_or(1, |remote| remote.version);
        let counts = [
            ("preferred networks", operator.preferred.len(), 0, PLMNS_MAX),
            ("equivalent home networks", operator.equivalent_home.len(), 0, PLMNS_MAX - 1),
            ("forbidden networks", operator.forbidden.len(), 0, 4),
            ("emergency numbers", operator.emergency.len(), 1, 10),
            ("records of texts", operator.texts.into(), 1, 180),
            ("records of the phone book", operator.phonebook.into(), 0, 254),
            ("characters of the profile type", operator.profile_type.chars().count(), 1, 100),
            ("version of the remote keys", key_version.into(), 1, 15),
        ];
        let wrong = counts.into_iter().find(|(_, count, min, max)| count < min || count > max);
        wrong.map_or(Ok(()), |(what, count, min, max)| {
            Err(BuildError::Count { what, count, min, max })
        })
    }

    fn header(&self, algorithm: Service) -> ProfileHeader {
        let mut services = Services::of(&[Service::Usim, algorithm]);
        let mut templates = vec![
            ElementKind::Mf,
            ElementKind::Telecom,
            ElementKind::Usim,
            ElementKind::OptUsim,
            ElementKind::GsmAccess,
            ElementKind::Df5gs,
        ];
        if self.operator.ims {
            services = services.with(Service::Isim);
            templates.push(ElementKind::Isim);
        }
        let oids = templates.into_iter().filter_map(|kind| Template::new(kind).oid());
        ProfileHeader {
            major: 2,
            minor: 3,
            profile_type: Some(self.operator.profile_type.clone()),
            iccid_digits: ProfileHeader::digits_of(&self.personal.iccid),
            policy: None,
            mandatory_services: services,
            mandatory_templates: oids.collect(),
            connectivity: None,
            mandatory_applications: None,
            iot_pix: None,
        }
    }
}
