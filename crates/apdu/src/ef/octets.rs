//! Files that are a number, or that we only keep.

use alloc::vec::Vec;

use super::{Contents, EfError, first};

/// A file of one number: EF.HPPLMN (search interval in units of 6 minutes; TS 31.102, 4.2.6) and
/// others of one byte.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Octet(pub u8);

impl Contents for Octet {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        first(bytes).map(|[value]| Self(*value))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.push(self.0);
        Ok(())
    }
}

/// A file kept as it is: EF.NETPAR (TS 31.102, 4.2.50) and whatever has no type here.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Raw(pub Vec<u8>);

impl Contents for Raw {
    fn parse(bytes: &[u8]) -> Result<Self, EfError> {
        Ok(Self(bytes.to_vec()))
    }

    fn put(&self, _: usize, out: &mut Vec<u8>) -> Result<(), EfError> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}
