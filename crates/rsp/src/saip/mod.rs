//! Profile packages in the interoperable format of the Trusted Connectivity Alliance, versions 2
//! and 3: read, checked, built, personalised, and installed to an [`Image`] of the profile.
//!
//! A package is a row of profile elements. [`ProfilePackage`] keeps them with the octets that were
//! received; [`install`] carries them out on behalf of an eUICC and answers as one does.
//!
//! ```
//! use polysim_aka::{Key, Opc};
//! use polysim_base::{Iccid, Imsi, Plmn};
//! use polysim_rsp::saip::{self, Builder, EuiccCapabilities, Operator, Personal, ProfilePackage};
//!
//! let keys = saip::SubscriptionKeys::Milenage { key: Key::from([7; 16]), opc: Opc::from([9; 16]) };
//! let personal = Personal::new(
//!     Iccid::parse("8988211000000000017")?,
//!     Imsi::parse("001010000000001")?,
//!     keys,
//! );
//! let operator = Operator::new(Plmn::parse("001-01")?, "Example");
//! let upp = Builder::new(personal, operator).build()?.encode();
//!
//! let package = ProfilePackage::decode(&upp)?;
//! let installation = saip::install(&package, &EuiccCapabilities::default());
//! let image = installation.image?;
//! assert_eq!(image.imsi(), Some(Imsi::parse("001010000000001")?));
//! assert_eq!(installation.response.encode(), [0x30, 7, 0xA0, 5, 0x30, 3, 0x80, 1, 0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod build;
mod check;
mod der;
pub mod element;
mod image;
mod octets;
mod package;
mod personal;
mod response;
mod services;
pub mod template;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
#[cfg(test)]
mod tests;
mod value;

pub use build::{BuildError, Builder, Operator, RemoteKeys};
pub use check::{EuiccCapabilities, Finding, Severity, check, check_against};
pub use der::{DecodeError, Problem};
pub use image::{
    AkaKeys, ArrReference, Body, Directory, Ef, FileIndex, Image, ImageAka, ImageFile, ImagePin,
    ImagePuk, InstallError, InstallReason, Installation, KeysError, Structure, install,
};
pub use octets::{Oid, Secret};
pub use package::ProfilePackage;
pub use personal::{Codes, Personal, PersonaliseError, SubscriptionKeys, personalise};
pub use response::{EuiccResponse, PeStatus, Status};
pub use services::{Service, Services};

/// Longest package that is read; those of operators have some 12 kB.
pub const PACKAGE_LEN_MAX: usize = 256 * 1024;
/// Most elements of a package.
pub const ELEMENTS_MAX: usize = 512;
/// Most files of a profile.
pub const FILES_MAX: usize = 1_024;
/// Largest file.
pub const FILE_SIZE_MAX: usize = 32 * 1024;
/// Most octets of all files of a profile together.
pub const IMAGE_SIZE_MAX: usize = 1024 * 1024;
