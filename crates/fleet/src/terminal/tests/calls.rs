use super::*;
use crate::speech::{Frame, Packetizer};
use crate::wire::{CallEnding, CallPhase, CallRef, RingOver, SpeechReport};

const CALL: CallRef =
    CallRef { modem: ModemId { site: SITE, number: 1 }, incarnation: 1, number: 5 };

fn from() -> Option<String> {
    Some("+491700000009".into())
}

fn ringing() -> Rig {
    let mut rig = Rig::placed();
    rig.say(rings());
    rig.told();
    rig
}

fn rings() -> FromModem {
    FromModem::Rings { call: CALL, iccid: iccid(), epoch: placement(1, 1).epoch, from: from() }
}

fn phase(phase: CallPhase) -> FromModem {
    news_of(CALL, phase)
}

fn news_of(call: CallRef, phase: CallPhase) -> FromModem {
    let (iccid, epoch) = (iccid(), placement(1, 1).epoch);
    FromModem::Call { call, iccid, epoch, phase, peer: None }
}

fn told(phase: CallPhase) -> TerminalEvent {
    TerminalEvent::Call { call: CALL, iccid: iccid(), peer: from(), phase }
}

fn over(why: RingOver) -> FromModem {
    FromModem::RingOver { call: CALL, why }
}

/// One that talks, having answered.
fn talking() -> Rig {
    let mut rig = ringing();
    rig.wish(1, TerminalWish::Answer);
    let there = rig.request();
    rig.reply(there.request, Ok(Done::Done));
    rig.told();
    rig
}

fn dialling() -> (Rig, ModemRequest) {
    let mut rig = Rig::placed();
    rig.wish(1, TerminalWish::Dial { sim: SIM(), to: Msisdn::parse("+491700000009").unwrap() });
    let there = rig.request();
    (rig, there)
}

#[test]
fn a_call_rings_once_however_often_it_is_said() {
    let mut rig = Rig::new();
    rig.say(rings());
    rig.say(rings());
    let event = TerminalEvent::Rings { call: CALL, iccid: iccid(), from: from() };
    assert_eq!(rig.told(), [event]);
    rig.say(over(RingOver::Rejected));
    rig.say(rings());
    assert_eq!(rig.told(), [TerminalEvent::RingOver(CALL, iccid(), RingOver::Rejected)]);
}

#[test]
fn what_rings_no_more_does_not_begin_to_ring() {
    let mut rig = Rig::new();
    rig.say(over(RingOver::AnsweredElsewhere));
    rig.say(rings());
    assert!(rig.told().is_empty());
}

#[test]
fn an_answer_goes_to_the_modem_that_rings_and_is_repeated() {
    let mut rig = ringing();
    rig.wish(1, TerminalWish::Answer);
    rig.pass(PATIENCE);
    assert_eq!(rig.to_modem.len(), 2);
    let there = rig.to_modem.pop().unwrap();
    assert_eq!((there.modem, there.act), (CALL.modem, Act::Answer(CALL)));
    rig.reply(there.request, Ok(Done::Done));
    rig.say(phase(CallPhase::Active));
    assert_eq!(rig.told(), [TerminalEvent::Done(1), told(CallPhase::Active)]);
}

#[test]
fn the_terminal_that_answered_is_not_told_that_it_rings_no_more() {
    let mut rig = ringing();
    rig.wish(1, TerminalWish::Answer);
    rig.say(over(RingOver::AnsweredElsewhere));
    let there = rig.request();
    rig.reply(there.request, Ok(Done::Done));
    rig.say(over(RingOver::AnsweredElsewhere));
    assert_eq!(rig.told(), [TerminalEvent::Done(1), told(CallPhase::Active)]);
}

#[test]
fn the_terminal_that_was_too_slow_is_told_once_that_it_rings_no_more() {
    for before in [true, false] {
        let mut rig = ringing();
        rig.wish(1, TerminalWish::Answer);
        if before {
            rig.say(over(RingOver::AnsweredElsewhere));
        }
        let there = rig.request();
        rig.reply(there.request, Err(UseRefusal::AnsweredElsewhere));
        rig.say(over(RingOver::AnsweredElsewhere));
        let failed = WishError::Modem(UseRefusal::AnsweredElsewhere);
        let over = TerminalEvent::RingOver(CALL, iccid(), RingOver::AnsweredElsewhere);
        assert_eq!(rig.told(), [TerminalEvent::Failed(1, failed), over]);
    }
}

#[test]
fn a_call_that_could_not_be_answered_rings_on() {
    let mut rig = ringing();
    rig.wish(1, TerminalWish::Answer);
    rig.pass(Duration::from_secs(6));
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, WishError::NoAnswer)]);
    rig.to_modem.clear();
    rig.wish(2, TerminalWish::Reject);
    assert_eq!(rig.request().act, Act::Reject(CALL));
}

#[test]
fn nothing_rings_for_ever() {
    let mut rig = ringing();
    rig.pass(Duration::from_secs(180));
    let over = RingOver::Ended(CallEnding::NoAnswer);
    assert_eq!(rig.told(), [TerminalEvent::RingOver(CALL, iccid(), over)]);
}

#[test]
fn without_a_call_there_is_nothing_to_answer() {
    let mut rig = Rig::new();
    let wishes = [TerminalWish::Answer, TerminalWish::HangUp, TerminalWish::Dtmf("1".into())];
    for wish in wishes {
        rig.wish(1, wish);
        assert_eq!(rig.told(), [TerminalEvent::Failed(1, WishError::NoCall)]);
    }
}

#[test]
fn a_call_that_was_dialled_is_told_of_phase_by_phase() {
    let (mut rig, there) = dialling();
    rig.reply(there.request, Ok(Done::Dialling(CALL)));
    let phases = [CallPhase::Alerting, CallPhase::Active, CallPhase::Held, CallPhase::Active];
    for next in phases {
        rig.say(phase(next));
        rig.say(phase(next));
        rig.say(phase(CallPhase::Dialling));
    }
    let mut want = std::vec![TerminalEvent::Done(1), told(CallPhase::Dialling)];
    want.extend(phases.map(told));
    assert_eq!(rig.told(), want);
}

#[test]
fn news_that_overtake_the_answer_to_a_dial_are_told() {
    let (mut rig, there) = dialling();
    rig.say(phase(CallPhase::Alerting));
    rig.reply(there.request, Ok(Done::Dialling(CALL)));
    let peer = None;
    let call = TerminalEvent::Call { call: CALL, iccid: iccid(), peer, phase: CallPhase::Alerting };
    assert_eq!(rig.told(), [call, TerminalEvent::Done(1)]);
}

#[test]
fn a_call_that_was_begun_after_all_can_be_ended() {
    let (mut rig, there) = dialling();
    rig.pass(Duration::from_secs(6));
    assert_eq!(rig.told(), [TerminalEvent::Failed(1, WishError::NoAnswer)]);
    rig.reply(there.request, Ok(Done::Dialling(CALL)));
    assert_eq!(rig.told(), [told(CallPhase::Dialling)]);
    rig.wish(2, TerminalWish::HangUp);
    assert_eq!(rig.request().act, Act::HangUp(CALL));
}

#[test]
fn wishes_are_about_the_call_that_they_can_be_about() {
    let mut rig = talking();
    let second = CallRef { number: 6, ..CALL };
    let FromModem::Rings { iccid, epoch, from, .. } = rings() else { unreachable!() };
    rig.say(FromModem::Rings { call: second, iccid, epoch, from });
    let mut act = |wish| {
        rig.wish(9, wish);
        let there = rig.request();
        rig.reply(there.request, Err(UseRefusal::Refused));
        there.act
    };
    assert_eq!(act(TerminalWish::Dtmf("12#".into())), Act::Dtmf(CALL, "12#".into()));
    assert_eq!(act(TerminalWish::Hold), Act::Hold(CALL));
    assert_eq!(act(TerminalWish::HangUp), Act::HangUp(CALL));
    assert_eq!(act(TerminalWish::Reject), Act::Reject(second));
    assert_eq!(act(TerminalWish::Answer), Act::Answer(second));
    rig.say(phase(CallPhase::Held));
    rig.wish(10, TerminalWish::Hold);
    assert_eq!(rig.request().act, Act::Hold(CALL), "takes it back");
}

#[test]
fn hanging_up_a_call_that_is_over_says_so() {
    let mut rig = talking();
    rig.wish(2, TerminalWish::HangUp);
    let there = rig.request();
    rig.reply(there.request, Err(UseRefusal::NoSuchCall));
    let failed = TerminalEvent::Failed(2, WishError::Modem(UseRefusal::NoSuchCall));
    assert_eq!(rig.told(), [failed, told(CallPhase::Ended(CallEnding::Lost))]);
}

#[test]
fn hanging_up_again_without_an_answer_is_no_mistake() {
    let mut rig = talking();
    rig.wish(2, TerminalWish::HangUp);
    let there = rig.request();
    rig.pass(PATIENCE);
    rig.reply(there.request, Err(UseRefusal::NoSuchCall));
    let ended = told(CallPhase::Ended(CallEnding::HungUp));
    assert_eq!(rig.told(), [TerminalEvent::Done(2), ended]);
}

#[test]
fn the_microphone_is_for_the_active_call() {
    let mut rig = ringing();
    let frame = Frame::from([5; Frame::SAMPLES]);
    rig.give(TerminalInput::Microphone(frame.clone()));
    assert!(rig.speech.is_empty());
    let mut rig = talking();
    rig.give(TerminalInput::Microphone(frame.clone()));
    let packet = Packetizer::new(Codec::Linear).next(&frame);
    assert_eq!(rig.speech, [(SITE, ToModem::Speech(CALL, packet))]);
}

#[test]
fn speech_is_played_and_reported_from_both_ends() {
    let mut rig = talking();
    let mut packetizer = Packetizer::new(Codec::Linear);
    for _ in 0..50 {
        let packet = packetizer.next(&Frame::from([5; Frame::SAMPLES]));
        rig.say(FromModem::Speech(CALL, packet));
        rig.pass(Frame::DURATION);
    }
    rig.pass(Duration::from_secs(1));
    rig.say(phase(CallPhase::Ended(CallEnding::Released)));
    let said = SpeechReport { played: 48, lost: 2, ..SpeechReport::default() };
    rig.say(FromModem::SpeechEnded(CALL, said));
    rig.say(FromModem::SpeechEnded(CALL, said));
    let heard = SpeechReport { played: 50, concealed: 5, ..SpeechReport::default() };
    let report = TerminalEvent::Speech { call: CALL, heard, said };
    assert_eq!(rig.told(), [told(CallPhase::Ended(CallEnding::Released)), report]);
    assert_eq!(rig.heard, 55);
}

#[test]
fn a_report_that_never_comes_is_not_waited_for_without_end() {
    let mut rig = talking();
    rig.give(TerminalInput::Microphone(Frame::from([5; Frame::SAMPLES])));
    rig.say(phase(CallPhase::Ended(CallEnding::Lost)));
    rig.told();
    rig.pass(Duration::from_secs(10));
    let (heard, said) = (SpeechReport::default(), SpeechReport::default());
    assert_eq!(rig.told(), [TerminalEvent::Speech { call: CALL, heard, said }]);
}

#[test]
fn a_call_that_is_over_stays_over() {
    let mut rig = talking();
    rig.say(phase(CallPhase::Ended(CallEnding::Released)));
    rig.told();
    rig.say(phase(CallPhase::Active));
    rig.say(phase(CallPhase::Ended(CallEnding::Released)));
    rig.say(rings());
    assert!(rig.told().is_empty());
}

#[test]
fn a_terminal_that_crashed_has_its_call_again_also_after_its_own_answer_is_told() {
    let frame = Frame::from([5; Frame::SAMPLES]);
    let mut rig = talking();
    rig.pass(Duration::from_secs(20));
    rig.give(TerminalInput::Microphone(frame.clone()));
    let Some((_, ToModem::Speech(_, before))) = rig.speech.pop() else { panic!() };
    rig.restart();
    rig.pass(Frame::DURATION);
    rig.say(over(RingOver::AnsweredElsewhere));
    rig.say(rings());
    assert!(rig.told().is_empty());
    rig.say(phase(CallPhase::Active));
    rig.say(phase(CallPhase::Active));
    let (call, phase, peer) = (CALL, CallPhase::Active, None);
    assert_eq!(rig.told(), [TerminalEvent::Call { call, iccid: iccid(), peer, phase }]);
    rig.give(TerminalInput::Microphone(frame));
    let Some((_, ToModem::Speech(CALL, after))) = rig.speech.pop() else { panic!() };
    assert!(after.sequence > before.sequence, "it goes on behind what was heard");
    rig.wish(2, TerminalWish::HangUp);
    assert_eq!(rig.request().act, Act::HangUp(CALL));
}

#[test]
fn how_a_call_was_is_no_news_once_it_is_known_to_be_over() {
    let mut rig = Rig::new();
    rig.say(phase(CallPhase::Ended(CallEnding::Released)));
    rig.say(phase(CallPhase::Active));
    assert!(rig.told().is_empty());
}

#[test]
fn a_call_that_nothing_is_heard_of_is_over_until_something_is() {
    let mut rig = talking();
    for _ in 0..30 {
        rig.say(phase(CallPhase::Active));
        rig.pass(Duration::from_secs(4));
    }
    assert!(rig.told().is_empty());
    rig.pass(Duration::from_secs(60));
    assert_eq!(rig.told(), [told(CallPhase::Ended(CallEnding::Lost))]);
    rig.give(TerminalInput::Microphone(Frame::from([5; Frame::SAMPLES])));
    assert!(rig.speech.is_empty());
    rig.say(phase(CallPhase::Active));
    assert_eq!(rig.told().len(), 1);
    rig.give(TerminalInput::Microphone(Frame::from([5; Frame::SAMPLES])));
    assert_eq!(rig.speech.len(), 1);
}

#[test]
fn more_calls_than_there_may_be_end_the_oldest() {
    let mut rig = talking();
    for number in 100..116 {
        let FromModem::Rings { iccid, epoch, from, .. } = rings() else { unreachable!() };
        rig.say(FromModem::Rings { call: CallRef { number, ..CALL }, iccid, epoch, from });
    }
    let told_of = rig.told();
    assert_eq!(told_of.len(), 17);
    assert_eq!(told_of[15], told(CallPhase::Ended(CallEnding::Lost)));
}

#[test]
fn ussd_is_told_and_its_dialogue_can_be_ended() {
    let mut rig = Rig::placed();
    let text = Some("balance 5".to_string());
    rig.say(FromModem::Ussd { number: 1, iccid: iccid(), text: text.clone(), more: false });
    assert_eq!(rig.told(), [TerminalEvent::Ussd { iccid: iccid(), text, more: false }]);
    rig.wish(1, TerminalWish::UssdCancel { sim: iccid() });
    let there = rig.request();
    assert_eq!(there.act, Act::UssdCancel);
    rig.reply(there.request, Ok(Done::Done));
    assert_eq!(rig.told(), [TerminalEvent::Done(1)]);
}
