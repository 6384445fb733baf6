//! Getting at the modem: port, PIN, initialisation, registration.

use super::{ModemArgs, said, to_std};
use crate::command::hardware::tracer;
use anyhow::{Context as _, Result, anyhow, bail};
use polysim::{Modem, ModemFault, ModemOptions};
use polysim_base::Duration;
use polysim_hal::{ModemPort, PortErrorKind, Traced};
use polysim_hal_serial::{SysRoot, find_modems};
use polysim_modem::{Identity, ModemError, Pin};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

/// The variable that may hold the PIN.
const VARIABLE: &str = "POLYSIM_PIN";
/// Longest line that can hold a PIN.
const LINE_LEN_MAX: u64 = 256;
/// The port that is looked for.
const AUTO: &str = "auto";

/// Returns the PIN that was given, if one was. No message repeats it.
pub(super) fn pin(args: &ModemArgs) -> Result<Option<Pin>> {
    let text = match &args.pin_file {
        Some(path) => first_line(path)
            .with_context(|| format!("cannot read the PIN in {}", path.display()))?,
        None => match std::env::var_os(VARIABLE) {
            Some(text) => text.into_string().map_err(|_| anyhow!("{VARIABLE} holds no PIN"))?,
            None => return Ok(None),
        },
    };
    Ok(Some(Pin::new(text.trim())?))
}

fn first_line(path: &Path) -> std::io::Result<String> {
    let mut line = String::new();
    BufReader::new(File::open(path)?.take(LINE_LEN_MAX)).read_line(&mut line)?;
    Ok(line)
}

/// Opens the port. Nothing is said to the modem.
pub(super) async fn modem(args: &ModemArgs) -> Result<Modem> {
    let address = if args.port == AUTO { only_modem()? } else { args.port.clone() };
    let opened = polysim_hal_serial::open(&address).await;
    let port = opened.map_err(|error| {
        let advice = advice(*error.kind());
        anyhow::Error::new(error).context(format!("cannot open {address}{advice}"))
    })?;
    Ok(Modem::open(traced(port, args)?, ModemOptions::default()))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds speak for themselves")]
const fn advice(kind: PortErrorKind) -> &'static str {
    match kind {
        PortErrorKind::NotFound => " (`polysim doctor` lists the ports that are there)",
        PortErrorKind::Denied => " (sudo usermod -aG dialout $USER, and log in anew)",
        PortErrorKind::Busy => " (`polysim doctor` says which program uses it)",
        _ => "",
    }
}

fn traced(port: Box<dyn ModemPort>, args: &ModemArgs) -> Result<Box<dyn ModemPort>> {
    let Some(path) = &args.trace else { return Ok(port) };
    let name = port.name();
    Ok(Box::new(Traced::new(port, name, tracer(path)?)))
}

/// Finds the only modem there is.
fn only_modem() -> Result<String> {
    let modems = find_modems(&SysRoot::default());
    let ports: Vec<_> = modems
        .iter()
        .filter_map(|modem| Some((modem.title(), modem.at_ports().first()?.path.clone())))
        .collect();
    match &*ports {
        [(_, path)] => Ok(path.display().to_string()),
        [] => bail!(
            "no modem is plugged in that polysim knows: name its port (`polysim doctor` lists ports)"
        ),
        several => {
            let list: Vec<_> = several
                .iter()
                .map(|(title, path)| format!("\n  {}  {title}", path.display()))
                .collect();
            bail!("several modems are plugged in, name one of them:{}", list.concat())
        }
    }
}

/// Opens a port, sets the modem up and waits for the network, for as long as commands do. The PIN comes
/// from the environment.
pub(crate) async fn ready(port: &str) -> Result<Modem> {
    let args = ModemArgs::at(port);
    let pin = pin(&args)?;
    let modem = modem(&args).await?;
    match registered(&modem, pin, &args).await {
        Ok(()) => Ok(modem),
        Err(error) => {
            modem.close().await;
            Err(error)
        }
    }
}

/// Sets the modem up.
pub(super) async fn initialised(
    modem: &Modem,
    pin: Option<Pin>,
    args: &ModemArgs,
) -> Result<Identity> {
    let initialised = modem.initialise(pin);
    let in_time =
        tokio::time::timeout(to_std(args.timeout), said("setting the modem up", initialised));
    match in_time.await {
        Ok(Ok(identity)) => Ok(identity),
        Ok(Err(fault)) => Err(explained(fault)),
        Err(_) => Err(anyhow::Error::new(ModemFault::Modem(ModemError::Timeout))
            .context(format!("the modem is not ready within {}", args.timeout))),
    }
}

/// Adds what to do about it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other faults speak for themselves")]
fn explained(fault: ModemFault) -> anyhow::Error {
    let advice = match &fault {
        ModemFault::Modem(ModemError::PinRequired { attempts_left: Some(0..=2), .. }) => {
            "too few tries are left: unlock the card in a phone"
        }
        ModemFault::Modem(ModemError::PinRequired { .. }) => {
            "give the PIN by --pin-file or in POLYSIM_PIN"
        }
        ModemFault::Modem(ModemError::Timeout | ModemError::Unresponsive) => {
            "no modem answers at this port: it may be another of its ports (`polysim doctor` lists them)"
        }
        _ => "cannot set the modem up",
    };
    anyhow::Error::new(fault).context(advice)
}

/// Sets the modem up and waits for the network.
pub(super) async fn registered(modem: &Modem, pin: Option<Pin>, args: &ModemArgs) -> Result<()> {
    let started = tokio::time::Instant::now();
    initialised(modem, pin, args).await?;
    let spent = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let left = Duration::from_micros(args.timeout.as_micros().saturating_sub(spent));
    match said("waiting for the network", modem.wait_registered(left)).await {
        Ok(_) => Ok(()),
        // For the user, it took as long as was allowed altogether.
        Err(ModemFault::NotRegistered { state, .. }) => {
            Err(ModemFault::NotRegistered { within: args.timeout, state }.into())
        }
        Err(fault) => Err(fault.into()),
    }
}
