//! Commands to the card inside a flow: GET RESPONSE, lengths, selecting and reading files.

use super::flow::CardPort;
use polysim_apdu::{Command, Le, Status};
use polysim_at::CmeError;
use polysim_base::tlv::Ber;

/// Most GET RESPONSE and repeated commands for one command.
const FOLLOWED_MAX: u8 = 64;
/// Most records that are read of one file.
const RECORDS_MAX: u8 = 254;

/// A response: data and status.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Answer {
    pub(crate) data: Vec<u8>,
    pub(crate) status: Status,
}

/// The bytes of a command.
pub(super) fn bytes_of(command: &Command<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(48);
    // Nothing that the device itself sends is too long for a length field.
    match command.emit(&mut bytes) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}

/// Splits a response into data and status; `None` if there is none: the card is gone or mute.
pub(super) fn split(response: &[u8]) -> Option<(&[u8], Status)> {
    let (data, &[sw1, sw2]) = response.split_last_chunk::<2>()?;
    Some((data, Status::from_bytes(sw1, sw2)))
}

/// Sends a command and follows `61xx` and `6Cxx` (TS 102.221, 7.3.1).
///
/// # Errors
/// The card is gone.
#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
pub(crate) async fn transmit(port: &mut CardPort, command: Vec<u8>) -> Result<Answer, CmeError> {
    let mut command = command;
    let mut data = Vec::new();
    for _ in 0..FOLLOWED_MAX {
        let class = command.first().copied().unwrap_or(0);
        let response = port.ask(command.clone()).await;
        let Some((part, status)) = split(&response) else {
            return Err(CmeError::SimFailure);
        };
        data.extend_from_slice(part);
        match status {
            Status::DataAvailable(length) => {
                let class = if class == 0xA0 { class } else { class & 0x4F & !0x0C };
                command = vec![class, 0xC0, 0, 0, length];
            }
            Status::WrongLe(length) => match command.as_mut_slice() {
                [_, _, _, _, le] => *le = length,
                _ => command.push(length),
            },
            status => return Ok(Answer { data, status }),
        }
    }
    Err(CmeError::SimFailure)
}

pub(super) async fn send(port: &mut CardPort, command: &Command<'_>) -> Result<Answer, CmeError> {
    let bytes = bytes_of(command);
    transmit(port, bytes).await
}

/// The error that stands for a status.
#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
pub(super) const fn error_of(status: Status) -> CmeError {
    match status {
        Status::SecurityNotSatisfied => CmeError::SimPinRequired,
        Status::AuthenticationBlocked => CmeError::SimPukRequired,
        Status::FileNotFound | Status::RecordNotFound => CmeError::NotFound,
        Status::MemoryProblem => CmeError::MemoryFailure,
        Status::NotEnoughMemory => CmeError::MemoryFull,
        _ => CmeError::SimFailure,
    }
}

/// Takes the data of an answer that is not an error.
pub(super) fn done(answer: Answer) -> Result<Vec<u8>, CmeError> {
    if answer.status.is_done() { Ok(answer.data) } else { Err(error_of(answer.status)) }
}

/// What a record file looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct FileShape {
    /// Bytes of a record.
    pub(crate) record: u8,
    /// How many records.
    pub(crate) count: u8,
}

/// SELECT by a path of file identifiers from the MF, answered with the FCP.
pub(super) async fn select_path(port: &mut CardPort, path: &[u16]) -> Result<Answer, CmeError> {
    let mut command = vec![0x00, 0xA4, 0x08, 0x04, 0];
    for file in path {
        command.extend_from_slice(&file.to_be_bytes());
    }
    let length = command.len() - 5;
    if let (Some(lc), Ok(length)) = (command.get_mut(4), u8::try_from(length)) {
        *lc = length;
    }
    command.push(0);
    transmit(port, command).await
}

/// Selects a record file and returns its shape.
pub(super) async fn select_path_records(
    port: &mut CardPort,
    path: &[u16],
) -> Result<FileShape, CmeError> {
    let fcp = done(select_path(port, path).await?)?;
    shape_of(&fcp).ok_or(CmeError::SimFailure)
}

/// Reads the shape out of an FCP (TS 102.221, 11.1.1.4.3).
pub(super) fn shape_of(fcp: &[u8]) -> Option<FileShape> {
    let (template, _) = Ber::read(fcp).ok()?;
    let descriptor = template.children().find(0x82).ok()??;
    let &[_, _, _, record, count] = descriptor.first_chunk::<5>()?;
    Some(FileShape { record, count })
}

/// Selects the first of two places where a file may be: below TELECOM or below the USIM.
pub(crate) async fn select_telecom_or_usim(
    port: &mut CardPort,
    file: u16,
) -> Result<FileShape, CmeError> {
    // The phonebook of the USIM is local; the global one lives under TELECOM.
    for path in [&[0x7FFF, file][..], &[0x7F10, file][..]] {
        if let Ok(shape) = select_path_records(port, path).await {
            return Ok(shape);
        }
    }
    Err(CmeError::NotFound)
}

/// Reads the records `first..=last` of the file selected.
pub(crate) async fn read_records(
    port: &mut CardPort,
    shape: FileShape,
    first: u8,
    last: u8,
) -> Result<Vec<(u8, Vec<u8>)>, CmeError> {
    let mut records = Vec::new();
    for number in first.max(1)..=last.min(shape.count).min(RECORDS_MAX) {
        let answer = transmit(port, vec![0x00, 0xB2, number, 0x04, shape.record]).await?;
        records.push((number, done(answer)?));
    }
    Ok(records)
}

/// Writes one record of the file selected.
pub(crate) async fn update_record(
    port: &mut CardPort,
    number: u8,
    record: &[u8],
) -> Result<(), CmeError> {
    let length = u8::try_from(record.len()).map_err(|_| CmeError::TextStringTooLong)?;
    let mut command = vec![0x00, 0xDC, number, 0x04, length];
    command.extend_from_slice(record);
    done(transmit(port, command).await?).map(drop)
}

/// READ BINARY of the whole of a file below the USIM.
pub(super) async fn read_usim_file(port: &mut CardPort, file: u16) -> Result<Vec<u8>, CmeError> {
    done(select_path(port, &[0x7FFF, file]).await?)?;
    let command = vec![0x00, 0xB0, 0x00, 0x00, Le::ANY.p3()];
    done(transmit(port, command).await?)
}

/// Writes EF.FPLMN.
pub(crate) async fn write_forbidden(mut port: CardPort, file: Vec<u8>) -> super::Outcome {
    let Ok(length) = u8::try_from(file.len()) else {
        return super::Outcome::done();
    };
    let mut command = vec![0x00, 0xD6, 0x00, 0x00, length];
    command.extend_from_slice(&file);
    let selected = select_path(&mut port, &[0x7FFF, 0x6F7B]).await;
    if selected.is_ok_and(|answer| answer.status.is_done()) {
        // A card that does not take it is asked again at the next refusal.
        drop(transmit(&mut port, command).await);
    }
    super::Outcome::done()
}

/// Writes EF.PLMNwAcT.
pub(crate) async fn write_networks(
    mut port: CardPort,
    entries: Vec<super::Listed>,
) -> super::Outcome {
    networks_written(&mut port, entries).await.into()
}

async fn networks_written(
    port: &mut CardPort,
    entries: Vec<super::Listed>,
) -> Result<super::Outcome, CmeError> {
    let size = read_usim_file(port, 0x6F60).await?.len();
    let mut file = Vec::with_capacity(size);
    for entry in &entries {
        file.extend_from_slice(&entry.plmn.wire());
        file.extend_from_slice(&entry.technologies().to_be_bytes());
    }
    if file.len() > size {
        return Err(CmeError::MemoryFull);
    }
    while file.len() + 5 <= size {
        file.extend_from_slice(&[0xFF, 0xFF, 0xFF, 0x00, 0x00]);
    }
    file.resize(size, 0xFF);
    let length = u8::try_from(file.len()).map_err(|_| CmeError::MemoryFailure)?;
    let mut command = vec![0x00, 0xD6, 0x00, 0x00, length];
    command.extend_from_slice(&file);
    done(transmit(port, command).await?)?;
    Ok(super::Outcome::done().changed(super::Change::Networks(entries)))
}
