use super::{EVENTS_PER_EID_MAX, Smds, SmdsConfig, SmdsInput, SmdsOutput};
use crate::RequestId;
use crate::testkit::{ADDRESS, EPOCH, Lab, SMDS, SoftEuicc};
use polysim_base::testkit::{Durable, crash_everywhere};
use polysim_base::{Duration, Eid, Instant};
use polysim_rsp::crypto::Mode;
use polysim_rsp::es2::Call;
use polysim_rsp::es9::{self, EventEntry, Refusal};
use polysim_rsp::es12::{Answer, Function, Request};
use std::string::ToString;
use std::vec;
use std::vec::Vec;

fn smds(lab: &Lab) -> Smds {
    let config = SmdsConfig {
        address: SMDS.to_string(),
        epoch: EPOCH,
        mode: Mode::Simulation,
        event_lifetime: Duration::from_secs(86_400),
        session_lifetime: Duration::from_secs(60),
    };
    Smds::new(config, lab.credentials(&lab.discovery, 0)).unwrap()
}

fn request(server: &str, call: &str, function: Function) -> SmdsInput {
    let call = Call { requester: server.to_string(), id: call.to_string() };
    SmdsInput::Es12 { from: RequestId(0), request: Request { call, function } }
}

fn register(server: &str, call: &str, eid: Eid, event: &str) -> SmdsInput {
    let function = Function::RegisterEvent {
        eid,
        rsp_server_address: ADDRESS.to_string(),
        event_id: event.to_string(),
        forwarding: false,
    };
    request(server, call, function)
}

fn delete(server: &str, eid: Eid, event: &str) -> SmdsInput {
    request(server, "delete", Function::DeleteEvent { eid, event_id: event.to_string() })
}

fn told(run: &mut Durable<Smds>, now: Instant, input: SmdsInput) -> Answer {
    run.handle(now, input, None);
    let Some(SmdsOutput::Es12 { answer, .. }) = run.effects().last() else { panic!() };
    answer.clone()
}

fn asks(run: &mut Durable<Smds>, request: es9::Request) -> es9::Answer {
    run.handle(Instant::ZERO, SmdsInput::Es11 { from: RequestId(0), request }, None);
    let Some(SmdsOutput::Es11 { answer, .. }) = run.effects().last() else { panic!() };
    answer.clone()
}

fn discovers(run: &mut Durable<Smds>, euicc: &mut SoftEuicc, id: Option<&str>) -> es9::Answer {
    let answer = asks(run, euicc.initiate_with(SMDS, euicc.info1()));
    let es9::Answer::InitiateAuthentication(ok) = answer else { panic!("{answer:?}") };
    asks(run, euicc.authenticate(&ok, id))
}

fn ids(answer: es9::Answer) -> Vec<std::string::String> {
    let es9::Answer::Events { entries, .. } = answer else { panic!("{answer:?}") };
    entries.into_iter().map(|entry| entry.event_id).collect()
}

fn refused(answer: &es9::Answer) -> Refusal {
    let es9::Answer::Refused(status) = answer else { panic!("{answer:?}") };
    Refusal::from_status(status).unwrap()
}

#[test]
fn a_device_finds_its_own_events_and_no_others() {
    let mut lab = Lab::new(3, &[]);
    let (mut euicc, mut other) = (lab.euicc(1), lab.euicc(2));
    let mut run = Durable::new(smds(&lab));
    for (call, eid, event) in [("1", euicc.eid, "A"), ("2", euicc.eid, "B"), ("3", other.eid, "C")]
    {
        assert_eq!(told(&mut run, Instant::ZERO, register("dp", call, eid, event)), Answer::Done);
    }
    assert_eq!(ids(discovers(&mut run, &mut euicc, None)), ["A", "B"]);
    assert_eq!(ids(discovers(&mut run, &mut euicc, Some("B"))), ["B"]);
    assert_eq!(refused(&discovers(&mut run, &mut euicc, Some("C"))), Refusal::EventUnknown);
    assert_eq!(ids(discovers(&mut run, &mut other, None)), ["C"]);
    run.restart(smds(&lab));
    assert_eq!(ids(discovers(&mut run, &mut euicc, None)), ["A", "B"]);
}

#[test]
fn an_sm_ds_refuses_in_its_own_codes() {
    let mut lab = Lab::new(3, &[]);
    let mut euicc = lab.euicc(1);
    let mut run = Durable::new(smds(&lab));
    let answer = asks(&mut run, euicc.initiate_with(ADDRESS, euicc.info1()));
    assert_eq!(refused(&answer), Refusal::SmdsAddressRefused);
    euicc.info2.euicc_ci_pk_id_list_for_signing = vec![];
    let answer = asks(&mut run, euicc.initiate_with(SMDS, euicc.info1()));
    assert_eq!(refused(&answer), Refusal::SmdsSecurityUnsupported);
    euicc.info2.euicc_ci_pk_id_list_for_verification = vec![];
    let answer = asks(&mut run, euicc.initiate_with(SMDS, euicc.info1()));
    assert_eq!(refused(&answer), Refusal::SmdsCertificateUnavailable);
    euicc.info2.svn = polysim_rsp::data::Version::new(1, 1, 0);
    let answer = asks(&mut run, euicc.initiate_with(SMDS, euicc.info1()));
    assert_eq!(refused(&answer), Refusal::SmdsVersionUnsupported);
}

#[test]
fn a_registration_that_comes_late_does_not_bring_an_event_back() {
    let lab = Lab::new(3, &[]);
    let mut run = Durable::new(smds(&lab));
    let (eid, first) = (Lab::eid(1), register("dp", "1", Lab::eid(1), "A"));
    assert_eq!(told(&mut run, Instant::ZERO, first.clone()), Answer::Done);
    assert_eq!(told(&mut run, Instant::ZERO, delete("dp", eid, "A")), Answer::Done);
    assert_eq!(told(&mut run, Instant::ZERO, first), Answer::Done);
    assert_eq!(run.machine().events(eid), []);
    assert_eq!(told(&mut run, Instant::ZERO, register("dp", "2", eid, "A")), Answer::Done);
    assert_eq!(run.machine().events(eid).len(), 1);
}

#[test]
fn an_event_is_its_servers_alone_and_not_for_ever() {
    let lab = Lab::new(3, &[]);
    let mut run = Durable::new(smds(&lab));
    let eid = Lab::eid(1);
    told(&mut run, Instant::ZERO, register("dp", "1", eid, "A"));
    let answer = told(&mut run, Instant::ZERO, register("other", "1", eid, "A"));
    assert_eq!(answer, Answer::Refused(Refusal::EventInUse.status()));
    let answer = told(&mut run, Instant::ZERO, delete("other", eid, "A"));
    assert_eq!(answer, Answer::Refused(Refusal::EventUnknown.status()));
    for number in 1..EVENTS_PER_EID_MAX {
        let call = number.to_string();
        told(&mut run, Instant::ZERO, register("dp", &std::format!("n{call}"), eid, &call));
    }
    let answer = told(&mut run, Instant::ZERO, register("dp", "more", eid, "MORE"));
    assert_eq!(answer, Answer::Refused(Refusal::SmdsExecutionError.status()));
    let answer = told(&mut run, Instant::ZERO, register("dp", "again", eid, "A"));
    assert_eq!(answer, Answer::Done, "it takes the place of the one before");
    run.handle_timeout(Instant::ZERO.plus(Duration::from_secs(86_400)), None);
    assert_eq!(run.machine().events(eid), []);
}

#[test]
fn what_was_acknowledged_survives_a_crash_at_any_output() {
    let lab = Lab::new(3, &[]);
    let eid = Lab::eid(1);
    let inputs =
        [register("dp", "1", eid, "A"), register("dp", "2", eid, "B"), delete("dp", eid, "A")];
    let points = crash_everywhere(
        || smds(&lab),
        &inputs,
        |at| at,
        |_, run| {
            let entry =
                EventEntry { event_id: "B".to_string(), rsp_server_address: ADDRESS.to_string() };
            assert_eq!(run.machine().events(eid), [entry]);
        },
    );
    assert_eq!(points, 6);
}
