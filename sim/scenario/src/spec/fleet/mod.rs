//! The parts of a fleet: servers, sites with banks and modems, SIMs, users with terminals.

mod settings;
mod verb;

pub use settings::{CapsSpec, CodecSpec, FleetSpec};
pub use verb::{
    ApduVerb, AssignVerb, CapVerb, EnrolVerb, KindSpec, ListVerb, ModemOrderSpec, PermitVerb,
    ReclaimSpec, ReleaseVerb, ServerVerb, SimOrderSpec, SimVerb, SlotVerb, SpeakVerb,
    TerminalSimVerb,
};

use super::Name;
use crate::units::{Micro, Share, Span, SpanRange};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_spanned::Spanned;
use std::borrow::Cow;
use std::fmt;

/// A server of the fleet. The first one leads at the start.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerSpec {
    /// Its name, or a pattern of names.
    pub name: Name,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
}

/// A place with banks and modems.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteSpec {
    /// Its name, or a pattern of names.
    pub name: Name,
    /// The region whose cells its modems hear.
    pub region: Name,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
}

/// How wrong a clock is.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockSpec {
    /// By how much it is ahead at the start. Default: not at all.
    pub skew: Option<Span>,
    /// How many microseconds it gains in a second; it loses them with a minus sign. Default: 0.
    #[serde(default)]
    #[schemars(range(min = -200_000, max = 200_000))]
    pub drift_ppm: i32,
}

/// A bank of SIM slots at a site.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BankSpec {
    /// Its name.
    pub name: Name,
    /// Where it is.
    pub site: Name,
    /// How many slots it has, counted from 0. Default: as many as it holds SIMs.
    #[schemars(range(min = 1, max = 4096))]
    pub slots: Option<u16>,
    /// The SIMs in it at first, from slot 0 on: names and patterns of names.
    #[serde(default)]
    pub sims: Vec<Name>,
}

/// A modem of a site.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModemSpec {
    /// Its name, or a pattern of names.
    pub name: Name,
    /// Where it is.
    pub site: Name,
    /// Its model: generic, ec25, sim7600 or huawei. Default: generic.
    pub model: Option<Name>,
    /// Which cards it reaches. Default: built-in.
    #[serde(default)]
    pub kind: ModemKind,
    /// The pool it belongs to. Default: `main`.
    pub pool: Option<Name>,
    /// Its identity, 14 digits or 15 with a check digit; a pattern where the name is one. Default:
    /// made up.
    pub imei: Option<Name>,
}

/// Which cards a modem reaches.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum ModemKind {
    /// Those in the banks of its own site.
    #[default]
    BuiltIn,
    /// All, wherever their banks are.
    Cloud,
}

/// A SIM: a subscription and its card, which a bank holds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimSpec {
    /// Its name, or a pattern of names.
    pub name: Name,
    /// Whose subscription it holds.
    pub operator: Name,
    /// Its number in international form; a pattern where the name is one. Default: made from the
    /// operator's country code.
    pub number: Option<Name>,
    /// Its subscription; a pattern where the name is one. Default: made from the operator's PLMN.
    pub imsi: Option<Name>,
    /// Who may do everything with it; of a pattern each name gets one SIM after the other, again
    /// and again. Others get their permissions in `[[user]]`.
    pub user: Option<Name>,
    /// The group of SIMs that it belongs to. Default: none, or `main` where it has a tariff.
    pub group: Option<Name>,
    /// Its tariff, one of `[[plan]]`. Default: none, or one without prices where it has a group.
    pub plan: Option<Name>,
    /// Whether the operator's register knows the subscription. Default: yes.
    #[serde(default = "super::world::yes")]
    pub subscribed: bool,
    /// Money on the subscription. Default: it is billed later.
    pub balance: Option<Micro>,
    /// The card asks for this PIN. Default: it asks for none.
    pub pin: Option<Name>,
    /// How much may be done with it in a day. Default: as in `[fleet]`.
    pub caps: Option<CapsSpec>,
}

/// Somebody with terminals.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// The name, or a pattern of names.
    pub name: Name,
    /// What they may do with which SIMs.
    #[serde(default)]
    pub sims: Permits,
}

/// SIMs with which somebody may do everything, or a table of SIMs and what may be done with each.
#[derive(Clone, Debug, Default)]
pub struct Permits(pub Vec<(Name, Vec<PermissionSpec>)>);

/// Something that may be done with a SIM.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
pub enum PermissionSpec {
    /// Send texts.
    #[serde(rename = "text.send")]
    TextSend,
    /// Read texts.
    #[serde(rename = "text.read")]
    TextRead,
    /// Call, and answer calls.
    #[serde(rename = "call")]
    Call,
    /// Send USSD codes.
    #[serde(rename = "ussd")]
    Ussd,
    /// Send commands to the card.
    #[serde(rename = "apdu")]
    Apdu,
    /// Say on which modem it shall be.
    #[serde(rename = "configure")]
    Configure,
}

impl PermissionSpec {
    /// Everything.
    pub const ALL: [Self; 6] =
        [Self::TextSend, Self::TextRead, Self::Call, Self::Ussd, Self::Apdu, Self::Configure];
}

/// A device that its user calls and texts with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminalSpec {
    /// Its name, or a pattern of names.
    pub name: Name,
    /// Whose it is; of a pattern each name gets one terminal after the other, again and again.
    pub user: Name,
    /// How wrong its clock is. Default: not at all.
    #[serde(default)]
    pub clock: ClockSpec,
}

/// A tariff, as the servers know it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanSpec {
    /// Its name.
    pub name: Name,
    /// Whose it is.
    pub operator: Name,
    /// Prices by first digits, such as `"+86" = 0.10`; the longest match counts, and `"+"` is
    /// everywhere.
    #[serde(default)]
    pub rates: Rates,
}

/// Prices by first digits.
#[derive(Clone, Debug, Default)]
pub struct Rates(pub Vec<(Name, Micro)>);

/// Whose numbers begin so, as the servers know it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RangeSpec {
    /// The first digits: `+8613`.
    pub prefix: Name,
    /// Whose numbers those are.
    pub operator: Name,
}

/// What the link between two parts of a fleet is like, in both directions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkSpec {
    /// Two servers, sites or terminals, or patterns of them: the links between all of one and all
    /// of the other. `log` is the log that the servers write.
    #[schemars(length(min = 2, max = 2))]
    pub between: Vec<Name>,
    /// How long messages take, one way. Default: as in `[world]`.
    pub latency: Option<SpanRange>,
    /// How many messages are lost. Default: none.
    pub loss: Option<Share>,
    /// How many messages come twice. Default: none.
    pub duplicate: Option<Share>,
    /// How many messages may be overtaken. Default: none.
    pub reorder: Option<Share>,
}

/// Reads a table whose keys have places.
struct Entries<T>(core::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Vec<(Name, T)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let name = Name { span: key.span(), text: key.into_inner() };
            entries.push((name, map.next_value()?));
        }
        Ok(entries)
    }
}

impl<'de> Deserialize<'de> for Rates {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(core::marker::PhantomData)).map(Self)
    }
}

impl JsonSchema for Rates {
    fn schema_name() -> Cow<'static, str> {
        "Rates".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let price = generator.subschema_for::<Micro>();
        json_schema!({ "type": "object", "additionalProperties": price })
    }
}

impl<'de> Deserialize<'de> for Permits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vec<(Name, Vec<PermissionSpec>)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of SIMs, or a table of SIMs and permissions")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut sims = Vec::new();
                while let Some(sim) = seq.next_element()? {
                    sims.push((sim, PermissionSpec::ALL.to_vec()));
                }
                Ok(sims)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Entries(core::marker::PhantomData).visit_map(map)
            }
        }
        deserializer.deserialize_any(Either).map(Self)
    }
}

impl JsonSchema for Permits {
    fn schema_name() -> Cow<'static, str> {
        "Permits".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let permissions = generator.subschema_for::<Vec<PermissionSpec>>();
        json_schema!({
            "anyOf": [
                { "type": "array", "items": { "type": "string" } },
                { "type": "object", "additionalProperties": permissions },
            ],
            "description": "SIMs with which everything may be done, or SIMs and what may be done"
        })
    }
}
