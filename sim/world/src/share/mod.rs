//! Groups of phones that share a virtual SIM in a world.
//!
//! The machines are those of `polysim-share`; here they get disks, clocks, ranges, links and crashes, and
//! modems, networks and users around them.

mod act;
mod action;
mod build;
mod config;
mod device;
mod issuer;
mod message;
mod modem;
mod remote;
mod state;
mod system;
mod tell;
#[cfg(test)]
mod tests;
mod tie;
mod truth;
mod watch;

pub use action::{ShareAction, ShareFault};
pub use config::{ShareConfig, ShareGroupConfig, ShareLinks, ShareSlaveConfig};
pub(crate) use message::ShareMessage;
pub use state::GROUP_STATE;
pub(crate) use system::Share;
pub(crate) use tell::Counts as ShareCounts;
pub(crate) use truth::NAMES as SHARE_INVARIANTS;
