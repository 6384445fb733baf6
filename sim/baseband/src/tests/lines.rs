//! Line discipline (V.250; what real clients force).

use super::rig::{Setup, lines};
use crate::BasebandInput;
use polysim_base::Duration;

#[test]
fn line_feeds_are_swallowed_and_never_echoed() {
    let mut rig = Setup::default().attached();
    rig.write(0, b"AT\r\n");
    assert_eq!(rig.take(0), "AT\r\r\nOK\r\n");
    rig.write(0, b"\nATE0\r\n\nAT\r\n");
    assert_eq!(rig.take(0), "ATE0\r\r\nOK\r\n\r\nOK\r\n");
}

#[test]
fn escape_and_a_bare_return_ask_for_nothing() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0");
    rig.write(0, b"\x1B\r");
    assert_eq!(rig.take(0), "");
    assert_eq!(rig.ok("AT"), "");
}

#[test]
fn commands_of_a_line_stop_at_the_first_error() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0");
    assert_eq!(rig.at("AT+CMEE=1;+CREG=2"), "OK");
    assert_eq!(rig.at("AT+CMEE?;+CREG=9;+CMEE=0"), "+CMEE: 1|+CME ERROR: 50");
    assert_eq!(rig.ok("AT+CMEE?;+CREG?"), "+CMEE: 1|+CREG: 2,1,\"00AA\",\"0001\",7");
}

#[test]
fn unknown_commands_are_refused_in_every_mode() {
    let mut rig = Setup::default().attached();
    assert_eq!(rig.at("AT+NOSUCH"), "ERROR");
    assert_eq!(rig.at("AT!"), "ERROR");
    rig.ok("AT+CMEE=1");
    assert_eq!(rig.at("AT+NOSUCH=1,2"), "+CME ERROR: 4");
    rig.ok("AT+CMEE=2");
    assert_eq!(rig.at("AT+NOSUCH?"), "+CME ERROR: operation not supported");
}

#[test]
fn results_are_words_numbers_or_nothing() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0");
    rig.write(0, b"ATV0\rAT+CREG?\rAT+X\r");
    assert_eq!(rig.take(0), "0\r+CREG: 0,1\r\n0\r4\r");
    rig.write(0, b"ATV1Q1\rAT\r");
    assert_eq!(rig.take(0), "");
    rig.write(0, b"ATQ0\r");
    assert_eq!(rig.take(0), "\r\nOK\r\n");
}

#[test]
fn the_last_line_runs_again() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0");
    rig.ok("AT+CMEE?");
    rig.write(0, b"A/");
    assert_eq!(lines(&rig.take(0)), "+CMEE: 0|OK");
    rig.ok("AT+CMEE?;+CMEE?;+CMEE?");
    rig.write(0, b"A/");
    assert_eq!(lines(&rig.take(0)), "+CMEE: 0|+CMEE: 0|+CMEE: 0|OK");
}

#[test]
fn ports_have_their_own_settings() {
    let mut rig = Setup { ports: 2, ..Setup::default() }.attached();
    rig.ok("ATE0");
    rig.ok("AT+CMEE=2;+CSCS=\"UCS2\";+CREG=2");
    assert_eq!(rig.at_on(1, "AT+CMEE?;+CSCS?;+CREG?"), "+CMEE: 0|+CSCS: \"IRA\"|+CREG: 0,1|OK");
    rig.write(1, b"AT\r");
    assert_eq!(rig.take(1), "AT\r\r\nOK\r\n", "echo is still on there");
    // Settings survive a close, a line begun does not.
    rig.write(0, b"AT+CM");
    rig.input(BasebandInput::PortClosed(0));
    rig.input(BasebandInput::PortOpened(0));
    assert_eq!(rig.ok("AT+CMEE?"), "+CMEE: 2");
}

#[test]
fn a_command_that_waits_blocks_only_its_port() {
    let mut rig = Setup { ports: 2, ..Setup::default() }.attached();
    rig.ok("ATE0;+CREG=1");
    assert_eq!(rig.at("AT+COPS=?"), "");
    assert_eq!(rig.at_on(1, "AT+CREG?"), "+CREG: 0,1|OK");
    // What is told meanwhile waits for the end of the command.
    rig.input(BasebandInput::LinkLost);
    assert_eq!(rig.take(0), "");
    rig.run_s(6);
    let heard = rig.heard();
    assert!(
        heard.starts_with("+COPS: (2,\"00101\",\"00101\",\"00101\",7),,(0-4),(0-2)|OK"),
        "{heard}"
    );
}

#[test]
fn unsolicited_results_come_after_the_final_one() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0");
    rig.ok("AT+CNMI=2,1");
    rig.write(0, b"AT+COPS=?\r");
    super::messages::arrive(&mut rig, 1, super::messages::deliver("x"));
    assert_eq!(rig.take(0), "");
    rig.run_s(6);
    let heard = rig.heard();
    assert!(heard.ends_with("OK|+CMTI: \"SM\",1"), "{heard}");
}

#[test]
fn a_character_aborts_a_scan_but_not_at_once() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0");
    rig.write(0, b"AT+COPS=?\r\n");
    rig.write(0, b"x");
    assert_eq!(rig.take(0), "");
    rig.run(Duration::from_millis(200));
    rig.write(0, b"\n");
    assert_eq!(rig.take(0), "");
    rig.write(0, b" AT+CREG?\r");
    // The aborting character is gone; what was typed early is lost with it.
    assert_eq!(lines(&rig.take(0)), "OK|+CREG: 0,1|OK");
}

#[test]
fn the_prompt_takes_what_is_typed_without_echo() {
    let mut rig = Setup::default().attached();
    let (length, pdu) = super::messages::submit_pdu("hello");
    rig.write(0, format!("AT+CMGS={length}\r\n").as_bytes());
    assert_eq!(rig.take(0), format!("AT+CMGS={length}\r\r\n> "));
    rig.write(0, pdu.as_bytes());
    assert_eq!(rig.take(0), "", "nothing may follow the prompt");
    rig.write(0, b"\x1A");
    assert_eq!(rig.take(0), "\r\n+CMGS: 0\r\n\r\nOK\r\n");
    rig.write(0, format!("AT+CMGS={length}\r").as_bytes());
    rig.take(0);
    rig.write(0, b"00\x1BAT\r");
    assert_eq!(rig.take(0), "\r\nOK\r\nAT\r\r\nOK\r\n");
    assert_eq!(rig.sent_texts().len(), 1);
}

#[test]
fn overlong_lines_and_wrong_arguments_leave_the_port_usable() {
    let mut rig = Setup::default().attached();
    rig.ok("ATE0;+CMEE=1");
    let long = format!("AT{}", "x".repeat(10_000));
    assert_eq!(rig.at(&long), "ERROR");
    assert_eq!(rig.at("AT+CREG=\"a"), "+CME ERROR: 50");
    assert_eq!(rig.at("AT+CRSM=176,70000"), "+CME ERROR: 50");
    assert_eq!(rig.ok("AT"), "");
}
