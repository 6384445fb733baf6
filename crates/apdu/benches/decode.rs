//! The hot path of a card: commands in, status words and templates out.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use polysim_apdu::ef::{Contents, Loci};
use polysim_apdu::{
    AccessRules, Command, CommandApdu, Fcp, FileDescriptor, FileId, LifeCycle, Operation, Security,
    Sfi, ShortId, Status, T0Card, T0Host,
};

fn main() {
    divan::main();
}

/// What a modem sends to a card while it registers.
const MIX: [&[u8]; 8] = [
    &[0x00, 0xA4, 0x00, 0x04, 0x02, 0x6F, 0x07],
    &[0x00, 0xB0, 0x00, 0x00, 0x09],
    &[0x00, 0xA4, 0x08, 0x04, 0x04, 0x7F, 0xFF, 0x6F, 0x7E],
    &[0x00, 0xB2, 0x01, 0x04, 0x26],
    &[0x80, 0xF2, 0x00, 0x00, 0x00],
    &[0x00, 0x20, 0x00, 0x01, 0x08, 0x31, 0x32, 0x33, 0x34, 0xFF, 0xFF, 0xFF, 0xFF],
    &[0x00, 0xD6, 0x00, 0x00, 0x04, 0x01, 0x02, 0x03, 0x04],
    &[
        0x00, 0x88, 0x00, 0x81, 0x22, 0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        0x10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ],
];

#[divan::bench]
fn decode_command(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(MIX.len())).bench_local(|| {
        for bytes in black_box(&MIX) {
            black_box(Command::parse(bytes)).ok();
        }
    });
}

#[divan::bench]
fn emit_command(bencher: Bencher<'_, '_>) {
    let commands = MIX.map(|bytes| Command::parse(bytes).ok());
    let mut out = Vec::with_capacity(64);
    bencher.counter(ItemsCount::new(MIX.len())).bench_local(|| {
        for command in black_box(&commands).iter().flatten() {
            out.clear();
            command.emit(&mut out).ok();
            black_box(&out);
        }
    });
}

#[divan::bench]
fn status_word(bencher: Bencher<'_, '_>) {
    let words = black_box([
        0x9000_u16, 0x9110, 0x612F, 0x6A82, 0x6982, 0x63C3, 0x6C10, 0x9862, 0x9F17, 0x6F42,
    ]);
    bencher.counter(ItemsCount::new(words.len())).bench_local(|| {
        for word in words {
            black_box(u16::from(black_box(Status::from(black_box(word)))));
        }
    });
}

#[divan::bench]
fn fcp_emit(bencher: Bencher<'_, '_>) {
    let mut fcp = Fcp::new(FileDescriptor::TRANSPARENT);
    fcp.file_id = Some(FileId(0x6F07));
    fcp.life_cycle = Some(LifeCycle::Activated);
    fcp.security = Some(Security::Referenced { file: FileId(0x6F06), record: 5 });
    fcp.file_size = Some(9);
    fcp.sfi = Sfi::new(7).map_or(ShortId::None, ShortId::Given);
    let mut out = Vec::with_capacity(64);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        out.clear();
        black_box(&fcp).emit(&mut out);
        black_box(&out);
    });
}

#[divan::bench]
fn access_decision(bencher: Bencher<'_, '_>) {
    let record = [0x80, 1, 1, 0x90, 0, 0x80, 1, 2, 0xA4, 6, 0x83, 1, 1, 0x95, 1, 8];
    let rules = AccessRules::parse(&record).unwrap_or_default();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| black_box(&rules).allow(black_box(Operation::Update), |key| key.0 == 1));
}

/// SELECT with its GET RESPONSE: both sides of T=0, without a card behind.
#[divan::bench]
fn select_over_t0(bencher: Bencher<'_, '_>) {
    let bytes = [0x00, 0xA4, 0x00, 0x04, 0x02, 0x6F, 0x07, 0x00];
    let mut card = T0Card::default();
    let mut reply = Vec::with_capacity(64);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let command = CommandApdu::parse(black_box(&bytes)).ok()?;
        let mut host = T0Host::new(&command).ok()?;
        loop {
            if let Some(command) = card.receive(host.tpdu(), &mut reply) {
                reply.extend_from_slice(&[7; 25]);
                card.answer(&command, Status::Success, &mut reply);
            }
            if let Some(response) = host.handle(&reply).ok()? {
                return Some(response);
            }
        }
    });
}

#[divan::bench]
fn loci_round_trip(bencher: Bencher<'_, '_>) {
    let file = Loci::BLANK.bytes();
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench_local(|| Loci::parse(black_box(&file)).map(|loci| black_box(loci).bytes()));
}
