//! The vectors under `tests/vectors`: each is read, means what its name says, and is written as it
//! was.

use super::hex;
use crate::*;
use serde_json::Value;
use std::{format, string::String, vec::Vec};

fn cases(kind: &str) -> Vec<(String, Vec<u8>, Value)> {
    let file = include_str!("../../../../tests/vectors/cat.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let cases = cases.iter().filter(|case| case["kind"] == kind);
    cases
        .map(|case| {
            let name = case["name"].as_str().unwrap().into();
            (name, hex(case["hex"].as_str().unwrap()), case.clone())
        })
        .collect()
}

#[test]
fn proactive_commands_are_read_and_written_as_they_were() {
    let cases = cases("proactive");
    assert!(cases.len() >= 14);
    for (name, octets, case) in cases {
        let read = ProactiveCommand::decode(&octets).unwrap_or_else(|e| panic!("{name}: {e}"));
        let class = format!("{:?}", read.command.command_type());
        assert_eq!(case["pysim_class"], class, "{name}");
        assert_eq!(read.others, [], "{name}");
        assert_eq!(read.encode().unwrap(), octets, "{name}");
        let status = pending_status(&octets).unwrap();
        assert_eq!(hex(case["sw_before"].as_str().unwrap()), status, "{name}");
        let fetch = fetch_apdu(status).unwrap();
        assert_eq!(hex(case["fetch_apdu"].as_str().unwrap()), fetch, "{name}");
    }
}

#[test]
fn terminal_responses_are_read_and_written_as_they_were() {
    let cases = cases("terminal_response");
    assert!(cases.len() >= 10);
    for (name, octets, case) in cases {
        let read = TerminalResponse::decode(&octets).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.others, [], "{name}");
        assert_eq!(read.encode().unwrap(), octets, "{name}");
        let apdu = Instruction::TerminalResponse.apdu(&octets).unwrap();
        assert_eq!(hex(case["apdu"].as_str().unwrap()), apdu, "{name}");
    }
}

#[test]
fn envelopes_are_read_and_written_as_they_were() {
    let cases = cases("envelope");
    assert!(cases.len() >= 4);
    for (name, octets, case) in cases {
        let read = Envelope::decode(&octets).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.others, [], "{name}");
        assert_eq!(read.encode().unwrap(), octets, "{name}");
        let apdu = Instruction::Envelope.apdu(&octets).unwrap();
        assert_eq!(hex(case["apdu"].as_str().unwrap()), apdu, "{name}");
    }
}

fn command(name: &str) -> Command {
    let all = cases("proactive");
    let (_, octets, _) = all.iter().find(|(found, ..)| found.starts_with(name)).unwrap();
    ProactiveCommand::decode(octets).unwrap().command
}

#[test]
fn commands_mean_what_their_names_say() {
    assert_eq!(
        command("SET UP EVENT LIST"),
        Command::SetUpEventList(SetUpEventList {
            events: EventList(std::vec![
                Event::LocationStatus,
                Event::AccessTechnologyChange,
                Event::NetworkRejection
            ])
        })
    );
    assert_eq!(
        command("POLL INTERVAL 30 s"),
        Command::PollInterval(PollInterval { interval: Duration::seconds(30) })
    );
    let Command::OpenChannel(open) = command("OPEN CHANNEL TCP") else { panic!() };
    assert!(open.mode.immediate);
    assert_eq!(open.buffer, BufferSize(1024));
    let transport = open.transport.unwrap();
    assert_eq!(transport.level.protocol, TransportProtocol::TcpClient);
    assert_eq!(transport.level.port, 8443);
    assert_eq!(transport.destination, Some(OtherAddress::V4([127, 0, 0, 1].into())));
    let Command::ReceiveData(receive) = command("RECEIVE DATA") else { panic!() };
    assert_eq!((receive.channel.number(), receive.length), (1, ChannelDataLength(237)));
    let Command::Refresh(refresh) = command("REFRESH file change") else { panic!() };
    let files = refresh.files.unwrap().0;
    assert_eq!(files[0].ids(), [0x3F00, 0x7FF0, 0x6F07]);
    assert_eq!(files[1].ids(), [0x3F00, 0x7FF0, 0x6F7E]);
    let Command::DisplayText(display) = command("DISPLAY TEXT") else { panic!() };
    assert!(display.mode.high_priority && display.mode.wait_for_user);
    assert_eq!(display.text.text(), "OK");
}

fn response(name: &str) -> TerminalResponse {
    let all = cases("terminal_response");
    let (_, octets, _) = all.iter().find(|(found, ..)| found == name).unwrap();
    TerminalResponse::decode(octets).unwrap()
}

#[test]
fn responses_mean_what_their_names_say() {
    let ResponseData::Local(LocalData::Location(Some(place))) =
        response("PLI location info response ok").data
    else {
        panic!()
    };
    assert_eq!(place.plmn.unwrap(), polysim_base::Plmn::parse("00101").unwrap());
    assert_eq!(place.area, Area::Cell { code: 0x1234, cell: 0x5678 });
    let ResponseData::Local(LocalData::DateTime(Some(moment))) =
        response("PLI date/time response ok").data
    else {
        panic!()
    };
    assert_eq!(moment.date(), (26, 11, 23));
    assert_eq!((moment.time(), moment.zone_quarters()), ((17, 59, 0), Some(40)));
    let timer = response("timer deactivate ok, remaining 00:04:30").data;
    let ResponseData::Timer(timer) = timer else { panic!() };
    assert_eq!(timer.value.unwrap().span(), polysim_base::Duration::from_secs(270));
    let failed = response("send SM permanent SMS problem RP cause 38");
    assert_eq!(failed.result, GeneralResult::RpError(38));
    assert!(!failed.result.is_performed() && !failed.result.is_temporary());
    let ResponseData::Opened(opened) = response("open channel ok ch1").data else { panic!() };
    let status = opened.status.unwrap();
    assert_eq!((status.channel.unwrap().number(), status.link), (1, LinkState::Up));
    let refused = response("PLI beyond capability");
    assert_eq!(refused.result, GeneralResult::BeyondCapabilities);
    assert_eq!(refused.data, ResponseData::None);
}

#[test]
fn envelopes_mean_what_their_names_say() {
    let all = cases("envelope");
    let message = |name: &str| {
        let (_, octets, _) = all.iter().find(|(found, ..)| found.starts_with(name)).unwrap();
        Envelope::decode(octets).unwrap().message
    };
    let Message::Event(EventData::LocationStatus(changed)) =
        message("EVENT DOWNLOAD location status: no service")
    else {
        panic!()
    };
    assert_eq!((changed.status, changed.location), (LocationStatus::None, None));
    let Message::TimerExpiration(expired) = message("TIMER EXPIRATION") else { panic!() };
    assert_eq!(expired.timer.number(), 1);
    assert_eq!(expired.elapsed, TimerValue::new(0, 5, 0).unwrap());
    let Message::Event(EventData::DataAvailable(ready)) = message("data available") else {
        panic!()
    };
    assert_eq!(ready.length, ChannelDataLength(0xFF));
}
