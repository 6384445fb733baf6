//! A cursor over octets that knows where it is.

use crate::error::{TpduError, TpduErrorKind};

/// Octets not read yet, and how many were.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    left: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { left: octets, at: 0 }
    }

    /// Returns the position of the next octet.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    /// Returns what was not read yet.
    pub(crate) const fn left(&self) -> &'a [u8] {
        self.left
    }

    pub(crate) fn octet(&mut self, field: &'static str) -> Result<u8, TpduError> {
        self.array(field).map(|[octet]| octet)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], TpduError> {
        let (head, tail) = self.left.split_first_chunk().ok_or_else(|| self.truncated(field, N))?;
        self.left = tail;
        self.at = self.at.saturating_add(N);
        Ok(*head)
    }

    pub(crate) fn take(&mut self, field: &'static str, n: usize) -> Result<&'a [u8], TpduError> {
        let (head, tail) = self.left.split_at_checked(n).ok_or_else(|| self.truncated(field, n))?;
        self.left = tail;
        self.at = self.at.saturating_add(n);
        Ok(head)
    }

    const fn truncated(&self, field: &'static str, needed: usize) -> TpduError {
        TpduError::new(self.at, TpduErrorKind::Truncated { field, needed, left: self.left.len() })
    }
}
