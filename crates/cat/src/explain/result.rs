//! Results of commands in words.

use core::fmt;

use crate::response::GeneralResult;

impl fmt::Display for GeneralResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::Performed => "done",
            Self::PartialComprehension => "done, some objects were passed over",
            Self::MissingInformation => "done, some objects were missing",
            Self::AdditionalFilesRead => "REFRESH done, more files were read",
            Self::IconNotDisplayed => "done, the icon was not displayed",
            Self::ModifiedByControl => "done, modified by call control",
            Self::LimitedService => "done, with limited service",
            Self::Modified => "done, with modification",
            Self::NaaNotActive => "REFRESH done, the application was not active",
            Self::ToneNotPlayed => "done, the tone was not played",
            Self::SessionTerminated => "the user ended the session",
            Self::BackwardMove => "the user goes back",
            Self::NoUserResponse => "the user did not answer",
            Self::HelpRequired => "the user wants help",
            Self::TransactionTerminated => "the user ended the USSD or SS transaction",
            Self::UserRefused => "the user refused",
            Self::CallCleared => "the user cleared the call before it was connected",
            Self::TimerContradiction => "the timer is not in a state for that",
            Self::BeyondCapabilities => "the terminal cannot do that",
            Self::TypeNotUnderstood => "the terminal does not know that type of command",
            Self::DataNotUnderstood => "the terminal does not understand the objects",
            Self::NumberUnknown => "the terminal does not know the number of the command",
            Self::ValuesMissing => "objects of the minimum set are missing",
            Self::AccessTechnology => "not over this access technology",
            Self::TerminalBusy(cause) => return write!(f, "the terminal cannot now: {cause}"),
            Self::ControlBusy(cause) => return write!(f, "control could not decide: {cause}"),
            Self::BrowserError(cause) => return write!(f, "the browser failed: {cause}"),
            Self::CardError(cause) => return write!(f, "a card in a reader failed: {cause}"),
            Self::ControlError(cause) => return write!(f, "control forbids it: {cause}"),
            Self::ChannelError(cause) => return write!(f, "a channel failed: {cause}"),
            Self::FrameError(cause) => return write!(f, "frames failed: {cause}"),
            Self::NetworkBusy(cause) => return with_cause(f, "the network cannot now", *cause),
            Self::SsError(cause) => return with_cause(f, "an error of SS", *cause),
            Self::RpError(cause) => return with_cause(f, "RP-ERROR", *cause),
            Self::UssdError(cause) => return with_cause(f, "an error of USSD", *cause),
            Self::MmsBusy(cause) => return with_cause(f, "no multimedia messages now", *cause),
            Self::MmsError(cause) => return with_cause(f, "multimedia messages failed", *cause),
        };
        f.write_str(words)
    }
}

fn with_cause(f: &mut fmt::Formatter<'_>, words: &str, cause: u8) -> fmt::Result {
    match cause {
        0 => write!(f, "{words}, no cause given"),
        _ => write!(f, "{words}, cause {cause}"),
    }
}
