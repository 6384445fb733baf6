//! Cards in additional readers.

use crate::object::{octet, octets};

octet! {
    /// Status of a card reader: bits 1 to 3 its number, 4 removable, 5 present, 6 takes ID-1 cards,
    /// 7 holds a card, 8 the card is powered (TS 102.223, 8.33).
    CardReaderStatus;
}

impl CardReaderStatus {
    /// Returns the number of the reader.
    #[must_use]
    pub const fn reader(self) -> u8 {
        self.0 & 0x07
    }

    /// Returns whether a card is in it.
    #[must_use]
    pub const fn has_card(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// Returns whether the card is powered.
    #[must_use]
    pub const fn is_powered(self) -> bool {
        self.0 & 0x80 != 0
    }
}

octets! {
    /// Card reader identifier (TS 102.223, 8.57).
    CardReaderIdentifier, "card reader identifier", 1..=255;
    /// ATR of a card (TS 102.223, 8.34).
    CardAtr, "card ATR", 1..=255;
    /// C-APDU for a card (TS 102.223, 8.35).
    CApdu, "C-APDU", 4..=255;
    /// R-APDU of a card (TS 102.223, 8.36).
    RApdu, "R-APDU", 2..=255;
}
