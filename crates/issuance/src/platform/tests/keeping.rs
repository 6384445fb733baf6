//! What was acknowledged is never lost, wherever a crash happens.

use alloc::vec::Vec;

use polysim_base::Instant;
use polysim_base::Machine;
use polysim_base::testkit::crash_everywhere;

use super::rig::{Rig, write};
use super::{config, eid, imei, imsi, number};
use crate::keys::KeyStore;
use crate::platform::{CardState, Change, Platform, PlatformConfig, PlatformInput, PlatformOutput};
use crate::wire::{
    BusinessAnswer, BusinessRequest, Method, OrderId, RequestId, RequestKind, Route,
};

/// Two cards are bound, one is written twice, one write is called back, one is refused.
fn history() -> Vec<PlatformInput> {
    let mut rig = Rig::new();
    let mut inputs = Vec::new();
    for n in [1, 2] {
        rig.make(n);
        // The second in case that a crash has swallowed the first.
        for _ in 0..2 {
            let octets = rig.card(n).bind().encode();
            inputs.push(PlatformInput::Text { from: number(n), octets });
        }
    }
    let ask = |id, kind| PlatformInput::Business(BusinessRequest { id: RequestId(id), kind });
    let asked = |id, n, new| ask(id, write(n, new, Route::Any, Method::Applet));
    let ready = |order| PlatformInput::Provisioned { order: OrderId(order), ready: true };
    inputs.extend([
        asked(1, 1, 1000),
        asked(2, 2, 1000),
        ready(1),
        PlatformInput::Attached { imsi: imsi(1000) },
        asked(3, 2, 1001),
        ask(4, RequestKind::Cancel { write: RequestId(3) }),
        asked(5, 1, 1002),
        ready(3),
        PlatformInput::Attached { imsi: imsi(1002) },
    ]);
    inputs
}

#[test]
fn what_was_acknowledged_survives_a_crash_at_every_output() {
    let config = PlatformConfig { texts_per_s: u32::MAX, ..config() };
    let fresh = || Platform::new(config.clone(), KeyStore::simulated(1));
    let inputs = history();
    let points = crash_everywhere(
        fresh,
        &inputs,
        |at| at,
        |point, run| {
            let state = |n| run.machine().card_state(eid(n));
            let settled = |n| Some(CardState::Settled { imsi: Some(imsi(n)) });
            assert_eq!((state(1), state(2)), (settled(1002), settled(2)), "crash at {point:?}");
            for n in [1, 2] {
                assert_eq!(run.machine().binding(eid(n)).unwrap().imei, Some(imei(n)));
            }
            let mut again = run.machine().clone();
            for effect in run.effects() {
                let PlatformOutput::Business { request, answer } = effect else { continue };
                let (RequestId(id), None) = (*request, asked_now(&mut again, *request, answer))
                else {
                    panic!("crash at {point:?}: {request:?} was {answer:?} and is not")
                };
                assert!((1..=5).contains(&id));
            }
        },
    );
    assert!(points > 30, "{points}");
}

/// Asks the request again; returns its answer if what was answered before is not true any more.
fn asked_now(
    platform: &mut Platform,
    request: RequestId,
    before: &BusinessAnswer,
) -> Option<BusinessAnswer> {
    let (n, new) = match request.0 {
        1 => (1, 1000),
        2 => (2, 1000),
        3 => (2, 1001),
        5 => (1, 1002),
        _ => return None,
    };
    let kind = write(n, new, Route::Any, Method::Applet);
    platform.handle(Instant::ZERO, PlatformInput::Business(BusinessRequest { id: request, kind }));
    let mut now = None;
    while let Some(out) = platform.poll_output() {
        match out {
            polysim_base::Out::Do(PlatformOutput::Business { answer, .. }) => now = Some(answer),
            polysim_base::Out::Do(_) => {}
            polysim_base::Out::Record(record) => panic!("{record:?}"),
        }
    }
    let now = now.expect("an answer");
    let is_true_still = match (before, &now) {
        (BusinessAnswer::Accepted | BusinessAnswer::Pending, BusinessAnswer::Refused(_)) => false,
        (BusinessAnswer::Accepted | BusinessAnswer::Pending, _) => true,
        (before, now) => before == now,
    };
    (!is_true_still).then_some(now)
}

#[test]
fn a_counter_is_recorded_before_its_packet_leaves() {
    let mut rig = Rig::new();
    rig.bound(1);
    rig.order(1, 1, 1000, Method::Applet);
    rig.texts();
    let used = |rig: &Rig| {
        let said =
            |record: &crate::platform::PlatformRecord| matches!(record.change, Change::Said { .. });
        rig.records.iter().filter(|record| said(record)).count()
    };
    let before = used(&rig);
    // It crashes after the record, before the text.
    rig.crash_in = Some(1);
    rig.advance(polysim_base::Duration::from_secs(11));
    assert_eq!((used(&rig), rig.texts().len()), (before + 1, 0));
    let text = rig.next_text();
    rig.deliver(1, &text);
    assert_eq!(used(&rig), before + 2, "the counter of the text that did not leave is not used");
}
