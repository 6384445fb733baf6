use super::Name;
use crate::units::{Moment, Span};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_spanned::Spanned;

/// What is done at a moment, or again and again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AtSpec {
    /// When, or when first. Default: the start.
    pub t: Option<Moment>,
    /// Again after this time, and so on.
    pub every: Option<Span>,
    /// No more from then on.
    pub until: Option<Moment>,
    /// For each of many phones, which the verbs then need not name.
    pub each: Option<Each>,
    /// What is done, in this order.
    #[serde(rename = "do")]
    #[schemars(with = "Vec<Verb>")]
    pub verbs: Spanned<Vec<Verb>>,
}

/// For each of many phones.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// A pattern of names: `p{1..200}`.
    pub phone: Name,
    /// The moment is drawn for each phone from this time on.
    pub spread: Option<Span>,
}

/// Something to do.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Switch a phone on or off.
    Power(SwitchVerb),
    /// Carry a phone to another region.
    Move(MoveVerb),
    /// Send a text.
    Text(TextVerb),
    /// Call a number.
    Call(CallVerb),
    /// Answer what rings.
    Answer(PhoneVerb),
    /// End the call, or refuse what rings.
    HangUp(PhoneVerb),
    /// Put the active call on hold and take the other.
    Swap(PhoneVerb),
    /// Send tones.
    Dtmf(DtmfVerb),
    /// Send a USSD code, or answer a session.
    Ussd(UssdVerb),
    /// Bring a packet context up or down.
    Data(DataVerb),
    /// Enter a PIN.
    EnterPin(PinVerb),
    /// Choose a network by hand, or automatically where none is named.
    Select(SelectVerb),
    /// Switch call waiting on or off.
    CallWaiting(SwitchVerb),
    /// Forward calls.
    Forward(ForwardVerb),
    /// Break something for a while.
    Fault(FaultVerb),
}

/// A phone that does something.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneVerb {
    /// Which phone.
    pub phone: Option<Name>,
}

/// Something of a phone that is switched.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// On or off.
    pub on: bool,
}

/// A change of region.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Which region.
    pub to: Name,
}

/// A text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextVerb {
    /// A phone, or a number outside the world.
    pub from: Option<Name>,
    /// A phone, or a number.
    pub to: Name,
    /// What it says.
    pub text: String,
    /// Whether a delivery report is asked for.
    #[serde(default)]
    pub report: bool,
    /// How long the service centre keeps trying. Default: as long as it likes.
    pub valid: Option<Span>,
}

/// A call.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallVerb {
    /// A phone, or a number outside the world.
    pub from: Option<Name>,
    /// A phone, or a number.
    pub to: Name,
    /// Withhold the number.
    #[serde(default)]
    pub hide: bool,
    /// How long a caller outside lets it ring. Default: 30 s.
    pub rings: Option<Span>,
}

/// Tones.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DtmfVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// `0-9 * # A-D`.
    pub digits: Name,
}

/// A USSD code.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UssdVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// The code, or the answer to a menu.
    pub code: String,
}

/// A packet context.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Access point name. Default: `internet`.
    pub apn: Option<String>,
    /// Up or down.
    pub on: bool,
}

/// A PIN.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PinVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// 4 to 8 digits.
    pub pin: Name,
}

/// A choice of network.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Which operator. Default: the modem chooses.
    pub operator: Option<Name>,
}

/// A forwarding.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForwardVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// When.
    pub when: When,
    /// A phone, or a number. Default: forward no longer.
    pub to: Option<Name>,
}

/// When calls are forwarded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Always.
    Always,
    /// When busy.
    Busy,
    /// When nobody answers.
    NoReply,
    /// When not reachable.
    NotReachable,
}

/// Something breaks.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultVerb {
    /// What: `cell:NAME`, `operator:NAME` or `phone:NAME`.
    pub target: Name,
    /// How.
    pub kind: FaultKind,
    /// How long, until it heals. Default: for good.
    #[serde(rename = "for")]
    pub lasts: Option<Span>,
    /// Reject cause of TS 24.008, for `reject-attach`. Default: 11.
    pub cause: Option<u8>,
    /// Which share of phones is concerned, 0 to 1. Default: all.
    pub share: Option<crate::units::Micro>,
}

/// How something breaks.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// A cell is off the air.
    Outage,
    /// An operator refuses registrations.
    RejectAttach,
    /// An operator's service centre is congested.
    TextCongestion,
    /// A phone's modem answers nothing.
    ModemHang,
    /// A phone's modem restarts.
    ModemReset,
    /// A phone's card is pulled out.
    CardPulled,
}
