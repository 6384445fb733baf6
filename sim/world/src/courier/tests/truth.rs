//! Each invariant sees what it is there for.

use super::super::truth::{
    CODE_BOUNDED, STORED_KEPT, TEXT_ONCE, TEXT_ONE_WAY, Truth, VOICE_BY_THRESHOLD,
};
use super::*;
use polysim_base::Instant;
use polysim_courier::client::{self, CarrierOrder, ClientEvent, ClientRecord, ReceivedText};
use polysim_courier::server::{
    AccountRecord, CodeSent, Kept, KeptDevice, ServerEvent, ServerRecord, TextRecord, VoiceDecision,
};
use polysim_courier::wire::{AccountToDevice, Copy, VoiceToDevice};
use polysim_courier::{
    CallNumber, DeviceId, DeviceKey, ListVersion, MarkVersion, MessageId, Registration, Token,
};

const SENDER: DeviceId = DeviceId(1);
const RECIPIENT: DeviceId = DeviceId(2);

fn key(device: u8) -> DeviceKey {
    DeviceKey([device; 32])
}

/// Two devices, registered by codes.
fn truth() -> Truth {
    let keys = [(key(0), 0), (key(1), 1)].into_iter().collect();
    let mut truth = Truth::new(keys, limits());
    for (device, phone, id) in [(0, ANNA, SENDER), (1, BERT, RECIPIENT)] {
        issue(&mut truth, Registration(id.0), device, phone);
        register(&mut truth, Registration(id.0), id, 60);
        truth.device_records(
            u32::from(device),
            &ClientRecord::Registered { device: id, token: Token([0; 32]), number: number(phone) },
        );
    }
    assert_eq!(found(&truth), [""; 0]);
    truth
}

fn issue(truth: &mut Truth, registration: Registration, device: u8, phone: usize) {
    truth.server_records(&ServerRecord::from(AccountRecord::CodeSent(CodeSent {
        registration,
        at: Instant::ZERO,
        number: number(phone),
        key: key(device),
        card: None,
        tenant: TenantId(1),
        name: String::from("phone").try_into().unwrap(),
    })));
    truth.server_tells(&ServerEvent::CodeSent(registration));
}

fn register(truth: &mut Truth, registration: Registration, device: DeviceId, after_s: u64) {
    let at = Instant::ZERO.plus(secs(after_s));
    let record = AccountRecord::Registered { registration, device, generation: 1, at };
    truth.server_records(&record.into());
    truth.server_tells(&ServerEvent::Registered(device));
}

fn found(truth: &Truth) -> Vec<&'static str> {
    truth.contradictions().map(|(name, _)| name).collect()
}

const fn message(number: u64) -> MessageId {
    MessageId { from: SENDER, number }
}

fn show(truth: &mut Truth, text: u64) {
    let text = ReceivedText {
        id: message(text),
        from: number(ANNA),
        to: number(BERT),
        text: Some("hello".into()),
        at: Instant::ZERO,
    };
    truth.device_tells(1, &ClientEvent::Received(text));
}

fn send(truth: &mut Truth, number: u64) {
    let record = client::TextRecord::Sending { number, id: message(number) };
    truth.device_records(0, &record.into());
}

fn to_carrier(truth: &mut Truth, text: u64) {
    let order = CarrierOrder::Text { number: text, to: number(BERT), text: "hello".into() };
    truth.goes_to_carrier(0, &order);
}

#[test]
fn a_code_that_is_used_twice_or_late_or_after_its_tries_is_seen() {
    let mut twice = truth();
    register(&mut twice, Registration(1), SENDER, 61);
    assert_eq!(found(&twice), [CODE_BOUNDED]);

    let mut late = truth();
    issue(&mut late, Registration(3), 0, ANNA);
    register(&mut late, Registration(3), SENDER, 601);
    assert_eq!(found(&late), [CODE_BOUNDED]);

    let mut tried = truth();
    issue(&mut tried, Registration(3), 0, ANNA);
    for _ in 0..5 {
        tried.server_tells(&ServerEvent::WrongCode(Registration(3)));
    }
    assert_eq!(found(&tried), [""; 0]);
    register(&mut tried, Registration(3), SENDER, 60);
    assert_eq!(found(&tried), [CODE_BOUNDED]);
}

#[test]
fn too_many_codes_and_a_code_for_somebody_else_are_seen() {
    let mut many = truth();
    for registration in 3..7 {
        issue(&mut many, Registration(registration), 0, ANNA);
    }
    assert_eq!(found(&many), [""; 0]);
    issue(&mut many, Registration(7), 0, ANNA);
    assert_eq!(found(&many), [CODE_BOUNDED]);

    let mut other = truth();
    let said = AccountToDevice::Registered {
        request: polysim_courier::RequestId(1),
        device: SENDER,
        token: Token([0; 32]),
        number: number(BERT),
    };
    other.server_says(0, &said.into());
    assert_eq!(found(&other), [CODE_BOUNDED]);
}

#[test]
fn a_text_that_goes_both_ways_is_seen_whichever_is_first() {
    let mut data_first = truth();
    send(&mut data_first, 1);
    show(&mut data_first, 1);
    to_carrier(&mut data_first, 1);
    assert_eq!(found(&data_first), [TEXT_ONE_WAY]);

    let mut carrier_first = truth();
    send(&mut carrier_first, 1);
    to_carrier(&mut carrier_first, 1);
    assert_eq!(found(&carrier_first), [""; 0]);
    show(&mut carrier_first, 1);
    assert_eq!(found(&carrier_first), [TEXT_ONE_WAY]);
}

#[test]
fn a_text_that_is_shown_twice_or_out_of_order_is_seen() {
    let mut twice = truth();
    show(&mut twice, 1);
    twice.crashed(1);
    show(&mut twice, 1);
    assert_eq!(found(&twice), [""; 0], "nobody knows whether it was shown before the crash");
    show(&mut twice, 1);
    assert_eq!(found(&twice), [TEXT_ONCE]);

    let mut order = truth();
    show(&mut order, 2);
    show(&mut order, 1);
    assert_eq!(found(&order), [TEXT_ONCE]);
}

#[test]
fn a_text_that_was_accepted_and_is_gone_is_seen() {
    let account = ServerRecord::Kept(Kept::Account {
        number: number(BERT),
        list: ListVersion(1),
        marked: MarkVersion(1),
        held_since: None,
        unproved_since: None,
        devices: vec![KeptDevice {
            id: RECIPIENT,
            key: key(1),
            name: String::from("phone").try_into().unwrap(),
            card: None,
            generation: 1,
        }],
    });
    let accepted = || {
        let mut truth = truth();
        let record = TextRecord::Stored {
            id: message(1),
            from: number(ANNA),
            to: number(BERT),
            copies: vec![Copy { device: RECIPIENT, sealed: Vec::new() }],
            own: Vec::new(),
            at: Instant::ZERO,
            until: None,
        };
        truth.server_records(&record.into());
        truth.server_tells(&ServerEvent::Stored(message(1)));
        truth
    };
    let mut lost = accepted();
    lost.look(core::slice::from_ref(&account));
    assert_eq!(found(&lost), [STORED_KEPT]);

    let mut withdrawn = accepted();
    withdrawn.server_records(&TextRecord::Withdrawn(message(1)).into());
    withdrawn.look(&[account]);
    assert_eq!(found(&withdrawn), [""; 0]);

    let mut nobody = accepted();
    nobody.look(&[]);
    assert_eq!(found(&nobody), [""; 0], "the device is no more");
}

#[test]
fn a_call_over_data_that_is_too_slow_or_undecided_is_seen() {
    let decide = |callee| {
        let mut truth = truth();
        truth.server_tells(&ServerEvent::Voice(VoiceDecision {
            from: SENDER,
            call: CallNumber(1),
            at: Instant::ZERO,
            caller: (Rate(64), Rate(64)),
            callee: Some((RECIPIENT, Some(Rate(callee)))),
            threshold: Rate(64),
            over_data: true,
        }));
        truth
    };
    let incoming = |call| {
        let call = CallNumber(call);
        VoiceToDevice::Incoming { from: SENDER, call, number: number(ANNA) }.into()
    };
    let mut fast = decide(64);
    fast.server_says(1, &incoming(1));
    assert_eq!(found(&fast), [""; 0]);
    fast.server_says(1, &incoming(2));
    assert_eq!(found(&fast), [VOICE_BY_THRESHOLD]);
    assert_eq!(found(&decide(63)), [VOICE_BY_THRESHOLD]);
}
