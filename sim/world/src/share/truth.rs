//! What has really happened to shared SIMs, held against what must never happen.

use polysim_aka::{Sqn, SqnArray};
use polysim_share::Epoch;
use polysim_share::master::{Ended, Holder, MasterRecord};
use std::collections::BTreeMap;

/// The invariants of shared SIMs and what each says.
pub(crate) const NAMES: &[(&str, &str)] = &[
    (
        BY_LEASE,
        "a device that is on the air with a shared SIM holds the newest lease of its master's records",
    ),
    (LOCKED, "a device that is not active has no card in its modem"),
    (
        ONE_DEVICE,
        "no two devices of a group are ever on the air with its SIM, and no network has to cancel one that is",
    ),
    (
        SEQUENCE,
        "a card carries at least the sequence numbers accepted under leases whose end was confirmed",
    ),
];

pub(crate) const BY_LEASE: &str = "share-active-by-lease";
pub(crate) const LOCKED: &str = "share-locked-when-inactive";
pub(crate) const ONE_DEVICE: &str = "share-one-device-on-the-air";
pub(crate) const SEQUENCE: &str = "share-sequence-never-back";

/// See the module.
#[derive(Debug)]
pub(crate) struct Truth {
    contradictions: BTreeMap<&'static str, String>,
    groups: Vec<Known>,
    /// Groups whose leases have changed since they were looked at.
    touched: Vec<u32>,
}

/// What is known of a group.
#[derive(Clone, Debug, Default)]
struct Known {
    /// The newest lease of the master's records, until it has ended.
    lease: Option<(Holder, Epoch)>,
    /// What was accepted under it, and answered.
    accepted: SqnArray,
    /// What was accepted under those whose end was confirmed.
    due: SqnArray,
}

/// A device as it really is.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The name of its phone.
    pub(crate) phone: String,
    /// What its master takes it for.
    pub(crate) holder: Option<Holder>,
    /// It is on the air with the SIM, and alive.
    pub(crate) on_air: bool,
    /// If its software runs: the lease under which it is active, if it is.
    pub(crate) active: Option<Option<Epoch>>,
    /// There is a card in its modem, or one far away is connected with it.
    pub(crate) has_card: bool,
}

impl Truth {
    pub(crate) fn new(groups: usize) -> Self {
        let (contradictions, touched) = (BTreeMap::new(), Vec::new());
        Self { contradictions, groups: vec![Known::default(); groups], touched }
    }

    /// Returns what was found so far, by name.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.contradictions.iter().map(|(name, text)| (*name, text))
    }

    pub(crate) fn found(&mut self, invariant: &'static str, text: String) {
        self.contradictions.entry(invariant).or_insert(text);
    }

    /// Returns the groups whose leases have changed since.
    pub(crate) fn take_touched(&mut self) -> Vec<u32> {
        core::mem::take(&mut self.touched)
    }

    /// A master writes something down.
    pub(crate) fn recorded(&mut self, group: u32, record: &MasterRecord) {
        let Some(known) = self.groups.get_mut(group as usize) else { return };
        match record {
            MasterRecord::Granted { holder, epoch } => {
                known.lease = Some((*holder, *epoch));
                known.accepted = SqnArray::default();
            }
            MasterRecord::Free { ended, .. } => {
                known.lease = None;
                if *ended == Ended::Confirmed {
                    known.due.merge(&known.accepted);
                }
            }
            MasterRecord::Paired { .. }
            | MasterRecord::Unpaired(_)
            | MasterRecord::Wiped(_)
            | MasterRecord::Consented { .. }
            | MasterRecord::Locked { .. }
            | MasterRecord::Sequence(_)
            | MasterRecord::Replaced { .. } => return,
        }
        self.touched.push(group);
    }

    /// A master has started again: what it knows is what was durable.
    pub(crate) fn restored(&mut self, group: u32, holder: Option<Holder>, epoch: Epoch) {
        if let Some(known) = self.groups.get_mut(group as usize) {
            known.lease = holder.map(|holder| (holder, epoch));
            self.touched.push(group);
        }
    }

    /// A card of a group has accepted what this says, and answers.
    pub(crate) fn accepted(&mut self, group: u32, sequence: &SqnArray) {
        if let Some(known) = self.groups.get_mut(group as usize) {
            known.accepted.merge(sequence);
        }
    }

    /// A card that has accepted this is put into a modem of a group.
    pub(crate) fn carries(&mut self, group: u32, sequence: &SqnArray) {
        let Some(known) = self.groups.get(group as usize) else { return };
        let inds = (0_u8..).take(Sqn::IND_COUNT);
        let back = inds.map(|ind| (ind, sequence.seq_ms(ind), known.due.seq_ms(ind)));
        if let Some((ind, has, due)) = back.into_iter().find(|(_, has, due)| has < due) {
            let text =
                format!("group {group}: a card begins at {has} of {ind}, {due} was accepted");
            self.found(SEQUENCE, text);
        }
    }

    /// Looks at the devices of a group.
    pub(crate) fn look(&mut self, group: u32, seen: &[Seen]) {
        let lease = self.groups.get(group as usize).and_then(|known| known.lease);
        let mut on_air = seen.iter().filter(|it| it.on_air);
        if let (Some(one), Some(other)) = (on_air.next(), on_air.next()) {
            let text = format!("{} and {} are on the air", one.phone, other.phone);
            self.found(ONE_DEVICE, text);
        }
        for device in seen {
            let by_lease = lease.is_some_and(|(holder, epoch)| {
                let active = device.active.is_none_or(|active| active == Some(epoch));
                device.holder == Some(holder) && active
            });
            if device.on_air && !by_lease {
                let text = format!("{} is on the air, and the lease is {lease:?}", device.phone);
                self.found(BY_LEASE, text);
            }
            if device.has_card && device.active == Some(None) {
                self.found(LOCKED, format!("{} has a card and is not active", device.phone));
            }
        }
    }
}
