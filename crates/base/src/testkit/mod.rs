//! What tests of machines need: a crash at every output, and restoration from records. And the
//! body of a fuzz target.

mod crash;
mod fuzz;

pub use crash::{Durable, crash_everywhere};
pub use fuzz::fuzz_tlv;
