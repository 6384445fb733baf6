//! The devices of others and their keys, so that a change is seen.

use alloc::vec::Vec;

use polysim_base::Msisdn;

use super::Texts;
use crate::client::{Client, ClientEvent, TextRecord};
use crate::wire::DeviceList;
use crate::{DeviceId, DeviceKey, ListVersion};

/// Numbers whose keys are remembered, at most.
const NUMBERS_MAX: usize = 10_000;
/// Devices of one number, at most.
const DEVICES_MAX: usize = 256;

/// What is known of the devices of a number.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Known {
    /// The version of the list; `None`: these are some devices, which have sent texts.
    pub(super) version: Option<ListVersion>,
    /// In the order of devices.
    pub(super) keys: Vec<(DeviceId, DeviceKey)>,
}

impl Client {
    /// The server says who the devices of a number are.
    pub(super) fn learn_list(&mut self, list: DeviceList) {
        let DeviceList { number, version, devices: mut keys } = list;
        if keys.is_empty() || keys.len() > DEVICES_MAX {
            return;
        }
        keys.sort_unstable();
        let before = self.texts.keys.get(&number);
        let changed = before.is_some_and(|before| match before.version {
            Some(_) => before.keys != keys,
            None => !before.keys.iter().all(|key| keys.contains(key)),
        });
        self.learn(number, Known { version: Some(version), keys }, changed);
    }

    /// A text shows that a device of a number has this key.
    pub(super) fn learn_sender(&mut self, number: Msisdn, device: DeviceId, key: DeviceKey) {
        let before = self.texts.keys.get(&number);
        if before.is_some_and(|before| before.keys.contains(&(device, key))) {
            return;
        }
        let mut keys = before.map(|before| before.keys.clone()).unwrap_or_default();
        keys.retain(|(it, _)| *it != device);
        if keys.len() >= DEVICES_MAX {
            return;
        }
        keys.push((device, key));
        keys.sort_unstable();
        self.learn(number, Known { version: None, keys }, before.is_some());
    }

    fn learn(&mut self, number: Msisdn, known: Known, changed: bool) {
        let before = self.texts.keys.get(&number);
        let place = before.is_some() || self.texts.keys.len() < NUMBERS_MAX;
        if before == Some(&known) || !place {
            return;
        }
        let Known { version, keys } = known.clone();
        self.desk.record(TextRecord::Keys { number, version, keys });
        self.texts.keys.insert(number, known);
        if changed {
            self.desk.tell(ClientEvent::KeyChanged(number));
        }
    }
}

/// The versions of the lists of a recipient's and the own devices.
type Lists = (ListVersion, ListVersion);

impl Texts {
    /// Returns for which devices a text has to be sealed, and by which lists. Where a list is not known
    /// there is none, and the server will say it.
    pub(super) fn devices(
        &self,
        to: &Msisdn,
        own: &Msisdn,
        sender: DeviceId,
    ) -> (Lists, Vec<(DeviceId, DeviceKey)>) {
        let known = |number| {
            let known = self.keys.get(number)?;
            Some((known.version?, &known.keys))
        };
        let (Some((list, theirs)), Some((own_list, ours))) = (known(to), known(own)) else {
            return Default::default();
        };
        let ours: &[_] = if to == own { &[] } else { ours };
        let devices = theirs.iter().chain(ours).filter(|(device, _)| *device != sender);
        ((list, own_list), devices.copied().collect())
    }
}
