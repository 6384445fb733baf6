//! `polysim esim`: profiles on an eUICC.

mod args;
mod download;
mod open;
mod profile;
mod qr;
mod show;
mod user;

pub(crate) use args::EsimArgs;

use super::hardware::{self, Report};
use crate::exit::Exit;
use anyhow::{Result, bail};
use args::EsimCommand;
use open::Session;
use polysim_lpa::{Discover, LpaCommand, LpaDone};
use polysim_rsp::data::ResetOptions;
use serde_json::json;
use user::{User, agree};

pub(crate) fn run(args: &EsimArgs) -> Result<Exit> {
    hardware::carry_out(args.json, carry_out(args))
}

async fn carry_out(args: &EsimArgs) -> Result<Report> {
    // What is wrong with the arguments is found before the card is touched.
    let download =
        if let EsimCommand::Download(download) = &args.command { Some(download) } else { None };
    let order = download.map(|download| download::Order::of(download, args)).transpose()?;
    let mut session = Session::open(args).await?;
    let report = match order {
        Some(order) => order.carry_out(&mut session).await,
        None => manage(args, &mut session).await,
    };
    session.close().await;
    report
}

async fn manage(args: &EsimArgs, session: &mut Session<'_>) -> Result<Report> {
    let refresh = |no_refresh: &bool| !no_refresh;
    match &args.command {
        EsimCommand::Info => {
            let LpaDone::Info(info) = session.ask(LpaCommand::Info).await? else { return odd() };
            Ok(show::info(&info))
        }
        EsimCommand::List => Ok(show::profiles(&session.profiles().await?)),
        EsimCommand::Enable { which, no_refresh } => {
            let found = session.find(&which.profile).await?;
            let profile = found.identifier();
            let command = LpaCommand::Enable { profile, refresh: refresh(no_refresh) };
            session.change(command, "enabled", &found).await
        }
        EsimCommand::Disable { which, no_refresh } => {
            let found = session.find(&which.profile).await?;
            let profile = found.identifier();
            let command = LpaCommand::Disable { profile, refresh: refresh(no_refresh) };
            session.change(command, "disabled", &found).await
        }
        EsimCommand::Delete { which, yes } => {
            let found = session.find(&which.profile).await?;
            agree(*yes, &format!("delete {}, for good?", found.words()))?;
            session.change(LpaCommand::Delete(found.identifier()), "deleted", &found).await
        }
        EsimCommand::Nickname { which, name } => {
            let found = session.find(&which.profile).await?;
            let command = LpaCommand::Nickname { iccid: found.iccid()?, nickname: name.clone() };
            session.ask(command).await?;
            Ok(show::done(
                &format!("{} is named {name:?}", found.words()),
                json!({ "nickname": name }),
            ))
        }
        EsimCommand::Notifications { send, remove } => notifications(*send, *remove, session).await,
        EsimCommand::Discover { smds, imei } => {
            session.needs_roots()?;
            let discover = Discover { server: smds.clone(), device: download::device(*imei) };
            let done = session.ask(LpaCommand::Discover(Box::new(discover))).await?;
            let LpaDone::Discovered(events) = done else { return odd() };
            Ok(show::events(&events))
        }
        EsimCommand::DefaultSmdp { address } => {
            session.ask(LpaCommand::SetDefaultSmdp(address.clone())).await?;
            let text = format!("the default SM-DP+ is {address:?}");
            Ok(show::done(&text, json!({ "default_smdp": address })))
        }
        EsimCommand::Reset { profiles, test_profiles, default_smdp, yes } => {
            reset([*profiles, *test_profiles, *default_smdp], *yes, session).await
        }
        EsimCommand::Download(_) => odd(),
    }
}

async fn notifications(
    send: bool,
    remove: Option<u64>,
    session: &mut Session<'_>,
) -> Result<Report> {
    if let Some(seq_number) = remove {
        let done = session.ask(LpaCommand::RemoveNotification { seq_number }).await?;
        if done != LpaDone::NotificationRemoved(true) {
            bail!("there is no notification {seq_number}; `notifications` lists them");
        }
        let removed = json!({ "removed": seq_number });
        return Ok(show::done(&format!("{seq_number} is removed"), removed));
    }
    if send {
        session.needs_roots()?;
        let done = session.ask(LpaCommand::ProcessNotifications).await?;
        let LpaDone::Processed(reports) = done else { return odd() };
        return Ok(show::reports(&reports));
    }
    let done = session.ask(LpaCommand::ListNotifications).await?;
    let LpaDone::Notifications(waiting) = done else { return odd() };
    Ok(show::waiting(&waiting))
}

async fn reset(
    [profiles, test_profiles, default_smdp]: [bool; 3],
    yes: bool,
    session: &mut Session<'_>,
) -> Result<Report> {
    let kinds = [
        (profiles, ResetOptions::DELETE_OPERATIONAL_PROFILES, "all operational profiles"),
        (test_profiles, ResetOptions::DELETE_FIELD_LOADED_TEST_PROFILES, "all test profiles"),
        (default_smdp, ResetOptions::RESET_DEFAULT_SMDP_ADDRESS, "the default SM-DP+"),
    ];
    let is_any = kinds.iter().any(|(wanted, ..)| *wanted);
    let chosen: Vec<_> = kinds
        .into_iter()
        .filter(|(wanted, option, _)| {
            *wanted || (!is_any && *option == ResetOptions::DELETE_OPERATIONAL_PROFILES)
        })
        .collect();
    let options = chosen.iter().fold(ResetOptions::NONE, |all, (_, option, _)| all.with(*option));
    let words = chosen.iter().map(|(.., words)| *words).collect::<Vec<_>>().join(" and ");
    agree(yes, &format!("delete {words}, for good?"))?;
    let done = session.ask(LpaCommand::MemoryReset(options)).await?;
    session.notify().await;
    let was_there = done == LpaDone::MemoryReset(true);
    let text = if was_there { format!("{words}: deleted") } else { "nothing was there".to_owned() };
    Ok(show::done(&text, json!({ "deleted": was_there })))
}

/// The assistant answers each command in its own way.
fn odd<T>() -> Result<T> {
    bail!("the assistant answered another question")
}

impl Session<'_> {
    /// Changes a profile, and tells servers of it.
    async fn change(
        &mut self,
        command: LpaCommand,
        done: &str,
        found: &profile::Found,
    ) -> Result<Report> {
        self.ask(command).await?;
        self.notify().await;
        let text = format!("{}: {done}", found.words());
        Ok(show::done(&text, json!({ "done": done, "iccid": found.iccid_text() })))
    }

    async fn ask(&mut self, command: LpaCommand) -> Result<LpaDone> {
        let mut user = User::new(self.json);
        Ok(self.esim.carry_out(command, &mut user).await?)
    }
}
