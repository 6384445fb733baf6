//! Files by a template, and the file control parameters that change what the template says.

use core::fmt;

use alloc::{boxed::Box, vec::Vec};

use polysim_base::tlv::put_ber;

use super::{AID_LEN, ElementKind, PATH_LEN_MAX, PeHeader};
use crate::saip::der::{
    DecodeError, Field, Problem, Reader, constructed, number, primitive, put_inside, put_some,
    put_uint,
};
use crate::saip::octets::OID_LEN_MAX;
use crate::saip::{FILE_SIZE_MAX, FILES_MAX, Oid};

/// Most items of one file.
const ITEMS_MAX: usize = 2_048;
/// Longest PIN status template.
const PIN_STATUS_MAX: usize = 64;
/// Longest fill pattern.
const PATTERN_MAX: usize = 200;

/// Private tags of file control parameters.
mod tag {
    pub(super) const PIN_STATUS: u32 = 0xC6;
    pub(super) const LINK_PATH: u32 = 0xC7;
    pub(super) const SPECIAL: u32 = 0xC0;
    pub(super) const FILL: u32 = 0xC1;
    pub(super) const REPEAT: u32 = 0xC2;
}

/// Files by a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileSet {
    /// Which element it is: its kind says which files it may have.
    pub kind: ElementKind,
    /// Its header.
    pub header: PeHeader,
    /// Which template, with its version.
    pub template: Oid,
    /// The files that it says something about, by their number in the element: the first one, the
    /// directory, has number 2. Numbers end at 127.
    pub files: Vec<(u32, File)>,
}

/// What an element says about a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct File(pub Vec<FileItem>);

/// One thing said about a file.
#[derive(Clone, Eq, PartialEq)]
pub enum FileItem {
    /// The file is not to be created, although the template has it.
    DoNotCreate,
    /// How it differs from the template.
    Descriptor(Box<Fcp>),
    /// So many octets are passed over.
    Offset(u16),
    /// These octets come next.
    Content(Vec<u8>),
}

impl fmt::Debug for FileItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoNotCreate => f.write_str("DoNotCreate"),
            Self::Descriptor(fcp) => fcp.fmt(f),
            Self::Offset(count) => write!(f, "Offset({count})"),
            // Files hold session keys and identities.
            Self::Content(octets) => write!(f, "Content({} octets)", octets.len()),
        }
    }
}

/// File control parameters; what is `None` is as the template says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fcp {
    /// File descriptor (TS 102.222, 6.3.2.2): 2 octets, or 4 with the length of a record.
    pub descriptor: Option<Vec<u8>>,
    /// File identifier, for an ADF one that is used in paths only.
    pub file_id: Option<u16>,
    /// The AID of an ADF.
    pub df_name: Option<Vec<u8>>,
    /// Life cycle status.
    pub life_cycle: Option<u8>,
    /// Reference to access rules: a record of EF.ARR, or EF.ARR and a record.
    pub security: Option<Vec<u8>>,
    /// Size of an EF.
    pub file_size: Option<u32>,
    /// References of the PINs that count in a directory.
    pub pin_status: Option<Vec<u8>>,
    /// Short file identifier in its upper five bits; `Some(None)` for none.
    pub short_id: Option<Option<u8>>,
    /// Properties beyond the standard.
    pub proprietary: Option<ProprietaryInfo>,
    /// The file that this one is another name for.
    pub link_path: Option<Vec<u8>>,
}

/// Proprietary properties of an EF.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProprietaryInfo {
    /// High update activity and readable while deactivated.
    pub special: Option<u8>,
    /// What the file, or each record, starts with; its last octet fills up the rest.
    pub fill: Option<Vec<u8>>,
    /// What the file, or each record, is made of again and again.
    pub repeat: Option<Vec<u8>>,
    /// The most that a BER-TLV file may hold.
    pub size_max: Option<u32>,
    /// Coding of the objects in a BER-TLV file.
    pub details: Option<u8>,
}

impl FileSet {
    /// Returns what is said about a file.
    #[must_use]
    pub fn file(&self, number: u32) -> Option<&File> {
        self.files.iter().find(|(known, _)| *known == number).map(|(_, file)| file)
    }

    pub(super) fn read(kind: ElementKind, mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let header = PeHeader::read(fields.required(constructed(0))?)?;
        let field = fields.required(primitive(1))?;
        let template = Oid::from_der(field.octets(1, OID_LEN_MAX)?);
        let template = template.ok_or_else(|| field.impossible())?;
        let mut least = 2;
        let files = fields.list("files", FILES_MAX, |field| {
            match number(field.tag).filter(|number| field.tag == constructed(*number)) {
                Some(number) if number >= least => {
                    least = number + 1;
                    Ok((number, File::read(field)?))
                }
                Some(_) | None => Err(field.problem(Problem::Unexpected { tag: field.tag })),
            }
        })?;
        Ok(Self { kind, header, template, files })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.header.put(out);
        put_ber(out, primitive(1), self.template.der());
        for (number, file) in &self.files {
            put_inside(out, constructed(*number), |out| file.put(out));
        }
    }
}

impl File {
    /// A file as the template has it, with these contents.
    #[must_use]
    pub fn with_content(content: Vec<u8>) -> Self {
        Self(alloc::vec![FileItem::Content(content)])
    }

    /// A file that differs from the template.
    #[must_use]
    pub fn with_descriptor(fcp: Fcp) -> Self {
        Self(alloc::vec![FileItem::Descriptor(Box::new(fcp))])
    }

    /// The file with contents, or more of them.
    #[must_use]
    pub fn and_content(mut self, content: Vec<u8>) -> Self {
        self.0.push(FileItem::Content(content));
        self
    }

    /// Returns what it starts with, if that is given octet by octet.
    #[must_use]
    pub fn first_content(&self) -> Option<&[u8]> {
        let after = self.0.iter().find(|item| !matches!(item, FileItem::Descriptor(_)))?;
        match after {
            FileItem::Content(octets) => Some(octets),
            FileItem::DoNotCreate | FileItem::Descriptor(_) | FileItem::Offset(_) => None,
        }
    }

    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        let items = field.inside().list("items of a file", ITEMS_MAX, |field| match field.tag {
            0x80 => field.octets(0, 0).map(|_| FileItem::DoNotCreate),
            0xA1 => Fcp::read(field.inside()).map(|fcp| FileItem::Descriptor(Box::new(fcp))),
            0x82 => field.uint16(u16::MAX).map(FileItem::Offset),
            0x83 => Ok(FileItem::Content(field.octets(0, FILE_SIZE_MAX)?.to_vec())),
            tag => Err(field.problem(Problem::Unexpected { tag })),
        });
        items.map(Self)
    }

    fn put(&self, out: &mut Vec<u8>) {
        for item in &self.0 {
            match item {
                FileItem::DoNotCreate => put_ber(out, primitive(0), &[]),
                FileItem::Descriptor(fcp) => put_inside(out, constructed(1), |out| fcp.put(out)),
                FileItem::Offset(count) => put_uint(out, primitive(2), (*count).into()),
                FileItem::Content(octets) => put_ber(out, primitive(3), octets),
            }
        }
    }
}

impl Fcp {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let descriptor = some(&mut fields, primitive(2), (2, 4))?;
        let file_id = fields.optional(primitive(3))?.map(|field| field.pair()).transpose()?;
        let df_name = some(&mut fields, primitive(4), AID_LEN)?;
        let life_cycle = fields.optional(primitive(10))?.map(|field| field.octet()).transpose()?;
        let security = some(&mut fields, primitive(11), (1, 3))?;
        let file_size = fields.optional(primitive(0))?.map(|field| size(&field)).transpose()?;
        let pin_status = some(&mut fields, tag::PIN_STATUS, (0, PIN_STATUS_MAX))?;
        let short_id = match fields.optional(primitive(8))? {
            Some(field) => Some(field.octets(0, 1)?.first().copied()),
            None => None,
        };
        let proprietary = fields.optional(constructed(5))?;
        let proprietary =
            proprietary.map(|field| ProprietaryInfo::read(field.inside())).transpose()?;
        let link_path = some(&mut fields, tag::LINK_PATH, (0, PATH_LEN_MAX))?;
        fields.finish_closed()?;
        Ok(Self {
            descriptor,
            file_id,
            df_name,
            life_cycle,
            security,
            file_size,
            pin_status,
            short_id,
            proprietary,
            link_path,
        })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_some(out, primitive(2), self.descriptor.as_deref());
        put_some(out, primitive(3), self.file_id.map(u16::to_be_bytes).as_ref().map(|id| &id[..]));
        put_some(out, primitive(4), self.df_name.as_deref());
        put_some(out, primitive(10), self.life_cycle.as_ref().map(core::slice::from_ref));
        put_some(out, primitive(11), self.security.as_deref());
        put_size(out, primitive(0), self.file_size);
        put_some(out, tag::PIN_STATUS, self.pin_status.as_deref());
        put_some(out, primitive(8), self.short_id.as_ref().map(Option::as_slice));
        if let Some(proprietary) = &self.proprietary {
            put_inside(out, constructed(5), |out| proprietary.put(out));
        }
        put_some(out, tag::LINK_PATH, self.link_path.as_deref());
    }
}

impl ProprietaryInfo {
    fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let special = fields.optional(tag::SPECIAL)?.map(|field| field.octet()).transpose()?;
        let fill = some(&mut fields, tag::FILL, (1, PATTERN_MAX))?;
        let repeat = some(&mut fields, tag::REPEAT, (1, PATTERN_MAX))?;
        let size_max = fields.optional(primitive(6))?.map(|field| size(&field)).transpose()?;
        let details = fields.optional(primitive(4))?.map(|field| field.octet()).transpose()?;
        fields.finish_closed()?;
        Ok(Self { special, fill, repeat, size_max, details })
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_some(out, tag::SPECIAL, self.special.as_ref().map(core::slice::from_ref));
        put_some(out, tag::FILL, self.fill.as_deref());
        put_some(out, tag::REPEAT, self.repeat.as_deref());
        put_size(out, primitive(6), self.size_max);
        put_some(out, primitive(4), self.details.as_ref().map(core::slice::from_ref));
    }
}

/// Reads a field that may be missing.
pub(super) fn some(
    fields: &mut Reader<'_>,
    tag: u32,
    (min, max): (usize, usize),
) -> Result<Option<Vec<u8>>, DecodeError> {
    match fields.optional(tag)? {
        Some(field) => Ok(Some(field.octets(min, max)?.to_vec())),
        None => Ok(None),
    }
}

/// Reads a size: a number without sign on as few octets as possible.
fn size(field: &Field<'_>) -> Result<u32, DecodeError> {
    let octets = field.octets(1, 4)?;
    Ok(octets.iter().fold(0, |size, octet| size << 8 | u32::from(*octet)))
}

fn put_size(out: &mut Vec<u8>, tag: u32, size: Option<u32>) {
    if let Some(size) = size {
        let octets = size.to_be_bytes();
        let significant = octets.iter().position(|octet| *octet != 0).unwrap_or(3);
        put_ber(out, tag, octets.get(significant..).unwrap_or(&octets));
    }
}
