//! For the tests of those who build on this crate: the bodies of the fuzz targets.

mod link;

pub use link::fuzz_share_link;
