use super::*;

fn probe(train: u32, part: u16) -> FromDevice {
    FromDevice::Rate(RateFromDevice::Probe { train, part, parts: 16, octets: std::vec![0; 500] })
}

#[test]
fn a_train_on_its_way_up_is_measured() {
    let mut bench = Bench::with(&[CALLER]);
    let mut said = Vec::new();
    for part in 0..16 {
        bench.pass(Duration::from_millis(40));
        said.extend(bench.says(CALLER, probe(1, part)));
    }
    let probed =
        |parts| (CALLER, ToDevice::Rate(RateToDevice::Probed { train: 1, parts, rate: Rate(100) }));
    assert_eq!(said, (12..=16).map(probed).collect::<Vec<_>>());
}

#[test]
fn a_train_goes_down_when_a_device_asks_for_it() {
    let mut bench = Bench::with(&[CALLER]);
    let said = bench.says(CALLER, RateFromDevice::ProbeMe { train: 9, parts: 16, octets: 500 });
    assert_eq!(said.len(), 16);
    for (part, (_, message)) in (0..).zip(said) {
        let ToDevice::Rate(RateToDevice::Probe { train: 9, part: it, parts: 16, octets }) = message
        else {
            panic!()
        };
        assert_eq!((it, octets.len()), (part, 500));
    }
}

#[test]
fn nobody_has_the_server_send_more_than_its_allowance() {
    let mut bench = Bench::with(&[CALLER]);
    for (parts, octets) in [(33, 500), (16, 1_201), (u16::MAX, u16::MAX)] {
        assert_eq!(bench.says(CALLER, RateFromDevice::ProbeMe { train: 1, parts, octets }), []);
    }
    let mut sent = 0;
    for round in 0..100 {
        let me =
            FromDevice::Rate(RateFromDevice::ProbeMe { train: round, parts: 32, octets: 1_200 });
        sent += bench.says(CALLER, me).len() * 1_200;
        if round % 10 == 0 {
            bench.connect(CALLER);
        }
    }
    assert!((38_400..=131_072).contains(&sent), "{sent}");
}

#[test]
fn what_is_no_train_is_not_measured() {
    let mut bench = Bench::with(&[CALLER]);
    for (part, parts, octets) in [(0, 0, 1), (1, 1, 1), (40, 33, 1), (0, 16, 1_201)] {
        let octets = std::vec![0; octets];
        assert_eq!(bench.says(CALLER, RateFromDevice::Probe { train: 1, part, parts, octets }), []);
    }
}

fn measured(train: u32, rate: u32, holds: Duration) -> FromDevice {
    FromDevice::Rate(RateFromDevice::Measured { train, rate: Rate(rate), holds })
}

#[test]
fn what_is_measured_is_noted_and_older_news_is_not_heard() {
    let mut bench = Bench::new();
    bench.connect(CALLER);
    for (train, rate, known) in [(7, 100, 100), (6, 50, 100), (7, 60, 100), (8, 90, 90)] {
        let noted = (CALLER, ToDevice::Rate(RateToDevice::Noted { train }));
        assert_eq!(bench.says(CALLER, measured(train, rate, Duration::ZERO)), [noted]);
        assert_eq!(bench.server.rate(bench.now, CALLER), Some(Rate(known)));
    }
}

#[test]
fn a_rate_holds_as_long_as_its_device_says() {
    let mut bench = Bench::new();
    bench.connect(CALLER);
    let holds = bench.server.config().rate_age_max.times(2);
    bench.says(CALLER, measured(1, 100, holds));
    bench.pass(holds);
    assert_eq!(bench.server.rate(bench.now, CALLER), Some(Rate(100)));
    bench.pass(Duration::from_micros(1));
    assert_eq!(bench.server.rate(bench.now, CALLER), None);
}
