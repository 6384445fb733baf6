//! One file after another.

use alloc::vec::Vec;

use super::fill::{Cursor, blank};
use super::{ArrReference, Body, Directory, Ef, FileIndex, Image, ImageFile, InstallReason};
use super::{MF_FID, Structure};
use crate::saip::element::{Fcp, FileItem, ProprietaryInfo};
use crate::saip::template::{FileTemplate, Fill, Shape};
use crate::saip::{FILE_SIZE_MAX, FILES_MAX, IMAGE_SIZE_MAX};

/// Most records of a file (TS 102.221, 8.2.2.2).
const RECORDS_MAX: usize = 254;
/// Life cycle status: activated.
const ACTIVATED: u8 = 0x05;
/// EF.ARR of the MF and what stands directly in it, and of all other files.
const ARR_OF_MF: u16 = 0x2F06;
const ARR_OF_OTHERS: u16 = 0x6F06;

/// What a file is to be.
pub(super) struct Plan<'a> {
    pub(super) template: FileTemplate,
    pub(super) fcp: Option<&'a Fcp>,
    pub(super) parent: FileIndex,
    /// How long the contents are that follow: the size of a file that nobody gives one.
    pub(super) content_len: usize,
}

/// Structure, length of a record and size.
#[derive(Clone, Copy)]
struct Dimensions {
    structure: Structure,
    record_len: usize,
    size: usize,
}

impl Plan<'_> {
    pub(super) fn fid(&self) -> u16 {
        self.fcp.and_then(|fcp| fcp.file_id).unwrap_or(self.template.fid)
    }

    fn wrong(&self) -> InstallReason {
        InstallReason::Descriptor { fid: self.fid(), name: self.template.name }
    }

    fn proprietary(&self) -> Option<&ProprietaryInfo> {
        self.fcp?.proprietary.as_ref()
    }

    fn descriptor(&self) -> Option<&[u8]> {
        self.fcp?.descriptor.as_deref()
    }

    pub(super) fn is_directory(&self) -> bool {
        match self.descriptor() {
            Some([first, ..]) => first & 0x3F == 0x38,
            Some([]) | None => self.template.is_directory(),
        }
    }

    fn dimensions(&self) -> Result<Dimensions, InstallReason> {
        let (structure, len, count) = match self.template.shape {
            Shape::Transparent(size) => (Some(Structure::Transparent), size, 1),
            Shape::Linear(len, count) => (Some(Structure::LinearFixed), len, count),
            Shape::Cyclic(len, count) => (Some(Structure::Cyclic), len, count),
            Shape::BerTlv => (Some(Structure::BerTlv), 0, 0),
            Shape::Open | Shape::Directory => (None, 0, 0),
        };
        let described = match self.descriptor() {
            Some([first, ..]) => Some(structure_of(*first).ok_or_else(|| self.wrong())?),
            Some([]) | None => None,
        };
        let structure = described.or(structure).ok_or_else(|| self.wrong())?;
        let record_len = match (structure, self.descriptor()) {
            (Structure::Transparent | Structure::BerTlv, _) => 0,
            (_, Some([_, _, high, low])) => u16::from_be_bytes([*high, *low]),
            (_, _) => len,
        };
        let record_len = usize::from(record_len);
        let default = if record_len == 0 { usize::from(len) } else { record_len };
        let default = default * usize::from(count);
        let default = if default == 0 { self.content_len } else { default };
        let size_max = self.proprietary().and_then(|info| info.size_max);
        let stated = self.fcp.and_then(|fcp| fcp.file_size).or(size_max);
        let size = stated.map_or(Ok(default), usize::try_from).unwrap_or(usize::MAX);
        if size == 0 {
            return Err(self.wrong());
        }
        let records = match structure {
            Structure::Transparent | Structure::BerTlv => Some(0),
            Structure::LinearFixed | Structure::Cyclic => size.checked_div(record_len),
        };
        let records = records.ok_or_else(|| self.wrong())?;
        let whole = records == 0 || records * record_len == size;
        if size > FILE_SIZE_MAX || records > RECORDS_MAX || !whole {
            let size = u64::try_from(size).unwrap_or(u64::MAX);
            return Err(InstallReason::FileSize { fid: self.fid(), size, limit: FILE_SIZE_MAX });
        }
        Ok(Dimensions { structure, record_len, size })
    }

    fn ef(&self) -> Result<Ef, InstallReason> {
        let Dimensions { structure, record_len, size } = self.dimensions()?;
        let fill = |len| blank(len, self.template.fill, self.proprietary());
        let contents = match structure {
            Structure::BerTlv if self.proprietary().is_some_and(|info| info.fill.is_some()) => {
                fill(size)
            }
            Structure::BerTlv => Vec::new(),
            Structure::Transparent => fill(size),
            Structure::LinearFixed | Structure::Cyclic => {
                let record = fill(record_len);
                record.iter().copied().cycle().take(size).collect()
            }
        };
        let record_len = u16::try_from(record_len).map_err(|_| self.wrong())?;
        Ok(Ef { structure, record_len, contents, reserved: size })
    }

    fn sfi(&self) -> Option<u8> {
        let stated = self.fcp.and_then(|fcp| fcp.short_id);
        let sfi = stated.map_or(self.template.sfi, |sfi| sfi.map_or(0, |sfi| sfi >> 3));
        (1..=30).contains(&sfi).then_some(sfi)
    }

    fn arr(&self) -> Result<ArrReference, InstallReason> {
        // ADFs stand in the MF, too.
        let file = if self.parent == FileIndex::MF { ARR_OF_MF } else { ARR_OF_OTHERS };
        match self.fcp.and_then(|fcp| fcp.security.as_deref()) {
            None => Ok(ArrReference { file, record: self.template.arr }),
            Some([record]) => Ok(ArrReference { file, record: *record }),
            Some([high, low, record]) => {
                Ok(ArrReference { file: u16::from_be_bytes([*high, *low]), record: *record })
            }
            Some(_) => Err(self.wrong()),
        }
    }
}

const fn structure_of(descriptor: u8) -> Option<Structure> {
    match descriptor & 0x3F {
        0x39 => Some(Structure::BerTlv),
        0x38 => None,
        other => match other & 0x07 {
            1 => Some(Structure::Transparent),
            2 => Some(Structure::LinearFixed),
            6 => Some(Structure::Cyclic),
            _ => None,
        },
    }
}

impl Image {
    /// Creates a file.
    pub(super) fn create(&mut self, plan: &Plan<'_>) -> Result<FileIndex, InstallReason> {
        let fid = plan.fid();
        if self.files.len() == FILES_MAX {
            return Err(InstallReason::TooManyFiles { limit: FILES_MAX });
        }
        if fid == 0 {
            return Err(plan.wrong());
        }
        let first = self.files.is_empty();
        if !first && (fid == MF_FID || self.child(plan.parent, fid).is_some()) {
            return Err(InstallReason::DuplicateFile { fid });
        }
        let link = plan.fcp.and_then(|fcp| fcp.link_path.as_deref());
        let body = match link {
            Some(path) if !path.is_empty() => Body::Link(self.target(self.resolve(path)?)),
            Some(_) | None if plan.is_directory() => Body::Directory(Directory {
                aid: plan.fcp.and_then(|fcp| fcp.df_name.clone()),
                pins: plan.fcp.and_then(|fcp| fcp.pin_status.clone()).unwrap_or_default(),
            }),
            Some(_) | None => Body::Ef(plan.ef()?),
        };
        if let Body::Ef(ef) = &body {
            self.size += ef.reserved;
        }
        if self.size > IMAGE_SIZE_MAX {
            return Err(InstallReason::TooLarge { limit: IMAGE_SIZE_MAX });
        }
        let index = FileIndex::of(self.files.len());
        self.files.push(ImageFile {
            parent: plan.parent,
            fid,
            sfi: if matches!(body, Body::Directory(_)) { None } else { plan.sfi() },
            arr: plan.arr()?,
            life_cycle: plan.fcp.and_then(|fcp| fcp.life_cycle).unwrap_or(ACTIVATED),
            special: plan.proprietary().and_then(|info| info.special).unwrap_or_default(),
            body,
        });
        Ok(index)
    }

    /// Creates a file and fills it, as one field of an element says.
    pub(super) fn create_filled(
        &mut self,
        template: FileTemplate,
        items: &[FileItem],
        parent: FileIndex,
    ) -> Result<FileIndex, InstallReason> {
        let fcp = items.iter().find_map(|item| match item {
            FileItem::Descriptor(fcp) => Some(&**fcp),
            FileItem::DoNotCreate | FileItem::Offset(_) | FileItem::Content(_) => None,
        });
        let content_len = items.iter().map(|item| match item {
            FileItem::Content(octets) => octets.len(),
            FileItem::Offset(count) => usize::from(*count),
            FileItem::DoNotCreate | FileItem::Descriptor(_) => 0,
        });
        let plan = Plan { template, fcp, parent, content_len: content_len.sum() };
        let index = self.create(&plan)?;
        let mut cursor = Cursor::default();
        for item in items {
            match item {
                FileItem::Offset(count) => cursor.skip(*count),
                FileItem::Content(octets) => self.write(index, &mut cursor, octets)?,
                FileItem::DoNotCreate | FileItem::Descriptor(_) => {}
            }
        }
        Ok(index)
    }

    /// Writes to a file.
    pub(super) fn write(
        &mut self,
        index: FileIndex,
        cursor: &mut Cursor,
        octets: &[u8],
    ) -> Result<(), InstallReason> {
        let target = self.target(index);
        let Some(file) = self.files.get_mut(target.at()) else {
            return Err(InstallReason::NoCurrentFile);
        };
        match &mut file.body {
            Body::Ef(Ef { structure: Structure::BerTlv, contents, reserved, .. }) => {
                cursor.append((file.fid, *reserved), contents, octets)
            }
            Body::Ef(ef) => cursor.write(file.fid, &mut ef.contents, octets),
            Body::Directory(_) | Body::Link(_) => Err(InstallReason::NoCurrentFile),
        }
    }

    /// Returns the file at a path of an element.
    pub(super) fn resolve(&self, path: &[u8]) -> Result<FileIndex, InstallReason> {
        let missing = || InstallReason::NoSuchFile { path: path.to_vec() };
        let (fids, rest) = path.as_chunks::<2>();
        let fids: Vec<u16> = fids.iter().copied().map(u16::from_be_bytes).collect();
        let found = if rest.is_empty() { self.find(&fids) } else { None };
        found.filter(|_| !self.files.is_empty()).ok_or_else(missing)
    }

    /// Replaces the contents of a file in part.
    pub(super) fn contents_mut(&mut self, index: FileIndex) -> Option<&mut [u8]> {
        match &mut self.files.get_mut(index.at())?.body {
            Body::Ef(ef) => Some(&mut ef.contents),
            Body::Directory(_) | Body::Link(_) => None,
        }
    }
}

/// What generic file management creates a file from: nothing is known of it but its identifier,
/// from which its short one follows.
pub(super) const fn unknown(fid: u16) -> FileTemplate {
    let [_, low] = fid.to_be_bytes();
    FileTemplate {
        name: "file",
        fid,
        shape: Shape::Open,
        arr: 0,
        sfi: low & 0x1F,
        fill: Fill::Blank,
    }
}
