//! What the applet, the platforms and the on-site tool say to each other.

mod business;
mod card;
mod id;

pub use business::{
    BusinessAnswer, BusinessRequest, LocalWrite, Method, Refusal, RequestKind, Route, WriteFailure,
};
pub use card::{
    AppletAnswer, AppletMessage, CardMessage, CardReport, NotBound, Outcome, UplinkFrame,
};
pub use id::{MessageId, OrderId, RequestId, StreamId};
