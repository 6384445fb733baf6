//! Everything at once.

use super::{AWAY, HOME, MASTER, ONE, OTHER, Rig, config};
use crate::action::{Action, Fault};
use crate::block;
use crate::config::{ClockConfig, LinkQuality};
use crate::links::LinkFault;
use crate::share::{ShareAction, ShareFault};
use polysim_base::{Duration, Purpose, Stream};
use polysim_share::master::{Mode, Way};

const STEPS: usize = 60;
const SEEDS: u64 = 60;

fn pick<T: Clone>(stream: &mut Stream, of: &[T]) -> T {
    of[usize::try_from(stream.below(of.len() as u64)).unwrap()].clone()
}

/// What may break, of a phone.
fn faults(phone: usize, mode: Mode) -> Vec<Fault> {
    let slave = if phone == MASTER { ONE } else { phone };
    let slow = match mode {
        Mode::Provisioned => block::range(1_000, 4_000),
        // A modem that cannot start its card within ten seconds takes it for broken.
        Mode::Remote => block::range(50, 200),
    };
    let link = |fault| Fault::Share(ShareFault::Link { phone: slave, fault });
    vec![
        link(LinkFault::Cut { both_ways: true }),
        link(LinkFault::Cut { both_ways: false }),
        link(LinkFault::Loss { ppm: 400_000 }),
        link(LinkFault::Duplicate { ppm: 400_000 }),
        link(LinkFault::Delay { latency: slow }),
        Fault::Share(ShareFault::Crash { phone }),
        Fault::Share(ShareFault::Battery { phone }),
        Fault::ModemHang { phone },
        Fault::ModemReset { phone },
        Fault::CardPulled { phone },
        Fault::CellOutage { region: 0, cell: 0 },
    ]
}

fn deeds(phone: usize) -> Vec<Action> {
    let shared = [
        ShareAction::Carry { phone, spot: HOME },
        ShareAction::Carry { phone, spot: AWAY },
        ShareAction::Pick { phone },
        ShareAction::Pick { phone },
        ShareAction::Want { phone },
        ShareAction::Release { phone },
        ShareAction::Forget { phone },
        ShareAction::Unpair { phone },
        ShareAction::Pair { phone },
        ShareAction::Replace { group: 0 },
    ];
    let power = [true, false].map(|on| Action::Power { phone, on });
    shared.into_iter().map(Action::Share).chain(power).collect()
}

/// A day on which everything goes wrong, after which all is well again.
fn day(seed: u64, mode: Mode) {
    let mut config = config(seed);
    let mut stream = Stream::derive(seed, 0, Purpose::Scenario, 1);
    let share = config.share.as_mut().unwrap();
    share.links.usual = LinkQuality {
        latency: block::range(5, 200),
        loss_ppm: 20_000,
        duplicate_ppm: 20_000,
        reorder_ppm: 20_000,
    };
    let mut clock = || ClockConfig {
        skew: Duration::from_secs(stream.below(10_000)),
        drift_ppm: pick(&mut stream, &[-500, -100, 0, 100, 500]),
    };
    let group = &mut share.groups[0];
    (group.mode, group.clock) = (mode, clock());
    group.slaves.iter_mut().for_each(|slave| slave.clock = clock());
    group.slaves[1].wants = true;
    group.way = pick(&mut stream, &[Way::Push, Way::Compare]);
    let mut rig = Rig::new(&config);
    let mut broken: Vec<Fault> = Vec::new();
    for _ in 0..STEPS {
        let phone = pick(&mut stream, &[MASTER, ONE, OTHER]);
        match stream.below(6) {
            0..=2 => rig.world.apply(&pick(&mut stream, &deeds(phone))),
            3 | 4 => {
                let fault = pick(&mut stream, &faults(phone, mode));
                rig.world.apply(&Action::Fault { fault: fault.clone(), on: true });
                broken.push(fault);
            }
            _ => {}
        }
        if broken.len() > 2 || (!broken.is_empty() && stream.below(3) == 0) {
            let fault = broken.remove(0);
            rig.world.apply(&Action::Fault { fault, on: false });
        }
        rig.run(stream.below(40));
    }
    for fault in broken {
        rig.world.apply(&Action::Fault { fault, on: false });
    }
    for phone in [MASTER, ONE, OTHER] {
        rig.world.apply(&Action::Power { phone, on: true });
        rig.act(ShareAction::Carry { phone, spot: HOME });
    }
    rig.run(120);
    rig.act(ShareAction::Pair { phone: ONE });
    rig.run(120);
    rig.act(ShareAction::Pick { phone: ONE });
    rig.run(120);
    assert_eq!(rig.on_air(), "car", "seed {seed}: service is back");
}

#[test]
fn whatever_happens_one_device_is_on_the_air_at_most_and_service_is_back_when_all_is_well() {
    for seed in 1..=SEEDS {
        day(seed, Mode::Provisioned);
    }
}

#[test]
fn the_same_holds_of_cards_that_are_lent() {
    for seed in 1..=SEEDS {
        day(seed, Mode::Remote);
    }
}
