//! The card: logical channels, APDUs and files.

use alloc::boxed::Box;

use polysim_at::{
    CchcSet, CchoInfo, CchoSet, CglaInfo, CglaSet, CmeError, Command, CrsmInfo, CrsmSet, Csim,
    FinalResult, Form, HexBytes,
};

use crate::{
    Channel, FileAccess, ModemError, Reply,
    api::Route,
    engine::Engine,
    link::{Accept, Answer, Outcome, Request},
};

/// MANAGE CHANNEL, open the next free one (TS 102.221, 11.1.17).
const OPEN_CHANNEL: [u8; 5] = [0x00, 0x70, 0x00, 0x00, 0x01];
/// SELECT by AID (TS 102.221, 11.1.1).
const SELECT_BY_AID: [u8; 4] = [0x00, 0xA4, 0x04, 0x00];
/// The channels that a class byte tells, the basic one aside (TS 102.221, 10.1.1).
const CHANNELS: core::ops::RangeInclusive<u8> = 1..=19;

/// What is to be done with the card.
#[derive(Clone, Debug)]
pub(crate) enum CardOrder {
    Open { aid: HexBytes },
    Transmit { channel: Channel, apdu: HexBytes },
    Close(Channel),
    TransmitBasic { apdu: HexBytes },
    File(Box<FileAccess>),
}

/// An order about the card under way.
#[derive(Clone, Debug)]
pub(crate) struct CardJob {
    order: CardOrder,
    step: Step,
}

/// Where an order is. Only opening a channel has more than one step.
#[derive(Clone, Copy, Debug)]
enum Step {
    First,
    /// `+CCHO` is not there: MANAGE CHANNEL by `+CSIM`.
    Open,
    /// SELECT on the channel that was opened.
    Select(u8),
    /// SELECT failed: close it again.
    Close(u8, [u8; 2]),
}

impl CardJob {
    pub(crate) const fn new(order: CardOrder) -> Self {
        Self { order, step: Step::First }
    }

    pub(crate) fn request(&self, engine: &Engine) -> Result<Request, ModemError> {
        let deadline = engine.config.deadlines.apdu;
        Ok(match &self.order {
            CardOrder::Open { aid } => match self.step {
                Step::First => {
                    let open = Command::Ccho(Form::Set(CchoSet { aid: aid.clone() }));
                    Request::new(&open, deadline).accepting(Accept::Shaped(is_handle))
                }
                Step::Open => csim(HexBytes::from(&OPEN_CHANNEL[..]), engine),
                Step::Select(channel) => {
                    let mut apdu = SELECT_BY_AID.to_vec();
                    apdu.push(u8::try_from(aid.len()).unwrap_or(u8::MAX));
                    apdu.extend_from_slice(aid);
                    csim(on_channel(&apdu, channel), engine)
                }
                Step::Close(channel, _) => csim(close(channel), engine),
            },
            CardOrder::Transmit { channel, apdu } => match live(*channel, engine)? {
                Route::Number(number) => csim(on_channel(apdu, number), engine),
                Route::Session(session) => {
                    let set = CglaSet { session, apdu: apdu.clone() };
                    Request::new(&Command::Cgla(Form::Set(set)), deadline)
                        .accepting(Accept::Named("+CGLA"))
                }
            },
            CardOrder::Close(channel) => match live(*channel, engine)? {
                Route::Number(number) => csim(close(number), engine),
                Route::Session(session) => {
                    Request::new(&Command::Cchc(Form::Set(CchcSet { session })), deadline)
                }
            },
            CardOrder::File(access) => {
                Request::new(&Command::Crsm(Form::Set(crsm(access))), deadline)
                    .accepting(Accept::Named("+CRSM"))
            }
            CardOrder::TransmitBasic { apdu } => csim(apdu.clone(), engine),
        })
    }

    pub(crate) fn absorb(
        &mut self,
        engine: &Engine,
        answer: Answer,
    ) -> Result<Option<Reply>, ModemError> {
        match &self.order {
            CardOrder::Open { .. } => self.absorb_opening(engine, answer),
            CardOrder::Transmit { channel, .. } => {
                let apdu = match channel.route {
                    Route::Number(_) => response(answer)?,
                    Route::Session(_) => answer.into_result()?.parse::<CglaInfo>()?.apdu,
                };
                Ok(Some(Reply::Apdu(apdu.to_vec())))
            }
            CardOrder::TransmitBasic { .. } => Ok(Some(Reply::Apdu(response(answer)?.to_vec()))),
            CardOrder::File(_) => {
                let info = answer.into_result()?.parse::<CrsmInfo>()?;
                let data = info.response.map(|data| data.to_vec()).unwrap_or_default();
                Ok(Some(Reply::File { status: [info.sw1, info.sw2], data }))
            }
            CardOrder::Close(_) => {
                answer.into_result()?;
                Ok(Some(Reply::Done))
            }
        }
    }

    fn absorb_opening(
        &mut self,
        engine: &Engine,
        answer: Answer,
    ) -> Result<Option<Reply>, ModemError> {
        const UNREADABLE: ModemError = ModemError::BadAnswer { command: "+CSIM" };
        match self.step {
            Step::First if is_missing(&answer) => {
                self.step = Step::Open;
                Ok(None)
            }
            Step::First => {
                let answer = answer.into_result()?;
                let handle = CchoInfo::parse_any(answer.first_line())
                    .map_err(|_| ModemError::BadAnswer { command: "+CCHO" })?;
                Ok(Some(opened(Route::Session(handle.session), engine)))
            }
            Step::Open => match *response(answer)? {
                [channel, 0x90, 0x00] if CHANNELS.contains(&channel) => {
                    self.step = Step::Select(channel);
                    Ok(None)
                }
                [.., sw1, sw2] => Err(ModemError::Card { status: [sw1, sw2] }),
                [] | [_] => Err(UNREADABLE),
            },
            Step::Select(channel) => match *response(answer)? {
                [.., 0x90 | 0x61, _] => Ok(Some(opened(Route::Number(channel), engine))),
                [.., sw1, sw2] => {
                    self.step = Step::Close(channel, [sw1, sw2]);
                    Ok(None)
                }
                [] | [_] => Err(UNREADABLE),
            },
            Step::Close(_, status) => Err(ModemError::Card { status }),
        }
    }
}

fn opened(route: Route, engine: &Engine) -> Reply {
    Reply::Channel(Channel { route, epoch: engine.epoch })
}

/// Refuses a channel of an earlier life of the card.
const fn live(channel: Channel, engine: &Engine) -> Result<Route, ModemError> {
    if channel.epoch == engine.epoch { Ok(channel.route) } else { Err(ModemError::StaleChannel) }
}

fn csim(apdu: HexBytes, engine: &Engine) -> Request {
    Request::new(&Command::Csim(Form::Set(Csim { apdu })), engine.config.deadlines.apdu)
        .accepting(Accept::Named("+CSIM"))
}

fn response(answer: Answer) -> Result<HexBytes, ModemError> {
    Ok(answer.into_result()?.parse::<Csim>()?.apdu)
}

/// Puts a channel into the class byte (TS 102.221, 10.1.1): channels 0 to 3 stand in two bits,
/// 4 to 19 in four bits of another form, which has another place for secure messaging.
fn on_channel(apdu: &[u8], channel: u8) -> HexBytes {
    const FURTHER: u8 = 0x40;
    let mut apdu = apdu.to_vec();
    if let Some(class) = apdu.first_mut() {
        *class = match channel {
            0..=3 if *class & FURTHER == 0 => *class & !0b11 | channel,
            0..=3 => *class & 0x90 | channel,
            _ => *class & 0x90 | FURTHER | channel.saturating_sub(4) & 0x0F,
        };
    }
    HexBytes::from(apdu)
}

/// MANAGE CHANNEL, close.
fn close(channel: u8) -> HexBytes {
    HexBytes::from(&[0x00, 0x70, 0x80, channel, 0x00][..])
}

/// `+CCHO` is not there, or it may be: by `+CSIM` the card itself says what is missing.
const fn is_missing(answer: &Answer) -> bool {
    matches!(
        answer.outcome,
        Outcome::Final(
            FinalResult::Error
                | FinalResult::Cme(
                    CmeError::OperationNotSupported
                        | CmeError::OperationNotAllowed
                        | CmeError::IncorrectParameters
                        | CmeError::CommandDisabled
                        | CmeError::Unknown,
                )
        )
    )
}

fn is_handle(line: &[u8]) -> bool {
    line != b"RING" && CchoInfo::parse_any(line).is_ok()
}

fn crsm(access: &FileAccess) -> CrsmSet {
    let [p1, p2, p3] = access.parameters.map(Some);
    let bytes = |bytes: &[u8]| (!bytes.is_empty()).then(|| HexBytes::from(bytes));
    CrsmSet {
        command: access.command,
        file: Some(access.file),
        p1,
        p2,
        p3,
        data: bytes(&access.data),
        path: bytes(&access.path),
    }
}
