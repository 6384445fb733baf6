//! General results and what is added to them (TS 102.223, 8.12; TS 31.111, 8.12).

use alloc::vec::Vec;

use crate::{
    error::Flaw,
    object::{Object, words},
};

macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident { $($(#[doc = $words:expr])+ $value:ident = $octet:literal,)+ })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
        pub enum $name {
            /// No specific cause can be given; or none was.
            #[default]
            Unspecific,
            $($(#[doc = $words])+ $value,)+
            /// A cause that the standard reserves.
            Reserved(ReservedCause),
        }

        impl $name {
            /// Returns the cause of an octet.
            #[must_use]
            pub const fn from_octet(octet: u8) -> Self {
                match octet {
                    0x00 => Self::Unspecific,
                    $($octet => Self::$value,)+
                    _ => Self::Reserved(ReservedCause(octet)),
                }
            }

            /// Returns its octet.
            #[must_use]
            pub const fn octet(self) -> u8 {
                match self {
                    Self::Unspecific => 0x00,
                    $(Self::$value => $octet,)+
                    Self::Reserved(ReservedCause(octet)) => octet,
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self {
                    Self::Unspecific => f.write_str("no cause given"),
                    $(Self::$value => f.write_str(words(concat!($($words),+))),)+
                    Self::Reserved(ReservedCause(octet)) => write!(f, "cause {octet:02X}"),
                }
            }
        }
    )+};
}

/// A cause that the standard reserves; only reading makes one.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ReservedCause(u8);

problems! {
    /// Why the terminal cannot now (TS 102.223, 8.12.2; TS 31.111, 8.12.2).
    TerminalProblem {
        /// The screen is busy.
        ScreenBusy = 0x01,
        /// Busy with a call.
        CallBusy = 0x02,
        /// Busy with a supplementary service.
        SsBusy = 0x03,
        /// No service.
        NoService = 0x04,
        /// Barred by access class.
        AccessClassBarred = 0x05,
        /// No radio resource was granted.
        NoRadioResource = 0x06,
        /// Not in a speech call.
        NotInSpeechCall = 0x07,
        /// Busy with USSD.
        UssdBusy = 0x08,
        /// Busy with DTMF.
        DtmfBusy = 0x09,
        /// No application is active.
        NoNaaActive = 0x0A,
    }
    /// Why call control or short message control did not let it pass (TS 102.223, 8.12.8).
    ControlProblem {
        /// The action is not allowed.
        NotAllowed = 0x01,
        /// The type of the request has changed.
        TypeChanged = 0x02,
    }
    /// What is wrong with a card in a reader (TS 102.223, 8.12.9).
    CardProblem {
        /// The reader is not there.
        NoReader = 0x01,
        /// The card is not there.
        NoCard = 0x02,
        /// The reader is busy.
        ReaderBusy = 0x03,
        /// The card is not powered.
        PoweredOff = 0x04,
        /// The C-APDU is malformed.
        Format = 0x05,
        /// The card does not answer.
        Mute = 0x06,
        /// The transmission failed.
        Transmission = 0x07,
        /// The protocol is not supported.
        Protocol = 0x08,
        /// There is no such reader.
        UnknownReader = 0x09,
    }
    /// Why the browser was not launched (TS 102.223, 8.12.10).
    BrowserProblem {
        /// No bearer.
        NoBearer = 0x01,
        /// No browser.
        NoBrowser = 0x02,
        /// The provisioning data cannot be read.
        Provisioning = 0x03,
        /// There is no default URL.
        NoDefaultUrl = 0x04,
    }
    /// What is wrong with a channel (TS 102.223, 8.12.11).
    ChannelProblem {
        /// No channel is free.
        NoChannel = 0x01,
        /// The channel is closed.
        Closed = 0x02,
        /// There is no such channel.
        UnknownChannel = 0x03,
        /// No buffer of that size.
        BufferSize = 0x04,
        /// Authentication failed.
        Security = 0x05,
        /// The transport level is not available.
        TransportLevel = 0x06,
        /// The other device cannot be reached.
        Unreachable = 0x07,
        /// The service failed.
        Service = 0x08,
        /// There is no such service.
        UnknownService = 0x09,
        /// The port is not available.
        Port = 0x10,
        /// Launch parameters are missing or wrong.
        LaunchParameters = 0x11,
        /// The application was not launched.
        LaunchFailed = 0x12,
    }
    /// What is wrong with frames (TS 102.223, 8.12.12).
    FrameProblem {
        /// There is no such frame.
        UnknownFrame = 0x01,
        /// More frames than the terminal can have.
        TooMany = 0x02,
        /// There is no frame.
        NoFrame = 0x03,
        /// The size is not supported.
        Size = 0x04,
        /// The default frame is not valid.
        DefaultFrame = 0x05,
    }
}

/// How a terminal did with a command (TS 102.223, 8.12).
///
/// `0x` and `1x` are done; `2x` may be tried again later; `3x` would fail again. A number beside
/// `Mms`, `Ss`, `Rp` and `Ussd` is the cause of the protocol; zero where none was given.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum GeneralResult {
    /// `00`: done.
    Performed,
    /// `01`: done, and some objects were passed over.
    PartialComprehension,
    /// `02`: done, and some objects were missing.
    MissingInformation,
    /// `03`: REFRESH done, more files were read.
    AdditionalFilesRead,
    /// `04`: done, the icon was not displayed.
    IconNotDisplayed,
    /// `05`: done, modified by call control.
    ModifiedByControl,
    /// `06`: done, with limited service.
    LimitedService,
    /// `07`: done, with modification.
    Modified,
    /// `08`: REFRESH done, the application was not active.
    NaaNotActive,
    /// `09`: done, the tone was not played.
    ToneNotPlayed,
    /// `10`: the user ended the session.
    SessionTerminated,
    /// `11`: the user goes back.
    BackwardMove,
    /// `12`: the user did not answer.
    NoUserResponse,
    /// `13`: the user wants help.
    HelpRequired,
    /// `14`: the user ended the USSD or SS transaction.
    TransactionTerminated,
    /// `20`: the terminal cannot now.
    TerminalBusy(TerminalProblem),
    /// `21`: the network cannot now; the cause of call control, zero for none.
    NetworkBusy(u8),
    /// `22`: the user refused.
    UserRefused,
    /// `23`: the user cleared the call before it was connected.
    CallCleared,
    /// `24`: the timer is not in a state for that.
    TimerContradiction,
    /// `25`: call control could not decide now.
    ControlBusy(ControlProblem),
    /// `26`: the browser was not launched.
    BrowserError(BrowserProblem),
    /// `27`: multimedia messages do not work now.
    MmsBusy(u8),
    /// `30`: the terminal cannot do that.
    BeyondCapabilities,
    /// `31`: the terminal does not know that type of command.
    TypeNotUnderstood,
    /// `32`: the terminal does not understand the objects.
    DataNotUnderstood,
    /// `33`: the terminal does not know the number of the command.
    NumberUnknown,
    /// `34`: the network returned an error for SS.
    SsError(u8),
    /// `35`: the service centre returned an RP-ERROR.
    RpError(u8),
    /// `36`: objects of the minimum set are missing.
    ValuesMissing,
    /// `37`: the network returned an error for USSD.
    UssdError(u8),
    /// `38`: a card in a reader failed.
    CardError(CardProblem),
    /// `39`: call control or short message control forbids it.
    ControlError(ControlProblem),
    /// `3A`: a channel failed.
    ChannelError(ChannelProblem),
    /// `3B`: not over this access technology.
    AccessTechnology,
    /// `3C`: frames failed.
    FrameError(FrameProblem),
    /// `3D`: multimedia messages failed.
    MmsError(u8),
}

impl GeneralResult {
    /// Returns whether the command was carried out: `0x`.
    #[must_use]
    pub const fn is_performed(self) -> bool {
        self.octets().0 < 0x10
    }

    /// Returns whether it may be worth while to try again: `2x`.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        self.octets().0 >> 4 == 2
    }

    /// Returns the octet of the result, and the one of the information added, if any.
    #[must_use]
    pub const fn octets(self) -> (u8, Option<u8>) {
        match self {
            Self::Performed => (0x00, None),
            Self::PartialComprehension => (0x01, None),
            Self::MissingInformation => (0x02, None),
            Self::AdditionalFilesRead => (0x03, None),
            Self::IconNotDisplayed => (0x04, None),
            Self::ModifiedByControl => (0x05, None),
            Self::LimitedService => (0x06, None),
            Self::Modified => (0x07, None),
            Self::NaaNotActive => (0x08, None),
            Self::ToneNotPlayed => (0x09, None),
            Self::SessionTerminated => (0x10, None),
            Self::BackwardMove => (0x11, None),
            Self::NoUserResponse => (0x12, None),
            Self::HelpRequired => (0x13, None),
            Self::TransactionTerminated => (0x14, None),
            Self::TerminalBusy(problem) => (0x20, Some(problem.octet())),
            Self::NetworkBusy(cause) => (0x21, Some(cause)),
            Self::UserRefused => (0x22, None),
            Self::CallCleared => (0x23, None),
            Self::TimerContradiction => (0x24, None),
            Self::ControlBusy(problem) => (0x25, Some(problem.octet())),
            Self::BrowserError(problem) => (0x26, Some(problem.octet())),
            Self::MmsBusy(cause) => (0x27, Some(cause)),
            Self::BeyondCapabilities => (0x30, None),
            Self::TypeNotUnderstood => (0x31, None),
            Self::DataNotUnderstood => (0x32, None),
            Self::NumberUnknown => (0x33, None),
            Self::SsError(cause) => (0x34, Some(cause)),
            Self::RpError(cause) => (0x35, Some(cause)),
            Self::ValuesMissing => (0x36, None),
            Self::UssdError(cause) => (0x37, Some(cause)),
            Self::CardError(problem) => (0x38, Some(problem.octet())),
            Self::ControlError(problem) => (0x39, Some(problem.octet())),
            Self::ChannelError(problem) => (0x3A, Some(problem.octet())),
            Self::AccessTechnology => (0x3B, None),
            Self::FrameError(problem) => (0x3C, Some(problem.octet())),
            Self::MmsError(cause) => (0x3D, Some(cause)),
        }
    }

    /// Returns the result of its two octets; nothing if the standard reserves the first.
    #[must_use]
    pub const fn from_octets(result: u8, added: u8) -> Option<Self> {
        Some(match result {
            0x00 => Self::Performed,
            0x01 => Self::PartialComprehension,
            0x02 => Self::MissingInformation,
            0x03 => Self::AdditionalFilesRead,
            0x04 => Self::IconNotDisplayed,
            0x05 => Self::ModifiedByControl,
            0x06 => Self::LimitedService,
            0x07 => Self::Modified,
            0x08 => Self::NaaNotActive,
            0x09 => Self::ToneNotPlayed,
            0x10 => Self::SessionTerminated,
            0x11 => Self::BackwardMove,
            0x12 => Self::NoUserResponse,
            0x13 => Self::HelpRequired,
            0x14 => Self::TransactionTerminated,
            0x20 => Self::TerminalBusy(TerminalProblem::from_octet(added)),
            0x21 => Self::NetworkBusy(added),
            0x22 => Self::UserRefused,
            0x23 => Self::CallCleared,
            0x24 => Self::TimerContradiction,
            0x25 => Self::ControlBusy(ControlProblem::from_octet(added)),
            0x26 => Self::BrowserError(BrowserProblem::from_octet(added)),
            0x27 => Self::MmsBusy(added),
            0x30 => Self::BeyondCapabilities,
            0x31 => Self::TypeNotUnderstood,
            0x32 => Self::DataNotUnderstood,
            0x33 => Self::NumberUnknown,
            0x34 => Self::SsError(added),
            0x35 => Self::RpError(added),
            0x36 => Self::ValuesMissing,
            0x37 => Self::UssdError(added),
            0x38 => Self::CardError(CardProblem::from_octet(added)),
            0x39 => Self::ControlError(ControlProblem::from_octet(added)),
            0x3A => Self::ChannelError(ChannelProblem::from_octet(added)),
            0x3B => Self::AccessTechnology,
            0x3C => Self::FrameError(FrameProblem::from_octet(added)),
            0x3D => Self::MmsError(added),
            _ => return None,
        })
    }
}

impl Object for GeneralResult {
    fn parse(value: &[u8]) -> Result<Self, Flaw> {
        let (result, added) = value.split_first().ok_or(Flaw::Length)?;
        let added = added.first().copied().unwrap_or(0);
        Self::from_octets(*result, added).ok_or(Flaw::Contents(0))
    }

    fn put(&self, out: &mut Vec<u8>) {
        let (result, added) = self.octets();
        out.push(result);
        out.extend(added);
    }
}

#[cfg(any(test, feature = "testkit"))]
impl crate::sample::Sample for GeneralResult {
    fn sample(draw: &mut crate::sample::Draw) -> Self {
        loop {
            if let Some(result) = Self::from_octets(draw.below(0x3E), draw.below(0x14)) {
                return result;
            }
        }
    }
}
