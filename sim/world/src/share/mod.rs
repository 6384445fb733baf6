//! Groups of phones that share a virtual SIM in a world.
//!
//! The machines are those of `polysim-share`; here they get disks, clocks, ranges, links and crashes, and
//! modems, networks and users around them.

mod action;
mod config;
mod state;
mod truth;

pub use action::{ShareAction, ShareFault};
pub use config::{ShareConfig, ShareGroupConfig, ShareLinks, ShareSlaveConfig};
pub use state::GROUP_STATE;
pub(crate) use truth::NAMES as SHARE_INVARIANTS;
