use super::rig::{Rig, Setup, lines};
use polysim_radio::air::{Downlink, SmsDownlink, SmsUplink, Uplink};
use polysim_sms::{
    Address, AtPdu, Deliver, MobileOriginated, MobileTerminated, Rp, Submit, Timestamp, Tpdu,
    UserData,
};

pub(super) fn submit_pdu(text: &str) -> (usize, String) {
    let to = Address::international("447700900456").unwrap();
    let submit = Submit::new(to, UserData::from_text(text).unwrap());
    let mut hex = Vec::new();
    let octets = AtPdu::new(MobileOriginated::Submit(submit)).write_hex(&mut hex);
    (octets, String::from_utf8(hex).unwrap())
}

pub(super) fn send(rig: &mut Rig, length: usize, pdu: &str) -> String {
    assert_eq!(rig.at(&format!("AT+CMGS={length}")), "> ");
    rig.write(0, format!("{pdu}\x1A").as_bytes());
    lines(&rig.take(0))
}

pub(super) fn deliver(text: &str) -> Vec<u8> {
    let from = Address::international("447700900456").unwrap();
    let at = Timestamp::new((26, 3, 1), (12, 30, 0), 0).unwrap();
    let deliver = Deliver::new(from, at, UserData::from_text(text).unwrap());
    MobileTerminated::Deliver(deliver).to_octets()
}

pub(super) fn arrive(rig: &mut Rig, reference: u8, tpdu: Vec<u8>) {
    let centre = "+447700900000".parse().unwrap();
    rig.air(Downlink::Sms(SmsDownlink::Data { reference, centre, tpdu }));
}

#[test]
fn a_text_is_sent() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CMGF=0");
    let (length, pdu) = submit_pdu("hello");
    assert_eq!(send(&mut rig, length, &pdu), "+CMGS: 0|OK");
    assert_eq!(send(&mut rig, length, &pdu), "+CMGS: 1|OK");
    let sent = rig.sent_texts();
    assert_eq!(sent.len(), 2);
    assert_eq!((sent[0].1[1], sent[1].1[1]), (0, 1), "the device counts the references");
    let parsed = MobileOriginated::parse(&sent[0].1, Rp::Data).unwrap();
    let MobileOriginated::Submit(submit) = parsed else { panic!() };
    assert_eq!(submit.user_data.text().unwrap(), "hello");
}

#[test]
fn a_text_arrives_is_read_and_deleted() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CMGF=0;+CNMI=2,1,0,2,0");
    arrive(&mut rig, 7, deliver("hello"));
    assert_eq!(rig.heard(), "+CMTI: \"SM\",1");
    assert_eq!(rig.uplinks.last(), Some(&Uplink::Sms(SmsUplink::Ack { reference: 7, tpdu: None })));
    let read = rig.ok("AT+CMGR=1");
    let pdu = read.strip_prefix("+CMGR: 0,,24|").unwrap();
    let parsed = AtPdu::<MobileTerminated>::parse_hex(pdu.as_bytes(), Some(24), Rp::Data).unwrap();
    assert_eq!(parsed.sc, Some(Address::international("447700900000").unwrap()));
    let MobileTerminated::Deliver(text) = parsed.tpdu else { panic!() };
    assert_eq!(text.user_data.text().unwrap(), "hello");
    assert!(rig.ok("AT+CMGL=4").starts_with("+CMGL: 1,1,,24|"));
    assert_eq!(rig.ok("AT+CPMS?"), "+CPMS: \"SM\",1,50,\"SM\",1,50,\"SM\",1,50");
    rig.ok("AT+CMGD=1");
    assert_eq!(rig.ok("AT+CMGL=4"), "");
    assert_eq!(rig.at("AT+CMGR=1"), "+CMS ERROR: 321");
}

#[test]
fn a_text_that_comes_when_the_radio_is_off_is_neither_taken_nor_acknowledged() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CMGF=0;+CNMI=2,1,0,2,0");
    rig.ok("AT+CFUN=4");
    assert_eq!(rig.uplinks.last(), Some(&Uplink::Detach));
    arrive(&mut rig, 7, deliver("too late"));
    assert_eq!(rig.uplinks.last(), Some(&Uplink::Detach));
    assert_eq!(rig.ok("AT+CMGL=4"), "");
}

#[test]
fn the_length_must_be_that_of_the_tpdu() {
    let mut rig = Setup::default().attached();
    let (length, pdu) = submit_pdu("hello");
    assert_eq!(send(&mut rig, length + 1, &pdu), "+CMS ERROR: 304");
    assert_eq!(send(&mut rig, length, "zz"), "+CMS ERROR: 304");
    assert_eq!(send(&mut rig, length, &pdu[..pdu.len() - 2]), "+CMS ERROR: 304");
    // With the service centre before it the length is the same.
    let with_centre = format!("07914477009000F0{}", &pdu[2..]);
    assert_eq!(send(&mut rig, length, &with_centre), "+CMGS: 0|OK");
    assert_eq!(rig.sent_texts().len(), 1);
}

#[test]
fn a_text_that_fails_says_why() {
    let mut rig = Setup::default().attached();
    let (length, pdu) = submit_pdu("hello");
    rig.sms_cause = Some(42);
    assert_eq!(send(&mut rig, length, &pdu), "+CMS ERROR: 42");
    rig.sms_silent = true;
    assert_eq!(send(&mut rig, length, &pdu), "");
    rig.run_s(61);
    assert_eq!(rig.heard(), "+CMS ERROR: 332");
    rig.ok("AT+CFUN=4");
    assert_eq!(send(&mut rig, length, &pdu), "+CMS ERROR: 331");
    rig.input(crate::BasebandInput::Card(crate::CardToTerminal::Removed));
    assert_eq!(send(&mut rig, length, &pdu), "+CMS ERROR: 310");
    let mut setup = Setup::default();
    setup.profile.smsc = None;
    let mut rig = setup.attached();
    assert_eq!(send(&mut rig, length, &pdu), "+CMS ERROR: 330");
}

#[test]
fn texts_of_two_ports_take_turns() {
    let mut rig = Setup { ports: 2, ..Setup::default() }.attached();
    let (length, pdu) = submit_pdu("hello");
    rig.sms_silent = true;
    for port in 0..2 {
        rig.write(port, format!("ATE0\rAT+CMGS={length}\r").as_bytes());
        rig.write(port, format!("{pdu}\x1A").as_bytes());
        rig.take(port);
    }
    assert_eq!(rig.sent_texts().len(), 1);
    let (reference, _) = rig.sent_texts()[0];
    rig.air(Downlink::Sms(SmsDownlink::Ack { reference, tpdu: None }));
    assert_eq!(lines(&rig.take(0)), "+CMGS: 0|OK");
    let (reference, _) = rig.sent_texts()[1];
    rig.air(Downlink::Sms(SmsDownlink::Error { reference: reference ^ 1, cause: 1 }));
    assert_eq!(rig.take(1), "", "that was the answer to another one");
    rig.air(Downlink::Sms(SmsDownlink::Ack { reference, tpdu: None }));
    assert_eq!(lines(&rig.take(1)), "+CMGS: 1|OK");
}

#[test]
fn a_full_store_refuses_and_tells_when_there_is_room() {
    let mut rig = Setup::default().attached();
    for reference in 1..=50 {
        arrive(&mut rig, reference, deliver("fill"));
    }
    assert!(rig.ok("AT+CIND?").starts_with("+CIND: 5,4,1,0,0,0,"));
    arrive(&mut rig, 51, deliver("one too many"));
    let refused = SmsUplink::Error { reference: 51, cause: 22, tpdu: None };
    assert_eq!(rig.uplinks.last(), Some(&Uplink::Sms(refused)));
    assert!(rig.ok("AT+CIND?").starts_with("+CIND: 5,4,1,0,0,1,"));
    rig.ok("AT+CMGD=7");
    let Some(Uplink::Sms(SmsUplink::MemoryAvailable { reference })) = rig.uplinks.last() else {
        panic!("{:?}", rig.uplinks.last());
    };
    let reference = *reference;
    rig.air(Downlink::Sms(SmsDownlink::Ack { reference, tpdu: None }));
    arrive(&mut rig, 52, deliver("again"));
    assert!(rig.ok("AT+CMGR=7").starts_with("+CMGR: 0,,"));
    rig.ok("AT+CMGD=1,4");
    assert_eq!(rig.ok("AT+CPMS?"), "+CPMS: \"SM\",0,50,\"SM\",0,50,\"SM\",0,50");
}

fn with_class(text: &str, coding: u8) -> Vec<u8> {
    let mut tpdu = deliver(text);
    // TP-DCS stands before the seven octets of the time and the text.
    let at = 1 + 2 + 6 + 1;
    tpdu[at] = coding;
    tpdu
}

#[test]
fn classes_go_where_they_belong() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CPMS=\"ME\",\"ME\",\"ME\";+CNMI=2,2");
    arrive(&mut rig, 1, deliver("direct"));
    assert!(rig.heard().starts_with("+CMT: ,25|"));
    arrive(&mut rig, 2, with_class("card", 0x12));
    assert_eq!(rig.heard(), "+CMTI: \"SM\",1");
    rig.ok("AT+CNMI=2,3");
    arrive(&mut rig, 3, with_class("terminal", 0x13));
    assert!(rig.heard().starts_with("+CMT: ,"));
    arrive(&mut rig, 4, deliver("stored"));
    assert_eq!(rig.heard(), "+CMTI: \"ME\",1");
    rig.ok("AT+CNMI=0,0");
    arrive(&mut rig, 5, deliver("quiet"));
    assert_eq!(rig.heard(), "");
    // A host that is gone is shown nothing: the text is stored.
    rig.ok("AT+CNMI=2,2");
    rig.input(crate::BasebandInput::PortClosed(0));
    arrive(&mut rig, 6, deliver("later"));
    rig.input(crate::BasebandInput::PortOpened(0));
    assert!(rig.ok("AT+CPMS?").starts_with("+CPMS: \"ME\",3,100"));
}

#[test]
fn what_is_shown_is_acknowledged_by_the_host() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CSMS=1;+CNMI=2,2,0,1");
    rig.uplinks.clear();
    arrive(&mut rig, 1, deliver("one"));
    arrive(&mut rig, 2, deliver("two"));
    assert_eq!(rig.heard().matches("+CMT:").count(), 1);
    assert!(rig.uplinks.is_empty());
    rig.write(0, b"AT+CNMA\r");
    let ack = |reference| Uplink::Sms(SmsUplink::Ack { reference, tpdu: None });
    assert_eq!(rig.uplinks, [ack(1)]);
    assert!(rig.heard().contains("+CMT:"));
    rig.ok("AT+CNMA=1");
    assert_eq!(rig.uplinks[1..], [ack(2)]);
    assert_eq!(rig.at("AT+CNMA"), "+CMS ERROR: 340");
    arrive(&mut rig, 3, deliver("three"));
    rig.heard();
    rig.run_s(16);
    let refused = Uplink::Sms(SmsUplink::Error { reference: 3, cause: 111, tpdu: None });
    assert_eq!(rig.uplinks.last(), Some(&refused));
    assert_eq!(rig.ok("AT+CNMI?"), "+CNMI: 2,0,0,0,0");
}

#[test]
fn what_is_no_message_is_refused() {
    let mut rig = Setup::default().attached();
    arrive(&mut rig, 1, vec![0x04, 0xFF, 0x91]);
    let refused = Uplink::Sms(SmsUplink::Error { reference: 1, cause: 111, tpdu: None });
    assert_eq!(rig.uplinks.last(), Some(&refused));
}

#[test]
fn texts_are_written_sent_from_the_store_and_stay_over_a_reset() {
    let mut rig = Setup::default().attached();
    let (length, pdu) = submit_pdu("stored");
    assert_eq!(rig.at(&format!("AT+CMGW={length}")), "> ");
    rig.write(0, format!("{pdu}\x1A").as_bytes());
    assert_eq!(rig.heard(), "+CMGW: 1|OK");
    assert_eq!(rig.ok("AT+CMSS=1"), "+CMSS: 0");
    assert_eq!(rig.ok("AT+CMSS=1,\"+447700900999\""), "+CMSS: 1");
    assert_eq!(rig.at("AT+CMSS=2"), "+CMS ERROR: 321");
    let (_, second) = &rig.sent_texts()[1];
    let MobileOriginated::Submit(submit) = MobileOriginated::parse(second, Rp::Data).unwrap()
    else {
        panic!();
    };
    assert_eq!(submit.destination.to_string(), "+447700900999");
    rig.at("AT+CFUN=1,1");
    assert!(rig.ok("AT+CMGL=4").starts_with("+CMGL: 1,3,,"));
    assert_eq!(rig.ok("AT+CMGD=?"), "+CMGD: (1),(0-4)");
}

#[test]
fn text_mode_sends_lists_and_shows() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CMGF=1;+CSCS=\"GSM\"");
    assert_eq!(rig.at("AT+CMGS=\"+447700900456\""), "> ");
    rig.write(0, b"two\rlines\x1A");
    assert_eq!(rig.heard(), "+CMGS: 0|OK");
    let (_, tpdu) = &rig.sent_texts()[0];
    let MobileOriginated::Submit(submit) = MobileOriginated::parse(tpdu, Rp::Data).unwrap() else {
        panic!();
    };
    assert_eq!(submit.user_data.text().unwrap(), "two\nlines");
    arrive(&mut rig, 1, deliver("hello"));
    let line = "\"+447700900456\",,\"26/03/01,12:30:00+00\"|hello";
    assert_eq!(rig.ok("AT+CMGL=\"ALL\""), format!("+CMGL: 1,\"REC UNREAD\",{line}"));
    assert_eq!(rig.ok("AT+CMGR=1"), format!("+CMGR: \"REC READ\",{line}"));
    assert_eq!(rig.ok("AT+CMGL=\"REC UNREAD\""), "");
    rig.ok("AT+CNMI=2,2");
    arrive(&mut rig, 2, deliver("hello"));
    assert_eq!(rig.heard(), format!("+CMT: {line}"));
    assert_eq!(rig.at("AT+CMGL=\"NONE\""), "+CMS ERROR: 305");
    assert_eq!(rig.at("AT+CMGS=\"\""), "+CMS ERROR: 305");
    assert_eq!(rig.at("AT+CMGS=12"), "+CMS ERROR: 305");
}

/// gammu turns indications on only where broadcasts can be asked for.
#[test]
fn every_indication_that_is_listed_is_accepted_and_no_other() {
    let mut rig = Setup::default().attached();
    assert_eq!(rig.ok("AT+CNMI=?"), "+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)");
    for (position, highest) in [2, 3, 3, 2, 1].into_iter().enumerate() {
        let set = |value: u8| format!("AT+CNMI={}{value}", ",".repeat(position));
        for value in 0..=highest {
            rig.ok(&set(value));
        }
        let refused = rig.at(&set(highest + 1));
        assert!(refused.contains("ERROR"), "{}: {refused}", set(highest + 1));
    }
}
