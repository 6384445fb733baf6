//! Arms of scenarios beside the simulated world itself.

pub(crate) mod live;
pub(crate) mod through_hal;
