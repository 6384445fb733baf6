//! Commands per second, and what a card weighs.
//!
//! `cargo bench -p polysim-card`: one iteration of `select_and_read` is six commands.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "fixed values; a bench prints")]

use std::sync::Arc;

use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};
use polysim_aka::{Algorithm, Amf, Key, Milenage, Opc, Rand, Subscriber};
use polysim_base::{Iccid, Imsi, Instant, Plmn, Purpose, Stream};
use polysim_card::{Card, CardConfig, Profile, ProfileConfig};

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

fn main() {
    println!(
        "a card: {} bytes inline, {} more once it is on",
        size_of::<Card>(),
        card().heap_bytes()
    );
    divan::main();
}

fn algorithm() -> Algorithm {
    Milenage::new(Key::from([0x11; 16]), Opc::from([0x22; 16])).into()
}

fn config(profile: &Arc<Profile>) -> CardConfig {
    let iccid = Iccid::parse("8944000000000000003").unwrap();
    let imsi = Imsi::parse("001010000000123").unwrap();
    let stream = Stream::derive(1, 1, Purpose::Keys, 0);
    CardConfig::new(Arc::clone(profile), iccid, imsi, algorithm(), stream)
}

fn profile() -> Arc<Profile> {
    let plmn: Plmn = "00101".parse().unwrap();
    Profile::new(ProfileConfig::new(plmn, "Polynet")).unwrap()
}

fn card() -> Card {
    let mut card = Card::new(config(&profile()));
    card.power_on().unwrap();
    card
}

const SELECT_USIM: &[u8] =
    &[0x00, 0xA4, 0x04, 0x04, 0x07, 0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0x00];
const MIX: [&[u8]; 6] = [
    SELECT_USIM,
    &[0x00, 0xA4, 0x00, 0x04, 0x02, 0x6F, 0x07, 0x00],
    &[0x00, 0xB0, 0x00, 0x00, 0x09],
    &[0x00, 0xA4, 0x08, 0x04, 0x04, 0x7F, 0xFF, 0x6F, 0xAD, 0x00],
    &[0x00, 0xB0, 0x00, 0x00, 0x04],
    &[0x00, 0xB0, 0x8B, 0x00, 0x0B],
];

#[divan::bench]
fn select_and_read(bencher: Bencher<'_, '_>) {
    let mut card = card();
    let mut response = Vec::with_capacity(258);
    bencher.counter(ItemsCount::new(MIX.len())).bench_local(|| {
        for command in MIX {
            card.transmit(Instant::ZERO, black_box(command), &mut response);
        }
        black_box(response.len())
    });
}

/// The same after the files that a terminal writes have been written.
#[divan::bench]
fn select_and_read_after_writing(bencher: Bencher<'_, '_>) {
    let mut card = card();
    let mut response = Vec::with_capacity(258);
    card.transmit(Instant::ZERO, SELECT_USIM, &mut response);
    for sfi in [11, 12, 30, 8, 9, 13] {
        let update = [0x00, 0xD6, 0x80 | sfi, 0x00, 0x01, 0x00];
        card.transmit(Instant::ZERO, &update, &mut response);
        assert_eq!(response, [0x90, 0x00]);
    }
    bencher.counter(ItemsCount::new(MIX.len())).bench_local(|| {
        for command in MIX {
            card.transmit(Instant::ZERO, black_box(command), &mut response);
        }
        black_box(response.len())
    });
}

#[divan::bench]
fn update_loci(bencher: Bencher<'_, '_>) {
    let mut card = card();
    let mut response = Vec::with_capacity(258);
    card.transmit(Instant::ZERO, SELECT_USIM, &mut response);
    let update = [0x00, 0xD6, 0x8B, 0x00, 0x0B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        card.transmit(Instant::ZERO, black_box(&update), &mut response);
        black_box(response.len())
    });
}

/// SELECT and AUTHENTICATE with a vector that is in order.
#[divan::bench(sample_count = 20, sample_size = 500)]
fn authenticate(bencher: Bencher<'_, '_>) {
    let mut auc = Subscriber::new(algorithm(), Amf::EPS);
    let mut card = card();
    let mut response = Vec::with_capacity(258);
    card.transmit(Instant::ZERO, SELECT_USIM, &mut response);
    bencher
        .counter(ItemsCount::new(1_usize))
        .with_inputs(|| {
            let vector = auc.next_vector(Rand::from([7; 16])).unwrap();
            let mut command = vec![0x00, 0x88, 0x00, 0x81, 0x22, 0x10];
            command.extend_from_slice(vector.rand.as_bytes());
            command.push(0x10);
            command.extend_from_slice(vector.autn.as_bytes());
            command.push(0x00);
            command
        })
        .bench_local_values(|command| {
            card.transmit(Instant::ZERO, black_box(&command), &mut response);
            assert_eq!(response.first(), Some(&0xDB));
        });
}

/// A card with its configuration: what a world pays for each.
#[divan::bench]
fn make_and_power_on(bencher: Bencher<'_, '_>) {
    let profile = profile();
    let shared = config(&profile);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let mut card = Card::new(black_box(shared.clone()));
        black_box(card.power_on());
        card
    });
}
