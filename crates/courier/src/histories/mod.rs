//! Random histories of devices and a server against a reference: what a person would say of texts.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for what it names")]

mod people;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Duration, Machine as _, Msisdn};
use proptest::prelude::*;

use crate::MessageId;
use crate::client::{
    CarrierOrder, Choice, Client, ClientCommand, ClientEvent, ClientInput, ClientRecord, Offer,
    Outcome, ReceivedText, TextRecord, TextState,
};
use crate::server::{Kept, Server, ServerRecord};
use crate::testkit::{Faults, Happened, World, client_config, server_config};

/// The numbers of the devices: the first two are of one person.
const NUMBERS: [&str; 4] = ["+4915100001", "+4915100001", "+4915100002", "+4915100003"];

#[derive(Clone, Copy, Debug)]
enum Action {
    Write { device: usize, to: usize },
    Choose { device: usize, which: u64, choice: Choice },
    Read { device: usize, which: usize },
    Connect(usize),
    Disconnect(usize),
    CrashDevice { device: usize, outputs: u32 },
    CrashServer { outputs: u32 },
    Checkpoint,
    CheckpointDevice(usize),
    Wait { millis: u64 },
    Unlink,
    Link,
    Deregister(usize),
    ChangeHands,
}

fn action() -> impl Strategy<Value = Action> {
    let device = 0..NUMBERS.len();
    let choice = prop_oneof![Just(Choice::Carrier), Just(Choice::Quit), Just(Choice::Wait)];
    prop_oneof![
        6 => (device.clone(), device.clone()).prop_map(|(device, to)| Action::Write { device, to }),
        3 => (device.clone(), 1..9_u64, choice)
            .prop_map(|(device, which, choice)| Action::Choose { device, which, choice }),
        2 => (device.clone(), 0..9_usize).prop_map(|(device, which)| Action::Read { device, which }),
        5 => device.clone().prop_map(Action::Connect),
        3 => device.clone().prop_map(Action::Disconnect),
        1 => device.clone().prop_map(Action::CheckpointDevice),
        2 => (device, 0..12_u32)
            .prop_map(|(device, outputs)| Action::CrashDevice { device, outputs }),
        2 => (0..20_u32).prop_map(|outputs| Action::CrashServer { outputs }),
        1 => Just(Action::Checkpoint),
        6 => (0..6_000_u64).prop_map(|millis| Action::Wait { millis }),
    ]
}

/// Also with registrations that end and begin.
fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        30 => action(),
        1 => Just(Action::Unlink),
        1 => Just(Action::Link),
        1 => Just(Action::ChangeHands),
        1 => (0..NUMBERS.len()).prop_map(Action::Deregister),
    ]
}

struct History {
    world: World,
    written: usize,
    /// Somebody's registration has ended.
    left: bool,
    /// A number has changed hands.
    has_changed: bool,
    /// What people have seen of what has happened.
    seen: usize,
}

impl History {
    fn new(seed: u64, faults: Faults, expires: Option<Duration>, carrier_rule: bool) -> Self {
        let mut world = World::new(seed, server_config());
        for (of, number) in (1..).zip(NUMBERS) {
            let config = crate::client::ClientConfig { expires, carrier_rule, ..client_config(of) };
            world.add(Msisdn::parse(number).unwrap(), config);
        }
        world.set_faults(faults);
        Self { world, written: 0, left: false, has_changed: false, seen: 0 }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Write { device, to } => {
                self.written += 1;
                let text = format!("text {} of {device}", self.written);
                self.world.command(device, ClientCommand::Text { to: number(to), text });
            }
            Action::Choose { device, which, choice } => {
                let offer = Offer::Text(which);
                self.world.command(device, ClientCommand::Choose { offer, choice });
            }
            Action::Read { device, which } => {
                let read = self.received(device).get(which).map(|text| text.id);
                if let Some(id) = read {
                    self.world.command(device, ClientCommand::Read(id));
                }
            }
            Action::Connect(device) => self.world.connect(device),
            Action::Disconnect(device) => self.world.disconnect(device),
            Action::CrashDevice { device, outputs } => self.world.crash_device_in(device, outputs),
            Action::CrashServer { outputs } => self.world.crash_server_in(outputs),
            Action::Checkpoint => self.world.checkpoint(),
            Action::CheckpointDevice(device) => self.checkpoint_device(device),
            Action::Wait { millis } => self.world.run_for(Duration::from_millis(millis)),
            Action::Unlink => {
                self.left = true;
                if let Some(linked) = self.world.device_id(1) {
                    self.world.command(0, ClientCommand::Unlink(linked));
                }
            }
            Action::Link => self.world.command(0, ClientCommand::Invite),
            Action::Deregister(device) => {
                self.left = true;
                self.world.command(device, ClientCommand::Deregister);
            }
            Action::ChangeHands => {
                self.left = true;
                self.change_hands();
            }
        }
        self.react();
    }

    /// The log of a device begins anew: after a crash it goes on as it would with the old one.
    fn checkpoint_device(&mut self, device: usize) {
        let restored = |world: &World| {
            let mut client = Client::new(world.client(device).config().clone());
            world.device_log(device).into_iter().for_each(|record| client.restore(record));
            client.handle(world.now(), ClientInput::Start);
            client
        };
        let before = restored(&self.world);
        self.world.checkpoint_device(device);
        assert_eq!(restored(&self.world), before);
    }

    /// Everything works again, for long enough.
    fn heal(&mut self) {
        self.world.set_faults(Faults::NONE);
        self.world.calm();
        for _ in 0..12 {
            (0..NUMBERS.len()).for_each(|device| self.world.connect(device));
            self.world.run_for(Duration::from_secs(8));
            self.react();
        }
    }

    /// The texts that a device has written down as received.
    fn received(&self, device: usize) -> Vec<ReceivedText> {
        let taken = self.world.device_records(device).iter();
        taken
            .filter_map(|record| match record {
                ClientRecord::Text(TextRecord::Taken { text, .. }) => text.clone(),
                _ => None,
            })
            .collect()
    }

    fn check(&self) {
        for device in 0..NUMBERS.len() {
            self.check_received(device);
            self.check_addressed(device);
            for (number, text) in self.texts_of(device) {
                self.check_text(device, number, &text);
            }
        }
        self.check_server();
    }

    /// Each text once, each readable, those of one sender's device in their order, each told.
    fn check_received(&self, device: usize) {
        let mut last = BTreeMap::new();
        let mut crashes = 0;
        let mut told: BTreeMap<MessageId, usize> = BTreeMap::new();
        for (_, happened) in &self.world.happened {
            match happened {
                Happened::Device(it, ClientEvent::Received(text)) if *it == device => {
                    *told.entry(text.id).or_default() += 1;
                }
                Happened::Crashed(it) if *it == device => crashes += 1,
                _ => {}
            }
        }
        for text in self.received(device) {
            assert!(text.text.is_some(), "{device} cannot read {text:?}");
            let before = last.insert(text.id.from, text.id.number);
            assert!(before < Some(text.id.number), "{device} has {before:?} before {text:?}");
            let times = told.remove(&text.id).unwrap_or(0);
            assert!(
                (1..=1 + crashes).contains(&times),
                "{device} was told {times} times: {text:?}"
            );
        }
        assert!(told.is_empty(), "{device} was told of what is not written down: {told:?}");
    }

    /// What a device's user has written: number, recipient and text, and the states that it had.
    fn texts_of(&self, device: usize) -> BTreeMap<u64, Written> {
        let mut texts: BTreeMap<u64, Written> = BTreeMap::new();
        for record in self.world.device_records(device) {
            match record {
                ClientRecord::Text(TextRecord::Written { number, to, text }) => {
                    let written = Written { to: *to, text: text.clone(), ..Written::default() };
                    assert!(texts.insert(*number, written).is_none());
                }
                ClientRecord::Text(TextRecord::State { number, state }) => {
                    texts.get_mut(number).unwrap().states.push(*state);
                }
                ClientRecord::Text(TextRecord::Sending { number, id }) => {
                    texts.get_mut(number).unwrap().ids.push(*id);
                }
                _ => {}
            }
        }
        for (_, happened) in &self.world.happened {
            if let Happened::Carrier(it, CarrierOrder::Text { number, to, text }) = happened
                && *it == device
            {
                let written = texts.get_mut(number).unwrap();
                assert_eq!((&written.to, &written.text), (to, text));
                written.orders += 1;
            }
        }
        texts
    }

    fn check_text(&self, device: usize, at: u64, written: &Written) {
        let times = |other: &usize| {
            let received = self.received(*other);
            received.iter().filter(|it| it.text.as_ref() == Some(&written.text)).count()
        };
        let devices = (0..NUMBERS.len()).filter(|other| *other != device);
        let (theirs, others): (Vec<_>, Vec<_>) =
            devices.partition(|other| self.ever_had(*other, written.to));
        let own = others.into_iter().filter(|other| number(*other) == number(device));
        let had: Vec<usize> = theirs.iter().map(times).collect();
        let copied: Vec<usize> = own.map(|other| times(&other)).collect();
        let said = format!("text {at} of {device}: {written:?}, received {had:?}, own {copied:?}");

        let given = |state| written.states.iter().filter(|it| **it == state).count();
        let failed = given(TextState::Carrier(Outcome::Failed));
        assert!(given(TextState::AtCarrier) <= 1 + failed, "given again: {said}");
        assert!(written.orders <= given(TextState::AtCarrier), "given unrecorded: {said}");
        assert!(had.iter().chain(&copied).all(|times| *times <= 1), "twice: {said}");
        let anywhere = had.contains(&1);
        // What the carrier surely has not may go over data again.
        assert!(!anywhere || written.orders <= failed, "both ways: {said}");
        match written.states.last() {
            Some(TextState::Delivered | TextState::Read) if self.left => {
                assert!(anywhere, "not delivered: {said}");
            }
            Some(TextState::Delivered | TextState::Read) => {
                assert!(had.iter().all(|times| *times == 1), "not delivered: {said}");
                assert!(copied.iter().all(|times| *times == 1), "no copy: {said}");
            }
            Some(
                TextState::NotStored(_)
                | TextState::Quit
                | TextState::AtCarrier
                | TextState::Carrier(_)
                | TextState::Expired,
            ) => assert!(!anywhere, "delivered nevertheless: {said}"),
            Some(TextState::Unsure) if self.left => {}
            // Only whose registration is over is told no more.
            Some(TextState::Stored) if self.left && self.is_abandoned() => {}
            Some(TextState::Stored) if self.left => {
                let id = written.ids.last().unwrap();
                assert_ne!(self.registered_as(device), Some(id.from), "not told: {said}");
            }
            None | Some(TextState::Waiting) if self.left => assert!(!anywhere, "unsent: {said}"),
            None
            | Some(
                TextState::Waiting
                | TextState::Stored
                | TextState::Withdrawing { .. }
                | TextState::Unsure,
            ) => panic!("nothing has become of it: {said}"),
        }
        self.check_read(&theirs, written, &said);
    }

    /// Whom it was read by, the sender knows.
    fn check_read(&self, theirs: &[usize], written: &Written, said: &str) {
        let read = theirs.iter().any(|device| {
            let mut records = self.world.device_records(*device).iter();
            records.any(|it| matches!(it, ClientRecord::Text(TextRecord::Read(id)) if written.ids.contains(id)))
        });
        let knows = written.states.last() == Some(&TextState::Read);
        assert!(self.left || read == knows, "read {read}: {said}");
    }

    /// Nothing is left at the server, and it would be the same after a crash.
    fn check_server(&self) {
        let mut again = Server::new(self.world.server().config().clone());
        self.world.server_log().into_iter().for_each(|record| again.restore(record));
        let kept = self.world.server().checkpoint();
        let boxes = |records: &[ServerRecord]| -> Vec<ServerRecord> {
            let mailbox =
                |it: &&ServerRecord| matches!(it, ServerRecord::Kept(Kept::Mailbox { .. }));
            records.iter().filter(mailbox).cloned().collect()
        };
        for record in boxes(&kept).into_iter().filter(|_| !self.is_abandoned()) {
            let ServerRecord::Kept(Kept::Mailbox { queue, live, device, .. }) = record else {
                unreachable!()
            };
            let here = (0..NUMBERS.len()).any(|it| self.world.device_id(it) == Some(device));
            assert!(here && queue.is_empty() && live.is_empty(), "left: {queue:?}, {live:?}");
        }
        assert_eq!(boxes(&again.checkpoint()), boxes(&kept));
    }
}

#[derive(Clone, Debug)]
struct Written {
    to: Msisdn,
    text: String,
    states: Vec<TextState>,
    ids: Vec<MessageId>,
    orders: usize,
}

impl Default for Written {
    fn default() -> Self {
        Self { to: number(0), text: String::new(), states: Vec::new(), ids: Vec::new(), orders: 0 }
    }
}

fn number(device: usize) -> Msisdn {
    Msisdn::parse(NUMBERS[device]).unwrap()
}

const BAD: Faults = Faults { lost: 150_000, doubled: 150_000, late: Duration::from_millis(1_500) };

fn run(seed: u64, actions: Vec<Action>, expires: Option<u64>, carrier_rule: bool) {
    let mut history = History::new(seed, BAD, expires.map(Duration::from_secs), carrier_rule);
    actions.into_iter().for_each(|action| history.act(action));
    history.heal();
    history.check();
}

/// What is done while somebody crashes: texts to one and two devices, with one of them away, taken back in
/// vain and not, given to the carrier, read.
fn script() -> Vec<Action> {
    let wait = || Action::Wait { millis: 500 };
    let choose = |device, which, choice| Action::Choose { device, which, choice };
    let mut script: Vec<_> = [0, 1, 2].into_iter().map(Action::Connect).collect();
    script.extend([
        Action::Write { device: 0, to: 2 },
        Action::Write { device: 2, to: 0 },
        Action::Write { device: 0, to: 3 },
        Action::Write { device: 0, to: 3 },
        Action::Write { device: 0, to: 3 },
        wait(),
        Action::Read { device: 2, which: 0 },
        choose(0, 1, Choice::Carrier),
        choose(0, 2, Choice::Carrier),
        choose(0, 3, Choice::Quit),
        wait(),
        Action::Disconnect(0),
        Action::Write { device: 0, to: 2 },
        Action::Write { device: 0, to: 2 },
        choose(0, 5, Choice::Carrier),
        Action::Write { device: 2, to: 0 },
        wait(),
        Action::Connect(0),
        Action::Connect(3),
        Action::Write { device: 2, to: 2 },
        Action::Wait { millis: 12_000 },
        choose(2, 3, Choice::Carrier),
        wait(),
    ]);
    script
}

#[test]
fn a_crash_before_any_output_of_anybody_loses_and_doubles_nothing() {
    let server = NUMBERS.len();
    for who in 0..=server {
        for outputs in 0.. {
            let mut history = History::new(1, Faults::NONE, None, false);
            if who == server {
                history.act(Action::CrashServer { outputs });
            } else {
                history.act(Action::CrashDevice { device: who, outputs });
            }
            script().into_iter().for_each(|action| history.act(action));
            let over = history.world.is_to_crash();
            history.heal();
            history.check();
            if over {
                assert!(outputs > 4, "{who} says more than that");
                break;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Exactly once for each device, in the order of the sender's device, never both ways; and whatever
    /// was written is delivered, withdrawn, expired or with the carrier when everything works again.
    #[test]
    fn every_text_takes_one_path_and_arrives_once_and_in_order(
        seed: u64,
        actions in prop::collection::vec(action(), 10..80),
        expires in prop::option::of(5..40_u64),
        carrier_rule: bool,
    ) {
        run(seed, actions, expires, carrier_rule);
    }

    #[test]
    fn registrations_that_end_make_no_text_go_both_ways(
        seed: u64,
        actions in prop::collection::vec(any_action(), 10..80),
    ) {
        run(seed, actions, None, false);
    }
}
