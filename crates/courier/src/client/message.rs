//! What reaches a device's courier, what leaves it, and what it writes down.

use alloc::string::String;
use alloc::vec::Vec;

use polysim_base::{Duration, Iccid, Imsi, Instant, Msisdn};
use polysim_speech::{Frame, SpeechReport};
use serde::{Deserialize, Serialize};

use crate::wire::{CallEnd, FromDevice, Refusal, ToDevice, VoiceRefusal};
use crate::{Code, DeviceId, Invitation, MessageId, Rate};

/// What the card in a device says.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CardIdentity {
    /// EF.ICCID.
    pub iccid: Iccid,
    /// EF.IMSI.
    pub imsi: Imsi,
    /// EF.MSISDN or +CNUM.
    pub number: Option<Msisdn>,
}

/// A call of this device, as it numbers it for its user.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId(pub u32);

/// What reaches a device's courier.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientInput {
    /// It runs: the first input of each life. There is no link.
    Start,
    /// The link to the server is up, in a new session.
    Up,
    /// It is down.
    Down,
    /// The server says something.
    Message(ToDevice),
    /// A card was read; `None`: it was taken out.
    Card(Option<CardIdentity>),
    /// The user wants something.
    Command(ClientCommand),
    /// A text has come by the carrier: perhaps the one with the code.
    CarrierText(String),
    /// What became of a text that was given to the carrier.
    CarrierTexted {
        /// Which, by its number.
        number: u64,
        /// What.
        outcome: Outcome,
    },
    /// 20 ms from the microphone, in a call over data.
    Microphone(Frame),
}

/// What the carrier has made of a text.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Outcome {
    /// It has it.
    Sent,
    /// It surely has it not.
    Failed,
    /// Nobody knows; it is not given to it again.
    Unknown,
}

/// What the user wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientCommand {
    /// To register this number, or that of the card where none was typed.
    Register(Option<Msisdn>),
    /// To confirm with the code of the text.
    Confirm(Code),
    /// To be registered no more.
    Deregister,
    /// To link another device.
    Invite,
    /// To be a linked device.
    Redeem(Invitation),
    /// To unlink a device.
    Unlink(DeviceId),
    /// These are the contacts now.
    Contacts(Vec<Msisdn>),
    /// To call somebody.
    Dial(Msisdn),
    /// To answer the call that rings.
    Answer(CallId),
    /// To end a call, or refuse it.
    HangUp(CallId),
    /// To write to somebody.
    Text {
        /// To whom.
        to: Msisdn,
        /// What.
        text: String,
    },
    /// To read a text: its sender is told.
    Read(MessageId),
    /// An answer to an offer.
    Choose {
        /// Which offer.
        offer: Offer,
        /// What.
        choice: Choice,
    },
}

/// What is offered.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Offer {
    /// To make this call by the carrier.
    Call(CallId),
    /// To send this text by the carrier.
    Text(u64),
}

/// What a user chooses.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Choice {
    /// The carrier.
    Carrier,
    /// To quit: the call is not made, the text is not sent.
    Quit,
    /// Of a text: to leave it where it is, and wait.
    Wait,
}

/// What leaves a device's courier.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientOutput {
    /// To the server, while there is a link.
    Send(FromDevice),
    /// To the modem.
    Carrier(CarrierOrder),
    /// To the loudspeaker.
    Play(Frame),
    /// Something happened.
    Tell(ClientEvent),
}

/// To the modem.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum CarrierOrder {
    /// Send a text; answered by [`ClientInput::CarrierTexted`].
    Text {
        /// Which.
        number: u64,
        /// To whom.
        to: Msisdn,
        /// What.
        text: String,
    },
    /// Call; the user sees and hears it as any call of the modem.
    Dial {
        /// Which.
        call: CallId,
        /// Whom.
        to: Msisdn,
    },
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClientEvent {
    /// The card has no number: ask the user to type it.
    NumberWanted,
    /// A text with a code is on its way to this number.
    CodeSent(Msisdn),
    /// This code has come with a text: the user only has to confirm it.
    CodeCame(Code),
    /// The code was wrong.
    WrongCode {
        /// How often another one may be tried.
        tries_left: u8,
    },
    /// The device is registered.
    Registered(Msisdn),
    /// It is not, or not any more.
    NotRegistered(Option<Refusal>),
    /// Another card is in it: prove the number again within this time, or the registration ends.
    ProofWanted(Duration),
    /// The server does not do what the user wanted.
    Refused(Refusal),
    /// A device is linked no more.
    Unlinked(DeviceId),
    /// Show this to the other device.
    Invited(Invitation),
    /// A contact is registered, or is not any more.
    Marked {
        /// Whose number.
        number: Msisdn,
        /// Whether it is.
        registered: bool,
    },
    /// A text has another state.
    Text {
        /// Which.
        number: u64,
        /// Its state.
        state: TextState,
    },
    /// A text has come.
    Received(ReceivedText),
    /// Somebody has other devices or keys than before: their number has changed hands, or they have another
    /// phone, or somebody is in between.
    KeyChanged(Msisdn),
    /// What the user has written was not taken.
    NotWritten(NotWritten),
    /// This does not go over data: the carrier, or quit?
    Offered {
        /// What.
        offer: Offer,
        /// Why.
        why: Why,
    },
    /// A call has another state.
    Call {
        /// Which.
        call: CallId,
        /// What.
        event: CallEvent,
    },
    /// How fast the link is.
    Measured(Rate),
}

/// A text that has come.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct ReceivedText {
    /// Which.
    pub id: MessageId,
    /// The sender.
    pub from: Msisdn,
    /// The recipient: the number of this device, or whom its user wrote to from another one.
    pub to: Msisdn,
    /// What it says. `None`: it could not be opened, for it was sealed for another key, or changed.
    pub text: Option<String>,
    /// When it was stored, by the server's clock.
    pub at: Instant,
}

/// Why what the user has written was not taken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
pub enum NotWritten {
    /// It has too many octets.
    #[error(
        "the text has {octets} octets where {limit} are the most: shorten it, or write several"
    )]
    TooLong {
        /// How many.
        octets: usize,
        /// How many it may have.
        limit: usize,
    },
    /// Too many texts wait.
    #[error("{limit} texts wait: take some of them back, or let them go")]
    Full {
        /// How many may.
        limit: usize,
    },
}

/// Why something does not go over data.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Why {
    /// This device is not registered, or has no link.
    NoData,
    /// The own link is too slow.
    Slow {
        /// The own rate.
        rate: Rate,
        /// The first threshold.
        threshold: Rate,
    },
    /// Nothing recent is known of the own link.
    Unmeasured,
    /// The server says so.
    Voice(VoiceRefusal),
    /// The data link was lost in mid-call.
    Lost,
    /// This device is in another call over data.
    InCall,
    /// The server does not take the text.
    Text(Refusal),
    /// It was not to go over data, and the carrier has not taken the text.
    Carrier,
}

/// A call over data.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CallEvent {
    /// It rings there.
    Ringing,
    /// It rings here.
    Incoming(Msisdn),
    /// It is answered.
    Answered,
    /// It is over.
    Ended {
        /// Why.
        why: CallEnd,
        /// How speech fared here.
        heard: SpeechReport,
        /// How it fared there.
        said: Option<SpeechReport>,
    },
}

/// Where a text is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum TextState {
    /// Written down here.
    Waiting,
    /// The server has it not, and will not take it.
    NotStored(Refusal),
    /// The server has it.
    Stored,
    /// A device of the recipient has it.
    Delivered,
    /// It was read.
    Read,
    /// It is being taken back.
    Withdrawing {
        /// It goes to the carrier then; else it is not sent.
        carrier: bool,
    },
    /// It was taken back, and is not sent.
    Quit,
    /// It was taken back, or the server never had it, and the carrier gets it.
    AtCarrier,
    /// What the carrier has made of it.
    Carrier(Outcome),
    /// It has waited for too long.
    Expired,
    /// Nobody knows whether somebody has it: the registration that it was sent under is over, or the
    /// recipient's devices are no more. It is not sent again.
    Unsure,
}

/// Why a device's courier wants to be woken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ClientTimer {
    /// Something was not answered.
    Retry,
    /// The link is to be measured.
    Measure,
    /// Contacts are to be asked for.
    Refresh,
    /// Speech is to be played.
    Playout,
}
