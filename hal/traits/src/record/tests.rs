use super::*;
use crate::testkit::{ScriptedCard, memory_port, tiny_uicc};
use crate::{
    CardChannel, CardErrorKind, CardLink, ModemPort, OutputLines, PortErrorKind, Reset,
    transmit_whole,
};
use proptest::prelude::*;
use std::error::Error;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(text: &str) -> Vec<u8> {
    polysim_base::parse_hex(text.replace(' ', "").as_bytes()).unwrap()
}

async fn read(port: &mut dyn ModemPort, len: usize) -> Vec<u8> {
    let (mut all, mut buffer) = (Vec::new(), [0; 5]);
    while all.len() < len {
        let read = port.read(&mut buffer).await.unwrap();
        all.extend_from_slice(&buffer[..read]);
    }
    all
}

/// A session with a PIN, a reply that is not text, lines, and a plug that is pulled.
async fn recorded_session() -> String {
    let page = Page::default();
    let (near, mut far) = memory_port();
    let mut port = Recorded::port(near, page.clone());
    port.set_lines(OutputLines { dtr: true, rts: true }).await.unwrap();
    far.write(b"\r\nRDY\r\n").await.unwrap();
    read(&mut port, 7).await;
    port.write(b"AT+CPI").await.unwrap();
    port.write(b"N=4711\r").await.unwrap();
    far.write(b"\r\nOK\r\n\xFF\0").await.unwrap();
    read(&mut port, 8).await;
    drop(far);
    port.read(&mut [0]).await.unwrap_err();
    port.reopen().await.unwrap_err();
    drop(port.finish().unwrap());
    page.text()
}

#[tokio::test]
async fn a_recording_is_lines_that_can_be_read_and_hold_no_secret() {
    let expected = r#"{"port":"memory: near"}
{"set-lines":[{"dtr":true,"rts":true},{"Ok":null}]}
{"read":"\r\nRDY"}
{"read":"\r\n"}
{"write":"AT+CPI"}
{"write":"N=***\r"}
{"read":"\r\nOK\r"}
{"read":"\nÿ\u0000"}
{"read-failed":"gone"}
{"reopen":{"Err":"not-found"}}
"#;
    assert_eq!(recorded_session().await, expected);
}

#[tokio::test]
async fn what_was_recorded_plays_back() {
    let recording = recorded_session().await;
    let mut port = ReplayedPort::new(recording.as_bytes()).unwrap();
    assert_eq!(port.name(), "memory: near");
    port.set_lines(OutputLines { dtr: true, rts: true }).await.unwrap();
    port.write(b"AT").await.unwrap(); // before it has read what came unasked
    assert_eq!(read(&mut port, 7).await, b"\r\nRDY\r\n");
    let early = tokio::time::timeout(Duration::from_millis(1), port.read(&mut [0; 9])).await;
    assert!(early.is_err(), "the answer comes when all was asked");
    port.write(b"+CPIN=0815\r").await.unwrap();
    assert_eq!(read(&mut port, 8).await, b"\r\nOK\r\n\xFF\0");
    assert_eq!(*port.read(&mut [0]).await.unwrap_err().kind(), PortErrorKind::Gone);
    assert_eq!(*port.reopen().await.unwrap_err().kind(), PortErrorKind::NotFound);
    assert!(port.is_over());
    assert_eq!(port.mismatch(), None);
    let end = port.read(&mut [0]).await.unwrap_err();
    assert_eq!(*end.kind(), PortErrorKind::Gone);
    assert_eq!(end.source().unwrap().to_string(), "the recording is at its end");
}

#[tokio::test]
async fn a_driver_that_says_something_else_is_told_where() {
    let recording = recorded_session().await;
    let mut port = ReplayedPort::new(recording.as_bytes()).unwrap();
    port.set_lines(OutputLines { dtr: true, rts: true }).await.unwrap();
    let error = port.write(b"AT+CSQ\r").await.unwrap_err();
    assert_eq!(*error.kind(), PortErrorKind::Io);
    let mismatch = error.source().unwrap().downcast_ref::<Mismatch>().unwrap();
    let expected = Mismatch {
        line: 5,
        expected: "a write of \"AT+CPI\"".to_owned(),
        came: "a write of \"AT+CSQ\\r\"".to_owned(),
    };
    assert_eq!(mismatch, &expected);
    assert_eq!(port.mismatch(), Some(&expected));
    assert_eq!(*port.read(&mut [0]).await.unwrap_err().kind(), PortErrorKind::Io, "ever after");
    let mut port = ReplayedPort::new(recording.as_bytes()).unwrap();
    let error = port.reopen().await.unwrap_err();
    let said = error.source().unwrap().to_string();
    let expected =
        "line 2 of the recording: expected setting DTR true and RTS true, reopening came";
    assert_eq!(said, expected);
}

#[test]
fn what_is_no_recording_is_refused_with_its_line() {
    for (text, line, said) in [
        ("", 1, "the first entry, and no other, says what was recorded"),
        ("{\"read\":\"x\"}\n", 1, "the first entry, and no other, says what was recorded"),
        ("{\"port\":\"a\"}\n\n{\"port\":\"b\"}", 3, "the first entry, and no other"),
        ("{\"port\":\"a\"}\nnonsense\n", 2, "it is no entry of such a recording"),
        ("{\"port\":\"a\"}\n{\"read\":\"€\"}", 2, "it is no entry of such a recording"),
    ] {
        let error = ReplayedPort::new(text.as_bytes()).unwrap_err();
        assert_eq!(error.line, line, "{text}");
        assert!(error.to_string().contains(said), "{error}");
    }
    let odd = "{\"card\":{\"atr\":\"3\",\"epoch\":1}}";
    let error = ReplayedCard::new(odd.as_bytes()).unwrap_err();
    assert!(matches!(error.kind, RecordingErrorKind::Hex), "{error}");
}

#[tokio::test]
async fn a_writer_that_fails_is_told_at_the_end() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (near, mut far) = memory_port();
    let mut port = Recorded::port(near, Full);
    port.write(b"AT\r").await.unwrap();
    assert_eq!(read(&mut far, 3).await, b"AT\r", "the session goes on");
    assert_eq!(port.finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
}

const AID: [u8; 7] = [0xA0, 0, 0, 0, 0x87, 0x10, 0x02];

/// What a driver does with a card; returns all that it was told.
async fn drive(link: &mut dyn CardLink, pin: &str) -> Vec<Vec<u8>> {
    let basic = CardChannel::basic(link.epoch());
    let mut told = vec![link.atr()];
    link.begin().await.unwrap();
    told.push(transmit_whole(link, basic, &hex("00A40004022FE200")).await.unwrap());
    told.push(transmit_whole(link, basic, &hex("00B0000000")).await.unwrap());
    let (channel, said) = link.open_channel(&AID).await.unwrap();
    told.push(said);
    told.push(link.transmit(channel, &hex(&format!("0020000108{pin}"))).await.unwrap());
    let refused = *link.open_channel(&[9; 5]).await.unwrap_err().kind();
    assert_eq!(refused, CardErrorKind::Refused([0x6A, 0x82]));
    link.close_channel(channel).await.unwrap();
    link.end().await.unwrap();
    let epoch = link.reset(Reset::Warm).await.unwrap();
    assert_eq!(epoch, link.epoch());
    assert_eq!(*link.transmit(basic, &[0; 5]).await.unwrap_err().kind(), CardErrorKind::Stale);
    told
}

async fn recorded_card() -> (String, Vec<Vec<u8>>) {
    let page = Page::default();
    let card = ScriptedCard::new(&[0x3B, 0], || tiny_uicc([7; 10], [8; 9], AID.to_vec()));
    let mut link = Recorded::card(card, page.clone());
    let told = drive(&mut link, "3437313134373131").await;
    (page.text(), told)
}

#[tokio::test]
async fn a_card_plays_back_with_any_pin() {
    let (recording, told) = recorded_card().await;
    assert!(!recording.contains("34373131"), "{recording}");
    let mut link = ReplayedCard::new(recording.as_bytes()).unwrap();
    assert_eq!(drive(&mut link, "3038313530383135").await, told);
    assert!(link.is_over());
    let end = link.begin().await.unwrap_err();
    assert_eq!(*end.kind(), CardErrorKind::CardGone);
}

#[tokio::test]
async fn a_driver_that_sends_another_command_is_told_where() {
    let (recording, _) = recorded_card().await;
    let mut link = ReplayedCard::new(recording.as_bytes()).unwrap();
    let basic = CardChannel::basic(link.epoch());
    let error = link.transmit(basic, &hex("00B0000000")).await.unwrap_err();
    assert_eq!(*error.kind(), CardErrorKind::Io);
    let mismatch = error.source().unwrap().downcast_ref::<Mismatch>().unwrap();
    let said = "line 2 of the recording: expected the begin of a transaction, \
                00B0000000 on channel 0 of life 1 came";
    assert_eq!(mismatch.to_string(), said);
    assert_eq!(*link.begin().await.unwrap_err().kind(), CardErrorKind::Io, "ever after");
}

/// A piece that one side says.
fn said() -> impl Strategy<Value = (bool, Vec<u8>)> {
    (any::<bool>(), prop::collection::vec(any::<u8>(), 1..20))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_session_plays_back_as_it_was(session in prop::collection::vec(said(), 0..20)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let page = Page::default();
            let (near, mut far) = memory_port();
            let mut port = Recorded::port(near, page.clone());
            for (is_driver, bytes) in &session {
                if *is_driver {
                    port.write(bytes).await.unwrap();
                } else {
                    far.write(bytes).await.unwrap();
                    read(&mut port, bytes.len()).await;
                }
            }
            let mut port = ReplayedPort::new(page.text().as_bytes()).unwrap();
            let mut mask = polysim_at::SecretMask::default();
            for (is_driver, bytes) in &session {
                if *is_driver {
                    port.write(bytes).await.unwrap();
                } else {
                    let mut masked = Vec::new();
                    mask.mask(bytes, &mut masked);
                    prop_assert_eq!(read(&mut port, masked.len()).await, masked);
                }
            }
            prop_assert!(port.is_over());
            Ok(())
        })?;
    }
}
