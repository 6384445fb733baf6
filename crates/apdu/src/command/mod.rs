//! Commands by their meaning (TS 102.221, clause 11; TS 102.222; TS 31.102, 7; TS 51.011, 9.2).

mod address;
mod build;
mod decode;
mod emit;
mod pin;
#[cfg(test)]
mod tests;

pub use address::{BinaryAddress, FileId, FileRef, Offset, Path, RecordRef, Sfi};
pub use pin::{KeyRef, PIN_LEN, Pin};

use crate::{Channel, Class, Le};

/// A command: its class and what it asks.
///
/// [`Command::parse`] and [`Command::decode`] read one without allocating; an error of theirs is
/// the status word with which the card answers. [`Command::emit`] writes one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Command<'a> {
    /// Class: channel, secure messaging, 2G or not.
    pub class: Class,
    /// What it asks.
    pub instruction: Instruction<'a>,
}

/// What a command asks. Lengths expected stand only where the answer depends on them; a command
/// that both sends and expects data is written with Le `00`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Instruction<'a> {
    /// SELECT (11.1.1).
    Select(Select<'a>),
    /// STATUS (11.1.2).
    Status {
        /// What the terminal says about the application.
        indication: StatusIndication,
        /// What it wants to know.
        reply: StatusReply,
        /// How many bytes of it; `None` if nothing.
        length: Option<Le>,
    },
    /// READ BINARY (11.1.3).
    ReadBinary {
        /// Where.
        address: BinaryAddress,
        /// How much.
        length: Le,
    },
    /// UPDATE BINARY (11.1.4).
    UpdateBinary {
        /// Where.
        address: BinaryAddress,
        /// What, at least one byte.
        data: &'a [u8],
    },
    /// READ RECORD (11.1.5).
    ReadRecord {
        /// In which EF.
        file: FileRef,
        /// Which record.
        record: RecordRef,
        /// How much.
        length: Le,
    },
    /// UPDATE RECORD (11.1.6).
    UpdateRecord {
        /// In which EF.
        file: FileRef,
        /// Which record.
        record: RecordRef,
        /// What, at least one byte.
        data: &'a [u8],
    },
    /// SEARCH RECORD (11.1.7), SEEK of a 2G SIM.
    SearchRecord(Search<'a>),
    /// INCREASE (11.1.8).
    Increase {
        /// In which cyclic EF.
        file: FileRef,
        /// The value to add, big endian, 1 to 127 bytes.
        value: &'a [u8],
    },
    /// VERIFY PIN (11.1.9); without a value it asks for the tries left.
    VerifyPin {
        /// Which PIN.
        key: KeyRef,
        /// The value presented.
        pin: Option<Pin>,
    },
    /// CHANGE PIN (11.1.10).
    ChangePin {
        /// Which PIN.
        key: KeyRef,
        /// The value so far.
        old: Pin,
        /// The value from now on.
        new: Pin,
    },
    /// DISABLE PIN (11.1.11).
    DisablePin {
        /// Which PIN.
        key: KeyRef,
        /// The value presented.
        pin: Pin,
        /// The global key to use in its place.
        replacement: Option<KeyRef>,
    },
    /// ENABLE PIN (11.1.12).
    EnablePin {
        /// Which PIN.
        key: KeyRef,
        /// The value presented.
        pin: Pin,
    },
    /// UNBLOCK PIN (11.1.13); without values it asks for the tries left.
    UnblockPin {
        /// Which PIN.
        key: KeyRef,
        /// The unblock value and the PIN from now on.
        values: Option<(Pin, Pin)>,
    },
    /// DEACTIVATE FILE (11.1.14), INVALIDATE of a 2G SIM.
    DeactivateFile(FileTarget<'a>),
    /// ACTIVATE FILE (11.1.15), REHABILITATE of a 2G SIM.
    ActivateFile(FileTarget<'a>),
    /// AUTHENTICATE (11.1.16; TS 31.102, 7.1).
    Authenticate(Authentication<'a>),
    /// RUN GSM ALGORITHM of a 2G SIM (TS 51.011, 9.2.16).
    RunGsmAlgorithm {
        /// The challenge.
        rand: &'a [u8; 16],
    },
    /// MANAGE CHANNEL, open (11.1.17); without a number the card picks one.
    OpenChannel(Option<Channel>),
    /// MANAGE CHANNEL, close (11.1.17).
    CloseChannel(Channel),
    /// GET CHALLENGE (11.1.18).
    GetChallenge {
        /// How many random bytes.
        length: Le,
    },
    /// TERMINAL CAPABILITY (11.1.19).
    TerminalCapability(&'a [u8]),
    /// SUSPEND UICC (11.1.22).
    SuspendUicc(Suspension<'a>),
    /// GET IDENTITY (TS 31.102, 7.5).
    GetIdentity {
        /// Identity context, P2.
        context: u8,
        /// Data field.
        data: &'a [u8],
    },
    /// GET RESPONSE (TS 102.221, 12.1.1).
    GetResponse {
        /// How much.
        length: Le,
    },
    /// TERMINAL PROFILE (11.2.1).
    TerminalProfile(&'a [u8]),
    /// ENVELOPE (11.2.2).
    Envelope(&'a [u8]),
    /// FETCH (11.2.3).
    Fetch {
        /// How much.
        length: Le,
    },
    /// TERMINAL RESPONSE (11.2.4).
    TerminalResponse(&'a [u8]),
    /// RETRIEVE DATA of a BER-TLV EF (11.3.1).
    RetrieveData {
        /// In which EF.
        file: FileRef,
        /// Which block.
        block: Block,
        /// The tag, on the first block.
        data: &'a [u8],
    },
    /// SET DATA of a BER-TLV EF (11.3.2).
    SetData {
        /// In which EF.
        file: FileRef,
        /// Which block.
        block: Block,
        /// The data object or its continuation.
        data: &'a [u8],
    },
    /// GET DATA (ISO 7816-4, 11.4.3).
    GetData {
        /// The tag, P1 and P2.
        tag: u16,
        /// How much.
        length: Le,
    },
    /// STORE DATA (`GlobalPlatform` card specification, 11.11).
    StoreData {
        /// Whether no block follows.
        last: bool,
        /// Other bits of P1: how the data is coded.
        coding: u8,
        /// Number of the block.
        block: u8,
        /// Data field.
        data: &'a [u8],
    },
    /// CREATE FILE (TS 102.222, 6.3); the data is an FCP template.
    CreateFile(&'a [u8]),
    /// DELETE FILE (TS 102.222, 6.4).
    DeleteFile(FileTarget<'a>),
    /// TERMINATE DF (TS 102.222, 6.7).
    TerminateDf(FileTarget<'a>),
    /// TERMINATE EF (TS 102.222, 6.8).
    TerminateEf(FileTarget<'a>),
    /// TERMINATE CARD USAGE (TS 102.222, 6.9).
    TerminateCardUsage,
    /// RESIZE FILE (TS 102.222, 6.10); the data is an FCP template.
    ResizeFile {
        /// P1, the mode: 0, or 1 to keep what is in a BER-TLV EF.
        mode: u8,
        /// The template.
        fcp: &'a [u8],
    },
}

/// SELECT (TS 102.221, 11.1.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Select<'a> {
    /// What is selected.
    pub target: SelectTarget<'a>,
    /// What becomes of the application.
    pub session: Session,
    /// What is answered.
    pub reply: SelectReply,
}

/// What SELECT selects (P1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SelectTarget<'a> {
    /// `00`: a file in reach of the current DF.
    FileId(FileId),
    /// `01`: a DF under the current DF.
    ChildDf(FileId),
    /// `03`: the parent of the current DF.
    ParentDf,
    /// `04`: an application.
    Aid {
        /// Its identifier or the first bytes of it, 16 bytes at most.
        aid: &'a [u8],
        /// Which one, if several start so.
        occurrence: Occurrence,
    },
    /// `08`: a path from the MF.
    PathFromMf(Path<'a>),
    /// `09`: a path from the current DF.
    PathFromCurrentDf(Path<'a>),
}

/// Which of several applications with the same beginning (P2, bits 1 and 2).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Occurrence {
    /// The first, or only.
    #[default]
    First,
    /// The last.
    Last,
    /// The next one.
    Next,
    /// The one before.
    Previous,
}

/// What becomes of an application session (P2, bits 6 and 7).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Session {
    /// Activated, or reset.
    #[default]
    Activate,
    /// Terminated.
    Terminate,
}

/// What SELECT answers (P2, bits 3 and 4).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SelectReply {
    /// `00`: FCI of an application; the response of a 2G SIM.
    Fci,
    /// `04`: the FCP template.
    #[default]
    Fcp,
    /// `0C`: nothing.
    Nothing,
}

/// What the terminal tells by STATUS (P1).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum StatusIndication {
    /// `00`: nothing.
    #[default]
    None,
    /// `01`: the application is initialised in the terminal.
    Initialised,
    /// `02`: the terminal is about to end the application.
    Terminating,
}

/// What STATUS answers (P2).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum StatusReply {
    /// `00`: what SELECT answers.
    #[default]
    Fcp,
    /// `01`: the DF name of the application selected.
    DfName,
    /// `0C`: nothing.
    Nothing,
}

/// A search in a record EF.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Search<'a> {
    /// In which EF.
    pub file: FileRef,
    /// Where to start and which way to go.
    pub from: SearchFrom,
    /// Where in a record the pattern may stand.
    pub within: SearchWithin,
    /// The pattern, at least one byte.
    pub pattern: &'a [u8],
    /// Whether record numbers are answered (not so for SEEK type 1).
    pub answer_numbers: bool,
}

/// Where a search starts and which way it goes (TS 102.221, 11.1.7.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SearchFrom {
    /// Forward from a record; 0 is the current one.
    Forward(u8),
    /// Backward from a record; 0 is the current one.
    Backward(u8),
    /// Forward from the one after the current record.
    ForwardNext,
    /// Backward from the one before the current record.
    BackwardPrevious,
    /// Backward from the last record (2G).
    Last,
}

/// Where in a record the pattern may stand (TS 102.221, table 11.6).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum SearchWithin {
    /// Anywhere (simple search).
    #[default]
    Anywhere,
    /// From an offset on (enhanced search).
    Offset(u8),
    /// After the first occurrence of a byte (enhanced search).
    After(u8),
}

/// The file of a management command (TS 102.222, 6.4.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FileTarget<'a> {
    /// The current file.
    Current,
    /// By file identifier, in reach of the current DF.
    FileId(FileId),
    /// By path from the MF.
    PathFromMf(Path<'a>),
    /// By path from the current DF.
    PathFromCurrentDf(Path<'a>),
}

/// A challenge by AUTHENTICATE (TS 31.102, 7.1.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Authentication<'a> {
    /// P2 `80`: GSM context.
    Gsm {
        /// The challenge.
        rand: &'a [u8; 16],
    },
    /// P2 `81`: 3G context, or IMS AKA.
    Umts {
        /// The challenge.
        rand: &'a [u8; 16],
        /// The network's token.
        autn: &'a [u8; 16],
    },
    /// P2 `82`: VGCS and VBS context.
    Vgcs(&'a [u8]),
    /// P2 `84`: GBA context.
    Gba(&'a [u8]),
}

/// SUSPEND UICC (TS 102.221, 11.1.22).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Suspension<'a> {
    /// P1 `00`: suspend.
    Suspend {
        /// Shortest duration: unit (0 seconds, 1 minutes, 2 hours, 3 days, 4 tens of days), count.
        min: [u8; 2],
        /// Longest duration proposed, coded alike.
        max: [u8; 2],
    },
    /// P1 `01`: resume.
    Resume {
        /// The token that the card gave when it was suspended.
        token: &'a [u8; 8],
    },
}

/// Which part of a long data object (TS 102.221, 11.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Block {
    /// The first.
    First,
    /// The next.
    Next,
    /// The current one again (RETRIEVE DATA only).
    Again,
}
