//! The modem that goes to the network.

use async_trait::async_trait;
use polysim_apdu::{CardReply, CardSignal};

/// What a modem tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ModemReport {
    /// It is on no network.
    Left,
    /// It does something to the card at its contacts.
    Card(CardSignal),
}

/// The modem of a device that shares a subscription, with the contacts of its slot.
///
/// # Contract
/// Orders take at once and never wait; what becomes of them is reported. The order to leave, and that to
/// cut the power, are each answered by one [`ModemReport::Left`], also by a modem that is on no network;
/// only a modem that leaves by itself reports it without an order. When it reports that, it is on no
/// network, and does not go there before [`attach`](Self::attach).
#[async_trait]
pub trait SharedModem: Send {
    /// Go to the network, with the card that is at the contacts or comes there.
    fn attach(&mut self);

    /// Leave the network: sign off.
    fn leave(&mut self);

    /// Signing off takes too long: power off.
    fn cut_power(&mut self);

    /// The card says something.
    fn card(&mut self, reply: CardReply);

    /// Waits for what the modem tells. Dropping the future loses nothing.
    async fn next(&mut self) -> ModemReport;
}
