//! A card with an applet that does what it is told.

pub(crate) mod issuance;

use std::collections::VecDeque;

use polysim_aka::{Algorithm, Amf, Key, Milenage, Opc, Rand, Subscriber};
use polysim_apdu::Status;
use polysim_base::Out;
use polysim_cat::Command;
use polysim_issuance::applet::{AppletInput, AppletOutput, Transaction};
use polysim_issuance::{FileWrite, KeyChoice, KeyIndex, Place, SubscriptionKey};
use polysim_ota::{Counter, Spi, StatusCode, Tar};

use super::program::{Program, Record};
use crate::remote::tests::{
    ALL, WRITE_IMSI, command_of, config, counter, download, exchange, features, fetch, imsi, keys,
    proof, run, script, server, version,
};
use crate::tests::hex;
use crate::{Card, CardConfig, CardFault, FaultSpan, OtaConfig, SubscriptionKeySet};

type Did = Out<Record, AppletOutput>;

/// An applet whose answer to each input is fixed before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scripted {
    /// What it does when it hears something, in order of what it hears.
    pub(crate) script: VecDeque<Vec<Did>>,
    pub(crate) outputs: VecDeque<Did>,
    pub(crate) heard: Vec<AppletInput>,
    /// Its non-volatile memory.
    pub(crate) kept: Vec<u8>,
}

impl Scripted {
    pub(crate) const AID: [u8; 8] = [0xF0, b'p', b'o', b'l', b'y', b's', b'i', b'm'];
    pub(crate) const TAR: Tar = Tar([0xC0, 0xDE, 0x01]);

    pub(crate) fn handle(&mut self, input: AppletInput) {
        self.heard.push(input);
        for output in self.script.pop_front().unwrap_or_default() {
            if let Out::Record(Record::Scripted(record)) = &output {
                self.kept.push(*record);
            }
            self.outputs.push_back(output);
        }
    }
}

fn milenage(first: u8) -> Milenage {
    Milenage::new(Key::from([first; 16]), Opc::from([first + 1; 16]))
}

fn settings() -> CardConfig {
    let preloaded = vec![(3, Algorithm::from(milenage(0x33)))];
    CardConfig { preloaded, ..config(OtaConfig::new(keys(1), Counter::ZERO)) }
}

/// A card whose applet has heard of the reset and of the terminal.
fn card_of(config: CardConfig, features: &[u8]) -> Card {
    let program = Program::Scripted(Box::default());
    let mut card = Card::with_program(config, Some(program));
    card.power_on().unwrap();
    let len = u8::try_from(features.len()).unwrap();
    let profile = [&[0x80, 0x10, 0, 0, len], features].concat();
    assert_eq!(exchange(&mut card, &profile), [0x90, 0x00]);
    let heard = std::mem::take(&mut applet(&mut card).heard);
    assert!(matches!(heard[..], [AppletInput::Reset, AppletInput::Profile(_)]), "{heard:?}");
    card
}

fn card() -> Card {
    card_of(settings(), &ALL)
}

fn applet(card: &mut Card) -> &mut Scripted {
    let host = card.rare.as_mut().unwrap().host.as_mut().unwrap();
    let Some(Program::Scripted(scripted)) = host.program.as_mut() else { panic!() };
    scripted
}

fn then(card: &mut Card, reactions: impl IntoIterator<Item = Vec<Did>>) {
    applet(card).script = reactions.into_iter().collect();
}

fn command(octets: &str) -> Did {
    Out::Do(AppletOutput::Command(Box::new(command_of(octets))))
}

const IMEI: &str = "D009810301260182028182";
const REFRESH: &str = "D009810301010482028182";

fn record(value: u8) -> Did {
    Out::Record(Record::Scripted(value))
}

fn write(path: &[u16], place: Place, data: &str) -> FileWrite {
    FileWrite { path: path.to_vec(), place, data: hex(data) }
}

fn commit(files: Vec<FileWrite>, key: Option<KeyChoice>) -> Did {
    Out::Do(AppletOutput::Commit(Transaction { files, key }))
}

const NEW_IMSI: &str = "080910103254769810";

fn new_subscription(key: KeyChoice) -> Did {
    let files = vec![
        write(&[0x7FFF, 0x6F07], Place::Offset(0), NEW_IMSI),
        write(&[0x3F00, 0x7FF0, 0x6F78], Place::Offset(0), "0002"),
        write(&[0x7FFF, 0x6F40], Place::Record(1), "41"),
        // There is no such file.
        write(&[0x7FFF, 0x4F99], Place::Offset(0), "00"),
    ];
    commit(files, Some(key))
}

fn status() -> Vec<u8> {
    hex("80F2000C")
}

/// Whether the card answers a vector made with these keys.
fn authenticates(card: &mut Card, auc: &mut Subscriber) -> bool {
    exchange(card, &hex("00A4040C07A0000000871002"));
    let vector = auc.next_vector(Rand::from([7; 16])).unwrap();
    let (rand, autn) = (vector.rand.as_bytes(), vector.autn.as_bytes());
    let apdu = [&hex("0088008122")[..], &[0x10], rand, &[0x10], autn].concat();
    match exchange(card, &apdu)[..] {
        [0xDB, ..] => true,
        [0x98, 0x62] | [0x69, 0x85] => false,
        ref other => panic!("{other:02X?}"),
    }
}

fn subscriber(keys: Milenage) -> Subscriber {
    Subscriber::new(keys.into(), Amf::EPS)
}

#[test]
fn commands_of_the_applet_are_offered_and_their_answers_are_its_own() {
    let mut card = card();
    then(&mut card, [vec![command(IMEI)], vec![command(REFRESH)]]);
    assert_eq!(exchange(&mut card, &status()), [0x91, 0x0B]);
    // One of somebody else is not its own.
    card.push_proactive(command_of("D00D8103010300820281828402011E")).unwrap();
    assert_eq!(fetch(&mut card), Some(command_of(IMEI)));
    assert!(matches!(fetch(&mut card), Some(Command::PollInterval(_))));
    assert_eq!(fetch(&mut card), Some(command_of(REFRESH)));
    assert_eq!(fetch(&mut card), None);
    let heard = &applet(&mut card).heard;
    let [AppletInput::Polled, AppletInput::Response(first), AppletInput::Response(_)] = &heard[..]
    else {
        panic!("{heard:?}")
    };
    assert_eq!((first.details.command_type, first.details.number), (0x26, 1));
}

#[test]
fn what_the_terminal_cannot_do_the_applet_is_told_at_once() {
    let mut card = card_of(settings(), &features(&[polysim_cat::Feature::Refresh]));
    then(&mut card, [vec![command(IMEI)], vec![command(REFRESH)]]);
    assert_eq!(exchange(&mut card, &status()), [0x91, 0x0B]);
    assert_eq!(applet(&mut card).heard, [AppletInput::Polled, AppletInput::NotAllowed]);
    assert_eq!(fetch(&mut card), Some(command_of(REFRESH)));
}

#[test]
fn a_packet_for_its_tar_is_its_own_to_prove() {
    let (mut card, mut server) = (card(), server());
    let done = AppletOutput::Prove { status: StatusCode::Ok, data: vec![0xAB] };
    then(&mut card, [vec![record(1), Out::Do(done), command(REFRESH)]]);
    let sealed = server.seal(Scripted::TAR, Spi::FULL, b"bound").unwrap();
    let answer = download(&mut card, &sealed.packet);
    assert_eq!(answer[answer.len() - 2..], [0x91, 0x0B], "the answer, then its command");
    assert_eq!(proof(&sealed.expected, &answer), (StatusCode::Ok, vec![0xAB]));
    let secured = AppletInput::Secured { counter: counter(1), data: b"bound".to_vec().into() };
    assert_eq!(applet(&mut card).heard, [secured]);
    // A replay does not reach it, nor does what is too weak; without an answer there is no proof.
    let again = download(&mut card, &sealed.packet);
    assert_eq!(proof(&sealed.expected, &again).0, StatusCode::CounterLow);
    let sealed = server.seal(Scripted::TAR, Spi::default(), b"bound").unwrap();
    assert_eq!(download(&mut card, &sealed.packet), [0x62, 0x00]);
    assert_eq!(applet(&mut card).heard.len(), 1);
    fetch(&mut card);
    let sealed = server.seal(Scripted::TAR, Spi::FULL, b"bound").unwrap();
    assert_eq!(download(&mut card, &sealed.packet), [0x90, 0x00]);
}

#[test]
fn packets_that_it_receives_itself_are_proven_to_it() {
    let (mut card, mut server) = (card(), server());
    let files = server.seal(Tar::USIM_FILES, Spi::FULL, &script(&WRITE_IMSI)).unwrap();
    let own = server.seal(Scripted::TAR, Spi::FULL, b"own").unwrap();
    let prove = AppletOutput::Prove { status: StatusCode::Ok, data: vec![7] };
    let give = |packet: &[u8]| Out::Do(AppletOutput::Packet(packet.to_vec()));
    then(
        &mut card,
        [
            vec![give(&files.packet), give(&own.packet), give(&own.packet), give(&[1, 2])],
            Vec::new(),
            Vec::new(),
            vec![Out::Do(prove)],
        ],
    );
    assert_eq!(exchange(&mut card, &status()), [0x90, 0x00]);
    assert_eq!(imsi(&card), hex(NEW_IMSI));
    let heard = std::mem::take(&mut applet(&mut card).heard);
    let mut proofs = Vec::new();
    for input in &heard {
        if let AppletInput::Proof(packet) = input {
            proofs.push(packet.clone());
        }
    }
    let written = vec![write(&[0x7FFF, 0x6F07], Place::Offset(0), NEW_IMSI)];
    assert_eq!(heard[1], AppletInput::FilesUpdated { counter: counter(1), files: written });
    let [Some(of_files), Some(replayed), None, Some(of_own)] = &proofs[..] else {
        panic!("{heard:?}")
    };
    for (expected, packet, status) in [
        (&files.expected, of_files, StatusCode::Ok),
        (&own.expected, replayed, StatusCode::CounterLow),
        (&own.expected, of_own, StatusCode::Ok),
    ] {
        let polysim_ota::Answer::Proof(found) = expected.judge(packet).unwrap() else { panic!() };
        assert_eq!(found.status, status);
    }
}

#[test]
fn files_changed_over_the_air_are_told_once_after_the_script() {
    let (mut card, mut server) = (card(), server());
    let number = format!("00DC0204{:02X}{}", 34, "42".repeat(34));
    let adn = ["00A4080C047F106F3A", &number, &number];
    run(&mut card, &mut server, Tar::UICC_FILES, &["00A4000C022F05", "00D60000026465"]);
    run(&mut card, &mut server, Tar::USIM_FILES, &[WRITE_IMSI[0], "00D600000108", WRITE_IMSI[1]]);
    run(&mut card, &mut server, Tar::UICC_FILES, &adn);
    run(&mut card, &mut server, Tar::UICC_FILES, &["00A4000C022F05", "00B0000002"]);
    let updated =
        |value, file| AppletInput::FilesUpdated { counter: counter(value), files: vec![file] };
    let languages = card.read_file(&[0x2F05]).unwrap();
    let languages: String = languages.iter().map(|octet| format!("{octet:02X}")).collect();
    let expected = [
        updated(1, write(&[0x2F05], Place::Offset(0), &languages)),
        updated(2, write(&[0x7FFF, 0x6F07], Place::Offset(0), NEW_IMSI)),
        updated(3, write(&[0x7F10, 0x6F3A], Place::Record(2), &"42".repeat(34))),
    ];
    assert_eq!(applet(&mut card).heard, expected);
}

#[test]
fn what_was_changed_before_the_power_went_is_told_after_the_reset_before_the_terminal_reads() {
    for steps in 0..=4 {
        let (mut card, mut server) = (card(), server());
        // It keeps a record when it is told.
        then(&mut card, [vec![record(1)]]);
        let commands = [WRITE_IMSI[0], WRITE_IMSI[1], "00A4000C026F78", "00D60000020002"];
        let sealed = server.seal(Tar::USIM_FILES, Spi::FULL, &script(&commands)).unwrap();
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        assert!(download(&mut card, &sealed.packet).is_empty());
        card.power_on().unwrap();
        applet(&mut card).heard.clear();
        then(
            &mut card,
            [vec![], vec![commit(vec![write(&[0x2F05], Place::Offset(0), "6672")], None)]],
        );
        exchange(&mut card, &hex("00A4000C022F05"));
        let read = exchange(&mut card, &hex("00B0000002"));
        let heard = std::mem::take(&mut applet(&mut card).heard);
        let imsi = || write(&[0x7FFF, 0x6F07], Place::Offset(0), NEW_IMSI);
        let class = || write(&[0x7FFF, 0x6F78], Place::Offset(0), "0002");
        let files = match steps {
            // Before the first write, and after the applet has kept that it knows.
            0 | 1 => vec![],
            2 => vec![imsi()],
            _ => vec![imsi(), class()],
        };
        assert_eq!(read == hex("66729000"), !files.is_empty(), "{steps}: {read:02X?}");
        if files.is_empty() {
            assert_eq!(heard, [AppletInput::Reset]);
            continue;
        }
        let told = AppletInput::FilesUpdated { counter: counter(1), files };
        assert_eq!(heard, [AppletInput::Reset, told, AppletInput::Committed], "{steps}");
        card.power_on().unwrap();
        exchange(&mut card, &status());
        assert_eq!(applet(&mut card).heard, [AppletInput::Reset, AppletInput::Polled]);
    }
}

#[test]
fn a_transaction_writes_past_access_rules_and_chooses_the_key() {
    let mut card = card();
    // The first are those of the test card.
    let mut first = subscriber(Milenage::new(Key::from([0x11; 16]), Opc::from([0x22; 16])));
    let mut third = subscriber(milenage(0x33));
    assert_eq!(card.key_set(), Some(SubscriptionKeySet::Preloaded(0)));
    assert!(authenticates(&mut card, &mut first) && !authenticates(&mut card, &mut third));
    then(&mut card, [vec![new_subscription(KeyChoice::Preloaded(KeyIndex(3)))]]);
    assert_eq!(exchange(&mut card, &status()), [0x90, 0x00]);
    assert_eq!(imsi(&card), hex(NEW_IMSI));
    assert_eq!(card.read_file(&[0x7FF0, 0x6F78]).unwrap(), [0x00, 0x02]);
    assert_eq!(card.read_record(&[0x7FF0, 0x6F40], 1).unwrap()[0], 0x41);
    card.power_on().unwrap();
    assert_eq!(card.key_set(), Some(SubscriptionKeySet::Preloaded(3)));
    assert!(!authenticates(&mut card, &mut first) && authenticates(&mut card, &mut third));
    // Its own, then back: each set goes on with its sequence numbers.
    let mut own = subscriber(milenage(0x55));
    let carried = || KeyChoice::Carried(SubscriptionKey::Milenage(milenage(0x55)));
    then(&mut card, [vec![new_subscription(carried())]]);
    exchange(&mut card, &status());
    assert_eq!(card.key_set(), Some(SubscriptionKeySet::Carried));
    assert!(authenticates(&mut card, &mut own) && !authenticates(&mut card, &mut third));
    let accepted = card.sequence().unwrap().clone();
    for key in [KeyChoice::Preloaded(KeyIndex(0)), carried()] {
        then(&mut card, [vec![new_subscription(key)]]);
        exchange(&mut card, &status());
    }
    assert_eq!(card.sequence(), Some(&accepted));
}

#[test]
fn a_transaction_that_cannot_be_whole_does_nothing() {
    let mut card = card();
    let before = imsi(&card);
    let good = || write(&[0x7FFF, 0x6F07], Place::Offset(0), NEW_IMSI);
    for (bad, key) in [
        (Some(write(&[0x7FFF, 0x6F78], Place::Offset(1), "0000")), None),
        (Some(write(&[0x7FFF, 0x6F78], Place::Record(1), "00")), None),
        (Some(write(&[0x7FFF, 0x6F40], Place::Record(0), "00")), None),
        (None, Some(KeyChoice::Preloaded(KeyIndex(9)))),
    ] {
        let files = [Some(good()), bad].into_iter().flatten().collect();
        then(&mut card, [vec![commit(files, key)]]);
        exchange(&mut card, &status());
        assert_eq!(applet(&mut card).heard.pop(), Some(AppletInput::TransactionFailed));
    }
    card.inject(CardFault::RefuseWrites(Status::MemoryProblem), FaultSpan::UntilHealed);
    then(&mut card, [vec![commit(vec![good()], None)]]);
    exchange(&mut card, &status());
    assert_eq!(applet(&mut card).heard.pop(), Some(AppletInput::TransactionFailed));
    assert_eq!((imsi(&card), card.key_set()), (before, Some(SubscriptionKeySet::Preloaded(0))));
}

#[test]
fn power_lost_at_any_step_leaves_whole_transactions_and_records_in_order() {
    let old = imsi(&card());
    for steps in 0..=5 {
        let (mut card, mut server) = (card(), server());
        let done = AppletOutput::Prove { status: StatusCode::Ok, data: Vec::new() };
        let reaction = vec![
            record(1),
            new_subscription(KeyChoice::Preloaded(KeyIndex(3))),
            record(2),
            Out::Do(done),
            command(REFRESH),
            record(3),
        ];
        then(&mut card, [reaction]);
        let sealed = server.seal(Scripted::TAR, Spi::FULL, b"write").unwrap();
        card.inject(CardFault::PowerLossAfter { steps }, FaultSpan::Commands(1));
        assert!(download(&mut card, &sealed.packet).is_empty(), "{steps}");
        card.power_on().unwrap();
        // The counter, a record, the transaction, two records.
        let kept: &[u8] = match steps {
            0 | 1 => &[],
            2 | 3 => &[1],
            4 => &[1, 2],
            _ => &[1, 2, 3],
        };
        assert_eq!(applet(&mut card).kept, kept, "{steps}");
        let written = steps >= 3;
        assert_eq!(imsi(&card), if written { hex(NEW_IMSI) } else { old.clone() }, "{steps}");
        let set = if written { 3 } else { 0 };
        assert_eq!(card.key_set(), Some(SubscriptionKeySet::Preloaded(set)), "{steps}");
        assert_eq!(card.counter(version(1)), Some(counter(u64::from(steps > 0))));
        assert_eq!(fetch(&mut card), None, "what was asked of the terminal is forgotten");
    }
}

#[test]
fn it_is_selected_by_its_name_on_a_channel_of_its_own() {
    let mut card = card();
    assert_eq!(exchange(&mut card, &hex("0070000001")), [0x01, 0x90, 0x00]);
    assert_eq!(exchange(&mut card, &hex("01A4040C03F0706F")), [0x90, 0x00]);
    assert_eq!(exchange(&mut card, &hex("01A4040008F0706F6C7973696D00"))[..4], hex("6F0A8408"));
    assert_eq!(exchange(&mut card, &hex("01A4040C03F0706E")), [0x6A, 0x82]);
    let answer = |octets: &str| vec![Out::Do(AppletOutput::Answer(hex(octets)))];
    then(&mut card, [answer("0102039000"), answer("6A88"), vec![command(IMEI)], Vec::new()]);
    assert_eq!(exchange(&mut card, &hex("81CADF2000")), hex("0102039000"));
    assert_eq!(exchange(&mut card, &hex("81E2800002AABB")), [0x6A, 0x88]);
    assert_eq!(exchange(&mut card, &hex("81CADF2100")), [0x6F, 0x00], "it gave none");
    assert_eq!(exchange(&mut card, &hex("01B0000000")), [0x6F, 0x00]);
    let heard = std::mem::take(&mut applet(&mut card).heard);
    assert_eq!(heard[1], AppletInput::Apdu(hex("81E2800002AABB")));
    assert_eq!(heard.len(), 4);
    // Other channels have nothing to do with it, nor has this one once something else is selected.
    assert_eq!(exchange(&mut card, &hex("80CADF2000")), [0x6D, 0x00]);
    exchange(&mut card, &hex("01A4040C07A0000000871002"));
    assert_eq!(exchange(&mut card, &hex("81CADF2000")), [0x6D, 0x00]);
    exchange(&mut card, &hex("01A4040C03F0706F"));
    exchange(&mut card, &hex("00708001"));
    exchange(&mut card, &hex("0070000001"));
    assert_eq!(exchange(&mut card, &hex("81CADF2000")), [0x6D, 0x00]);
    assert_eq!(applet(&mut card).heard, []);
}

#[test]
fn debug_shows_no_key_of_a_managed_card() {
    let text = format!("{:?} {:?}", issuance::card(), settings());
    for key in ["17, 17, 17", "97, 97, 97", "1111111111", "6161616161", "51, 51, 51", "333333"] {
        assert!(!text.to_uppercase().contains(key), "{key} in {text}");
    }
}

#[test]
fn a_blank_card_has_no_subscription_until_its_applet_brings_one() {
    let full = settings();
    let config = CardConfig {
        ota: full.ota,
        preloaded: full.preloaded,
        ..CardConfig::blank(full.profile, full.iccid, full.stream)
    };
    let mut card = card_of(config, &ALL);
    assert_eq!((card.imsi(), card.key_set()), (None, None));
    assert_eq!(imsi(&card), [0xFF; 9]);
    let mut third = subscriber(milenage(0x33));
    assert!(!authenticates(&mut card, &mut third));
    then(&mut card, [vec![new_subscription(KeyChoice::Preloaded(KeyIndex(3)))]]);
    exchange(&mut card, &status());
    assert_eq!(card.imsi().unwrap().to_string(), "001012345678901");
    assert!(authenticates(&mut card, &mut third));
}

#[test]
fn an_applet_that_keeps_itself_busy_does_not_keep_the_card_from_answering() {
    let mut card = card();
    let bad = || vec![commit(Vec::new(), Some(KeyChoice::Preloaded(KeyIndex(9))))];
    then(&mut card, (0..1_000).map(|_| bad()));
    assert_eq!(exchange(&mut card, &status()), [0x90, 0x00]);
    assert_eq!(applet(&mut card).heard.len(), super::INPUTS_MAX);
}

#[test]
fn a_full_queue_is_no_reason_to_refuse_the_applet() {
    let mut card = card();
    for _ in 0..crate::PROACTIVE_QUEUE_MAX + 1 {
        card.push_proactive(command_of("D00D8103010300820281828402011E")).unwrap();
        exchange(&mut card, &hex("80F2010C"));
    }
    assert!(card.push_proactive(command_of(IMEI)).is_err());
    applet(&mut card).heard.clear();
    then(&mut card, [vec![command(REFRESH)]]);
    exchange(&mut card, &status());
    assert_eq!(applet(&mut card).heard, [AppletInput::Polled]);
    while let Some(sent) = fetch(&mut card) {
        let over = sent == command_of(REFRESH);
        assert!(over || matches!(sent, Command::PollInterval(_)));
    }
    assert!(matches!(applet(&mut card).heard[..], [AppletInput::Polled, AppletInput::Response(_)]));
}
