//! The eUICC behind a link: ES10 functions as STORE DATA commands (SGP.22, 5.7.2).

use polysim_apdu::Status;
use polysim_hal::{CardChannel, CardError, CardErrorKind, CardLink, Reset, transmit_whole};
use polysim_lpa::transport::{CardError as ChipError, Refusal};

/// The ISD-R of SGP.02 and SGP.22.
pub const ISDR_AID: [u8; 16] =
    [0xA0, 0, 0, 5, 0x59, 0x10, 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x89, 0, 0, 1, 0];
/// TERMINAL CAPABILITY (TS 102.221, 11.1.19): the device has a profile assistant.
const TERMINAL_CAPABILITY: [u8; 15] =
    [0x80, 0xAA, 0, 0, 0x0A, 0xA9, 0x08, 0x81, 0, 0x82, 1, 1, 0x83, 1, 7];
const STORE_DATA: u8 = 0xE2;
const MORE_BLOCKS: u8 = 0x11;
const LAST_BLOCK: u8 = 0x91;
/// Most blocks of a chain: P2 counts them.
const BLOCKS_MAX: usize = 256;

/// How an eUICC is spoken to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChipOptions {
    /// The identifiers that its ISD-R may have; the first that answers is taken.
    pub isdr_aids: Vec<Vec<u8>>,
    /// Octets of data in one command, 6 at least. Modems may take less than 255.
    pub block: u8,
    /// Whether this end is the card's terminal: it says so, and may reset the card. In a modem, the
    /// modem is.
    pub is_terminal: bool,
}

impl ChipOptions {
    /// For a card in a reader.
    #[must_use]
    pub fn reader() -> Self {
        Self { isdr_aids: vec![ISDR_AID.to_vec()], block: 255, is_terminal: true }
    }

    /// For a card in a modem.
    #[must_use]
    pub fn modem() -> Self {
        Self { block: 120, is_terminal: false, ..Self::reader() }
    }
}

/// An eUICC, and the channel to its ISD-R while that is open.
pub(super) struct Chip {
    link: Box<dyn CardLink>,
    options: ChipOptions,
    isdr: Option<CardChannel>,
    /// What was wrong with the link, for whoever wants to know more.
    pub(super) fault: Option<CardError>,
}

impl Chip {
    pub(super) fn new(link: Box<dyn CardLink>, options: ChipOptions) -> Self {
        Self { link, options, isdr: None, fault: None }
    }

    /// Carries out one function, or loads one segment of a package.
    pub(super) async fn carry_out(&mut self, function: &[u8]) -> Result<Vec<u8>, ChipError> {
        let done = self.store(function).await;
        if matches!(done, Err(ChipError::Reset | ChipError::NoAnswer)) {
            // Whatever is selected now, it is opened anew.
            self.isdr = None;
        }
        done
    }

    async fn store(&mut self, function: &[u8]) -> Result<Vec<u8>, ChipError> {
        let block = usize::from(self.options.block.max(6));
        if function.len() > block * BLOCKS_MAX {
            let limit = block * BLOCKS_MAX;
            return Err(ChipError::TooLong { length: function.len(), limit });
        }
        let channel = self.open().await?;
        let mut blocks = function.chunks(block).peekable();
        let mut number = 0_u8;
        while let Some(data) = blocks.next() {
            let p1 = if blocks.peek().is_some() { MORE_BLOCKS } else { LAST_BLOCK };
            let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
            let command = [&[0x80, STORE_DATA, p1, number, length], data].concat();
            let answer = self.transmit(channel, &command).await?;
            if blocks.peek().is_none() {
                return Ok(answer);
            }
            number = number.wrapping_add(1);
        }
        Ok(Vec::new())
    }

    async fn open(&mut self) -> Result<CardChannel, ChipError> {
        if let Some(channel) = self.isdr.filter(|channel| channel.epoch == self.link.epoch()) {
            return Ok(channel);
        }
        if self.options.is_terminal {
            let basic = CardChannel::basic(self.link.epoch());
            // Cards that do not know it go on without.
            drop(self.link.transmit(basic, &TERMINAL_CAPABILITY).await);
        }
        for aid in self.options.isdr_aids.clone() {
            match self.link.open_channel(&aid).await {
                Ok((channel, _)) => {
                    self.isdr = Some(channel);
                    return Ok(channel);
                }
                Err(error) => match *error.kind() {
                    CardErrorKind::Refused([0x6A, 0x82]) => {}
                    CardErrorKind::Refused(_) | CardErrorKind::Unsupported => {
                        self.fault = Some(error);
                        return Err(ChipError::NoChannel);
                    }
                    _ => return Err(self.failed(error)),
                },
            }
        }
        Err(ChipError::NoIsdr)
    }

    async fn transmit(&mut self, channel: CardChannel, apdu: &[u8]) -> Result<Vec<u8>, ChipError> {
        let whole = transmit_whole(&mut self.link, channel, apdu).await;
        let answer = whole.map_err(|error| self.failed(error))?;
        match answer.split_last_chunk::<2>() {
            Some((data, &[sw1, sw2])) => {
                let status = Status::from_bytes(sw1, sw2);
                if status.is_done() { Ok(data.to_vec()) } else { Err(refused([sw1, sw2])) }
            }
            None => Err(ChipError::NoAnswer),
        }
    }

    fn failed(&mut self, error: CardError) -> ChipError {
        let kind = match *error.kind() {
            CardErrorKind::Refused(status) => refused(status),
            CardErrorKind::Stale => ChipError::Reset,
            _ => ChipError::NoAnswer,
        };
        self.fault = Some(error);
        kind
    }

    /// Resets the card; returns whether that could be done.
    pub(super) async fn reset(&mut self) -> bool {
        self.isdr = None;
        match self.link.reset(Reset::Cold).await {
            Ok(_) => true,
            Err(error) => {
                self.fault = Some(error);
                false
            }
        }
    }

    /// Closes the channel to the ISD-R.
    pub(super) async fn close(&mut self) {
        if let Some(channel) = self.isdr.take() {
            // It is closed with the next reset, at the latest.
            drop(self.link.close_channel(channel).await);
        }
    }

    pub(super) fn into_link(self) -> Box<dyn CardLink> {
        self.link
    }
}

const fn refused([sw1, sw2]: [u8; 2]) -> ChipError {
    ChipError::Refused(Refusal(u16::from_be_bytes([sw1, sw2])))
}
