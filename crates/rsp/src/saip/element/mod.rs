//! Profile elements, one type each.

mod aka;
mod codes;
mod domain;
mod file;
mod header;
mod kind;
mod management;

pub use aka::{AkaParameter, AlgorithmId, AlgorithmParameter, AlgorithmSource, MappingParameter};
pub use codes::{PinCodes, PinConfiguration, PinSource, PukCodes, PukConfiguration, Tries};
pub use domain::{AdfAccess, ApplicationInstance, KeyComponent, KeyObject, Rfm, SecurityDomain};
pub use file::{Fcp, File, FileItem, FileSet, ProprietaryInfo};
pub use header::{MandatoryApplication, ProfileHeader};
pub use kind::ElementKind;
pub use management::{FileManagement, GenericFileManagement, ManagementItem};

use alloc::vec::Vec;

use polysim_base::tlv::put_ber;

use super::Secret;
use super::der::{DecodeError, Field, Problem, Reader, constructed, primitive, put_uint};
use super::der::{number, put_inside};

/// Longest application identifier (ISO/IEC 7816-5), and shortest.
pub(super) const AID_LEN: (usize, usize) = (5, 16);
/// Longest path: four file identifiers.
pub(super) const PATH_LEN_MAX: usize = 8;
/// Highest identification of an element.
const IDENTIFICATION_MAX: u16 = 0x7FFF;

/// What all elements but the profile header start with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeHeader {
    /// Whether an eUICC that does not support the element must give up.
    pub mandated: bool,
    /// The number by which an eUICC names the element in its response.
    pub identification: u16,
}

impl PeHeader {
    /// Returns the header of an element that must be supported.
    #[must_use]
    pub const fn mandated(identification: u16) -> Self {
        Self { mandated: true, identification }
    }

    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let mut fields = field.inside();
        let mandated = fields.optional(primitive(0))?;
        if let Some(field) = mandated {
            field.octets(0, 0)?;
        }
        let identification = fields.required(primitive(1))?.uint16(IDENTIFICATION_MAX)?;
        fields.finish(1)?;
        Ok(Self { mandated: mandated.is_some(), identification })
    }

    fn put(self, out: &mut Vec<u8>) {
        put_inside(out, constructed(0), |out| {
            if self.mandated {
                put_ber(out, primitive(0), &[]);
            }
            put_uint(out, primitive(1), self.identification.into());
        });
    }
}

/// A profile element.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProfileElement {
    /// What the profile is.
    Header(ProfileHeader),
    /// Files of any kind.
    GenericFileManagement(GenericFileManagement),
    /// PINs of the directory before them.
    PinCodes(PinCodes),
    /// What unblocks PINs.
    PukCodes(PukCodes),
    /// Keys of the application before them.
    AkaParameter(AkaParameter),
    /// A security domain with its keys.
    SecurityDomain(SecurityDomain),
    /// Remote file management.
    Rfm(Rfm),
    /// Files by a template.
    Files(FileSet),
    /// The last one.
    End(PeHeader),
    /// Kept as it is: kinds that no telecom application needs, and unknown ones.
    Other(OtherElement),
}

/// An element that is kept as it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OtherElement {
    /// What it is.
    pub kind: ElementKind,
    /// Its header, if it begins with one.
    pub header: Option<PeHeader>,
    /// Its contents with the header, as received.
    pub contents: Secret,
}

impl ProfileElement {
    /// Reads one element.
    ///
    /// # Errors
    /// [`DecodeError`] with the position in it.
    pub fn decode(der: &[u8]) -> Result<Self, DecodeError> {
        let mut fields = Reader::new(der, 0);
        let Some(field) = fields.next()? else {
            return Err(DecodeError::new(0, Problem::Missing { tag: constructed(0) }));
        };
        fields.finish_closed()?;
        Self::read(field)
    }

    pub(super) fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let wrong = field.problem(Problem::Unexpected { tag: field.tag });
        let Some(number) = number(field.tag).filter(|number| field.tag == constructed(*number))
        else {
            return Err(wrong);
        };
        let kind = ElementKind::of(number);
        let fields = field.inside();
        Ok(match kind {
            ElementKind::Header => Self::Header(ProfileHeader::read(fields)?),
            ElementKind::GenericFileManagement => {
                Self::GenericFileManagement(GenericFileManagement::read(fields)?)
            }
            ElementKind::PinCodes => Self::PinCodes(PinCodes::read(fields)?),
            ElementKind::PukCodes => Self::PukCodes(PukCodes::read(fields)?),
            ElementKind::AkaParameter => Self::AkaParameter(AkaParameter::read(fields)?),
            ElementKind::SecurityDomain => Self::SecurityDomain(SecurityDomain::read(fields)?),
            ElementKind::Rfm => Self::Rfm(Rfm::read(fields)?),
            ElementKind::End => Self::End(read_end(fields)?),
            ElementKind::Mf
            | ElementKind::Cd
            | ElementKind::Telecom
            | ElementKind::Usim
            | ElementKind::OptUsim
            | ElementKind::Isim
            | ElementKind::OptIsim
            | ElementKind::Phonebook
            | ElementKind::GsmAccess
            | ElementKind::Csim
            | ElementKind::OptCsim
            | ElementKind::Eap
            | ElementKind::Df5gs
            | ElementKind::DfSaip
            | ElementKind::DfSnpn
            | ElementKind::Df5gProse
            | ElementKind::Iot
            | ElementKind::OptIot => Self::Files(FileSet::read(kind, fields)?),
            ElementKind::CdmaParameter
            | ElementKind::Application
            | ElementKind::NonStandard
            | ElementKind::Unknown(_) => Self::Other(OtherElement::read(kind, fields)?),
        })
    }

    /// Appends the element in DER.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_inside(out, constructed(self.kind().number()), |out| match self {
            Self::Header(header) => header.put(out),
            Self::GenericFileManagement(management) => management.put(out),
            Self::PinCodes(codes) => codes.put(out),
            Self::PukCodes(codes) => codes.put(out),
            Self::AkaParameter(parameter) => parameter.put(out),
            Self::SecurityDomain(domain) => domain.put(out),
            Self::Rfm(rfm) => rfm.put(out),
            Self::Files(set) => set.put(out),
            Self::End(header) => header.put(out),
            Self::Other(other) => out.extend_from_slice(other.contents.as_bytes()),
        });
    }

    /// Returns what it is.
    #[must_use]
    pub const fn kind(&self) -> ElementKind {
        match self {
            Self::Header(_) => ElementKind::Header,
            Self::GenericFileManagement(_) => ElementKind::GenericFileManagement,
            Self::PinCodes(_) => ElementKind::PinCodes,
            Self::PukCodes(_) => ElementKind::PukCodes,
            Self::AkaParameter(_) => ElementKind::AkaParameter,
            Self::SecurityDomain(_) => ElementKind::SecurityDomain,
            Self::Rfm(_) => ElementKind::Rfm,
            Self::Files(set) => set.kind,
            Self::End(_) => ElementKind::End,
            Self::Other(other) => other.kind,
        }
    }

    /// Returns its header; the profile header has none, and an unknown element may have none.
    #[must_use]
    pub const fn header(&self) -> Option<PeHeader> {
        match self {
            Self::Header(_) => None,
            Self::GenericFileManagement(management) => Some(management.header),
            Self::PinCodes(codes) => Some(codes.header),
            Self::PukCodes(codes) => Some(codes.header),
            Self::AkaParameter(parameter) => Some(parameter.header),
            Self::SecurityDomain(domain) => Some(domain.header),
            Self::Rfm(rfm) => Some(rfm.header),
            Self::Files(set) => Some(set.header),
            Self::End(header) => Some(*header),
            Self::Other(other) => other.header,
        }
    }
}

fn read_end(mut fields: Reader<'_>) -> Result<PeHeader, DecodeError> {
    let header = PeHeader::read(fields.required(constructed(0))?)?;
    fields.finish(0)?;
    Ok(header)
}

impl OtherElement {
    fn read(kind: ElementKind, fields: Reader<'_>) -> Result<Self, DecodeError> {
        let first = fields.clone().optional(constructed(0))?;
        let header = first.and_then(|field| PeHeader::read(field).ok());
        Ok(Self { kind, header, contents: Secret::new(fields.rest()?) })
    }
}
