//! What can be done to a fleet, and what can break in it.

use super::config::{FleetConfig, FleetNode};
use crate::links::LinkFault;
use polysim_base::Duration;
use polysim_fleet::SlotId;
use polysim_fleet::terminal::TerminalWish;
use polysim_fleet::wire::OperatorInput;
use polysim_radio::air::SpeechFrame;

/// An action on a fleet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FleetAction {
    /// The user of a terminal wishes something.
    Wish {
        /// Which terminal.
        terminal: usize,
        /// What.
        wish: TerminalWish,
    },
    /// The operator of the fleet says something to all servers.
    Operator(OperatorInput),
    /// A card is pulled out and put into another slot. Nothing happens where that is taken.
    MoveCard {
        /// Whose card.
        sim: usize,
        /// Where to.
        slot: SlotId,
    },
    /// A card is pulled out.
    PullCard {
        /// Whose card.
        sim: usize,
    },
    /// A card that was pulled out is put back where it was.
    InsertCard {
        /// Whose card.
        sim: usize,
    },
    /// A second card of a SIM is put into a slot: same ICCID, same subscription.
    DoubleCard {
        /// Of which SIM.
        sim: usize,
        /// Where.
        slot: SlotId,
    },
    /// The second card of a SIM is taken away.
    RemoveDouble {
        /// Of which SIM.
        sim: usize,
    },
    /// A server leads from now on.
    Lead {
        /// Which server.
        server: usize,
    },
    /// Somebody speaks, from now on and frame by frame.
    Speak {
        /// Who.
        who: Speaker,
        /// What, in frames of 20 ms.
        frames: Vec<SpeechFrame>,
    },
}

/// Who speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Speaker {
    /// The user of a terminal, by index.
    Terminal(usize),
    /// The user of a phone, by index.
    Phone(usize),
}

/// What can break in a fleet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FleetFault {
    /// A server is down. When it comes back it stands by.
    ServerCrash {
        /// Which.
        server: usize,
    },
    /// A site's controller is down. Its cards and modems keep their power.
    SiteCrash {
        /// Which.
        site: usize,
    },
    /// A terminal is down.
    TerminalCrash {
        /// Which.
        terminal: usize,
    },
    /// A link between two nodes is not as it should be.
    Link {
        /// The one.
        from: FleetNode,
        /// The other.
        to: FleetNode,
        /// How it is.
        fault: LinkFault,
    },
    /// A card does not answer.
    CardMute {
        /// Whose card.
        sim: usize,
    },
    /// A card takes that much longer for each answer.
    CardSlow {
        /// Whose card.
        sim: usize,
        /// By how much.
        by: Duration,
    },
    /// The clock of a node goes ahead by so much at once. It does not go back when this is over.
    ClockJump {
        /// Whose clock.
        node: FleetNode,
        /// By how much.
        by: Duration,
    },
    /// The clock of a node gains so much, in millionths; negative where it loses.
    ClockSkew {
        /// Whose clock.
        node: FleetNode,
        /// How much.
        ppm: i32,
    },
}

impl FleetConfig {
    /// Returns the place of a modem (counted over all sites) among the phones of a world with that
    /// many phones: actions and faults on phones take it, such as a modem that hangs.
    #[must_use]
    pub const fn phone_of_modem(phones: usize, modem: usize) -> usize {
        phones.saturating_add(modem)
    }
}
