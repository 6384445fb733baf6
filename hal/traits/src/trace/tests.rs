use super::*;
use crate::testkit::{MockModemPort, ScriptedCard, memory_port, tiny_uicc};
use crate::{
    CardChannel, CardErrorKind, CardLink, ModemPort, PortError, PortErrorKind, Reset, TokioClock,
};
use std::io::Write;

/// A writer that a test can look into.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<String> {
        String::from_utf8(self.bytes()).unwrap().lines().map(str::to_owned).collect()
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

fn clock() -> TokioClock {
    TokioClock::starting_at(Instant::from_micros(12_345_678))
}

fn hex(text: &str) -> Vec<u8> {
    polysim_base::parse_hex(text.replace(' ', "").as_bytes()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn lines_tell_what_passes_a_port() {
    let page = Page::default();
    let (near, mut far) = memory_port();
    let tracer = Tracer::new(Lines::new(LineForm::Text, page.clone()), clock());
    let mut port = Traced::new(near, "modem 1", tracer);
    for piece in ["AT+CPI", "N=\"47", "11\"\r"] {
        port.write(piece.as_bytes()).await.unwrap();
    }
    far.write(b"\r\nOK\r\n\0").await.unwrap();
    port.read(&mut [0; 64]).await.unwrap();
    drop(far);
    port.read(&mut [0; 64]).await.unwrap_err();
    port.reopen().await.unwrap_err();
    assert_eq!(
        page.lines(),
        [
            "12.345678 modem 1 > AT+CPI",
            "12.345678 modem 1 > N=***",
            "12.345678 modem 1 > \\r",
            "12.345678 modem 1 < \\r\\nOK\\r\\n\\x00",
            "12.345678 modem 1 - read: memory: near: the port is gone",
            "12.345678 modem 1 - reopen: memory: near: there is no such port",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_dropped_hides_the_rest_of_its_line() {
    let page = Page::default();
    let (near, mut far) = memory_port();
    let tracer = Tracer::new(Lines::new(LineForm::Text, page.clone()), clock());
    let mut port = Traced::new(near, "modem", tracer);
    let full = vec![b' '; crate::testkit::MEMORY_PORT_ROOM];
    far.write(b"x").await.unwrap();
    port.write(&full).await.unwrap();
    let write = tokio::time::timeout(std::time::Duration::ZERO, port.write(b"AT+CPIN="));
    assert!(write.await.is_err());
    while let Ok(Ok(_)) =
        tokio::time::timeout(std::time::Duration::ZERO, far.read(&mut [0; 4096])).await
    {}
    port.write(b"4711\r").await.unwrap();
    assert!(!page.lines().concat().contains("4711"));
}

#[tokio::test(start_paused = true)]
async fn json_lines_tell_exchanges_and_notes() {
    let page = Page::default();
    let tracer = Tracer::new(Lines::new(LineForm::Json, page.clone()), clock());
    let card = ScriptedCard::new(&[0x3B, 0], || |_: &[u8]| vec![0x90, 0x00]);
    let mut link = Traced::new(card, "reader", tracer);
    let basic = CardChannel::basic(link.epoch());
    let pin = hex("0020000108 31323334FFFFFFFF");
    link.transmit(CardChannel { number: 2, ..basic }, &pin).await.unwrap();
    link.reset(Reset::Cold).await.unwrap();
    link.transmit(basic, &pin).await.unwrap_err();
    assert_eq!(
        page.lines(),
        [
            r#"{"at_us":12345678,"command":"0220000108****************","name":"reader","response":"9000"}"#,
            r#"{"at_us":12345678,"name":"reader","note":"cold reset"}"#,
            r#"{"at_us":12345678,"name":"reader","note":"0020000108****************: scripted card: the card was reset since the channel was opened"}"#,
        ]
    );
}

#[tokio::test]
async fn a_sink_that_fails_stops_the_trace_and_not_the_traffic() {
    struct Full;
    impl TraceSink for Full {
        fn write(&mut self, _: Instant, _: &str, _: &TraceEvent<'_>) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
    }
    let tracer = Tracer::new(Full, clock());
    let (near, _far) = memory_port();
    let mut port = Traced::new(near, "modem", tracer.clone());
    assert_eq!(tracer.failure(), None);
    port.write(b"AT\r").await.unwrap();
    port.write(b"AT\r").await.unwrap();
    assert_eq!(tracer.failure().as_deref(), Some("no storage space"));
}

#[tokio::test]
async fn what_fails_is_passed_on_as_it_is() {
    let mut mock = MockModemPort::new();
    mock.expect_write().return_once(|_| Err(PortError::new(PortErrorKind::Stalled, "x")));
    mock.expect_lines().return_once(|| Err(PortError::new(PortErrorKind::Unsupported, "x")));
    let tracer = Tracer::new(Pcap::new(io::sink()), clock());
    let mut port = Traced::new(mock, "modem", tracer);
    assert_eq!(*port.write(b"AT").await.unwrap_err().kind(), PortErrorKind::Stalled);
    assert_eq!(*port.lines().await.unwrap_err().kind(), PortErrorKind::Unsupported);
}

/// A session as a pcap file: SELECT of MF and EF.ICCID, READ BINARY, VERIFY PIN, and AUTHENTICATE
/// both answered at once and fetched.
async fn session(page: &Page) {
    let mut uicc = tiny_uicc([0x98; 10], [8; 9], vec![0xA0; 7]);
    let mut is_fetched = false;
    let keys = [vec![0xDB, 4, 1, 2, 3, 4, 16], vec![0x5E; 16], vec![16], vec![0x5E; 16]].concat();
    let card = move |command: &[u8]| match command[1] {
        0x88 if is_fetched => vec![0x61, u8::try_from(keys.len()).unwrap()],
        0x88 => {
            is_fetched = true;
            [&keys[..], &[0x90, 0]].concat()
        }
        0xC0 if usize::from(command[4]) == keys.len() => [&keys[..], &[0x90, 0]].concat(),
        0x20 => vec![0x90, 0],
        _ => uicc(command),
    };
    let mut card = Some(card);
    let card = ScriptedCard::new(&[0x3B, 0], move || card.take().unwrap());
    let mut link = Traced::new(card, "reader", Tracer::new(Pcap::new(page.clone()), clock()));
    let basic = CardChannel::basic(link.epoch());
    let authenticate = format!("0088008122 10{} 10{} 00", "11".repeat(16), "22".repeat(16));
    for command in [
        "00A4000402 3F00",
        "00A4000402 2FE2 00",
        "00B000000A",
        "0020000108 31323334FFFFFFFF",
        &authenticate,
        &authenticate,
    ] {
        crate::transmit_whole(&mut link, basic, &hex(command)).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_pcap_file_holds_packets_of_one_exchange_each_and_no_secret() {
    let page = Page::default();
    session(&page).await;
    let file = page.bytes();
    let (header, mut packets) = file.split_at(24);
    assert_eq!(&header[..4], [0xD4, 0xC3, 0xB2, 0xA1]);
    assert_eq!(&header[20..], [228, 0, 0, 0]);
    let mut apdus = Vec::new();
    while let Some((record, rest)) = packets.split_at_checked(16) {
        assert_eq!(record[..8], [12, 0, 0, 0, 0x4E, 0x46, 5, 0][..8], "12.345678 s");
        let len = usize::from(record[8]);
        let (packet, rest) = rest.split_at(len);
        let sum: u32 = packet[..20].chunks(2).map(|w| u32::from(w[0]) << 8 | u32::from(w[1])).sum();
        assert_eq!((sum & 0xFFFF) + (sum >> 16), 0xFFFF, "the checksum of IPv4");
        assert_eq!(&packet[28..44], [2, 4, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        apdus.push(polysim_base::Hex(&packet[44..]).to_string());
        packets = rest;
    }
    let rand_autn = format!("0088008122 10{} 10{}", "11".repeat(16), "22".repeat(16));
    let fetched =
        format!("00C0000028 DB0401020304 10{} 10{} 9000", "FF".repeat(16), "FF".repeat(16));
    let expected = [
        "00A4000402 3F00 6105",
        "00C0000005 62038A0105 9000",
        "00A4000402 2FE2 6105",
        "00C0000005 62038A0105 9000",
        "00B000000A 98989898989898989898 9000",
        "0020000108 FFFFFFFFFFFFFFFF 9000",
        &format!("{rand_autn} 6128"),
        &fetched,
        &format!("{rand_autn} 6128"),
        &fetched,
    ];
    assert_eq!(apdus, expected.map(|apdu| apdu.replace(' ', "")));
}

/// The dissector of Wireshark, where there is one: it must find nothing malformed.
#[expect(clippy::print_stdout, reason = "a test that could not be done says so")]
#[tokio::test(start_paused = true)]
async fn wireshark_decodes_the_pcap_file() {
    let Ok(version) = std::process::Command::new("tshark").arg("--version").output() else {
        println!("SKIPPED: tshark is not installed");
        return;
    };
    assert!(version.status.success());
    let page = Page::default();
    session(&page).await;
    let path = std::env::temp_dir().join(format!("polysim-hal-{}.pcap", std::process::id()));
    std::fs::write(&path, page.bytes()).unwrap();
    let output = std::process::Command::new("tshark").arg("-V").arg("-r").arg(&path).output();
    std::fs::remove_file(&path).unwrap();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    for expected in [
        "Instruction: SELECT (0xa4)",
        "File ID: MF (0x3f00)",
        "File ID: EF.ICCID (0x2fe2)",
        "Instruction: READ BINARY (0xb0)",
        "APDU Payload: 98989898989898989898",
        "AUTHENTICATE (0x88)",
        "Instruction: GET RESPONSE (0xc0)",
        "Status Word: 9000 Normal ending of the command",
    ] {
        assert!(text.contains(expected), "{expected} in\n{text}");
    }
    assert!(!text.contains("Malformed") && !text.contains("Unknown"), "{text}");
}

#[test]
fn extended_and_odd_apdus_stay_whole() {
    use super::pcap::as_over_t0;
    assert_eq!(as_over_t0(&hex("00020000"), &hex("6D00")), [hex("0002000000 6D00")]);
    assert_eq!(as_over_t0(&hex("00"), &hex("6700")), [hex("00 6700")]);
    let extended = hex("00B00000000000");
    assert_eq!(as_over_t0(&extended, &hex("9000")), [[extended, hex("9000")].concat()]);
    let long = [vec![7; 256], hex("9000")].concat();
    let split = as_over_t0(&hex("00A40004023F0000"), &long);
    assert_eq!(split, [hex("00A40004023F006100"), [hex("00C0000000"), long.clone()].concat()]);
}

#[tokio::test]
async fn links_of_a_traced_reader_are_traced() {
    let page = Page::default();
    let mut reader = crate::testkit::MockCardReader::new();
    reader.expect_connect().returning(|name| match name {
        "one" => Ok(Box::new(ScriptedCard::new(&[], || |_: &[u8]| vec![0x6D, 0]))),
        _ => Err(crate::CardError::new(CardErrorKind::ReaderGone, name)),
    });
    let tracer = Tracer::new(Lines::new(LineForm::Text, page.clone()), clock());
    let mut reader = Traced::new(reader, "readers", tracer);
    let mut link = crate::CardReader::connect(&mut reader, "one").await.unwrap();
    link.transmit(CardChannel::basic(link.epoch()), &hex("00020000")).await.unwrap();
    assert!(crate::CardReader::connect(&mut reader, "two").await.is_err());
    let shown: Vec<_> = page.lines().iter().map(|line| line[10..].to_owned()).collect();
    assert_eq!(
        shown,
        [
            "readers - connect to one",
            "one > 00020000 < 6D00",
            "readers - connect to two: two: the reader is gone",
        ]
    );
}
