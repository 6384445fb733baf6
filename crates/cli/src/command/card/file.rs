//! `polysim card READER read` and `update`.

use super::place::Place;
use super::show::Holds;
use super::{Report, tree};
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use polysim::{Card, File};
use polysim_apdu::FileStructure;
use polysim_base::{Hex, parse_hex};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Stands in place of keys.
const HIDDEN: &str = "(keys; --reveal shows them)";

/// What is to be written, and where in the file.
#[derive(Debug)]
pub(super) struct Write {
    data: Vec<u8>,
    record: Option<u8>,
    offset: u16,
}

impl Write {
    pub(super) fn new(hex: &str, record: Option<u8>, offset: u16) -> Result<Self> {
        let bare: String = hex.chars().filter(|letter| !letter.is_whitespace()).collect();
        let data = parse_hex(bare.as_bytes()).context("what is to be written is no hexadecimal")?;
        if data.is_empty() {
            bail!("nothing is to be written");
        }
        Ok(Self { data, record, offset })
    }
}

pub(super) async fn read(
    card: &mut Card,
    place: &Place,
    record: Option<u8>,
    reveal: bool,
) -> Result<Report> {
    let file = place.select(card).await?;
    let mut pieces = Vec::new();
    match file.structure {
        FileStructure::LinearFixed | FileStructure::Cyclic => match record {
            Some(number) => pieces.push((Some(number), card.read_record(&file, number).await?)),
            None => {
                let records = card.read_records(&file).await?;
                pieces.extend((1..).map(Some).zip(records));
            }
        },
        FileStructure::Df => bail!("{place} is a directory; `tree` lists what is in it"),
        FileStructure::Transparent | FileStructure::Unspecified | FileStructure::BerTlv => {
            if record.is_some() {
                bail!("{place} has no records");
            }
            pieces.push((None, card.read(&file).await?));
        }
    }
    shown(place, &file, &pieces, reveal)
}

fn shown(
    place: &Place,
    file: &File,
    pieces: &[(Option<u8>, Vec<u8>)],
    reveal: bool,
) -> Result<Report> {
    let name = place.name().unwrap_or_default();
    let mut text = format!("{place} {name}").trim_end().to_owned();
    writeln!(text, ": {}", tree::kind(file))?;
    let mut parts = Vec::new();
    for (number, bytes) in pieces {
        let piece = Piece::of(place.holds(), bytes, reveal);
        if let Some(number) = number {
            write!(text, "{number:>3}: ")?;
        }
        writeln!(text, "{}", piece.hex)?;
        if let Some(words) = piece.words.as_ref().filter(|words| !words.is_empty()) {
            let indent = if number.is_some() { 5 } else { 0 };
            writeln!(text, "{:indent$}{words}", "")?;
        }
        parts.push(piece.json(*number));
    }
    let json = json!({
        "path": place.to_string(),
        "name": place.name(),
        "structure": tree::structure(file.structure),
        "contents": parts,
    });
    Ok(Report { text, json, exit: Exit::Held })
}

/// A transparent file, or a record.
struct Piece {
    hex: String,
    words: Option<String>,
}

impl Piece {
    fn of(holds: Holds, bytes: &[u8], reveal: bool) -> Self {
        let words = match holds {
            Holds::Keys if !reveal => return Self { hex: HIDDEN.to_owned(), words: None },
            _ if bytes.iter().all(|octet| *octet == 0xFF) => Some("(empty)".to_owned()),
            Holds::Text(show) => Some(match show(bytes) {
                Ok(words) => words,
                Err(error) => format!("({error})"),
            }),
            Holds::Keys | Holds::Octets => None,
        };
        Self { hex: Hex(bytes).to_string(), words }
    }

    fn json(&self, record: Option<u8>) -> Value {
        json!({ "record": record, "hex": self.hex, "decoded": self.words })
    }
}

pub(super) async fn update(card: &mut Card, place: &Place, write: &Write) -> Result<Report> {
    let file = place.select(card).await?;
    let Write { data, record, offset } = write;
    let len = data.len();
    let said = match (file.structure, record) {
        (FileStructure::Df, _) => bail!("{place} is a directory"),
        (FileStructure::LinearFixed | FileStructure::Cyclic, None) => {
            bail!("{place} is {}: which record? --record N", tree::kind(&file))
        }
        (FileStructure::LinearFixed | FileStructure::Cyclic, Some(number)) => {
            let length = file.records.map(|records| usize::from(records.length));
            if let Some(length) = length.filter(|length| *length != len) {
                bail!("a record of {place} has {length} bytes, and {len} were given");
            }
            card.update_record(*number, data).await?;
            format!("record {number} of {place}")
        }
        (_, Some(_)) => bail!("{place} has no records"),
        (_, None) => {
            let offset = usize::from(*offset);
            let size = file.size.and_then(|size| usize::try_from(size).ok());
            if let Some(size) = size.filter(|size| offset + len > *size) {
                bail!("{place} has {size} bytes, and {len} were given for offset {offset}");
            }
            card.update(offset, data).await?;
            place.to_string()
        }
    };
    Ok(Report {
        text: format!("wrote {} to {said}\n", tree::bytes(u32::try_from(len).unwrap_or(u32::MAX))),
        json: json!({ "path": place.to_string(), "record": record, "offset": offset, "bytes": len }),
        exit: Exit::Held,
    })
}
