//! `polysim card`: a card in a reader or in a modem.

mod apdu;
mod args;
mod file;
mod info;
pub(in crate::command) mod known;
mod on_site;
pub(in crate::command) mod open;
mod pin;
mod place;
mod readers;
mod show;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use args::CardArgs;

use super::hardware::{self, Report};
use crate::exit::Exit;
use anyhow::{Result, bail};
use args::CardCommand;
use polysim::{Card, CardFault};
use polysim_apdu::{KeyRef, Pin, Status};

pub(crate) fn run(args: &CardArgs) -> Result<Exit> {
    hardware::carry_out(args.json, carry_out(args))
}

async fn carry_out(args: &CardArgs) -> Result<Report> {
    let reader = match (&args.command, &args.reader) {
        (CardCommand::List, None) => return readers::list().await,
        (CardCommand::List, Some(reader)) => {
            bail!("`list` is about all readers, not about {reader}")
        }
        (_, None) => bail!("which card? polysim card READER …, and `polysim card list` lists them"),
        (_, Some(reader)) => reader,
    };
    if let Some(report) = on_site::run(args, reader).await? {
        return Ok(report);
    }
    // What is wrong with the arguments is found before the card is touched.
    let order = Order::of(args)?;
    let (mut card, name) = open::card(reader, args.trace.as_deref()).await?;
    let report = order.carry_out(&mut card, &name).await.map_err(advise);
    // The channel in a modem would stay open; what was found out is what matters if that fails.
    drop(card.close_channel().await);
    report
}

/// Adds what to do about a refusal.
fn advise(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(CardFault::Refused { status: Status::SecurityNotSatisfied, .. }) => {
            error.context("it takes a PIN: --ask-pin, or --key adm1 --ask-pin for the issuer's")
        }
        Some(_) | None => error,
    }
}

/// What is to be done, with what must be verified before.
struct Order {
    job: Job,
    key: KeyRef,
    pin: Option<Pin>,
    reveal: bool,
}

impl Order {
    fn of(args: &CardArgs) -> Result<Self> {
        let job = Job::of(args)?;
        let key = pin::key(&args.pin.key)?;
        let pin = pin::from(&args.pin, key, matches!(job, Job::Verify))?;
        Ok(Self { job, key, pin, reveal: args.reveal })
    }

    async fn carry_out(&self, card: &mut Card, reader: &str) -> Result<Report> {
        let outcome = match self.pin {
            Some(pin) => Some(pin::present(card, self.key, pin).await?),
            None => None,
        };
        match &self.job {
            Job::Info => info::report(card, reader).await,
            Job::Tree => tree::report(card).await,
            Job::Read { place, record } => file::read(card, place, *record, self.reveal).await,
            Job::Update { place, write } => file::update(card, place, write).await,
            Job::Apdu { script, raw } => apdu::run(card, script, *raw, self.reveal).await,
            Job::Verify => Ok(pin::report(self.key, outcome)),
        }
    }
}

/// What is to be done, read and checked.
enum Job {
    Info,
    Tree,
    Read { place: place::Place, record: Option<u8> },
    Update { place: place::Place, write: file::Write },
    Apdu { script: Vec<apdu::Line>, raw: bool },
    Verify,
}

impl Job {
    fn of(args: &CardArgs) -> Result<Self> {
        Ok(match &args.command {
            CardCommand::Info => Self::Info,
            CardCommand::Tree => Self::Tree,
            CardCommand::Read { path, record } => {
                Self::Read { place: place::Place::parse(path)?, record: *record }
            }
            CardCommand::Update { path, hex, record, offset } => Self::Update {
                place: place::Place::parse(path)?,
                write: file::Write::new(hex, *record, *offset)?,
            },
            CardCommand::Apdu { commands, file, raw } => {
                let script = match file {
                    Some(file) => apdu::script(file)?,
                    None => apdu::lines(commands)?,
                };
                Self::Apdu { script, raw: *raw }
            }
            CardCommand::Verify => Self::Verify,
            CardCommand::List => bail!("`list` is about all readers"),
            CardCommand::Binding { .. } | CardCommand::Write(_) | CardCommand::Deliver { .. } => {
                bail!("this is for a tool on site")
            }
        })
    }
}
