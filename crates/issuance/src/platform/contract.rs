//! What reaches the card-writing platform, and what it does.

use alloc::vec::Vec;
use polysim_base::{Duration, Eid, Iccid, Imei, Imsi, Msisdn, Plmn};
use polysim_ota::{Spi, Tar};
use serde::{Deserialize, Serialize};

use crate::wire::{BusinessAnswer, BusinessRequest, MessageId, OrderId, RequestId, StreamId};
use crate::{FileSizes, Generation, KeyChoice};

/// How a platform works.
#[derive(Clone, Debug)]
pub struct PlatformConfig {
    /// Its number: cards send to it, and its texts come from it.
    pub number: Msisdn,
    /// The applet's TAR.
    pub tar: Tar,
    /// How its packets are secured and proved.
    pub spi: Spi,
    /// Sizes of files of the cards, for remote file management.
    pub sizes: FileSizes,
    /// How often a message is said again.
    pub retry: Retry,
    /// How long the service centre keeps a text of the platform.
    pub validity: Duration,
    /// How long a write that the card has proved may wait for its effect until an alarm is given.
    pub pending_alarm: Duration,
    /// The most texts in a second.
    pub texts_per_s: u32,
    /// What happens to a card that has moved to another device.
    pub moved: Policy,
    /// What happens to a device that is bound to another card.
    pub conflict: Policy,
    /// The networks whose subscriptions are written.
    pub networks: Vec<Network>,
    /// Up to which generation the cards have files, for remote file management.
    pub generation: Generation,
}

/// A network whose subscriptions are written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Network {
    /// How its IMSIs begin, and with that how long its mobile network code is.
    pub home: Plmn,
    /// Its service centre, where cards are to have it.
    pub centre: Option<Msisdn>,
}

/// When a message without an answer is sent again, always under a new counter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retry {
    /// After how long, the first time; each time after that twice as long.
    pub first: Duration,
    /// The longest.
    pub longest: Duration,
    /// How often at most.
    pub tries: u8,
}

/// What happens to a binding that contradicts another. It is reported either way.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Policy {
    /// The new one counts.
    Accept,
    /// The old one counts.
    Refuse,
}

/// What reaches a platform.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlatformInput {
    /// A card has sent a text to the platform's number: the user data of it, without its header.
    /// An [`UplinkFrame`](crate::wire::UplinkFrame).
    Text {
        /// Which number it came from.
        from: Msisdn,
        /// The octets.
        octets: Vec<u8>,
    },
    /// A card has sent a response packet in a text (proof of receipt by SMS-SUBMIT).
    Proof {
        /// Which number it came from.
        from: Msisdn,
        /// The response packet.
        packet: Vec<u8>,
    },
    /// What became of a text.
    Sent {
        /// Which.
        message: MessageId,
        /// What.
        fate: Fate,
    },
    /// Something about a connection of a card.
    Stream {
        /// Which.
        stream: StreamId,
        /// What.
        event: StreamEvent,
    },
    /// An operator tells that a subscription has registered.
    Attached {
        /// Which.
        imsi: Imsi,
    },
    /// An operator has the subscription of an order ready, or has refused it.
    Provisioned {
        /// Which order.
        order: OrderId,
        /// Whether it is ready.
        ready: bool,
    },
    /// A business platform asks.
    Business(BusinessRequest),
    /// A binding of another platform, or the subscription that a card was issued with.
    Import(BindingRow),
}

/// What is known of a card, as it is exported and imported.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct BindingRow {
    /// The card.
    pub eid: Eid,
    /// The device that it is bound to.
    pub imei: Option<Imei>,
    /// The card, as it is printed on it.
    pub iccid: Option<Iccid>,
    /// The number of its current subscription.
    pub msisdn: Option<Msisdn>,
    /// Its subscription.
    pub state: CardState,
}

/// Why a row is not imported.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportConflict {
    /// There are no keys for the card.
    #[error("there are no keys for this card: load them into the key store")]
    NoKeys,
    /// The row, or the card here, is in the middle of a write.
    #[error("a write of this card is under way: import it when that is over")]
    Pending,
    /// The card is bound to another device here.
    #[error("the card is bound to {imei} here")]
    CardBound {
        /// The device.
        imei: Imei,
    },
    /// The card has another subscription here.
    #[error("the card has IMSI {imsi} here")]
    CardHas {
        /// Its IMSI.
        imsi: Imsi,
    },
    /// The device is bound to another card here.
    #[error("the device is bound to card {eid} here")]
    ImeiTaken {
        /// The card.
        eid: Eid,
    },
    /// Another card has the subscription here.
    #[error("card {eid} has this IMSI here")]
    ImsiTaken {
        /// The card.
        eid: Eid,
    },
    /// Another card has the number here.
    #[error("card {eid} has this number here")]
    NumberTaken {
        /// The card.
        eid: Eid,
    },
}

/// What became of a text. Each part of a packet in several texts has a fate; the platform is told
/// once, of the packet as a whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fate {
    /// It was delivered; with the response packet, if the card gave one.
    Delivered {
        /// The user data of the report, without its header.
        proof: Option<Vec<u8>>,
    },
    /// The device or its card refused it for certain, so that it was not carried out; with the
    /// response packet, if there is one. Where a card has failed over it, it was `Delivered`: the
    /// card may have carried it out before.
    Refused {
        /// As for `Delivered`.
        proof: Option<Vec<u8>>,
    },
    /// It was not delivered in time, and will not be any more.
    Expired,
    /// The service centre does not take it.
    NotTaken,
}

/// Something about a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StreamEvent {
    /// A card has opened it.
    Opened,
    /// Octets came.
    Data(Vec<u8>),
    /// It has ended.
    Closed,
}

/// What a platform does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlatformOutput {
    /// Send a command packet to a card in as many texts as it takes.
    Text {
        /// Its number, for [`PlatformInput::Sent`].
        message: MessageId,
        /// To which number.
        to: Msisdn,
        /// The command packet; `polysim_ota::sms::deliver` makes texts of it.
        packet: Vec<u8>,
        /// How long the service centre may try.
        validity: Duration,
    },
    /// Send octets over a connection of a card.
    Stream {
        /// Which.
        stream: StreamId,
        /// The octets.
        octets: Vec<u8>,
    },
    /// Have an operator make a subscription ready, before the card gets it. Said again until it is
    /// answered.
    Provision {
        /// For which order.
        order: OrderId,
        /// The IMSI.
        imsi: Imsi,
        /// Its number.
        msisdn: Msisdn,
        /// The card.
        eid: Eid,
        /// Its key: which one of the card's, or this.
        key: KeyChoice,
    },
    /// Answer a business platform. Said again whenever the same is asked.
    Business {
        /// Which request.
        request: RequestId,
        /// The answer.
        answer: BusinessAnswer,
    },
    /// Tell the people who run it.
    Alarm(Alarm),
    /// Tell what became of a row that was to be imported.
    Imported {
        /// The card.
        eid: Eid,
        /// Whether it is known now.
        result: Result<(), ImportConflict>,
    },
}

/// What people who run a platform should know.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Alarm {
    /// A card was found in another device than before.
    Moved {
        /// The card.
        eid: Eid,
        /// Where it was.
        from: Imei,
        /// Where it is.
        to: Imei,
    },
    /// A device asks for a binding with a second card.
    Conflict {
        /// The device.
        imei: Imei,
        /// The card that it is bound to.
        bound: Eid,
        /// The card that asks.
        asks: Eid,
    },
    /// Something came that pretends to be from this card and is not, or was changed.
    NotAuthentic {
        /// The card.
        eid: Eid,
    },
    /// A packet was seen before.
    Replayed {
        /// The card.
        eid: Eid,
    },
    /// The card refuses packets as too weakly secured, or with keys that it does not have: the
    /// status code of its answer (TS 102.225).
    Security {
        /// The card.
        eid: Eid,
        /// The status code.
        status: u8,
    },
    /// A write is proved and has no effect for long.
    Overdue {
        /// Which.
        order: OrderId,
        /// The card.
        eid: Eid,
    },
    /// A card says that it has another subscription than is known here, or than can be.
    Contradiction {
        /// The card.
        eid: Eid,
        /// What it says that it has.
        imsi: Option<Imsi>,
    },
    /// The counter was behind the card's, and is set ahead.
    Resynchronised {
        /// The card.
        eid: Eid,
    },
}

/// What a platform knows of the subscription on a card: one of old, new, pending.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum CardState {
    /// No order is under way: the card has this subscription, if any.
    Settled {
        /// Its IMSI.
        imsi: Option<Imsi>,
    },
    /// An order is under way: the card has one or the other.
    Pending {
        /// What it had.
        old: Option<Imsi>,
        /// What it shall have.
        new: Imsi,
        /// The card has said that it is written.
        proved: bool,
    },
}
