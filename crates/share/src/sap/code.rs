//! The values of one octet.

/// Defines an enum of codes, and how they are written and read.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $code:literal $variant:ident,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All of them, by rising code.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Returns its code.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// Returns what a code means.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(super) use codes;

codes! {
    /// Why a request has no result: the codes of `ResultCode` but 0, which is success.
    Failure {
        /// No reason is given.
        1 NoReason,
        /// The card does not answer.
        2 NotAccessible,
        /// The card is off; also where it is to be switched off.
        3 PoweredOff,
        /// There is no card.
        4 Removed,
        /// The card is on already.
        5 AlreadyOn,
        /// What was asked for is not there.
        6 NoData,
        /// The server cannot do that.
        7 NotSupported,
    }
}

codes! {
    /// What happened to the card.
    StatusChange {
        /// Something is wrong with it.
        0 Unknown,
        /// It was reset at the server's end.
        1 Reset,
        /// It does not answer.
        2 NotAccessible,
        /// It was pulled out.
        3 Removed,
        /// It was put in.
        4 Inserted,
        /// It answers again.
        5 Recovered,
    }
}

codes! {
    /// How a server ends a connection.
    DisconnectionType {
        /// The client may finish what it does with the card, and disconnects then.
        0 Graceful,
        /// It has ended.
        1 Immediate,
    }
}

codes! {
    /// How a card is spoken to.
    TransportProtocol {
        /// By octets.
        0 T0,
        /// By blocks.
        1 T1,
    }
}

/// How a server answers a client that wants to connect.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ConnectionStatus {
    /// It is connected.
    Ok,
    /// It is not.
    Failed,
    /// It is not: the server takes no messages as long as that.
    SizeNotSupported {
        /// The longest that it takes, in octets: the client tries again with this.
        offered: u16,
    },
    /// It is not: the card's answers would not fit into messages as short as that.
    SizeTooSmall,
    /// It is connected as soon as the call that is made with the card has ended; [`StatusChange::Reset`]
    /// says so.
    OkOngoingCall,
}

impl ConnectionStatus {
    /// Returns its code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::SizeNotSupported { .. } => 2,
            Self::SizeTooSmall => 3,
            Self::OkOngoingCall => 4,
        }
    }
}

/// The reader and the card in it, as TS 102.223, 8.33 has it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CardReaderStatus(pub u8);

impl CardReaderStatus {
    const READER_PRESENT: u8 = 0x10;
    const CARD_PRESENT: u8 = 0x40;
    const CARD_POWERED: u8 = 0x80;
    /// Reader 0 is there, cannot be taken away, and has no card in it.
    pub const EMPTY: Self = Self(Self::READER_PRESENT);
    /// The same with a card that is off.
    pub const CARD_OFF: Self = Self(Self::EMPTY.0 | Self::CARD_PRESENT);
    /// The same with a card that is on.
    pub const CARD_ON: Self = Self(Self::CARD_OFF.0 | Self::CARD_POWERED);
}
