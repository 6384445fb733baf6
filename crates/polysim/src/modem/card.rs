//! The card in a modem, as a link.

use super::{Modem, ModemFault};
use async_trait::async_trait;
use polysim_apdu::{
    Case, Class, Command, CommandApdu, Instruction, ResponseApdu, StatusIndication, StatusReply,
};
use polysim_at::HexBytes;
use polysim_hal::{
    Atr, CardChannel, CardEpoch, CardError, CardErrorKind, CardLink, Reset, command_on, live,
};
use polysim_modem::{Channel, ModemCommand, ModemError, Reply};
use std::collections::BTreeMap;

/// Most channels open at a time, the basic one aside (ISO 7816-4, 5.4.1).
const CHANNELS_MAX: u8 = 19;

/// Who puts the number of a logical channel into the class byte of what goes through `+CGLA`.
///
/// TS 27.007, 8.43 leaves it to the modem, and some modems leave it to the host.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ChannelInClass {
    /// Find out when a channel is opened, by STATUS, which tells the application of a channel.
    #[default]
    Ask,
    /// The modem does.
    Modem,
    /// The host does; the handle of the channel is its number.
    Host,
}

/// The card in a modem, by `+CCHO`, `+CGLA` and `+CCHC`, or by `+CSIM` where a modem has only that.
///
/// The basic channel is the modem's own: what is selected there is for the modem, so open a
/// channel where that is possible. The card cannot be reset this way, and a
/// transaction keeps everybody away but the modem.
#[derive(Debug)]
pub struct ModemCard {
    modem: Modem,
    class: ChannelInClass,
    channels: BTreeMap<u8, Open>,
    seen: CardEpoch,
    /// The modem said that the card is gone: this link ends with it.
    is_gone: bool,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    channel: Channel,
    /// What to put into the class byte.
    number: Option<polysim_apdu::Channel>,
    epoch: CardEpoch,
}

impl ModemCard {
    /// Returns the way to the card in a modem.
    #[must_use]
    pub fn new(modem: Modem, class: ChannelInClass) -> Self {
        let seen = life(&modem);
        Self { modem, class, channels: BTreeMap::new(), seen, is_gone: false }
    }

    fn present(&self) -> Result<(), CardError> {
        if self.is_gone { Err(self.error(CardErrorKind::CardGone)) } else { Ok(()) }
    }

    fn error(&self, kind: CardErrorKind) -> CardError {
        CardError::new(kind, self.modem.name())
    }

    fn fault(&mut self, fault: ModemFault) -> CardError {
        let kind = match &fault {
            ModemFault::Modem(ModemError::StaleChannel | ModemError::Reset) => CardErrorKind::Stale,
            ModemFault::Modem(ModemError::Card { status }) => CardErrorKind::Refused(*status),
            ModemFault::Modem(ModemError::Timeout) => CardErrorKind::Timeout,
            ModemFault::Modem(ModemError::PortLost | ModemError::Unresponsive)
            | ModemFault::Closed => CardErrorKind::ReaderGone,
            ModemFault::Modem(ModemError::BadAnswer { .. }) => CardErrorKind::BadAnswer,
            ModemFault::Modem(ModemError::Cme(cause)) => of_cause(*cause),
            // It has neither the command nor a word for that.
            ModemFault::Modem(ModemError::Refused) => CardErrorKind::Unsupported,
            ModemFault::Modem(_)
            | ModemFault::Number(_)
            | ModemFault::Argument(_)
            | ModemFault::Tone { .. }
            | ModemFault::NotRegistered { .. }
            | ModemFault::NoUssdAnswer { .. }
            | ModemFault::WrongReply { .. } => CardErrorKind::Io,
        };
        self.is_gone |= kind == CardErrorKind::CardGone;
        self.error(kind).caused_by(fault)
    }

    async fn apdu(&mut self, command: ModemCommand) -> Result<Vec<u8>, CardError> {
        match self.modem.command(command).await {
            Ok(Reply::Apdu(answer)) if ResponseApdu::parse(&answer).is_ok() => Ok(answer),
            Ok(_) => Err(self.error(CardErrorKind::BadAnswer)),
            Err(fault) => Err(self.fault(fault)),
        }
    }

    /// Finds out what to put into the class byte on a channel of a handle that could be its
    /// number.
    async fn number_on(
        &mut self,
        channel: Channel,
        aid: &[u8],
    ) -> Result<Option<polysim_apdu::Channel>, CardError> {
        let number = channel
            .handle_number()
            .and_then(|number| u8::try_from(number).ok())
            .and_then(polysim_apdu::Channel::new)
            .filter(|number| *number != polysim_apdu::Channel::BASIC);
        match self.class {
            ChannelInClass::Modem => return Ok(None),
            ChannelInClass::Host => return Ok(number),
            ChannelInClass::Ask => {}
        }
        let Some(number) = number else { return Ok(None) };
        for tried in [None, Some(number)] {
            let mut apdu = Vec::new();
            let status = Instruction::Status {
                indication: StatusIndication::None,
                reply: StatusReply::DfName,
                length: Some(polysim_apdu::Le::ANY),
            };
            Command::on(tried.unwrap_or_default(), status)
                .emit(&mut apdu)
                .map_err(|error| self.error(CardErrorKind::BadCommand).caused_by(error))?;
            let answer =
                self.apdu(ModemCommand::Transmit { channel, apdu: HexBytes::from(apdu) }).await;
            match answer {
                Ok(answer) if names(&answer, aid) => return Ok(tried),
                Ok(_) => {}
                Err(error) if *error.kind() == CardErrorKind::Stale => return Err(error),
                Err(_) => {}
            }
        }
        // The application does not tell its name. A modem that does it itself does it either way.
        Ok(Some(number))
    }

    fn free_number(&self) -> Option<u8> {
        (1..=CHANNELS_MAX).find(|number| !self.channels.contains_key(number))
    }
}

/// Whether an answer to STATUS holds the identifier.
fn names(answer: &[u8], aid: &[u8]) -> bool {
    answer.windows(aid.len().max(1)).any(|part| part == aid)
}

fn life(modem: &Modem) -> CardEpoch {
    CardEpoch(modem.status().card_life.into())
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other causes are not about the card")]
const fn of_cause(cause: polysim_at::CmeError) -> CardErrorKind {
    use polysim_at::CmeError;
    match cause {
        CmeError::SimNotInserted => CardErrorKind::CardGone,
        CmeError::SimFailure | CmeError::SimWrong => CardErrorKind::Mute,
        CmeError::SimBusy => CardErrorKind::Busy,
        CmeError::OperationNotSupported => CardErrorKind::Unsupported,
        CmeError::NotFound => CardErrorKind::Refused([0x6A, 0x82]),
        _ => CardErrorKind::Io,
    }
}

#[async_trait]
impl CardLink for ModemCard {
    fn atr(&self) -> Atr {
        Atr::new()
    }

    fn epoch(&self) -> CardEpoch {
        let life = life(&self.modem);
        if self.is_gone { life.next() } else { life }
    }

    async fn transmit(
        &mut self,
        channel: CardChannel,
        command: &[u8],
    ) -> Result<Vec<u8>, CardError> {
        self.present()?;
        let bad = |error| self.error(CardErrorKind::BadCommand).caused_by(error);
        let apdu = CommandApdu::parse(command).map_err(bad)?;
        let number = live(channel, self.epoch(), self.modem.name())?;
        // What the caller put there is not meant: the link or the modem says on which channel.
        let mut bytes = command_on(0, command, self.modem.name())?;
        if apdu.case() == Case::One {
            // Modems take commands as over T=0, where there always is a P3.
            bytes.push(0);
        }
        if number == 0 {
            let apdu = HexBytes::from(bytes);
            return self.apdu(ModemCommand::TransmitBasic { apdu }).await;
        }
        let Some(open) = self.channels.get(&number).filter(|open| open.epoch == channel.epoch)
        else {
            return Err(self.error(CardErrorKind::Stale));
        };
        if let (Some(number), Ok(class)) = (open.number, Class::parse(apdu.header().cla))
            && let (Some(class), Some(first)) = (class.on(number), bytes.first_mut())
        {
            *first = class.byte();
        }
        let (channel, apdu) = (open.channel, HexBytes::from(bytes));
        self.apdu(ModemCommand::Transmit { channel, apdu }).await
    }

    async fn open_channel(&mut self, aid: &[u8]) -> Result<(CardChannel, Vec<u8>), CardError> {
        self.present()?;
        let epoch = self.epoch();
        if epoch != self.seen {
            self.channels.clear();
            self.seen = epoch;
        }
        let Some(number) = self.free_number() else {
            return Err(self.error(CardErrorKind::Refused([0x6A, 0x81])));
        };
        let aid_bytes = HexBytes::from(aid);
        let opened = self.modem.command(ModemCommand::OpenChannel { aid: aid_bytes }).await;
        let channel = match opened {
            Ok(Reply::Channel(channel)) => channel,
            Ok(_) => return Err(self.error(CardErrorKind::BadAnswer)),
            Err(fault) => return Err(self.fault(fault)),
        };
        let in_class = self.number_on(channel, aid).await?;
        self.channels.insert(number, Open { channel, number: in_class, epoch });
        Ok((CardChannel { number, epoch }, Vec::new()))
    }

    async fn close_channel(&mut self, channel: CardChannel) -> Result<(), CardError> {
        self.present()?;
        let number = live(channel, self.epoch(), self.modem.name())?;
        let Some(open) = self.channels.remove(&number) else {
            return Err(self.error(CardErrorKind::Stale));
        };
        match self.modem.command(ModemCommand::CloseChannel(open.channel)).await {
            Ok(_) => Ok(()),
            Err(fault) => Err(self.fault(fault)),
        }
    }

    async fn reset(&mut self, _kind: Reset) -> Result<CardEpoch, CardError> {
        Err(self.error(CardErrorKind::Unsupported))
    }

    async fn begin(&mut self) -> Result<(), CardError> {
        // The port is nobody else's; the modem itself cannot be kept away.
        self.present()
    }

    async fn end(&mut self) -> Result<(), CardError> {
        self.present()
    }
}
