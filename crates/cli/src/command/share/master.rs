//! `polysim share master`

mod tell;

use super::args::{ConsentArg, MasterArgs, ModeArg, WayArg};
use super::audit::Audit;
use super::folder::{Folder, Role, randomness};
use super::modem::{Registered, SmallWorld};
use super::say::short;
use super::{TIMER, card, sim, timing};
use crate::command::console::{Console, Typed};
use crate::command::hardware::Report;
use crate::command::private::check_private;
use crate::command::say::Say;
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use polysim::journal::FileJournal;
use polysim::share::{
    ConnectionId, Dated, MasterDesk, MasterEntry, MasterNews, MasterNode, MasterSetup, PairedSlave,
};
use polysim_base::{Hex, Machine as _};
use polysim_hal::TokioClock;
use polysim_share::master::{
    Consent, Holder, Master as Machine, MasterCommand, MasterConfig, Mode, SlaveId, Way,
};
use polysim_share::{LockKey, VirtualSim};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long the own modem may take to leave in the end.
const LEAVES_WITHIN: Duration = Duration::from_secs(5);
/// How long a listener that could not take a connection waits.
const PAUSE: Duration = Duration::from_millis(100);

/// What the user is asked.
#[derive(Debug)]
enum Question {
    /// Whether both devices show the same number.
    Compare(ConnectionId),
    /// Whether this one may have the SIM now.
    Consent(SlaveId),
}

struct Master {
    say: Say,
    desk: MasterDesk,
    console: Console<Question>,
    /// The SIM, masked.
    sim: String,
    own: bool,
    journal: PathBuf,
    /// Names of slaves, also of those that are paired no more.
    names: BTreeMap<SlaveId, String>,
}

pub(super) async fn run(args: &MasterArgs, json: bool) -> Result<Report> {
    // Asked for first, so that a signal at any later moment ends in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let say = Say { json };
    let mut folder = Folder::found(&args.state, Role::Master, args.name.as_ref())?;
    let journal: FileJournal<Dated<MasterEntry>> = folder.journal().await?;
    let listening = || {
        format!(
            "cannot listen on {}: choose another with --listen, or end what listens there",
            args.listen
        )
    };
    let listener = TcpListener::bind(args.listen).await.with_context(listening)?;
    let is_new = !folder.sim().exists();
    let config = settle(args, &mut folder).await?;
    let set = config.set.clone();
    let world = args.own.then(|| SmallWorld::new(Some(&set))).transpose()?;
    let (own, registered) = match world.map(|world| (world.maker(card::maker()), world.modem())) {
        Some((make, (modem, registered))) => (Some((modem, make)), Some(registered)),
        None => (None, None),
    };
    let device = folder.device()?;
    let (name, key) = (device.name.clone(), device.identity.peer_key());
    let setup = MasterSetup { config, device, own, lend: card::maker() };
    let clock = Arc::new(TokioClock::unix());
    let (desk, mut news) = MasterNode::start(setup, Box::new(journal), clock).await?;
    let (address, shown) = (listener.local_addr()?, sim::masked(&set));
    let made = if is_new { "made" } else { "has" };
    say.event(
        "ready",
        &format!(
            "{name} (key {}) {made} the simulated SIM {shown}, IMSI {}, of {}; slaves: --connect {address}",
            short(&key),
            set.imsi.masked(),
            set.spn,
        ),
        json!({
            "ready": true, "name": name.as_str(), "key": Hex(&key.0).to_string(), "sim": shown,
            "imsi": set.imsi.masked(), "operator": set.spn, "simulated": true, "made": is_new,
            "listen": address.to_string(),
        }),
    )?;
    if args.pair {
        desk.pair(true).await?;
    }
    let mut master = Master {
        say,
        desk: desk.clone(),
        console: Console::new(args.yes),
        sim: shown,
        own: args.own,
        journal: folder.journal_path(),
        names: BTreeMap::new(),
    };
    let accepting = accept(listener, desk.clone());
    tokio::select! {
        biased;
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        served = master.serve(&mut news, registered) => served?,
        accepted = accepting => accepted?,
    }
    master.leave().await;
    drop((master, desk));
    news.ended().await?;
    let text = "stopped\n".to_owned();
    Ok(Report { text, json: json!({ "event": "stopped" }), exit: Exit::Held })
}

/// Returns how the master works: as it did before, unless something else is said and may be.
async fn settle(args: &MasterArgs, folder: &mut Folder) -> Result<MasterConfig> {
    let set = virtual_sim(folder)?;
    let lock = LockKey(*folder.key("lock.key")?);
    let before = folder.settings.timer_us.map(polysim_base::Duration::from_micros);
    let timer = args.timer.or(before).unwrap_or(TIMER);
    let mode = match args.mode {
        ModeArg::Provisioned => Mode::Provisioned,
        ModeArg::Remote => Mode::Remote,
    };
    let config = MasterConfig {
        set: Box::new(set),
        lock,
        mode,
        way: match args.way {
            WayArg::Compare => Way::Compare,
            WayArg::Push => Way::Push,
        },
        consent: match args.consent {
            ConsentArg::Once => Consent::Once,
            ConsentArg::EachTime => Consent::EachTime,
        },
        timing: timing(timer)?,
    };
    config.timing.check().context("--timer")?;
    let changes = [
        ("--timer", before.is_some_and(|before| before != timer)),
        ("--mode", before.is_some() && folder.settings.remote != (mode == Mode::Remote)),
    ];
    if let Some((what, _)) = changes.iter().find(|(_, changed)| *changed)
        && is_lent(folder, &config).await?
    {
        bail!(
            "{what} cannot be changed while a device may have the SIM: start without it, type release, \
             and start again"
        );
    }
    folder.settings.timer_us = Some(timer.as_micros());
    folder.settings.remote = mode == Mode::Remote;
    folder.keep()?;
    Ok(config)
}

fn virtual_sim(folder: &Folder) -> Result<VirtualSim> {
    let path = folder.sim();
    if !path.exists() {
        return sim::make(&path, &mut randomness());
    }
    check_private(&path)?;
    sim::read(&path)
}

/// Tells whether a lease may last.
async fn is_lent(folder: &Folder, config: &MasterConfig) -> Result<bool> {
    let mut machine = Machine::new(config.clone());
    let entries = FileJournal::<Dated<MasterEntry>>::look(folder.journal_path()).await?;
    entries
        .into_iter()
        .for_each(|Dated { entry: MasterEntry(record), .. }| machine.restore(record));
    Ok(machine.holder().is_some())
}

async fn accept(listener: TcpListener, desk: MasterDesk) -> Result<()> {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Small messages must not wait for each other.
                stream.set_nodelay(true).unwrap_or_default();
                desk.accept(stream).await?;
            }
            // Such as too many open files: it passes.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

impl Master {
    /// Serves the user, until the master is to end.
    async fn serve(
        &mut self,
        news: &mut MasterNews,
        mut registered: Option<watch::Receiver<Registered>>,
    ) -> Result<()> {
        loop {
            tokio::select! {
                biased;
                told = news.next() => match told {
                    Some(told) => self.told(told).await?,
                    None => return Ok(()),
                },
                typed = self.console.next() => match typed {
                    Typed::Answer(question, yes) => self.answer(question, yes).await?,
                    Typed::Ended(open) => {
                        for question in open {
                            self.answer(question, false).await?;
                        }
                    }
                    Typed::Words(words) => {
                        if self.words(&words).await? {
                            return Ok(());
                        }
                    }
                },
                now = changed(&mut registered) => self.registered(&now)?,
            }
        }
    }

    async fn ask(&mut self, question: Question) -> Result<()> {
        match self.console.ask(question) {
            Some((question, yes)) => self.answer(question, yes).await,
            None => Ok(()),
        }
    }

    async fn answer(&self, question: Question, yes: bool) -> Result<()> {
        match question {
            Question::Compare(connection) => self.desk.compared(connection, yes).await?,
            Question::Consent(slave) => {
                let consent = MasterCommand::Consent { slave, allow: yes };
                self.desk.command(consent).await?;
            }
        }
        Ok(())
    }

    /// Does what was typed; returns whether that is the end.
    async fn words(&self, words: &[String]) -> Result<bool> {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            [] => {}
            ["list"] => self.list()?,
            ["pick", "own"] if self.own => self.pick(Holder::Own).await?,
            ["pick", "own"] => self.say.complaint("there is no own modem: start with --own")?,
            ["pick", ref name @ ..] if !name.is_empty() => {
                if let Some(slave) = self.found(&name.join(" "))? {
                    self.pick(Holder::Slave(slave)).await?;
                }
            }
            ["release"] => self.desk.command(MasterCommand::Release).await?,
            ["pair", "on"] => self.desk.pair(true).await?,
            ["pair", "off"] => self.desk.pair(false).await?,
            ["unpair", ref name @ ..] if !name.is_empty() => {
                if let Some(slave) = self.found(&name.join(" "))? {
                    self.desk.command(MasterCommand::Unpair(slave)).await?;
                }
            }
            ["audit"] => {
                for (line, object) in Audit::read(&self.journal).await?.lines {
                    self.say.answer(&line, &object)?;
                }
            }
            ["quit"] => return Ok(true),
            _ => self.help(words == ["help"])?,
        }
        Ok(false)
    }

    fn help(&self, is_asked: bool) -> Result<()> {
        let text = "list, pick NAME|own, release, pair on|off, unpair NAME, audit, quit; \
                    y or n answers what is asked";
        if is_asked {
            return self.say.answer(text, &json!({ "help": text }));
        }
        self.say.complaint(&format!("that is none of: {text}"))
    }

    async fn pick(&self, holder: Holder) -> Result<()> {
        Ok(self.desk.command(MasterCommand::Pick(holder)).await?)
    }

    /// Finds a slave by its name or number; complains where there is not exactly one.
    fn found(&self, name: &str) -> Result<Option<SlaveId>> {
        let slaves = self.desk.status().slaves;
        let number = name.parse().ok().map(SlaveId);
        let is_it = |it: &&PairedSlave| it.name.as_str() == name || Some(it.id) == number;
        let found: Vec<_> = slaves.iter().filter(is_it).collect();
        match found[..] {
            [slave] => return Ok(Some(slave.id)),
            [] => self.say.complaint(&format!("no device {name} is paired: type list"))?,
            _ => self.say.complaint("there are several of that name: say its number")?,
        }
        Ok(None)
    }

    fn list(&self) -> Result<()> {
        let status = self.desk.status();
        if self.own {
            let active = status.holder == Some(Holder::Own);
            let object = json!({ "device": "own", "active": active, "connected": true });
            self.say.answer(&format!("own          {}", state(true, active)), &object)?;
        }
        for PairedSlave { id, key, name, connected } in &status.slaves {
            let active = status.holder == Some(Holder::Slave(*id));
            self.say.answer(
                &format!("{:<3} {name:<8} {}  key {}", id.0, state(*connected, active), short(key)),
                &json!({
                    "device": name.as_str(), "number": id.0, "key": Hex(&key.0).to_string(),
                    "connected": connected, "active": active,
                }),
            )?;
        }
        if !self.own && status.slaves.is_empty() {
            let text = "no device is paired: type pair on, and connect one";
            self.say.answer(text, &json!({ "devices": 0 }))?;
        }
        Ok(())
    }

    /// Takes the own modem off the network.
    async fn leave(&self) {
        if self.desk.status().holder != Some(Holder::Own) {
            return;
        }
        let left = async {
            self.desk.command(MasterCommand::Release).await?;
            self.desk.wait_for(|status| status.holder != Some(Holder::Own)).await
        };
        drop(tokio::time::timeout(LEAVES_WITHIN, left).await);
    }
}

fn state(connected: bool, active: bool) -> &'static str {
    match (connected, active) {
        (true, true) => "has the SIM",
        (true, false) => "connected",
        (false, true) => "not connected, and may have the SIM",
        (false, false) => "not connected",
    }
}

async fn changed(registered: &mut Option<watch::Receiver<Registered>>) -> Registered {
    if let Some(registered) = registered
        && registered.changed().await.is_ok()
    {
        return registered.borrow_and_update().clone();
    }
    std::future::pending().await
}
