//! What devices and server say to each other. Each part of them has messages of its own.

mod account;
mod contacts;
mod rate;
mod texts;
mod voice;

pub use account::{AccountFromDevice, AccountToDevice, Refusal};
pub use contacts::{ContactsToDevice, Refresh};
pub use rate::{RateFromDevice, RateToDevice};
pub use texts::{Copy, DeviceList, Item, TextFromDevice, TextToDevice};
pub use voice::{CallEnd, VoiceFromDevice, VoiceRefusal, VoiceToDevice};

use serde::{Deserialize, Serialize};

/// From a device.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum FromDevice {
    /// Of registrations.
    Account(AccountFromDevice),
    /// Of contacts.
    Contacts(Refresh),
    /// Of texts.
    Text(TextFromDevice),
    /// Of its data link.
    Rate(RateFromDevice),
    /// Of calls.
    Voice(VoiceFromDevice),
}

/// To a device.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ToDevice {
    /// Of registrations.
    Account(AccountToDevice),
    /// Of contacts.
    Contacts(ContactsToDevice),
    /// Of texts.
    Text(TextToDevice),
    /// Of its data link.
    Rate(RateToDevice),
    /// Of calls.
    Voice(VoiceToDevice),
}

/// What one part says is what a device or the server says.
macro_rules! part {
    ($whole:ident::$part:ident($message:ty)) => {
        impl From<$message> for $whole {
            fn from(message: $message) -> Self {
                Self::$part(message)
            }
        }
    };
}

part!(FromDevice::Account(AccountFromDevice));
part!(FromDevice::Contacts(Refresh));
part!(FromDevice::Text(TextFromDevice));
part!(FromDevice::Rate(RateFromDevice));
part!(FromDevice::Voice(VoiceFromDevice));
part!(ToDevice::Account(AccountToDevice));
part!(ToDevice::Contacts(ContactsToDevice));
part!(ToDevice::Text(TextToDevice));
part!(ToDevice::Rate(RateToDevice));
part!(ToDevice::Voice(VoiceToDevice));
