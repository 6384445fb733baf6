//! What can be done with a courier, and what can break.

use super::config::CourierUser;
use crate::links::LinkFault;
use polysim_base::Msisdn;
use polysim_courier::Code;
use polysim_courier::client::Choice;

/// An action. Phones are those of devices, by index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CourierAction {
    /// Register the number of the card, or this one, or prove it again.
    Register {
        /// Which phone.
        phone: usize,
        /// The number; `None`: the card's, or what its user types when asked.
        number: Option<Msisdn>,
    },
    /// Confirm with the code that has come last.
    Confirm {
        /// Which phone.
        phone: usize,
    },
    /// Confirm with a code that was guessed.
    Guess {
        /// Which phone.
        phone: usize,
        /// The code.
        code: Code,
    },
    /// Change the contacts.
    Contacts {
        /// Which phone.
        phone: usize,
        /// All of them.
        contacts: Vec<Msisdn>,
    },
    /// Write a text, that goes over data if it can.
    Text {
        /// Which phone.
        phone: usize,
        /// To which number.
        to: Msisdn,
        /// What it says.
        text: String,
    },
    /// Call a number, over data if it can be.
    Dial {
        /// Which phone.
        phone: usize,
        /// Which number.
        to: Msisdn,
    },
    /// Answer the call over data that rings.
    Answer {
        /// Which phone.
        phone: usize,
    },
    /// End the call over data, or refuse what rings.
    HangUp {
        /// Which phone.
        phone: usize,
    },
    /// Answer the newest offer of that kind; of texts also where none was made, to take the newest one back.
    Choose {
        /// Which phone.
        phone: usize,
        /// About what.
        about: CourierMatter,
        /// What.
        choice: Choice,
    },
    /// Read all texts that have come and were not read.
    Read {
        /// Which phone.
        phone: usize,
    },
    /// Link the device on another phone to this one: an invitation is shown and redeemed.
    Link {
        /// The phone of the primary device.
        phone: usize,
        /// The phone of the other one.
        with: usize,
    },
    /// Unlink the device on another phone.
    Unlink {
        /// The phone of the primary device.
        phone: usize,
        /// The phone of the other one.
        other: usize,
    },
    /// Be registered no more.
    Deregister {
        /// Which phone.
        phone: usize,
    },
    /// The data link has another rate from now on, each way. Zero: nothing comes through.
    Rate {
        /// Which phone.
        phone: usize,
        /// Kilobits per second.
        kbps: u32,
    },
    /// Two phones change their cards.
    SwapCards {
        /// One phone.
        phone: usize,
        /// The other one.
        with: usize,
    },
    /// The user does otherwise from now on.
    User {
        /// Which phone.
        phone: usize,
        /// What.
        user: CourierUser,
    },
}

/// What may be offered to the carrier.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CourierMatter {
    /// A call.
    Call,
    /// A text.
    Text,
}

/// What can break.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CourierFault {
    /// The link between a device and the server is not as it should be. A cut, one way or both, is a link
    /// that is down.
    Link {
        /// The phone.
        phone: usize,
        /// How it is.
        fault: LinkFault,
    },
    /// The server crashes, and is started again when the fault ends.
    ServerCrash,
    /// The software of a device crashes, and is started again when the fault ends.
    DeviceCrash {
        /// The phone.
        phone: usize,
    },
    /// The gateway takes no verification texts.
    TextsRefused,
    /// An operator has no data.
    NoData {
        /// Which operator.
        operator: usize,
    },
}
