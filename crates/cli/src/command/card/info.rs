//! `polysim card READER info`: who the card is.

use super::known::{self, Holds, Root};
use super::{Report, place, show};
use crate::exit::Exit;
use anyhow::Result;
use polysim::{Card, CardFault};
use polysim_apdu::ef::{Administrative, Contents, ServiceTable};
use polysim_apdu::{Atr, KeyRef, Status};
use polysim_base::{Hex, Imsi};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Services of EF.UST that say what a card can do (TS 31.102, 4.2.8).
const SERVICES: [(u8, &str); 18] = [
    (2, "fixed dialling"),
    (10, "texts"),
    (12, "text parameters"),
    (19, "provider name"),
    (21, "MSISDN"),
    (27, "GSM access"),
    (28, "data download by text"),
    (29, "data download by cell broadcast"),
    (30, "call control"),
    (38, "GSM security context"),
    (45, "network names"),
    (71, "equivalent home networks"),
    (85, "EPS mobility"),
    (86, "allowed CSG lists"),
    (122, "5GS mobility"),
    (123, "5G security parameters"),
    (124, "subscription identifier privacy"),
    (125, "SUCI calculation by the USIM"),
];
/// The PINs that are asked about where the card does not say which it has.
const PINS: [KeyRef; 2] = [KeyRef::PIN1, KeyRef::PIN2];
/// Bytes of a file in an application, by its name.
type Read = Result<Vec<u8>, String>;

pub(super) async fn report(card: &mut Card, reader: &str) -> Result<Report> {
    let mut facts = Facts::default();
    facts.add("reader", "reader", Ok(reader.to_owned()));
    let atr = card.atr();
    if !atr.is_empty() {
        facts.add("atr", "ATR", Ok(Hex(&atr).to_string()));
        facts.add("interface", "interface", interface(&atr));
    }
    facts.add("iccid", "ICCID", soft(card.iccid().await)?.map(|iccid| iccid.to_string()));
    let applications = soft(card.applications().await)?.map(|list| {
        let label = |label: &Option<String>| label.clone().unwrap_or_default();
        let words = list.iter().map(|one| format!("{} {}", Hex(&one.aid), label(&one.label)));
        words.map(|words| words.trim_end().to_owned()).collect::<Vec<_>>().join(", ")
    });
    facts.add("applications", "applications", applications);
    usim(card, &mut facts).await?;
    Ok(facts.report())
}

/// Returns protocols, speed and historical bytes (ISO 7816-3, 8).
fn interface(atr: &[u8]) -> Result<String, String> {
    let atr = Atr::parse(atr).map_err(|error| error.to_string())?;
    let mut protocols: Vec<_> =
        atr.protocols().filter(|number| *number < 15).map(|number| format!("T={number}")).collect();
    if protocols.is_empty() {
        protocols.push("T=0".to_owned());
    }
    let mut text = protocols.join(" ");
    if let Some((clocks, divisor)) = atr.rates() {
        write!(text, ", {clocks} clocks a bit at a divisor of {divisor}").ok();
    }
    if !atr.historical.is_empty() {
        write!(text, ", historical bytes {}", Hex(&atr.historical)).ok();
    }
    Ok(text)
}

/// Tells what the USIM holds, and the state of its PINs.
async fn usim(card: &mut Card, facts: &mut Facts) -> Result<()> {
    let application = match soft(place::enter(card, Root::Usim).await)? {
        Ok(application) => application,
        Err(reason) => {
            facts.add("usim", "USIM", Err(reason));
            return Ok(());
        }
    };
    let imsi = file(card, "EF.IMSI").await?;
    let administrative = file(card, "EF.AD").await?;
    facts.add("imsi", "IMSI", words("EF.IMSI", &imsi));
    facts.add("home", "home network", home(&imsi, &administrative));
    let name = file(card, "EF.SPN").await?;
    facts.add("spn", "provider", words("EF.SPN", &name));
    facts.add("msisdn", "number", number(card).await?);
    let services = file(card, "EF.UST").await?.and_then(|bytes| named_services(&bytes));
    facts.add("services", "services", services);
    let template = application.map(|file| file.template).unwrap_or_default();
    facts.pins = pins(card, &template).await?;
    Ok(())
}

/// Reads a transparent file of the USIM.
async fn file(card: &mut Card, name: &'static str) -> Result<Read> {
    let Some((directory, known)) = known::by_name(Some(Root::Usim), name) else {
        return Ok(Err("unknown".to_owned()));
    };
    let path: Vec<_> = directory.path.iter().copied().chain([known.fid]).collect();
    let selected = match soft(place::at(card, Root::Usim, &path).await)? {
        Ok(selected) => selected,
        Err(reason) => return Ok(Err(reason)),
    };
    soft(card.read(&selected).await)
}

/// Puts the contents of a file into words.
fn words(name: &'static str, bytes: &Read) -> Result<String, String> {
    let bytes = bytes.as_ref().map_err(Clone::clone)?;
    match known::by_name(Some(Root::Usim), name).map(|(_, known)| known.holds) {
        Some(Holds::Text(show)) => show(bytes).map_err(|error| error.to_string()),
        Some(Holds::Octets | Holds::Keys) | None => Ok(Hex(bytes).to_string()),
    }
}

/// Returns the home network: from the IMSI, as many digits as EF.AD says.
fn home(imsi: &Read, administrative: &Read) -> Result<String, String> {
    let imsi = imsi.as_ref().map_err(Clone::clone)?;
    let imsi = <Imsi as Contents>::parse(imsi).map_err(|error| error.to_string())?;
    let administrative = administrative.as_ref().map_err(Clone::clone)?;
    let data = Administrative::parse(administrative).map_err(|error| error.to_string())?;
    let digits = data.mnc_len.ok_or("the card does not say how long its network code is")?;
    let home = imsi.home(digits).ok_or("no network has a code of that length")?;
    Ok(home.to_string())
}

/// Returns the first number of EF.MSISDN.
async fn number(card: &mut Card) -> Result<Result<String, String>> {
    let selected = match soft(place::at(card, Root::Usim, &[0x6F40]).await)? {
        Ok(selected) => selected,
        Err(reason) => return Ok(Err(reason)),
    };
    let records = match soft(card.read_records(&selected).await)? {
        Ok(records) => records,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut words = records.iter().filter_map(|record| show::dialling(record).ok());
    Ok(words.find(|words| !words.is_empty()).ok_or_else(|| "not written".to_owned()))
}

fn named_services(bytes: &[u8]) -> Result<String, String> {
    let table = ServiceTable::parse(bytes).map_err(|error| error.to_string())?;
    let named = SERVICES.iter().filter(|(number, _)| table.contains(*number));
    let mut names: Vec<_> = named.map(|(_, name)| (*name).to_owned()).collect();
    let named = |number: &u8| SERVICES.iter().any(|(known, _)| known == number);
    let others = table.services().filter(|number| !named(number)).count();
    if others > 0 {
        names.push(format!("{others} more"));
    }
    Ok(names.join(", "))
}

/// The state of a PIN.
#[derive(Debug)]
struct Pin {
    key: KeyRef,
    enabled: Option<bool>,
    /// Tries left; `None` where it needs none now.
    tries_left: Option<u8>,
}

/// Asks about the PINs that the USIM tells of, without spending a try.
async fn pins(card: &mut Card, template: &[u8]) -> Result<Vec<Pin>> {
    let told = polysim_apdu::Fcp::parse(template).ok().and_then(|fcp| fcp.pin_status);
    let keys: Vec<(KeyRef, Option<bool>)> = match &told {
        Some(status) => status.pins().iter().map(|pin| (pin.key, Some(pin.enabled))).collect(),
        None => PINS.iter().map(|key| (*key, None)).collect(),
    };
    let mut pins = Vec::new();
    for (key, enabled) in keys {
        let tries_left = match card.tries_left(key).await {
            Ok(tries_left) => tries_left,
            Err(CardFault::PinBlocked { .. }) => Some(0),
            Err(CardFault::Refused { status: Status::ReferenceDataNotFound, .. }) => continue,
            Err(CardFault::PinAtRisk { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        pins.push(Pin { key, enabled, tries_left });
    }
    Ok(pins)
}

impl Pin {
    fn words(&self) -> String {
        let enabled = match self.enabled {
            Some(true) => "enabled",
            Some(false) => "disabled",
            None => "",
        };
        let tries = match self.tries_left {
            Some(0) => "blocked: the PUK is needed".to_owned(),
            Some(left) => format!("{left} tries left"),
            None => "not needed now".to_owned(),
        };
        [enabled, &tries]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn json(&self) -> Value {
        json!({
            "key": show::short(self.key), "enabled": self.enabled, "tries_left": self.tries_left,
        })
    }
}

/// What is known, in order; for what is not, why.
#[derive(Debug, Default)]
struct Facts {
    facts: Vec<(&'static str, &'static str, Result<String, String>)>,
    pins: Vec<Pin>,
}

impl Facts {
    fn add(&mut self, key: &'static str, label: &'static str, value: Result<String, String>) {
        self.facts.push((key, label, value));
    }

    fn report(self) -> Report {
        let mut text = String::new();
        let mut json = serde_json::Map::new();
        let mut missing = serde_json::Map::new();
        let mut line = |label: &str, value: &str| {
            text.push_str(format!("{label:<14} {value}").trim_end());
            text.push('\n');
        };
        for (key, label, value) in self.facts {
            match value {
                Ok(value) => {
                    line(label, &value);
                    json.insert(key.to_owned(), value.into());
                }
                Err(reason) => {
                    line(label, &format!("({reason})"));
                    json.insert(key.to_owned(), Value::Null);
                    missing.insert(key.to_owned(), reason.into());
                }
            }
        }
        for pin in &self.pins {
            line(&show::short(pin.key), &pin.words());
        }
        json.insert("pins".to_owned(), self.pins.iter().map(Pin::json).collect());
        json.insert("missing".to_owned(), missing.into());
        Report { text, json: json.into(), exit: Exit::Held }
    }
}

/// Keeps apart what this file or application refuses from what ends everything.
pub(super) fn soft<T>(result: Result<T, CardFault>) -> Result<Result<T, String>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error @ (CardFault::Link(_) | CardFault::Reset | CardFault::Endless { .. })) => {
            Err(error.into())
        }
        Err(CardFault::Refused { status: Status::SecurityNotSatisfied, .. }) => {
            Ok(Err("needs the PIN: --ask-pin".to_owned()))
        }
        Err(error) => Ok(Err(error.to_string())),
    }
}
