//! `polysim courier serve`

use super::args::ServeArgs;
use super::carrier::Codes;
use super::folder::{Folder, Role};
use super::screen::{Screen, Who};
use super::tell::Told;
use crate::command::hardware::Report;
use crate::exit::Exit;
use anyhow::{Context as _, Result, ensure};
use polysim::courier::{ServerDesk, ServerNews, ServerNode};
use polysim_base::Msisdn;
use polysim_courier::DeviceId;
use polysim_courier::server::{Proof, ServerConfig, ServerEvent, ServerKey, VoiceDecision};
use polysim_hal::TokioClock;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// How long a listener that could not take a connection waits.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn run(args: &ServeArgs, json: bool) -> Result<Report> {
    // Asked for first, so that a signal at any later moment ends in order.
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    own_machine(args.listen, "--listen")?;
    let mut screen = Screen::new(json);
    let folder = Folder::found(&args.state, Role::Server)?;
    let journal = folder.journal().await?;
    let key = folder.key()?;
    let listening = || {
        format!(
            "cannot listen on {}: choose another with --listen, or end what listens there",
            args.listen
        )
    };
    let listener = TcpListener::bind(args.listen).await.with_context(listening)?;
    let address = listener.local_addr()?.to_string();
    let (codes, mut printed) = tokio::select! {
        biased;
        _ = interrupted.recv() => return Ok(stopped()),
        _ = terminated.recv() => return Ok(stopped()),
        codes = Codes::new(args) => codes?,
    };
    let config = ServerConfig::new(ServerKey(*key));
    let clock = Arc::new(TokioClock::unix());
    let (desk, mut news) =
        ServerNode::start(config, Box::new(codes), Box::new(journal), clock).await?;
    let words = format!("devices: --connect {address}");
    let particulars = json!({ "ready": true, "listen": address });
    screen.event(Who::Own, Told::new("ready", &words, particulars))?;
    tokio::select! {
        biased;
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        served = show(&mut screen, &mut news, &mut printed) => served?,
        accepted = accept(listener, &desk) => accepted?,
    }
    drop(desk);
    news.ended().await?;
    Ok(stopped())
}

fn stopped() -> Report {
    let text = "stopped\n".to_owned();
    Report { text, json: json!({ "event": "stopped" }), exit: Exit::Held }
}

/// Shows what happens, until the server has ended.
async fn show(
    screen: &mut Screen,
    news: &mut ServerNews,
    printed: &mut mpsc::Receiver<(Msisdn, Proof)>,
) -> Result<()> {
    loop {
        tokio::select! {
            biased;
            Some((to, body)) = printed.recv() => {
                let words = format!("{to}: {}", body.0);
                let particulars = json!({ "to": to.to_string(), "text": body.0.clone() });
                screen.event(Who::Own, Told::new("code", &words, particulars))?;
            }
            event = news.next() => match event {
                Some(event) => screen.event(Who::Own, told(&event))?,
                None => return Ok(()),
            },
        }
    }
}

/// What is said between server and device is not enciphered.
pub(super) fn own_machine(address: SocketAddr, option: &str) -> Result<()> {
    ensure!(
        address.ip().is_loopback(),
        "{option} {address}: what a device says to its server is not enciphered, codes, numbers and \
         speech among it, so it stays on this machine: name a loopback address such as 127.0.0.1:{}, and \
         lead a tunnel there (ssh -L) from elsewhere",
        address.port()
    );
    Ok(())
}

async fn accept(listener: TcpListener, desk: &ServerDesk) -> Result<()> {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Small messages must not wait for each other.
                stream.set_nodelay(true).unwrap_or_default();
                desk.connect(stream).await?;
            }
            // Of one connection, or for want of descriptors: others may come.
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

fn told(event: &ServerEvent) -> Told {
    let of = |name, device: DeviceId| {
        Told::new(name, &format!("device {}", device.0), json!({ "device": device.0 }))
    };
    let registration = |name, number: u64| {
        let words = format!("registration {number}");
        Told::new(name, &words, json!({ "registration": number }))
    };
    let number = |name, number: String| {
        let particulars = json!({ "number": number });
        Told::new(name, &number, particulars)
    };
    match event {
        ServerEvent::CodeSent(it) => registration("code-sent", it.0),
        ServerEvent::WrongCode(it) => registration("wrong-code", it.0),
        ServerEvent::Registered(device) => of("registered", *device),
        ServerEvent::ChangedHands(it) => number("changed-hands", it.to_string()),
        ServerEvent::Deregistered(it) => number("deregistered", it.to_string()),
        ServerEvent::Linked(device) => of("linked", *device),
        ServerEvent::Unlinked(device) => of("unlinked", *device),
        ServerEvent::Connected(device) => of("connected", *device),
        ServerEvent::Gone(device) => of("gone", *device),
        ServerEvent::Stored(id) => text("stored", id.from, id.number, None),
        ServerEvent::Delivered(id, to) => text("delivered", id.from, id.number, Some(*to)),
        ServerEvent::Withdrawn(id) => text("withdrawn", id.from, id.number, None),
        ServerEvent::Expired(id) => text("expired", id.from, id.number, None),
        ServerEvent::Voice(decision) => voice(decision),
    }
}

fn text(name: &'static str, from: DeviceId, number: u64, to: Option<DeviceId>) -> Told {
    let to_words = to.map(|to| format!(", to device {}", to.0)).unwrap_or_default();
    let words = format!("text {number} of device {}{to_words}", from.0);
    let to = to.map(|to| to.0);
    Told::new(name, &words, json!({ "from": from.0, "number": number, "to": to }))
}

fn voice(decision: &VoiceDecision) -> Told {
    let (rate, first) = decision.caller;
    let callee = decision.callee.and_then(|(_, rate)| rate).map(|rate| rate.0);
    let theirs = callee.map_or_else(|| "unknown".to_owned(), |rate| format!("{rate} kbit/s"));
    let way = if decision.over_data { "over data" } else { "not over data" };
    let words = format!(
        "call {} of device {}: {way}; caller {} kbit/s of {}, callee {theirs} of {}",
        decision.call.0, decision.from.0, rate.0, first.0, decision.threshold.0
    );
    let particulars: Value = json!({
        "from": decision.from.0, "call": decision.call.0, "over_data": decision.over_data,
        "caller_rate": rate.0, "first_threshold": first.0, "callee_rate": callee,
        "second_threshold": decision.threshold.0,
    });
    Told::new("voice", &words, particulars)
}
