//! Cards in the virtual readers of a card service: pyscard takes them for cards.

mod esim;
mod issuing;
mod service;

#[cfg(feature = "pcsc")]
use crate::program::Ran;
use crate::program::{Background, DEADLINE, run, skip};
use crate::world::{NORTH, World, phone};
use serde_json::{Value, json};
use service::{READERS, Service, reader};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("pcsc/card.py");
const SELECT_ICCID: &str = "00A4000C022FE2";
const READ_ICCID: &str = "00B000000A";
/// The beginning of the AID of every USIM.
const SELECT_USIM: &str = "00A4040C07A0000000871002";
const SELECT_IMSI: &str = "00A4000C026F07";
const READ_IMSI: &str = "00B0000009";
/// The service looks for cards every 400 ms, and pyscard asks it once a second.
const SEEN_WITHIN: Duration = Duration::from_secs(10);

/// pyscard, in a Python that has it.
struct Pyscard(PathBuf);

impl Pyscard {
    /// `None`, and a word about it, where there is none.
    fn find() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        // A Python of the user's own may hide the one that has Debian's packages.
        let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]);
        let mut pythons = folders.map(|folder| folder.join("python3"));
        let has_it = |python: &PathBuf| {
            let import = Command::new(python).args(["-c", "import smartcard"]).output();
            import.is_ok_and(|import| import.status.success())
        };
        let found = pythons.find(has_it);
        if found.is_none() {
            skip("no python3 has pyscard (apt-get install python3-pyscard)");
        }
        found.map(Self)
    }

    fn command(&self, arguments: &[String]) -> Command {
        let mut command = Command::new(&self.0);
        command.args(["-c", SCRIPT]).args(arguments);
        command
    }

    /// Sends commands to the card in a reader; returns the answers, fetched as a whole.
    fn answers(&self, reader: &str, commands: &[&str]) -> Vec<String> {
        self.each("send", reader, commands)
    }

    /// Sends commands to the card in a reader; returns the answers as they came.
    fn exchanged(&self, reader: &str, commands: &[&str]) -> Vec<String> {
        self.each("exchange", reader, commands)
    }

    fn each(&self, verb: &str, reader: &str, commands: &[&str]) -> Vec<String> {
        let connect = format!("connect {reader}");
        let sent = commands.iter().map(|command| format!("{verb} {command}"));
        let arguments: Vec<_> = [connect].into_iter().chain(sent).collect();
        let output = run(&mut self.command(&arguments), "", DEADLINE).ok();
        let lines: Vec<Value> =
            output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines[0]["atr"].as_str().unwrap().starts_with("3B"), "{output}");
        let answer = |line: &Value| {
            line["answer"].as_str().unwrap_or_else(|| panic!("{arguments:?}: {output}")).to_owned()
        };
        lines[1..].iter().map(answer).collect()
    }

    /// Begins something that goes on beside the test.
    fn begin(&self, arguments: &[String], folder: &Path) -> Begun {
        let (process, output) = Background::piped("pyscard", &mut self.command(arguments), folder);
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody may be interested any more.
                sender.send(serde_json::from_str(&line).unwrap()).unwrap_or_default();
            }
        });
        Begun { lines, _process: process }
    }
}

/// pyscard at work; it ends when this is dropped.
struct Begun {
    lines: mpsc::Receiver<Value>,
    _process: Background,
}

impl Begun {
    /// Waits for what it says next.
    fn says(&self) -> Value {
        self.lines.recv_timeout(SEEN_WITHIN).unwrap()
    }
}

/// Exposes the cards of `count` phones, `p1` and so on.
fn world(service: &Service, name: &str, count: u16) -> World {
    let file = [NORTH, &phone(&format!("p{{1..{count}}}"), "")].concat();
    let address = service.address();
    let world = World::start(name, &file, &["--card", "all", "--vpcd", &address]);
    for number in 1..=count {
        until_in_reader(&world, &format!("p{number}"), true);
    }
    world
}

/// Waits until the command has said last that a card is in its reader, or that it is not.
fn until_in_reader(world: &World, phone: &str, there: bool) {
    world.until(&format!("{phone}: {there}"), || {
        world.card(phone).last().is_some_and(|line| line["connected"] == there)
    });
}

/// Returns what the command has printed of a card at first: `iccid`, `imsi`.
fn printed(world: &World, phone: &str, key: &str) -> String {
    world.card(phone)[0][key].as_str().unwrap().to_owned()
}

/// Returns the digits of an answer, low ones first in each octet (TS 102.221, 13.2), without what
/// fills it up.
fn digits(answer: &str) -> String {
    let octets = answer.strip_suffix("9000").unwrap().as_bytes();
    let swapped: Vec<_> = octets.chunks(2).flat_map(|octet| [octet[1], octet[0]]).collect();
    String::from_utf8(swapped).unwrap().trim_end_matches('F').to_owned()
}

fn hex(value: &Value) -> String {
    value.as_str().unwrap().to_uppercase()
}

fn authenticate(rand: &str, autn: &str) -> String {
    format!("008800812210{rand}10{autn}")
}

/// Reads a card again and again, and compares it with what was printed of it.
fn read_and_compare(pyscard: &Pyscard, world: &World, number: u16, times: usize) {
    let answers = pyscard.answers(&reader(number), &[SELECT_ICCID, READ_ICCID].repeat(times));
    let phone = format!("p{}", number + 1);
    for pair in answers.chunks(2) {
        assert_eq!(pair[0], "9000");
        assert_eq!(digits(&pair[1]), printed(world, &phone, "iccid"));
    }
}

#[test]
fn pyscard_reads_a_card_and_authenticates_with_it() {
    let Some(pyscard) = Pyscard::find() else { return };
    let Some(service) = Service::start("pcscd-read") else { return };
    let world = world(&service, "card-read", 3);
    let reader = reader(2);
    let commands = [SELECT_ICCID, READ_ICCID, SELECT_USIM, SELECT_IMSI, READ_IMSI];
    let answers = pyscard.answers(&reader, &commands);
    assert_eq!([&*answers[0], &answers[2], &answers[3]], ["9000"; 3]);
    assert_eq!(digits(&answers[1]), printed(&world, "p3", "iccid"));
    let imsi = answers[4].strip_prefix("08").unwrap();
    assert_eq!(digits(imsi)[1..], printed(&world, "p3", "imsi"));

    let challenge = world.tell(&json!({ "challenge": "p3" }));
    let (rand, autn) = (hex(&challenge["rand"]), hex(&challenge["autn"]));
    let flipped = if autn.ends_with('0') { '1' } else { '0' };
    let wrong = format!("{}{flipped}", &autn[..31]);
    let commands = [SELECT_USIM, &authenticate(&rand, &wrong), &authenticate(&rand, &autn)];
    let again = authenticate(&rand, &autn);
    let answers = pyscard.answers(&reader, &[&commands[..], &[&again]].concat());
    assert_eq!(answers[1], "9862", "the MAC is wrong");
    let (res, ck, ik) = (hex(&challenge["res"]), hex(&challenge["ck"]), hex(&challenge["ik"]));
    let expected = format!("DB{:02X}{res}10{ck}10{ik}", res.len() / 2);
    assert!(answers[2].starts_with(&expected), "{} is not {expected}…", answers[2]);
    assert!(answers[2].ends_with("9000"), "{}", answers[2]);
    assert!(answers[3].starts_with("DC0E"), "a challenge is good for once: {}", answers[3]);
    assert_eq!(answers[3].len(), 2 * (2 + 14 + 2));
}

#[test]
fn pyscard_reads_sixteen_cards_at_the_same_time() {
    let Some(pyscard) = Pyscard::find() else { return };
    let Some(service) = Service::start("pcscd-sixteen") else { return };
    let world = world(&service, "card-sixteen", READERS);
    let mut numbers: Vec<_> =
        (1..=READERS).map(|number| printed(&world, &format!("p{number}"), "iccid")).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), usize::from(READERS), "{numbers:?}");
    std::thread::scope(|scope| {
        for number in 0..READERS {
            let (pyscard, world) = (&pyscard, &world);
            scope.spawn(move || read_and_compare(pyscard, world, number, 100));
        }
    });
}

#[test]
fn pyscard_sees_a_card_pulled_and_put_back() {
    let Some(pyscard) = Pyscard::find() else { return };
    let Some(service) = Service::start("pcscd-pull") else { return };
    let world = world(&service, "card-pull", 1);
    let watch = pyscard.begin(&[format!("watch {}", reader(0))], world.folder());
    assert_eq!(watch.says(), json!({ "there": true }));
    for _ in 0..2 {
        world.tell(&json!({ "pull": "p1" }));
        until_in_reader(&world, "p1", false);
        assert_eq!(watch.says(), json!({ "there": false }));
        world.tell(&json!({ "insert": "p1" }));
        until_in_reader(&world, "p1", true);
        assert_eq!(watch.says(), json!({ "there": true }));
    }
    drop(watch);
    read_and_compare(&pyscard, &world, 0, 1);
}

#[test]
fn a_card_that_is_pulled_at_work_is_an_error_and_not_a_hang() {
    let Some(pyscard) = Pyscard::find() else { return };
    let Some(service) = Service::start("pcscd-at-work") else { return };
    let world = world(&service, "card-at-work", 1);
    for _ in 0..3 {
        let arguments = [format!("connect {}", reader(0)), format!("pound {SELECT_ICCID}")];
        let work = pyscard.begin(&arguments, world.folder());
        assert!(work.says()["atr"].is_string());
        assert_eq!(work.says(), json!({ "pounding": "9000" }));
        world.tell(&json!({ "pull": "p1" }));
        let pulled = Instant::now();
        let error = work.says();
        assert_eq!(error["error"], "CardConnectionException", "{error}");
        assert!(pulled.elapsed() < Duration::from_secs(2), "after {:?}", pulled.elapsed());
        until_in_reader(&world, "p1", false);
        world.tell(&json!({ "insert": "p1" }));
        until_in_reader(&world, "p1", true);
    }
    read_and_compare(&pyscard, &world, 0, 1);
}

#[test]
fn a_card_service_that_is_started_again_finds_the_cards_again() {
    let Some(pyscard) = Pyscard::find() else { return };
    let Some(mut service) = Service::start("pcscd-again") else { return };
    let world = world(&service, "card-again", 2);
    read_and_compare(&pyscard, &world, 1, 1);
    for _ in 0..2 {
        service.stop();
        ["p1", "p2"].iter().for_each(|phone| until_in_reader(&world, phone, false));
        service.go();
        ["p1", "p2"].iter().for_each(|phone| until_in_reader(&world, phone, true));
        read_and_compare(&pyscard, &world, 1, 1);
    }
    let said = world.card("p2").into_iter().skip(1).map(|line| line["connected"] == true);
    assert_eq!(said.collect::<Vec<_>>(), [true, false, true, false, true], "each told once");
}

#[test]
fn a_card_without_a_card_service_says_so_and_ends_well() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let file = [NORTH, &phone("p1", "")].concat();
    let arguments = ["--card", "p1", "--vpcd", &closed.to_string()];
    let world = World::start("card-alone", &file, &arguments);
    until_in_reader(&world, "p1", false);
    assert_eq!(world.card("p1").len(), 2, "it is told once");
}

/// Runs `polysim card` on the first reader.
#[cfg(feature = "pcsc")]
fn polysim_card(arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_polysim"));
    run(command.arg("card").args(arguments), "", DEADLINE)
}

#[cfg(feature = "pcsc")]
#[test]
fn polysim_reads_its_own_card() {
    let Some(service) = Service::start("pcscd-polysim") else { return };
    let world = world(&service, "card-polysim", 1);
    let name = reader(0);
    let listed = polysim_card(&["list"]).ok();
    assert!(listed.contains(&name), "{listed}");
    let info = polysim_card(&[&name, "info"]).ok();
    for key in ["iccid", "imsi"] {
        assert!(info.contains(&printed(&world, "p1", key)), "{key} is not in {info}");
    }
    let read = polysim_card(&[&name, "read", "3F00/2FE2"]).ok();
    assert!(read.contains(&printed(&world, "p1", "iccid")), "{read}");
    let answers = polysim_card(&[&name, "apdu", SELECT_ICCID, READ_ICCID]).ok();
    assert!(answers.contains("9000"), "{answers}");
    let refused = polysim_card(&[&name, "apdu", "00A4000C021234"]);
    assert!(!refused.status.success() && refused.output.contains("6A82"), "{}", refused.output);
    let nowhere = polysim_card(&["no such reader", "info"]);
    assert!(!nowhere.status.success(), "{}", nowhere.output);
}
