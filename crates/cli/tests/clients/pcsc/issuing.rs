//! Cards with keys and an applet: a packet that pyscard brings, and writes on site.

use super::service::{Service, reader};
use super::{Pyscard, printed, until_in_reader};
use crate::program::{DEADLINE, Ran, run};
use crate::world::{Folder, NORTH, World, phone};
use polysim_base::{Eid, Hex};
use polysim_cat::{
    Envelope, Feature, Instruction, Message, SmsPpDownload, SmsTpdu, TerminalProfile,
};
use polysim_issuance::keys::KeyStore;
use polysim_ota::sms::deliver;
use polysim_ota::{Answer, Counter, Expected, Sender, Spi, StatusCode, Tar};
use polysim_sms::{Address, MobileTerminated, Reference, Timestamp, Tpdu as _};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const SEED: u64 = 7;
/// SELECT EF.IMSI within the USIM, and read it.
const SCRIPT: [u8; 12] = [0, 0xA4, 0, 4, 2, 0x6F, 0x07, 0, 0xB0, 0, 0, 9];
const IMSI: &str = "001010000099999";
const NUMBER: &str = "+990777777";

fn polysim(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    run(command.current_dir(folder).args(arguments), "", DEADLINE)
}

/// Makes the folder of a platform for simulated cards.
fn platform(name: &str) -> Folder {
    let folder = Folder::new(name);
    let seed = SEED.to_string();
    let arguments = ["issuance", "init", "cards", "--number", "+990100", "--network", "00101"];
    polysim(folder.path(), &[&arguments[..], &["--simulated", &seed]].concat()).ok();
    folder
}

/// Exposes one phone whose card has keys and an applet.
fn world(name: &str, platform: &Folder, arguments: &[&str]) -> World {
    let file = [NORTH, &phone("p1", "")].concat();
    let store = platform.path().join("cards").display().to_string();
    World::start(name, &file, &[&["--issuance", &store], arguments].concat())
}

fn eid() -> Eid {
    Eid::with_check_digits(&format!("8904903200000000000000{:08}", 0)).unwrap()
}

/// Returns the command that gives a packet with a script to the card, and what proves it.
fn envelope(script: &[u8]) -> (String, Expected) {
    let keys = KeyStore::simulated(SEED).downlink(eid()).unwrap();
    let mut server = Sender::new(keys, Counter::ZERO);
    let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, script).unwrap();
    let from = Address::parse_dialled("+990100").unwrap();
    let at = Timestamp::new((26, 1, 2), (3, 4, 5), 0).unwrap();
    let message = deliver(&sealed.packet, from, at, Reference::Eight(1)).unwrap().remove(0);
    let tpdu = SmsTpdu::new(&MobileTerminated::Deliver(message).to_octets()).unwrap();
    let message = Message::SmsPpDownload(SmsPpDownload { service_centre: None, tpdu });
    let envelope = Envelope { message, others: Vec::new() }.encode().unwrap();
    let apdu = Instruction::Envelope.apdu(&envelope).unwrap();
    (Hex(&apdu).to_string(), sealed.expected)
}

#[test]
fn pyscard_brings_a_packet_and_the_card_proves_it() {
    let Some(pyscard) = Pyscard::find() else { return };
    let Some(service) = Service::start("pcscd-packet") else { return };
    let platform = platform("packet-store");
    let world = world("card-packet", &platform, &["--card", "p1", "--vpcd", &service.address()]);
    until_in_reader(&world, "p1", true);
    let profile = TerminalProfile::of([Feature::SmsPpDownload]);
    let profile = Hex(&Instruction::TerminalProfile.apdu(profile.octets()).unwrap()).to_string();
    let (envelope, expected) = envelope(&SCRIPT);
    let answers = pyscard.answers(&reader(0), &[&profile, &envelope, &envelope]);
    assert_eq!(answers[0], "9000");
    let proof = answers[1].strip_prefix("027100").and_then(|it| it.strip_suffix("9000"));
    let proof = proof.unwrap_or_else(|| panic!("no proof: {}", answers[1]));
    let proof = polysim_base::parse_hex(proof.as_bytes()).unwrap();
    let Answer::Proof(response) = expected.judge(&proof).unwrap() else { panic!("not signed") };
    assert_eq!((response.status, &response.data[..3]), (StatusCode::Ok, &[2, 0x90, 0x00][..]));
    let imsi: polysim_base::Imsi = printed(&world, "p1", "imsi").parse().unwrap();
    assert_eq!(response.data[3..], imsi.ef());

    let replayed = answers[2].strip_prefix("027100").and_then(|it| it.strip_suffix("9000"));
    if let Some(replayed) = replayed {
        let replayed = polysim_base::parse_hex(replayed.as_bytes()).unwrap();
        let Ok(Answer::Proof(response)) = expected.judge(&replayed) else { return };
        assert_eq!(response.status, StatusCode::CounterLow, "a packet counts once");
    }
}

/// Writes the card at a place, and says that it is in effect.
fn write(platform: &Folder, place: &str) -> Value {
    let target = ["--imsi", IMSI, "--msisdn", NUMBER, "--store", "cards", "--json"];
    let arguments = [&["card", place, "write"][..], &target].concat();
    let written = polysim(platform.path(), &arguments).ok();
    let line = written.lines().find(|line| line.starts_with('{')).unwrap();
    let written: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&written["bound_now"], &written["done"]),
        (&true.into(), &false.into()),
        "{written}"
    );
    let again = polysim(platform.path(), &arguments).ok();
    assert!(again.contains("\"bound_now\":false"), "a second time changes nothing: {again}");
    let exported = polysim(platform.path(), &["issuance", "export", "cards"]).ok();
    assert!(exported.contains(&format!("{IMSI},true")), "pending: {exported}");
    polysim(platform.path(), &["issuance", "attached", "cards", IMSI]).ok();
    let exported = polysim(platform.path(), &["issuance", "export", "cards"]).ok();
    assert!(exported.contains(&format!("{IMSI},{NUMBER},,")), "settled: {exported}");
    written
}

#[cfg(feature = "pcsc")]
#[test]
fn polysim_writes_a_card_in_a_reader() {
    let Some(service) = Service::start("pcscd-write") else { return };
    let platform = platform("write-store");
    let world = world("card-write", &platform, &["--card", "p1", "--vpcd", &service.address()]);
    until_in_reader(&world, "p1", true);
    let written = write(&platform, &reader(0));
    assert_eq!((&written["ef_imsi"], &written["eid"]), (&IMSI.into(), &eid().to_string().into()));
    let info = polysim(platform.path(), &["card", &reader(0), "info"]).ok();
    assert!(info.contains(IMSI), "{info}");
}

#[test]
fn polysim_writes_a_card_in_its_device_through_the_modem() {
    let platform = platform("modem-store");
    let world = world("modem-write", &platform, &["--pty", "p1"]);
    world.registered("p1");
    let port = world.dir().join("p1.0").display().to_string();
    let written = write(&platform, &format!("modem:{port}"));
    assert_eq!(written["eid"], eid().to_string());
}
