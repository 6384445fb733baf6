//! Random histories: everything that users and faults may do, and the invariants at every moment.

use super::super::*;
use super::rig::*;
use crate::{Action, ClockConfig, Fault, LinkFault, LinkQuality, WorldConfig};
use polysim_base::{Purpose, Stream};
use polysim_fleet::terminal::TerminalWish;
use polysim_fleet::wire::{ModemWanted, Parameters, Reclaim};

/// Links lose, double and reorder.
fn rough(seed: u64) -> WorldConfig {
    let link = LinkQuality {
        latency: millis(10, 120),
        loss_ppm: 20_000,
        duplicate_ppm: 20_000,
        reorder_ppm: 50_000,
    };
    let mut config = two_places(link);
    config.seed = seed;
    if let Some(fleet) = &mut config.fleet {
        let links = FleetLinks {
            site_server: link,
            terminal_server: link,
            terminal_site: link,
            site_site: link,
            overrides: Vec::new(),
        };
        fleet.links = links;
        fleet.sites[0].modems.push(modem(2, polysim_fleet::wire::Kind::BuiltIn));
        fleet.sites[1].clock = ClockConfig { skew: secs(5), drift_ppm: 150 };
        fleet.servers[1].clock = ClockConfig { skew: secs(1), drift_ppm: -100 };
    }
    config
}

fn pick(draw: &mut Stream, count: u64) -> usize {
    usize::try_from(draw.below(count)).unwrap()
}

fn fault(draw: &mut Stream) -> Fault {
    let node = |draw: &mut Stream| match draw.below(3) {
        0 => FleetNode::Server(pick(draw, 2)),
        1 => FleetNode::Site(pick(draw, 2)),
        _ => FleetNode::Terminal(pick(draw, 2)),
    };
    let fault = match draw.below(9) {
        0 => FleetFault::ServerCrash { server: pick(draw, 2) },
        1 => FleetFault::SiteCrash { site: pick(draw, 2) },
        2 => FleetFault::TerminalCrash { terminal: pick(draw, 2) },
        3 | 4 => {
            let (from, to) = (node(draw), node(draw));
            FleetFault::Link { from, to, fault: LinkFault::Cut { both_ways: draw.chance(500_000) } }
        }
        5 => FleetFault::CardMute { sim: pick(draw, 2) },
        6 => FleetFault::CardSlow { sim: pick(draw, 2), by: secs(1) },
        7 => {
            let (from, to) = (FleetNode::Server(pick(draw, 2)), FleetNode::Log);
            FleetFault::Link { from, to, fault: LinkFault::Cut { both_ways: true } }
        }
        _ => return Fault::ModemReset { phone: 1 + pick(draw, 3) },
    };
    Fault::Fleet(fault)
}

fn step(rig: &mut Rig, draw: &mut Stream, broken: &mut Vec<Fault>) {
    let (terminal, sim) = (pick(draw, 2), pick(draw, 2));
    let iccid = FleetConfig::iccid(sim);
    match draw.below(18) {
        0..=3 => rig.wish(terminal, assign(sim)),
        4 => {
            let how = [Reclaim::Now, Reclaim::Gracefully][pick(draw, 2)];
            rig.wish(terminal, TerminalWish::Release(iccid, how));
        }
        5 | 6 => rig.call_from_bert(sim),
        7 | 8 => rig.text_from_bert(sim, &format!("text {}", draw.below(1_000))),
        9 => rig.wish(terminal, text(sim, "out")),
        10 => rig.wish(terminal, dial(sim)),
        11 | 12 => rig.wish(terminal, TerminalWish::Answer),
        13 => rig.wish(terminal, TerminalWish::HangUp),
        14 => rig.world.apply(&Action::HangUp { phone: 0 }),
        15 | 16 => {
            let fault = fault(draw);
            rig.world.apply(&Action::Fault { fault: fault.clone(), on: true });
            broken.push(fault);
        }
        _ => {
            for fault in broken.drain(..) {
                rig.world.apply(&Action::Fault { fault, on: false });
            }
        }
    }
}

fn history(seed: u64) {
    let mut draw = Stream::derive(seed, 0, Purpose::Test, 0);
    let mut rig = Rig::new(&rough(seed));
    let mut broken = Vec::new();
    rig.pass(15);
    for _ in 0..120 {
        step(&mut rig, &mut draw, &mut broken);
        rig.pass(draw.below(20));
    }
    for fault in broken {
        rig.world.apply(&Action::Fault { fault, on: false });
    }
    // Each modem is used once more, so that each memory is emptied.
    rig.pass(300);
    for modem in
        [FleetConfig::modem_id(1, 0), FleetConfig::modem_id(1, 1), FleetConfig::modem_id(0, 0)]
    {
        let wanted = Parameters { modem: ModemWanted::Fixed(modem), ..parameters() };
        rig.wish(0, TerminalWish::Assign(FleetConfig::iccid(0), wanted));
        rig.pass(60);
    }
    rig.pass(1_000);
    for sim in 0..2 {
        rig.wish(0, TerminalWish::Release(FleetConfig::iccid(sim), Reclaim::Now));
    }
    rig.pass(120);
    for sim in 0..2 {
        let state = rig.world.state(Thing::Sim, sim);
        assert!(
            state.contains(&("state", "idle".into())),
            "seed {seed}: {state:?}\n{}",
            rig.story()
        );
    }
}

#[test]
fn whatever_happens_the_invariants_hold() {
    (1..=20).for_each(history);
}
