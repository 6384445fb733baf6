//! Files that a command is about.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    error::{Flaw, OutOfRange},
    object::{Object, octet, octets},
};

/// The master file, which every path begins with.
const MASTER_FILE: u16 = 0x3F00;

/// A path from the master file, such as `3F00 7FF0 6F07`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FilePath(Box<[u16]>);

impl FilePath {
    /// Returns the path below the master file. `3F00` itself is not below.
    ///
    /// # Errors
    /// [`OutOfRange`] tells at which place the master file stands again.
    pub fn below_mf(below: &[u16]) -> Result<Self, OutOfRange> {
        let field = "place of the master file";
        match below.iter().position(|id| *id == MASTER_FILE) {
            Some(at) => Err(OutOfRange { field, found: at + 1, least: 0, most: 0 }),
            None => Ok(Self([&[MASTER_FILE], below].concat().into())),
        }
    }

    /// Returns the file identifiers, the master file first.
    #[must_use]
    pub const fn ids(&self) -> &[u16] {
        &self.0
    }
}

/// Files, each by its whole path (TS 102.223, 8.18).
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct FileList(pub Vec<FilePath>);

impl Object for FileList {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (count, paths) = value.split_first().ok_or(Flaw::Length)?;
        let (ids, odd) = paths.as_chunks::<2>();
        let ids: Vec<u16> = ids.iter().map(|id| u16::from_be_bytes(*id)).collect();
        if !odd.is_empty() {
            return Err(Flaw::Length);
        }
        if ids.first().is_some_and(|first| *first != MASTER_FILE) {
            return Err(Flaw::Contents(1));
        }
        let paths = ids.chunk_by(|_, next| *next != MASTER_FILE);
        let paths: Vec<_> = paths.map(|path| FilePath(path.into())).collect();
        if paths.len() != usize::from(*count) {
            return Err(Flaw::Contents(0));
        }
        Ok(Self(paths))
    }

    fn put(&self, out: &mut Vec<u8>) {
        // More paths than an octet counts are longer than any message.
        out.push(u8::try_from(self.0.len()).unwrap_or(u8::MAX));
        out.extend(self.0.iter().flat_map(|path| path.0.iter().flat_map(|id| id.to_be_bytes())));
    }
}

octet! {
    /// REFRESH enforcement policy: bit 1 even while the user navigates menus, bit 2 even in a data
    /// call, bit 3 even in a voice call (TS 102.223, 8.103).
    RefreshPolicy;
}

octets! {
    /// Identifier of an application (TS 102.223, 8.60).
    Aid, "AID", 5..=16;
    /// Application specific refresh data (TS 102.223, 8.107).
    ApplicationRefreshData, "application specific refresh data", 0..=255;
}

#[cfg(any(test, feature = "testkit"))]
mod samples {
    use super::{FileList, FilePath, MASTER_FILE};
    use crate::sample::{Draw, Sample};

    impl Sample for FilePath {
        fn sample(draw: &mut Draw) -> Self {
            let below: alloc::vec::Vec<u16> = draw.list();
            Self(
                [MASTER_FILE]
                    .into_iter()
                    .chain(below.into_iter().filter(|id| *id != MASTER_FILE))
                    .collect(),
            )
        }
    }

    impl Sample for FileList {
        fn sample(draw: &mut Draw) -> Self {
            Self(draw.list())
        }
    }
}
