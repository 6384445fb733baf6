//! Why a command did not do what it should.

use alloc::string::{String, ToString as _};
use polysim_rsp::bsp::CutError;
use polysim_rsp::data::{
    AuthenticateErrorCode, CancelSessionReason, DataError, DeleteResult, DisableResult,
    DownloadErrorCode, EnableResult, ErrorResult, EuiccMemoryResetResult, LoadCrlErrorCode,
    NotificationsError, PprIds, ProfileInfoListError, SetDefaultDpAddressResult, SetNicknameResult,
};
use polysim_rsp::es9::{Failure, Function, Refusal, Status};

use crate::transport::CardError;

/// Why a command did not do what it should.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LpaError {
    /// The card could not be asked, or does not do what it is asked.
    #[error("{function}: {error}")]
    Card {
        /// The function.
        function: &'static str,
        /// What is wrong.
        error: CardError,
    },
    /// What the card answers is not the answer of that function.
    #[error("the eUICC's answer cannot be read: {0}")]
    Garbled(#[from] DataError),
    /// The server could not be asked.
    #[error("{function:?} at {address}: {failure}")]
    Server {
        /// The server.
        address: String,
        /// The function.
        function: Function,
        /// What is wrong.
        failure: Failure,
    },
    /// The server refuses.
    #[error("{address} refused {function:?}: {}", words(status))]
    Refused {
        /// The server.
        address: String,
        /// The function.
        function: Function,
        /// Why.
        status: Status,
    },
    /// The server is not the one that it should be, or speaks of something else.
    #[error("{address} is not to be trusted: {why}")]
    WrongServer {
        /// The server.
        address: String,
        /// What is wrong.
        why: WrongServer,
    },
    /// The eUICC does not trust the server.
    #[error("the eUICC does not trust the server: {0}")]
    Authenticate(AuthenticateErrorCode),
    /// The eUICC does not get ready for the package.
    #[error("the eUICC does not get ready for the profile: {0}")]
    Prepare(DownloadErrorCode),
    /// What the server sent is no bound profile package.
    #[error("the server's profile package cannot be read: {0}")]
    Package(CutError),
    /// The eUICC does not install the profile.
    #[error("the profile was not installed: {0}")]
    Install(ErrorResult),
    /// The eUICC took the whole package and said nothing of it.
    #[error("the eUICC does not say what came of the installation: list the profiles")]
    NoResult,
    /// The rules of this eUICC forbid policies of the profile.
    #[error("the rules of this eUICC forbid the policies {:?} of the profile", .0)]
    PolicyNotAllowed(PprIds),
    /// The session was given up.
    #[error("the download was given up: {0}")]
    Cancelled(CancelSessionReason),
    /// The command was given up before it had begun.
    #[error("the command was given up before it began")]
    Withdrawn,
    /// A confirmation code is needed, and nobody is there to be asked.
    #[error("this profile needs a confirmation code: ask the operator for it, and give it")]
    ConfirmationCodeNeeded,
    /// No default SM-DP+ is configured.
    #[error("this eUICC has no default SM-DP+: use an activation code, or set one")]
    NoDefaultSmdp,
    /// The address of a server is none.
    #[error("\"{0}\" is no address of a server")]
    Address(String),
    /// The download went wrong before the assistant stopped.
    #[error("{0}")]
    Before(String),
    /// The download went on after crashes more often than it may.
    #[error("the download was interrupted {times} times and is given up: start it anew")]
    Interrupted {
        /// How often.
        times: u8,
    },
    /// The profile is not enabled.
    #[error("the profile was not enabled: {0}")]
    Enable(EnableResult),
    /// The profile is not disabled.
    #[error("the profile was not disabled: {0}")]
    Disable(DisableResult),
    /// The profile is not deleted.
    #[error("the profile was not deleted: {0}")]
    Delete(DeleteResult),
    /// The profile is not named.
    #[error("the profile was not named: {0}")]
    Nickname(SetNicknameResult),
    /// The memory is not reset.
    #[error("the memory was not reset: {0}")]
    MemoryReset(EuiccMemoryResetResult),
    /// The default SM-DP+ is not set.
    #[error("the default SM-DP+ was not set: {0}")]
    DefaultSmdp(SetDefaultDpAddressResult),
    /// The revocation list is not loaded.
    #[error("the revocation list was not loaded: {0}")]
    LoadCrl(LoadCrlErrorCode),
    /// The profiles are not listed.
    #[error("the profiles cannot be listed: {0}")]
    Profiles(ProfileInfoListError),
    /// The notifications are not listed, or not removed.
    #[error("the eUICC does not give its notifications: {0}")]
    Notifications(NotificationsError),
    /// What the eUICC says it is, is none.
    #[error("the eUICC gives an EID that is none")]
    Eid,
    /// Too many commands wait.
    #[error("{limit} commands wait already: wait until some are over")]
    Busy {
        /// How many may wait.
        limit: usize,
    },
}

/// What is wrong with a server's word.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WrongServer {
    /// It says that it is another one.
    #[error("it calls itself {0}")]
    Address(String),
    /// It answers another challenge.
    #[error("it answers another challenge than the eUICC's")]
    Challenge,
    /// It speaks of another session.
    #[error("it speaks of another session")]
    Transaction,
    /// It wants an issuer that the eUICC or the activation code does not have.
    #[error("it wants a certificate issuer that does not fit the eUICC or the activation code")]
    Issuer,
    /// Its certificate has another object identifier than the activation code says.
    #[error("its certificate is not that of the server in the activation code")]
    Oid,
    /// Its certificate cannot be read.
    #[error("its certificate cannot be read")]
    Certificate,
    /// It answers another question.
    #[error("it answers another question")]
    Answer,
    /// The package has another profile than the one that was agreed to.
    #[error("the package has another profile than the one that was described")]
    Metadata,
}

/// Says why a server refuses: what the server says itself, or else the words for its status.
fn words(status: &Status) -> String {
    let refusal = Refusal::from_status(status).filter(|_| status.message.is_none());
    refusal.map_or_else(|| status.to_string(), |refusal| refusal.to_string())
}
