//! The whole command against a scripted modem behind a Unix socket.

use super::*;
use crate::command::hardware::is_refusal;
use clap::Parser as _;
use polysim_modem::testkit::FakeModem;
use polysim_sms::{Address, AtPdu, Deliver, MobileTerminated, Timestamp, UserData};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixListener;

/// A modem that listens, and where.
struct Far {
    fake: Arc<Mutex<FakeModem>>,
    path: PathBuf,
}

impl Drop for Far {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

fn far(fake: FakeModem) -> Far {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("polysim-modem-{}-{number}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let listener = UnixListener::bind(&path).unwrap();
    let fake = Arc::new(Mutex::new(fake));
    let modem = Arc::clone(&fake);
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = line.read(&mut buffer).await {
                let answer = modem.lock().unwrap().handle(&buffer[..read]);
                line.write_all(&answer).await.unwrap();
            }
        }
    });
    Far { fake, path }
}

impl Far {
    async fn run(&self, words: &[&str]) -> Result<Report> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            args: ModemArgs,
        }
        let port = format!("unix:{}", self.path.display());
        let line = ["modem", &port].into_iter().chain(words.iter().copied());
        carry_out(&Line::try_parse_from(line)?.args).await
    }

    fn answer(&self, line: &str, answer: &str) {
        let framed = format!("\r\n{answer}\r\n\r\nOK\r\n");
        self.fake.lock().unwrap().answers.insert(line.into(), framed);
    }

    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut self.fake.lock().unwrap().lines)
    }
}

fn stored(text: &str) -> String {
    let timestamp = Timestamp::new((26, 3, 1), (12, 0, 0), 4).unwrap();
    let from = Address::international("491701234567").unwrap();
    let text = UserData::from_text(text).unwrap();
    let mut line = Vec::new();
    AtPdu::new(MobileTerminated::Deliver(Deliver::new(from, timestamp, text))).write_hex(&mut line);
    String::from_utf8(line).unwrap()
}

#[tokio::test]
async fn info_says_who_and_where() {
    let far = far(FakeModem::default());
    far.answer("AT+CESQ", "+CESQ: 99,99,255,255,20,50");
    far.answer("AT+COPS?", "+COPS: 0,2,\"00101\",7");
    let report = far.run(&["info"]).await.unwrap();
    assert_eq!(report.json["imei"], "351234567890124");
    assert_eq!(report.json["imsi"], "001010123456789");
    assert_eq!(report.json["maker"], "Fake");
    assert_eq!(report.json["registered"], true);
    assert_eq!(report.json["signal_dbm"], -91);
    assert!(report.text.contains("Registration  registered, home\n"), "{}", report.text);
    assert_eq!(report.exit, Exit::Held);
}

#[tokio::test]
async fn info_of_a_locked_card_says_what_it_can() {
    let mut fake = FakeModem::default();
    fake.pin = Some("1234".into());
    let far = far(fake);
    let report = far.run(&["info"]).await.unwrap();
    assert_eq!(report.json["maker"], "Fake");
    assert!(report.json["card"].as_str().unwrap().starts_with("the card needs"));
    assert_eq!(report.json["imsi"], Value::Null);
    let refused = far.run(&["text", "--to", "+46700000001", "hello"]).await.unwrap_err();
    assert!(format!("{refused:#}").contains("--pin-file"));
    assert!(is_refusal(&refused));
    let file = far.path.with_extension("pin");
    std::fs::write(&file, "1234\n").unwrap();
    let pin = file.display().to_string();
    let sent = far.run(&["text", "--to", "+46700000001", "hello", "--pin-file", &pin]).await;
    std::fs::remove_file(&file).unwrap();
    assert_eq!(sent.unwrap().text, "sent\n");
}

#[tokio::test]
async fn the_inbox_is_emptied_once_it_is_printed_and_not_with_keep() {
    let mut fake = FakeModem::default();
    fake.store.insert(1, stored("hello"));
    fake.store.insert(2, stored("again"));
    let far = far(fake);
    let kept = far.run(&["inbox", "--keep", "--wait", "200ms"]).await.unwrap();
    assert_eq!((kept.text.as_str(), far.fake.lock().unwrap().store.len()), ("", 2));
    far.run(&["inbox", "--wait", "200ms"]).await.unwrap();
    assert!(far.fake.lock().unwrap().store.is_empty());
    let none = far.run(&["inbox", "--wait", "100ms"]).await.unwrap();
    assert_eq!(none.text, "no texts\n");
}

#[tokio::test]
async fn a_busy_number_is_no_and_not_a_mistake() {
    let far = far(FakeModem::default());
    far.fake.lock().unwrap().once.push_back(("ATD".into(), "\r\nBUSY\r\n".into()));
    let report = far.run(&["call", "--to", "+46700000001"]).await.unwrap();
    assert_eq!((report.text.as_str(), report.exit), ("not answered: busy\n", Exit::Failed));
    assert!(!is_refusal(&far.run(&["call", "--to", "mum"]).await.unwrap_err()));
}

#[tokio::test]
async fn a_call_is_held_as_long_as_was_said() {
    let far = far(FakeModem::default());
    far.fake.lock().unwrap().calls = vec!["1,0,0,0,0,\"+46700000001\",145".into()];
    let fake = Arc::clone(&far.fake);
    let hang_up = async {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            let mut fake = fake.lock().unwrap();
            if fake.lines.iter().any(|line| line == "AT+CHUP") {
                fake.calls.clear();
                return;
            }
        }
    };
    let call = ["call", "--to", "+46700000001", "--for", "100ms"];
    let (report, ()) = tokio::join!(far.run(&call), hang_up);
    let report = report.unwrap();
    assert_eq!((report.text.as_str(), report.exit), ("answered; this side hung up\n", Exit::Held));
}

#[tokio::test]
async fn raw_lines_go_without_setting_the_modem_up() {
    let far = far(FakeModem::default());
    far.answer("AT+CSQ", "+CSQ: 20,99");
    let report = far.run(&["at", "--raw", "AT+CSQ"]).await.unwrap();
    assert_eq!(report.text, "+CSQ: 20,99\nOK\n");
    assert_eq!(far.lines(), ["AT+CSQ"]);
    let refused = far.run(&["at", "AT+CSQ"]).await.unwrap_err();
    assert!(!is_refusal(&refused));
    let refused = far.run(&["at", "--raw", "AT+CPIN=\"1234\""]).await.unwrap_err();
    assert!(!is_refusal(&refused), "what a command of its own is there for is a mistake");
    assert!(far.lines().is_empty());
}

#[tokio::test]
async fn a_trace_is_written_without_the_pin() {
    let mut fake = FakeModem::default();
    // Longer than any number that a time in the trace may hold by chance.
    fake.pin = Some("97531864".into());
    let far = far(fake);
    let (pin, trace) = (far.path.with_extension("pin"), far.path.with_extension("trace"));
    std::fs::write(&pin, "97531864").unwrap();
    let (pin_file, trace_file) = (pin.display().to_string(), trace.display().to_string());
    far.run(&["info", "--pin-file", &pin_file, "--trace", &trace_file]).await.unwrap();
    let written = std::fs::read_to_string(&trace).unwrap();
    std::fs::remove_file(&pin).unwrap();
    std::fs::remove_file(&trace).unwrap();
    assert!(written.contains("AT+CGMI"));
    assert!(!written.contains("97531864"), "{written}");
}

#[tokio::test]
async fn a_port_that_is_not_there_is_wrong_input() {
    let args = ["modem", "/dev/no-such-port", "info"];
    let far = far(FakeModem::default());
    drop(far);
    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        args: ModemArgs,
    }
    let error = carry_out(&Line::parse_from(args).args).await.unwrap_err();
    assert!(!is_refusal(&error));
    assert!(format!("{error:#}").contains("polysim doctor"), "{error:#}");
}

#[tokio::test(start_paused = true)]
async fn a_raw_line_is_waited_for_as_long_as_was_asked_for() {
    let mut fake = FakeModem::default();
    fake.answers.insert("ATI".into(), String::new());
    let far = far(fake);
    let refused = far.run(&["at", "--raw", "ATI", "--timeout", "100ms"]).await.unwrap_err();
    assert_eq!(refused.to_string(), "the modem has not answered within 100ms");
    assert!(is_refusal(&refused));
}
