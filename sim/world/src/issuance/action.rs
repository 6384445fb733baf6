//! What can be done about cards that are opened over the air, and what can break.

use super::config::IssuanceNode;
use crate::links::LinkFault;
use polysim_base::{Duration, Imei};
use polysim_issuance::wire::{Method, Route};

/// An action.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum IssuanceAction {
    /// A customer orders subscriptions for devices.
    Order {
        /// At which business platform.
        business: usize,
        /// The customer's number of the batch; `None`: one that no other has.
        batch: Option<u32>,
        /// For which phones.
        phones: Vec<usize>,
        /// For which devices beside those, as a customer has typed them.
        imeis: Vec<Imei>,
        /// Whose subscriptions, by the operator's name.
        operator: String,
        /// Which way.
        route: Route,
        /// By what.
        method: Method,
        /// The most writes that begin in a second; 0: all at once.
        per_s: u32,
    },
    /// A customer gives a device of a batch up.
    Cancel {
        /// At which business platform.
        business: usize,
        /// Which batch.
        batch: u32,
        /// Which phone.
        phone: usize,
    },
    /// Somebody comes to a phone with a tool: reads the stored pair of its card, delivers it, and
    /// brings the card what comes for it as long as he stays.
    Visit {
        /// Which phone.
        phone: usize,
        /// On whose behalf.
        business: usize,
        /// Whether the card is taken out and put into a reader; else the tool speaks to it through
        /// the phone's modem.
        reader: bool,
        /// How long he stays.
        stay: Duration,
    },
    /// The cards of two phones change places.
    SwapCards {
        /// The one phone.
        phone: usize,
        /// The other.
        with: usize,
    },
    /// Somebody sends a phone's card what it must refuse.
    Attack {
        /// Which phone.
        phone: usize,
        /// What.
        attack: Attack,
    },
}

/// What a card must refuse.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Attack {
    /// The last packet that its platform has sent it, once more: one that asks for a proof if any did.
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
    Misdirected {
        /// Which phone's.
        of: usize,
    },
}

/// What can break.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum IssuanceFault {
    /// A card-writing platform is down.
    PlatformCrash {
        /// Which.
        platform: usize,
    },
    /// A business platform is down.
    BusinessCrash {
        /// Which.
        business: usize,
    },
    /// A link between two nodes is not as it should be.
    Link {
        /// The one.
        from: IssuanceNode,
        /// The other.
        to: IssuanceNode,
        /// How it is.
        fault: LinkFault,
    },
    /// A card says that it is busy (status word `9300`).
    CardBusy {
        /// Whose card.
        phone: usize,
        /// For so many ENVELOPEs; `None`: until the fault ends.
        times: Option<u32>,
    },
    /// The power fails during what a card writes.
    CardPowerCut {
        /// Whose card.
        phone: usize,
        /// After so many steps that last.
        after: u32,
    },
}
