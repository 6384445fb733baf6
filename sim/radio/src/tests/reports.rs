//! What senders outside learn of their texts: their own tags, and what devices answered.

use super::{Network, Texts, imsi, network::*, number};
use crate::{air::*, *};
use alloc::sync::Arc;
use polysim_base::{Duration, Instant, Machine, Msisdn, Out};
use polysim_sms::Status;

/// SMS-DELIVER-REPORTs: of success, without optional fields and with five octets of user data.
const DONE: &[u8] = &[0, 0];
const PROOF: &[u8] = &[0, 4, 5, 1, 2, 3, 4, 5];
/// Of failure: error of a data download, card application busy, memory, store of the card.
const DOWNLOAD_ERROR: &[u8] = &[0, 0xD5, 0];
const CARD_BUSY: &[u8] = &[0, 0xD4, 0];
const FULL: &[u8] = &[0, 0xD3, 0];

fn platform() -> Party {
    Party::Name("Platform".into())
}

fn outside(to: Msisdn, tag: Option<u64>, validity: Option<Duration>) -> CoreCommand {
    let (from, content) = (platform(), OutsideSms::Deliver(vec![4, 2, 0x91, 0x21]));
    CoreCommand::OutsideSms { from, to, content, tag, validity }
}

fn sms_events(network: &mut Network) -> Vec<SmsEvent> {
    let events = network.take_events().into_iter();
    let events = events.filter_map(|event| match event {
        NetworkEvent::Sms(event) => Some(event),
        _ => None,
    });
    events.collect()
}

/// Sends to bob, who is at `serving`, by the centre of operator one; returns what becomes of it.
fn sent_to(texts: Texts, cell: CellId, seconds: u64) -> (Network, RadioId, Vec<SmsEvent>) {
    let mut network = Network::new(1);
    let bob = network.phone(ONE, 2);
    if cell == CELL_3 {
        network.travel(bob, ABROAD);
    }
    network.attached(bob, cell);
    network.dev(bob).texts = texts;
    network.take_events();
    network.command(ONE, outside(number(ONE, 2), Some(77), None));
    network.run_s(seconds);
    let events = sms_events(&mut network);
    (network, bob, events)
}

fn accepted() -> SmsEvent {
    SmsEvent::Accepted { id: 1, tag: Some(77), from: platform(), to: number(ONE, 2) }
}

fn delivered(report: Option<&[u8]>) -> SmsEvent {
    let (to, report) = (number(ONE, 2), report.map(<[u8]>::to_vec));
    SmsEvent::Delivered { id: 1, tag: Some(77), to, report }
}

fn deferred() -> SmsEvent {
    SmsEvent::Deferred { id: 1, tag: Some(77), to: number(ONE, 2) }
}

#[test]
fn the_report_of_a_device_goes_back_to_the_sender_from_home_and_abroad() {
    for cell in [CELL_1, CELL_3] {
        for (texts, report) in [
            (Texts::Take, None),
            (Texts::Report(DONE), Some(DONE)),
            (Texts::Report(PROOF), Some(PROOF)),
        ] {
            let (_, _, events) = sent_to(texts, cell, 1);
            assert_eq!(events, [accepted(), delivered(report)]);
        }
    }
}

#[test]
fn a_report_longer_than_any_tpdu_is_left_out() {
    let (_, _, events) = sent_to(Texts::Report(&[0; 165]), CELL_1, 1);
    assert_eq!(events, [accepted(), delivered(None)]);
}

#[test]
fn a_text_that_a_card_refuses_is_given_up_with_its_report() {
    for cell in [CELL_1, CELL_3] {
        let (network, _, events) = sent_to(Texts::RefuseWith(111, DOWNLOAD_ERROR), cell, 1);
        let status = Status::CONNECTION_REJECTED;
        let report = Some(DOWNLOAD_ERROR.to_vec());
        let failed = SmsEvent::Failed { id: 1, tag: Some(77), to: number(ONE, 2), status, report };
        assert_eq!(events, [accepted(), failed]);
        assert_eq!(network.cores[&ONE].stored_texts(), 0);
        assert_eq!(network.cores[&ONE].counters().sms_failed, 1);
    }
}

#[test]
fn what_comes_after_a_text_given_up_is_delivered() {
    let (mut network, bob, _) = sent_to(Texts::RefuseWith(111, CARD_BUSY), CELL_1, 1);
    network.command(ONE, outside(number(ONE, 2), Some(78), None));
    network.run_s(1);
    network.dev(bob).texts = Texts::RefuseOneWith(111, DOWNLOAD_ERROR);
    network.take_events();
    network.run_s(40);
    let events = sms_events(&mut network);
    assert!(
        matches!(
            &events[..],
            [
                SmsEvent::Failed { tag: Some(77), .. },
                SmsEvent::Delivered { tag: Some(78), report: None, .. }
            ]
        ),
        "{events:?}"
    );
}

#[test]
fn a_busy_card_is_tried_again_after_the_usual_pause() {
    let (mut network, bob, events) = sent_to(Texts::RefuseWith(111, CARD_BUSY), CELL_1, 25);
    assert_eq!(events, [accepted(), deferred()]);
    network.dev(bob).texts = Texts::Report(PROOF);
    network.run_s(10);
    assert_eq!(sms_events(&mut network), [delivered(Some(PROOF))]);
}

#[test]
fn a_report_that_says_nothing_leaves_the_text_to_be_tried_again() {
    for report in [&[][..], &[0xFF; 3], FULL] {
        let (_, _, events) = sent_to(Texts::RefuseWith(111, report), CELL_1, 25);
        assert_eq!(events, [accepted(), deferred()], "{report:?}");
    }
}

#[test]
fn full_memory_waits_for_memory_whatever_the_report_says() {
    let (mut network, bob, events) = sent_to(Texts::RefuseWith(22, DOWNLOAD_ERROR), CELL_1, 600);
    assert_eq!(events, [accepted(), deferred()]);
    network.dev(bob).texts = Texts::Report(DONE);
    network.uplink(bob, Uplink::Sms(SmsUplink::MemoryAvailable { reference: 7 }));
    network.run_s(1);
    assert_eq!(sms_events(&mut network), [delivered(Some(DONE))]);
}

#[test]
fn a_text_expires_when_its_sender_says() {
    let mut network = Network::new(1);
    network.phone(ONE, 2);
    network.command(ONE, outside(number(ONE, 2), Some(1), Some(Duration::from_secs(90))));
    network.command(ONE, outside(number(ONE, 2), Some(2), None));
    network.run_s(89);
    assert_eq!(network.core(ONE).stored_texts(), 2);
    network.take_events();
    network.run_s(2);
    let expired = SmsEvent::Expired { id: 1, tag: Some(1), to: number(ONE, 2) };
    assert_eq!(sms_events(&mut network), [expired]);
    assert_eq!(network.core(ONE).stored_texts(), 1);
}

#[test]
fn all_parts_of_a_text_have_the_tag_and_so_has_a_refusal() {
    let mut network = Network::new(1);
    let bob = network.phone(ONE, 2);
    network.attached(bob, CELL_1);
    let content = OutsideSms::Text("part ".repeat(40));
    let (from, to, validity) = (platform(), number(ONE, 2), None);
    let send = |content| CoreCommand::OutsideSms {
        from: from.clone(),
        to,
        content,
        tag: Some(5),
        validity,
    };
    network.command(ONE, send(content));
    network.run_s(2);
    let tags = sms_events(&mut network).into_iter().filter_map(|event| match event {
        SmsEvent::Delivered { tag, id, .. } => Some((id, tag)),
        _ => None,
    });
    assert_eq!(tags.collect::<Vec<_>>(), [(1, Some(5)), (2, Some(5))]);
    let until = Instant::MAX;
    network.command(ONE, CoreCommand::Fault(CoreFault::SmsCongestion { until }));
    network.command(ONE, send(OutsideSms::Text("x".into())));
    network.run_s(1);
    let refused = SmsEvent::Refused { from: platform(), tag: Some(5), cause: 42 };
    assert_eq!(sms_events(&mut network), [refused]);
}

#[test]
fn a_sender_with_a_tag_hears_of_its_text_though_nobody_watches() {
    let configs = operators();
    let settings = CoreSettings {
        directory: Arc::new(Directory::new(&configs)),
        seed: 1,
        unix_start_s: START_S,
        observe: Observe::Nothing,
    };
    let mut core = Core::new(configs[0].clone(), settings);
    for tag in [None, Some(9)] {
        let unknown = Msisdn::parse("+8613900000001").unwrap();
        core.handle(Instant::ZERO, CoreInput::Command(outside(unknown, tag, None)));
    }
    let mut tags = Vec::new();
    while let Some(Out::Do(CoreOutput::Event(NetworkEvent::Sms(event)))) = core.poll_output() {
        match event {
            SmsEvent::Accepted { tag, .. } | SmsEvent::Failed { tag, .. } => tags.push(tag),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(tags, [Some(9), Some(9)]);
}

#[test]
fn the_home_network_hears_where_a_subscription_is_served() {
    let mut network = Network::new(1);
    let bob = network.phone(ONE, 2);
    let updates = |network: &mut Network| {
        let events = std::mem::take(&mut network.events).into_iter();
        let updates = events.filter_map(|(core, event)| match event {
            NetworkEvent::LocationUpdated { imsi, serving, radio } => {
                Some((core, imsi, serving, radio))
            }
            _ => None,
        });
        updates.collect::<Vec<_>>()
    };
    network.attached(bob, CELL_1);
    assert_eq!(updates(&mut network), [(ONE, imsi(ONE, 2), ONE, bob)]);
    network.attached(bob, CELL_1_GSM);
    assert_eq!(updates(&mut network), [], "another cell of the same core");
    network.travel(bob, ABROAD);
    network.attached(bob, CELL_3);
    assert_eq!(updates(&mut network), [(ONE, imsi(ONE, 2), THREE, bob)]);
    network
        .command(ONE, CoreCommand::Bar { imsi: imsi(ONE, 2), cause: Some(RejectCause::IllegalMs) });
    network.run_s(1);
    network.attach(bob, CELL_3);
    network.run_s(1);
    assert_eq!(updates(&mut network), [], "refused");
}
