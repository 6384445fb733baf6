//! Speech between the host's PCM port and the call in conversation.

use super::rig::{Rig, Setup};
use crate::{BasebandInput, Model};
use polysim_base::Duration;
use polysim_radio::air::{CallCause, CallDownlink, CallUplink, Downlink, SpeechFrame, Uplink};

fn frame(n: i16) -> SpeechFrame {
    SpeechFrame::from([n; SpeechFrame::SAMPLES])
}

fn device(model: &'static Model) -> Rig {
    let mut rig = Setup { model, ..Setup::default() }.attached();
    rig.run_s(1);
    rig
}

fn call(rig: &mut Rig, transaction: u8, message: CallDownlink) {
    rig.air(Downlink::Call { transaction, message });
}

fn incoming(rig: &mut Rig, transaction: u8) {
    call(rig, transaction, CallDownlink::Setup { caller: None, waiting: false });
}

/// A call on transaction 0, answered.
fn talking(model: &'static Model) -> Rig {
    let mut rig = device(model);
    rig.ok("ATD100;");
    call(&mut rig, 0, CallDownlink::Connect);
    rig
}

fn speak(rig: &mut Rig, n: i16) {
    rig.input(BasebandInput::Speech(frame(n)));
    rig.run(SpeechFrame::DURATION);
}

/// What the device said since the last look: transactions and numbers.
fn said(rig: &mut Rig) -> Vec<(u8, i16)> {
    let spoken = rig.uplinks.drain(..).filter_map(|uplink| {
        let Uplink::Call { transaction, message: CallUplink::Speech(frame) } = uplink else {
            return None;
        };
        Some((transaction, frame.samples()[0]))
    });
    spoken.collect()
}

/// Whether a frame goes out on a transaction, and one from it comes in.
fn flows(rig: &mut Rig, transaction: u8) -> (bool, bool) {
    rig.speech.clear();
    said(rig);
    speak(rig, 7);
    call(rig, transaction, CallDownlink::Speech(frame(9)));
    (said(rig) == [(transaction, 7)], rig.speech == [frame(9)])
}

const BOTH: (bool, bool) = (true, true);
const NEITHER: (bool, bool) = (false, false);

#[test]
fn numbered_frames_go_both_ways_in_order() {
    let mut rig = talking(&Model::GENERIC);
    for n in 0..100 {
        speak(&mut rig, n);
        call(&mut rig, 0, CallDownlink::Speech(frame(-n)));
    }
    assert_eq!(said(&mut rig), (0..100).map(|n| (0, n)).collect::<Vec<_>>());
    assert_eq!(rig.speech, (0..100).map(|n| frame(-n)).collect::<Vec<_>>());
    assert_eq!(rig.heard(), "", "speech is no line");
}

#[test]
fn nothing_flows_without_a_conversation() {
    let mut rig = device(&Model::GENERIC);
    assert_eq!(flows(&mut rig, 0), NEITHER, "no call");
    rig.ok("ATD100;");
    assert_eq!(flows(&mut rig, 0), NEITHER, "dialling");
    call(&mut rig, 0, CallDownlink::Alerting);
    assert_eq!(flows(&mut rig, 0), NEITHER, "it rings there");
    call(&mut rig, 0, CallDownlink::Connect);
    assert_eq!(flows(&mut rig, 0), BOTH);
    assert_eq!(flows(&mut rig, 3), NEITHER, "another call");
    call(&mut rig, 0, CallDownlink::Disconnect(CallCause::Normal));
    assert_eq!(flows(&mut rig, 0), NEITHER, "it is over");
    incoming(&mut rig, 8);
    assert_eq!(flows(&mut rig, 8), NEITHER, "it rings here");
    rig.ok("ATA");
    assert_eq!(flows(&mut rig, 8), BOTH);
    rig.ok("ATH");
    assert_eq!(flows(&mut rig, 8), NEITHER);
    rig.input(BasebandInput::Power(false));
    assert_eq!(flows(&mut rig, 0), NEITHER, "switched off");
}

#[test]
fn a_waiting_call_is_taken_and_swapped_and_speech_follows() {
    let mut rig = talking(&Model::GENERIC);
    rig.ok("AT+CCWA=1");
    incoming(&mut rig, 8);
    assert_eq!(flows(&mut rig, 0), BOTH);
    assert_eq!(flows(&mut rig, 8), NEITHER);
    rig.ok("AT+CHLD=2");
    // The network has not confirmed yet that the first call is on hold.
    assert_eq!(flows(&mut rig, 8), BOTH);
    call(&mut rig, 0, CallDownlink::Held);
    assert_eq!(flows(&mut rig, 8), BOTH);
    assert_eq!(flows(&mut rig, 0), NEITHER);
    rig.ok("AT+CHLD=2");
    call(&mut rig, 8, CallDownlink::Held);
    call(&mut rig, 0, CallDownlink::Retrieved);
    assert_eq!(flows(&mut rig, 0), BOTH);
    assert_eq!(flows(&mut rig, 8), NEITHER);
}

#[test]
fn a_host_that_runs_ahead_of_time_loses_what_is_beyond_200_ms() {
    let mut rig = talking(&Model::GENERIC);
    let burst = |rig: &mut Rig, frames: i16| {
        (0..frames).for_each(|n| rig.input(BasebandInput::Speech(frame(n))));
        said(rig).len()
    };
    assert_eq!(burst(&mut rig, 50), 10);
    assert_eq!(burst(&mut rig, 50), 0, "no time has passed");
    rig.run(Duration::from_millis(60));
    assert_eq!(burst(&mut rig, 50), 3);
    rig.run_s(10);
    assert_eq!(burst(&mut rig, 50), 10, "silence is not saved up");
    // In pairs each 40 ms, as hosts with coarse timers write: nothing is lost.
    rig.run_s(1);
    let written = (0..100).map(|_| {
        rig.run(Duration::from_millis(40));
        burst(&mut rig, 2)
    });
    assert_eq!(written.sum::<usize>(), 200);
}

#[test]
fn quectel_switches_the_port_on_and_off() {
    let mut rig = talking(&Model::EC25);
    assert_eq!(rig.ok("AT+QPCMV=?"), "+QPCMV: (0,1),(0)");
    assert_eq!(rig.ok("AT+QPCMV?"), "+QPCMV: 0");
    assert_eq!(flows(&mut rig, 0), NEITHER);
    rig.ok("AT+QPCMV=1,0");
    assert_eq!(rig.ok("AT+QPCMV?"), "+QPCMV: 1,0");
    assert_eq!(flows(&mut rig, 0), BOTH);
    rig.ok("AT+QPCMV=0");
    assert_eq!(flows(&mut rig, 0), NEITHER);
    for wrong in ["AT+QPCMV=2", "AT+QPCMV=1,1", "AT+QPCMV=1,2"] {
        assert_eq!(rig.at(wrong), "+CME ERROR: 50", "{wrong}");
    }
    assert_eq!(rig.at("AT+CPCMREG=1"), "ERROR", "that is another make's");
}

#[test]
fn simcom_switches_the_port_on_and_off() {
    let mut rig = talking(&Model::SIM7600);
    assert_eq!(rig.ok("AT+CPCMREG=?"), "+CPCMREG: (0,1)");
    assert_eq!(rig.ok("AT+CPCMREG?"), "+CPCMREG: 0");
    assert_eq!(flows(&mut rig, 0), NEITHER);
    rig.ok("AT+CPCMREG=1");
    assert_eq!(rig.ok("AT+CPCMREG?"), "+CPCMREG: 1");
    assert_eq!(flows(&mut rig, 0), BOTH);
    rig.ok("AT+CPCMREG=0");
    assert_eq!(flows(&mut rig, 0), NEITHER);
    assert_eq!(rig.at("AT+QPCMV=1,0"), "ERROR", "that is another make's");
}

#[test]
fn a_setting_lasts_over_calls_and_ends_with_the_power() {
    let mut rig = device(&Model::EC25);
    rig.ok("AT+QPCMV=1,0");
    for _ in 0..2 {
        rig.ok("ATD100;");
        call(&mut rig, 0, CallDownlink::Connect);
        assert_eq!(flows(&mut rig, 0), BOTH);
        rig.ok("ATH");
    }
    rig.ok("AT+CFUN=1,1");
    rig.run_s(10);
    assert_eq!(rig.ok("AT+QPCMV?"), "+QPCMV: 0");
}

#[test]
fn a_stick_without_speech_carries_none() {
    let mut rig = talking(&Model::HUAWEI);
    assert_eq!(flows(&mut rig, 0), NEITHER);
    assert_eq!(rig.at("AT+QPCMV=1,0"), "ERROR");
    assert_eq!(rig.at("AT+CPCMREG=1"), "ERROR");
}

#[test]
fn who_is_muted_hears_and_says_nothing() {
    let mut rig = talking(&Model::GENERIC);
    rig.ok("AT+CMUT=1");
    assert_eq!(flows(&mut rig, 0), (false, true));
    assert_eq!(rig.ok("AT+CMUT?"), "+CMUT: 1");
    rig.ok("AT+CMUT=0");
    assert_eq!(flows(&mut rig, 0), BOTH);
}

#[test]
fn a_port_that_was_on_leaves_no_state_behind() {
    let mut rig = device(&Model::EC25);
    let idle = rig.bb.heap_bytes();
    rig.ok("AT+QPCMV=1");
    assert!(rig.bb.heap_bytes() > idle);
    rig.ok("AT+QPCMV=0");
    assert_eq!(rig.bb.heap_bytes(), idle);
}
