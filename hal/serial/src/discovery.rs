//! Modems that come and go.

use crate::failure::lost_thread;
use crate::modems::{FoundModem, scan};
use crate::sysfs::SysRoot;
use async_trait::async_trait;
use polysim_hal::{Discovery, Hardware, HardwareEvent, HardwareId, PortError, PortErrorKind};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::Duration;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until};

/// How often sysfs is read.
const POLL_EVERY: Duration = Duration::from_secs(1);

/// Tells which modems are plugged in and out, by reading sysfs every second.
///
/// A modem keeps its identity while it stays in its USB socket, whatever its ports are called. One
/// whose ports have changed is told as added again. One that was plugged out and in between two
/// looks is told as removed and added: the bus has given it another number.
#[derive(Debug)]
pub struct SerialDiscovery {
    root: SysRoot,
    known: BTreeMap<HardwareId, Seen>,
    events: VecDeque<HardwareEvent>,
    next_look: Instant,
    /// The look that is being taken. It goes on when the future is dropped.
    looking: Option<JoinHandle<io::Result<Vec<FoundModem>>>>,
}

/// What was seen of a modem.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Seen {
    /// The number that the bus gave it.
    number: Option<u32>,
    hardware: Hardware,
}

impl SerialDiscovery {
    /// Returns a discovery over `root`. It looks for the first time when it is first asked.
    #[must_use]
    pub fn new(root: SysRoot) -> Self {
        Self {
            root,
            known: BTreeMap::new(),
            events: VecDeque::new(),
            next_look: Instant::now(),
            looking: None,
        }
    }

    fn compare(&mut self, found: Vec<FoundModem>) {
        let found: BTreeMap<_, _> = found.into_iter().map(seen).collect();
        for (id, before) in &self.known {
            if found.get(id).is_none_or(|now| now.number != before.number) {
                self.events.push_back(HardwareEvent::Removed(id.clone()));
            }
        }
        for (id, now) in &found {
            if self.known.get(id) != Some(now) {
                self.events.push_back(HardwareEvent::Added(now.hardware.clone()));
            }
        }
        self.known = found;
    }
}

impl Default for SerialDiscovery {
    fn default() -> Self {
        Self::new(SysRoot::default())
    }
}

fn seen(modem: FoundModem) -> (HardwareId, Seen) {
    let id = HardwareId::Modem { usb_path: modem.usb_path.clone(), imei: None };
    let hardware = Hardware {
        id: id.clone(),
        product: modem.title(),
        places: modem.ports.iter().map(|port| port.path.to_string_lossy().into_owned()).collect(),
    };
    (id, Seen { number: modem.usb.and_then(|usb| usb.number), hardware })
}

#[async_trait]
impl Discovery for SerialDiscovery {
    async fn next(&mut self) -> Result<HardwareEvent, PortError> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            sleep_until(self.next_look).await;
            let look = self.looking.get_or_insert_with(|| {
                let root = self.root.clone();
                spawn_blocking(move || scan(&root))
            });
            let found = look.await;
            self.looking = None;
            self.next_look = Instant::now() + POLL_EVERY;
            let place = self.root.sys().display().to_string();
            match found {
                Ok(Ok(found)) => self.compare(found),
                Ok(Err(error)) => {
                    return Err(PortError::new(PortErrorKind::Io, place).caused_by(error));
                }
                Err(error) => return Err(lost_thread(&place, error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EC25, Tree};
    use polysim_hal::testkit::{DiscoveryHarness, discovery_conformance};

    struct Socket(Tree);

    #[async_trait]
    impl DiscoveryHarness for Socket {
        async fn discovery(&mut self) -> Box<dyn Discovery> {
            Box::new(SerialDiscovery::new(self.0.root()))
        }

        fn is_it(&self, id: &HardwareId) -> bool {
            matches!(id, HardwareId::Modem { usb_path, .. } if usb_path == EC25.path)
        }

        async fn unplug(&mut self) {
            self.0.unplug(&EC25);
        }

        async fn plug(&mut self) {
            self.0.plug(&EC25, &[(2, "ttyUSB2", None)]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_keeps_the_contract_of_discoveries() {
        let mut harness = Socket(Tree::new());
        harness.plug().await;
        discovery_conformance(&mut harness).await;
    }

    fn added(event: HardwareEvent) -> Hardware {
        match event {
            HardwareEvent::Added(hardware) => hardware,
            HardwareEvent::Removed(id) => panic!("{id} was removed"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_there_is_told_first_and_then_what_changes() {
        let tree = Tree::new();
        tree.plug(&EC25, &[(2, "ttyUSB2", None), (3, "ttyUSB3", None)]);
        let mut discovery = SerialDiscovery::new(tree.root());
        let first = added(discovery.next().await.unwrap());
        assert_eq!(first.id.to_string(), "modem at 1-1.4");
        assert_eq!(first.product, "Quectel EC25-E");
        assert!(first.places[0].ends_with("/dev/ttyUSB2"), "{:?}", first.places);
        assert_eq!(first.places.len(), 2);

        tree.unplug(&EC25);
        assert_eq!(discovery.next().await.unwrap(), HardwareEvent::Removed(first.id.clone()));
        tree.plug(&EC25, &[(2, "ttyUSB7", None)]);
        let again = added(discovery.next().await.unwrap());
        assert_eq!(again.id, first.id);
        assert!(again.places[0].ends_with("/dev/ttyUSB7"), "{:?}", again.places);
    }

    #[tokio::test(start_paused = true)]
    async fn a_modem_that_was_away_between_two_looks_is_told_as_removed_and_added() {
        let tree = Tree::new();
        tree.plug(&EC25, &[(2, "ttyUSB2", None)]);
        let mut discovery = SerialDiscovery::new(tree.root());
        let first = added(discovery.next().await.unwrap());
        tree.unplug(&EC25);
        tree.plug(&EC25, &[(2, "ttyUSB2", None)]);
        assert_eq!(discovery.next().await.unwrap(), HardwareEvent::Removed(first.id.clone()));
        assert_eq!(added(discovery.next().await.unwrap()), first);
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_without_sysfs_says_so_and_is_not_asked_in_a_hurry() {
        let tree = Tree::new();
        let nowhere = SysRoot::new(tree.root().sys().join("nowhere"), "/dev");
        let mut discovery = SerialDiscovery::new(nowhere);
        let start = Instant::now();
        for _ in 0..3 {
            let error = discovery.next().await.unwrap_err();
            assert!(error.place().ends_with("nowhere"));
        }
        assert!(start.elapsed() >= POLL_EVERY * 2);
    }
}
