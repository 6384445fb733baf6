//! What must hold of a world at every moment, by name.

use crate::courier::COURIER_INVARIANTS;
use crate::fleet::FLEET_INVARIANTS;
use crate::issuance::ISSUANCE_INVARIANTS;
use crate::share::SHARE_INVARIANTS;
use crate::steering::STEERING_INVARIANTS;
use crate::world::MobileWorld;
use polysim_base::{Imsi, Instant};
use polysim_radio::Core;
use std::collections::BTreeMap;

/// The built-in invariants and what each says.
pub const INVARIANTS: &[(&str, &str)] = &names();

const COUNT: usize = 1
    + FLEET_INVARIANTS.len()
    + ISSUANCE_INVARIANTS.len()
    + STEERING_INVARIANTS.len()
    + SHARE_INVARIANTS.len()
    + COURIER_INVARIANTS.len();

/// The invariant of every world, then those of fleets, of cards that are opened, of eSIMs that are
/// steered, of SIMs that are shared, and of couriers.
const fn names() -> [(&'static str, &'static str); COUNT] {
    let of_all =
        ("one-active-device-per-imsi", "no network serves one subscription on two devices");
    let mut names = [of_all; COUNT];
    let (_, others) = names.split_at_mut(1);
    let (fleets, others) = others.split_at_mut(FLEET_INVARIANTS.len());
    let (cards, others) = others.split_at_mut(ISSUANCE_INVARIANTS.len());
    let (chips, others) = others.split_at_mut(STEERING_INVARIANTS.len());
    let (shared, couriers) = others.split_at_mut(SHARE_INVARIANTS.len());
    fleets.copy_from_slice(FLEET_INVARIANTS);
    cards.copy_from_slice(ISSUANCE_INVARIANTS);
    chips.copy_from_slice(STEERING_INVARIANTS);
    shared.copy_from_slice(SHARE_INVARIANTS);
    couriers.copy_from_slice(COURIER_INVARIANTS);
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
    /// How often it had changed who is served, when it was looked last.
    looked: u64,
}

impl Checker {
    pub(crate) fn found(&self) -> &[Violation] {
        &self.found
    }

    pub(crate) fn check(&mut self, at: Instant, world: &MobileWorld) {
        let mut found = Vec::new();
        let changes = cores(world).map(Core::visitor_changes).sum();
        if core::mem::replace(&mut self.looked, changes) != changes {
            one_active_device(world, &mut found);
        }
        if let Some(fleet) = &world.fleet {
            found.extend(fleet.contradictions().map(|(name, text)| (name, text.clone())));
        }
        if let Some(issuance) = &world.issuance {
            let cards = issuance.truth.contradictions();
            found.extend(cards.map(|(name, text)| (name, text.clone())));
        }
        if let Some(steering) = &world.steering {
            let chips = steering.truth.contradictions();
            found.extend(chips.map(|(name, text)| (name, text.clone())));
        }
        if let Some(truth) = world.share.as_ref().and_then(|share| share.truth.as_ref()) {
            found.extend(truth.contradictions().map(|(name, text)| (name, text.clone())));
        }
        if let Some(truth) = world.courier.as_ref().and_then(|courier| courier.truth.as_ref()) {
            found.extend(truth.contradictions().map(|(name, text)| (name, text.clone())));
        }
        for (invariant, text) in found {
            if self.found.iter().all(|known| known.invariant != invariant) {
                self.found.push(Violation { invariant, at, found: text });
            }
        }
    }
}

fn cores(world: &MobileWorld) -> impl Iterator<Item = &Core> {
    world.cores.iter().flatten().map(|core| &core.machine)
}

/// The ground truth is what the networks serve, not what devices believe.
fn one_active_device(world: &MobileWorld, found: &mut Vec<(&'static str, String)>) {
    let mut serving: BTreeMap<Imsi, u32> = BTreeMap::new();
    for core in cores(world) {
        for (radio, visitor) in core.visitors() {
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
