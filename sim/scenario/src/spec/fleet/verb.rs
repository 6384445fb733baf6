use super::PermissionSpec;
use crate::spec::Name;
use crate::units::Span;
use schemars::JsonSchema;
use serde::Deserialize;

/// A SIM configuration request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignVerb {
    /// Which terminal asks.
    pub terminal: Option<Name>,
    /// Which SIM.
    pub sim: Option<Name>,
    /// This modem.
    pub modem: Option<Name>,
    /// A modem of this pool. Default, without a modem: `main`.
    pub pool: Option<Name>,
    /// Which kinds of modem will do. Default: any.
    pub kind: Option<KindSpec>,
    /// Which of those that are free. Default: least-recently-used.
    pub order: Option<ModemOrderSpec>,
    /// Lower ones give way; 255 is the highest. Default: 100.
    #[serde(default = "middle")]
    pub priority: u8,
    /// Whether a SIM of lower priority on standby loses its modem to this one.
    #[serde(default)]
    pub evict: bool,
    /// For how long. Default: until it is released.
    pub lasts: Option<Span>,
    /// How the SIM is taken from where it is. Default: gracefully.
    #[serde(default)]
    pub reclaim: ReclaimSpec,
    /// How long the request may wait. Default: 10 min.
    pub wait: Option<Span>,
    /// The SIM takes turns with others: where no modem is free, it stays for so long and then gives
    /// way to the next. Default: it stays.
    pub turns: Option<Span>,
}

const fn middle() -> u8 {
    100
}

/// Which kinds of modem will do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum KindSpec {
    /// One beside the bank.
    BuiltIn,
    /// One that takes remote cards.
    Cloud,
    /// Either; one beside the bank if there is one.
    Any,
}

/// Which of several free modems is taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ModemOrderSpec {
    /// The one that has been free longest.
    LeastRecentlyUsed,
    /// One at the site with the fewest SIMs on modems.
    Spread,
}

/// How a SIM is taken from the modem where it is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ReclaimSpec {
    /// When nothing runs with it.
    WhenConvenient,
    /// What runs may end, up to a limit.
    #[default]
    Gracefully,
    /// At once.
    Now,
}

/// Which SIM of a group is best.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum SimOrderSpec {
    /// The one not used longest.
    #[default]
    LeastRecentlyUsed,
    /// The one whose tariff is cheapest for the number.
    Cheapest,
    /// One of the operator whose number it is.
    SameOperator,
}

/// A SIM needs no modem any more, or a device lets a shared subscription go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseVerb {
    /// Which phone of a group: a slave whose user lets the subscription go, or the master whose user
    /// wants nobody to have it.
    pub phone: Option<Name>,
    /// Which terminal asks.
    pub terminal: Option<Name>,
    /// Which SIM.
    pub sim: Option<Name>,
    /// How it is taken back. Default: gracefully.
    pub reclaim: Option<ReclaimSpec>,
}

/// A terminal asks something of a SIM.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalSimVerb {
    /// Which terminal asks.
    pub terminal: Option<Name>,
    /// Which SIM.
    pub sim: Option<Name>,
}

/// A terminal asks for its SIMs, or does something with what rings.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListVerb {
    /// Which terminal.
    pub terminal: Option<Name>,
}

/// A command to a card.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApduVerb {
    /// Which terminal.
    pub terminal: Option<Name>,
    /// Which SIM.
    pub sim: Option<Name>,
    /// The command in hexadecimal digits.
    pub apdu: Name,
}

/// Somebody speaks in the active call.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpeakVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Which terminal.
    pub terminal: Option<Name>,
    /// For how long.
    #[serde(rename = "for")]
    pub lasts: Span,
}

/// The operator of the fleet says what a user may do with a SIM from now on.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitVerb {
    /// Which user.
    pub user: Name,
    /// Which SIM.
    pub sim: Option<Name>,
    /// What is allowed; nothing else is.
    pub allow: Vec<PermissionSpec>,
}

/// The operator of the fleet says how much may be done with a SIM within 24 hours.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapVerb {
    /// Which SIM.
    pub sim: Option<Name>,
    /// Parts of texts.
    pub texts: u32,
    /// Calls.
    pub calls: u32,
}

/// The operator of the fleet puts a SIM into a group.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolVerb {
    /// Which SIM.
    pub sim: Option<Name>,
    /// Which group.
    pub group: Name,
    /// Which tariff. Default: as it was.
    pub plan: Option<Name>,
}

/// Something about a SIM alone.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimVerb {
    /// Which SIM.
    pub sim: Option<Name>,
}

/// A card and a slot.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlotVerb {
    /// Which SIM.
    pub sim: Option<Name>,
    /// Which bank.
    pub bank: Name,
    /// Which slot of it, from 0.
    pub slot: u16,
}

/// A server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerVerb {
    /// Which server.
    pub server: Name,
}
