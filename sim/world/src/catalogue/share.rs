//! Events of groups that share a virtual SIM.

use super::fields::{GROUP, PHONE};
use crate::event::EventKind;

/// Each, by name.
pub(super) const EVENTS: [EventKind; 25] = [
    EventKind {
        name: "share.activated",
        about: "a slave has what it needs and goes to the network",
        fields: &[GROUP, PHONE, ("epoch", "the number of its lease")],
    },
    EventKind {
        name: "share.active",
        about: "the master hears, or sees of its own modem, that the holder goes to the network",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.asks",
        about: "the user of the master is asked whether a slave may have the subscription",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.busy",
        about: "the master does not serve a slave: another one is active or may be",
        fields: &[GROUP, PHONE, ("holder", "the phone that is active or may be")],
    },
    EventKind {
        name: "share.connected",
        about: "the master has a link to a slave",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.continued",
        about: "a slave hears that its link is back in time: it goes on",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.free",
        about: "nobody holds the subscription any more",
        fields: &[
            GROUP,
            ("phone", "the phone that held it"),
            ("ended", "how that is known: confirmed, guard"),
        ],
    },
    EventKind {
        name: "share.granted",
        about: "the master grants a lease",
        fields: &[
            GROUP,
            ("phone", "to which phone"),
            ("epoch", "the number of the lease"),
            ("how", "what was sent for it: pushed, different, none, equal, lent, own"),
        ],
    },
    EventKind {
        name: "share.in-doubt",
        about: "the holder was not heard of within the time of its lease; the guard passes now",
        fields: &[GROUP, ("phone", "the holder"), ("guard_ms", "how long that is, milliseconds")],
    },
    EventKind {
        name: "share.leaving",
        about: "a slave leaves the network",
        fields: &[GROUP, PHONE, WHY_LEFT],
    },
    EventKind {
        name: "share.left",
        about: "a slave has left the network",
        fields: &[GROUP, PHONE, WHY_LEFT, ("left", "how: detached, power-cut")],
    },
    EventKind {
        name: "share.linked",
        about: "a slave has a link to its master",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.lost",
        about: "the master's link to a slave is down",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.pair-refused",
        about: "a slave cannot be paired",
        fields: &[GROUP, PHONE, ("why", "full, not-wiped")],
    },
    EventKind { name: "share.paired", about: "a slave was paired", fields: &[GROUP, PHONE] },
    EventKind {
        name: "share.pick-refused",
        about: "the user of the master has picked a device that cannot be picked",
        fields: &[GROUP, PHONE, ("why", "not-paired, not-connected, already")],
    },
    EventKind {
        name: "share.refused",
        about: "a slave hears that it is not served, and why",
        fields: &[
            GROUP,
            PHONE,
            ("holder", "what the holder calls itself, or consent where the user was not asked yet"),
        ],
    },
    EventKind {
        name: "share.registered",
        about: "the network serves the subscription on a device of the group",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.resumed",
        about: "the master has the link to the holder back in time",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.revoked",
        about: "the master tells the holder to leave the network",
        fields: &[GROUP, ("phone", "the holder")],
    },
    EventKind {
        name: "share.stored",
        about: "a slave has received parameters and has stored them",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.unlinked",
        about: "a slave's link to its master is down: its timer begins if it is active",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.unpaired",
        about: "a slave is paired no more",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.unregistered",
        about: "the network serves the subscription on this device of the group no more",
        fields: &[GROUP, PHONE],
    },
    EventKind {
        name: "share.wiped",
        about: "a slave has erased what it had stored",
        fields: &[GROUP, PHONE],
    },
];

const WHY_LEFT: (&str, &str) = ("why", "revoked, user, timer, card-lost, modem, started");
