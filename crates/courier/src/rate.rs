//! How fast a device's data link is.

use serde::{Deserialize, Serialize};

/// Kilobits per second, the slower one of both directions.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
pub struct Rate(pub u32);
