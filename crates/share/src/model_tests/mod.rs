//! The real [`Master`](crate::master::Master) and two real [`Slave`](crate::slave::Slave)s with all that
//! can happen to them, exhaustively: within a number of faults and of wishes of users, at no instant two
//! devices are on the network, nobody is there whom the disk of the master does not name, and service
//! returns once faults stop.
//!
//! # What can happen
//! - Messages are lost, late, overtaken and doubled without a limit; links come up and go down at each end
//!   by itself, as late as supervision allows, and so that a new session begins at one end while the other
//!   one is in the old one.
//! - A process ends at any time, also between any two of the records and effects that it gives out, and is
//!   rebuilt from what was written. Its soft card ends with it.
//! - A modem that is told to leave does so at any time until its power is cut; it may give up by itself.
//! - Users pick, release, pair, unpair, replace the set, want, decline and forget.
//! - Time is in ticks; clocks are a fifth too slow or too fast, and so chosen that the last slave leaves in
//!   the very tick in which the guard of the master ends. Two states that differ by how late it is are one,
//!   so there is no last instant.
//!
//! What the machines take for granted is there, too, and [`Broken`] takes it away to see that it is missed.

mod calm;
mod explore;
mod fingerprint;
mod history;
mod link;
mod node;
mod run;
mod setup;
mod system;

use crate::Timing;
use crate::master::{Consent, Mode, Way};
use explore::{Report, explore};
use setup::{Broken, FAST, SLOW, Setup, margin, timing};
use std::format;
use std::string::String;
use std::vec::Vec;
use system::{Step, System};

/// Histories of each setup, and their steps.
const HISTORIES: usize = 1_000;
const STEPS: usize = 1_000;
const SHORT: u64 = 2;
/// So long that the margin of either clock is a whole tick.
const LONG: u64 = 5;

/// Of so many states one is tried for whether service returns.
const CALM_EACH: u64 = 64;
/// Less is not worth the name.
const STATES_MIN: usize = 4_000;

#[test]
fn two_faults_in_the_push_way() {
    check("push, 2 faults", &Setup::new(SHORT));
    check("push, 2 faults, long times", &Setup::new(LONG));
}

#[test]
fn two_faults_in_the_compare_way() {
    check("compare, 2 faults", &Setup { way: Way::Compare, ..Setup::new(SHORT) });
}

#[test]
fn two_faults_with_the_card_at_the_master() {
    check("remote, 2 faults", &Setup { mode: Mode::Remote, ..Setup::new(SHORT) });
}

#[test]
fn two_wishes_of_users() {
    let setup = Setup { faults: 0, commands: 2, ..Setup::new(SHORT) };
    check("push, 2 wishes", &setup);
}

#[test]
fn a_fault_and_a_wish_in_each_mode() {
    let push = Setup { faults: 1, commands: 1, ..Setup::new(SHORT) };
    check("push, 1 fault, 1 wish", &push);
    check("remote, 1 fault, 1 wish", &Setup { mode: Mode::Remote, ..push });
}

#[test]
fn a_fault_and_a_wish_in_the_compare_way() {
    let setup = Setup { way: Way::Compare, faults: 1, commands: 1, ..Setup::new(SHORT) };
    check("compare, 1 fault, 1 wish", &setup);
}

#[test]
fn a_user_who_is_asked_each_time() {
    let asked = Setup { consent: Consent::EachTime, faults: 1, ..Setup::new(SHORT) };
    check("consent each time, 1 fault", &asked);
    check("consent each time, 1 wish", &Setup { faults: 0, commands: 1, ..asked });
}

#[test]
fn clocks_of_other_rates() {
    for rates in [[FAST, FAST, SLOW], [SLOW, FAST, FAST], [FAST, SLOW, SLOW]] {
        let setup = Setup { rates, faults: 1, ..Setup::new(LONG) };
        check(&format!("rates {rates:?}, 1 fault"), &setup);
    }
}

#[test]
fn long_histories_end_well() {
    let setups = [
        Setup::new(SHORT),
        Setup { way: Way::Compare, ..Setup::new(LONG) },
        Setup { mode: Mode::Remote, rates: [FAST, SLOW, FAST], ..Setup::new(LONG) },
        Setup { consent: Consent::EachTime, rates: [FAST, FAST, SLOW], ..Setup::new(SHORT) },
    ];
    for setup in setups.map(|setup| Setup { faults: u8::MAX, commands: u8::MAX, ..setup }) {
        let mut attached = 0;
        for seed in 1..=HISTORIES as u64 {
            let system = System::new(&setup);
            match history::history(system.clone(), seed, STEPS) {
                Ok(end) => attached += end.attached,
                Err((wrong, steps)) => {
                    panic!("{setup:?}, seed {seed}: {wrong}\n{}", way(&system, &steps));
                }
            }
        }
        let often = HISTORIES * 5;
        assert!(attached > often, "{setup:?}: {attached} times on the network");
    }
}

#[test]
fn what_is_wrong_is_found() {
    let right = Setup { faults: 1, ..Setup::new(LONG) };
    let broken = |broken| Setup { broken: Some(broken), ..right };
    let tick_short = Timing { timer: timing(LONG - 1).timer, ..right.master };
    let no_margin = Timing { margin: margin(0), ..right.master };
    let tick_long = Timing { timer: timing(LONG + 1).timer, ..right.slaves };
    for (name, setup) in [
        ("a guard that is a tick too short", Setup { master: tick_short, ..broken(Broken::Times) }),
        ("a guard without margin", Setup { master: no_margin, ..broken(Broken::Times) }),
        ("a timer without margin", Setup { slaves: no_margin, ..broken(Broken::Times) }),
        ("a timer that is a tick too long", Setup { slaves: tick_long, ..broken(Broken::Times) }),
        ("a Hello that denies", broken(Broken::HelloDenies)),
        ("a grant that is not written", broken(Broken::GrantNotWritten)),
        ("power that is not cut", broken(Broken::PowerStays)),
        ("supervision that is late", broken(Broken::SupervisionLate)),
        ("a soft card that outlives its process", broken(Broken::CrashLeavesModemOn)),
    ] {
        let report = explore(&System::new(&setup), u64::MAX);
        let wrong = report.wrong.map(|wrong| wrong.what);
        assert_eq!(wrong.as_deref(), Some("[0, 1] are on the network"), "{name}");
    }
}

/// Explores, tells the figures, and fails with the way to what is wrong.
fn check(name: &str, setup: &Setup) {
    let system = System::new(setup);
    let report = explore(&system, CALM_EACH);
    tell(name, &report);
    if let Some(wrong) = report.wrong {
        panic!("{name}: {}\n{}", wrong.what, way(&system, &wrong.way));
    }
    assert!(report.states > STATES_MIN, "{name}: {report:?}");
    assert!(report.calmed > 0, "{name}: {report:?}");
}

#[expect(clippy::print_stdout, reason = "the figures are asked for")]
fn tell(name: &str, report: &Report) {
    let Report { states, steps, depth, calmed, .. } = report;
    std::println!("{name}: {states} states, {steps} steps, {depth} deep, {calmed} calmed");
}

/// The way to what is wrong, for people.
fn way(start: &System, steps: &[Step]) -> String {
    let mut system = start.clone();
    let mut lines = Vec::new();
    for step in steps {
        let mut run = run::Run::new(&mut system, step.cut);
        run.logs = true;
        run.act(step.action);
        let log = run.log.join("\n      ");
        lines.push(format!("{step:?} -> {:?}\n      {log}", system.modems));
    }
    lines.join("\n")
}
