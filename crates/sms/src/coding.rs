//! Data coding: of short messages (TS 23.038, 4) and of broadcasts and USSD (TS 23.038, 5).

/// TP-Data-Coding-Scheme: any octet is one; reserved values count as the default alphabet.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DataCoding(pub u8);

/// How the characters of user data are coded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Alphabet {
    /// The GSM 7-bit default alphabet, or a national one by header.
    Gsm7,
    /// Octets with a meaning of their own.
    Octets,
    /// UCS-2, in practice UTF-16, big-endian.
    Ucs2,
}

/// Message class: where a mobile puts a message (TS 23.038, 4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MessageClass {
    /// Class 0, flash: shown at once, not stored.
    Flash,
    /// Class 1: ME-specific.
    Me,
    /// Class 2: (U)SIM-specific.
    Sim,
    /// Class 3: TE-specific.
    Te,
}

/// A message waiting indication in the data coding (TS 23.038, 4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Waiting {
    /// Whether the text is to be stored, or may be discarded after the indicator is set.
    pub store: bool,
    /// Whether messages are waiting.
    pub active: bool,
    /// What kind of message waits.
    pub kind: WaitingKind,
}

/// What waits.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WaitingKind {
    /// Voice mail.
    Voicemail,
    /// Fax.
    Fax,
    /// Electronic mail.
    Email,
    /// Anything else.
    Other,
}

/// The coding groups of TS 23.038, 4.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CodingGroup {
    /// `00xx`: general data coding.
    General,
    /// `01xx`: as general, and marked for automatic deletion.
    AutomaticDeletion,
    /// `1000` to `1011`: reserved, read as the default alphabet.
    Reserved,
    /// `1100`: waiting indication, discard message.
    WaitingDiscard,
    /// `1101`: waiting indication, store message, default alphabet.
    WaitingStore,
    /// `1110`: waiting indication, store message, UCS-2.
    WaitingStoreUcs2,
    /// `1111`: data coding and message class.
    DataAndClass,
}

impl DataCoding {
    /// The default alphabet, no class.
    pub const GSM7: Self = Self(0x00);
    /// 8-bit data, no class.
    pub const OCTETS: Self = Self(0x04);
    /// UCS-2, no class.
    pub const UCS2: Self = Self(0x08);
    /// 8-bit data of class 2, as OTA messages to a card use it.
    pub const OTA: Self = Self(0xF6);

    /// Returns the general data coding of an alphabet, with a class or none.
    #[must_use]
    pub const fn general(alphabet: Alphabet, class: Option<MessageClass>) -> Self {
        let alphabet = match alphabet {
            Alphabet::Gsm7 => 0x00,
            Alphabet::Octets => 0x04,
            Alphabet::Ucs2 => 0x08,
        };
        match class {
            Some(class) => Self(alphabet | 0x10 | class.bits()),
            None => Self(alphabet),
        }
    }

    /// Returns the coding of a waiting indication; UCS-2 only where the text is stored.
    #[must_use]
    pub const fn waiting_indication(waiting: Waiting, ucs2: bool) -> Self {
        let group = match (waiting.store, ucs2) {
            (false, _) => 0xC0,
            (true, false) => 0xD0,
            (true, true) => 0xE0,
        };
        let active = if waiting.active { 0x08 } else { 0x00 };
        let kind = match waiting.kind {
            WaitingKind::Voicemail => 0,
            WaitingKind::Fax => 1,
            WaitingKind::Email => 2,
            WaitingKind::Other => 3,
        };
        Self(group | active | kind)
    }

    /// Returns its coding group.
    #[must_use]
    pub const fn group(self) -> CodingGroup {
        match self.0 >> 4 {
            0x0..=0x3 => CodingGroup::General,
            0x4..=0x7 => CodingGroup::AutomaticDeletion,
            0x8..=0xB => CodingGroup::Reserved,
            0xC => CodingGroup::WaitingDiscard,
            0xD => CodingGroup::WaitingStore,
            0xE => CodingGroup::WaitingStoreUcs2,
            _ => CodingGroup::DataAndClass,
        }
    }

    /// Returns the alphabet; a reserved one counts as the default (TS 23.038, 4).
    #[must_use]
    pub const fn alphabet(self) -> Alphabet {
        match self.group() {
            CodingGroup::General | CodingGroup::AutomaticDeletion => match self.0 >> 2 & 0x03 {
                1 => Alphabet::Octets,
                2 => Alphabet::Ucs2,
                _ => Alphabet::Gsm7,
            },
            CodingGroup::WaitingStoreUcs2 => Alphabet::Ucs2,
            CodingGroup::DataAndClass if self.0 & 0x04 != 0 => Alphabet::Octets,
            CodingGroup::DataAndClass
            | CodingGroup::Reserved
            | CodingGroup::WaitingDiscard
            | CodingGroup::WaitingStore => Alphabet::Gsm7,
        }
    }

    /// Returns whether the text is compressed (TS 23.042); then its length counts octets.
    #[must_use]
    pub const fn is_compressed(self) -> bool {
        match self.group() {
            CodingGroup::General | CodingGroup::AutomaticDeletion => self.0 & 0x20 != 0,
            CodingGroup::Reserved
            | CodingGroup::WaitingDiscard
            | CodingGroup::WaitingStore
            | CodingGroup::WaitingStoreUcs2
            | CodingGroup::DataAndClass => false,
        }
    }

    /// Returns the message class, if the coding has one.
    #[must_use]
    pub const fn class(self) -> Option<MessageClass> {
        match self.group() {
            CodingGroup::General | CodingGroup::AutomaticDeletion if self.0 & 0x10 != 0 => {
                Some(MessageClass::from_bits(self.0))
            }
            CodingGroup::DataAndClass => Some(MessageClass::from_bits(self.0)),
            CodingGroup::General
            | CodingGroup::AutomaticDeletion
            | CodingGroup::Reserved
            | CodingGroup::WaitingDiscard
            | CodingGroup::WaitingStore
            | CodingGroup::WaitingStoreUcs2 => None,
        }
    }

    /// Returns the waiting indication, if the coding is one.
    #[must_use]
    pub const fn waiting(self) -> Option<Waiting> {
        let store = match self.group() {
            CodingGroup::WaitingDiscard => false,
            CodingGroup::WaitingStore | CodingGroup::WaitingStoreUcs2 => true,
            CodingGroup::General
            | CodingGroup::AutomaticDeletion
            | CodingGroup::Reserved
            | CodingGroup::DataAndClass => return None,
        };
        let kind = match self.0 & 0x03 {
            0 => WaitingKind::Voicemail,
            1 => WaitingKind::Fax,
            2 => WaitingKind::Email,
            _ => WaitingKind::Other,
        };
        Some(Waiting { store, active: self.0 & 0x08 != 0, kind })
    }

    /// Returns whether TP-UDL counts septets; else it counts octets.
    #[must_use]
    pub const fn counts_septets(self) -> bool {
        matches!(self.alphabet(), Alphabet::Gsm7) && !self.is_compressed()
    }
}

impl MessageClass {
    const fn bits(self) -> u8 {
        match self {
            Self::Flash => 0,
            Self::Me => 1,
            Self::Sim => 2,
            Self::Te => 3,
        }
    }

    const fn from_bits(bits: u8) -> Self {
        match bits & 0x03 {
            0 => Self::Flash,
            1 => Self::Me,
            2 => Self::Sim,
            _ => Self::Te,
        }
    }
}

/// Data coding of cell broadcast and USSD (TS 23.038, 5), the `<dcs>` of `+CUSD`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CbsCoding(pub u8);

/// What precedes the text of a broadcast or USSD string (TS 23.038, 5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CbsPreamble {
    /// Nothing.
    None,
    /// Two letters of ISO 639 and CR, in the default alphabet.
    Language,
    /// Two letters of ISO 639 packed in two octets, before UCS-2.
    PackedLanguage,
    /// A user data header.
    UserDataHeader,
}

impl CbsCoding {
    /// The default alphabet, language unspecified: what USSD nearly always uses.
    pub const GSM7: Self = Self(0x0F);
    /// UCS-2 by the general data coding group.
    pub const UCS2: Self = Self(0x48);

    /// Returns the alphabet; reserved codings count as the default one.
    #[must_use]
    pub const fn alphabet(self) -> Alphabet {
        match (self.0 >> 4, self.0 & 0x0F) {
            (0x1, 0x1) => Alphabet::Ucs2,
            (0x4..=0x7 | 0x9, bits) => match bits >> 2 {
                1 => Alphabet::Octets,
                2 => Alphabet::Ucs2,
                _ => Alphabet::Gsm7,
            },
            (0xF, bits) if bits & 0x04 != 0 => Alphabet::Octets,
            _ => Alphabet::Gsm7,
        }
    }

    /// Returns what stands before the text.
    #[must_use]
    pub const fn preamble(self) -> CbsPreamble {
        match self.0 {
            0x10 => CbsPreamble::Language,
            0x11 => CbsPreamble::PackedLanguage,
            0x90..=0x9F => CbsPreamble::UserDataHeader,
            _ => CbsPreamble::None,
        }
    }

    /// Returns whether the text is compressed.
    #[must_use]
    pub const fn is_compressed(self) -> bool {
        matches!(self.0 >> 4, 0x6 | 0x7)
    }
}
