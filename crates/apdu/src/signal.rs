//! What goes through the contacts of a card, wherever that card is.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What a modem does to a card.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum CardSignal {
    /// Supply and clock on, then reset; answered by [`CardReply::Atr`].
    PowerOn,
    /// Warm reset; answered by [`CardReply::Atr`].
    Reset,
    /// Supply off. No answer.
    PowerOff,
    /// A command APDU; answered by [`CardReply::Response`].
    Command(Vec<u8>),
}

/// What a modem sees of a card.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum CardReply {
    /// A card was put in.
    Inserted,
    /// The card was pulled out.
    Removed,
    /// The answer to a reset.
    Atr(Vec<u8>),
    /// The answer to a command: data and status word.
    Response(Vec<u8>),
    /// The procedure byte NULL, 60 (ISO 7816-3, 10.3.3): the answer takes longer.
    MoreTime,
}
