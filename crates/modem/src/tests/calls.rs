use std::{string::String, vec, vec::Vec};

use polysim_at::DialString;

use super::bench::Bench;
use crate::{
    CallEnd, CallId, CallerId, HangUp, ModemCommand, ModemError, ModemEvent, Reply, Timer,
};

fn dial() -> ModemCommand {
    let number = DialString::new("+491701234567").unwrap();
    ModemCommand::Dial { number, caller_id: CallerId::default() }
}

/// Call events in short.
fn told(bench: &Bench) -> Vec<String> {
    let short = |event: &ModemEvent| match event {
        ModemEvent::Incoming(call) => {
            let number = call.number.as_ref().map(|n| n.to_string_lossy().into_owned());
            Some(std::format!("in {} {:?} {}", call.call.0, call.state, number.unwrap_or_default()))
        }
        ModemEvent::CallState(call) => Some(std::format!("{} {:?}", call.call.0, call.state)),
        ModemEvent::CallEnded { call, cause } => Some(std::format!("{} ended {cause:?}", call.0)),
        _ => None,
    };
    bench.events.iter().filter_map(short).collect()
}

fn poll(bench: &mut Bench) {
    assert_eq!(bench.wait(), Timer::CallPoll);
    bench.run();
}

#[test]
fn an_outgoing_call_lives_and_dies() {
    let mut bench = Bench::ready();
    bench.fake.calls = vec!["1,0,2,0,0,\"+491701234567\",145".into()];
    let id = bench.command(dial());
    bench.run();
    assert_eq!(bench.fake.lines, ["ATD+491701234567;", "AT+CLCC"]);
    assert_eq!(bench.outcome(id), Ok(Reply::Dialled(CallId(1))));
    bench.fake.calls = vec!["1,0,3,0,0,\"+491701234567\",145".into()];
    poll(&mut bench);
    bench.fake.calls = vec!["1,0,0,0,0,\"+491701234567\",145".into()];
    poll(&mut bench);
    poll(&mut bench);
    bench.fake.calls.clear();
    bench.says("\r\nNO CARRIER\r\n");
    bench.run();
    assert_eq!(told(&bench), ["1 Dialing", "1 Alerting", "1 Active", "1 ended Released"]);
    assert!(bench.modem.is_idle());
    assert!(!matches!(
        polysim_base::Machine::poll_timeout(&bench.modem),
        Some((_, Timer::CallPoll))
    ));
}

#[test]
fn busy_and_no_answer_are_told_apart() {
    for (says, cause) in [
        ("BUSY", CallEnd::Busy),
        ("NO ANSWER", CallEnd::NoAnswer),
        ("NO CARRIER", CallEnd::Released),
    ] {
        let mut bench = Bench::ready();
        bench.fake.calls = vec!["1,0,3,0,0,\"1\",129".into()];
        bench.command(dial());
        bench.run();
        bench.fake.calls.clear();
        bench.says(&std::format!("\r\n{says}\r\n"));
        bench.run();
        assert_eq!(
            bench.events.last(),
            Some(&ModemEvent::CallEnded { call: CallId(1), cause }),
            "{says}"
        );
        // As the final result of ATD, the call never was.
        let mut bench = Bench::ready();
        bench.fake.once.push_back(("ATD".into(), std::format!("\r\n{says}\r\n")));
        let id = bench.command(dial());
        bench.run();
        assert_eq!(bench.outcome(id), Err(ModemError::CallEnded(cause)));
        // Or between OK and the list.
        let mut bench = Bench::ready();
        bench.fake.once.push_back(("ATD".into(), std::format!("\r\nOK\r\n\r\n{says}\r\n")));
        let id = bench.command(dial());
        bench.run();
        assert_eq!(bench.outcome(id), Err(ModemError::CallEnded(cause)));
    }
}

#[test]
fn an_incoming_call_is_answered_and_hung_up() {
    let mut bench = Bench::ready();
    bench.fake.calls = vec!["1,1,4,0,0,\"+49170\",145".into()];
    bench.says("\r\n+CRING: VOICE\r\n\r\n+CLIP: \"+49170\",145,,,,0\r\n");
    bench.run();
    bench.fake.lines.clear();
    bench.says("\r\n+CRING: VOICE\r\n\r\n+CLIP: \"+49170\",145,,,,0\r\n");
    bench.run();
    assert_eq!(bench.fake.lines, Vec::<String>::new(), "however often it rings, it is one call");
    bench.fake.calls = vec!["1,1,0,0,0,\"+49170\",145".into()];
    let answered = bench.command(ModemCommand::Answer);
    bench.run();
    assert_eq!(bench.outcome(answered), Ok(Reply::Done));
    bench.fake.calls.clear();
    let ended = bench.command(ModemCommand::HangUp(HangUp::Call(CallId(1))));
    bench.run();
    assert_eq!(bench.outcome(ended), Ok(Reply::Done));
    assert_eq!(bench.fake.lines, ["ATA", "AT+CLCC", "AT+CHUP", "AT+CLCC"]);
    assert_eq!(told(&bench), ["in 1 Incoming +49170", "1 Active", "1 ended HungUp"]);
}

#[test]
fn a_waiting_call_is_swapped_and_each_is_hung_up_by_its_state() {
    let mut bench = Bench::ready();
    bench.fake.calls = vec!["1,0,0,0,0,\"1\",129".into()];
    bench.command(dial());
    bench.run();
    bench.fake.calls = vec!["1,0,0,0,0,\"1\",129".into(), "2,1,5,0,0,\"22\",129".into()];
    bench.says("\r\n+CCWA: \"22\",129,1\r\n");
    bench.run();
    bench.fake.calls = vec!["1,0,1,0,0,\"1\",129".into(), "2,1,0,0,0,\"22\",129".into()];
    bench.clear();
    bench.command(ModemCommand::Answer);
    bench.run();
    assert_eq!(bench.fake.lines, ["AT+CHLD=2", "AT+CLCC"], "the waiting one is taken");
    assert_eq!(told(&bench), ["1 Held", "2 Active"]);
    bench.clear();
    bench.command(ModemCommand::HangUp(HangUp::Call(CallId(2))));
    bench.run();
    assert_eq!(bench.fake.lines[0], "AT+CHLD=12");
    bench.clear();
    bench.command(ModemCommand::HangUp(HangUp::Call(CallId(1))));
    bench.run();
    assert_eq!(bench.fake.lines[0], "AT+CHLD=0");
    let none = bench.command(ModemCommand::HangUp(HangUp::Call(CallId(7))));
    bench.run();
    assert_eq!(bench.outcome(none), Err(ModemError::NoSuchCall));
}

#[test]
fn hanging_everything_up_goes_on_until_nothing_is_left() {
    let mut bench = Bench::ready();
    bench.fake.calls = vec!["1,0,1,0,0,\"1\",129".into(), "2,1,0,0,0,\"22\",129".into()];
    bench.command(dial());
    bench.run();
    bench.clear();
    let id = bench.command(ModemCommand::HangUp(HangUp::All));
    assert_eq!(bench.take_sent(), ["AT+CHLD=0\r"]);
    bench.says("\r\nOK\r\n");
    assert_eq!(bench.take_sent(), ["AT+CLCC\r"]);
    bench.says("\r\n+CLCC: 2,1,0,0,0\r\n\r\nOK\r\n");
    assert_eq!(bench.take_sent(), ["AT+CHUP\r"]);
    bench.says("\r\nOK\r\n");
    bench.take_sent();
    bench.says("\r\nOK\r\n");
    assert_eq!(bench.outcome(id), Ok(Reply::Done));
    assert_eq!(told(&bench), ["1 ended HungUp", "2 ended HungUp"]);
}

#[test]
fn a_call_that_went_away_is_told_by_the_list_alone() {
    let mut bench = Bench::ready();
    bench.fake.calls = vec!["1,0,0,0,0,\"1\",129".into()];
    bench.command(dial());
    bench.run();
    bench.fake.calls.clear();
    poll(&mut bench);
    assert_eq!(told(&bench).last().unwrap(), "1 ended Released");
}

#[test]
fn calls_are_lost_with_the_modem() {
    let mut bench = Bench::ready();
    bench.fake.calls = vec!["1,0,0,0,0,\"1\",129".into()];
    bench.command(dial());
    bench.run();
    bench.reboots();
    assert_eq!(told(&bench).last().unwrap(), "1 ended Lost");
    assert!(bench.events.contains(&ModemEvent::Reset));
}

#[test]
fn a_modem_without_a_list_of_calls_is_followed_by_what_it_says() {
    let mut bench = Bench::ready();
    bench.fake.answers.insert("AT+CLCC".into(), "\r\nERROR\r\n".into());
    bench.says("\r\nRING\r\n\r\n+CLIP: \"+49170\",145\r\n");
    bench.run();
    bench.says("\r\nRING\r\n");
    bench.run();
    bench.says("\r\nNO CARRIER\r\n");
    assert_eq!(told(&bench), ["in 1 Incoming +49170", "1 ended Released"]);
    let id = bench.command(dial());
    bench.run();
    assert_eq!(bench.outcome(id), Ok(Reply::Dialled(CallId(1))));
    bench.command(ModemCommand::HangUp(HangUp::All));
    bench.run();
    assert_eq!(told(&bench)[2..], ["1 Dialing", "1 ended HungUp"]);
}

#[test]
fn the_number_may_be_hidden() {
    let mut bench = Bench::ready();
    let number = DialString::new("0170").unwrap();
    bench.command(ModemCommand::Dial { number, caller_id: CallerId::Hidden });
    assert_eq!(bench.take_sent(), ["ATD0170I;\r"]);
}
