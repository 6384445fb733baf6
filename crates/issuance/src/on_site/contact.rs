//! The way to the card: what a flow asks of whoever runs it, and whole responses.

use alloc::vec::Vec;
use polysim_apdu::{Response, ResponseApdu};
use polysim_base::procedure::Port;

use super::OnSiteError;

/// Most APDUs that are spent on one response.
pub const PIECES_MAX: usize = 64;
/// GET RESPONSE (ISO 7816-4, 7.6.1).
const GET_RESPONSE: u8 = 0xC0;
/// SELECT of an application by its identifier.
const SELECT_AID: [u8; 4] = [0x00, 0xA4, 0x04, 0x00];
const NO_APPLICATION: [u8; 2] = [0x6A, 0x82];

/// What a flow holds.
pub type ToolPort = Port<Ask, Reply>;

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
    Applet,
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

/// Who the terminal is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Terminal {
    /// The tool: the card is in a reader.
    Tool,
    /// The modem that the card is in. It carries out what the card wants.
    Modem,
}

/// A card, by way of a port.
#[derive(Debug)]
pub(super) struct Contact {
    port: ToolPort,
    terminal: Terminal,
}

impl Contact {
    pub(super) const fn new(port: ToolPort, terminal: Terminal) -> Self {
        Self { port, terminal }
    }

    pub(super) const fn terminal(&self) -> Terminal {
        self.terminal
    }

    pub(super) async fn sleep(&mut self, time: polysim_base::Duration) {
        self.port.sleep(time).await;
    }

    /// Returns whether the card was reset.
    pub(super) async fn reset(&mut self) -> Result<bool, OnSiteError> {
        match self.port.ask(Ask::Reset).await {
            Reply::Done | Reply::Response(_) => Ok(true),
            Reply::Unable | Reply::Refused(_) => Ok(false),
            Reply::Failed => Err(OnSiteError::NoAnswer),
        }
    }

    /// Selects an application, on a channel of its own if there is one. In a reader nobody else
    /// needs the basic channel.
    pub(super) async fn open(&mut self, aid: &[u8]) -> Result<Lane, OnSiteError> {
        match self.port.ask(Ask::Open(aid.to_vec())).await {
            Reply::Done | Reply::Response(_) => return Ok(Lane::Applet),
            Reply::Refused(NO_APPLICATION) => return Err(OnSiteError::NoApplet),
            Reply::Refused(_) | Reply::Unable => {}
            Reply::Failed => return Err(OnSiteError::NoAnswer),
        }
        match self.terminal {
            Terminal::Modem => Err(OnSiteError::NoChannel),
            Terminal::Tool => self.select(aid).await.map(|()| Lane::Basic),
        }
    }

    /// Selects an application on the basic channel.
    pub(super) async fn select(&mut self, aid: &[u8]) -> Result<(), OnSiteError> {
        let length = u8::try_from(aid.len()).map_err(|_| OnSiteError::NoApplet)?;
        let mut apdu = SELECT_AID.to_vec();
        apdu.push(length);
        apdu.extend_from_slice(aid);
        let Response { status, .. } = self.transmit(Lane::Basic, apdu).await?;
        match status.to_bytes() {
            NO_APPLICATION => Err(OnSiteError::NoApplet),
            _ if status.is_done() => Ok(()),
            _ => Err(OnSiteError::Refused { command: "SELECT", status }),
        }
    }

    pub(super) async fn close(&mut self, lane: Lane) {
        match lane {
            Lane::Basic => {}
            // A channel that stays open is closed with the card's next reset.
            Lane::Applet => drop(self.port.ask(Ask::Close).await),
        }
    }

    /// Sends a command and returns the whole response to it.
    pub(super) async fn transmit(
        &mut self,
        on: Lane,
        apdu: Vec<u8>,
    ) -> Result<Response, OnSiteError> {
        let (mut next, mut data) = (apdu.clone(), Vec::new());
        let mut warning = None;
        for _ in 0..PIECES_MAX {
            let answer = match self.port.ask(Ask::Transmit { on, apdu: next }).await {
                Reply::Response(answer) => answer,
                Reply::Refused(status) => status.to_vec(),
                Reply::Done | Reply::Unable | Reply::Failed => return Err(OnSiteError::NoAnswer),
            };
            let answer = ResponseApdu::parse(&answer)?;
            data.extend_from_slice(answer.data());
            next = match answer.status().to_bytes() {
                [0x61, length] => get_response(0x00, length),
                [0x9F | 0x9E, length] => get_response(0xA0, length),
                [0x6C, length] => with_length(&apdu, length),
                // Data behind a warning is asked for (TS 102.221, 7.3.1.1).
                [0x62 | 0x63, _] if warning.is_none() && data.is_empty() && apdu.len() > 5 => {
                    warning = Some(answer.status());
                    get_response(0x00, 0)
                }
                _ => {
                    let status = warning.unwrap_or_else(|| answer.status());
                    return Ok(Response { data, status });
                }
            };
        }
        Err(OnSiteError::Endless { limit: PIECES_MAX })
    }

    /// Sends a command that the card must carry out.
    pub(super) async fn ask(
        &mut self,
        on: Lane,
        command: &'static str,
        apdu: Vec<u8>,
    ) -> Result<Response, OnSiteError> {
        let response = self.transmit(on, apdu).await?;
        let status = response.status;
        if status.is_done() {
            return Ok(response);
        }
        Err(OnSiteError::Refused { command, status })
    }
}

fn get_response(class: u8, length: u8) -> Vec<u8> {
    [class, GET_RESPONSE, 0, 0, length].to_vec()
}

/// Returns the command with another length expected.
fn with_length(apdu: &[u8], length: u8) -> Vec<u8> {
    let mut next = apdu.to_vec();
    if let Some(last) = next.last_mut() {
        *last = length;
    }
    next
}
