//! An eUICC: how many are made, switched and given a profile in a second by one core.
//!
//! `cargo bench -p polysim-card --bench euicc --features testkit`
#![expect(clippy::expect_used, reason = "what a bench is made of is there, or it is no bench")]

use divan::{Bencher, black_box};
use polysim_base::{Iccid, Instant};
use polysim_card::Card;
use polysim_card::testkit::server::{Order, PRESET_ICCIDS, Server};
use polysim_card::testkit::{bound_package, download};
use polysim_rsp::data::{self, EnableProfileRequest, ProfileIdentifier, encode};

fn main() {
    divan::main();
}

fn euicc(server: &Server) -> Card {
    let mut card = Card::new_euicc(server.euicc()).expect("an eUICC");
    card.power_on().expect("it answers");
    card
}

/// The other of two profiles is enabled, and the card is reset.
#[divan::bench]
fn switch(bencher: Bencher<'_, '_>) {
    let server = Server::default();
    let mut card = euicc(&server);
    let requests = PRESET_ICCIDS.map(|iccid| {
        let iccid = data::Iccid::from(&Iccid::parse(iccid).expect("an ICCID"));
        let profile_identifier = ProfileIdentifier::Iccid(iccid);
        encode(&EnableProfileRequest { profile_identifier, refresh_flag: true })
    });
    bencher.bench_local(|| {
        for request in requests.iter().rev() {
            black_box(card.es10(Instant::ZERO, request));
            card.reset();
        }
    });
}

/// Authentication, preparation and package: what eUICC and server do together.
#[divan::bench]
fn download_whole(bencher: Bencher<'_, '_>) {
    let (server, order) = (Server::default(), Order::default());
    bencher
        .with_inputs(|| euicc(&server))
        .bench_local_values(|mut card| download(&mut card, &server.session(1), &order));
}

/// The package alone, on the card: keys, files, result.
#[divan::bench]
fn install(bencher: Bencher<'_, '_>) {
    let (server, order) = (Server::default(), Order::default());
    let prepared = || {
        let mut card = euicc(&server);
        let package = bound_package(&mut card, &server.session(1), &order).expect("a package");
        (card, package)
    };
    bencher
        .with_inputs(prepared)
        .bench_local_values(|(mut card, package)| card.es10(Instant::ZERO, &package));
}
