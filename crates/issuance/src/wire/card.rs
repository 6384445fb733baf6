//! Between the applet and the platform.

use alloc::vec::Vec;
use polysim_base::{Eid, Iccid, Imei, Imsi};
use polysim_ota::{Counter, Integrity, ProofRequest, ProofRoute, ProofWanted, Spi};
use serde::{Deserialize, Serialize};

use super::OrderId;
use crate::Subscription;

/// What a card sends of its own accord: its eID in clear, so that the platform finds the keys, and
/// a command packet (TS 102.225) under its uplink keys with a [`CardMessage`] in it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct UplinkFrame {
    /// Who says it.
    pub eid: Eid,
    /// The command packet.
    pub packet: Vec<u8>,
}

/// How the packet of an [`UplinkFrame`] is secured, under the applet's TAR: as well as there is,
/// and without a proof of receipt, for the platform answers by an [`AppletMessage`].
pub const UPLINK_SPI: Spi = Spi {
    proof: ProofRequest {
        wanted: ProofWanted::Never,
        integrity: Integrity::None,
        ciphered: false,
        route: ProofRoute::DeliverReport,
    },
    ..Spi::FULL
};

/// What an applet says, secured.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CardMessage {
    /// The card. It must be that of the frame.
    pub eid: Eid,
    /// The last counter that the card has accepted from the platform: the platform sets its own by
    /// it where it has fallen behind.
    pub heard: Counter,
    /// What it says.
    pub report: CardReport,
}

/// What an applet has to say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CardReport {
    /// The binding request: this card is in this device.
    Bind {
        /// The device.
        imei: Imei,
        /// The card, as it is printed on it.
        iccid: Iccid,
        /// The subscription that it has now: the seed, or what was written; none on a blank card.
        imsi: Option<Imsi>,
    },
    /// The order is carried out: the device has service with this IMSI.
    ///
    /// A write by remote file management brings no order number to the card: the applet reports it
    /// as order 0, which no order has. It is the only one that is under way at that card.
    Effective {
        /// Which.
        order: OrderId,
        /// Under which subscription this is said.
        imsi: Imsi,
    },
    /// The order was carried out, the device found no service with it in time, and the card has
    /// gone back to what it had before.
    Reverted {
        /// Which.
        order: OrderId,
        /// What it has gone back to.
        imsi: Option<Imsi>,
    },
}

/// What the platform says to an applet: the secured data of a command packet for its TAR.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AppletMessage {
    /// The binding is stored: the mark is set.
    Bound {
        /// The device that the card is bound to.
        imei: Imei,
    },
    /// The binding is refused: the mark is not set, and the applet asks again at the next start
    /// only.
    NotBound {
        /// The device asked for.
        imei: Imei,
        /// Why.
        reason: NotBound,
    },
    /// Write this subscription.
    Write {
        /// Which order this is.
        order: OrderId,
        /// The card that is meant. Any other refuses it.
        eid: Eid,
        /// What to write.
        subscription: Subscription,
    },
    /// [`CardReport::Effective`] or [`CardReport::Reverted`] is recorded: it need not be said again.
    /// Where the platform has seen the attach before the card could speak of it, this ends the
    /// trial.
    Noted {
        /// Which order.
        order: OrderId,
    },
}

/// Why a binding is refused.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum NotBound {
    /// The device is bound to another card.
    ImeiTaken,
    /// The card is bound to another device, and may not move.
    CardMoved,
}

/// What an applet answers to an [`AppletMessage`], in the data of its proof of receipt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AppletAnswer {
    /// What came of it.
    pub outcome: Outcome,
    /// The subscription on the card now.
    pub imsi: Option<Imsi>,
}

/// What came of an [`AppletMessage`] on the card.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done; for a write: the files are written, and take effect with the restart that follows.
    Done,
    /// It was done before, by the same order.
    DoneBefore,
    /// Not for this card: the eID is another one.
    AnotherCard,
    /// The card holds no key of that number.
    NoSuchKey,
    /// The message cannot be read.
    Malformed,
    /// An earlier order is not finished.
    Busy,
    /// A file could not be written; the card is as it was.
    WriteFailed,
    /// The binding is not the one asked for: the device has changed meanwhile.
    AnotherDevice,
}
