//! Where modems and cards of an exposed world are found.

use super::identity;
use super::issued::{self, Issuing};
use super::leftover::Folder;
use super::{ExposeArgs, Say};
use anyhow::{Context as _, Result, bail, ensure};
use polysim_hal_sim::{LentModem, Line, LiveWorld, Slot, pty::Pty, socket::Socket, vpcd};
use polysim_scenario::Plan;
use polysim_world::PhoneConfig;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use tokio::task::JoinSet;

/// Every phone of the world.
const ALL: &str = "all";

type Serving = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// What was exposed.
pub(super) struct Exposed {
    serving: Vec<Serving>,
    modems: BTreeSet<usize>,
    slots: BTreeMap<usize, Slot>,
    dir: Option<Folder>,
}

/// How a modem is reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Transport {
    Pty,
    Tcp,
    Unix,
    Abstract,
}

impl Exposed {
    /// Lends what the arguments name, makes places for it and prints them.
    pub(super) async fn new(
        args: &ExposeArgs,
        plan: &Plan,
        world: &LiveWorld,
        dir: Option<Folder>,
        say: Say,
    ) -> Result<Self> {
        let cards = match &args.identity {
            Some(_) => named(&identity::cards(args), plan)?,
            None => named(&args.card, plan)?,
        };
        let modems = modems(args, plan, &cards)?;
        let mut exposed = Self {
            serving: Vec::new(),
            modems: modems.iter().map(|(phone, _)| *phone).collect(),
            slots: BTreeMap::new(),
            dir,
        };
        let issuing = args.issuance.as_deref().map(Issuing::new).transpose()?;
        if let Some(issuing) = &issuing {
            let phones = modems.iter().map(|(phone, _)| phone).chain(&cards);
            for phone in phones {
                issuing.issue(plan, world, *phone, say)?;
            }
        }
        let mut next_tcp = args.tcp_bind;
        // Everything is lent before the world begins to run.
        let lent: Vec<_> = modems
            .into_iter()
            .filter_map(|(phone, transport)| Some((phone, transport, world.lend_modem(phone)?)))
            .collect();
        let slots: Vec<_> =
            cards.into_iter().filter_map(|phone| Some((phone, world.lend_card(phone)?))).collect();
        for (phone, transport, modem) in lent {
            exposed.modem(args, plan, (phone, transport, &modem), &mut next_tcp, say).await?;
        }
        for (number, (phone, slot)) in (0_u16..).zip(slots) {
            if let (Some(_), Some(config)) = (&issuing, plan.world.phones.get(phone)) {
                issued::seen_by(&slot, config.imei);
            }
            exposed.card(args, plan, (phone, number, slot), say)?;
        }
        Ok(exposed)
    }

    /// Returns the phones whose modems are driven from outside.
    pub(super) fn modems(&self) -> BTreeSet<usize> {
        self.modems.clone()
    }

    /// Returns the slots that exposed cards are in.
    pub(super) fn slots(&self) -> BTreeMap<usize, Slot> {
        self.slots.clone()
    }

    async fn modem(
        &mut self,
        args: &ExposeArgs,
        plan: &Plan,
        (phone, transport, modem): (usize, Transport, &LentModem),
        next_tcp: &mut SocketAddr,
        say: Say,
    ) -> Result<()> {
        let Some(config) = plan.world.phones.get(phone) else { return Ok(()) };
        for port in 0..config.ports {
            let line = modem.line(port);
            let file = format!("{}.{port}", config.name);
            let address = match transport {
                Transport::Pty => self.pty(line, &file)?,
                Transport::Tcp => {
                    let wanted = args.tcp_bind;
                    let is_left = wanted.port() == 0 || next_tcp.port() != 0;
                    ensure!(is_left, "there are not so many ports above {wanted}");
                    let failed = || format!("cannot listen on {next_tcp} (see --tcp-bind)");
                    let socket = Socket::tcp(*next_tcp).await.with_context(failed)?;
                    if next_tcp.port() != 0 {
                        next_tcp.set_port(next_tcp.port().wrapping_add(1));
                    }
                    self.socket(socket, line)?
                }
                Transport::Unix => {
                    let dir = self.dir.as_ref().context("--unix needs --dir")?;
                    let path = dir.place(&file)?;
                    let socket = Socket::unix(path.clone());
                    let failed = || format!("cannot listen on {}", path.display());
                    self.socket(socket.with_context(failed)?, line)?
                }
                Transport::Abstract => {
                    // ModemManager connects to abstract names that begin so, and to no others.
                    let name = format!("abstract:polysim-{}-{port}", config.name);
                    let socket = Socket::unix_abstract(&name);
                    self.socket(socket.with_context(|| format!("@{name} is taken"))?, line)?
                }
            };
            let number = config.number;
            say.line(
                &format!("modem {:<8} port {port}  {address}  {number}", config.name),
                &json!({
                    "modem": config.name, "port": port, "address": address,
                    "number": number.to_string(), "model": config.model,
                    "imei": config.imei.to_string(),
                }),
            )?;
        }
        if transport == Transport::Pty {
            self.speech(config, modem, say)?;
        }
        Ok(())
    }

    /// Exposes the speech of a modem whose ports are pseudo-terminals, if its model has a port for it.
    fn speech(&mut self, config: &PhoneConfig, modem: &LentModem, say: Say) -> Result<()> {
        let pty = Pty::open().context("cannot make a pseudo-terminal")?;
        let address = self.link(pty.path(), &format!("{}.pcm", config.name))?;
        let speech = modem.speech();
        self.serving.push(Box::pin(async move { Ok(pty.serve_speech(&speech).await?) }));
        say.line(
            &format!("modem {:<8} speech  {address}", config.name),
            &json!({ "modem": config.name, "speech": address }),
        )
    }

    fn pty(&mut self, line: Line, link: &str) -> Result<String> {
        let pty = Pty::open().context("cannot make a pseudo-terminal")?;
        let name = self.link(pty.path(), link)?;
        self.serving.push(Box::pin(async move { Ok(pty.serve(&line).await?) }));
        Ok(name)
    }

    /// Makes a link to a pseudo-terminal, if there is a folder for it; returns the name to open it
    /// by.
    fn link(&mut self, path: &Path, link: &str) -> Result<String> {
        Ok(match &mut self.dir {
            Some(dir) => dir.link(path, link)?.display().to_string(),
            None => path.display().to_string(),
        })
    }

    fn socket(&mut self, socket: Socket, line: Line) -> Result<String> {
        let address = socket.address()?;
        self.serving.push(Box::pin(async move { Ok(socket.serve(&line).await?) }));
        Ok(address)
    }

    fn card(
        &mut self,
        args: &ExposeArgs,
        plan: &Plan,
        (phone, number, slot): (usize, u16, Slot),
        say: Say,
    ) -> Result<()> {
        let Some(config) = plan.world.phones.get(phone) else { return Ok(()) };
        let address = nth_address(&args.vpcd, number)?;
        self.slots.insert(phone, slot.clone());
        let name = config.name.clone();
        if let Some(eid) = slot.eid() {
            say.line(
                &format!("card  {name:<8} vpcd {address}  EID {eid}"),
                &json!({ "card": name, "vpcd": address, "eid": eid.to_string() }),
            )?;
        } else {
            let iccid = slot.iccid().context("the card has no number")?;
            say.line(
                &format!("card  {name:<8} vpcd {address}  ICCID {iccid}  IMSI {}", config.imsi),
                &json!({
                    "card": name, "vpcd": address, "iccid": iccid.to_string(),
                    "imsi": config.imsi.to_string(),
                }),
            )?;
        }
        self.serving.push(Box::pin(async move {
            let mut before = None;
            let told = |there: bool| {
                if before.replace(there) != Some(there) {
                    let state = if there { "in its reader" } else { "not in its reader" };
                    say.line(
                        &format!("card  {name:<8} {state}"),
                        &json!({ "card": name, "connected": there }),
                    )
                    .unwrap_or_default();
                }
            };
            let failed = || format!("cannot reach vpcd at {address}");
            vpcd::serve(&address, &slot, told).await.with_context(failed)
        }));
        Ok(())
    }

    /// Serves everything until something fails for good.
    pub(super) async fn serve(mut self) -> Result<()> {
        let mut tasks = JoinSet::new();
        for serving in self.serving.drain(..) {
            tasks.spawn(serving);
        }
        while let Some(ended) = tasks.join_next().await {
            ended.context("serving a modem or card was broken off")??;
        }
        std::future::pending().await
    }
}

/// Returns which modem goes where; each goes to one place.
fn modems(args: &ExposeArgs, plan: &Plan, cards: &[usize]) -> Result<Vec<(usize, Transport)>> {
    let asked = [
        (&args.pty, Transport::Pty),
        (&args.tcp, Transport::Tcp),
        (&args.unix, Transport::Unix),
        (&args.in_abstract, Transport::Abstract),
    ];
    let mut found = BTreeMap::new();
    for (names, transport) in asked {
        for phone in named(names, plan)? {
            let before = found.insert(phone, transport);
            if before.is_some_and(|before| before != transport) {
                let name = plan.world.phones.get(phone).map_or("?", |phone| &phone.name);
                bail!("the modem of {name} can be in one place only");
            }
        }
    }
    if found.is_empty() {
        // A phone whose card is in a reader has a modem of little use.
        let phones = (0..plan.world.phones.len()).filter(|phone| !cards.contains(phone));
        found.extend(phones.map(|phone| (phone, Transport::Pty)));
    }
    Ok(found.into_iter().collect())
}

/// Returns the phones that names and patterns stand for, in order, each once.
fn named(patterns: &[String], plan: &Plan) -> Result<Vec<usize>> {
    let mut phones = Vec::new();
    for pattern in patterns {
        if pattern == ALL {
            phones.extend(0..plan.world.phones.len());
        } else {
            phones.extend(plan.phones(pattern)?);
        }
    }
    phones.sort_unstable();
    phones.dedup();
    Ok(phones)
}

/// Returns `host:port` with the port counted up.
fn nth_address(first: &str, number: u16) -> Result<String> {
    let form = || format!("expected host:port, not {first:?}");
    let (host, port) = first.rsplit_once(':').with_context(form)?;
    let port: u16 = port.parse().with_context(form)?;
    let port = port.checked_add(number);
    ensure!(port.is_some(), "there are not so many ports above {first}");
    Ok(format!("{host}:{}", port.unwrap_or_default()))
}
