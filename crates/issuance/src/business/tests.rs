//! The business platform: numbers, batches, repetition, on-site jobs, crashes.

mod history;

use super::*;
use crate::wire::{
    BusinessAnswer, BusinessRequest, LocalWrite, Method, OrderId, Refusal, RequestId, RequestKind,
    Route, UplinkFrame, WriteFailure,
};
use polysim_base::testkit::crash_everywhere;
use polysim_base::{Duration, Eid, Imei, Imsi, Instant, Machine, Msisdn, Out};
use std::format;
use std::string::ToString;
use std::vec;
use std::vec::Vec;

const PATIENCE: Duration = Duration::from_secs(10);
const REST: Duration = Duration::from_secs(3_600);
const NOW: Instant = Instant::from_micros(5_000_000);

fn imei(n: u32) -> Imei {
    Imei::parse(&format!("35000000{n:06}")).unwrap()
}

fn eid(n: u32) -> Eid {
    let body = format!("8904903200{n:020}");
    (0..100).find_map(|check| Eid::parse(&format!("{body}{check:02}")).ok()).unwrap()
}

fn pooled(n: u32) -> Pooled {
    Pooled {
        operator: "east".to_string(),
        imsi: Imsi::parse(&format!("00101{n:010}")).unwrap(),
        msisdn: Msisdn::parse(&format!("+4915{n:08}")).unwrap(),
    }
}

fn business(numbers: u32) -> Business {
    let pool = (0..numbers).map(pooled).collect();
    Business::new(BusinessConfig { pool, patience: PATIENCE, rest: REST })
}

fn order(batch: u32, devices: impl IntoIterator<Item = u32>) -> CustomerOrder {
    CustomerOrder {
        batch: BatchId(batch),
        devices: devices.into_iter().map(imei).collect(),
        operator: "east".to_string(),
        route: Route::Air,
        method: Method::Applet,
        per_s: 0,
    }
}

fn drain(business: &mut Business) -> Vec<BusinessOutput> {
    core::iter::from_fn(|| business.poll_output())
        .filter_map(|out| match out {
            Out::Do(output) => Some(output),
            Out::Record(_) => None,
        })
        .collect()
}

fn give(business: &mut Business, now: Instant, input: BusinessInput) -> Vec<BusinessOutput> {
    business.handle(now, input);
    drain(business)
}

fn wake(business: &mut Business) -> (Instant, Vec<BusinessOutput>) {
    let (due, _) = business.poll_timeout().unwrap();
    business.handle_timeout(due);
    assert!(business.poll_timeout().is_none_or(|(next, _)| next > due));
    (due, drain(business))
}

fn answer(request: u64, answer: BusinessAnswer) -> BusinessInput {
    BusinessInput::Answer { request: RequestId(request), answer }
}

fn write(request: u64, device: u32, number: u32) -> BusinessOutput {
    let Pooled { imsi, msisdn, .. } = pooled(number);
    let (route, method) = (Route::Air, Method::Applet);
    let kind = RequestKind::Write { imei: imei(device), imsi, msisdn, route, method };
    BusinessOutput::Ask(BusinessRequest { id: RequestId(request), kind })
}

fn result(batch: u32, device: u32, result: DeviceResult) -> BusinessOutput {
    BusinessOutput::Result { batch: BatchId(batch), imei: imei(device), result }
}

fn done(device: u32, number: u32) -> DeviceResult {
    let Pooled { imsi, msisdn, .. } = pooled(number);
    DeviceResult::Done { eid: eid(device), imsi, msisdn }
}

fn frame(card: u32, packet: u8) -> UplinkFrame {
    UplinkFrame { eid: eid(card), packet: vec![packet; 30] }
}

fn job(order: Option<u32>, card: u32, packet: u8) -> LocalWrite {
    LocalWrite { order: order.map(OrderId), eid: eid(card), packet: vec![packet; 40] }
}

#[test]
fn a_write_is_asked_until_it_is_done_and_then_its_number_is_on_the_card() {
    let mut it = business(3);
    assert_eq!(give(&mut it, NOW, BusinessInput::Order(order(1, [7]))), [write(0, 7, 0)]);
    assert_eq!(wake(&mut it), (NOW.plus(PATIENCE), vec![write(0, 7, 0)]));
    let tally = PoolTally { free: 2, reserved: 1, ..PoolTally::default() };
    assert_eq!(it.pool(NOW), tally);
    let eid = eid(7);
    let told = give(&mut it, NOW, answer(0, BusinessAnswer::Done { eid }));
    assert_eq!(told, [result(1, 7, done(7, 0))]);
    let tally = PoolTally { free: 2, on_card: 1, ..PoolTally::default() };
    assert_eq!(it.pool(NOW), tally);
    assert_eq!(
        (it.poll_timeout(), it.open_requests(), it.unfinished(BatchId(1))),
        (None, 0, Some(0))
    );
}

#[test]
fn what_the_platform_has_taken_is_asked_slowly_so_that_a_lost_end_is_found() {
    let mut it = business(1);
    give(&mut it, NOW, BusinessInput::Order(order(1, [7])));
    assert_eq!(give(&mut it, NOW, answer(0, BusinessAnswer::Accepted)), []);
    let pending = give(&mut it, NOW, answer(0, BusinessAnswer::Pending));
    assert_eq!(pending, [result(1, 7, DeviceResult::Pending)]);
    assert_eq!(give(&mut it, NOW, answer(0, BusinessAnswer::Pending)), [], "it is told once");
    assert_eq!(wake(&mut it), (NOW.plus(PATIENCE.times(10)), vec![write(0, 7, 0)]));
}

#[test]
fn a_number_that_was_released_rests_and_is_then_given_out_again() {
    let mut it = business(1);
    give(&mut it, NOW, BusinessInput::Order(order(1, [7])));
    let reverted = WriteFailure::Reverted;
    give(&mut it, NOW, answer(0, BusinessAnswer::Failed(reverted)));
    let too_early = give(&mut it, NOW, BusinessInput::Order(order(2, [8])));
    assert_eq!(too_early, [result(2, 8, DeviceResult::PoolEmpty)]);
    let rested = NOW.plus(REST);
    assert_eq!(give(&mut it, rested, BusinessInput::Order(order(3, [9]))), [write(1, 9, 0)]);
}

#[test]
fn the_number_that_a_card_had_before_goes_back_to_the_pool() {
    let mut it = business(2);
    for (batch, request) in [(1, 0), (2, 1)] {
        give(&mut it, NOW, BusinessInput::Order(order(batch, [7])));
        give(&mut it, NOW, answer(request, BusinessAnswer::Done { eid: eid(7) }));
    }
    assert_eq!(it.on_cards().collect::<Vec<_>>(), [(eid(7), &pooled(1))]);
    let tally = PoolTally { resting: 1, on_card: 1, ..PoolTally::default() };
    assert_eq!(it.pool(NOW), tally);
    let tally = PoolTally { free: 1, on_card: 1, ..PoolTally::default() };
    assert_eq!(it.pool(NOW.plus(REST)), tally);
}

#[test]
fn the_same_order_again_tells_the_same_and_another_one_is_refused() {
    let mut it = business(2);
    give(&mut it, NOW, BusinessInput::Order(order(1, [7, 8])));
    give(&mut it, NOW, answer(0, BusinessAnswer::Done { eid: eid(7) }));
    let again = give(&mut it, NOW, BusinessInput::Order(order(1, [8, 7, 7])));
    assert_eq!(again, [result(1, 7, done(7, 0))]);
    for other in [order(1, [7]), CustomerOrder { per_s: 1, ..order(1, [7, 8]) }] {
        let refused = BusinessOutput::NotTaken { batch: BatchId(1), why: NotTaken::Reused };
        assert_eq!(give(&mut it, NOW, BusinessInput::Order(other)), [refused]);
    }
    let empty = BusinessOutput::NotTaken { batch: BatchId(2), why: NotTaken::Empty };
    assert_eq!(give(&mut it, NOW, BusinessInput::Order(order(2, []))), [empty]);
    let room = u32::try_from(BATCH_DEVICES_MAX).unwrap();
    let why = NotTaken::TooMany { room };
    let too_many = BusinessOutput::NotTaken { batch: BatchId(2), why };
    assert_eq!(give(&mut it, NOW, BusinessInput::Order(order(2, 0..=room))), [too_many]);
}

#[test]
fn a_device_is_in_one_unfinished_batch_only() {
    let mut it = business(3);
    give(&mut it, NOW, BusinessInput::Order(order(1, [7])));
    let second = give(&mut it, NOW, BusinessInput::Order(order(2, [7, 8])));
    assert_eq!(second, [result(2, 7, DeviceResult::Ordered), write(1, 8, 1)]);
    give(&mut it, NOW, answer(0, BusinessAnswer::Refused(Refusal::NotBound)));
    assert_eq!(give(&mut it, NOW, BusinessInput::Order(order(3, [7]))), [write(2, 7, 2)]);
}

#[test]
fn no_second_sees_more_writes_than_the_batch_allows() {
    let mut it = business(100);
    let slow = CustomerOrder { per_s: 3, ..order(1, 0..20) };
    let mut begun = vec![NOW];
    assert_eq!(give(&mut it, NOW, BusinessInput::Order(slow)).len(), 1);
    give(&mut it, NOW, answer(0, BusinessAnswer::Accepted));
    while begun.len() < 20 {
        let (at, asked) = wake(&mut it);
        assert_eq!(asked.len(), 1);
        give(&mut it, at, answer(begun.len() as u64, BusinessAnswer::Accepted));
        begun.push(at);
    }
    for window in begun.windows(4) {
        assert!(window[3].since(window[0]) >= Duration::from_secs(1));
    }
    assert!(begun[19].since(NOW) < Duration::from_secs(7), "and it is not slower than that");
}

#[test]
fn a_waiting_device_is_given_up_at_once_and_one_under_way_is_called_back() {
    let mut it = business(3);
    let slow = CustomerOrder { per_s: 1, ..order(1, [7, 8]) };
    give(&mut it, NOW, BusinessInput::Order(slow));
    let cancel = |device| BusinessInput::Cancel { batch: BatchId(1), imei: imei(device) };
    let cancelled = DeviceResult::Failed(WriteFailure::Cancelled);
    assert_eq!(give(&mut it, NOW, cancel(8)), [result(1, 8, cancelled)]);
    assert_eq!(give(&mut it, NOW, cancel(8)), [result(1, 8, cancelled)]);
    let unknown = BusinessOutput::NotTaken { batch: BatchId(1), why: NotTaken::Unknown };
    assert_eq!(give(&mut it, NOW, cancel(9)), [unknown]);

    let kind = RequestKind::Cancel { write: RequestId(0) };
    let ask = BusinessOutput::Ask(BusinessRequest { id: RequestId(1), kind });
    let asked = vec![ask.clone()];
    assert_eq!(give(&mut it, NOW, cancel(7)), asked);
    assert_eq!(give(&mut it, NOW, cancel(7)), asked, "the same request");
    // The platform hears of the write only later: it is called back then.
    assert_eq!(give(&mut it, NOW, answer(1, BusinessAnswer::Refused(Refusal::Unknown))), []);
    assert_eq!(wake(&mut it).1, [write(0, 7, 0), ask]);
    let failed = BusinessAnswer::Failed(WriteFailure::Cancelled);
    assert_eq!(give(&mut it, NOW, answer(0, failed)), [result(1, 7, cancelled)]);
    assert_eq!((it.open_requests(), it.pool(NOW.plus(REST)).free), (0, 3));
}

#[test]
fn a_job_on_site_is_told_until_it_is_brought_and_its_proof_until_it_is_heard() {
    let mut it = business(1);
    give(&mut it, NOW, BusinessInput::Order(order(1, [7])));
    let local = |packet| BusinessAnswer::Local(job(Some(40), 7, packet));
    let told = |packet| {
        BusinessOutput::Local(Job { request: RequestId(0), write: job(Some(40), 7, packet) })
    };
    assert_eq!(give(&mut it, NOW, answer(0, local(1))), [told(1)]);
    assert_eq!(give(&mut it, NOW, answer(0, local(2))), [told(2)], "with a new counter");
    let proof = Some(vec![9; 20]);
    let brought = BusinessInput::Brought { request: RequestId(0), proof: proof.clone() };
    let kind = RequestKind::Proved { order: OrderId(40), proof };
    let ask = BusinessOutput::Ask(BusinessRequest { id: RequestId(1), kind });
    let asked = vec![ask.clone()];
    assert_eq!(give(&mut it, NOW, brought.clone()), asked);
    assert_eq!(give(&mut it, NOW, brought), []);
    assert_eq!(give(&mut it, NOW, answer(0, local(2))), [], "it is brought already");
    assert_eq!(wake(&mut it), (NOW.plus(PATIENCE), vec![ask]));
    assert_eq!(give(&mut it, NOW, answer(1, BusinessAnswer::Accepted)), [write(0, 7, 0)]);
    let end = give(&mut it, NOW, answer(0, BusinessAnswer::Done { eid: eid(7) }));
    assert_eq!(end, [result(1, 7, done(7, 0))]);
}

#[test]
fn another_packet_of_a_job_reaches_the_tool_while_the_last_proof_is_not_heard() {
    let mut it = business(1);
    give(&mut it, NOW, BusinessInput::Order(order(1, [7])));
    let local = |packet| BusinessAnswer::Local(job(Some(40), 7, packet));
    let told = |packet| {
        BusinessOutput::Local(Job { request: RequestId(0), write: job(Some(40), 7, packet) })
    };
    let proved = |request, proof| {
        let kind = RequestKind::Proved { order: OrderId(40), proof };
        BusinessOutput::Ask(BusinessRequest { id: RequestId(request), kind })
    };
    let brought = |proof| BusinessInput::Brought { request: RequestId(0), proof };
    assert_eq!(give(&mut it, NOW, answer(0, local(1))), [told(1)]);
    assert_eq!(give(&mut it, NOW, brought(None)), [proved(1, None)]);
    // The platform has heard of it; its answer was lost, or is overtaken.
    assert_eq!(give(&mut it, NOW, answer(0, local(2))), [told(2)]);
    let proof = Some(vec![9; 20]);
    assert_eq!(give(&mut it, NOW, brought(proof.clone())), [proved(2, proof.clone())]);
    assert_eq!(give(&mut it, NOW, answer(1, BusinessAnswer::Accepted)), [write(0, 7, 0)]);
    assert_eq!(give(&mut it, NOW, brought(proof)), [], "the second is still being told");
    give(&mut it, NOW, answer(2, BusinessAnswer::Accepted));
    give(&mut it, NOW, answer(0, BusinessAnswer::Done { eid: eid(7) }));
    assert_eq!(it.open_requests(), 0);
}

#[test]
fn what_a_tool_has_read_is_delivered_until_its_answer_was_brought_to_the_card() {
    let mut it = business(0);
    let bind = |request, packet| {
        let kind = RequestKind::Bind { frame: frame(3, packet) };
        BusinessOutput::Ask(BusinessRequest { id: RequestId(request), kind })
    };
    let read = |packet| BusinessInput::Read { frame: frame(3, packet) };
    assert_eq!(give(&mut it, NOW, read(1)), [bind(0, 1)]);
    assert_eq!(give(&mut it, NOW, read(1)), [bind(0, 1)], "the same request");
    assert_eq!(give(&mut it, NOW, read(2)), [bind(1, 2)], "a newer pair counts");
    let write = job(None, 3, 5);
    let told = BusinessOutput::Local(Job { request: RequestId(1), write: write.clone() });
    assert_eq!(give(&mut it, NOW, answer(1, BusinessAnswer::Local(write))), [told]);
    assert_eq!(it.open_requests(), 1);
    give(&mut it, NOW, BusinessInput::Brought { request: RequestId(1), proof: None });
    assert_eq!(it.open_requests(), 0);

    give(&mut it, NOW, read(3));
    let why = Refusal::NotAuthentic;
    let refused = give(&mut it, NOW, answer(2, BusinessAnswer::Refused(why)));
    let binding = BusinessOutput::Binding { eid: eid(3), result: BindingResult::Refused(why) };
    assert_eq!(refused, [binding]);
}

#[test]
fn cards_without_end_push_out_the_oldest_that_was_read() {
    let mut it = business(0);
    for card in 0..u32::try_from(READ_MAX).unwrap() + 5 {
        give(&mut it, NOW, BusinessInput::Read { frame: frame(card, 1) });
    }
    assert_eq!(it.open_requests(), READ_MAX);
    let long = UplinkFrame { eid: eid(1), packet: vec![0; 1 << 17] };
    assert_eq!(give(&mut it, NOW, BusinessInput::Read { frame: long }), []);
}

#[test]
fn entries_that_share_a_number_count_once() {
    let same_imsi = Pooled { msisdn: pooled(5).msisdn, ..pooled(0) };
    let same_number = Pooled { imsi: pooled(5).imsi, ..pooled(0) };
    let pool = vec![pooled(0), same_imsi, same_number];
    let it = Business::new(BusinessConfig { pool, patience: PATIENCE, rest: REST });
    assert_eq!(it.pool(NOW).free, 1);
}

#[test]
fn after_every_crash_point_the_same_requests_end_with_the_same_results() {
    let cancel = BusinessInput::Cancel { batch: BatchId(1), imei: imei(4) };
    let inputs = [
        BusinessInput::Order(order(1, [1, 2, 3, 4])),
        BusinessInput::Read { frame: frame(9, 1) },
        answer(0, BusinessAnswer::Done { eid: eid(1) }),
        answer(1, BusinessAnswer::Failed(WriteFailure::Expired)),
        answer(2, BusinessAnswer::Local(job(Some(40), 3, 1))),
        BusinessInput::Brought { request: RequestId(2), proof: Some(vec![1]) },
        answer(5, BusinessAnswer::Accepted),
        cancel,
        answer(2, BusinessAnswer::Done { eid: eid(3) }),
        answer(3, BusinessAnswer::Failed(WriteFailure::Cancelled)),
        answer(4, BusinessAnswer::Done { eid: eid(9) }),
    ];
    let points = crash_everywhere(
        || business(4),
        &inputs,
        |at| at,
        |point, run| {
            let it = run.machine();
            let results: Vec<_> = it.results(BatchId(1)).map(|(_, result)| result).collect();
            let expected = [
                done(1, 0),
                DeviceResult::Failed(WriteFailure::Expired),
                done(3, 2),
                DeviceResult::Failed(WriteFailure::Cancelled),
            ];
            assert_eq!(results, expected, "{point:?}");
            let tally = PoolTally { free: 2, on_card: 2, ..PoolTally::default() };
            assert_eq!(it.pool(Instant::MAX), tally, "{point:?}");
            assert_eq!(it.open_requests(), 0, "{point:?}");
        },
    );
    assert!(points > 25, "{points}");
}

#[test]
fn a_hundred_thousand_devices_are_one_order() {
    const DEVICES: u32 = 100_000;
    let mut it = business(DEVICES);
    let asked = give(&mut it, NOW, BusinessInput::Order(order(1, 0..DEVICES)));
    assert_eq!(asked.len(), DEVICES as usize);
    for n in 0..DEVICES {
        let end = give(&mut it, NOW, answer(n.into(), BusinessAnswer::Done { eid: eid(n) }));
        assert_eq!(end.len(), 1);
    }
    let tally = PoolTally { on_card: DEVICES as usize, ..PoolTally::default() };
    assert_eq!(it.pool(NOW), tally);
    assert_eq!((it.poll_timeout(), it.unfinished(BatchId(1))), (None, Some(0)));
}
