//! What can be seen of a world: documented events with named fields.

use polysim_base::Instant;
use std::fmt;

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What: one of [`EVENTS`].
    pub name: &'static str,
    /// The particulars, in the order of the catalogue.
    pub fields: Vec<(&'static str, Value)>,
}

/// The value of a field.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// A name or a text.
    Text(String),
}

impl Event {
    /// Returns the value of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}
impl From<u8> for Value {
    fn from(number: u8) -> Self {
        Self::Number(number.into())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// `0:05.000123 text.received phone="bert" from="+46…"`
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.name)?;
        self.fields.iter().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

/// An entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct EventKind {
    /// The name, as files and traces write it.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// The fields and what each holds.
    pub fields: &'static [(&'static str, &'static str)],
}

const PHONE: (&str, &str) = ("phone", "the phone's name");

/// Every event, by name.
pub const EVENTS: &[EventKind] = &[
    EventKind {
        name: "call.active",
        about: "a call is answered and speech flows, as the phone's modem says",
        fields: &[PHONE, ("peer", "the other number, empty if withheld")],
    },
    EventKind {
        name: "call.alerting",
        about: "it rings at the other side",
        fields: &[PHONE, ("peer", "the other number")],
    },
    EventKind {
        name: "call.dialling",
        about: "the modem has taken the dial command",
        fields: &[PHONE, ("peer", "the other number")],
    },
    EventKind {
        name: "call.ended",
        about: "a call is over at this phone",
        fields: &[
            PHONE,
            ("peer", "the other number"),
            ("cause", "hung-up, released, busy, no-answer, no-service, lost, failed"),
        ],
    },
    EventKind {
        name: "call.held",
        about: "a call was put on hold by this phone",
        fields: &[PHONE, ("peer", "the other number")],
    },
    EventKind {
        name: "call.incoming",
        about: "the phone rings",
        fields: &[
            PHONE,
            ("peer", "the calling number, empty if withheld"),
            ("waiting", "whether another call is active already"),
        ],
    },
    EventKind {
        name: "charge",
        about: "an operator writes a charging record",
        fields: &[
            PHONE,
            ("kind", "call, text or data"),
            ("amount_micro", "price in millionths of the currency"),
            ("roaming", "whether it was used abroad"),
            ("seconds", "duration of a call or context"),
        ],
    },
    EventKind {
        name: "data.active",
        about: "a packet context is up",
        fields: &[PHONE, ("context", "its number"), ("address", "its IPv4 address")],
    },
    EventKind {
        name: "data.inactive",
        about: "a packet context is down",
        fields: &[PHONE, ("context", "its number")],
    },
    EventKind {
        name: "dtmf.received",
        about: "a tone from the other side of a call",
        fields: &[PHONE, ("digit", "0-9 * # A-D")],
    },
    EventKind {
        name: "modem.ready",
        about: "the host has initialised its modem and read the card",
        fields: &[PHONE],
    },
    EventKind { name: "modem.reset", about: "the modem restarted by itself", fields: &[PHONE] },
    EventKind { name: "modem.unresponsive", about: "the modem does not answer", fields: &[PHONE] },
    EventKind {
        name: "network.resync",
        about: "a card asked the authentication centre to resynchronise its sequence number",
        fields: &[PHONE],
    },
    EventKind {
        name: "phone.deregistered",
        about: "the phone has lost or left its network",
        fields: &[PHONE],
    },
    EventKind {
        name: "phone.pin-required",
        about: "the card asks for a PIN, or a PUK",
        fields: &[PHONE, ("kind", "pin or puk"), ("tries", "how many are left, -1 if not known")],
    },
    EventKind {
        name: "phone.refused",
        about: "a network refused the phone",
        fields: &[PHONE, ("operator", "which network"), ("cause", "reject cause of TS 24.008")],
    },
    EventKind {
        name: "phone.registered",
        about: "the phone's modem says that it is registered",
        fields: &[
            PHONE,
            ("operator", "the serving operator"),
            ("roaming", "whether it is another than the subscription's"),
        ],
    },
    EventKind {
        name: "text.failed",
        about: "a text was not accepted by the network",
        fields: &[PHONE, ("to", "the number"), ("cause", "CMS error, 0 if there is none")],
    },
    EventKind {
        name: "text.received",
        about: "a whole text has arrived at a phone",
        fields: &[PHONE, ("from", "the sender"), ("text", "its text"), ("parts", "how many")],
    },
    EventKind {
        name: "text.report",
        about: "a delivery report has arrived",
        fields: &[
            PHONE,
            ("to", "the recipient"),
            ("status", "delivered, trying, failed or expired"),
        ],
    },
    EventKind {
        name: "text.sent",
        about: "the network has accepted a text",
        fields: &[PHONE, ("to", "the number"), ("parts", "how many")],
    },
    EventKind {
        name: "text.unknown",
        about: "nobody knows whether the network has accepted a text; it is not sent again",
        fields: &[PHONE, ("to", "the number")],
    },
    EventKind {
        name: "ussd.answer",
        about: "the network answers a USSD code",
        fields: &[PHONE, ("text", "the answer"), ("more", "whether it expects an answer")],
    },
    EventKind {
        name: "ussd.refused",
        about: "the network does not know the code",
        fields: &[PHONE],
    },
];

/// Events that no modem tells: who has only the phones does not see them.
pub const SIMULATED_ONLY: &[&str] = &["charge", "dtmf.received", "network.resync", "phone.refused"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_the_simulation_only_are_in_the_catalogue() {
        let known = |name: &str| EVENTS.iter().any(|kind| kind.name == name);
        assert!(SIMULATED_ONLY.iter().all(|name| known(name)));
    }

    #[test]
    fn the_catalogue_is_sorted_and_has_no_doubles() {
        assert!(EVENTS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
