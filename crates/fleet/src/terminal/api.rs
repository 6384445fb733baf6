use crate::speech::{Codec, Frame};
use crate::wire::{
    Answer, CallPhase, CallRef, FromModem, MailItem, MessageId, Parameters, Reclaim, Refusal,
    RingOver, SpeechReport, Target, TextState, ToModem, UseRefusal, UserRequest,
};
use crate::{MailId, ServerId, SiteId, TerminalId, UserId};
use alloc::{string::String, vec::Vec};
use polysim_base::{Duration, Iccid, Msisdn};
use serde::{Deserialize, Serialize};

/// What a terminal is set up with.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct TerminalConfig {
    /// What it is called.
    pub terminal: TerminalId,
    /// Whose it is.
    pub user: UserId,
    /// How many servers there are, from 0 on.
    pub servers: u8,
    /// After how long without an answer it asks again.
    pub patience: Duration,
    /// How often it asks again before it gives up.
    pub tries: u8,
    /// How often it asks for what has come, besides when it is told, and what has become of what
    /// waits; the longest that it waits before it asks again for what it does not give up.
    pub mail_every: Duration,
    /// How speech is coded.
    pub codec: Codec,
}

/// What reaches a terminal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TerminalInput {
    /// The terminal starts, or starts anew after its records were restored.
    Start,
    /// Its user wishes something. The number comes back with what becomes of it.
    Wish(u64, TerminalWish),
    /// 20 ms from the microphone: for the call that is active.
    Microphone(Frame),
    /// A server answers a request, or tells something.
    Answer(ServerId, crate::RequestId, Answer),
    /// A server says that something has come.
    Mail(ServerId, MailId),
    /// The site of a modem says something.
    Modem(SiteId, FromModem),
}

/// What a user wishes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TerminalWish {
    /// To have a SIM on a modem.
    Assign(Iccid, Parameters),
    /// To have a SIM on no modem.
    Release(Iccid, Reclaim),
    /// To know why a SIM is where it is.
    Why(Iccid),
    /// To see the SIMs.
    List,
    /// To call somebody.
    Dial {
        /// With which SIM.
        sim: Target,
        /// Whom.
        to: Msisdn,
    },
    /// To text somebody.
    Text {
        /// With which SIM.
        sim: Target,
        /// Whom.
        to: Msisdn,
        /// What.
        body: String,
        /// Whether to hear of the delivery.
        report: bool,
    },
    /// To send a USSD code, or the answer to a question.
    Ussd {
        /// With which SIM.
        sim: Target,
        /// The code.
        code: String,
    },
    /// To end the USSD dialogue.
    UssdCancel {
        /// With which SIM.
        sim: Iccid,
    },
    /// To send an APDU to the card.
    Apdu {
        /// Of which SIM.
        sim: Iccid,
        /// The command.
        apdu: Vec<u8>,
    },
    /// To answer what rings; the first one where several do.
    Answer,
    /// To refuse what rings.
    Reject,
    /// To end the active call, or else the one on hold, being dialled or ringing.
    HangUp,
    /// To hold the active call and take the other one.
    Hold,
    /// To send tones in the active call.
    Dtmf(String),
}

/// What leaves a terminal.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum TerminalOutput {
    /// To a server.
    Server(ServerId, UserRequest),
    /// To the site of a modem.
    Site(SiteId, ToModem),
    /// 20 ms for the ear.
    Speaker(Frame),
    /// To the user.
    Tell(TerminalEvent),
}

/// What a terminal tells its user.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum TerminalEvent {
    /// What the exchange says to a wish: the same wish may be told of more than once, as when it
    /// waits, has a modem, and has none any more.
    Answered(u64, Answer),
    /// A modem did what was wished, as far as it is its own doing.
    Done(u64),
    /// What the card said.
    Apdu(u64, Vec<u8>),
    /// A text has a name now, and is kept until it is known what became of it.
    Accepted(u64, MessageId),
    /// It cannot be had.
    Failed(u64, WishError),
    /// A call comes in.
    Rings {
        /// Which call.
        call: CallRef,
        /// For which SIM.
        iccid: Iccid,
        /// Who calls; `None` where the number is withheld.
        from: Option<String>,
    },
    /// What rang rings no more, and not because this terminal has answered.
    RingOver(CallRef, Iccid, RingOver),
    /// A call is in a new phase.
    Call {
        /// Which call.
        call: CallRef,
        /// With which SIM.
        iccid: Iccid,
        /// The other side, where it is known.
        peer: Option<String>,
        /// How it is now.
        phase: CallPhase,
    },
    /// How speech fared, here and at the modem.
    Speech {
        /// In which call.
        call: CallRef,
        /// What came here.
        heard: SpeechReport,
        /// What came there.
        said: SpeechReport,
    },
    /// The network says something by USSD.
    Ussd {
        /// With which SIM.
        iccid: Iccid,
        /// What it says; `None` where it refuses or ends the dialogue.
        text: Option<String>,
        /// Whether it waits for an answer.
        more: bool,
    },
    /// What became of a text of this terminal, as its modem says; later news come as mail.
    Text(MessageId, TextState),
    /// Something has come. Told once, in order; not what this terminal has told of its own texts
    /// already.
    Mail(MailItem),
}

/// Why a wish cannot be had.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, thiserror::Error)]
pub enum WishError {
    /// The server names no modem for it.
    #[error(transparent)]
    Exchange(Refusal),
    /// The modem refuses.
    #[error(transparent)]
    Modem(UseRefusal),
    /// Nobody answers.
    #[error("neither server nor modem answers: see to the connection, and ask again")]
    NoAnswer,
    /// There is no call that it could be about.
    #[error("there is no such call")]
    NoCall,
    /// The SIM goes from modem to modem faster than it can be asked for.
    #[error("the SIM is moved again and again: ask again later")]
    Restless,
    /// Too many wishes at once.
    #[error("too many wishes are open: wait for some to be done")]
    TooMany,
}
