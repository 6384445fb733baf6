//! The extensions of a certificate that the rules of SGP.22 look at.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::certificate::CertificateError;
use super::der::{
    BIT_STRING, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, PRINTABLE_STRING, Reader, SEQUENCE,
};
use super::name::Name;
use super::oid::{Oid, Role, Roles};
use crate::crypto::KeyId;

/// Most entries of any list in an extension, and most extensions.
const ENTRIES_MAX: usize = 64;

/// The arc 2.5.29 and the extension in it.
pub(super) const SUBJECT_KEY_ID: u8 = 14;
pub(super) const KEY_USAGE: u8 = 15;
pub(super) const SUBJECT_ALT_NAME: u8 = 17;
pub(super) const BASIC_CONSTRAINTS: u8 = 19;
pub(super) const NAME_CONSTRAINTS: u8 = 30;
pub(super) const CRL_POINTS: u8 = 31;
pub(super) const POLICIES: u8 = 32;
pub(super) const AUTHORITY_KEY_ID: u8 = 35;
pub(super) const EXTENDED_KEY_USAGE: u8 = 37;

/// 2.23.146.1.2.2.0: the GSMA extension that lists the EINs of an EUM.
pub(super) const PERMITTED_EINS: [u8; 7] = [0x67, 0x81, 0x12, 0x01, 0x02, 0x02, 0x00];
/// 1.3.6.1.5.5.7.3.1 and .2: server and client of TLS.
pub(super) const SERVER_AUTH: [u8; 8] = [0x2B, 6, 1, 5, 5, 7, 3, 1];
pub(super) const CLIENT_AUTH: [u8; 8] = [0x2B, 6, 1, 5, 5, 7, 3, 2];

/// Forms of a general name.
pub(super) const DNS_NAME: u32 = 0x82;
pub(super) const DIRECTORY_NAME: u32 = 0xA4;
pub(super) const URI: u32 = 0x86;
pub(super) const REGISTERED_ID: u32 = 0x88;

/// What a key may do: the first octet of the bit string of X.509.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct KeyUsage(pub u8);

impl KeyUsage {
    /// Sign what is no certificate.
    pub const DIGITAL_SIGNATURE: Self = Self(0x80);
    /// Sign certificates.
    pub const CERTIFICATE_SIGN: Self = Self(0x04);
    /// Sign revocation lists.
    pub const CRL_SIGN: Self = Self(0x02);

    /// Returns both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns whether all of `other` is allowed.
    #[must_use]
    pub const fn allows(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Which names an EUM may sign for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Constraints {
    /// Permitted subtrees that are directory names, where the extension names any.
    pub(super) permitted: Option<Vec<Name>>,
    /// Excluded subtrees that are directory names.
    pub(super) excluded: Vec<Name>,
    /// The GSMA extension, where it is there.
    pub(super) eins: Option<Vec<Box<str>>>,
}

/// The extensions, read.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Extensions {
    pub(super) subject_key_id: Option<KeyId>,
    pub(super) authority_key_id: Option<KeyId>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) roles: Roles,
    pub(super) ca: bool,
    pub(super) server_auth: bool,
    pub(super) unknown_critical: bool,
    pub(super) registered_ids: Vec<Oid>,
    pub(super) dns_names: Vec<Box<str>>,
    pub(super) crl_points: Vec<Box<str>>,
    /// Only the certificate of an EUM has them.
    pub(super) constraints: Option<Box<Constraints>>,
}

/// One extension as it stands there.
pub(super) struct Extension<'a> {
    pub(super) oid: &'a [u8],
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

/// Reads a list of extensions, of which no two may have one OID.
pub(super) fn read_list<'a>(list: &mut Reader<'a>) -> Result<Vec<Extension<'a>>, CertificateError> {
    let mut found: Vec<Extension<'a>> = Vec::new();
    while !list.is_empty() {
        let mut extension = list.enter(SEQUENCE)?;
        let oid = extension.value(OBJECT_IDENTIFIER)?;
        let critical = extension.flag()?;
        let value = extension.value(OCTET_STRING)?;
        extension.end()?;
        if found.len() == ENTRIES_MAX || found.iter().any(|seen| seen.oid == oid) {
            return Err(CertificateError::Extension);
        }
        found.push(Extension { oid, critical, value });
    }
    Ok(found)
}

impl Extensions {
    pub(super) fn read(mut list: Reader<'_>) -> Result<Self, CertificateError> {
        let mut read = Self::default();
        for extension in read_list(&mut list)? {
            let known = read.take(extension.oid, extension.value)?;
            read.unknown_critical |= extension.critical && !known;
        }
        Ok(read)
    }

    /// Takes one extension in, and returns whether its meaning is known.
    fn take(&mut self, oid: &[u8], value: &[u8]) -> Result<bool, CertificateError> {
        if *oid == PERMITTED_EINS {
            let eins = texts(Reader::only(value, SEQUENCE)?, PRINTABLE_STRING)?;
            self.constraints.get_or_insert_default().eins = Some(eins);
            return Ok(true);
        }
        let &[0x55, 0x1D, number] = oid else { return Ok(false) };
        match number {
            SUBJECT_KEY_ID => self.subject_key_id = Some(read_key_id(value)?),
            AUTHORITY_KEY_ID => self.authority_key_id = read_authority_key_id(value)?,
            KEY_USAGE => self.key_usage = Some(read_key_usage(value)?),
            BASIC_CONSTRAINTS => self.ca = read_ca(value)?,
            POLICIES => self.roles = read_policies(value)?,
            SUBJECT_ALT_NAME => self.take_alternative_names(value)?,
            CRL_POINTS => self.crl_points = read_crl_points(value)?,
            NAME_CONSTRAINTS => self.take_name_constraints(value)?,
            EXTENDED_KEY_USAGE => self.server_auth = has_purpose(value, &SERVER_AUTH)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn take_alternative_names(&mut self, value: &[u8]) -> Result<(), CertificateError> {
        let mut names = Reader::only(value, SEQUENCE)?;
        while !names.is_empty() {
            let (tag, value, _) = names.any()?;
            if self.registered_ids.len() + self.dns_names.len() == ENTRIES_MAX {
                return Err(CertificateError::Extension);
            }
            match tag {
                REGISTERED_ID => self
                    .registered_ids
                    .push(Oid::from_der(value).map_err(|_| CertificateError::Extension)?),
                DNS_NAME => self.dns_names.push(text(value)?),
                _ => {}
            }
        }
        Ok(())
    }

    fn take_name_constraints(&mut self, value: &[u8]) -> Result<(), CertificateError> {
        let mut constraints = Reader::only(value, SEQUENCE)?;
        let permitted = constraints.optional(0xA0)?.map(subtrees).transpose()?;
        let excluded = constraints.optional(0xA1)?.map(subtrees).transpose()?;
        constraints.end()?;
        let slot = self.constraints.get_or_insert_default();
        slot.permitted = permitted;
        slot.excluded = excluded.unwrap_or_default();
        Ok(())
    }
}

fn text(value: &[u8]) -> Result<Box<str>, CertificateError> {
    core::str::from_utf8(value).map(Into::into).map_err(|_| CertificateError::Extension)
}

fn texts(mut list: Reader<'_>, tag: u32) -> Result<Vec<Box<str>>, CertificateError> {
    let mut found = Vec::new();
    while !list.is_empty() {
        if found.len() == ENTRIES_MAX {
            return Err(CertificateError::Extension);
        }
        found.push(text(list.value(tag)?)?);
    }
    Ok(found)
}

fn read_key_id(value: &[u8]) -> Result<KeyId, CertificateError> {
    let mut reader = Reader::new(value);
    let id = reader.value(OCTET_STRING)?;
    reader.end()?;
    KeyId::from_bytes(id).ok_or(CertificateError::Extension)
}

pub(super) fn read_authority_key_id(value: &[u8]) -> Result<Option<KeyId>, CertificateError> {
    let id = Reader::only(value, SEQUENCE)?.optional(0x80)?;
    id.map(|id| KeyId::from_bytes(id).ok_or(CertificateError::Extension)).transpose()
}

fn read_key_usage(value: &[u8]) -> Result<KeyUsage, CertificateError> {
    let mut reader = Reader::new(value);
    let bits = reader.value(BIT_STRING)?;
    reader.end()?;
    match bits {
        [0..=7, usage] | [0..=7, usage, _] => Ok(KeyUsage(*usage)),
        _ => Err(CertificateError::Extension),
    }
}

fn read_ca(value: &[u8]) -> Result<bool, CertificateError> {
    let mut constraints = Reader::only(value, SEQUENCE)?;
    let ca = constraints.flag()?;
    // Chains have one level below the root, so that no length of a path forbids anything here.
    constraints.optional(INTEGER)?;
    constraints.end()?;
    Ok(ca)
}

fn read_policies(value: &[u8]) -> Result<Roles, CertificateError> {
    let mut policies = Reader::only(value, SEQUENCE)?;
    let mut roles = Roles::default();
    while !policies.is_empty() {
        let oid = policies.enter(SEQUENCE)?.value(OBJECT_IDENTIFIER)?;
        if let Some(role) = Oid::from_der(oid).ok().as_ref().and_then(Role::of) {
            roles = roles.with(role);
        }
    }
    Ok(roles)
}

fn read_crl_points(value: &[u8]) -> Result<Vec<Box<str>>, CertificateError> {
    let mut points = Reader::only(value, SEQUENCE)?;
    let mut found = Vec::new();
    while !points.is_empty() {
        let Some(name) = points.enter(SEQUENCE)?.optional(0xA0)? else { continue };
        let Some(full) = Reader::new(name).optional(0xA0)? else { continue };
        let mut full = Reader::new(full);
        while !full.is_empty() {
            let (tag, value, _) = full.any()?;
            if found.len() == ENTRIES_MAX {
                return Err(CertificateError::Extension);
            }
            if tag == URI {
                found.push(text(value)?);
            }
        }
    }
    Ok(found)
}

fn has_purpose(value: &[u8], purpose: &[u8]) -> Result<bool, CertificateError> {
    let mut purposes = Reader::only(value, SEQUENCE)?;
    let mut found = false;
    while !purposes.is_empty() {
        found |= purposes.value(OBJECT_IDENTIFIER)? == purpose;
    }
    Ok(found)
}

fn subtrees(value: &[u8]) -> Result<Vec<Name>, CertificateError> {
    let mut list = Reader::new(value);
    let mut names = Vec::new();
    while !list.is_empty() {
        let (tag, base, _) = list.enter(SEQUENCE)?.any()?;
        if names.len() == ENTRIES_MAX {
            return Err(CertificateError::Extension);
        }
        if tag == DIRECTORY_NAME {
            names.push(Name::read(Reader::only(base, SEQUENCE)?)?);
        }
    }
    Ok(names)
}
