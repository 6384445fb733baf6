//! What carries the messages: the four commands of the toolkit and their status words
//! (TS 102.221, 7.4.2, 10.2.1.1 and 11.2).

use alloc::vec::Vec;

use crate::{error::TooLong, objects::MESSAGE_LEN_MAX};

/// SW1 of "done, and a proactive command of that length waits".
const PENDING: u8 = 0x91;
/// Class of the toolkit's commands on the basic channel.
const CLASS: u8 = 0x80;

/// An instruction of the toolkit (TS 102.221, table 10.5).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Instruction {
    /// TERMINAL PROFILE.
    TerminalProfile,
    /// ENVELOPE.
    Envelope,
    /// TERMINAL RESPONSE.
    TerminalResponse,
}

impl Instruction {
    const fn octet(self) -> u8 {
        match self {
            Self::TerminalProfile => 0x10,
            Self::Envelope => 0xC2,
            Self::TerminalResponse => 0x14,
        }
    }

    /// Returns the APDU that carries a message, on the basic channel. An ENVELOPE may be answered,
    /// so it expects whatever comes.
    ///
    /// # Errors
    /// [`TooLong`] when one APDU cannot carry it.
    pub fn apdu(self, message: &[u8]) -> Result<Vec<u8>, TooLong> {
        let too_long = TooLong { octets: message.len(), limit: MESSAGE_LEN_MAX };
        let length = u8::try_from(message.len()).map_err(|_| too_long)?;
        let mut apdu = Vec::from([CLASS, self.octet(), 0, 0, length]);
        apdu.extend_from_slice(message);
        match self {
            Self::Envelope => apdu.push(0x00),
            Self::TerminalProfile | Self::TerminalResponse => {}
        }
        Ok(apdu)
    }
}

/// Returns the status word that offers an encoded proactive command: `91xx`.
///
/// # Errors
/// [`TooLong`] when one FETCH cannot bring it.
pub fn pending_status(command: &[u8]) -> Result<[u8; 2], TooLong> {
    let too_long = TooLong { octets: command.len(), limit: MESSAGE_LEN_MAX };
    u8::try_from(command.len()).map(|length| [PENDING, length]).map_err(|_| too_long)
}

/// Returns the FETCH that a status word asks for; nothing if it offers no command.
#[must_use]
pub const fn fetch_apdu(status: [u8; 2]) -> Option<[u8; 5]> {
    match status {
        [PENDING, length] => Some([CLASS, 0x12, 0, 0, length]),
        _ => None,
    }
}

/// What a card says to an ENVELOPE by its status word (TS 102.221, 10.2.1; TS 31.111, 7.1.1.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EnvelopeStatus {
    /// `9000`: done.
    Done,
    /// `91xx`: done, and a proactive command of that length waits.
    Pending(u8),
    /// `61xx`, or `9Fxx` in 2G: done, that much of response waits for GET RESPONSE.
    Response(u8),
    /// `62xx` and `63xx`, or `9Exx` in 2G: data download failed; the response tells more.
    DownloadError,
    /// `9300`: the toolkit is busy, the network is told so.
    Busy,
    /// Anything else: refused.
    Refused,
}

impl EnvelopeStatus {
    /// Returns the meaning of a status word.
    #[must_use]
    pub const fn of(status: [u8; 2]) -> Self {
        match status {
            [0x90, 0x00] => Self::Done,
            [PENDING, length] => Self::Pending(length),
            [0x61 | 0x9F, length] => Self::Response(length),
            [0x62 | 0x63 | 0x9E, _] => Self::DownloadError,
            [0x93, 0x00] => Self::Busy,
            _ => Self::Refused,
        }
    }
}
