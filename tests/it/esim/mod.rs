//! A download between a profile assistant, an eUICC and an SM-DP+, each the real machine, by APDUs and
//! by the messages of ES9+.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what is around a test ends it where something is not as it must be"
)]

mod cuts;
mod refusals;
mod world;
