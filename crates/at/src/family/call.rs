//! Calls (TS 27.007, 6.3, 6.5, 6.6, 6.11, 7.13, 7.18, C.2.11; V.250, 6.3).

use alloc::vec::Vec;

use crate::{
    Arg, ArgProblem, Param, Text,
    wire::{coded, lines, named, params, put_uint},
};

coded! {
    /// `<dir>` of `+CLCC` (TS 27.007, 7.18).
    pub enum CallDirection {
        /// Outgoing.
        Originated = 0,
        /// Incoming.
        Terminated = 1,
    }

    /// `<stat>` of `+CLCC` (TS 27.007, 7.18).
    pub enum CallState {
        /// Up.
        Active = 0,
        /// On hold.
        Held = 1,
        /// Outgoing, being set up.
        Dialing = 2,
        /// Outgoing, the other side rings.
        Alerting = 3,
        /// Incoming, rings here.
        Incoming = 4,
        /// Incoming while another call is up.
        Waiting = 5,
    }

    /// `<mode>` of `+CLCC` (TS 27.007, 7.18).
    pub enum CallMode {
        /// Voice.
        Voice = 0,
        /// Data.
        Data = 1,
        /// Fax.
        Fax = 2,
        /// Not known.
        Unknown = 9,
    }
}

named! {
    /// What kind of call comes in (TS 27.007, 6.11, `+CRING`).
    bare pub enum RingKind {
        /// Voice.
        Voice = "VOICE",
        /// Asynchronous data.
        Async = "ASYNC",
        /// Synchronous data.
        Sync = "SYNC",
        /// Asynchronous data without error correction.
        RelAsync = "REL ASYNC",
        /// Synchronous data without error correction.
        RelSync = "REL SYNC",
        /// Fax.
        Fax = "FAX",
        /// Packet data.
        Gprs = "GPRS",
    }
}

/// What `+CHLD` does with calls (TS 27.007, 7.13; TS 22.030, 6.5.5.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HoldAction {
    /// 0: release all held calls, or refuse the waiting one.
    ReleaseHeld,
    /// 1: release all active calls and take the other one.
    ReleaseActive,
    /// 1x: release call x, 1 to 9.
    ReleaseCall(u8),
    /// 2: hold all active calls and take the other one.
    HoldActive,
    /// 2x: hold all calls but x, 1 to 9.
    HoldAllBut(u8),
    /// 3: join the held call.
    Join,
    /// 4: connect both others and leave.
    Transfer,
}

impl HoldAction {
    /// Returns the number on the wire.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::ReleaseHeld => 0,
            Self::ReleaseActive => 1,
            Self::ReleaseCall(call) => 10 + call % 10,
            Self::HoldActive => 2,
            Self::HoldAllBut(call) => 20 + call % 10,
            Self::Join => 3,
            Self::Transfer => 4,
        }
    }

    /// Returns the action for a number, `None` if there is none.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::ReleaseHeld),
            1 => Some(Self::ReleaseActive),
            2 => Some(Self::HoldActive),
            3 => Some(Self::Join),
            4 => Some(Self::Transfer),
            11..=19 => Some(Self::ReleaseCall(code - 10)),
            21..=29 => Some(Self::HoldAllBut(code - 20)),
            _ => None,
        }
    }
}

impl Param for HoldAction {
    fn encode(&self, out: &mut Vec<u8>) {
        put_uint(self.code().into(), out);
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        Self::from_code(u8::from_arg(arg)?).ok_or(ArgProblem::UnknownValue)
    }
}

/// A DTMF digit for `+VTS` (TS 27.007, C.2.11): `0-9 # * A-D`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct DtmfDigit(u8);

impl DtmfDigit {
    /// Takes a digit; lower case becomes upper case, `None` for any other character.
    #[must_use]
    pub const fn new(digit: char) -> Option<Self> {
        match digit {
            '0'..='9' | '#' | '*' | 'A'..='D' | 'a'..='d' => {
                let mut bytes = [0];
                digit.encode_utf8(&mut bytes);
                Some(Self(bytes[0].to_ascii_uppercase()))
            }
            _ => None,
        }
    }

    /// Returns the digit.
    #[must_use]
    pub const fn as_char(self) -> char {
        self.0 as char
    }
}

impl Param for DtmfDigit {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.0);
    }

    fn from_arg(arg: Arg<'_>) -> Result<Self, ArgProblem> {
        match arg {
            Arg::Missing => Err(ArgProblem::Missing),
            Arg::Bare([digit]) | Arg::Quoted([digit]) => {
                Self::new(char::from(*digit)).ok_or(ArgProblem::BadCharacter)
            }
            Arg::Bare(_) | Arg::Quoted(_) => Err(ArgProblem::TooLong { limit: 1 }),
        }
    }
}

params! {
    /// `+VTS=<dtmf>[,<duration>]` (TS 27.007, C.2.11).
    pub struct VtsSet {
        /// The tone.
        pub digit: DtmfDigit,
        /// Its length in units of 100 ms.
        pub duration: Option<u16>,
    }

    /// `+QPCMV=<enable>[,<port>]`, both ways: speech of calls as PCM on a port of Quectel modems.
    pub struct Qpcmv {
        /// 1: on.
        pub enable: u8,
        /// Which port: 0 USB NMEA, 1 debug UART, 2 USB sound card.
        pub port: Option<u8>,
    }

    /// `+CLCC: <id>,<dir>,<stat>,<mode>,<mpty>[,<number>,<type>[,<alpha>]]`
    /// (TS 27.007, 7.18).
    pub struct ClccInfo {
        /// Number of the call, from 1.
        pub id: u8,
        /// Who called.
        pub direction: CallDirection,
        /// Its state.
        pub state: CallState,
        /// What kind of call.
        pub mode: CallMode,
        /// 1 in a conference.
        pub multiparty: u8,
        /// The other side.
        pub number: Option<Text>,
        /// Its type of address.
        pub address_type: Option<u8>,
        /// Its name in the phonebook.
        pub name: Option<Text>,
    }

    /// `+CRING: <type>` (TS 27.007, 6.11).
    pub struct CringUrc {
        /// What kind of call.
        pub kind: RingKind,
    }

    /// `+CLIP: <number>,<type>[,<subaddr>,<satype>[,[<alpha>][,<validity>]]]` (TS 27.007, 7.6).
    pub struct ClipUrc {
        /// The caller; empty when withheld.
        pub number: Text,
        /// Its type of address.
        pub address_type: u8,
        /// Subaddress.
        pub subaddress: Option<Text>,
        /// Its type.
        pub subaddress_type: Option<u8>,
        /// Its name in the phonebook.
        pub name: Option<Text>,
        /// 0 valid; 1 withheld; 2 not available.
        pub validity: Option<u8>,
    }

    /// `+COLP: <number>,<type>` (TS 27.007, 7.8): who took the call.
    pub struct ColpUrc {
        /// The other side.
        pub number: Text,
        /// Its type of address.
        pub address_type: u8,
    }

    /// `+CNAP: <name>[,<validity>]` (TS 27.007, 7.30).
    pub struct CnapUrc {
        /// The caller's name.
        pub name: Text,
        /// 0 valid; 1 withheld; 2 not available.
        pub validity: Option<u8>,
    }
}

lines! {
    ClccInfo = "+CLCC";
    CringUrc = "+CRING";
    ClipUrc = "+CLIP";
    ColpUrc = "+COLP";
    CnapUrc = "+CNAP";
    Qpcmv = "+QPCMV";
}

crate::wire::single!(HoldAction, DtmfDigit);

#[cfg(any(test, feature = "testkit"))]
mod sample {
    use super::{DtmfDigit, HoldAction};
    use crate::testkit::{Sample, Source};

    impl Sample for HoldAction {
        fn sample(source: &mut Source<'_>) -> Self {
            Self::from_code(source.value::<u8>() % 30).unwrap_or(Self::ReleaseHeld)
        }
    }

    impl Sample for DtmfDigit {
        fn sample(source: &mut Source<'_>) -> Self {
            Self(source.pick(b"0123456789*#ABCD"))
        }
    }
}
