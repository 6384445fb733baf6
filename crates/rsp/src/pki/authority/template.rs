//! What stands in a certificate, and its octets.

use alloc::string::String;
use alloc::vec::Vec;
use core::net::Ipv4Addr;

use super::super::certificate::{
    Certificate, CertificateError, EC_PUBLIC_KEY, ECDSA_SHA256, PRIME256V1,
};
use super::super::der::{
    BIT_STRING, BOOLEAN, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, tlv, unsigned,
    write_signature,
};
use super::super::extensions::{
    AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, CLIENT_AUTH, CRL_POINTS, DIRECTORY_NAME, DNS_NAME,
    EXTENDED_KEY_USAGE, KEY_USAGE, KeyUsage, NAME_CONSTRAINTS, POLICIES, REGISTERED_ID,
    SERVER_AUTH, SUBJECT_ALT_NAME, SUBJECT_KEY_ID, URI,
};
use super::super::oid::{Oid, Role};
use super::super::{name, time};
use crate::crypto::{KeyId, PrivateKey, PublicKey};

const IP_ADDRESS: u32 = 0x87;

/// Whom a certificate is about.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Subject {
    /// Common name.
    pub common_name: String,
    /// Organisation.
    pub organization: String,
    /// Organisational unit.
    pub organizational_unit: Option<String>,
    /// Serial number: the EID of an eUICC.
    pub serial_number: Option<String>,
}

impl Subject {
    fn write(&self) -> Vec<u8> {
        let mut attributes = Vec::new();
        attributes.push((name::ORGANIZATION, self.organization.as_str()));
        if let Some(unit) = &self.organizational_unit {
            attributes.push((name::ORGANIZATIONAL_UNIT, unit));
        }
        if let Some(number) = &self.serial_number {
            attributes.push((name::SERIAL_NUMBER, number));
        }
        attributes.push((name::COMMON_NAME, &self.common_name));
        name::write(&attributes)
    }
}

/// What stands in a certificate. Nothing checks that it makes sense: a test may want nonsense.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Template {
    /// Whom it is about.
    pub subject: Subject,
    /// The first second at which it is valid.
    pub not_before: i64,
    /// The last second.
    pub not_after: i64,
    /// What its policies allow it to be.
    pub policies: Vec<Role>,
    /// Whether the policies are critical. Those for TLS are not: TLS libraries do not know them.
    pub policies_critical: bool,
    /// What its key may do.
    pub key_usage: KeyUsage,
    /// Whether it may sign certificates.
    pub ca: bool,
    /// How many authorities may follow below it.
    pub path_len: Option<u8>,
    /// Whether it is for TLS (extended key usage).
    pub tls: bool,
    /// The OID of its operator.
    pub registered_id: Option<Oid>,
    /// A host name, or an IPv4 address in text.
    pub server_name: Option<String>,
    /// What EIDs that it signs for may begin with (name constraints).
    pub permitted_eins: Vec<String>,
    /// Where its issuer publishes revocation lists.
    pub crl_url: Option<String>,
}

impl Template {
    /// Signs a certificate for `key`.
    ///
    /// # Errors
    /// [`CertificateError`] where what it says makes a certificate that nobody reads.
    pub fn sign(
        &self,
        key: &PublicKey,
        issuer: &Certificate,
        issuer_key: &PrivateKey,
    ) -> Result<Certificate, CertificateError> {
        let issuer_name = tlv(SEQUENCE, &[issuer.subject_der()]);
        let issuer_id = issuer.subject_key_id().unwrap_or_else(|| issuer_key.public().key_id());
        let tbs = self.to_be_signed(key, &issuer_name, Some(issuer_id));
        Certificate::parse(&signed(&tbs, issuer_key))
    }

    /// Signs a root.
    ///
    /// # Errors
    /// [`CertificateError`] as [`Self::sign`].
    pub fn sign_itself(&self, key: &PrivateKey) -> Result<Certificate, CertificateError> {
        let tbs = self.to_be_signed(&key.public(), &self.subject.write(), None);
        Certificate::parse(&signed(&tbs, key))
    }

    fn to_be_signed(&self, key: &PublicKey, issuer: &[u8], issuer_id: Option<KeyId>) -> Vec<u8> {
        let curve = [oid(&EC_PUBLIC_KEY), oid(&PRIME256V1)].concat();
        let point = tlv(BIT_STRING, &[&[0], key.as_bytes()]);
        let extensions = tlv(SEQUENCE, &[&self.extensions(&key.key_id(), issuer_id)]);
        tlv(
            SEQUENCE,
            &[
                &tlv(0xA0, &[&[2, 1, 2]]),
                &tlv(INTEGER, &[&serial(&key.key_id())]),
                &algorithm(),
                issuer,
                &tlv(SEQUENCE, &[&time::write(self.not_before), &time::write(self.not_after)]),
                &self.subject.write(),
                &tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&curve]), &point]),
                &tlv(0xA3, &[&extensions]),
            ],
        )
    }

    fn extensions(&self, key: &KeyId, issuer: Option<KeyId>) -> Vec<u8> {
        let mut out = Vec::new();
        let mut put = |number, critical, value: Vec<u8>| {
            out.extend(extension(&[0x55, 0x1D, number], critical, &value));
        };
        if let Some(issuer) = issuer {
            put(AUTHORITY_KEY_ID, false, tlv(SEQUENCE, &[&tlv(0x80, &[issuer.as_bytes()])]));
        }
        put(SUBJECT_KEY_ID, false, tlv(OCTET_STRING, &[key.as_bytes()]));
        put(KEY_USAGE, true, key_usage(self.key_usage));
        if self.tls {
            let purposes = [oid(&SERVER_AUTH), oid(&CLIENT_AUTH)].concat();
            put(EXTENDED_KEY_USAGE, true, tlv(SEQUENCE, &[&purposes]));
        }
        if !self.policies.is_empty() {
            put(POLICIES, self.policies_critical, policies(&self.policies));
        }
        if self.registered_id.is_some() || self.server_name.is_some() {
            put(SUBJECT_ALT_NAME, false, self.alternative_names());
        }
        if self.ca {
            put(BASIC_CONSTRAINTS, true, basic_constraints(self.path_len));
        }
        if let Some(url) = &self.crl_url {
            let name = tlv(0xA0, &[&tlv(0xA0, &[&tlv(URI, &[url.as_bytes()])])]);
            put(CRL_POINTS, false, tlv(SEQUENCE, &[&tlv(SEQUENCE, &[&name])]));
        }
        if !self.permitted_eins.is_empty() {
            put(NAME_CONSTRAINTS, true, self.name_constraints());
        }
        out
    }

    fn alternative_names(&self) -> Vec<u8> {
        let mut names = Vec::new();
        if let Some(name) = &self.server_name {
            names.extend(match name.parse::<Ipv4Addr>() {
                Ok(address) => tlv(IP_ADDRESS, &[&address.octets()]),
                Err(_) => tlv(DNS_NAME, &[name.as_bytes()]),
            });
        }
        if let Some(oid) = &self.registered_id {
            names.extend(tlv(REGISTERED_ID, &[oid.as_der()]));
        }
        tlv(SEQUENCE, &[&names])
    }

    fn name_constraints(&self) -> Vec<u8> {
        let mut subtrees = Vec::new();
        for ein in &self.permitted_eins {
            let base = name::write(&[
                (name::ORGANIZATION, &self.subject.organization),
                (name::SERIAL_NUMBER, ein),
            ]);
            subtrees.extend(tlv(SEQUENCE, &[&tlv(DIRECTORY_NAME, &[&base])]));
        }
        tlv(SEQUENCE, &[&tlv(0xA0, &[&subtrees])])
    }
}

/// Puts signature and algorithm behind what was signed.
pub(super) fn signed(tbs: &[u8], key: &PrivateKey) -> Vec<u8> {
    let signature = write_signature(&key.sign(tbs));
    tlv(SEQUENCE, &[tbs, &algorithm(), &tlv(BIT_STRING, &[&[0], &signature])])
}

pub(super) fn algorithm() -> Vec<u8> {
    tlv(SEQUENCE, &[&oid(&ECDSA_SHA256)])
}

/// Returns one extension; `oid` is the value of its identifier.
pub(super) fn extension(oid_value: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { tlv(BOOLEAN, &[&[0xFF]]) } else { Vec::new() };
    tlv(SEQUENCE, &[&oid(oid_value), &flag, &tlv(OCTET_STRING, &[value])])
}

fn oid(value: &[u8]) -> Vec<u8> {
    tlv(OBJECT_IDENTIFIER, &[value])
}

/// A serial number of 16 octets, positive, as good as unique: it comes from the key.
fn serial(key: &KeyId) -> Vec<u8> {
    let octets = key.as_bytes().iter().take(16).enumerate();
    octets.map(|(at, octet)| if at == 0 { octet & 0x3F | 0x40 } else { *octet }).collect()
}

fn key_usage(usage: KeyUsage) -> Vec<u8> {
    let unused = u8::try_from(usage.0.trailing_zeros().min(7)).unwrap_or(0);
    tlv(BIT_STRING, &[&[unused, usage.0]])
}

fn policies(roles: &[Role]) -> Vec<u8> {
    let list: Vec<u8> =
        roles.iter().flat_map(|role| tlv(SEQUENCE, &[&oid(role.oid().as_der())])).collect();
    tlv(SEQUENCE, &[&list])
}

fn basic_constraints(path_len: Option<u8>) -> Vec<u8> {
    let len = path_len.map_or_else(Vec::new, |len| unsigned(&[len]));
    tlv(SEQUENCE, &[&tlv(BOOLEAN, &[&[0xFF]]), &len])
}
