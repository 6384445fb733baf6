//! For how long the rate of a link is known.

use polysim_base::{Duration, Machine as _, Msisdn};

use crate::client::{ClientConfig, testing as client};
use crate::server::{ServerConfig, testing as server};
use crate::testkit::{Faults, World, client_config, server_config};

const SECOND: Duration = Duration::from_secs(1);

/// Returns a device that measures so often, and for how many seconds of an hour its rate is not known
/// to it, and to the server; both let no rate become old but by the interval.
fn unmeasured(every: Duration, faults: Faults) -> (usize, usize) {
    let server_config = ServerConfig { rate_age_max: SECOND, ..server_config() };
    let mut world = World::new(1, server_config);
    let config = ClientConfig { measure_every: every, rate_age_max: SECOND, ..client_config(1) };
    let device = world.add(Msisdn::parse("+4915100001").unwrap(), config);
    world.set_faults(faults);
    world.connect(device);
    world.run_for(SECOND.times(20));
    let id = world.device_id(device).unwrap();
    let (mut here, mut there) = (0, 0);
    for _ in 0..3_600 {
        world.run_for(SECOND);
        here += usize::from(client::rate(world.client(device), world.now()).is_none());
        there += usize::from(server::rate(world.server(), world.now(), id).is_none());
    }
    assert!(world.client(device).poll_timeout().is_some());
    (here, there)
}

#[test]
fn the_rate_of_a_link_that_stays_is_known_for_an_hour_at_any_interval() {
    for secs in [0, 1, 9, 10, 11, 15, 30, 60, 109, 110, 120, 300, 900, 1_800, 3_600, 86_400] {
        let unmeasured = unmeasured(Duration::from_secs(secs), Faults::NONE);
        assert_eq!(unmeasured, (0, 0), "every {secs} s");
    }
}

#[test]
fn what_is_lost_and_late_makes_no_rate_unknown() {
    let faults = Faults { lost: 30_000, doubled: 30_000, late: Duration::from_millis(300) };
    for secs in [10, 30, 120, 600, 3_600] {
        let unmeasured = unmeasured(Duration::from_secs(secs), faults);
        assert_eq!(unmeasured, (0, 0), "every {secs} s");
    }
}
