//! What installing a profile package comes to.

mod codes;
mod create;
mod error;
mod fill;
mod install;
mod keys;
mod tree;

pub use error::{InstallError, InstallReason};
pub use install::{Installation, install};
pub use keys::{AkaKeys, ImageAka, ImagePin, ImagePuk, KeysError};
pub use tree::{ArrReference, Body, Directory, Ef, FileIndex, ImageFile, Structure};

use alloc::{string::String, vec::Vec};

use polysim_base::{Iccid, Imsi};

use super::Services;
use super::element::{OtherElement, Rfm, SecurityDomain};

/// The application code of USIMs, ISIMs and CSIMs, with which their AIDs start (TS 101.220).
const USIM_AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02];
const ISIM_AID: [u8; 7] = [0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04];
/// What a file takes beside its contents, and a key beside its octets, on our cards.
const OVERHEAD: usize = 32;

/// A profile as an eUICC has it after the installation: files with contents, codes and keys. It
/// says nothing of how a card keeps them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Image {
    /// ICCID of the header.
    pub iccid: Option<Iccid>,
    /// What the issuer calls the profile.
    pub profile_type: Option<String>,
    /// Version of the format, major and minor.
    pub version: (u8, u8),
    /// What the profile must find on the eUICC.
    pub mandatory_services: Services,
    /// How the profile connects, for remote management.
    pub connectivity: Option<Vec<u8>>,
    /// PINs and administrative keys.
    pub pins: Vec<ImagePin>,
    /// Directories that have the PINs of other ones: which, and whose.
    pub shared_pins: Vec<(FileIndex, FileIndex)>,
    /// What unblocks PINs.
    pub puks: Vec<ImagePuk>,
    /// Keys of applications.
    pub aka: Vec<ImageAka>,
    /// Security domains.
    pub domains: Vec<SecurityDomain>,
    /// Remote file management.
    pub remote: Vec<Rfm>,
    /// Elements that an eUICC keeps and this library has no more to say about.
    pub others: Vec<OtherElement>,
    files: Vec<ImageFile>,
    /// Octets of all files.
    size: usize,
}

impl Image {
    /// Returns all files; the first is the MF, and a directory stands before what is in it.
    #[must_use]
    pub fn files(&self) -> &[ImageFile] {
        &self.files
    }

    /// Returns the file at an index.
    #[must_use]
    pub fn file(&self, index: FileIndex) -> Option<&ImageFile> {
        self.files.get(index.at())
    }

    /// Returns what is in a directory, in the order of creation.
    pub fn children(&self, directory: FileIndex) -> impl Iterator<Item = (FileIndex, &ImageFile)> {
        let files = self.files.iter().enumerate();
        files
            .map(|(at, file)| (FileIndex::of(at), file))
            .filter(move |(at, file)| file.parent == directory && *at != FileIndex::MF)
    }

    /// Returns the file with an identifier in a directory.
    #[must_use]
    pub fn child(&self, directory: FileIndex, fid: u16) -> Option<FileIndex> {
        self.children(directory).find(|(_, file)| file.fid == fid).map(|(at, _)| at)
    }

    /// Returns the file at a path of identifiers from the MF, which may be named first or not.
    /// An ADF is named by the identifier that the package has given it for that purpose.
    #[must_use]
    pub fn find(&self, path: &[u16]) -> Option<FileIndex> {
        let path = path.strip_prefix(&[MF_FID]).unwrap_or(path);
        path.iter().try_fold(FileIndex::MF, |at, fid| self.child(self.target(at), *fid))
    }

    /// Returns the file behind a link, or the file itself if it is none.
    #[must_use]
    pub fn target(&self, index: FileIndex) -> FileIndex {
        match self.file(index).map(|file| &file.body) {
            Some(Body::Link(target)) => *target,
            Some(Body::Directory(_) | Body::Ef(_)) | None => index,
        }
    }

    /// Returns the ADF whose AID starts with these octets.
    #[must_use]
    pub fn application(&self, aid: &[u8]) -> Option<FileIndex> {
        let at = self.files.iter().position(|file| match &file.body {
            Body::Directory(Directory { aid: Some(own), .. }) => own.starts_with(aid),
            Body::Directory(_) | Body::Ef(_) | Body::Link(_) => false,
        })?;
        Some(FileIndex::of(at))
    }

    /// Returns ADF.USIM.
    #[must_use]
    pub fn usim(&self) -> Option<FileIndex> {
        self.application(&USIM_AID)
    }

    /// Returns ADF.ISIM.
    #[must_use]
    pub fn isim(&self) -> Option<FileIndex> {
        self.application(&ISIM_AID)
    }

    /// Returns the EF at an index, or behind it if it is a link.
    #[must_use]
    pub fn ef(&self, index: FileIndex) -> Option<&Ef> {
        match &self.file(self.target(index))?.body {
            Body::Ef(ef) => Some(ef),
            Body::Directory(_) | Body::Link(_) => None,
        }
    }

    /// Returns the EF.ARR with the access rules of a file: the one that is nearest on the way to
    /// the MF, as TS 102.221 (9.2.4) asks.
    #[must_use]
    pub fn arr_file(&self, index: FileIndex) -> Option<FileIndex> {
        let file = self.file(index)?;
        let mut directory = match file.body {
            Body::Directory(_) => index,
            Body::Ef(_) | Body::Link(_) => file.parent,
        };
        loop {
            if let Some(found) = self.child(directory, file.arr.file) {
                return Some(found);
            }
            if directory == FileIndex::MF {
                return None;
            }
            directory = self.file(directory)?.parent;
        }
    }

    /// Returns the IMSI in EF.IMSI of the USIM.
    #[must_use]
    pub fn imsi(&self) -> Option<Imsi> {
        let ef = self.ef(self.child(self.usim()?, 0x6F07)?)?;
        Imsi::from_ef(ef.contents.first_chunk().copied()?).ok()
    }

    /// Returns the ICCID in EF.ICCID.
    #[must_use]
    pub fn ef_iccid(&self) -> Option<Iccid> {
        let ef = self.ef(self.child(FileIndex::MF, 0x2FE2)?)?;
        Iccid::from_wire(ef.contents.first_chunk().copied()?).ok()
    }

    /// Returns the EFs whose contents are not those of another image, if nothing else of the files
    /// differs. Profiles that were personalised from one package differ in a few files, so that
    /// cards by the million can share the rest.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Option<Vec<FileIndex>> {
        if self.files.len() != other.files.len() {
            return None;
        }
        let mut different = Vec::new();
        for (at, (own, theirs)) in self.files.iter().zip(&other.files).enumerate() {
            if !own.is_like(theirs) {
                return None;
            }
            if own.body != theirs.body {
                different.push(FileIndex::of(at));
            }
        }
        Some(different)
    }

    /// Returns the octets of memory that the profile takes, about.
    #[must_use]
    pub fn memory(&self) -> u32 {
        let files = self.files.iter().map(|file| match &file.body {
            Body::Ef(ef) => OVERHEAD + ef.contents.len().max(ef.reserved),
            Body::Directory(_) | Body::Link(_) => OVERHEAD,
        });
        let keys = self.domains.iter().flat_map(|domain| domain.keys.iter().flatten());
        let keys = keys.flat_map(|key| &key.components);
        let keys = keys.map(|component| OVERHEAD + component.data.as_bytes().len());
        let codes = OVERHEAD * (self.pins.len() + self.puks.len() + self.remote.len());
        let others = self.others.iter().map(|other| other.contents.as_bytes().len());
        let applications = 4 * OVERHEAD * (self.aka.len() + self.domains.len());
        let total = files.chain(keys).chain(others).sum::<usize>() + codes + applications;
        u32::try_from(total).unwrap_or(u32::MAX)
    }
}

/// The identifier of the MF.
pub(super) const MF_FID: u16 = 0x3F00;
