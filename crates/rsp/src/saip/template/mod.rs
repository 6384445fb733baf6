//! The file templates of the format: what a file is when an element says nothing else.
//!
//! A template is named by an object identifier below 2.23.143.1.2, whose last arcs are the kind of
//! element and the version of the template. The rows stand in the order of the fields of the
//! element: the first has number 2 there.

mod csim;
mod network;
mod optional;
mod shared;
mod usim;

use super::element::ElementKind;
use super::octets::Oid;
use Fill::{Blank, Bytes, Cycle, Required, Tail, Zeros};

/// The arcs 2.23.143.1.2.
const PREFIX: [u8; 5] = [0x67, 0x81, 0x0F, 0x01, 0x02];
/// The latest version of any template.
const VERSION_MAX: u8 = 4;
/// The number of the first row in an element.
pub(super) const FIRST_NUMBER: u32 = 2;

/// Kinds of elements in the order of the arcs of their templates.
const KINDS: [ElementKind; 18] = [
    ElementKind::Mf,
    ElementKind::Cd,
    ElementKind::Telecom,
    ElementKind::Usim,
    ElementKind::OptUsim,
    ElementKind::Phonebook,
    ElementKind::GsmAccess,
    ElementKind::Isim,
    ElementKind::OptIsim,
    ElementKind::Csim,
    ElementKind::OptCsim,
    ElementKind::Eap,
    ElementKind::Df5gs,
    ElementKind::DfSaip,
    ElementKind::DfSnpn,
    ElementKind::Df5gProse,
    ElementKind::Iot,
    ElementKind::OptIot,
];

/// A file of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FileTemplate {
    /// Its name in an element.
    pub name: &'static str,
    /// File identifier; 0 if the element must give it.
    pub fid: u16,
    /// What it is.
    pub shape: Shape,
    /// Record of EF.ARR.
    pub arr: u8,
    /// Short file identifier; 0 for none.
    pub sfi: u8,
    /// What it holds.
    pub fill: Fill,
}

/// Structure and size of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// A directory.
    Directory,
    /// A transparent file of so many octets; 0 if the element must give the size.
    Transparent(u16),
    /// Linear fixed: length and number of records, 0 if the element must give them.
    Linear(u16, u16),
    /// Cyclic, likewise.
    Cyclic(u16, u16),
    /// BER-TLV: the element gives the size.
    BerTlv,
    /// Not known here: the element must say.
    Open,
}

impl Shape {
    /// Returns the length of a record, or of a file without records, if the template says it.
    #[must_use]
    pub fn record_len(self) -> Option<usize> {
        let len = match self {
            Self::Transparent(len) | Self::Linear(len, _) | Self::Cyclic(len, _) => len,
            Self::Directory | Self::BerTlv | Self::Open => 0,
        };
        (len > 0).then_some(len.into())
    }
}

/// What a file, or each of its records, holds if an element does not say it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fill {
    /// An element must say it.
    Required,
    /// `FF`.
    Blank,
    /// These octets, then `FF`.
    Bytes(&'static [u8]),
    /// `00`.
    Zeros,
    /// These octets again and again.
    Cycle(&'static [u8]),
    /// `FF`, with these octets at the end.
    Tail(&'static [u8]),
}

/// A template in one of its versions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Template {
    /// The kind of element that it is for.
    pub kind: ElementKind,
    /// Its version.
    pub version: u8,
}

impl Template {
    /// Returns the first version of the template of a kind of element, if it has one.
    #[must_use]
    pub const fn new(kind: ElementKind) -> Self {
        Self { kind, version: 1 }
    }

    /// Returns the template that an object identifier names; `None` if it is not known here.
    #[must_use]
    pub fn of(oid: &Oid) -> Option<Self> {
        let (&arc, version) = oid.der().strip_prefix(&PREFIX)?.split_first()?;
        let version = match version {
            [] => 1,
            [version @ 2..=VERSION_MAX] => *version,
            _ => return None,
        };
        let kind = *KINDS.get(usize::from(arc.checked_sub(1)?))?;
        Some(Self { kind, version })
    }

    /// Returns the object identifier; `None` for an element that has no templates.
    #[must_use]
    pub fn oid(self) -> Option<Oid> {
        let arc = KINDS.iter().position(|kind| *kind == self.kind)? + 1;
        let mut der = PREFIX.to_vec();
        der.push(u8::try_from(arc).ok()?);
        if self.version > 1 {
            der.push(self.version);
        }
        Oid::from_der(&der)
    }

    /// Tells whether files are created although an element says nothing about them.
    #[must_use]
    pub const fn created_by_default(self) -> bool {
        matches!(self.kind, ElementKind::Mf | ElementKind::Usim | ElementKind::Isim)
    }

    /// Returns the files in the order of the fields of the element. Of some templates no table is
    /// kept here: their elements must describe each file.
    #[must_use]
    pub const fn files(self) -> &'static [FileTemplate] {
        match self.kind {
            ElementKind::Mf => shared::MF,
            ElementKind::Cd => shared::CD,
            ElementKind::Telecom => shared::TELECOM,
            ElementKind::Phonebook => shared::PHONEBOOK,
            ElementKind::Usim => usim::USIM,
            ElementKind::Isim => usim::ISIM,
            ElementKind::GsmAccess => usim::GSM_ACCESS,
            ElementKind::OptUsim => optional::USIM,
            ElementKind::OptIsim => optional::ISIM,
            ElementKind::Csim => csim::CSIM,
            ElementKind::OptCsim => csim::OPT_CSIM,
            ElementKind::Df5gs => network::DF_5GS,
            ElementKind::DfSaip => network::DF_SAIP,
            ElementKind::DfSnpn => network::DF_SNPN,
            ElementKind::Df5gProse => network::DF_5G_PROSE,
            ElementKind::Header
            | ElementKind::GenericFileManagement
            | ElementKind::PinCodes
            | ElementKind::PukCodes
            | ElementKind::AkaParameter
            | ElementKind::CdmaParameter
            | ElementKind::SecurityDomain
            | ElementKind::Rfm
            | ElementKind::Application
            | ElementKind::NonStandard
            | ElementKind::End
            | ElementKind::Eap
            | ElementKind::Iot
            | ElementKind::OptIot
            | ElementKind::Unknown(_) => &[],
        }
    }

    /// Returns the file of a field.
    #[must_use]
    pub fn file(self, number: u32) -> FileTemplate {
        let index = usize::try_from(number.saturating_sub(FIRST_NUMBER)).ok();
        let row = index.and_then(|index| self.files().get(index)).copied();
        let row = row.unwrap_or(FileTemplate { arr: 10, shape: Shape::Open, ..DIRECTORY });
        match (self.kind, self.version, row.fid) {
            // No table is kept of this one, but it begins with a directory like all others.
            (ElementKind::Eap, ..) if number == FIRST_NUMBER => DIRECTORY,
            // EF.UST has grown with the second version, the 5G security contexts with the third.
            (ElementKind::Usim, 1, 0x6F38) => FileTemplate { shape: Shape::Transparent(14), ..row },
            (ElementKind::Df5gs, 1 | 2, 0x4F03 | 0x4F04) => {
                FileTemplate { shape: Shape::Linear(57, 1), ..row }
            }
            _ => row,
        }
    }

    /// Returns the field and the template of a file by its identifier.
    #[must_use]
    pub fn find(self, fid: u16) -> Option<(u32, FileTemplate)> {
        let index = self.files().iter().position(|file| file.fid == fid)?;
        let number = u32::try_from(index).ok()? + FIRST_NUMBER;
        Some((number, self.file(number)))
    }
}

impl FileTemplate {
    /// Tells whether it is a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.shape == Shape::Directory
    }
}

const DIRECTORY: FileTemplate =
    FileTemplate { name: "file", fid: 0, shape: Shape::Directory, arr: 14, sfi: 0, fill: Blank };

const fn df(name: &'static str, fid: u16) -> FileTemplate {
    FileTemplate { name, fid, ..DIRECTORY }
}

const fn tr(name: &'static str, fid: u16, size: u16, arr: u8, sfi: u8, fill: Fill) -> FileTemplate {
    FileTemplate { name, fid, shape: Shape::Transparent(size), arr, sfi, fill }
}

/// Linear fixed, with the number and the length of records.
const fn lf(
    name: &'static str,
    fid: u16,
    (count, len): (u16, u16),
    arr: u8,
    sfi: u8,
    fill: Fill,
) -> FileTemplate {
    FileTemplate { name, fid, shape: Shape::Linear(len, count), arr, sfi, fill }
}

const fn cy(
    name: &'static str,
    fid: u16,
    (count, len): (u16, u16),
    arr: u8,
    sfi: u8,
    fill: Fill,
) -> FileTemplate {
    FileTemplate { name, fid, shape: Shape::Cyclic(len, count), arr, sfi, fill }
}

const fn bt(name: &'static str, fid: u16, arr: u8, sfi: u8) -> FileTemplate {
    FileTemplate { name, fid, shape: Shape::BerTlv, arr, sfi, fill: Blank }
}
