//! The customer of a business platform: what was ordered, until it is known what became of it.

use polysim_base::Imei;
use polysim_issuance::business::{
    BatchId, BusinessInput, BusinessOutput, CustomerOrder, DeviceResult, NotTaken,
};
use std::collections::{BTreeMap, BTreeSet};

/// Neither an order nor a result is lost for good when the platform crashes: what has not come to
/// its end is ordered again afterwards, which changes nothing and has known results told again.
#[derive(Debug, Default)]
pub(crate) struct Customer {
    batches: BTreeMap<BatchId, Ordered>,
}

#[derive(Debug)]
struct Ordered {
    order: CustomerOrder,
    given_up: BTreeSet<Imei>,
    results: BTreeMap<Imei, DeviceResult>,
}

impl Ordered {
    fn is_open(&self, imei: &Imei) -> bool {
        self.results.get(imei).is_none_or(|result| *result == DeviceResult::Pending)
    }
}

impl Customer {
    /// Notes what is said to the platform. A batch number that was used before is not another
    /// order; whoever asks again wants to hear the results again.
    pub(crate) fn says(&mut self, input: &BusinessInput) {
        match input {
            BusinessInput::Order(order) => {
                let batch = self.batches.entry(order.batch).or_insert_with(|| Ordered {
                    order: order.clone(),
                    given_up: BTreeSet::new(),
                    results: BTreeMap::new(),
                });
                batch.results.clear();
            }
            BusinessInput::Cancel { batch, imei } => {
                let batch = self.batches.get_mut(batch);
                if let Some(batch) = batch.filter(|batch| batch.order.devices.contains(imei)) {
                    batch.given_up.insert(*imei);
                    batch.results.remove(imei);
                }
            }
            BusinessInput::Answer { .. }
            | BusinessInput::Read { .. }
            | BusinessInput::Brought { .. } => {}
        }
    }

    /// Returns what to say to a platform that has been restarted.
    pub(crate) fn says_again(&self) -> Vec<BusinessInput> {
        let mut again = Vec::new();
        for (id, batch) in &self.batches {
            if !batch.order.devices.iter().any(|imei| batch.is_open(imei)) {
                continue;
            }
            again.push(BusinessInput::Order(batch.order.clone()));
            let given_up = batch.given_up.iter().filter(|imei| batch.is_open(imei));
            again.extend(given_up.map(|imei| BusinessInput::Cancel { batch: *id, imei: *imei }));
        }
        again
    }

    /// Hears what the platform tells; returns whether that is news. Where another order of the
    /// same number is not taken, the first one still counts.
    pub(crate) fn hears(&mut self, said: &BusinessOutput) -> bool {
        match *said {
            BusinessOutput::Result { batch, imei, result } => {
                let batch = self.batches.get_mut(&batch);
                batch.is_none_or(|batch| batch.results.insert(imei, result) != Some(result))
            }
            BusinessOutput::NotTaken { batch, why } => {
                if matches!(why, NotTaken::Empty | NotTaken::TooMany { .. }) {
                    self.batches.remove(&batch);
                }
                true
            }
            BusinessOutput::Ask(_) | BusinessOutput::Local(_) | BusinessOutput::Binding { .. } => {
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polysim_issuance::wire::{Method, Route};

    fn imei(serial: u32) -> Imei {
        Imei::parse(&format!("00101900{serial:06}")).unwrap()
    }

    fn order(devices: &[u32]) -> CustomerOrder {
        CustomerOrder {
            batch: BatchId(7),
            devices: devices.iter().map(|serial| imei(*serial)).collect(),
            operator: "beta".into(),
            route: Route::Any,
            method: Method::Applet,
            per_s: 0,
        }
    }

    fn told(serial: u32, result: DeviceResult) -> BusinessOutput {
        BusinessOutput::Result { batch: BatchId(7), imei: imei(serial), result }
    }

    #[test]
    fn what_has_no_end_is_said_again_and_nothing_else() {
        let mut customer = Customer::default();
        customer.says(&BusinessInput::Order(order(&[1, 2])));
        customer.says(&BusinessInput::Cancel { batch: BatchId(7), imei: imei(2) });
        let again = customer.says_again();
        assert_eq!(again.len(), 2, "the order and that one device is given up: {again:?}");
        assert!(customer.hears(&told(2, DeviceResult::PoolEmpty)));
        assert!(customer.hears(&told(1, DeviceResult::Pending)));
        assert_eq!(customer.says_again(), [BusinessInput::Order(order(&[1, 2]))]);
        assert!(customer.hears(&told(1, DeviceResult::PoolEmpty)));
        assert_eq!(customer.says_again(), []);
    }

    #[test]
    fn a_result_is_news_once() {
        let mut customer = Customer::default();
        customer.says(&BusinessInput::Order(order(&[1])));
        assert!(customer.hears(&told(1, DeviceResult::Pending)));
        assert!(!customer.hears(&told(1, DeviceResult::Pending)));
        assert!(customer.hears(&told(1, DeviceResult::PoolEmpty)));
        assert!(!customer.hears(&told(1, DeviceResult::PoolEmpty)));
        customer.says(&BusinessInput::Order(order(&[1])));
        assert!(customer.hears(&told(1, DeviceResult::PoolEmpty)), "it was asked for again");
    }

    #[test]
    fn a_batch_that_is_not_taken_is_not_ordered_again() {
        let mut customer = Customer::default();
        customer.says(&BusinessInput::Order(order(&[1])));
        customer.says(&BusinessInput::Order(order(&[2])));
        assert!(
            customer.hears(&BusinessOutput::NotTaken { batch: BatchId(7), why: NotTaken::Reused })
        );
        assert_eq!(customer.says_again(), [BusinessInput::Order(order(&[1]))]);
        assert!(customer.hears(&BusinessOutput::NotTaken {
            batch: BatchId(7),
            why: NotTaken::TooMany { room: 0 }
        }));
        assert_eq!(customer.says_again(), []);
    }
}
