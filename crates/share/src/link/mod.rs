//! A link over any stream of octets: Noise XX, numeric comparison of unknown devices, supervision.

mod comparison;
mod config;
mod frame;
mod greeting;
mod identity;
mod machine;
mod message;
mod noise;
mod outputs;
mod packet;
mod primitives;
mod session;
mod supervision;

pub use config::{InvalidLink, LinkConfig, Role};
pub use identity::Identity;
pub use machine::Link;
pub use message::{ComparisonNumber, LinkEnd, LinkEvent, LinkInput, LinkOutput, LinkTimer};

use polysim_base::Duration;

/// Octets of one message, at most.
pub const MESSAGE_LEN_MAX: usize = 16_384;

/// From the start of a link to its first sign of life after the handshake, at most.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// From the end of the handshake until both users have confirmed the numbers, at most.
pub const COMPARISON_MAX: Duration = Duration::from_secs(120);
