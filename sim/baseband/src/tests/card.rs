//! The card: PINs, access by the host, toolkit, faults.

use super::rig::Setup;
use crate::{BasebandEvent, BasebandInput, BasebandTimer, CardToTerminal, RegistrationState};
use polysim_apdu::KeyRef;
use polysim_base::{Duration, Machine};

fn with_pin() -> super::rig::Rig {
    let mut rig = Setup { pin: true, ..Setup::default() }.attached();
    rig.ok("AT+CMEE=1");
    rig
}

#[test]
fn nothing_works_before_the_pin_and_everything_after() {
    let mut rig = with_pin();
    assert_eq!(rig.ok("AT+CPIN?"), "+CPIN: SIM PIN");
    assert_eq!(rig.at("AT+CIMI"), "+CME ERROR: 11");
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,0");
    assert_eq!(rig.ok("AT+CPINR=\"SIM PIN\""), "+CPINR: SIM PIN,3,3");
    assert_eq!(rig.at("AT+CPIN=\"0000\""), "+CME ERROR: 16");
    assert_eq!(rig.ok("AT+CPINR=\"SIM PIN\""), "+CPINR: SIM PIN,2,3");
    rig.ok("AT+CPIN=\"1234\"");
    assert_eq!(rig.ok("AT+CPIN?;+CREG?"), "+CPIN: READY|+CREG: 0,1");
    assert_eq!(rig.at("AT+CPIN=\"1234\""), "+CME ERROR: 3");
}

#[test]
fn a_blocked_pin_takes_the_puk() {
    let mut rig = with_pin();
    for _ in 0..2 {
        assert_eq!(rig.at("AT+CPIN=\"0000\""), "+CME ERROR: 16");
    }
    assert_eq!(rig.at("AT+CPIN=\"0000\""), "+CME ERROR: 12");
    assert_eq!(rig.ok("AT+CPIN?"), "+CPIN: SIM PUK");
    assert_eq!(rig.at("AT+CPIN=\"1234\""), "+CME ERROR: 12");
    assert_eq!(rig.at("AT+CPIN=\"11111111\",\"4321\""), "+CME ERROR: 16");
    rig.ok("AT+CPIN=\"12345678\",\"4321\"");
    assert_eq!(rig.ok("AT+CPIN?;+CREG?"), "+CPIN: READY|+CREG: 0,1");
}

#[test]
fn the_pin_can_be_switched_and_changed() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CMEE=1");
    assert_eq!(rig.ok("AT+CLCK=\"SC\",2"), "+CLCK: 0");
    assert_eq!(rig.at("AT+CLCK=\"SC\",1,\"0000\""), "+CME ERROR: 16");
    rig.ok("AT+CLCK=\"SC\",1,\"1234\"");
    assert_eq!(rig.ok("AT+CLCK=\"SC\",2"), "+CLCK: 1");
    rig.ok("AT+CPWD=\"SC\",\"1234\",\"4321\"");
    assert!(rig.card.pin(KeyRef::PIN1).unwrap().enabled);
    rig.at("AT+CFUN=1,1");
    assert_eq!(rig.ok("AT+CPIN?"), "+CPIN: SIM PIN");
    rig.ok("AT+CPIN=\"4321\"");
    rig.ok("AT+CLCK=\"SC\",0,\"4321\"");
    assert_eq!(rig.ok("AT+CLCK=\"SC\",2"), "+CLCK: 0");
    assert_eq!(rig.ok("AT+CLCK=\"PN\",2"), "+CLCK: 0");
}

#[test]
fn files_are_read_and_written_by_the_host() {
    let mut rig = Setup::default().attached();
    assert_eq!(rig.ok("AT+CRSM=176,12258,0,0,10"), "+CRSM: 144,0,\"984400000000000000F2\"");
    assert_eq!(rig.ok("AT+CRSM=176,28423,0,0,9"), "+CRSM: 144,0,\"080910100000001032\"");
    assert_eq!(rig.ok("AT+CRSM=176,28423,0,0,0"), "+CRSM: 144,0,\"080910100000001032\"");
    assert_eq!(rig.ok("AT+CRSM=176,28400,0,0,1"), "+CRSM: 106,130");
    assert!(rig.ok("AT+CRSM=192,28423").starts_with("+CRSM: 144,0,\"62"));
    let msisdn = rig.ok("AT+CRSM=178,28480,1,4,0");
    assert!(msisdn.contains("0791447700091032"), "{msisdn}");
    rig.ok("AT+CRSM=214,28539,0,0,3,\"62F210\"");
    assert_eq!(rig.ok("AT+CRSM=176,28539,0,0,3,,\"7FFF\""), "+CRSM: 144,0,\"62F210\"");
    assert_eq!(rig.at("AT+CRSM=214,28539,0,0,4,\"62F210\""), "ERROR");
    // Selecting elsewhere does not disturb what the device does with the card itself.
    rig.ok("AT+CSIM=14,\"00A40004023F00\"");
    rig.air(polysim_radio::air::Downlink::Detach(None));
    rig.run_s(2);
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
}

#[test]
fn apdus_pass_through() {
    let mut rig = Setup::default().attached();
    assert_eq!(rig.ok("AT+CSIM=10,\"0020000100\""), "+CSIM: 4,\"63C3\"");
    assert_eq!(rig.ok("AT+CSIM=14,\"00A40004022FE2\"").get(..9), Some("+CSIM: 4,"));
    assert_eq!(rig.at("AT+CSIM=12,\"0020000100\""), "ERROR");
    assert_eq!(rig.at("AT+CSIM=4,\"0020\""), "ERROR");
    assert_eq!(rig.ok("AT+CCHO=\"A0000000871002\""), "+CCHO: 1");
    assert_eq!(rig.ok("AT+CCHO=\"A0000000871004\""), "+CCHO: 2");
    assert_eq!(rig.ok("AT+CGLA=1,10,\"00B0870009\""), "+CGLA: 22,\"0809101000000010329000\"");
    assert_eq!(rig.ok("AT+CCHC=1"), "");
    assert_eq!(rig.ok("AT+CGLA=1,10,\"00B0870009\""), "+CGLA: 4,\"6881\"");
    assert_eq!(rig.at("AT+CCHC=1"), "ERROR");
    assert_eq!(rig.at("AT+CCHO=\"A0000000990102\""), "ERROR");
    // The channel of the application that was not found was closed again.
    assert_eq!(rig.ok("AT+CCHO=\"A0000000871002\""), "+CCHO: 1");
}

#[test]
fn a_refresh_reads_the_card_anew() {
    let mut rig = Setup::default().attached();
    let refresh = [0xD0, 0x09, 0x81, 0x03, 0x01, 0x01, 0x04, 0x82, 0x02, 0x81, 0x82];
    rig.script.queue.push_back(refresh.to_vec());
    rig.ok("AT+CREG=1");
    let answer = rig.at("AT+CRSM=176,12258,0,0,10");
    assert!(answer.ends_with("OK|+CREG: 0|+CREG: 2|+CREG: 1"), "{answer}");
    assert_eq!(rig.attaches.len(), 2);
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
}

#[test]
fn a_mute_card_is_given_up() {
    let mut rig = Setup::default().build();
    rig.mute = true;
    rig.input(BasebandInput::Power(true));
    rig.ok("AT+CMEE=1");
    assert_eq!(rig.at("AT+CPIN?"), "", "it waits for the card");
    assert_eq!(rig.bb.poll_timeout().unwrap().1, BasebandTimer::Card);
    rig.run_s(11);
    assert_eq!(rig.heard(), "+CME ERROR: 13");
    let mut rig = Setup::default().attached();
    rig.mute = true;
    assert_eq!(rig.at("AT+CRSM=176,12258,0,0,10"), "");
    rig.run_s(11);
    assert_eq!(rig.heard(), "ERROR");
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,0");
}

#[test]
fn commands_for_the_card_queue_up() {
    let mut rig = Setup { ports: 2, ..Setup::default() }.attached();
    rig.mute = true;
    rig.write(0, b"AT+CRSM=176,12258,0,0,10\r");
    rig.write(1, b"AT+CRSM=176,28423,0,0,9\r");
    rig.mute = false;
    rig.take(0);
    rig.take(1);
    rig.run_s(11);
    assert_eq!(rig.heard(), "ERROR");
    assert_eq!(super::rig::lines(&rig.take(1)), "ERROR");
}

#[test]
fn the_phonebook_is_on_the_card() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0");
    let range = rig.ok("AT+CPBR=?");
    assert!(range.starts_with("+CPBR: (1-"), "{range}");
    rig.ok("AT+CPBW=,\"+491701234567\",145,\"Alice\"");
    rig.ok("AT+CPBW=3,\"112\",129,\"Help\"");
    assert_eq!(
        rig.ok("AT+CPBR=1,3"),
        "+CPBR: 1,\"+491701234567\",145,\"Alice\"|+CPBR: 3,\"112\",129,\"Help\""
    );
    assert_eq!(rig.ok("AT+CPBF=\"al\""), "+CPBF: 1,\"+491701234567\",145,\"Alice\"");
    assert!(rig.ok("AT+CPBS?").starts_with("+CPBS: \"SM\",2,"));
    assert_eq!(rig.at("AT+CPBR=2"), "ERROR");
    rig.ok("AT+CPBW=1");
    assert_eq!(rig.at("AT+CPBR=1"), "ERROR");
    assert_eq!(rig.ok("AT+CNUM"), "+CNUM: \"\",\"+447700900123\",145");
    rig.ok("AT+CSCS=\"UCS2\"");
    assert_eq!(rig.ok("AT+CPBR=3"), "+CPBR: 3,\"112\",129,\"00480065006C0070\"");
    rig.ok("ATD>3;");
    assert_eq!(rig.ok("AT+CLCC"), "+CLCC: 1,0,2,0,0,\"112\",129");
}

#[test]
fn the_service_centre_is_on_the_card() {
    let mut rig = Setup::default().attached();
    assert_eq!(rig.ok("AT+CSCA?"), "+CSCA: \"+447700900000\",145");
    rig.ok("AT+CSCA=\"+447700900001\"");
    assert_eq!(rig.ok("AT+CSCA?"), "+CSCA: \"+447700900001\",145");
    rig.at("AT+CFUN=1,1");
    assert_eq!(rig.ok("AT+CSCA?"), "+CSCA: \"+447700900001\",145");
}

/// A card far away: whatever is asked of it, nothing comes back by itself.
fn far_card() -> super::rig::Rig {
    let mut rig = Setup::default().attached();
    rig.mute = true;
    rig.write(0, b"AT+CRSM=176,12258,0,0,10\r");
    rig.take(0);
    rig
}

#[test]
fn a_card_that_asks_for_more_time_is_waited_for() {
    let mut rig = far_card();
    for _ in 0..40 {
        rig.run(Duration::from_millis(900));
        rig.input(BasebandInput::Card(CardToTerminal::MoreTime));
    }
    assert_eq!(rig.heard(), "");
    assert!(!rig.events.contains(&BasebandEvent::CardUnusable));
}

#[test]
fn a_card_that_asks_for_no_more_time_is_mute() {
    let mut rig = far_card();
    rig.run(Duration::from_secs(36));
    assert!(rig.events.contains(&BasebandEvent::CardUnusable));
}

#[test]
fn more_time_without_a_command_changes_nothing() {
    let mut rig = Setup::default().attached();
    let before = rig.bb.poll_timeout();
    rig.input(BasebandInput::Card(CardToTerminal::MoreTime));
    assert_eq!(rig.bb.poll_timeout(), before);
}

#[test]
fn a_card_without_a_usim_is_reached_by_what_the_host_brings_and_by_nothing_else() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CMEE=1");
    rig.ok("AT+CFUN=0");
    rig.mute = true;
    rig.ok("AT+CFUN=1");
    let card = |rig: &mut super::rig::Rig, response: &[u8]| {
        rig.input(BasebandInput::Card(CardToTerminal::Response(response.to_vec())));
    };
    rig.input(BasebandInput::Card(CardToTerminal::Atr(vec![0x3B, 0x00])));
    // EF.DIR and the USIM are not there; the terminal profile is taken.
    for response in [&[0x6A, 0x82], &[0x6A, 0x82], &[0x90, 0x00]] {
        card(&mut rig, response);
    }
    assert!(rig.events.contains(&BasebandEvent::CardUnusable));
    assert_eq!(rig.at("AT+CPIN?"), "+CME ERROR: 13");
    assert_eq!(rig.at("AT+CIMI"), "+CME ERROR: 13");
    rig.write(0, b"AT+CCHO=\"A0000005591010FFFFFFFF8900000100\"\r");
    card(&mut rig, &[0x01, 0x90, 0x00]);
    card(&mut rig, &[0x90, 0x00]);
    assert!(rig.heard().ends_with("+CCHO: 1|OK"));
    rig.write(0, b"AT+CGLA=1,10,\"80E2910000\"\r");
    rig.run_s(36);
    assert!(rig.heard().ends_with("+CME ERROR: 13"), "one that falls silent is given up");
    rig.write(0, b"AT+CCHO=\"A0000005591010FFFFFFFF8900000100\"\r");
    assert!(rig.heard().ends_with("+CME ERROR: 13"));
}
