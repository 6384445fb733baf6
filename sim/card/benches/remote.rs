//! Remote management: packets a second that one core makes, carries to a card and has carried out.
//!
//! `cargo bench -p polysim-card --bench remote`: one iteration is one IMSI written.
#![expect(clippy::expect_used, reason = "what a bench is made of is there, or it is no bench")]

use std::sync::Arc;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use polysim_aka::{Algorithm as Authentication, Key as Secret, Milenage, Opc};
use polysim_apdu::{CommandApdu, Header};
use polysim_base::{Iccid, Imsi, Instant, Plmn, Purpose, Stream};
use polysim_card::{Card, CardConfig, OtaConfig, Profile, ProfileConfig};
use polysim_cat::{Envelope, Instruction, Message, SmsPpDownload, SmsTpdu};
use polysim_ota::script::CompactScript;
use polysim_ota::sms::deliver;
use polysim_ota::{
    Algorithm, Counter, Key, KeySet, KeyVersion, ProofRequest, ProofWanted, Sender, Spi, Tar,
};
use polysim_sms::{Address, MobileTerminated, Reference, Timestamp, Tpdu as _};

fn main() {
    divan::main();
}

const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Aes128, Algorithm::Aes256, Algorithm::TripleDes2, Algorithm::TripleDes3];

fn keys(algorithm: Algorithm) -> KeySet {
    let key = |first: u8| {
        let bytes: Vec<u8> = (first..).take(algorithm.key_len()).collect();
        Key::new(algorithm, &bytes).expect("a key")
    };
    KeySet::new(KeyVersion::new(1).expect("a version"), key(0x10), key(0x60))
}

fn card(keys: KeySet) -> Card {
    let plmn: Plmn = "00101".parse().expect("a network");
    let profile: Arc<Profile> =
        Profile::new(ProfileConfig::new(plmn, "Polynet")).expect("a profile");
    let iccid = Iccid::parse("8944000000000000003").expect("an ICCID");
    let imsi = Imsi::parse("001010000000123").expect("an IMSI");
    let stream = Stream::derive(1, 1, Purpose::Keys, 0);
    let algorithm: Authentication =
        Milenage::new(Secret::from([0x11; 16]), Opc::from([0x22; 16])).into();
    let ota = Some(OtaConfig::new(keys, Counter::ZERO));
    let mut card =
        Card::new(CardConfig { ota, ..CardConfig::new(profile, iccid, imsi, algorithm, stream) });
    card.power_on().expect("it answers");
    card
}

fn imsi_write() -> CompactScript {
    let imsi = [0x08, 0x09, 0x10, 0x10, 0x32, 0x54, 0x76, 0x98, 0x10];
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

/// The ENVELOPE that a terminal makes of the message with a packet.
fn envelope(packet: &[u8], address: Address, timestamp: Timestamp) -> Vec<u8> {
    let messages = deliver(packet, address, timestamp, Reference::Eight(0)).expect("short");
    let message = messages.into_iter().next().expect("one message");
    let octets = MobileTerminated::Deliver(message).to_octets();
    let tpdu = SmsTpdu::new(&octets).expect("a TPDU");
    let download = SmsPpDownload { service_centre: None, tpdu };
    let envelope = Envelope::new(Message::SmsPpDownload(download)).encode().expect("short");
    Instruction::Envelope.apdu(&envelope).expect("short")
}

fn write_imsi(bencher: Bencher<'_, '_>, algorithm: Algorithm, spi: Spi) {
    let keys = keys(algorithm);
    let (mut server, mut card) = (Sender::new(keys.clone(), Counter::ZERO), card(keys));
    let script = imsi_write();
    let address = Address::international("881234567").expect("an address");
    let timestamp = Timestamp::from_octets([0x62, 0x11, 0x62, 0, 0, 0, 0]);
    let mut response = Vec::with_capacity(258);
    bencher.counter(ItemsCount::new(1_u32)).bench_local(|| {
        let sealed = server.seal(Tar::USIM_FILES, spi, script.octets()).expect("sealed");
        let apdu = envelope(&sealed.packet, address, timestamp);
        card.transmit(Instant::ZERO, black_box(&apdu), &mut response);
        assert!(response.ends_with(&[0x90, 0x00]));
        sealed
    });
}

/// Pack, message, ENVELOPE, unpack, SELECT and UPDATE BINARY; no proof.
#[divan::bench(args = ALGORITHMS)]
fn imsi_write_unproven(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    let proof = ProofRequest { wanted: ProofWanted::Never, ..Spi::FULL.proof };
    write_imsi(bencher, algorithm, Spi { proof, ..Spi::FULL });
}

/// The same with a signed and ciphered proof in the answer.
#[divan::bench(args = ALGORITHMS)]
fn imsi_write_proven(bencher: Bencher<'_, '_>, algorithm: Algorithm) {
    write_imsi(bencher, algorithm, Spi::FULL);
}
