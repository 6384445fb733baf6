//! Cutting byte streams into items, in both directions.

mod device;
mod host;
mod partial;
#[cfg(test)]
mod tests;

pub use device::{CommandLine, DeviceItem, DeviceReader};
pub use host::{HostItem, HostReader};

/// Longest command line or answer line, in bytes, its line end not counted.
pub const LINE_LEN_MAX: usize = 2_048;
/// Longest line that carries an APDU (`+CSIM`, `+CGLA`), in bytes.
pub const APDU_LINE_LEN_MAX: usize = 8_192;
/// Longest text or PDU typed at the prompt, in bytes (a long PDU has 352).
pub const DATA_LEN_MAX: usize = 2_048;
