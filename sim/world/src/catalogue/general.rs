//! Events of phones, fleets, and cards that are opened over the air.

use super::fields::{BATCH, BUSINESS, PHONE, PLATFORM, SERVER, SIM, TERMINAL, WISH};
use crate::event::EventKind;

/// Each, by name.
pub(super) const GENERAL: [EventKind; 83] = [
    EventKind {
        name: "business.binding",
        about: "a business platform has delivered what a tool has read, and nothing has to be brought to the card",
        fields: &[
            BUSINESS,
            ("phone", "the phone that the card is in"),
            ("result", "stored, refused or failed"),
            ("why", "why it was refused or failed"),
        ],
    },
    EventKind {
        name: "business.not-taken",
        about: "a business platform does not take an order, or finds nothing to give up",
        fields: &[BUSINESS, BATCH, ("why", "reused, empty, too-many, unknown")],
    },
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
        name: "card.bind-requested",
        about: "a terminal has told a card how it did with the card's binding request",
        fields: &[
            PHONE,
            ("device", "the phone that the card says it is in"),
            ("sent", "whether the terminal has sent it; a phone without service cannot"),
        ],
    },
    EventKind {
        name: "card.bound",
        about: "a card has set its mark: it is bound to the device that it is in",
        fields: &[PHONE],
    },
    EventKind {
        name: "card.effective",
        about: "the device has service with the subscription that was written, as the card says",
        fields: &[PHONE, ("operator", "whose subscription that is")],
    },
    EventKind {
        name: "card.refused",
        about: "a card has answered a packet by a refusal",
        fields: &[
            PHONE,
            (
                "why",
                "the status code of the proof, or what the applet says: another-card, no-such-key, …",
            ),
        ],
    },
    EventKind {
        name: "card.reverted",
        about: "the device found no service with the subscription that was written: the card is on the old one again",
        fields: &[PHONE, ("operator", "whose subscription that is")],
    },
    EventKind { name: "card.unbound", about: "a card has taken its mark away", fields: &[PHONE] },
    EventKind {
        name: "card.written",
        about: "a card has written a subscription, which takes effect with the restart that follows",
        fields: &[PHONE, ("operator", "whose subscription that is")],
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
        name: "device.result",
        about: "a business platform tells the customer what became of a device",
        fields: &[
            BUSINESS,
            BATCH,
            ("phone", "the device"),
            ("result", "pending, done, refused, failed, pool-empty, ordered"),
            ("why", "why it was refused or failed"),
            ("operator", "whose subscription it has, where it is done"),
        ],
    },
    EventKind {
        name: "dtmf.received",
        about: "a tone from the other side of a call",
        fields: &[PHONE, ("digit", "0-9 * # A-D")],
    },
    EventKind {
        name: "fence.refused",
        about: "the site of a card refuses a modem's contact: its lease is not the current one",
        fields: &[SIM, ("site", "where the card is"), ("epoch", "the lease that it spoke of")],
    },
    EventKind {
        name: "modem.failed",
        about: "a modem of the pool has failed and rests",
        fields: &[("modem", "the modem's name"), ("site", "where it is")],
    },
    EventKind {
        name: "modem.ready",
        about: "the host has initialised its modem and read the card",
        fields: &[PHONE],
    },
    EventKind { name: "modem.reset", about: "the modem restarted by itself", fields: &[PHONE] },
    EventKind {
        name: "modem.rested",
        about: "the rest of a modem is over",
        fields: &[("modem", "the modem's name"), ("site", "where it is")],
    },
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
        name: "platform.alarm",
        about: "a card-writing platform tells the people who run it",
        fields: &[
            PLATFORM,
            ("phone", "the phone that the card is in"),
            (
                "kind",
                "moved, conflict, not-authentic, replayed, security, overdue, resynchronised, contradiction",
            ),
            ("why", "the phone it was in, the phone with the other card, or the status code"),
        ],
    },
    EventKind {
        name: "platform.record",
        about: "what a card-writing platform knows of the subscription on a card has changed",
        fields: &[
            PLATFORM,
            ("phone", "the phone that the card is in"),
            ("state", "old, new or pending"),
            ("operator", "whose subscription it is, or shall be"),
            ("proved", "whether the card has said that it is written"),
        ],
    },
    EventKind {
        name: "server.follows",
        about: "a server leads no more: another one does",
        fields: &[SERVER],
    },
    EventKind {
        name: "server.leads",
        about: "a server leads, as the log says",
        fields: &[SERVER, ("term", "grows with every leader")],
    },
    EventKind {
        name: "sim.assigned",
        about: "the exchange has given a modem to a SIM: a lease",
        fields: &[
            SIM,
            ("modem", "which one"),
            ("site", "where that is"),
            ("user", "whose request it was"),
            ("epoch", "which lease; it only grows"),
            ("why", "fixed, first (of the free ones), evicting, or takes-turn"),
        ],
    },
    EventKind {
        name: "sim.attached",
        about: "the SIM can be called",
        fields: &[SIM, ("modem", "on which modem")],
    },
    EventKind {
        name: "sim.blocked",
        about: "card or subscription were refused for good",
        fields: &[SIM],
    },
    EventKind {
        name: "sim.call",
        about: "the exchange has recorded a call that is over",
        fields: &[
            SIM,
            ("direction", "incoming or outgoing"),
            ("peer", "the other side, empty if withheld"),
            ("terminal", "which one answered or dialled, empty if none"),
            ("rang", "for how many seconds it rang"),
            ("talked", "for how many seconds it was talked, -1 if it was not answered"),
            (
                "why",
                "hung-up, released, busy, no-answer, no-service, failed, too-long, lease-ended, \
                 not-permitted, lost",
            ),
        ],
    },
    EventKind {
        name: "sim.claims",
        about: "the SIM takes the modem of another one of lower priority",
        fields: &[SIM, ("modem", "which modem")],
    },
    EventKind {
        name: "sim.doubtful",
        about: "a lease has expired without a word; nobody gets the SIM before the guard has passed",
        fields: &[SIM, ("modem", "which modem had it")],
    },
    EventKind {
        name: "sim.dropped",
        about: "a request that waited is over",
        fields: &[SIM, ("why", "deadline, superseded, released, card")],
    },
    EventKind {
        name: "sim.gone",
        about: "a card is gone from its slot",
        fields: &[("site", "where"), ("bank", "which"), ("slot", "which")],
    },
    EventKind {
        name: "sim.released",
        about: "a lease has ended, and the SIM may be given again",
        fields: &[
            SIM,
            ("modem", "where it was"),
            ("epoch", "which lease"),
            (
                "why",
                "let-go, expired, reconfigured, released, duration, evicted, card-removed, duplicate, site-restarted, attach-failed, modem-lost",
            ),
        ],
    },
    EventKind {
        name: "sim.revoked",
        about: "the exchange takes a SIM back",
        fields: &[
            SIM,
            ("modem", "from which modem"),
            ("how", "gracefully or at-once"),
            (
                "why",
                "let-go, expired, reconfigured, released, duration, evicted, card-removed, duplicate, site-restarted, attach-failed, modem-lost",
            ),
        ],
    },
    EventKind {
        name: "sim.seen",
        about: "a card is in a slot",
        fields: &[SIM, ("site", "where"), ("bank", "which"), ("slot", "which")],
    },
    EventKind {
        name: "sim.service-began",
        about: "a call, text or USSD dialogue runs",
        fields: &[SIM],
    },
    EventKind { name: "sim.service-ended", about: "nothing runs any more", fields: &[SIM] },
    EventKind {
        name: "sim.state",
        about: "the SIM is in another state, as the exchange sees it",
        fields: &[
            SIM,
            (
                "state",
                "not-present, duplicate, blocked, site-away, idle, waiting, attaching, standby, in-service, reclaiming, in-doubt, quarantine",
            ),
            ("before", "the state before"),
        ],
    },
    EventKind {
        name: "sim.text",
        about: "the exchange has recorded a text for a SIM, or one part of a long one",
        fields: &[
            SIM,
            ("from", "the sender"),
            ("text", "its text, or that of the part"),
            ("parts", "of how many parts the text is"),
        ],
    },
    EventKind {
        name: "sim.text-out",
        about: "a site has told what became of a text that was to be sent with a SIM",
        fields: &[
            SIM,
            ("to", "to whom"),
            ("parts", "how many"),
            ("state", "pending, sent, failed or unknown"),
        ],
    },
    EventKind {
        name: "sim.waiting",
        about: "a configuration request waits, or waits for something else",
        fields: &[
            SIM,
            (
                "why",
                "reclaiming, in-service, in-doubt, quarantine, gave-way, takes-turn, queued, evicting",
            ),
        ],
    },
    EventKind {
        name: "site.away",
        about: "a site is not heard of",
        fields: &[("site", "its name")],
    },
    EventKind {
        name: "site.cleared",
        about: "a site that was suspect is used again",
        fields: &[("site", "its name")],
    },
    EventKind {
        name: "site.suspect",
        about: "too many modems of a site fail in a row: none is used for a while",
        fields: &[("site", "its name")],
    },
    EventKind {
        name: "site.up",
        about: "a site is there, or started anew",
        fields: &[("site", "its name"), ("incarnation", "grows with every start")],
    },
    EventKind {
        name: "terminal.answer",
        about: "the exchange answers a wish",
        fields: &[
            TERMINAL,
            WISH,
            SIM,
            ("answer", "assigned, unchanged, waiting, refused, dropped, ended, explained"),
            ("modem", "which one, empty if none"),
            (
                "why",
                "never-asked, fixed, first, reclaiming, in-service, in-doubt, queued, evicting, ended; or why it was refused, dropped or ended",
            ),
        ],
    },
    EventKind {
        name: "terminal.apdu",
        about: "the card has answered",
        fields: &[TERMINAL, SIM, ("response", "in hexadecimal digits, the status word last")],
    },
    EventKind {
        name: "terminal.call",
        about: "a call of this terminal is in a new phase",
        fields: &[
            TERMINAL,
            SIM,
            ("phase", "dialling, alerting, active, held, ended"),
            ("peer", "the other side, empty if not known"),
            (
                "why",
                "of an end: hung-up, released, busy, no-answer, no-service, failed, too-long, lease-ended, not-permitted, lost",
            ),
        ],
    },
    EventKind {
        name: "terminal.done",
        about: "a modem did what was wished",
        fields: &[TERMINAL, WISH, SIM],
    },
    EventKind {
        name: "terminal.incomplete-text",
        about: "parts of a text came, and the others did not in time",
        fields: &[TERMINAL, SIM, ("from", "the sender"), ("text", "what came")],
    },
    EventKind {
        name: "terminal.missed-call",
        about: "somebody called and nobody answered",
        fields: &[
            TERMINAL,
            SIM,
            ("from", "who, empty if withheld"),
            ("seconds", "for how long it rang"),
        ],
    },
    EventKind {
        name: "terminal.refused",
        about: "a wish cannot be had",
        fields: &[
            TERMINAL,
            WISH,
            SIM,
            (
                "why",
                "not-permitted, not-leading, not-present, duplicate, blocked, site-away, no-such-modem, out-of-reach, none-in-pool, queue-full, no-sim-suits, wait-too-long; of the modem: moved, not-permitted, not-on-standby, cap-reached, busy, answered-elsewhere, no-such-call, refused, bad-request; of the terminal: no-answer, no-call, restless, too-many",
            ),
        ],
    },
    EventKind {
        name: "terminal.ring-over",
        about: "what rang rings no more, and not because this terminal has answered",
        fields: &[
            TERMINAL,
            SIM,
            (
                "why",
                "answered-elsewhere, rejected; or hung-up, released, busy, no-answer, no-service, failed, too-long, lease-ended, not-permitted, lost",
            ),
        ],
    },
    EventKind {
        name: "terminal.rings",
        about: "a call comes in",
        fields: &[TERMINAL, SIM, ("from", "who calls, empty if withheld")],
    },
    EventKind {
        name: "terminal.sims",
        about: "the SIMs of the user",
        fields: &[
            TERMINAL,
            ("count", "how many"),
            ("standby", "how many can be called"),
            ("list", "name and state of each"),
        ],
    },
    EventKind {
        name: "terminal.speech",
        about: "how the speech of a call fared, after its end",
        fields: &[
            TERMINAL,
            ("at", "terminal or modem: where it was played"),
            ("played", "frames in time"),
            ("lost", "frames that never came"),
            ("late", "frames too late"),
            ("doubled", "frames that came again"),
            ("concealed", "frames played in place of missing ones"),
        ],
    },
    EventKind {
        name: "terminal.text",
        about: "a text has come; told once",
        fields: &[
            TERMINAL,
            SIM,
            ("from", "the sender"),
            ("text", "its text"),
            ("parts", "how many"),
        ],
    },
    EventKind {
        name: "terminal.text-accepted",
        about: "a text of this terminal is recorded and will be sent, once",
        fields: &[TERMINAL, SIM, ("to", "to whom")],
    },
    EventKind {
        name: "terminal.text-state",
        about: "what is known of a text of this terminal",
        fields: &[
            TERMINAL,
            ("to", "to whom"),
            ("state", "submitting, unknown, sent, delivered, failed"),
        ],
    },
    EventKind {
        name: "terminal.ussd",
        about: "the network says something by USSD",
        fields: &[
            TERMINAL,
            SIM,
            ("text", "what, empty where it refuses or ends the dialogue"),
            ("more", "whether it waits for an answer"),
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
        name: "tool.brought",
        about: "a tool on site has brought something to a card",
        fields: &[PHONE],
    },
    EventKind {
        name: "tool.failed",
        about: "a tool on site could not do its work at a card",
        fields: &[PHONE, ("why", "no-answer, no-applet, no-channel, no-pair, refused, busy, …")],
    },
    EventKind {
        name: "tool.left",
        about: "a tool on site has left; a card that was in a reader is in its phone again",
        fields: &[PHONE],
    },
    EventKind {
        name: "tool.read",
        about: "a tool on site has read the stored pair of a card",
        fields: &[PHONE],
    },
    EventKind {
        name: "user.denied",
        about: "somebody asked for what they may not; nothing else was changed",
        fields: &[("user", "who")],
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
