//! What can be asked of the things of a fleet.

/// A thing whose state can be asked for: see [`Simulation::state`](crate::Simulation::state).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Thing {
    /// A phone, by index.
    Phone,
    /// A SIM of the fleet, by index.
    Sim,
    /// A modem of the fleet, counted over all sites.
    Modem,
    /// A terminal, by index.
    Terminal,
    /// A site, by index.
    Site,
    /// A server, by index.
    Server,
    /// A card-writing platform, by index.
    Platform,
    /// A business platform, by index.
    Business,
    /// A server of remote provisioning or a management platform, by index.
    Service,
    /// A group that shares a virtual SIM, by index.
    Group,
    /// The server of the courier: there is one, of index 0.
    Courier,
}

/// What can be asked of a SIM.
pub const SIM_STATE: &[(&str, &str)] = &[
    ("epoch", "the epoch of its newest lease; it only grows"),
    ("modem", "the modem that it has, empty if none"),
    ("place", "the site where its card is, empty if in no slot"),
    (
        "state",
        "not-present, duplicate, blocked, site-away, idle, waiting, attaching, standby, in-service, \
         reclaiming, in-doubt, quarantine",
    ),
    ("texts", "how many whole texts the exchange has recorded for it"),
    ("why", "the last decision about it"),
];

/// What can be asked of a modem.
pub const MODEM_STATE: &[(&str, &str)] = &[
    ("epoch", "the lease by which it has a SIM, 0 if none"),
    ("operator", "the operator that it is registered with, empty if none"),
    ("registered", "whether it says that it is registered"),
    ("resting", "whether it rests after a failure"),
    ("sim", "the SIM that the exchange has given it, empty if none"),
];

/// What can be asked of a terminal.
pub const TERMINAL_STATE: &[(&str, &str)] = &[
    ("calls", "how many calls it has, held ones and those being dialled included"),
    ("missed", "how many missed calls it was told of"),
    ("ringing", "how many calls ring"),
    ("texts", "how many whole texts it was told of"),
    ("up", "whether it runs"),
    ("wishes", "how many of its wishes it has said nothing to yet"),
];

/// What can be asked of a site.
pub const SITE_STATE: &[(&str, &str)] = &[
    (
        "fenced",
        "how often it has refused a modem's contact or a terminal's request as of an old lease",
    ),
    ("online", "whether the exchange hears of it"),
    ("up", "whether its controller runs"),
];

/// What can be asked of a server.
pub const SERVER_STATE: &[(&str, &str)] = &[
    ("leads", "whether it leads, as it believes"),
    ("term", "the term in which it leads or has led last"),
    ("up", "whether it runs"),
];
