//! What gammu, gammu-smsd, smstools, `ModemManager` and ofono send, in their order. Commands of
//! other makes may be refused; everything else must be answered with OK.

#![expect(clippy::too_many_lines, reason = "sessions are long")]

use super::rig::{Rig, Setup};
use polysim_radio::air::{CallDownlink, Downlink, PacketAnswer, ServiceAnswer};

/// Commands that clients send to find out the make, and live without.
const OF_OTHER_MAKES: [&str; 13] = [
    "AT+MODE=2",
    "AT+CPROT=?",
    "AT+SYNCML=?",
    "AT$TSSPCSW=?",
    "AT*CNTI=2",
    "AT+SIMSTATE?",
    "AT+PTTY=?",
    "AT+CMUX=?",
    "AT+CPOS=?",
    "AT+CHUP=?",
    "AT+CRSM=192,28421",
    "AT+CRSM=176,28478,0,0,0",
    "AT+CRSM=176,28479,0,0,0",
];

fn setup(ports: u8) -> Setup {
    Setup { ports, ..Setup::default() }
}

/// Sends commands; each is answered, and with OK unless it is of another make.
fn run(rig: &mut Rig, port: u8, commands: &[&str]) {
    for command in commands {
        let mut answer = rig.at_on(port, command);
        if answer.is_empty() {
            rig.run_s(6);
            answer = super::rig::lines(&rig.take(port));
        }
        // What is told by itself comes after the result.
        let done = answer.split('|').any(|line| line == "OK");
        let refused = answer.split('|').any(|l| l == "ERROR" || l.starts_with("+CME ERROR"));
        assert!(done != refused, "{command}: {answer}");
        assert!(done || OF_OTHER_MAKES.contains(command), "{command}: {answer}");
    }
}

const GAMMU_CONNECT: &[&str] = &[
    "AT",
    "ATE1",
    "AT+MODE=2",
    "AT+CMEE=1",
    "AT+CSCS?",
    "AT+CSCS=?",
    "AT+CGMM",
    "AT+CGMI",
    "AT+CPROT=?",
    "AT+SYNCML=?",
    "AT$TSSPCSW=?",
    "AT+CHUP=?",
];

#[test]
fn gammu() {
    let mut rig = setup(1).attached();
    for _ in 0..2 {
        rig.write(0, b"\x1B\r");
        assert!(rig.take(0).trim().is_empty());
        run(&mut rig, 0, GAMMU_CONNECT);
    }
    run(
        &mut rig,
        0,
        &[
            "AT+CGMR",
            "AT+CFUN=1",
            "AT+CGMI",
            "AT+CGMM",
            "AT+CGMR",
            "AT+CGSN",
            "AT+CIMI",
            "AT+CREG=2",
            "AT+CGREG=2",
            "AT+CGATT?",
            "AT+CREG?",
            "AT+CGREG?",
            "AT+COPS=3,2",
            "AT+COPS?",
            "AT+COPS=3,0",
            "AT+COPS?",
            "AT+CSCA?",
            "AT+CMGF=0",
            "AT+CPMS=?",
            "AT+CPMS=\"ME\"",
            "AT+CPMS=\"SM\",\"SM\"",
            "AT+CPMS=\"ME\",\"ME\"",
            "AT+CPMS=\"SM\"",
            "AT+CMGL=4",
            "AT+CUSD=1",
            "AT+CSCS=\"UCS2\"",
            "AT+CUSD=1,\"002A0031003000300023\",15",
            "AT+CSCS=\"GSM\"",
            "AT+CUSD=2",
            "AT+CUSD=0",
            "AT+CMMS=0",
            "AT+CHUP",
            "AT+CPIN?",
            "AT+CNMI=?",
            "AT+CNMI=2,1,0,2,0",
            "AT+CNMI=2,1,2,2,0",
            "AT+CLIP=1",
            "AT+CRC=1",
            "AT+CCWA=1",
            "AT+CBC",
            "AT+CSQ",
            "AT+CPBS=?",
            "AT+CPBS=\"SM\"",
            "AT+CPBS?",
            "AT+CPBR=?",
            "AT+CPBR=4,6",
            "AT+CPBR=7,14",
            "AT+CPBR=229,249",
            "AT+CCLK?",
        ],
    );
    assert_eq!(rig.at("AT+CFUN=1,1"), "OK");
    run(&mut rig, 0, GAMMU_CONNECT);
}

#[test]
fn gammu_smsd() {
    let mut rig = setup(1).attached();
    run(&mut rig, 0, GAMMU_CONNECT);
    run(
        &mut rig,
        0,
        &[
            "AT+CPIN?",
            "AT+CPMS=?",
            "AT+CPMS=\"ME\"",
            "AT+CNMI=?",
            "AT+CNMI=2,1,0,2,0",
            "AT+CUSD=1",
            "AT+CGSN",
            "AT+CIMI",
            "AT+CMMS=2",
        ],
    );
    super::messages::arrive(&mut rig, 1, super::messages::deliver("poll me"));
    for _ in 0..2 {
        run(&mut rig, 0, &["AT+CPIN?"]);
        let counts = rig.ok("AT+CPMS=\"SM\",\"SM\"");
        let used = counts.starts_with("+CPMS: 1,50,1,50,1,50");
        assert_eq!(
            rig.ok("AT+CPMS=\"ME\",\"ME\""),
            if used { "+CPMS: 0,100,0,100,1,50" } else { "+CPMS: 0,100,0,100,0,50" }
        );
        run(&mut rig, 0, &["AT+CPMS=\"SM\",\"SM\"", "AT+CMGL=4", "AT+CMGD=1"]);
    }
    run(
        &mut rig,
        0,
        &[
            "AT+CBC",
            "AT+CSQ",
            "AT+CREG=2",
            "AT+CGREG=2",
            "AT+CGATT?",
            "AT+CREG?",
            "AT+CGREG?",
            "AT+COPS=3,2",
            "AT+COPS?",
            "AT+COPS=3,0",
            "AT+COPS?",
            "AT+CSCA?",
            "AT+CMGF=0",
        ],
    );
    let (length, pdu) = super::messages::submit_pdu("from smsd");
    assert!(super::messages::send(&mut rig, length, &pdu).ends_with("OK"));
    run(&mut rig, 0, &["AT+CUSD=2", "AT+CUSD=0", "AT+CMMS=0"]);
}

#[test]
fn smstools() {
    let mut rig = setup(1).attached();
    run(&mut rig, 0, &["AT", "ATE0"]);
    super::messages::arrive(&mut rig, 1, super::messages::deliver("one"));
    for _ in 0..2 {
        run(
            &mut rig,
            0,
            &[
                "AT",
                "ATE0",
                "AT+CMEE=1;+CREG=2",
                "AT+CPIN?",
                "AT+CSQ",
                "AT+CREG?",
                "AT+CMGF=0",
                "AT+CGSN",
                "AT+CIMI",
                "AT+CPMS?",
            ],
        );
    }
    // It scans from 1 until it has as many as the count says.
    assert!(rig.ok("AT+CMGR=1").starts_with("+CMGR: 0,,"));
    assert_eq!(rig.at("AT+CMGR=2"), "+CMS ERROR: 321");
    let (length, pdu) = super::messages::submit_pdu("from smstools");
    assert!(super::messages::send(&mut rig, length, &pdu).ends_with("OK"));
}

#[test]
fn modem_manager() {
    let mut rig = setup(2).attached();
    for port in 0..2 {
        rig.write(port, b"ATE0\r\n");
        rig.take(port);
    }
    run(
        &mut rig,
        0,
        &[
            "ATV1",
            "AT+CMEE=1",
            "ATX4",
            "AT&C1",
            "AT+GCAP",
            "AT+WS46=?",
            "AT+CSCS=?",
            "AT+CSCS=\"UCS2\"",
            "AT+CSCS?",
            "AT+CGMI",
            "AT+CGMM",
            "AT+CGMR",
            "AT+CGSN",
            "ATI",
            "AT*CNTI=2",
            "AT+CGDCONT=?",
            "AT+CFUN?",
            "AT+CPIN?",
            "AT+CSIM=10,\"0020000100\"",
            "AT+CSIM=10,\"002C000100\"",
            "AT+CSIM=10,\"0020008100\"",
            "AT+CSIM=10,\"002C008100\"",
            "AT+CRSM=176,12258,0,0,10",
            "AT+CIMI",
            "AT+CRSM=176,28589,0,0,4",
            "AT+CRSM=176,28486,0,0,17",
            "AT+CRSM=176,28599,0,0,15",
            "AT+CPLS=0",
            "AT+CPOL=,2",
            "AT+CPOL?",
            "AT+CRSM=176,28478,0,0,0",
            "AT+CRSM=176,28479,0,0,0",
            "AT+CNUM",
            "AT+CLCK=?",
            "AT+CLCK=\"SC\",2",
            "AT+CLCK=\"FD\",2",
            "AT+CLCK=\"PF\",2",
            "AT+CLCK=\"PN\",2",
            "AT+CLCK=\"PU\",2",
            "AT+CLCK=\"PP\",2",
            "AT+CLCK=\"PC\",2",
            "AT+CEMODE?",
            "AT+CUSD=?",
            "AT+CNMI=?",
            "AT+CPMS=?",
            "AT+CPMS?",
            "AT+CTZU=1",
            "AT+CCLK?",
            "AT+CESQ=?",
            "ATH",
            "AT+CLCC=?",
        ],
    );
    rig.input(crate::BasebandInput::PortClosed(0));
    rig.input(crate::BasebandInput::PortOpened(0));
    for port in 0..2 {
        run(
            &mut rig,
            port,
            &[
                "ATE0",
                "ATV1",
                "AT+CMEE=1",
                "ATX4",
                "AT&C1",
                "AT+CFUN?",
                "AT+IFC=?",
                "AT+IFC=2,2",
                "AT+CIND=?",
                "AT+CMER=?",
                "AT+CGEREP=?",
                "AT+CMER=3,0,0,1",
                "AT+CGEREP=2",
                "AT+CREG=2",
                "AT+CGREG=2",
                "AT+CEREG=2",
                "AT+CUSD=1",
                "AT+CMGF=?",
                "AT+CMGF=0",
                "AT+CPMS=\"ME\",\"MT\",\"MT\"",
                "AT+CPMS=\"SM\"",
                "AT+CMGL=4",
                "AT+CPMS=\"ME\"",
                "AT+CMGL=4",
                "AT+CNMI=2,1,2,1,0",
                "AT+CLIP=1",
                "AT+CRC=1",
                "AT+CCWA=1",
                "AT+CREG?",
                "AT+CGREG?",
                "AT+CEREG?",
                "AT+COPS=3,2",
                "AT+COPS?",
                "AT+COPS=3,0",
                "AT+COPS?",
                "AT+CIND?",
                "AT+CESQ",
                "AT+COPS=?",
                "AT+CGDCONT?",
                "AT+CGACT?",
            ],
        );
    }
    super::messages::arrive(&mut rig, 1, super::messages::deliver("to MM"));
    assert_eq!(rig.heard(), "+CMTI: \"MT\",1");
    rig.ok("AT+CPMS=\"MT\"");
    assert!(rig.ok("AT+CMGR=1").starts_with("+CMGR: 0,,"));
    run(&mut rig, 0, &["AT+CMGD=1", "AT+CGACT=0,1"]);
    for port in 0..2 {
        run(
            &mut rig,
            port,
            &[
                "AT+CREG=0",
                "AT+CGREG=0",
                "AT+CEREG=0",
                "AT+CMER=0",
                "AT+CGEREP=0",
                "AT+CUSD=0",
                "AT+CNMI=0",
                "AT+CLIP=0",
                "AT+CRC=0",
                "AT+CCWA=0",
            ],
        );
    }
}

/// It hangs up by the number of the call, and tells calls by polling.
#[test]
fn modem_manager_calls() {
    let mut rig = setup(1).attached();
    let message = CallDownlink::Connect;
    run(&mut rig, 0, &["ATE0", "AT+CLIP=1", "AT+CRC=1", "ATD+447700900456;"]);
    rig.air(Downlink::Call { transaction: 0, message });
    assert!(rig.ok("AT+CLCC").starts_with("+CLCC: 1,0,0,0,0,"));
    run(&mut rig, 0, &["AT+CHLD=11"]);
    assert_eq!(rig.ok("AT+CLCC"), "");
}

/// The data port is left from the other port.
#[test]
fn modem_manager_data() {
    let mut rig = setup(2).attached();
    let active = PacketAnswer::Active { address: [10, 0, 0, 7], down_kbps: 1, up_kbps: 1 };
    run(&mut rig, 0, &["ATE0", "AT+CGDCONT?", "AT+CGACT?"]);
    rig.write(0, b"ATD*99***1#\r\n");
    rig.air(Downlink::Packet { context: 1, answer: active });
    assert!(rig.heard().starts_with("CONNECT"));
    rig.write(1, b"AT+CGACT=0,1\r\n");
    rig.air(Downlink::Packet { context: 1, answer: PacketAnswer::Inactive });
    assert!(super::rig::lines(&rig.take(1)).ends_with("OK"));
    rig.input(crate::BasebandInput::PortClosed(0));
    rig.input(crate::BasebandInput::PortOpened(0));
    run(&mut rig, 0, &["AT", "AT+CGACT?"]);
}

#[test]
fn ofono() {
    let mut rig = setup(1).attached();
    run(
        &mut rig,
        0,
        &[
            "AT+CSCS=\"GSM\"",
            "AT+CBC",
            "AT+SIMSTATE?",
            "AT+GCAP",
            "AT+CLCK=?",
            "AT+CRC=1",
            "AT+CLIP=1",
            "AT+CDIP=1",
            "AT+CNAP=1",
            "AT+COLP=1",
            "AT+CSSN=1,1",
            "AT+VTD?",
            "AT+CCWA=1",
            "AT+CGMI",
            "AT+CRSM=192,12258",
            "AT+CLCC",
            "AT+CGMM",
            "AT+CRSM=176,12258,0,0,10",
            "AT+CGMR",
            "AT+CRSM=192,28421",
            "AT+CGSN",
            "AT+CRSM=192,12037",
            "AT+CPIN?",
            "AT+CRSM=192,28599",
            "AT+CPINR",
            "AT+CUAD",
            "AT+CRSM=192,28590",
            "AT+CRSM=192,28589",
            "AT+CRSM=192,28438",
            "AT+CRSM=192,28472",
            "AT+CRSM=192,28502",
            "AT+CIMI",
            "AT+PTTY=?",
            "AT+CSCS=?",
            "AT+CSMS=?",
            "AT+CRSM=192,28480",
            "AT+CRSM=178,28480,1,4,28",
            "AT+CPBS=?",
            "AT+CSMS=1",
            "AT+CSMS?",
            "AT+CRSM=192,28489",
            "AT+CMGF=?",
            "AT+CRSM=192,20256",
            "AT+CPMS=?",
            "AT+CRSM=192,28619",
            "AT+CMGF=0",
            "AT+CPMS=\"ME\",\"ME\",\"ME\"",
            "AT+CNMI=?",
            "AT+CNMI=2,1,2,1,0",
            "AT+CMGL=4",
            "AT+CGSMS=3",
            "AT+CFUN=1",
            "AT+CSCS?",
            "AT+CUSD=1",
            "AT+CREG=?",
            "AT+CAOC=2",
            "AT+CCWE=1",
            "AT+CMUT?",
            "AT+CLVL=?",
            "AT+CLVL?",
            "AT+CSCB=?",
            "AT+CGDCONT=?",
            "AT+CPOS=?",
            "AT+CREG=2",
            "AT+CSCB=0",
            "AT+CGREG=?",
            "AT+CREG?",
            "AT+CGREG=2",
            "AT+CGAUTO=0",
            "AT+CGEREP=2,1",
            "AT+COPS=3,2",
            "AT+COPS?",
            "AT+CSQ",
            "AT+CPSB=1",
            "AT+COPS=3,0",
            "AT+COPS?",
            "AT+CRSM=192,28613",
            "AT+CRSM=192,28486",
            "AT+CRSM=192,28621",
            "AT+CRSM=192,28485",
            "AT+CRSM=192,28496",
            "AT+CRSM=192,28488",
            "AT+CRSM=192,28437",
            "AT+CRSM=192,28614",
            "AT+CGATT=1",
            "AT+CGACT?",
            "AT+CGREG?",
            "AT+CSCB=0,\"4352-4356\"",
            "AT+CGDCONT=1,\"IP\",\"internet\"",
            "AT+CPBS?",
            "AT+CPBR=?",
            "AT+CSCS=\"UCS2\"",
            "AT+CPBR=1,250",
            "AT+COLR",
            "AT+COLP?",
            "AT+CLIP?",
            "AT+CNAP?",
            "AT+CDIP?",
            "AT+CLIR?",
            "AT+CLCK=\"AO\",2",
            "AT+CLCK=\"IR\",2",
            "AT+CFUN=4",
        ],
    );
}

/// It asks for forwarding and waiting in the network, and wants a line for each.
#[test]
fn ofono_settings() {
    let mut rig = setup(1).attached();
    for (asked, told) in [
        ("AT+CCFC=0,2", "+CCFC: 0,7|OK"),
        ("AT+CCFC=1,2", "+CCFC: 0,7|OK"),
        ("AT+CCFC=2,2", "+CCFC: 0,7|OK"),
        ("AT+CCFC=3,2", "+CCFC: 0,7|OK"),
        ("AT+CCWA=1,2", "+CCWA: 0,7|OK"),
    ] {
        assert_eq!(rig.at(asked), "");
        rig.air(Downlink::Service(ServiceAnswer::Done { active: false, number: None }));
        assert_eq!(rig.heard(), told, "{asked}");
    }
    for lock in ["AO", "OI", "OX", "AI", "IR"] {
        assert_eq!(rig.ok(&format!("AT+CLCK=\"{lock}\",2")), "+CLCK: 0");
    }
}

/// There is no multiplexer: it is refused, and the line stays one of commands.
#[test]
fn ofono_with_a_multiplexer() {
    let mut rig = setup(1).attached();
    for command in ["AT+CMUX=?", "AT+CMUX=0,0,8,31", "AT+CMUX?"] {
        assert_eq!(rig.at(command), "ERROR");
    }
    assert_eq!(rig.ok("AT"), "");
}
