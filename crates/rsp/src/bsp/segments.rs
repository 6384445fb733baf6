//! An LPA's side: how a package is cut.

use alloc::vec::Vec;

use super::tag;
use crate::pki::{DerError, Reader};

/// Octets that are no bound profile package.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this is no bound profile package: {0}; ask the server for it again")]
pub struct CutError(#[from] DerError);

/// Cuts a package into what goes to an eUICC one after the other (SGP.22, 2.5.5).
///
/// First the header with `InitialiseSecureChannelRequest`, then the whole of A0, the header of A1, each
/// 88 in it, the whole of A2 where it is there, the header of A3, and each 86 in it.
///
/// # Errors
/// [`CutError`] where the octets are something else.
pub fn segments(package: &[u8]) -> Result<Vec<&[u8]>, CutError> {
    let mut outer = Reader::new(package);
    let inner = outer.value(tag::PACKAGE)?;
    outer.end()?;
    let mut parts = Reader::new(inner);
    parts.value(tag::INITIALISE)?;
    let mut cut = Cut { package, done: 0, found: Vec::new() };
    cut.take_to(parts.left());
    parts.value(tag::CONFIGURE)?;
    cut.take_to(parts.left());
    cut.take_each(&mut parts, tag::METADATA, tag::SEGMENT_88)?;
    if parts.optional(tag::REPLACE)?.is_some() {
        cut.take_to(parts.left());
    }
    cut.take_each(&mut parts, tag::ELEMENTS, tag::SEGMENT_86)?;
    parts.end()?;
    Ok(cut.found)
}

struct Cut<'a> {
    package: &'a [u8],
    done: usize,
    found: Vec<&'a [u8]>,
}

impl<'a> Cut<'a> {
    /// Cuts behind the header of a sequence and behind each object in it.
    fn take_each(&mut self, parts: &mut Reader<'a>, tag: u32, inner: u8) -> Result<(), DerError> {
        let content = parts.value(tag)?;
        let behind = parts.left();
        let mut objects = Reader::new(content);
        self.take_to(behind + content.len());
        while !objects.is_empty() {
            objects.value(u32::from(inner))?;
            self.take_to(behind + objects.left());
        }
        Ok(())
    }

    /// Cuts where `left` octets of the package are left.
    fn take_to(&mut self, left: usize) {
        let end = self.package.len() - left;
        self.found.extend(self.package.get(self.done..end));
        self.done = end;
    }
}
