//! Packets for people: every field with its place, its octets and what it means.

mod words;

use alloc::{format, string::String, string::ToString as _, vec::Vec};
use core::fmt;

use crate::command::CommandPacket;
use crate::counter::{COUNTER_LEN, Counter};
use crate::header::Integrity;
use crate::key::KeySet;
use crate::packet::OpenError;
use crate::protection::{Protection, ProtectionError};
use crate::response::{ResponsePacket, StatusCode};

/// One field of a packet.
#[derive(Clone, Eq, PartialEq)]
pub struct Field {
    /// Where it begins in the packet.
    pub at: usize,
    /// Its octets, deciphered where the packet was; shown as their number, for they may hold
    /// keys.
    pub octets: Vec<u8>,
    /// What the standard calls it.
    pub name: &'static str,
    /// What it says.
    pub meaning: String,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({} at {}, {} octets)", self.name, self.at, self.octets.len())
    }
}

/// A packet taken apart, as far as that is possible.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its fields, which have all of its octets in their order.
    pub fields: Vec<Field>,
    /// How far it is to be believed.
    pub verdict: Verdict,
}

/// How far the contents of a packet are to be believed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// It was opened: its check held, if it has one.
    Opened,
    /// There were no keys to open it with: what is in clear was read as it stands.
    Unchecked,
    /// The keys at hand are not those that it names.
    Keys(ProtectionError),
    /// It does not open: another key, or it was changed.
    Refused(OpenError),
}

/// The name of the field that holds the secured data.
const DATA: &str = "data";
/// The name of what cannot be read.
const CIPHERED: &str = "ciphered";

impl Explanation {
    /// Returns the secured data, if it could be read.
    #[must_use]
    pub fn data(&self) -> Option<&[u8]> {
        self.find(DATA)
    }

    fn find(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|field| field.name == name).map(|field| &*field.octets)
    }
}

impl CommandPacket<'_> {
    /// Takes the packet apart; what is ciphered only with the keys.
    #[must_use]
    pub fn explain(&self, keys: Option<&KeySet>) -> Explanation {
        let header = self.header();
        let protection = Protection::of_command(header, keys);
        let verdict = match &protection {
            Ok(protection) => verdict(self.open(protection)),
            Err(_) if keys.is_none() => Verdict::Unchecked,
            Err(error) => Verdict::Keys(*error),
        };
        let (bytes, body) = self.outline();
        let plain = protection.as_ref().ok().map(|protection| self.deciphered(protection));
        let mut fields = Fields::new(bytes);
        fields.lengths(["CPL", "CHL"], self.check_len());
        fields.take("SPI", 2, |_| header.spi.to_string());
        fields.take("KIc", 1, |_| words::kic(header));
        fields.take("KID", 1, |_| words::kid(header));
        fields.take("TAR", 3, |_| tar(header.tar.name()));
        if let (Some(plain), Verdict::Opened) = (&plain, verdict) {
            fields.rest = plain;
        } else if header.spi.ciphered {
            fields.closed(body.len());
            return Explanation { fields: fields.done, verdict };
        }
        fields.body(header.spi.integrity, self.check_len(), verdict, false);
        Explanation { fields: fields.done, verdict }
    }
}

impl ResponsePacket<'_> {
    /// Takes the packet apart. It does not say how it is secured: without a protection it is read
    /// as if it were not ciphered, unless that makes no sense.
    #[must_use]
    pub fn explain(&self, protection: Option<&Protection<'_>>) -> Explanation {
        let verdict =
            protection.map_or(Verdict::Unchecked, |protection| verdict(self.open(protection)));
        let (bytes, body) = self.outline();
        let plain = protection.map(|protection| self.deciphered(protection));
        let mut fields = Fields::new(bytes);
        fields.lengths(["RPL", "RHL"], self.check_len());
        fields.take("TAR", 3, |_| tar(self.tar().name()));
        let integrity = match self.check_len() {
            0 => Integrity::None,
            2 => Integrity::RedundancyCheck,
            _ => protection.map_or(Integrity::Checksum, Protection::integrity),
        };
        if let (Some(plain), Verdict::Opened) = (&plain, verdict) {
            fields.rest = plain;
        } else if protection.map_or_else(|| self.looks_ciphered(), Protection::is_ciphered) {
            fields.closed(body.len());
            return Explanation { fields: fields.done, verdict };
        }
        fields.body(integrity, self.check_len(), verdict, true);
        Explanation { fields: fields.done, verdict }
    }
}

/// The octets of the longest block of a cipher.
const BLOCK_LEN_MAX: u8 = 16;

impl ResponsePacket<'_> {
    /// Tells whether padding or status are none that a response in clear has.
    fn looks_ciphered(&self) -> bool {
        let (_, body) = self.outline();
        let (padding, status) = (body.get(COUNTER_LEN), body.get(COUNTER_LEN + 1));
        padding.is_some_and(|padding| *padding >= BLOCK_LEN_MAX)
            || status.is_some_and(|status| {
                matches!(StatusCode::from_octet(*status), StatusCode::Reserved(_))
            })
    }
}

fn verdict<T>(opened: Result<T, OpenError>) -> Verdict {
    match opened {
        Ok(_) => Verdict::Opened,
        Err(error) => Verdict::Refused(error),
    }
}

fn tar(name: Option<&'static str>) -> String {
    name.unwrap_or("an application of its own").to_string()
}

/// Fields as they are read.
struct Fields<'a> {
    done: Vec<Field>,
    at: usize,
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    const fn new(packet: &'a [u8]) -> Self {
        Self { done: Vec::new(), at: 0, rest: packet }
    }

    fn take(&mut self, name: &'static str, len: usize, meaning: impl FnOnce(&[u8]) -> String) {
        let (octets, behind) = self.rest.split_at_checked(len).unwrap_or((self.rest, &[]));
        self.done.push(Field {
            at: self.at,
            octets: octets.to_vec(),
            name,
            meaning: meaning(octets),
        });
        self.at += octets.len();
        self.rest = behind;
    }

    fn lengths(&mut self, [packet, header]: [&'static str; 2], check: usize) {
        self.take(packet, 2, |octets| format!("{} octets follow", number(octets)));
        self.take(header, 1, |octets| match check {
            0 => format!("{} octets of header, no check", number(octets)),
            _ => format!("{} octets of header, {check} of them the check", number(octets)),
        });
    }

    fn body(&mut self, integrity: Integrity, check: usize, verdict: Verdict, is_response: bool) {
        self.take("CNTR", COUNTER_LEN, |octets| {
            let octets = octets.try_into().unwrap_or([0; COUNTER_LEN]);
            format!("counter {}", Counter::from(octets).value())
        });
        let mut padding = 0;
        self.take("PCNTR", 1, |octets| {
            padding = number(octets);
            format!("{padding} octets of padding")
        });
        if is_response {
            self.take("status", 1, |octets| {
                StatusCode::from_octet(octets.first().copied().unwrap_or(0)).to_string()
            });
        }
        if check > 0 {
            let name = match integrity {
                Integrity::None | Integrity::RedundancyCheck => "RC",
                Integrity::Checksum => "CC",
                Integrity::Signature => "DS",
            };
            let state = match verdict {
                Verdict::Opened => "it holds",
                Verdict::Unchecked => "not checked: no keys",
                Verdict::Keys(_) => "not checked: other keys",
                Verdict::Refused(_) => "it does not hold",
            };
            self.take(name, check, |_| state.to_string());
        }
        let padding = padding.min(self.rest.len());
        let data = self.rest.len() - padding;
        self.take(DATA, data, |_| format!("{data} octets"));
        if padding > 0 {
            self.take("padding", padding, |_| format!("{padding} octets"));
        }
    }

    fn closed(&mut self, len: usize) {
        self.take(CIPHERED, len, |_| format!("{len} octets: counter, padding, check, data"));
    }
}

fn number(octets: &[u8]) -> usize {
    octets.iter().fold(0, |number, octet| number << 8 | usize::from(*octet))
}
