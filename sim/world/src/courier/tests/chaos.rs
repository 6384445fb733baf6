//! Everything at once: lossy links, crashes, users who do this and that.

use super::*;
use crate::links::LinkFault;
use polysim_base::{Purpose, Stream};
use polysim_courier::client::Choice;

const PHONES: [usize; 4] = [ANNA, BERT, TABLET, CARLA];

fn act(rig: &mut Rig, draws: &mut Stream) {
    let mut any = || PHONES[usize::try_from(draws.below(4)).unwrap()];
    let (phone, other) = (any(), any());
    let on = draws.below(2) == 0;
    match draws.below(12) {
        0..=3 => rig.text(phone, other, "hello"),
        4 => rig.dial(phone, other),
        5 => rig.act(CourierAction::HangUp { phone }),
        6 => rig.act(CourierAction::Read { phone }),
        7 => {
            let choice = if on { Choice::Carrier } else { Choice::Quit };
            let about = CourierMatter::Text;
            rig.act(CourierAction::Choose { phone, about, choice });
        }
        8 => rig.fault(CourierFault::DeviceCrash { phone }, on),
        9 => rig.fault(CourierFault::ServerCrash, on),
        10 => {
            let fault = LinkFault::Cut { both_ways: on };
            rig.fault(CourierFault::Link { phone, fault }, draws.below(2) == 0);
        }
        _ => rig.act(CourierAction::Rate { phone, kbps: if on { 32 } else { 2_000 } }),
    }
}

fn heal(rig: &mut Rig) {
    rig.fault(CourierFault::ServerCrash, false);
    for phone in PHONES {
        rig.fault(CourierFault::DeviceCrash { phone }, false);
        let fault = LinkFault::Cut { both_ways: true };
        rig.fault(CourierFault::Link { phone, fault }, false);
        rig.act(CourierAction::Rate { phone, kbps: 2_000 });
    }
}

#[test]
fn nothing_that_must_not_happen_happens_whatever_breaks() {
    for seed in 0..6 {
        let mut config = config(100 + seed);
        let courier = config.courier.as_mut().unwrap();
        courier.links.usual.loss_ppm = 50_000;
        courier.links.usual.duplicate_ppm = 50_000;
        courier.links.usual.reorder_ppm = 50_000;
        for device in &mut courier.devices {
            device.user.of_texts = Some(Choice::Carrier);
            device.user.speaks_every = Duration::from_millis(500);
        }
        let mut rig = Rig::registered(&config);
        let mut draws = Stream::derive(seed, 0, Purpose::Test, 0);
        for _ in 0..150 {
            act(&mut rig, &mut draws);
            rig.run(1 + draws.below(6));
        }
        heal(&mut rig);
        rig.run(240);
        assert_eq!(rig.server("waiting"), "0", "seed {seed}");
        let mut counts = std::collections::BTreeMap::new();
        for e in &rig.events { *counts.entry(e.name).or_insert(0) += 1; }
        eprintln!("{seed} {counts:?}");
        if seed == 0 { for e in &rig.events { eprintln!("{} {} {:?}", e.at.as_micros(), e.name, e.fields); } }

    }
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = || {
        let mut rig = Rig::registered(&config(21));
        rig.text(BERT, ANNA, "again");
        rig.dial(BERT, CARLA);
        rig.run(20);
        (rig.world.trace_hash(), rig.events)
    };
    assert_eq!(story(), story());
}
