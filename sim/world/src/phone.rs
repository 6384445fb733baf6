//! A phone: host software, modem, card, and the user's side of things.

use crate::node::Node;
use crate::paths::AirLink;
use crate::user::User;
use polysim_baseband::{Baseband, BasebandInput, CardToTerminal};
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
    /// While the modem hangs: it hears and says nothing, and its firmware does not run.
    pub(crate) hung: Option<Box<Hang>>,
    pub(crate) user: Option<Box<User>>,
}

/// More signals than a card slot gives while nobody asks it for anything.
const WAITING_MAX: usize = 8;

/// What a modem that hangs has missed.
#[derive(Debug, Default)]
pub(crate) struct Hang {
    /// The network has said something, which it will never hear.
    pub(crate) deaf: bool,
    /// What came from the card slot: that waits in its buffer.
    pub(crate) card: Vec<CardToTerminal>,
}

impl Hang {
    pub(crate) fn misses(&mut self, input: BasebandInput) {
        match input {
            BasebandInput::Air(_) | BasebandInput::LinkLost => self.deaf = true,
            BasebandInput::Card(signal) => {
                // What a card said that is gone is of no use.
                if signal == CardToTerminal::Removed {
                    self.card.clear();
                }
                if self.card.len() < WAITING_MAX {
                    self.card.push(signal);
                }
            }
            BasebandInput::Port { .. }
            | BasebandInput::PortOpened(_)
            | BasebandInput::PortClosed(_)
            | BasebandInput::Speech(_)
            | BasebandInput::Power(_)
            | BasebandInput::PowerLost => {}
        }
    }
}

/// Whether a phone is on, and whether its host has set the modem up before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Power {
    NeverOn,
    On,
    Off,
}
