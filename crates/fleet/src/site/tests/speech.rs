use super::{ANN, BOB, Rig, call, claim};
use crate::site::{SiteInput, SiteOutput};
use crate::speech::{Codec, Frame, Packetizer};
use crate::wire::{Act, CallEnding, CallPhase, CallRef, Done, FromModem, LeaseClaim, ToModem};
use polysim_at::{CallDirection, CallState};
use polysim_base::{Duration, Msisdn};
use polysim_modem::ModemEvent;
use std::vec::Vec;

fn talking(rig: &mut Rig) -> CallRef {
    let to = Msisdn::parse("+4930123456").unwrap();
    let Some(Ok(Done::Dialling(name))) = rig.act(ANN, Act::Dial { to }) else { panic!() };
    rig.event(ModemEvent::CallState(call(1, CallDirection::Originated, CallState::Active)));
    rig.out.clear();
    name
}

fn frame(level: i16) -> Frame {
    Frame::from([level; Frame::SAMPLES])
}

fn played(rig: &Rig) -> usize {
    rig.out.iter().filter(|out| matches!(out, SiteOutput::ModemSpeech(0, _))).count()
}

#[test]
fn what_the_terminal_of_a_call_says_is_played_to_its_modem_and_counted() {
    let mut rig = Rig::on_standby();
    let name = talking(&mut rig);
    let mut packets = Packetizer::new(Codec::Linear);
    for _ in 0..10 {
        let packet = packets.next(&frame(100));
        let stray = packet.clone();
        rig.give(SiteInput::Terminal(ANN.0, ANN.1, ToModem::Speech(name, packet)));
        rig.give(SiteInput::Terminal(BOB.0, BOB.1, ToModem::Speech(name, stray)));
        rig.advance(Duration::from_millis(20));
    }
    rig.advance(Duration::from_secs(1));
    assert!(played(&rig) >= 10, "{}", played(&rig));
    assert!(rig.out.contains(&SiteOutput::ModemSpeech(0, frame(100))));
    assert_eq!(rig.site.counters().stray_speech, 10, "Bob does not have it");
    rig.act(ANN, Act::HangUp(name));
    let report = rig.told(ANN).into_iter().find_map(|told| match told {
        FromModem::SpeechEnded(_, report) => Some(report),
        _ => None,
    });
    assert_eq!(report.unwrap().played, 10);
}

#[test]
fn what_the_other_side_says_goes_to_the_terminal_of_the_call_in_its_codec() {
    let mut rig = Rig::on_standby();
    let name = talking(&mut rig);
    let first = Packetizer::new(Codec::MuLaw).next(&frame(0));
    rig.give(SiteInput::Terminal(ANN.0, ANN.1, ToModem::Speech(name, first)));
    for _ in 0..3 {
        rig.give(SiteInput::ModemSpeech(0, frame(7)));
    }
    let heard: Vec<(u16, Codec)> = rig
        .told(ANN)
        .into_iter()
        .filter_map(|told| match told {
            FromModem::Speech(_, packet) => Some((packet.sequence, packet.codec)),
            _ => None,
        })
        .collect();
    assert_eq!(heard, [(0, Codec::MuLaw), (1, Codec::MuLaw), (2, Codec::MuLaw)]);
}

#[test]
fn the_terminal_that_speaks_into_its_call_that_is_over_is_told_so() {
    let mut rig = Rig::on_standby();
    let name = talking(&mut rig);
    rig.act(ANN, Act::HangUp(name));
    rig.out.clear();
    let packet = Packetizer::new(Codec::ALaw).next(&frame(0));
    let stray = packet.clone();
    rig.give(SiteInput::Terminal(BOB.0, BOB.1, ToModem::Speech(name, stray)));
    assert_eq!(rig.told(BOB), [], "it was never Bob's");
    rig.give(SiteInput::Terminal(ANN.0, ANN.1, ToModem::Speech(name, packet)));
    let phase = CallPhase::Ended(CallEnding::HungUp);
    let (call, LeaseClaim { iccid, epoch }) = (name, claim(1, 1));
    assert_eq!(rig.told(ANN), [FromModem::Call { call, iccid, epoch, phase, peer: None }]);
}
