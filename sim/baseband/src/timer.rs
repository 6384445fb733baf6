//! Why a device wants to be woken.

use crate::radio::RadioTimer;

/// Why a device wants to be woken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BasebandTimer {
    /// The firmware has started.
    Booted,
    /// The card must answer.
    Card,
    /// Of the radio.
    Radio(RadioTimer),
    /// Listening for a host's list of networks is over.
    HostScan,
    /// The network must answer a text, or a host acknowledge one.
    Message,
    /// A call rings again, or must come to something.
    Call,
    /// The network must answer USSD.
    Ussd,
    /// The network must answer about a service.
    Service,
    /// The network must answer about a packet context.
    Packet,
    /// The card is to be told, polled or answered.
    Toolkit,
    /// The silence after an escape sequence is over.
    Escape,
}
