//! Quirks of makes.

use super::messages::{arrive, deliver};
use super::rig::{Rig, Setup, lines};
use crate::{BasebandInput, BasebandTimer, Model};
use polysim_base::Machine;
use polysim_sms::{Address, MobileTerminated, Status, StatusReport, Timestamp, Tpdu};

fn device(model: &'static Model) -> Rig {
    let mut rig = Setup { model, ..Setup::default() }.build();
    rig.input(BasebandInput::Power(true));
    rig
}

fn report() -> Vec<u8> {
    let at = Timestamp::new((26, 3, 1), (12, 30, 0), 0).unwrap();
    let to = Address::international("447700900456").unwrap();
    MobileTerminated::StatusReport(StatusReport::new(0, to, at, at, Status(0))).to_octets()
}

#[test]
fn a_make_boots_in_its_time_and_says_so() {
    let mut rig = device(&Model::EC25);
    assert_eq!(rig.at("AT"), "", "nobody answers yet");
    let (at, timer) = rig.bb.poll_timeout().unwrap();
    assert_eq!(timer, BasebandTimer::Booted);
    rig.run_to(at);
    assert_eq!(rig.heard(), "RDY|+CFUN: 1|+CPIN: READY|+QUSIM: 1|+QIND: SMS DONE");
    assert_eq!(rig.ok("ATI"), "Quectel|EC25|Revision: EC25EFAR06A06M4G");
    assert_eq!(rig.at("AT+CREG=9"), "+CME ERROR: 50");
    assert_eq!(rig.at("AT+NOSUCH"), "ERROR");
    assert_eq!(rig.ok("AT+QCCID"), "+QCCID: 8944000000000000002F");
    assert_eq!(rig.ok("AT+QINISTAT"), "+QINISTAT: 7");
    assert_eq!(rig.at("AT+CCHO=?"), "ERROR", "it refuses to be tested");
    assert_eq!(rig.ok("AT+CCHO=\"A0000000871002\""), "+CCHO: 1");
}

#[test]
fn a_report_is_announced_in_the_wrong_store() {
    let mut rig = device(&Model::EC25);
    rig.run_s(5);
    rig.take(0);
    rig.ok("AT+CNMI=2,1,0,2,0");
    arrive(&mut rig, 1, report());
    assert_eq!(rig.heard(), "+CDSI: \"SM\",0");
    assert_eq!(rig.ok("AT+CPMS=\"SR\""), "+CPMS: 1,20,0,50,0,50");
    assert!(rig.ok("AT+CMGR=1").starts_with("+CMGR: 0,,"));
    let mut rig = device(&Model::GENERIC);
    rig.ok("AT+CNMI=2,1,0,2,0");
    arrive(&mut rig, 1, report());
    assert_eq!(rig.heard(), "+CDSI: \"SR\",1");
}

#[test]
fn a_make_has_its_own_character_sets() {
    let mut rig = device(&Model::SIM7600);
    rig.run_s(9);
    rig.take(0);
    assert_eq!(rig.ok("AT+CSCS=?"), "+CSCS: (\"IRA\",\"GSM\",\"UCS2\")");
    assert_eq!(rig.at("AT+CMEE=1;+CSCS=\"HEX\""), "+CME ERROR: 4");
    let mut rig = device(&Model::GENERIC);
    rig.ok("AT+CSCS=\"HEX\"");
    assert_eq!(rig.ok("AT+CSCS?"), "+CSCS: \"HEX\"");
    assert_eq!(rig.at("AT+CSCS=\"UTF-8\""), "ERROR", "nobody agrees on USSD codes in it");
}

#[test]
fn framing_with_two_returns() {
    static MODEL: Model = Model { double_carriage_return: true, ..Model::GENERIC };
    let mut rig = device(&MODEL);
    rig.write(0, b"ATE0\rAT+CSQ\r");
    assert_eq!(rig.take(0), "ATE0\r\r\r\nOK\r\r\n\r\r\n+CSQ: 16,99\r\r\n\r\r\nOK\r\r\n");
}

#[test]
fn a_make_answers_in_its_own_forms() {
    let mut rig = device(&Model::SIM7600);
    rig.run_s(9);
    assert_eq!(lines(&rig.take(0)), "RDY|+CPIN: READY|SMS DONE|PB DONE");
    rig.write(0, b"ATE0\rAT+CSQ\r");
    assert_eq!(rig.take(0), "ATE0\r\r\nOK\r\n\r\n+CSQ: 16,99\r\n\r\nOK\r\n");
    assert_eq!(rig.at("AT+CMQTTSTART"), "OK|+CMQTTSTART: 0");
    assert_eq!(rig.ok("AT+CICCID"), "+ICCID: 8944000000000000002");
    assert_eq!(rig.ok("AT+CCHO=\"A0000000871002\""), "1");
    arrive(&mut rig, 1, deliver("x"));
}

#[test]
fn unquoted_areas_missing_blanks_and_opaque_handles() {
    let mut rig = device(&Model::HUAWEI);
    rig.run_s(7);
    assert_eq!(rig.heard(), "^SIMST:1");
    rig.ok("AT+CREG=2");
    assert_eq!(rig.ok("AT+CREG?"), "+CREG:2,1,00AA,0001,7");
    assert_eq!(rig.ok("AT^ICCID?"), "^ICCID:8944000000000000002");
    assert_eq!(rig.at("AT+CESQ"), "ERROR");
    assert_eq!(rig.ok("AT+CCHO=\"A0000000871002\""), "+CCHO:0A5C1301");
    assert_eq!(rig.ok("AT+CGLA=0A5C1301,10,\"00B0870009\""), "+CGLA:22,\"0809101000000010329000\"");
    assert_eq!(rig.at("AT+CGLA=1,10,\"00B0870009\""), "ERROR");
    rig.ok("AT+CCHC=0A5C1301");
    // Files are described as a 2G SIM would.
    assert_eq!(
        rig.ok("AT+CRSM=192,28423,0,0,15"),
        "+CRSM:144,0,\"000000096F07040011FF4401020000\""
    );
    assert_eq!(rig.at("AT+CPMS=\"ME\""), "+CMS ERROR: 303", "it has no such store");
}
