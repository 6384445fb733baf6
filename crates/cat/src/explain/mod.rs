//! Messages for people: every object with its place, its name and what it says.

mod details;
mod result;
mod value;

use alloc::{format, string::String, vec::Vec};

use crate::{
    command::{CommandDetails, CommandType, ProactiveCommand},
    envelope::Envelope,
    error::CatError,
    object::{Object as _, event::Event},
    objects::within_limit,
    profile::{Feature, TerminalProfile},
    response::TerminalResponse,
    tag::{self, Tag},
};
use polysim_base::tlv::Comprehension;

/// One object of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// Where it begins in the message.
    pub at: usize,
    /// Its tag, and whether it requires comprehension.
    pub tag: Tag,
    /// What it is called.
    pub name: &'static str,
    /// What it holds.
    pub value: Vec<u8>,
    /// What that says, where it says more than its octets.
    pub meaning: Option<String>,
}

/// A message taken apart, as far as that is possible.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Explanation {
    /// Which message it is.
    pub title: String,
    /// Its objects in their order, up to the first that is none.
    pub parts: Vec<Part>,
    /// What a terminal or a card would find wrong with it.
    pub flaw: Option<CatError>,
}

/// What a message is about: some numbers of objects have several meanings.
#[derive(Clone, Copy, Debug, Default)]
struct Setting {
    command: Option<CommandType>,
    event: Option<Event>,
}

impl Setting {
    fn is_event(&self, event: Event) -> bool {
        self.event == Some(event)
    }

    fn opens_channel(&self) -> bool {
        self.command == Some(CommandType::OpenChannel)
    }
}

impl ProactiveCommand {
    /// Takes octets apart that are to be a proactive command.
    ///
    /// # Errors
    /// [`CatError`] when there is no outer object.
    pub fn explain(octets: &[u8]) -> Result<Explanation, CatError> {
        let (at, inner) = inner(octets)?;
        let command = CommandDetails::find(octets)
            .and_then(|details| CommandType::from_octet(details.command_type));
        let parts = parts(inner, at, &Setting { command, event: None });
        let name = command.map_or("of an unknown type", CommandType::name);
        let flaw = Self::decode(octets).err();
        Ok(Explanation { title: format!("proactive command {name}"), parts, flaw })
    }
}

impl TerminalResponse {
    /// Takes octets apart that are to be a TERMINAL RESPONSE.
    #[must_use]
    pub fn explain(octets: &[u8]) -> Explanation {
        let mut parts = parts(octets, 0, &Setting::default());
        let details = parts.iter().find(|part| part.tag.number() == tag::COMMAND_DETAILS.number());
        let command = details
            .and_then(|part| CommandDetails::parse(&part.value).ok())
            .and_then(|details| CommandType::from_octet(details.command_type));
        let setting = Setting { command, event: None };
        for part in &mut parts {
            part.name_in(&setting);
        }
        let name = command.map_or("a command of an unknown type", CommandType::name);
        let flaw = Self::decode(octets).err();
        Explanation { title: format!("TERMINAL RESPONSE to {name}"), parts, flaw }
    }
}

impl Envelope {
    /// Takes octets apart that are to be the data of an ENVELOPE.
    ///
    /// # Errors
    /// [`CatError`] when there is no outer object.
    pub fn explain(octets: &[u8]) -> Result<Explanation, CatError> {
        let (at, inner) = inner(octets)?;
        let name = octets.first().map_or("", |outer| envelope(*outer));
        let events = parts(inner, at, &Setting::default());
        let event = events
            .iter()
            .find(|part| part.tag.number() == tag::EVENT_LIST.number())
            .and_then(|part| Event::parse(&part.value).ok());
        let parts = parts(inner, at, &Setting { command: None, event });
        let title = match event {
            Some(event) => format!("ENVELOPE, {name}: {event}"),
            None => format!("ENVELOPE, {name}"),
        };
        Ok(Explanation { title, parts, flaw: Self::decode(octets).err() })
    }
}

/// What an ENVELOPE is called by its outer tag.
const fn envelope(outer: u8) -> &'static str {
    match outer {
        0xD1 => "SMS-PP download",
        0xD2 => "cell broadcast download",
        0xD3 => "menu selection",
        0xD4 => "call control",
        0xD5 => "short message control",
        0xD6 => "event download",
        0xD7 => "timer expiration",
        0xD9 => "USSD download",
        0xDA => "MMS transfer status",
        0xDB => "MMS notification download",
        0xDC => "terminal application",
        0xDD => "geographical location reporting",
        0xDE => "envelope container",
        0xDF => "ProSe usage report",
        _ => "unknown message",
    }
}

impl TerminalProfile {
    /// Says what the terminal can do by an octet of its profile, counted from 1: its features,
    /// and numbers that it gives.
    #[must_use]
    pub fn explain(&self, octet: u8) -> Vec<String> {
        let here = self.features().filter(|feature| feature.place().0 == octet);
        let mut words: Vec<_> = here.map(|feature: Feature| format!("{feature}")).collect();
        let number = match octet {
            11 => Some((self.soft_keys(), "soft keys")),
            13 => Some((self.channels(), "channels")),
            14 => Some((self.screen().0, "lines of characters")),
            15 => Some((self.screen().1, "columns of characters")),
            24 => Some((self.frames(), "frames")),
            _ => None,
        };
        let number = number.filter(|(number, _)| *number > 0);
        words.extend(number.map(|(number, what)| format!("{number} {what}")));
        words
    }
}

impl Part {
    fn name_in(&mut self, setting: &Setting) {
        self.name = name(self.tag, setting);
        self.meaning = value::words(self.tag, &self.value, setting);
    }
}

/// Where the objects of an outer object begin, and those that are there of them.
fn inner(octets: &[u8]) -> Result<(usize, &[u8]), CatError> {
    within_limit(octets)?;
    let (outer, behind) =
        Comprehension::read(octets).map_err(|error| CatError::of_tlv(error, 0))?;
    let end = octets.len() - behind.len();
    Ok((end - outer.value.len(), outer.value))
}

/// Reads objects up to the first that is none; `base` is where they begin in the message.
fn parts(octets: &[u8], base: usize, setting: &Setting) -> Vec<Part> {
    let (mut parts, mut rest) = (Vec::new(), octets);
    while let Ok((object, behind)) = Comprehension::read(rest) {
        let at = base + octets.len() - rest.len();
        let tag = Tag::new(object.tag);
        let tag = if object.required { tag } else { tag.ignorable() };
        let value = object.value.to_vec();
        let mut part = Part { at, tag, name: "", value, meaning: None };
        part.name_in(setting);
        parts.push(part);
        rest = behind;
    }
    parts
}

/// What an object is called where it stands.
fn name(tag: Tag, setting: &Setting) -> &'static str {
    let is = |event| setting.is_event(event);
    match tag.number() {
        0x1D | 0x2A | 0x2E if is(Event::DataConnection) => match tag.number() {
            0x1D => "data connection status",
            0x2A => "data connection type",
            _ => "(E)SM cause",
        },
        0x31 if is(Event::ImsRegistration) || is(Event::ImsData) => "IMS URI",
        0x3A if setting.command == Some(CommandType::Refresh) => "REFRESH enforcement policy",
        0x40 if setting.opens_channel() => "DNS server address",
        0x57 if is(Event::NetworkRejection) => "extended rejection cause code",
        0x76 if is(Event::ImsData) => "IARI",
        0x77 if is(Event::ImsRegistration) => "IMPU list",
        0x78 if is(Event::ImsRegistration) => "IMS status code",
        _ => tag.name().unwrap_or("unknown object"),
    }
}
