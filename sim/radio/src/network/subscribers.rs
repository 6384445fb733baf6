//! The subscribers of a home network: HLR and `AuC` records, found by IMSI or number.

use crate::{
    air::{RadioId, RejectCause, Service},
    config::{Entitlement, Keys, ServiceState, SubscriberConfig, derived_algorithm},
    ids::OperatorId,
    lookup::{Lookup, hash_of},
    slab::Slab,
    tariff::Money,
};
use polysim_aka::{Algorithm, SqnGenerator};
use polysim_base::{Imsi, Msisdn};

/// A subscription with this identity exists already.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscriberExists {
    /// With this IMSI.
    #[error("there is a subscription with IMSI {0} already")]
    Imsi(Imsi),
    /// With this number.
    #[error("the number {0} belongs to another subscription")]
    Number(Msisdn),
}

/// Where a subscription is registered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Location {
    pub(crate) serving: OperatorId,
    pub(crate) radio: RadioId,
}

/// One subscription at rest.
#[derive(Clone, Debug)]
pub(crate) struct Subscriber {
    pub(crate) imsi: Imsi,
    pub(crate) msisdn: Option<Msisdn>,
    pub(crate) services: Entitlement,
    pub(crate) barred: Option<RejectCause>,
    pub(crate) prepaid: bool,
    /// Counts registrations, so that late messages about an earlier one do no harm.
    pub(crate) registration: u16,
    pub(crate) location: Option<Location>,
    pub(crate) sqn: SqnGenerator,
    pub(crate) balance: Money,
    keys: Keys,
    /// Forwarding; most subscriptions have none.
    forwarding: Option<Box<[ServiceState]>>,
}

/// All subscriptions of a home network.
#[derive(Clone, Debug)]
pub(crate) struct Subscribers {
    records: Slab<Subscriber>,
    by_imsi: Lookup,
    by_number: Lookup,
    key_seed: u64,
}

impl Subscriber {
    /// Returns the state of a forwarding service.
    pub(crate) fn forwarding(&self, service: Service) -> Option<ServiceState> {
        let states = self.forwarding.as_deref()?;
        states.iter().find(|state| state.service == service).copied()
    }

    pub(crate) fn set_forwarding(&mut self, state: ServiceState) {
        let others = self.forwarding.take().into_iter().flatten();
        let mut states: Vec<ServiceState> =
            others.filter(|other| other.service != state.service).collect();
        if state.active || state.number.is_some() {
            states.push(state);
        }
        self.forwarding = (!states.is_empty()).then(|| states.into_boxed_slice());
    }

    /// Returns whether nothing is sold to it any more.
    pub(crate) const fn is_broke(&self) -> bool {
        self.prepaid && self.balance.0 <= 0
    }
}

impl Subscribers {
    pub(crate) fn new(key_seed: u64) -> Self {
        Self {
            records: Slab::new(),
            by_imsi: Lookup::default(),
            by_number: Lookup::default(),
            key_seed,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn reserve(&mut self, count: usize) {
        let Self { records, by_imsi, by_number, .. } = self;
        by_imsi.reserve(count, |index| imsi_hash(records, index));
        by_number.reserve(count, |index| number_hash(records, index));
    }

    pub(crate) fn add(&mut self, config: SubscriberConfig) -> Result<(), SubscriberExists> {
        if self.find(&config.imsi).is_some() {
            return Err(SubscriberExists::Imsi(config.imsi));
        }
        if let Some(number) = config.msisdn.filter(|n| self.find_number(n).is_some()) {
            return Err(SubscriberExists::Number(number));
        }
        let (imsi, msisdn) = (config.imsi, config.msisdn);
        let index = self.records.insert(Subscriber {
            imsi,
            msisdn,
            services: config.services,
            barred: config.barred,
            prepaid: config.prepaid,
            registration: 0,
            location: None,
            sqn: SqnGenerator::after(config.sqn),
            balance: config.balance,
            keys: config.keys,
            forwarding: None,
        });
        let records = &self.records;
        let rehash = |index| imsi_hash(records, index);
        self.by_imsi.insert(hash_of(&imsi), index, rehash);
        if let Some(number) = msisdn {
            let rehash = |index| number_hash(records, index);
            self.by_number.insert(hash_of(&number), index, rehash);
        }
        Ok(())
    }

    fn find(&self, imsi: &Imsi) -> Option<u32> {
        let same = |index| self.records.get(index).is_some_and(|s| s.imsi == *imsi);
        self.by_imsi.find(hash_of(imsi), same)
    }

    fn find_number(&self, number: &Msisdn) -> Option<u32> {
        let same = |index| self.records.get(index).is_some_and(|s| s.msisdn == Some(*number));
        self.by_number.find(hash_of(number), same)
    }

    pub(crate) fn get(&self, imsi: &Imsi) -> Option<&Subscriber> {
        self.records.get(self.find(imsi)?)
    }

    pub(crate) fn get_mut(&mut self, imsi: &Imsi) -> Option<&mut Subscriber> {
        self.records.get_mut(self.find(imsi)?)
    }

    pub(crate) fn by_number(&self, number: &Msisdn) -> Option<&Subscriber> {
        self.records.get(self.find_number(number)?)
    }

    /// Gives a subscription other keys; returns whether there is one.
    pub(crate) fn set_keys(&mut self, imsi: &Imsi, keys: Keys) -> bool {
        self.get_mut(imsi).map(|subscriber| subscriber.keys = keys).is_some()
    }

    /// Gives out a subscription with its algorithm.
    pub(crate) fn with_algorithm<R>(
        &mut self,
        imsi: &Imsi,
        work: impl FnOnce(&mut SqnGenerator, &Algorithm) -> R,
    ) -> Option<R> {
        let seed = self.key_seed;
        let Subscriber { keys, sqn, .. } = self.get_mut(imsi)?;
        Some(match keys {
            Keys::Stored(algorithm) => work(sqn, algorithm),
            Keys::Derived => work(sqn, &derived_algorithm(seed, imsi)),
        })
    }
}

fn imsi_hash(records: &Slab<Subscriber>, index: u32) -> Option<u64> {
    records.get(index).map(|record| hash_of(&record.imsi))
}

fn number_hash(records: &Slab<Subscriber>, index: u32) -> Option<u64> {
    records.get(index)?.msisdn.map(|number| hash_of(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_at_rest_is_small() {
        assert!(size_of::<Option<Subscriber>>() <= 80, "{}", size_of::<Option<Subscriber>>());
    }

    #[test]
    fn an_identity_is_taken_once() {
        let mut subscribers = Subscribers::new(1);
        let imsi = |text| Imsi::parse(text).unwrap();
        let number = Msisdn::parse("+491711234567").unwrap();
        let first = SubscriberConfig::new(imsi("262010000000001"), Some(number));
        let same_number = SubscriberConfig::new(imsi("262010000000002"), Some(number));
        assert_eq!(subscribers.add(first.clone()), Ok(()));
        let taken = SubscriberExists::Imsi(first.imsi);
        assert_eq!(subscribers.add(first), Err(taken));
        assert_eq!(subscribers.add(same_number), Err(SubscriberExists::Number(number)));
        assert_eq!(subscribers.len(), 1);
    }
}
