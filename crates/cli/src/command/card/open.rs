//! From what the user calls a card to the card.

use super::readers;
use crate::command::hardware::tracer;
use anyhow::{Context as _, Result};
use polysim::card::USIM_AID;
use polysim::{Card, CardFault, Modem, ModemFault, ModemOptions};
use polysim_apdu::FileId;
use polysim_hal::{CardErrorKind, CardLink, Traced};
use polysim_issuance::on_site::Terminal;
use polysim_modem::ModemError;
use std::path::Path;

/// What stands before the port of a modem that holds the card.
const MODEM: &str = "modem:";

/// Opens the card in a reader, or in the modem at a port.
///
/// Returns what it is called in full with it.
pub(super) async fn card(wanted: &str, trace: Option<&Path>) -> Result<(Card, String)> {
    match wanted.strip_prefix(MODEM) {
        Some(port) => Ok((in_modem(port, trace).await?, wanted.to_owned())),
        None => {
            let (link, name) = readers::connect(wanted).await?;
            Ok((Card::new(traced(link, &name, trace)?), name))
        }
    }
}

/// Opens the way to a card for a tool: in a reader the tool is the terminal.
pub(in crate::command) async fn link(
    wanted: &str,
    trace: Option<&Path>,
) -> Result<(Box<dyn CardLink>, Terminal)> {
    match wanted.strip_prefix(MODEM) {
        Some(port) => {
            let (modem, name) = modem(port).await?;
            Ok((traced(Box::new(modem.card()), &name, trace)?, Terminal::Modem))
        }
        None => {
            let (link, name) = readers::connect(wanted).await?;
            Ok((traced(link, &name, trace)?, Terminal::Tool))
        }
    }
}

fn traced(link: Box<dyn CardLink>, name: &str, trace: Option<&Path>) -> Result<Box<dyn CardLink>> {
    let Some(path) = trace else { return Ok(link) };
    Ok(Box::new(Traced::new(link, name, tracer(path)?)))
}

async fn modem(address: &str) -> Result<(Modem, String)> {
    let address: polysim_hal_serial::Address = address.parse()?;
    let port = address.open(polysim_hal_serial::SerialSettings::default()).await?;
    let modem = Modem::open(port, ModemOptions::default());
    let mut ready = modem.initialise(None).await;
    if let Err(ModemFault::Modem(ModemError::BadAnswer { .. })) = ready {
        // It was the answer to a program that is gone.
        ready = modem.initialise(None).await;
    }
    match ready {
        // A card that waits for its PIN can be talked to, and an eUICC without a profile.
        Ok(_)
        | Err(ModemFault::Modem(
            ModemError::PinRequired { .. } | ModemError::Cme(polysim_at::CmeError::SimFailure),
        )) => {}
        Err(error) => return Err(error).context("the modem cannot be set up"),
    }
    Ok((modem, address.to_string()))
}

async fn in_modem(address: &str, trace: Option<&Path>) -> Result<Card> {
    let (modem, name) = modem(address).await?;
    let mut card = Card::new(traced(Box::new(modem.card()), &name, trace)?);
    // The basic channel is the modem's own. A card without a USIM, or a modem without channels,
    // leaves no other.
    match card.open_channel(&USIM_AID).await {
        // As after a reset.
        Ok(_) => drop(card.select(&[FileId::MF]).await?),
        Err(CardFault::NoApplication { .. }) => {}
        Err(CardFault::Link(error)) if leaves_the_basic_channel(*error.kind()) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(card)
}

fn leaves_the_basic_channel(kind: CardErrorKind) -> bool {
    matches!(kind, CardErrorKind::Unsupported | CardErrorKind::Refused(_) | CardErrorKind::Io)
}
