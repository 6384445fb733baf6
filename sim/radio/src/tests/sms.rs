//! Texts from phone to phone: delivery, absence, memory, expiry, reports.

use super::{Network, Texts, imsi, network::*};
use crate::{air::*, *};
use polysim_base::Msisdn;
use polysim_sms::{
    Address, Deliver, EnhancedPeriod, EnhancedValidity, MobileOriginated, MobileTerminated,
    RelativeValidity, Rp, Status, StatusReport, Submit, SubmitReport, Tpdu, UserData,
    ValidityPeriod,
};

/// Two attached phones of operator one.
pub(super) fn pair() -> (Network, RadioId, RadioId) {
    let mut network = Network::new(1);
    let (alice, bob) = (network.phone(ONE, 1), network.phone(ONE, 2));
    network.attached(alice, CELL_1);
    network.attached(bob, CELL_1);
    (network, alice, bob)
}

pub(super) fn submit(to: &str, text: &str) -> Submit {
    let destination = Address::parse_dialled(to).unwrap();
    Submit::new(destination, UserData::from_text(text).unwrap())
}

pub(super) fn centre(operator: OperatorId) -> Msisdn {
    operators()[usize::from(operator.0) - 1].smsc.number
}

pub(super) fn send(network: &mut Network, from: RadioId, submit: Submit) {
    send_tpdu(network, from, MobileOriginated::Submit(submit).to_octets());
}

pub(super) fn send_tpdu(network: &mut Network, from: RadioId, tpdu: Vec<u8>) {
    let centre = centre(ONE);
    network.uplink(from, Uplink::Sms(SmsUplink::Data { reference: 9, centre, tpdu }));
    network.run_s(1);
}

/// What the centre answered to a submission.
pub(super) fn answer(network: &mut Network, from: RadioId) -> Result<SubmitReport, u8> {
    for downlink in network.dev(from).take() {
        match downlink {
            Downlink::Sms(SmsDownlink::Ack { reference: 9, tpdu: Some(tpdu) }) => {
                let parsed = MobileTerminated::parse(&tpdu, Rp::Ack).unwrap();
                let MobileTerminated::SubmitReport(report) = parsed else { panic!("{parsed:?}") };
                return Ok(report);
            }
            Downlink::Sms(SmsDownlink::Error { reference: 9, cause }) => return Err(cause),
            _ => {}
        }
    }
    panic!("no answer")
}

/// What a phone got.
pub(super) fn inbox(network: &mut Network, phone: RadioId) -> Vec<MobileTerminated> {
    let downlinks = network.dev(phone).take().into_iter();
    let tpdus = downlinks.filter_map(|downlink| match downlink {
        Downlink::Sms(SmsDownlink::Data { tpdu, .. }) => Some(tpdu),
        _ => None,
    });
    tpdus.map(|tpdu| MobileTerminated::parse(&tpdu, Rp::Data).unwrap()).collect()
}

pub(super) fn deliveries(network: &mut Network, phone: RadioId) -> Vec<Deliver> {
    let messages = inbox(network, phone).into_iter();
    let messages = messages.filter_map(|message| match message {
        MobileTerminated::Deliver(deliver) => Some(deliver),
        _ => None,
    });
    messages.collect()
}

pub(super) fn texts(network: &mut Network, phone: RadioId) -> Vec<String> {
    let delivered = deliveries(network, phone).into_iter();
    delivered.map(|deliver| deliver.user_data.text().unwrap()).collect()
}

pub(super) fn reports(network: &mut Network, phone: RadioId) -> Vec<StatusReport> {
    let messages = inbox(network, phone).into_iter();
    let messages = messages.filter_map(|message| match message {
        MobileTerminated::StatusReport(report) => Some(report),
        _ => None,
    });
    messages.collect()
}

pub(super) fn switch_off(network: &mut Network, phone: RadioId) {
    network.uplink(phone, Uplink::Detach);
    network.run_s(1);
}

#[test]
fn a_text_arrives_with_sender_and_local_time() {
    let (mut network, alice, bob) = pair();
    send(&mut network, alice, submit("+49171000002", "Hello"));
    let report = answer(&mut network, alice).unwrap();
    assert_eq!(report.timestamp.to_string(), "23-11-14 22:13:21+00:00");
    let delivered = deliveries(&mut network, bob);
    let [deliver] = &delivered[..] else { panic!("{delivered:?}") };
    assert_eq!(deliver.user_data.text().unwrap(), "Hello");
    assert_eq!(deliver.originator.to_string(), "+49171000001");
    assert_eq!(deliver.timestamp, report.timestamp);
    assert!(!deliver.more_messages);
    assert_eq!(network.core(ONE).stored_texts(), 0);
}

#[test]
fn national_forms_reach_the_same_number_and_other_operators() {
    let (mut network, alice, _) = pair();
    let other = network.phone(TWO, 5);
    network.attached(other, CELL_2);
    for form in ["+49172000005", "0049172000005", "0172000005", "172000005"] {
        send(&mut network, alice, submit(form, form));
        assert_eq!(texts(&mut network, other), [form]);
    }
}

#[test]
fn a_text_follows_its_recipient_abroad() {
    let (mut network, alice, bob) = pair();
    network.travel(bob, ABROAD);
    network.attached(bob, CELL_3);
    send(&mut network, alice, submit("+49171000002", "Salut"));
    assert_eq!(texts(&mut network, bob), ["Salut"]);
}

#[test]
fn unknown_numbers_and_broken_tpdus_are_refused() {
    let (mut network, alice, _) = pair();
    for nobody in ["+49171000077", "+18005550100", "112"] {
        send(&mut network, alice, submit(nobody, "?"));
        assert_eq!(answer(&mut network, alice), Err(1), "{nobody}");
    }
    for tpdu in [vec![], vec![0x01, 0x00], vec![0xFF; 200]] {
        send_tpdu(&mut network, alice, tpdu);
        assert_eq!(answer(&mut network, alice), Err(111));
    }
    let centre = Msisdn::parse("+4999999").unwrap();
    let tpdu = MobileOriginated::Submit(submit("+49171000002", "x")).to_octets();
    network.uplink(alice, Uplink::Sms(SmsUplink::Data { reference: 9, centre, tpdu }));
    network.run_s(1);
    assert_eq!(answer(&mut network, alice), Err(38), "no such centre");
    assert_eq!(network.core(ONE).counters().sms_accepted, 0);
}

#[test]
fn a_number_unknown_to_another_home_network_fails_with_a_report() {
    let (mut network, alice, _) = pair();
    send(&mut network, alice, submit("+49172000077", "?").with_reference(3).with_status_report());
    let reports = reports(&mut network, alice);
    assert_eq!(reports.len(), 1);
    assert_eq!((reports[0].reference, reports[0].status), (3, Status::NOT_OBTAINABLE));
}

#[test]
fn a_text_to_a_phone_that_is_off_arrives_when_it_comes_back() {
    let (mut network, alice, bob) = pair();
    switch_off(&mut network, bob);
    send(&mut network, alice, submit("+49171000002", "one"));
    send(&mut network, alice, submit("+49171000002", "two"));
    network.run_s(3_600);
    assert_eq!(network.core(ONE).stored_texts(), 2);
    network.attach(bob, CELL_1);
    network.run_s(1);
    let delivered = deliveries(&mut network, bob);
    let seen: Vec<(String, bool)> =
        delivered.iter().map(|d| (d.user_data.text().unwrap(), d.more_messages)).collect();
    assert_eq!(seen, [("one".to_string(), true), ("two".to_string(), false)]);
    assert_eq!(network.core(ONE).stored_texts(), 0);
}

#[test]
fn a_text_to_a_phone_without_coverage_arrives_when_it_is_back() {
    let (mut network, alice, bob) = pair();
    network.region(HERE, RegionInput::LoseLink(bob));
    network.run_s(1);
    send(&mut network, alice, submit("+49171000002", "under the bridge"));
    assert_eq!(texts(&mut network, bob), [""; 0]);
    // Registered all along: it is the serving core that tells the home network.
    network.attach(bob, CELL_1);
    network.run_s(1);
    assert_eq!(texts(&mut network, bob), ["under the bridge"]);
    assert_eq!(network.dev(bob).challenges, 1);
}

#[test]
fn a_link_lost_during_delivery_leads_to_another_attempt() {
    let (mut network, alice, bob) = pair();
    network.dev(bob).texts = Texts::Ignore;
    send(&mut network, alice, submit("+49171000002", "hello?"));
    assert_eq!(texts(&mut network, bob), ["hello?"]);
    network.region(HERE, RegionInput::LoseLink(bob));
    network.run_s(1);
    network.dev(bob).texts = Texts::Take;
    network.attach(bob, CELL_1);
    network.run_s(5);
    assert_eq!(texts(&mut network, bob), ["hello?"]);
    assert_eq!(network.core(ONE).counters().sms_delivered, 1);
}

#[test]
fn a_full_memory_waits_for_memory_available() {
    let (mut network, alice, bob) = pair();
    network.dev(bob).texts = Texts::Refuse(22);
    send(&mut network, alice, submit("+49171000002", "no room"));
    network.run_s(600);
    assert_eq!(texts(&mut network, bob).len(), 1, "one attempt only");
    network.dev(bob).texts = Texts::Take;
    network.uplink(bob, Uplink::Sms(SmsUplink::MemoryAvailable { reference: 77 }));
    network.run_s(1);
    let heard = network.dev(bob).take();
    let ack = Downlink::Sms(SmsDownlink::Ack { reference: 77, tpdu: None });
    assert!(heard.contains(&ack), "{heard:?}");
    assert_eq!(network.core(ONE).counters().sms_delivered, 1);
}

#[test]
fn other_errors_are_tried_again_at_growing_intervals() {
    let (mut network, alice, bob) = pair();
    network.dev(bob).texts = Texts::Refuse(111);
    send(&mut network, alice, submit("+49171000002", "again"));
    let mut attempts = Vec::new();
    for second in 1..700 {
        if !texts(&mut network, bob).is_empty() {
            attempts.push(second);
        }
        network.run_s(1);
    }
    let gaps: Vec<u64> = attempts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(gaps, [30, 60, 120, 300]);
}

#[test]
fn a_success_shortens_the_pauses_again() {
    let (mut network, alice, bob) = pair();
    network.dev(bob).texts = Texts::Refuse(111);
    send(&mut network, alice, submit("+49171000002", "first"));
    network.run_s(100);
    network.dev(bob).texts = Texts::Take;
    network.run_s(150);
    assert_eq!(network.core(ONE).stored_texts(), 0);
    network.dev(bob).take();
    network.dev(bob).texts = Texts::Refuse(111);
    send(&mut network, alice, submit("+49171000002", "second"));
    send(&mut network, alice, submit("+49171000002", "third"));
    network.dev(bob).texts = Texts::Take;
    network.run_s(32);
    assert_eq!(texts(&mut network, bob), ["second", "second", "third"]);
    // And with another one waiting behind the one that succeeds.
    network.dev(bob).texts = Texts::Refuse(111);
    send(&mut network, alice, submit("+49171000002", "fourth"));
    send(&mut network, alice, submit("+49171000002", "fifth"));
    network.run_s(100);
    network.dev(bob).take();
    network.dev(bob).texts = Texts::TakeOne;
    network.run_s(120);
    assert_eq!(texts(&mut network, bob), ["fourth", "fifth"]);
    network.dev(bob).texts = Texts::Take;
    network.run_s(32);
    assert_eq!(texts(&mut network, bob), ["fifth"]);
}

#[test]
fn a_delivery_is_reported_to_the_sender() {
    let (mut network, alice, bob) = pair();
    send(&mut network, alice, submit("0171000002", "r").with_reference(42).with_status_report());
    assert!(deliveries(&mut network, bob)[0].status_report_indication);
    let reports = reports(&mut network, alice);
    let [report] = &reports[..] else { panic!("{reports:?}") };
    assert_eq!((report.reference, report.status), (42, Status::RECEIVED));
    assert_eq!(report.recipient().to_string(), "0171000002", "as the sender wrote it");
    assert!(!report.for_command);
}

#[test]
fn without_a_request_there_is_no_report() {
    let (mut network, alice, _) = pair();
    send(&mut network, alice, submit("+49171000002", "r").with_reference(42));
    assert_eq!(reports(&mut network, alice), []);
}

#[test]
fn a_text_expires_by_every_form_of_validity() {
    let five_minutes = ValidityPeriod::Relative(RelativeValidity(0));
    let seconds = ValidityPeriod::Enhanced(EnhancedValidity {
        single_shot: false,
        period: EnhancedPeriod::Seconds(200.try_into().unwrap()),
    });
    // The phones have attached for one second.
    let absolute = polysim_sms::Timestamp::new((23, 11, 14), (23, 23, 20), 4).unwrap();
    let absolute = ValidityPeriod::Absolute(absolute);
    for (validity, lasts) in
        [(five_minutes, 300), (seconds, 200), (absolute, 599), (ValidityPeriod::Absent, 3 * 86_400)]
    {
        let (mut network, alice, bob) = pair();
        switch_off(&mut network, bob);
        network.now = polysim_base::Instant::from_micros(1_000_000);
        let submit = submit("+49171000002", "late").with_validity(validity);
        send(&mut network, alice, submit.with_status_report());
        network.dev(alice).take();
        network.run_s(lasts - 3);
        assert_eq!(reports(&mut network, alice), [], "{validity:?}");
        network.run_s(6);
        let reports = reports(&mut network, alice);
        assert_eq!(reports.len(), 1, "{validity:?}");
        assert_eq!(reports[0].status, Status::EXPIRED);
        assert_eq!(network.core(ONE).counters().sms_expired, 1);
        network.attach(bob, CELL_1);
        network.run_s(1);
        assert_eq!(texts(&mut network, bob), [""; 0]);
    }
}

#[test]
fn a_single_shot_is_tried_once() {
    let (mut network, alice, bob) = pair();
    switch_off(&mut network, bob);
    let once = EnhancedValidity { single_shot: true, period: EnhancedPeriod::Unspecified };
    let once = ValidityPeriod::Enhanced(once);
    send(
        &mut network,
        alice,
        submit("+49171000002", "now").with_validity(once).with_status_report(),
    );
    let reports = reports(&mut network, alice);
    assert_eq!(reports[0].status, Status::NO_RESPONSE);
    assert_eq!(network.core(ONE).stored_texts(), 0);
}

#[test]
fn the_sender_of_a_text_pays_for_it() {
    let (mut network, alice, _) = pair();
    send(&mut network, alice, submit("+49171000002", "x"));
    let balance = network.core(ONE).subscriber(&imsi(ONE, 1)).unwrap().balance;
    assert_eq!(balance, Money(-100_000));
}
