//! A phone: host software, modem, card, and the user's side of things.

use crate::node::Node;
use crate::paths::AirLink;
use crate::steering::HostAgent;
use crate::user::User;
use polysim_baseband::{Baseband, CardToTerminal};
use polysim_card::Card;
use polysim_modem::Modem;

/// The machines of a phone, with indices of the same number.
#[derive(Debug)]
pub(crate) struct Phone {
    /// `None` while the modem is lent: then somebody outside drives it.
    pub(crate) host: Option<Node<Modem>>,
    pub(crate) baseband: Node<Baseband>,
    /// `None` while it is lent to a reader outside.
    pub(crate) card: Option<Card>,
    pub(crate) air: AirLink,
    pub(crate) region: u16,
    pub(crate) power: Power,
    /// While the modem hangs it hears and says nothing.
    pub(crate) hung: Option<Box<Missed>>,
    pub(crate) user: Option<Box<User>>,
    /// The agent that steers its eUICC, where that is on the host.
    pub(crate) agent: Option<Box<HostAgent>>,
}

/// What a modem that hangs has not heard.
#[derive(Debug, Default)]
pub(crate) struct Missed {
    /// The network has said something, which is lost.
    pub(crate) air: bool,
    /// What came out of its card slot, where it stays.
    pub(crate) card: Vec<CardToTerminal>,
}

/// Whether a phone is on, and whether its host has set the modem up before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Power {
    NeverOn,
    On,
    Off,
}
