//! Octets of fixed layouts: read with every length checked.

use alloc::vec::Vec;

use polysim_base::InvalidOctets;

/// Why octets are no message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// More octets than a frame can have.
    #[error("{len} octets, a frame has at most {limit}")]
    TooLong {
        /// Octets there are.
        len: usize,
        /// The most.
        limit: usize,
    },
    /// It is of another version or direction: a newer release has made it, or it is something else.
    #[error("a frame that begins with {found:02X} is not known here: update the older side")]
    Version {
        /// Its first octet.
        found: u8,
    },
    /// Not what is expected at some octet.
    #[error(transparent)]
    Octets(#[from] InvalidOctets),
    /// The MAC is not that of the device's key: somebody else has made it, or it was changed.
    #[error("the frame is not authentic")]
    NotAuthentic,
}

/// Writes values at the end.
#[derive(Debug)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn octets(&mut self, octets: impl AsRef<[u8]>) {
        self.0.extend_from_slice(octets.as_ref());
    }

    pub(super) fn octet(&mut self, octet: u8) {
        self.0.push(octet);
    }

    pub(super) fn optional<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.octet(u8::from(value.is_some()));
        if let Some(value) = value {
            put(self, value);
        }
    }

    /// Writes a count, and so many values; what is beyond the limit is left out.
    pub(super) fn several<T>(
        &mut self,
        values: &[T],
        limit: usize,
        mut put: impl FnMut(&mut Self, &T),
    ) {
        let count = values.len().min(limit);
        self.octet(u8::try_from(count).unwrap_or(u8::MAX));
        values.iter().take(count).for_each(|value| put(self, value));
    }

    /// Writes a text with its length. What is too long for that is left out as a whole, so that
    /// nobody takes a part for it.
    pub(super) fn text(&mut self, text: &str) {
        let len = u8::try_from(text.len()).unwrap_or(0);
        self.octet(len);
        if len > 0 {
            self.octets(text);
        }
    }
}
