use alloc::{boxed::Box, string::String, vec::Vec};

use polysim_at::{
    AccessTechnology, Command, DialString, DtmfDigit, ForwardReason, HexBytes, PdpType,
    RestrictedCommand, SessionId, Text,
};
use polysim_base::Plmn;
use polysim_sms::{
    Address, AtPdu, Encoding, MessageClass, MobileOriginated, UserData, ValidityPeriod,
};

use super::Pin;

/// What the owner of a modem may ask. Each gets exactly one `Done`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ModemCommand {
    /// Sets the modem up by the [`InitPlan`](crate::InitPlan) and opens the card.
    ///
    /// Repeated by the machine itself after each reset of the modem. A PIN that the card refused
    /// is never entered a second time, and none is entered with two attempts left or fewer.
    Initialise {
        /// Needed only if the card asks for it.
        pin: Option<Pin>,
    },
    /// Turns radio, and perhaps card, off (`+CFUN`). The modem keeps answering.
    PowerOff(PowerDown),
    /// Turns everything on (`+CFUN=1`): for an owner whose [`InitPlan`](crate::InitPlan) has no
    /// such step, since it decides itself when the modem may go on air.
    PowerOn,
    /// Lists the store, tells the texts in it that were not told yet, and counts all that are
    /// received and not yet deleted: none are left for another card once it counts zero.
    ListTexts,
    /// Resets the modem (`+CFUN=1,1`); it is initialised again if it had been.
    Restart,
    /// Sends a text, in as many parts as it takes.
    SendText(Box<OutgoingText>),
    /// Sends one TPDU (SMS-SUBMIT or SMS-COMMAND) as it is.
    SendPdu(Box<AtPdu<MobileOriginated>>),
    /// Starts a voice call. Done when the network took the call up or refused it.
    Dial {
        /// The number, or a service code.
        number: DialString,
        /// Whether the other side sees our number.
        caller_id: CallerId,
    },
    /// Answers the ringing call, or the waiting one while the active one is held.
    Answer,
    /// Ends or refuses calls.
    HangUp(HangUp),
    /// Holds the active call and takes the held or waiting one (`+CHLD=2`).
    Swap,
    /// Joins the held call to the active one (`+CHLD=3`).
    Join,
    /// Sends tones within the active call, one after the other.
    Dtmf(Box<[DtmfDigit]>),
    /// Sends a USSD string or the answer to a USSD question. Done when the modem took it; what
    /// the network says comes as [`ModemEvent::Ussd`](crate::ModemEvent::Ussd).
    Ussd(Text),
    /// Ends the USSD session.
    UssdCancel,
    /// Chooses how to register.
    SelectOperator(OperatorSelection),
    /// Looks for networks; takes up to three minutes.
    ScanOperators,
    /// Asks for the signal.
    Signal,
    /// Asks for the registration.
    Registration,
    /// Asks for the operator.
    Operator,
    /// Asks for the subscriber's own numbers.
    OwnNumber,
    /// Asks for or changes call forwarding.
    Forwarding(Box<Forwarding>),
    /// Defines and activates a packet context.
    ActivateContext(Box<ContextDefinition>),
    /// Deactivates a packet context.
    DeactivateContext {
        /// `<cid>`.
        context: u8,
    },
    /// Opens a logical channel to an application of the card.
    OpenChannel {
        /// Its AID, 5 to 16 bytes.
        aid: HexBytes,
    },
    /// Sends an APDU on a channel.
    Transmit {
        /// From [`Reply::Channel`](crate::Reply::Channel).
        channel: Channel,
        /// The whole APDU.
        apdu: HexBytes,
    },
    /// Closes a channel.
    CloseChannel(Channel),
    /// Sends an APDU on the basic channel (`+CSIM`).
    TransmitBasic {
        /// The whole APDU.
        apdu: HexBytes,
    },
    /// Reads or writes a file of the card (`+CRSM`).
    File(Box<FileAccess>),
    /// Any one typed command that needs no prompt.
    Raw(Box<Command>),
    /// Changes the PIN.
    ChangePin {
        /// As it is.
        old: Pin,
        /// As it is to be.
        new: Pin,
    },
    /// Sets a new PIN by the PUK.
    UnblockPin {
        /// The unblocking code.
        puk: Pin,
        /// The PIN as it is to be.
        new: Pin,
    },
    /// Sets whether the card asks for its PIN.
    LockPin {
        /// Whether it asks from now on.
        locked: bool,
        /// The PIN.
        pin: Pin,
    },
}

/// How much to turn off.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PowerDown {
    /// Radio and card (`+CFUN=0`).
    Minimum,
    /// Radio only (`+CFUN=4`).
    Flight,
}

/// A text to send.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutgoingText {
    /// To whom.
    pub to: Address,
    /// What.
    pub body: OutgoingBody,
    /// Whether to ask for a status report for each part.
    pub report: bool,
    /// How long the service centre keeps trying.
    pub validity: ValidityPeriod,
}

/// What a text to send says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OutgoingBody {
    /// Characters, to be cut into as many parts as it takes.
    Text {
        /// The characters.
        text: String,
        /// Which alphabets may be used.
        encoding: Encoding,
        /// Message class, such as 0 for a text that is shown at once.
        class: Option<MessageClass>,
        /// The number that the parts share; the machine counts if it is not given.
        reference: Option<u8>,
    },
    /// Parts as they are.
    Parts(Vec<UserData>),
}

impl OutgoingText {
    /// Returns a text in the cheapest alphabet, with no report and the network's validity.
    #[must_use]
    pub fn new(to: Address, text: impl Into<String>) -> Self {
        let body = OutgoingBody::Text {
            text: text.into(),
            encoding: Encoding::Cheapest,
            class: None,
            reference: None,
        };
        Self { to, body, report: false, validity: ValidityPeriod::Absent }
    }

    /// Asks for status reports.
    #[must_use]
    pub fn with_report(mut self) -> Self {
        self.report = true;
        self
    }
}

/// Whether the other side sees the caller's number (V.250 dial modifiers of TS 27.007, 6.2).
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum CallerId {
    /// As subscribed.
    #[default]
    Subscribed,
    /// Hidden (`I`).
    Hidden,
    /// Shown (`i`).
    Shown,
}

/// Number of a call in `+CLCC`, from 1.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId(pub u8);

/// Which calls to end.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HangUp {
    /// One call.
    Call(CallId),
    /// Every call there is.
    All,
}

/// How to register.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum OperatorSelection {
    /// The modem chooses.
    Automatic,
    /// One network and no other.
    Manual {
        /// The network.
        plmn: Plmn,
        /// The radio access, if it matters.
        technology: Option<AccessTechnology>,
    },
    /// Leave the network.
    Deregister,
}

/// What to do about call forwarding (TS 27.007, 7.11).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Forwarding {
    /// When calls are forwarded.
    pub reason: ForwardReason,
    /// What to do.
    pub action: ForwardingAction,
}

/// What to do about a forwarding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ForwardingAction {
    /// Ask.
    Query,
    /// Set and turn on.
    Register {
        /// Where to.
        number: DialString,
        /// For `NoReply`: after how many seconds.
        seconds: Option<u8>,
    },
    /// Turn off and forget.
    Erase,
}

/// A packet context (TS 27.007, 10.1.1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContextDefinition {
    /// `<cid>`.
    pub context: u8,
    /// Which protocol.
    pub kind: PdpType,
    /// The access point name.
    pub access_point: Text,
}

/// A logical channel, of one life of the card.
///
/// A channel that was opened before the modem was reset is refused, never used.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Channel {
    pub(crate) route: Route,
    pub(crate) epoch: u32,
}

impl Channel {
    /// Returns the handle that `+CCHO` gave, if it is a decimal number. With many modems it is
    /// the number of the channel; a channel opened over `+CSIM` has no handle.
    #[must_use]
    pub fn handle_number(&self) -> Option<u64> {
        match &self.route {
            Route::Session(session) => session.number(),
            Route::Number(_) => None,
        }
    }
}

/// How a channel is reached.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Route {
    /// By the handle of `+CCHO`.
    Session(SessionId),
    /// By its number, over `+CSIM`: for modems without `+CCHO`.
    Number(u8),
}

/// One `+CRSM` access (TS 27.007, 8.18).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileAccess {
    /// Read or write, by octets or by record.
    pub command: RestrictedCommand,
    /// The file identifier.
    pub file: u16,
    /// Where in the file, and how much: P1, P2, P3.
    pub parameters: [u8; 3],
    /// What to write.
    pub data: Vec<u8>,
    /// The directory, from the MF on, e.g. `7FFF`; empty leaves it to the modem.
    pub path: Vec<u8>,
}
