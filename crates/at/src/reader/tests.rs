//! Tests of both readers.

use alloc::{vec, vec::Vec};

use proptest::prelude::*;

use super::*;
use crate::{CmeError, FinalResult};

/// An item of the device's reader, owned.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Seen {
    Line(Vec<u8>),
    Repeat,
    Data(Vec<u8>),
    Cancelled,
    LineTooLong(usize),
    DataTooLong(usize),
}

fn feed(reader: &mut DeviceReader, mut chunk: &[u8], seen: &mut Vec<Seen>) {
    while let Some(item) = reader.read(&mut chunk) {
        let item = match item {
            DeviceItem::Line(line) => {
                assert_eq!(line.echo().split_last(), Some((&b'\r', line.text())));
                Seen::Line(line.text().to_vec())
            }
            DeviceItem::Repeat => Seen::Repeat,
            DeviceItem::Data(data) => Seen::Data(data.to_vec()),
            DeviceItem::DataCancelled => Seen::Cancelled,
            DeviceItem::LineTooLong { limit } => Seen::LineTooLong(limit),
            DeviceItem::DataTooLong { limit } => Seen::DataTooLong(limit),
        };
        let prompt = matches!(&item, Seen::Line(line) if line.ends_with(b"S=1"));
        seen.push(item);
        if prompt {
            reader.expect_data();
        }
    }
    assert_eq!(chunk, b"");
}

fn device(stream: &[u8]) -> Vec<Seen> {
    let (mut reader, mut seen) = (DeviceReader::default(), Vec::new());
    feed(&mut reader, stream, &mut seen);
    seen
}

fn line(text: &str) -> Seen {
    Seen::Line(text.as_bytes().to_vec())
}

#[test]
fn a_line_feed_after_a_carriage_return_is_swallowed_and_not_echoed() {
    assert_eq!(device(b"ATE0\r\nATV1\r\n"), [line("ATE0"), line("ATV1")]);
}

#[test]
fn escape_and_a_bare_carriage_return_at_idle_do_nothing() {
    assert_eq!(device(b"\x1B\rAT\r"), [line(""), line("AT")]);
}

#[test]
fn a_backspace_takes_back_one_character_and_never_the_line_before() {
    assert_eq!(device(b"AT\r\x08\x08ATE1\x080\r"), [line("AT"), line("ATE0")]);
}

#[test]
fn a_slash_repeats_at_once_without_a_line_end() {
    assert_eq!(device(b"AT\rA/a/ATA/\r"), [line("AT"), Seen::Repeat, Seen::Repeat, line("ATA/")]);
}

#[test]
fn other_line_ends_and_backspaces_can_be_chosen() {
    let mut reader = DeviceReader::default();
    reader.set_line_end(b'!');
    reader.set_backspace(b'_');
    let mut input = &b"ATX_\rI!"[..];
    let Some(DeviceItem::Line(line)) = reader.read(&mut input) else { panic!("no line") };
    assert_eq!((line.text(), line.echo()), (&b"ATI"[..], &b"ATI!"[..]));
}

#[test]
fn an_entry_at_the_prompt_ends_with_ctrl_z_or_escape() {
    let seen = device(b"AT+CMGS=1\r\n0011\r\n22\x1AAT\rAT+CMGS=1\r00\x1BAT\r");
    let entry = Seen::Data(b"0011\r\n22".to_vec());
    let prompt = line("AT+CMGS=1");
    assert_eq!(seen, [prompt.clone(), entry, line("AT"), prompt, Seen::Cancelled, line("AT")]);
}

#[test]
fn an_abandoned_entry_is_dropped() {
    let mut reader = DeviceReader::default();
    reader.expect_data();
    assert_eq!(reader.read(&mut &b"0011"[..]), None);
    assert!(reader.expects_data());
    reader.abandon_data();
    let mut input = &b"AT\r"[..];
    assert!(matches!(reader.read(&mut input), Some(DeviceItem::Line(l)) if l.text() == b"AT"));
}

#[test]
fn an_overlong_line_is_an_error_and_the_next_line_is_read() {
    let mut stream = vec![b'A'; LINE_LEN_MAX + 1];
    stream.extend_from_slice(b"\rAT\r");
    assert_eq!(device(&stream), [Seen::LineTooLong(LINE_LEN_MAX), line("AT")]);
    stream.remove(0);
    assert_eq!(device(&stream).len(), 2);
    assert!(matches!(&device(&stream)[0], Seen::Line(line) if line.len() == LINE_LEN_MAX));
}

#[test]
fn a_line_that_was_given_up_holds_no_memory() {
    let mut reader = DeviceReader::default();
    for _ in 0..30 {
        assert_eq!(reader.read(&mut &[b'A'; 100][..]), None);
    }
    assert_eq!(reader.partial.bytes.capacity(), 0);
    let mut end = &b"\r"[..];
    assert_eq!(reader.read(&mut end), Some(DeviceItem::LineTooLong { limit: LINE_LEN_MAX }));
}

#[test]
fn an_apdu_line_may_be_longer() {
    let mut stream = b"at+csim=4000,\"".to_vec();
    stream.resize(APDU_LINE_LEN_MAX, b'0');
    stream.push(b'\r');
    assert!(matches!(&device(&stream)[..], [Seen::Line(line)] if line.len() == APDU_LINE_LEN_MAX));
    stream.insert(20, b'0');
    assert_eq!(device(&stream), [Seen::LineTooLong(APDU_LINE_LEN_MAX)]);
}

#[test]
fn an_overlong_entry_is_an_error_and_commands_are_read_again() {
    let mut stream = b"AT+CMGS=1\r".to_vec();
    stream.resize(stream.len() + DATA_LEN_MAX + 1, b'0');
    stream.extend_from_slice(b"\x1AAT\r");
    let seen = device(&stream);
    assert_eq!(seen[1..], [Seen::DataTooLong(DATA_LEN_MAX), line("AT")]);
}

#[test]
fn a_reader_that_gave_its_line_holds_no_memory() {
    let mut reader = DeviceReader::default();
    let mut seen = Vec::new();
    for byte in b"AT+CSQ\r" {
        feed(&mut reader, &[*byte], &mut seen);
    }
    assert_eq!(seen, [line("AT+CSQ")]);
    assert!(reader.partial.is_empty());
    assert_eq!(reader.partial.bytes.capacity(), 0);
    assert!(size_of::<DeviceReader>() <= 56);
}

/// An item of the host's reader, owned.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Heard {
    Line(Vec<u8>),
    Result(FinalResult),
    Prompt,
    TooLong(usize),
}

fn listen(reader: &mut HostReader, mut chunk: &[u8], sent: &[u8], heard: &mut Vec<Heard>) {
    while let Some(item) = reader.read(&mut chunk, sent) {
        heard.push(match item {
            HostItem::Line(line) => Heard::Line(line.to_vec()),
            HostItem::Result(result) => Heard::Result(result),
            HostItem::Prompt => Heard::Prompt,
            HostItem::LineTooLong { limit } => Heard::TooLong(limit),
        });
    }
}

fn host(stream: &[u8], sent: &[u8]) -> Vec<Heard> {
    let (mut reader, mut heard) = (HostReader::default(), Vec::new());
    listen(&mut reader, stream, sent, &mut heard);
    heard
}

fn text(text: &str) -> Heard {
    Heard::Line(text.as_bytes().to_vec())
}

#[test]
fn every_usual_framing_gives_the_same_items() {
    let expected = [text("+CSQ: 20,99"), Heard::Result(FinalResult::Ok)];
    for stream in [
        &b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n"[..],
        b"+CSQ: 20,99\r\nOK\r\n",
        b"AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n",
        b"AT+CSQ\r\r\r\n+CSQ: 20,99\r\r\n\r\r\nOK\r\r\n",
        b"\n+CSQ: 20,99\nOK\n",
    ] {
        assert_eq!(host(stream, b"AT+CSQ\r"), expected, "{stream:?}");
    }
}

#[test]
fn only_the_echo_of_what_is_in_flight_is_dropped() {
    assert_eq!(host(b"AT+CSQ\r", b""), [text("AT+CSQ")]);
    assert_eq!(host(b"AT+CREG?\rRDY\r\n", b"AT+CSQ\r"), [text("AT+CREG?"), text("RDY")]);
}

#[test]
fn the_prompt_comes_as_soon_as_it_is_there() {
    let sent = b"0011\x1A";
    for stream in [&b"\r\n> "[..], b"\r\n>", b"> ", b"\r\r\n>  "] {
        assert_eq!(host(stream, sent), [Heard::Prompt], "{stream:?}");
    }
    let echoed = host(b"\r\n> 0011\x1A\r\n+CMGS: 7\r\n\r\nOK\r\n", sent);
    assert_eq!(echoed, [Heard::Prompt, text("+CMGS: 7"), Heard::Result(FinalResult::Ok)]);
    assert_eq!(host(b"a > b\r\n", b""), [text("a > b")]);
    assert_eq!(host(b"> 0011\r\n\x1A\r\n", sent), [Heard::Prompt]);
}

#[test]
fn numeric_results_are_read_when_asked_for() {
    let (mut reader, mut heard) = (HostReader::default(), Vec::new());
    reader.set_numeric(true);
    listen(&mut reader, b"0\r20\r\n4\r2\r+CME ERROR: 10\r", b"", &mut heard);
    let result = Heard::Result;
    let cause = FinalResult::Cme(CmeError::SimNotInserted);
    let expected = [
        result(FinalResult::Ok),
        text("20"),
        result(FinalResult::Error),
        text("RING"),
        result(cause),
    ];
    assert_eq!(heard, expected);
    assert_eq!(host(b"0\r", b""), [text("0")]);
}

#[test]
fn an_overlong_answer_is_an_error_and_the_next_line_is_read() {
    let mut stream = vec![b'x'; LINE_LEN_MAX + 1];
    stream.extend_from_slice(b"\r\nOK\r\n");
    let ok = Heard::Result(FinalResult::Ok);
    assert_eq!(host(&stream, b""), [Heard::TooLong(LINE_LEN_MAX), ok.clone()]);
    let mut stream = b"+CSIM: 4000,\"".to_vec();
    stream.resize(APDU_LINE_LEN_MAX, b'0');
    stream.extend_from_slice(b"\r\nOK\r\n");
    assert!(matches!(&host(&stream, b"")[0], Heard::Line(line) if line.len() == APDU_LINE_LEN_MAX));
    stream.insert(20, b'0');
    assert_eq!(host(&stream, b""), [Heard::TooLong(APDU_LINE_LEN_MAX), ok]);
}

/// Pieces of streams that bring a reader through all of its states.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        8 => prop::sample::select(vec![
            &b"AT"[..], b"A", b"/", b"A/", b"\r", b"\r", b"\n", b"\r\n", b"\x08", b"\x1A", b"\x1B",
            b"> ", b">", b" ", b"S=1\r", b"+CSIM=", b"+CSIM:", b"OK", b"ERROR", b"0", b"AT+X\r",
            b"+CME ERROR: 3", b"\0",
        ])
        .prop_map(<[u8]>::to_vec),
        2 => prop::collection::vec(any::<u8>(), 0..8),
        1 => (2_000_usize..2_100).prop_map(|length| vec![b'7'; length]),
    ];
    prop::collection::vec(word, 0..24).prop_map(|words| words.concat())
}

fn cuts() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop_oneof![3 => 0..4_usize, 1 => 0..1_200_usize], 1..12)
}

fn cut<'a>(mut stream: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut chunks = Vec::new();
    // Every cycle takes at least one byte.
    for length in cuts.iter().chain([&1]).cycle() {
        if stream.is_empty() {
            break;
        }
        let (chunk, rest) = stream.split_at((*length).min(stream.len()));
        chunks.push(chunk);
        stream = rest;
    }
    chunks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_split_gives_a_device_the_same_items(stream in stream(), cuts in cuts()) {
        let (mut reader, mut seen) = (DeviceReader::default(), Vec::new());
        for chunk in cut(&stream, &cuts) {
            feed(&mut reader, chunk, &mut seen);
        }
        prop_assert_eq!(seen, device(&stream));
    }

    #[test]
    fn any_split_gives_a_host_the_same_items(stream in stream(), cuts in cuts()) {
        let sent = b"AT+X\r";
        let (mut reader, mut heard) = (HostReader::default(), Vec::new());
        for chunk in cut(&stream, &cuts) {
            listen(&mut reader, chunk, sent, &mut heard);
        }
        prop_assert_eq!(heard, host(&stream, sent));
    }
}
