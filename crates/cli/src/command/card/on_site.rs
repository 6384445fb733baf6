//! What a tool does on site: read the stored pair, write a subscription, bring a packet.

use super::args::{CardArgs, CardCommand};
use super::open;
use crate::command::hardware::Report;
use crate::command::issuance::{Opened, Settings, StoreKeyArgs, alarms};
use crate::command::octets;
use crate::exit::Exit;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use polysim::issuance::{Tool, bind_card, write_card};
use polysim_base::{Hex, Imsi, Msisdn};
use polysim_hal::TokioClock;
use polysim_issuance::business::Pooled;
use polysim_issuance::wire::Method;
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The identifier of the applet, where no folder says it.
const AID: [u8; 5] = [0xF0, 0x50, 0x4F, 0x4C, 0x59];
/// What stands before a command packet in a message: the element `70` alone.
const COMMAND_HEADER: [u8; 3] = [0x02, 0x70, 0x00];

/// What `write` is given.
#[derive(Args, Debug)]
pub(crate) struct WriteArgs {
    /// The folder of `polysim issuance init`
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// The new IMSI; its operator must have it ready
    #[arg(long, value_name = "IMSI")]
    pub(super) imsi: Imsi,
    /// Its number
    #[arg(long, value_name = "NUMBER")]
    pub(super) msisdn: Msisdn,
    /// Write files by remote file management; the card must hold a key for the IMSI
    #[arg(long)]
    pub(super) files: bool,
    #[command(flatten)]
    pub(super) key: StoreKeyArgs,
}

/// Carries out the commands of a tool; nothing for all others.
pub(super) async fn run(args: &CardArgs, reader: &str) -> Result<Option<Report>> {
    let is_ours = matches!(
        args.command,
        CardCommand::Binding { .. } | CardCommand::Write(_) | CardCommand::Deliver { .. }
    );
    if is_ours && (args.pin.ask_pin || args.pin.pin_file.is_some()) {
        bail!("this takes no PIN");
    }
    let trace = args.trace.as_deref();
    Ok(Some(match &args.command {
        CardCommand::Binding { store } => binding(reader, trace, store.as_deref()).await?,
        CardCommand::Write(write_args) => write(reader, trace, write_args, args.json).await?,
        CardCommand::Deliver { packet, from } => {
            let packet = command_packet(packet)?;
            deliver(reader, trace, packet, *from).await?
        }
        CardCommand::List
        | CardCommand::Info
        | CardCommand::Tree
        | CardCommand::Read { .. }
        | CardCommand::Update { .. }
        | CardCommand::Apdu { .. }
        | CardCommand::Verify => return Ok(None),
    }))
}

async fn tool(reader: &str, trace: Option<&Path>) -> Result<Tool> {
    let (link, terminal) = open::link(reader, trace).await?;
    Ok(Tool::new(link, terminal, Arc::new(TokioClock::unix())))
}

async fn binding(reader: &str, trace: Option<&Path>, store: Option<&Path>) -> Result<Report> {
    let aid = match store {
        Some(folder) => Settings::read(folder)?.aid()?,
        None => AID.to_vec(),
    };
    let mut tool = tool(reader, trace).await?;
    let state = tool.state(&aid).await?;
    let pair = tool.pair(&aid).await?;
    let (eid, imei) = (pair.frame.eid, pair.imei);
    let mut text = format!("eID    {eid}\nIMEI   {imei}\n");
    let imsi = state.imsi.map_or_else(|| "none".to_owned(), |imsi| imsi.to_string());
    writeln!(text, "IMSI   {imsi}")?;
    let mark = if state.bound { "set: the platform has this binding" } else { "not set" };
    writeln!(text, "mark   {mark}")?;
    if let Some((order, progress)) = state.order {
        writeln!(text, "order  {} is {progress:?}", order.0)?;
    }
    let order = state
        .order
        .map(|(order, progress)| json!({ "number": order.0, "progress": format!("{progress:?}") }));
    let frame = Hex(&pair.frame.encode()).to_string();
    let json = json!({
        "eid": eid, "imei": imei, "imsi": state.imsi, "bound": state.bound, "order": order,
        "frame": frame,
    });
    Ok(Report { text, json, exit: Exit::Held })
}

async fn write(
    reader: &str,
    trace: Option<&Path>,
    args: &WriteArgs,
    is_json: bool,
) -> Result<Report> {
    let progress = |step: &str| {
        if !is_json {
            crate::diagnostics::note(step);
        }
    };
    let opened = Opened::open(&args.store, &args.key)?;
    let aid = opened.settings.aid()?;
    opened.settings.has_network_of(args.imsi)?;
    let (imsi, msisdn) = (args.imsi, args.msisdn);
    // Each number is an operator of its own, so that it is this one that is given out.
    let pool = vec![Pooled { operator: imsi.to_string(), imsi, msisdn }];
    let mut office = opened.office(pool).await?;
    let mut tool = tool(reader, trace).await?;
    progress("reading the card's pair, and binding it if it has no mark");
    let (pair, bound_now) = bind_card(&mut tool, &mut office, &aid).await?;
    progress("bringing the subscription to the card");
    let method = if args.files { Method::Files } else { Method::Applet };
    let written = write_card(&mut tool, &mut office, &aid, (imsi, msisdn), method).await?;
    let (eid, imei) = (written.eid, pair.imei);
    let mut text = format!("card {eid} in {imei}{}\n", if bound_now { ", bound now" } else { "" });
    match written.done {
        true => writeln!(text, "IMSI {imsi} has taken effect")?,
        false => writeln!(
            text,
            "IMSI {imsi} is written and pending: it counts when the device has registered; then say\n  \
             polysim issuance attached {} {imsi}",
            args.store.display()
        )?,
    }
    match written.imsi {
        Some(found) if found == imsi => writeln!(text, "EF.IMSI holds it")?,
        Some(found) => writeln!(text, "EF.IMSI holds {found} still")?,
        None => {}
    }
    let alarms = alarms(&mut office);
    for alarm in &alarms {
        writeln!(text, "note: {alarm}")?;
    }
    let json = json!({
        "eid": eid, "imei": imei, "bound_now": bound_now, "imsi": imsi, "msisdn": msisdn,
        "done": written.done, "ef_imsi": written.imsi, "alarms": alarms,
    });
    Ok(Report { text, json, exit: Exit::Held })
}

async fn deliver(
    reader: &str,
    trace: Option<&Path>,
    packet: Vec<u8>,
    from: Msisdn,
) -> Result<Report> {
    let mut tool = tool(reader, trace).await?;
    let brought = tool.bring(packet, from.into()).await?;
    let proof = brought.proof.as_deref().map(|proof| Hex(proof).to_string());
    let mut text = match &proof {
        Some(proof) => format!("proof    {proof}\n"),
        None => "proof    none\n".to_owned(),
    };
    if brought.refreshed {
        text.push_str("refresh  asked for, and done\n");
    }
    if let Some(imsi) = brought.imsi {
        writeln!(text, "IMSI     {imsi}")?;
    }
    let json = json!({ "proof": proof, "refreshed": brought.refreshed, "imsi": brought.imsi });
    Ok(Report { text, json, exit: Exit::Held })
}

/// Reads a command packet, with or without what stands before it in a message; `-` is standard
/// input.
fn command_packet(hex: &str) -> Result<Vec<u8>> {
    let octets = octets::read(&[hex.to_owned()], None).context("the packet")?;
    let [octets] = octets.as_slice() else { bail!("there are several packets: give one") };
    let packet = octets.strip_prefix(&COMMAND_HEADER).unwrap_or(octets);
    let length = packet.first_chunk::<2>().map(|length| usize::from(u16::from_be_bytes(*length)));
    if length != Some(packet.len().saturating_sub(2)) {
        bail!("this is no command packet: its first two octets are not its length");
    }
    Ok(packet.to_vec())
}
