//! `info`: who modem and card are, and where.

use super::{ModemArgs, Report, open, said, words};
use crate::exit::Exit;
use anyhow::Result;
use polysim::{Modem, ModemFault};
use polysim_at::{Command, Form, Text};
use polysim_modem::{ModemCommand, ModemError, Pin, Reply};
use serde_json::{Map, Value, json};

pub(super) async fn run(modem: &Modem, pin: Option<Pin>, args: &ModemArgs) -> Result<Report> {
    let card = match open::initialised(modem, pin, args).await {
        Ok(_) => "ready".to_owned(),
        Err(error) => match error.downcast_ref::<ModemFault>() {
            // The modem itself can be asked all the same.
            Some(ModemFault::Modem(
                cause @ (ModemError::PinRequired { .. }
                | ModemError::PinRefusedBefore
                | ModemError::Cme(_)),
            )) => cause.to_string(),
            _ => return Err(error),
        },
    };
    said("asking the modem", facts(modem, card)).await
}

async fn facts(modem: &Modem, card: String) -> Result<Report> {
    let mut facts = Facts::default();
    facts.add("maker", "Maker", ask(modem, Command::Cgmi(Form::Execute)).await?);
    facts.add("model", "Model", ask(modem, Command::Cgmm(Form::Execute)).await?);
    facts.add("revision", "Revision", ask(modem, Command::Cgmr(Form::Execute)).await?);
    let identity = modem.identity();
    let imei = match identity.imei {
        Some(imei) => Some(imei.to_string()),
        None => ask(modem, Command::Cgsn(Form::Execute)).await?,
    };
    facts.add("imei", "IMEI", imei);
    facts.add("card", "Card", Some(card));
    facts.add("iccid", "ICCID", identity.iccid.map(|iccid| iccid.to_string()));
    facts.add("imsi", "IMSI", identity.imsi.map(|imsi| imsi.to_string()));
    if let Ok(Reply::OwnNumbers(numbers)) = modem.command(ModemCommand::OwnNumber).await {
        facts.add("number", "Number", numbers.first().map(text));
    }
    registration(modem, &mut facts).await?;
    Ok(facts.report())
}

async fn registration(modem: &Modem, facts: &mut Facts) -> Result<()> {
    let Some(state) = allowed(modem.registration().await)? else { return Ok(()) };
    facts.add("registration", "Registration", Some(words::registration(state.status).to_owned()));
    facts.json.insert("registered".into(), json!(state.is_registered()));
    facts.add("technology", "Access", state.technology.map(|it| words::technology(it).to_owned()));
    facts.add("area", "Area", state.area.map(|area| format!("{area:04X}")));
    facts.add("cell", "Cell", state.cell.map(|cell| format!("{cell:08X}")));
    if let Some(Some(operator)) = allowed(modem.operator().await)? {
        let code = text(&operator.code);
        let name = operator.name.as_ref().map(text);
        let both = match &name {
            Some(name) if *name != code => format!("{name} ({code})"),
            Some(_) | None => code.clone(),
        };
        facts.lines.push(("Operator", both));
        facts.json.insert("operator".into(), json!({ "code": code, "name": name }));
    }
    if let Some(signal) = allowed(modem.signal().await)? {
        let level = words::level(&signal);
        let said = level.map_or_else(|| "not known".to_owned(), |level| format!("{level} dBm"));
        facts.lines.push(("Signal", said));
        facts.json.insert("signal_dbm".into(), json!(level));
    }
    Ok(())
}

/// What the modem refuses is not known; what fails otherwise is an error.
fn allowed<T>(answer: Result<T, ModemFault>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(ModemFault::Modem(
            ModemError::Refused | ModemError::Cme(_) | ModemError::BadAnswer { .. },
        )) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Asks for one line of text.
async fn ask(modem: &Modem, command: Command) -> Result<Option<String>> {
    let Some(lines) = allowed(modem.raw(command).await)? else { return Ok(None) };
    let line = lines.first().map(|line| String::from_utf8_lossy(line).into_owned());
    // Some put the name of the command before it.
    Ok(line.map(|line| match line.split_once(": ") {
        Some((name, rest)) if name.starts_with("+CG") => rest.trim_matches('"').to_owned(),
        Some(_) | None => line,
    }))
}

fn text(text: &Text) -> String {
    text.to_string_lossy().into_owned()
}

#[derive(Default)]
struct Facts {
    lines: Vec<(&'static str, String)>,
    json: Map<String, Value>,
}

impl Facts {
    fn add(&mut self, key: &str, name: &'static str, value: Option<String>) {
        self.json.insert(key.into(), json!(value));
        self.lines.extend(value.map(|value| (name, value)));
    }

    fn report(self) -> Report {
        let lines = self.lines.iter().map(|(name, value)| format!("{name:<13} {value}\n"));
        Report { text: lines.collect(), json: Value::Object(self.json), exit: Exit::Held }
    }
}
