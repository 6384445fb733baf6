//! What agents and platform say to each other: messages in authenticated frames.
//!
//! A frame names its device, has a counter, and ends with a MAC under the device's key. Both ends
//! count; what was seen before is dropped. A request for a list fits into one short message.

mod counter;
mod downlink;
mod frame;
mod message;
mod octets;
#[cfg(test)]
mod tests;
mod uplink;

pub use counter::Counters;
pub use frame::{UplinkView, open_downlink, seal_downlink, seal_uplink};
pub use message::{
    Capabilities, Downlink, DownloadAnswer, DownloadFailure, DownloadRequest, ListAnswer,
    ListEntry, ListRequest, OperatorNumber, Order, Outcome, PresentProfile, Refusal, Report,
    ReportNumber, RequestNumber, Uplink,
};
pub use octets::WireError;

/// Octets of a frame that goes in a short message, at most.
pub const TEXT_LEN_MAX: usize = 140;
/// Octets of any frame, at most.
pub const FRAME_LEN_MAX: usize = 1_024;
