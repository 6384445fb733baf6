use std::{string::String, vec::Vec};

use polysim_at::{PinStatus, RegistrationStatus};
use polysim_base::{Duration, Instant};

use super::bench::Bench;
use crate::{
    Config, Identity, InitPlan, ModemCommand, ModemError, ModemEvent, ModemInput, Pin, Reply, Timer,
};

fn lean() -> Config {
    Config { init: InitPlan::lean(), registration_poll: Duration::ZERO, ..Config::default() }
}

fn pin(text: &str) -> Option<Pin> {
    Some(Pin::new(text).unwrap())
}

#[test]
fn a_lean_start_takes_about_twenty_exchanges() {
    let mut bench = Bench::new(lean());
    let id = bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    assert_eq!(bench.outcome(id), Ok(Reply::Done));
    let expected = [
        "ATE0",
        "ATV1",
        "AT+CMEE=1",
        "AT+CGSN",
        "AT+CREG=3",
        "AT+CGREG=3",
        "AT+CEREG=3",
        "AT+CPIN?",
        "AT+CFUN=1",
        "AT+CIMI",
        "AT+CRSM=176,12258,0,0,10",
        "AT+CMGF=0",
        "AT+CSMS=1",
        "AT+CPMS=\"SM\",\"SM\",\"SM\"",
        "AT+CNMI=2,1,0,1,0",
        "AT+CLIP=1",
        "AT+CRC=1",
        "AT+CCWA=1",
        "AT+CUSD=1",
        "AT+CMGL=4",
        "AT+CREG?",
    ];
    assert_eq!(bench.fake.lines, expected);
    let ready = bench.events.iter().find_map(|event| match event {
        ModemEvent::Ready(identity) => Some(*identity),
        _ => None,
    });
    let identity = Identity {
        imei: Some("351234567890124".parse().unwrap()),
        imsi: Some("001010123456789".parse().unwrap()),
        iccid: Some("89012345678901234567".parse().unwrap()),
    };
    assert_eq!(ready, Some(identity));
    let registration = bench.modem.registration();
    assert_eq!(registration.status, RegistrationStatus::Home);
    assert_eq!((registration.area, registration.cell), (Some(0xA1), Some(0xB2C3)));
    assert_eq!(
        polysim_base::Machine::poll_timeout(&bench.modem),
        None,
        "an idle modem wants nothing"
    );
}

#[test]
fn every_step_but_the_card_may_be_refused() {
    for refused in InitPlan::FULL.iter().zip(0..) {
        let mut bench = Bench::new(Config::default());
        // Refuse the n-th command with ERROR.
        bench.command(ModemCommand::Initialise { pin: None });
        let mut at = 0;
        while !bench.sent.is_empty() {
            let sent = bench.sent.remove(0);
            let answer =
                if at == refused.1 { b"\r\nERROR\r\n".to_vec() } else { bench.fake.handle(&sent) };
            at += 1;
            bench.give(ModemInput::Bytes(answer));
        }
        assert!(bench.modem.is_ready(), "{:?} refused: {:?}", refused.0, bench.done);
    }
}

#[test]
fn a_modem_that_tells_no_causes_is_asked_for_the_rest() {
    let mut bench = Bench::new(lean());
    bench.fake.answers.insert("AT+CGREG=3".into(), "\r\nERROR\r\n".into());
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    let asked = bench.fake.lines.iter().filter(|line| line.contains("REG="));
    assert!(asked.eq(["AT+CREG=3", "AT+CGREG=3", "AT+CGREG=2", "AT+CEREG=3"]));
}

#[test]
fn a_modem_of_a_pool_stays_off_the_air_and_has_its_speech_port_on() {
    let mut bench = Bench::new(Config { init: InitPlan::pool(), ..lean() });
    bench.fake.answers.insert("AT+QPCMV=1,0".into(), "\r\nERROR\r\n".into());
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    assert!(bench.modem.is_ready());
    assert!(!bench.fake.lines.iter().any(|line| line.starts_with("AT+CFUN")));
    assert!(bench.fake.lines.contains(&"AT+CPMS=\"MT\",\"MT\",\"MT\"".into()));
    assert!(bench.fake.lines.ends_with(&["AT+QPCMV=1,0".into(), "AT+CPCMREG=1".into()]));
}

#[test]
fn echo_that_stays_on_is_tolerated() {
    let mut bench = Bench::new(lean());
    bench.fake.answers.insert("ATE0".into(), "\r\nERROR\r\n".into());
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    assert!(bench.modem.is_ready());
    assert!(bench.modem.identity().imei.is_some());
    assert_eq!(bench.modem.counters().unknown_lines, 0);
    assert_eq!(bench.modem.counters().resets, 0);
}

#[test]
fn the_pin_is_entered_once_the_attempts_are_known() {
    let mut bench = Bench::new(lean());
    bench.fake.pin = Some("1234".into());
    bench.command(ModemCommand::Initialise { pin: pin("1234") });
    bench.run();
    assert!(bench.modem.is_ready());
    let card: Vec<String> = bench
        .fake
        .lines
        .iter()
        .filter(|line| line.contains("+CPIN") || line.contains("+CSIM"))
        .cloned()
        .collect();
    assert_eq!(card, ["AT+CPIN?", "AT+CSIM=10,\"0020000100\"", "AT+CPIN=\"1234\"", "AT+CPIN?"]);
}

#[test]
fn a_wrong_pin_is_entered_once_and_never_again() {
    let mut bench = Bench::new(lean());
    bench.fake.pin = Some("1234".into());
    let id = bench.command(ModemCommand::Initialise { pin: pin("9999") });
    bench.run();
    let required = ModemError::PinRequired { needed: PinStatus::SimPin, attempts_left: Some(2) };
    assert_eq!(bench.outcome(id), Err(required));
    assert_eq!(
        bench.events,
        [ModemEvent::PinRequired { needed: PinStatus::SimPin, attempts_left: Some(2) }]
    );
    // Neither asked again, nor after a reset, nor with another PIN while two attempts are left.
    let again = bench.command(ModemCommand::Initialise { pin: pin("9999") });
    bench.run();
    assert!(bench.outcome(again).is_err());
    bench.reboots();
    bench.wait();
    bench.run();
    let right = bench.command(ModemCommand::Initialise { pin: pin("1234") });
    bench.run();
    assert!(bench.outcome(right).is_err());
    let entered = bench.fake.lines.iter().filter(|line| line.starts_with("AT+CPIN=")).count();
    assert_eq!((entered, bench.fake.attempts), (1, 2));
}

#[test]
fn a_refused_pin_is_not_entered_again_however_many_attempts_are_left() {
    let mut bench = Bench::new(lean());
    bench.fake.pin = Some("1234".into());
    bench.fake.attempts = 9;
    bench.command(ModemCommand::Initialise { pin: pin("9999") });
    bench.run();
    bench.reboots();
    bench.wait();
    bench.run();
    bench.command(ModemCommand::Initialise { pin: pin("9999") });
    bench.run();
    assert_eq!(bench.fake.attempts, 8);
    let right = bench.command(ModemCommand::Initialise { pin: pin("1234") });
    bench.run();
    assert_eq!(bench.outcome(right), Ok(Reply::Done));
}

#[test]
fn a_pin_whose_answer_was_lost_is_not_entered_again_by_itself() {
    let mut bench = Bench::new(lean());
    bench.fake.pin = Some("1234".into());
    bench.fake.once.push_back(("AT+CPIN=".into(), String::new()));
    let id = bench.command(ModemCommand::Initialise { pin: pin("1234") });
    for _ in 0..100 {
        bench.run();
        if !bench.is_open(id) {
            break;
        }
        bench.wait();
    }
    assert!(matches!(bench.outcome(id), Err(ModemError::PinRequired { .. })));
    let entered = bench.fake.lines.iter().filter(|line| line.starts_with("AT+CPIN=")).count();
    assert_eq!(entered, 1);
}

#[test]
fn a_puk_is_asked_for_and_never_guessed() {
    let mut bench = Bench::new(lean());
    bench.fake.pin = Some("1234".into());
    bench.fake.attempts = 0;
    let id = bench.command(ModemCommand::Initialise { pin: pin("1234") });
    bench.run();
    let required = ModemError::PinRequired { needed: PinStatus::SimPuk, attempts_left: None };
    assert_eq!(bench.outcome(id), Err(required));
}

#[test]
fn a_busy_card_is_asked_again() {
    let mut bench = Bench::new(lean());
    for _ in 0..3 {
        bench.fake.once.push_back(("AT+CPIN?".into(), "\r\n+CME ERROR: 14\r\n".into()));
    }
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    for _ in 0..3 {
        assert_eq!(bench.wait(), Timer::ResetGuard);
        bench.run();
    }
    assert!(bench.modem.is_ready());
    assert_eq!(bench.now, Instant::from_micros(3_000_000));
}

#[test]
fn a_pin_never_shows() {
    let secret = Pin::new("4711").unwrap();
    let command = ModemCommand::Initialise { pin: Some(secret) };
    let mut bench = Bench::new(lean());
    bench.fake.pin = Some("1234".into());
    bench.command(command.clone());
    bench.run();
    let shown = std::format!("{command:?} {:?} {:?} {:?}", bench.modem, bench.done, bench.events);
    assert!(!shown.contains("4711"), "{shown}");
}

#[test]
fn the_registration_is_polled_if_asked_for() {
    let mut bench = Bench::ready_with(Config {
        init: InitPlan::lean(),
        registration_poll: Duration::from_secs(60),
        ..Config::default()
    });
    assert_eq!(bench.wait(), Timer::Poll);
    bench.run();
    assert_eq!(bench.fake.lines, ["AT+CREG?", "AT+CEREG?"]);
    assert_eq!(bench.now, Instant::from_micros(60_000_000));
    assert!(bench.events.is_empty(), "no news is no event");
}

#[test]
fn a_full_start_sets_the_character_set_that_an_earlier_program_may_have_changed() {
    let mut bench = Bench::new(Config::default());
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    assert!(bench.fake.lines.contains(&"AT+CSCS=\"IRA\"".into()), "{:?}", bench.fake.lines);
}

#[test]
fn the_owner_turns_the_radio_off_before_it_initialises_and_on_after() {
    let mut bench = Bench::new(lean());
    let off = bench.command(ModemCommand::PowerOff(crate::PowerDown::Flight));
    bench.run();
    assert_eq!(bench.outcome(off), Ok(Reply::Done));
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    // Once more off and on, as after a lost network: a reset is not the end of it either.
    bench.command(ModemCommand::PowerOff(crate::PowerDown::Flight));
    let on = bench.command(ModemCommand::PowerOn);
    bench.run();
    assert_eq!(bench.outcome(on), Ok(Reply::Done));
    assert_eq!(bench.fake.lines.last().map(String::as_str), Some("AT+CFUN=1"));
    bench.reboots();
    bench.wait();
    bench.run();
    assert!(bench.modem.is_ready());
}
