//! What terminals ask of a modem, what it answers, and how a modem reaches a card elsewhere.

use super::call::{CallEnding, CallPhase, CallRef};
use super::message::{MessageId, TextState};
use super::{optional_text, text};
use crate::speech::{Packet, SpeechReport};
use crate::{ModemId, RequestId};
use alloc::{string::String, vec::Vec};
use polysim_apdu::{CardReply, CardSignal};
use polysim_base::{Iccid, Msisdn};
use polysim_lease::Epoch;
use serde::{Deserialize, Serialize};

/// What a terminal says to the site of a modem.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum ToModem {
    /// A communication request.
    Request(ModemRequest),
    /// Speech of a call, 20 ms of it.
    Speech(CallRef, Packet),
}

/// A communication request: the second exchange, with the modem that the exchange has named.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ModemRequest {
    /// What the answer refers to.
    pub request: RequestId,
    /// Which modem.
    pub modem: ModemId,
    /// With which SIM.
    #[serde(with = "text")]
    pub iccid: Iccid,
    /// By which lease, as the exchange said.
    pub epoch: Epoch,
    /// What to do.
    pub act: Act,
}

/// What a modem does for a terminal.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Act {
    /// Call a number.
    Dial {
        /// Whom.
        #[serde(with = "text")]
        to: Msisdn,
    },
    /// Answer what rings.
    Answer(CallRef),
    /// Refuse what rings, for every terminal.
    Reject(CallRef),
    /// End a call.
    HangUp(CallRef),
    /// Put the active call on hold and take the other, or take it back.
    Hold(CallRef),
    /// Send tones.
    Dtmf(CallRef, String),
    /// Send a text. The same message id is sent once, however often it is asked for.
    Text {
        /// Its name.
        message: MessageId,
        /// To whom.
        #[serde(with = "text")]
        to: Msisdn,
        /// What it says.
        body: String,
        /// Whether a delivery report is wanted.
        report: bool,
    },
    /// Send a USSD code, or the answer to a question.
    Ussd(String),
    /// End the USSD dialogue.
    UssdCancel,
    /// Send an APDU to the card, on a channel of its own basic set.
    Apdu(Vec<u8>),
}

/// What the site of a modem says to terminals.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum FromModem {
    /// The answer to a request.
    Reply {
        /// Which request.
        request: RequestId,
        /// What came of it.
        outcome: Result<Done, UseRefusal>,
    },
    /// A call comes in: to every terminal of every user who may call with this SIM.
    Rings {
        /// Which call.
        call: CallRef,
        /// For which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// By which lease.
        epoch: Epoch,
        /// Who calls; `None` where the number is withheld.
        from: Option<String>,
    },
    /// What rang rings no more: to the same terminals.
    RingOver {
        /// Which call.
        call: CallRef,
        /// Why.
        why: RingOver,
    },
    /// A call of this terminal has changed; or is as it was, which is said again every few seconds.
    Call {
        /// Which call.
        call: CallRef,
        /// With which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// By which lease.
        epoch: Epoch,
        /// How it is now.
        phase: CallPhase,
        /// The other side, where it is known.
        #[serde(with = "optional_text")]
        peer: Option<Msisdn>,
    },
    /// How speech of this terminal fared at the modem; after the end of the call.
    SpeechEnded(CallRef, SpeechReport),
    /// Speech of a call of this terminal, 20 ms of it.
    Speech(CallRef, Packet),
    /// The network says something by USSD: to the terminal that asked. Said a few times.
    Ussd {
        /// Grows with what the site says by USSD: what has this number or a lower one came before.
        number: u64,
        /// With which SIM.
        #[serde(with = "text")]
        iccid: Iccid,
        /// What it says; `None` where it refuses or ends the dialogue.
        text: Option<String>,
        /// Whether it waits for an answer.
        more: bool,
    },
    /// What became of a text of this terminal.
    Text {
        /// Which text.
        message: MessageId,
        /// What is known of it.
        state: TextState,
    },
}

/// What came of a request that was granted.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Done {
    /// It was done.
    Done,
    /// The call that was begun; what becomes of it is told.
    Dialling(CallRef),
    /// The text is recorded here and will be sent, once; what becomes of it is told.
    Accepted(MessageId),
    /// What the card said: data and status word.
    Apdu(Vec<u8>),
}

/// Why a modem does not do what it was asked.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize, thiserror::Error)]
pub enum UseRefusal {
    /// Another modem, or another lease: ask the exchange. Said for good: by that lease this modem
    /// never does anything any more, whatever comes late.
    #[error("this modem does not serve that SIM any more: ask the exchange which one does")]
    Moved,
    /// Also said of SIMs that there are not.
    #[error("you may not do that with this SIM: ask the operator of the fleet")]
    NotPermitted,
    /// The SIM is not registered, is being taken back, or its network does not answer.
    #[error("the SIM is not on standby: ask again later")]
    NotOnStandby,
    /// As many texts or calls as the SIM may make were made.
    #[error("the cap of this SIM is reached: wait, or ask the operator of the fleet for more")]
    CapReached,
    /// Another call or dialogue is in the way.
    #[error("the modem is busy with something else: ask again later")]
    Busy,
    /// Another terminal has it.
    #[error("another terminal has answered this call")]
    AnsweredElsewhere,
    /// No such call, or not yours.
    #[error("there is no such call of yours")]
    NoSuchCall,
    /// The modem or the network refused.
    #[error("the modem or the network refused it")]
    Refused,
    /// Too long, or not what such a request may hold.
    #[error("the request is not well formed: too long, or with characters it may not have")]
    BadRequest,
}

impl UseRefusal {
    /// Returns whether a text that was refused so is never sent under its name, wherever it is
    /// asked for again.
    pub(crate) const fn ends_a_text(self) -> bool {
        match self {
            Self::NotPermitted
            | Self::CapReached
            | Self::AnsweredElsewhere
            | Self::NoSuchCall
            | Self::Refused
            | Self::BadRequest => true,
            Self::Moved | Self::NotOnStandby | Self::Busy => false,
        }
    }
}

/// Why a call rings no more.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum RingOver {
    /// Another terminal has answered.
    AnsweredElsewhere,
    /// A terminal has refused it.
    Rejected,
    /// It is over before anybody answered.
    Ended(CallEnding),
}

/// What sites say to each other: the contacts of a modem, led to a card elsewhere.
///
/// Both ends speak of a lease; the site of the card refuses all but the current one.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct Relay {
    /// Which SIM.
    #[serde(with = "text")]
    pub iccid: Iccid,
    /// By which lease.
    pub epoch: Epoch,
    /// Counts what the modem asks within the lease; the answer carries it. What comes with another
    /// number than the one that is awaited is dropped.
    pub number: u32,
    /// What is said.
    pub contact: Contact,
}

/// What goes through the contacts of a card.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Contact {
    /// To the card.
    ToCard(CardSignal),
    /// From the card.
    FromCard(CardReply),
    /// The site of the card does not admit this lease.
    Fenced,
}
