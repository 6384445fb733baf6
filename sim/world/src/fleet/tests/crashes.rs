//! Each node crashes, and what was promised holds.

use super::super::*;
use super::rig::*;

#[test]
fn a_standby_server_takes_over_and_goes_on() {
    let mut rig = Rig::on_standby(&office());
    rig.fault(FleetFault::ServerCrash { server: 0 }, true);
    rig.until("server.leads", &[("server", "two")], 30);
    rig.text_from_bert(0, "still there");
    rig.until("terminal.text", &[("terminal", "a1"), ("text", "still there")], 60);
    rig.fault(FleetFault::ServerCrash { server: 0 }, false);
    rig.pass(60);
    assert_eq!(rig.count("server.leads", &[]), 2, "{}", rig.story());
}

#[test]
fn a_site_that_crashes_comes_back_and_its_sims_too() {
    let mut rig = Rig::on_standby(&office());
    rig.fault(FleetFault::SiteCrash { site: 0 }, true);
    rig.text_from_bert(0, "meanwhile");
    rig.pass(10);
    rig.fault(FleetFault::SiteCrash { site: 0 }, false);
    rig.until("site.up", &[("site", "hall"), ("incarnation", "2")], 30);
    rig.pass(60);
    rig.wish(0, assign(0));
    rig.until("terminal.text", &[("terminal", "a1"), ("text", "meanwhile")], 300);
    rig.pass(60);
    assert_eq!(rig.count("terminal.text", &[("terminal", "a1")]), 1, "{}", rig.story());
}

#[test]
fn a_terminal_that_crashes_misses_nothing() {
    let mut rig = Rig::on_standby(&office());
    rig.fault(FleetFault::TerminalCrash { terminal: 0 }, true);
    rig.text_from_bert(0, "while you were away");
    rig.until("terminal.text", &[("terminal", "a2")], 60);
    rig.fault(FleetFault::TerminalCrash { terminal: 0 }, false);
    rig.until("terminal.text", &[("terminal", "a1"), ("text", "while you were away")], 90);
    assert_eq!(rig.count("terminal.text", &[]), 2, "{}", rig.story());
}
