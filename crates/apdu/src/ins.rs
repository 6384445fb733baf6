//! Instruction bytes and their names (ISO 7816-4; TS 102.221, 10.1.2; TS 102.222; TS 51.011, 9.2).

use core::fmt;

use crate::Family;

/// Which way the data of a command goes over T=0, where P3 alone does not tell.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// Cases 1, 3 and 4: P3 counts bytes sent to the card.
    ToCard,
    /// Case 2: P3 counts bytes expected from the card.
    FromCard,
}

macro_rules! instructions {
    ($($name:ident = $code:literal, $text:literal, $direction:ident;)*) => {
        /// An instruction that a card of ours may know.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Ins {
            $(#[doc = concat!("`", stringify!($code), "`: ", $text, ".")] $name = $code,)*
        }

        impl Ins {
            /// Every instruction.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the instruction of a byte, if it has a name here.
            #[must_use]
            pub const fn from_byte(byte: u8) -> Option<Self> {
                match byte {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Returns the instruction byte.
            #[must_use]
            pub const fn byte(self) -> u8 {
                match self { $(Self::$name => $code,)* }
            }

            /// Returns the name in the standards' spelling.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns which way the data of the T=0 TPDU goes.
            #[must_use]
            pub const fn direction(self) -> Direction {
                match self { $(Self::$name => Direction::$direction,)* }
            }
        }
    };
}

instructions! {
    DeactivateFile = 0x04, "DEACTIVATE FILE", ToCard;
    TerminalProfile = 0x10, "TERMINAL PROFILE", ToCard;
    Fetch = 0x12, "FETCH", FromCard;
    TerminalResponse = 0x14, "TERMINAL RESPONSE", ToCard;
    VerifyPin = 0x20, "VERIFY PIN", ToCard;
    ChangePin = 0x24, "CHANGE PIN", ToCard;
    DisablePin = 0x26, "DISABLE PIN", ToCard;
    EnablePin = 0x28, "ENABLE PIN", ToCard;
    UnblockPin = 0x2C, "UNBLOCK PIN", ToCard;
    Increase = 0x32, "INCREASE", ToCard;
    ActivateFile = 0x44, "ACTIVATE FILE", ToCard;
    ManageChannel = 0x70, "MANAGE CHANNEL", FromCard;
    ManageSecureChannel = 0x73, "MANAGE SECURE CHANNEL", ToCard;
    TransactData = 0x75, "TRANSACT DATA", ToCard;
    SuspendUicc = 0x76, "SUSPEND UICC", ToCard;
    GetIdentity = 0x78, "GET IDENTITY", ToCard;
    GetChallenge = 0x84, "GET CHALLENGE", FromCard;
    Authenticate = 0x88, "AUTHENTICATE", ToCard;
    AuthenticateTlv = 0x89, "AUTHENTICATE (odd)", ToCard;
    SearchRecord = 0xA2, "SEARCH RECORD", ToCard;
    Select = 0xA4, "SELECT", ToCard;
    TerminalCapability = 0xAA, "TERMINAL CAPABILITY", ToCard;
    ReadBinary = 0xB0, "READ BINARY", FromCard;
    ReadRecord = 0xB2, "READ RECORD", FromCard;
    GetResponse = 0xC0, "GET RESPONSE", FromCard;
    Envelope = 0xC2, "ENVELOPE", ToCard;
    GetData = 0xCA, "GET DATA", FromCard;
    RetrieveData = 0xCB, "RETRIEVE DATA", ToCard;
    ResizeFile = 0xD4, "RESIZE FILE", ToCard;
    UpdateBinary = 0xD6, "UPDATE BINARY", ToCard;
    SetData = 0xDB, "SET DATA", ToCard;
    UpdateRecord = 0xDC, "UPDATE RECORD", ToCard;
    CreateFile = 0xE0, "CREATE FILE", ToCard;
    StoreData = 0xE2, "STORE DATA", ToCard;
    DeleteFile = 0xE4, "DELETE FILE", ToCard;
    TerminateDf = 0xE6, "TERMINATE DF", ToCard;
    TerminateEf = 0xE8, "TERMINATE EF", ToCard;
    Status = 0xF2, "STATUS", FromCard;
    TerminateCardUsage = 0xFE, "TERMINATE CARD USAGE", ToCard;
}

impl Ins {
    /// Tells whether a class of this family opens the instruction (TS 102.221, table 10.5, taken
    /// with the latitude that cards show: STATUS and INCREASE answer to both class halves).
    #[must_use]
    pub const fn allowed_in(self, family: Family) -> bool {
        match self {
            Self::SearchRecord
            | Self::Select
            | Self::ReadBinary
            | Self::ReadRecord
            | Self::GetResponse
            | Self::UpdateBinary
            | Self::UpdateRecord
            | Self::VerifyPin
            | Self::ChangePin
            | Self::DisablePin
            | Self::EnablePin
            | Self::UnblockPin
            | Self::DeactivateFile
            | Self::ActivateFile
            | Self::Authenticate => !matches!(family, Family::Proprietary),
            Self::TerminalProfile | Self::Fetch | Self::TerminalResponse | Self::Envelope => {
                !matches!(family, Family::Interindustry)
            }
            Self::Increase | Self::Status => true,
            Self::ManageChannel
            | Self::ManageSecureChannel
            | Self::TransactData
            | Self::GetChallenge
            | Self::AuthenticateTlv
            | Self::CreateFile
            | Self::DeleteFile
            | Self::TerminateDf
            | Self::TerminateEf
            | Self::TerminateCardUsage => matches!(family, Family::Interindustry),
            Self::TerminalCapability | Self::SuspendUicc | Self::GetIdentity => {
                matches!(family, Family::Proprietary)
            }
            Self::GetData
            | Self::RetrieveData
            | Self::SetData
            | Self::ResizeFile
            | Self::StoreData => !matches!(family, Family::Sim),
        }
    }
}

impl fmt::Display for Ins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Ins;
    use crate::Family;

    #[test]
    fn every_instruction_goes_back_to_its_byte() {
        for byte in 0..=u8::MAX {
            if let Some(ins) = Ins::from_byte(byte) {
                assert_eq!(ins.byte(), byte);
                assert!(Ins::ALL.contains(&ins));
            }
        }
        assert_eq!(
            Ins::ALL.iter().filter(|ins| Ins::from_byte(ins.byte()) == Some(**ins)).count(),
            Ins::ALL.len()
        );
    }

    #[test]
    fn each_instruction_is_open_to_some_class() {
        for ins in Ins::ALL {
            assert!(
                [Family::Interindustry, Family::Proprietary, Family::Sim]
                    .into_iter()
                    .any(|family| ins.allowed_in(family)),
                "{ins}"
            );
        }
        assert!(!Ins::Fetch.allowed_in(Family::Interindustry));
        assert!(!Ins::ManageChannel.allowed_in(Family::Sim));
    }
}
