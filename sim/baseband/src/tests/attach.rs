use super::rig::{Setup, cell};
use crate::{BasebandEvent, BasebandInput, RegistrationState};
use polysim_radio::air::{CellId, Rat, Uplink};

#[test]
fn a_device_attaches_at_power_on() {
    let mut rig = Setup::default().attached();
    assert_eq!(rig.bb.registration(), RegistrationState::Home);
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,1");
    assert_eq!(rig.ok("AT+CEREG?"), "+CEREG: 0,1");
    assert_eq!(rig.ok("AT+CGREG?"), "+CGREG: 0,1");
    assert_eq!(rig.ok("AT+CPIN?"), "+CPIN: READY");
    assert_eq!(rig.ok("AT+CIMI"), "001010000000123");
    assert_eq!(rig.ok("AT+CCID"), "+CCID: \"8944000000000000002\"");
    assert_eq!(rig.ok("AT+CSQ"), "+CSQ: 16,99");
    assert_eq!(rig.attaches, ["00101"]);
    assert!((14..=20).contains(&rig.apdus), "{} APDUs", rig.apdus);
    assert!(rig.events.contains(&BasebandEvent::Registered {
        cell: CellId(1),
        plmn: "00101".parse().unwrap(),
        roaming: false
    }));
    // The location is on the card.
    let location = rig.card.read_file(&[0x7FF0, 0x6FE3]).unwrap();
    assert_eq!(location[12..], [0x00, 0xF1, 0x10, 0x00, 0xAA, 0x00]);
}

#[test]
fn registration_lines_show_what_was_asked_for() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CREG=2;+CEREG=1");
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 2,1,\"00AA\",\"0001\",7");
    rig.cells = vec![cell(2, "00101", Rat::Lte, -70, 0x00BB)];
    rig.air(polysim_radio::air::Downlink::CellsChanged);
    assert_eq!(rig.heard(), "+CREG: 1,\"00BB\",\"0002\",7");
    rig.cells.clear();
    rig.input(BasebandInput::LinkLost);
    assert_eq!(rig.heard(), "+CREG: 2|+CEREG: 2");
    rig.cells = vec![cell(2, "00101", Rat::Lte, -70, 0x00BB)];
    rig.run_s(11);
    assert_eq!(rig.heard(), "+CREG: 1,\"00BB\",\"0002\",7|+CEREG: 1");
}

#[test]
fn another_network_is_roaming() {
    let cells = vec![cell(1, "26201", Rat::Lte, -80, 1)];
    let mut rig = Setup { cells, ..Setup::default() }.attached();
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,5");
    assert_eq!(rig.ok("AT+COPS=3,2;+COPS?"), "+COPS: 0,2,\"26201\",7");
}

#[test]
fn functionality_switches_radio_and_card() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CFUN=4");
    assert!(rig.uplinks.contains(&Uplink::Detach));
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,0");
    assert_eq!(rig.ok("AT+CPIN?"), "+CPIN: READY");
    assert!(rig.card.is_on());
    rig.ok("AT+CFUN=0");
    assert!(!rig.card.is_on());
    rig.ok("AT+CFUN=1");
    assert_eq!(rig.ok("AT+CREG?;+CFUN?"), "+CREG: 0,1|+CFUN: 1");
    assert_eq!(rig.at("AT+CFUN=1,1"), "OK");
    assert_eq!(rig.ok("AT+CREG?"), "+CREG: 0,1");
    rig.input(BasebandInput::Power(false));
    assert_eq!(rig.at("AT"), "");
    assert_eq!(rig.bb.registration(), RegistrationState::NotRegistered);
}
