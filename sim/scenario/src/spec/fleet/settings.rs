use crate::units::{Span, SpanRange};
use schemars::JsonSchema;
use serde::Deserialize;

/// How a fleet is set up. Everything has a default.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FleetSpec {
    /// How long a lease holds unless it is renewed.
    pub ttl: Option<Span>,
    /// How often a site says that it is alive.
    pub renew: Option<Span>,
    /// How wrong clocks are taken to be, and how long it takes to fall silent.
    pub skew: Option<Span>,
    /// By how many microseconds in a second clocks are taken to drift.
    #[schemars(range(max = 200_000))]
    pub drift_ppm: Option<u32>,
    /// How long what runs may go on when a SIM is taken back gracefully.
    pub grace: Option<Span>,
    /// How long a modem rests after its first failure.
    pub rest: Option<Span>,
    /// After how many failures in a row a site is suspect.
    #[schemars(range(min = 1))]
    pub site_failures: Option<u8>,
    /// For how long a suspect site is not used.
    pub site_rest: Option<Span>,
    /// After how long without a word a site is away.
    pub site_silence: Option<Span>,
    /// For how long a SIM rests whose lease did not end in an orderly way.
    pub quarantine: Option<Span>,
    /// The most requests that wait.
    pub waiting: Option<u32>,
    /// The longest that a request may wait.
    pub wait: Option<Span>,
    /// How long a SIM may take from its card to its network.
    pub attach: Option<Span>,
    /// For how long an incoming call rings at terminals.
    pub ring: Option<Span>,
    /// How long a call may last.
    pub call: Option<Span>,
    /// How long one exchange with a card may take.
    pub card: Option<Span>,
    /// After how long without an answer of a card a modem is asked for more time.
    pub null: Option<Span>,
    /// After how long without an answer a terminal asks again.
    pub patience: Option<Span>,
    /// How often a terminal asks again before it gives up.
    pub tries: Option<u8>,
    /// How often a terminal asks for what has come, besides when it is told.
    pub mail_every: Option<Span>,
    /// The most texts, and the most missed calls, that are kept for a SIM.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub mail_max: Option<u32>,
    /// For how long what has come is kept.
    pub mail_keep: Option<Span>,
    /// How long the parts of a text are awaited.
    pub parts_wait: Option<Span>,
    /// How far the time in a delivery report may lie from that of its text.
    pub report_window: Option<Span>,
    /// How speech is coded.
    pub codec: Option<CodecSpec>,
    /// How long a disk takes to make records durable.
    pub disk: Option<SpanRange>,
    /// How often the leading server shows that it is there.
    pub refresh: Option<Span>,
    /// After how long without that the next server leads.
    pub silence: Option<Span>,
    /// How much may be done with each SIM in a day, unless it says otherwise itself.
    pub caps: Option<CapsSpec>,
}

/// How speech is coded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum CodecSpec {
    /// 16 bits, as they are.
    Linear,
    /// G.711 A-law.
    ALaw,
    /// G.711 mu-law.
    MuLaw,
}

/// How much may be done with a SIM within 24 hours.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CapsSpec {
    /// Parts of texts.
    pub texts: u32,
    /// Calls.
    pub calls: u32,
}
