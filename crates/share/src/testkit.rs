//! For the tests of those who build on this crate: the bodies of the fuzz targets.

mod link;
mod octets;

pub use link::fuzz_share_link;
pub use octets::{fuzz_share_sim, fuzz_share_wire};
