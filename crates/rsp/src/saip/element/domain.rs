//! Security domains with their keys, and remote file management.

use alloc::vec::Vec;

use polysim_base::tlv::put_ber;

use super::file::some;
use super::{AID_LEN, PeHeader};
use crate::saip::Secret;
use crate::saip::der::{
    DecodeError, Field, OCTETS, Reader, SEQUENCE, constructed, primitive, put_inside, put_some,
    put_uint,
};

/// Most keys of a security domain, and parts of a key.
const KEYS_MAX: usize = 64;
/// Longest part of a key: RSA keys are long.
const KEY_LEN_MAX: usize = 1_024;
/// Most toolkit application references.
const TARS_MAX: usize = 64;
/// Longest access domain and parameter field.
const OCTETS_MAX: usize = 1_024;

/// AID, as application data.
const AID: u32 = 0x4F;
/// Application specific parameters.
const PARAMETERS: u32 = 0xC9;

/// A security domain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityDomain {
    /// Its header.
    pub header: PeHeader,
    /// The application that it is.
    pub instance: ApplicationInstance,
    /// Its keys.
    pub keys: Option<Vec<KeyObject>>,
    /// Personalisation data and parameters of bearers, as received.
    pub others: Vec<u8>,
}

/// An instance of an application.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApplicationInstance {
    /// The load package that it comes from.
    pub package: Vec<u8>,
    /// Its class.
    pub class: Vec<u8>,
    /// Its own identifier.
    pub instance: Vec<u8>,
    /// The security domain that it belongs to, if that is another one.
    pub domain: Option<Vec<u8>>,
    /// Privileges.
    pub privileges: Vec<u8>,
    /// Life cycle state; `07` if missing.
    pub life_cycle: Option<u8>,
    /// Application specific parameters: of a security domain, its secure channels.
    pub parameters: Vec<u8>,
    /// System parameters, toolkit parameters and what else there is, as received.
    pub others: Vec<u8>,
}

/// A key of a security domain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyObject {
    /// What it is used for.
    pub usage: Vec<u8>,
    /// Who may use it; anybody if missing.
    pub access: Option<u8>,
    /// Its identifier in its version: 1 ciphers, 2 signs, 3 protects keys.
    pub identifier: u8,
    /// The version: 01 to 0F for packets over the air, 20 to 2F and 30 to 3F for SCP02 and SCP03.
    pub version: u8,
    /// The counter.
    pub counter: Option<Vec<u8>>,
    /// The key, in parts if it has some.
    pub components: Vec<KeyComponent>,
}

/// A part of a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyComponent {
    /// The kind of key: 80 for DES, 88 for AES.
    pub kind: Vec<u8>,
    /// The key.
    pub data: Secret,
    /// Octets of the MACs that it makes; 8 if missing.
    pub mac_len: Option<u8>,
}

/// Remote file management.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rfm {
    /// Its header.
    pub header: PeHeader,
    /// Its own identifier.
    pub instance: Vec<u8>,
    /// The security domain that it belongs to, if it is not that of the operator.
    pub domain: Option<Vec<u8>>,
    /// Its toolkit application references.
    pub tars: Option<Vec<[u8; 3]>>,
    /// What a packet must be protected with at least.
    pub security: u8,
    /// What it may access.
    pub access: Vec<u8>,
    /// What it may administrate.
    pub admin_access: Vec<u8>,
    /// The application whose ADF is selected when a script begins.
    pub adf: Option<AdfAccess>,
}

/// Access to the files of an application.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AdfAccess {
    /// The application.
    pub aid: Vec<u8>,
    /// What may be accessed there.
    pub access: Vec<u8>,
    /// What may be administrated there.
    pub admin_access: Vec<u8>,
}

impl SecurityDomain {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let header = PeHeader::read(fields.required(constructed(0))?)?;
        let instance = ApplicationInstance::read(fields.required(constructed(1))?.inside())?;
        let keys = match fields.optional(constructed(2))? {
            Some(field) => Some(field.inside().list("keys", KEYS_MAX, KeyObject::read)?),
            None => None,
        };
        Ok(Self { header, instance, keys, others: fields.rest()?.to_vec() })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.header.put(out);
        put_inside(out, constructed(1), |out| self.instance.put(out));
        if let Some(keys) = &self.keys {
            put_inside(out, constructed(2), |out| keys.iter().for_each(|key| key.put(out)));
        }
        out.extend_from_slice(&self.others);
    }
}

impl ApplicationInstance {
    fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let aid = |fields: &mut Reader<'_>| -> Result<Vec<u8>, DecodeError> {
            Ok(fields.required(AID)?.octets(AID_LEN.0, AID_LEN.1)?.to_vec())
        };
        Ok(Self {
            package: aid(&mut fields)?,
            class: aid(&mut fields)?,
            instance: aid(&mut fields)?,
            domain: some(&mut fields, AID, AID_LEN)?,
            privileges: fields.required(primitive(2))?.octets(0, 3)?.to_vec(),
            life_cycle: fields.optional(primitive(3))?.map(|field| field.octet()).transpose()?,
            parameters: fields.required(PARAMETERS)?.octets(0, OCTETS_MAX)?.to_vec(),
            others: fields.rest()?.to_vec(),
        })
    }

    fn put(&self, out: &mut Vec<u8>) {
        for aid in [&self.package, &self.class, &self.instance] {
            put_ber(out, AID, aid);
        }
        put_some(out, AID, self.domain.as_deref());
        put_ber(out, primitive(2), &self.privileges);
        put_some(out, primitive(3), self.life_cycle.as_ref().map(core::slice::from_ref));
        put_ber(out, PARAMETERS, &self.parameters);
        out.extend_from_slice(&self.others);
    }
}

impl KeyObject {
    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut fields = field.tagged(SEQUENCE)?.inside();
        let usage = fields.required(primitive(21))?.octets(1, 2)?.to_vec();
        let access = fields.optional(primitive(22))?.map(|field| field.octet()).transpose()?;
        let identifier = fields.required(primitive(2))?.octet()?;
        let version = fields.required(primitive(3))?.octet()?;
        let counter = some(&mut fields, primitive(5), (0, 16))?;
        let components = fields.required(SEQUENCE)?.inside();
        let components = components.list("parts of a key", KEYS_MAX, KeyComponent::read)?;
        fields.finish_closed()?;
        Ok(Self { usage, access, identifier, version, counter, components })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_inside(out, SEQUENCE, |out| {
            put_ber(out, primitive(21), &self.usage);
            put_some(out, primitive(22), self.access.as_ref().map(core::slice::from_ref));
            put_ber(out, primitive(2), &[self.identifier]);
            put_ber(out, primitive(3), &[self.version]);
            put_some(out, primitive(5), self.counter.as_deref());
            put_inside(out, SEQUENCE, |out| {
                self.components.iter().for_each(|component| component.put(out));
            });
        });
    }
}

impl KeyComponent {
    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut fields = field.tagged(SEQUENCE)?.inside();
        let kind = fields.required(primitive(0))?.octets(1, 2)?.to_vec();
        let data = Secret::new(fields.required(primitive(6))?.octets(0, KEY_LEN_MAX)?);
        let mac_len = fields.optional(primitive(7))?.map(|field| field.uint8()).transpose()?;
        fields.finish_closed()?;
        Ok(Self { kind, data, mac_len })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_inside(out, SEQUENCE, |out| {
            put_ber(out, primitive(0), &self.kind);
            put_ber(out, primitive(6), self.data.as_bytes());
            if let Some(len) = self.mac_len {
                put_uint(out, primitive(7), len.into());
            }
        });
    }
}

impl Rfm {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let header = PeHeader::read(fields.required(constructed(0))?)?;
        let instance = fields.required(AID)?.octets(AID_LEN.0, AID_LEN.1)?.to_vec();
        let domain = some(&mut fields, AID, AID_LEN)?;
        let tars = match fields.optional(constructed(0))? {
            Some(field) => {
                let tar = |field: Field<'_>| field.tagged(OCTETS)?.array();
                Some(field.inside().list("toolkit application references", TARS_MAX, tar)?)
            }
            None => None,
        };
        let security = fields.required(primitive(1))?.octet()?;
        let access = fields.required(OCTETS)?.octets(0, OCTETS_MAX)?.to_vec();
        let admin_access = fields.required(OCTETS)?.octets(0, OCTETS_MAX)?.to_vec();
        let adf = match fields.optional(SEQUENCE)? {
            Some(field) => Some(AdfAccess::read(field.inside())?),
            None => None,
        };
        fields.finish_closed()?;
        Ok(Self { header, instance, domain, tars, security, access, admin_access, adf })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.header.put(out);
        put_ber(out, AID, &self.instance);
        put_some(out, AID, self.domain.as_deref());
        if let Some(tars) = &self.tars {
            put_inside(out, constructed(0), |out| {
                tars.iter().for_each(|tar| put_ber(out, OCTETS, tar));
            });
        }
        put_ber(out, primitive(1), &[self.security]);
        put_ber(out, OCTETS, &self.access);
        put_ber(out, OCTETS, &self.admin_access);
        if let Some(adf) = &self.adf {
            put_inside(out, SEQUENCE, |out| adf.put(out));
        }
    }
}

impl AdfAccess {
    fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let aid = fields.required(primitive(0))?.octets(AID_LEN.0, AID_LEN.1)?.to_vec();
        let access = fields.required(primitive(1))?.octets(0, OCTETS_MAX)?.to_vec();
        let admin_access = fields.required(primitive(2))?.octets(0, OCTETS_MAX)?.to_vec();
        fields.finish(2)?;
        Ok(Self { aid, access, admin_access })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_ber(out, primitive(0), &self.aid);
        put_ber(out, primitive(1), &self.access);
        put_ber(out, primitive(2), &self.admin_access);
    }
}
