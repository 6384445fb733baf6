//! What a profile is.

use alloc::{string::String, vec::Vec};

use polysim_base::Iccid;
use polysim_base::tlv::put_ber;

use super::AID_LEN;
use crate::saip::der::{
    DecodeError, Field, OBJECT_ID, Reader, SEQUENCE, constructed, number, primitive, put_inside,
    put_some, put_uint,
};
use crate::saip::octets::OID_LEN_MAX;
use crate::saip::{Oid, Services};

/// Most templates and applications that a header may list.
const LIST_MAX: usize = 64;
/// Longest octet strings of a header.
const OCTETS_MAX: usize = 4_096;
/// Longest profile type, in octets; the format allows 100 characters.
const TYPE_LEN_MAX: usize = 400;

/// The profile header, always the first element.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileHeader {
    /// Version of the format.
    pub major: u8,
    /// Its minor version.
    pub minor: u8,
    /// What the issuer calls the profile.
    pub profile_type: Option<String>,
    /// ICCID with its digits in order, filled up with `F`: not as in EF.ICCID.
    pub iccid_digits: [u8; 10],
    /// Policy rules of M2M profiles.
    pub policy: Option<Vec<u8>>,
    /// What the eUICC must be able to do.
    pub mandatory_services: Services,
    /// The templates that the eUICC must know.
    pub mandatory_templates: Vec<Oid>,
    /// How the profile connects, for remote management.
    pub connectivity: Option<Vec<u8>>,
    /// Applications that the eUICC must have.
    pub mandatory_applications: Option<Vec<MandatoryApplication>>,
    /// The application identifier extension of a minimal profile.
    pub iot_pix: Option<Vec<u8>>,
}

/// An application that the eUICC must have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MandatoryApplication {
    /// Its identifier.
    pub aid: Vec<u8>,
    /// Its version.
    pub version: [u8; 2],
}

impl ProfileHeader {
    /// Returns the ICCID, if it is one.
    #[must_use]
    pub fn iccid(&self) -> Option<Iccid> {
        Iccid::from_wire(swapped(&self.iccid_digits)).ok()
    }

    /// Returns the octets that stand for an ICCID in a header.
    #[must_use]
    pub fn digits_of(iccid: &Iccid) -> [u8; 10] {
        swapped(iccid.wire())
    }

    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let major = fields.required(primitive(0))?.uint8()?;
        let minor = fields.required(primitive(1))?.uint8()?;
        let profile_type = match fields.optional(primitive(2))? {
            Some(field) => {
                let text = core::str::from_utf8(field.octets(1, TYPE_LEN_MAX)?);
                Some(text.map_err(|_| field.impossible())?.into())
            }
            None => None,
        };
        let iccid_digits = fields.required(primitive(3))?.array()?;
        let policy = octets(&mut fields, 4)?;
        let mandatory_services = read_services(fields.required(constructed(5))?)?;
        let templates = fields.required(constructed(6))?.inside();
        let mandatory_templates = templates.list("templates", LIST_MAX, |field| {
            let oid = field.tagged(OBJECT_ID)?.octets(1, OID_LEN_MAX)?;
            Oid::from_der(oid).ok_or_else(|| field.impossible())
        })?;
        let connectivity = octets(&mut fields, 7)?;
        let mandatory_applications = match fields.optional(constructed(8))? {
            Some(field) => {
                let list = field.inside();
                Some(list.list("mandatory applications", LIST_MAX, MandatoryApplication::read)?)
            }
            None => None,
        };
        let iot_pix = match fields.optional(constructed(9))? {
            Some(field) => Some(field.inside().required(primitive(0))?.octets(7, 11)?.to_vec()),
            None => None,
        };
        fields.finish(9)?;
        Ok(Self {
            major,
            minor,
            profile_type,
            iccid_digits,
            policy,
            mandatory_services,
            mandatory_templates,
            connectivity,
            mandatory_applications,
            iot_pix,
        })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_uint(out, primitive(0), self.major.into());
        put_uint(out, primitive(1), self.minor.into());
        put_some(out, primitive(2), self.profile_type.as_ref().map(String::as_bytes));
        put_ber(out, primitive(3), &self.iccid_digits);
        put_some(out, primitive(4), self.policy.as_deref());
        put_inside(out, constructed(5), |out| {
            for number in self.mandatory_services.numbers() {
                put_ber(out, primitive(number), &[]);
            }
        });
        put_inside(out, constructed(6), |out| {
            for oid in &self.mandatory_templates {
                put_ber(out, OBJECT_ID, oid.der());
            }
        });
        put_some(out, primitive(7), self.connectivity.as_deref());
        if let Some(applications) = &self.mandatory_applications {
            put_inside(out, constructed(8), |out| {
                applications.iter().for_each(|application| application.put(out));
            });
        }
        if let Some(pix) = &self.iot_pix {
            put_inside(out, constructed(9), |out| put_ber(out, primitive(0), pix));
        }
    }
}

impl MandatoryApplication {
    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut fields = field.tagged(SEQUENCE)?.inside();
        let aid = fields.required(primitive(0))?.octets(AID_LEN.0, AID_LEN.1)?.to_vec();
        let version = fields.required(primitive(1))?.array()?;
        fields.finish(1)?;
        Ok(Self { aid, version })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_inside(out, SEQUENCE, |out| {
            put_ber(out, primitive(0), &self.aid);
            put_ber(out, primitive(1), &self.version);
        });
    }
}

/// Swaps the two digits of each octet.
fn swapped(octets: &[u8; 10]) -> [u8; 10] {
    octets.map(|octet| octet.rotate_left(4))
}

fn octets(fields: &mut Reader<'_>, number: u32) -> Result<Option<Vec<u8>>, DecodeError> {
    match fields.optional(primitive(number))? {
        Some(field) => Ok(Some(field.octets(0, OCTETS_MAX)?.to_vec())),
        None => Ok(None),
    }
}

/// Reads the list of services: each is there or not, in the order of their numbers.
fn read_services(field: Field<'_>) -> Result<Services, DecodeError> {
    let mut services = Services::NONE;
    let mut least = 0;
    let mut fields = field.inside();
    while let Some(field) = fields.next()? {
        field.octets(0, 0)?;
        match number(field.tag).filter(|number| field.tag == primitive(*number)) {
            Some(number) if number >= least => {
                services.insert_number(number);
                least = number + 1;
            }
            Some(_) | None => return Err(field.impossible()),
        }
    }
    Ok(services)
}
