//! A scripted modem, and the bodies of the fuzz targets.

mod fake;
mod fuzz;

pub use fake::FakeModem;
pub use fuzz::fuzz_modem_host;
