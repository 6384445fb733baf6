use super::*;

#[test]
fn whoever_is_no_registered_contact_is_called_by_the_carrier() {
    let stranger = number("491700000099");
    for mut bench in [Bench::measured(THRESHOLD), Bench::without_link(testing::config())] {
        bench.command(ClientCommand::Dial(stranger));
        assert_eq!((bench.carrier.clone(), bench.told()), (dials(stranger), Vec::new()));
        assert_eq!(bench.calls_said(), []);
    }
}

#[test]
fn without_a_link_the_carrier_is_offered() {
    let mut bench = Bench::without_link(testing::config());
    bench.command(ClientCommand::Dial(friend()));
    assert_eq!((bench.told(), bench.carrier.len()), (Vec::from([offered(Why::NoData)]), 0));
}

#[test]
fn with_a_standing_rule_nobody_is_asked() {
    let config = ClientConfig { carrier_rule: true, ..testing::config() };
    let mut bench = Bench::without_link(config);
    bench.command(ClientCommand::Dial(friend()));
    assert_eq!((bench.carrier.clone(), bench.told()), (dials(friend()), Vec::new()));
}

#[test]
fn a_rate_that_just_reaches_the_threshold_has_the_server_decide() {
    let mut bench = Bench::measured(THRESHOLD);
    bench.command(ClientCommand::Dial(friend()));
    assert_eq!(bench.calls_said(), [call()]);
    assert_eq!(bench.records, [ClientRecord::Called(CALL)]);
    bench.hears(ringing());
    bench.hears(answered(OWN));
    assert_eq!(bench.told(), [event(CallEvent::Ringing), event(CallEvent::Answered)]);
}

#[test]
fn a_rate_just_under_the_threshold_offers_the_carrier() {
    let rate = Rate(THRESHOLD.0 - 1);
    let mut bench = Bench::measured(rate);
    bench.command(ClientCommand::Dial(friend()));
    assert_eq!(bench.told(), [offered(Why::Slow { rate, threshold: THRESHOLD })]);
    assert_eq!((bench.calls_said(), bench.carrier.len()), (Vec::new(), 0));
}

#[test]
fn the_slower_direction_counts() {
    for (up, down) in [(Rate(200), Rate(50)), (Rate(50), Rate(200))] {
        let mut bench = Bench::without_link(testing::config());
        bench.link(true);
        bench.train(up, down);
        let measured = [ClientEvent::Measured(Rate(50))];
        assert_eq!(bench.told(), measured);
        let measured = |said: &FromDevice| {
            let FromDevice::Rate(RateFromDevice::Measured { rate, .. }) = said else {
                return false;
            };
            *rate == Rate(50)
        };
        assert!(bench.said.iter().any(measured));
    }
}

#[test]
fn a_train_of_which_a_part_is_lost_each_way_counts_after_a_while() {
    let mut bench = Bench::without_link(testing::config());
    bench.link(true);
    bench.hears(RateToDevice::Probed { train: 1, parts: 15, rate: Rate(300) });
    bench.hears(RateToDevice::Probed { train: 1, parts: 14, rate: Rate(900) });
    for part in 1..16 {
        bench.hears(RateToDevice::Probe { train: 1, part, parts: 16, octets: std::vec![0; 500] });
    }
    assert_eq!(bench.told(), []);
    bench.pass(crate::rate::PATIENCE);
    assert_eq!(bench.told(), [ClientEvent::Measured(Rate(300))]);
}

#[test]
fn the_link_is_measured_anew_at_intervals_and_smoothed() {
    let mut bench = Bench::measured(Rate(200));
    bench.pass(testing::config().measure_every);
    bench.train(Rate(100), Rate::MAX);
    assert_eq!(bench.told(), [ClientEvent::Measured(Rate(133))]);
}

#[test]
fn what_was_measured_is_said_until_the_server_has_noted_it() {
    let mut bench = Bench::without_link(testing::config());
    bench.link(true);
    bench.train(Rate(200), Rate::MAX);
    let retry = testing::config().retry;
    bench.pass(retry);
    bench.pass(retry);
    let holds = |bench: &mut Bench| {
        let said = core::mem::take(&mut bench.said).into_iter().filter_map(|said| {
            let FromDevice::Rate(RateFromDevice::Measured { train: 1, rate: Rate(200), holds }) =
                said
            else {
                return None;
            };
            Some(holds)
        });
        said.collect::<Vec<_>>()
    };
    let [first, second, third] = holds(&mut bench)[..] else { panic!("said three times") };
    // It holds until the same moment, whenever it is said.
    assert_eq!((first, second), (second.plus(retry), third.plus(retry)));
    bench.hears(RateToDevice::Noted { train: 2 });
    bench.pass(retry);
    assert_eq!(holds(&mut bench).len(), 1);
    bench.hears(RateToDevice::Noted { train: 1 });
    bench.pass(retry.times(3));
    assert_eq!(holds(&mut bench), []);
}

#[test]
fn a_link_that_comes_and_goes_costs_no_more_than_its_allowance() {
    let mut bench = Bench::without_link(testing::config());
    for _ in 0..1_000 {
        bench.link(true);
        bench.pass(Duration::from_millis(100));
        bench.link(false);
    }
    let octets = |said: &FromDevice| {
        if let FromDevice::Rate(RateFromDevice::Probe { octets, .. }) = said {
            octets.len()
        } else if let FromDevice::Rate(RateFromDevice::ProbeMe { parts, octets, .. }) = said {
            usize::from(*parts) * usize::from(*octets)
        } else {
            0
        }
    };
    let octets: usize = bench.said.iter().map(octets).sum();
    // The burst, and what comes back in 100 s.
    assert!((64_000..=64 * 1_024 + 512 * 1_024 / 36).contains(&octets), "{octets}");
}

#[test]
fn a_call_waits_until_the_link_is_measured_when_the_rate_is_too_old() {
    // Meanwhile the link was to be measured twice, in vain.
    let twice = testing::config().measure_every.times(2).plus(crate::rate::PATIENCE);
    for (time, said) in [(twice, 1), (twice.plus(crate::rate::PATIENCE), 0)] {
        let mut bench = Bench::measured(THRESHOLD);
        bench.pass(time);
        bench.command(ClientCommand::Dial(friend()));
        assert_eq!(bench.calls_said().len(), said, "after {time}");
    }
}

#[test]
fn a_call_before_the_first_train_has_come_waits_for_it() {
    let mut bench = Bench::without_link(testing::config());
    bench.link(true);
    bench.command(ClientCommand::Dial(friend()));
    assert_eq!(bench.told(), []);
    bench.train(THRESHOLD, Rate::MAX);
    assert_eq!(bench.calls_said(), [call()]);
}

#[test]
fn a_call_does_not_wait_for_ever() {
    let mut bench = Bench::without_link(testing::config());
    bench.link(true);
    bench.command(ClientCommand::Dial(friend()));
    bench.pass(crate::rate::PATIENCE);
    assert_eq!(bench.told(), [offered(Why::Unmeasured)]);
    bench.train(THRESHOLD, Rate::MAX);
    assert_eq!(bench.calls_said(), [], "too late");
}

#[test]
fn a_call_does_not_wait_for_a_train_that_nobody_sends() {
    let mut bench = Bench::without_link(testing::config());
    for _ in 0..10 {
        bench.link(false);
        bench.link(true);
    }
    bench.command(ClientCommand::Dial(friend()));
    assert_eq!(bench.told(), [offered(Why::Unmeasured)]);
}

#[test]
fn what_the_server_refuses_is_offered_to_the_carrier() {
    let why = VoiceRefusal::Slow { rate: Rate(99), threshold: THRESHOLD };
    for choice in [Choice::Carrier, Choice::Quit] {
        let mut bench = Bench::measured(THRESHOLD);
        bench.command(ClientCommand::Dial(friend()));
        bench.hears(VoiceToDevice::NoVoice { call: CALL, why });
        bench.hears(VoiceToDevice::NoVoice { call: CALL, why });
        assert_eq!(bench.told(), [offered(Why::Voice(why))]);
        for _ in 0..2 {
            let offer = Offer::Call(ID);
            bench.command(ClientCommand::Choose { offer, choice: Choice::Wait });
            bench.command(ClientCommand::Choose { offer, choice });
        }
        let orders = if choice == Choice::Carrier { dials(friend()) } else { Vec::new() };
        assert_eq!(bench.carrier, orders);
    }
}

#[test]
fn a_call_is_said_again_until_it_is_answered() {
    let mut bench = Bench::measured(THRESHOLD);
    bench.command(ClientCommand::Dial(friend()));
    let retry = testing::config().retry;
    bench.pass(retry);
    bench.pass(retry);
    assert_eq!(bench.calls_said(), [call(), call(), call()]);
    bench.pass(testing::config().call_grace);
    assert_eq!(bench.told(), [offered(Why::NoData)], "nobody answers");
    bench.calls_said();
    bench.hears(ringing());
    let stop =
        FromDevice::Voice(VoiceFromDevice::HangUp { from: OWN, call: CALL, report: report(0) });
    assert_eq!(bench.calls_said(), [stop], "late: it shall not ring there");
    assert_eq!(bench.told(), []);
}

#[test]
fn a_second_call_is_offered_to_the_carrier() {
    let mut bench = Bench::talking();
    bench.command(ClientCommand::Dial(friend()));
    let offer = Offer::Call(CallId(2));
    assert_eq!(bench.told(), [ClientEvent::Offered { offer, why: Why::InCall }]);
}
