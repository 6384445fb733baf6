//! How many packets a second one core seals and believes: the write of an IMSI.
#![expect(clippy::expect_used, reason = "what a bench is made of is there, or it is no bench")]

use divan::counter::ItemsCount;
use polysim_apdu::{CommandApdu, Header};
use polysim_ota::script::{CompactResponse, CompactScript, Management};
use polysim_ota::{
    Algorithm, Answer, Counter, Key, KeySet, KeyVersion, MinimumSecurity, Receiver, Sender, Spi,
    StatusCode, Tar,
};

fn main() {
    divan::main();
}

fn keys(algorithm: Algorithm) -> KeySet {
    let key = |first: u8| {
        let bytes: Vec<u8> = (first..).take(algorithm.key_len()).collect();
        Key::new(algorithm, &bytes).expect("a key")
    };
    KeySet::new(KeyVersion::new(1).expect("a version"), key(0x10), key(0x60))
}

fn imsi_write() -> CompactScript {
    let imsi = [0x08, 0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x10, 0x32];
    let mut script = CompactScript::new();
    for (header, data) in [
        (Header::new(0x00, 0xA4, 0x00, 0x0C), &[0x6F, 0x07][..]),
        (Header::new(0x00, 0xD6, 0x00, 0x00), &imsi[..]),
    ] {
        let command = CommandApdu::new(header, data, None).expect("a command");
        script.push(&command).expect("short");
    }
    script
}

const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Aes128, Algorithm::Aes256, Algorithm::TripleDes2, Algorithm::TripleDes3];

/// Pack, unpack on the card, read the script; no proof.
#[divan::bench(args = ALGORITHMS)]
fn pack_and_unpack(bencher: divan::Bencher<'_, '_>, algorithm: Algorithm) {
    let (mut server, mut card, script) = world(algorithm);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, script.octets()).expect("sealed");
        let command = card.check(&sealed.packet).expect("believed").commit();
        CompactScript::commands(command.data(), Management::Files).count()
    });
}

/// The same with a signed and ciphered proof, which the server judges.
#[divan::bench(args = ALGORITHMS)]
fn with_proof(bencher: divan::Bencher<'_, '_>, algorithm: Algorithm) {
    let (mut server, mut card, script) = world(algorithm);
    let done = CompactResponse { executed: 2, status: 0x9000.into(), data: Vec::new() }.octets();
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, script.octets()).expect("sealed");
        let command = card.check(&sealed.packet).expect("believed").commit();
        let proof = command.prove(StatusCode::Ok, &done).expect("made").expect("wanted");
        let answer = sealed.expected.judge(&proof.packet).expect("believed");
        assert!(matches!(answer, Answer::Proof(_)));
    });
}

fn world(algorithm: Algorithm) -> (Sender, Receiver, CompactScript) {
    let keys = keys(algorithm);
    let server = Sender::new(keys.clone(), Counter::ZERO);
    let mut card = Receiver::new();
    card.install_keys(keys, Counter::ZERO);
    card.register(Tar::USIM_FILES, MinimumSecurity::FULL).expect("room");
    (server, card, imsi_write())
}
