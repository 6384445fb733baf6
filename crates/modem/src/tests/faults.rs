//! What may go wrong on the line.

use std::{string::String, vec::Vec};

use polysim_base::{Duration, Machine};

use super::bench::{Bench, short, text};
use crate::{
    Channel, ModemCommand, ModemError, ModemEvent, ModemInput, PartOutcome, Reply, SendOutcome,
    Timer,
};

fn signal() -> ModemCommand {
    ModemCommand::Signal
}

const SIGNAL: &str = "\r\n+CESQ: 99,99,255,255,20,60\r\n\r\nOK\r\n";

#[test]
fn one_command_is_in_flight_and_the_rest_wait_in_order() {
    let mut bench = Bench::ready();
    let ids: Vec<u64> = (0..3).map(|_| bench.command(signal())).collect();
    assert_eq!(bench.take_sent().len(), 1);
    for id in ids {
        assert!(bench.is_open(id));
        bench.says(SIGNAL);
        assert!(!bench.is_open(id));
    }
}

#[test]
fn too_many_waiting_commands_are_refused() {
    let mut bench = Bench::ready();
    let ids: Vec<u64> = (0..40).map(|_| bench.command(signal())).collect();
    let full = Err(ModemError::QueueFull { limit: 32 });
    let refused: Vec<u64> = ids
        .iter()
        .copied()
        .filter(|id| !bench.is_open(*id))
        .inspect(|id| assert_eq!(bench.outcome(*id), full))
        .collect();
    assert_eq!(refused, ids[33..], "one is in flight, 32 wait");
    bench.run();
    assert!(ids.iter().all(|id| !bench.is_open(*id)));
}

#[test]
fn a_silent_modem_is_reported_once_and_welcomed_back() {
    let mut bench = Bench::ready();
    let first = bench.command(signal());
    let second = bench.command(signal());
    assert_eq!(bench.wait(), Timer::FinalResult);
    assert_eq!(bench.wait(), Timer::Resync);
    assert_eq!(bench.wait(), Timer::Resync);
    assert_eq!(bench.wait(), Timer::Resync);
    for _ in 0..5 {
        assert_eq!(bench.wait(), Timer::Probe);
    }
    assert_eq!(bench.events, [ModemEvent::Unresponsive]);
    assert!(bench.outcome(first).is_err() && bench.outcome(second).is_err());
    let third = bench.command(signal());
    assert_eq!(bench.outcome(third), Err(ModemError::Unresponsive));
    // It comes back, and is made ready again by itself.
    bench.says("\r\nOK\r\n");
    assert_eq!(bench.events.last(), Some(&ModemEvent::Responsive));
    bench.take_sent();
    assert_eq!(bench.wait(), Timer::Settle);
    bench.run();
    assert!(bench.modem.is_ready());
}

#[test]
fn garbage_is_skipped_and_the_line_comes_in_step_again() {
    let mut bench = Bench::ready();
    let id = bench.command(signal());
    bench.give(ModemInput::Bytes(std::vec![0xFF, 0x00, b'O', b'K', 0x80, b'\r', 7, b'\n']));
    bench.give(ModemInput::Bytes(std::vec![b'x'; 5_000]));
    assert!(bench.is_open(id));
    bench.wait();
    assert!(bench.outcome(id).is_err());
    assert_eq!(bench.sent.pop().unwrap(), b"AT\r");
    bench.says("\r\nOK\r\n");
    bench.wait();
    bench.take_sent();
    let next = bench.command(signal());
    assert_eq!(bench.take_sent(), ["AT+CESQ\r"]);
    bench.says(SIGNAL);
    assert!(matches!(bench.outcome(next), Ok(Reply::Signal(_))));
}

#[test]
fn an_answer_without_its_line_is_the_late_one_of_another() {
    let mut bench = Bench::ready();
    let first = bench.command(signal());
    let second = bench.command(signal());
    bench.wait();
    assert_eq!(bench.outcome(first), Err(ModemError::Timeout));
    bench.says("\r\nOK\r\n");
    assert_eq!(bench.wait(), Timer::Settle);
    bench.take_sent();
    // Very late indeed: the second question is out already.
    bench.says("\r\nOK\r\n");
    assert!(bench.is_open(second));
    assert_eq!(bench.modem.counters().late_answers, 1);
    bench.says(SIGNAL);
    assert!(matches!(bench.outcome(second), Ok(Reply::Signal(_))));
}

#[test]
fn the_read_answer_and_the_urc_of_one_name_are_told_apart() {
    let mut bench = Bench::ready();
    let id = bench.command(ModemCommand::Registration);
    bench.take_sent();
    bench.says("\r\n+CREG: 5,\"00C1\",\"0000C2C3\",7\r\n");
    bench.says("\r\n+CREG: 2,1,\"00D1\",\"0000D2D3\",7\r\n");
    bench.says("\r\n+CREG: 5,\"00E1\",\"0000E2E3\",7\r\n\r\nOK\r\n");
    let Ok(Reply::Registration(state)) = bench.outcome(id) else { panic!() };
    assert_eq!(state.area, Some(0xD1), "the answer");
    let cells: Vec<u64> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            ModemEvent::Registration(state) => state.cell,
            _ => None,
        })
        .collect();
    assert_eq!(cells, [0xC2C3, 0xE2E3, 0xD2D3]);
}

#[test]
fn a_reset_in_mid_command_is_told_and_made_good() {
    let mut bench = Bench::ready();
    let id = bench.command(signal());
    let waiting = bench.command(signal());
    bench.reboots();
    assert_eq!(bench.outcome(id), Err(ModemError::Reset));
    assert_eq!(bench.events, [ModemEvent::Reset]);
    assert!(!bench.modem.is_ready());
    assert_eq!(bench.wait(), Timer::ResetGuard);
    bench.run();
    assert!(bench.modem.is_ready(), "initialised again by itself");
    assert!(!bench.is_open(waiting), "and what was waiting is done then");
    let ready = |event: &&ModemEvent| matches!(event, ModemEvent::Ready(_));
    assert_eq!(bench.events.iter().filter(ready).count(), 1);
}

#[test]
fn a_modem_that_was_never_initialised_is_not_initialised_by_a_reset() {
    let mut bench = Bench::ready();
    bench.command(ModemCommand::PowerOff(crate::PowerDown::Flight));
    bench.run();
    bench.clear();
    bench.reboots();
    while bench.modem.poll_timeout().is_some() {
        bench.wait();
    }
    bench.run();
    assert!(bench.fake.lines.is_empty(), "what was turned off stays off: {:?}", bench.fake.lines);
}

#[test]
fn echo_that_comes_back_gives_a_silent_reset_away() {
    let mut bench = Bench::ready();
    bench.fake.echo = true;
    bench.command(signal());
    bench.run();
    assert!(bench.events.contains(&ModemEvent::Reset), "{:?}", bench.events);
    assert!(bench.modem.is_ready());
    assert!(!bench.fake.echo);
}

#[test]
fn a_lost_port_ends_everything_and_its_return_begins_anew() {
    let mut bench = Bench::ready();
    let text_id = bench.command(text("hello"));
    bench.take_sent();
    bench.says("\r\n> ");
    let waiting = bench.command(signal());
    bench.give(ModemInput::PortLost);
    let unknown = SendOutcome { parts: std::vec![PartOutcome::Unknown] };
    assert_eq!(bench.outcome(text_id), Ok(Reply::Text(unknown)));
    assert_eq!(bench.outcome(waiting), Err(ModemError::PortLost));
    assert_eq!(bench.modem.poll_timeout(), None);
    let refused = bench.command(signal());
    assert_eq!(bench.outcome(refused), Err(ModemError::PortLost));
    bench.says("\r\nRING\r\n");
    bench.sent.clear();
    bench.fake.echo = true;
    bench.give(ModemInput::PortOpened);
    bench.run();
    assert!(bench.modem.is_ready());
    assert_eq!(bench.fake.submitted.len(), 0, "nothing is sent again");
}

#[test]
fn a_channel_does_not_outlive_the_card() {
    let mut bench = Bench::ready();
    let off = open_channel(&mut bench);
    bench.command(ModemCommand::PowerOff(crate::PowerDown::Minimum));
    bench.run();
    let id = bench.command(ModemCommand::CloseChannel(off));
    bench.run();
    assert_eq!(bench.outcome(id), Err(ModemError::StaleChannel));
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    let channel = open_channel(&mut bench);
    bench.reboots();
    bench.wait();
    bench.run();
    bench.clear();
    let id = bench.command(ModemCommand::CloseChannel(channel));
    bench.run();
    assert_eq!(bench.outcome(id), Err(ModemError::StaleChannel));
    assert!(bench.fake.lines.is_empty());
}

fn open_channel(bench: &mut Bench) -> Channel {
    bench.fake.answers.insert("AT+CCHO=\"A000\"".into(), "\r\n+CCHO: 2\r\n\r\nOK\r\n".into());
    let aid = Vec::from([0xA0, 0x00]).into();
    let id = bench.command(ModemCommand::OpenChannel { aid });
    bench.run();
    let Ok(Reply::Channel(channel)) = bench.outcome(id) else { panic!("{:?}", bench.done) };
    channel
}

#[test]
fn a_restart_on_demand_is_followed_by_initialisation() {
    let mut bench = Bench::ready();
    let id = bench.command(ModemCommand::Restart);
    bench.run();
    assert_eq!(bench.outcome(id), Ok(Reply::Done));
    assert_eq!(bench.events, [ModemEvent::Reset]);
    let boot = bench.fake.reboot();
    bench.give(ModemInput::Bytes(boot));
    assert_eq!(bench.events.len(), 1, "its boot lines are no second reset");
    bench.wait();
    bench.run();
    assert!(bench.modem.is_ready());
}

#[test]
fn an_answer_beyond_all_bounds_is_refused() {
    let mut bench = Bench::ready();
    let id = bench.command(ModemCommand::Raw(std::boxed::Box::new(polysim_at::Command::Clac(
        polysim_at::Form::Execute,
    ))));
    let line = String::from("+CLAC: ") + &"x".repeat(1_000) + "\r\n";
    for _ in 0..200 {
        bench.says(&line);
    }
    bench.says("\r\nOK\r\n");
    assert!(matches!(bench.outcome(id), Err(ModemError::AnswerTooLong { .. })));
}

#[test]
fn a_prompt_out_of_nowhere_opens_nothing() {
    let mut bench = Bench::ready();
    bench.says("\r\n> ");
    assert!(bench.take_sent().is_empty());
    let id = bench.command(signal());
    bench.take_sent();
    bench.says("\r\n> ");
    assert!(bench.take_sent().is_empty());
    bench.says(SIGNAL);
    assert!(bench.outcome(id).is_ok());
}

/// The order of things in one story: a text in, a text out, a call, a USSD string.
fn story() -> Vec<ModemInput> {
    let command = |id, command| ModemInput::Command { id, command };
    let bytes = |text: &str| ModemInput::Bytes(text.as_bytes().to_vec());
    Vec::from([
        command(101, ModemCommand::Initialise { pin: None }),
        bytes("\r\n+CMTI: \"SM\",1\r\n"),
        command(102, text("out")),
        bytes("\r\nRING\r\n"),
        command(103, ModemCommand::Answer),
        command(104, ModemCommand::HangUp(crate::HangUp::All)),
        command(105, signal()),
    ])
}

/// Plays the story with a reset after the n-th exchange. Returns how many exchanges there were.
fn play(reset_at: Option<usize>) -> usize {
    let mut bench = Bench::new(crate::Config {
        init: crate::InitPlan::lean(),
        registration_poll: Duration::ZERO,
        ..crate::Config::default()
    });
    bench.fake.store.insert(1, short("in"));
    let mut exchanges = 0;
    for input in story() {
        bench.give(input);
        while !bench.sent.is_empty() {
            if reset_at == Some(exchanges) {
                bench.reboots();
            } else {
                let sent = bench.sent.remove(0);
                let answer = bench.fake.handle(&sent);
                bench.give(ModemInput::Bytes(answer));
            }
            exchanges += 1;
        }
    }
    for _ in 0..50 {
        if bench.modem.is_ready() && bench.modem.is_idle() {
            break;
        }
        bench.wait();
        bench.run();
    }
    assert!(bench.modem.is_ready(), "reset at {reset_at:?}: {:?}", bench.done);
    for id in 101..=105 {
        let count = bench.done.iter().filter(|(of, _)| *of == id).count();
        assert_eq!(count, 1, "reset at {reset_at:?}: command {id} is done once");
    }
    let outcome = bench.outcome(102);
    let Ok(Reply::Text(sent)) = outcome else { panic!("{outcome:?}") };
    match sent.parts[0] {
        PartOutcome::Sent { .. } => assert_eq!(bench.fake.submitted.len(), 1),
        PartOutcome::Failed(_) => assert_eq!(bench.fake.submitted.len(), 0),
        PartOutcome::Unknown => assert!(bench.fake.submitted.len() <= 1),
    }
    // The text that came in was told, and is deleted once it is recorded, and not before.
    let told: Vec<_> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            ModemEvent::TextReceived(text) => Some(text.id),
            _ => None,
        })
        .collect();
    assert_eq!((told.len(), bench.fake.store.len()), (1, 1), "reset at {reset_at:?}");
    bench.give(ModemInput::Recorded(told[0]));
    bench.run();
    assert!(bench.fake.store.is_empty());
    exchanges
}

#[test]
fn a_reset_at_any_point_loses_nothing_and_repeats_nothing() {
    let exchanges = play(None);
    assert!(exchanges > 25);
    for at in 0..exchanges {
        play(Some(at));
    }
}
