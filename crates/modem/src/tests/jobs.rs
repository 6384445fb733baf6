use std::{boxed::Box, string::String, vec, vec::Vec};

use polysim_at::{
    Basic, CmeError, Command, DialString, DtmfDigit, Form, ForwardReason, HexBytes, PdpType,
    RestrictedCommand, Text, UssdStatus,
};

use super::bench::Bench;
use crate::{
    ContextDefinition, FileAccess, Forwarding, ForwardingAction, ModemCommand, ModemError,
    ModemEvent, ModemInput, OperatorSelection, Pin, Reply, Signal,
};

/// Runs a command against scripted answers; returns what was sent and the outcome.
fn asked(
    command: ModemCommand,
    answers: &[(&str, &str)],
) -> (Vec<String>, Result<Reply, ModemError>) {
    let mut bench = Bench::ready();
    for (line, answer) in answers {
        bench.fake.answers.insert((*line).into(), std::format!("\r\n{answer}\r\n"));
    }
    let id = bench.command(command);
    bench.run();
    (bench.fake.lines.clone(), bench.outcome(id))
}

fn bytes(bytes: &[u8]) -> HexBytes {
    HexBytes::from(bytes)
}

#[test]
fn the_signal_is_asked_for_in_two_ways() {
    let (_, outcome) =
        asked(ModemCommand::Signal, &[("AT+CESQ", "+CESQ: 99,99,255,255,20,60\r\n\r\nOK")]);
    assert!(matches!(outcome, Ok(Reply::Signal(Signal::Extended(info))) if info.rsrp == 60));
    let (sent, outcome) =
        asked(ModemCommand::Signal, &[("AT+CESQ", "ERROR"), ("AT+CSQ", "+CSQ: 20,99\r\n\r\nOK")]);
    assert_eq!(sent, ["AT+CESQ", "AT+CSQ"]);
    assert!(matches!(outcome, Ok(Reply::Signal(Signal::Basic(info))) if info.rssi == 20));
}

#[test]
fn the_operator_is_asked_for_by_code_and_name() {
    let mut bench = Bench::ready();
    bench.command(ModemCommand::Operator);
    assert_eq!(bench.take_sent(), ["AT+COPS=3,2\r"]);
    bench.says("\r\nOK\r\n");
    bench.says("\r\n+COPS: 0,2,\"00101\",7\r\n\r\nOK\r\n");
    bench.says("\r\nOK\r\n");
    bench.says("\r\n+COPS: 0,0,\"Test Net\",7\r\n\r\nOK\r\n");
    let (_, Ok(Reply::Operator(Some(operator)))) = bench.done.remove(0) else { panic!() };
    assert_eq!(operator.code.as_str(), Some("00101"));
    assert_eq!(operator.name.unwrap().as_str(), Some("Test Net"));
    let (_, outcome) = asked(ModemCommand::Operator, &[("AT+COPS?", "+COPS: 0\r\n\r\nOK")]);
    assert_eq!(outcome, Ok(Reply::Operator(None)));
}

#[test]
fn networks_are_looked_for_and_chosen() {
    let found = "+COPS: (2,\"A\",\"A\",\"00101\",7),(3,\"B\",\"B\",\"00102\",0),,(0-4),(0-2)";
    let answer = std::format!("{found}\r\n\r\nOK");
    let (_, outcome) = asked(ModemCommand::ScanOperators, &[("AT+COPS=?", &answer)]);
    let Ok(Reply::Operators(found)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(found.len(), 2);
    let plmn = "00101".parse().unwrap();
    let select = |selection| asked(ModemCommand::SelectOperator(selection), &[]).0;
    assert_eq!(select(OperatorSelection::Automatic), ["AT+COPS=0"]);
    assert_eq!(select(OperatorSelection::Deregister), ["AT+COPS=2"]);
    let manual = OperatorSelection::Manual { plmn, technology: None };
    assert_eq!(select(manual), ["AT+COPS=1,2,\"00101\""]);
}

#[test]
fn own_numbers_are_listed() {
    let (_, outcome) =
        asked(ModemCommand::OwnNumber, &[("AT+CNUM", "+CNUM: ,\"+491701\",145\r\n\r\nOK")]);
    assert_eq!(outcome, Ok(Reply::OwnNumbers(vec![Text::new("+491701").unwrap()])));
    assert_eq!(asked(ModemCommand::OwnNumber, &[]).1, Ok(Reply::OwnNumbers(vec![])));
}

#[test]
fn ussd_asks_and_tells() {
    let mut bench = Bench::ready();
    let id = bench.command(ModemCommand::Ussd(Text::new("*100#").unwrap()));
    assert_eq!(bench.take_sent(), ["AT+CUSD=1,\"*100#\",15\r"]);
    bench.says("\r\nOK\r\n\r\n+CUSD: 1,\"Balance 5. More?\",15\r\n");
    bench.says("\r\n+CUSD: 0,\"00530061006C0064006F\",72\r\n");
    assert_eq!(bench.outcome(id), Ok(Reply::Done));
    let told = |status, text: &str| ModemEvent::Ussd { status, text: Some(text.into()) };
    assert_eq!(
        bench.events,
        [told(UssdStatus::ActionRequired, "Balance 5. More?"), told(UssdStatus::Done, "Saldo")]
    );
    bench.command(ModemCommand::UssdCancel);
    assert_eq!(bench.take_sent(), ["AT+CUSD=2\r"]);
}

#[test]
fn tones_are_sent_one_by_one() {
    let digits = "1#".chars().filter_map(DtmfDigit::new).collect();
    assert_eq!(
        asked(ModemCommand::Dtmf(digits), &[]),
        (vec!["AT+VTS=1".into(), "AT+VTS=#".into()], Ok(Reply::Done))
    );
    assert_eq!(asked(ModemCommand::Dtmf(Box::new([])), &[]), (vec![], Ok(Reply::Done)));
}

#[test]
fn forwarding_is_asked_for_set_and_erased() {
    let set = |action| {
        let reason = ForwardReason::NoReply;
        ModemCommand::Forwarding(Box::new(Forwarding { reason, action }))
    };
    let answer = "+CCFC: 1,1,\"+4930\",145,,,20\r\n\r\nOK";
    let (_, outcome) = asked(set(ForwardingAction::Query), &[("AT+CCFC=2,2", answer)]);
    let Ok(Reply::Forwarding(all)) = outcome else { panic!("{outcome:?}") };
    assert_eq!((all.len(), all[0].seconds), (1, Some(20)));
    let number = DialString::new("+4930").unwrap();
    let (sent, _) = asked(set(ForwardingAction::Register { number, seconds: Some(20) }), &[]);
    assert_eq!(sent, ["AT+CCFC=2,3,\"+4930\",145,,,,20"]);
    assert_eq!(asked(set(ForwardingAction::Erase), &[]).0, ["AT+CCFC=2,4"]);
}

#[test]
fn a_context_is_defined_activated_and_its_address_told() {
    let access_point = Text::new("internet").unwrap();
    let definition = ContextDefinition { context: 1, kind: PdpType::Ip, access_point };
    let (sent, outcome) = asked(
        ModemCommand::ActivateContext(Box::new(definition)),
        &[("AT+CGPADDR=1", "+CGPADDR: 1,\"10.0.0.7\"\r\n\r\nOK")],
    );
    assert_eq!(sent, ["AT+CGDCONT=1,\"IP\",\"internet\"", "AT+CGACT=1,1", "AT+CGPADDR=1"]);
    assert_eq!(outcome, Ok(Reply::Context(Some(Text::new("10.0.0.7").unwrap()))));
    let (sent, _) = asked(ModemCommand::DeactivateContext { context: 1 }, &[]);
    assert_eq!(sent, ["AT+CGACT=0,1"]);
}

#[test]
fn files_and_apdus_go_to_the_card() {
    let access = FileAccess {
        command: RestrictedCommand::ReadBinary,
        file: 0x6F07,
        parameters: [0, 0, 9],
        data: vec![],
        path: vec![],
    };
    let (_, outcome) = asked(
        ModemCommand::File(Box::new(access)),
        &[("AT+CRSM=176,28423,0,0,9", "+CRSM: 144,0,\"0910\"\r\n\r\nOK")],
    );
    assert_eq!(outcome, Ok(Reply::File { status: [0x90, 0], data: vec![9, 0x10] }));
    let (_, outcome) = asked(
        ModemCommand::TransmitBasic { apdu: bytes(&[0, 0xA4, 0, 4]) },
        &[("AT+CSIM=8,\"00A40004\"", "+CSIM: 4,\"6A86\"\r\n\r\nOK")],
    );
    assert_eq!(outcome, Ok(Reply::Apdu(vec![0x6A, 0x86])));
}

#[test]
fn a_channel_is_opened_used_and_closed() {
    for opened in ["+CCHO: 1A", "1A"] {
        let mut bench = Bench::ready();
        bench.command(ModemCommand::OpenChannel { aid: bytes(&[0xA0, 0, 0]) });
        assert_eq!(bench.take_sent(), ["AT+CCHO=\"A00000\"\r"]);
        bench.says(&std::format!("\r\nRING\r\n\r\n{opened}\r\n\r\nOK\r\n"));
        let (_, Ok(Reply::Channel(channel))) = bench.done.remove(0) else { panic!() };
        bench.take_sent();
        bench.says("\r\nOK\r\n");
        bench.command(ModemCommand::Transmit { channel, apdu: bytes(&[0x80, 0xE2]) });
        assert_eq!(bench.take_sent(), ["AT+CGLA=1A,4,\"80E2\"\r"]);
        bench.says("\r\n+CGLA: 4,\"9000\"\r\n\r\nOK\r\n");
        assert_eq!(bench.done.remove(0).1, Ok(Reply::Apdu(vec![0x90, 0])));
        bench.command(ModemCommand::CloseChannel(channel));
        assert_eq!(bench.take_sent(), ["AT+CCHC=1A\r"]);
    }
}

#[test]
fn without_ccho_the_channel_is_managed_by_csim() {
    let mut bench = Bench::ready();
    bench.command(ModemCommand::OpenChannel { aid: bytes(&[0xA0, 0x01]) });
    bench.take_sent();
    bench.says("\r\nERROR\r\n");
    assert_eq!(bench.take_sent(), ["AT+CSIM=10,\"0070000001\"\r"]);
    bench.says("\r\n+CSIM: 6,\"029000\"\r\n\r\nOK\r\n");
    assert_eq!(bench.take_sent(), ["AT+CSIM=14,\"02A4040002A001\"\r"]);
    bench.says("\r\n+CSIM: 4,\"6112\"\r\n\r\nOK\r\n");
    let (_, Ok(Reply::Channel(channel))) = bench.done.remove(0) else { panic!() };
    bench.command(ModemCommand::Transmit { channel, apdu: bytes(&[0x80, 0xE2, 0, 0, 0]) });
    assert_eq!(bench.take_sent(), ["AT+CSIM=10,\"82E2000000\"\r"]);
    bench.says("\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n");
    bench.command(ModemCommand::CloseChannel(channel));
    assert_eq!(bench.take_sent(), ["AT+CSIM=10,\"0070800200\"\r"]);
    // An application that is not there leaves no channel open.
    bench.says("\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n");
    bench.clear();
    bench.command(ModemCommand::OpenChannel { aid: bytes(&[0xA0, 0x02]) });
    bench.says("\r\nERROR\r\n");
    bench.says("\r\n+CSIM: 6,\"019000\"\r\n\r\nOK\r\n");
    bench.take_sent();
    bench.says("\r\n+CSIM: 4,\"6A82\"\r\n\r\nOK\r\n");
    assert_eq!(bench.take_sent(), ["AT+CSIM=10,\"0070800100\"\r"]);
    bench.says("\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n");
    assert_eq!(bench.done[0].1, Err(ModemError::Card { status: [0x6A, 0x82] }));
}

#[test]
fn a_modem_that_refuses_ccho_for_whatever_reason_is_asked_by_csim() {
    for refusal in ["ERROR", "+CME ERROR: 4", "+CME ERROR: 50", "+CME ERROR: 100"] {
        let mut bench = Bench::ready();
        bench.command(ModemCommand::OpenChannel { aid: bytes(&[0xA0, 0x01]) });
        bench.take_sent();
        bench.says(&std::format!("\r\n{refusal}\r\n"));
        assert_eq!(bench.take_sent(), ["AT+CSIM=10,\"0070000001\"\r"], "{refusal}");
    }
}

#[test]
fn channels_beyond_the_third_have_their_own_form_of_class_byte() {
    for (channel, select, plain, proprietary, further) in [
        ("03", "03A4", "03B0", "83F2", "83F2"),
        ("04", "40A4", "40B0", "C0F2", "C0F2"),
        ("13", "4FA4", "4FB0", "CFF2", "CFF2"),
    ] {
        let mut bench = Bench::ready();
        bench.command(ModemCommand::OpenChannel { aid: bytes(&[0xA0, 0x01]) });
        bench.says("\r\nERROR\r\n");
        bench.take_sent();
        bench.says(&std::format!("\r\n+CSIM: 6,\"{channel}9000\"\r\n\r\nOK\r\n"));
        assert_eq!(bench.take_sent(), [std::format!("AT+CSIM=14,\"{select}040002A001\"\r")]);
        bench.says("\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n");
        let (_, Ok(Reply::Channel(opened))) = bench.done.remove(0) else { panic!() };
        assert_eq!(opened.handle_number(), None);
        for (apdu, sent) in
            [([0x00, 0xB0], plain), ([0x80, 0xF2], proprietary), ([0xC1, 0xF2], further)]
        {
            let apdu = bytes(&[apdu[0], apdu[1], 0, 0, 0]);
            bench.command(ModemCommand::Transmit { channel: opened, apdu });
            assert_eq!(bench.take_sent(), [std::format!("AT+CSIM=10,\"{sent}000000\"\r")]);
            bench.says("\r\n+CSIM: 4,\"9000\"\r\n\r\nOK\r\n");
        }
    }
}

#[test]
fn the_life_of_the_card_changes_with_every_reset_and_return() {
    let mut bench = Bench::ready();
    let life = bench.modem.card_life();
    bench.reboots();
    let after_reset = bench.modem.card_life();
    bench.give(ModemInput::PortLost);
    bench.give(ModemInput::PortOpened);
    assert!(life < after_reset && after_reset < bench.modem.card_life());
}

#[test]
fn raw_commands_give_their_lines_and_break_nothing() {
    let raw = |command| ModemCommand::Raw(Box::new(command));
    let (_, outcome) =
        asked(raw(Command::Cbc(Form::Execute)), &[("AT+CBC", "+CBC: 0,80\r\n\r\nOK")]);
    assert_eq!(outcome, Ok(Reply::Lines(vec![b"+CBC: 0,80"[..].into()])));
    for refused in [
        Command::Basic(Basic::Verbose, Some(0)),
        Command::Basic(Basic::Reset, None),
        Command::Cmgf(Form::Set(1)),
        Command::Cmgs(Form::Set(polysim_at::CmgsSet { length: 20 })),
        Command::Ipr(Form::Set(9_600)),
    ] {
        let (sent, outcome) = asked(raw(refused.clone()), &[]);
        assert_eq!((sent, outcome), (vec![], Err(ModemError::NotRaw)), "{refused:?}");
    }
    let (_, outcome) = asked(raw(Command::Clac(Form::Execute)), &[("AT+CLAC", "+CME ERROR: 4")]);
    assert_eq!(outcome, Err(ModemError::Cme(CmeError::OperationNotSupported)));
}

#[test]
fn a_pin_that_was_refused_is_refused_here_from_then_on() {
    let mut bench = Bench::ready();
    let pin = |digits| Pin::new(digits).unwrap();
    let wrong = || ModemCommand::ChangePin { old: pin("1111"), new: pin("2222") };
    bench.command(wrong());
    assert_eq!(bench.take_sent(), ["AT+CPWD=\"SC\",\"1111\",\"2222\"\r"]);
    bench.says("\r\n+CME ERROR: 16\r\n");
    bench.command(wrong());
    bench.command(ModemCommand::LockPin { locked: true, pin: pin("1111") });
    assert!(bench.take_sent().is_empty());
    let outcomes: Vec<_> = bench.done.iter().map(|(_, outcome)| outcome.clone()).collect();
    assert_eq!(
        outcomes,
        [
            Err(ModemError::Cme(CmeError::IncorrectPassword)),
            Err(ModemError::PinRefusedBefore),
            Err(ModemError::PinRefusedBefore),
        ]
    );
    bench.command(ModemCommand::LockPin { locked: false, pin: pin("1234") });
    assert_eq!(bench.take_sent(), ["AT+CLCK=\"SC\",0,\"1234\"\r"]);
    bench.says("\r\nOK\r\n");
    bench.command(ModemCommand::UnblockPin { puk: pin("12345678"), new: pin("0000") });
    assert_eq!(bench.take_sent(), ["AT+CPIN=\"12345678\",\"0000\"\r"]);
}

#[test]
fn the_network_tells_the_time() {
    let mut bench = Bench::ready();
    bench.says("\r\n+CTZV: \"+04\"\r\n\r\n+CTZE: \"+08\",1,\"2026/03/01,12:00:00\"\r\n");
    let [
        ModemEvent::NetworkTime { zone, clock: None },
        ModemEvent::NetworkTime { clock: Some(clock), .. },
    ] = &bench.events[..]
    else {
        panic!("{:?}", bench.events)
    };
    assert_eq!((zone.quarters(), clock.fields()), (4, [26, 3, 1, 12, 0, 0]));
}
