//! PINs: where they come from, and presenting them with care.

use super::Report;
use super::args::PinArgs;
use super::show::short;
use crate::exit::Exit;
use anyhow::{Context as _, Result, anyhow, bail};
use polysim::{Card, CardFault, PinOutcome};
use polysim_apdu::{KeyRef, PIN_LEN, Pin};
use polysim_base::parse_hex;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use serde_json::json;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};

/// The variable that may hold the PIN.
const VARIABLE: &str = "POLYSIM_PIN";
/// Where a person can be asked, whatever standard input is.
const TERMINAL: &str = "/dev/tty";
/// Longest line that can hold a PIN or key.
const LINE_LEN_MAX: u64 = 256;

/// Reads which PIN is meant.
pub(super) fn key(name: &str) -> Result<KeyRef> {
    Ok(match name.to_lowercase().as_str() {
        "pin1" => KeyRef::PIN1,
        "pin2" => KeyRef::PIN2,
        "universal" => KeyRef::UNIVERSAL,
        "adm1" => KeyRef::ADM1,
        hex => match parse_hex(hex.as_bytes()).as_deref() {
            Ok([reference]) => KeyRef(*reference),
            Ok(_) | Err(_) => {
                bail!("{name:?} is no key: pin1, pin2, universal, adm1, or two digits")
            }
        },
    })
}

/// Returns the PIN that was given, if one was; `is_needed` asks for it where none was.
pub(super) fn from(args: &PinArgs, key: KeyRef, is_needed: bool) -> Result<Option<Pin>> {
    let text = if let Some(file) = &args.pin_file {
        let named = || format!("cannot read the PIN in {}", file.display());
        first_line(File::open(file).with_context(named)?).with_context(named)?
    } else if args.ask_pin {
        ask(key)?
    } else if let Some(text) = std::env::var_os(VARIABLE) {
        text.into_string().map_err(|_| anyhow!("{VARIABLE} holds no PIN"))?
    } else if is_needed {
        ask(key)?
    } else {
        return Ok(None);
    };
    parse(text.trim(), key).map(Some)
}

/// Reads a PIN; the message of an error says nothing of what was read.
fn parse(text: &str, key: KeyRef) -> Result<Pin> {
    if key.is_administrative()
        && let Ok(bytes) = parse_hex(text.as_bytes())
        && let Ok(bytes) = <[u8; PIN_LEN]>::try_from(bytes)
    {
        return Ok(Pin::new(bytes));
    }
    match Pin::from_digits(text) {
        Some(pin) if text.len() >= 4 || key.is_administrative() => Ok(pin),
        Some(_) | None if key.is_administrative() => {
            bail!("a key has 16 hexadecimal digits, or up to 8 decimal ones")
        }
        Some(_) | None => bail!("a PIN has 4 to 8 digits"),
    }
}

fn first_line(file: File) -> Result<String> {
    let mut line = String::new();
    BufReader::new(std::io::Read::take(file, LINE_LEN_MAX)).read_line(&mut line)?;
    Ok(line)
}

/// Asks at the terminal, without showing what is typed.
fn ask(key: KeyRef) -> Result<String> {
    let mut terminal =
        File::options().read(true).write(true).open(TERMINAL).with_context(|| {
            format!("nobody can be asked for the PIN here: give it by --pin-file or in {VARIABLE}")
        })?;
    let before = tcgetattr(&terminal).context("cannot hide what is typed")?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    write!(terminal, "{}: ", short(key))?;
    tcsetattr(&terminal, OptionalActions::Flush, &hidden).context("cannot hide what is typed")?;
    let line = terminal.try_clone().map_err(Into::into).and_then(first_line);
    tcsetattr(&terminal, OptionalActions::Now, &before)
        .context("cannot show again what is typed")?;
    writeln!(terminal)?;
    line
}

/// Presents a PIN, unless too few tries are left.
pub(super) async fn present(card: &mut Card, key: KeyRef, pin: Pin) -> Result<PinOutcome> {
    if !key.is_administrative() {
        // PINs belong to applications; on a card without a USIM they belong to the MF.
        match card.select_usim().await {
            Ok(usim) if is_disabled(&usim, key) => return Ok(PinOutcome::NotNeeded),
            Ok(_) | Err(CardFault::NoApplication { .. } | CardFault::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(card.verify_pin(key, pin).await?)
}

/// Tells whether an application says that a PIN is disabled: cards answer differently to one that is
/// presented all the same.
fn is_disabled(application: &polysim::File, key: KeyRef) -> bool {
    let status = application.fcp().ok().flatten().and_then(|fcp| fcp.pin_status);
    let is_it = |pin: &polysim_apdu::PinState| pin.key == key && !pin.enabled;
    status.is_some_and(|status| status.pins().iter().any(is_it))
}

pub(super) fn report(key: KeyRef, outcome: Option<PinOutcome>) -> Report {
    let (said, word) = match outcome {
        Some(PinOutcome::Verified) => ("verified", "verified"),
        Some(PinOutcome::NotNeeded) | None => ("not needed: it is disabled", "not-needed"),
    };
    Report {
        text: format!("{} is {said}\n", short(key)),
        json: json!({ "key": short(key), "outcome": word }),
        exit: Exit::Held,
    }
}

#[cfg(test)]
mod tests {
    use super::{key, parse};
    use polysim_apdu::{KeyRef, Pin};

    #[test]
    fn keys_have_names_and_numbers() {
        assert_eq!(key("PIN1").unwrap(), KeyRef::PIN1);
        assert_eq!(key("0b").unwrap(), KeyRef(0x0B));
        assert!(key("pin3").is_err());
        assert!(key("0B0C").is_err());
    }

    #[test]
    fn a_pin_is_digits_and_a_key_may_be_bytes() {
        assert_eq!(parse("1234", KeyRef::PIN1).unwrap(), Pin::from_digits("1234").unwrap());
        for wrong in ["", "123", "123456789", "12a4", "3132333435363738"] {
            assert!(parse(wrong, KeyRef::PIN1).is_err(), "{wrong:?}");
        }
        let bytes = *b"12345678";
        assert_eq!(parse("3132333435363738", KeyRef::ADM1).unwrap(), Pin::new(bytes));
        assert_eq!(parse("12345678", KeyRef::ADM1).unwrap(), Pin::new(bytes));
    }

    #[test]
    fn an_error_does_not_tell_the_pin() {
        let error = parse("98a76", KeyRef::PIN1).unwrap_err();
        assert!(!format!("{error:#}").contains("98a76"));
    }
}
