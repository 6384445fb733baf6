//! The readers of this machine.

use super::Report;
use crate::exit::Exit;
use anyhow::{Result, bail};
use polysim_hal::{CardError, CardErrorKind, CardLink, CardReader, ReaderStatus};
use serde_json::json;
use std::fmt::Write as _;

/// Connects to the card in the reader of this name, part of a name, or number.
///
/// Returns the name with it.
pub(super) async fn connect(wanted: &str) -> Result<(Box<dyn CardLink>, String)> {
    let mut readers = all()?;
    let list = readers.list().await.map_err(advise)?;
    let name = find(&list, wanted)?.to_owned();
    let link = readers.connect(&name).await.map_err(advise)?;
    Ok((link, name))
}

/// Adds what to do about an error.
#[expect(clippy::wildcard_enum_match_arm, reason = "the list of kinds is open")]
fn advise(error: CardError) -> anyhow::Error {
    let advice = match error.kind() {
        CardErrorKind::ServiceGone => {
            "start the card service (systemctl start pcscd.socket); `polysim doctor` says more"
        }
        CardErrorKind::Busy => "end the other program that uses the card, and try again",
        CardErrorKind::Mute => "take the card out, clean its contacts, and put it in again",
        CardErrorKind::NoCard => "put a card in",
        _ => return error.into(),
    };
    anyhow::Error::from(error).context(advice)
}

pub(super) async fn list() -> Result<Report> {
    let list = all()?.list().await.map_err(advise)?;
    let mut text = String::new();
    for (number, reader) in list.iter().enumerate() {
        write!(text, "{number}  {}", reader.name)?;
        match &reader.atr {
            Some(atr) => writeln!(text, "  card, ATR {}", polysim_base::Hex(atr))?,
            None => writeln!(text, "  empty")?,
        }
    }
    if list.is_empty() {
        text.push_str(
            "no readers: plug one in; `polysim doctor` says whether anything is missing\n",
        );
    }
    let readers: Vec<_> = list
        .iter()
        .enumerate()
        .map(|(number, reader)| {
            let atr = reader.atr.as_ref().map(|atr| polysim_base::Hex(atr).to_string());
            json!({ "number": number, "name": reader.name, "atr": atr })
        })
        .collect();
    Ok(Report { text, json: json!({ "readers": readers }), exit: Exit::Held })
}

#[cfg(feature = "pcsc")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn all() -> Result<Box<dyn CardReader>> {
    Ok(Box::new(polysim_hal_pcsc::PcscReaders::new()))
}

#[cfg(not(feature = "pcsc"))]
fn all() -> Result<Box<dyn CardReader>> {
    bail!(
        "this polysim was built without card readers; the feature needs a system library:
  apt-get install libpcsclite-dev pkg-config
  cargo build --release -p polysim-cli --features pcsc
The card in a modem needs neither: polysim card modem:/dev/ttyUSB2 info"
    )
}

/// Finds a reader by its name, by its number, or by a part of its name that only it has.
pub(super) fn find<'a>(list: &'a [ReaderStatus], wanted: &str) -> Result<&'a str> {
    let names = || list.iter().map(|reader| reader.name.as_str());
    if let Some(name) = names().find(|name| *name == wanted) {
        return Ok(name);
    }
    if let Ok(number) = wanted.parse::<usize>() {
        return match names().nth(number) {
            Some(name) => Ok(name),
            None => bail!("there is no reader {number}; {}", known(list)),
        };
    }
    let part = wanted.to_lowercase();
    let found: Vec<_> = names().filter(|name| name.to_lowercase().contains(&part)).collect();
    match *found {
        [name] => Ok(name),
        [] => bail!("there is no reader {wanted:?}; {}", known(list)),
        _ => bail!("more than one reader has {wanted:?} in its name: {}", found.join(", ")),
    }
}

fn known(list: &[ReaderStatus]) -> String {
    if list.is_empty() {
        return "there are none at all (see `polysim doctor`)".to_owned();
    }
    let names: Vec<_> = list
        .iter()
        .enumerate()
        .map(|(number, reader)| format!("{number} {}", reader.name))
        .collect();
    format!("there are: {}", names.join(", "))
}
