//! The machines of a world as nodes of the kernel.

use polysim_kernel::{Armed, NodeId};

/// Which kind of machine a node is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The cells of a region.
    Region = 1,
    /// An operator's network.
    Core = 2,
    /// The software that drives a modem.
    Host = 3,
    /// A modem.
    Baseband = 4,
    /// A card.
    Card = 5,
    /// A server of the fleet.
    Server = 6,
    /// A site of the fleet.
    Site = 7,
    /// A terminal of the fleet.
    Terminal = 8,
    /// A card in a bank.
    BankCard = 9,
    /// A card-writing platform.
    Platform = 10,
    /// A business platform.
    Business = 11,
    /// A server of remote provisioning, or a management platform.
    Service = 12,
    /// The agent on a phone's host.
    Agent = 13,
    /// The master of a group that shares a SIM.
    Master = 14,
    /// A slave of such a group.
    Slave = 15,
    /// The courier's server.
    Courier = 16,
    /// A device of the courier.
    CourierDevice = 17,
}

impl Kind {
    /// Returns the node of this kind with an index.
    #[must_use]
    pub(crate) const fn node(self, index: u32) -> NodeId {
        NodeId((self as u64) << 32 | index as u64)
    }

    /// Returns kind and index of a node.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the halves are what is asked for")]
    pub(crate) const fn of(node: NodeId) -> Option<(Self, u32)> {
        let kind = match node.0 >> 32 {
            1 => Self::Region,
            2 => Self::Core,
            3 => Self::Host,
            4 => Self::Baseband,
            5 => Self::Card,
            6 => Self::Server,
            7 => Self::Site,
            8 => Self::Terminal,
            9 => Self::BankCard,
            10 => Self::Platform,
            11 => Self::Business,
            12 => Self::Service,
            13 => Self::Agent,
            14 => Self::Master,
            15 => Self::Slave,
            16 => Self::Courier,
            17 => Self::CourierDevice,
            _ => return None,
        };
        Some((kind, node.0 as u32))
    }
}

/// A machine with its wake-up.
#[derive(Clone, Debug)]
pub(crate) struct Node<M> {
    pub(crate) machine: M,
    pub(crate) armed: Armed,
}

impl<M> Node<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self { machine, armed: Armed::default() }
    }
}
