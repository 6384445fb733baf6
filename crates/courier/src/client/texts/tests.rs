#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for what it names")]

use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use polysim_base::{Duration, Instant, Machine as _, Msisdn, Out};

use super::WAITING_MAX;
use crate::client::{
    CarrierOrder, Choice, Client, ClientCommand, ClientConfig, ClientEvent, ClientInput,
    ClientOutput, ClientRecord, NotWritten, Offer, Outcome, ReceivedText, TextRecord, TextState,
    Why,
};
use crate::testkit::client_config;
use crate::wire::{
    AccountFromDevice, AccountToDevice, DeviceList, FromDevice, Item, Refusal, TextFromDevice,
    TextToDevice, ToDevice,
};
use crate::{
    ContactMode, DeviceId, ListVersion, MessageId, Rate, RequestId, Salt, TEXT_OCTETS_MAX, Token,
};

const ANN: DeviceId = DeviceId(1);
const BOB: DeviceId = DeviceId(2);

type Said = Out<ClientRecord, ClientOutput>;

/// Ann's device, restored from what it has written down whenever a test wants.
struct Lab {
    client: Client,
    records: Vec<ClientRecord>,
    now: Instant,
}

fn ann() -> Msisdn {
    Msisdn::parse("+4915100001").unwrap()
}

fn bob() -> Msisdn {
    Msisdn::parse("+4915100002").unwrap()
}

fn id(number: u64) -> MessageId {
    MessageId { from: ANN, number }
}

impl Lab {
    fn new(config: ClientConfig) -> Self {
        let (device, token) = (ANN, Token([1; 32]));
        let records = vec![ClientRecord::Registered { device, token, number: ann() }];
        let client = Client::new(config);
        let mut lab = Self { client, records, now: Instant::ZERO };
        lab.crash();
        lab
    }

    fn linked() -> Self {
        let mut lab = Self::new(client_config(1));
        lab.up();
        lab
    }

    /// It does not matter whether the records begin with a checkpoint.
    fn crash(&mut self) -> Vec<Said> {
        let config = self.client.config().clone();
        let restored = |records: Vec<ClientRecord>| {
            let mut client = Client::new(config.clone());
            records.into_iter().for_each(|record| client.restore(record));
            client
        };
        self.client = restored(self.records.clone());
        assert_eq!(restored(self.client.checkpoint()), self.client);
        self.run(ClientInput::Start)
    }

    fn run(&mut self, input: ClientInput) -> Vec<Said> {
        self.client.handle(self.now, input);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Said> {
        let said: Vec<Said> = core::iter::from_fn(|| self.client.poll_output()).collect();
        self.records.extend(said.iter().filter_map(|out| match out {
            Out::Record(record) => Some(record.clone()),
            Out::Do(_) => None,
        }));
        said
    }

    /// Begins a session; returns the question by which the device says who it is.
    fn reconnect(&mut self) -> RequestId {
        let said = self.run(ClientInput::Up);
        let mut hellos = said.iter().filter_map(|out| match out {
            Out::Do(ClientOutput::Send(FromDevice::Account(AccountFromDevice::Hello {
                request,
                ..
            }))) => Some(*request),
            _ => None,
        });
        hellos.next().expect("a registered device says who it is")
    }

    fn up(&mut self) -> Vec<Said> {
        let request = self.reconnect();
        self.hear(AccountToDevice::Welcome {
            request,
            mode: ContactMode::Numbers,
            salt: Salt([0; 16]),
            threshold: Rate(24),
            verify_within: None,
        })
    }

    fn hear(&mut self, message: impl Into<ToDevice>) -> Vec<Said> {
        self.run(ClientInput::Message(message.into()))
    }

    fn deliver(&mut self, number: u64, item: Item) -> Vec<Said> {
        self.hear(TextToDevice::Deliver { number, item })
    }

    fn write(&mut self, text: &str) -> Vec<Said> {
        self.command(ClientCommand::Text { to: bob(), text: text.to_string() })
    }

    fn choose(&mut self, number: u64, choice: Choice) -> Vec<Said> {
        self.command(ClientCommand::Choose { offer: Offer::Text(number), choice })
    }

    fn command(&mut self, command: ClientCommand) -> Vec<Said> {
        self.run(ClientInput::Command(command))
    }

    fn texted(&mut self, number: u64, outcome: Outcome) -> Vec<Said> {
        self.run(ClientInput::CarrierTexted { number, outcome })
    }

    fn after(&mut self, time: Duration) -> Vec<Said> {
        self.now = self.now.plus(time);
        self.client.handle_timeout(self.now);
        self.drain()
    }

    /// The server says who has which devices: Bob one with that key.
    fn stale(&mut self, number: u64, bobs_key: u8) -> Vec<Said> {
        let list = |number, version, device, key| DeviceList {
            number,
            version: ListVersion(version),
            devices: vec![(device, client_config(key).secret.key())],
        };
        let to = list(bob(), u32::from(bobs_key), BOB, bobs_key);
        self.hear(TextToDevice::StaleList { number, to, own: list(ann(), 1, ANN, 1) })
    }
}

fn state(number: u64, state: TextState) -> ClientEvent {
    ClientEvent::Text { number, state }
}

fn offered(number: u64, why: Why) -> ClientEvent {
    ClientEvent::Offered { offer: Offer::Text(number), why }
}

fn events(said: &[Said]) -> Vec<ClientEvent> {
    let told = said.iter().filter_map(|out| match out {
        Out::Do(ClientOutput::Tell(event)) => Some(event.clone()),
        _ => None,
    });
    told.collect()
}

fn messages(said: &[Said]) -> Vec<FromDevice> {
    let sent = said.iter().filter_map(|out| match out {
        Out::Do(ClientOutput::Send(message)) => Some(message.clone()),
        _ => None,
    });
    let of_texts = |it: &FromDevice| {
        matches!(
            it,
            FromDevice::Text(TextFromDevice::Send { .. })
                | FromDevice::Text(TextFromDevice::Withdraw { .. })
                | FromDevice::Text(TextFromDevice::Taken { .. })
                | FromDevice::Text(TextFromDevice::Read { .. })
        )
    };
    sent.filter(of_texts).collect()
}

/// The numbers of texts that are sent to the server, and for how many devices.
fn sent(said: &[Said]) -> Vec<(u64, usize)> {
    let sent = messages(said).into_iter().filter_map(|message| match message {
        FromDevice::Text(TextFromDevice::Send { number, copies, .. }) => {
            Some((number, copies.len()))
        }
        _ => None,
    });
    sent.collect()
}

fn orders(said: &[Said]) -> Vec<u64> {
    let orders = said.iter().filter_map(|out| match out {
        Out::Do(ClientOutput::Carrier(CarrierOrder::Text { number, .. })) => Some(*number),
        _ => None,
    });
    orders.collect()
}

#[test]
fn a_text_is_written_down_and_then_sent_for_the_devices_that_the_server_names() {
    let mut lab = Lab::linked();
    let said = lab.write("hi");
    let Out::Record(ClientRecord::Text(TextRecord::Written { number: 1, .. })) = &said[0] else {
        panic!("{said:?}")
    };
    let sending = ClientRecord::Text(TextRecord::Sending { number: 1, id: id(1) });
    assert_eq!(said[2], Out::Record(sending));
    assert_eq!(sent(&said), [(1, 0)], "the lists are not known");
    let said = lab.stale(1, 2);
    assert_eq!(sent(&said), [(1, 1)]);
    assert_eq!(events(&said), [], "these are the first keys of them");
    let FromDevice::Text(TextFromDevice::Send { copies, .. }) = messages(&said).remove(0) else {
        panic!()
    };
    let opened = client_config(2).secret.open(id(1), &bob(), &copies[0].sealed);
    assert_eq!(opened, Some((client_config(1).secret.key(), String::from("hi"))));
    let again = lab.after(Duration::from_secs(5));
    assert_eq!(messages(&again), messages(&said), "the same octets");
    assert_eq!(
        events(&lab.hear(TextToDevice::Stored { number: 1 })),
        [state(1, TextState::Stored)]
    );
    assert_eq!(lab.hear(TextToDevice::Stored { number: 1 }), []);
    let said = lab.deliver(1, Item::Delivered { number: 1, device: BOB });
    assert_eq!(events(&said), [state(1, TextState::Delivered)]);
    let said = lab.deliver(2, Item::Read { number: 1, by: ann(), device: ANN });
    assert_eq!(events(&said), [], "only Bob can have read it");
    let said = lab.deliver(3, Item::Read { number: 1, by: bob(), device: BOB });
    assert_eq!(events(&said), [state(1, TextState::Read)]);
    assert!(lab.client.texts.letters.is_empty() && lab.client.texts.ids.is_empty());
}

#[test]
fn texts_are_sent_in_their_order_and_a_window_at_a_time() {
    let mut lab = Lab::new(client_config(1));
    (0..10).for_each(|_| drop(lab.write("hi")));
    let eight: Vec<_> = (1..=8).map(|number| (number, 0)).collect();
    assert_eq!(sent(&lab.up()), eight);
    assert_eq!(sent(&lab.hear(TextToDevice::Stored { number: 1 })), [(9, 0)]);
    let again: Vec<_> = (2..=9).map(|number| (number, 1)).collect();
    assert_eq!(sent(&lab.stale(2, 2)), again);
}

#[test]
fn without_data_the_carrier_is_offered_and_gets_what_was_never_sent() {
    let mut lab = Lab::new(client_config(1));
    let told = events(&lab.write("hi"));
    assert_eq!(told, [state(1, TextState::Waiting), offered(1, Why::NoData)]);
    let said = lab.choose(1, Choice::Carrier);
    assert_eq!(
        said[0],
        Out::Record(ClientRecord::Text(TextRecord::State {
            number: 1,
            state: TextState::AtCarrier
        }))
    );
    assert_eq!(orders(&said), [1]);
    lab.write("ho");
    assert_eq!(events(&lab.choose(2, Choice::Wait)), []);
    lab.write("he");
    assert_eq!(events(&lab.choose(3, Choice::Quit)), [state(3, TextState::Quit)]);
    assert_eq!(sent(&lab.up()), [(1, 0)], "the one that waits");
    let told = events(&lab.texted(1, Outcome::Sent));
    assert_eq!(told, [state(1, TextState::Carrier(Outcome::Sent))]);
    assert_eq!(events(&lab.texted(1, Outcome::Failed)), [], "it has said so already");
}

#[test]
fn what_the_server_may_have_goes_to_the_carrier_when_it_is_given_back() {
    let mut lab = Lab::linked();
    (0..3).for_each(|_| drop(lab.write("hi")));
    lab.hear(TextToDevice::Stored { number: 1 });
    let told = events(&lab.run(ClientInput::Down));
    assert_eq!(told, [offered(2, Why::NoData), offered(3, Why::NoData)]);
    let said = lab.choose(1, Choice::Carrier);
    let withdrawing = TextState::Withdrawing { carrier: true };
    assert_eq!((events(&said), orders(&said)), (vec![state(1, withdrawing)], vec![]));
    lab.choose(2, Choice::Carrier);
    lab.choose(3, Choice::Quit);
    lab.crash();
    let withdraw = |number| FromDevice::Text(TextFromDevice::Withdraw { number });
    assert_eq!(messages(&lab.up()), [withdraw(1), withdraw(2), withdraw(3)]);
    let said = lab.deliver(1, Item::Delivered { number: 1, device: BOB });
    assert_eq!((events(&said), orders(&said)), (vec![state(1, TextState::Delivered)], vec![]));
    assert_eq!(orders(&lab.deliver(2, Item::Withdrawn { number: 2 })), [2]);
    let said = lab.deliver(3, Item::Withdrawn { number: 3 });
    assert_eq!((events(&said), orders(&said)), (vec![state(3, TextState::Quit)], vec![]));
}

#[test]
fn what_the_carrier_perhaps_has_is_not_given_to_it_again() {
    let mut lab = Lab::new(client_config(1));
    for _ in 0..3 {
        lab.write("hi");
    }
    (1..=3).for_each(|number| drop(lab.choose(number, Choice::Carrier)));
    let unknown = |number| state(number, TextState::Carrier(Outcome::Unknown));
    assert_eq!(events(&lab.texted(1, Outcome::Unknown)), [unknown(1)]);
    assert_eq!(lab.choose(1, Choice::Carrier), []);
    let told = events(&lab.texted(2, Outcome::Failed));
    let failed = state(2, TextState::Carrier(Outcome::Failed));
    assert_eq!(told, [failed, offered(2, Why::Carrier)]);
    let said = lab.crash();
    assert_eq!(events(&said), [offered(2, Why::Carrier), unknown(3)]);
    assert_eq!(orders(&lab.choose(3, Choice::Carrier)), []);
    assert_eq!(orders(&lab.choose(2, Choice::Carrier)), [2]);
}

#[test]
fn a_rule_sends_to_the_carrier_without_asking_but_never_what_the_server_may_have() {
    let mut lab = Lab::new(ClientConfig { carrier_rule: true, ..client_config(1) });
    assert_eq!(orders(&lab.write("hi")), [1]);
    let told = events(&lab.texted(1, Outcome::Failed));
    assert_eq!(told.last(), Some(&offered(1, Why::Carrier)), "it is not tried for ever");
    lab.up();
    lab.write("ho");
    let said = lab.run(ClientInput::Down);
    assert_eq!((events(&said), orders(&said)), (vec![offered(2, Why::NoData)], vec![]));
    lab.up();
    let refused = Item::NotStored { number: 1, why: Refusal::NotRegistered };
    assert_eq!(orders(&lab.deliver(1, refused)), [2]);
}

#[test]
fn what_the_server_refuses_is_offered_and_may_be_tried_again() {
    let mut lab = Lab::linked();
    lab.write("hi");
    let refused = || Item::NotStored { number: 1, why: Refusal::Full };
    let why = Why::Text(Refusal::Full);
    let told = events(&lab.deliver(1, refused()));
    assert_eq!(told, [state(1, TextState::NotStored(Refusal::Full)), offered(1, why)]);
    assert_eq!(events(&lab.crash()), [offered(1, why)]);
    lab.up();
    assert_eq!(lab.deliver(1, refused()).len(), 1, "it is taken again, and that is all");
    assert_eq!(sent(&lab.choose(1, Choice::Wait)), [(2, 0)], "as another text");
}

#[test]
fn other_keys_than_before_are_told() {
    let mut lab = Lab::linked();
    lab.write("hi");
    assert_eq!(events(&lab.stale(1, 2)), []);
    assert_eq!(events(&lab.stale(1, 2)), []);
    lab.crash();
    lab.up();
    let said = lab.stale(1, 3);
    assert_eq!(events(&said), [ClientEvent::KeyChanged(bob())]);
    let said = lab.deliver(1, from_bob(1, 3, "hi"));
    assert!(!events(&said).contains(&ClientEvent::KeyChanged(bob())));
    let said = lab.deliver(2, from_bob(2, 2, "ho"));
    assert_eq!(events(&said)[0], ClientEvent::KeyChanged(bob()));
    assert_eq!(sent(&lab.after(Duration::from_secs(5))), [(1, 0)], "the list holds no more");
}

/// A text of Bob's, sealed by a secret of his.
fn from_bob(number: u64, secret: u8, text: &str) -> Item {
    let id = MessageId { from: BOB, number };
    let ann_key = client_config(1).secret.key();
    let sealed = client_config(secret).secret.seal(id, &ann(), ann_key, text).unwrap();
    Item::Text { id, from: bob(), to: ann(), sealed, at: Instant::ZERO }
}

fn received(number: u64, text: Option<&str>) -> ReceivedText {
    let id = MessageId { from: BOB, number };
    let text = text.map(String::from);
    ReceivedText { id, from: bob(), to: ann(), text, at: Instant::ZERO }
}

#[test]
fn a_text_is_written_down_told_and_taken_once_and_in_order() {
    let mut lab = Lab::linked();
    assert_eq!(messages(&lab.deliver(2, from_bob(2, 2, "ho"))), [], "others come first");
    let said = lab.deliver(1, from_bob(1, 2, "hi"));
    let text = received(1, Some("hi"));
    let taken = FromDevice::Text(TextFromDevice::Taken { up_to: 1 });
    assert_eq!(
        said[1..],
        [
            Out::Record(ClientRecord::Text(TextRecord::Taken {
                number: 1,
                text: Some(text.clone())
            })),
            Out::Do(ClientOutput::Tell(ClientEvent::Received(text))),
            Out::Record(ClientRecord::Text(TextRecord::Told(1))),
            Out::Do(ClientOutput::Send(taken.clone())),
        ],
        "after the key"
    );
    let said = lab.deliver(1, from_bob(1, 2, "hi"));
    assert_eq!(said, [Out::Do(ClientOutput::Send(taken))]);
}

#[test]
fn a_text_of_which_the_user_was_perhaps_not_told_is_told_after_a_crash() {
    let mut lab = Lab::linked();
    let text = received(1, Some("hi"));
    lab.records.push(ClientRecord::Text(TextRecord::Taken { number: 1, text: Some(text.clone()) }));
    assert_eq!(events(&lab.crash()), [ClientEvent::Received(text)]);
    assert_eq!(events(&lab.crash()), [], "it was told");
    assert_eq!(lab.client.texts.taken(), 1);
}

#[test]
fn what_cannot_be_opened_is_told_as_such() {
    let mut lab = Lab::linked();
    let mut item = from_bob(1, 2, "hi");
    if let Item::Text { sealed, .. } = &mut item {
        sealed[50] ^= 1;
    }
    assert_eq!(events(&lab.deliver(1, item)), [ClientEvent::Received(received(1, None))]);
}

#[test]
fn what_is_too_long_or_too_much_is_not_written() {
    let mut lab = Lab::new(client_config(1));
    let long = "x".repeat(TEXT_OCTETS_MAX + 1);
    let why = NotWritten::TooLong { octets: TEXT_OCTETS_MAX + 1, limit: TEXT_OCTETS_MAX };
    assert_eq!(events(&lab.write(&long)), [ClientEvent::NotWritten(why)]);
    for _ in 0..WAITING_MAX {
        lab.write("hi");
    }
    let why = NotWritten::Full { limit: WAITING_MAX };
    assert_eq!(events(&lab.write("hi")), [ClientEvent::NotWritten(why)]);
}

#[test]
fn what_was_sent_under_a_registration_that_is_over_is_not_sent_again() {
    let mut lab = Lab::linked();
    (0..3).for_each(|_| drop(lab.write("hi")));
    lab.hear(TextToDevice::Stored { number: 1 });
    lab.choose(2, Choice::Carrier);
    lab.run(ClientInput::Down);
    let request = lab.reconnect();
    let said = lab.hear(AccountToDevice::Unknown { request });
    let unsure = |number| state(number, TextState::Unsure);
    assert_eq!(events(&said), [ClientEvent::NotRegistered(None), unsure(2), unsure(3)]);
    for number in 1..=3 {
        assert_eq!(orders(&lab.choose(number, Choice::Carrier)), []);
    }
    assert_eq!(events(&lab.write("ho"))[1], offered(4, Why::NoData));
}

#[test]
fn that_a_text_was_read_is_said_until_it_is_noted() {
    let mut lab = Lab::linked();
    let message = MessageId { from: BOB, number: 1 };
    let read = FromDevice::Text(TextFromDevice::Read { message });
    assert_eq!(messages(&lab.command(ClientCommand::Read(message))), vec![read.clone()]);
    assert_eq!(lab.command(ClientCommand::Read(message)), []);
    lab.crash();
    assert_eq!(messages(&lab.up()), vec![read.clone()]);
    assert_eq!(messages(&lab.after(Duration::from_secs(5))), [read]);
    lab.hear(TextToDevice::Noted { message });
    assert_eq!(messages(&lab.after(Duration::from_secs(60))), []);
}

#[test]
fn what_is_delivered_before_the_device_is_welcome_is_not_taken() {
    let mut lab = Lab::new(client_config(1));
    let request = lab.reconnect();
    let item = Item::Expired { number: 1 };
    let deliver = TextToDevice::Deliver { number: 1, item };
    assert_eq!(lab.hear(deliver.clone()), []);
    lab.hear(AccountToDevice::Welcome {
        request,
        mode: ContactMode::Numbers,
        salt: Salt([0; 16]),
        threshold: Rate(24),
        verify_within: None,
    });
    let taken = Out::Do(ClientOutput::Send(FromDevice::Text(TextFromDevice::Taken { up_to: 1 })));
    assert!(lab.hear(deliver).contains(&taken));
}
