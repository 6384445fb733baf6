//! What one card has written: the difference to the template of its profile.

use crate::template::FileIndex;

/// Which part of a file an entry is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// A record, from 1 on; a transparent EF is record 1.
    Record(u8),
    /// One byte: how far the records of a cyclic EF have been turned.
    Turn,
    /// One byte: the life cycle status, where it is not "activated".
    LifeCycle,
}

impl Part {
    /// A file has 254 records at most (TS 102.221, 8.2.2.2).
    const fn byte(self) -> u8 {
        match self {
            Self::Record(number) => number,
            Self::Turn => 0x00,
            Self::LifeCycle => 0xFF,
        }
    }
}

/// Entries in one piece of memory, each with file, part and length before it. Most cards write a
/// handful of small files: looking through them is quicker than any index, and a card that wrote
/// nothing owns no memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Delta(Box<[u8]>);

/// File (2), part (1), length (2).
const HEADER_LEN: usize = 5;

impl Delta {
    fn find(&self, file: FileIndex, part: Part) -> Option<(usize, usize)> {
        let [low, high] = file.0.to_le_bytes();
        let wanted = [low, high, part.byte()];
        let mut at = 0;
        while let Some((header, _)) = self.0.get(at..)?.split_first_chunk::<HEADER_LEN>() {
            let [a, b, c, len @ ..] = *header;
            let len = usize::from(u16::from_le_bytes(len));
            let start = at + HEADER_LEN;
            if [a, b, c] == wanted {
                return Some((start, len));
            }
            at = start + len;
        }
        None
    }

    /// Returns what was written there.
    #[inline]
    pub(super) fn get(&self, file: FileIndex, part: Part) -> Option<&[u8]> {
        if self.0.is_empty() {
            return None;
        }
        let (start, len) = self.find(file, part)?;
        self.0.get(start..)?.get(..len)
    }

    /// Returns what was written there to be changed; before the first time, what `initial` appends
    /// becomes the entry.
    pub(super) fn entry(
        &mut self,
        file: FileIndex,
        part: Part,
        initial: impl FnOnce(&mut Vec<u8>),
    ) -> &mut [u8] {
        let (start, len) = match self.find(file, part) {
            Some(found) => found,
            None => self.append(file, part, initial),
        };
        self.0.get_mut(start..).and_then(|rest| rest.get_mut(..len)).unwrap_or_default()
    }

    fn append(
        &mut self,
        file: FileIndex,
        part: Part,
        initial: impl FnOnce(&mut Vec<u8>),
    ) -> (usize, usize) {
        let mut value = Vec::new();
        initial(&mut value);
        let mut bytes = std::mem::take(&mut self.0).into_vec();
        bytes.reserve_exact(HEADER_LEN + value.len());
        let [low, high] = file.0.to_le_bytes();
        bytes.extend_from_slice(&[low, high, part.byte()]);
        let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&len.to_le_bytes());
        let start = bytes.len();
        bytes.extend_from_slice(&value);
        self.0 = bytes.into_boxed_slice();
        (start, value.len())
    }

    /// Returns how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }
}
