//! `polysim issuance`: what a card-writing platform on this machine has.

mod args;
mod folder;

pub(crate) use args::{IssuanceArgs, StoreKeyArgs};
pub(crate) use folder::{Opened, Settings};

use super::hardware::{self, Report};
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use args::{InitArgs, IssuanceCommand};
use folder::NetworkSettings;
use polysim::issuance::table::{
    read_bindings, read_card_keys, read_subscription_keys, write_bindings,
};
use polysim::issuance::{News, Office};
use polysim_base::{Imei, Imsi};
use polysim_issuance::FileSizes;
use polysim_issuance::business::DeviceResult;
use polysim_issuance::keys::Origin;
use polysim_issuance::platform::{Alarm, BindingRow, CardState};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

pub(crate) fn run(args: &IssuanceArgs) -> Result<Exit> {
    hardware::carry_out(args.json, carry_out(args))
}

async fn carry_out(args: &IssuanceArgs) -> Result<Report> {
    match &args.command {
        IssuanceCommand::Init(init_args) => init(init_args),
        IssuanceCommand::Keys { store, cards, subscriptions, key } => {
            // What another process loads meanwhile would be lost.
            let _only = folder::lock(store)?;
            keys(Opened::open(store, key)?, cards.as_deref(), subscriptions.as_deref())
        }
        IssuanceCommand::Import { store, file, key } => {
            let rows = read_bindings(opened(file)?).with_context(|| file.display().to_string())?;
            import(&mut Opened::open(store, key)?.office(Vec::new()).await?, rows).await
        }
        IssuanceCommand::Export { store, key } => {
            export(&Opened::open(store, key)?.office(Vec::new()).await?)
        }
        IssuanceCommand::Attached { store, imsi, key } => {
            attached(&mut Opened::open(store, key)?.office(Vec::new()).await?, *imsi).await
        }
        IssuanceCommand::Cancel { store, imei, key } => {
            cancel(&mut Opened::open(store, key)?.office(Vec::new()).await?, *imei).await
        }
    }
}

/// Opens a table; `-` is standard input.
fn opened(path: &Path) -> Result<Box<dyn Read>> {
    if path == Path::new("-") {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Box::new(file))
}

fn done(text: String, json: Value) -> Report {
    Report { text, json, exit: Exit::Held }
}

fn init(args: &InitArgs) -> Result<Report> {
    let settings = Settings {
        number: args.number,
        aid: args.aid.clone(),
        tar: args.tar.clone(),
        simulated: args.simulated,
        sizes: FileSizes { msisdn_record: 34, smsp_record: 52, forbidden: 12 },
        networks: args.networks.iter().map(|text| network(text)).collect::<Result<_>>()?,
    };
    settings.found(&args.store, &args.key)?;
    let name = args.store.display();
    let text = match args.simulated {
        Some(_) => format!("{name} is ready, for simulated cards\n"),
        None => format!("{name} is ready; next: polysim issuance keys {name} --cards FILE.csv\n"),
    };
    Ok(done(text, json!({ "store": args.store, "simulated": args.simulated.is_some() })))
}

fn network(text: &str) -> Result<NetworkSettings> {
    let (home, centre) = match text.split_once('=') {
        Some((home, centre)) => (home, Some(centre)),
        None => (text, None),
    };
    let centre = centre.map(str::parse).transpose().with_context(|| text.to_owned())?;
    Ok(NetworkSettings { home: home.parse().with_context(|| text.to_owned())?, centre })
}

fn keys(mut store: Opened, cards: Option<&Path>, subscriptions: Option<&Path>) -> Result<Report> {
    let Some(file) = &mut store.keys else {
        bail!("the keys of this folder are made from a number: it holds no others");
    };
    let (mut of_cards, mut of_subscriptions) = (0_usize, 0_usize);
    if let Some(path) = cards {
        let rows = read_card_keys(opened(path)?, Origin::Live);
        for (eid, keys) in rows.with_context(|| path.display().to_string())? {
            file.store.insert_card(eid, keys).with_context(|| format!("card {eid}"))?;
            of_cards += 1;
        }
    }
    if let Some(path) = subscriptions {
        let rows = read_subscription_keys(opened(path)?);
        for (imsi, key) in rows.with_context(|| path.display().to_string())? {
            file.store.insert_subscription(imsi, key, Origin::Live)?;
            of_subscriptions += 1;
        }
    }
    file.save()?;
    Ok(done(
        format!("keys of {of_cards} cards and {of_subscriptions} subscriptions are loaded\n"),
        json!({ "cards": of_cards, "subscriptions": of_subscriptions }),
    ))
}

async fn import(office: &mut Office, rows: Vec<BindingRow>) -> Result<Report> {
    let count = rows.len();
    for row in rows {
        office.import(row).await?;
    }
    let (mut text, mut refused) = (String::new(), Vec::new());
    for news in office.news() {
        if let News::Imported { eid, result: Err(why) } = news {
            writeln!(text, "card {eid}: {why}")?;
            refused.push(json!({ "eid": eid.to_string(), "why": why.to_string() }));
        }
    }
    let taken = count.saturating_sub(refused.len());
    writeln!(text, "{taken} of {count} bindings are imported")?;
    let exit = if refused.is_empty() { Exit::Held } else { Exit::Failed };
    Ok(Report { text, json: json!({ "imported": taken, "refused": refused }), exit })
}

fn export(office: &Office) -> Result<Report> {
    let mut table = Vec::new();
    write_bindings(office.platform().bindings(), &mut table)?;
    let rows: Vec<_> = office.platform().bindings().map(|row| row_json(&row)).collect();
    Ok(done(String::from_utf8(table)?, json!({ "bindings": rows })))
}

fn row_json(row: &BindingRow) -> Value {
    let (imsi, new, proved) = match row.state {
        CardState::Settled { imsi } => (imsi, None, false),
        CardState::Pending { old, new, proved } => (old, Some(new), proved),
    };
    json!({
        "eid": row.eid, "imei": row.imei, "iccid": row.iccid, "imsi": imsi,
        "msisdn": row.msisdn, "new_imsi": new, "proved": proved,
    })
}

async fn attached(office: &mut Office, imsi: Imsi) -> Result<Report> {
    let Some(eid) = office.platform().card_of(imsi) else {
        bail!("no card here has IMSI {imsi}, or is to get it");
    };
    office.attached(imsi).await?;
    let state = office.platform().card_state(eid);
    let is_done = state == Some(CardState::Settled { imsi: Some(imsi) });
    let text = match is_done {
        true => format!("card {eid} has IMSI {imsi}\n"),
        false => format!("card {eid} has registered; its write is not finished\n"),
    };
    Ok(done(text, json!({ "eid": eid, "done": is_done })))
}

async fn cancel(office: &mut Office, imei: Imei) -> Result<Report> {
    let Some(batch) = office.business().batch_of(imei) else {
        bail!("no write for {imei} is under way");
    };
    office.cancel(batch, imei).await?;
    let is_over = matches!(office.business().result(batch, imei), Some(DeviceResult::Failed(_)));
    let (text, exit) = match is_over {
        true => (format!("the write for {imei} is given up\n"), Exit::Held),
        false => (
            format!(
                "the card in {imei} may have it already: bring it to its end with card write\n"
            ),
            Exit::Failed,
        ),
    };
    Ok(Report { text, json: json!({ "given_up": is_over }), exit })
}

/// What people should know, one line each.
pub(crate) fn alarms(office: &mut Office) -> Vec<String> {
    let news = office.news().into_iter();
    news.filter_map(|news| {
        let News::Alarm(alarm) = news else { return None };
        Some(said(&alarm))
    })
    .collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open")]
fn said(alarm: &Alarm) -> String {
    match alarm {
        Alarm::Moved { eid, from, to } => format!("card {eid} was in {from}, and is in {to} now"),
        Alarm::Conflict { imei, bound, asks } => {
            format!("device {imei} is bound to card {bound}, and has card {asks} in it")
        }
        Alarm::NotAuthentic { eid } => {
            format!("something pretends to be from card {eid}, or was changed on its way")
        }
        Alarm::Replayed { eid } => format!("a packet of card {eid} came a second time"),
        Alarm::Security { eid, status } => {
            format!("card {eid} refuses the security of packets with status {status:02X}")
        }
        Alarm::Overdue { eid, .. } => {
            format!("card {eid} has its subscription, which has not registered for long")
        }
        Alarm::Contradiction { eid, imsi: Some(imsi) } => {
            format!("card {eid} says that it has IMSI {imsi}, which is not what is known here")
        }
        Alarm::Contradiction { eid, imsi: None } => {
            format!("card {eid} says that it has no subscription, which is not what is known here")
        }
        Alarm::Resynchronised { eid } => {
            format!("the counter of card {eid} was ahead, and is caught up with")
        }
        other => format!("{other:?}"),
    }
}
