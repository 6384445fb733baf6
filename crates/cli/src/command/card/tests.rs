//! Orders against the simulated test card, over a simulated reader.

use super::{Order, Report, readers};
use crate::args::{Cli, Command};
use crate::command::hardware::is_refusal;
use crate::exit::Exit;
use anyhow::Result;
use clap::Parser as _;
use polysim::{Card, CardFault};
use polysim_card::testkit::card;
use polysim_card::{PinConfig, PinSetup};
use polysim_hal::{CardReader as _, ReaderStatus};
use polysim_hal_sim::{SimulatedReader, Slot};
use std::io::Write as _;
use std::path::PathBuf;

const READER: &str = "simulated";

/// A reader with the test card; each order connects anew, as each command does.
struct Bench {
    readers: SimulatedReader,
}

impl Bench {
    fn new(pins: PinConfig) -> Self {
        let slot = Slot::holding(card(pins));
        Self { readers: SimulatedReader::new([(READER.to_owned(), slot)]) }
    }

    fn open() -> Self {
        Self::new(PinConfig::default())
    }

    /// With PIN 1 `4711` enabled.
    fn locked() -> Self {
        Self::new(PinConfig::default().with_pin1("4711", "12345678").unwrap())
    }

    fn carry_out(&mut self, words: &[&str]) -> Result<Report> {
        let line = ["polysim", "card", READER].iter().chain(words);
        let Command::Card(args) = Cli::try_parse_from(line)?.command else {
            panic!("another command");
        };
        let order = Order::of(&args)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut card = Card::new(self.readers.connect(READER).await?);
            order.carry_out(&mut card, READER).await
        })
    }

    fn text(&mut self, words: &[&str]) -> String {
        self.carry_out(words).unwrap().text
    }

    fn refusal(&mut self, words: &[&str]) -> anyhow::Error {
        match self.carry_out(words) {
            Ok(report) => panic!("{words:?} gave {}", report.text),
            Err(error) => error,
        }
    }
}

/// A file with a PIN that is deleted in the end.
struct PinFile(PathBuf);

impl PinFile {
    fn new(name: &str, pin: &str) -> Self {
        let path = std::env::temp_dir().join(format!("polysim-pin-{name}-{}", std::process::id()));
        std::fs::File::create(&path).unwrap().write_all(pin.as_bytes()).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for PinFile {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

#[test]
fn info_says_who_the_card_is() {
    let report = Bench::open().carry_out(&["info"]).unwrap();
    for line in [
        "ICCID          8944000000000000003\n",
        "IMSI           001010000000123\n",
        "home network   00101\n",
        "provider       Polynet\n",
        "number         +447700900123\n",
        "PIN1           disabled, 3 tries left\n",
        "PIN2           enabled, 3 tries left\n",
    ] {
        assert!(report.text.contains(line), "{line:?} is missing in\n{}", report.text);
    }
    assert!(report.text.contains("interface      T=0, "), "{}", report.text);
    assert!(report.text.contains("EPS mobility"), "{}", report.text);
    assert_eq!(report.json["imsi"], "001010000000123");
    assert_eq!(report.json["pins"][1]["tries_left"], 3);
    assert_eq!(report.json["missing"], serde_json::json!({}));
}

#[test]
fn info_says_what_needs_the_pin_and_shows_it_with_one() {
    let mut bench = Bench::locked();
    let report = bench.carry_out(&["info"]).unwrap();
    assert!(report.text.contains("IMSI           (needs the PIN: --ask-pin)\n"), "{}", report.text);
    assert!(report.text.contains("PIN1           enabled, 3 tries left\n"), "{}", report.text);
    assert_eq!(report.json["imsi"], serde_json::Value::Null);
    let pin = PinFile::new("info", "4711\n");
    let text = bench.text(&["info", "--pin-file", pin.path()]);
    assert!(text.contains("IMSI           001010000000123\n"), "{text}");
}

#[test]
fn files_are_read_by_path_and_by_name() {
    let mut bench = Bench::open();
    let by_path = bench.text(&["read", "3F00/2FE2"]);
    assert_eq!(
        by_path,
        "3F00/2FE2 EF.ICCID: transparent, 10 bytes\n984400000000000000F3\n8944000000000000003\n"
    );
    assert_eq!(by_path, bench.text(&["read", "iccid"]));
    let records = bench.text(&["read", "EF.MSISDN"]);
    assert!(records.contains("linear, 2 records of 34 bytes\n  1: "), "{records}");
    assert!(records.contains("\n     +447700900123\n  2: ") && records.ends_with("(empty)\n"));
    let one = bench.carry_out(&["read", "EF.MSISDN", "--record", "1"]).unwrap();
    assert_eq!(one.json["contents"].as_array().unwrap().len(), 1);
    assert_eq!(one.json["contents"][0]["decoded"], "+447700900123");
    assert!(bench.text(&["read", "usim/5GS/EF.Routing_Indicator"]).contains("4F0A"));
}

#[test]
fn keys_are_shown_only_on_request() {
    let mut bench = Bench::open();
    let hidden = bench.carry_out(&["read", "EF.Keys"]).unwrap();
    assert!(hidden.text.ends_with("(keys; --reveal shows them)\n"), "{}", hidden.text);
    assert!(!hidden.json.to_string().contains("07FF"), "{}", hidden.json);
    assert!(bench.text(&["read", "EF.Keys", "--reveal"]).contains("07FFFFFF"));
}

#[test]
fn what_the_card_has_not_is_its_refusal_and_what_is_no_file_is_a_mistake() {
    let mut bench = Bench::open();
    let missing = bench.refusal(&["read", "usim/6FFF"]);
    assert!(is_refusal(&missing), "{missing:#}");
    assert!(missing.to_string().contains("6A82"), "{missing:#}");
    for wrong in [
        ["read", "nonsense"].as_slice(),
        &["read", "usim"],
        &["read", "EF.IMSI", "--record", "1"],
        &["update", "EF.SMSS", "0"],
        &["update", "EF.SMSS", "000102"],
        &["update", "EF.MSISDN", "00"],
        &["update", "EF.MSISDN", "00", "--record", "1"],
        &["apdu", "00A4"],
    ] {
        let error = bench.refusal(wrong);
        assert!(!is_refusal(&error), "{wrong:?}: {error:#}");
    }
}

#[test]
fn an_update_is_read_back() {
    let mut bench = Bench::open();
    bench.text(&["update", "EF.SMSS", "2A 00"]);
    assert!(
        bench.text(&["read", "EF.SMSS"]).ends_with("2A00\nlast reference 42, memory exceeded\n")
    );
    bench.text(&["update", "EF.SMSS", "07", "--offset", "0"]);
    assert!(bench.text(&["read", "EF.SMSS"]).contains("last reference 7"));
    let record = format!("{}0681214365{}", "FF".repeat(20), "FF".repeat(9));
    bench.text(&["update", "EF.MSISDN", &record, "--record", "2"]);
    let refused = bench.refusal(&["update", "EF.ICCID", "00"]);
    assert!(is_refusal(&refused), "{refused:#}");
}

#[test]
fn the_tree_shows_what_is_there_and_who_may_use_it() {
    let report = Bench::open().carry_out(&["tree"]).unwrap();
    for line in [
        "MF\n",
        "  2FE2 EF.ICCID             transparent, 10 bytes; read always, update never\n",
        "  ADF.USIM\n",
        "    6F07 EF.IMSI              transparent, 9 bytes; read PIN1, update ADM1\n",
        "    DF.5GS 5FC0\n",
        "      4F0A EF.Routing_Indicator transparent, 4 bytes; read PIN1, update PIN1\n",
        "  ADF.ISIM\n",
        "  DF.TELECOM 7F10\n",
        "    DF.PHONEBOOK 7F10 5F3A\n",
    ] {
        assert!(report.text.contains(line), "{line:?} is missing in\n{}", report.text);
    }
    assert!(!report.text.contains("EF.ACL"), "a file that is not there:\n{}", report.text);
    assert!(!report.text.contains("not told"), "{}", report.text);
    let usim = report.json["directories"].as_array().unwrap();
    let usim = usim.iter().find(|directory| directory["name"] == "ADF.USIM").unwrap();
    let files = usim["files"].as_array().unwrap();
    let imsi = files.iter().find(|file| file["name"] == "EF.IMSI").unwrap();
    assert_eq!((&imsi["size"], &imsi["sfi"]), (&9.into(), &7.into()));
}

#[test]
fn commands_are_sent_and_answers_fetched_unless_raw() {
    let mut bench = Bench::open();
    let text = bench.text(&["apdu", "00A40004023F00"]);
    assert!(text.starts_with("> 00A40004023F00\n< 62") && text.ends_with("9000  done\n"), "{text}");
    let raw = bench.carry_out(&["apdu", "--raw", "00A40004023F00", "00C0000000"]).unwrap();
    assert_eq!(raw.exit, Exit::Held);
    assert!(
        raw.text.contains("< 61") && raw.text.contains("bytes of response wait"),
        "{}",
        raw.text
    );
}

#[test]
fn a_script_stops_at_the_first_refusal() {
    let report = Bench::open().carry_out(&["apdu", "00A4000C02FFFF", "00A4000C023F00"]).unwrap();
    assert_eq!(report.exit, Exit::Failed);
    assert!(report.text.contains("< 6A82") && !report.text.contains("3F00"), "{}", report.text);
    assert!(report.text.ends_with("stopped after 1 of 2 commands\n"), "{}", report.text);
}

#[test]
fn pins_and_keys_in_commands_are_hidden() {
    let mut bench = Bench::locked();
    let report = bench.carry_out(&["apdu", "002000010834373131FFFFFFFF"]).unwrap();
    assert_eq!(report.exit, Exit::Held);
    assert!(report.text.contains("> 0020000108****************\n"), "{}", report.text);
    assert!(!report.json.to_string().contains("3437"), "{}", report.json);
}

#[test]
fn a_pin_is_verified_and_a_wrong_one_is_tried_once_only() {
    let mut bench = Bench::locked();
    let (right, wrong) = (PinFile::new("right", "4711"), PinFile::new("wrong", "0000"));
    assert_eq!(bench.text(&["verify", "--pin-file", right.path()]), "PIN1 is verified\n");
    let error = bench.refusal(&["verify", "--pin-file", wrong.path()]);
    assert!(is_refusal(&error) && error.to_string().contains("2 tries"), "{error:#}");
    for pin in [&right, &wrong] {
        let error = bench.refusal(&["verify", "--pin-file", pin.path()]);
        let Some(CardFault::PinAtRisk { tries_left, .. }) = error.downcast_ref() else {
            panic!("{error:#}");
        };
        assert_eq!(*tries_left, Some(2), "none was spent");
        assert!(is_refusal(&error));
    }
    let error = bench.refusal(&["apdu", "002000010834373131FFFFFFFF"]);
    assert!(format!("{error:#}").contains("only 2 tries"), "{error:#}");
    let info = bench.text(&["info"]);
    assert!(info.contains("PIN1           enabled, 2 tries left\n"), "{info}");
}

#[test]
fn a_pin_that_is_disabled_is_not_presented() {
    let setup = PinSetup::new("1234", "12345678", false).unwrap();
    let mut bench = Bench::new(PinConfig { pin1: setup, ..PinConfig::default() });
    let wrong = PinFile::new("disabled", "9999");
    let text = bench.text(&["verify", "--pin-file", wrong.path()]);
    assert_eq!(text, "PIN1 is not needed: it is disabled\n");
}

#[test]
fn readers_are_found_by_name_part_and_number() {
    let status = |name: &str| ReaderStatus { name: name.to_owned(), atr: None };
    let list = [status("Virtual PCD 00 00"), status("Virtual PCD 00 01"), status("Omnikey 1")];
    assert_eq!(readers::find(&list, "Virtual PCD 00 01").unwrap(), "Virtual PCD 00 01");
    assert_eq!(readers::find(&list, "omnikey").unwrap(), "Omnikey 1");
    assert_eq!(readers::find(&list, "2").unwrap(), "Omnikey 1");
    let several = readers::find(&list, "virtual").unwrap_err().to_string();
    assert!(several.contains("00 00") && several.contains("00 01"), "{several}");
    for wrong in ["3", "gemalto"] {
        let error = readers::find(&list, wrong).unwrap_err().to_string();
        assert!(error.contains("0 Virtual PCD 00 00"), "{error}");
    }
    assert!(readers::find(&[], "x").unwrap_err().to_string().contains("polysim doctor"));
}

#[cfg(not(feature = "pcsc"))]
#[test]
fn without_card_readers_it_says_how_to_get_them() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(readers::list()).unwrap_err();
    assert!(!is_refusal(&error));
    for line in ["apt-get install libpcsclite-dev pkg-config", "--features pcsc", "modem:"] {
        assert!(error.to_string().contains(line), "{line:?} is missing in {error}");
    }
}
