//! What travels between platforms, businesses and operators.

use polysim_base::{Duration, Eid, Imsi, Msisdn};
use polysim_issuance::KeyChoice;
use polysim_issuance::business::BusinessInput;
use polysim_issuance::platform::PlatformInput;
use polysim_issuance::wire::{MessageId, OrderId};

/// A message to a node.
#[derive(Clone, Debug)]
pub(crate) enum IssuanceMessage {
    /// To a card-writing platform.
    Platform(PlatformInput),
    /// To a business platform.
    Business(BusinessInput),
    /// To an operator, from a platform.
    Operator(usize, Asked),
    /// To a node: the disk is done with what was begun in this life.
    Written(u32),
    /// To a phone: the tool there has waited, or is done.
    Tool(u32),
}

/// What a platform asks of an operator.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// Bring a packet to a subscriber.
    Text { message: MessageId, to: Msisdn, packet: Vec<u8>, validity: Duration },
    /// Have a subscription ready.
    Provision(Provision),
}

/// A subscription that an operator shall have ready.
#[derive(Clone, Debug)]
pub(crate) struct Provision {
    pub(crate) order: OrderId,
    pub(crate) imsi: Imsi,
    pub(crate) msisdn: Msisdn,
    pub(crate) eid: Eid,
    pub(crate) key: KeyChoice,
}

impl IssuanceMessage {
    /// Returns what traces call it.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Platform(_) => "platform",
            Self::Business(_) => "business",
            Self::Operator(..) => "operator",
            Self::Written(_) => "disk",
            Self::Tool(_) => "tool",
        }
    }
}
