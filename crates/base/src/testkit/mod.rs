//! What tests of machines need: a crash at every output, and restoration from records.

mod crash;

pub use crash::{Durable, crash_everywhere};
