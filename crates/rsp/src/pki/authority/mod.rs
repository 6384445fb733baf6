//! A certificate authority made at run time: a root, manufacturers, eUICCs, servers, revocation
//! lists, in the shapes of the test certificates of SGP.26.
//!
//! What it draws decides what it makes: the same randomness gives the same octets. A root made from
//! simulated randomness says so in its subject ([`SIMULATION_MARK`]), and live work refuses it.
//!
//! Every certificate comes from a [`Template`], whose fields are public: a test that needs a wrong
//! certificate bends one and has it issued.

mod revocation;
mod template;

pub use revocation::RevocationList;
pub use template::{Subject, Template};

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use polysim_base::Eid;

use super::certificate::{Certificate, CertificateError};
use super::oid::{Oid, Role};
use super::time::date;
use super::{EuiccIdentity, Identity, KeyUsage};
use crate::crypto::{Origin, PrivateKey, Randomness};

/// The organisational unit of every root that was made from simulated randomness.
pub const SIMULATION_MARK: &str = "POLYSIM SIMULATION";

/// How a root is named and how long it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuthorityConfig {
    /// Its common name.
    pub name: String,
    /// Its organisation.
    pub organization: String,
    /// The first second at which what it issues is valid.
    pub not_before: i64,
    /// The last second.
    pub not_after: i64,
    /// Where it publishes revocation lists.
    pub crl_url: Option<String>,
}

impl Default for AuthorityConfig {
    fn default() -> Self {
        Self {
            name: "polysim CI".to_string(),
            organization: "polysim".to_string(),
            not_before: date(2020, 1, 1),
            not_after: date(2056, 1, 1) - 1,
            crl_url: None,
        }
    }
}

/// A root (CI) with its private key.
#[derive(Clone, Debug)]
pub struct Authority {
    root: Certificate,
    key: PrivateKey,
    crl_url: Option<String>,
}

impl Authority {
    /// Makes a root.
    ///
    /// # Errors
    /// [`CertificateError`] where the names of the configuration are too long.
    pub fn new(
        randomness: &mut Randomness,
        config: &AuthorityConfig,
    ) -> Result<Self, CertificateError> {
        let key = PrivateKey::generate(randomness);
        let mut template = Template::new(Role::Ci, (config.not_before, config.not_after));
        template.subject = Subject {
            common_name: config.name.clone(),
            organization: config.organization.clone(),
            organizational_unit: match key.origin() {
                Origin::Simulated => Some(SIMULATION_MARK.to_string()),
                Origin::Live => None,
            },
            ..Subject::default()
        };
        template.registered_id = Oid::parse("2.999.1").ok();
        template.crl_url.clone_from(&config.crl_url);
        let root = template.sign_itself(&key)?;
        Ok(Self { root, key, crl_url: config.crl_url.clone() })
    }

    /// Takes up an authority again whose root and key were kept in files.
    #[must_use]
    pub fn restore(root: Identity) -> Self {
        let crl_url = root.certificate.crl_points().next().map(Into::into);
        Self { root: root.certificate, key: root.key, crl_url }
    }

    /// Returns the root: CERT.CI.
    #[must_use]
    pub const fn root(&self) -> &Certificate {
        &self.root
    }

    /// Returns the root's private key.
    #[must_use]
    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Makes a manufacturer that may sign for EIDs which begin with one of `eins`.
    ///
    /// # Errors
    /// [`CertificateError`] where names are too long.
    pub fn eum(
        &self,
        randomness: &mut Randomness,
        name: &str,
        eins: &[&str],
    ) -> Result<Eum, CertificateError> {
        self.issue(randomness, &self.eum_template(name, eins)).map(Eum::restore)
    }

    /// Returns what [`Self::eum`] issues.
    #[must_use]
    pub fn eum_template(&self, name: &str, eins: &[&str]) -> Template {
        let mut template = Template::new(Role::Eum, self.root.validity());
        template.subject = Subject {
            common_name: name.to_string(),
            organization: name.to_string(),
            ..Subject::default()
        };
        template.registered_id = Oid::parse("2.999.5").ok();
        template.permitted_eins = eins.iter().map(ToString::to_string).collect();
        template.crl_url.clone_from(&self.crl_url);
        template
    }

    /// Makes a server's certificate: `oid` names its operator, `address` is its host name.
    ///
    /// # Errors
    /// [`CertificateError`] where names are too long.
    pub fn server(
        &self,
        randomness: &mut Randomness,
        role: Role,
        oid: &Oid,
        address: &str,
    ) -> Result<Identity, CertificateError> {
        self.issue(randomness, &self.server_template(role, oid, address))
    }

    /// Returns what [`Self::server`] issues.
    #[must_use]
    pub fn server_template(&self, role: Role, oid: &Oid, address: &str) -> Template {
        let mut template = Template::new(role, self.root.validity());
        template.subject = Subject {
            common_name: address.to_string(),
            organization: "polysim".to_string(),
            ..Subject::default()
        };
        template.registered_id = Some(*oid);
        if matches!(role, Role::DpTls | Role::DsTls) {
            template.server_name = Some(address.to_string());
        }
        template.crl_url.clone_from(&self.crl_url);
        template
    }

    /// Draws a key and signs a certificate for it.
    ///
    /// # Errors
    /// [`CertificateError`] where the template makes a certificate that nobody reads.
    pub fn issue(
        &self,
        randomness: &mut Randomness,
        template: &Template,
    ) -> Result<Identity, CertificateError> {
        let key = PrivateKey::generate(randomness);
        let certificate = template.sign(&key.public(), &self.root, &self.key)?;
        Ok(Identity { certificate, key })
    }

    /// Signs a revocation list, and returns its DER.
    #[must_use]
    pub fn crl(&self, list: &RevocationList) -> Vec<u8> {
        list.sign(&self.root, &self.key)
    }
}

/// A manufacturer of eUICCs with its private key.
#[derive(Clone, Debug)]
pub struct Eum {
    certificate: Certificate,
    key: PrivateKey,
    organization: String,
}

impl Eum {
    /// Takes up a manufacturer again whose certificate and key were kept in files.
    #[must_use]
    pub fn restore(identity: Identity) -> Self {
        let organization = identity.certificate.organization().unwrap_or_default();
        Self { certificate: identity.certificate, key: identity.key, organization }
    }

    /// Returns CERT.EUM.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Returns the manufacturer's private key.
    #[must_use]
    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// Makes the identity of an eUICC.
    ///
    /// # Errors
    /// [`CertificateError`] where the manufacturer's name is too long.
    pub fn euicc(
        &self,
        randomness: &mut Randomness,
        eid: &Eid,
    ) -> Result<EuiccIdentity, CertificateError> {
        self.issue(randomness, &self.euicc_template(eid))
    }

    /// Returns what [`Self::euicc`] issues.
    #[must_use]
    pub fn euicc_template(&self, eid: &Eid) -> Template {
        let mut template = Template::new(Role::Euicc, self.certificate.validity());
        template.subject = Subject {
            common_name: "eUICC".to_string(),
            organization: self.organization.clone(),
            serial_number: Some(eid.to_string()),
            ..Subject::default()
        };
        template
    }

    /// Draws a key and signs a certificate for it.
    ///
    /// # Errors
    /// [`CertificateError`] where the template makes a certificate that nobody reads.
    pub fn issue(
        &self,
        randomness: &mut Randomness,
        template: &Template,
    ) -> Result<EuiccIdentity, CertificateError> {
        let key = PrivateKey::generate(randomness);
        let certificate = template.sign(&key.public(), &self.certificate, &self.key)?;
        Ok(EuiccIdentity { certificate, key, eum: self.certificate.clone() })
    }
}

/// What every certificate of a role has.
impl Template {
    /// Returns a template for `role` without names.
    #[must_use]
    pub fn new(role: Role, (not_before, not_after): (i64, i64)) -> Self {
        let ca = matches!(role, Role::Ci | Role::Eum);
        Self {
            subject: Subject::default(),
            not_before,
            not_after,
            policies: vec![role],
            policies_critical: !matches!(role, Role::DpTls | Role::DsTls),
            key_usage: match role {
                Role::Ci => KeyUsage::CERTIFICATE_SIGN.and(KeyUsage::CRL_SIGN),
                Role::Eum => KeyUsage::CERTIFICATE_SIGN,
                Role::Euicc
                | Role::DpTls
                | Role::DpAuth
                | Role::DpPb
                | Role::DsTls
                | Role::DsAuth => KeyUsage::DIGITAL_SIGNATURE,
            },
            ca,
            path_len: matches!(role, Role::Eum).then_some(0),
            tls: matches!(role, Role::DpTls | Role::DsTls),
            registered_id: None,
            server_name: None,
            permitted_eins: Vec::new(),
            crl_url: None,
        }
    }
}
