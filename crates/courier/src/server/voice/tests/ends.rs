use super::*;

#[test]
fn it_rings_at_each_fast_device_and_one_answer_wins() {
    let mut bench = Bench::with(&ALL);
    bench.measured(LAPTOP, THRESHOLD.0 - 1);
    let rings = [(CALLER, ringing(THRESHOLD.0 * 2)), (CALLEE, incoming()), (TABLET, incoming())];
    assert_eq!(bench.call(), rings);
    let won = [(CALLEE, ended(CallEnd::Elsewhere)), (CALLER, answered()), (TABLET, answered())];
    assert_eq!(bench.says(TABLET, answer()), won);
    assert_eq!(bench.says(CALLEE, answer()), [(CALLEE, ended(CallEnd::Elsewhere))]);
    assert_eq!(bench.says(LAPTOP, answer()), [(LAPTOP, ended(CallEnd::Elsewhere))]);
    assert_eq!(
        bench.says(TABLET, answer()),
        [(CALLER, answered()), (TABLET, answered())].split_at(1).1
    );
}

#[test]
fn a_device_is_told_that_it_rings_until_somebody_answers() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.call();
    let retry = bench.server.config().retry;
    assert_eq!(bench.pass(retry), [(CALLEE, incoming())]);
    bench.says(CALLEE, answer());
    assert_eq!(bench.pass(retry), []);
}

#[test]
fn nobody_answers_for_ever() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.call();
    let (ring, retry) = (bench.server.config().ring, bench.server.config().retry);
    let mut said = Vec::new();
    let until = bench.now.plus(ring);
    while bench.now < until {
        bench.says(CALLER, in_call());
        said.extend(bench.pass(retry.min(until.since(bench.now))));
    }
    said.retain(|(_, message)| *message != incoming());
    let over = ended(CallEnd::NoAnswer);
    assert_eq!(said, [(CALLER, over.clone()), (CALLEE, over.clone())]);
    assert_eq!(bench.says(CALLEE, answer()), [(CALLEE, over)], "too late");
}

#[test]
fn whoever_refuses_refuses_for_all_devices() {
    let mut bench = Bench::with(&[CALLER, CALLEE, TABLET]);
    bench.call();
    let over = ended(CallEnd::Rejected);
    let told = [(CALLER, over.clone()), (CALLEE, over.clone()), (TABLET, over)];
    assert_eq!(bench.says(TABLET, hang_up(0)), told);
}

#[test]
fn a_caller_that_hangs_up_stops_the_ringing() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.call();
    let over = ended(CallEnd::HungUp);
    assert_eq!(bench.says(CALLER, hang_up(0)), [(CALLER, over.clone()), (CALLEE, over.clone())]);
    assert_eq!(bench.says(CALLER, hang_up(0)), [(CALLER, over)], "said again");
}

#[test]
fn a_call_that_was_refused_and_hung_up_is_not_decided_anew_in_another_session() {
    let mut bench = Bench::with(&[CALLER]);
    let refused = bench.call();
    assert_eq!(refused, no_voice(VoiceRefusal::Away));
    bench.disconnect(CALLER);
    bench.connect(CALLER);
    bench.connect(CALLEE);
    bench.measured(CALLEE, THRESHOLD.0);
    assert_eq!(bench.says(CALLER, hang_up(0)), refused);
    assert_eq!(bench.call(), refused, "overtaken");
}

#[test]
fn each_end_learns_how_speech_has_fared_at_the_other_one() {
    for (one, other) in [(CALLER, CALLEE), (CALLEE, CALLER)] {
        let mut bench = Bench::talking();
        let first = (other, ended_with(CallEnd::HungUp, 11));
        assert_eq!(bench.says(one, hang_up(11)), Vec::from([first.clone()]));
        // Lost on the way: whoever waits says it again, and with that the other one is asked again.
        assert_eq!(bench.says(one, hang_up(12)), [first], "the first report counts");
        let second = (one, ended_with(CallEnd::HungUp, 22));
        assert_eq!(bench.says(other, fared(22)), Vec::from([second.clone()]));
        assert_eq!(bench.says(one, hang_up(11)), [second]);
    }
}

#[test]
fn two_that_hang_up_at_once_are_told_once_more_and_then_there_is_silence() {
    let mut bench = Bench::talking();
    let over = |played| ended_with(CallEnd::HungUp, played);
    assert_eq!(bench.says(CALLER, hang_up(11)), [(CALLEE, over(11))]);
    assert_eq!(bench.says(CALLEE, hang_up(22)), [(CALLEE, over(11))], "it was on its way");
    assert_eq!(bench.says(CALLEE, fared(22)), [(CALLER, over(22))]);
    assert_eq!(bench.says(CALLER, fared(11)), []);
    assert_eq!(bench.says(CALLEE, fared(22)), [], "it was asked twice");
    assert_eq!(bench.says(CALLER, hang_up(11)), [(CALLER, over(22))], "if that was lost");
    assert_eq!(bench.says(CALLER, fared(11)), []);
}

#[test]
fn whoever_hangs_up_on_one_that_is_gone_does_not_wait() {
    let mut bench = Bench::talking();
    bench.disconnect(CALLEE);
    assert_eq!(bench.says(CALLER, hang_up(11)), [(CALLER, ended(CallEnd::HungUp))]);
}

#[test]
fn an_end_of_which_nothing_is_heard_is_lost() {
    for lost in [CALLER, CALLEE] {
        let stays = if lost == CALLER { CALLEE } else { CALLER };
        let mut bench = Bench::talking();
        bench.disconnect(lost);
        let grace = bench.server.config().call_grace;
        let mut said = Vec::new();
        for _ in 0..2 {
            bench.says(stays, speech());
            said.extend(bench.pass(Duration::from_micros(grace.as_micros() / 2)));
        }
        assert_eq!(said, [(stays, ended(CallEnd::Lost))]);
        bench.connect(lost);
        assert_eq!(bench.says(lost, in_call()), [(lost, ended(CallEnd::Lost))]);
    }
}

#[test]
fn an_end_that_is_back_in_time_is_in_the_call_still() {
    let mut bench = Bench::talking();
    let grace = bench.server.config().call_grace;
    let step = Duration::from_micros(grace.as_micros() * 3 / 4);
    bench.disconnect(CALLEE);
    for _ in 0..4 {
        assert_eq!(bench.pass(step), []);
        bench.says(CALLER, speech());
        bench.connect(CALLEE);
        assert_eq!(bench.says(CALLEE, in_call()), [(CALLEE, answered())]);
    }
}

#[test]
fn a_caller_of_which_nothing_is_heard_rings_no_more() {
    let mut bench = Bench::with(&[CALLER, CALLEE]);
    bench.call();
    bench.disconnect(CALLER);
    let mut said = bench.pass(bench.server.config().call_grace);
    said.retain(|(_, message)| *message != incoming());
    assert_eq!(said, [(CALLEE, ended(CallEnd::Lost))]);
}

#[test]
fn a_server_that_has_restarted_knows_no_call() {
    let mut bench = Bench::new();
    for device in ALL {
        bench.connect(device);
    }
    for device in [CALLER, CALLEE] {
        assert_eq!(bench.says(device, in_call()), [(device, ended(CallEnd::Lost))]);
        assert_eq!(bench.says(device, hang_up(1)), [(device, ended(CallEnd::Lost))]);
    }
    assert_eq!(bench.says(CALLEE, speech()), []);
}

#[test]
fn whoever_dials_has_left_the_call_before() {
    let mut bench = Bench::talking();
    let said = bench.says(CALLER, call(CallNumber(8), THRESHOLD.0));
    assert!(said.contains(&(CALLEE, ended(CallEnd::HungUp))), "{said:?}");
    assert!(said.iter().any(|(device, message)| *device == CALLEE
        && matches!(
            message,
            ToDevice::Voice(VoiceToDevice::Incoming { call: CallNumber(8), .. })
        )));

    let mut bench = Bench::with(&[CALLER, CALLEE, THIRD]);
    bench.call();
    let said = bench.says(CALLEE, call(CallNumber(8), THRESHOLD.0));
    assert!(said.contains(&(CALLER, ended(CallEnd::Rejected))), "{said:?}");
}

#[test]
fn speech_goes_to_the_other_end_and_to_nobody_else() {
    let mut bench = Bench::with(&ALL);
    bench.call();
    assert_eq!(bench.says(CALLER, speech()), [], "before it is answered");
    bench.says(CALLEE, answer());
    let relayed =
        ToDevice::Voice(VoiceToDevice::Speech { from: CALLER, call: CALL, packet: packet() });
    assert_eq!(bench.says(CALLER, speech()), [(CALLEE, relayed.clone())]);
    assert_eq!(bench.says(CALLEE, speech()), [(CALLER, relayed)]);
    for other in [TABLET, LAPTOP, THIRD, CALLERS_OTHER] {
        assert_eq!(bench.says(other, speech()), [], "{other:?} is not in it");
    }
    bench.says(CALLEE, hang_up(0));
    assert_eq!(bench.says(CALLER, speech()), [], "after it is over");
}

#[test]
fn a_third_device_changes_nothing_and_learns_nothing() {
    let mut bench = Bench::talking();
    for message in [in_call(), answer(), hang_up(5), call(CALL, 1)] {
        let said = bench.says(THIRD, message);
        assert!(said.iter().all(|(device, _)| *device == THIRD), "{said:?}");
        let nothing = [
            ended(CallEnd::Lost),
            ToDevice::Voice(VoiceToDevice::NoVoice {
                call: CALL,
                why: VoiceRefusal::Slow { rate: Rate(1), threshold: THRESHOLD },
            }),
        ];
        assert!(said.iter().all(|(_, message)| nothing.contains(message)), "{said:?}");
    }
    assert_eq!(bench.says(CALLEE, in_call()), [(CALLEE, answered())]);
}

#[test]
fn more_speech_than_anybody_can_say_is_not_relayed() {
    let mut bench = Bench::talking();
    let relayed: usize = (0..1_000).map(|_| bench.says(CALLER, speech()).len()).sum();
    assert_eq!(relayed, 50);
    bench.pass(Duration::from_millis(20));
    assert_eq!(bench.says(CALLER, speech()).len(), 1, "and its own pace always is");
    let packet = Packet { payload: std::vec![0; 321], ..packet() };
    let long = FromDevice::Voice(VoiceFromDevice::Speech { from: CALLER, call: CALL, packet });
    assert_eq!(bench.says(CALLEE, long), [], "nor is what is no frame");
}
