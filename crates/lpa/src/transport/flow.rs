//! One function after another.

use alloc::sync::Arc;
use alloc::vec::Vec;

use polysim_apdu::contact::{Contact, ContactError, ContactPort, Lane, PIECES_MAX};
use polysim_apdu::{Outcome, Response, Status};

use super::{CardError, Refusal, TransportConfig};

/// Most STORE DATA commands of one function: their counter has one octet.
pub const FUNCTION_BLOCKS_MAX: usize = 256;
/// Most octets of a response.
const RESPONSE_MAX: usize = PIECES_MAX * 256;

/// STORE DATA and the GET RESPONSE behind it, on the basic channel.
const CLASS: u8 = 0x80;
const STORE_DATA: u8 = 0xE2;
/// More blocks follow; this is the last one (SGP.22, 5.7.2).
const MORE: u8 = 0x11;
const LAST: u8 = 0x91;

/// TERMINAL CAPABILITY: this terminal has a local profile assistant (TS 102.221, 11.1.19.2.4).
const TERMINAL_CAPABILITY: [u8; 15] =
    [0x80, 0xAA, 0x00, 0x00, 0x0A, 0xA9, 0x08, 0x81, 0x00, 0x82, 0x01, 0x01, 0x83, 0x01, 0x07];

/// Has the ISD-R do one function. `lane` is what the exchange before gave back, or `None` at first and
/// after a reset; what comes back is for the next one. A channel that the card has lost is opened once
/// more, where the card has certainly done nothing.
pub async fn exchange(
    port: ContactPort,
    lane: Option<Lane>,
    config: Arc<TransportConfig>,
    function: Vec<u8>,
) -> (Option<Lane>, Result<Vec<u8>, CardError>) {
    let mut contact = Contact::new(port);
    let is_old = lane.is_some();
    let lane = match lane {
        Some(lane) => lane,
        None => match open(&mut contact, &config).await {
            Ok(lane) => lane,
            Err(error) => return (None, Err(error)),
        },
    };
    let (started, reply) = store_data(&mut contact, lane, &config, &function).await;
    let is_lost = reply.as_ref().is_err_and(loses_channel);
    if is_lost && is_old && !started {
        let lane = match open(&mut contact, &config).await {
            Ok(lane) => lane,
            Err(error) => return (None, Err(error)),
        };
        let (_, reply) = store_data(&mut contact, lane, &config, &function).await;
        return (Some(lane), reply);
    }
    ((!is_lost).then_some(lane), reply)
}

/// Closes the channel to the ISD-R.
pub async fn close(port: ContactPort, lane: Option<Lane>) {
    if let Some(lane) = lane {
        Contact::new(port).close(lane).await;
    }
}

/// Whether the channel must be opened anew.
const fn loses_channel(error: &CardError) -> bool {
    match error {
        CardError::NoAnswer | CardError::Reset | CardError::NoIsdr | CardError::NoChannel => true,
        // No such channel, no such class there, or another application is selected on it.
        CardError::Refused(Refusal(word)) => matches!(*word, 0x6881 | 0x6E00 | 0x6D00 | 0x6982),
        CardError::Endless { .. } | CardError::TooLong { .. } | CardError::Apdu(_) => false,
    }
}

/// Opens a channel to the ISD-R by the first identifier that there is one for. Where the card gives no
/// channel, the basic one serves.
async fn open(contact: &mut Contact, config: &TransportConfig) -> Result<Lane, CardError> {
    if config.announces() {
        // Old cards do not know the command, and need not.
        drop(contact.transmit(Lane::Basic, TERMINAL_CAPABILITY.to_vec()).await);
    }
    for aid in config.aids() {
        let opened = match contact.open(aid).await {
            Ok(()) => Ok(Lane::Opened),
            Err(ContactError::NoChannel) => contact.select(aid).await.map(|()| Lane::Basic),
            Err(error) => Err(error),
        };
        match opened {
            Ok(lane) => return Ok(lane),
            Err(ContactError::NoApplication) => {}
            Err(ContactError::Refused(_)) => return Err(CardError::NoChannel),
            Err(error) => return Err(error.into()),
        }
    }
    Err(CardError::NoIsdr)
}

/// Sends a function, and says whether the card has taken a part of it.
async fn store_data(
    contact: &mut Contact,
    lane: Lane,
    config: &TransportConfig,
    function: &[u8],
) -> (bool, Result<Vec<u8>, CardError>) {
    let limit = FUNCTION_BLOCKS_MAX * config.block_len();
    if function.len() > limit {
        return (false, Err(CardError::TooLong { length: function.len(), limit }));
    }
    let blocks = function.chunks(config.block_len());
    let last = blocks.len().saturating_sub(1);
    let mut answer = Vec::new();
    for (index, block) in blocks.enumerate() {
        let started = index > 0;
        let p1 = if index == last { LAST } else { MORE };
        // Both fit: the lengths are checked above.
        let counter = u8::try_from(index).unwrap_or(u8::MAX);
        let length = u8::try_from(block.len()).unwrap_or(u8::MAX);
        let apdu = [&[CLASS, STORE_DATA, p1, counter, length], block].concat();
        let Response { data, status } = match contact.transmit_as(lane, apdu, CLASS).await {
            Ok(response) => response,
            Err(error) => return (true, Err(error.into())),
        };
        if !is_done(status) {
            return (started, Err(CardError::Refused(status.into())));
        }
        answer = data;
    }
    (true, Ok(answer))
}

/// `90xx` and `91xx`: a proactive command that waits is for the terminal.
fn is_done(status: Status) -> bool {
    status.outcome() == Outcome::Normal
}

impl From<ContactError> for CardError {
    fn from(error: ContactError) -> Self {
        match error {
            ContactError::NoAnswer => Self::NoAnswer,
            ContactError::NoApplication => Self::NoIsdr,
            ContactError::NoChannel => Self::NoChannel,
            ContactError::Refused(status) => Self::Refused(status.into()),
            ContactError::Endless { .. } => Self::Endless { limit: RESPONSE_MAX },
            ContactError::Apdu(error) => Self::Apdu(error),
        }
    }
}
