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
