//! Everything at once: lossy links, crashes, users who do this and that.

use super::*;
use crate::links::LinkFault;
use polysim_base::{Purpose, Stream};
use polysim_courier::client::Choice;

const PHONES: [usize; 4] = [ANNA, BERT, TABLET, CARLA];
const PEOPLE: [usize; 3] = [ANNA, BERT, CARLA];

fn act(rig: &mut Rig, draws: &mut Stream) {
    let mut any = |of: &[usize]| of[usize::try_from(draws.below(of.len() as u64)).unwrap()];
    let (phone, other) = (any(&PHONES), any(&PEOPLE));
    match draws.below(20) {
        0..=7 => rig.text(phone, other, "hello"),
        8..=9 => rig.dial(phone, other),
        10 => rig.act(CourierAction::HangUp { phone }),
        11 => rig.act(CourierAction::Read { phone }),
        12..=13 => {
            let choice = if draws.below(2) == 0 { Choice::Carrier } else { Choice::Quit };
            let about = CourierMatter::Text;
            rig.act(CourierAction::Choose { phone, about, choice });
        }
        14 => breaks(rig, draws, phone),
        _ => heal(rig, phone),
    }
}

fn breaks(rig: &mut Rig, draws: &mut Stream, phone: usize) {
    match draws.below(5) {
        0 => rig.fault(CourierFault::DeviceCrash { phone }, true),
        1 => rig.fault(CourierFault::ServerCrash, true),
        2 => rig.act(CourierAction::Rate { phone, kbps: 32 }),
        way => {
            let fault = LinkFault::Cut { both_ways: way == 3 };
            rig.fault(CourierFault::Link { phone, fault }, true);
        }
    }
}

/// What was broken is whole again: at the server, and of one phone.
fn heal(rig: &mut Rig, phone: usize) {
    rig.fault(CourierFault::ServerCrash, false);
    rig.fault(CourierFault::DeviceCrash { phone }, false);
    rig.fault(CourierFault::Link { phone, fault: LinkFault::Cut { both_ways: true } }, false);
    rig.act(CourierAction::Rate { phone, kbps: 2_000 });
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
            device.user.of_texts = (device.phone == BERT).then_some(Choice::Carrier);
            device.user.speaks_every = Duration::from_millis(500);
        }
        let mut rig = Rig::registered(&config);
        let mut draws = Stream::derive(seed, 0, Purpose::Test, 0);
        for _ in 0..150 {
            act(&mut rig, &mut draws);
            rig.run(1 + draws.below(6));
        }
        PHONES.into_iter().for_each(|phone| heal(&mut rig, phone));
        rig.run(240);
        assert_eq!(rig.server("waiting"), "0", "seed {seed}");
        assert!(rig.count("courier.received") > 40, "seed {seed}");
        assert!(rig.count("courier.carrier") > 5, "seed {seed}");
        assert!(rig.count("courier.voice") > 2, "seed {seed}");
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
