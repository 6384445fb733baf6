//! How many bindings and how many whole writes a platform takes in a second, and what a card
//! costs of memory.
#![expect(clippy::expect_used, reason = "what a bench is made of is there, or it is no bench")]
#![expect(clippy::print_stdout, reason = "a bench tells what it has found")]

use divan::counter::ItemsCount;
use polysim_base::{Duration, Eid, Iccid, Imei, Imsi, Instant, Machine, Msisdn, Out, Plmn};
use polysim_issuance::keys::KeyStore;
use polysim_issuance::platform::{
    Fate, Network, Platform, PlatformConfig, PlatformInput, PlatformOutput, Policy, Retry,
};
use polysim_issuance::wire::{
    AppletAnswer, BusinessRequest, CardMessage, CardReport, Method, Outcome, RequestId,
    RequestKind, Route, UPLINK_SPI, UplinkFrame,
};
use polysim_issuance::{FileSizes, Generation};
use polysim_ota::{Counter, MinimumSecurity, Receiver, Sender, Spi, StatusCode, Tar};

const CARDS: u32 = 10_000;
const TAR: Tar = Tar([0xB1, 0x00, 0x01]);

fn main() {
    let frames = frames();
    let mut kept = None;
    let used = allocation_counter::measure(|| {
        let mut platform = platform();
        bind_all(&mut platform, &frames);
        kept = Some(platform);
    });
    println!("{} octets for each bound card", used.bytes_current / i64::from(CARDS));
    divan::main();
}

fn platform() -> Platform {
    let config = PlatformConfig {
        number: number(0),
        tar: TAR,
        spi: Spi::FULL,
        sizes: FileSizes { msisdn_record: 24, smsp_record: 40, forbidden: 12 },
        retry: Retry { first: Duration::from_secs(60), longest: Duration::from_secs(60), tries: 3 },
        validity: Duration::from_secs(3_600),
        pending_alarm: Duration::from_secs(3_600),
        texts_per_s: u32::MAX,
        moved: Policy::Accept,
        conflict: Policy::Refuse,
        networks: vec![Network { home: Plmn::parse("00101").expect("a PLMN"), centre: None }],
        generation: Generation::EUtran,
    };
    Platform::new(config, KeyStore::simulated(1))
}

fn eid(n: u32) -> Eid {
    Eid::with_check_digits(&format!("8904903200000000000000{n:08}")).expect("an eID")
}

fn imei(n: u32) -> Imei {
    Imei::parse(&format!("350000{n:08}")).expect("an IMEI")
}

fn imsi(n: u32) -> Imsi {
    Imsi::parse(&format!("00101{n:010}")).expect("an IMSI")
}

fn number(n: u32) -> Msisdn {
    Msisdn::parse(&format!("+49{n:09}")).expect("a number")
}

/// The binding requests of all cards.
fn frames() -> Vec<Vec<u8>> {
    let keys = KeyStore::simulated(1);
    let frame = |n: u32| {
        let iccid = Iccid::with_check_digit(&format!("8949000000{n:08}")).expect("an ICCID");
        let report = CardReport::Bind { imei: imei(n), iccid, imsi: Some(imsi(n)) };
        let message = CardMessage { eid: eid(n), heard: Counter::ZERO, report };
        let mut sender = Sender::new(keys.uplink(eid(n)).expect("keys"), Counter::ZERO);
        let sealed = sender.seal(TAR, UPLINK_SPI, &message.encode()).expect("sealed");
        UplinkFrame { eid: eid(n), packet: sealed.packet }.encode()
    };
    (0..CARDS).map(frame).collect()
}

fn give(platform: &mut Platform, input: PlatformInput) -> Vec<PlatformOutput> {
    platform.handle(Instant::ZERO, input);
    let outputs = core::iter::from_fn(|| platform.poll_output());
    let effect = |out| if let Out::Do(output) = out { Some(output) } else { None };
    outputs.filter_map(effect).collect()
}

fn bind_all(platform: &mut Platform, frames: &[Vec<u8>]) {
    for (n, octets) in (0..).zip(frames) {
        let input = PlatformInput::Text { from: number(n), octets: octets.clone() };
        assert_eq!(give(platform, input).len(), 1, "an answer");
    }
}

/// The frame of each card is opened, its binding recorded, and the answer sealed.
#[divan::bench(sample_count = 10)]
fn bindings(bencher: divan::Bencher<'_, '_>) {
    let frames = frames();
    bencher
        .counter(ItemsCount::new(CARDS))
        .with_inputs(platform)
        .bench_local_refs(|platform| bind_all(platform, &frames));
}

/// Order, provisioning, one text, its proof, the attach; the card's part of it included.
#[divan::bench(sample_count = 10)]
fn writes(bencher: divan::Bencher<'_, '_>) {
    let frames = frames();
    let keys = KeyStore::simulated(1);
    let mut bound = platform();
    bind_all(&mut bound, &frames);
    let card = |n: u32| {
        let mut receiver = Receiver::new();
        receiver.install_keys(keys.downlink(eid(n)).expect("keys"), Counter::ZERO);
        receiver.register(TAR, MinimumSecurity::FULL).expect("room");
        receiver
    };
    let cards: Vec<Receiver> = (0..CARDS).map(card).collect();
    bencher
        .counter(ItemsCount::new(CARDS))
        .with_inputs(|| (bound.clone(), cards.clone()))
        .bench_local_refs(|(platform, cards)| {
            for (n, card) in (0..CARDS).zip(cards) {
                write(platform, n, card);
            }
        });
}

fn write(platform: &mut Platform, n: u32, card: &mut Receiver) {
    let (imsi, msisdn) = (imsi(n + 500_000), number(n + 500_000));
    let (route, method) = (Route::Any, Method::Applet);
    let kind = RequestKind::Write { imei: imei(n), imsi, msisdn, route, method };
    let request = BusinessRequest { id: RequestId(n.into()), kind };
    for output in give(platform, PlatformInput::Business(request)) {
        let PlatformOutput::Provision { order, .. } = output else { continue };
        for output in give(platform, PlatformInput::Provisioned { order, ready: true }) {
            let PlatformOutput::Text { message, packet, .. } = output else { continue };
            let command = card.check(&packet).expect("a packet").commit();
            let answer = AppletAnswer { outcome: Outcome::Done, imsi: Some(imsi) }.encode();
            let proof = command.prove(StatusCode::Ok, &answer).expect("a proof");
            let fate = Fate::Delivered { proof: proof.map(|proof| proof.packet) };
            give(platform, PlatformInput::Sent { message, fate });
        }
    }
    give(platform, PlatformInput::Attached { imsi });
    assert_eq!(platform.number_of(eid(n)), Some(msisdn), "it is done");
}
