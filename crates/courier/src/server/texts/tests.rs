#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for what it names")]

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Machine as _, Msisdn, Out};

use super::mailbox::WINDOW;
use crate::server::{
    AccountRecord, CodeSent, Connection, Limits, Server, ServerConfig, ServerInput, ServerOutput,
    ServerRecord, TextRecord,
};
use crate::testkit::server_config;
use crate::wire::{
    AccountFromDevice, AccountToDevice, Copy, DeviceList, FromDevice, Item, Refusal,
    TextFromDevice, TextToDevice, ToDevice,
};
use crate::{
    DeviceId, DeviceKey, DeviceName, ListVersion, MessageId, Registration, RequestId, TenantId,
};

const ANN: DeviceId = DeviceId(1);
const BOB: DeviceId = DeviceId(2);
/// Linked to Ann's number, and to Bob's.
const ANN_2: DeviceId = DeviceId(3);
const BOB_2: DeviceId = DeviceId(4);

type Said = Out<ServerRecord, ServerOutput>;

/// A server that is restored from what it has written down whenever a test wants.
struct Lab {
    server: Server,
    records: Vec<ServerRecord>,
    now: Instant,
    sessions: u64,
    taken: [u64; 5],
}

fn number(of: DeviceId) -> Msisdn {
    let first = match of {
        ANN | ANN_2 => 1,
        BOB | BOB_2 => 2,
        _ => 3,
    };
    Msisdn::parse(&format!("+491510000{first}")).unwrap()
}

impl Lab {
    /// Ann and Bob have a device each.
    fn new(config: ServerConfig) -> Self {
        let mut records = Vec::new();
        for device in [ANN, BOB] {
            let registration = Registration(device.0);
            records.push(ServerRecord::Account(AccountRecord::CodeSent(CodeSent {
                registration,
                at: Instant::ZERO,
                number: number(device),
                key: DeviceKey([0; 32]),
                card: None,
                tenant: TenantId(1),
                name: DeviceName::try_from(format!("device {}", device.0)).unwrap(),
            })));
            let at = Instant::ZERO;
            records.push(ServerRecord::Account(AccountRecord::Registered {
                registration,
                device,
                generation: 0,
                at,
            }));
        }
        let server = Server::new(config);
        let mut lab = Self { server, records, now: Instant::ZERO, sessions: 0, taken: [0; 5] };
        lab.crash();
        lab
    }

    /// With a linked device each.
    fn linked() -> Self {
        let mut lab = Self::new(server_config());
        for device in [ANN_2, BOB_2] {
            lab.records.push(ServerRecord::Account(AccountRecord::Linked {
                device,
                number: number(device),
                key: DeviceKey([0; 32]),
                name: DeviceName::try_from(format!("device {}", device.0)).unwrap(),
                generation: 0,
            }));
        }
        lab.crash();
        lab
    }

    fn crash(&mut self) {
        self.server = Server::new(self.server.config().clone());
        self.records.iter().for_each(|record| self.server.restore(record.clone()));
        self.run(ServerInput::Start);
    }

    fn run(&mut self, input: ServerInput) -> Vec<Said> {
        self.server.handle(self.now, input);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Said> {
        let said: Vec<Said> = core::iter::from_fn(|| self.server.poll_output()).collect();
        self.records.extend(said.iter().filter_map(|out| match out {
            Out::Record(record) => Some(record.clone()),
            Out::Do(_) => None,
        }));
        said
    }

    fn after(&mut self, time: Duration) -> Vec<Said> {
        self.now = self.now.plus(time);
        self.server.handle_timeout(self.now);
        self.drain()
    }

    fn up(&mut self, device: DeviceId) -> Vec<Said> {
        self.sessions += 1;
        let connection = Connection(self.sessions * 10 + device.0);
        self.run(ServerInput::Up(connection));
        let token = self.server.desk.config.key.token(device, 0);
        let taken = self.taken[usize::try_from(device.0).unwrap()];
        let hello = FromDevice::Account(AccountFromDevice::Hello {
            request: RequestId(1),
            device,
            token,
            card: None,
            taken,
        });
        self.run(ServerInput::Message(connection, hello))
    }

    fn down(&mut self, device: DeviceId) -> Vec<Said> {
        let connection = self.server.sessions.connection(device).unwrap();
        self.run(ServerInput::Down(connection))
    }

    fn say(&mut self, device: DeviceId, message: impl Into<FromDevice>) -> Vec<Said> {
        let connection = self.server.sessions.connection(device).unwrap();
        self.run(ServerInput::Message(connection, message.into()))
    }

    fn send_to(
        &mut self,
        from: DeviceId,
        number_: u64,
        to: Msisdn,
        devices: &[DeviceId],
    ) -> Vec<Said> {
        let list = self.server.accounts.list_of(&to);
        let own = self.server.accounts.list_of(&number(from));
        let send = send(number_, to, (list, own), devices);
        self.say(from, send)
    }

    /// Ann writes to Bob; each has one device.
    fn ann_writes(&mut self, number_: u64) -> Vec<Said> {
        self.send_to(ANN, number_, number(BOB), &[BOB])
    }

    fn takes(&mut self, device: DeviceId, up_to: u64) -> Vec<Said> {
        self.taken[usize::try_from(device.0).unwrap()] = up_to;
        self.say(device, TextFromDevice::Taken { up_to })
    }

    fn is_idle(&self) -> bool {
        self.server.texts.boxes.values().all(|boxed| boxed.busy.is_none())
            && self.server.texts.retries.is_empty()
            && self.server.texts.expiries.is_empty()
    }
}

fn send(
    number: u64,
    to: Msisdn,
    (list, own): (ListVersion, ListVersion),
    devices: &[DeviceId],
) -> FromDevice {
    let copy = |device: &DeviceId| Copy { device: *device, sealed: vec![7; 100] };
    let copies = devices.iter().map(copy).collect();
    FromDevice::Text(TextFromDevice::Send { number, to, list, own, copies, expires: None })
}

fn id(number: u64) -> MessageId {
    MessageId { from: ANN, number }
}

/// What was said to devices.
fn to_devices(said: &[Said]) -> Vec<ToDevice> {
    let messages = said.iter().filter_map(|out| match out {
        Out::Do(ServerOutput::Send(_, message)) => Some(message.clone()),
        _ => None,
    });
    messages
        .filter(|it| !matches!(it, ToDevice::Account(AccountToDevice::Welcome { .. })))
        .collect()
}

/// What was delivered, by its number: the number of a text, or what became of one.
fn items(said: &[Said]) -> Vec<(u64, Item)> {
    let deliveries = to_devices(said).into_iter().filter_map(|message| match message {
        ToDevice::Text(TextToDevice::Deliver { number, item }) => Some((number, item)),
        _ => None,
    });
    deliveries.collect()
}

fn numbers(said: &[Said]) -> Vec<(u64, u64)> {
    let texts = items(said).into_iter().filter_map(|(number, item)| match item {
        Item::Text { id, .. } => Some((number, id.number)),
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_text_is_written_down_before_it_is_accepted_and_delivered_once_to_each_device() {
    let mut lab = Lab::linked();
    [ANN, BOB, BOB_2, ANN_2].into_iter().for_each(|device| drop(lab.up(device)));
    let said = lab.send_to(ANN, 1, number(BOB), &[BOB, BOB_2, ANN_2]);
    assert!(
        matches!(said[0], Out::Record(ServerRecord::Text(TextRecord::Stored { .. }))),
        "{:?}",
        said[0]
    );
    assert_eq!(to_devices(&said)[0], ToDevice::Text(TextToDevice::Stored { number: 1 }));
    assert_eq!(numbers(&said), [(1, 1); 3]);
    let receipt = (1, Item::Delivered { number: 1, device: BOB_2 });
    assert_eq!(items(&lab.takes(BOB_2, 1)), [receipt], "the first device that has it");
    assert_eq!(items(&lab.takes(BOB, 1)), []);
    assert_eq!(items(&lab.takes(ANN_2, 1)), []);
    assert!(!lab.is_idle());
    lab.takes(ANN, 1);
    assert!(lab.is_idle(), "{:?}", lab.server.texts);
}

#[test]
fn saying_a_text_again_changes_nothing_and_one_out_of_turn_is_not_heard() {
    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    assert_eq!(lab.ann_writes(2), []);
    lab.ann_writes(1);
    let records = lab.records.len();
    assert_eq!(
        to_devices(&lab.ann_writes(1)),
        [ToDevice::Text(TextToDevice::Stored { number: 1 })]
    );
    assert_eq!(lab.ann_writes(3), []);
    assert_eq!(lab.records.len(), records);
    lab.ann_writes(2);
    assert_eq!(numbers(&lab.up(BOB)), [(1, 1), (2, 2)]);
}

#[test]
fn copies_for_other_devices_than_those_there_are_make_a_stale_list() {
    let mut lab = Lab::linked();
    lab.up(ANN);
    let lists = (lab.server.accounts.list_of(&number(BOB)), ListVersion(99));
    let wrong = send(1, number(BOB), lists, &[BOB, BOB_2, ANN_2]);
    for said in [
        lab.send_to(ANN, 1, number(BOB), &[BOB, BOB_2]),
        lab.send_to(ANN, 1, number(BOB), &[BOB, BOB_2, ANN_2, DeviceId(9)]),
        lab.send_to(ANN, 1, number(BOB), &[BOB, BOB, ANN_2]),
        lab.say(ANN, wrong),
    ] {
        let [ToDevice::Text(TextToDevice::StaleList { number: 1, to, own })] =
            &to_devices(&said)[..]
        else {
            panic!("{said:?}")
        };
        let devices = |list: &DeviceList| list.devices.iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!((devices(to), devices(own)), (vec![BOB, BOB_2], vec![ANN, ANN_2]));
    }
    let said = lab.send_to(ANN, 1, number(BOB), &[BOB, BOB_2, ANN_2]);
    assert_eq!(to_devices(&said), [ToDevice::Text(TextToDevice::Stored { number: 1 })]);
}

#[test]
fn a_window_is_on_its_way_and_said_again_until_taken() {
    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    let window = u64::try_from(WINDOW).unwrap();
    (1..=window + 4).for_each(|number| drop(lab.ann_writes(number)));
    let all: Vec<_> = (1..=window).map(|number| (number, number)).collect();
    assert_eq!(numbers(&lab.up(BOB)), all);
    assert_eq!(numbers(&lab.after(Duration::from_secs(3))), []);
    assert_eq!(numbers(&lab.after(Duration::from_secs(1))), all);
    assert_eq!(numbers(&lab.takes(BOB, 2)), [(window + 1, window + 1), (window + 2, window + 2)]);
    assert_eq!(lab.takes(BOB, 1), [], "it is known already");
    assert_eq!(lab.takes(BOB, window + 3), [], "that was never said");
    lab.taken[2] = 2;
    let again: Vec<_> = (3..=window + 2).map(|number| (number, number)).collect();
    assert_eq!(numbers(&lab.after(Duration::from_secs(4))), again);
    lab.down(BOB);
    assert_eq!(numbers(&lab.after(Duration::from_secs(60))), [], "nobody hears it");
    assert_eq!(numbers(&lab.up(BOB)), again);
}

#[test]
fn what_nobody_has_is_given_back_also_if_it_never_came() {
    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    lab.ann_writes(1);
    let withdrawn = |number, of| (number, Item::Withdrawn { number: of });
    let said = lab.say(ANN, TextFromDevice::Withdraw { number: 1 });
    assert!(
        matches!(said[0], Out::Record(ServerRecord::Text(TextRecord::Withdrawn(_)))),
        "{:?}",
        said[0]
    );
    assert_eq!(items(&said), [withdrawn(1, 1)]);
    assert_eq!(lab.say(ANN, TextFromDevice::Withdraw { number: 1 }), [], "it is being told");
    assert_eq!(items(&lab.say(ANN, TextFromDevice::Withdraw { number: 2 })), [withdrawn(2, 2)]);
    assert_eq!(lab.ann_writes(2), [], "it comes too late");
    lab.crash();
    lab.up(ANN);
    assert_eq!(lab.ann_writes(2), [], "also after a crash");
    assert_eq!(numbers(&lab.up(BOB)), []);
    lab.takes(ANN, 2);
    assert!(lab.is_idle());
}

#[test]
fn what_was_on_its_way_is_given_back_when_its_device_says_that_it_has_it_not() {
    for had in [false, true] {
        for crash in [false, true] {
            let mut lab = Lab::new(server_config());
            lab.up(ANN);
            lab.up(BOB);
            lab.ann_writes(1);
            lab.down(BOB);
            lab.ann_writes(2);
            if crash {
                lab.crash();
                lab.up(ANN);
            }
            assert_eq!(lab.say(ANN, TextFromDevice::Withdraw { number: 1 }), [], "Bob may have it");
            let said = lab.say(ANN, TextFromDevice::Withdraw { number: 2 });
            assert_eq!(items(&said), [(1, Item::Withdrawn { number: 2 })], "Bob was away");
            lab.taken[2] = u64::from(had);
            if crash {
                lab.say(ANN, TextFromDevice::Withdraw { number: 1 });
            }
            let fate = if had {
                Item::Delivered { number: 1, device: BOB }
            } else {
                Item::Withdrawn { number: 1 }
            };
            assert_eq!(items(&lab.up(BOB)), [(2, fate)], "had {had}, crash {crash}");
            lab.takes(ANN, 2);
            assert!(lab.is_idle());
        }
    }
}

#[test]
fn nothing_more_is_on_its_way_before_what_is_not_there_is_given_back() {
    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    lab.up(BOB);
    lab.ann_writes(1);
    lab.ann_writes(2);
    assert_eq!(lab.say(ANN, TextFromDevice::Withdraw { number: 2 }), []);
    lab.down(BOB);
    lab.taken[2] = 1;
    let said = lab.up(BOB);
    assert_eq!(numbers(&said), [], "{said:?}");
    let told = [Item::Delivered { number: 1, device: BOB }, Item::Withdrawn { number: 2 }];
    assert_eq!(items(&said), [(1, told[0].clone()), (2, told[1].clone())]);
}

#[test]
fn a_text_that_has_waited_for_too_long_is_told_and_not_delivered() {
    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    let lists =
        (lab.server.accounts.list_of(&number(BOB)), lab.server.accounts.list_of(&number(ANN)));
    let FromDevice::Text(TextFromDevice::Send { number: of, to, list, own, copies, .. }) =
        send(1, number(BOB), lists, &[BOB])
    else {
        panic!()
    };
    let expires = Some(Duration::from_secs(60));
    lab.say(ANN, TextFromDevice::Send { number: of, to, list, own, copies, expires });
    lab.ann_writes(2);
    assert_eq!(items(&lab.after(Duration::from_secs(59))), []);
    lab.crash();
    lab.up(ANN);
    assert_eq!(items(&lab.after(Duration::from_secs(1))), [(1, Item::Expired { number: 1 })]);
    assert_eq!(numbers(&lab.up(BOB)), [(1, 2)]);
}

#[test]
fn what_cannot_be_stored_is_refused_for_good_and_told_why() {
    let mut config = server_config();
    config.limits.waiting = 2;
    config.limits.text_octets = 100;
    let mut lab = Lab::new(config);
    lab.up(ANN);
    let refused = |number, of, why| vec![(number, Item::NotStored { number: of, why })];
    let said = lab.send_to(ANN, 1, number(DeviceId(9)), &[]);
    assert_eq!(items(&said), refused(1, 1, Refusal::NotRegistered));
    assert_eq!(lab.ann_writes(1), [], "it is being told");
    lab.takes(ANN, 1);
    lab.ann_writes(2);
    lab.ann_writes(3);
    assert_eq!(items(&lab.ann_writes(4)), refused(2, 4, Refusal::Full));
    lab.takes(ANN, 2);
    lab.up(BOB);
    lab.takes(BOB, 2);
    assert_eq!(lab.ann_writes(5), [], "Ann has to take her receipts first");
    lab.takes(ANN, 4);
    let lists =
        (lab.server.accounts.list_of(&number(BOB)), lab.server.accounts.list_of(&number(ANN)));
    let mut long = send(5, number(BOB), lists, &[BOB]);
    if let FromDevice::Text(TextFromDevice::Send { copies, .. }) = &mut long {
        copies[0].sealed.push(7);
    }
    assert_eq!(items(&lab.say(ANN, long)), refused(5, 5, Refusal::TooLong(100)));
    let at = lab.now;
    lab.records.push(ServerRecord::Account(AccountRecord::CardChanged { device: ANN, at }));
    lab.crash();
    lab.up(ANN);
    assert_eq!(
        items(&lab.ann_writes(6))[0].1,
        Item::NotStored { number: 6, why: Refusal::Unproved }
    );
}

#[test]
fn the_sender_is_told_when_nobody_is_left_to_get_a_text() {
    let mut lab = Lab::linked();
    lab.up(ANN);
    lab.send_to(ANN, 1, number(BOB), &[BOB, BOB_2, ANN_2]);
    lab.up(BOB);
    let request = RequestId(1);
    let said = lab.say(BOB, AccountFromDevice::Unlink { request, device: BOB_2 });
    assert_eq!(items(&said), [], "another device gets it");
    let request = RequestId(2);
    let said = lab.say(BOB, AccountFromDevice::Deregister { request });
    assert_eq!(items(&said), [(1, Item::Unsure { number: 1 })], "it was on its way there");
    lab.crash();
    let left: Vec<_> = lab.server.texts.boxes.keys().copied().collect();
    assert_eq!(left, [ANN, ANN_2]);
    assert_eq!(items(&lab.up(ANN)), [(1, Item::Unsure { number: 1 })]);

    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    lab.ann_writes(1);
    let at = lab.now;
    lab.records
        .push(ServerRecord::Account(AccountRecord::Deregistered { number: number(BOB), at }));
    lab.crash();
    let why = Refusal::NotRegistered;
    assert_eq!(items(&lab.up(ANN)), [(1, Item::NotStored { number: 1, why })]);
}

#[test]
fn a_text_of_a_device_that_is_no_more_is_delivered_nevertheless() {
    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    lab.ann_writes(1);
    lab.say(ANN, AccountFromDevice::Deregister { request: RequestId(1) });
    lab.crash();
    assert_eq!(numbers(&lab.up(BOB)), [(1, 1)]);
    lab.takes(BOB, 1);
    assert!(lab.is_idle());
    assert_eq!(lab.server.texts.boxes.keys().collect::<Vec<_>>(), [&BOB]);
}

#[test]
fn that_a_text_was_read_is_noted_and_told_to_its_sender() {
    let mut lab = Lab::new(server_config());
    lab.up(ANN);
    lab.up(BOB);
    lab.ann_writes(1);
    lab.takes(BOB, 1);
    lab.takes(ANN, 1);
    let said = lab.say(BOB, TextFromDevice::Read { message: id(1) });
    assert!(
        matches!(said[0], Out::Record(ServerRecord::Text(TextRecord::Read { .. }))),
        "{:?}",
        said[0]
    );
    assert_eq!(to_devices(&said)[0], ToDevice::Text(TextToDevice::Noted { message: id(1) }));
    let read = Item::Read { number: 1, by: number(BOB), device: BOB };
    assert_eq!(items(&said), [(2, read)]);
    let said = lab.say(BOB, TextFromDevice::Read { message: id(7) });
    assert_eq!(
        to_devices(&said),
        [ToDevice::Text(TextToDevice::Noted { message: id(7) })],
        "Ann never sent it"
    );
}

#[test]
fn whoever_has_not_said_who_they_are_is_not_heard() {
    let mut lab = Lab::new(server_config());
    let connection = Connection(99);
    lab.run(ServerInput::Up(connection));
    let lists = (ListVersion(1), ListVersion(2));
    let message = send(1, number(BOB), lists, &[BOB]);
    assert_eq!(lab.run(ServerInput::Message(connection, message)), []);
}

#[test]
fn a_device_for_which_nothing_waits_costs_a_few_octets() {
    assert!(size_of::<super::Mailbox>() <= 32);
}

#[test]
fn whoever_writes_to_many_numbers_learns_of_no_more_than_its_account_may() {
    let limits = Limits { contacts: 0, lookups_per_day: 3, ..server_config().limits };
    let mut lab = Lab::new(ServerConfig { limits, ..server_config() });
    lab.up(ANN);
    let nobody = Msisdn::parse("+4915100009").unwrap();
    let ask = |lab: &mut Lab, number_, to| {
        lab.say(ANN, send(number_, to, (ListVersion(0), ListVersion(0)), &[]))
    };
    for _ in 0..2 {
        let said = ask(&mut lab, 1, number(BOB));
        assert!(matches!(to_devices(&said)[..], [ToDevice::Text(TextToDevice::StaleList { .. })]));
    }
    let told = |said: &[Said]| items(said).into_iter().map(|it| it.1).collect::<Vec<_>>();
    let why = Refusal::NotRegistered;
    assert_eq!(told(&ask(&mut lab, 1, nobody)), [Item::NotStored { number: 1, why }]);
    lab.takes(ANN, 1);
    let why = Refusal::LookupLimit(Duration::from_secs(8 * 3_600));
    assert_eq!(told(&ask(&mut lab, 2, number(BOB))), [Item::NotStored { number: 2, why }]);
    lab.takes(ANN, 2);
    assert_eq!(told(&ask(&mut lab, 3, nobody)), [Item::NotStored { number: 3, why }]);
    lab.takes(ANN, 3);
    // Whoever is known is written to.
    let stored = lab.ann_writes(4);
    assert!(to_devices(&stored).contains(&ToDevice::Text(TextToDevice::Stored { number: 4 })));
}
