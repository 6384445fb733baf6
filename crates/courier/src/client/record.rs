//! What a device writes down.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::Msisdn;
use serde::{Deserialize, Serialize};

use super::{ReceivedText, TextState};
use crate::{CallNumber, DeviceId, DeviceKey, ListVersion, MarkVersion, MessageId, Token};

/// What a device writes down.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum ClientRecord {
    /// It is registered.
    Registered {
        /// As which device.
        device: DeviceId,
        /// Its proof.
        token: Token,
        /// The number.
        number: Msisdn,
    },
    /// It is not any more.
    NotRegistered,
    /// The contacts.
    Contacts(Vec<Msisdn>),
    /// Which of them are registered, as a change.
    Marks {
        /// As of when.
        version: MarkVersion,
        /// Those that are.
        on: Vec<Msisdn>,
        /// Those that are no more.
        off: Vec<Msisdn>,
    },
    /// Of texts.
    Text(TextRecord),
    /// The server is told of this call: its number is not used again.
    Called(CallNumber),
}

/// What a device writes down of texts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum TextRecord {
    /// The keys of a number's devices.
    Keys {
        /// Whose.
        number: Msisdn,
        /// The version of the list; `None`: some of them, as texts from them have shown.
        version: Option<ListVersion>,
        /// They.
        keys: Vec<(DeviceId, DeviceKey)>,
    },
    /// The user has written a text.
    Written {
        /// Which.
        number: u64,
        /// To whom.
        to: Msisdn,
        /// What.
        text: String,
    },
    /// It is sent to the server: from now on that may have it.
    Sending {
        /// Which.
        number: u64,
        /// What it is to the server.
        id: MessageId,
    },
    /// It has another state.
    State {
        /// Which.
        number: u64,
        /// Its state.
        state: TextState,
    },
    /// What was delivered, up to this number, with the text if it was one.
    Taken {
        /// The number of the delivery.
        number: u64,
        /// The text.
        text: Option<ReceivedText>,
    },
    /// The user was told of that text.
    Told(u64),
    /// The user has read a text.
    Read(MessageId),
    /// The server knows that.
    ReadNoted(MessageId),
    /// How far everything was counted, in a checkpoint.
    Counts {
        /// What the user has written.
        written: u64,
        /// What was sent to the server, as the device that this one is now.
        sent: u64,
        /// What was delivered to that.
        taken: u64,
    },
}

impl From<TextRecord> for ClientRecord {
    fn from(record: TextRecord) -> Self {
        Self::Text(record)
    }
}
