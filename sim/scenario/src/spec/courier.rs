//! Calls and texts over data, by phone number: the server, and the phones that use it.

use super::{ClockSpec, Name};
use crate::units::{Span, SpanRange, Speed};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The courier's server: it knows who is registered, keeps what waits, and decides on calls.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CourierSpec {
    /// Its name. Default: `courier`.
    pub name: Option<Name>,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
    /// How devices tell contacts. Default: digests.
    #[serde(default)]
    pub contacts: ContactsSpec,
    /// The second threshold: the callee's data rate reaches it, or a call does not go over data.
    /// Default: `100kbit/s`.
    pub threshold: Option<Speed>,
    /// How old a measured rate may be. Default: 5 min.
    pub rate_age: Option<Span>,
    /// How long a call rings. Default: 30 s.
    pub ring: Option<Span>,
    /// After how long without a word a device has left its call. Default: 10 s.
    pub grace: Option<Span>,
    /// After how long what was not taken is said again. Default: 2 s.
    pub retry: Option<Span>,
    /// Within which time a number must be proved again after another card was put in. Default: 1 h.
    pub verify_within: Option<Span>,
    /// How long a number that has changed hands may not change hands again. Default: 1 day.
    pub hold_down: Option<Span>,
    /// What is limited.
    #[serde(default)]
    pub limits: CourierLimitsSpec,
    /// How long it takes to make records durable, on the server and on phones. Default: `1..4ms`.
    pub disk: Option<SpanRange>,
    /// How long messages between phones and the server take, where `[[link]]` says nothing else.
    /// Default: `20..60ms`.
    pub latency: Option<SpanRange>,
}

/// How devices tell contacts.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ContactsSpec {
    /// By truncated digests of their numbers under a salt.
    #[default]
    Digests,
    /// By their numbers.
    Numbers,
}

/// What a courier server limits.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CourierLimitsSpec {
    /// How long a code holds, 10 min at most and by default.
    pub code: Option<Span>,
    /// How often a code may be tried, 5 times at most and by default.
    #[schemars(range(min = 1, max = 5))]
    pub tries: Option<u8>,
    /// Codes to one number in an hour. Default: 3.
    pub per_number: Option<u16>,
    /// Codes to a range of numbers, all but their last two digits, in an hour. Default: 10.
    pub per_range: Option<u16>,
    /// Codes for one tenant in a day. Default: 100 000.
    pub per_tenant: Option<u32>,
    /// Codes to the numbers of a country in an hour, by country code: `{ "999" = 100 }`. Numbers of
    /// other countries get none. Default: all countries, without a limit.
    #[serde(default)]
    pub countries: CountriesSpec,
    /// Devices of one number. Default: 8.
    pub devices: Option<u8>,
    /// Contacts of one device. Default: 1000.
    pub contacts: Option<u16>,
    /// Numbers of which the devices of one number may learn in a day whether they are registered; no
    /// fewer than `contacts`. Default: 10 000.
    pub lookups: Option<u32>,
    /// Texts that wait for one device. Default: 1000.
    pub waiting: Option<u32>,
}

/// How many codes the numbers of which country get in an hour.
#[derive(Clone, Debug, Default)]
pub struct CountriesSpec(pub BTreeMap<Spanned<String>, u32>);

impl<'de> Deserialize<'de> for CountriesSpec {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self)
    }
}

impl JsonSchema for CountriesSpec {
    fn schema_name() -> Cow<'static, str> {
        "Countries".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": { "type": "integer", "minimum": 0, "maximum": 1_000_000_000 },
            "description": "codes in an hour, by country code"
        })
    }
}

/// The courier of a phone.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CourierPhoneSpec {
    /// The phone of the primary device that this one is linked to; a pattern is dealt out, again and
    /// again. Default: it is a primary one.
    pub linked_to: Option<Name>,
    /// The number that its user types: a phone, or a number. Default: the card tells its own.
    pub number: Option<Name>,
    /// How fast its data link is, each way. Default: `1Mbit/s`.
    pub rate: Option<Speed>,
    /// Whose numbers are in the address book: phones, patterns, numbers.
    #[serde(default)]
    pub contacts: Vec<Name>,
    /// So many phones that come after it in its pattern are contacts, too; after the last comes the
    /// first.
    #[serde(default)]
    pub neighbours: usize,
    /// The first threshold: its own rate reaches it, or a call does not go over data. Default:
    /// `100kbit/s`.
    pub threshold: Option<Speed>,
    /// How often its link is measured, every 10 s at most. Default: 2 min.
    pub measure_every: Option<Span>,
    /// How old a measured rate may be. Default: 5 min.
    pub rate_age: Option<Span>,
    /// How often contacts are asked for. Default: 1 h.
    pub refresh_every: Option<Span>,
    /// After how long what was not answered is said again. Default: 2 s.
    pub retry: Option<Span>,
    /// After how long without a word of the server a call is lost. Default: 10 s.
    pub grace: Option<Span>,
    /// What does not go over data goes to the carrier without asking. Default: no.
    #[serde(default)]
    pub carrier_rule: bool,
    /// How long the texts that its user writes may wait. Default: for ever.
    pub expires: Option<Span>,
    /// Whose app it is, by number. Default: 1.
    pub tenant: Option<u32>,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
    /// Whether it is registered, or linked, as soon as it has data; else the timeline says when.
    /// Default: yes.
    #[serde(default = "super::world::yes")]
    pub registers: bool,
    /// Whether the user confirms the code that has come, after 10 s; else the timeline says when.
    /// Default: yes.
    #[serde(default = "super::world::yes")]
    pub confirms: bool,
    /// What the user chooses 3 s after a call is offered to the carrier. Default: the timeline says
    /// it.
    pub call_offered: Option<ChoiceSpec>,
    /// What the user chooses 3 s after a text is offered to the carrier. Default: the timeline says
    /// it.
    pub text_offered: Option<ChoiceSpec>,
    /// Whether texts are read as they come. Default: no.
    #[serde(default)]
    pub reads: bool,
    /// How often 20 ms are spoken in a call over data; `0s`: never. Default: `20ms`, as in life.
    pub speaks_every: Option<Span>,
}

/// What a user chooses when the carrier is offered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceSpec {
    /// The carrier.
    Carrier,
    /// To quit.
    Quit,
    /// Of a text: to wait.
    Wait,
}

/// A user registers a number, or wants to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// The number that its user types: a phone, or a number. Default: that of the card.
    pub number: Option<Name>,
}

/// A user confirms with a code.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Six digits. Default: the code that has come.
    pub code: Option<Name>,
}

/// Something of a phone's courier.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CourierVerb {
    /// Which phone.
    pub phone: Option<Name>,
}

/// A phone is linked to a primary device, or is no more.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkVerb {
    /// Which phone: the one without the number.
    pub phone: Option<Name>,
    /// The primary device that it belongs to.
    pub to: Name,
}

/// A user's address book is another one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactsVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Whose numbers are in it: phones, patterns, numbers.
    pub are: Vec<Name>,
}

/// A user answers the newest offer. Of texts also where none was made: the newest is taken back.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// About what.
    pub about: MatterSpec,
    /// What.
    pub choice: ChoiceSpec,
}

/// What is offered to the carrier.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum MatterSpec {
    /// A call.
    Call,
    /// A text.
    Text,
}

/// By which way a phone with a courier does something.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum BySpec {
    /// Over data, if the phone has a courier and it can be.
    #[default]
    Data,
    /// By the carrier.
    Carrier,
}

/// A phone's data link has another rate.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// How fast it is from now on, each way; `0kbit/s`: nothing comes through.
    pub to: Speed,
}
