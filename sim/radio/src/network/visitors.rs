//! The devices that a core serves (VLR, MME).

use crate::{
    air::{CellId, RadioId, Rat},
    config::Entitlement,
    ids::{OperatorId, Place, RegionId},
    message::Profile,
    radio_table::RadioTable,
    slab::Slab,
};
use polysim_base::{Imsi, Msisdn};

/// A registered device.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visitor {
    pub(crate) imsi: Imsi,
    pub(crate) msisdn: Option<Msisdn>,
    pub(crate) services: Entitlement,
    pub(crate) rat: Rat,
    /// Its radio link is lost; it may come back.
    pub(crate) lost: bool,
    /// A text waits for it: its home network wants to know when it can be reached.
    pub(crate) wanted: bool,
    pub(crate) home: OperatorId,
    pub(crate) registration: u16,
    pub(crate) region: RegionId,
    pub(crate) cell: CellId,
}

/// All devices that a core serves.
#[derive(Clone, Debug)]
pub(crate) struct Visitors {
    records: Slab<Visitor>,
    /// Record number plus one.
    by_radio: RadioTable<u32>,
    /// How often it has changed which devices these are, and with which subscriptions.
    changes: u64,
}

impl Visitor {
    pub(crate) const fn new(
        imsi: Imsi,
        home: OperatorId,
        place: &Place,
        profile: &Profile,
    ) -> Self {
        Self {
            imsi,
            msisdn: profile.msisdn,
            services: profile.services,
            rat: place.rat,
            lost: false,
            wanted: false,
            home,
            registration: profile.registration,
            region: place.region,
            cell: place.cell,
        }
    }
}

impl Visitors {
    pub(crate) fn new() -> Self {
        Self { records: Slab::new(), by_radio: RadioTable::default(), changes: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) const fn changes(&self) -> u64 {
        self.changes
    }

    fn index(&self, radio: RadioId) -> Option<u32> {
        self.by_radio.get(radio).checked_sub(1)
    }

    pub(crate) fn get(&self, radio: RadioId) -> Option<&Visitor> {
        self.records.get(self.index(radio)?)
    }

    pub(crate) fn get_mut(&mut self, radio: RadioId) -> Option<&mut Visitor> {
        self.records.get_mut(self.index(radio)?)
    }

    /// Returns the device if it serves this subscription.
    pub(crate) fn serving(&self, radio: RadioId, imsi: &Imsi) -> Option<&Visitor> {
        self.get(radio).filter(|visitor| visitor.imsi == *imsi)
    }

    /// Sets the visitor of a radio; returns its record number, or nothing where the radio is
    /// beyond the limit.
    pub(crate) fn put(&mut self, radio: RadioId, visitor: Visitor) -> Option<u32> {
        self.changes += 1;
        if let Some(index) = self.index(radio) {
            *self.records.get_mut(index)? = visitor;
            return Some(index);
        }
        let index = self.records.insert(visitor);
        if self.by_radio.set(radio, index.saturating_add(1)) {
            return Some(index);
        }
        self.records.remove(index);
        None
    }

    /// Returns a record number, from which the temporary identity is made.
    pub(crate) fn number(&self, radio: RadioId) -> Option<u32> {
        self.index(radio)
    }

    pub(crate) fn remove(&mut self, radio: RadioId) -> Option<Visitor> {
        let index = self.index(radio)?;
        self.changes += 1;
        self.by_radio.set(radio, 0);
        self.records.remove(index)
    }

    /// Returns every radio served, in order.
    pub(crate) fn radios(&self) -> impl Iterator<Item = RadioId> + '_ {
        self.by_radio.iter().map(|(radio, _)| radio)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_base::Plmn;

    fn visitor(imsi: &str) -> Visitor {
        let services = Entitlement::ALL;
        let profile = Profile { msisdn: None, services, registration: 0 };
        let plmn = Plmn::parse("00101").unwrap();
        let place = Place {
            region: RegionId(0),
            cell: CellId(0),
            plmn,
            rat: Rat::Gsm,
            area: 1,
            zone_quarters: 0,
            daylight_h: 0,
        };
        Visitor::new(Imsi::parse(imsi).unwrap(), OperatorId(0), &place, &profile)
    }

    #[test]
    fn whoever_comes_or_goes_or_is_another_one_is_a_change() {
        let (one, other) = (visitor("001010000000001"), visitor("001010000000002"));
        let mut visitors = Visitors::new();
        let mut known = visitors.changes();
        let mut has_changed = |visitors: &Visitors| {
            core::mem::replace(&mut known, visitors.changes()) != visitors.changes()
        };
        visitors.put(RadioId(1), one);
        assert!(has_changed(&visitors));
        visitors.put(RadioId(1), other);
        assert!(has_changed(&visitors));
        visitors.get_mut(RadioId(1)).unwrap().lost = true;
        assert!(visitors.remove(RadioId(2)).is_none());
        assert!(!has_changed(&visitors));
        visitors.remove(RadioId(1));
        assert!(has_changed(&visitors));
    }

    #[test]
    fn a_visitor_is_small() {
        assert!(size_of::<Option<Visitor>>() <= 48, "{}", size_of::<Option<Visitor>>());
    }
}
