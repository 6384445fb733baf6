use crate::spec::Name;
use crate::units::Span;
use schemars::JsonSchema;
use serde::Deserialize;

/// An order of a customer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderVerb {
    /// At which business platform. Default: the only one.
    pub business: Option<Name>,
    /// For which phones: names and patterns.
    #[serde(default)]
    pub devices: Vec<Name>,
    /// For which devices beside those: IMEIs as customers type them, of 14 digits, or of 15 with
    /// the check digit.
    #[serde(default)]
    pub imeis: Vec<Name>,
    /// Whose subscriptions.
    pub operator: Name,
    /// Which way. Default: any.
    #[serde(default)]
    pub route: RouteSpec,
    /// By what. Default: applet.
    #[serde(default)]
    pub method: MethodSpec,
    /// The most writes that begin in a second. Default: all at once.
    #[serde(default)]
    pub per_s: u32,
    /// The customer's number of it: the same number again changes nothing. Default: a new one each
    /// time.
    pub batch: Option<u32>,
}

/// Which way a subscription comes to a card.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum RouteSpec {
    /// Over the air if the card has a subscription, else on site.
    #[default]
    Any,
    /// Over the air.
    Air,
    /// By a tool on site.
    OnSite,
}

/// By what a card is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum MethodSpec {
    /// A message to the applet.
    #[default]
    Applet,
    /// Remote file management: the card must hold a key for the number.
    Files,
}

/// A device of a batch is given up.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelOrderVerb {
    /// At which business platform. Default: the only one.
    pub business: Option<Name>,
    /// Which batch.
    pub batch: u32,
    /// Which phone.
    pub phone: Option<Name>,
}

/// Somebody comes to a phone with a tool.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnSiteVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// On behalf of which business platform. Default: the only one.
    pub business: Option<Name>,
    /// Whether the card is taken out and put into a reader. Default: the tool speaks to it through
    /// the phone's modem.
    #[serde(default)]
    pub reader: bool,
    /// How long he stays, to bring what comes for the card. Default: 2 min.
    pub stay: Option<Span>,
}

/// The cards of two phones change places.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwapCardsVerb {
    /// The one.
    pub phone: Option<Name>,
    /// The other.
    pub with: Name,
}

/// Somebody sends a phone's card what it must refuse.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttackVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// What.
    pub kind: AttackSpec,
    /// Of `misdirected`: whose packet it is.
    pub of: Option<Name>,
}

/// What a card must refuse.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum AttackSpec {
    /// The last packet that its platform has sent it, once more: one that asks for a proof if any
    /// did.
    Replay,
    /// A packet sealed with other keys.
    WrongKey,
    /// A packet for an application that the card does not have.
    WrongTar,
    /// A packet without any security.
    WeakSecurity,
    /// A packet with the card's keys and a counter that was used.
    OldCounter,
    /// A packet with the card's keys, and in it a write for another card.
    OtherCard,
    /// The last packet that was sent to another phone's card.
    Misdirected,
}
