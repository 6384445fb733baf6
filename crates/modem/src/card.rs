//! The card: logical channels, APDUs and files.

use polysim_at::{
    CchcSet, CchoInfo, CchoSet, CglaInfo, CglaSet, CmeError, Command, CrsmInfo, CrsmSet, Csim,
    FinalResult, Form, HexBytes,
};

use crate::{
    Channel, FileAccess, ModemCommand, ModemError, Reply,
    api::Route,
    engine::Engine,
    link::{Accept, Answer, Outcome, Request},
};

/// MANAGE CHANNEL, open the next free one (TS 102.221, 11.1.17).
const OPEN_CHANNEL: [u8; 5] = [0x00, 0x70, 0x00, 0x00, 0x01];
/// SELECT by AID (TS 102.221, 11.1.1).
const SELECT_BY_AID: [u8; 4] = [0x00, 0xA4, 0x04, 0x00];
/// The channels that the two low bits of the class byte tell (TS 102.221, 10.1.1).
const CHANNELS: core::ops::RangeInclusive<u8> = 1..=3;

/// An order about the card under way.
#[derive(Clone, Debug)]
pub(crate) struct CardJob {
    command: ModemCommand,
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
    pub(crate) const fn new(command: ModemCommand) -> Self {
        Self { command, step: Step::First }
    }

    pub(crate) fn request(&self, engine: &Engine) -> Result<Request, ModemError> {
        let deadline = engine.config.deadlines.apdu;
        let command = match (&self.command, self.step) {
            (ModemCommand::OpenChannel { aid }, Step::First) => {
                let open = Command::Ccho(Form::Set(CchoSet { aid: aid.clone() }));
                return Ok(Request::new(&open, deadline).accepting(Accept::Shaped(is_handle)));
            }
            (ModemCommand::OpenChannel { aid }, Step::Select(channel)) => {
                let mut apdu = SELECT_BY_AID.to_vec();
                apdu.push(u8::try_from(aid.len()).unwrap_or(u8::MAX));
                apdu.extend_from_slice(aid);
                return Ok(csim(on_channel(&apdu, channel), engine));
            }
            (ModemCommand::OpenChannel { .. }, Step::Close(channel, _)) => {
                return Ok(csim(close(channel), engine));
            }
            (ModemCommand::OpenChannel { .. }, Step::Open) => {
                return Ok(csim(HexBytes::from(&OPEN_CHANNEL[..]), engine));
            }
            (ModemCommand::Transmit { channel, apdu }, _) => {
                match live(*channel, engine)? {
                    Route::Number(number) => return Ok(csim(on_channel(apdu, number), engine)),
                    Route::Session(session) => {
                        let set = CglaSet { session, apdu: apdu.clone() };
                        let transmit = Command::Cgla(Form::Set(set));
                        return Ok(Request::new(&transmit, deadline)
                            .accepting(Accept::Named("+CGLA")));
                    }
                }
            }
            (ModemCommand::CloseChannel(channel), _) => match live(*channel, engine)? {
                Route::Number(number) => return Ok(csim(close(number), engine)),
                Route::Session(session) => Command::Cchc(Form::Set(CchcSet { session })),
            },
            (ModemCommand::File(access), _) => {
                let access = Command::Crsm(Form::Set(crsm(access)));
                return Ok(Request::new(&access, deadline).accepting(Accept::Named("+CRSM")));
            }
            (ModemCommand::TransmitBasic { apdu }, _) => return Ok(csim(apdu.clone(), engine)),
            _ => Command::Attention,
        };
        Ok(Request::new(&command, deadline))
    }

    pub(crate) fn absorb(
        &mut self,
        engine: &Engine,
        answer: Answer,
    ) -> Result<Option<Reply>, ModemError> {
        match (&self.command, self.step) {
            (ModemCommand::OpenChannel { .. }, Step::First) => {
                if is_missing(&answer) {
                    self.step = Step::Open;
                    return Ok(None);
                }
                let answer = answer.into_result()?;
                let handle = CchoInfo::parse_any(answer.first_line())
                    .map_err(|_| ModemError::BadAnswer { command: "+CCHO" })?;
                Ok(Some(opened(Route::Session(handle.session), engine)))
            }
            (ModemCommand::OpenChannel { .. }, Step::Open) => {
                match *response(answer)? {
                    [channel, 0x90, 0x00] if CHANNELS.contains(&channel) => {
                        self.step = Step::Select(channel);
                        Ok(None)
                    }
                    [.., sw1, sw2] => Err(ModemError::Card { status: [sw1, sw2] }),
                    [] | [_] => Err(ModemError::BadAnswer { command: "+CSIM" }),
                }
            }
            (ModemCommand::OpenChannel { .. }, Step::Select(channel)) => {
                match *response(answer)? {
                    [.., 0x90 | 0x61, _] => Ok(Some(opened(Route::Number(channel), engine))),
                    [.., sw1, sw2] => {
                        self.step = Step::Close(channel, [sw1, sw2]);
                        Ok(None)
                    }
                    [] | [_] => Err(ModemError::BadAnswer { command: "+CSIM" }),
                }
            }
            (ModemCommand::OpenChannel { .. }, Step::Close(_, status)) => {
                Err(ModemError::Card { status })
            }
            (ModemCommand::Transmit { channel, .. }, _) => match channel.route {
                Route::Number(_) => Ok(Some(Reply::Apdu(response(answer)?.to_vec()))),
                Route::Session(_) => {
                    let info = answer.into_result()?.parse::<CglaInfo>()?;
                    Ok(Some(Reply::Apdu(info.apdu.to_vec())))
                }
            },
            (ModemCommand::TransmitBasic { .. }, _) => {
                Ok(Some(Reply::Apdu(response(answer)?.to_vec())))
            }
            (ModemCommand::File(_), _) => {
                let info = answer.into_result()?.parse::<CrsmInfo>()?;
                let data = info.response.map(|data| data.to_vec()).unwrap_or_default();
                Ok(Some(Reply::File { status: [info.sw1, info.sw2], data }))
            }
            _ => {
                answer.into_result()?;
                Ok(Some(Reply::Done))
            }
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

/// Puts a channel into the class byte (TS 102.221, 10.1.1).
fn on_channel(apdu: &[u8], channel: u8) -> HexBytes {
    let mut apdu = apdu.to_vec();
    if let Some(class) = apdu.first_mut() {
        *class = *class & !0b11 | channel & 0b11;
    }
    HexBytes::from(apdu)
}

/// MANAGE CHANNEL, close.
fn close(channel: u8) -> HexBytes {
    HexBytes::from(&[0x00, 0x70, 0x80, channel, 0x00][..])
}

/// `+CCHO` is not there, as opposed to the application or a free channel.
const fn is_missing(answer: &Answer) -> bool {
    matches!(
        answer.outcome,
        Outcome::Final(
            FinalResult::Error
                | FinalResult::Cme(CmeError::OperationNotSupported | CmeError::OperationNotAllowed)
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
