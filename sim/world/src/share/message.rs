//! What travels between the devices that share a virtual SIM, and what their links and disks do.

use polysim_apdu::CardSignal;
use polysim_kernel::Digest;
use polysim_share::wire::{ToMaster, ToSlave};

/// A message to a node.
#[derive(Clone, Debug)]
pub(crate) enum ShareMessage {
    /// To a master, from a slave, in a session of their link.
    ToMaster { slave: u32, session: u32, said: ToMaster },
    /// To a slave, from its master, in a session of their link.
    ToSlave { session: u32, said: ToSlave },
    /// To a slave: a session of its link with the master begins.
    Open { session: u32 },
    /// To a slave: one end of the link is told that a session is down.
    Down { session: u32, end: End },
    /// To a slave: its modem does something to the card that stays with the master.
    Terminal(CardSignal),
    /// To a node: the disk is done with what was begun in this life.
    Written(u32),
}

/// An end of a link.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum End {
    Master,
    Slave,
}

impl ShareMessage {
    /// Adds what it says to a digest.
    pub(crate) fn digest(&self, digest: Digest) -> Digest {
        crate::message::text(digest, self)
    }

    /// Returns whether it goes to a card that is lent, or comes from it.
    pub(crate) const fn is_of_card(&self) -> bool {
        matches!(
            self,
            Self::ToMaster { said: ToMaster::Card { .. }, .. }
                | Self::ToSlave { said: ToSlave::Card { .. }, .. }
        )
    }

    /// Returns what traces call it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::ToMaster { .. } => "to-master",
            Self::ToSlave { .. } => "to-slave",
            Self::Open { .. } | Self::Down { .. } => "link",
            Self::Terminal(_) => "slot",
            Self::Written(_) => "disk",
        }
    }

    /// Returns it as traces write it. What goes to and from a card may be a key: its length is told.
    pub(crate) fn content(&self) -> String {
        match self {
            Self::ToMaster { said: ToMaster::Card { epoch, message }, .. }
            | Self::ToSlave { said: ToSlave::Card { epoch, message }, .. } => {
                format!("Card {{ epoch: {epoch}, octets: {} }}", message.len())
            }
            Self::Terminal(CardSignal::Command(command)) => {
                format!("Command {{ octets: {} }}", command.len())
            }
            Self::ToMaster { .. }
            | Self::ToSlave { .. }
            | Self::Terminal(_)
            | Self::Open { .. }
            | Self::Down { .. }
            | Self::Written(_) => format!("{self:?}"),
        }
    }
}
