//! PINs (TS 102.221, 9.5 and 11.1.9 to 11.1.13).

use super::apdu::{done, send};
use super::flow::{CardPort, Change, Outcome};
use polysim_apdu::{Channel, Command, FileId, Instruction, KeyRef, Pin, Status};
use polysim_at::{ClckInfo, CmeError, CpinrInfo, Line, PinStatus};
use polysim_base::tlv::{Ber, BerReader};

/// `+CPIN=<pin>`, or `+CPIN=<puk>,<new>`.
pub(crate) async fn enter_pin(mut port: CardPort, pin: Pin, new: Option<Pin>) -> Outcome {
    let command = match new {
        None => Command::verify_pin(Channel::BASIC, KeyRef::PIN1, pin),
        Some(new) => Command::unblock_pin(Channel::BASIC, KeyRef::PIN1, pin, new),
    };
    judged(&mut port, &command, KeyRef::PIN1).await
}

/// `+CPWD`.
pub(crate) async fn change_pin(mut port: CardPort, key: KeyRef, old: Pin, new: Pin) -> Outcome {
    let command = Command::on(Channel::BASIC, Instruction::ChangePin { key, old, new });
    judged(&mut port, &command, key).await
}

/// `+CLCK="SC"`: enable (1), disable (0), or ask (2).
pub(crate) async fn lock_pin(mut port: CardPort, mode: u8, pin: Option<Pin>) -> Outcome {
    let key = KeyRef::PIN1;
    let instruction = match (mode, pin) {
        (0, Some(pin)) => Instruction::DisablePin { key, pin, replacement: None },
        (1, Some(pin)) => Instruction::EnablePin { key, pin },
        (2, _) => return asked(&mut port).await.into(),
        _ => return Outcome::refused(CmeError::IncorrectParameters),
    };
    match is_enabled(&mut port).await {
        // What is so already needs no PIN.
        Ok(enabled) if enabled == (mode == 1) => return Outcome::done(),
        Ok(_) => {}
        Err(error) => return Outcome::refused(error),
    }
    judged(&mut port, &Command::on(Channel::BASIC, instruction), key).await
}

async fn asked(port: &mut CardPort) -> Result<Outcome, CmeError> {
    let status = u8::from(is_enabled(port).await?);
    let mut lines = Vec::new();
    ClckInfo { status, class: None }.encode(&mut lines);
    Ok(Outcome::with_lines(lines))
}

async fn is_enabled(port: &mut CardPort) -> Result<bool, CmeError> {
    let fcp = done(send(port, &Command::select_fid(Channel::BASIC, FileId::MF)).await?)?;
    pin_enabled(&fcp, KeyRef::PIN1).ok_or(CmeError::SimFailure)
}

/// Reads the PIN status template of an FCP (TS 102.221, 11.1.1.4.10).
pub(super) fn pin_enabled(fcp: &[u8], key: KeyRef) -> Option<bool> {
    let (template, _) = Ber::read(fcp).ok()?;
    let status = template.children().find(0xC6).ok()??;
    let mut enabled = 0_u8;
    let mut place = 0_u32;
    for object in BerReader::new(status) {
        let object = object.ok()?;
        match (object.tag, object.value) {
            (0x90, [bitmap, ..]) => enabled = *bitmap,
            (0x83, [reference]) => {
                if *reference == key.0 {
                    return Some(enabled & 0x80_u8.checked_shr(place)? != 0);
                }
                place += 1;
            }
            _ => {}
        }
    }
    None
}

/// `+CPINR`: tries left of a PIN or PUK.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other codes are no PIN of a card")]
pub(crate) async fn tries(mut port: CardPort, codes: Vec<PinStatus>) -> Outcome {
    let mut lines = Vec::new();
    for code in codes {
        let (command, default) = match code {
            PinStatus::SimPuk => (unblock_tries(KeyRef::PIN1), 10),
            PinStatus::SimPuk2 => (unblock_tries(KeyRef::PIN2), 10),
            PinStatus::SimPin2 => (Command::tries_left(Channel::BASIC, KeyRef::PIN2), 3),
            _ => (Command::tries_left(Channel::BASIC, KeyRef::PIN1), 3),
        };
        let retries = match send(&mut port, &command).await.map(|answer| answer.status) {
            Ok(Status::TriesLeft(tries)) => tries,
            Ok(Status::AuthenticationBlocked) => 0,
            Ok(_) => default,
            Err(error) => return Outcome::refused(error),
        };
        let info = CpinrInfo { code, retries, default_retries: Some(default) };
        info.encode(&mut lines);
        lines.push(b'\n');
    }
    Outcome::with_lines(lines)
}

const fn unblock_tries(key: KeyRef) -> Command<'static> {
    Command::on(Channel::BASIC, Instruction::UnblockPin { key, values: None })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "of another crate, and it grows")]
async fn judged(port: &mut CardPort, command: &Command<'_>, key: KeyRef) -> Outcome {
    let status = match send(port, command).await {
        Ok(answer) => answer.status,
        Err(error) => return Outcome::refused(error),
    };
    let second = key.is_second_pin();
    let unblocking = matches!(command.instruction, Instruction::UnblockPin { .. });
    match status {
        Status::TriesLeft(0) | Status::AuthenticationBlocked => {
            let error = if second { CmeError::SimPuk2Required } else { CmeError::SimPukRequired };
            let change = if second { Change::None } else { Change::Refused(0) };
            Outcome::refused(error).changed(change)
        }
        Status::TriesLeft(tries) => {
            let change = if second || unblocking { Change::None } else { Change::Refused(tries) };
            Outcome::refused(CmeError::IncorrectPassword).changed(change)
        }
        status if status.is_done() && !second => Outcome::done().changed(Change::Unlocked),
        status if status.is_done() => Outcome::done(),
        _ => Outcome::refused(CmeError::OperationNotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_status_template_is_read() {
        let fcp = [0x62, 0x0B, 0xC6, 0x09, 0x90, 0x01, 0x40, 0x83, 0x01, 0x01, 0x83, 0x01, 0x81];
        assert_eq!(pin_enabled(&fcp, KeyRef::PIN1), Some(false));
        assert_eq!(pin_enabled(&fcp, KeyRef::PIN2), Some(true));
        assert_eq!(pin_enabled(&fcp, KeyRef::ADM1), None);
    }
}
