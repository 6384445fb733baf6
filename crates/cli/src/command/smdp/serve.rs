//! `polysim smdp serve`

use super::args::ServeArgs;
use super::news::{self, Subscriptions};
use super::profiles;
use super::state::{Contact, StateFolder, found_token};
use crate::command::hardware::Report;
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use polysim::esim::Credentials;
use polysim::esim::server::{SmdpServer, SmdpService};
use polysim::journal::FileJournal;
use polysim_base::Duration;
use polysim_hal::{HttpAddress, TokioClock};
use polysim_hal_http::{HttpServer, Ring, ServerIdentity, ServerOptions, system_randomness};
use polysim_rsp::crypto::Mode;
use polysim_rsp::pki::{Certificate, Role, files};
use polysim_smdp::{Smdp, SmdpConfig};
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::signal::unix::{SignalKind, signal};

/// How long an order may be downloaded.
const ORDER_LIFETIME: Duration = Duration::from_secs(30 * 86_400);
/// How long a device may take from one request of a session to the next.
const SESSION_LIFETIME: Duration = Duration::from_secs(10 * 60);

pub(super) async fn run(args: &ServeArgs, json: bool) -> Result<Report> {
    // Asked for first, so that a signal at any later moment ends in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mode = if args.test_roots { Mode::Simulation } else { Mode::Live };
    let certs = Credentials::read(&args.certs)?;
    let folder = StateFolder::found(&args.state)?;
    let token_file = args.token_file.clone().unwrap_or_else(|| folder.own_token_file());
    let token = found_token(&token_file)?;
    let tls = (!args.http).then(|| certs.identity(Role::DpTls, mode)).transpose()?;
    let options = ServerOptions {
        tls: tls.as_ref().map(ServerIdentity::new).transpose()?,
        connections_max: usize::try_from(args.connections)?,
        ..ServerOptions::default()
    };
    let listening = || format!("cannot listen on {}", args.listen);
    let door = HttpServer::bind(args.listen, options).await.with_context(listening)?;
    let address = address(args, tls.as_ref().map(|tls| &tls.certificate), door.address())?;
    let machine = machine(args, &certs, mode, &address)?;
    let journal = FileJournal::open(folder.journal()).await?;
    let clock = Arc::new(TokioClock::unix());
    let (server, mut news) = SmdpServer::start(machine, Box::new(journal), clock).await?;
    folder.keep(&Contact {
        address: address.clone(),
        listen: door.address().to_string(),
        http: args.http,
        root: certs.roots().map(files::certificate_pem).collect(),
        token_file: std::path::absolute(&token_file)?,
    })?;
    let scheme = if args.http { "http" } else { "https" };
    say(
        json,
        &format!("ready      {scheme}://{} as {address}: Ctrl-C ends it", door.address()),
        &json!({ "ready": true, "listen": door.address().to_string(), "address": address }),
    )?;
    let subscriptions = Subscriptions::open(&folder.subscriptions())?;
    let service = Arc::new(SmdpService::new(server.clone(), Some(token)));
    let stop = async {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    };
    let tell = |text: &str, value: &Value| say(json, text, value);
    tokio::select! {
        () = door.serve(service, stop) => {}
        told = news::serve(&mut news, &server, subscriptions, tell) => told?,
    }
    drop(server);
    news.ended().await?;
    Ok(Report { text: "stopped\n".to_owned(), json: json!({ "stopped": true }), exit: Exit::Held })
}

fn say(json: bool, text: &str, value: &Value) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let written = if json { writeln!(out, "{value}") } else { writeln!(out, "{text}") };
    written.and_then(|()| out.flush()).context("cannot write to standard output")
}

/// Returns how devices know the server.
fn address(args: &ServeArgs, tls: Option<&Certificate>, listen: SocketAddr) -> Result<String> {
    if let Some(host) = &args.host {
        HttpAddress::secure(host).context("--host")?;
        let bare = host.split(':').next().unwrap_or_default();
        match tls.map(|tls| tls.dns_names().collect::<Vec<_>>()) {
            Some(names) if !names.is_empty() && !names.contains(&bare) => {
                bail!("CERT.DP.TLS is for {}, not for {bare}", names.join(", "))
            }
            Some(_) | None => return Ok(host.clone()),
        }
    }
    let host = match tls {
        Some(tls) => tls.dns_names().next().context(
            "CERT.DP.TLS has no host name: give the address that devices know with --host",
        )?,
        None => "localhost",
    };
    Ok(if listen.port() == 443 { host.to_owned() } else { format!("{host}:{}", listen.port()) })
}

fn machine(args: &ServeArgs, certs: &Credentials, mode: Mode, address: &str) -> Result<Smdp> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_secs()).ok();
    let trust = certs.trust(&Ring, mode, now)?;
    let mut roles = vec![Role::DpAuth, Role::DpPb];
    roles.extend((!args.http).then_some(Role::DpTls));
    for role in roles {
        let own = certs.identity(role, mode)?.certificate;
        let issuer = own.authority_key_id().with_context(|| format!("{role} names no issuer"))?;
        trust.verify_server(&Ring, &own, role, &issuer, now)?;
    }
    let credentials = polysim_smdp::Credentials {
        auth: certs.identity(Role::DpAuth, mode)?,
        trust,
        verifier: Arc::new(Ring),
        randomness: system_randomness(),
    };
    let config = SmdpConfig {
        address: address.to_owned(),
        // The clock tells Unix time itself.
        epoch: 0,
        mode,
        profiles: profiles::read(args.profiles.as_deref(), &args.operator)?,
        order_lifetime: ORDER_LIFETIME,
        session_lifetime: SESSION_LIFETIME,
    };
    Ok(Smdp::new(config, credentials, certs.identity(Role::DpPb, mode)?)?)
}
