//! The texts of the user, and where they are.

use alloc::string::String;

use polysim_base::Msisdn;

use super::{DELIVERED_MAX, Texts};
use crate::MessageId;
use crate::client::{Outcome, TextState, Why};
use crate::wire::Refusal;

/// A text that the user has written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Letter {
    pub(super) to: Msisdn,
    /// What it says, until somebody has it.
    pub(super) text: String,
    pub(super) place: Place,
    /// The user was asked what to do, in this life, while there is no data.
    pub(super) asked: bool,
}

/// Where a text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// Here, and is sent as soon as that is possible.
    Here,
    /// Here, and the user was asked what to do.
    Asked(Unsent),
    /// The server perhaps has it.
    Sending(MessageId),
    /// The server has it.
    Stored(MessageId),
    /// It is asked for.
    Withdrawing { id: MessageId, carrier: bool },
    /// A device of the recipient has it.
    Delivered(MessageId),
    /// The carrier has it.
    AtCarrier,
}

/// Why a user was asked what to do with a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unsent {
    /// The server does not take it.
    Refused(Refusal),
    /// The carrier has not taken it.
    ByCarrier,
}

impl Unsent {
    pub(super) const fn why(self) -> Why {
        match self {
            Self::Refused(why) => Why::Text(why),
            Self::ByCarrier => Why::Carrier,
        }
    }
}

impl Place {
    /// Returns the state by which it is there; `None`: by being written, or sent.
    pub(super) const fn state(self) -> Option<TextState> {
        Some(match self {
            Self::Here | Self::Sending(_) => return None,
            Self::Asked(Unsent::Refused(why)) => TextState::NotStored(why),
            Self::Asked(Unsent::ByCarrier) => TextState::Carrier(Outcome::Failed),
            Self::Stored(_) => TextState::Stored,
            Self::Withdrawing { carrier, .. } => TextState::Withdrawing { carrier },
            Self::Delivered(_) => TextState::Delivered,
            Self::AtCarrier => TextState::AtCarrier,
        })
    }

    /// Returns what it is to the server, where that may have it.
    pub(super) const fn id(self) -> Option<MessageId> {
        match self {
            Self::Sending(id)
            | Self::Stored(id)
            | Self::Withdrawing { id, .. }
            | Self::Delivered(id) => Some(id),
            Self::Here | Self::Asked(_) | Self::AtCarrier => None,
        }
    }
}

impl Texts {
    pub(super) fn write(&mut self, number: u64, to: Msisdn, text: String) {
        self.written = number;
        self.letters.insert(number, Letter { to, text, place: Place::Here, asked: false });
    }

    /// A text is sent to the server.
    pub(super) fn sending(&mut self, number: u64, id: MessageId) {
        if let Some(letter) = self.letters.get_mut(&number) {
            letter.place = Place::Sending(id);
            self.ids.insert(id, number);
            self.sent = id.number;
        }
    }

    /// A text has another state. It is forgotten when nothing is to be known of it any more.
    pub(super) fn set(&mut self, number: u64, state: TextState) {
        let Some(letter) = self.letters.get_mut(&number) else { return };
        let id = letter.place.id();
        let place = match state {
            TextState::Waiting => Some(Place::Here),
            TextState::NotStored(why) => Some(Place::Asked(Unsent::Refused(why))),
            TextState::Carrier(Outcome::Failed) => Some(Place::Asked(Unsent::ByCarrier)),
            TextState::AtCarrier => Some(Place::AtCarrier),
            TextState::Stored => id.map(Place::Stored),
            TextState::Withdrawing { carrier } => id.map(|id| Place::Withdrawing { id, carrier }),
            TextState::Delivered => id.map(Place::Delivered),
            TextState::Read
            | TextState::Quit
            | TextState::Carrier(Outcome::Sent | Outcome::Unknown)
            | TextState::Expired
            | TextState::Unsure => None,
        };
        let Some(place) = place else { return self.forget(number) };
        if let (Some(id), None) = (id, place.id()) {
            self.ids.remove(&id);
        }
        letter.place = place;
        if matches!(place, Place::Delivered(_)) {
            letter.text = String::new();
            self.delivered.insert(number);
            if self.delivered.len() > DELIVERED_MAX
                && let Some(oldest) = self.delivered.first().copied()
            {
                self.forget(oldest);
            }
        }
    }

    pub(super) fn forget(&mut self, number: u64) {
        self.delivered.remove(&number);
        if let Some(id) = self.letters.remove(&number).and_then(|letter| letter.place.id()) {
            self.ids.remove(&id);
        }
    }

    /// Returns a text of the device as which texts are sent now, by its number at the server.
    pub(super) fn sent_as(&self, number: u64) -> Option<(u64, &Letter)> {
        let id = MessageId { from: self.device?, number };
        let number = *self.ids.get(&id)?;
        Some((number, self.letters.get(&number)?))
    }
}
