//! What reaches a device and what leaves it.

use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Imsi, Plmn};
use polysim_radio::air::{CellId, Downlink, RejectCause, SpeechFrame, Uplink};
use std::sync::Arc;

/// What reaches a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BasebandInput {
    /// Bytes from the host on an AT port. They open a port that was closed.
    Port {
        /// Which port, from 0. Bytes for a port that the device has not are dropped.
        port: u8,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A host opened a port. Ports are open from the start.
    PortOpened(u8),
    /// The host closed a port: a line begun, a prompt and data mode are given up, and what the
    /// device would write there is lost. Settings stay.
    PortClosed(u8),
    /// Speech from the host on the PCM port. It is dropped unless that port is on and a call is in
    /// conversation, and where it runs more than 200 ms ahead of real time.
    Speech(SpeechFrame),
    /// From the card slot.
    Card(CardToTerminal),
    /// From the network or the cells.
    Air(Downlink),
    /// The power key: on, or off with a detach.
    Power(bool),
    /// The supply is gone: no detach, nothing is written.
    PowerLost,
    /// The radio link of the serving cell is gone.
    LinkLost,
}

/// What comes out of the card slot.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CardToTerminal {
    /// A card was put in.
    Inserted,
    /// The card was pulled out. Answers of the old card that arrive later are dropped.
    Removed,
    /// The answer to a reset.
    Atr(Arc<[u8]>),
    /// The answer to a command: data and status word.
    Response(Vec<u8>),
    /// The procedure byte NULL, 60 (ISO 7816-3, 10.3.3): the answer to the command in flight takes
    /// longer, and the waiting time begins anew.
    MoreTime,
}

/// What goes into the card slot.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TerminalToCard {
    /// Supply and clock on, then reset; answered by [`CardToTerminal::Atr`].
    PowerOn,
    /// Warm reset; answered by [`CardToTerminal::Atr`].
    Reset,
    /// Supply off. No answer.
    PowerOff,
    /// A command APDU; answered by [`CardToTerminal::Response`]. One at a time.
    Command(Vec<u8>),
}

/// For a card that is somewhere else.
impl From<TerminalToCard> for CardSignal {
    fn from(signal: TerminalToCard) -> Self {
        match signal {
            TerminalToCard::PowerOn => Self::PowerOn,
            TerminalToCard::Reset => Self::Reset,
            TerminalToCard::PowerOff => Self::PowerOff,
            TerminalToCard::Command(bytes) => Self::Command(bytes),
        }
    }
}

/// From a card that is somewhere else.
impl From<CardReply> for CardToTerminal {
    fn from(reply: CardReply) -> Self {
        match reply {
            CardReply::Inserted => Self::Inserted,
            CardReply::Removed => Self::Removed,
            CardReply::Atr(atr) => Self::Atr(atr.into()),
            CardReply::Response(bytes) => Self::Response(bytes),
            CardReply::MoreTime => Self::MoreTime,
        }
    }
}

/// What leaves a device.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BasebandOutput {
    /// Bytes to the host.
    Port {
        /// Which port.
        port: u8,
        /// The bytes, never none.
        bytes: Vec<u8>,
    },
    /// Speech to the host on the PCM port.
    Speech(SpeechFrame),
    /// To the card.
    Card(TerminalToCard),
    /// To the network, by way of the region.
    Air(Uplink),
    /// Something happened; only while [`Baseband::observe`](crate::Baseband::observe) is on.
    Event(BasebandEvent),
}

/// What an observer is told.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BasebandEvent {
    /// The firmware runs and ports answer.
    Booted,
    /// The device was switched off.
    SwitchedOff,
    /// The card was read; the subscription is known.
    CardReady(Imsi),
    /// The card was read and has no subscription: it is alive, and its toolkit may bring one.
    NoSubscription,
    /// The card waits for its PIN.
    PinRequired,
    /// The card waits for its PUK.
    PukRequired,
    /// No card, a mute card, or one that cannot be used.
    CardUnusable,
    /// The device camps on a cell and asks for service there.
    AttachAttempt {
        /// Where.
        cell: CellId,
        /// Whose cell.
        plmn: Plmn,
    },
    /// Service is there.
    Registered {
        /// Where.
        cell: CellId,
        /// Whose cell.
        plmn: Plmn,
        /// Not the home network.
        roaming: bool,
    },
    /// A network refused.
    Denied {
        /// Whose.
        plmn: Plmn,
        /// Why.
        cause: RejectCause,
    },
    /// Service was lost or given up.
    Deregistered,
    /// No cell that may be used was heard.
    NoService,
    /// A text or report arrived and was stored or routed.
    MessageReceived,
    /// A text for the card went to it, and it took or refused it.
    TextForCard {
        /// The card took it.
        taken: bool,
    },
    /// A proactive command of the card was answered.
    CommandAnswered {
        /// The type of the command (TS 102.223, 9.4).
        kind: u8,
        /// The general result (TS 102.223, 8.12).
        result: u8,
    },
    /// The network took a text.
    MessageSent,
    /// A call rings here.
    Ringing,
    /// A call was connected.
    CallConnected,
    /// A call ended.
    CallEnded,
    /// A tone from the other side.
    Dtmf(u8),
}
