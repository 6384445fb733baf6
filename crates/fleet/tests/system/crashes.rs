//! Every crash point of the flows that must lose and double nothing: each flow is run through the
//! whole system once for every output of every machine, which crashes after it and is back a
//! second later with what was durable.

use super::history::History;
use super::names::{self, Node, iccid, imsi};
use super::runs::say;
use polysim_base::Duration;
use polysim_fleet::SimState;
use polysim_fleet::wire::TextState;

const SEED: u64 = 2;
const SIM: u32 = 1;

#[derive(Clone, Copy, Debug)]
enum Flow {
    TextsIn,
    TextsOut,
    LeaseGrant,
}

impl Flow {
    /// Everything before, which no crash disturbs.
    fn prepare(self) -> History {
        let mut history = History::bare(SEED, self.reads());
        if !matches!(self, Self::LeaseGrant) {
            history.assign_remote(SIM);
            history.world.pass(Duration::from_secs(5));
        }
        history
    }

    fn reads(self) -> bool {
        std::env::var("FLEET_CRASH").is_ok()
    }

    fn begin(self, history: &mut History) {
        match self {
            Self::TextsIn => {
                history.text_in(SIM, false);
                history.text_in(SIM, true);
            }
            Self::TextsOut => {
                history.text_out(0, SIM, false, true);
                history.text_out(1, SIM, true, true);
            }
            Self::LeaseGrant => history.assign_remote(SIM),
        }
    }

    /// How long it is looked at: from the first output on, until all is done.
    const fn lasts(self) -> Duration {
        Duration::from_secs(12)
    }

    /// What must have come about in the end.
    fn check(self, history: &mut History) {
        // A lease that a crash has ended is asked for again by its user.
        history.world.pass(Duration::from_secs(60));
        let standby = |history: &History| {
            let state = history.world.leading().unwrap().machine.sim_state(iccid(SIM));
            matches!(state, Some(SimState::Standby | SimState::InService))
        };
        for _ in 0..2 {
            if !standby(history) {
                history.assign_remote(SIM);
                history.world.pass(Duration::from_secs(60));
            }
        }
        let world = &history.world;
        assert!(standby(history), "the lease is granted in the end");
        let modem = world.operator.registered.get(&imsi(SIM));
        assert!(modem.is_some(), "the SIM is on the air");
        assert_eq!(world.check.first, None);
        assert_eq!(world.texts_at_rest(), None);
        match self {
            Self::TextsIn => {
                assert!(world.operator.held.values().all(std::collections::VecDeque::is_empty));
            }
            Self::TextsOut => {
                let told = world.check.texts.states.values();
                assert!(told.into_iter().all(|state| *state != TextState::Submitting));
            }
            Self::LeaseGrant => {}
        }
    }
}

fn polled(history: &History, node: Node) -> u64 {
    match node {
        Node::Server(n) => history.world.servers[usize::from(n)].polled,
        Node::Site(n) => history.world.sites[usize::from(n)].polled,
        Node::Terminal(n) => history.world.terminals[usize::try_from(n).unwrap()].polled,
    }
}

/// Crashes a machine after each of its outputs in turn; returns how many there were.
fn crash_everywhere(flow: Flow, node: Node) -> u64 {
    let mut whole = flow.prepare();
    let first = polled(&whole, node);
    flow.begin(&mut whole);
    whole.world.pass(flow.lasts());
    let points = polled(&whole, node) - first;
    flow.check(&mut whole);
    for point in 0..points {
        if std::env::var("FLEET_CRASH").is_ok_and(|only| only != point.to_string()) {
            continue;
        }
        let mut history = flow.prepare();
        history.world.arm(node, point);
        flow.begin(&mut history);
        history.world.pass(flow.lasts());
        let story = history.world.story.clone();
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            flow.check(&mut history);
        }));
        if let Err(panic) = checked {
            story.into_iter().flatten().for_each(|line| say(&line));
            say(&format!(
                "{flow:?}: {node} crashed after {point} more outputs; FLEET_CRASH={point}"
            ));
            std::panic::resume_unwind(panic);
        }
    }
    points
}

fn every_machine(flow: Flow) {
    let size = names::Size { servers: 1, sites: 2, terminals: 2, sims: 5 };
    let servers = (0..size.servers).map(Node::Server);
    let sites = (0..size.sites).map(Node::Site);
    let terminals = (0..size.terminals).map(Node::Terminal);
    let mut sum = 0;
    for node in servers.chain(sites).chain(terminals) {
        let points = crash_everywhere(flow, node);
        say(&format!("{flow:?}: {points} crash points of {node}"));
        assert!(points > 0, "{node} has nothing to do with it");
        sum += points;
    }
    say(&format!("{flow:?}: {sum} crash points"));
}

#[test]
fn at_every_crash_point_texts_that_come_are_told_once_to_each_terminal() {
    every_machine(Flow::TextsIn);
}

#[test]
fn at_every_crash_point_texts_that_go_are_sent_once_at_most_and_known_of() {
    every_machine(Flow::TextsOut);
}

#[test]
fn at_every_crash_point_a_lease_is_granted_to_one_modem_in_the_end() {
    every_machine(Flow::LeaseGrant);
}
