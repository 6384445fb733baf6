use std::boxed::Box;
use std::string::String;
use std::vec::Vec;

use polysim_base::testkit::Durable;
use polysim_base::{Duration, Eid, Iccid, Instant, Machine, Plmn};
use polysim_rsp::{es2, es9};

use super::*;
use crate::wire::{
    Capabilities, Downlink, DownloadAnswer, DownloadFailure, DownloadRequest, ListAnswer,
    ListRequest, OperatorNumber, Order, Outcome, Refusal, Report, ReportNumber, RequestNumber,
    Uplink, open_downlink, seal_uplink,
};
use crate::{Level, MasterKey, Registration, VisibleNetwork};

fn eid(n: u32) -> Eid {
    Eid::with_check_digits(&std::format!("8904903200000000000000{n:08}")).unwrap()
}

fn iccid(n: u16) -> Iccid {
    Iccid::with_check_digit(&std::format!("8949000000000{n:05}")).unwrap()
}

fn plmn(text: &str) -> Plmn {
    Plmn::parse(text).unwrap()
}

fn config() -> AdvisorConfig {
    let operator = |plmn: Plmn, memory, needs| Operator {
        plmns: [plmn].into(),
        profile_type: String::from("iot"),
        memory,
        needs: Capabilities(needs),
    };
    AdvisorConfig {
        key: MasterKey::new([3; 16]),
        requester: String::from("platform"),
        operators: [
            (OperatorNumber(1), operator(plmn("23201"), 1_000, 0)),
            (OperatorNumber(2), operator(plmn("23203"), 1_000_000, 0)),
            (OperatorNumber(3), operator(plmn("20801"), 1_000, 4)),
            (OperatorNumber(4), operator(plmn("23205"), 1_000, 0)),
        ]
        .into(),
        tariffs: [
            Tariff {
                region: Region::Network(plmn("20801")),
                operators: [OperatorNumber(3)].into(),
            },
            Tariff {
                region: Region::Country(232),
                operators: [2, 1, 4].map(OperatorNumber).into(),
            },
        ]
        .into(),
        order: None,
        make_room: false,
        open_max: 1,
        retry: Duration::from_secs(10),
        order_age_max: Duration::from_secs(86_400),
    }
}

struct Rig {
    now: Instant,
    advisor: Durable<Advisor>,
    counter: u32,
    seen: usize,
}

impl Rig {
    fn new() -> Self {
        let mut rig = Self {
            now: Instant::from_micros(1),
            advisor: Durable::new(Advisor::new(config())),
            counter: 0,
            seen: 0,
        };
        let row = DeviceRow {
            eid: eid(1),
            original: None,
            entitled: Entitlement::Only([1, 2, 3].map(OperatorNumber).into()),
            downloads_per_month: 2,
            profiles: [(OperatorNumber(2), iccid(2))].into(),
        };
        rig.advisor.handle(rig.now, AdvisorInput::Enrol(row), None);
        rig
    }

    fn frame(&mut self, from: Eid, message: &Uplink) -> Vec<u8> {
        self.counter += 1;
        seal_uplink(&config().key.device(from), from, self.counter, message)
    }

    fn give(&mut self, input: AdvisorInput) -> Vec<AdvisorOutput> {
        self.advisor.handle(self.now, input, None);
        self.fresh()
    }

    fn fresh(&mut self) -> Vec<AdvisorOutput> {
        let fresh = self.advisor.effects()[self.seen..].to_vec();
        self.seen = self.advisor.effects().len();
        fresh
    }

    /// Says something as a device, and returns what it is answered.
    fn say(&mut self, from: Eid, message: &Uplink) -> Vec<AdvisorOutput> {
        let frame = self.frame(from, message);
        self.give(AdvisorInput::Frame { path: Path::Data(1), frame })
    }

    fn ask(&mut self, number: u32, operator: u16, memory: u32) -> Vec<AdvisorOutput> {
        let request = DownloadRequest {
            number: RequestNumber(number),
            operator: OperatorNumber(operator),
            memory_free: Some(memory),
            capabilities: Capabilities(1),
        };
        self.say(eid(1), &Uplink::Download(request))
    }

    fn refusal(&mut self, number: u32, operator: u16, memory: u32) -> Refusal {
        match download(&self.ask(number, operator, memory), eid(1)) {
            Some(DownloadAnswer::Refused(refusal)) => refusal,
            other => panic!("{other:?}"),
        }
    }

    fn wait(&mut self, secs: u64) -> Vec<AdvisorOutput> {
        let end = self.now.plus(Duration::from_secs(secs));
        while let Some((at, _)) = self.advisor.machine().poll_timeout()
            && at <= end
        {
            self.now = at;
            self.advisor.handle_timeout(at, None);
        }
        self.now = end;
        self.fresh()
    }

    fn restart(&mut self) -> Vec<AdvisorOutput> {
        self.advisor.restart(Advisor::new(config()));
        self.give(AdvisorInput::Started)
    }

    /// Brings the order of a request to where the device can fetch the profile.
    fn grant(&mut self, number: u32) -> DownloadAnswer {
        let call = calls(&self.ask(number, 1, 5_000))[0].0;
        let reserved = es2::Answer::DownloadOrder { iccid: iccid(100) };
        let outputs = self.give(AdvisorInput::Es2 { call, answer: Ok(reserved) });
        let call = calls(&outputs)[0].0;
        let outputs = self.give(AdvisorInput::Es2 { call, answer: Ok(confirmed()) });
        download(&outputs, eid(1)).unwrap()
    }
}

fn confirmed() -> es2::Answer {
    es2::Answer::ConfirmOrder(es2::ConfirmOrderOk {
        eid: Some(eid(1)),
        matching_id: Some(es2::MatchingId::parse("TOKEN-1").unwrap()),
        smdp_address: String::from("smdp.example"),
    })
}

fn answers(outputs: &[AdvisorOutput], to: Eid) -> Vec<Downlink> {
    let frame = |output: &AdvisorOutput| match output {
        AdvisorOutput::Frame { frame, .. } => {
            Some(open_downlink(&config().key.device(to), to, frame).unwrap().1)
        }
        AdvisorOutput::Es2 { .. } | AdvisorOutput::Tell(_) => None,
    };
    outputs.iter().filter_map(frame).collect()
}

fn download(outputs: &[AdvisorOutput], to: Eid) -> Option<DownloadAnswer> {
    match answers(outputs, to).pop()? {
        Downlink::Download { answer, .. } => Some(answer),
        Downlink::List { .. } | Downlink::Noted { .. } => None,
    }
}

fn calls(outputs: &[AdvisorOutput]) -> Vec<(CallNumber, Box<es2::Request>)> {
    let call = |output: &AdvisorOutput| match output {
        AdvisorOutput::Es2 { call, request, .. } => Some((*call, request.clone())),
        AdvisorOutput::Frame { .. } | AdvisorOutput::Tell(_) => None,
    };
    outputs.iter().filter_map(call).collect()
}

fn list_request(order: Order, visible: &[(&str, i16)]) -> Uplink {
    Uplink::List(ListRequest {
        number: RequestNumber(1),
        order,
        registration: Registration::Roaming,
        serving: visible.first().map(|(name, _)| plmn(name)),
        memory_free: None,
        profiles: Vec::new(),
        visible: visible
            .iter()
            .map(|(name, dbm)| VisibleNetwork { plmn: plmn(name), level: Level::from_dbm(*dbm) })
            .collect(),
    })
}

fn listed(outputs: &[AdvisorOutput], to: Eid) -> Vec<(u16, Option<Iccid>)> {
    match answers(outputs, to).pop() {
        Some(Downlink::List { answer: ListAnswer::Listed(entries), .. }) => {
            entries.iter().map(|entry| (entry.operator.0, entry.iccid)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_list_has_the_operators_of_the_tariff_there_that_the_device_may_have() {
    let mut rig = Rig::new();
    let austria = list_request(Order::Tariff, &[("23205", -60), ("23203", -70), ("23201", -80)]);
    let outputs = rig.say(eid(1), &austria);
    assert_eq!(listed(&outputs, eid(1)), [(2, Some(iccid(2))), (1, None)]);
    let france = list_request(Order::Tariff, &[("20801", -60)]);
    assert_eq!(listed(&rig.say(eid(1), &france), eid(1)), [(3, None)]);
    let nowhere = list_request(Order::Tariff, &[("31026", -60)]);
    assert_eq!(listed(&rig.say(eid(1), &nowhere), eid(1)), []);
}

#[test]
fn a_list_by_signal_has_what_is_received_the_strongest_first() {
    let mut rig = Rig::new();
    let border = list_request(Order::Signal, &[("23203", -90), ("20801", -60)]);
    assert_eq!(listed(&rig.say(eid(1), &border), eid(1)), [(3, None), (2, Some(iccid(2)))]);
}

#[test]
fn each_condition_is_refused_with_its_reason() {
    let mut rig = Rig::new();
    assert_eq!(rig.refusal(1, 9, 5_000), Refusal::UnknownOperator);
    assert_eq!(rig.refusal(2, 4, 5_000), Refusal::NotEntitled);
    assert_eq!(rig.refusal(3, 3, 5_000), Refusal::CapabilityMissing);
    assert_eq!(rig.refusal(4, 2, 5_000), Refusal::MemoryTooSmall { make_room: false });
    assert_eq!(download(&rig.ask(5, 1, 5_000), eid(1)), Some(DownloadAnswer::Pending));
    assert_eq!(rig.refusal(6, 1, 5_000), Refusal::TooManyOpen);
    let unknown = list_request(Order::Tariff, &[("23201", -60)]);
    let outputs = rig.say(eid(2), &unknown);
    let refused = ListAnswer::Refused(Refusal::UnknownDevice);
    let number = RequestNumber(1);
    assert_eq!(answers(&outputs, eid(2)), [Downlink::List { number, answer: refused }]);
}

#[test]
fn the_downloads_of_a_month_are_counted() {
    let mut rig = Rig::new();
    for number in [1, 2] {
        assert!(matches!(rig.grant(number), DownloadAnswer::Granted { .. }));
        let request = RequestNumber(number);
        let outcome =
            Outcome::Downloaded { request, operator: OperatorNumber(1), iccid: iccid(100) };
        rig.say(
            eid(1),
            &Uplink::Report(Report { number: ReportNumber(number), outcome, merged: 0 }),
        );
    }
    assert_eq!(rig.refusal(3, 1, 5_000), Refusal::BudgetUsedUp);
    rig.wait(31 * 86_400);
    assert_eq!(download(&rig.ask(4, 1, 5_000), eid(1)), Some(DownloadAnswer::Pending));
}

#[test]
fn a_call_that_is_not_answered_is_made_again_under_the_same_name() {
    let mut rig = Rig::new();
    let first = calls(&rig.ask(1, 1, 5_000));
    assert_eq!(first.len(), 1);
    let again = calls(&rig.wait(100));
    assert_eq!(again.len(), 3, "after 10, 30 and 70 s");
    assert!(again.iter().all(|call| *call == first[0]));
    assert_eq!(calls(&rig.restart()), first, "and after a crash");
    let failure = Err(es9::Failure::Timeout);
    assert_eq!(rig.give(AdvisorInput::Es2 { call: first[0].0, answer: failure }), []);
}

#[test]
fn the_same_request_is_the_same_order_however_often_it_comes() {
    let mut rig = Rig::new();
    let granted = rig.grant(1);
    for _ in 0..3 {
        let outputs = rig.ask(1, 1, 5_000);
        assert_eq!(download(&outputs, eid(1)), Some(granted.clone()));
        assert_eq!(calls(&outputs), []);
        rig.restart();
    }
    assert_eq!(rig.advisor.machine().orders(), 1);
}

#[test]
fn an_answer_that_comes_late_or_twice_changes_nothing() {
    let mut rig = Rig::new();
    let call = calls(&rig.ask(1, 1, 5_000))[0].0;
    let reserved =
        |n| AdvisorInput::Es2 { call, answer: Ok(es2::Answer::DownloadOrder { iccid: iccid(n) }) };
    let confirm = calls(&rig.give(reserved(100)))[0].clone();
    assert_eq!(rig.give(reserved(200)), []);
    let es2::Function::ConfirmOrder(confirm) = &confirm.1.function else { panic!("{confirm:?}") };
    assert_eq!((confirm.iccid, confirm.release), (iccid(100), true));
}

#[test]
fn a_frame_that_comes_twice_is_answered_once() {
    let mut rig = Rig::new();
    let frame = rig.frame(eid(1), &list_request(Order::Tariff, &[("23201", -60)]));
    let input = AdvisorInput::Frame { path: Path::Data(1), frame };
    assert_eq!(answers(&rig.give(input.clone()), eid(1)).len(), 1);
    assert_eq!(rig.give(input), []);
}

#[test]
fn a_report_is_told_once_and_noted_each_time() {
    let mut rig = Rig::new();
    let number = ReportNumber(1);
    let report = Report { number, outcome: Outcome::Home, merged: 2 };
    let first = rig.say(eid(1), &Uplink::Report(report));
    let told = AdvisorEvent::Reported { eid: eid(1), outcome: Outcome::Home, merged: 2 };
    assert_eq!(first[0], AdvisorOutput::Tell(told));
    for _ in 0..2 {
        rig.restart();
        let again = rig.say(eid(1), &Uplink::Report(report));
        assert_eq!(again.len(), 1);
        assert_eq!(answers(&again, eid(1)), [Downlink::Noted { number }]);
    }
}

#[test]
fn a_profile_that_cannot_be_installed_is_given_back() {
    let mut rig = Rig::new();
    rig.grant(1);
    let outcome = Outcome::DownloadFailed {
        request: RequestNumber(1),
        operator: OperatorNumber(1),
        failure: DownloadFailure::Euicc,
    };
    let report = Report { number: ReportNumber(1), outcome, merged: 0 };
    let outputs = rig.say(eid(1), &Uplink::Report(report));
    let cancel = calls(&outputs)[0].clone();
    let es2::Function::CancelOrder(order) = &cancel.1.function else { panic!("{cancel:?}") };
    assert_eq!((order.iccid, order.final_status), (iccid(100), es2::FinalStatus::Available));
    assert_eq!(order.matching_id, es2::MatchingId::parse("TOKEN-1").ok());
    rig.give(AdvisorInput::Es2 { call: cancel.0, answer: Ok(es2::Answer::CancelOrder) });
    assert_eq!(rig.advisor.machine().orders(), 0);
    assert_eq!(rig.refusal(1, 1, 5_000), Refusal::OperatorRefused, "it is over");
}

#[test]
fn a_profile_that_nobody_fetches_is_given_back_after_a_while() {
    let mut rig = Rig::new();
    rig.grant(1);
    assert_eq!(rig.wait(86_000), []);
    rig.restart();
    let outputs = rig.wait(1_000);
    assert!(matches!(calls(&outputs)[0].1.function, es2::Function::CancelOrder(_)));
}

#[test]
fn an_operator_that_refuses_costs_nothing_of_the_budget() {
    let mut rig = Rig::new();
    for number in 1..6 {
        let call = calls(&rig.ask(number, 1, 5_000))[0].0;
        let refused = es2::Answer::Refused(es9::Status::new("8.2.6", "3.8"));
        let outputs = rig.give(AdvisorInput::Es2 { call, answer: Ok(refused) });
        let answer = DownloadAnswer::Refused(Refusal::OperatorRefused);
        assert_eq!(download(&outputs, eid(1)), Some(answer));
    }
    assert_eq!(rig.advisor.machine().orders(), 0);
}

#[test]
fn who_does_not_have_the_key_is_not_heard() {
    let mut rig = Rig::new();
    let message = list_request(Order::Tariff, &[("23201", -60)]);
    let frame = seal_uplink(&MasterKey::new([4; 16]).device(eid(1)), eid(1), 9, &message);
    let outputs = rig.give(AdvisorInput::Frame { path: Path::Data(1), frame });
    let alarm = AdvisorEvent::NotAuthentic { eid: eid(1) };
    assert_eq!(outputs, [AdvisorOutput::Tell(alarm)]);
}
