//! A card under remote management, a server, and a terminal between them.

mod messages;
mod packets;
mod power;
mod properties;
mod replay;
mod scripts;

use polysim_cat::{
    Command, CommandDetails, Envelope, GeneralResult, Message, ProactiveCommand, SmsPpDownload,
    SmsTpdu, TerminalProfile, TerminalResponse,
};
use polysim_ota::script::{CompactResponse, CompactScript};
use polysim_ota::sms::{PacketKind, deliver};
use polysim_ota::{
    Algorithm, Answer, Counter, Expected, Key, KeySet, KeyVersion, Sealed, Sender, Spi, StatusCode,
    Tar,
};
use polysim_sms::{
    Address, Deliver, MobileOriginated, MobileTerminated, Reference, Rp, Timestamp, Tpdu as _,
};

use polysim_apdu::CommandApdu;

use crate::testkit::{card_config, profile_config};
use crate::tests::hex;
use crate::{Card, CardConfig, FileManagement, OtaConfig, Profile};

pub(crate) const IMSI: &str = "080910103254769810";
pub(crate) const WRITE_IMSI: [&str; 2] = ["00A4000C026F07", "00D6000009080910103254769810"];
/// Every feature there is.
pub(crate) const ALL: [u8; 40] = [0xFF; 40];

pub(crate) fn version(number: u8) -> KeyVersion {
    KeyVersion::new(number).unwrap()
}

pub(crate) fn keys(number: u8) -> KeySet {
    let key = |first: u8| Key::new(Algorithm::Aes128, &[first + number; 16]).unwrap();
    KeySet::new(version(number), key(0x10), key(0x60))
}

pub(crate) fn counter(value: u64) -> Counter {
    Counter::new(value).unwrap()
}

/// A card that has heard what the terminal can do.
pub(crate) fn card_with(config: CardConfig, features: &[u8]) -> Card {
    let mut card = Card::new(config);
    card.power_on().unwrap();
    assert_eq!(exchange(&mut card, &hex_of("80100000", features)), [0x90, 0x00]);
    card
}

pub(crate) fn config(ota: OtaConfig) -> CardConfig {
    let profile = Profile::new(profile_config()).unwrap();
    CardConfig { ota: Some(ota), ..card_config(profile) }
}

pub(crate) fn card() -> Card {
    card_with(config(OtaConfig::new(keys(1), Counter::ZERO)), &ALL)
}

pub(crate) fn server() -> Sender {
    Sender::new(keys(1), Counter::ZERO)
}

fn hex_of(header: &str, data: &[u8]) -> Vec<u8> {
    let mut apdu = hex(header);
    apdu.push(u8::try_from(data.len()).unwrap());
    apdu.extend_from_slice(data);
    apdu
}

/// Sends a command, and fetches what waits.
pub(crate) fn exchange(card: &mut Card, apdu: &[u8]) -> Vec<u8> {
    let mut response = Vec::new();
    card.transmit(polysim_base::Instant::ZERO, apdu, &mut response);
    if let [0x61, waiting] = response[..] {
        card.transmit(polysim_base::Instant::ZERO, &[0, 0xC0, 0, 0, waiting], &mut response);
    }
    response
}

pub(crate) fn script(commands: &[&str]) -> Vec<u8> {
    let mut script = CompactScript::new();
    for command in commands {
        script.push(&CommandApdu::parse(&hex(command)).unwrap()).unwrap();
    }
    script.octets().to_vec()
}

pub(crate) fn command_of(octets: &str) -> Command {
    ProactiveCommand::decode(&hex(octets)).unwrap().command
}

pub(crate) fn sender_address() -> Address {
    Address::international("881234567").unwrap()
}

pub(crate) fn messages(packet: &[u8], reference: Reference) -> Vec<Deliver> {
    let timestamp = Timestamp::from_octets([0x62, 0x11, 0x62, 0, 0, 0, 0]);
    deliver(packet, sender_address(), timestamp, reference).unwrap()
}

/// The ENVELOPE (SMS-PP download) with a message.
pub(crate) fn envelope(message: &Deliver) -> Vec<u8> {
    let tpdu = MobileTerminated::Deliver(message.clone()).to_octets();
    let centre = polysim_cat::Address::dialled("+447700900000").unwrap();
    let tpdu = SmsTpdu::new(&tpdu).unwrap();
    let download = SmsPpDownload { service_centre: Some(centre), tpdu };
    let envelope = Envelope::new(Message::SmsPpDownload(download)).encode().unwrap();
    hex_of("80C20000", &envelope)
}

/// Sends a packet in as many ENVELOPEs as it needs; returns the last answer.
pub(crate) fn download(card: &mut Card, packet: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    for message in messages(packet, Reference::Eight(7)) {
        answer = exchange(card, &envelope(&message));
    }
    answer
}

/// The response packet in the answer to an ENVELOPE.
pub(crate) fn packet_of(answer: &[u8]) -> Vec<u8> {
    let (data, status) = answer.split_last_chunk::<2>().unwrap();
    assert!(matches!(status, [0x90, 0x00] | [0x91, _]), "{answer:02X?}");
    data.strip_prefix(&[0x02, 0x71, 0x00]).unwrap().to_vec()
}

pub(crate) fn proof(expected: &Expected, answer: &[u8]) -> (StatusCode, Vec<u8>) {
    match expected.judge(&packet_of(answer)).unwrap() {
        Answer::Proof(response) => (response.status, response.data),
        Answer::Hint(status) => panic!("a hint only: {status}"),
    }
}

/// Seals a script and sends it; returns what the card made of it.
pub(crate) fn run(
    card: &mut Card,
    server: &mut Sender,
    tar: Tar,
    commands: &[&str],
) -> CompactResponse {
    let sealed = server.seal(tar, Spi::FULL, &script(commands)).unwrap();
    let answer = download(card, &sealed.packet);
    let (status, data) = proof(&sealed.expected, &answer);
    assert_eq!(status, StatusCode::Ok);
    CompactResponse::parse(&data).unwrap()
}

pub(crate) fn seal(server: &mut Sender, spi: Spi) -> Sealed {
    server.seal(Tar::USIM_FILES, spi, &script(&WRITE_IMSI)).unwrap()
}

pub(crate) fn imsi(card: &Card) -> Vec<u8> {
    card.read_file(&[0x7FF0, 0x6F07]).unwrap()
}

/// Fetches the command that waits and answers that all went well.
pub(crate) fn fetch(card: &mut Card) -> Option<Command> {
    let octets = exchange(card, &hex("8012000000"));
    let (octets, [0x90, 0x00]) = octets.split_last_chunk::<2>().unwrap() else {
        return None;
    };
    let ProactiveCommand { number, command, .. } = ProactiveCommand::decode(octets).unwrap();
    assert!((1..=254).contains(&number));
    let details = CommandDetails::find(octets).unwrap();
    let response = TerminalResponse::new(details, GeneralResult::Performed).encode().unwrap();
    let done = exchange(card, &hex_of("80140000", &response));
    assert!(matches!(done[..], [0x90 | 0x91, _]), "{done:02X?}");
    Some(command)
}

/// Fetches the messages that wait, and joins the packet in them.
pub(crate) fn sent_packet(card: &mut Card) -> Vec<u8> {
    let mut packet = Vec::new();
    while let Some(Command::SendShortMessage(message)) = fetch(card) {
        assert_eq!(message.service_centre.unwrap().digits(), "447700900000");
        let submit = MobileOriginated::parse(message.tpdu.octets(), Rp::Data).unwrap();
        let MobileOriginated::Submit(submit) = submit else { panic!() };
        assert_eq!(submit.destination, sender_address());
        let first = PacketKind::of(&submit.user_data) == Some(PacketKind::Response);
        assert_eq!(first, packet.is_empty());
        packet.extend_from_slice(submit.user_data.payload());
    }
    packet
}

/// What a terminal with these features can do.
pub(crate) fn features(features: &[polysim_cat::Feature]) -> Vec<u8> {
    TerminalProfile::of(features.iter().copied()).octets().to_vec()
}

pub(crate) fn usim_with(edit: impl FnOnce(&mut FileManagement)) -> OtaConfig {
    let mut ota = OtaConfig::new(keys(1), Counter::ZERO);
    edit(ota.files.last_mut().unwrap());
    ota
}
