//! What the applet, the platforms and the on-site tool say to each other.

pub mod apdu;
mod business;
mod card;
mod codec;
mod id;
mod octets;
pub mod stream;
#[cfg(test)]
mod tests;

pub use business::{
    BusinessAnswer, BusinessRequest, LocalWrite, Method, Refusal, RequestKind, Route, WriteFailure,
};
pub use card::{
    AppletAnswer, AppletMessage, CardMessage, CardReport, NotBound, Outcome, UPLINK_SPI,
    UplinkFrame,
};
pub use codec::FRAME_LEN_MAX;
pub use id::{MessageId, OrderId, RequestId, StreamId};
pub use octets::WireError;
