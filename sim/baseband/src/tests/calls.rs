//! Calls, USSD, services, packet data.
#![expect(clippy::wildcard_enum_match_arm, reason = "each test looks at a few messages of many")]

use super::rig::{Rig, Setup, lines};
use crate::BasebandEvent;
use polysim_base::Duration;
use polysim_radio::air::{
    CallCause, CallDownlink, CallUplink, Downlink, PacketAnswer, PacketRequest, Service,
    ServiceAction, ServiceAnswer, ServiceRequest, Uplink, UssdDownlink, UssdUplink,
};

fn call(rig: &mut Rig, transaction: u8, message: CallDownlink) {
    rig.air(Downlink::Call { transaction, message });
}

fn said(rig: &mut Rig) -> Vec<(u8, CallUplink)> {
    let said = rig.uplinks.drain(..).filter_map(|uplink| match uplink {
        Uplink::Call { transaction, message } => Some((transaction, message)),
        _ => None,
    });
    said.collect()
}

fn incoming(rig: &mut Rig, transaction: u8) {
    let caller = Some("+447700900456".parse().unwrap());
    call(rig, transaction, CallDownlink::Setup { caller, waiting: false });
}

#[test]
fn a_call_goes_out_and_is_hung_up_here() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+COLP=1");
    rig.ok("ATD+447700900456;");
    let setup = CallUplink::Setup { number: "+447700900456".to_string(), hide_number: false };
    assert_eq!(said(&mut rig), [(0, setup)]);
    assert_eq!(rig.ok("AT+CLCC"), "+CLCC: 1,0,2,0,0,\"+447700900456\",145");
    call(&mut rig, 0, CallDownlink::Proceeding);
    call(&mut rig, 0, CallDownlink::Alerting);
    assert_eq!(rig.ok("AT+CLCC"), "+CLCC: 1,0,3,0,0,\"+447700900456\",145");
    call(&mut rig, 0, CallDownlink::Connect);
    assert_eq!(rig.heard(), "+COLP: \"+447700900456\",145");
    assert_eq!(rig.ok("AT+CLCC;+CPAS"), "+CLCC: 1,0,0,0,0,\"+447700900456\",145|+CPAS: 4");
    rig.ok("AT+VTS=5;+VTS=\"#\"");
    rig.ok("ATH");
    assert_eq!(
        said(&mut rig),
        [
            (0, CallUplink::Dtmf(b'5')),
            (0, CallUplink::Dtmf(b'#')),
            (0, CallUplink::Disconnect(CallCause::Normal)),
        ]
    );
    assert_eq!(rig.ok("AT+CLCC"), "");
    assert_eq!(rig.at("AT+VTS=5"), "ERROR");
}

#[test]
fn a_call_that_fails_says_why() {
    for (cause, result) in [
        (CallCause::Busy, "BUSY"),
        (CallCause::NoAnswer, "NO ANSWER"),
        (CallCause::NoUserResponding, "NO ANSWER"),
        (CallCause::Unassigned, "NO CARRIER"),
        (CallCause::NoCircuit, "NO CARRIER"),
    ] {
        let mut rig = Setup::default().attached();
        rig.ok("ATDT+447700900456;");
        call(&mut rig, 0, CallDownlink::Disconnect(cause));
        assert_eq!(rig.heard(), result);
        assert_eq!(rig.ok("AT+CLCC"), "");
    }
    let mut rig = Setup { cells: Vec::new(), ..Setup::default() }.attached();
    assert_eq!(rig.at("ATD112;"), "NO CARRIER");
}

#[test]
fn an_incoming_call_rings_until_it_is_answered() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CLIP=1;+CRC=1;+CMER=3,0,0,1");
    incoming(&mut rig, 8);
    assert_eq!(said(&mut rig), [(8, CallUplink::Alerting)]);
    assert_eq!(rig.heard(), "+CRING: VOICE|+CLIP: \"+447700900456\",145|+CIEV: 7,1");
    rig.run(Duration::from_secs(5));
    assert_eq!(rig.heard(), "+CRING: VOICE|+CLIP: \"+447700900456\",145");
    rig.ok("AT+CRC=0");
    rig.run(Duration::from_secs(5));
    assert_eq!(rig.heard(), "RING|+CLIP: \"+447700900456\",145");
    assert_eq!(rig.ok("AT+CLCC;+CPAS"), "+CLCC: 1,1,4,0,0,\"+447700900456\",145|+CPAS: 3");
    assert_eq!(rig.at("ATA"), "OK|+CIEV: 4,1|+CIEV: 7,0");
    assert_eq!(said(&mut rig), [(8, CallUplink::Connect)]);
    call(&mut rig, 8, CallDownlink::Connect);
    rig.run_s(20);
    assert_eq!(rig.heard(), "");
    call(&mut rig, 8, CallDownlink::Dtmf(b'7'));
    assert!(rig.events.contains(&BasebandEvent::Dtmf(b'7')));
    call(&mut rig, 8, CallDownlink::Disconnect(CallCause::Normal));
    assert_eq!(rig.heard(), "+CIEV: 4,0|NO CARRIER", "the result comes last");
    assert_eq!(rig.at("ATA"), "NO CARRIER");
}

#[test]
fn a_ringing_call_is_refused() {
    let mut rig = Setup::default().attached();
    incoming(&mut rig, 8);
    rig.heard();
    said(&mut rig);
    rig.ok("AT+CHUP");
    assert_eq!(said(&mut rig), [(8, CallUplink::Disconnect(CallCause::Rejected))]);
    rig.run_s(20);
    assert_eq!(rig.heard(), "");
}

#[test]
fn a_waiting_call_is_told_taken_and_joined() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CCWA=1;+CSSN=1,1");
    rig.ok("ATD100;");
    call(&mut rig, 0, CallDownlink::Connect);
    incoming(&mut rig, 8);
    assert_eq!(rig.heard(), "+CCWA: \"+447700900456\",145,1");
    said(&mut rig);
    rig.ok("AT+CHLD=2");
    assert_eq!(said(&mut rig), [(0, CallUplink::Hold), (8, CallUplink::Connect)]);
    call(&mut rig, 0, CallDownlink::Held);
    assert_eq!(
        rig.ok("AT+CLCC"),
        "+CLCC: 1,0,1,0,0,\"100\",129|+CLCC: 2,1,0,0,0,\"+447700900456\",145"
    );
    call(&mut rig, 8, CallDownlink::RemoteHeld(true));
    assert_eq!(rig.heard(), "+CSSU: 2");
    rig.ok("AT+CHLD=3");
    assert_eq!(said(&mut rig), [(0, CallUplink::Retrieve)]);
    call(&mut rig, 0, CallDownlink::Retrieved);
    assert_eq!(
        rig.ok("AT+CLCC"),
        "+CLCC: 1,0,0,0,1,\"100\",129|+CLCC: 2,1,0,0,1,\"+447700900456\",145"
    );
    rig.ok("AT+CHLD=11");
    assert_eq!(said(&mut rig), [(0, CallUplink::Disconnect(CallCause::Normal))]);
    rig.ok("AT+CHLD=1");
    assert_eq!(rig.at("AT+CHLD=1"), "ERROR");
    assert_eq!(rig.at("AT+CHLD=4"), "ERROR");
}

#[test]
fn a_waiting_call_rings_when_the_other_ends_and_can_be_refused() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CCWA=1");
    rig.ok("ATD100;");
    call(&mut rig, 0, CallDownlink::Connect);
    incoming(&mut rig, 8);
    rig.heard();
    said(&mut rig);
    rig.ok("AT+CHLD=0");
    assert_eq!(said(&mut rig), [(8, CallUplink::Disconnect(CallCause::Busy))]);
    incoming(&mut rig, 9);
    rig.heard();
    call(&mut rig, 0, CallDownlink::Disconnect(CallCause::Normal));
    assert_eq!(rig.heard(), "NO CARRIER|RING");
    rig.ok("ATA");
}

#[test]
fn calls_end_with_the_radio_link() {
    let mut rig = Setup::default().attached();
    rig.ok("ATD100;");
    call(&mut rig, 0, CallDownlink::Connect);
    rig.heard();
    rig.input(crate::BasebandInput::LinkLost);
    assert_eq!(rig.heard(), "NO CARRIER");
    assert_eq!(rig.ok("AT+CLCC"), "");
}

#[test]
fn the_number_is_withheld_where_the_user_wants() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CLIR=1");
    assert_eq!(rig.ok("AT+CLIR?"), "+CLIR: 1,4");
    rig.ok("ATD100;");
    rig.ok("ATH");
    rig.ok("ATD100i;");
    let hidden: Vec<bool> = said(&mut rig)
        .into_iter()
        .filter_map(|(_, message)| match message {
            CallUplink::Setup { hide_number, .. } => Some(hide_number),
            _ => None,
        })
        .collect();
    assert_eq!(hidden, [true, false]);
    rig.ok("ATH");
    rig.ok("ATDL;");
    assert_eq!(rig.ok("AT+CLCC"), "+CLCC: 1,0,2,0,0,\"100\",129");
}

#[test]
fn ussd_talks_in_the_set_of_the_port() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CUSD=1;+CSCS=\"UCS2\"");
    rig.ok("AT+CUSD=1,\"002A0031003000300023\",15");
    let request = |text: &str| Uplink::Ussd(UssdUplink::Request(text.to_string()));
    assert_eq!(rig.uplinks, [request("*100#")]);
    rig.air(Downlink::Ussd(UssdDownlink::Request("Pay?".to_string())));
    assert_eq!(rig.heard(), "+CUSD: 1,\"005000610079003F\",15");
    rig.ok("AT+CSCS=\"GSM\"");
    rig.ok("AT+CUSD=1,\"1\",15");
    assert_eq!(rig.uplinks[1..], [request("1")]);
    assert_eq!(rig.at("AT+CUSD=1,\"1\",15"), "ERROR", "one at a time");
    rig.air(Downlink::Ussd(UssdDownlink::Notify("Balance: 5.00".to_string())));
    assert_eq!(rig.heard(), "+CUSD: 0,\"Balance: 5.00\",15");
    rig.ok("AT+CUSD=1,\"*101#\"");
    rig.air(Downlink::Ussd(UssdDownlink::Refused));
    assert_eq!(rig.heard(), "+CUSD: 4");
    rig.ok("ATD*102#;");
    rig.run_s(61);
    assert_eq!(rig.heard(), "+CUSD: 5");
    rig.ok("AT+CUSD=1,\"*103#\"");
    rig.ok("AT+CUSD=2");
    assert_eq!(rig.uplinks.last(), Some(&Uplink::Ussd(UssdUplink::Release)));
    rig.ok("AT+CUSD=0");
    rig.air(Downlink::Ussd(UssdDownlink::Notify("unasked".to_string())));
    assert_eq!(rig.heard(), "");
}

#[test]
fn services_are_asked_of_the_network() {
    let mut rig = Setup::default().attached();
    let service = |service, action| Uplink::Service(ServiceRequest { service, action });
    let done = |active, number: Option<&str>| {
        let number = number.map(ToString::to_string);
        Downlink::Service(ServiceAnswer::Done { active, number })
    };
    assert_eq!(rig.at("AT+CCFC=0,2"), "");
    assert_eq!(rig.uplinks, [service(Service::ForwardAll, ServiceAction::Interrogate)]);
    rig.air(done(true, Some("+447700900789")));
    assert_eq!(rig.heard(), "+CCFC: 1,1,\"+447700900789\",145|OK");
    rig.write(0, b"AT+CCFC=5,2\r");
    rig.take(0);
    for _ in 0..3 {
        rig.air(done(false, None));
    }
    assert_eq!(rig.heard(), "+CCFC: 0,7|+CCFC: 0,7|+CCFC: 0,7|OK");
    rig.write(0, b"AT+CCFC=1,3,\"+447700900789\"\r");
    let register = ServiceAction::Register("+447700900789".to_string());
    assert_eq!(rig.uplinks.last(), Some(&service(Service::ForwardBusy, register)));
    rig.take(0);
    rig.air(Downlink::Service(ServiceAnswer::Refused));
    assert_eq!(rig.heard(), "ERROR");
    rig.write(0, b"AT+CCWA=1,2\r");
    rig.take(0);
    rig.air(done(true, None));
    assert_eq!(rig.heard(), "+CCWA: 1,1|OK");
    rig.write(0, b"AT+CCFC=0,2\r");
    rig.take(0);
    rig.run_s(31);
    assert_eq!(rig.heard(), "ERROR");
}

const ADDRESS: PacketAnswer =
    PacketAnswer::Active { address: [10, 0, 0, 7], down_kbps: 1_000, up_kbps: 500 };

fn packet(rig: &mut Rig, context: u8, answer: PacketAnswer) {
    rig.air(Downlink::Packet { context, answer });
}

#[test]
fn contexts_are_defined_activated_and_lost() {
    let mut rig = Setup::default().attached();
    rig.ok("AT+CGDCONT=1,\"IP\",\"internet\";+CGEREP=2,1;+CMEE=1");
    assert_eq!(
        rig.ok("AT+CGDCONT?;+CGACT?"),
        "+CGDCONT: 1,\"IP\",\"internet\",\"\",0,0|+CGACT: 1,0"
    );
    assert_eq!(rig.at("AT+CGACT=1,1"), "");
    let activate = PacketRequest::Activate { apn: "internet".to_string() };
    assert_eq!(rig.uplinks, [Uplink::Packet { context: 1, request: activate }]);
    packet(&mut rig, 1, ADDRESS);
    assert_eq!(rig.heard(), "OK|+CGEV: ME PDN ACT 1");
    assert_eq!(rig.ok("AT+CGACT?;+CGPADDR=1"), "+CGACT: 1,1|+CGPADDR: 1,\"10.0.0.7\"");
    assert_eq!(rig.at("AT+CGDCONT=1"), "+CME ERROR: 3", "it is in use");
    packet(&mut rig, 1, PacketAnswer::Inactive);
    assert_eq!(rig.heard(), "+CGEV: NW PDN DEACT 1");
    assert_eq!(rig.at("AT+CGACT=1,1"), "");
    packet(&mut rig, 1, PacketAnswer::Refused { cause: 33 });
    assert_eq!(rig.heard(), "+CME ERROR: 133");
    rig.write(0, b"AT+CGACT=1,1\r");
    packet(&mut rig, 1, ADDRESS);
    rig.take(0);
    assert_eq!(rig.at("AT+CGATT=0"), "OK|+CGEV: NW PDN DEACT 1");
    assert_eq!(rig.ok("AT+CGATT?;+CGREG?"), "+CGATT: 0|+CGREG: 0,0");
    assert_eq!(rig.at("AT+CGACT=1,1"), "+CME ERROR: 30");
    rig.ok("AT+CGATT=1");
    assert_eq!(rig.ok("AT+CGATT?"), "+CGATT: 1");
    rig.ok("AT+CGDCONT=1");
    assert_eq!(rig.ok("AT+CGDCONT?"), "");
}

#[test]
fn data_mode_is_entered_escaped_and_left() {
    let mut rig = Setup { ports: 2, ..Setup::default() }.attached();
    rig.ok("AT+CGDCONT=1,\"IP\",\"internet\"");
    assert_eq!(rig.at("ATD*99***1#"), "");
    packet(&mut rig, 1, ADDRESS);
    assert_eq!(rig.heard(), "CONNECT 150000000");
    rig.run_s(2);
    rig.write(0, b"AT\r\x7E\xFF+++");
    assert_eq!(rig.take(0), "", "that is data");
    rig.run_s(2);
    rig.write(0, b"+++");
    rig.run_s(2);
    assert_eq!(rig.heard(), "OK");
    assert_eq!(rig.at("ATO"), "CONNECT");
    // The other port ends it.
    rig.write(1, b"AT+CGACT=0,1\r");
    packet(&mut rig, 1, PacketAnswer::Inactive);
    assert!(lines(&rig.take(1)).ends_with("OK"));
    assert_eq!(rig.heard(), "NO CARRIER");
    assert_eq!(rig.ok("AT"), "");
    assert_eq!(rig.at("ATO"), "NO CARRIER");
    // A character gives the attempt up.
    rig.write(0, b"ATD*99#\r");
    rig.take(0);
    rig.run_s(1);
    rig.write(0, b"x");
    assert_eq!(rig.heard(), "NO CARRIER");
    assert_eq!(rig.at("ATD0170123"), "NO CARRIER", "no data over circuits");
}
