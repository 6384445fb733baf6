//! Messages as canonical lines of JSON: keys in alphabetical order, AT as text, APDUs as hexadecimal.

use crate::message::Message;
use crate::node::Kind;
use crate::observer::Names;
use polysim_base::{Hex, Instant};
use polysim_baseband::{BasebandInput, CardToTerminal};
use polysim_card::CardInput;
use polysim_kernel::NodeId;
use polysim_modem::ModemInput;
use serde_json::json;

/// Returns a message as a line, without the line end.
pub(crate) fn line(at: Instant, node: NodeId, message: &Message, names: &Names) -> String {
    let (kind, content) = content(message);
    json!({
        "at_us": at.as_micros(),
        "content": content,
        "kind": kind,
        "to": name(node, names),
    })
    .to_string()
}

fn name(node: NodeId, names: &Names) -> String {
    let Some((kind, index)) = Kind::of(node) else { return format!("node {}", node.0) };
    match kind {
        Kind::Region => {
            format!("region:{}", u16::try_from(index).map_or("?", |index| names.region(index)))
        }
        Kind::Core => format!("operator:{}", names.operator_name(index)),
        Kind::Host => format!("host:{}", names.phone(index)),
        Kind::Baseband => format!("modem:{}", names.phone(index)),
        Kind::Card => format!("card:{}", names.phone(index)),
    }
}

fn content(message: &Message) -> (&'static str, String) {
    let at = |bytes: &[u8]| line_without_secrets(&bytes.escape_ascii().to_string());
    match message {
        Message::Region(input) => ("region", format!("{input:?}")),
        Message::Core(input) => ("core", format!("{input:?}")),
        Message::Air(_, downlink) => ("downlink", format!("{downlink:?}")),
        Message::Baseband(BasebandInput::Port { bytes, .. }) => ("at-command", at(bytes)),
        Message::Baseband(BasebandInput::Card(CardToTerminal::Response(bytes))) => {
            ("apdu-response", Hex(bytes).to_string())
        }
        Message::Baseband(input) => ("modem", format!("{input:?}")),
        Message::Card(CardInput::Command(bytes)) => ("apdu-command", secret_free(bytes)),
        Message::Card(input) => ("card", format!("{input:?}")),
        Message::Host(ModemInput::Bytes(bytes)) => ("at-answer", at(bytes)),
        Message::Host(input) => ("host", format!("{input:?}")),
    }
}

/// The parameters of commands that carry PINs and passwords stay out of traces, and so do their
/// echoes.
fn line_without_secrets(line: &str) -> String {
    const SECRET: [&str; 4] = ["+CPIN=", "+CPWD=", "+CLCK=", "+CSIM="];
    let upper = line.to_ascii_uppercase();
    let place = SECRET.iter().find_map(|name| upper.find(name).map(|at| at + name.len()));
    match place.and_then(|at| line.get(..at)) {
        Some(head) => format!("{head}***"),
        None => line.to_owned(),
    }
}

/// The data of PIN commands (INS 20 to 2C) stay out of traces.
fn secret_free(apdu: &[u8]) -> String {
    match apdu {
        [_, 0x20 | 0x24 | 0x26 | 0x28 | 0x2C, ..] => {
            let header = apdu.get(..5).unwrap_or(apdu);
            format!("{}***", Hex(header))
        }
        _ => Hex(apdu).to_string(),
    }
}
