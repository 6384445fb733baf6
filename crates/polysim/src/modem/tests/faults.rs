//! The faults that a line and a modem have, and that all of them pass.

use super::*;
use crate::{Event, ModemFault};
use polysim_hal::{Direction, Faulty, PlannedPortFault, PortErrorKind, PortFault, PortFaults};
use polysim_modem::{ModemError, ModemEvent, PartOutcome, Verdict};

async fn works(modem: &Modem) {
    for _ in 0..20 {
        if modem.status().ready && modem.signal().await.is_ok() {
            return;
        }
        secs(5).await;
    }
    panic!("the modem did not come back: {:?}", modem.status());
}

fn with_signal(far: &Far) {
    let answer = "\r\n+CESQ: 99,99,255,255,20,50\r\n\r\nOK\r\n";
    far.fake().answers.insert("AT+CESQ".into(), answer.into());
}

#[tokio::test(start_paused = true)]
async fn garbage_nul_and_a_line_of_a_mebibyte_are_passed_over() {
    let (modem, far) = ready().await;
    with_signal(&far);
    let mut stream = Stream::derive(7, 0, Purpose::Test, 0);
    let mut garbage = vec![0; 64 * 1024];
    stream.fill(&mut garbage);
    far.say_bytes(garbage);
    far.say_bytes(vec![0; 10_000]);
    far.say_bytes(vec![b'x'; 1024 * 1024]);
    far.say_bytes(b"\r\n".to_vec());
    works(&modem).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_is_a_timeout_and_does_not_answer_the_next_command() {
    let (modem, far) = ready().await;
    with_signal(&far);
    far.fake().once.push_back(("AT+CESQ".into(), "\r\n+CESQ: 99,99,255".into()));
    assert_eq!(modem.signal().await, Err(ModemError::Timeout.into()));
    works(&modem).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_modem_gives_typed_errors_and_is_welcomed_back() {
    let (modem, far) = ready().await;
    with_signal(&far);
    let mut events = modem.events();
    far.act(Act::Mute(true));
    let start = tokio::time::Instant::now();
    assert_eq!(modem.signal().await, Err(ModemError::Timeout.into()));
    let refused = async {
        loop {
            match modem.signal().await {
                Err(ModemFault::Modem(ModemError::Unresponsive)) => return,
                Err(ModemFault::Modem(ModemError::Timeout)) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    refused.await;
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let mut told = Vec::new();
    while told.last() != Some(&Event::Modem(ModemEvent::Unresponsive)) {
        told.push(events.next().await.unwrap());
    }
    assert!(!modem.status().ready);
    far.act(Act::Mute(false));
    works(&modem).await;
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_ten_thousand_lines_a_second_holds_nothing_up() {
    let (modem, far) = ready().await;
    with_signal(&far);
    let mut events = modem.events();
    far.fake().store.insert(1, short("in the storm"));
    let mut storm = Vec::new();
    for n in 0..10_000 {
        storm.extend(format!("\r\n+CREG: 1,\"00A1\",\"{n:08X}\",7\r\n").into_bytes());
        if n == 5_000 {
            storm.extend(b"\r\n+CMTI: \"SM\",1\r\n");
        }
    }
    far.say_bytes(storm);
    works(&modem).await;
    let text = modem.texts().next().await.unwrap();
    assert_eq!(text.text(), Some("in the storm"));
    let mut waiting = 0;
    while let Ok(Some(event)) = tokio::time::timeout(Duration::from_secs(1), events.next()).await {
        assert!(!matches!(event, Event::Missed(_)), "states are replaced, not missed");
        waiting += 1;
    }
    assert!(waiting <= crate::modem::EVENTS_MAX);
    assert_eq!(modem.status().registration.cell, Some(9_999));
}

#[tokio::test(start_paused = true)]
async fn a_port_that_goes_in_mid_pdu_leaves_the_text_unknown_and_comes_back() {
    let (modem, far) = ready().await;
    with_signal(&far);
    let mut events = modem.events();
    // The modem takes the PDU and says nothing: then it is gone.
    far.fake().once.push_back(("PDU".into(), String::new()));
    let sender = modem.clone();
    let sent = tokio::spawn(async move { sender.send_text("+46700000001", "hello").await });
    secs(2).await;
    far.act(Act::Unplug(Duration::from_secs(30)));
    let outcome = sent.await.unwrap().unwrap();
    assert_eq!((outcome.verdict(), outcome.parts), (Verdict::Unknown, vec![PartOutcome::Unknown]));
    assert_eq!(events.next().await, Some(Event::PortLost(PortErrorKind::Gone)));
    assert!(!modem.status().port_open && !modem.status().ready);
    assert_eq!(modem.signal().await, Err(ModemError::PortLost.into()));
    modem.ready().await.unwrap();
    works(&modem).await;
    let sent_once = far.fake().submitted.len() <= 1;
    assert!(sent_once, "nothing is sent again by itself");
}

#[tokio::test(start_paused = true)]
async fn what_was_confirmed_while_the_port_was_gone_is_deleted_when_it_is_back() {
    let (modem, far) = ready().await;
    far.fake().store.insert(3, short("kept"));
    far.fake().store.insert(4, short("not kept"));
    far.say(&["+CMTI: \"SM\",3"]);
    far.say(&["+CMTI: \"SM\",4"]);
    let mut texts = modem.texts();
    let kept = texts.next().await.unwrap();
    texts.next().await.unwrap();
    far.act(Act::Unplug(Duration::from_secs(90)));
    secs(1).await;
    assert!(!modem.status().port_open);
    kept.confirm().await.unwrap();
    modem.ready().await.unwrap();
    secs(60).await;
    assert_eq!(far.fake().store.keys().copied().collect::<Vec<_>>(), [4]);
    assert_eq!(modem.texts().next().await.unwrap().text(), Some("not kept"));
}

#[tokio::test(start_paused = true)]
async fn a_modem_that_reboots_under_a_command_is_set_up_again() {
    let (modem, far) = ready().await;
    with_signal(&far);
    let mut events = modem.events();
    far.fake().once.push_back(("AT+CESQ".into(), String::new()));
    let asks = modem.clone();
    let asked = tokio::spawn(async move { asks.signal().await });
    secs(1).await;
    let reboot = far.fake().reboot();
    far.say_bytes(reboot);
    assert_eq!(asked.await.unwrap(), Err(ModemError::Reset.into()));
    assert_eq!(events.next().await, Some(Event::Modem(ModemEvent::Reset)));
    modem.ready().await.unwrap();
    works(&modem).await;
}

#[tokio::test(start_paused = true)]
async fn more_callers_than_queues_hold_are_served_all() {
    let (modem, far) = ready().await;
    with_signal(&far);
    let callers: Vec<_> = (0..200)
        .map(|_| {
            let modem = modem.clone();
            tokio::spawn(async move { modem.signal().await })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_handle_ends_the_task_and_closes_the_port() {
    let (near, mut far) = memory_port();
    let modem = Modem::open(Box::new(near), ModemOptions::default());
    let texts = modem.texts();
    drop(modem);
    secs(1).await;
    far.write(b"still there\r\n").await.unwrap();
    drop(texts);
    secs(1).await;
    let mut buffer = [0; 8];
    assert_eq!(*far.read(&mut buffer).await.unwrap_err().kind(), PortErrorKind::Gone);
}

#[tokio::test(start_paused = true)]
async fn closing_a_silent_modem_does_not_wait_for_ever() {
    let (modem, far) = ready().await;
    far.act(Act::Mute(true));
    let asks = modem.clone();
    let asked = tokio::spawn(async move { asks.signal().await });
    tokio::task::yield_now().await;
    let start = tokio::time::Instant::now();
    modem.close().await;
    assert!(start.elapsed() <= Duration::from_secs(6), "{:?}", start.elapsed());
    assert!(asked.await.unwrap().is_err());
}

const TEXTS: u16 = 20;

/// What may happen to a line. Noise on the way to the modem is left out: AT has no checksums, so
/// it can turn one command into another.
fn plan(stream: &mut Stream) -> Vec<PlannedPortFault> {
    let faults = stream.range(1, 12);
    (0..faults)
        .map(|_| {
            let direction = if stream.chance(500_000) { Direction::In } else { Direction::Out };
            let fault = match stream.below(6) {
                0 => PortFault::Truncation,
                1 => PortFault::Silence { for_us: stream.range(1_000, 200_000_000) },
                2 => PortFault::Gone,
                3 if direction == Direction::In => PortFault::Garbage(500),
                4 if direction == Direction::In => {
                    let line = format!("\r\n+CMTI: \"SM\",{}\r\n", stream.below(30));
                    PortFault::Storm { line, count: 10_000 }
                }
                _ => PortFault::Gone,
            };
            PlannedPortFault { direction, after: stream.below(6_000), fault }
        })
        .collect()
}

/// Reads all texts over a line with faults; every one must be recorded before it is deleted.
async fn read_over_faults(seed: u64) {
    let mut stream = Stream::derive(seed, 0, Purpose::Fault, 0);
    let mut fake = FakeModem::default();
    let all: std::collections::BTreeSet<String> =
        (0..TEXTS).map(|place| short(&format!("text {place}"))).collect();
    fake.store = (0..).zip(all.iter().cloned()).collect();
    let clock = TokioClock::starting_at(Instant::ZERO);
    let faults = PortFaults::new(plan(&mut stream), &stream, clock);
    let (modem, far) = opened_through(fake, |port| Box::new(Faulty::new(port, faults)));
    let mut recorded = std::collections::BTreeSet::new();
    let mut texts = modem.texts();
    while modem.initialise(None).await.is_err() {
        secs(30).await;
    }
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20_000);
    // Garbage in a listing can hide a text that is recorded: it stays, and is shown once more when
    // the modem is opened anew. None may stay that was not shown.
    while recorded.len() < all.len() {
        assert!(tokio::time::Instant::now() < deadline, "seed {seed}: {:?}", modem.status());
        let next = tokio::time::timeout(Duration::from_secs(400), texts.next()).await;
        if let Ok(text) = next {
            let text = text.unwrap();
            let line = |pdu: &Vec<u8>| pdu.iter().map(|byte| format!("{byte:02X}")).collect();
            recorded.extend(text.pdus.iter().map(line));
            text.confirm().await.unwrap();
        } else {
            // A modem that lost nothing but its tongue is asked for something by its owner.
            drop(modem.signal().await);
        }
        let left: std::collections::BTreeSet<_> = far.fake().store.values().cloned().collect();
        let lost: Vec<_> =
            all.iter().filter(|pdu| !recorded.contains(*pdu) && !left.contains(*pdu)).collect();
        assert!(lost.is_empty(), "seed {seed}: lost {lost:?}");
    }
    assert!(recorded.is_subset(&all) && all.is_subset(&recorded), "seed {seed}");
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_the_line_no_text_is_lost_and_all_come_in_the_end() {
    for seed in 0..200 {
        read_over_faults(seed).await;
    }
}
