use super::{
    ApduVerb, AssignVerb, AttackVerb, BySpec, CancelOrderVerb, CapVerb, CarryVerb, ChooseVerb,
    ConfirmVerb, ConsentVerb, ContactsVerb, CourierVerb, DeviceVerb, EnrolVerb, EntitleVerb,
    LinkVerb, ListVerb, Name, OnSiteVerb, OrderVerb, PermitVerb, RateVerb, RegisterVerb,
    ReleaseVerb, ReplaceVerb, ServerVerb, SimOrderSpec, SimVerb, SlotVerb, SpeakVerb,
    SwapCardsVerb, TerminalSimVerb,
};
use crate::units::{Moment, Share, Span, SpanRange};
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
    /// For each of many, which the verbs then need not name.
    pub each: Option<Each>,
    /// In how many cases it is done at all, drawn each time. Default: in all.
    pub chance: Option<Share>,
    /// What is done, in this order.
    #[serde(rename = "do")]
    #[schemars(with = "Vec<Verb>")]
    pub verbs: Spanned<Vec<Verb>>,
}

/// For each of many phones, SIMs or terminals. Where it is for each of several kinds, they go
/// together: the first with the first and so on, and shorter patterns begin again.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// A pattern of names of phones: `p{1..200}`.
    pub phone: Option<Name>,
    /// A pattern of names of SIMs.
    pub sim: Option<Name>,
    /// A pattern of names of terminals.
    pub terminal: Option<Name>,
    /// A pattern of names of modems; in expectations only.
    pub modem: Option<Name>,
    /// A pattern of names of servers; in expectations only.
    pub server: Option<Name>,
    /// A pattern of names of sites; in expectations only.
    pub site: Option<Name>,
    /// A pattern of names of card-writing platforms; in expectations only.
    pub platform: Option<Name>,
    /// A pattern of names of business platforms; in expectations only.
    pub business: Option<Name>,
    /// A pattern of names of services; in expectations only.
    pub service: Option<Name>,
    /// A pattern of names of groups that share a subscription; in expectations only.
    pub group: Option<Name>,
    /// The moment is drawn for each from this time on.
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
    Answer(WhoVerb),
    /// Refuse what rings, for every terminal.
    Reject(ListVerb),
    /// End the call; of a phone also refuse what rings.
    HangUp(WhoVerb),
    /// Put the active call on hold and take the other.
    Swap(WhoVerb),
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
    /// Wait before what follows in the list: a duration, or a range to draw from.
    Wait(SpanRange),
    /// Ask for a SIM to be on a modem.
    Assign(AssignVerb),
    /// Ask for a SIM to be on no modem; let a shared subscription go.
    Release(ReleaseVerb),
    /// Ask why a SIM is where it is.
    Why(TerminalSimVerb),
    /// Ask for the SIMs of the user, and how they are.
    List(ListVerb),
    /// End the USSD dialogue of a SIM.
    UssdCancel(TerminalSimVerb),
    /// Send a command to a card.
    Apdu(ApduVerb),
    /// Speak in the active call.
    Speak(SpeakVerb),
    /// Say what a user may do with a SIM.
    Permit(PermitVerb),
    /// Say how much may be done with a SIM in a day.
    Cap(CapVerb),
    /// Put a SIM into a group.
    Enrol(EnrolVerb),
    /// Say in which slot the real one of doubled cards is.
    Resolve(SlotVerb),
    /// Let a SIM that was blocked be used again.
    Unblock(SimVerb),
    /// Move a card to another slot.
    MoveCard(SlotVerb),
    /// Pull a card out of its slot.
    PullCard(SimVerb),
    /// Put a card that was pulled back where it was.
    InsertCard(SimVerb),
    /// Put a second card of the same identity into a slot.
    DoubleCard(SlotVerb),
    /// Take the second card away.
    RemoveDouble(SimVerb),
    /// Make a server lead, in a new term.
    FailOver(ServerVerb),
    /// Order subscriptions for devices.
    Order(OrderVerb),
    /// Give a device of an order up.
    CancelOrder(CancelOrderVerb),
    /// Come to a phone with a tool.
    OnSite(OnSiteVerb),
    /// Let the cards of two phones change places.
    SwapCards(SwapCardsVerb),
    /// Send a card what it must refuse.
    Attack(AttackVerb),
    /// Say which operators a device may have, and how many downloads.
    Entitle(EntitleVerb),
    /// Carry a device of a group to another spot.
    Carry(CarryVerb),
    /// Pick the device of a group that shall have the subscription: a slave, or the master itself.
    Pick(DeviceVerb),
    /// Want the subscription, on a slave.
    Want(DeviceVerb),
    /// Erase what is stored on a slave.
    Forget(DeviceVerb),
    /// Pair a slave with its master.
    Pair(DeviceVerb),
    /// End that.
    Unpair(DeviceVerb),
    /// Answer whether a slave may have the subscription.
    Consent(ConsentVerb),
    /// Share another set of parameters.
    Replace(ReplaceVerb),
    /// Register a number, or prove it again.
    Register(RegisterVerb),
    /// Confirm with the code that has come, or with another one.
    Confirm(ConfirmVerb),
    /// Be registered no more.
    Deregister(CourierVerb),
    /// Link a phone to a primary device.
    Link(LinkVerb),
    /// End that.
    Unlink(LinkVerb),
    /// Have these contacts.
    Contacts(ContactsVerb),
    /// Read the texts that have come.
    Read(CourierVerb),
    /// Choose whether a call or a text goes to the carrier.
    Choose(ChooseVerb),
    /// Make a data link faster or slower.
    Rate(RateVerb),
}

/// A phone or a terminal that does something.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhoVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Which terminal.
    pub terminal: Option<Name>,
    /// Of a phone with a courier: the call of which way. Default: that over data.
    #[serde(default)]
    pub by: BySpec,
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
    /// A phone, a terminal, or a number outside the world.
    pub from: Option<Name>,
    /// Of a terminal: with which SIM.
    pub sim: Option<Name>,
    /// Of a terminal: with the best SIM of this group instead.
    pub group: Option<Name>,
    /// Of a phone with a courier: by which way. Default: data, if it can be.
    #[serde(default)]
    pub by: BySpec,
    /// Which SIM of the group is best. Default: least-recently-used.
    pub order: Option<SimOrderSpec>,
    /// A phone, a SIM, or a number.
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
    /// A phone, a terminal, or a number outside the world.
    pub from: Option<Name>,
    /// Of a terminal: with which SIM.
    pub sim: Option<Name>,
    /// Of a terminal: with the best SIM of this group instead.
    pub group: Option<Name>,
    /// Of a phone with a courier: by which way. Default: data, if it can be.
    #[serde(default)]
    pub by: BySpec,
    /// Which SIM of the group is best. Default: least-recently-used.
    pub order: Option<SimOrderSpec>,
    /// A phone, a SIM, or a number.
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
    /// Which terminal.
    pub terminal: Option<Name>,
    /// `0-9 * # A-D`.
    pub digits: Name,
}

/// A USSD code.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UssdVerb {
    /// Which phone.
    pub phone: Option<Name>,
    /// Which terminal.
    pub terminal: Option<Name>,
    /// Of a terminal: with which SIM.
    pub sim: Option<Name>,
    /// Of a terminal: with the SIM of this group that was not used longest.
    pub group: Option<Name>,
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
    /// What: `cell:NAME`, `operator:NAME`, `phone:NAME`, `server:NAME`, `site:NAME`,
    /// `terminal:NAME`, `modem:NAME`, `sim:NAME`, `platform:NAME`, `business:NAME`, `service:NAME`,
    /// `courier:NAME`, or `link:NAME-NAME`.
    pub target: Name,
    /// How.
    pub kind: FaultKind,
    /// How long, until it heals, or what crashed starts anew. Default: for good.
    #[serde(rename = "for")]
    pub lasts: Option<Span>,
    /// Reject cause of TS 24.008, for `reject-attach`. Default: 11.
    pub cause: Option<u8>,
    /// Which share of phones or messages is concerned: `"20%"`, or 0 to 1. Default: all.
    pub share: Option<Share>,
    /// By how much, for `delay`, `slow`, `clock-jump` and `text-delay`; of a delay, a range to draw
    /// from.
    pub by: Option<SpanRange>,
    /// How many microseconds a clock gains in a second, or loses, for `clock-drift`.
    #[schemars(range(min = -200_000, max = 200_000))]
    pub drift_ppm: Option<i32>,
    /// After how many lasting steps of what the card writes the power fails, for `card-power-cut`.
    /// Default: 0.
    #[serde(default)]
    pub after: Steps,
    /// Status of HTTP, for `http-error`. Default: 500.
    pub status: Option<u16>,
    /// For how many messages the card is busy, for `card-busy`. Default: until it heals.
    pub times: Option<u32>,
}

/// How many steps of what a card writes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Steps {
    /// So many.
    Count(u32),
    /// As many as the place is, in the pattern of `each`, of what the entry is for.
    Nth(Nth),
}

/// See [`Steps::Nth`].
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub enum Nth {
    /// The first has 0.
    #[serde(rename = "$nth")]
    Place,
}

impl Default for Steps {
    fn default() -> Self {
        Self::Count(0)
    }
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
    /// An operator's service centre accepts texts and loses them.
    TextLoss,
    /// An operator's service centre delivers texts twice.
    TextDuplicate,
    /// An operator's service centre keeps texts before it delivers them.
    TextDelay,
    /// The carrier takes no verification texts of a courier's server.
    TextsRefused,
    /// A card says that it is busy.
    CardBusy,
    /// The power fails in what a card writes next; it comes back when the fault heals.
    CardPowerCut,
    /// A modem answers nothing.
    ModemHang,
    /// A modem restarts.
    ModemReset,
    /// A card is pulled out.
    CardPulled,
    /// A server, site, terminal, platform, business platform or service, the courier's server, or
    /// the sharing software or the courier of a phone, stops, and forgets what it has not recorded.
    Crash,
    /// A device of a group loses its power, modem and all.
    Battery,
    /// Nothing comes through a link.
    Cut,
    /// Nothing comes through a link from the first to the second.
    CutOneWay,
    /// Messages of a link are lost.
    Loss,
    /// Messages of a link take that long.
    Delay,
    /// Messages of a link come twice.
    Duplicate,
    /// Messages of a link may be overtaken.
    Reorder,
    /// A card does not answer.
    Mute,
    /// A card takes longer to answer; what a service says and hears takes longer.
    Slow,
    /// The TLS certificate of a server is bad.
    TlsBadCert,
    /// A server answers with a status of HTTP and nothing else.
    HttpError,
    /// A server answers another question than it was asked.
    WrongAnswer,
    /// Packages of a server are spoilt on their way.
    Corrupt,
    /// Data connections in an operator's network lead nowhere.
    NoData,
    /// The clock of a server, site or terminal jumps ahead. It does not go back.
    ClockJump,
    /// The clock of a server, site or terminal goes wrong.
    ClockDrift,
}
