//! Which modems stand for which phones of a scenario.

use crate::files;
use anyhow::Result;
use polysim_base::Msisdn;
use polysim_hal_serial::Address;
use polysim_modem::Pin;
use polysim_scenario::spec::Name;
use polysim_scenario::{Mistake, Mistakes, Plan, Source, did_you_mean, expand, nth, read_strictly};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// The most phones that one run drives.
const PHONES_MAX: usize = 256;
/// A file with a PIN has no more octets.
const PIN_FILE_LEN_MAX: usize = 64;

/// A configuration file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// The phones.
    phone: Vec<PhoneSpec>,
}

/// The modem of a phone.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PhoneSpec {
    /// The phone's name in the scenario, or a pattern of names.
    name: Name,
    /// Where its AT port is; a pattern where the name is one.
    port: Name,
    /// Its real number in international form; a pattern where the name is one.
    number: Name,
    /// A file with the PIN of its card, by its path from this file. Default: none is entered.
    pin_file: Option<Name>,
}

/// A configuration that has been read.
pub(crate) struct Config {
    source: Source,
    /// The phones.
    pub(crate) phones: Vec<PhoneConfig>,
}

/// The modem of a phone.
pub(crate) struct PhoneConfig {
    /// The phone's name in the scenario, and where the file says so.
    pub(crate) name: Name,
    /// Where its AT port is.
    pub(crate) port: Address,
    /// Its real number.
    pub(crate) number: Msisdn,
    /// The PIN of its card.
    pub(crate) pin: Option<String>,
}

impl Config {
    /// Reads a configuration.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let source = files::read(path)?;
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let mut pin = |name: &str| {
            let path = folder.join(name);
            files::read_text(&path, PIN_FILE_LEN_MAX).map_err(|error| format!("{error:#}"))
        };
        Ok(Self::parse(source, &mut pin)?)
    }

    fn parse(
        source: Source,
        pin: &mut dyn FnMut(&str) -> Result<String, String>,
    ) -> Result<Self, Mistakes> {
        let file: File = read_strictly(&source)?;
        let mut reader = Reader { source: &source, pin, phones: Vec::new(), mistakes: Vec::new() };
        file.phone.iter().for_each(|spec| reader.phones_of(spec));
        reader.look_for_doubles();
        let Reader { phones, mut mistakes, .. } = reader;
        if phones.is_empty() && mistakes.is_empty() {
            mistakes.push(source.mistake(0..0, "there is no [[phone]]"));
        }
        if mistakes.is_empty() { Ok(Self { source, phones }) } else { Err(Mistakes(mistakes)) }
    }

    /// Returns the file's name, as it was given.
    pub(crate) fn file(&self) -> &str {
        &self.source.name
    }

    /// Finds phones that are in none of the scenarios.
    pub(crate) fn check(&self, plans: &[Plan]) -> Result<(), Mistakes> {
        let phones = plans.iter().flat_map(|plan| &plan.world.phones);
        let known: BTreeSet<&str> = phones.map(|phone| phone.name.as_str()).collect();
        let strangers = self.phones.iter().map(|phone| &phone.name);
        let mistakes: Vec<Mistake> = strangers
            .filter(|name| !known.contains(name.text.as_str()))
            .map(|name| {
                let message = format!("no phone of the scenario is called \"{}\"", name.text);
                let help = did_you_mean(&name.text, known.iter().copied());
                self.source.mistake(name.span.clone(), message).with_help(help)
            })
            .collect();
        if mistakes.is_empty() { Ok(()) } else { Err(Mistakes(mistakes)) }
    }
}

struct Reader<'a> {
    source: &'a Source,
    pin: &'a mut dyn FnMut(&str) -> Result<String, String>,
    phones: Vec<PhoneConfig>,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn at(&mut self, place: &Name, message: impl Into<String>) {
        self.mistakes.push(self.source.mistake(place.span.clone(), message));
    }

    fn phones_of(&mut self, spec: &PhoneSpec) {
        let names = match expand(&spec.name.text) {
            Ok(names) if self.phones.len() + names.len() <= PHONES_MAX => names,
            Ok(_) => {
                return self.at(&spec.name, format!("{PHONES_MAX} phones are the most for a run"));
            }
            Err(error) => return self.at(&spec.name, error.to_string()),
        };
        let pin = spec.pin_file.as_ref().and_then(|file| self.pin_in(file));
        for (at, text) in (0..).zip(names) {
            let port = self.nth(&spec.port, at, |text| text.parse::<Address>());
            let number = self.nth(&spec.number, at, international);
            let (Some(port), Some(number)) = (port, number) else { return };
            let name = Name { text, span: spec.name.span.clone() };
            self.phones.push(PhoneConfig { name, port, number, pin: pin.clone() });
        }
    }

    fn nth<T, E: std::fmt::Display>(
        &mut self,
        pattern: &Name,
        at: u64,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = nth(&pattern.text, at).map_err(|error| error.to_string());
        match text.and_then(|text| parse(&text).map_err(|error| error.to_string())) {
            Ok(value) => Some(value),
            Err(message) => {
                self.at(pattern, message);
                None
            }
        }
    }

    /// What is in the file is in no message.
    fn pin_in(&mut self, file: &Name) -> Option<String> {
        match (self.pin)(&file.text) {
            Ok(text) if Pin::new(text.trim()).is_ok() => Some(text.trim().to_owned()),
            Ok(_) => {
                self.at(file, "the file holds no PIN: expected four to eight digits alone");
                None
            }
            Err(why) => {
                self.at(file, why);
                None
            }
        }
    }

    fn look_for_doubles(&mut self) {
        let (mut names, mut ports) = (BTreeSet::new(), BTreeSet::new());
        let mut numbers = BTreeSet::new();
        for phone in &self.phones {
            let Name { text, span } = &phone.name;
            let twice = if !names.insert(text) {
                format!("\"{text}\" is there already")
            } else if !ports.insert(phone.port.to_string()) {
                format!("the port of \"{text}\" is another phone's already")
            } else if !numbers.insert(phone.number.to_string()) {
                format!("the number of \"{text}\" is another phone's already")
            } else {
                continue;
            };
            self.mistakes.push(self.source.mistake(span.clone(), twice));
        }
    }
}

fn international(text: &str) -> Result<Msisdn, String> {
    if !text.starts_with('+') {
        return Err("a number in international form begins with a plus sign".into());
    }
    Msisdn::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn config(text: &str) -> Result<Config, Mistakes> {
        Config::parse(Source::new("live.toml", text), &mut |name| match name {
            "pin" => Ok("4711\n".into()),
            "wrong" => Ok("secret".into()),
            _ => Err(format!("cannot read {name}")),
        })
    }

    fn mistakes(text: &str) -> Vec<String> {
        let Err(Mistakes(mistakes)) = config(text) else { return Vec::new() };
        mistakes.iter().map(ToString::to_string).collect()
    }

    const TWO: &str = "[[phone]]\nname = \"p{1..2}\"\nport = \"/dev/ttyUSB{0..4}\"\n\
                       number = \"+4670000000{1..9}\"\npin_file = \"pin\"\n";

    #[test]
    fn a_pattern_stands_for_several_phones_with_ports_and_numbers_of_their_own() {
        let Ok(config) = config(TWO) else { panic!("it is right") };
        let shown: Vec<_> =
            config.phones.iter().map(|p| format!("{} {}", p.port, p.number)).collect();
        assert_eq!(shown, ["/dev/ttyUSB0 +46700000001", "/dev/ttyUSB1 +46700000002"]);
        assert_eq!(config.phones[1].name.text, "p2");
        assert_eq!(config.phones[1].pin.as_deref(), Some("4711"));
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let wrong = TWO.replace("port =", "prt =");
        assert!(
            mistakes(&wrong).iter().any(|m| m.starts_with("live.toml:3:1: unknown key \"prt\""))
        );
        assert!(mistakes(&TWO.replace("/dev/ttyUSB{0..4}", "COM1"))[0].contains("is no port"));
        assert!(mistakes(&TWO.replace("+46", "46"))[0].contains("plus sign"));
        assert!(mistakes(&TWO.replace("{1..9}", "1"))[0].contains("another phone's already"));
        assert!(mistakes(&[TWO, TWO].concat())[0].contains("\"p1\" is there already"));
        assert!(mistakes(&TWO.replace("{1..2}", "{1..300}"))[0].contains("256 phones"));
        assert_eq!(mistakes("phone = []"), ["live.toml:1:1: there is no [[phone]]"]);
    }

    #[test]
    fn what_a_pin_file_holds_is_never_shown() {
        let wrong = mistakes(&TWO.replace("\"pin\"", "\"wrong\""));
        assert!(wrong[0].contains("holds no PIN") && !wrong[0].contains("secret"), "{wrong:?}");
        assert!(mistakes(&TWO.replace("\"pin\"", "\"gone\""))[0].contains("cannot read gone"));
    }
}
