//! For the tests of this crate and its dependants: values made from bytes, and fuzz bodies.

mod fuzz;
mod lines;
mod sample;

pub use fuzz::{fuzz_at_device, fuzz_at_host, fuzz_at_secrets};
pub use sample::{Sample, Source, sampled};

#[cfg(test)]
pub(crate) use lines::LINES;
