//! Sessions written down, and played back.

mod entry;
mod recorded;
mod replayed_card;
mod replayed_port;
#[cfg(test)]
mod tests;

pub use entry::{Mismatch, RECORDING_LEN_MAX, RecordingError, RecordingErrorKind};
pub use recorded::Recorded;
pub use replayed_card::ReplayedCard;
pub use replayed_port::ReplayedPort;
