//! For the tests of those who build on this crate: samples of every message, and the body of the
//! fuzz target.

mod fuzz;

pub use crate::sample::{Draw, Sample};
pub use fuzz::fuzz_cat;
