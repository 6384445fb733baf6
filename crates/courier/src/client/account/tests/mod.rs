mod faults;
mod flow;
pub(in crate::client) mod net;
