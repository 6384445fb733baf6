use polysim_base::Duration;
use serde::{Deserialize, Serialize};

/// How speech fared, at the end that plays it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct SpeechReport {
    /// Frames that came in time and were played.
    pub played: u32,
    /// Frames that never came, though later ones did.
    pub lost: u32,
    /// Frames that came when their turn had passed.
    pub late: u32,
    /// Frames that came again.
    pub doubled: u32,
    /// Frames that were played in place of missing ones.
    pub concealed: u32,
    /// The mean deviation of transit times (RFC 3550, 6.4.1).
    pub jitter: Duration,
}
