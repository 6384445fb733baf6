use crate::speech::Frame;
use crate::wire::{CardReply, CardSignal, Directive, FromModem, Kind, Relay, SiteReport, ToModem};
use crate::{PoolId, ServerId, SiteId, TerminalId, UserId};
use alloc::string::String;
use alloc::vec::Vec;
use polysim_base::{Duration, Imei};
use polysim_lease::Margin;
use polysim_modem::{ModemInput, ModemOutput};

/// What a site is set up with.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SiteConfig {
    /// What it is called.
    pub site: SiteId,
    /// How many servers there are, from 0 on.
    pub servers: u8,
    /// Its modems, in the order of their numbers.
    pub modems: Vec<SiteModem>,
    /// How wrong clocks may be; the same as at the exchange.
    pub margin: Margin,
    /// How often it says that it is alive, and says again what was not confirmed.
    pub renew_every: Duration,
    /// How long a SIM may take from its card to its network.
    pub attach_max: Duration,
    /// For how long an incoming call rings at terminals before it is refused.
    pub ring_max: Duration,
    /// How long a call may last.
    pub call_max: Duration,
    /// How long one exchange with a card may take, wherever that is.
    pub card_max: Duration,
    /// After how long without an answer of the card a modem is asked for more time: half of its
    /// waiting time (ISO 7816-3, 10.2).
    pub null_every: Duration,
    /// The wall clock at instant zero, seconds since 1970: 0 where instants are Unix time.
    pub unix_at_zero_s: u64,
}

/// A modem of a site.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SiteModem {
    /// Its equipment identity.
    pub imei: Imei,
    /// Which cards it reaches.
    pub kind: Kind,
    /// The pool it belongs to.
    pub pool: PoolId,
    /// Where terminals reach it.
    pub address: String,
}

/// What reaches a site. Who sent it is filled in by the link, which authenticates it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SiteInput {
    /// The site starts, or starts anew after its records were restored.
    Start,
    /// From a server.
    Server(ServerId, Directive),
    /// From a terminal.
    Terminal(UserId, TerminalId, ToModem),
    /// From another site.
    Site(SiteId, Relay),
    /// From the software that drives a modem, by the modem's number.
    Modem(u16, ModemOutput),
    /// A modem does something to the card that it believes in its slot.
    ModemCard(u16, CardSignal),
    /// A modem gives 20 ms of speech of its call.
    ModemSpeech(u16, Frame),
    /// A card in a bank says something, or comes and goes.
    Card {
        /// Which bank.
        bank: u16,
        /// Which slot of it.
        slot: u16,
        /// What.
        reply: CardReply,
    },
}

/// What leaves a site.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SiteOutput {
    /// To a server.
    Server(ServerId, SiteReport),
    /// To one terminal.
    Terminal(UserId, TerminalId, FromModem),
    /// To all terminals of a user.
    User(UserId, FromModem),
    /// To another site.
    Site(SiteId, Relay),
    /// To the software that drives a modem, by the modem's number.
    Modem(u16, ModemInput),
    /// To a modem's card slot.
    ModemCard(u16, CardReply),
    /// 20 ms of speech for the call of a modem.
    ModemSpeech(u16, Frame),
    /// To a card in a bank.
    Card {
        /// Which bank.
        bank: u16,
        /// Which slot of it.
        slot: u16,
        /// What.
        signal: CardSignal,
    },
}
