//! What only a simulated world can do with a fleet.

use anyhow::{Result, bail};
use polysim_scenario::Plan;

/// Refuses plans with a fleet: `how` needs phones whose users drive their modems.
pub(super) fn refuse(plans: &[Plan], how: &str) -> Result<()> {
    if let Some(plan) = plans.iter().find(|plan| plan.world.fleet.is_some()) {
        bail!(
            "{} has a fleet ([[site]], [[sim]], …), whose sites drive modems themselves: {how} is \
             for phones only; run it without that, or run other files",
            plan.file
        );
    }
    Ok(())
}
