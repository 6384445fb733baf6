//! Bodies of the fuzz targets; a stable test replays their corpus.

use alloc::vec::Vec;

use super::lines::LINES;
use crate::{
    CchoInfo, Command, DeviceItem, DeviceReader, DialTarget, Form, Framing, HostItem, HostReader,
    MASK, Registration, SecretMask, Urc, parse_iccid_line, parse_line, parse_pdu, without_secrets,
};

/// Reads any bytes as a device does: the items do not depend on the cuts, every command that was
/// read comes back when it is written, and nothing panics.
///
/// The first byte is the length of the chunks.
///
/// # Panics
/// When one of that does not hold.
pub fn fuzz_at_device(data: &[u8]) {
    let Some((length, stream)) = data.split_first() else { return };
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    device_items(&mut DeviceReader::default(), stream, &mut whole);
    let mut reader = DeviceReader::default();
    for chunk in stream.chunks(usize::from(*length).max(1)) {
        device_items(&mut reader, chunk, &mut parts);
    }
    assert_eq!(whole, parts, "the cuts changed the items");
}

/// Reads a chunk to its end; lines with `+CMGS` bring the prompt.
fn device_items(reader: &mut DeviceReader, mut chunk: &[u8], items: &mut Vec<(u8, Vec<u8>)>) {
    while let Some(item) = reader.read(&mut chunk) {
        let mut prompt = false;
        items.push(match item {
            DeviceItem::Line(line) => {
                for command in parse_line(line.text()).flatten() {
                    prompt |= matches!(command, Command::Cmgs(_));
                    comes_back(&command);
                }
                (0, line.echo().to_vec())
            }
            DeviceItem::Repeat => (1, Vec::new()),
            DeviceItem::Data(data) => {
                drop(parse_pdu(data));
                (2, data.to_vec())
            }
            DeviceItem::DataCancelled => (3, Vec::new()),
            DeviceItem::LineTooLong { .. } => (4, Vec::new()),
            DeviceItem::DataTooLong { .. } => (5, Vec::new()),
        });
        if prompt {
            reader.expect_data();
        }
    }
}

fn comes_back(command: &Command) {
    let mut line = Vec::new();
    command.encode(&mut line);
    assert_eq!(line.iter().position(|b| *b < b' '), Some(line.len() - 1), "{command:?}");
    let mut again = parse_line(line.strip_suffix(b"\r").unwrap_or_default());
    assert_eq!(again.next().as_ref(), Some(&Ok(command.clone())));
    assert_eq!(again.next(), None, "{command:?} became two commands");
}

/// Reads any bytes as a host does: the items do not depend on the cuts, every line that a line
/// type takes comes back when it is written, and nothing panics.
///
/// The first byte is the length of the chunks, and its highest bit asks for numeric results.
///
/// # Panics
/// When one of that does not hold.
pub fn fuzz_at_host(data: &[u8]) {
    let Some((setting, stream)) = data.split_first() else { return };
    let mut reader = HostReader::default();
    reader.set_numeric(*setting > 127);
    let (mut whole, mut parts) = (Vec::new(), Vec::new());
    host_items(&mut reader.clone(), stream, &mut whole);
    for chunk in stream.chunks(usize::from(*setting & 127).max(1)) {
        host_items(&mut reader, chunk, &mut parts);
    }
    assert_eq!(whole, parts, "the cuts changed the items");
}

fn host_items(reader: &mut HostReader, mut chunk: &[u8], items: &mut Vec<Vec<u8>>) {
    while let Some(item) = reader.read(&mut chunk, b"AT+CSQ\r") {
        items.push(match item {
            HostItem::Line(line) => {
                read_line(line);
                line.to_vec()
            }
            HostItem::Result(_) | HostItem::Prompt | HostItem::LineTooLong { .. } => {
                alloc::format!("{item:?}").into_bytes()
            }
        });
    }
}

/// Tries every reading of a line.
fn read_line(line: &[u8]) {
    for checks in LINES {
        (checks.reread)(line);
    }
    drop(CchoInfo::parse_any(line));
    let _: Option<&[u8]> = parse_iccid_line(line);
    if let Ok((domain, setting, registration)) = Registration::parse_answer(line) {
        let mut again = Vec::new();
        registration.put_answer(
            domain,
            setting,
            Framing { verbose: false, ..Framing::default() },
            &mut again,
        );
        assert_eq!(
            Registration::parse_answer(unframed(&again)),
            Ok((domain, setting, registration))
        );
    }
    if let Ok(Some(urc)) = Urc::parse(line) {
        let mut again = Vec::new();
        urc.put(Framing::default(), &mut again);
        assert_eq!(Urc::parse(unframed(&again)), Ok(Some(urc)));
    }
}

/// Cuts the line ends off.
const fn unframed(mut line: &[u8]) -> &[u8] {
    while let [b'\r' | b'\n', rest @ ..] | [rest @ .., b'\r' | b'\n'] = line {
        line = rest;
    }
    line
}

/// Masks any bytes: the cuts do not change what is left, and no command with a secret can be read
/// from it.
///
/// The first byte is the length of the chunks.
///
/// # Panics
/// When one of that does not hold.
pub fn fuzz_at_secrets(data: &[u8]) {
    let Some((length, stream)) = data.split_first() else { return };
    let (mut mask, mut masked) = (SecretMask::default(), Vec::new());
    for chunk in stream.chunks(usize::from(*length).max(1)) {
        mask.mask(chunk, &mut masked);
    }
    assert_eq!(masked, without_secrets(stream), "the cuts changed what is masked");
    let (mut reader, mut rest) = (DeviceReader::default(), masked.as_slice());
    while let Some(item) = reader.read(&mut rest) {
        let DeviceItem::Line(line) = item else { continue };
        for command in parse_line(line.text()).flatten() {
            assert!(!holds_secret(&command), "{command:?} in {}", masked.escape_ascii());
        }
    }
}

fn holds_secret(command: &Command) -> bool {
    let mut line = Vec::new();
    command.encode(&mut line);
    // What stands in place of a PIN can be read as one.
    let is_masked = line.windows(MASK.len()).any(|window| window == MASK);
    let has_parameter = matches!(
        command,
        Command::Cpin(Form::Set(_))
            | Command::Cpwd(Form::Set(_))
            | Command::Csim(Form::Set(_))
            | Command::Cgla(Form::Set(_))
    );
    let has_password = matches!(command, Command::Clck(Form::Set(set)) if set.password.is_some())
        || matches!(command, Command::Cpbs(Form::Set(set)) if set.password.is_some());
    let dials = matches!(command, Command::Dial(dial)
        if matches!(&dial.target, DialTarget::Number(number) if is_procedure(number.as_str())));
    dials || ((has_parameter || has_password) && !is_masked)
}

/// Whether it is a procedure of TS 22.030, 6.6.2, with a PIN in it.
fn is_procedure(number: &str) -> bool {
    let names = ["**04*", "**042*", "**05*", "**052*"];
    let mut pins = names.iter().filter_map(|name| number.strip_prefix(name));
    pins.any(|pins| pins.bytes().any(|digit| digit.is_ascii_digit()))
}
