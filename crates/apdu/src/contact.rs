//! The way to a card: what a flow asks of whoever runs it, and whole responses.
//!
//! A flow is an `async fn` over a [`ContactPort`]; whoever runs it carries APDUs to the card, through a
//! reader, a modem, or in a simulation.

use alloc::vec::Vec;

use polysim_base::Duration;
use polysim_base::procedure::Port;

use crate::{ApduError, Response, ResponseApdu, Status};

/// Most APDUs that are spent on one response.
pub const PIECES_MAX: usize = 256;
/// GET RESPONSE (ISO 7816-4, 7.6.1).
const GET_RESPONSE: u8 = 0xC0;
/// SELECT of an application by its identifier.
const SELECT_AID: [u8; 4] = [0x00, 0xA4, 0x04, 0x00];
/// The class of most commands.
const INTERINDUSTRY: u8 = 0x00;
const NO_APPLICATION: [u8; 2] = [0x6A, 0x82];

/// What a flow holds.
pub type ContactPort = Port<Ask, Reply>;

/// What a flow asks of whoever runs it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ask {
    /// Open a logical channel to the application of this identifier. [`Reply::Done`],
    /// [`Reply::Refused`] or [`Reply::Unable`].
    Open(Vec<u8>),
    /// Close that channel. [`Reply::Done`], whatever comes of it.
    Close,
    /// Send a command. Its class byte is that of the basic channel; whoever runs the flow puts the
    /// channel in. [`Reply::Response`].
    Transmit {
        /// Where.
        on: Lane,
        /// The command.
        apdu: Vec<u8>,
    },
    /// Reset the card. [`Reply::Done`] or [`Reply::Unable`].
    Reset,
}

/// On which channel.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Lane {
    /// The basic channel.
    Basic,
    /// The channel that was opened.
    Opened,
}

/// How that went.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// It is done.
    Done,
    /// Data and status word; `61xx` and `6Cxx` may have been followed, and need not.
    Response(Vec<u8>),
    /// The card refuses, by this status word.
    Refused([u8; 2]),
    /// There is no such thing on this way to the card.
    Unable,
    /// The way to the card failed.
    Failed,
}

/// Why there is no response.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ContactError {
    /// The way to the card failed; whoever runs the flow knows why.
    #[error("the card does not answer: see that it is in its place, and try again")]
    NoAnswer,
    /// No application has that identifier.
    #[error("no application on this card has that identifier")]
    NoApplication,
    /// There is no channel beside the basic one.
    #[error("the card gives no channel: reset it, or close other programs that use it")]
    NoChannel,
    /// The card refuses to select the application.
    #[error("the card refused SELECT: {0} ({code:04X})", code = u16::from(*.0))]
    Refused(Status),
    /// The card answers without end.
    #[error("the card does not come to an end: {limit} commands were not enough; reset it")]
    Endless {
        /// How many commands were spent.
        limit: usize,
    },
    /// No response of a card.
    #[error(transparent)]
    Apdu(#[from] ApduError),
}

/// A card, by way of a port.
#[derive(Debug)]
pub struct Contact(ContactPort);

impl Contact {
    /// Takes the port of a flow.
    #[must_use]
    pub const fn new(port: ContactPort) -> Self {
        Self(port)
    }

    /// Waits.
    pub async fn sleep(&mut self, time: Duration) {
        self.0.sleep(time).await;
    }

    /// Has the card reset; returns whether it was.
    ///
    /// # Errors
    /// [`ContactError::NoAnswer`].
    pub async fn reset(&mut self) -> Result<bool, ContactError> {
        match self.0.ask(Ask::Reset).await {
            Reply::Done | Reply::Response(_) => Ok(true),
            Reply::Unable | Reply::Refused(_) => Ok(false),
            Reply::Failed => Err(ContactError::NoAnswer),
        }
    }

    /// Opens a channel to an application.
    ///
    /// # Errors
    /// [`ContactError::NoApplication`], [`ContactError::NoChannel`] or [`ContactError::NoAnswer`].
    pub async fn open(&mut self, aid: &[u8]) -> Result<(), ContactError> {
        match self.0.ask(Ask::Open(aid.to_vec())).await {
            Reply::Done | Reply::Response(_) => Ok(()),
            Reply::Refused(NO_APPLICATION) => Err(ContactError::NoApplication),
            Reply::Refused(_) | Reply::Unable => Err(ContactError::NoChannel),
            Reply::Failed => Err(ContactError::NoAnswer),
        }
    }

    /// Selects an application on the basic channel.
    ///
    /// # Errors
    /// [`ContactError`].
    pub async fn select(&mut self, aid: &[u8]) -> Result<(), ContactError> {
        let length = u8::try_from(aid.len()).map_err(|_| ContactError::NoApplication)?;
        let mut apdu = SELECT_AID.to_vec();
        apdu.push(length);
        apdu.extend_from_slice(aid);
        let Response { status, .. } = self.transmit(Lane::Basic, apdu).await?;
        match status.to_bytes() {
            NO_APPLICATION => Err(ContactError::NoApplication),
            _ if status.is_done() => Ok(()),
            _ => Err(ContactError::Refused(status)),
        }
    }

    /// Closes what was opened.
    pub async fn close(&mut self, lane: Lane) {
        match lane {
            Lane::Basic => {}
            // A channel that stays open is closed with the card's next reset.
            Lane::Opened => drop(self.0.ask(Ask::Close).await),
        }
    }

    /// Sends a command and returns the whole response to it.
    ///
    /// # Errors
    /// [`ContactError::NoAnswer`], or no response of a card, or one without end.
    pub async fn transmit(&mut self, on: Lane, apdu: Vec<u8>) -> Result<Response, ContactError> {
        self.transmit_as(on, apdu, INTERINDUSTRY).await
    }

    /// The same, where GET RESPONSE has another class.
    ///
    /// # Errors
    /// As [`transmit`](Self::transmit).
    pub async fn transmit_as(
        &mut self,
        on: Lane,
        apdu: Vec<u8>,
        class: u8,
    ) -> Result<Response, ContactError> {
        let (mut next, mut data) = (apdu.clone(), Vec::new());
        let mut warning = None;
        for _ in 0..PIECES_MAX {
            let sent = next.clone();
            let answer = match self.0.ask(Ask::Transmit { on, apdu: next }).await {
                Reply::Response(answer) => answer,
                Reply::Refused(status) => status.to_vec(),
                Reply::Done | Reply::Unable | Reply::Failed => return Err(ContactError::NoAnswer),
            };
            let answer = ResponseApdu::parse(&answer)?;
            data.extend_from_slice(answer.data());
            next = match answer.status().to_bytes() {
                [0x61, length] => get_response(class, length),
                [0x9F | 0x9E, length] => get_response(0xA0, length),
                [0x6C, length] if expects(&sent) => with_length(&sent, length),
                // Data behind a warning is asked for (TS 102.221, 7.3.1.1).
                [0x62 | 0x63, _] if warning.is_none() && data.is_empty() && apdu.len() > 5 => {
                    warning = Some(answer.status());
                    get_response(class, 0)
                }
                _ => {
                    let status = warning.unwrap_or_else(|| answer.status());
                    return Ok(Response { data, status });
                }
            };
        }
        Err(ContactError::Endless { limit: PIECES_MAX })
    }
}

/// Answers a flow at a card that is reached by APDUs alone: it opens and closes the logical channel, and
/// puts its number into the class byte.
#[derive(Debug, Default)]
pub struct RawChannel(u8);

/// MANAGE CHANNEL, open: the card names the channel.
const OPEN: [u8; 5] = [0x00, 0x70, 0x00, 0x00, 0x01];
/// The highest channel that stands in the two low bits of a class byte.
const CHANNEL_MAX: u8 = 3;

impl RawChannel {
    /// Answers a flow. `transmit` gives the card's answer to one command, or nothing where it has
    /// none. Resetting the card is for whoever calls.
    pub fn answer(
        &mut self,
        ask: Ask,
        mut transmit: impl FnMut(&[u8]) -> Option<Vec<u8>>,
    ) -> Reply {
        match ask {
            Ask::Open(aid) => self.open(&aid, &mut transmit),
            Ask::Close => {
                // What comes of it changes nothing.
                drop(transmit(&[0x00, 0x70, 0x80, self.0, 0x00]));
                self.0 = 0;
                Reply::Done
            }
            Ask::Transmit { on, mut apdu } => {
                if let (Lane::Opened, Some(class)) = (on, apdu.first_mut()) {
                    *class |= self.0;
                }
                transmit(&apdu).map_or(Reply::Failed, Reply::Response)
            }
            Ask::Reset => {
                self.0 = 0;
                Reply::Unable
            }
        }
    }

    fn open(&mut self, aid: &[u8], transmit: &mut impl FnMut(&[u8]) -> Option<Vec<u8>>) -> Reply {
        let Some(answer) = transmit(&OPEN) else { return Reply::Failed };
        let channel = match *answer {
            [channel @ 1..=CHANNEL_MAX, 0x90, 0x00] => channel,
            [.., sw1, sw2] => return Reply::Refused([sw1, sw2]),
            _ => return Reply::Failed,
        };
        let Ok(length) = u8::try_from(aid.len()) else { return Reply::Unable };
        let select = [&[channel, 0xA4, 0x04, 0x00, length], aid].concat();
        let Some(answer) = transmit(&select) else { return Reply::Failed };
        match *answer {
            [.., 0x61 | 0x90 | 0x91, _] => {
                self.0 = channel;
                Reply::Done
            }
            [.., sw1, sw2] => {
                drop(transmit(&[0x00, 0x70, 0x80, channel, 0x00]));
                Reply::Refused([sw1, sw2])
            }
            _ => Reply::Failed,
        }
    }
}

fn get_response(class: u8, length: u8) -> Vec<u8> {
    [class, GET_RESPONSE, 0, 0, length].to_vec()
}

/// Whether a command says how much it expects: its last octet is no data then.
fn expects(apdu: &[u8]) -> bool {
    match apdu {
        [_, _, _, _, _] => true,
        [_, _, _, _, length, data @ ..] => data.len() == usize::from(*length) + 1,
        _ => false,
    }
}

/// Returns the command with another length expected.
fn with_length(apdu: &[u8], length: u8) -> Vec<u8> {
    let mut next = apdu.to_vec();
    if let Some(last) = next.last_mut() {
        *last = length;
    }
    next
}
