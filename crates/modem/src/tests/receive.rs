use std::{string::String, vec::Vec};

use polysim_base::Duration;
use polysim_sms::{Reference, SegmentOptions, segment};

use super::bench::{Bench, cmt, deliver, short};
use crate::{
    Config, InitPlan, InitStep, ModemCommand, ModemEvent, ModemInput, Reply, TextBody, TextId,
    TextRouting, Timer,
};

fn ids(bench: &Bench) -> Vec<TextId> {
    let id = |event: &ModemEvent| match event {
        ModemEvent::TextReceived(text) => Some(text.id),
        ModemEvent::StatusReport(report) => Some(report.id),
        ModemEvent::UnreadableText(text) => Some(text.id),
        _ => None,
    };
    bench.events.iter().filter_map(id).collect()
}

fn texts(bench: &Bench) -> Vec<String> {
    let text = |event: &ModemEvent| match event {
        ModemEvent::Text(text) => match &text.body {
            TextBody::Text(text) => Some(text.clone()),
            TextBody::Data(data) => Some(std::format!("{data:02X?}")),
        },
        _ => None,
    };
    bench.events.iter().filter_map(text).collect()
}

fn record_all(bench: &mut Bench) {
    for id in ids(bench) {
        bench.give(ModemInput::Recorded(id));
    }
    bench.run();
}

fn direct() -> Bench {
    let init = InitPlan { routing: TextRouting::Direct, ..InitPlan::lean() };
    Bench::ready_with(Config { init, ..Config::default() })
}

#[test]
fn a_stored_text_is_deleted_only_when_it_is_recorded() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(3, short("hello"));
    bench.says("\r\n+CMTI: \"SM\",3\r\n");
    bench.run();
    assert_eq!(bench.fake.lines, ["AT+CMGR=3"]);
    assert_eq!(texts(&bench), ["hello"]);
    assert!(bench.modem.is_idle(), "nothing more until it is recorded");
    record_all(&mut bench);
    assert_eq!(bench.fake.lines, ["AT+CMGR=3", "AT+CMGD=3"]);
    assert!(bench.fake.store.is_empty());
}

#[test]
fn what_came_while_nobody_listened_is_listed_at_the_start() {
    let mut bench = Bench::new(Config::default());
    for (index, text) in [(1, "one"), (2, "two"), (9, "nine")] {
        bench.fake.store.insert(index, short(text));
    }
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    assert_eq!(texts(&bench), ["one", "two", "nine"]);
    record_all(&mut bench);
    assert!(bench.fake.store.is_empty());
}

#[test]
fn a_long_text_is_told_part_by_part_and_then_whole() {
    let mut bench = Bench::ready();
    let long = "Grüße 😀 ".repeat(40);
    let options = SegmentOptions::default().with_reference(Reference::Eight(7));
    let parts = segment(&long, &options).unwrap();
    let count = parts.len();
    assert!(count > 2);
    // The last one first.
    for (index, part) in parts.into_iter().rev().enumerate() {
        let index = u16::try_from(index).unwrap() + 1;
        bench.fake.store.insert(index, deliver(part));
        bench.says(&std::format!("\r\n+CMTI: \"SM\",{index}\r\n"));
        bench.run();
        record_all(&mut bench);
    }
    assert_eq!(ids(&bench).len(), count);
    assert_eq!(texts(&bench), [long]);
    assert!(bench.fake.store.is_empty());
}

#[test]
fn parts_that_stay_alone_are_told_as_incomplete() {
    let mut bench = Bench::ready();
    let parts = segment(&"x".repeat(200), &SegmentOptions::default()).unwrap();
    bench.fake.store.insert(1, deliver(parts[1].clone()));
    bench.says("\r\n+CMTI: \"SM\",1\r\n");
    bench.run();
    record_all(&mut bench);
    for _ in 0..300 {
        bench.wait();
        bench.run();
    }
    let incomplete = bench.events.iter().any(|event| match event {
        ModemEvent::TextIncomplete(text) => text.total == 2 && text.parts == ids(&bench),
        _ => false,
    });
    assert!(incomplete, "{:?}", bench.events);
}

#[test]
fn a_text_that_cannot_be_deleted_is_not_told_again() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(5, short("sticky"));
    bench.fake.answers.insert("AT+CMGD=5".into(), "\r\n+CMS ERROR: 320\r\n".into());
    bench.says("\r\n+CMTI: \"SM\",5\r\n");
    bench.run();
    record_all(&mut bench);
    // It is looked for again and again, a few times, and never told again.
    let mut waits = 0;
    while bench.modem.is_ready() && waits < 50 {
        waits += 1;
        if bench.wait() == Timer::Poll {
            break;
        }
        bench.run();
    }
    assert_eq!(ids(&bench).len(), 1);
    let deletes = bench.fake.lines.iter().filter(|line| *line == "AT+CMGD=5").count();
    assert_eq!(deletes, 5, "{:?}", bench.fake.lines);
    // After a reset it is deleted at last.
    bench.fake.answers.clear();
    bench.reboots();
    bench.wait();
    bench.run();
    assert_eq!(ids(&bench).len(), 1, "known still");
    assert!(bench.fake.store.is_empty());
}

#[test]
fn a_place_that_was_taken_by_another_text_is_not_deleted() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(1, short("old"));
    bench.says("\r\n+CMTI: \"SM\",1\r\n");
    bench.run();
    let old = ids(&bench)[0];
    // The modem is reset, and meanwhile another text took the place.
    bench.fake.store.insert(1, short("new"));
    bench.reboots();
    bench.give(ModemInput::Recorded(old));
    bench.wait();
    bench.run();
    assert_eq!(texts(&bench), ["old", "new"]);
    assert_eq!(bench.fake.store.len(), 1, "the new one is not recorded yet");
    record_all(&mut bench);
    assert!(bench.fake.store.is_empty());
}

#[test]
fn after_a_reset_a_place_is_looked_at_before_it_is_deleted() {
    let steps = InitPlan::LEAN.iter().copied().filter(|step| *step != InitStep::DrainStore);
    let init = InitPlan { steps: steps.collect(), ..InitPlan::lean() };
    let mut bench = Bench::ready_with(Config { init, ..Config::default() });
    bench.fake.store.insert(1, short("old"));
    bench.says("\r\n+CMTI: \"SM\",1\r\n");
    bench.run();
    let old = ids(&bench)[0];
    bench.fake.store.insert(1, short("new"));
    bench.reboots();
    bench.wait();
    bench.run();
    bench.give(ModemInput::Recorded(old));
    bench.run();
    assert_eq!(texts(&bench), ["old", "new"]);
    assert_eq!(bench.fake.store.len(), 1);
}

#[test]
fn a_delete_whose_answer_is_lost_is_not_repeated_blindly() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(1, short("one"));
    bench.says("\r\n+CMTI: \"SM\",1\r\n");
    bench.run();
    bench.fake.once.push_back(("AT+CMGD=1".into(), String::new()));
    record_all(&mut bench);
    // The modem did delete it, and a new text came to the same place; the answer was lost.
    bench.fake.store.insert(1, short("two"));
    for _ in 0..20 {
        if bench.wait() == Timer::Poll {
            break;
        }
        bench.run();
    }
    assert_eq!(texts(&bench), ["one", "two"]);
    assert_eq!(bench.fake.store.len(), 1, "the second text is there until it is recorded");
}

#[test]
fn direct_deliveries_are_acknowledged_only_when_recorded() {
    let mut bench = direct();
    bench.says(&cmt(&short("now")));
    assert_eq!(texts(&bench), ["now"]);
    assert!(bench.take_sent().is_empty());
    let id = ids(&bench)[0];
    bench.give(ModemInput::Recorded(id));
    assert_eq!(bench.take_sent(), ["AT+CNMA\r"]);
    bench.says("\r\nOK\r\n");
    assert!(bench.modem.is_idle());
}

#[test]
fn direct_routing_without_acknowledgement_falls_back_to_the_store() {
    let init = InitPlan { routing: TextRouting::Direct, ..InitPlan::lean() };
    let mut bench = Bench::new(Config { init, ..Config::default() });
    bench.fake.answers.insert("AT+CSMS=1".into(), "\r\nERROR\r\n".into());
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    assert!(bench.fake.lines.contains(&"AT+CNMI=2,1,0,1,0".into()), "{:?}", bench.fake.lines);
    let mut bench = Bench::new(Config {
        init: InitPlan { routing: TextRouting::Direct, ..InitPlan::lean() },
        ..Config::default()
    });
    bench.command(ModemCommand::Initialise { pin: None });
    bench.run();
    assert!(bench.fake.lines.contains(&"AT+CNMI=2,2,0,1,0".into()));
}

#[test]
fn an_acknowledgement_that_came_too_late_restores_the_routing_and_knows_the_text_again() {
    let mut bench = direct();
    let pdu = short("slow");
    bench.says(&cmt(&pdu));
    let id = ids(&bench)[0];
    bench.give(ModemInput::Recorded(id));
    bench.take_sent();
    bench.says("\r\n+CMS ERROR: 340\r\n");
    assert_eq!(bench.take_sent(), ["AT+CNMI=2,2,0,1,0\r"]);
    bench.says("\r\nOK\r\n");
    // The network delivers again: it is acknowledged at once and not told a second time.
    bench.says(&cmt(&pdu));
    assert_eq!(bench.take_sent(), ["AT+CNMA\r"]);
    bench.says("\r\nOK\r\n");
    assert_eq!(ids(&bench).len(), 1);
    assert_eq!(bench.modem.counters().duplicate_texts, 1);
}

#[test]
fn a_direct_delivery_again_while_the_first_is_being_recorded_is_the_same() {
    let mut bench = direct();
    let pdu = short("twice");
    bench.says(&cmt(&pdu));
    bench.says(&cmt(&pdu));
    let all = ids(&bench);
    assert_eq!(all.len(), 1);
    bench.give(ModemInput::Recorded(all[0]));
    assert_eq!(bench.take_sent(), ["AT+CNMA\r"]);
    bench.says("\r\nOK\r\n");
    assert_eq!(bench.take_sent(), Vec::<String>::new());
}

#[test]
fn an_acknowledgement_goes_before_what_is_waiting() {
    let mut bench = direct();
    let first = bench.command(ModemCommand::Signal);
    for _ in 0..5 {
        bench.command(ModemCommand::Signal);
    }
    bench.take_sent();
    bench.says(&cmt(&short("urgent")));
    let id = ids(&bench)[0];
    bench.give(ModemInput::Recorded(id));
    assert!(bench.take_sent().is_empty(), "one command in flight");
    bench.says("\r\n+CESQ: 99,99,255,255,20,60\r\n\r\nOK\r\n");
    assert!(!bench.is_open(first));
    assert_eq!(bench.take_sent(), ["AT+CNMA\r"]);
}

#[test]
fn a_damaged_pdu_is_never_told() {
    let pdu = short("hello");
    let cut = &pdu[..pdu.len() - 4];
    // Direct: refused, so that the network delivers again.
    let mut bench = direct();
    bench.says(&std::format!("\r\n+CMT: ,{}\r\n{cut}\r\n", pdu.len() / 2 - 1));
    assert_eq!(bench.take_sent(), ["AT+CNMA=2\r"]);
    assert!(bench.events.is_empty());
    // Stored: read again later.
    let mut bench = Bench::ready();
    bench.fake.store.insert(1, pdu.clone());
    let damaged = std::format!("\r\n+CMGR: 0,,{}\r\n{cut}\r\n\r\nOK\r\n", pdu.len() / 2 - 1);
    bench.fake.once.push_back(("AT+CMGR=1".into(), damaged));
    bench.says("\r\n+CMTI: \"SM\",1\r\n");
    bench.run();
    assert!(bench.events.is_empty());
    assert_eq!(bench.wait(), Timer::Retry);
    bench.run();
    assert_eq!(texts(&bench), ["hello"]);
}

#[test]
fn what_is_no_text_is_told_as_it_is_and_deleted_when_recorded() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(1, "0003FFFFFF".into());
    bench.says("\r\n+CMTI: \"SM\",1\r\n");
    bench.run();
    assert!(matches!(&bench.events[..], [ModemEvent::UnreadableText(_)]), "{:?}", bench.events);
    record_all(&mut bench);
    assert!(bench.fake.store.is_empty());
}

#[test]
fn texts_of_our_own_in_the_store_are_left_alone() {
    let mut bench = Bench::ready();
    let listing = "\r\n+CMGL: 4,2,,18\r\n0001000C91947107214365000005E8329BFD06\r\n\r\nOK\r\n";
    bench.fake.answers.insert("AT+CMGL=4".into(), listing.into());
    bench.reboots();
    bench.wait();
    bench.run();
    assert!(bench.modem.is_ready());
    assert!(ids(&bench).is_empty());
    assert!(!bench.fake.lines.iter().any(|line| line.starts_with("AT+CMGD")));
}

#[test]
fn another_store_is_chosen_before_it_is_read() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(2, short("in ME"));
    bench.says("\r\n+CMTI: \"ME\",2\r\n");
    bench.run();
    assert_eq!(bench.fake.lines, ["AT+CPMS=\"ME\"", "AT+CMGR=2"]);
    record_all(&mut bench);
    assert_eq!(bench.fake.lines.last().unwrap(), "AT+CMGD=2");
    // And back again for the next one.
    bench.clear();
    bench.fake.store.insert(2, short("in SM"));
    bench.says("\r\n+CMTI: \"SM\",2\r\n");
    bench.run();
    assert_eq!(bench.fake.lines, ["AT+CPMS=\"SM\"", "AT+CMGR=2"]);
}

#[test]
fn ten_thousand_urcs_are_bounded_work() {
    let mut bench = Bench::ready();
    for index in 0..200 {
        bench.fake.store.insert(index, short(&std::format!("text {index}")));
    }
    let busy = bench.command(ModemCommand::Signal);
    bench.take_sent();
    let mut storm = String::new();
    for n in 0..10_000 {
        storm += &std::format!("\r\n+CMTI: \"SM\",{}\r\n", n % 200);
        storm += "\r\n+CSQ: 20,99\r\n\r\n^RSSI: 20\r\n\r\nRING\r\n";
    }
    for chunk in storm.as_bytes().chunks(997) {
        bench.give(ModemInput::Bytes(chunk.to_vec()));
    }
    assert!(bench.sent.is_empty(), "nothing is sent from within a line");
    assert!(bench.is_open(busy));
    bench.says("\r\n+CESQ: 99,99,255,255,20,60\r\n\r\nOK\r\n");
    assert!(!bench.is_open(busy));
    // All texts are told, 64 at most at a time, each once.
    for _ in 0..20 {
        bench.run();
        let all = ids(&bench);
        for id in all {
            bench.give(ModemInput::Recorded(id));
        }
        bench.run();
    }
    let mut seen = texts(&bench);
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), texts(&bench).len()), (200, 200));
    assert!(bench.fake.store.is_empty());
    assert!(bench.fake.lines.len() < 1_000, "{} commands", bench.fake.lines.len());
}

#[test]
fn a_status_report_is_told_and_acknowledged() {
    let mut bench = Bench::ready();
    // Reference 5, completed, to +491701234567.
    let report = "0006050C91947110325476623010210000406230102100104000";
    bench.says(&std::format!("\r\n+CDS: {}\r\n{report}\r\n", report.len() / 2 - 1));
    let [ModemEvent::StatusReport(told)] = &bench.events[..] else { panic!("{:?}", bench.events) };
    assert_eq!((told.reference, std::format!("{}", told.recipient)), (5, "+491701234567".into()));
    let id = told.id;
    assert!(bench.take_sent().is_empty());
    bench.give(ModemInput::Recorded(id));
    assert_eq!(bench.take_sent(), ["AT+CNMA\r"]);
}

#[test]
fn a_text_between_the_lines_of_an_answer_is_told() {
    let mut bench = direct();
    let id = bench.command(ModemCommand::Signal);
    bench.take_sent();
    bench.says(&cmt(&short("in between")));
    bench.says("\r\n+CESQ: 99,99,255,255,20,60\r\n");
    bench.says(&cmt(&short("OK")));
    assert!(bench.is_open(id), "a text that says OK is no result");
    bench.says("\r\nOK\r\n");
    assert!(bench.outcome(id).is_ok());
    assert_eq!(texts(&bench), ["in between", "OK"]);
}

#[test]
fn a_late_recorded_is_nothing_to_worry_about() {
    let mut bench = Bench::ready();
    bench.give(ModemInput::Recorded(TextId(77)));
    bench.now = bench.now.plus(Duration::from_secs(1));
    assert!(bench.take_sent().is_empty());
}

#[test]
fn a_notice_that_was_garbled_is_made_good_by_a_listing() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(3, short("unnoticed"));
    bench.says("\r\n+CM#I: \"SM\",3\r\n");
    while !texts(&bench).contains(&"unnoticed".into()) {
        bench.wait();
        bench.run();
    }
    let listings =
        |bench: &Bench| bench.fake.lines.iter().filter(|line| *line == "AT+CMGL=4").count();
    assert_eq!(listings(&bench), 1);
    for _ in 0..3 {
        bench.wait();
        bench.run();
    }
    assert_eq!(listings(&bench), 1, "nothing more was unheard");
}

#[test]
fn a_listing_counts_what_is_left_in_the_store_and_tells_it_once() {
    let mut bench = Bench::ready();
    bench.fake.store.insert(3, short("hello"));
    let listed = bench.command(ModemCommand::ListTexts);
    bench.run();
    assert_eq!(bench.outcome(listed), Ok(Reply::Stored(1)));
    let listed = bench.command(ModemCommand::ListTexts);
    bench.run();
    assert_eq!(bench.outcome(listed), Ok(Reply::Stored(1)));
    assert_eq!(texts(&bench), ["hello"]);
    record_all(&mut bench);
    let listed = bench.command(ModemCommand::ListTexts);
    bench.run();
    assert_eq!(bench.outcome(listed), Ok(Reply::Stored(0)));
}

#[test]
fn a_listing_before_the_store_is_known_chooses_it_first() {
    let mut bench = Bench::new(Config::default());
    let listed = bench.command(ModemCommand::ListTexts);
    bench.run();
    assert_eq!(bench.outcome(listed), Ok(Reply::Stored(0)));
    assert_eq!(bench.fake.lines, ["AT+CPMS=\"SM\",\"SM\",\"SM\"", "AT+CMGL=4"]);
}
