//! The real [`Master`](crate::master::Master) and two real [`Slave`](crate::slave::Slave)s with all that
//! can happen to them, exhaustively: within a number of faults and wishes, at no instant two devices are
//! on the network, and service returns once faults stop.
//!
//! Time is in ticks; clocks are a fifth too slow or too fast, and so chosen that the last slave leaves in
//! the very tick in which the guard of the master ends. Two states that differ by how late it is are one,
//! so there is no end of time.

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

const SEEDS: u64 = 100;
const STEPS: usize = 400;
const SHORT: u64 = 2;
/// So long that the margin of either clock is a whole tick.
const LONG: u64 = 5;

/// Of so many states one is tried for whether service returns.
const CALM_EACH: u64 = 32;

#[test]
fn measure() {
    let base = Setup { faults: 1, commands: 1, ..Setup::new(SHORT) };
    for (name, setup) in [
        ("push 0 2", Setup { faults: 0, commands: 2, ..base }),
        ("remote 1 1", Setup { mode: Mode::Remote, ..base }),
        ("push 1 1", base),
        ("compare 1 1", Setup { way: Way::Compare, ..base }),
        ("compare 2 0", Setup { way: Way::Compare, faults: 2, commands: 0, ..base }),
        ("long 2 0", Setup { faults: 2, commands: 0, ..Setup::new(LONG) }),
        ("consent 1 1", Setup { consent: Consent::EachTime, ..base }),
        ("remote 1 2", Setup { mode: Mode::Remote, commands: 2, ..base }),
        ("remote 2 1", Setup { mode: Mode::Remote, faults: 2, ..base }),
    ] {
        check(name, &setup);
    }
}

#[test]
fn two_faults_in_the_push_way() {
    check("push, 2 faults", &Setup::new(SHORT));
}

#[test]
fn a_fault_and_a_wish_in_the_compare_way() {
    let setup = Setup { way: Way::Compare, faults: 1, commands: 1, ..Setup::new(SHORT) };
    check("compare, 1 fault, 1 wish", &setup);
}

#[test]
fn two_faults_with_the_card_at_the_master() {
    check("remote, 2 faults", &Setup { mode: Mode::Remote, ..Setup::new(SHORT) });
}

#[test]
fn clocks_of_other_rates() {
    for rates in [[FAST, FAST, SLOW], [SLOW, FAST, FAST], [FAST, SLOW, SLOW]] {
        let setup = Setup { rates, faults: 1, ..Setup::new(LONG) };
        check(&format!("rates {rates:?}, 1 fault"), &setup);
    }
}

#[test]
fn a_user_who_is_asked_each_time() {
    let setup = Setup { consent: Consent::EachTime, faults: 1, commands: 1, ..Setup::new(SHORT) };
    check("consent each time, 1 fault, 1 wish", &setup);
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
        for seed in 1..=SEEDS {
            let system = System::new(&setup);
            if let Err((wrong, steps)) = history::history(system.clone(), seed, STEPS) {
                panic!("{setup:?}, seed {seed}: {wrong}\n{}", way(&system, &steps));
            }
        }
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
        let report = tell(name, || explore(&System::new(&setup), u64::MAX));
        let wrong = report.wrong.map(|wrong| wrong.what);
        assert_eq!(wrong.as_deref(), Some("[0, 1] are on the network"), "{name}");
    }
}

/// Explores, tells the figures, and fails with the way to what is wrong.
fn check(name: &str, setup: &Setup) {
    let system = System::new(setup);
    let report = tell(name, || explore(&system, CALM_EACH));
    if let Some(wrong) = report.wrong {
        panic!("{}: {}\n{}", name, wrong.what, way(&system, &wrong.way));
    }
}

#[expect(clippy::disallowed_types, clippy::print_stdout, reason = "the figures are asked for")]
fn tell(name: &str, explore: impl FnOnce() -> Report) -> Report {
    let start = std::time::Instant::now();
    let report = explore();
    std::println!(
        "{name}: {} states, {} steps, {} deep, {} calmed, {:.1} s",
        report.states,
        report.steps,
        report.depth,
        report.calmed,
        start.elapsed().as_secs_f32()
    );
    report
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
