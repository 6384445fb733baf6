//! The contract of [`Discovery`].

use super::step::{for_a_moment, within};
use crate::{Discovery, Hardware, HardwareEvent, HardwareId};
use async_trait::async_trait;
use std::time::Duration;

/// A piece of hardware that can be plugged in and out. It is plugged in at first.
#[async_trait]
pub trait DiscoveryHarness: Send {
    /// Returns a discovery, from now on: a suite asks twice.
    async fn discovery(&mut self) -> Box<dyn Discovery>;

    /// Returns whether that is the identity of the piece of hardware.
    fn is_it(&self, id: &HardwareId) -> bool;

    /// Plugs it out.
    async fn unplug(&mut self);

    /// Plugs it in again, where it was.
    async fn plug(&mut self);
}

/// Checks the contract of [`Discovery`] on the hardware of a harness.
///
/// # Panics
/// When the contract does not hold.
pub async fn discovery_conformance(harness: &mut dyn DiscoveryHarness) {
    let mut discovery = harness.discovery().await;
    let first = added(discovery.as_mut(), harness, "what is there already").await;
    for _ in 0..2 {
        within("unplugging", harness.unplug()).await;
        let event = next(discovery.as_mut(), harness, "unplugging").await;
        assert_eq!(event, HardwareEvent::Removed(first.id.clone()), "what was unplugged is gone");
        within("plugging", harness.plug()).await;
        let again = added(discovery.as_mut(), harness, "plugging").await;
        assert_eq!(again.id, first.id, "what comes back is the same");
    }
    let mut second = harness.discovery().await;
    let told = added(second.as_mut(), harness, "what is there for another").await;
    assert_eq!(told.id, first.id, "it is the same for another");
}

async fn added(
    discovery: &mut dyn Discovery,
    harness: &dyn DiscoveryHarness,
    step: &str,
) -> Hardware {
    match next(discovery, harness, step).await {
        HardwareEvent::Added(hardware) => {
            assert!(!hardware.places.is_empty(), "{step}: it can be opened somewhere");
            hardware
        }
        HardwareEvent::Removed(id) => panic!("{step}: {id} was removed"),
    }
}

/// Waits for the next event about the piece of hardware. Calls that are dropped before they have
/// an answer must lose nothing.
async fn next(
    discovery: &mut dyn Discovery,
    harness: &dyn DiscoveryHarness,
    step: &str,
) -> HardwareEvent {
    within(step, async {
        for round in 0.. {
            let Some(event) = for_a_moment(round, discovery.next()).await else {
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            };
            let event = event.unwrap_or_else(|error| panic!("{step}: {error}"));
            let id = match &event {
                HardwareEvent::Added(hardware) => &hardware.id,
                HardwareEvent::Removed(id) => id,
            };
            if harness.is_it(id) {
                return event;
            }
        }
        unreachable!("it goes on until there is one")
    })
    .await
}
