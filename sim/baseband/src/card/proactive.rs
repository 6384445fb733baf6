//! Proactive commands of the card (TS 102.223): fetched, answered, and where they mean something
//! here, obeyed.

use super::apdu::{done, send};
use super::flow::{CardPort, Change, Outcome};
use polysim_apdu::{Command, Le, Status};
use polysim_at::CmeError;
use polysim_base::tlv::{Ber, ComprehensionReader, put_comprehension};

/// Most proactive commands in a row.
const CHAIN_MAX: u8 = 16;

/// Tags of COMPREHENSION-TLV objects (TS 102.223, 9.3).
const DETAILS: u16 = 0x01;
const DEVICES: u16 = 0x02;
const RESULT: u16 = 0x03;

/// Types of commands (TS 102.223, 9.4).
const REFRESH: u8 = 0x01;
/// Qualifier of REFRESH (TS 102.223, 8.6).
const UICC_RESET: u8 = 0x04;
const MORE_TIME: u8 = 0x02;
const POLLING_OFF: u8 = 0x04;

/// General results (TS 102.223, 8.12).
const PERFORMED: u8 = 0x00;
const BEYOND_CAPABILITIES: u8 = 0x30;

/// Fetches and answers what the card wants.
pub(super) async fn serve(mut port: CardPort, length: u8) -> Outcome {
    let mut refresh = false;
    let mut length = length;
    for _ in 0..CHAIN_MAX {
        match serve_one(&mut port, length).await {
            Ok(Served { next, refresh: wanted }) => {
                refresh |= wanted;
                match next {
                    Some(next) => length = next,
                    None => break,
                }
            }
            Err(_) => break,
        }
    }
    Outcome::done().changed(if refresh { Change::Refresh } else { Change::None })
}

struct Served {
    next: Option<u8>,
    refresh: bool,
}

async fn serve_one(port: &mut CardPort, length: u8) -> Result<Served, CmeError> {
    let fetched = send(port, &Command::fetch(Le::of_byte(length))).await?;
    let command = done(fetched)?;
    let details = details_of(&command).ok_or(CmeError::SimFailure)?;
    let [_, kind, qualifier] = details;
    let refresh = kind == REFRESH;
    if refresh && qualifier == UICC_RESET {
        // UICC reset: the reset itself is the answer.
        return Ok(Served { next: None, refresh });
    }
    let result = match kind {
        REFRESH | MORE_TIME | POLLING_OFF => PERFORMED,
        _ => BEYOND_CAPABILITIES,
    };
    let mut response = Vec::with_capacity(12);
    put_comprehension(&mut response, DETAILS, true, &details);
    put_comprehension(&mut response, DEVICES, true, &[0x82, 0x81]);
    put_comprehension(&mut response, RESULT, true, &[result]);
    let answer = send(port, &Command::terminal_response(&response)).await?;
    let Status::ProactivePending(length) = answer.status else {
        return Ok(Served { next: None, refresh });
    };
    Ok(Served { next: Some(length), refresh })
}

/// Number, type and qualifier of a proactive command.
fn details_of(command: &[u8]) -> Option<[u8; 3]> {
    let (template, _) = Ber::read(command).ok()?;
    let details = ComprehensionReader::new(template.value).find(DETAILS).ok()??;
    (template.tag == 0xD0).then_some(*details.first_chunk::<3>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_found() {
        let refresh = [0xD0, 0x09, 0x81, 0x03, 0x01, 0x01, 0x04, 0x82, 0x02, 0x81, 0x82];
        assert_eq!(details_of(&refresh), Some([1, 1, 4]));
        assert_eq!(details_of(&refresh[..6]), None);
    }
}
