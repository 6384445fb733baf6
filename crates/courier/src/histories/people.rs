//! What people do about registrations: they link devices, and numbers change hands.

use super::*;
use crate::DeviceId;
use crate::client::Why;
use crate::wire::Refusal;

/// The device whose number changes hands, and the one that has it then.
const FORMER: usize = 2;
const LATTER: usize = 3;

impl History {
    /// Returns whether a device has that number, or had it.
    pub(super) fn ever_had(&self, device: usize, of: Msisdn) -> bool {
        number(device) == of || (self.has_changed && device == LATTER && of == number(FORMER))
    }

    /// Another person has the number from now on, and registers it.
    pub(super) fn change_hands(&mut self) {
        self.has_changed = true;
        let number = number(FORMER);
        self.world.give_number(FORMER, None);
        self.world.give_number(LATTER, Some(number));
        self.world.command(LATTER, ClientCommand::Register(Some(number)));
    }

    /// People confirm the codes that come to them, and show invitations to their other device.
    pub(super) fn react(&mut self) {
        while let Some((_, happened)) = self.world.happened.get(self.seen).cloned() {
            self.seen += 1;
            match happened {
                Happened::Device(device, ClientEvent::CodeCame(code)) => {
                    self.world.command(device, ClientCommand::Confirm(code));
                }
                Happened::Device(0, ClientEvent::Invited(invitation)) => {
                    self.world.command(1, ClientCommand::Redeem(invitation));
                }
                _ => {}
            }
        }
    }

    /// As which device it is registered.
    pub(super) fn registered_as(&self, device: usize) -> Option<DeviceId> {
        let mut records = self.world.device_records(device).iter().rev();
        records.find_map(|record| match record {
            ClientRecord::Registered { device, .. } => Some(Some(*device)),
            ClientRecord::NotRegistered => Some(None),
            _ => None,
        })?
    }

    /// Whether somebody has proved a number, and then gave up before hearing of it: what waits for them
    /// waits for ever.
    pub(super) fn is_abandoned(&self) -> bool {
        let everybody: Vec<_> = (0..NUMBERS.len()).map(|it| self.registered_as(it)).collect();
        let holders = (0..NUMBERS.len()).map(|it| self.world.server().holder(&number(it)));
        holders.into_iter().any(|holder| holder.is_some() && !everybody.contains(&holder))
    }

    /// Whatever a device has received was stored for it, and for nobody who had its number before.
    pub(super) fn check_addressed(&self, device: usize) {
        let mut stored: BTreeMap<MessageId, Vec<DeviceId>> = BTreeMap::new();
        for record in self.world.server_records() {
            if let ServerRecord::Text(crate::server::TextRecord::Stored {
                id, copies, own, ..
            }) = record
            {
                let devices = copies.iter().chain(own).map(|copy| copy.device);
                stored.insert(*id, devices.collect());
            }
        }
        let mut is = None;
        for record in self.world.device_records(device) {
            match record {
                ClientRecord::Registered { device, .. } => is = Some(*device),
                ClientRecord::Text(TextRecord::Taken { text: Some(text), .. }) => {
                    let devices = &stored[&text.id];
                    assert!(devices.contains(&is.unwrap()), "{text:?} is for {devices:?}");
                }
                _ => {}
            }
        }
    }

    /// What a device's user has been told of a text.
    fn states(&self, device: usize, of: u64) -> Vec<TextState> {
        self.texts_of(device)[&of].states.clone()
    }

    /// The texts that a device has received.
    fn texts(&self, device: usize) -> Vec<String> {
        self.received(device).into_iter().filter_map(|text| text.text).collect()
    }
}

#[test]
fn nothing_that_waits_for_the_former_holder_of_a_number_reaches_the_new_one() {
    let mut history = History::new(1, Faults::NONE, None, false);
    let wait = || Action::Wait { millis: 30_000 };
    let write = || Action::Write { device: 0, to: FORMER };
    let connect = [0, FORMER, LATTER].map(Action::Connect);
    let script = [write(), wait(), Action::Disconnect(FORMER), wait(), write(), write(), wait()];
    connect.into_iter().chain(script).for_each(|action| history.act(action));
    assert_eq!(history.states(0, 2), [TextState::Stored]);
    [Action::ChangeHands, wait(), wait(), Action::Connect(LATTER)]
        .into_iter()
        .for_each(|action| history.act(action));
    assert_eq!(history.world.server().holder(&number(FORMER)), history.registered_as(LATTER));
    let why = Refusal::NotRegistered;
    for text in [2, 3] {
        assert_eq!(history.states(0, text), [TextState::Stored, TextState::NotStored(why)]);
        let (offer, why) = (Offer::Text(text), Why::Text(why));
        let offered = Happened::Device(0, ClientEvent::Offered { offer, why });
        assert!(history.world.happened.iter().any(|(_, it)| *it == offered), "{text}");
    }
    [wait(), write(), wait(), Action::Connect(FORMER), wait()]
        .into_iter()
        .for_each(|action| history.act(action));
    assert_eq!(history.texts(FORMER), ["text 1 of 0"]);
    assert_eq!(history.texts(LATTER), ["text 4 of 0"]);
    assert_eq!(history.registered_as(FORMER), None);
    let changed = Happened::Device(0, ClientEvent::KeyChanged(number(FORMER)));
    assert!(history.world.happened.iter().any(|(_, it)| *it == changed));
    for text in [2, 3] {
        history.act(Action::Choose { device: 0, which: text, choice: Choice::Quit });
    }
    history.heal();
    history.check();
}

#[test]
fn a_device_that_is_unlinked_and_linked_again_gets_the_texts_of_each_time_once() {
    let mut history = History::new(1, Faults::NONE, None, false);
    let wait = || Action::Wait { millis: 30_000 };
    let write = || Action::Write { device: FORMER, to: 0 };
    let connect = [0, 1, FORMER].map(Action::Connect);
    let unlinked = [write(), wait(), Action::Unlink, wait(), write(), wait(), Action::Connect(1)];
    let linked = [Action::Link, wait(), write(), wait()];
    connect.into_iter().chain(unlinked).chain(linked).for_each(|action| history.act(action));
    assert_eq!(history.texts(0), ["text 1 of 2", "text 2 of 2", "text 3 of 2"]);
    assert_eq!(history.texts(1), ["text 1 of 2", "text 3 of 2"]);
    history.heal();
    history.check();
}
