//! The ways through a fleet when nothing breaks.

use super::rig::*;
use crate::Action;
use polysim_fleet::terminal::TerminalWish;

#[test]
fn a_configured_sim_attaches_and_its_call_is_answered_at_one_terminal_with_tones() {
    let mut rig = Rig::on_standby(&office());
    rig.pass(5);
    rig.call_from_bert(0);
    rig.until("terminal.rings", &[("terminal", "a1"), ("sim", "s0"), ("from", "bert")], 20);
    rig.until("terminal.rings", &[("terminal", "a2"), ("sim", "s0")], 2);
    rig.wish(0, TerminalWish::Answer);
    rig.until("call.active", &[("phone", "bert"), ("peer", "s0")], 10);
    rig.until("terminal.call", &[("terminal", "a1"), ("phase", "active")], 5);
    rig.until("terminal.ring-over", &[("terminal", "a2"), ("why", "answered-elsewhere")], 5);
    rig.wish(0, TerminalWish::Dtmf("12#".into()));
    for digit in ["1", "2", "#"] {
        rig.until("dtmf.received", &[("phone", "bert"), ("digit", digit)], 10);
    }
    rig.wish(0, TerminalWish::HangUp);
    rig.until("terminal.call", &[("terminal", "a1"), ("phase", "ended")], 10);
    rig.until("sim.call", &[("sim", "s0"), ("direction", "incoming"), ("terminal", "a1")], 10);
}

#[test]
fn a_text_comes_in_once_at_each_terminal_and_one_goes_out() {
    let mut rig = Rig::on_standby(&office());
    rig.text_from_bert(0, "hello");
    for terminal in ["a1", "a2"] {
        let fields = [("terminal", terminal), ("from", "bert"), ("text", "hello")];
        rig.until("terminal.text", &fields, 30);
    }
    rig.wish(1, text(0, "back"));
    rig.until("text.received", &[("phone", "bert"), ("from", "s0"), ("text", "back")], 60);
    rig.until("terminal.text-state", &[("terminal", "a2"), ("state", "sent")], 30);
    rig.pass(120);
    assert_eq!(rig.count("terminal.text", &[]), 2, "{}", rig.story());
    assert_eq!(rig.count("text.received", &[]), 1, "{}", rig.story());
}

#[test]
fn a_terminal_dials_and_hangs_up() {
    let mut rig = Rig::on_standby(&office());
    rig.wish(1, dial(0));
    rig.until("call.incoming", &[("phone", "bert"), ("peer", "s0")], 20);
    rig.world.apply(&Action::Answer { phone: 0 });
    rig.until("terminal.call", &[("terminal", "a2"), ("phase", "active")], 10);
    rig.wish(1, TerminalWish::HangUp);
    rig.until("call.ended", &[("phone", "bert")], 10);
    assert_eq!(rig.count("terminal.call", &[("terminal", "a1")]), 0);
}

#[test]
fn encoding_each_message_changes_nothing() {
    let hash = |encode_messages| {
        let mut config = office();
        config.encode_messages = encode_messages;
        let mut rig = Rig::on_standby(&config);
        rig.text_from_bert(0, "hello");
        rig.call_from_bert(0);
        rig.wish(0, text(0, "back"));
        rig.pass(60);
        assert_eq!(rig.count("terminal.text", &[]), 2, "{}", rig.story());
        rig.world.trace_hash()
    };
    assert_eq!(hash(true), hash(false));
}
