//! `polysim share slave`

use super::args::{Place, SlaveArgs};
use super::folder::{Folder, Role};
use super::modem::{Plug, Registered, SmallWorld};
use super::say::{digits, short};
use super::sim::OPERATOR;
use super::{DETACH, RETRY, SUPERVISION, card, margin, sim};
use crate::command::console::{Console, Typed};
use crate::command::hardware::Report;
use crate::command::private::check_private;
use crate::command::say::Say;
use crate::exit::Exit;
use anyhow::{Context as _, Result};
use polysim::share::{
    SessionEnd, SlaveDesk, SlaveNews, SlaveNode, SlavePace, SlaveSetup, SlaveTold, stay_connected,
};
use polysim_base::Hex;
use polysim_hal::TokioClock;
use polysim_share::StorageKey;
use polysim_share::link::LinkEnd;
use polysim_share::slave::{Left, SlaveCommand, SlaveEvent, Why};
use polysim_share::wire::HeldBy;
use serde_json::json;
use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// How long leaving the network may take in the end, and telling the master.
const LEAVES_WITHIN: Duration = Duration::from_secs(5);
const NOTED_WITHIN: Duration = Duration::from_secs(2);

/// Whether both devices show the same number.
#[derive(Debug)]
struct Compare;

struct Slave {
    say: Say,
    desk: SlaveDesk,
    console: Console<Compare>,
}

/// How it came to an end.
enum End {
    Wished,
    /// The master has ended it, or pairing has failed.
    Refused(String),
}

pub(super) async fn run(args: &SlaveArgs, json: bool) -> Result<Report> {
    // Asked for first, so that a signal at any later moment ends in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let say = Say { json };
    let (desk, mut news, registered, _plug) = start(args, say).await?;
    // Whatever the user of an earlier start has said.
    let wish = if args.on_request { SlaveCommand::Release } else { SlaveCommand::Want };
    desk.command(wish).await?;
    let clock = TokioClock::unix();
    let why_not = RefCell::new(None);
    let dial = || dial(&args.connect, &why_not, say);
    let ended = |end| retry(&why_not, say, &format!("{end}"));
    let connecting = stay_connected(&desk, &clock, dial, ended);
    let mut slave = Slave { say, desk: desk.clone(), console: Console::new(args.yes) };
    let end = tokio::select! {
        biased;
        _ = interrupted.recv() => End::Wished,
        _ = terminated.recv() => End::Wished,
        end = slave.serve(&mut news, registered) => end?,
        end = connecting => End::Refused(refusal(end?)),
    };
    slave.leave().await;
    drop((slave, desk));
    // What it still tells while it ends is of no interest; how it ended is.
    news.ended().await?;
    match end {
        End::Wished => Ok(report("stopped", Exit::Held)),
        End::Refused(why) => {
            say.event("stopped", &why, json!({ "why": why }))?;
            Ok(Report { text: String::new(), json: serde_json::Value::Null, exit: Exit::Failed })
        }
    }
}

fn report(text: &str, exit: Exit) -> Report {
    Report { text: format!("{text}\n"), json: json!({ "event": text }), exit }
}

async fn start(
    args: &SlaveArgs,
    say: Say,
) -> Result<(SlaveDesk, SlaveNews, watch::Receiver<Registered>, Option<Plug>)> {
    let known = args.register.as_deref().map(|path| {
        check_private(path)?;
        sim::read(path)
    });
    let known = known.transpose()?;
    let folder = Folder::found(&args.state, Role::Slave, args.name.as_ref())?;
    let journal = folder.journal().await?;
    let device = folder.device()?;
    let storage = StorageKey(*folder.key("storage.key")?);
    folder.keep()?;
    let world = SmallWorld::new(known.as_ref())?;
    let plug = args.pty.as_deref().map(|link| world.plug(link)).transpose()?;
    let make = world.maker(card::maker());
    let (modem, registered) = world.modem();
    let pace =
        SlavePace { supervision: SUPERVISION, margin: margin()?, detach: DETACH, retry: RETRY };
    let (name, key) = (device.name.clone(), device.identity.peer_key());
    let setup = SlaveSetup { storage, wants: !args.on_request, pace, device, modem, make };
    let clock = Arc::new(TokioClock::unix());
    let (desk, news) = SlaveNode::start(setup, Box::new(journal), clock).await?;
    let paired = desk.status().master.map(|master| master.name.as_str().to_owned());
    let with = paired
        .as_ref()
        .map_or_else(|| "not paired yet".to_owned(), |master| format!("paired with {master}"));
    let port = args.pty.as_ref().map(|link| format!(", its modem is {}", link.display()));
    say.event(
        "ready",
        &format!("{name} (key {}), {with}{}", short(&key), port.unwrap_or_default()),
        json!({
            "ready": true, "name": name.as_str(), "key": Hex(&key.0).to_string(), "paired": paired,
            "connect": args.connect.to_string(), "pty": args.pty,
        }),
    )?;
    Ok((desk, news, registered, plug))
}

/// Connects; what goes wrong is told when it is news.
async fn dial(place: &Place, why_not: &RefCell<Option<String>>, say: Say) -> Option<TcpStream> {
    match TcpStream::connect((place.host.as_str(), place.port)).await {
        Ok(stream) => {
            // Small messages must not wait for each other.
            stream.set_nodelay(true).unwrap_or_default();
            Some(stream)
        }
        Err(error) => {
            retry(why_not, say, &format!("cannot connect to {place}: {error}"));
            None
        }
    }
}

fn retry(why_not: &RefCell<Option<String>>, say: Say, why: &str) {
    if why_not.replace(Some(why.to_owned())).as_deref() != Some(why) {
        // Nobody may be there to read it.
        say.event("retry", why, json!({ "why": why })).unwrap_or_default();
    }
}

fn refusal(end: SessionEnd) -> String {
    if end == SessionEnd::Link(LinkEnd::PairingOff) {
        return "another master is there than the one that this device is paired with, or that one does not \
                know it any more: see to --connect, or begin with another folder for --state and pair anew"
            .to_owned();
    }
    end.to_string()
}

impl Slave {
    /// Serves the user, until it is to end.
    async fn serve(
        &mut self,
        news: &mut SlaveNews,
        mut registered: watch::Receiver<Registered>,
    ) -> Result<End> {
        loop {
            tokio::select! {
                biased;
                told = news.next() => match told {
                    Some(SlaveTold::Unpaired) => {
                        let why = "the master has ended the pairing, and what was stored is erased: \
                                   start again to pair anew";
                        self.say.event("unpaired", why, json!({}))?;
                        return Ok(End::Refused(why.to_owned()));
                    }
                    Some(told) => self.told(told).await?,
                    None => return Ok(End::Wished),
                },
                typed = self.console.next() => match typed {
                    Typed::Answer(Compare, equal) => self.desk.compared(equal).await?,
                    Typed::Ended(open) => {
                        for Compare in open {
                            self.desk.compared(false).await?;
                        }
                    }
                    Typed::Words(words) => {
                        if self.words(&words).await? {
                            return Ok(End::Wished);
                        }
                    }
                },
                changed = registered.changed() => {
                    changed.context("the modem is gone")?;
                    let now = registered.borrow_and_update().clone();
                    self.registered(&now)?;
                }
            }
        }
    }

    fn registered(&self, now: &Registered) -> Result<()> {
        let Registered::With { imsi } = now else { return Ok(()) };
        let imsi = imsi.map(|imsi| imsi.masked());
        let shown = imsi.as_deref().unwrap_or("an IMSI that the modem does not tell");
        self.say.event(
            "registered",
            &format!("with {OPERATOR} as {shown}"),
            json!({ "operator": OPERATOR, "imsi": imsi }),
        )
    }

    async fn told(&mut self, told: SlaveTold) -> Result<()> {
        match told {
            SlaveTold::Compare { number, peer, name } => {
                let (shown, key) = (digits(number), short(&peer));
                self.say.event(
                    "compare",
                    &format!("{name} (key {key}) must show {shown}, too. Is it equal? [y/N]"),
                    json!({
                        "number": number.to_string(), "name": name.as_str(),
                        "key": Hex(&peer.0).to_string(),
                    }),
                )?;
                if let Some((Compare, equal)) = self.console.ask(Compare) {
                    self.desk.compared(equal).await?;
                }
                Ok(())
            }
            SlaveTold::Paired(master) => {
                self.console.forget(|Compare| true);
                self.say.event(
                    "paired",
                    &format!("with {}", master.name),
                    json!({ "name": master.name.as_str() }),
                )
            }
            SlaveTold::Event(event) => self.event(&event),
            SlaveTold::Unpaired => Ok(()),
        }
    }

    fn event(&self, event: &SlaveEvent) -> Result<()> {
        let say = self.say;
        match event {
            SlaveEvent::Connected => say.event("connected", "to the master", json!({})),
            SlaveEvent::Lost => say.event("lost", "the link to the master is down", json!({})),
            SlaveEvent::Busy(by) => {
                let (words, name) = match by {
                    HeldBy::Master => ("the master uses the SIM itself".to_owned(), None),
                    HeldBy::Slave(name) => (format!("{name} has the SIM"), Some(name.as_str())),
                    HeldBy::Consent => ("the user of the master is asked".to_owned(), None),
                };
                let by = match by {
                    HeldBy::Master => "master",
                    HeldBy::Slave(_) => "slave",
                    HeldBy::Consent => "consent",
                };
                let words = format!("{words}; served as soon as it is free");
                say.event("busy", &words, json!({ "by": by, "name": name }))
            }
            SlaveEvent::Stored => {
                say.event("stored", "the parameters of the SIM, sealed", json!({}))
            }
            SlaveEvent::Activated(epoch) => {
                let count = epoch.count();
                let words = format!("lease {count}: to the network");
                say.event("activated", &words, json!({ "lease": count }))
            }
            SlaveEvent::Resumed => {
                say.event("resumed", "the link is back in time, and nothing changes", json!({}))
            }
            // Each life begins so: for people it is no news.
            SlaveEvent::Leaving(Why::Started) | SlaveEvent::Left { why: Why::Started, .. }
                if !say.json =>
            {
                Ok(())
            }
            SlaveEvent::Leaving(why) => {
                let (word, words) = reason(*why);
                say.event("leaving", &format!("the network: {words}"), json!({ "why": word }))
            }
            SlaveEvent::Left { why, left } => {
                let (word, words) = reason(*why);
                let (how, shown) = match left {
                    Left::Detached => ("detached", ""),
                    Left::PowerCut => ("power-cut", ", by cutting the modem's power"),
                };
                say.event(
                    "left",
                    &format!("the network: {words}{shown}"),
                    json!({ "why": word, "how": how }),
                )
            }
            SlaveEvent::Wiped => say.event("wiped", "nothing is stored here any more", json!({})),
        }
    }

    /// Does what was typed; returns whether that is the end.
    async fn words(&self, words: &[String]) -> Result<bool> {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            [] => {}
            ["want"] => self.desk.command(SlaveCommand::Want).await?,
            ["release"] => self.desk.command(SlaveCommand::Release).await?,
            ["forget"] => self.desk.command(SlaveCommand::Forget).await?,
            ["status"] => self.status()?,
            ["quit"] => return Ok(true),
            _ => {
                let text = "want, release, forget, status, quit; y or n answers what is asked";
                match words[..] {
                    ["help"] => self.say.answer(text, &json!({ "help": text }))?,
                    _ => self.say.complaint(&format!("that is none of: {text}"))?,
                }
            }
        }
        Ok(false)
    }

    fn status(&self) -> Result<()> {
        let status = self.desk.status();
        let link = if status.connected { "connected" } else { "not connected" };
        let lease = status.active.map(|epoch| epoch.count());
        let sim = match lease {
            Some(lease) => format!("active under lease {lease}"),
            None if status.stored => "not active; a SIM is stored here, locked".to_owned(),
            None => "not active; nothing is stored here".to_owned(),
        };
        let master = status.master.map(|master| master.name.as_str().to_owned());
        let who = master.as_deref().unwrap_or("nobody");
        self.say.answer(
            &format!(
                "status       {link}, paired with {who}; {sim}; {} commands to a card elsewhere",
                status.commands
            ),
            &json!({
                "event": "status", "connected": status.connected, "active": lease,
                "stored": status.stored, "paired": master, "commands": status.commands,
            }),
        )
    }

    /// Leaves the network, and tells the master if it is there.
    async fn leave(&self) {
        let before = self.desk.status();
        let Some(lease) = before.active else { return };
        let left = async {
            self.desk.command(SlaveCommand::Release).await?;
            self.desk.wait_for(|status| status.active.is_none()).await
        };
        if !matches!(tokio::time::timeout(LEAVES_WITHIN, left).await, Ok(Ok(_))) {
            return;
        }
        let noted = self.desk.wait_for(|status| status.noted >= Some(lease));
        let noted = before.connected && tokio::time::timeout(NOTED_WITHIN, noted).await.is_ok();
        let words = if noted {
            "the network is left, and the master knows it"
        } else {
            "the network is left; the master lends the SIM again when the timer has passed"
        };
        // Nobody may be there to read it.
        self.say.event("released", words, json!({ "noted": noted })).unwrap_or_default();
    }
}

fn reason(why: Why) -> (&'static str, &'static str) {
    match why {
        Why::Revoked => ("revoked", "the master says so"),
        Why::User => ("user", "as its user wants"),
        Why::Timer => ("timer", "timer"),
        Why::CardLost => ("card-lost", "the card stayed with the master"),
        Why::Modem => ("modem", "the modem has left by itself"),
        Why::Started => ("started", "this device was started"),
    }
}
