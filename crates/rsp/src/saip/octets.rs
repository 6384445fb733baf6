//! Secrets, and object identifiers.

use core::fmt;

use alloc::vec::Vec;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A key or another secret of any length: masked in `Debug`, compared in constant time, wiped
/// when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Keeps a copy.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Returns the secret.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(*** {} octets)", self.0.len())
    }
}

/// An object identifier, as its octets in DER.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Oid(Vec<u8>);

/// Longest object identifier that is read.
pub(super) const OID_LEN_MAX: usize = 32;

impl Oid {
    /// Takes the octets of an object identifier; `None` if they are none.
    #[must_use]
    pub fn from_der(octets: &[u8]) -> Option<Self> {
        let ends = octets.last().is_some_and(|last| last & 0x80 == 0);
        (ends && octets.len() <= OID_LEN_MAX).then(|| Self(octets.to_vec()))
    }

    /// Returns the identifier of nothing.
    pub(super) const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Returns its octets.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arc = 0_u64;
        let mut first = true;
        for octet in &self.0 {
            arc = arc.wrapping_shl(7) | u64::from(octet & 0x7F);
            if octet & 0x80 != 0 {
                continue;
            }
            if first {
                let root = (arc / 40).min(2);
                write!(f, "{root}.{}", arc - 40 * root)?;
                first = false;
            } else {
                write!(f, ".{arc}")?;
            }
            arc = 0;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}
