//! What must hold of a world at every moment, by name.

use crate::fleet::FLEET_INVARIANTS;
use crate::world::MobileWorld;
use polysim_base::{Imsi, Instant};
use std::collections::BTreeMap;

/// The built-in invariants and what each says.
pub const INVARIANTS: &[(&str, &str)] = &names();

/// The invariant of every world, and then those of fleets.
const fn names() -> [(&'static str, &'static str); FLEET_INVARIANTS.len() + 1] {
    let of_all =
        ("one-active-device-per-imsi", "no network serves one subscription on two devices");
    let mut names = [of_all; FLEET_INVARIANTS.len() + 1];
    let (_, fleets) = names.split_at_mut(1);
    fleets.copy_from_slice(FLEET_INVARIANTS);
    names
}

/// An invariant that did not hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Which.
    pub invariant: &'static str,
    /// When it was found.
    pub at: Instant,
    /// What was found.
    pub found: String,
}

/// Checks invariants and keeps the first violation of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checker {
    found: Vec<Violation>,
}

impl Checker {
    pub(crate) fn found(&self) -> &[Violation] {
        &self.found
    }

    pub(crate) fn check(&mut self, at: Instant, world: &MobileWorld) {
        let mut found = Vec::new();
        one_active_device(world, &mut found);
        if let Some(fleet) = &world.fleet {
            found.extend(fleet.contradictions().map(|(name, text)| (name, text.clone())));
        }
        for (invariant, text) in found {
            if self.found.iter().all(|known| known.invariant != invariant) {
                self.found.push(Violation { invariant, at, found: text });
            }
        }
    }
}

/// The ground truth is what the networks serve, not what devices believe.
fn one_active_device(world: &MobileWorld, found: &mut Vec<(&'static str, String)>) {
    let mut serving: BTreeMap<Imsi, u32> = BTreeMap::new();
    for core in world.cores.iter().flatten() {
        for (radio, visitor) in core.machine.visitors() {
            let imsi = visitor.imsi;
            if let Some(other) = serving.insert(imsi, radio.0)
                && other != radio.0
            {
                let text =
                    format!("{} is served on devices {other} and {}", imsi.masked(), radio.0);
                found.push(("one-active-device-per-imsi", text));
            }
        }
    }
}
