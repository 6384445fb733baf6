//! What the server writes down.

use alloc::vec::Vec;

use polysim_base::{Instant, Msisdn};
use serde::{Deserialize, Serialize};

use super::VoiceDecision;
use crate::wire::{Copy, Item, Refusal};
use crate::{
    CardMark, ContactKey, DeviceId, DeviceKey, DeviceName, ListVersion, MarkVersion, MessageId,
    Registration, TenantId,
};

/// What the server writes down.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ServerRecord {
    /// Of registrations.
    Account(AccountRecord),
    /// What a device says of its contacts.
    Contacts {
        /// Which device.
        device: DeviceId,
        /// New ones.
        add: Vec<ContactKey>,
        /// Old ones.
        remove: Vec<ContactKey>,
        /// The new ones are all.
        whole: bool,
    },
    /// Of texts.
    Text(TextRecord),
    /// How a call goes.
    Voice(VoiceDecision),
    /// A part of the state, in a checkpoint.
    Kept(Kept),
}

/// What the server writes down of registrations.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum AccountRecord {
    /// A code is sent.
    CodeSent(CodeSent),
    /// What became of the text with a code.
    Texted {
        /// Which code.
        registration: Registration,
        /// Whether the carrier has taken it.
        taken: bool,
    },
    /// A code was tried in vain.
    Tried(Registration),
    /// The number is proved.
    Registered {
        /// By which registration.
        registration: Registration,
        /// The device.
        device: DeviceId,
        /// Which of its tokens holds from now on.
        generation: u32,
        /// When.
        at: Instant,
    },
    /// A device was linked to a number.
    Linked {
        /// The device.
        device: DeviceId,
        /// Whose.
        number: Msisdn,
        /// Its key.
        key: DeviceKey,
        /// What it calls itself.
        name: DeviceName,
        /// Which of its tokens holds from now on.
        generation: u32,
    },
    /// An invitation was made.
    Invited {
        /// By which device.
        by: DeviceId,
        /// When.
        at: Instant,
    },
    /// A device was unlinked.
    Unlinked(DeviceId),
    /// A number is not registered any more.
    Deregistered {
        /// Which.
        number: Msisdn,
        /// When.
        at: Instant,
    },
    /// Another card is in a primary device.
    CardChanged {
        /// Which device.
        device: DeviceId,
        /// When.
        at: Instant,
    },
    /// The card with which the number was proved is in it again.
    CardBack(DeviceId),
}

/// What the server writes down of texts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum TextRecord {
    /// A text is stored.
    Stored {
        /// Which.
        id: MessageId,
        /// From whom.
        from: Msisdn,
        /// To whom.
        to: Msisdn,
        /// For each device of the recipient.
        copies: Vec<Copy>,
        /// For the sender's other ones.
        own: Vec<Copy>,
        /// When.
        at: Instant,
        /// Until when it may wait.
        until: Option<Instant>,
    },
    /// A device has what was delivered to it, up to this number.
    Taken {
        /// Which device.
        device: DeviceId,
        /// Up to which number.
        up_to: u64,
    },
    /// A text was read.
    Read {
        /// Which.
        id: MessageId,
        /// By whom.
        by: Msisdn,
        /// On which device.
        device: DeviceId,
    },
    /// A text is not stored, and will not be.
    Refused {
        /// Which.
        id: MessageId,
        /// Why.
        why: Refusal,
    },
    /// A text was taken back, or is not taken when it comes.
    Withdrawn(MessageId),
    /// From now on what waits for this device may be on its way to it.
    Offers(DeviceId),
    /// A session of that device is over, in which so much was on its way to it and not taken: nobody knows
    /// how much of that it has, until it says so.
    Offered {
        /// Which device.
        device: DeviceId,
        /// How much.
        count: u16,
    },
    /// A text has waited for too long.
    Expired(MessageId),
}

/// A code that was sent, and for what.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct CodeSent {
    /// The registration.
    pub registration: Registration,
    /// When.
    pub at: Instant,
    /// To which number.
    pub number: Msisdn,
    /// For which device.
    pub key: DeviceKey,
    /// With which card.
    pub card: Option<CardMark>,
    /// For whom.
    pub tenant: TenantId,
    /// What the device calls itself.
    pub name: DeviceName,
}

/// What a checkpoint keeps of who is registered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Kept {
    /// How far everything was counted.
    Counts {
        /// Devices.
        devices: DeviceId,
        /// Registrations.
        registrations: Registration,
        /// Invitations.
        invitations: u64,
        /// Changes of lists.
        lists: ListVersion,
        /// Changes of marks.
        marks: MarkVersion,
    },
    /// A number that is registered.
    Account {
        /// The number.
        number: Msisdn,
        /// The version of the list of its devices.
        list: ListVersion,
        /// The version of its mark.
        marked: MarkVersion,
        /// When it has changed hands, if it is held down for that.
        held_since: Option<Instant>,
        /// Since when another card is in its primary device.
        unproved_since: Option<Instant>,
        /// The devices, the primary one first.
        devices: Vec<KeptDevice>,
    },
    /// What there is of a device that has sent or got texts.
    Mailbox {
        /// Which device.
        device: DeviceId,
        /// The number of the last text that was heard of from it.
        sent: u64,
        /// The number of the last delivery that it has.
        taken: u64,
        /// Deliveries are on their way to it.
        offers: bool,
        /// How many of the first ones that wait it perhaps has.
        offered: u16,
        /// It is no more; only its texts are left.
        gone: bool,
        /// What waits for it.
        queue: Vec<Item>,
        /// Its texts of which no device of the recipient is known to have them.
        live: Vec<KeptText>,
    },
    /// An invitation that may hold.
    Invitation {
        /// By which device.
        by: DeviceId,
        /// Its number.
        number: u64,
        /// When it was made.
        at: Instant,
    },
    /// A code was sent: it counts.
    Code {
        /// When.
        at: Instant,
        /// To which number.
        number: Msisdn,
        /// For whom.
        tenant: TenantId,
    },
    /// A code that may hold.
    Waiting {
        /// Which, and for what.
        sent: CodeSent,
        /// How often it was tried.
        tried: u8,
        /// The carrier has taken the text.
        texted: bool,
    },
}

/// A device of a number, in a checkpoint.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptDevice {
    /// Which.
    pub id: DeviceId,
    /// Its key.
    pub key: DeviceKey,
    /// What it calls itself.
    pub name: DeviceName,
    /// The card with which the number was proved.
    pub card: Option<CardMark>,
    /// Which of its tokens holds.
    pub generation: u32,
}

/// A text of which no device of its recipient is known to have it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeptText {
    /// Its number.
    pub number: u64,
    /// The devices of the recipient that wait for it.
    pub devices: Vec<DeviceId>,
    /// The sender's other devices that get it too.
    pub own: Vec<DeviceId>,
    /// Until when it may wait.
    pub until: Option<Instant>,
    /// A device that perhaps had it is no more.
    pub unsure: bool,
}

impl From<AccountRecord> for ServerRecord {
    fn from(record: AccountRecord) -> Self {
        Self::Account(record)
    }
}

impl From<TextRecord> for ServerRecord {
    fn from(record: TextRecord) -> Self {
        Self::Text(record)
    }
}
