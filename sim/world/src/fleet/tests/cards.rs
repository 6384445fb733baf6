//! Cards that are moved, pulled, doubled and locked.

use super::super::*;
use super::rig::*;
use polysim_fleet::terminal::TerminalWish;
use std::sync::{Arc, Mutex};

#[test]
fn a_card_that_is_moved_keeps_its_identity_and_loses_its_lease() {
    let mut rig = Rig::on_standby(&office());
    rig.act(FleetAction::MoveCard { sim: 0, slot: FleetConfig::slot_id(0, 0, 2) });
    rig.until("sim.released", &[("sim", "s0"), ("why", "card-removed")], 60);
    rig.until("sim.seen", &[("sim", "s0"), ("slot", "2")], 30);
    rig.wish(0, assign(0));
    rig.pass(30);
    assert_eq!(rig.count("sim.attached", &[("sim", "s0")]), 2, "{}", rig.story());
}

#[test]
fn an_iccid_that_two_cards_claim_is_not_used_until_one_is_gone() {
    let mut rig = Rig::on_standby(&office());
    rig.act(FleetAction::DoubleCard { sim: 0, slot: FleetConfig::slot_id(0, 0, 2) });
    rig.until("sim.state", &[("sim", "s0"), ("state", "duplicate")], 60);
    rig.wish(0, assign(0));
    rig.until("terminal.refused", &[("wish", "assign"), ("why", "duplicate")], 30);
    rig.act(FleetAction::RemoveDouble { sim: 0 });
    rig.until("sim.state", &[("sim", "s0"), ("before", "duplicate")], 60);
}

#[test]
fn no_pin_stands_in_a_trace() {
    let lines = Arc::new(Mutex::new(String::new()));
    let mut rig = Rig::on_standby(&office());
    let sink = lines.clone();
    rig.world.trace_to(Box::new(move |line| {
        let mut lines = sink.lock().unwrap();
        lines.push_str(line);
        lines.push('\n');
    }));
    // VERIFY PIN with 1234.
    let apdu = vec![0, 0x20, 0, 1, 8, 0x31, 0x32, 0x33, 0x34, 0xFF, 0xFF, 0xFF, 0xFF];
    rig.wish(0, TerminalWish::Apdu { sim: FleetConfig::iccid(0), apdu });
    rig.until("terminal.apdu", &[("sim", "s0")], 60);
    let lines = lines.lock().unwrap();
    let all = lines.to_uppercase();
    assert!(all.contains("002000010"), "the command passes");
    assert!(!all.contains("31323334") && !all.contains("49, 50, 51, 52"), "{lines}");
}
