//! From what the user calls an eUICC to an assistant for it.

use super::args::EsimArgs;
use super::user::User;
use crate::command::card::open::link;
use crate::command::roots;
use crate::diagnostics;
use anyhow::{Context as _, Result, bail};
use polysim::esim::{Esim, Servers, Unattended};
use polysim::journal::{FileJournal, Journal, MemoryJournal};
use polysim_base::parse_hex;
use polysim_hal::{CardLink, TokioClock};
use polysim_hal_http::{HttpClient, HttpOptions, Roots};
use polysim_issuance::on_site::Terminal;
use polysim_lpa::transport::TransportConfig;
use polysim_lpa::{LpaCommand, LpaDone, LpaRecord, Taken};
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A server has less time than the assistant waits for it.
const PATIENCE: Duration = Duration::from_secs(50);

/// An assistant, and what the user has said of all commands.
pub(super) struct Session<'a> {
    pub(super) esim: Esim,
    pub(super) json: bool,
    has_servers: bool,
    args: &'a EsimArgs,
}

impl<'a> Session<'a> {
    /// Opens the eUICC. What an earlier command left is finished, or cleaned up, first.
    pub(super) async fn open(args: &'a EsimArgs) -> Result<Self> {
        let roots = roots::read(args.roots.as_deref())?;
        let has_servers = !roots.is_empty() || args.insecure_http;
        let isdr = args.isdr.as_deref().map(|aid| parse_hex(aid.as_bytes())).transpose();
        let isdr = isdr.context("--isdr")?;
        let (link, terminal) = link(&args.place, args.trace.as_deref()).await?;
        let transport = transport(args, isdr, terminal)?;
        let (link, journal) = journal(link, &transport, args).await?;
        let mut session = Self {
            esim: assistant(link, transport, servers(&roots, args)?, journal).await?,
            json: args.json,
            has_servers,
            args,
        };
        session.recover().await?;
        Ok(session)
    }

    async fn recover(&mut self) -> Result<()> {
        if !self.esim.is_interrupted() {
            return Ok(());
        }
        if !self.has_servers {
            diagnostics::warn("a download was cut: give --roots, so that it can be finished");
            return Ok(());
        }
        if !self.json {
            diagnostics::note("finishing a download that was cut");
        }
        match self.esim.recover(&mut User::new(self.json)).await {
            Ok(Some(LpaDone::Downloaded(profile))) => {
                diagnostics::warn(&format!("{} ({}) is installed", profile.name, profile.iccid()));
            }
            Ok(_) => {}
            Err(error) => {
                let error = anyhow::Error::from(error);
                diagnostics::warn(&format!("it was cleaned up: {}", diagnostics::said(&error)));
            }
        }
        Ok(())
    }

    /// Says what is missing where servers are to be asked.
    pub(super) fn needs_roots(&self) -> Result<()> {
        if self.has_servers {
            return Ok(());
        }
        bail!(
            "whom to trust? Give --roots DIR with the root certificates of servers: those of GSMA, or \
             of the authority whose server it is"
        )
    }

    /// Tells servers what waits on the eUICC. What goes wrong is a warning: it stays there.
    pub(super) async fn notify(&mut self) {
        if self.args.no_notify || !self.has_servers {
            return;
        }
        match self.esim.carry_out(LpaCommand::ProcessNotifications, &mut Unattended).await {
            Ok(LpaDone::Processed(reports)) => {
                for report in reports.iter().filter(|report| report.taken != Taken::Yes) {
                    diagnostics::warn(&format!(
                        "{} was not told; `polysim esim … notifications --send` tells it again",
                        report.notification.notification_address
                    ));
                }
            }
            Ok(_) => {}
            Err(error) => {
                let error = diagnostics::said(&error.into());
                diagnostics::warn(&format!("servers were not told: {error}"));
            }
        }
    }

    /// Lets the eUICC go.
    pub(super) async fn close(self) {
        drop(self.esim.close().await);
    }
}

/// A reader takes as much as a command holds.
const BLOCK_IN_READER: u8 = 255;

fn transport(
    args: &EsimArgs,
    isdr: Option<Vec<u8>>,
    terminal: Terminal,
) -> Result<TransportConfig> {
    let usual = TransportConfig::default();
    let mut config = match terminal {
        Terminal::Tool => usual.with_block_len(BLOCK_IN_READER)?,
        Terminal::Modem => usual.without_announcement(),
    };
    if let Some(block) = args.block {
        config = config.with_block_len(block)?;
    }
    match isdr {
        Some(aid) => Ok(config.with_aids(vec![aid])?),
        None => Ok(config),
    }
}

fn servers(roots: &Roots, args: &EsimArgs) -> Result<Servers> {
    let options = HttpOptions { whole: PATIENCE, ..HttpOptions::default() };
    let servers = Servers::new(Box::new(HttpClient::new(roots, options)?));
    Ok(if args.insecure_http { servers.plain_here() } else { servers })
}

async fn assistant(
    link: Box<dyn CardLink>,
    transport: TransportConfig,
    servers: Servers,
    journal: Box<dyn Journal<LpaRecord>>,
) -> Result<Esim> {
    let clock = Arc::new(TokioClock::unix());
    Ok(Esim::open(link, transport, servers, journal, clock).await?)
}

/// Opens the journal of an eUICC, by its EID.
async fn journal(
    link: Box<dyn CardLink>,
    transport: &TransportConfig,
    args: &EsimArgs,
) -> Result<(Box<dyn CardLink>, Box<dyn Journal<LpaRecord>>)> {
    if let Some(path) = &args.journal {
        return Ok((link, Box::new(FileJournal::open(path).await?)));
    }
    let nobody = Servers::new(Box::new(HttpClient::new(&Roots::new(), HttpOptions::default())?));
    let memory = Box::new(MemoryJournal::new());
    let mut esim = assistant(link, transport.clone(), nobody, memory).await?;
    let info = esim.carry_out(LpaCommand::Info, &mut Unattended).await?;
    let LpaDone::Info(info) = info else { return super::odd() };
    let path = folder()?.join(format!("esim-{}.journal", info.eid));
    Ok((esim.close().await, Box::new(FileJournal::open(path).await?)))
}

/// Returns the folder for state (XDG base directories), which is made if it is not there.
fn folder() -> Result<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = match (variable("XDG_STATE_HOME"), variable("HOME")) {
        (Some(state), _) => PathBuf::from(state),
        (None, Some(home)) => Path::new(&home).join(".local/state"),
        (None, None) => bail!("no home folder: give --journal FILE"),
    };
    let folder = state.join("polysim");
    let mut private = fs::DirBuilder::new();
    let made = private.recursive(true).mode(0o700).create(&folder);
    made.with_context(|| format!("cannot make {}; give --journal FILE", folder.display()))?;
    Ok(folder)
}
