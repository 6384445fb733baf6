use super::*;

fn packets(count: usize) -> Vec<Packet> {
    let mut packetizer = polysim_speech::Packetizer::new(polysim_speech::Codec::Linear);
    (0..count).map(|_| packetizer.next(&Frame::from([7; Frame::SAMPLES]))).collect()
}

/// Speech comes for so long, a packet each 20 ms.
fn listens(bench: &mut Bench, from: DeviceId, count: usize) {
    for packet in packets(count) {
        bench.hears(VoiceToDevice::Speech { from, call: CALL, packet });
        bench.pass(Frame::DURATION);
    }
}

#[test]
fn speech_flows_both_ways_and_each_end_chooses_its_codec() {
    let mut bench = Bench::talking();
    listens(&mut bench, OWN, 50);
    assert!(bench.played.len() >= 45, "{}", bench.played.len());
    assert!(bench.played.iter().all(|frame| *frame.samples() == [7; Frame::SAMPLES]));
    bench.speaks();
    bench.speaks();
    let said = bench.calls_said();
    let sequences = said.iter().filter_map(|said| {
        let FromDevice::Voice(VoiceFromDevice::Speech { from: OWN, call: CALL, packet }) = said
        else {
            return None;
        };
        Some(packet.sequence)
    });
    assert_eq!(sequences.collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn what_is_missing_is_concealed_and_reported() {
    let mut bench = Bench::talking();
    for (place, packet) in packets(50).into_iter().enumerate() {
        if place != 25 {
            bench.hears(VoiceToDevice::Speech { from: OWN, call: CALL, packet });
        }
        bench.pass(Frame::DURATION);
    }
    bench.pass(Duration::from_millis(500));
    bench.hears(over(OWN, CallEnd::HungUp, Some(report(3))));
    let [ClientEvent::Call { event: CallEvent::Ended { why, heard, said }, .. }] = bench.told()[..]
    else {
        panic!("one end");
    };
    assert_eq!((why, heard.played, heard.lost), (CallEnd::HungUp, 49, 1));
    assert!(heard.concealed >= 1);
    assert_eq!(said, Some(report(3)));
    let fared = FromDevice::Voice(VoiceFromDevice::Fared { from: OWN, call: CALL, report: heard });
    assert_eq!(bench.calls_said().pop(), Some(fared.clone()));
    bench.hears(over(OWN, CallEnd::HungUp, Some(report(3))));
    assert_eq!((bench.calls_said(), bench.told()), (Vec::from([fared]), Vec::new()), "again");
}

#[test]
fn a_call_that_rings_here_is_answered_and_taken() {
    let mut bench = Bench::measured(THRESHOLD);
    bench.hears(incoming());
    bench.hears(incoming());
    assert_eq!(bench.told(), [event(CallEvent::Incoming(friend()))]);
    bench.command(ClientCommand::Answer(ID));
    bench.pass(testing::config().retry);
    let answer = FromDevice::Voice(VoiceFromDevice::Answer { from: PEER, call: CALL });
    assert_eq!(bench.calls_said(), [answer.clone(), answer]);
    bench.hears(answered(PEER));
    bench.hears(answered(PEER));
    assert_eq!(bench.told(), [event(CallEvent::Answered)]);
    listens(&mut bench, PEER, 10);
    assert!(!bench.played.is_empty());
}

#[test]
fn a_call_that_was_refused_does_not_ring_again() {
    let mut bench = Bench::measured(THRESHOLD);
    bench.hears(incoming());
    bench.command(ClientCommand::HangUp(ID));
    bench.hears(over(PEER, CallEnd::Rejected, None));
    bench.told();
    bench.calls_said();
    bench.hears(incoming());
    assert_eq!(bench.told(), [], "late, or the server has not heard of it");
    let refusal =
        FromDevice::Voice(VoiceFromDevice::HangUp { from: PEER, call: CALL, report: report(0) });
    assert_eq!(bench.calls_said(), [refusal]);
}

#[test]
fn an_answer_that_comes_too_late_is_told() {
    let mut bench = Bench::measured(THRESHOLD);
    bench.hears(incoming());
    bench.command(ClientCommand::Answer(ID));
    bench.told();
    bench.hears(over(PEER, CallEnd::Elsewhere, None));
    assert_eq!(bench.told(), [ended(CallEnd::Elsewhere, report(0), None)]);
    assert_eq!(bench.calls_said().len(), 1, "and speech has not fared at all");
}

#[test]
fn a_call_is_refused_until_the_server_knows() {
    let mut bench = Bench::measured(THRESHOLD);
    bench.hears(incoming());
    bench.told();
    bench.command(ClientCommand::HangUp(ID));
    bench.command(ClientCommand::HangUp(ID));
    bench.pass(testing::config().retry);
    let refusal =
        FromDevice::Voice(VoiceFromDevice::HangUp { from: PEER, call: CALL, report: report(0) });
    assert_eq!(bench.calls_said(), [refusal.clone(), refusal]);
    bench.hears(over(PEER, CallEnd::Rejected, None));
    assert_eq!(bench.told(), [ended(CallEnd::Rejected, report(0), None)]);
}

#[test]
fn whoever_hangs_up_is_told_how_speech_has_fared_there() {
    let mut bench = Bench::talking();
    bench.command(ClientCommand::HangUp(ID));
    assert_eq!(bench.told(), []);
    bench.hears(over(OWN, CallEnd::HungUp, Some(report(9))));
    assert_eq!(bench.told(), [ended(CallEnd::HungUp, report(0), Some(report(9)))]);
}

#[test]
fn whoever_hangs_up_does_not_wait_for_ever() {
    let mut bench = Bench::talking();
    bench.command(ClientCommand::HangUp(ID));
    bench.pass(testing::config().call_grace);
    assert_eq!(bench.told(), [ended(CallEnd::HungUp, report(0), None)]);
    let mut bench = Bench::talking();
    bench.link(false);
    bench.command(ClientCommand::HangUp(ID));
    assert_eq!(bench.told(), [ended(CallEnd::HungUp, report(0), None)], "without a link at once");
}

#[test]
fn a_caller_whose_link_is_lost_in_mid_call_is_offered_the_carrier_again() {
    let mut bench = Bench::talking();
    bench.link(false);
    bench.pass(testing::config().call_grace);
    let lost = ended(CallEnd::Lost, report(0), None);
    assert_eq!(bench.told(), [lost, offered(Why::Lost)]);
    bench.command(ClientCommand::Choose { offer: Offer::Call(ID), choice: Choice::Carrier });
    assert_eq!(bench.carrier, dials(friend()));
}

#[test]
fn a_caller_is_offered_the_carrier_when_the_other_end_is_lost() {
    let mut bench = Bench::talking();
    bench.hears(over(OWN, CallEnd::Lost, None));
    assert_eq!(bench.told(), [ended(CallEnd::Lost, report(0), None), offered(Why::Lost)]);
}

#[test]
fn only_the_caller_is_offered_the_carrier() {
    let mut bench = Bench::measured(THRESHOLD);
    bench.hears(incoming());
    bench.command(ClientCommand::Answer(ID));
    bench.hears(answered(PEER));
    bench.told();
    bench.link(false);
    bench.pass(testing::config().call_grace);
    assert_eq!(bench.told(), [ended(CallEnd::Lost, report(0), None)], "or both would call");
}

#[test]
fn a_call_goes_on_when_the_link_is_back_in_time() {
    let mut bench = Bench::talking();
    let grace = testing::config().call_grace;
    for _ in 0..5 {
        bench.link(false);
        bench.pass(Duration::from_micros(grace.as_micros() / 2));
        bench.calls_said();
        bench.link(true);
        assert_eq!(bench.calls_said(), [in_call(OWN)], "asked at once");
        bench.hears(answered(OWN));
    }
    assert_eq!(bench.told(), []);
}

#[test]
fn a_silent_server_ends_the_call_and_an_answer_to_the_question_keeps_it() {
    let mut bench = Bench::talking();
    let (retry, grace) = (testing::config().retry, testing::config().call_grace);
    for _ in 0..20 {
        bench.pass(retry);
        assert_eq!(bench.calls_said(), [in_call(OWN)]);
        bench.hears(answered(OWN));
    }
    bench.pass(grace);
    assert_eq!(bench.told(), [ended(CallEnd::Lost, report(0), None), offered(Why::Lost)]);
}

#[test]
fn a_device_that_has_restarted_hangs_up_what_it_does_not_know() {
    let mut bench = Bench::measured(THRESHOLD);
    let hang_up =
        FromDevice::Voice(VoiceFromDevice::HangUp { from: PEER, call: CALL, report: report(0) });
    let packet = packets(1).remove(0);
    bench.hears(VoiceToDevice::Speech { from: PEER, call: CALL, packet });
    bench.hears(answered(PEER));
    assert_eq!(bench.calls_said(), [hang_up.clone(), hang_up]);
    assert_eq!((bench.told(), bench.played.len()), (Vec::new(), 0));
}

#[test]
fn speech_that_comes_before_the_news_of_the_answer_is_heard() {
    let mut bench = Bench::ringing();
    bench.told();
    listens(&mut bench, OWN, 10);
    assert_eq!(bench.told(), [event(CallEvent::Answered)]);
    assert!(!bench.played.is_empty());
}
