//! Events of a courier.

use super::fields::PHONE;
use crate::event::EventKind;

const NUMBER: (&str, &str) = ("number", "the phone whose number it is, or the number");
const PEER: (&str, &str) = ("peer", "the other one: a phone's name, or a number");
const TEXT: (&str, &str) = ("text", "counts the texts of that phone from 1");
const SENDER: (&str, &str) = ("phone", "the sender's phone");
const DEVICE: (&str, &str) = ("phone", "the phone of the device");
const REFUSED: (&str, &str) = (
    "why",
    "number-limit, range-limit, tenant-limit, country, country-limit, expired, too-many-tries, held-down, not-primary, full, not-registered, unproved, carrier, lookup-limit, too-long; empty if nothing is said",
);
const OFFERED: (&str, &str) = (
    "why",
    "no-data, slow, unmeasured, lost, in-call, carrier, or as the server says: callee-slow, callee-unmeasured, away, callee-not-registered, busy, card-changed, lookup-limit; of a text why it was refused",
);

/// Each, by name.
pub(super) const EVENTS: [EventKind; 41] = [
    EventKind {
        name: "courier.answered",
        about: "a device is told that its call over data is answered",
        fields: &[PHONE, PEER],
    },
    EventKind {
        name: "courier.carrier",
        about: "a device gives something to the carrier",
        fields: &[
            PHONE,
            ("what", "call, text"),
            ("to", "to whom"),
            ("text", "the text's number, 0 for calls"),
        ],
    },
    EventKind {
        name: "courier.changed-hands",
        about: "a number was registered by somebody else before",
        fields: &[NUMBER],
    },
    EventKind {
        name: "courier.code-came",
        about: "a device reads a text with a code",
        fields: &[PHONE],
    },
    EventKind {
        name: "courier.code-issued",
        about: "the server sends a code",
        fields: &[("registration", "which registration"), NUMBER],
    },
    EventKind {
        name: "courier.code-sent",
        about: "a device is told that a code is on its way",
        fields: &[PHONE, NUMBER],
    },
    EventKind {
        name: "courier.code-tried",
        about: "the server was told a wrong code",
        fields: &[("registration", "which registration"), NUMBER],
    },
    EventKind {
        name: "courier.connected",
        about: "the server knows who is connected",
        fields: &[DEVICE],
    },
    EventKind {
        name: "courier.delivered",
        about: "a device has taken a text",
        fields: &[SENDER, TEXT, ("to", "the phone that has it")],
    },
    EventKind {
        name: "courier.deregistered",
        about: "a number is not registered any more",
        fields: &[NUMBER],
    },
    EventKind {
        name: "courier.device-linked",
        about: "the server links a device to a number",
        fields: &[DEVICE],
    },
    EventKind {
        name: "courier.device-registered",
        about: "the server registers a device as the primary one of its number",
        fields: &[DEVICE],
    },
    EventKind {
        name: "courier.device-unlinked",
        about: "the server unlinks a device",
        fields: &[DEVICE],
    },
    EventKind {
        name: "courier.down",
        about: "a device has no link to the server any more",
        fields: &[PHONE],
    },
    EventKind {
        name: "courier.ended",
        about: "a call over data has ended at a device",
        fields: &[
            PHONE,
            PEER,
            ("why", "hung-up, rejected, no-answer, elsewhere, lost"),
            ("played", "frames of speech that were played here"),
            ("lost", "frames that never came here"),
            ("late", "frames that came too late here"),
            ("jitter_us", "the mean deviation of transit times here, microseconds"),
            ("played_there", "frames that were played there, -1 if unknown"),
        ],
    },
    EventKind {
        name: "courier.expired",
        about: "the server gives up a text that has waited for too long",
        fields: &[SENDER, TEXT],
    },
    EventKind {
        name: "courier.gone",
        about: "the server has lost the connection of a device",
        fields: &[DEVICE],
    },
    EventKind {
        name: "courier.incoming",
        about: "a call over data rings at a device",
        fields: &[PHONE, PEER],
    },
    EventKind {
        name: "courier.invited",
        about: "a device shows an invitation to another one",
        fields: &[PHONE],
    },
    EventKind {
        name: "courier.key-changed",
        about: "a device sees that somebody has other devices or keys than before",
        fields: &[PHONE, PEER],
    },
    EventKind {
        name: "courier.marked",
        about: "a contact is registered, or is not any more",
        fields: &[PHONE, PEER, ("registered", "whether it is")],
    },
    EventKind {
        name: "courier.measured",
        about: "a device has measured its link",
        fields: &[PHONE, ("kbps", "how fast it is, kilobits per second")],
    },
    EventKind {
        name: "courier.not-registered",
        about: "a device is not registered, or not any more",
        fields: &[PHONE, REFUSED],
    },
    EventKind {
        name: "courier.not-written",
        about: "what the user has written is not taken",
        fields: &[PHONE, ("why", "too-long, full")],
    },
    EventKind {
        name: "courier.number-wanted",
        about: "the card has no number: the user is asked to type it",
        fields: &[PHONE],
    },
    EventKind {
        name: "courier.offered",
        about: "something does not go over data: the carrier, or quit?",
        fields: &[
            PHONE,
            ("what", "call, text"),
            OFFERED,
            ("text", "the text's number, 0 for calls"),
        ],
    },
    EventKind {
        name: "courier.proof-wanted",
        about: "another card is in a device: the number is to be proved again",
        fields: &[PHONE, ("within_s", "within which time, seconds")],
    },
    EventKind {
        name: "courier.received",
        about: "a device has received a text",
        fields: &[
            PHONE,
            ("from", "from whom"),
            ("to", "to whom"),
            ("text", "what it says"),
            ("readable", "whether it could be opened"),
        ],
    },
    EventKind {
        name: "courier.refused",
        about: "the server does not do what the user of a device wants",
        fields: &[PHONE, REFUSED],
    },
    EventKind {
        name: "courier.registered",
        about: "a device is registered, or linked",
        fields: &[PHONE, NUMBER],
    },
    EventKind {
        name: "courier.ringing",
        about: "a device is told that its call goes over data, and rings there",
        fields: &[PHONE, PEER],
    },
    EventKind {
        name: "courier.server-down",
        about: "the server crashes",
        fields: &[("server", "its name")],
    },
    EventKind {
        name: "courier.server-up",
        about: "the server runs again",
        fields: &[("server", "its name")],
    },
    EventKind {
        name: "courier.stored",
        about: "the server has stored a text",
        fields: &[SENDER, TEXT],
    },
    EventKind {
        name: "courier.text",
        about: "a text has another state at the device that has sent it",
        fields: &[
            PHONE,
            TEXT,
            (
                "state",
                "waiting, not-stored, stored, delivered, read, withdrawing, quit, at-carrier, carrier-sent, carrier-failed, carrier-unknown, expired, unsure",
            ),
        ],
    },
    EventKind {
        name: "courier.texted",
        about: "the carrier has taken the text with a code, or has refused it",
        fields: &[NUMBER, ("taken", "whether it has")],
    },
    EventKind {
        name: "courier.unlinked",
        about: "a primary device is told that another one is linked no more",
        fields: &[PHONE],
    },
    EventKind { name: "courier.up", about: "a device has a link to the server", fields: &[PHONE] },
    EventKind {
        name: "courier.voice",
        about: "the server decides how a call goes",
        fields: &[
            ("phone", "the caller's phone"),
            ("callee", "the phone of the device that decides, empty if none"),
            ("caller_kbps", "the caller's rate, as it says"),
            ("caller_threshold_kbps", "the threshold that this reaches, as it says"),
            ("callee_kbps", "the callee's rate, -1 if unknown"),
            ("threshold_kbps", "the second threshold"),
            ("over_data", "whether it goes over data"),
        ],
    },
    EventKind {
        name: "courier.withdrawn",
        about: "the server has taken a text back",
        fields: &[SENDER, TEXT],
    },
    EventKind {
        name: "courier.wrong-code",
        about: "a device is told that its code was wrong",
        fields: &[PHONE, ("tries_left", "how often another one may be tried")],
    },
];
