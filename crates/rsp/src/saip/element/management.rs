//! Files of any kind, created one by one.

use core::fmt;

use alloc::{boxed::Box, vec::Vec};

use polysim_base::tlv::put_ber;

use super::{Fcp, PATH_LEN_MAX, PeHeader};
use crate::saip::FILE_SIZE_MAX;
use crate::saip::der::{
    DecodeError, Field, INTEGER, Problem, Reader, SEQUENCE, constructed, primitive, put_inside,
    put_uint,
};

/// Most commands of an element, and items of a command.
const ITEMS_MAX: usize = 4_096;
/// The tag of file control parameters on a card, which the format uses here.
const CREATE_FCP: u32 = 0x62;

/// Files that no template has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GenericFileManagement {
    /// Its header.
    pub header: PeHeader,
    /// What is done, in order.
    pub commands: Vec<FileManagement>,
}

/// A row of steps, the first of which says where.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct FileManagement(pub Vec<ManagementItem>);

/// One step.
#[derive(Clone, Eq, PartialEq)]
pub enum ManagementItem {
    /// This directory or file is the current one: a path from the MF, which itself is not named.
    Path(Vec<u8>),
    /// A file or directory is created in the current directory.
    Create(Box<Fcp>),
    /// So many octets of the current file are passed over.
    Offset(u16),
    /// These octets of the current file come next.
    Content(Vec<u8>),
}

impl fmt::Debug for ManagementItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "Path({})", polysim_base::Hex(path)),
            Self::Create(fcp) => fcp.fmt(f),
            Self::Offset(count) => write!(f, "Offset({count})"),
            Self::Content(octets) => write!(f, "Content({} octets)", octets.len()),
        }
    }
}

impl GenericFileManagement {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let header = PeHeader::read(fields.required(constructed(0))?)?;
        let commands = fields.required(constructed(1))?.inside();
        let commands = commands.list("file management commands", ITEMS_MAX, |field| {
            let items = field.tagged(SEQUENCE)?.inside();
            Ok(FileManagement(items.list("items of a command", ITEMS_MAX, ManagementItem::read)?))
        })?;
        fields.finish(1)?;
        Ok(Self { header, commands })
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        self.header.put(out);
        put_inside(out, constructed(1), |out| {
            for command in &self.commands {
                put_inside(out, SEQUENCE, |out| command.0.iter().for_each(|item| item.put(out)));
            }
        });
    }
}

impl ManagementItem {
    fn read(field: Field<'_>) -> Result<Self, DecodeError> {
        match field.tag {
            0x80 => Ok(Self::Path(field.octets(0, PATH_LEN_MAX)?.to_vec())),
            CREATE_FCP => Ok(Self::Create(Box::new(Fcp::read(field.inside())?))),
            INTEGER => field.uint16(u16::MAX).map(Self::Offset),
            0x81 => Ok(Self::Content(field.octets(0, FILE_SIZE_MAX)?.to_vec())),
            tag => Err(field.problem(Problem::Unexpected { tag })),
        }
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Path(path) => put_ber(out, primitive(0), path),
            Self::Create(fcp) => put_inside(out, CREATE_FCP, |out| fcp.put(out)),
            Self::Offset(count) => put_uint(out, INTEGER, (*count).into()),
            Self::Content(octets) => put_ber(out, primitive(1), octets),
        }
    }
}
