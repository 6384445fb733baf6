//! A host's access to the card: `+CRSM`, `+CSIM`, `+CCHO`, `+CGLA`, `+CCHC`, `+CUAD`
//! (TS 27.007, 8.17, 8.18, 8.43 to 8.46, 8.48).

use super::apdu::{done, select_path, send, split, transmit};
use super::flow::{CardPort, Outcome};
use crate::model::{FileStatusForm, IccidForm, SessionHandles};
use polysim_apdu::{Channel, Command, Status};
use polysim_at::{
    CchoInfo, CglaInfo, CmeError, CrsmInfo, Csim, CuadInfo, HexBytes, Line, RestrictedCommand,
    SessionId, put_hex, put_uint,
};
use polysim_base::tlv::{Ber, BerReader};
use polysim_base::{Hex, Iccid};

/// Most bytes of a `+CRSM` command.
pub(crate) const CRSM_DATA_MAX: usize = 255;
/// Most records of EF.DIR that are shown.
const DIRECTORY_RECORDS_MAX: u8 = 8;
/// What marks an opaque handle; its last byte is the channel.
const HANDLE: u32 = 0x0A5C_1300;

/// A `+CRSM` command.
#[derive(Clone, Debug)]
pub(crate) struct Crsm {
    pub(crate) command: RestrictedCommand,
    pub(crate) file: Option<u16>,
    pub(crate) parameters: [u8; 3],
    pub(crate) data: Vec<u8>,
    pub(crate) path: Vec<u16>,
    pub(crate) form: FileStatusForm,
}

/// `+CRSM`.
pub(crate) async fn crsm(mut port: CardPort, request: Crsm) -> Outcome {
    restricted(&mut port, &request).await.into()
}

async fn restricted(port: &mut CardPort, request: &Crsm) -> Result<Outcome, CmeError> {
    let [p1, p2, p3] = request.parameters;
    let mut selected = None;
    if let Some(file) = request.file {
        let fcp = match select_somewhere(port, file, &request.path).await? {
            Ok(fcp) => fcp,
            Err(status) => return Ok(restricted_answer(status, &[])),
        };
        selected = Some(fcp);
    }
    let mut command = match request.command {
        RestrictedCommand::ReadBinary => vec![0x00, 0xB0, p1, p2, p3],
        RestrictedCommand::ReadRecord => vec![0x00, 0xB2, p1, p2, p3],
        RestrictedCommand::UpdateBinary => vec![0x00, 0xD6, p1, p2, p3],
        RestrictedCommand::UpdateRecord => vec![0x00, 0xDC, p1, p2, p3],
        RestrictedCommand::RetrieveData => vec![0x80, 0xCB, p1, p2, p3],
        RestrictedCommand::SetData => vec![0x80, 0xDB, p1, p2, p3],
        RestrictedCommand::Status => vec![0x80, 0xF2, p1, p2, p3],
        RestrictedCommand::GetResponse => {
            let fcp = selected.ok_or(CmeError::IncorrectParameters)?;
            return Ok(described(&fcp, request.form));
        }
        RestrictedCommand::Other(_) => return Err(CmeError::OperationNotSupported),
    };
    if matches!(
        request.command,
        RestrictedCommand::UpdateBinary
            | RestrictedCommand::UpdateRecord
            | RestrictedCommand::SetData
    ) {
        if usize::from(p3) != request.data.len() {
            return Err(CmeError::IncorrectParameters);
        }
        command.extend_from_slice(&request.data);
    }
    let answer = transmit(port, command).await?;
    Ok(restricted_answer(answer.status, &answer.data))
}

/// Selects a file by its identifier alone, where the standards put it, or on the path given.
async fn select_somewhere(
    port: &mut CardPort,
    file: u16,
    path: &[u16],
) -> Result<Result<Vec<u8>, Status>, CmeError> {
    let mut places: Vec<Vec<u16>> = Vec::new();
    let below = |directory: &[u16]| [directory, &[file]].concat();
    if let Some((_, path)) = path.split_first().filter(|(first, _)| **first == 0x3F00) {
        places.push(below(path));
    } else if !path.is_empty() {
        places.push(below(path));
    } else {
        match file {
            0x6F00..=0x6FFF => {
                places.extend([below(&[0x7FFF]), below(&[0x7F10]), below(&[0x7F20])]);
            }
            0x4F00..=0x4FFF => {
                places.extend([
                    below(&[0x7F10, 0x5F50]),
                    below(&[0x7FFF, 0x5F3A]),
                    below(&[0x7F10, 0x5F3A]),
                ]);
            }
            0x3F00 => places.push(Vec::new()),
            _ => places.push(below(&[])),
        }
    }
    let mut refused = Status::FileNotFound;
    for place in places {
        let answer = if place.is_empty() {
            transmit(port, vec![0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00, 0x00]).await?
        } else {
            select_path(port, &place).await?
        };
        if answer.status.is_done() {
            return Ok(Ok(answer.data));
        }
        refused = answer.status;
    }
    Ok(Err(refused))
}

fn restricted_answer(status: Status, data: &[u8]) -> Outcome {
    // The host has nothing to do with a proactive command: the device fetches it itself.
    let status =
        if matches!(status, Status::ProactivePending(_)) { Status::Success } else { status };
    let [sw1, sw2] = status.to_bytes();
    let response = (!data.is_empty()).then(|| HexBytes::from(data));
    let mut lines = Vec::with_capacity(data.len() * 2 + 24);
    CrsmInfo { sw1, sw2, response }.encode(&mut lines);
    Outcome::with_lines(lines)
}

fn described(fcp: &[u8], form: FileStatusForm) -> Outcome {
    match form {
        FileStatusForm::Fcp => restricted_answer(Status::Success, fcp),
        FileStatusForm::Sim => match sim_form(fcp) {
            Some(bytes) => restricted_answer(Status::Success, &bytes),
            None => restricted_answer(Status::TechnicalProblem, &[]),
        },
    }
}

/// The FCP of an EF as a 2G SIM would describe it (TS 51.011, 9.2.1).
fn sim_form(fcp: &[u8]) -> Option<[u8; 15]> {
    let (template, _) = Ber::read(fcp).ok()?;
    let find = |tag| BerReader::new(template.value).find(tag).ok().flatten();
    let descriptor = find(0x82)?;
    let structure = match descriptor.first()? & 0x07 {
        2 => 1,
        6 => 3,
        _ => 0,
    };
    let record = descriptor.get(3).copied().unwrap_or(0);
    let &[id_high, id_low] = find(0x83)?.first_chunk::<2>()?;
    let size = find(0x80).and_then(|size| size.last_chunk::<2>().copied()).unwrap_or([0, 0]);
    let [size_high, size_low] = size;
    // Read and update after PIN 1, everything else by the administration.
    Some([
        0, 0, size_high, size_low, id_high, id_low, 0x04, 0x00, 0x11, 0xFF, 0x44, 0x01, 0x02,
        structure, record,
    ])
}

/// `+CSIM`: the APDU goes to the card as it is, and so does the answer to the host.
pub(crate) async fn csim(mut port: CardPort, apdu: Vec<u8>) -> Outcome {
    let response = port.ask(apdu).await;
    if split(&response).is_none() {
        return Outcome::refused(CmeError::SimFailure);
    }
    let mut lines = Vec::with_capacity(response.len() * 2 + 16);
    Csim { apdu: response.into() }.encode(&mut lines);
    Outcome::with_lines(lines)
}

/// `+CGLA`: as `+CSIM`, on the channel of a session.
pub(crate) async fn logical(mut port: CardPort, channel: u8, apdu: Vec<u8>) -> Outcome {
    let mut apdu = apdu;
    if let Some(class) = apdu.first_mut() {
        *class = on_channel(*class, channel);
    }
    let response = port.ask(apdu).await;
    if split(&response).is_none() {
        return Outcome::refused(CmeError::SimFailure);
    }
    let mut lines = Vec::with_capacity(response.len() * 2 + 16);
    CglaInfo { apdu: response.into() }.encode(&mut lines);
    Outcome::with_lines(lines)
}

/// The class byte for a channel (TS 102.221, 10.1.1).
const fn on_channel(class: u8, channel: u8) -> u8 {
    let family = class & 0x80;
    match channel {
        0..=3 => class & 0x8C | channel,
        _ => family | 0x40 | (channel - 4) & 0x0F,
    }
}

/// `+CCHO`.
pub(crate) async fn open_session(
    mut port: CardPort,
    aid: Vec<u8>,
    handles: SessionHandles,
) -> Outcome {
    opened(&mut port, &aid, handles).await.into()
}

async fn opened(
    port: &mut CardPort,
    aid: &[u8],
    handles: SessionHandles,
) -> Result<Outcome, CmeError> {
    let opening = done(transmit(port, vec![0x00, 0x70, 0x00, 0x00, 0x01]).await?);
    let Ok([channel, ..]) = opening.as_deref() else {
        return Err(CmeError::MemoryFull);
    };
    let channel = *channel;
    let length = u8::try_from(aid.len()).map_err(|_| CmeError::IncorrectParameters)?;
    let mut select = vec![on_channel(0x00, channel), 0xA4, 0x04, 0x04, length];
    select.extend_from_slice(aid);
    select.push(0);
    let selected = transmit(port, select).await?;
    if !selected.status.is_done() {
        close(port, channel).await?;
        return Err(CmeError::NotFound);
    }
    let mut lines = Vec::new();
    match handles {
        SessionHandles::Number => {
            CchoInfo { session: SessionId::from(u32::from(channel)) }.encode(&mut lines);
        }
        SessionHandles::Bare => put_uint(channel.into(), &mut lines),
        SessionHandles::Opaque => {
            lines.extend_from_slice(b"+CCHO: ");
            put_hex(&(HANDLE | u32::from(channel)).to_be_bytes(), &mut lines);
        }
    }
    Ok(Outcome::with_lines(lines))
}

/// The channel of a session handle, if this device gave it out.
pub(crate) fn channel_of(session: &SessionId, handles: SessionHandles) -> Option<u8> {
    let number = match handles {
        SessionHandles::Number | SessionHandles::Bare => session.number()?,
        SessionHandles::Opaque => {
            let digits = core::str::from_utf8(session.as_bytes()).ok()?;
            let handle = u32::from_str_radix(digits, 16).ok()?;
            if handle & 0xFFFF_FF00 != HANDLE {
                return None;
            }
            u64::from(handle & 0xFF)
        }
    };
    u8::try_from(number).ok().filter(|channel| (1..=19).contains(channel))
}

/// `+CCHC`.
pub(crate) async fn close_session(mut port: CardPort, channel: u8) -> Outcome {
    match close(&mut port, channel).await {
        Ok(Status::Success | Status::ProactivePending(_)) => Outcome::done(),
        Ok(_) => Outcome::refused(CmeError::InvalidIndex),
        Err(error) => Outcome::refused(error),
    }
}

async fn close(port: &mut CardPort, channel: u8) -> Result<Status, CmeError> {
    let Some(channel) = Channel::new(channel) else {
        return Ok(Status::ChannelNotSupported);
    };
    Ok(send(port, &Command::close_channel(channel)).await?.status)
}

/// `+CCID` and the like: EF.ICCID, in the form of a make.
pub(crate) async fn iccid(mut port: CardPort, form: IccidForm) -> Outcome {
    iccid_read(&mut port, form).await.into()
}

async fn iccid_read(port: &mut CardPort, form: IccidForm) -> Result<Outcome, CmeError> {
    done(select_path(port, &[0x2FE2]).await?)?;
    let file = done(transmit(port, vec![0x00, 0xB0, 0x00, 0x00, 0x0A]).await?)?;
    let wire = *file.first_chunk::<10>().ok_or(CmeError::SimFailure)?;
    let iccid = Iccid::from_wire(wire).map_err(|_| CmeError::SimFailure)?;
    let line = match form {
        IccidForm::Standard => format!("+CCID: \"{iccid}\""),
        // With the filler of the file, as these modules read it out.
        IccidForm::Quectel => format!("+QCCID: {}", Hex(&wire.map(|b| b.rotate_left(4)))),
        IccidForm::Simcom => format!("+ICCID: {iccid}"),
        IccidForm::Huawei => format!("^ICCID: {iccid}"),
    };
    Ok(Outcome::with_lines(line.into_bytes()))
}

/// `+CUAD`: the records of EF.DIR.
pub(crate) async fn cuad(mut port: CardPort) -> Outcome {
    directory(&mut port).await.into()
}

async fn directory(port: &mut CardPort) -> Result<Outcome, CmeError> {
    done(select_path(port, &[0x2F00]).await?)?;
    let mut records = Vec::new();
    for number in 1..=DIRECTORY_RECORDS_MAX {
        match done(transmit(port, vec![0x00, 0xB2, number, 0x04, 0x00]).await?) {
            Ok(record) => records.extend_from_slice(&record),
            Err(_) => break,
        }
    }
    let mut lines = Vec::new();
    CuadInfo { records: records.into() }.encode(&mut lines);
    Ok(Outcome::with_lines(lines))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_go_into_the_class_byte() {
        assert_eq!(on_channel(0x00, 1), 0x01);
        assert_eq!(on_channel(0x81, 2), 0x82);
        assert_eq!(on_channel(0x00, 4), 0x40);
        assert_eq!(on_channel(0x80, 19), 0xCF);
    }

    #[test]
    fn handles_lead_back_to_channels() {
        let id = |text: &str| SessionId::new(text).unwrap();
        assert_eq!(channel_of(&id("2"), SessionHandles::Number), Some(2));
        assert_eq!(channel_of(&id("0"), SessionHandles::Number), None);
        assert_eq!(channel_of(&id("0A5C1303"), SessionHandles::Opaque), Some(3));
        assert_eq!(channel_of(&id("3"), SessionHandles::Opaque), None);
    }

    #[test]
    fn a_2g_description_is_made_of_an_fcp() {
        let fcp = [
            0x62, 0x0F, 0x82, 0x05, 0x42, 0x21, 0x00, 0x34, 0x02, 0x83, 0x02, 0x6F, 0x42, 0x80,
            0x02, 0x00, 0x68,
        ];
        let sim = sim_form(&fcp).unwrap();
        assert_eq!(sim[2..6], [0x00, 0x68, 0x6F, 0x42]);
        assert_eq!(sim[13..], [1, 0x34]);
    }
}
