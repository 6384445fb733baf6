//! How long one device takes to be registered, and what a subscription weighs at rest.
//!
//! `attach` runs region, serving and home side for a device whose card is right: one challenge, one
//! answer. The card's own work is measured by `card`, to be taken off.

#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark that fails shall say so")]

use polysim_aka::{AuthOutcome, Rand, Res, SqnArray, authenticate};
use polysim_base::{Imei, Imsi, Instant, Machine, Msisdn, Out, Plmn};
use polysim_radio::{
    CellConfig, Core, CoreInput, CoreOutput, CoreSettings, Directory, NumberPrefix, Observe,
    OperatorConfig, OperatorId, Region, RegionConfig, RegionId, RegionInput, RegionOutput,
    SubscriberConfig,
    air::{AuthenticationAnswer, CellId, Downlink, RadioId, Rat, Uplink},
    derived_algorithm,
};
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

const DEVICES: u32 = 200_000;
const OPERATOR: OperatorId = OperatorId(1);
const CELL: CellId = CellId(1);

struct World {
    region: Region,
    core: Core,
    next: u32,
    imei: Imei,
}

fn imsi(n: u32) -> Imsi {
    Imsi::parse(&format!("26201{n:010}")).expect("15 digits")
}

fn core(subscribers: u32) -> Core {
    let plmn = Plmn::parse("26201").expect("a network");
    let smsc = Msisdn::parse("+491710000000").expect("a number");
    let mut config = OperatorConfig::new(OPERATOR, "One", plmn, 49, smsc);
    config.prefixes = vec![NumberPrefix::parse("+49171").expect("a prefix")];
    let directory = Arc::new(Directory::new([&config]));
    let settings =
        CoreSettings { directory, seed: 1, unix_start_s: 1_700_000_000, observe: Observe::Nothing };
    let mut core = Core::new(config, settings);
    core.reserve(usize::try_from(subscribers).expect("it fits"));
    for n in 0..subscribers {
        let number = Msisdn::parse(&format!("+49171{n:07}")).expect("a number");
        let subscriber = SubscriberConfig::new(imsi(n), Some(number));
        core.add_subscriber(subscriber).expect("all differ");
    }
    core
}

fn region() -> Region {
    let plmn = Plmn::parse("26201").expect("a network");
    let cell = CellConfig {
        id: CELL,
        operator: OPERATOR,
        plmn,
        rat: Rat::Lte,
        level_dbm: -80,
        area: 1,
        capacity: u32::MAX,
        barred: false,
    };
    let id = RegionId(0);
    Region::new(RegionConfig { id, cells: vec![cell], zone_quarters: 0, daylight_h: 0 })
}

impl World {
    /// A device arrives, listens and registers; returns how many messages it heard.
    fn attach(&mut self, answer: impl Fn(&Imsi, &Downlink) -> Option<Res>) -> usize {
        let (n, radio) = (self.next, RadioId(self.next));
        self.next += 1;
        let imsi = imsi(n);
        let imei = self.imei;
        let mut heard = 0;
        let mut inputs = vec![
            RegionInput::FromDevice(
                radio,
                Uplink::Attach { cell: CELL, imsi, imei, update: false },
            ),
            RegionInput::FromDevice(radio, Uplink::Scan),
            RegionInput::Enter(radio),
        ];
        while let Some(input) = inputs.pop() {
            self.region.handle(Instant::ZERO, input);
            while let Some(Out::Do(output)) = self.region.poll_output() {
                match output {
                    RegionOutput::ToDevice(radio, downlink) => {
                        heard += 1;
                        if let Some(res) = answer(&imsi, &downlink) {
                            let answer = AuthenticationAnswer::Response(res);
                            let uplink = Uplink::Authentication(answer);
                            inputs.push(RegionInput::FromDevice(radio, uplink));
                        }
                    }
                    RegionOutput::ToCore { radio, message, .. } => {
                        let region = RegionId(0);
                        let input = CoreInput::Radio { region, radio, message };
                        self.core.handle(Instant::ZERO, input);
                        while let Some(Out::Do(output)) = self.core.poll_output() {
                            if let CoreOutput::ToRegion { radio, downlink, .. } = output {
                                let operator = OPERATOR;
                                inputs.push(RegionInput::FromCore { operator, radio, downlink });
                            }
                        }
                    }
                    RegionOutput::Congested { .. } => {}
                }
            }
        }
        heard
    }
}

fn card(imsi: &Imsi, downlink: &Downlink) -> Option<Res> {
    let Downlink::Authentication(challenge) = downlink else { return None };
    let algorithm = derived_algorithm(0, imsi);
    let (mut window, autn) = (SqnArray::default(), challenge.autn?);
    match authenticate(&algorithm, &mut window, &challenge.rand, &autn) {
        Ok(AuthOutcome::Success { res, .. }) => Some(res),
        other => panic!("{other:?}"),
    }
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn attach_200k(bencher: divan::Bencher<'_, '_>) {
    bencher
        .counter(DEVICES)
        .with_inputs(|| World {
            region: region(),
            core: core(DEVICES),
            next: 0,
            imei: Imei::parse("35000000000001").expect("an identity"),
        })
        .bench_local_values(|mut world| {
            for _ in 0..DEVICES {
                assert_eq!(world.attach(card), 4);
            }
            assert_eq!(world.core.visitor_count(), 200_000);
            world
        });
}

/// What the card does of it.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn card_200k(bencher: divan::Bencher<'_, '_>) {
    bencher.counter(DEVICES).bench_local(|| {
        for n in 0..DEVICES {
            let (algorithm, rand) = (derived_algorithm(0, &imsi(n)), Rand::from([7; 16]));
            let mut window = SqnArray::default();
            let autn = [n.to_be_bytes()[3]; 16].into();
            divan::black_box(authenticate(&algorithm, &mut window, &rand, &autn).is_ok());
        }
    });
}

/// The home side at rest: see the most bytes allocated.
#[divan::bench(sample_count = 1, sample_size = 1)]
fn subscribers_200k(bencher: divan::Bencher<'_, '_>) {
    bencher.counter(DEVICES).bench_local(|| core(DEVICES));
}

fn main() {
    divan::main();
}
