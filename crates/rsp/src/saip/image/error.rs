//! Why a package cannot be installed.

use polysim_apdu::KeyRef;

use super::KeysError;
use crate::saip::der::DecodeError;
use crate::saip::element::ElementKind;
use crate::saip::response::{EuiccResponse, PeStatus, Status};
use crate::saip::{Oid, Services};

/// Why a package cannot be installed, and which element is to blame.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("profile element {element} ({}): {reason}", kind.map_or("unreadable", ElementKind::name))]
pub struct InstallError {
    /// The element, from 0 on.
    pub element: usize,
    /// What it is, if it could be read.
    pub kind: Option<ElementKind>,
    /// Its identification, if it has one.
    pub identification: Option<u16>,
    /// Why.
    pub reason: InstallReason,
}

/// Why an element cannot be installed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InstallReason {
    /// The package cannot be read.
    #[error("it cannot be read at octet {}: {}", .0.at, .0.problem)]
    Unreadable(DecodeError),
    /// The first element is no header, or a later one is.
    #[error("the profile header must be the first element, and only that")]
    Header,
    /// The package does not end with the element that says so.
    #[error("the package must end with the element \"end\", and only there")]
    End,
    /// A version of the format that is not known.
    #[error("version {major} of profile packages is not known; build it for version 2 or 3")]
    Version {
        /// Which.
        major: u8,
    },
    /// Services that the eUICC has not.
    #[error("the eUICC lacks mandatory services: {0}; use another eUICC, or leave them out")]
    Services(Services),
    /// A template that the eUICC does not know.
    #[error("the eUICC does not know the template {0}")]
    Template(Oid),
    /// Applications that the eUICC has not.
    #[error("the eUICC lacks {count} mandatory applications")]
    Applications {
        /// How many.
        count: usize,
    },
    /// The element is mandated, and the eUICC cannot do it.
    #[error("the eUICC does not support this element, but the package mandates it")]
    NotSupported,
    /// An applet, and nothing to run it.
    #[error("the eUICC runs no applets, but the package mandates this one")]
    NoRuntime,
    /// Something that only an eUICC with a service can do.
    #[error("this needs a service that the eUICC lacks: {0}")]
    Feature(Services),
    /// The directory that this belongs to was not created before.
    #[error("there is no {needed} before it")]
    OutOfOrder {
        /// What must come before.
        needed: &'static str,
    },
    /// Two files with one identifier in one directory.
    #[error("there is a file {fid:04X} in this directory already")]
    DuplicateFile {
        /// Which.
        fid: u16,
    },
    /// A file that the element must describe.
    #[error("it must say what {name} holds")]
    MissingFile {
        /// Which.
        name: &'static str,
    },
    /// A descriptor that describes no file.
    #[error("the file {fid:04X} ({name}) lacks an identifier, a structure or a size")]
    Descriptor {
        /// Its identifier, if there is one.
        fid: u16,
        /// Its name in the template.
        name: &'static str,
    },
    /// A file of an impossible size.
    #[error("the file {fid:04X} has {size} octets; at most {limit} in whole records are possible")]
    FileSize {
        /// Which.
        fid: u16,
        /// Its size.
        size: u64,
        /// The limit.
        limit: usize,
    },
    /// Contents that do not fit.
    #[error("the contents of file {fid:04X} end at octet {end}, but it has {size}")]
    ContentTooLong {
        /// Which.
        fid: u16,
        /// Where they end.
        end: usize,
        /// Its size.
        size: usize,
    },
    /// A path to nothing.
    #[error("there is nothing at path {}", polysim_base::Hex(path))]
    NoSuchFile {
        /// Which.
        path: alloc::vec::Vec<u8>,
    },
    /// Contents before any file.
    #[error("contents come before the file that they are for")]
    NoCurrentFile,
    /// Too many files.
    #[error("more than {limit} files")]
    TooManyFiles {
        /// The limit.
        limit: usize,
    },
    /// Too large files.
    #[error("the files have more than {limit} octets together")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The memory that is left does not suffice.
    #[error("the profile needs {needed} octets of memory; {free} are free: delete a profile")]
    Memory {
        /// What it needs, as far as it got.
        needed: u32,
        /// What is free.
        free: u32,
    },
    /// A PIN that nothing unblocks.
    #[error("{pin} is to be unblocked by PUK {puk:02X}, which no element before it has")]
    PukMissing {
        /// Which PIN.
        pin: KeyRef,
        /// Which PUK.
        puk: u8,
    },
    /// A code that is there twice.
    #[error("{0} is there twice")]
    DuplicateCode(KeyRef),
    /// Keys of the wrong length, or of an algorithm that is not known.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl InstallReason {
    /// Returns the status that an eUICC reports.
    #[must_use]
    pub const fn status(&self) -> Status {
        match self {
            Self::Unreadable(_) | Self::Header | Self::End => Status::InvalidRequestFormat,
            Self::Version { .. } => Status::UnsupportedProfileVersion,
            Self::Services(_) | Self::Feature(_) => Status::FeatureNotSupported,
            Self::Keys(KeysError::Constants | KeysError::Test | KeysError::Unknown { .. }) => {
                Status::FeatureNotSupported
            }
            Self::Template(_) => Status::TemplateNotSupported,
            Self::Applications { .. } => Status::LibNotSupported,
            Self::NotSupported => Status::PeNotSupported,
            Self::NoRuntime => Status::RuntimeNotSupported,
            Self::Memory { .. } | Self::TooLarge { .. } | Self::TooManyFiles { .. } => {
                Status::NotEnoughMemory
            }
            Self::PukMissing { .. } => Status::PinCodeMissing,
            Self::OutOfOrder { .. }
            | Self::DuplicateFile { .. }
            | Self::DuplicateCode(_)
            | Self::NoSuchFile { .. }
            | Self::NoCurrentFile
            | Self::ContentTooLong { .. } => Status::BadValues,
            Self::MissingFile { .. }
            | Self::Descriptor { .. }
            | Self::FileSize { .. }
            | Self::Keys(KeysError::Length { .. } | KeysError::NoIterations) => {
                Status::InvalidParameter
            }
        }
    }
}

impl InstallError {
    /// Returns what the eUICC answers, after the states that it has told already.
    #[must_use]
    pub fn response(&self, mut states: alloc::vec::Vec<PeStatus>) -> EuiccResponse {
        states.push(PeStatus::new(self.reason.status(), self.identification));
        EuiccResponse { states, aborted: true, message: None }
    }
}

impl From<DecodeError> for InstallError {
    fn from(error: DecodeError) -> Self {
        let element = error.element;
        let reason = InstallReason::Unreadable(error);
        Self { element, kind: None, identification: None, reason }
    }
}
