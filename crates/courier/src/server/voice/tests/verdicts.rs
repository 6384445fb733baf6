use super::*;

#[test]
fn a_call_goes_over_data_when_both_rates_just_reach_their_thresholds() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.measured(CALLEE, THRESHOLD.0);
    let said = bench.says(CALLER, call(CALL, THRESHOLD.0));
    assert_eq!(said, [(CALLER, ringing(THRESHOLD.0)), (CALLEE, incoming())]);
    let decision = VoiceDecision {
        from: CALLER,
        call: CALL,
        at: bench.now,
        caller: (THRESHOLD, THRESHOLD),
        callee: Some((CALLEE, Some(THRESHOLD))),
        threshold: THRESHOLD,
        over_data: true,
    };
    assert_eq!(bench.decisions, [decision]);
}

#[test]
fn a_callee_just_under_the_threshold_is_too_slow() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    let rate = Rate(THRESHOLD.0 - 1);
    bench.measured(CALLEE, rate.0);
    let why = VoiceRefusal::Slow { rate, threshold: THRESHOLD };
    assert_eq!(bench.call(), no_voice(why));
    let [decision] = bench.decisions[..] else { panic!("one decision") };
    assert_eq!((decision.callee, decision.over_data), (Some((CALLEE, Some(rate))), false));
}

#[test]
fn a_caller_just_under_the_threshold_that_it_says_is_too_slow() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    let rate = Rate(THRESHOLD.0 - 1);
    let why = VoiceRefusal::Slow { rate, threshold: THRESHOLD };
    assert_eq!(bench.says(CALLER, call(CALL, rate.0)), no_voice(why));
    assert!(!bench.decisions[0].over_data);
}

#[test]
fn the_decision_is_written_down_before_anybody_is_told() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    let connection = bench.server.sessions.connection(CALLER).unwrap();
    let message = call(CALL, THRESHOLD.0);
    bench.server.handle(bench.now, ServerInput::Message(connection, message));
    let first = bench.server.poll_output();
    assert!(matches!(first, Some(Out::Record(ServerRecord::Voice(_)))), "{first:?}");
}

#[test]
fn the_decision_stays_when_the_callees_rate_falls_after_it() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.call();
    bench.measured(CALLEE, 1);
    assert_eq!(bench.call(), [(CALLER, ringing(THRESHOLD.0 * 2))], "said again");
    assert_eq!(bench.says(CALLEE, answer()), [(CALLER, answered()), (CALLEE, answered())]);
    let [decision] = bench.decisions[..] else { panic!("one decision") };
    assert_eq!(decision.callee, Some((CALLEE, Some(Rate(THRESHOLD.0 * 2)))));
}

#[test]
fn a_refusal_stays_when_the_callees_rate_rises_after_it() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.measured(CALLEE, 1);
    let refused = bench.call();
    bench.measured(CALLEE, THRESHOLD.0);
    assert_eq!(bench.call(), refused);
    assert_eq!(bench.decisions.len(), 1);
}

#[test]
fn a_rate_that_is_too_old_is_none() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    let age_max = bench.server.config().rate_age_max;
    bench.pass(age_max.plus(Duration::from_micros(1)));
    assert_eq!(bench.call(), no_voice(VoiceRefusal::Unmeasured));
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.pass(age_max);
    assert!(matches!(bench.call()[0].1, ToDevice::Voice(VoiceToDevice::Ringing { .. })));
}

#[test]
fn nothing_is_known_of_the_link_of_a_new_session() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.disconnect(CALLEE);
    assert_eq!(bench.server.voice.links.len(), 1, "nothing is kept of who is gone");
    bench.connect(CALLEE);
    assert_eq!(bench.call(), no_voice(VoiceRefusal::Unmeasured));
    // One session that takes the place of another is no other case.
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.connect(CALLEE);
    assert_eq!(bench.call(), no_voice(VoiceRefusal::Unmeasured));
}

#[test]
fn the_primary_device_decides_where_it_is_connected() {
    let mut bench = Bench::with(&[CALLER, CALLEE, TABLET]);
    bench.measured(CALLEE, 5);
    let why = VoiceRefusal::Slow { rate: Rate(5), threshold: THRESHOLD };
    assert_eq!(bench.call(), no_voice(why), "though the tablet is fast");
}

#[test]
fn the_fastest_linked_device_decides_where_the_primary_one_is_away() {
    let mut bench = Bench::with(&[CALLER, TABLET, LAPTOP]);
    bench.measured(TABLET, THRESHOLD.0 - 1);
    bench.measured(LAPTOP, THRESHOLD.0);
    assert_eq!(bench.call(), [(CALLER, ringing(THRESHOLD.0)), (LAPTOP, incoming())]);
    assert_eq!(bench.decisions[0].callee, Some((LAPTOP, Some(THRESHOLD))));
}

#[test]
fn whoever_is_away_not_registered_or_unproved_gets_no_call_over_data() {
    let mut bench = Bench::with(&[CALLER]);
    assert_eq!(bench.call(), no_voice(VoiceRefusal::Away));
    assert_eq!(bench.decisions[0].callee, None);
    let to = number("491700000099");
    let (rate, call) = (THRESHOLD, CallNumber(8));
    let said = bench.says(CALLER, VoiceFromDevice::Call { call, to, rate, threshold: THRESHOLD });
    let why = VoiceRefusal::NotRegistered;
    assert_eq!(said, [(CALLER, ToDevice::Voice(VoiceToDevice::NoVoice { call, why }))]);

    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.server.restore(testing::account(callers(), &[CALLER], Some(bench.now)));
    assert_eq!(bench.call(), no_voice(VoiceRefusal::Unproved));
}

#[test]
fn a_number_that_calls_itself_rings_at_its_other_devices_only() {
    let mut bench = Bench::with(&[CALLER, CALLERS_OTHER]);
    let (call, to, rate) = (CALL, callers(), THRESHOLD);
    let said = bench.says(CALLER, VoiceFromDevice::Call { call, to, rate, threshold: THRESHOLD });
    assert_eq!(said, [(CALLER, ringing(THRESHOLD.0 * 2)), (CALLERS_OTHER, incoming())]);
}

#[test]
fn whoever_is_in_a_call_or_rings_is_busy() {
    let mut bench = Bench::with(&ALL);
    bench.call();
    let other = CallNumber(1);
    let busy = ToDevice::Voice(VoiceToDevice::NoVoice { call: other, why: VoiceRefusal::Busy });
    assert_eq!(bench.says(THIRD, call(other, THRESHOLD.0)), [(THIRD, busy.clone())]);
    bench.says(CALLEE, answer());
    let other = CallNumber(2);
    let busy = ToDevice::Voice(VoiceToDevice::NoVoice { call: other, why: VoiceRefusal::Busy });
    assert_eq!(bench.says(THIRD, call(other, THRESHOLD.0)), [(THIRD, busy)]);
    bench.says(CALLEE, hang_up(0));
    let said = bench.says(THIRD, call(CallNumber(3), THRESHOLD.0));
    assert!(matches!(said[0].1, ToDevice::Voice(VoiceToDevice::Ringing { .. })), "{said:?}");
}

#[test]
fn a_call_that_is_said_once_more_long_after_its_end_is_none() {
    let mut bench = Bench::talking();
    bench.says(CALLER, hang_up(0));
    bench.pass(Duration::from_secs(3_600));
    assert_eq!(bench.server.voice.calls.len(), 0, "it is forgotten");
    assert_eq!(bench.call(), []);
    assert_eq!(bench.decisions.len(), 1);
}

#[test]
fn whoever_calls_many_numbers_learns_of_no_more_than_its_account_may() {
    let limits = Limits { contacts: 0, lookups_per_day: 2, ..Limits::default() };
    let mut bench = Bench::set_up(ServerConfig { limits, ..testing::config() });
    bench.connect(CALLER);
    let refused = |bench: &mut Bench, n| {
        let said = bench.says(CALLER, call(CallNumber(n), THRESHOLD.0));
        let [(_, ToDevice::Voice(VoiceToDevice::NoVoice { why, .. }))] = said[..] else {
            panic!("{said:?}")
        };
        why
    };
    assert_eq!([1, 1, 2].map(|n| refused(&mut bench, n)), [VoiceRefusal::Away; 3]);
    let hours = |hours: u64| VoiceRefusal::LookupLimit(Duration::from_secs(3_600 * hours));
    assert_eq!(refused(&mut bench, 3), hours(12));
    bench.pass(Duration::from_secs(3_600 * 12));
    assert_eq!(refused(&mut bench, 4), VoiceRefusal::Away);
}
