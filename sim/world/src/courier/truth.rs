//! What has really happened to codes, texts and calls, held against what must never happen.

mod codes;
mod texts;

use codes::Codes;
use polysim_base::Msisdn;
use polysim_courier::client::{CarrierOrder, ClientEvent, ClientRecord};
use polysim_courier::server::{AccountRecord, Limits, ServerEvent, ServerRecord};
use polysim_courier::wire::{AccountToDevice, ToDevice, VoiceToDevice};
use polysim_courier::{CallNumber, DeviceId, DeviceKey, MessageId, Registration};
use std::collections::{BTreeMap, BTreeSet};
use texts::Texts;

/// The invariants of couriers and what each says.
pub(crate) const NAMES: &[(&str, &str)] = &[
    (
        CODE_BOUNDED,
        "a code is used once, in its time and within its tries, for the number and device that it was sent for, and no more are sent than the limits allow",
    ),
    (
        STORED_KEPT,
        "a text that was accepted waits for each device of its recipient that is still there, until that has it or the text is withdrawn or expired",
    ),
    (TEXT_ONCE, "a device is shown each text once, and those of a sender's device in their order"),
    (TEXT_ONE_WAY, "no text goes both over data and by the carrier"),
    (
        VOICE_BY_THRESHOLD,
        "a call goes over data only where both recorded rates reach their thresholds",
    ),
];

pub(crate) const CODE_BOUNDED: &str = "courier-code-bounded";
pub(crate) const STORED_KEPT: &str = "courier-stored-is-kept";
pub(crate) const TEXT_ONCE: &str = "courier-text-once";
pub(crate) const TEXT_ONE_WAY: &str = "courier-text-one-way";
pub(crate) const VOICE_BY_THRESHOLD: &str = "courier-voice-by-threshold";

/// What was found, by name: the first of each.
#[derive(Debug, Default)]
pub(super) struct Found(BTreeMap<&'static str, String>);

impl Found {
    pub(super) fn note(&mut self, invariant: &'static str, text: String) {
        self.0.entry(invariant).or_insert(text);
    }
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Truth {
    found: Found,
    /// The devices of the world by their keys, and by the numbers that the server gives them.
    keys: BTreeMap<DeviceKey, u32>,
    ids: BTreeMap<DeviceId, u32>,
    codes: Codes,
    texts: Texts,
    /// Calls that go over data.
    over_data: BTreeSet<(DeviceId, CallNumber)>,
}

impl Truth {
    pub(super) fn new(keys: BTreeMap<DeviceKey, u32>, limits: Limits) -> Self {
        Self {
            found: Found::default(),
            keys,
            ids: BTreeMap::new(),
            codes: Codes::new(limits),
            texts: Texts::default(),
            over_data: BTreeSet::new(),
        }
    }

    /// Returns what was found so far, by name.
    pub(crate) fn contradictions(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.found.0.iter().map(|(name, text)| (*name, text))
    }

    /// Returns the device that the server numbers so.
    pub(super) fn device(&self, id: DeviceId) -> Option<u32> {
        self.ids.get(&id).copied()
    }

    pub(super) fn number_of(&self, registration: Registration) -> Option<Msisdn> {
        self.codes.number_of(registration)
    }

    pub(super) fn written_as(&self, id: MessageId) -> Option<u64> {
        self.texts.written_as(id)
    }

    /// The server writes something down.
    pub(super) fn server_records(&mut self, record: &ServerRecord) {
        match record {
            ServerRecord::Account(record) => self.account_records(record),
            ServerRecord::Text(record) => self.texts.server_records(record),
            ServerRecord::Contacts { .. } | ServerRecord::Voice(_) | ServerRecord::Kept(_) => {}
        }
    }

    fn account_records(&mut self, record: &AccountRecord) {
        if let AccountRecord::Registered { registration, device, at, .. } = record {
            if let Some(key) = self.codes.key_of(*registration) {
                self.is_device(*device, key);
            }
            self.codes.registers(*registration, *device, *at);
        } else if let AccountRecord::Linked { device, key, .. } = record {
            self.is_device(*device, *key);
        } else if let AccountRecord::CodeSent(sent) = record {
            self.codes.issues(sent);
        }
    }

    fn is_device(&mut self, id: DeviceId, key: DeviceKey) {
        if let Some(device) = self.keys.get(&key) {
            self.ids.insert(id, *device);
        }
    }

    /// A device writes something down.
    pub(super) fn device_records(&mut self, device: u32, record: &ClientRecord) {
        self.texts.device_records(device, record);
    }

    /// The server says something to a device.
    pub(super) fn server_says(&mut self, device: u32, said: &ToDevice) {
        match said {
            ToDevice::Account(AccountToDevice::Registered { device: id, number, .. }) => {
                let key = self.keys.iter().find(|(_, of)| **of == device).map(|(key, _)| *key);
                self.codes.told(&mut self.found, *id, number, key);
            }
            ToDevice::Voice(said) => self.of_call(device, said),
            ToDevice::Account(_)
            | ToDevice::Contacts(_)
            | ToDevice::Text(_)
            | ToDevice::Rate(_) => {}
        }
    }

    /// A call rings, or has speech, only after it was decided that it goes over data.
    fn of_call(&mut self, device: u32, said: &VoiceToDevice) {
        let (from, call) = match said {
            VoiceToDevice::Ringing { call, .. } => (None, call),
            VoiceToDevice::Incoming { from, call, .. }
            | VoiceToDevice::Answered { from, call }
            | VoiceToDevice::Speech { from, call, .. } => (Some(from), call),
            VoiceToDevice::NoVoice { .. } | VoiceToDevice::Ended { .. } => return,
        };
        let decided = if let Some(from) = from {
            self.over_data.contains(&(*from, *call))
        } else {
            let mut ids = self.ids.iter().filter(|(_, of)| **of == device);
            ids.any(|(id, _)| self.over_data.contains(&(*id, *call)))
        };
        if !decided {
            let text = format!("{call:?} of {from:?} goes over data undecided");
            self.found.note(VOICE_BY_THRESHOLD, text);
        }
    }

    /// The server tells something, which is durable.
    pub(super) fn server_tells(&mut self, event: &ServerEvent) {
        match event {
            ServerEvent::CodeSent(registration) => {
                self.codes.sent(&mut self.found, *registration);
            }
            ServerEvent::WrongCode(registration) => {
                self.codes.tried(&mut self.found, *registration);
            }
            ServerEvent::Registered(device) => self.codes.used(&mut self.found, *device),
            ServerEvent::Stored(id) => self.texts.accepted(*id),
            ServerEvent::Voice(decision) if decision.over_data => {
                let (own, first) = decision.caller;
                let callee = decision.callee.and_then(|(_, rate)| rate);
                if own < first || callee.is_none_or(|rate| rate < decision.threshold) {
                    self.found.note(VOICE_BY_THRESHOLD, format!("{decision:?}"));
                }
                self.over_data.insert((decision.from, decision.call));
            }
            ServerEvent::Voice(_)
            | ServerEvent::ChangedHands(_)
            | ServerEvent::Deregistered(_)
            | ServerEvent::Linked(_)
            | ServerEvent::Unlinked(_)
            | ServerEvent::Connected(_)
            | ServerEvent::Gone(_)
            | ServerEvent::Delivered(..)
            | ServerEvent::Withdrawn(_)
            | ServerEvent::Expired(_) => {}
        }
    }

    /// A device tells its user something.
    pub(super) fn device_tells(&mut self, device: u32, event: &ClientEvent) {
        if let ClientEvent::Received(text) = event {
            let to_other = self.ids.get(&text.id.from) != Some(&device);
            debug_assert!(to_other, "a device gets no text of its own");
            self.texts.shown(&mut self.found, device, text);
        }
    }

    /// A device gives something to the carrier.
    pub(super) fn goes_to_carrier(&mut self, device: u32, order: &CarrierOrder) {
        if let CarrierOrder::Text { number, .. } = order {
            self.texts.goes_to_carrier(&mut self.found, device, *number);
        }
    }

    /// The software of a device has crashed.
    pub(super) fn crashed(&mut self, device: u32) {
        self.texts.crashed(device);
    }

    /// Looks at all that the server has.
    pub(super) fn look(&mut self, records: &[ServerRecord]) {
        self.texts.look(&mut self.found, records);
    }
}
